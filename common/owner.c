// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "common/device.h"
#include "common/links.h"
#include "common/owner.h"
#include "common/say.h"

/*
 * Count the bpf_links that attach the program owner->prog_id to a device with
 * the number @ifindex, and store the ID of one link. There may be several such
 * links, because a device of another network namespace may have the same
 * number.
 */
static void find_links(struct owner *owner, int ifindex)
{
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		bpf_obj_get_info_by_fd(fd, &info, &len);
		close(fd);
		if (info.type != BPF_LINK_TYPE_XDP ||
		    info.prog_id != owner->prog_id ||
		    (int)info.xdp.ifindex != ifindex)
			continue;
		owner->link_id = id;
		owner->links++;
	}
}

/*
 * If the program was attached by netlink, forget the bpf_links that were found,
 * because they are for other devices. To find out how the program was attached,
 * send a request to detach that never detaches a program: XDP_FLAGS_REPLACE
 * makes the kernel detach only the expected program, and this request expects
 * none. The request fails with EEXIST if the program was attached by netlink,
 * and with EBUSY if the program was attached by a bpf_link.
 */
static void check_link(struct owner *owner, int ifindex)
{
	if (owner->links &&
	    bpf_xdp_detach(ifindex, owner->mode | XDP_FLAGS_REPLACE, NULL) ==
		    -EEXIST)
		owner->links = owner->link_id = 0;
}

/* Read the program's name. Return false if we lack the right to read it. */
static bool read_name(struct owner *owner)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(owner->prog_id);

	if (fd < 0)
		return false;
	bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	memcpy(owner->name, info.name, sizeof(owner->name));
	if (!owner->name[0])
		strcpy(owner->name, "(no name)");
	return true;
}

int owner_find(int ifindex, struct owner *owner)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int err = bpf_xdp_query(ifindex, 0, &query);

	*owner = (struct owner){ .name = "?" };
	if (err)
		return err;
	if (query.drv_prog_id) {
		owner->prog_id = query.drv_prog_id;
		owner->mode = XDP_FLAGS_DRV_MODE;
	} else if (query.skb_prog_id) {
		owner->prog_id = query.skb_prog_id;
		owner->mode = XDP_FLAGS_SKB_MODE;
	} else if (query.hw_prog_id) {
		owner->prog_id = query.hw_prog_id;
		owner->mode = XDP_FLAGS_HW_MODE;
	} else {
		return 0;
	}
	find_links(owner, ifindex);
	check_link(owner, ifindex);
	owner->hidden = !read_name(owner);
	return 0;
}

/*
 * Return true for libxdp's dispatcher, an XDP program that calls other XDP
 * programs in turn. libxdp pins these programs in /sys/fs/bpf/xdp.
 */
static bool is_dispatcher(const struct owner *owner)
{
	return !strcmp(owner->name, "xdp_dispatcher");
}

/* Let libxdp remove its dispatcher, because libxdp also removes the pins. */
static int unload_dispatcher(const struct device *dev)
{
	struct xdp_multiprog *programs =
		xdp_multiprog__get_from_ifindex(dev->index);
	int err = (int)libxdp_get_error(programs);

	if (!err)
		err = xdp_multiprog__detach(programs);
	if (programs && !libxdp_get_error(programs))
		xdp_multiprog__close(programs);
	return err;
}

static int print_owner(const struct device *dev, const struct owner *owner)
{
	const char *hook = owner->mode == XDP_FLAGS_SKB_MODE  ? "xdpgeneric"
			   : owner->mode == XDP_FLAGS_HW_MODE ? "xdpoffload"
							      : "xdpdrv";
	char command[64];

	if (is_dispatcher(owner))
		return say_error(
			-EBUSY,
			"%s: XDP programs are attached already, by libxdp's dispatcher, id %u\n"
			"  remove them: xdp-loader unload %s --all; or use the xsks_map of one of them: --xsks-map; or replace them all: --force",
			dev->name, owner->prog_id, dev->name);
	if (owner->hidden)
		return say_error(
			-EBUSY,
			"%s: an XDP program is attached already: id %u\n"
			"  root can see its name, and how to remove it: bpftool net; bpftool link",
			dev->name, owner->prog_id);
	if (owner->links > 1)
		return say_error(
			-EBUSY,
			"%s: an XDP program is attached already: %s, id %u\n"
			"  end the process that holds it; bpftool link shows %u links, because a device of another network namespace has the same number",
			dev->name, owner->name, owner->prog_id, owner->links);
	if (owner->link_id)
		snprintf(command, sizeof(command), "bpftool link detach id %u",
			 owner->link_id);
	else
		snprintf(command, sizeof(command), "ip link set dev %s %s off",
			 dev->name, hook);
	return say_error(-EBUSY,
			 "%s: an XDP program is attached already: %s, id %u\n"
			 "  %sremove it: %s; or take its place with --force",
			 dev->name, owner->name, owner->prog_id,
			 owner->link_id ? "end the process that holds it, or "
					: "",
			 command);
}

static int evict(const struct device *dev, const struct owner *owner)
{
	int err, fd;

	say("%s: replacing XDP program %s, id %u", dev->name, owner->name,
	    owner->prog_id);
	if (is_dispatcher(owner) && !unload_dispatcher(dev))
		return 0;
	if (!owner->link_id)
		return bpf_xdp_detach(dev->index, owner->mode, NULL);
	fd = bpf_link_get_fd_by_id(owner->link_id);
	if (fd < 0)
		return fd;
	err = bpf_link_detach(fd);
	close(fd);
	return err;
}

/* -EBUSY means that we lack the right to see the bpf_link of the program. */
int owner_error(int err, const struct device *dev)
{
	bool hidden = err == -EPERM || err == -EACCES || err == -EBUSY;

	return say_error(
		err, "%s: looking up or removing its XDP program: %s%s",
		dev->name, strerror(-err),
		hidden ? "\n  root can look it up: bpftool net; bpftool link"
		       : "");
}

int owner_check_above(const struct device *dev)
{
	for (__u32 i = 0; i < dev->links.n; i++) {
		const struct link *link = &dev->links.list[i];
		struct owner owner;

		if (links_is_upper(&dev->links, dev->index, link) &&
		    !owner_find(link->index, &owner) && owner.prog_id)
			return say_error(
				-EEXIST,
				"%s: %s, which is above this device, has an XDP program: %s, id %u; so the kernel accepts none here\n"
				"  remove that program first, or bind %s",
				dev->name, link->name, owner.name,
				owner.prog_id, link->name);
	}
	return 0;
}

int owner_check_none(const struct device *dev)
{
	struct owner owner;
	int err = owner_find(dev->index, &owner);

	if (err)
		return owner_error(err, dev);
	return owner.prog_id ? print_owner(dev, &owner)
			     : owner_check_above(dev);
}

int owner_replace(const struct device *dev)
{
	struct owner owner;
	int err = owner_check_above(dev);

	if (err)
		return err;
	err = owner_find(dev->index, &owner);
	if (!err && owner.links > 1)
		return print_owner(dev, &owner);
	if (!err && owner.prog_id)
		err = evict(dev, &owner);
	return err ? owner_error(err, dev) : 0;
}
