// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/attach.h"
#include "common/device.h"
#include "common/features.h"
#include "common/libraries.h"
#include "common/owner.h"
#include "common/say.h"
#include "common/xdp_prog.h"

/* Return false if the driver reports that its native XDP cannot redirect. */
static bool can_redirect(const struct device *dev)
{
	struct features features;

	features_read(dev, &features);
	return !features.known || !features.native || features.native_redirect;
}

static int say_no_redirect(enum attach_mode mode, const struct device *dev)
{
	if (mode == ATTACH_NATIVE)
		return say_error(
			-EOPNOTSUPP,
			"%s: the native XDP of driver %s cannot redirect packets to a socket\n"
			"  use --skb-mode, which works with every driver",
			dev->name, dev->driver);
	say("%s: the native XDP of driver %s cannot redirect packets to a socket: SKB mode",
	    dev->name, dev->driver);
	return 0;
}

static int say_ports(enum attach_mode mode, const struct device *dev,
		     const char *ports)
{
	const char *names = *ports ? ports + 1 : "none yet";

	if (mode == ATTACH_NATIVE)
		return say_error(
			-EOPNOTSUPP,
			"%s: native XDP would run on its ports (%s), and their packets cannot go to a socket of %s\n"
			"  bind a port instead, or use --skb-mode",
			dev->name, names, dev->name);
	say("%s: native XDP would run on its ports (%s), and their packets cannot go to a socket of %s: SKB mode",
	    dev->name, names, dev->name);
	return 0;
}

int attach_choose_mode(enum attach_mode *mode, const struct device *dev)
{
	char ports[256] = "";
	int err;

	if (*mode == ATTACH_SKB)
		return 0;
	if (!device_runs_native(dev, ports, sizeof(ports)))
		err = say_ports(*mode, dev, ports);
	else if (!can_redirect(dev))
		err = say_no_redirect(*mode, dev);
	else
		return 0;
	*mode = ATTACH_SKB;
	return err;
}

/*
 * Open the file in /proc that describes the bpf_link. The file can be read even
 * in the sandbox, which does not allow bpf(BPF_OBJ_GET_INFO_BY_FD).
 */
static void open_info(struct xdp_prog *prog)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", prog->link_fd);
	prog->info_fd = open(path, O_RDONLY | O_CLOEXEC);
}

static int attach_link(struct xdp_prog *prog, const struct device *dev,
		       bool native)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts,
		    .flags = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
	int fd = bpf_link_create(prog->fd, dev->index, BPF_XDP, &opts);

	if (fd < 0)
		return fd;
	prog->link_fd = fd;
	open_info(prog);
	prog->mode_name = native ? "native" : "SKB";
	prog->is_native = native;
	return 0;
}

/*
 * Print the driver's reason for refusing the program. BPF_LINK_CREATE returns
 * only an errno, but netlink also returns the driver's message, and libbpf
 * prints the message. So try to attach the program by netlink. If that
 * succeeds, detach the program at once and return false, because the kernel
 * accepts the program, but not the bpf_link.
 */
static bool say_driver_reason(const struct xdp_prog *prog,
			      const struct device *dev, bool native)
{
	__u32 flags = (native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE) |
		      XDP_FLAGS_UPDATE_IF_NOEXIST;
	libbpf_print_fn_t before = libraries_warn();
	bool works = !bpf_xdp_attach(dev->index, prog->fd, flags, NULL);

	if (works)
		bpf_xdp_detach(dev->index, flags, NULL);
	libbpf_set_print(before);
	return !works;
}

static bool is_mtu_refusal(int err, const struct device *dev)
{
	return dev->mtu > NATIVE_MTU_USUAL &&
	       (err == -ERANGE || err == -EINVAL);
}

/*
 * Return true if the driver is known to support native XDP. Kernels before
 * Linux 6.3 do not report this.
 */
static bool has_native(const struct device *dev)
{
	struct features features;

	features_read(dev, &features);
	return features.known && features.native;
}

static int say_native_error(int err, const struct device *dev)
{
	if (err == -EOPNOTSUPP && has_native(dev))
		return say_error(
			err,
			"%s: driver %s has native XDP, but not as the device is set up now\n"
			"  the driver's reason, if it gives one, is above; --skb-mode works with every driver",
			dev->name, dev->driver);
	if (err == -EOPNOTSUPP)
		return say_error(
			err,
			"%s: driver %s has no native XDP\n"
			"  use --skb-mode, which works with every driver",
			dev->name, dev->driver);
	if (is_mtu_refusal(err, dev))
		return say_error(
			err,
			"%s: MTU %u is too large for native XDP\n"
			"  ip link set dev %s mtu %d, at both ends of a veth pair; some drivers need a smaller MTU",
			dev->name, dev->mtu, dev->name, NATIVE_MTU_USUAL);
	return say_error(err,
			 "%s: attaching in native mode: %s\n"
			 "  the driver's reason, if it gives one, is above",
			 dev->name, strerror(-err));
}

