/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Open a socket and its UMEM by system calls, without libxdp, and reserve room
 * for metadata before each packet. libxdp 1.5 can reserve this room, too, but
 * many distributions have older versions. The code also shows which system
 * calls libxdp makes.
 */
#ifndef BY_HAND_H
#define BY_HAND_H

#include <stdbool.h>
#include <linux/types.h>

struct umem;
struct xsk;

/* by_hand_has_metadata - return false if this kernel refuses TX metadata */
bool by_hand_has_metadata(__u32 metadata);

/*
 * by_hand_open - register the memory, map the four rings, fill FILL
 * @umem: opened by umem_open()
 * @xsk: gets the rings; xsk->socket, an object of libxdp, becomes NULL
 * @metadata: bytes before each packet, a multiple of 8, less than 256
 *
 * Return the socket's descriptor, or a negative errno. Close the socket to
 * unregister the memory; the rings stay mapped until the process ends.
 *
 * See the kernel's networking/af_xdp document, and networking/xsk-tx-metadata.
 */
int by_hand_open(struct umem *umem, struct xsk *xsk, __u32 metadata);

/*
 * by_hand_bind - bind the socket to an RX queue, in copy mode
 *
 * Return 0 or a negative errno.
 */
int by_hand_bind(int fd, int ifindex, __u32 queue);

#endif /* BY_HAND_H */
