/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Add up the packet counters of sockets, and print a report as text, as a
 * drawing of the rings or as JSON. These functions allocate no memory and read
 * no clock.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/if_xdp.h>
#include <linux/types.h>

#include "common/frames.h"
#include "headers/icmp6_echo.h"

/* The counters of one socket, since the start. */
struct stats {
	__u32 queue;
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 verdicts[ICMP6_ECHO_VERDICTS]; /* packets with each verdict */
	/*
	 * Packets that lessons/forward did not forward, because the other
	 * device is down, or has a smaller MTU.
	 */
	__u64 other_down, other_small;
	bool zero_copy;
	bool several_frames; /* XDP_USE_SG is set, so no packet is too large */
	bool bad_checksum;   /* true if the last answer's checksum is wrong */
	struct xdp_statistics kernel; /* the socket's XDP_STATISTICS */
	__u32 frames;		      /* number of frames in UMEM */
	struct places places;	      /* number of frames in each place */
};

struct drops {
	/* Numbers of dropped packets, by cause. Each packet is counted once. */
	__u64 ring_full, fill_empty, too_large;
	/* Not packets: how often a zero-copy driver found FILL empty. */
	__u64 no_frame;
};

/* The input of all printing functions. */
struct report {
	const char *device;
	__u32 sockets;		    /* one or more */
	const struct stats *now;    /* counters of each socket */
	const struct stats *before; /* counters at the previous report */
	double period;		    /* seconds since the previous report */
	const char *hints; /* lines; indented lines belong to the hint above */
	__u32 fill_size, rx_size, tx_size, completion_size; /* of each socket */
	__u32 terminal_lines; /* the terminal's height; 0: no terminal */
	__u32 part; /* this device's number, from 1; 0: there is only one */
};

/*
 * stats_sum - add up the counters of @n sockets
 *
 * The result has the queue and mode of the first socket. The member "places" is
 * the sum of stats_places() over all sockets.
 */
struct stats stats_sum(const struct stats *stats, __u32 n);

/*
 * stats_places - return the number of frames in each place, without negative
 * numbers
 *
 * If a frame is visible in two rings for a moment, count it once.
 */
struct places stats_places(const struct stats *stats);

/* stats_drops - return the number of packets that @n sockets lost, by cause */
struct drops stats_drops(const struct stats *stats, __u32 n);

/* stats_rate - return a counter's growth per second; 0 if the period is 0 */
double stats_rate(__u64 now, __u64 before, double period);

/*
 * stats_print - print a report as text, and an empty line at its end
 * @out: ferror(@out) shows errors of this function, and of the two functions
 * 	below
 *
 * If there are two devices, the first line is the device's name. Lines for RX
 * and TX follow, and a line for each cause of unanswered or dropped packets, if
 * its count is not 0. The numbers are sums over all sockets. If there are
 * several sockets, a line for each socket follows. A Kbyte is 1,000 bytes, and
 * the locale sets the separator of thousands. Hints are not part of the text,
 * because they are printed on stderr.
 *
 * In a terminal, lines are shorter than 80 columns: the period is omitted, and
 * a longer line is continued on the next line. The report starts with a
 * carriage return, because the terminal may have echoed ^C.
 */
void stats_print(FILE *out, const struct report *report);

/*
 * stats_print_rings - print the text of stats_print(), and draw the rings below
 * the text
 *
 * The drawing is ASCII except for the device's name, and has less than 80
 * columns. One socket is drawn as a picture. Several sockets are drawn as a
 * table, with a line for each socket. The drawing ends with an empty line.
 *
 * In a terminal each report overwrites the previous report: the new report
 * starts at the top, clears all old text, and leaves the cursor below. Hints
 * follow the drawing. If there are two devices, the page has a part for each
 * device: the name, the text, and a table. If the terminal has too few lines,
 * the text omits the lines for queues. If the page is then still too long, the
 * table omits the queues for which there is no room. Flush the report in one
 * write() to avoid flicker.
 */
void stats_print_rings(FILE *out, const struct report *report);

/*
 * stats_print_json - print a report as a JSON object (RFC 8259) on one line
 *
 * doc/json.org lists the fields. The text does not depend on the locale, and is
 * valid UTF-8 even if the device's name is not. In a terminal the text starts
 * with a carriage return, which is white space in JSON.
 */
void stats_print_json(FILE *out, const struct report *report);

#endif /* STATS_H */
