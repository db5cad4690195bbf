// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: simulate a driver that supports zero-copy for
 * packets of up to N frames, where N is the environment variable SEGMENTS. Only
 * the answer to NETDEV_CMD_DEV_GET is changed.
 */
#include <dlfcn.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define XDP_FEATURES 3 /* NETDEV_A_DEV_XDP_FEATURES */
#define MAX_SEGS     4 /* NETDEV_A_DEV_XDP_ZC_MAX_SEGS */
#define ZERO_COPY    8 /* NETDEV_XDP_ACT_XSK_ZEROCOPY */

/*
 * Set the zero-copy bit, and append the attribute MAX_SEGS. Return the number
 * of bytes added.
 */
static ssize_t change(struct nlmsghdr *message, ssize_t size)
{
	struct nlattr *attribute = NLMSG_DATA(message) + GENL_HDRLEN;
	struct nlattr *end = (void *)message + message->nlmsg_len;
	struct nlattr segments = { NLA_HDRLEN + 4, MAX_SEGS };
	unsigned int n = (unsigned int)atoi(getenv("SEGMENTS"));
	int found = 0;

	if (size < NLMSG_HDRLEN + GENL_HDRLEN ||
	    message->nlmsg_type <= GENL_ID_CTRL)
		return 0;
	while (attribute < end && attribute->nla_len) {
		if (attribute->nla_type == XDP_FEATURES) {
			*(unsigned char *)(attribute + 1) |= ZERO_COPY;
			found = 1;
		}
		attribute = (void *)attribute + NLA_ALIGN(attribute->nla_len);
	}
	if (!found)
		return 0;
	memcpy(end, &segments, sizeof(segments));
	memcpy(end + 1, &n, sizeof(n));
	message->nlmsg_len += NLA_ALIGN(segments.nla_len);
	return NLA_ALIGN(segments.nla_len);
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	ssize_t (*real)(int, void *, size_t, int) = dlsym(RTLD_NEXT, "recv");
	ssize_t n = real(fd, buffer, size, flags);
	int protocol = 0;
	socklen_t len = sizeof(protocol);

	if (!getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
	    protocol == NETLINK_GENERIC && n > 0 && n + 8 <= (ssize_t)size)
		n += change(buffer, n);
	return n;
}
