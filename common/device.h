/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Read the properties of a network device, and follow its changes.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <linux/types.h>

#include "common/links.h"

struct device {
	int fd; /* netlink socket, readable when a device has changed */
	int index;
	char name[IFNAMSIZ];
	char kind[16]; /* kind of device, such as "bond"; often empty */
	char driver[32];
	char bus[32];	     /* bus address, such as "0000:00:02.0", or empty */
	__u16 type;	     /* link type: ARPHRD_... */
	bool is_hardware;    /* true if the device is on a bus */
	bool is_promiscuous; /* true if the user set promiscuous mode */
	bool is_up;
	bool has_carrier; /* true if the device is up, and has a carrier */
	bool lacks_xdp;	  /* true if netlink last reported no XDP program */
	__u8 mac[6];	  /* MAC address, or zeros if there is none */
	__u32 mtu;	  /* bytes that may follow the Ethernet header */
	__u32 queues;	  /* RX queues in use */
	__u32 tx_queues;
	bool has_channels; /* true if ethtool -L can set the number of queues */
	bool is_above;	   /* the device below is in this network namespace */
	bool is_apart;	  /* the device below is in another network namespace */
	bool is_l3s;	  /* true if it is an ipvlan in mode L3S */
	bool forwards;	  /* true if IPv6 packets that arrive are forwarded */
	__u32 sockets;	  /* AF_XDP sockets that this process opens */
	bool shares_umem; /* true if all these sockets share one UMEM */
	struct links links; /* all devices of this namespace */
};

/*
 * device_open - find a device by its name, and subscribe to its changes
 *
 * Return 0, or a negative errno after printing the reason. For -ENODEV the
 * message names the devices that exist. Call device_close() if the result is 0.
 * See rtnetlink(7).
 */
int device_open(struct device *dev, const char *name);
void device_close(struct device *dev);

/*
 * device_check - check that a socket on RX queue @queue can work
 * @force: accept lo, a VRF, an ipvlan in mode L3S, and a device that carries
 * 	the default route
 *
 * Return 0, or a negative errno after printing the reason.
 */
int device_check(const struct device *dev, __u32 queue, bool force);

/*
 * device_runs_native - return false if native XDP would run on the device's
 * ports, not on the device itself
 *
 * A bond attaches the program to its ports. Packets then belong to a port, and
 * cannot go to a socket of the bond. For a bond, and for a device of an unknown
 * kind that has ports, append the ports' names to @ports and return false. For
 * all other devices return true, even if the driver has no native XDP.
 */
bool device_runs_native(const struct device *dev, char *ports, size_t size);

/*
 * device_frame_size - return the UMEM frame size that fits the device's packets
 *
 * A frame holds the headroom that XDP keeps before each packet, the Ethernet
 * header, two VLAN tags and as many bytes as the MTU. Return 2,048 or 4,096. If
 * the packets need more, return 0, because a frame is at most a page. To keep
 * the code small, af_xdp_user does not spread a packet over several frames.
 * lessons/jumbo.c does.
 */
__u32 device_frame_size(const struct device *dev);

/* device_largest_mtu - return the largest MTU whose packets fit into a frame */
__u32 device_largest_mtu(__u32 frame_size);

/*
 * device_ignores_native - return true if the driver never runs its XDP program
 *
 * virtio_net accepts a program but never runs it if the host sends large
 * packets without mergeable buffers (QEMU: mrg_rxbuf=off). Return false if
 * sysfs does not show the driver's features. This function looks for the
 * device's bus address in sysfs, so it works in every network namespace.
 */
bool device_ignores_native(const struct device *dev);

/*
 * device_report_change - handle the kernel's messages about devices: update
 * name, state, MTU, MAC address, lacks_xdp and links
 * @socket_fd: a socket on the device
 * @when_down: the effect on packets, such as "no packets", for the message that
 * 	this function prints when the device goes down
 *
 * Print a message if the device goes down or up. Return 0, or -ENODEV after
 * printing that the device is gone, because it was removed or moved to another
 * network namespace. Even a device that has returned counts as gone, because
 * the kernel has unbound the socket permanently.
 */
int device_report_change(struct device *dev, int socket_fd,
			 const char *when_down);

/*
 * device_ethtool - run a command of the ethtool ioctl
 * @command: one of the structs of linux/ethtool.h
 *
 * Return 0 or a negative errno. The commands that we use only read, and need no
 * rights.
 */
int device_ethtool(const struct device *dev, void *command);

#endif /* DEVICE_H */
