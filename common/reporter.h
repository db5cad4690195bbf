/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Print statistics on stdout. Answers matter more than statistics, so only
 * reporter_end() waits for a slow reader. While a part of a report waits for
 * room in stdout, new reports are omitted.
 */
#ifndef REPORTER_H
#define REPORTER_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <linux/types.h>

#include "common/stats.h"

struct options;

struct reporter {
	const struct options *opts;
	const char *device;
	const char *other; /* the second device, or NULL */
	__u32 others;	   /* number of its sockets, which are last in now[] */
	bool to_terminal;
	bool failed; /* writing to stdout has failed */
	FILE *page;  /* stream into the memory of the next report */
	size_t rest; /* bytes of the previous report still to be written */
	__u32 sockets;
	struct stats *now;    /* counters of each socket, from the caller */
	struct stats *before; /* counters at the previous report */
	struct timespec reported_at; /* time of the previous report */
	/* A function that adds text at the end of each report, or NULL. */
	void (*more)(FILE *out, bool json, const void *context);
	const void *context;
};

/*
 * reporter_open - allocate the counters of @sockets sockets
 *
 * @opts and @device must stay valid. Return 0 or -ENOMEM. Call reporter_close()
 * in both cases. reporter_close() is harmless on a zeroed reporter.
 */
int reporter_open(struct reporter *reporter, const struct options *opts,
		  const char *device, __u32 sockets);
void reporter_close(struct reporter *reporter);

/*
 * reporter_add_device - report the last @sockets sockets under the name of
 * another device
 *
 * Each report then has a part for each device. In JSON each part is one line.
 */
void reporter_add_device(struct reporter *reporter, const char *device,
			 __u32 sockets);

/* reporter_start - begin the first period of the statistics, after set-up */
void reporter_start(struct reporter *reporter);

/*
 * reporter_print - print a report of the counters in reporter->now
 * @hints: text of the hints, for JSON and for --rings on a terminal
 *
 * Return 0, even if the report was omitted. Return -EPIPE, without a message,
 * if stdout has no reader. On any other error, print the error and return a
 * negative errno.
 */
int reporter_print(struct reporter *reporter, const char *hints);

/*
 * reporter_end - print the final report, and check that no frame was lost
 * @err: the error that ended the program, or 0
 *
 * If stdout's reader is slow, wait a moment, so that the report is complete.
 * Return -ENOTRECOVERABLE if a frame was lost. Otherwise return @err, or the
 * result of reporter_print() if @err is 0.
 */
int reporter_end(struct reporter *reporter, const char *hints, int err);

/*
 * reporter_audit - check that the frames in all places add up to all frames
 *
 * This finds frames that our code has lost. It does not find frames that the
 * kernel has lost, because these count as being in the kernel. Return 0, or
 * -ENOTRECOVERABLE after printing the error.
 */
int reporter_audit(const struct reporter *reporter);

#endif /* REPORTER_H */
