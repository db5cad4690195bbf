/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ask the kernel for properties of a device: the XDP modes of its driver, the
 * queues that it uses, and offloads that change packets before XDP sees them.
 */
#ifndef FEATURES_H
#define FEATURES_H

#include <stdbool.h>
#include <linux/types.h>

struct device;

struct features {
	bool known; /* true if the kernel reports the modes (since Linux 6.3) */
	bool native;
	bool native_redirect;
	bool zero_copy; /* supported, but perhaps not with every MTU */
	__u32 segments; /* maximum number of frames per zero-copy packet */
};

/* features_read - ask the kernel which modes of XDP the driver supports */
void features_read(const struct device *dev, struct features *features);

/*
 * features_queues - count the queues that a device uses
 *
 * Since Linux 6.8 the kernel reports the queues of a device that is up. Return
 * false if the kernel reports no RX queues.
 */
bool features_queues(int ifindex, __u32 *rx, __u32 *tx);

/* features_cuts_vlan - return true if the device cuts VLAN tags off */
bool features_cuts_vlan(const struct device *dev);

/*
 * features_is_past_vlan - return true if the kernel removes VLAN tags before
 * the device gets a packet
 *
 * It does so for a bridge, bond or macvlan, even if VLAN offload is off.
 */
bool features_is_past_vlan(const struct device *dev);

/*
 * features_vlan_peer - return a line that names the command for the other end
 *
 * On veth, the sender's offload (txvlan) also removes tags, but
 * features_cuts_vlan() reads only this device's offload (rxvlan). The line
 * begins with a newline. For other devices it is empty.
 */
const char *features_vlan_peer(const struct device *dev);

/* features_gathers - return true if GRO or LRO joins received packets */
bool features_gathers(const struct device *dev);

#endif /* FEATURES_H */
