/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A network device, as the kernel describes it.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <linux/types.h>

struct device {
	int fd; /* polls readable when there is news of devices */
	int index;
	char name[IFNAMSIZ];
	char driver[32];
	bool is_hardware; /* on a bus, so it has interrupts */
	bool is_up;
	bool has_carrier; /* and the other end is up, too */
	__u8 mac[6];	  /* of Ethernet; zeros if it has none */
	__u32 mtu;	  /* bytes after the Ethernet header */
	__u32 queues;	  /* RX queues in use */
	__u32 tx_queues;
};

/*
 * device_open - find a device by its name, and follow it from now on
 *
 * Return 0, or a negative errno after printing the reason. For -ENODEV the
 * message names the devices that exist. Call device_close() if this returned 0.
 * See rtnetlink(7).
 */
int device_open(struct device *dev, const char *name);
void device_close(struct device *dev);

/*
 * device_check - check that a socket on that queue can work
 * @force: accept a device that carries the default route
 *
 * Return 0, or a negative errno after printing the obstacle.
 */
int device_check(const struct device *dev, __u32 queue, bool force);

/*
 * device_frame_size - the UMEM frame size that takes the device's packets
 *
 * MTU, Ethernet header, two VLAN tags, and the headroom that XDP keeps before
 * each packet have to fit. Return 2,048, 4,096 (a frame is at most a page), or
 * 0 if the packets are larger. To keep the lesson small, no packet is spread
 * over several frames.
 */
__u32 device_frame_size(const struct device *dev);

/* device_largest_mtu - return the largest MTU whose packets fit into a frame */
__u32 device_largest_mtu(__u32 frame_size);

/*
 * device_ignores_native - return true if the driver never runs its XDP program
 *
 * virtio_net accepts a program and ignores it if the host sends it large
 * packets but no mergeable buffers (QEMU: mrg_rxbuf=off). Return false if sysfs
 * does not tell.
 */
bool device_ignores_native(const struct device *dev);

/*
 * device_update - handle news: bring name, state and MTU up to date
 *
 * Return 0, or a negative errno if the device is gone: -ENODEV if it was
 * removed or moved to another network namespace.
 */
int device_update(struct device *dev);

/*
 * device_ethtool - run a command of the ethtool ioctl
 * @command: one of the structs of linux/ethtool.h
 *
 * Return 0 or a negative errno. Commands that only read need no rights.
 */
int device_ethtool(const struct device *dev, void *command);

#endif /* DEVICE_H */
