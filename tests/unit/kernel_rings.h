/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The four rings of a socket in plain memory. A test plays the kernel: it reads
 * and writes the rings' indices, while the code under test also uses libxdp's
 * cached copies of them.
 */
#ifndef KERNEL_RINGS_H
#define KERNEL_RINGS_H

#include <string.h>
#include <sys/socket.h>

#include "headers/xsk.h"

/* Each ring's position in the arrays producer, consumer and flags. */
enum { RING_FILL, RING_RX, RING_TX, RING_COMPLETION, RINGS };

struct kernel_rings {
	__u32 producer[RINGS], consumer[RINGS], flags[RINGS];
	__u64 fill[FILL_SIZE];
	struct xdp_desc rx[RX_SIZE];
	struct xdp_desc tx[TX_SIZE];
	__u64 completion[COMPLETION_SIZE];
};

/*
 * Set up a ring that the code under test produces into. As in libxdp, the
 * cached consumer index exceeds the consumer index by the size of the ring.
 */
static inline void kernel_rings_produce(struct kernel_rings *rings,
					struct xsk_ring_prod *ring, int i,
					void *memory, __u32 size, __u32 at)
{
	rings->producer[i] = rings->consumer[i] = at;
	*ring = (struct xsk_ring_prod){
		.cached_prod = at,
		.cached_cons = at + size,
		.mask = size - 1,
		.size = size,
		.producer = &rings->producer[i],
		.consumer = &rings->consumer[i],
		.ring = memory,
		.flags = &rings->flags[i],
	};
}

static inline void kernel_rings_consume(struct kernel_rings *rings,
					struct xsk_ring_cons *ring, int i,
					void *memory, __u32 size, __u32 at)
{
	rings->producer[i] = rings->consumer[i] = at;
	*ring = (struct xsk_ring_cons){
		.cached_prod = at,
		.cached_cons = at,
		.mask = size - 1,
		.size = size,
		.producer = &rings->producer[i],
		.consumer = &rings->consumer[i],
		.ring = memory,
		.flags = &rings->flags[i],
	};
}

/*
 * Set up four empty rings. The indices of FILL and RX begin at @in, and the
 * indices of TX and COMPLETION at @out.
 */
static inline void kernel_rings_start(struct kernel_rings *rings,
				      struct xsk *xsk, __u32 in, __u32 out)
{
	kernel_rings_produce(rings, &xsk->fill, RING_FILL, rings->fill,
			     FILL_SIZE, in);
	kernel_rings_consume(rings, &xsk->rx, RING_RX, rings->rx, RX_SIZE, in);
	kernel_rings_produce(rings, &xsk->tx, RING_TX, rings->tx, TX_SIZE, out);
	kernel_rings_consume(rings, &xsk->completion, RING_COMPLETION,
			     rings->completion, COMPLETION_SIZE, out);
}

#endif /* KERNEL_RINGS_H */
