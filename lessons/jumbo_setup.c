// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <unistd.h>

#include "common/features.h"
#include "common/say.h"
#include "headers/if_xdp_compat.h"
#include "lessons/jumbo_setup.h"
#include "lessons/lesson.h"

const char *const say_program = "jumbo";
const char lesson_doc[] = "Answer ICMPv6 echo requests, even those that take "
			  "several frames, by an AF_XDP socket on one RX "
			  "queue of IFNAME.";

/* Bytes of a packet in a frame: a page without XDP's headroom. */
#define PIECE (4096 - 256)

/*
 * Check if the kernel knows XDP_USE_SG: bind a socket without rings to device
 * index 0. bind() checks the flags first, and returns EINVAL for an unknown
 * flag. Otherwise bind() returns ENODEV, because no device has index 0.
 */
static int check_kernel(void)
{
	const struct sockaddr_xdp none = { .sxdp_family = AF_XDP,
					   .sxdp_flags = XDP_USE_SG };
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), err = 0;

	/* Return 0, because bind_queue() will report this error. */
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
		"  lessons/jumbo needs Linux 6.6 or newer; af_xdp_user takes packets of one frame");
}

/*
 * Choose copy mode if the largest packet that the MTU allows needs more frames
 * than the driver can fill in zero-copy mode. The kernel reports this limit as
 * xdp-zc-max-segs. If the limit is 1, the kernel refuses zero-copy with
 * XDP_USE_SG at any MTU, so choose copy mode, too. If --zero-copy was given,
 * print an error instead.
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
		"%s: zero-copy of driver %s takes %u frame%s a packet (xdp-zc-max-segs); XDP_USE_SG needs 2 or more, MTU %u needs %u\n"
		"  use --copy, or leave out --zero-copy",
		dev->name, dev->driver, features.segments,
		features.segments == 1 ? "" : "s", dev->mtu, needed);
}

int jumbo_open(struct lesson *lesson, int argc, char **argv)
{
	int err = lesson_open(lesson, argc, argv);

	lesson->session.opts.bind_flags |= XDP_USE_SG;
	if (!err)
		err = check_kernel();
	if (!err)
		err = lesson_prepare(lesson);
	if (!err)
		err = choose_copy(&lesson->session);
	if (!err)
		err = lesson_bind(lesson);
	return err ? err
		   : lesson_start(lesson, xsk_socket__fd(lesson->xsk.socket));
}
