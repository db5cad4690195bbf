/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counters and where the frames are, as text, as a drawing and as JSON. No
 * clock, no socket, no terminal: the caller brings all of them.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/if_xdp.h>
#include <linux/types.h>

#include "common/frames.h"
#include "headers/icmp6_echo.h"

/* Of one socket. All counts are since the start. */
struct stats {
	__u32 queue;
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 verdicts[ICMP6_ECHO_VERDICTS]; /* what became of packets */
	__u64 dropped; /* by the built-in XDP program, as RX was full */
	bool zero_copy;
	struct xdp_statistics kernel; /* the socket's XDP_STATISTICS */
	__u32 frames;		      /* all that it has, and where they are: */
	struct places places;
};

/* What the text, the drawing and the JSON are made of. */
struct report {
	const char *device;
	__u32 sockets;		    /* one or more */
	const struct stats *now;    /* of each socket, */
	const struct stats *before; /* and what they were at the last report */
	double period;		    /* seconds between the two */
	const char *hints; /* lines: what holds now; indented: advice */
	__u32 fill_size, rx_size, tx_size, completion_size; /* of each socket */
};

/*
 * stats_sum - several sockets as if they were one; queue and mode are those of
 * the first
 *
 * Nobody has fewer than no frames in it: what is between two rings for a moment
 * counts once.
 */
struct stats stats_sum(const struct stats *stats, __u32 n);

/* stats_too_large - packets that the kernel dropped as larger than a frame */
__u64 stats_too_large(const struct stats *stats);

/*
 * stats_print - a report as text, closed by an empty line
 * @out: where to; the caller looks at ferror(), as with all of these
 *
 * Two lines, RX and TX; packets that got no answer and packets that the kernel
 * dropped follow, a line for each cause that has occurred. All of these are the
 * sums of all sockets; where there are several, a line for each ends the report.
 * A Kbyte is 1,000 bytes. Thousands are separated where the locale does so.
 * Hints are not in it: they are said on stderr, once.
 */
void stats_print(FILE *out, const struct report *report);

/*
 * stats_print_rings - the same, and below it the rings and where the frames are
 * @in_place: in a terminal, over what it shows; hints are below it
 *
 * The drawing is plain ASCII (but for the device's name) in less than 80 columns,
 * and the number of its lines depends on that of the sockets only: one is drawn
 * as a picture, of several each has a line. It is closed by an empty line.
 *
 * In place the text is as narrow: the period is left out. (Hints may be wider.) It
 * is complete in itself, whatever was there before, and the cursor stays below.
 * Flush it in one write(), else it flickers.
 */
void stats_print_rings(FILE *out, const struct report *report, bool in_place);

/*
 * stats_print_json - a report as a JSON object (RFC 8259) in one line
 *
 * README.org lists the fields. No locale has a say in it, and it is valid UTF-8
 * whatever is in the device's name.
 */
void stats_print_json(FILE *out, const struct report *report);

#endif /* STATS_H */
