/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stack of free UMEM frames.
 *
 * A frame is known by the address of any byte in it, an offset in UMEM: that of
 * its first byte at first, that of its last packet later. FILL takes both, as the
 * kernel masks what is in there (its networking/af_xdp document, "UMEM Fill
 * Ring"). On the stack are exactly the frames that are nowhere else. Last in,
 * first out: the frame that was used last is the likeliest to be in the CPU's
 * cache.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <assert.h>
#include <string.h>
#include <linux/types.h>

struct frames {
	__u64 *addrs;
	__u32 free;
	__u32 total;
	__u32 size;
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
 * @addrs: any address in each
 */
static inline void frames_give(struct frames *frames, const __u64 *addrs,
			       __u32 n)
{
	assert(n <= frames->total - frames->free);
	memcpy(frames->addrs + frames->free, addrs, n * sizeof(*addrs));
	frames->free += n;
}

/* frames_put - the same for one */
static inline void frames_put(struct frames *frames, __u64 addr)
{
	frames_give(frames, &addr, 1);
}

#endif /* FRAMES_H */
