// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: simulate another driver or device. With
 * WEAK=refuses the driver has native XDP, but refuses to attach programs in
 * native mode. With WEAK=no-redirect the driver's native XDP cannot redirect
 * packets. With WEAK=rules the driver has two rules that choose queues. With
 * WEAK=igb the driver's name is igb. With WEAK=bond, vrf or netkit, a bridge
 * looks like a device of the kind that WEAK names. With WEAK=rights the kernel
 * makes no XSKMAP, as before Linux 6.9 without CAP_NET_ADMIN.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define XDP_FEATURES 3 /* NETDEV_A_DEV_XDP_FEATURES */
#define REDIRECT     2 /* NETDEV_XDP_ACT_REDIRECT */

static int is(const char *weakness)
{
	return !strcmp(getenv("WEAK"), weakness);
}

long syscall(long n, long a, long b, long c, long d, long e, long f)
{
	long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	const union bpf_attr *attr = (const void *)b;

	if (is("refuses") && n == SYS_bpf && a == BPF_LINK_CREATE &&
	    attr->link_create.flags & XDP_FLAGS_DRV_MODE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (is("rights") && n == SYS_bpf && a == BPF_MAP_CREATE &&
	    attr->map_type == BPF_MAP_TYPE_XSKMAP) {
		errno = EPERM;
		return -1;
	}
	return real(n, a, b, c, d, e, f);
}

/*
 * Clear the redirect bit in an answer of the generic netlink family "netdev".
 */
static void weaken(struct nlmsghdr *message, ssize_t size)
{
	struct nlattr *attribute = NLMSG_DATA(message) + GENL_HDRLEN;

	if (size < (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN) ||
	    message->nlmsg_type <= GENL_ID_CTRL)
		return;
	while ((char *)(attribute + 1) < (char *)message + size &&
	       attribute->nla_len) {
		if (attribute->nla_type == XDP_FEATURES)
			*(unsigned char *)(attribute + 1) &= ~REDIRECT;
		attribute = (void *)attribute + NLA_ALIGN(attribute->nla_len);
	}
}

/* Replace the device kind "bridge" by @kind in an answer of rtnetlink. */
static void rename_kind(char *at, ssize_t size, const char *kind)
{
	char *end = at + size;

	while (size > 0 && (at = memmem(at, (size_t)(end - at), "bridge", 7)))
		strncpy(at, kind, 6);
}

union answer {
	__u32 cmd;
	struct ethtool_rxnfc rules;
	struct ethtool_drvinfo info;
};

int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, void *) = dlsym(RTLD_NEXT, "ioctl");
	union answer *answer;
	struct ifreq *ifr;
	va_list args;
	int err;

	va_start(args, request);
	ifr = va_arg(args, void *);
	va_end(args);
	err = real(fd, request, ifr);
	if (request != SIOCETHTOOL)
		return err;
	answer = (void *)ifr->ifr_data;
	if (is("igb") && answer->cmd == ETHTOOL_GDRVINFO)
		strcpy(answer->info.driver, "igb");
	if (!is("rules") || answer->cmd != ETHTOOL_GRXCLSRLCNT)
		return err;
	answer->rules.rule_cnt = 2;
	return 0;
}

/* Record each socket's protocol, because the sandbox forbids SO_PROTOCOL. */
static int protocols[64];

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");
	int fd = real(domain, type, protocol);

	if (fd >= 0 && fd < 64)
		protocols[fd] = domain == AF_NETLINK ? protocol : -1;
	return fd;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	ssize_t (*real)(int, void *, size_t, int) = dlsym(RTLD_NEXT, "recv");
	ssize_t n = real(fd, buffer, size, flags);
	int protocol = fd < 64 ? protocols[fd] : -1;

	if (is("no-redirect") && protocol == NETLINK_GENERIC)
		weaken(buffer, n);
	if ((is("bond") || is("vrf") || is("netkit")) &&
	    protocol == NETLINK_ROUTE)
		rename_kind(buffer, n, getenv("WEAK"));
	return n;
}
