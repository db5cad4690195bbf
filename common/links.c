// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net/if.h> /* include it before linux/if_arp.h */

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "common/links.h"
#include "common/netlink.h"
#include "common/say.h"

#define ALTNAME_SIZE 128 /* ALTIFNAMSIZ of linux/if.h */

#define SPARE 64 /* room for devices that are created after links_read() */

#define DEPTH_MAX 8 /* the kernel's limit for a stack of devices */

struct reading {
	struct links *links;
	int err;
};

static void copy_string(char *to, size_t size, struct attributes in,
			unsigned int type)
{
	struct attributes text = netlink_nested(in, type);
	size_t n = text.size < size - 1 ? text.size : size - 1;

	if (text.first)
		memcpy(to, text.first, n);
}

/*
 * Return true for one end of a pair of devices. Each end reports the other end
 * as the device below it, but packets that one end receives have not passed
 * through the receive path of the other end.
 */
static bool is_pair(const struct link *link)
{
	return !strcmp(link->kind, "veth") || !strcmp(link->kind, "netkit") ||
	       !strcmp(link->kind, "vxcan");
}

/* The first entry of IFLA_INET6_CONF is the sysctl "forwarding". */
static bool forwards_ipv6(struct attributes in)
{
	struct attributes family =
		netlink_nested(netlink_nested(in, IFLA_AF_SPEC), AF_INET6);

	return netlink_number(family, IFLA_INET6_CONF);
}

static bool is_l3s(struct attributes info, const char *kind)
{
	const __u16 *mode = netlink_find(netlink_nested(info, IFLA_INFO_DATA),
					 IFLA_IPVLAN_MODE, sizeof(*mode));

	return (!strcmp(kind, "ipvlan") || !strcmp(kind, "ipvtap")) && mode &&
	       *mode == IPVLAN_MODE_L3S;
}

static struct link parse(const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	struct attributes in = netlink_attributes(message, sizeof(*info));
	struct link link = {
		.index = info->ifi_index,
		.type = info->ifi_type,
		.lower = (int)netlink_number(in, IFLA_LINK),
		.master = (int)netlink_number(in, IFLA_MASTER),
		.rx_queues = netlink_number(in, IFLA_NUM_RX_QUEUES),
		.tx_queues = netlink_number(in, IFLA_NUM_TX_QUEUES),
	};

	copy_string(link.name, sizeof(link.name), in, IFLA_IFNAME);
	copy_string(link.kind, sizeof(link.kind),
		    netlink_nested(in, IFLA_LINKINFO), IFLA_INFO_KIND);
	link.is_apart = link.lower && !is_pair(&link) &&
			netlink_find(in, IFLA_LINK_NETNSID, 4);
	link.is_above = link.lower && link.lower != link.index &&
			!link.is_apart && !is_pair(&link);
	link.is_l3s = is_l3s(netlink_nested(in, IFLA_LINKINFO), link.kind);
	link.forwards = forwards_ipv6(in);
	return link;
}

static int make_room(struct links *links, __u32 more)
{
	struct link *list =
		reallocarray(links->list, links->n + more, sizeof(*list));

	if (!list)
		return -ENOMEM;
	links->list = list;
	links->room = links->n + more;
	return 0;
}

static void add(const struct nlmsghdr *message, void *context)
{
	struct reading *reading = context;

	struct links *links = reading->links;

	if (message->nlmsg_type != RTM_NEWLINK || reading->err)
		return;
	if (links->n == links->room)
		reading->err = make_room(links, SPARE);
	if (!reading->err)
		links->list[links->n++] = parse(message);
}

int links_read(struct links *links)
{
	const struct ifinfomsg all = { 0 };
	struct reading reading = { .links = links };
	int err;

	*links = (struct links){ 0 };
	err = netlink_list(NETLINK_ROUTE, RTM_GETLINK, &all, sizeof(all), add,
			   &reading);
	if (!err)
		err = reading.err;
	return err ? err : make_room(links, SPARE);
}

static void remove_link(struct links *links, int index)
{
	for (__u32 i = 0; i < links->n; i++)
		if (links->list[i].index == index)
			links->list[i] = links->list[--links->n];
}

/*
 * Ignore a bridge's messages about its ports (AF_BRIDGE), because such messages
 * lack most attributes.
 */
void links_update(struct links *links, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);

	if ((message->nlmsg_type != RTM_NEWLINK &&
	     message->nlmsg_type != RTM_DELLINK) ||
	    info->ifi_family != AF_UNSPEC)
		return;
	remove_link(links, info->ifi_index);
	if (message->nlmsg_type == RTM_NEWLINK && links->n < links->room)
		links->list[links->n++] = parse(message);
}

