/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stack of free UMEM frames.
 *
 * The address of any byte in a frame identifies the frame. Addresses count from
 * the start of UMEM. At first the stack holds the address of each frame's first
 * byte. When a frame is put back, the stack holds the address of the frame's
 * last packet. FILL accepts both kinds of addresses, because the kernel clears
 * the low bits of an address ("UMEM Fill Ring" in the kernel's document
 * networking/af_xdp). Each frame is either on the stack or in one other place
 * (see struct places). The frame that was put back last is taken first, because
 * that frame is most likely still in the CPU's cache.
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
	__u32 size; /* bytes in a frame */
};

/*
 * Numbers of frames in each place. Their sum is the number of all frames,
 * except while process_packet() holds a frame. A ring's indices count frames,
 * modulo 2^32, so the difference of two indices is the number of frames between
 * them. kernel_rx and kernel_tx, the numbers of frames inside the kernel, are
 * differences between indices of two rings. While the kernel works, a number
 * can be wrong for a moment. For example, kernel_rx can be negative (as an
 * __s32) after the kernel submits a batch's packets to RX and before it
 * releases their entries in FILL.
 *
 * In copy mode the kernel may keep one frame even while no packet arrives. The
 * kernel takes a frame from FILL before it checks if RX is full. If RX is full,
 * the kernel drops the packet and keeps the frame for the next packet
 * (__xsk_rcv() in net/xdp/xsk.c, xp_free()). This frame counts as kernel_rx.
 */
struct places {
	__u32 free, fill, kernel_rx, rx, tx, kernel_tx, completion;
};

/*
 * frames_init - make a stack of all frames of a UMEM
 * @total: number of frames
 * @size: bytes in a frame, a power of two
 *
 * Return 0 or -ENOMEM.
 */
int frames_init(struct frames *frames, __u32 total, __u32 size);

/* frames_fini - free the stack's memory; harmless on a zeroed stack */
void frames_fini(struct frames *frames);

/*
 * frames_take - take @n frames; the stack must hold at least @n
 *
 * Return the frames' addresses. Read the addresses before you put a frame back,
 * because that overwrites them.
 */
static inline const __u64 *frames_take(struct frames *frames, __u32 n)
{
	assert(frames->free >= n);
	frames->free -= n;
	return frames->addrs + frames->free;
}

/*
 * frames_give - put @n frames back
 * @addrs: any address in each frame
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
