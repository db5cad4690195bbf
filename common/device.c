// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net/if.h> /* include it before linux/if_arp.h */

#include <errno.h>
#include <glob.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/device.h"
#include "common/features.h"
#include "common/netlink.h"
#include "common/routes.h"
#include "common/say.h"
#include "common/xsk_option.h"

/*
 * Call an ioctl for devices. Such ioctls accept a socket of any family, so use
 * the netlink socket: see netdevice(7).
 */
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

/*
 * Count the queues of a driver without ETHTOOL_GCHANNELS. rtnetlink reports the
 * number of allocated queues. A device with several queues may use only some of
 * them (for example, a multi-queue tap), so ask features_queues() for the
 * queues in use.
 */
static void count_allocated(struct device *dev, const struct link *link)
{
	dev->queues = link ? link->rx_queues : 1;
	dev->tx_queues = link ? link->tx_queues : 1;
	if (dev->queues + dev->tx_queues > 2)
		features_queues(dev->index, &dev->queues, &dev->tx_queues);
}

static void count_queues(struct device *dev, const struct link *link)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	if (device_ethtool(dev, &channels) ||
	    !(channels.rx_count + channels.combined_count)) {
		count_allocated(dev, link);
		return;
	}
	dev->queues = channels.rx_count + channels.combined_count;
	dev->tx_queues = channels.tx_count + channels.combined_count;
	/*
	 * tun reports queues as channels, but ethtool cannot set their number,
	 * because the program that opened the device makes the queues.
	 */
	dev->has_channels = strcmp(dev->kind, "tun") != 0;
}

static void read_driver(struct device *dev)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	if (device_ethtool(dev, &info) || !info.driver[0])
		strcpy(info.driver, "unknown");
	memcpy(dev->driver, info.driver, sizeof(dev->driver));
	dev->driver[sizeof(dev->driver) - 1] = '\0';
	snprintf(dev->bus, sizeof(dev->bus), "%s", info.bus_info);
	dev->is_hardware = dev->bus[0];
}

/* Read the properties that the program does not read again later. */
static int read_nature(struct device *dev)
{
	const struct link *link;
	int err = links_read(&dev->links);

	link = links_find(&dev->links, dev->index);
	if (link) {
		dev->type = link->type;
		memcpy(dev->kind, link->kind, sizeof(dev->kind));
		dev->is_above = link->is_above;
		dev->is_apart = link->is_apart;
		dev->is_l3s = link->is_l3s;
		dev->forwards = link->forwards;
	}
	count_queues(dev, link);
	read_driver(dev);
	if (err)
		return say_error(err, "%s: netlink: %s", dev->name,
				 strerror(-err));
	return 0;
}

/*
 * A dormant device, which waits for 802.1X authentication, has a carrier and
 * receives packets, although IFF_RUNNING is not set. So also ask the driver for
 * the state of the link.
 */
static bool has_carrier(const struct device *dev, short flags)
{
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };

	return flags & IFF_RUNNING ||
	       (flags & IFF_UP && !device_ethtool(dev, &link) && link.data);
}

static int read_state(struct device *dev)
{
	struct ifreq ifr = { 0 };
	int err;

	err = device_ioctl(dev, SIOCGIFFLAGS, &ifr);
	if (err)
		return err;
	dev->is_up = ifr.ifr_flags & IFF_UP;
	dev->is_promiscuous = ifr.ifr_flags & IFF_PROMISC;
	dev->has_carrier = has_carrier(dev, ifr.ifr_flags);

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
 * Read the device's name, and then its state, which the kernel looks up by this
 * name. If the device was renamed between the two steps, start again.
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
			 "  existing devices:%s",
			 name, names);
}

