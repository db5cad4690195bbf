// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "common/links.h"
#include "common/netlink.h"
#include "common/routes.h"

struct search {
	const struct links *links;
	int index; /* the device to check */
	int found; /* the device of a default route that was found, or 0 */
};

static void try_device(struct search *search, int index)
{
	if (index && !search->found &&
	    links_carries(search->links, search->index, index))
		search->found = index;
}

static void try_object(struct search *search, __u32 id);

/*
 * Try the device of a next-hop object or, for a group, all members. A member is
 * a next-hop object, but never a group.
 */
static void take_object(const struct nlmsghdr *message, void *context)
{
	struct search *search = context;
	struct attributes in =
		netlink_attributes(message, sizeof(struct nhmsg));
	struct attributes group = netlink_nested(in, NHA_GROUP);
	const struct nexthop_grp *members = group.first;

	if (message->nlmsg_type != RTM_NEWNEXTHOP)
		return;
	try_device(search, (int)netlink_number(in, NHA_OIF));
	for (size_t i = 0; i < group.size / sizeof(*members); i++)
		try_object(search, members[i].id);
}

/* Ask the kernel for a next-hop object (see ip-nexthop(8)). */
static void try_object(struct search *search, __u32 id)
{
	const struct {
		struct nlmsghdr header;
		struct nhmsg hop;
		struct nlattr attribute;
		__u32 id;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETNEXTHOP,
			    .nlmsg_flags = NLM_F_REQUEST },
		.attribute = { .nla_len = sizeof(struct nlattr) + 4,
			       .nla_type = NHA_ID },
		.id = id,
	};

	if (id && !search->found)
		netlink_ask(NETLINK_ROUTE, &request.header, take_object,
			    search);
}

static void try_hops(struct search *search, struct attributes in)
{
	const struct rtnexthop *hop = in.first;
	size_t left = in.size;

	while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
	       hop->rtnh_len <= left) {
		size_t step = (size_t)RTNH_ALIGN(hop->rtnh_len);

		try_device(search, hop->rtnh_ifindex);
		if (step >= left)
			break;
		left -= step;
		hop = RTNH_NEXT(hop);
	}
}

/*
 * Return true for a route to at least half of all IPv4 addresses, or to at
 * least an eighth of all IPv6 addresses: 2000::/3 holds all global addresses.
 * VPNs such as OpenVPN do not change the default route, but add two routes,
 * each to half of the addresses.
 */
static bool is_default(const struct rtmsg *route)
{
	return route->rtm_dst_len <= (route->rtm_family == AF_INET6 ? 3 : 1);
}

/*
 * If the sysctl nexthop_compat_mode is off, a route through a next-hop object
 * has only the object's ID, so ask for the object.
 */
static void take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	struct attributes in = netlink_attributes(message, sizeof(*route));
	struct search *search = context;

	if (message->nlmsg_type != RTM_NEWROUTE || !is_default(route) ||
	    route->rtm_type != RTN_UNICAST || route->rtm_flags & RTM_F_CLONED)
		return;
	try_device(search, (int)netlink_number(in, RTA_OIF));
	try_hops(search, netlink_nested(in, RTA_MULTIPATH));
	try_object(search, netlink_number(in, RTA_NH_ID));
}

static int find_route(struct search *search, unsigned char family)
{
	const struct rtmsg wanted = { .rtm_family = family };
	int err = netlink_list(NETLINK_ROUTE, RTM_GETROUTE, &wanted,
			       sizeof(wanted), take_route, search);

	/* The kernel may lack IPv6. */
	return err == -EOPNOTSUPP || err == -EAFNOSUPPORT ? 0 : err;
}

int routes_default(const struct links *links, int index)
{
	struct search search = { .links = links, .index = index };
	int err = find_route(&search, AF_INET);

	if (!err && !search.found)
		err = find_route(&search, AF_INET6);
	return err ? err : search.found;
}