static void take_index(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);

	if (message->nlmsg_type == RTM_NEWLINK)
		*(int *)context = info->ifi_index;
}

/*
 * Use netlink, because the ioctls of netdevice(7) have no room for a long
 * altname.
 */
int links_index(const char *altname)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct nlattr attribute;
		char name[ALTNAME_SIZE];
	} request = {
		.header = { .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST },
		.attribute = { .nla_type = IFLA_ALT_IFNAME },
	};
	size_t size = strlen(altname) + 1;
	int index = -ENODEV;

	if (size > sizeof(request.name))
		return -ENODEV;
	memcpy(request.name, altname, size);
	request.attribute.nla_len = (__u16)(NLA_HDRLEN + size);
	request.header.nlmsg_len =
		(__u32)(offsetof(typeof(request), name) + NLA_ALIGN(size));
	netlink_ask(NETLINK_ROUTE, &request.header, take_index, &index);
	return index;
}

void links_free(struct links *links)
{
	free(links->list);
	*links = (struct links){ 0 };
}

const struct link *links_find(const struct links *links, int index)
{
	for (__u32 i = 0; i < links->n; i++)
		if (links->list[i].index == index)
			return &links->list[i];
	return NULL;
}

__u32 links_ports(const struct links *links, int index, char *names,
		  size_t size)
{
	__u32 n = 0;

	for (__u32 i = 0; i < links->n; i++) {
		if (links->list[i].master != index)
			continue;
		say_append(names, size, " %s", links->list[i].name);
		n++;
	}
	return n;
}

__u32 links_above(const struct links *links, int index, char *names,
		  size_t size)
{
	const struct link *link = links_find(links, index);
	int master = link ? link->master : 0;
	__u32 n = 0;

	for (__u32 i = 0; i < links->n; i++) {
		link = &links->list[i];
		if (link->index != master &&
		    !(link->is_above && link->lower == index))
			continue;
		say_append(names, size, " %s", link->name);
		n++;
	}
	return n;
}

bool links_is_upper(const struct links *links, int index,
		    const struct link *link)
{
	static const char *const kinds[] = { "vlan",   "macvlan", "macvtap",
					     "ipvlan", "ipvtap",  "macsec" };
	const struct link *below = links_find(links, index);

	if (below && below->master == link->index)
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(link->kind, kinds[i]))
			return link->is_above && link->lower == index;
	return false;
}

const struct link *links_below(const struct links *links, int index)
{
	const struct link *link = links_find(links, index);

	for (int depth = 0; link && link->is_above && depth < DEPTH_MAX;
	     depth++) {
		link = links_find(links, link->lower);
		if (link && link->type == ARPHRD_ETHER)
			return link;
	}
	return NULL;
}

static bool carries(const struct links *links, int index, int upper, int depth)
{
	const struct link *link = links_find(links, upper);

	if (index == upper)
		return true;
	if (!link || depth == DEPTH_MAX)
		return false;
	if (link->is_above && carries(links, index, link->lower, depth + 1))
		return true;
	for (__u32 i = 0; i < links->n; i++)
		if (links->list[i].master == upper &&
		    carries(links, index, links->list[i].index, depth + 1))
			return true;
	return false;
}

bool links_carries(const struct links *links, int index, int upper)
{
	return carries(links, index, upper, 0);
}

const char *links_type_name(__u16 type)
{
	/* Most of these types have no Ethernet header. */
	static const struct {
		__u16 type;
		const char *name;
	} names[] = {
		{ ARPHRD_ETHER, "Ethernet" },
		{ ARPHRD_LOOPBACK, "loopback" },
		{ ARPHRD_NONE, "no link header: a tun or WireGuard device" },
		{ ARPHRD_PPP, "PPP" },
		{ ARPHRD_RAWIP, "raw IP" },
		{ ARPHRD_TUNNEL, "IP-in-IPv4 tunnel" },
		{ ARPHRD_TUNNEL6, "IP-in-IPv6 tunnel" },
		{ ARPHRD_SIT, "IPv6-in-IPv4 tunnel" },
		{ ARPHRD_IPGRE, "GRE over IPv4" },
		{ ARPHRD_IP6GRE, "GRE over IPv6" },
		{ ARPHRD_INFINIBAND, "InfiniBand" },
		{ ARPHRD_SLIP, "SLIP" },
		{ ARPHRD_CAN, "CAN" },
		{ ARPHRD_IEEE80211_RADIOTAP, "802.11 monitor" },
		{ ARPHRD_NETLINK, "netlink monitor" },
		{ ARPHRD_VSOCKMON, "vsock monitor" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].type == type)
			return names[i].name;
	return "no Ethernet";
}
