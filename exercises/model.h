/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Call the functions of a learner's lesson without a kernel: the check reads
 * and writes the ring indices that a kernel would own. So the check can produce
 * states that are rare with a kernel. For example, it can leave room in TX for
 * only half of a packet's pieces.
 *
 * Each model_*.c is a program that includes this file, then the learner's file.
 * The program prints the first mistake in the format of the grader's checks.
 * Exit status: 0 if the code passes, 1 if it fails, or MODEL_UNABLE.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/kernel_rings.h"
#include "tests/unit/packet.h"

#define MODEL_SECONDS 10
#define MODEL_UNABLE  78 /* exit status if the check cannot run */

#define MODEL_MAC                      \
	{                              \
		2, 0xca, 0xfe, 0, 1, 1 \
	}

/* Let SIGALRM end an endless loop in the learner's code. */
__attribute__((constructor)) static void model_limit(void)
{
	alarm(MODEL_SECONDS);
}

/* Print a mistake. Return 1, the status of a failed check. */
static int wrong(const char *expected, const char *why, const char *came, ...)
{
	va_list args;

	printf("expected: %s\ncame:     ", expected);
	va_start(args, came);
	vprintf(came, args);
	va_end(args);
	printf("\n%s\n", why);
	return 1;
}

/* Return the socket's file descriptor: -1, because the check has no socket. */
int xsk_socket__fd(const struct xsk_socket *socket)
{
	(void)socket;
	return -1;
}

static void model_memory(struct umem *umem, __u32 frames, __u32 frame_size)
{
	umem->area = calloc(frames, frame_size);
	if (!umem->area || frames_init(&umem->frames, frames, frame_size))
		exit(MODEL_UNABLE);
}

static void model_socket(struct kernel_rings *rings, struct xsk *xsk,
			 struct umem *umem)
{
	xsk->umem = umem;
	kernel_rings_start(rings, xsk, 0, 0);
	fill_refill(xsk);
}

/* Take a frame from FILL. Return the address where its packet would begin. */
static __u64 model_fill_take(struct kernel_rings *rings, struct umem *umem)
{
	__u32 index = rings->consumer[RING_FILL]++ % FILL_SIZE;
	__u64 frame = rings->fill[index] & ~(umem->frames.size - 1ULL);

	return frame + XDP_PACKET_HEADROOM;
}

/*
 * Copy bytes into the next frame of FILL, and put the frame into RX, as a
 * kernel does. Return the packet's address.
 */
static __u64 model_receive(struct kernel_rings *rings, struct umem *umem,
			   const void *data, __u32 len, __u32 options)
{
	__u64 addr = model_fill_take(rings, umem);

	memcpy((char *)umem->area + addr, data, len);
	rings->rx[rings->producer[RING_RX]++ % RX_SIZE] = (struct xdp_desc){
		.addr = addr, .len = len, .options = options
	};
	return addr;
}

static __u32 model_in(const struct kernel_rings *rings, int ring)
{
	return rings->producer[ring] - rings->consumer[ring];
}

/* Move the frames of all packets in TX to COMPLETION, as a kernel does. */
static void model_send(struct kernel_rings *rings)
{
	while (model_in(rings, RING_TX)) {
		__u32 index = rings->consumer[RING_TX]++ % TX_SIZE;

		rings->completion[rings->producer[RING_COMPLETION]++ %
				  COMPLETION_SIZE] = rings->tx[index].addr;
	}
}

/* Put unrelated packets into TX, until TX has room for only @room more. */
static void model_fill_tx(struct xsk *xsk, __u32 room)
{
	for (__u32 i = tx_space(xsk, TX_SIZE); i > room; i--)
		tx_send(xsk, *frames_take(&xsk->umem->frames, 1), 60);
	tx_submit(xsk);
}

/*
 * Move the frames of all packets in TX to COMPLETION, and let the program free
 * these frames.
 */
static void model_empty_tx(struct kernel_rings *rings, struct xsk *xsk)
{
	model_send(rings);
	while (model_in(rings, RING_COMPLETION))
		completion_reclaim(xsk);
}

/*
 * Check that each frame is in exactly one place: on the stack of free frames,
 * or in a ring of one of @n sockets. Return 0, or print the mistake and return
 * 1.
 */
static int model_frames(const struct umem *umem,
			const struct kernel_rings *rings, int n)
{
	const struct frames *frames = &umem->frames;
	unsigned char *seen = calloc(frames->total, 1);
	const char *place = NULL;
	__u32 frame = 0;

	for (__u32 i = 0; i < frames->free; i++)
		seen[frames->addrs[i] / frames->size]++;
	for (int i = 0; i < n; i++, rings++) {
		const __u32 *from = rings->consumer, *to = rings->producer;

		for (__u32 j = from[RING_FILL]; j != to[RING_FILL]; j++)
			seen[rings->fill[j % FILL_SIZE] / frames->size]++;
		for (__u32 j = from[RING_RX]; j != to[RING_RX]; j++)
			seen[rings->rx[j % RX_SIZE].addr / frames->size]++;
		for (__u32 j = from[RING_TX]; j != to[RING_TX]; j++)
			seen[rings->tx[j % TX_SIZE].addr / frames->size]++;
		for (__u32 j = from[RING_COMPLETION]; j != to[RING_COMPLETION];
		     j++)
			seen[rings->completion[j % COMPLETION_SIZE] /
			     frames->size]++;
	}
	while (frame < frames->total && seen[frame] == 1)
		frame++;
	if (frame < frames->total)
		place = seen[frame] ? "two places" : "no place";
	free(seen);
	return place ? wrong("each frame is in exactly one place",
			     "Put a frame into one ring, or free it once. A frame with neither is lost.",
			     "frame %u is in %s", frame, place)
		     : 0;
}

/* Make an echo request to MODEL_MAC. Return its length. */
static __u32 model_request(__u8 *packet, size_t data)
{
	static const __u8 mac[6] = MODEL_MAC;
	struct rng rng = { rng_seed() };
	__u32 len = (__u32)packet_echo(&rng, packet, 0, data);

	memcpy(packet, mac, 6);
	packet_set_checksum(packet + packet_ip(0));
	return len;
}

#endif /* MODEL_H */
