// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <glob.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/device.h"
#include "common/say.h"

/* Call an ioctl; a socket of any family will do, see netdevice(7). */
static int device_ioctl(const struct device *dev, unsigned long request,
			struct ifreq *ifr)
{
	memcpy(ifr->ifr_name, dev->name, sizeof(ifr->ifr_name));
	return ioctl(dev->fd, request, ifr) ? -errno : 0;
}

int device_ethtool(const struct device *dev, void *command)
{
	struct ifreq ifr = { .ifr_data = command };

	return device_ioctl(dev, SIOCETHTOOL, &ifr);
}

/* Count queues in sysfs, for drivers that do not know ETHTOOL_GCHANNELS. */
static __u32 queues_in_sysfs(const struct device *dev, const char *kind)
{
	char pattern[64];
	glob_t queues;
	__u32 count = 1;

	snprintf(pattern, sizeof(pattern), "/sys/class/net/%s/queues/%s-*",
		 dev->name, kind);
	if (!glob(pattern, GLOB_NOSORT, NULL, &queues)) {
		count = (__u32)queues.gl_pathc;
		globfree(&queues);
	}
	return count;
}

static void count_queues(struct device *dev)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	if (device_ethtool(dev, &channels) ||
	    !(channels.rx_count + channels.combined_count)) {
		dev->queues = queues_in_sysfs(dev, "rx");
		dev->tx_queues = queues_in_sysfs(dev, "tx");
		return;
	}
	dev->queues = channels.rx_count + channels.combined_count;
	dev->tx_queues = channels.tx_count + channels.combined_count;
}

static void read_driver(struct device *dev)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	if (device_ethtool(dev, &info) || !info.driver[0])
		strcpy(info.driver, "unknown driver");
	memcpy(dev->driver, info.driver, sizeof(dev->driver));
	dev->driver[sizeof(dev->driver) - 1] = '\0';
	dev->is_hardware = info.bus_info[0];
}

static int read_state(struct device *dev)
{
	struct ifreq ifr = { 0 };
	int err;

	err = device_ioctl(dev, SIOCGIFFLAGS, &ifr);
	if (err)
		return err;
	dev->is_up = ifr.ifr_flags & IFF_UP;
	dev->has_carrier = ifr.ifr_flags & IFF_RUNNING;

	err = device_ioctl(dev, SIOCGIFMTU, &ifr);
	if (err)
		return err;
	dev->mtu = (__u32)ifr.ifr_mtu;

	err = device_ioctl(dev, SIOCGIFHWADDR, &ifr);
	if (err)
		return err;
	memcpy(dev->mac, ifr.ifr_hwaddr.sa_data, sizeof(dev->mac));
	return 0;
}

/*
 * Read the name, and everything that is asked by name. The device may be
 * renamed between the two calls.
 */
static int read_by_index(struct device *dev)
{
	struct ifreq ifr = { .ifr_ifindex = dev->index };
	int err;

	do {
		if (ioctl(dev->fd, SIOCGIFNAME, &ifr))
			return -ENODEV;
		memcpy(dev->name, ifr.ifr_name, sizeof(dev->name));
		err = read_state(dev);
	} while (err == -ENODEV);
	return err;
}

static int say_no_device(const char *name)
{
	struct if_nameindex *list = if_nameindex();
	char names[256] = "";

	for (struct if_nameindex *i = list; i && i->if_index; i++)
		say_append(names, sizeof(names), " %s", i->if_name);
	if (list)
		if_freenameindex(list);
	return say_error(-ENODEV,
			 "%s: no such device in this network namespace\n"
			 "  there are:%s",
			 name, names);
}

static int look_up(struct device *dev, const char *name)
{
	struct ifreq ifr = { 0 };

	if (strlen(name) >= sizeof(dev->name))
		return -ENODEV;
	strcpy(dev->name, name);
	if (device_ioctl(dev, SIOCGIFINDEX, &ifr))
		return -ENODEV;
	dev->index = ifr.ifr_ifindex;
	/*
	 * An alias may have found it (NAME:LABEL, altname): use its own name
	 * now.
	 */
	return read_by_index(dev);
}

