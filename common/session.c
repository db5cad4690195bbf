// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/attach.h"
#include "common/doctor.h"
#include "common/features.h"
#include "common/libraries.h"
#include "common/limits.h"
#include "common/output.h"
#include "common/owner.h"
#include "common/rights.h"
#include "common/sandbox.h"
#include "common/say.h"
#include "common/session.h"
#include "headers/icmp6_echo.h"
#include "headers/if_xdp_compat.h"

/* Examine the device for --doctor, and exit. */
static void examine(struct session *session)
{
	int err = limits_raise();

	if (!err)
		err = device_open(&session->dev, session->opts.ifname);
	if (!err)
		err = doctor_examine(&session->opts, &session->dev);
	exit(err || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
}

int session_open(struct session *session, int argc, char **argv)
{
	return session_open_by(session, options_parse, argc, argv);
}

int session_open_by(struct session *session,
		    void (*parse)(struct options *, int, char **), int argc,
		    char **argv)
{
	int err;

	*session = (struct session){ .dev.fd = -1, .events = EVENTS_INIT };
	output_hold();
	parse(&session->opts, argc, argv);
	libraries_verbose(session->opts.verbose);
	if (session->opts.doctor)
		examine(session);
	err = limits_raise();
	if (!err)
		err = rights_check(session->opts.source.xsks_map);
	if (!err)
		err = events_open(&session->events);
	if (!err)
		err = device_open(&session->dev, session->opts.ifname);
	session->mac = session->opts.any_mac ? icmp6_echo_any_mac
					     : session->dev.mac;
	session->opts.source.mac = session->opts.any_mac ? NULL
							 : session->dev.mac;
	return err;
}

/*
 * Warn that the built-in program also takes packets of the devices above @dev,
 * such as a bridge, a VLAN or a macvlan.
 */
static void say_above(const struct device *dev)
{
	char names[256] = "";

	if (links_above(&dev->links, dev->index, names, sizeof(names)))
		say("%s: the packets of%s come through it, and the built-in XDP program takes them\n"
		    "  to leave these packets to the kernel: --filename=af_xdp_kern.o --progname=xdp_sock_echo",
		    dev->name, names);
}

int session_prepare(struct session *session, __u32 first, __u32 sockets)
{
	struct options *opts = &session->opts;
	struct device *dev = &session->dev;
	int err;

	dev->sockets = sockets;
	err = device_check(dev, first + sockets - 1, opts->force);
	if (!err && !opts->source.xsks_map)
		err = attach_choose_mode(&opts->mode, dev);
	if (!err)
		err = limits_check_files(sockets);
	if (!err && !opts->force && !opts->source.xsks_map)
		err = owner_check_none(dev);
	if (!err)
		err = xdp_prog_open(&session->prog, &opts->source, dev->queues);
	if (err)
		return err;
	if (!opts->source.xsks_map && !opts->source.filename)
		say_above(dev);
	session->sockets = sockets;
	err = reporter_open(&session->reporter, opts, dev->name, sockets);
	return err ? say_error(err, "%u socket(s): %s", sockets, strerror(-err))
		   : 0;
}

int session_attach(struct session *session)
{
	return attach_program(&session->prog, &session->dev, session->opts.mode,
			      session->opts.force);
}

int session_add_socket(struct session *session, __u32 queue, int fd)
{
	session->socket_fd = fd;
	return xdp_prog_add_socket(&session->prog, queue, fd);
}

/* Warn if packets arrive without their VLAN tags. */
static void say_vlan(const struct device *dev)
{
	if (features_is_past_vlan(dev))
		say("%s: packets arrive without their VLAN tags, and answers leave untagged\n"
		    "  if the packets come from a VLAN: bind the device below this one",
		    dev->name);
	else if (features_cuts_vlan(dev))
		say("%s: VLAN offload is on: packets arrive without their tags, and answers leave untagged\n"
		    "  if the packets come from a VLAN: ethtool -K %s rxvlan off%s",
		    dev->name, dev->name, features_vlan_peer(dev));
}

/*
 * Warn if the device is netkit, because the answers are lost: their protocol is
 * unknown at the other end. Unlike veth, netkit does not read the protocol from
 * the packet, and AF_XDP does not store it anywhere else.
 */
static void say_netkit(const struct device *dev)
{
	if (!strcmp(dev->kind, "netkit"))
		say("%s: the kernel at the other end of a netkit pair drops the answers, because AF_XDP sends packets without a protocol\n"
		    "  use a veth pair",
		    dev->name);
}

/*
 * Warn if this machine is a router, because the program then also answers
 * requests to other hosts.
 */
static void say_forwards(const struct device *dev)
{
	if (dev->forwards)
		say("%s: IPv6 forwarding is on, so requests to hosts behind this machine arrive here, and this program answers them, too\n"
		    "  do not run this program on a router",
		    dev->name);
}

static void print_start_line(const struct session *session, __u32 frame_size)
{
	const struct device *dev = &session->dev;
	const struct xdp_prog *prog = &session->prog;
	const struct stats *stats = session->reporter.now;
	const char *mode = stats->zero_copy ? "zero-copy" : "copy";
	__u32 first = stats->queue;

	if (session->sockets == 1)
		say("%s (%s) queue %u: XDP program %s, id %u, in %s mode; socket in %s mode; %u frames of %u bytes",
		    dev->name, dev->driver, first, prog->name, prog->id,
		    prog->mode_name, mode, stats->frames, frame_size);
	else
		say("%s (%s) queues %u to %u: XDP program %s, id %u, in %s mode; a socket on each in %s mode, with %u frames of %u bytes",
		    dev->name, dev->driver, first, first + session->sockets - 1,
		    prog->name, prog->id, prog->mode_name, mode, stats->frames,
		    frame_size);
	if (session->opts.source.filename)
		say("%s: packets that it does not redirect go to the kernel, or are dropped",
		    session->opts.source.filename);
	say_vlan(dev);
	say_netkit(dev);
	say_forwards(dev);
}

int session_start(struct session *session, __u32 frame_size)
{
	const struct options *opts = &session->opts;
	int err;

	err = hints_open(&session->hints, &session->dev, &session->prog,
			 opts->bind_flags & XDP_USE_SG
				 ? __UINT32_MAX__
				 : device_largest_mtu(frame_size),
			 session->reporter.now, session->sockets);
	if (err)
		return say_error(err, "hints: %s", strerror(-err));
	err = events_start(&session->events, session->dev.fd, opts->interval,
			   opts->duration);
	if (err)
		return err;
	reporter_start(&session->reporter);
	output_unblock();
	/*
	 * hints_open() and output_unblock() open files, so call them before
	 * sandbox_enter(): the sandbox does not allow open().
	 */
	err = opts->no_sandbox ? 0 : sandbox_enter();
	if (!err)
		print_start_line(session, frame_size);
	return err;
}

int session_events(struct session *session)
{
	int events = events_take(&session->events), err = 0;

	if (events < 0)
		return events;
	session->stop |= events & EVENT_STOP;
	if (session->stop)
		return 0;
	if (events & EVENT_DEVICE)
		err = device_report_change(&session->dev, session->socket_fd,
					   "no packets");
	if (err || !(events & EVENT_TICK))
		return err;
	say_lost();
	/*
	 * Read the device's counters before the sockets' counters. A packet
	 * that arrives between the two readings is then counted only by its
	 * socket, so no hint claims that the packet went elsewhere.
	 */
	hints_count(&session->hints, session->reporter.now, session->sockets);
	return 1;
}

int session_report(struct session *session)
{
	hints_report(&session->hints, session->reporter.now, session->sockets);
	return reporter_print(&session->reporter, session->hints.text);
}

void session_detach(struct session *session)
{
	for (__u32 i = 0; i < session->sockets; i++)
		xdp_prog_remove_socket(&session->prog,
				       session->reporter.now[i].queue);
	attach_undo(&session->prog);
}

int session_end(struct session *session, int err)
{
	return reporter_end(&session->reporter, session->hints.text, err);
}

void session_close(struct session *session)
{
	hints_close(&session->hints);
	reporter_close(&session->reporter);
	xdp_prog_close(&session->prog);
	device_close(&session->dev);
	events_close(&session->events);
}
