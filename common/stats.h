/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counters and their text. No clock, no socket: the caller brings both.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/if_xdp.h>
#include <linux/types.h>

#include "headers/icmp6_echo.h"

/*
 * Where the frames of a socket are. The eighth place, in hand, is empty whenever
 * somebody looks.
 */
struct places {
	__u32 free, fill, kernel_rx, rx, tx, kernel_tx, completion;
};

/* Of one socket. All counts are since the start. */
struct stats {
	__u32 queue;
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 verdicts[ICMP6_ECHO_VERDICTS]; /* what became of packets */
	bool zero_copy;
	struct xdp_statistics kernel; /* the socket's XDP_STATISTICS */
	__u32 frames;		      /* all of them, and */
	struct places places;	      /* where they are */
};

/* What is reported of. */
struct report {
	const char *device;
	__u32 sockets;		    /* so many are behind each of these two: */
	const struct stats *now;    /* the counters */
	const struct stats *before; /* what they were at the last report */
	double period;		    /* seconds between the two */
};

/* stats_sum - several sockets as if they were one; modes are those of the first */
struct stats stats_sum(const struct stats *stats, __u32 n);

/* stats_too_large - packets that the kernel dropped as larger than a frame */
__u64 stats_too_large(const struct stats *stats);

/*
 * stats_print - one report as text, closed by an empty line
 * @out: where to; the caller looks at ferror()
 *
 * Two lines, RX and TX; packets that got no answer and packets that the kernel
 * dropped follow, a line for each cause that has occurred. A Kbyte is 1,000
 * bytes. Thousands are separated where the locale does so.
 */
void stats_print(FILE *out, const struct report *report);

#endif /* STATS_H */