static int open_netlink(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int device_open(struct device *dev, const char *name)
{
	int err;

	/* Before the first query, so that no change is missed. */
	*dev = (struct device){ .fd = open_netlink() };
	if (dev->fd < 0)
		return say_error(dev->fd, "netlink: %s", strerror(-dev->fd));

	err = look_up(dev, name);
	if (err) {
		device_close(dev);
		return say_no_device(name);
	}
	count_queues(dev);
	read_driver(dev);
	return 0;
}

void device_close(struct device *dev)
{
	close(dev->fd);
	dev->fd = -1;
}

/*
 * Return true if a table of routes has a default route through the device. The
 * format has the places of device, mask and flags in a line: see proc(5).
 */
static bool has_default_route(const char *table, const char *format,
			      const char *name)
{
	char line[256], device[IFNAMSIZ];
	unsigned int mask, flags;
	bool found = false;
	FILE *f = fopen(table, "re");

	if (!f)
		return false;
	/* If there is no route, IPv6 has one that rejects, through lo. */
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, format, device, &mask, &flags) == 3 &&
			!mask && !(flags & RTF_REJECT) && !strcmp(device, name);
	fclose(f);
	return found;
}

static bool carries_default_route(const struct device *dev)
{
	return has_default_route("/proc/self/net/route",
				 "%1$15s 00000000 %*s %3$x %*s %*s %*s %2$x",
				 dev->name) ||
	       has_default_route("/proc/self/net/ipv6_route",
				 "00000000000000000000000000000000 %2$x "
				 "%*s %*s %*s %*s %*s %*s %3$x %1$15s",
				 dev->name);
}

/*
 * Check the features that driver and host have agreed on. sysfs shows them as a
 * character for each bit. If the host sends large packets (GUEST_TSO4, _TSO6,
 * _ECN or _UFO, bits 7 to 10) without mergeable buffers (bit 15), the driver
 * receives into chains of pages, and does not run XDP there.
 */
bool device_ignores_native(const struct device *dev)
{
	char features[64] = "", path[64];
	FILE *f;

	if (strcmp(dev->driver, "virtio_net"))
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device/features",
		 dev->name);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(features, sizeof(features), f))
		features[0] = '\0';
	fclose(f);
	return features[0] && memchr(features + 7, '1', 4) &&
	       features[15] == '0';
}

__u32 device_largest_mtu(__u32 frame_size)
{
	return frame_size - XDP_PACKET_HEADROOM - ETH_HLEN - 2 * 4;
}

__u32 device_frame_size(const struct device *dev)
{
	/*
	 * igb receives in units of 1,024 bytes, and loses half a frame to that.
	 */
	bool coarse = !strcmp(dev->driver, "igb");

	/*
	 * Zero-copy drivers need room for the checksum after the packet, too.
	 */
	if (dev->mtu + ETH_FCS_LEN <= device_largest_mtu(2048) && !coarse)
		return 2048;
	return dev->mtu <= device_largest_mtu(4096) ? 4096 : 0;
}

int device_check(const struct device *dev, __u32 queue, bool force)
{
	if (!dev->is_up)
		return say_error(-ENETDOWN,
				 "%s: the device is down\n"
				 "  ip link set dev %s up",
				 dev->name, dev->name);
	if (queue >= dev->queues)
		return say_error(
			-EINVAL,
			"%s: no RX queue %u: it has %u, counted from 0\n"
			"  see ethtool -l %s",
			dev->name, queue, dev->queues, dev->name);
	/*
	 * The kernel binds all the same, and then sends nothing:
	 * xsk_generic_xmit().
	 */
	if (queue >= dev->tx_queues)
		return say_error(
			-EINVAL,
			"%s: RX queue %u has no TX queue of that number: it has %u, and no answer could leave\n"
			"  see ethtool -l %s",
			dev->name, queue, dev->tx_queues, dev->name);
	if (!force && carries_default_route(dev))
		return say_error(
			-EPERM,
			"%s: carries the default route, and its packets would not reach this machine any more\n"
			"  --force takes it all the same",
			dev->name);
	return 0;
}

int device_update(struct device *dev)
{
	char news[4096];

	/*
	 * Ignore the content of the messages: they may concern other devices,
	 * and some may be lost. Ask the kernel instead.
	 */
	while (recv(dev->fd, news, sizeof(news), MSG_TRUNC) > 0 ||
	       errno == ENOBUFS)
		;
	return read_by_index(dev);
}
