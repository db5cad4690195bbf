/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Everything around the rings of lessons/jumbo.c: command line, checks of
 * kernel and device, the socket, events, counters.
 */
#ifndef JUMBO_SETUP_H
#define JUMBO_SETUP_H

#include <poll.h>

#include "common/session.h"
#include "headers/xsk.h"

struct jumbo {
	struct session session;
	struct umem umem;
	struct xsk xsk;
	struct stats stats;
	__u32 batch;	      /* pieces taken from RX, or sent, at once */
	__u32 left;	      /* pieces seen in RX that were not taken */
	struct pollfd fds[2]; /* the socket, and the session's events */
};

/*
 * jumbo_options_parse - parse the command line, or end the process
 *
 * As options_parse(). XDP_USE_SG is in opts->bind_flags in any case.
 */
void jumbo_options_parse(struct options *opts, int argc, char **argv);

/*
 * jumbo_open - check kernel and device, bind the socket, attach the program
 *
 * Return 0, or a negative errno after printing it. Call jumbo_close() in both
 * cases, as with the functions below.
 */
int jumbo_open(struct jumbo *jumbo, int argc, char **argv);

/*
 * jumbo_woken - handle signals, timer and device news, if any
 * @n: the result of poll()
 *
 * Return 0, or a negative errno after printing it; -EPIPE is not printed.
 */
int jumbo_woken(struct jumbo *jumbo, int n);

/* jumbo_end - print the last report, and audit the frames; see session_end() */
int jumbo_end(struct jumbo *jumbo, int err);

/* jumbo_close - undo the set-up in reverse order, however far it came */
void jumbo_close(struct jumbo *jumbo);

#endif /* JUMBO_SETUP_H */
