// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bind.h"
#include "common/device.h"
#include "common/doctor.h"
#include "common/features.h"
#include "common/limits.h"
#include "common/links.h"
#include "common/options.h"
#include "common/owner.h"
#include "common/rights.h"
#include "common/routes.h"
#include "common/say.h"
#include "common/sockets.h"
#include "headers/xsk.h"

#define TEXT_SIZE 512

/* Print a line: a subject such as "MTU:", and a fact about it. */
__attribute__((format(printf, 2, 3))) static void tell(const char *subject,
						       const char *fmt, ...)
{
	va_list args;

	printf("%-15s ", subject);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static void tell_device(const struct device *dev)
{
	char ports[TEXT_SIZE] = "", above[TEXT_SIZE] = "";

	links_ports(&dev->links, dev->index, ports, sizeof(ports));
	links_above(&dev->links, dev->index, above, sizeof(above));
	tell("device:", "%s (%s)%s%s", dev->name, dev->driver,
	     *ports ? ", ports:" : "", ports);
	tell("above it:", "%s", *above ? above + 1 : "no device");
	tell("link type:", "%u, %s", dev->type, links_type_name(dev->type));
	tell("state:", "%s, %s", dev->is_up ? "up" : "down",
	     dev->has_carrier ? "carrier" : "no carrier");
}

static void tell_mtu(const struct device *dev)
{
	__u32 frame = device_frame_size(dev);

	if (frame)
		tell("MTU:", "%u: frames of %u bytes", dev->mtu, frame);
	else
		tell("MTU:",
		     "%u: packets do not fit into a frame; the largest MTU is %u",
		     dev->mtu, device_largest_mtu(4096));
}

static void tell_queues(const struct device *dev)
{
	char list[TEXT_SIZE] = "";
	int sockets = sockets_list(dev->index, list, sizeof(list));

	tell("queues:", "%u RX, %u TX; with a socket:%s", dev->queues,
	     dev->tx_queues,
	     sockets < 0 ? " not known"
	     : sockets	 ? list
			 : " none");
}

/* Count the queues in the card's RSS table; return 0 if there is no table. */
static __u32 count_spread(const struct device *dev)
{
	struct ethtool_rxfh_indir size = { .cmd = ETHTOOL_GRXFHINDIR };
	struct ethtool_rxfh_indir *table;
	__u32 n = 0;

	if (device_ethtool(dev, &size) || !size.size)
		return 0;
	table = calloc(1, sizeof(*table) + size.size * sizeof(__u32));
	if (!table)
		return 0;
	table->cmd = ETHTOOL_GRXFHINDIR;
	table->size = size.size;
	if (!device_ethtool(dev, table))
		for (__u32 i = 0; i < table->size; i++) {
			__u32 j = 0;

			while (j < i &&
			       table->ring_index[j] != table->ring_index[i])
				j++;
			n += j == i;
		}
	free(table);
	return n;
}

/*
 * Print the number of rules that ethtool -N has added. The card applies these
 * rules before its RSS table.
 */
static void tell_rules(const struct device *dev)
{
	struct ethtool_rxnfc rules = { .cmd = ETHTOOL_GRXCLSRLCNT };

	if (!device_ethtool(dev, &rules) && rules.rule_cnt)
		tell("RX rules:",
		     "%u, applied before the RX spread; see ethtool -n %s",
		     rules.rule_cnt, dev->name);
}

static void tell_spread(const struct device *dev, const struct options *opts)
{
	__u32 n = dev->queues == 1 ? 1 : count_spread(dev);

	if (!n && !strcmp(dev->driver, "veth"))
		tell("RX spread:",
		     "by the sender, whose TX queue chooses the RX queue");
	else if (!n)
		tell("RX spread:", "not known; see ethtool -x %s", dev->name);
	else
		tell("RX spread:", "over %u queue%s%s", n, n == 1 ? "" : "s",
		     n > 1 && !opts->all_queues
			     ? ", so one socket gets a part of the packets; see --all-queues"
			     : "");
}

static void tell_offloads(const struct device *dev)
{
	tell("VLAN offload:", "%s",
	     features_cuts_vlan(dev)
		     ? "on: tags are cut off, and answers leave untagged"
		     : "off");
	tell("GRO or LRO:", "%s",
	     features_gathers(dev)
		     ? "on: in SKB mode packets may be joined, and then exceed a frame"
		     : "off");
}

static void tell_routes(const struct device *dev)
{
	int route = routes_default(&dev->links, dev->index);
	const struct link *link = route > 0 ? links_find(&dev->links, route)
					    : NULL;
	if (!strcmp(dev->kind, "netkit"))
		tell("answers:",
		     "lost: the kernel at the other end of a netkit pair drops them");
	tell("forwarding:", "%s",
	     dev->forwards
		     ? "on: requests to hosts behind this machine would also be answered"
		     : "off");
	tell("default route:", "%s%s",
	     route < 0 ? "not known"
	     : route   ? "through "
		       : "no",
	     link ? link->name : "");
}

/*
 * Print the name, id and mode of the attached XDP program. Return the mode, or
 * 0 if no program is known.
 */
static __u32 tell_owner(const struct device *dev)
{
	struct owner owner;

	if (owner_find(dev->index, &owner)) {
		tell("XDP program:", "not known");
		return 0;
	}
	if (!owner.prog_id) {
		tell("XDP program:", "none");
		return 0;
	}
	tell("XDP program:", "%s, id %u, in %s mode", owner.name, owner.prog_id,
	     owner.mode == XDP_FLAGS_SKB_MODE ? "SKB" : "native");
	return owner.mode;
}

/* Predict the XDP program's mode: "native", "SKB" or "native or SKB". */
static const char *foresee_mode(const struct device *dev,
				const struct options *opts,
				const struct features *features, __u32 owner)
{
	char ports[TEXT_SIZE] = "";

	if (opts->source.xsks_map)
		return owner == XDP_FLAGS_SKB_MODE ? "SKB" : "native";
	if (opts->mode == ATTACH_SKB || device_ignores_native(dev) ||
	    !device_runs_native(dev, ports, sizeof(ports)))
		return "SKB";
	if (opts->mode == ATTACH_NATIVE && !features->known)
		return "native";
	if (!features->known)
		return "native or SKB";
	if (!features->native_redirect)
		return "SKB";
	return dev->mtu > NATIVE_MTU_USUAL ? "native or SKB" : "native";
}

static const char *foresee_socket(const struct options *opts,
				  const struct features *features,
				  const char *mode)
{
	if (opts->bind_flags == XDP_ZEROCOPY)
		return "zero-copy";
	if (opts->bind_flags == XDP_COPY || !strcmp(mode, "SKB") ||
	    (features->known && !features->zero_copy))
		return "copy";
	return "zero-copy or copy";
}

static void tell_modes(const struct device *dev,
		       const struct features *features)
{
	char ports[TEXT_SIZE] = "";

	if (!device_runs_native(dev, ports, sizeof(ports)))
		tell("native XDP:", "no: the program would run on the ports%s",
		     ports);
	else if (device_ignores_native(dev))
		tell("native XDP:",
		     "no, because the host gives no mergeable buffers");
	else
		tell("native XDP:", "%s",
		     features->known ? yes_no(features->native_redirect)
				     : "not reported by this kernel");
	tell("zero-copy:", "%s",
	     !features->known ? "not reported by this kernel"
	     : features->zero_copy
		     ? "the driver supports it, but not with every MTU and host"
		     : "no");
}

/* Check that the device supports the modes that the options force. */
static int check_forced(const struct device *dev, const struct options *opts,
			const struct features *features, const char *mode)
{
	if (opts->mode == ATTACH_NATIVE && !opts->source.xsks_map &&
	    !strcmp(mode, "SKB"))
		return say_error(
			-EOPNOTSUPP,
			"%s: driver %s has no native XDP here\n"
			"  use --skb-mode, which works with every driver",
			dev->name, dev->driver);
	if (opts->bind_flags == XDP_ZEROCOPY && features->known &&
	    !features->zero_copy)
		return say_error(-EOPNOTSUPP,
				 "%s: no zero-copy with driver %s\n"
				 "  use --copy, or leave out --zero-copy",
				 dev->name, dev->driver);
	return 0;
}

static int check_free(const struct device *dev, const struct options *opts)
{
	__u32 first = opts->all_queues ? 0 : opts->queue;

	if (sockets_on(dev->index, first, dev->sockets) <= 0)
		return 0;
	return say_error(
		-EBUSY,
		"%s: RX queue %u%s has an AF_XDP socket already\n"
		"  end the program that has the socket, or bind another queue with --queue",
		dev->name, first, dev->sockets > 1 ? ", or a later one," : "");
}

static int check_owner(const struct device *dev, const struct options *opts,
		       __u32 owner)
{
	if (!opts->source.xsks_map)
		return opts->force ? owner_check_above(dev)
				   : owner_check_none(dev);
	return owner ? 0
		     : say_error(
			       -ENOENT,
			       "%s: no XDP program is attached, and --xsks-map attaches none\n"
			       "  attach the program that uses the map",
			       dev->name);
}

/* Check the limits of open files and of locked memory. */
static int check_limits(struct device *dev)
{
	__u64 kbytes =
		(FILL_SIZE + TX_SIZE) * (__u64)(device_frame_size(dev) / 1024);
	int err = limits_check_files(dev->sockets);

	tell("UMEM:", "%llu Kbytes of locked memory for %u socket%s",
	     kbytes * dev->sockets, dev->sockets, dev->sockets == 1 ? "" : "s");
	return err ? err : bind_check_memory(dev, (__u32)kbytes);
}

/*
 * Make all checks, even after an error, so that each obstacle is printed. But
 * skip check_limits() if rights are missing or the MTU is too large. Return the
 * first error.
 */
static int check_all(const struct options *opts, struct device *dev,
		     const struct features *features, const char *mode,
		     __u32 owner)
{
	__u32 queue = opts->all_queues ? dev->queues - 1 : opts->queue;
	int rights = fflush(stdout) ? -errno
				    : rights_check(opts->source.xsks_map);
	int errs[] = {
		rights,
		device_check(dev, queue, opts->force),
		bind_check_mtu(dev),
		check_owner(dev, opts, owner),
		check_forced(dev, opts, features, mode),
		check_free(dev, opts),
		rights || !device_frame_size(dev) ? 0 : check_limits(dev),
	};

	for (size_t i = 0; i < sizeof(errs) / sizeof(*errs); i++)
		if (errs[i])
			return errs[i];
	return 0;
}

/*
 * Return true if the driver may refuse a mode although all checks succeeded.
 * Zero-copy mode also depends on the MTU and, in a virtual machine, on how its
 * host set up the device. Older kernels do not report if the driver has native
 * XDP.
 */
static bool is_open(const struct options *opts, const struct features *features)
{
	return opts->bind_flags == XDP_ZEROCOPY ||
	       (opts->mode == ATTACH_NATIVE && !features->known);
}

int doctor_examine(const struct options *opts, struct device *dev)
{
	struct features features;
	const char *mode;
	__u32 owner;
	int err;

	dev->sockets = opts->all_queues ? dev->queues : 1;
	features_read(dev, &features);
	tell_device(dev);
	tell_mtu(dev);
	tell_queues(dev);
	tell_rules(dev);
	tell_spread(dev, opts);
	tell_offloads(dev);
	tell_routes(dev);
	owner = tell_owner(dev);
	tell_modes(dev, &features);
	mode = foresee_mode(dev, opts, &features, owner);
	err = check_all(opts, dev, &features, mode, owner);
	if (err)
		tell("prediction:", "it would not start");
	else
		tell("prediction:",
		     "XDP program in %s mode, socket in %s mode%s", mode,
		     foresee_socket(opts, &features, mode),
		     is_open(opts, &features) ? ", or refused by the driver"
					      : "");
	return err;
}
