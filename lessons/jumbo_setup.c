// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <unistd.h>

#include "common/bind.h"
#include "common/features.h"
#include "common/sample.h"
#include "common/say.h"
#include "common/xsk_option.h"
#include "headers/if_xdp_compat.h"
#include "lessons/jumbo_setup.h"

/* Frames in the UMEM: as many as FILL and TX hold, see headers/xsk.h. */
#define FRAMES (FILL_SIZE + TX_SIZE)

/*
 * In copy mode one system call sends at most BATCH pieces; since kernel 6.17 a
 * socket can ask for more. Between two calls, take about as many from RX.
 */
#define BATCH	    32
#define LARGE_BATCH 128

/* Bytes of a packet in a frame: a page without XDP's headroom. */
#define PIECE (4096 - 256)

/*
 * Ask with a socket that has no ring, and without a device. bind() checks the
 * flags first, and returns EINVAL for one that it does not know. If it knows
 * the flag, it finds no device with index 0: ENODEV.
 */
static int check_kernel(void)
{
	const struct sockaddr_xdp none = { .sxdp_family = AF_XDP,
					   .sxdp_flags = XDP_USE_SG };
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), err = 0;

	/* bind_queue() will report why there is no socket. */
	if (fd < 0)
		return 0;
	if (bind(fd, (const struct sockaddr *)&none, sizeof(none)))
		err = -errno;
	close(fd);
	if (err != -EINVAL)
		return 0;
	return say_error(
		-EOPNOTSUPP,
		"this kernel receives a packet into one frame only: bind() refuses XDP_USE_SG\n"
		"  it needs Linux 6.6 or newer; af_xdp_user takes packets of one frame");
}

/*
 * Choose copy mode if the driver's zero-copy mode takes too few frames for a
 * packet of the MTU. The kernel reports their number as xdp-zc-max-segs. If
 * --zero-copy was given, print the reason instead.
 */
static int choose_copy(struct session *session)
{
	const struct device *dev = &session->dev;
	__u16 *flags = &session->opts.bind_flags;
	__u32 needed = (dev->mtu + ETH_HLEN + 2 * 4 - 1) / PIECE + 1;
	struct features features;

	features_read(dev, &features);
	if (!features.zero_copy ||
	    (features.segments > 1 && features.segments >= needed))
		return 0;
	if (!(*flags & XDP_ZEROCOPY)) {
		*flags |= XDP_COPY;
		return 0;
	}
	return say_error(
		-EOPNOTSUPP,
		"%s: zero-copy of driver %s takes %u frame%s a packet (xdp-zc-max-segs), and MTU %u needs %u\n"
		"  use --copy, or neither option",
		dev->name, dev->driver, features.segments,
		features.segments == 1 ? "" : "s", dev->mtu, needed);
}

static void count(struct jumbo *jumbo)
{
	struct stats *stats = jumbo->session.reporter.now;

	*stats = jumbo->stats;
	sample_take(stats, &jumbo->xsk);
	xsk_option_statistics(jumbo->fds[0].fd, &stats->kernel);
}

static int bind_socket(struct jumbo *jumbo, __u16 bind_flags)
{
	const struct session *session = &jumbo->session;

	return bind_queue(&jumbo->umem, &jumbo->xsk, &session->dev,
			  session->opts.queue, FRAMES, bind_flags);
}

/* Bind, then attach; see demo_open_queues() in af_xdp_user.c. */
static int bind_and_attach(struct jumbo *jumbo)
{
	struct session *session = &jumbo->session;
	int err = bind_socket(jumbo, session->opts.bind_flags);

	if (!err)
		err = session_attach(session);
	if (!err && !session->prog.is_native &&
	    xsk_option_is_zero_copy(xsk_socket__fd(jumbo->xsk.socket))) {
		xsk_close(&jumbo->xsk);
		umem_close(&jumbo->umem);
		err = bind_socket(jumbo, XDP_COPY | XDP_USE_SG);
	}
	return err;
}

static int start(struct jumbo *jumbo)
{
	struct session *session = &jumbo->session;
	int fd = xsk_socket__fd(jumbo->xsk.socket), err;

	jumbo->fds[0].fd = fd;
	jumbo->fds[1] = (struct pollfd){ session->events.fd, POLLIN, 0 };
	jumbo->batch = xsk_option_tx_budget(fd, LARGE_BATCH) ? LARGE_BATCH
							     : BATCH;
	jumbo->stats.queue = session->opts.queue;
	jumbo->stats.zero_copy = xsk_option_is_zero_copy(fd);
	jumbo->stats.several_frames = true;
	err = session_add_socket(session, session->opts.queue, fd);
	if (err)
		return err;
	count(jumbo);
	return session_start(session, jumbo->umem.frames.size);
}

int jumbo_open(struct jumbo *jumbo, int argc, char **argv)
{
	struct session *session = &jumbo->session;
	int err;

	*jumbo = (struct jumbo){ 0 };
	err = session_open_by(session, jumbo_options_parse, argc, argv);
	if (!err)
		err = check_kernel();
	if (!err)
		err = session_prepare(session, session->opts.queue, 1);
	if (!err)
		err = choose_copy(session);
	if (!err)
		err = bind_and_attach(jumbo);
	return err ? err : start(jumbo);
}

int jumbo_woken(struct jumbo *jumbo, int n)
{
	int due;

	if (n < 0)
		return say_error(-errno, "poll: %s", strerror(errno));
	if (!jumbo->fds[1].revents)
		return 0;
	due = session_events(&jumbo->session);
	if (due <= 0)
		return due;
	count(jumbo);
	return session_report(&jumbo->session);
}

int jumbo_end(struct jumbo *jumbo, int err)
{
	count(jumbo);
	return session_end(&jumbo->session, err);
}

void jumbo_close(struct jumbo *jumbo)
{
	xsk_close(&jumbo->xsk);
	umem_close(&jumbo->umem);
	session_close(&jumbo->session);
}
