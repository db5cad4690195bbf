/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names and sizes that the XDP programs and their loader agree on.
 *
 * The AF_XDP sockets are in a map of type XSKMAP with the name xsks_map: the
 * key is the RX queue, the value a socket. An XDP program needs nothing else to
 * be used with --filename.
 */
#ifndef AF_XDP_SHARED_H
#define AF_XDP_SHARED_H

/*
 * RX queues that our XDP programs know. The loader enlarges xsks_map if a
 * device has more; counters for each queue stay at this size.
 */
#define MAX_QUEUES 256

/* The built-in program's packets of one RX queue. */
struct queue_counts {
	unsigned long long redirected; /* to its socket */
	unsigned long long passed; /* to the kernel: the queue has no socket */
};

#endif /* AF_XDP_SHARED_H */
