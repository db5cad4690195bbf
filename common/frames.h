/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stack of free UMEM frames.
 *
 * A frame is known by its address, the offset of its first byte in UMEM. On
 * the stack are exactly the frames that are nowhere else. Last in, first out:
 * the frame that was used last is the likeliest to be in the CPU's cache.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <assert.h>
#include <linux/types.h>

struct frames {
	__u64 *addrs;
	__u32 free;
	__u32 total;
	__u32 size;
	__u64 mask; /* leaves of an address that of its frame */
};

/*
 * frames_init - all frames of a UMEM, free
 * @total: number of frames
 * @size: bytes of a frame, a power of two
 *
 * Returns 0 or -ENOMEM.
 */
int frames_init(struct frames *frames, __u32 total, __u32 size);

/* frames_fini - give the stack's memory back; harmless on a zeroed one */
void frames_fini(struct frames *frames);

/*
 * frames_take - take @n free frames; the caller knows that there are so many
 *
 * Returns their addresses, which are to be read before a frame is put back.
 */
static inline const __u64 *frames_take(struct frames *frames, __u32 n)
{
	assert(frames->free >= n);
	frames->free -= n;
	return frames->addrs + frames->free;
}

/*
 * frames_give - @n frames come home
 * @addrs: any address in each: descriptors point behind a frame's headroom
 */
static inline void frames_give(struct frames *frames, const __u64 *addrs,
			       __u32 n)
{
	__u64 *top = frames->addrs + frames->free, mask = frames->mask;

	assert(n <= frames->total - frames->free);
	frames->free += n;
	for (__u32 i = 0; i < n; i++)
		top[i] = addrs[i] & mask;
}

/* frames_put - the same for one */
static inline void frames_put(struct frames *frames, __u64 addr)
{
	frames_give(frames, &addr, 1);
}

#endif /* FRAMES_H */
