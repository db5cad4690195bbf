// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: refuse XDP_USE_SG, as kernels before 6.6 do.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>

#define USE_SG 16 /* XDP_USE_SG */

int bind(int fd, const struct sockaddr *address, socklen_t size)
{
	int (*real)(int, const struct sockaddr *, socklen_t) =
		dlsym(RTLD_NEXT, "bind");
	const struct sockaddr_xdp *xdp = (const void *)address;

	if (address->sa_family != AF_XDP || !(xdp->sxdp_flags & USE_SG))
		return real(fd, address, size);
	errno = EINVAL;
	return -1;
}
