/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a device itself has counted: ethtool -S and sysfs. Each driver has names
 * of its own for its counters, so a queue's are known of many, not of all.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <linux/types.h>

struct device;

/* What is counted; see counters_queue(). */
enum counter { COUNTER_PACKETS, COUNTER_DROPS, COUNTER_KINDS };

struct counters {
	int received_fd; /* the device's rx_packets in sysfs, or -1 */
	__u32 queues;
	__u32 n; /* of the driver's counters; 0: it has none */
	int (*places)[COUNTER_KINDS]; /* of each queue: which one, or -1 */
	struct ethtool_stats *values;
};

/*
 * counters_open - find out what the device counts
 *
 * All memory is allocated here. Returns 0 or -ENOMEM; that a driver counts
 * nothing is no error. counters_close() is to be called in both cases.
 */
int counters_open(struct counters *counters, const struct device *dev);
void counters_close(struct counters *counters);

/*
 * counters_read - have the driver's counters as they are now; takes no rights
 */
void counters_read(struct counters *counters, const struct device *dev);

/*
 * counters_queue - a counter of an RX queue, as counters_read() has found it
 *
 * COUNTER_PACKETS are those received, on veth those that the XDP program has
 * seen; COUNTER_DROPS are packets that could not go where it sent them (veth).
 * Returns 0 where the driver does not count that.
 */
__u64 counters_queue(const struct counters *counters, enum counter kind,
		     __u32 queue);

/* counters_received - packets of the device as a whole; 0 where not known */
__u64 counters_received(const struct counters *counters);

#endif /* COUNTERS_H */
