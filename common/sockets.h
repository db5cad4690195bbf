/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * List and count the AF_XDP sockets on a device, as ss --xdp does.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>
#include <linux/types.h>

/*
 * sockets_list - list the sockets on a device, each with its queue and process:
 * " 0 (af_xdp_user, 1234)"
 *
 * Only root sees other users' processes. Return the number of sockets, or a
 * negative errno. A kernel without CONFIG_XDP_SOCKETS_DIAG cannot list sockets.
 */
int sockets_list(int ifindex, char *list, size_t size);

/*
 * sockets_on - count the sockets on @queues queues, beginning with queue @first
 *
 * Return the number of sockets, or a negative errno.
 */
int sockets_on(int ifindex, __u32 first, __u32 queues);

#endif /* SOCKETS_H */
