// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: refuse to bind a socket to another socket's UMEM,
 * as kernels before 5.10 do if the device or the queue differs.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>

int bind(int fd, const struct sockaddr *address, socklen_t size)
{
	int (*real)(int, const struct sockaddr *, socklen_t) =
		dlsym(RTLD_NEXT, "bind");
	const struct sockaddr_xdp *xdp = (const void *)address;

	if (address->sa_family != AF_XDP ||
	    !(xdp->sxdp_flags & XDP_SHARED_UMEM))
		return real(fd, address, size);
	errno = EINVAL;
	return -1;
}
