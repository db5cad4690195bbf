// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "common/attach.h"
#include "common/bind.h"
#include "common/features.h"
#include "common/libraries.h"
#include "common/limits.h"
#include "common/output.h"
#include "common/owner.h"
#include "common/rights.h"
#include "common/sandbox.h"
#include "common/say.h"
#include "lessons/pair.h"

static int open_devices(struct side *sides)
{
	int err;

	for (int i = 0; i < 2; i++) {
		err = device_open(&sides[i].dev, sides[i].ifname);
		if (err)
			return err;
	}
	/* Compare indices, because a device can have several names. */
	if (sides[0].dev.index == sides[1].dev.index)
		return say_error(
			-EINVAL,
			"%s and %s are the same device, but a wire has two ends\n"
			"  name two devices by -a and -b: testenv/testenv.sh status lists the lab's devices",
			sides[0].ifname, sides[1].ifname);
	return 0;
}

/*
 * Check that packets of each device fit into a frame and into the MTU of the
 * other device.
 */
static int check_mtus(const struct side *sides)
{
	const struct device *a = &sides[0].dev, *b = &sides[1].dev;
	int err = bind_check_mtu(a);

	if (!err)
		err = bind_check_mtu(b);
	if (err)
		return err;
	if (a->mtu != b->mtu)
		return say_error(
			-EMSGSIZE,
			"%s has MTU %u and %s has MTU %u: packets of the larger MTU could not leave\n"
			"  ip link set dev %s mtu %u",
			a->name, a->mtu, b->name, b->mtu,
			a->mtu > b->mtu ? a->name : b->name,
			a->mtu > b->mtu ? b->mtu : a->mtu);
	if (device_frame_size(b) > device_frame_size(a))
		return say_error(
			-EMSGSIZE,
			"%s (%s) needs larger frames than %s, which determines the UMEM's frame size\n"
			"  swap the devices: -a %s -b %s",
			b->name, b->driver, a->name, b->name, a->name);
	return 0;
}

static int check_side(const struct options *opts, struct side *side)
{
	const struct device *dev = &side->dev;
	int err;

	err = device_check(dev, opts->queue + side->sockets - 1, opts->force);
	side->mode = opts->mode;
	if (!err)
		err = attach_choose_mode(&side->mode, dev);
	if (!err && !opts->force)
		err = owner_check_none(dev);
	return err;
}

/* Check both devices before changing any of them. */
static int check_sides(struct pair *pair)
{
	struct side *sides = pair->sides;
	__u32 all = 0;
	int err = 0;

	for (int i = 0; !err && i < 2; i++) {
		struct side *side = &sides[i];

		side->sockets = pair->opts.all_queues ? side->dev.queues : 1;
		all += side->sockets;
		err = check_side(&pair->opts, side);
	}
	for (int i = 0; i < 2; i++) {
		sides[i].dev.sockets = all;
		sides[i].dev.shares_umem = true;
	}
	if (!err)
		err = check_mtus(sides);
	return err ? err : limits_check_files(all);
}

static int open_reporter(struct pair *pair)
{
	struct side *sides = pair->sides;
	__u32 all = sides[0].sockets + sides[1].sockets;
	int err;

	err = reporter_open(&pair->reporter, &pair->opts, sides[0].dev.name,
			    all);
	if (err)
		return say_error(err, "%u sockets: %s", all, strerror(-err));
	reporter_add_device(&pair->reporter, sides[1].dev.name,
			    sides[1].sockets);
	return 0;
}

int pair_open(struct pair *pair, int argc, char **argv)
{
	int err;

	*pair = (struct pair){ .events = EVENTS_INIT };
	pair->sides[0].dev.fd = pair->sides[1].dev.fd = -1;
	output_hold();
	pair_options_parse(pair, argc, argv);
	libraries_verbose(pair->opts.verbose);
	err = limits_raise();
	if (!err)
		err = rights_check(false);
	if (!err)
		err = events_open(&pair->events);
	if (!err)
		err = open_devices(pair->sides);
	if (!err)
		err = check_sides(pair);
	for (int i = 0; !err && i < 2; i++)
		err = xdp_prog_open(&pair->sides[i].prog, &pair->opts.source,
				    pair->sides[i].dev.queues);
	return err ? err : open_reporter(pair);
}

