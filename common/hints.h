/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why nothing arrives, or too little.
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

#define HINT_KINDS 12

struct hints {
	const struct device *dev;
	const struct xdp_prog *prog;
	struct counters counters;
	__u32 mtu;	       /* the largest whose packets fit into a frame */
	__u32 looks;	       /* so far */
	time_t started;	       /* seconds of CLOCK_MONOTONIC */
	__u64 received_before; /* by the device, at the start */
	__u64 (*queues_before)[COUNTER_KINDS]; /* the same of each queue */
	struct stats before; /* of all sockets, at the last look or the start */
	__u64 keys[HINT_KINDS]; /* what holds of each kind; 0: nothing */
	bool said_once[HINT_KINDS];
	char text[4096]; /* all that holds now, a line each */
};

/*
 * hints_open - remember how things are before the first packet
 * @dev, @prog: looked at again and again: they have to stay
 * @mtu: the largest whose packets fit into a frame, bytes
 * @stats, @sockets: as for hints_look()
 *
 * Returns 0 or -ENOMEM. hints_close() is to be called in both cases; it is
 * harmless on a zeroed one.
 */
int hints_open(struct hints *hints, const struct device *dev,
	       const struct xdp_prog *prog, __u32 mtu,
	       const struct stats *stats, __u32 sockets);
void hints_close(struct hints *hints);

/*
 * hints_count - read the device's counters
 *
 * To be called before those of the sockets are read: then a packet that comes
 * in between is in theirs alone, and a drop of theirs is taken for nobody
 * else's.
 */
void hints_count(struct hints *hints);

/*
 * hints_look - find out what keeps packets away, and say what is new
 * @stats: the counters of each socket; their queues follow each other
 * @sockets: so many
 *
 * To be called once for each report, after hints_count(). What holds is said
 * when it begins to, and again when it changes; all that holds is left in
 * hints->text.
 */
void hints_look(struct hints *hints, const struct stats *stats, __u32 sockets);

#endif /* HINTS_H */
