/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The common part of lessons with one socket: command line, socket, loop,
 * events, counters, clean-up. A lesson adds the function serve(), which takes
 * packets from RX once, and serves the other rings.
 */
#ifndef LESSON_H
#define LESSON_H

#include <poll.h>

#include "common/session.h"
#include "headers/xsk.h"

/* Frames in the UMEM: FILL and TX can be full at once, see headers/xsk.h. */
#define FRAMES (FILL_SIZE + TX_SIZE)

struct lesson {
	struct session session;
	struct umem umem;
	struct xsk xsk;
	struct stats stats;
	/*
	 * Limit on descriptors sent at once. serve() stops taking packets from
	 * RX when it has taken this number of descriptors.
	 */
	__u32 batch;
	__u32 left;	      /* nonzero: serve() may have left packets in RX */
	struct pollfd fds[2]; /* the socket, and the session's events */
	/* Serve all rings once. Return the number of entries taken from RX. */
	__u32 (*serve)(struct lesson *lesson);
};

/* The lesson's purpose, for --help. Each lesson defines this text. */
extern const char lesson_doc[];

/*
 * The functions below, except lesson_close(), return 0, or a negative errno
 * after printing the reason. Only -EPIPE is returned silently. Call the
 * functions in the order of this file. Call lesson_close() even after an error.
 */

/*
 * lesson_open - parse the command line, check rights, find the device
 *
 * Set lesson->serve before this call, which overwrites the other members.
 */
int lesson_open(struct lesson *lesson, int argc, char **argv);

/*
 * lesson_prepare - load the XDP program, and allocate the counters
 *
 * A lesson may change lesson->session.opts before this call, and the member
 * bind_flags until lesson_bind().
 */
int lesson_prepare(struct lesson *lesson);

/* lesson_bind - bind a socket in the mode of the options, attach the program */
int lesson_bind(struct lesson *lesson);

/*
 * lesson_start - let packets go to the socket, and print the start line
 * @fd: the socket, which is bound to the queue of the options
 */
int lesson_start(struct lesson *lesson, int fd);

/* lesson_run - serve the rings until a signal comes, or --duration is over */
int lesson_run(struct lesson *lesson);

/*
 * lesson_stop - leave new packets to the kernel, and serve packets in the rings
 * @err: the result of lesson_run()
 *
 * Then print the last report, and check for lost frames; see session_end().
 */
int lesson_stop(struct lesson *lesson, int err);

/* lesson_close - undo the set-up in reverse order, even if it failed halfway */
void lesson_close(struct lesson *lesson);

#endif /* LESSON_H */
