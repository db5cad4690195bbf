/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A ring over plain memory, with one producer and one consumer. libxdp has such
 * rings over memory that it shares with the kernel.
 *
 * Two indices count entries. They are only incremented, and wrap from 2^32 - 1
 * to 0. Entry number i is at place i modulo size. The producer reserves
 * entries, writes them and submits them; the consumer peeks at entries, reads
 * them and releases them.
 *
 * Each index has one writer, so no lock is needed. But the compiler and the CPU
 * may move other accesses across an access to an index. Which accesses must not
 * be moved, and in which direction?
 *
 * Code between EXERCISE and END is removed from the exercise skeletons.
 */
#ifndef RING_H
#define RING_H

#include <linux/types.h>
#include <stdatomic.h>

#define RING_LINE 64 /* bytes in a cache line */

/* The part that producer and consumer share. */
struct ring {
	/* Number of entries submitted so far. Only the producer writes it. */
	_Alignas(RING_LINE) _Atomic __u32 producer;
	/* Number of entries released so far. Only the consumer writes it. */
	_Alignas(RING_LINE) _Atomic __u32 consumer;
	_Alignas(RING_LINE) __u32 size; /* entries, a power of two */
	__u64 *entries;
};

/* Only the producer uses ring_prod, and only the consumer uses ring_cons. */
struct ring_prod {
	struct ring *ring;
	__u32 reserved; /* entries reserved so far */
};

struct ring_cons {
	struct ring *ring;
	__u32 peeked; /* entries peeked at so far */
};

/* ring_entry - return the place of entry number @idx */
static inline __u64 *ring_entry(const struct ring *ring, __u32 idx)
{
	/* EXERCISE 0: ring_entry */
	return &ring->entries[idx & (ring->size - 1)];
	/* END */
}

/*
 * ring_reserve - reserve @n entries, or none
 * @idx: set to the number of the first one
 *
 * Return @n, or 0 if the ring has less room. A reserved entry takes room until
 * the consumer releases it.
 */
static inline __u32 ring_reserve(struct ring_prod *prod, __u32 n, __u32 *idx)
{
	/* EXERCISE 0: ring_reserve */
	struct ring *ring = prod->ring;
	/* No write to the entries may move before this load. */
	__u32 released =
		atomic_load_explicit(&ring->consumer, memory_order_acquire);

	if (n > ring->size - (prod->reserved - released))
		return 0;
	*idx = prod->reserved;
	prod->reserved += n;
	return n;
	/* END */
}

/* ring_submit - let the consumer see the next @n of the reserved entries */
static inline void ring_submit(struct ring_prod *prod, __u32 n)
{
	/* EXERCISE 0: ring_submit */
	struct ring *ring = prod->ring;
	__u32 submitted =
		atomic_load_explicit(&ring->producer, memory_order_relaxed);

	/* The entries must be written before this store. */
	atomic_store_explicit(&ring->producer, submitted + n,
			      memory_order_release);
	/* END */
}

/*
 * ring_peek - look at the next submitted entries, at most @n
 * @idx: set to the number of the first one
 *
 * Return the number of entries. The next call continues after these entries.
 */
static inline __u32 ring_peek(struct ring_cons *cons, __u32 n, __u32 *idx)
{
	/* EXERCISE 0: ring_peek */
	struct ring *ring = cons->ring;
	/* No read of the entries may move before this load. */
	__u32 submitted =
		atomic_load_explicit(&ring->producer, memory_order_acquire);
	__u32 there = submitted - cons->peeked;

	if (n > there)
		n = there;
	*idx = cons->peeked;
	cons->peeked += n;
	return n;
	/* END */
}

/* ring_release - give the first @n of the peeked entries back for reuse */
static inline void ring_release(struct ring_cons *cons, __u32 n)
{
	/* EXERCISE 0: ring_release */
	struct ring *ring = cons->ring;
	__u32 released =
		atomic_load_explicit(&ring->consumer, memory_order_relaxed);

	/* The entries must be read before this store. */
	atomic_store_explicit(&ring->consumer, released + n,
			      memory_order_release);
	/* END */
}

#endif /* RING_H */
