/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Print hints: messages that explain why packets do not arrive, or why answers
 * do not leave or have wrong checksums.
 */
#ifndef HINTS_H
#define HINTS_H

#include <stdbool.h>
#include <time.h>
#include <linux/types.h>

#include "common/counters.h"
#include "common/stats.h"

struct device;
struct xdp_prog;

#define HINT_KINDS 20

struct hints {
	const struct device *dev;
	const struct xdp_prog *prog;
	struct counters counters;
	__u32 mtu;	/* largest MTU whose packets fit into a frame */
	__u32 reports;	/* number of reports so far */
	time_t started; /* time of hints_open(): CLOCK_MONOTONIC, in seconds */
	bool cut_vlan;	/* true if VLAN offload was on at the start */
	__u32 above;	/* number of devices above dev at the start */
	bool at_start_known, totals_known; /* at_start and totals are valid */
	struct totals at_start, totals;
	/*
	 * Numbers of packets sent and not sent, at the start or at the last
	 * comparison by hint_discarded().
	 */
	__u64 sent_before, unsent_before;
	/* Each queue's counters at the start. */
	__u64 (*queues_before)[COUNTER_KINDS];
	/*
	 * Number of packets that the built-in program had redirected by the
	 * last call of hints_count(), and by the call before.
	 */
	__u64 redirected, redirected_before;
	/* Sum of all sockets' counters at the previous report or the start. */
	struct stats before;
	__u64 keys[HINT_KINDS];	    /* last result of each kind; 0: no hint */
	bool said_once[HINT_KINDS]; /* kinds that must not be printed again */
	char text[4096];	    /* all current hints, each ended by \n */
};

/*
 * hints_open - remember the counters before the first packet
 * @dev, @prog: must stay valid, because each report reads them
 * @mtu: the largest MTU whose packets fit into a frame, in bytes
 * @stats, @sockets: as for hints_report()
 *
 * Return 0 or -ENOMEM. Call hints_close() in both cases. hints_close() is
 * harmless on zeroed hints.
 */
int hints_open(struct hints *hints, const struct device *dev,
	       const struct xdp_prog *prog, __u32 mtu,
	       const struct stats *stats, __u32 sockets);
void hints_close(struct hints *hints);

/*
 * hints_count - read the counters of the device and of the XDP program
 * @stats, @sockets: as for hints_report(); of @stats, only the member "queue"
 * 	is used
 *
 * Call this before you read the sockets' counters. A packet that arrives
 * between the two readings is then counted only by its socket, so no hint
 * claims that the packet went elsewhere.
 */
void hints_count(struct hints *hints, const struct stats *stats, __u32 sockets);

/*
 * hints_report - find the hints whose condition holds, and print new ones
 * @stats: the counters of each socket, on consecutive queues
 * @sockets: number of sockets
 *
 * Call this once for each report, after hints_count(). A hint is printed when
 * its condition begins or changes, but some kinds are printed only once.
 * hints->text has all hints whose condition still holds.
 */
void hints_report(struct hints *hints, const struct stats *stats,
		  __u32 sockets);

#endif /* HINTS_H */
