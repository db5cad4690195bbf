/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * AF_XDP constants that are younger than some distributions' <linux/if_xdp.h>.
 * A definition here says nothing about the running kernel: ask it.
 */
#ifndef IF_XDP_COMPAT_H
#define IF_XDP_COMPAT_H

#include <linux/if_xdp.h>
#include <sys/socket.h>

#ifndef SOL_XDP /* kernel 4.18, glibc 2.28 */
#define SOL_XDP 283
#endif

#endif /* IF_XDP_COMPAT_H */
