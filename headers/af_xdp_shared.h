/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the XDP programs and the program that loads them agree on.
 */
#ifndef AF_XDP_SHARED_H
#define AF_XDP_SHARED_H

#include <linux/types.h>

/*
 * The map that holds the AF_XDP sockets: key is the RX queue, value the socket.
 * It is all that an XDP program needs to be used with --filename.
 */
#define XSKS_MAP xsks_map

/*
 * RX queue -> what the built-in program and its process tell each other of it. The
 * process has this map in its memory, so that no system call is needed, nor a
 * right to make one. Queues are served by different CPUs: a cache line for each.
 */
#define QUEUES_MAP rx_queues

struct rx_queue {
	__u64 passed;  /* packets that no socket was there for: the kernel's */
	__u64 dropped; /* packets that came while RX was full */
	__u64 full;    /* the process says that RX is */
} __attribute__((aligned(64)));

/*
 * RX queues that our XDP programs know. The loader enlarges XSKS_MAP where a
 * device has more; what is kept per queue stays at this size.
 */
#define MAX_QUEUES 256

#endif /* AF_XDP_SHARED_H */
