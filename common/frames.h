/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stack of free UMEM frames.
 *
 * A frame is known by the address of any byte in it, counted from the start of
 * UMEM: at first its first byte, later that of the last packet in it. FILL
 * takes both, because the kernel masks the address (its networking/af_xdp
 * document, "UMEM Fill Ring"). The stack holds exactly the frames that are in
 * no other place. Last in, first out: the frame that was used last is most
 * likely still in the CPU's cache.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <assert.h>
#include <string.h>
#include <linux/types.h>

struct frames {
	__u64 *addrs; /* the stack; the next frame to take is at free - 1 */
	__u32 free;
	__u32 total;
	__u32 size; /* bytes of a frame */
};

/*
 * Number of frames in each place, when none is in hand. A ring's indices count
 * frames and never go back, so the difference of two indices is the number of
 * frames between them; this also tells us what the kernel's own places hold.
 * While the kernel is at work a number can be off for a moment, even below
 * zero: the kernel gives out a batch's packets before it gives back their FILL
 * entries.
 */
struct places {
	__u32 free, fill, kernel_rx, rx, tx, kernel_tx, completion;
};

/*
 * frames_init - make a stack of all frames of a UMEM
 * @total: number of frames
 * @size: bytes of a frame, a power of two
 *
 * Return 0 or -ENOMEM.
 */
int frames_init(struct frames *frames, __u32 total, __u32 size);

/* frames_fini - free the stack's memory; harmless on a zeroed one */
void frames_fini(struct frames *frames);

/*
 * frames_take - take @n free frames; there must be as many
 *
 * Return their addresses. Read them before you put a frame back.
 */
static inline const __u64 *frames_take(struct frames *frames, __u32 n)
{
	assert(frames->free >= n);
	frames->free -= n;
	return frames->addrs + frames->free;
}

/*
 * frames_give - put @n frames back
 * @addrs: any address in each
 */
static inline void frames_give(struct frames *frames, const __u64 *addrs,
			       __u32 n)
{
	assert(n <= frames->total - frames->free);
	memcpy(frames->addrs + frames->free, addrs, n * sizeof(*addrs));
	frames->free += n;
}

/* frames_put - put one frame back */
static inline void frames_put(struct frames *frames, __u64 addr)
{
	frames_give(frames, &addr, 1);
}

#endif /* FRAMES_H */
