/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names and sizes that the XDP programs and their loader agree on.
 *
 * The AF_XDP sockets are in a map of type XSKMAP with the name xsks_map: the
 * key is the RX queue, the value a socket. An XDP program for --filename needs
 * only this map.
 */
#ifndef AF_XDP_SHARED_H
#define AF_XDP_SHARED_H

/*
 * Number of RX queues for which our XDP programs' maps have room. If a device
 * has more, the loader enlarges xsks_map, but not the maps of counters.
 */
#define MAX_QUEUES 256

/* Numbers of packets of one RX queue, counted by a built-in XDP program. */
struct queue_counts {
	unsigned long long redirected; /* sent to the queue's socket */
	unsigned long long passed;     /* left to the kernel: e.g. no socket */
};

#endif /* AF_XDP_SHARED_H */
