// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <string.h>

#include "common/device.h"
#include "common/features.h"
#include "common/netlink.h"

/*
 * Copied from linux/netdev.h. Linux 6.3 added this file, and a distribution's
 * headers may be older.
 */
#define NETDEV_CMD_DEV_GET	     1
#define NETDEV_CMD_QUEUE_GET	     10
#define NETDEV_A_DEV_IFINDEX	     1
#define NETDEV_A_DEV_XDP_FEATURES    3
#define NETDEV_A_DEV_XDP_ZC_MAX_SEGS 4 /* since Linux 6.6 */
#define NETDEV_A_QUEUE_IFINDEX	     2
#define NETDEV_A_QUEUE_TYPE	     3
#define NETDEV_QUEUE_TYPE_TX	     1
#define NETDEV_XDP_ACT_BASIC	     1
#define NETDEV_XDP_ACT_REDIRECT	     2
#define NETDEV_XDP_ACT_XSK_ZEROCOPY  8

struct request {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	struct nlattr attribute;
	char data[8];
};

struct answer {
	__u16 family;
	__u64 xdp;
	bool has_xdp;
	__u32 segments;
	__u32 queues[2]; /* RX, TX */
};

static struct request make_request(__u16 family, __u8 command, __u16 flags,
				   __u16 type, const void *data, size_t size)
{
	struct request request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = family,
			    .nlmsg_flags = NLM_F_REQUEST | flags },
		.generic = { .cmd = command, .version = 1 },
		.attribute = { .nla_len = (__u16)(NLA_HDRLEN + size),
			       .nla_type = type },
	};

	memcpy(request.data, data, size);
	request.header.nlmsg_len =
		(__u32)(offsetof(struct request, data) + NLA_ALIGN(size));
	return request;
}

static void take_family(const struct nlmsghdr *message, void *context)
{
	const __u16 *id = netlink_find(
		netlink_attributes(message, sizeof(struct genlmsghdr)),
		CTRL_ATTR_FAMILY_ID, sizeof(*id));

	if (id)
		((struct answer *)context)->family = *id;
}

/*
 * Return the ID of the generic netlink family "netdev", or 0 if there is none.
 */
static __u16 find_family(void)
{
	struct request request = make_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
					      0, CTRL_ATTR_FAMILY_NAME,
					      "netdev", 7);
	struct answer answer = { 0 };

	netlink_ask(NETLINK_GENERIC, &request.header, take_family, &answer);
	return answer.family;
}

static void take_device(const struct nlmsghdr *message, void *context)
{
	struct attributes in =
		netlink_attributes(message, sizeof(struct genlmsghdr));
	const void *xdp =
		netlink_find(in, NETDEV_A_DEV_XDP_FEATURES, sizeof(__u64));
	struct answer *answer = context;

	if (xdp)
		memcpy(&answer->xdp, xdp, sizeof(answer->xdp));
	answer->has_xdp = xdp;
	answer->segments = netlink_number(in, NETDEV_A_DEV_XDP_ZC_MAX_SEGS);
}

static void take_queue(const struct nlmsghdr *message, void *context)
{
	struct attributes in =
		netlink_attributes(message, sizeof(struct genlmsghdr));
	struct answer *answer = context;

	answer->queues[netlink_number(in, NETDEV_A_QUEUE_TYPE) ==
		       NETDEV_QUEUE_TYPE_TX]++;
}

void features_read(const struct device *dev, struct features *features)
{
	struct answer answer = { .family = find_family() };
	struct request request = make_request(answer.family, NETDEV_CMD_DEV_GET,
					      0, NETDEV_A_DEV_IFINDEX,
					      &dev->index, sizeof(dev->index));

	*features = (struct features){ 0 };
	if (!answer.family ||
	    netlink_ask(NETLINK_GENERIC, &request.header, take_device,
			&answer) ||
	    !answer.has_xdp)
		return;
	features->known = true;
	features->native = answer.xdp & NETDEV_XDP_ACT_BASIC;
	features->native_redirect = answer.xdp & NETDEV_XDP_ACT_REDIRECT;
	features->zero_copy = answer.xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY;
	features->segments = answer.segments ? answer.segments : 1;
}

bool features_queues(int ifindex, __u32 *rx, __u32 *tx)
{
	struct answer answer = { .family = find_family() };
	struct request request =
		make_request(answer.family, NETDEV_CMD_QUEUE_GET, NLM_F_DUMP,
			     NETDEV_A_QUEUE_IFINDEX, &ifindex, sizeof(ifindex));

	if (!answer.family ||
	    netlink_ask(NETLINK_GENERIC, &request.header, take_queue,
			&answer) ||
	    !answer.queues[0])
		return false;
	*rx = answer.queues[0];
	*tx = answer.queues[1];
	return true;
}

static bool is_on(const struct device *dev, __u32 command, __u32 mask)
{
	struct ethtool_value value = { .cmd = command };

	return !device_ethtool(dev, &value) && value.data & mask;
}

bool features_cuts_vlan(const struct device *dev)
{
	return is_on(dev, ETHTOOL_GFLAGS, ETH_FLAG_RXVLAN);
}

bool features_is_past_vlan(const struct device *dev)
{
	static const char *const kinds[] = { "bridge", "bond", "team",
					     "macvlan", "macvtap" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(dev->kind, kinds[i]))
			return true;
	return false;
}

const char *features_vlan_peer(const struct device *dev)
{
	return strcmp(dev->kind, "veth")
		       ? ""
		       : "\n  and at the other end: ethtool -K PEER txvlan off";
}

bool features_gathers(const struct device *dev)
{
	return is_on(dev, ETHTOOL_GGRO, 1) ||
	       is_on(dev, ETHTOOL_GFLAGS, ETH_FLAG_LRO);
}