/*
 * Attach the XDP programs. Unlike demo_open_queues() in af_xdp_user.c, do not
 * bind again in copy mode after falling back to SKB mode, because a socket is
 * in zero-copy mode only with --zero-copy, which excludes SKB mode.
 */
int pair_attach(struct pair *pair)
{
	int err = 0;

	for (int i = 0; !err && i < 2; i++)
		err = attach_program(&pair->sides[i].prog, &pair->sides[i].dev,
				     pair->sides[i].mode, pair->opts.force);
	return err;
}

int pair_add_socket(struct side *side, __u32 queue, int fd)
{
	side->socket_fd = fd;
	return xdp_prog_add_socket(&side->prog, queue, fd);
}

static void print_side(const struct side *side, const struct stats *stats)
{
	const struct device *dev = &side->dev;
	const char *mode = stats->zero_copy ? "zero-copy" : "copy";
	__u32 last = stats->queue + side->sockets - 1;

	if (side->sockets == 1)
		say("%s (%s) queue %u: XDP program %s, id %u, in %s mode; socket in %s mode",
		    dev->name, dev->driver, last, side->prog.name,
		    side->prog.id, side->prog.mode_name, mode);
	else
		say("%s (%s) queues %u to %u: XDP program %s, id %u, in %s mode; a socket on each in %s mode",
		    dev->name, dev->driver, stats->queue, last, side->prog.name,
		    side->prog.id, side->prog.mode_name, mode);
	if (features_cuts_vlan(dev))
		say("%s: VLAN offload is on: packets leave without the tags that they came with\n"
		    "  if there are VLANs: ethtool -K %s rxvlan off%s",
		    dev->name, dev->name, features_vlan_peer(dev));
	if (dev->is_hardware && !dev->is_promiscuous)
		say("%s: the card drops packets to MAC addresses other than its own\n"
		    "  to forward them, too: ip link set dev %s promisc on",
		    dev->name, dev->name);
}

int pair_start(struct pair *pair, __u32 frame_size)
{
	const struct options *opts = &pair->opts;
	const struct stats *stats = pair->reporter.now;
	const struct side *sides = pair->sides;
	struct stats sum = stats_sum(stats, pair->reporter.sockets);
	int err;

	/*
	 * Poll the rtnetlink socket of one device, because it receives the
	 * changes of all devices.
	 */
	err = events_start(&pair->events, sides[0].dev.fd, opts->interval,
			   opts->duration);
	if (err)
		return err;
	reporter_start(&pair->reporter);
	output_unblock();
	err = opts->no_sandbox ? 0 : sandbox_enter();
	if (err)
		return err;
	print_side(&sides[0], stats);
	print_side(&sides[1], stats + sides[0].sockets);
	say("%s <-> %s: %u frames of %u bytes, shared by %u sockets",
	    sides[0].dev.name, sides[1].dev.name, sum.frames, frame_size,
	    pair->reporter.sockets);
	return 0;
}

int pair_events(struct pair *pair)
{
	int events = events_take(&pair->events), err = 0;

	if (events < 0)
		return events;
	pair->stop |= events & EVENT_STOP;
	if (pair->stop)
		return 0;
	for (int i = 0; !err && events & EVENT_DEVICE && i < 2; i++)
		err = device_report_change(&pair->sides[i].dev,
					   pair->sides[i].socket_fd,
					   "packets for it are dropped");
	if (err || !(events & EVENT_TICK))
		return err;
	say_lost();
	return 1;
}

void pair_detach(struct pair *pair)
{
	attach_undo(&pair->sides[0].prog);
	attach_undo(&pair->sides[1].prog);
}

int pair_end(struct pair *pair, int err)
{
	return reporter_end(&pair->reporter, "", err);
}

void pair_close(struct pair *pair)
{
	reporter_close(&pair->reporter);
	for (int i = 0; i < 2; i++) {
		xdp_prog_close(&pair->sides[i].prog);
		device_close(&pair->sides[i].dev);
	}
	events_close(&pair->events);
}
