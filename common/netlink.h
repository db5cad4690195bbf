/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ask the kernel by netlink. Its answers are about the network namespace of
 * this process. In contrast, /sys shows the namespace in which /sys was
 * mounted.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <stddef.h>
#include <linux/netlink.h>

/*
 * The attributes of a message. rtnetlink and generic netlink use the same
 * format.
 */
struct attributes {
	const void *first;
	size_t size; /* bytes of all attributes */
};

/*
 * netlink_ask - send a request, and call @take for each message of the answer
 * @protocol: NETLINK_ROUTE, NETLINK_GENERIC or NETLINK_SOCK_DIAG
 * @request: the message; nlmsg_seq may be 0; NLM_F_DUMP asks for a list
 *
 * Return 0 or a negative errno.
 */
int netlink_ask(int protocol, const struct nlmsghdr *request,
		void (*take)(const struct nlmsghdr *message, void *context),
		void *context);

/*
 * netlink_list - ask for a list, and call @take for each message of the list
 * @type: type of the request, such as RTM_GETLINK
 * @body: the header that follows struct nlmsghdr in the request
 * @size: bytes of @body; 64 at most
 *
 * Return 0 or a negative errno.
 */
int netlink_list(int protocol, unsigned short type, const void *body,
		 size_t size,
		 void (*take)(const struct nlmsghdr *message, void *context),
		 void *context);

/*
 * netlink_attributes - find the attributes of a message
 * @header: number of bytes between struct nlmsghdr and the attributes
 */
struct attributes netlink_attributes(const struct nlmsghdr *message,
				     size_t header);

/*
 * netlink_find - return the data of the first attribute of a type, or NULL
 * @size: the minimum size of the data; return NULL if the data is shorter
 */
const void *netlink_find(struct attributes in, unsigned int type, size_t size);

/* netlink_nested - return the attributes inside an attribute, or none */
struct attributes netlink_nested(struct attributes in, unsigned int type);

/* netlink_number - return a 32-bit attribute, or 0 if there is none */
unsigned int netlink_number(struct attributes in, unsigned int type);

#endif /* NETLINK_H */
