/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the XDP programs and the program that loads them agree on.
 */
#ifndef AF_XDP_SHARED_H
#define AF_XDP_SHARED_H

/*
 * The map that holds the AF_XDP sockets: key is the RX queue, value the socket.
 * It is all that an XDP program needs to be used with --filename.
 */
#define XSKS_MAP xsks_map

/* Where the built-in program counts what it passes on, for each RX queue. */
#define PASSED_MAP packets_passed

/*
 * RX queues that our XDP programs know. The loader enlarges XSKS_MAP where a
 * device has more; what is kept per queue stays at this size.
 */
#define MAX_QUEUES 256

#endif /* AF_XDP_SHARED_H */
