/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a device says of itself before anything is attached to it: modes of XDP,
 * queues in use, and offloads that change packets on their way to XDP.
 */
#ifndef FEATURES_H
#define FEATURES_H

#include <stdbool.h>
#include <linux/types.h>

struct device;

struct features {
	bool known; /* the rest: Linux 6.3 reports it */
	bool native;
	bool native_redirect;
	bool zero_copy; /* the driver has it, not for every MTU */
};

/* features_read - ask for the modes of XDP */
void features_read(const struct device *dev, struct features *features);

/*
 * features_queues - count the queues in use
 *
 * Kernel 6.8 tells them of a device that is up. Return false if it does not.
 */
bool features_queues(int ifindex, __u32 *rx, __u32 *tx);

/* features_cuts_vlan - return true if VLAN tags are cut off on receipt */
bool features_cuts_vlan(const struct device *dev);

/* features_gathers - return true if packets are joined on receipt: GRO, LRO */
bool features_gathers(const struct device *dev);

#endif /* FEATURES_H */
