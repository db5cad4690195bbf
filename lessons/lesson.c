// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <unistd.h>

#include "common/bind.h"
#include "common/sample.h"
#include "common/say.h"
#include "common/shared_options.h"
#include "common/xsk_option.h"
#include "headers/if_xdp_compat.h"
#include "lessons/lesson.h"

/*
 * In copy mode one system call sends at most BATCH descriptors by default.
 * Since kernel 6.17 a socket can raise this limit to LARGE_BATCH. Between two
 * of these calls, take about as many descriptors from RX as one call sends.
 */
#define BATCH	    32
#define LARGE_BATCH 128

#define TX_RETRY_MS   1	   /* longest sleep while TX or RX holds packets */
#define COMPLETION_MS 1000 /* longest sleep while frames are being sent */
#define DRAIN_MS      100  /* at the end: limit of all waits together */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = opts;
		state->child_inputs[1] = opts;
		break;
	case ARGP_KEY_END:
		if (opts->all_queues)
			argp_error(
				state,
				"--all-queues: %s has one socket; name its queue by --queue",
				say_program);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void parse_options(struct options *opts, int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ .argp = &shared_options },
		{ .argp = &one_device },
		{ 0 },
	};
	static const struct argp argp = {
		.parser = parse,
		.doc = lesson_doc,
		.children = children,
	};

	*opts = (struct options){ 0 };
	shared_options_run(say_program, &argp, argc, argv, opts);
	if (opts->mode == ATTACH_SKB)
		opts->bind_flags = XDP_COPY;
}

int lesson_open(struct lesson *lesson, int argc, char **argv)
{
	*lesson = (struct lesson){ .serve = lesson->serve, .fds[0].fd = -1 };
	return session_open_by(&lesson->session, parse_options, argc, argv);
}

int lesson_prepare(struct lesson *lesson)
{
	return session_prepare(&lesson->session, lesson->session.opts.queue, 1);
}

static int bind_socket(struct lesson *lesson, __u16 bind_flags)
{
	const struct session *session = &lesson->session;

	return bind_queue(&lesson->umem, &lesson->xsk, &session->dev,
			  session->opts.queue, FRAMES, bind_flags);
}

/* demo_open_queues() in af_xdp_user.c explains the order of these calls. */
int lesson_bind(struct lesson *lesson)
{
	struct session *session = &lesson->session;
	__u16 flags = session->opts.bind_flags;
	int err = bind_socket(lesson, flags);

	if (!err)
		err = session_attach(session);
	if (!err && !session->prog.is_native &&
	    xsk_option_is_zero_copy(xsk_socket__fd(lesson->xsk.socket))) {
		xsk_close(&lesson->xsk);
		umem_close(&lesson->umem);
		err = bind_socket(lesson, flags | XDP_COPY);
	}
	return err;
}

static void count(struct lesson *lesson)
{
	struct stats *stats = lesson->session.reporter.now;

	*stats = lesson->stats;
	sample_take(stats, &lesson->xsk);
	xsk_option_statistics(lesson->fds[0].fd, &stats->kernel);
}

int lesson_start(struct lesson *lesson, int fd)
{
	struct session *session = &lesson->session;
	int err;

	lesson->fds[0] = (struct pollfd){ .fd = fd };
	lesson->fds[1] = (struct pollfd){ session->events.fd, POLLIN, 0 };
	lesson->batch = xsk_option_tx_budget(fd, LARGE_BATCH) ? LARGE_BATCH
							      : BATCH;
	lesson->stats.queue = session->opts.queue;
	lesson->stats.zero_copy = xsk_option_is_zero_copy(fd);
	lesson->stats.several_frames = session->opts.bind_flags & XDP_USE_SG;
	err = session_add_socket(session, session->opts.queue, fd);
	if (err)
		return err;
	count(lesson);
	return session_start(session, lesson->umem.frames.size);
}

/*
 * Handle signals, the timer and changes of the device. @n is poll()'s result.
 */
static int handle_events(struct lesson *lesson, int n)
{
	int due;

	if (n < 0)
		return say_error(-errno, "poll: %s", strerror(errno));
	if (!lesson->fds[1].revents)
		return 0;
	due = session_events(&lesson->session);
	if (due <= 0)
		return due;
	count(lesson);
	return session_report(&lesson->session);
}

/* Return the longest time to sleep, in ms; -1 means no limit. */
static int timeout(const struct lesson *lesson, __u32 taken)
{
	if (!lesson->session.dev.is_up)
		return -1; /* until rtnetlink reports that the device is up */
	if (taken >= lesson->batch)
		return 0;
	if (lesson->left || tx_waiting(&lesson->xsk))
		return TX_RETRY_MS;
	return tx_outstanding(&lesson->xsk) ? COMPLETION_MS : -1;
}

/*
 * Send, and sleep until packets arrive. If serve() has left packets in RX, do
 * not wait for POLLIN, because poll() would return at once.
 */
static int send_and_wait(struct lesson *lesson, __u32 taken)
{
	int ms = timeout(lesson, taken);

	lesson->fds[0].events = lesson->left ? 0 : POLLIN;
	return handle_events(lesson, poll(lesson->fds, 2, ms));
}

int lesson_run(struct lesson *lesson)
{
	int err = 0;

	while (!err && !lesson->session.stop)
		err = send_and_wait(lesson, lesson->serve(lesson));
	return err;
}

/*
 * After the XDP program is detached, serve the packets that are in the rings.
 */
static void drain(struct lesson *lesson)
{
	lesson->fds[0].events = 0;
	for (int idle = 0; idle < DRAIN_MS;) {
		__u32 taken = lesson->serve(lesson);
		struct places p = xsk_places(&lesson->xsk);

		if (!p.rx && !p.tx && !p.kernel_tx && !p.completion)
			return;
		poll(lesson->fds, 1, taken ? 0 : 1);
		idle += !taken;
	}
}

int lesson_stop(struct lesson *lesson, int err)
{
	lesson->session.stop = true;
	session_detach(&lesson->session);
	if (err != -ENODEV)
		drain(lesson);
	count(lesson);
	return session_end(&lesson->session, err);
}

void lesson_close(struct lesson *lesson)
{
	/* Close a socket that the lesson has opened without libxdp. */
	if (!lesson->xsk.socket && lesson->fds[0].fd >= 0)
		close(lesson->fds[0].fd);
	xsk_close(&lesson->xsk);
	umem_close(&lesson->umem);
	session_close(&lesson->session);
}
