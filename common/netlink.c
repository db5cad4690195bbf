// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/netlink.h"

/*
 * Size of the buffer for one read. The kernel returns at most 32 Kbytes of a
 * list at once.
 */
#define BUFFER_SIZE 32768

#define LEAST sizeof(struct nlattr)

/*
 * Pass the messages of one read to @take. A list ends with NLMSG_DONE, and any
 * other answer is one message. Do not test NLM_F_MULTI, because some messages
 * of a list may lack it. Return 1 if more messages follow, 0 at the end, or the
 * kernel's negative errno.
 */
static int take_all(const void *buffer, size_t size, bool is_list,
		    void (*take)(const struct nlmsghdr *, void *),
		    void *context)
{
	const struct nlmsghdr *message = buffer;

	while (NLMSG_OK(message, size)) {
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return ((struct nlmsgerr *)NLMSG_DATA(message))->error;
		take(message, context);
		if (!is_list)
			return 0;
		message = NLMSG_NEXT(message, size);
	}
	return 1;
}

static int receive(int fd, bool is_list,
		   void (*take)(const struct nlmsghdr *, void *), void *context)
{
	void *buffer = malloc(BUFFER_SIZE);
	int err = buffer ? 1 : -ENOMEM;

	while (err > 0) {
		ssize_t n = recv(fd, buffer, BUFFER_SIZE, 0);

		if (n < 0 && errno == EINTR)
			continue;
		err = n < 0 ? -errno
			    : take_all(buffer, (size_t)n, is_list, take,
				       context);
	}
	free(buffer);
	return err;
}

int netlink_ask(int protocol, const struct nlmsghdr *request,
		void (*take)(const struct nlmsghdr *message, void *context),
		void *context)
{
	/* A new socket receives only the answers to this request. */
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int err;

	if (fd < 0)
		return -errno;
	if (send(fd, request, request->nlmsg_len, 0) < 0)
		err = -errno;
	else
		err = receive(fd,
			      (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP,
			      take, context);
	close(fd);
	return err;
}

int netlink_list(int protocol, unsigned short type, const void *body,
		 size_t size,
		 void (*take)(const struct nlmsghdr *message, void *context),
		 void *context)
{
	struct {
		struct nlmsghdr header;
		char body[64];
	} request = {
		.header = { .nlmsg_len = NLMSG_LENGTH(size),
			    .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};

	if (size > sizeof(request.body))
		return -EMSGSIZE;
	memcpy(request.body, body, size);
	return netlink_ask(protocol, &request.header, take, context);
}

struct attributes netlink_attributes(const struct nlmsghdr *message,
				     size_t header)
{
	size_t skip = NLMSG_ALIGN(header);

	if (message->nlmsg_len < NLMSG_HDRLEN + skip)
		return (struct attributes){ 0 };
	return (struct attributes){
		.first = (const char *)NLMSG_DATA(message) + skip,
		.size = message->nlmsg_len - NLMSG_HDRLEN - skip,
	};
}

static const struct nlattr *find(struct attributes in, unsigned int type)
{
	const char *at = in.first;

	while (in.size >= LEAST) {
		const struct nlattr *attribute = (const void *)at;
		size_t step = NLA_ALIGN((size_t)attribute->nla_len);

		if (attribute->nla_len < LEAST || attribute->nla_len > in.size)
			break;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
		if (step >= in.size)
			break;
		at += step;
		in.size -= step;
	}
	return NULL;
}

const void *netlink_find(struct attributes in, unsigned int type, size_t size)
{
	const struct nlattr *attribute = find(in, type);

	if (!attribute || attribute->nla_len < LEAST + size)
		return NULL;
	return attribute + 1;
}

struct attributes netlink_nested(struct attributes in, unsigned int type)
{
	const struct nlattr *attribute = find(in, type);

	if (!attribute)
		return (struct attributes){ 0 };
	return (struct attributes){
		.first = attribute + 1,
		.size = attribute->nla_len - LEAST,
	};
}

unsigned int netlink_number(struct attributes in, unsigned int type)
{
	const void *data = netlink_find(in, type, sizeof(unsigned int));
	unsigned int number = 0;

	if (data)
		memcpy(&number, data, sizeof(number));
	return number;
}
