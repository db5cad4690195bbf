// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Make an Open vSwitch with one port, for guest/devices:
 *
 *	datapath SWITCH PORT
 *
 * The switch passes all packets between the port and the switch's own device.
 * The tools of Open vSwitch can make such a switch, but need a database.
 */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/netlink.h"

struct message {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	char data[512];
};

static void put(struct message *message, const void *data, size_t size)
{
	memcpy((char *)message + message->header.nlmsg_len, data, size);
	message->header.nlmsg_len += (__u32)NLMSG_ALIGN(size);
}

static void add(struct message *message, __u16 type, const void *data,
		size_t size)
{
	const struct nlattr head = { .nla_len = (__u16)(sizeof(head) + size),
				     .nla_type = type };

	put(message, &head, sizeof(head));
	put(message, data, size);
}

static void add_number(struct message *message, __u16 type, __u32 number)
{
	add(message, type, &number, sizeof(number));
}

/* Begin a nested attribute, and return it. end() sets its length. */
static struct nlattr *begin(struct message *message, __u16 type)
{
	struct nlattr *nest =
		(void *)((char *)message + message->header.nlmsg_len);

	add(message, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

static void end(struct message *message, struct nlattr *nest)
{
	nest->nla_len = (__u16)((char *)message + message->header.nlmsg_len -
				(char *)nest);
}

static void take_family(const struct nlmsghdr *answer, void *context)
{
	const __u16 *id = netlink_find(netlink_attributes(answer, GENL_HDRLEN),
				       CTRL_ATTR_FAMILY_ID, sizeof(*id));

	if (id)
		*(__u16 *)context = *id;
}

static void take_nothing(const struct nlmsghdr *answer, void *context)
{
	(void)answer, (void)context;
}

static struct message make(__u16 family, __u8 command)
{
	return (struct message){
		.header = { .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
			    .nlmsg_type = family,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.generic = { .cmd = command, .version = 1 },
	};
}

/* Begin a request to the Open vSwitch family @family, about switch @name. */
static struct message ask(const char *family, __u8 command, const char *name)
{
	struct message question = make(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	const struct ovs_header header = {
		.dp_ifindex = (int)if_nametoindex(name),
	};
	struct message message;
	__u16 id = 0;

	add(&question, CTRL_ATTR_FAMILY_NAME, family, strlen(family) + 1);
	netlink_ask(NETLINK_GENERIC, &question.header, take_family, &id);
	message = make(id, command);
	put(&message, &header, sizeof(header));
	return message;
}

static int send_message(const struct message *message)
{
	return netlink_ask(NETLINK_GENERIC, &message->header, take_nothing,
			   NULL);
}

static int add_switch(const char *name)
{
	struct message message = ask(OVS_DATAPATH_FAMILY, OVS_DP_CMD_NEW, "");

	add(&message, OVS_DP_ATTR_NAME, name, strlen(name) + 1);
	add_number(&message, OVS_DP_ATTR_UPCALL_PID, 0);
	return send_message(&message);
}

static int add_port(const char *name, const char *port)
{
	struct message message = ask(OVS_VPORT_FAMILY, OVS_VPORT_CMD_NEW, name);

	add(&message, OVS_VPORT_ATTR_NAME, port, strlen(port) + 1);
	add_number(&message, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	add_number(&message, OVS_VPORT_ATTR_PORT_NO, 1);
	add_number(&message, OVS_VPORT_ATTR_UPCALL_PID, 0);
	return send_message(&message);
}

static void add_match(struct message *message, __u16 type, __u32 port)
{
	const struct ovs_key_ethernet any = { 0 };
	struct nlattr *nest = begin(message, type);

	add_number(message, OVS_KEY_ATTR_IN_PORT, port);
	add(message, OVS_KEY_ATTR_ETHERNET, &any, sizeof(any));
	end(message, nest);
}

/* Make the switch send all packets that come from port @from to port @to. */
static int add_flow(const char *name, __u32 from, __u32 to)
{
	struct message message = ask(OVS_FLOW_FAMILY, OVS_FLOW_CMD_NEW, name);
	struct nlattr *actions;

	add_match(&message, OVS_FLOW_ATTR_KEY, from);
	add_match(&message, OVS_FLOW_ATTR_MASK, __UINT32_MAX__);
	actions = begin(&message, OVS_FLOW_ATTR_ACTIONS);
	add_number(&message, OVS_ACTION_ATTR_OUTPUT, to);
	end(&message, actions);
	return send_message(&message);
}

int main(int argc, char **argv)
{
	int err;

	if (argc != 3)
		return 2;
	err = add_switch(argv[1]);
	if (!err)
		err = add_port(argv[1], argv[2]);
	if (!err)
		err = add_flow(argv[1], OVSP_LOCAL, 1);
	if (!err)
		err = add_flow(argv[1], 1, OVSP_LOCAL);
	if (err)
		fprintf(stderr, "datapath: %s\n", strerror(-err));
	return err ? 1 : 0;
}
