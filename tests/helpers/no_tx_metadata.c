// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: refuse XDP_UMEM_TX_METADATA_LEN, as kernels before
 * 6.11 do.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>

#define TX_METADATA_LEN 4 /* XDP_UMEM_TX_METADATA_LEN */

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	int (*real)(int, int, int, const void *, socklen_t) =
		dlsym(RTLD_NEXT, "setsockopt");
	const struct xdp_umem_reg *reg = value;

	if (level != SOL_XDP || option != XDP_UMEM_REG ||
	    !(reg->flags & TX_METADATA_LEN))
		return real(fd, level, option, value, size);
	errno = EINVAL;
	return -1;
}