static int look_up(struct device *dev, const char *name)
{
	struct ifreq ifr = { 0 };

	if (strlen(name) >= sizeof(dev->name)) {
		dev->index = links_index(name);
	} else {
		strcpy(dev->name, name);
		if (device_ioctl(dev, SIOCGIFINDEX, &ifr))
			return -ENODEV;
		dev->index = ifr.ifr_ifindex;
	}
	/*
	 * The given name may be an alias (NAME:LABEL, altname). From now on,
	 * use the device's own name.
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

	/*
	 * Subscribe to changes before the first query, so that no change is
	 * missed.
	 */
	*dev = (struct device){ .fd = open_netlink() };
	if (dev->fd < 0)
		return say_error(dev->fd, "netlink: %s", strerror(-dev->fd));

	err = look_up(dev, name);
	if (err) {
		device_close(dev);
		return say_no_device(name);
	}
	err = read_nature(dev);
	if (err)
		device_close(dev);
	return err;
}

void device_close(struct device *dev)
{
	links_free(&dev->links);
	close(dev->fd);
	dev->fd = -1;
}

/*
 * Check the features that driver and host have agreed on. sysfs shows each
 * feature bit as one character. If the host sends large packets (GUEST_TSO4,
 * _TSO6, _ECN or _UFO, bits 7 to 10) without mergeable buffers (bit 15), the
 * driver receives into chains of pages, and does not run XDP.
 */
bool device_ignores_native(const struct device *dev)
{
	char features[64] = "", pattern[96];
	glob_t found;
	FILE *f;

	if (strcmp(dev->driver, "virtio_net") || !dev->bus[0])
		return false;
	snprintf(pattern, sizeof(pattern),
		 "/sys/bus/*/devices/%s/virtio*/features", dev->bus);
	if (glob(pattern, 0, NULL, &found))
		return false;
	f = fopen(found.gl_pathv[0], "re");
	globfree(&found);
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
	 * igb receives into buffers whose size is a multiple of 1,024 bytes. A
	 * frame of 2,048 bytes has 1,792 bytes after the headroom, so igb would
	 * use only 1,024 of them.
	 */
	bool coarse = !strcmp(dev->driver, "igb");

	/*
	 * Zero-copy drivers also need room for the Ethernet checksum after the
	 * packet.
	 */
	if (dev->mtu + ETH_FCS_LEN <= device_largest_mtu(2048) && !coarse)
		return 2048;
	return dev->mtu <= device_largest_mtu(4096) ? 4096 : 0;
}

/*
 * Complete the advice "bind the Ethernet device": name the device below, or say
 * how to recognize it if it is not in this namespace.
 */
static void append_lower(const struct device *dev, char *text, size_t size)
{
	const struct link *lower = links_below(&dev->links, dev->index);

	if (lower)
		say_append(text, size, " below it: --dev=%s", lower->name);
	else
		say_append(text, size,
			   " by which its packets reach this machine");
}

static int check_link_type(const struct device *dev, bool force)
{
	char where[128] = "";

	if (dev->type == ARPHRD_LOOPBACK && !force)
		return say_error(
			-EPERM,
			"%s: this machine's own traffic goes through this device, so the socket would take that traffic, and would receive its own answers\n"
			"  testenv/testenv.sh setup makes a device to use instead; --force accepts lo anyway",
			dev->name);
	if ((!strcmp(dev->kind, "vrf") || dev->is_l3s) && !force)
		return say_error(
			-EPROTONOSUPPORT,
			"%s: the kernel runs no XDP program on %s, because packets reach such a device after XDP, in the IP layer\n"
			"  bind %s; --force accepts this device anyway",
			dev->name,
			dev->is_l3s ? "an ipvlan in mode L3S" : "a VRF",
			dev->is_l3s ? "the device below it" : "its ports");
	if (dev->type == ARPHRD_ETHER || dev->type == ARPHRD_LOOPBACK)
		return 0;
	append_lower(dev, where, sizeof(where));
	return say_error(
		-EPROTONOSUPPORT,
		"%s: its packets have no Ethernet header (link type %u, %s), and the program reads such a header first\n"
		"  bind the Ethernet device%s",
		dev->name, dev->type, links_type_name(dev->type), where);
}

