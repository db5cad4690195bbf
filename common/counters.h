/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counters of the device itself: ethtool -S and sysfs. Each driver has its own
 * names for its counters, so the counters of a queue are known for many
 * drivers, not for all.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <linux/types.h>

struct device;

/* Kinds of counters; see counters_queue(). */
enum counter {
	COUNTER_PACKETS,
	COUNTER_DROPS,
	COUNTER_XDP_DROPS,
	COUNTER_KINDS
};

struct counters {
	int received_fd; /* the device's rx_packets in sysfs, or -1 */
	__u32 queues;
	__u32 n; /* number of the driver's counters, may be 0 */
	int (*places)[COUNTER_KINDS]; /* index of each queue's, or -1 */
	struct ethtool_stats *values;
};

/*
 * counters_open - find the counters of the device
 *
 * All memory is allocated here. Return 0 or -ENOMEM; a driver without counters
 * is no error. Call counters_close() in both cases.
 */
int counters_open(struct counters *counters, const struct device *dev);
void counters_close(struct counters *counters);

/* counters_read - read the driver's counters; this needs no rights */
void counters_read(struct counters *counters, const struct device *dev);

/*
 * counters_queue - return a counter of an RX queue, as last read
 *
 * COUNTER_PACKETS counts packets received (on veth: seen by the XDP program),
 * COUNTER_DROPS packets that could not go where the program sent them (veth
 * only), COUNTER_XDP_DROPS packets that it dropped. Return 0 if the driver does
 * not count them.
 */
__u64 counters_queue(const struct counters *counters, enum counter kind,
		     __u32 queue);

/* counters_received - return the packets of the whole device; 0 if not known */
__u64 counters_received(const struct counters *counters);

#endif /* COUNTERS_H */
