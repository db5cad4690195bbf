/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Find the XDP program that is already attached to a device, and remove it. */
#ifndef OWNER_H
#define OWNER_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/types.h>

struct device;

/* The XDP program of a device, and the bpf_link that attaches the program. */
struct owner {
	__u32 prog_id; /* 0: no program is attached */
	__u32 link_id; /* 0: attached by netlink, for example by ip link */
	__u32 links; /* number of bpf_links found; if > 1, link_id is unknown */
	__u32 mode;  /* XDP_FLAGS_DRV_MODE, _SKB_MODE or _HW_MODE */
	char name[BPF_OBJ_NAME_LEN];
	bool hidden; /* link_id and name are unknown without CAP_SYS_ADMIN */
};

/* owner_find - look up a device's XDP program; return 0 or a negative errno */
int owner_find(int ifindex, struct owner *owner);

/*
 * owner_error - print that the XDP program could not be looked up or removed
 *
 * Return @err.
 */
int owner_error(int err, const struct device *dev);

/*
 * owner_check_above - check that no device directly above @dev has an XDP
 * program; see links_is_upper()
 *
 * If such a device has an XDP program, the kernel refuses a program on @dev
 * (since Linux 5.15; this function does not check the version). Return 0, or a
 * negative errno after printing the reason.
 */
int owner_check_above(const struct device *dev);

/*
 * owner_check_none - check that a device has no XDP program yet
 *
 * If the device has no program, also call owner_check_above(). Return 0, or a
 * negative errno after printing the reason. For -EBUSY the message shows the
 * attached program and how to remove it. Without CAP_SYS_ADMIN the message
 * shows only the program's id, and the commands by which root finds the rest.
 */
int owner_check_none(const struct device *dev);

/*
 * owner_replace - remove the device's XDP program, if there is one
 *
 * Return 0, or a negative errno after printing the reason.
 */
int owner_replace(const struct device *dev);

#endif /* OWNER_H */