static int check_routes(const struct device *dev)
{
	char above[64] = "";
	int route = routes_default(&dev->links, dev->index);

	if (route > 0 && route != dev->index)
		say_append(above, sizeof(above), " of %s, above it",
			   links_find(&dev->links, route)->name);
	if (route < 0)
		return say_error(route, "%s: looking for default routes: %s",
				 dev->name, strerror(-route));
	if (route)
		return say_error(
			-EPERM,
			"%s: carries the default route%s, and packets of this route would no longer reach this machine\n"
			"  --force accepts this device anyway",
			dev->name, above);
	return 0;
}

static int check_queue(const struct device *dev, __u32 queue)
{
	if (queue >= dev->queues)
		return say_error(-EINVAL,
				 "%s: no RX queue %u: the last queue is %u\n"
				 "  see ethtool -l %s",
				 dev->name, queue, dev->queues - 1, dev->name);
	/*
	 * The kernel would bind a socket to this queue, but would not send the
	 * socket's packets: see xsk_generic_xmit().
	 */
	if (queue >= dev->tx_queues)
		return say_error(
			-EINVAL,
			"%s: RX queue %u has no TX queue of the same number for its answers: the number of TX queues is %u\n"
			"  see ethtool -l %s",
			dev->name, queue, dev->tx_queues, dev->name);
	return 0;
}

int device_check(const struct device *dev, __u32 queue, bool force)
{
	int err;

	if (!dev->is_up)
		return say_error(-ENETDOWN,
				 "%s: the device is down\n"
				 "  ip link set dev %s up",
				 dev->name, dev->name);
	err = check_link_type(dev, force);
	if (!err)
		err = check_queue(dev, queue);
	if (!err && !force)
		err = check_routes(dev);
	return err;
}

bool device_runs_native(const struct device *dev, char *ports, size_t size)
{
	/*
	 * Devices of these kinds have ports, but do not attach the program to
	 * the ports. Treat them like other devices without native XDP.
	 */
	static const char *const without[] = {
		"bridge", "team", "vrf", "hsr", "openvswitch", "batadv"
	};

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (!strcmp(dev->kind, without[i]))
			return true;
	return !links_ports(&dev->links, dev->index, ports, size) &&
	       strcmp(dev->kind, "bond") != 0;
}

/*
 * Update the list of devices from a netlink message. If the message is about
 * our device, store whether the device has an XDP program.
 */
static void take_news(struct device *dev, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct attributes in = netlink_attributes(message, sizeof(*info));
	const __u8 *attached = netlink_find(netlink_nested(in, IFLA_XDP),
					    IFLA_XDP_ATTACHED, 1);

	links_update(&dev->links, message);
	if (message->nlmsg_type == RTM_NEWLINK && attached &&
	    info->ifi_index == dev->index)
		dev->lacks_xdp = *attached == XDP_ATTACHED_NONE;
}

static int update(struct device *dev)
{
	_Alignas(struct nlmsghdr) char news[4096];
	ssize_t n;

	/*
	 * Some messages may be lost, so ask the kernel for the device's state.
	 * The sandbox does not let us ask if the device has an XDP program,
	 * because a netlink socket that may send requests could also send
	 * commands.
	 */
	while ((n = recv(dev->fd, news, sizeof(news), MSG_TRUNC)) > 0 ||
	       errno == ENOBUFS) {
		if (n > 0 && (size_t)n <= sizeof(news) &&
		    NLMSG_OK((const struct nlmsghdr *)news, (size_t)n))
			take_news(dev, (const struct nlmsghdr *)news);
		errno = 0;
	}
	return read_by_index(dev);
}

int device_report_change(struct device *dev, int socket_fd,
			 const char *when_down)
{
	bool was_up = dev->is_up;

	if (update(dev) || xsk_option_is_unbound(socket_fd))
		return say_error(-ENODEV, "%s: the device is gone", dev->name);
	if (dev->is_up && !was_up)
		say("%s: the device is up again", dev->name);
	if (was_up && !dev->is_up)
		say("%s: the device is down: %s until it is up", dev->name,
		    when_down);
	return 0;
}
