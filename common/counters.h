/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Read the driver's counters for each queue, which ethtool -S prints, and the
 * device's totals in /proc. Drivers give these counters different names. We
 * know the names of many drivers, but not of all.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdbool.h>
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
	int received_fd; /* /proc/self/net/dev, or -1 */
	__u32 queues;
	__u32 n;   /* number of the driver's counters; may be 0 */
	bool lost; /* the counters' positions have changed since the start */
	/* For each queue, the positions of its counters in values, or -1. */
	int (*places)[COUNTER_KINDS];
	struct ethtool_stats *values;
};

/*
 * counters_open - find the counters of the device
 *
 * Only this function allocates memory. Return 0 or -ENOMEM; call
 * counters_close() in both cases. A driver without counters is not an error.
 */
int counters_open(struct counters *counters, const struct device *dev);
void counters_close(struct counters *counters);

/* counters_read - read the driver's counters; this needs no rights */
void counters_read(struct counters *counters, const struct device *dev);

/*
 * counters_queue - return the value of an RX queue's counter at the last
 * counters_read()
 *
 * COUNTER_PACKETS counts received packets (on veth: packets that the XDP
 * program has seen). COUNTER_DROPS on veth counts packets that the program
 * redirected or sent back, but that veth dropped; igb has a counter of the same
 * name for other drops. COUNTER_XDP_DROPS counts packets that the program
 * dropped; in most drivers it also counts redirected packets that the socket
 * dropped. Return 0 if the driver has no counter of this kind.
 */
__u64 counters_queue(const struct counters *counters, enum counter kind,
		     __u32 queue);

/* Numbers of packets of the whole device. */
struct totals {
	__u64 received;
	__u64 unsent; /* not sent, because of an error or a drop */
};

/* counters_totals - read the totals; return false if /proc lacks them */
bool counters_totals(const struct counters *counters, const struct device *dev,
		     struct totals *totals);

#endif /* COUNTERS_H */
