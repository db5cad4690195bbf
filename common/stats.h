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

/* All counts are since the start. */
struct stats {
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 verdicts[ICMP6_ECHO_VERDICTS]; /* what became of packets */
	bool zero_copy;
	struct xdp_statistics kernel; /* the socket's XDP_STATISTICS */
};

/*
 * stats_print - one report as text, closed by an empty line
 * @out: where to; the caller looks at ferror()
 * @now: the counters
 * @before: what they were at the last report
 * @period: seconds between the two
 *
 * Two lines, RX and TX; packets that got no answer and packets that the kernel
 * dropped follow, a line for each cause that has occurred. A Kbyte is 1,000
 * bytes. Thousands are separated where the locale does so.
 */
void stats_print(FILE *out, const struct stats *now, const struct stats *before,
		 double period);

#endif /* STATS_H */
