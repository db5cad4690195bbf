// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>

#include "common/bind.h"
#include "common/features.h"
#include "common/say.h"
#include "headers/if_xdp_compat.h"
#include "lessons/by_hand.h"
#include "lessons/latency_setup.h"

#define TRIES	 100 /* attempts to bind a busy queue */
#define PAUSE_MS 10  /* between two attempts */

const char *const say_program = "latency";
const char lesson_doc[] =
	"Answer ICMPv6 echo requests by an AF_XDP socket on one RX queue of "
	"IFNAME, and print where the time goes.";

/*
 * Refuse zero-copy mode, because in that mode the driver takes the time of
 * sending from the device's own clock.
 */
static int check_copy(const struct options *opts)
{
	return opts->bind_flags & XDP_ZEROCOPY
		       ? say_error(
				 -EOPNOTSUPP,
				 "--zero-copy: the time of sending would come from the device's clock\n"
				 "  use --copy, or leave out --zero-copy")
		       : 0;
}

static int check_kernel(void)
{
	return by_hand_has_metadata(sizeof(struct times))
		       ? 0
		       : say_error(
				 -EOPNOTSUPP,
				 "this kernel writes no time of sending: it refuses XDP_UMEM_TX_METADATA_LEN\n"
				 "  lessons/latency needs Linux 6.11 or newer");
}

/*
 * In native mode choose the XDP program that asks the driver for the packet's
 * hash. This program is loaded for one device, and cannot be attached in SKB
 * mode, so choose before loading.
 */
static void choose_program(struct options *opts, const struct device *dev)
{
	struct features features;

	features_read(dev, &features);
	if (opts->mode == ATTACH_SKB || !features.native) {
		opts->source.progname = "xdp_sock_latency";
		return;
	}
	opts->source.progname = "xdp_sock_metadata";
	opts->source.ifindex = dev->index;
	opts->mode = ATTACH_NATIVE;
}

static int open_socket(struct latency *latency)
{
	struct lesson *lesson = &latency->lesson;
	const struct device *dev = &lesson->session.dev;
	__u32 queue = lesson->session.opts.queue;
	int err = umem_open(&lesson->umem, FRAMES, device_frame_size(dev)), fd;

	if (err)
		return say_error(err, "UMEM: %s", strerror(-err));
	fd = by_hand_open(&lesson->umem, &lesson->xsk, sizeof(struct times));
	if (fd < 0)
		return bind_say_umem(fd, dev, queue,
				     FRAMES *
					     (lesson->umem.frames.size / 1024));
	lesson->fds[0].fd = fd;
	err = by_hand_bind(fd, dev->index, queue);
	for (int i = 1; err == -EBUSY && i < TRIES; i++) {
		poll(NULL, 0, PAUSE_MS);
		err = by_hand_bind(fd, dev->index, queue);
	}
	return err ? bind_say(err, dev, queue, XDP_COPY) : 0;
}

int latency_open(struct latency *latency, int argc, char **argv,
		 __u32 (*serve)(struct lesson *))
{
	struct lesson *lesson = &latency->lesson;
	struct session *session = &lesson->session;
	int err;

	*latency = (struct latency){ .lesson.serve = serve };
	err = lesson_open(lesson, argc, argv);
	if (!err)
		err = check_copy(&session->opts);
	if (!err)
		err = check_kernel();
	if (!err)
		err = bind_check_mtu(&session->dev);
	if (err)
		return err;
	choose_program(&session->opts, &session->dev);
	err = lesson_prepare(lesson);
	if (err)
		return err;
	session->reporter.more = latency_print;
	session->reporter.context = latency;
	err = open_socket(latency);
	if (!err)
		err = session_attach(session);
	return err ? err : lesson_start(lesson, lesson->fds[0].fd);
}