static int say_skb_error(int err, const struct device *dev)
{
	return say_error(err,
			 "%s: attaching in SKB mode: %s\n"
			 "  the kernel's reason, if it gives one, is above",
			 dev->name, strerror(-err));
}

static void say_fallback(int err, const struct device *dev)
{
	char mtu[64] = "";

	if (is_mtu_refusal(err, dev))
		say_append(mtu, sizeof(mtu),
			   "; native XDP needs an MTU of at most %d",
			   NATIVE_MTU_USUAL);
	say("%s: driver %s refuses native XDP (%s): SKB mode, which is slower%s",
	    dev->name, dev->driver, strerror(-err), mtu);
}

/*
 * Return true if the driver, not the kernel, refused the program. SKB mode may
 * then work.
 */
static bool is_driver_refusal(int err)
{
	return err != -EPERM && err != -ENODEV && err != -EBUSY &&
	       err != -EEXIST;
}

/* For --xsks-map, find the XDP program that is already attached. */
static int borrow_program(struct xdp_prog *prog, const struct device *dev)
{
	struct owner owner;
	int err = owner_find(dev->index, &owner);

	if (err)
		return owner_error(err, dev);
	if (!owner.prog_id)
		return say_error(
			-ENOENT,
			"%s: no XDP program is attached, and --xsks-map attaches none\n"
			"  attach the program that uses the map: xdp-loader load, or bpftool net attach xdp",
			dev->name);
	prog->id = owner.prog_id;
	snprintf(prog->name, sizeof(prog->name), "%s", owner.name);
	prog->is_native = owner.mode != XDP_FLAGS_SKB_MODE;
	prog->mode_name = prog->is_native ? "native" : "SKB";
	return 0;
}

/*
 * Return true if the driver may give a reason for its refusal. A driver without
 * native XDP gives no reason.
 */
static bool has_reason(int err, const struct device *dev)
{
	return err != -EOPNOTSUPP || has_native(dev);
}

static int say_no_link(const struct device *dev)
{
	return say_error(
		-EINVAL,
		"%s: the kernel is older than Linux 5.9, and has no bpf_link for XDP\n"
		"  boot a newer kernel",
		dev->name);
}

static int attach_own(struct xdp_prog *prog, const struct device *dev,
		      enum attach_mode mode, bool force)
{
	bool native = mode != ATTACH_SKB;
	int err = force ? owner_replace(dev) : owner_check_none(dev);

	if (err)
		return err;
	if (native && device_ignores_native(dev)) {
		say("%s: driver %s would not run the XDP program, because the host gives the device no mergeable buffers (mrg_rxbuf=off)",
		    dev->name, dev->driver);
		err = -EOPNOTSUPP;
	} else {
		err = attach_link(prog, dev, native);
		if (err && has_reason(err, dev) &&
		    !say_driver_reason(prog, dev, native) && err == -EINVAL)
			return say_no_link(dev);
	}
	if (err && mode == ATTACH_AUTO && is_driver_refusal(err)) {
		say_fallback(err, dev);
		native = false;
		err = attach_link(prog, dev, native);
	}
	if (err)
		return native ? say_native_error(err, dev)
			      : say_skb_error(err, dev);
	return 0;
}

int attach_program(struct xdp_prog *prog, const struct device *dev,
		   enum attach_mode mode, bool force)
{
	return prog->object ? attach_own(prog, dev, mode, force)
			    : borrow_program(prog, dev);
}

bool attach_is_intact(const struct xdp_prog *prog)
{
	char text[512] = "";

	return prog->info_fd < 0 ||
	       pread(prog->info_fd, text, sizeof(text) - 1, 0) <= 0 ||
	       !strstr(text, "ifindex:\t0\n");
}

void attach_undo(struct xdp_prog *prog)
{
	if (!prog->mode_name)
		return;
	close(prog->info_fd);
	close(prog->link_fd);
	prog->info_fd = prog->link_fd = -1;
	prog->mode_name = NULL;
}
