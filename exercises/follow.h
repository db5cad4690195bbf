/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Follow each frame through the rings of the learner's program while it runs.
 *
 * The compiler includes this file before the learner's sources. The macros
 * below replace libxdp's inline ring functions by functions of follow.c; the
 * linker's --wrap replaces functions that are not inline. follow.c also makes
 * every second kick (a sendto() that sends the packets in TX) fail, and checks
 * each poll() of several sockets. It prints the first mistake to stderr, in a
 * line that begins with "follow: ".
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <xdp/xsk.h>

__u32 follow_reserve(struct xsk_ring_prod *ring, __u32 n, __u32 *idx);
void follow_submit(struct xsk_ring_prod *ring, __u32 n);
__u64 *follow_fill_addr(struct xsk_ring_prod *ring, __u32 idx);
struct xdp_desc *follow_tx_desc(struct xsk_ring_prod *ring, __u32 idx);
__u32 follow_peek(struct xsk_ring_cons *ring, __u32 n, __u32 *idx);
void follow_cancel(struct xsk_ring_cons *ring, __u32 n);
void follow_release(struct xsk_ring_cons *ring, __u32 n);
__u32 follow_nb_free(struct xsk_ring_prod *ring, __u32 n);
const __u64 *follow_comp_addr(const struct xsk_ring_cons *ring, __u32 idx);
const struct xdp_desc *follow_rx_desc(const struct xsk_ring_cons *ring,
				      __u32 idx);

#ifndef FOLLOW_C
#define xsk_ring_prod__reserve	 follow_reserve
#define xsk_ring_prod__submit	 follow_submit
#define xsk_ring_prod__fill_addr follow_fill_addr
#define xsk_ring_prod__tx_desc	 follow_tx_desc
#define xsk_prod_nb_free	 follow_nb_free
#define xsk_ring_cons__peek	 follow_peek
#define xsk_ring_cons__cancel	 follow_cancel
#define xsk_ring_cons__release	 follow_release
#define xsk_ring_cons__comp_addr follow_comp_addr
#define xsk_ring_cons__rx_desc	 follow_rx_desc
#endif

#endif /* FOLLOW_H */
