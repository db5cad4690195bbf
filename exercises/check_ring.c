// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Step 0: call the learner's ring functions and libxdp's, with the same
 * arguments. After each call compare the results and the rings' indices.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <xdp/xsk.h>

#include "check.h"
#include "ring_subject.h"
#include "talk.h"

#define RANDOM_CALLS 3000

/* The ring for libxdp's functions. No kernel uses its memory. */
static struct {
	__u32 producer, consumer; /* the indices that prod and cons share */
	struct xsk_ring_prod prod;
	struct xsk_ring_cons cons;
	__u32 size, first;
} model;

static void open_model(__u32 size, __u32 first)
{
	model.producer = model.consumer = first;
	model.size = size;
	model.first = first;
	model.prod = (struct xsk_ring_prod){
		.cached_prod = first,
		.cached_cons = first + size,
		.mask = size - 1,
		.size = size,
		.producer = &model.producer,
		.consumer = &model.consumer,
	};
	model.cons = (struct xsk_ring_cons){
		.cached_prod = first,
		.cached_cons = first,
		.mask = size - 1,
		.size = size,
		.producer = &model.producer,
		.consumer = &model.consumer,
	};
}

static struct ring_answer call_model(const struct ring_question *q)
{
	struct ring_answer a = { 0 };

	switch (q->call) {
	case RING_OPEN:
		open_model(q->n, q->first);
		break;
	case RING_RESERVE:
		a.returned = xsk_ring_prod__reserve(&model.prod, q->n, &a.idx);
		break;
	case RING_SUBMIT:
		xsk_ring_prod__submit(&model.prod, q->n);
		break;
	case RING_PEEK:
		/*
		 * Update libxdp's copy of the producer's index, because
		 * xsk_ring_cons__peek() reads the index only if the copy shows
		 * no entries.
		 */
		model.cons.cached_prod = model.producer;
		a.returned = xsk_ring_cons__peek(&model.cons, q->n, &a.idx);
		break;
	case RING_RELEASE:
		xsk_ring_cons__release(&model.cons, q->n);
		break;
	case RING_ENTRY:
		a.place = (long)(q->n & model.prod.mask) * (long)sizeof(__u64);
		break;
	}
	a.producer = model.producer;
	a.consumer = model.consumer;
	return a;
}

/* --- messages ------------------------------------------------------------- */

static const char *const names[] = {
	[RING_RESERVE] = "ring_reserve", [RING_SUBMIT] = "ring_submit",
	[RING_PEEK] = "ring_peek",	 [RING_RELEASE] = "ring_release",
	[RING_ENTRY] = "ring_entry",
};

/* The state of libxdp's ring before a call, for messages. */
struct state {
	__u32 producer, consumer;
	__u32 reserved; /* entries reserved and not submitted */
	__u32 peeked;	/* entries peeked at and not released */
};

static struct state state(void)
{
	return (struct state){
		.producer = model.producer,
		.consumer = model.consumer,
		.reserved = model.prod.cached_prod - model.producer,
		.peeked = model.cons.cached_cons - model.consumer,
	};
}

static void print_call(const struct ring_question *q, struct state s)
{
	printf("a ring of %u entries, producer's index %u, consumer's index %u, %u entries reserved and not submitted, %u peeked at and not released: %s(%u)\n",
	       model.size, s.producer, s.consumer, s.reserved, s.peeked,
	       names[q->call], q->n);
}

/* Return the likely reason for a wrong result of a call. */
static const char *why(const struct ring_question *q,
		       const struct ring_answer *right,
		       const struct ring_answer *came)
{
	switch (q->call) {
	case RING_RESERVE:
		if (right->returned && !came->returned)
			return "The room is ring->size - (prod->reserved - ring->consumer), computed as __u32: the difference is right even after an index has passed 2^32. All of the room can be used.";
		if (!right->returned && came->returned && q->n > model.size)
			return "The ring is too small for n entries. Compare n with the remaining room. Do not add to n, because the sum can exceed 2^32.";
		if (!right->returned && came->returned)
			return "Reserve all n entries or no entry. An entry uses room from the time when it is reserved until it is released.";
		return "Set *idx to the index of the first entry that this call reserves. A call that fails reserves nothing.";
	case RING_PEEK:
		if (came->returned > right->returned)
			return "Return at most n, and count only submitted entries that no earlier call has peeked at.";
		if (came->returned < right->returned)
			return "Return all submitted entries that no earlier call has peeked at, up to n. (libxdp may return fewer, because it keeps a copy of the producer's index. Here read the index in each call.)";
		return "Set *idx to the index of the first entry that this call peeks at: it follows the entries that earlier calls peeked at, not the last released entry.";
	case RING_SUBMIT:
		return "Add n to the producer's index, even if more than n entries are reserved. Do not change the consumer's index.";
	case RING_RELEASE:
		return "Add n to the consumer's index, even if more than n entries are peeked at. Do not change the producer's index.";
	default:
		return "The entry with index i is at place i modulo size.";
	}
}

static int differs(const char *name, __u32 right, __u32 came)
{
	if (right != came)
		printf("expected: %s %u\ncame:     %u\n", name, right, came);
	return right != came;
}

/*
 * Call the learner's function and libxdp's. Return 1 if the results or the
 * rings' indices differ, or if the learner's function writes an entry or makes
 * an access outside the ring's memory.
 */
static int ask(enum ring_call call, __u32 n, __u32 first)
{
	const struct ring_question q = { call, n, first };
	const struct state before = state();
	struct ring_answer right = call_model(&q), came;
	int wrong = 0;

	subject_give(&q, sizeof(q));
	subject_take(&came, sizeof(came));
	if (call == RING_OPEN)
		return 0;
	if (!came.is_fault && !came.is_written &&
	    right.returned == came.returned && right.place == came.place &&
	    right.producer == came.producer &&
	    right.consumer == came.consumer &&
	    (!right.returned || right.idx == came.idx))
		return 0;
	print_call(&q, before);
	if (came.is_fault) {
		puts("expected: an access only to the ring's memory\ncame:     an access outside the ring's memory");
		return 1;
	}
	wrong |= differs("the function returns", right.returned, came.returned);
	if (!wrong && right.returned)
		wrong |= differs("*idx is", right.idx, came.idx);
	if (right.place != came.place)
		wrong |= printf(
			"expected: an entry that begins %ld bytes after the first one\ncame:     %ld bytes\n",
			right.place, came.place);
	wrong |= differs("the producer's index is", right.producer,
			 came.producer);
	wrong |= differs("the consumer's index is", right.consumer,
			 came.consumer);
	if (came.is_written)
		puts("expected: the function writes no entry, because its caller writes the entries\ncame:     an entry was written");
	puts(why(&q, &right, &came));
	return 1;
}

/* --- checks --------------------------------------------------------------- */

/* Pass one entry through the ring. */
static int pass_one(__u32 i)
{
	return ask(RING_RESERVE, 1, 0) || ask(RING_ENTRY, i, 0) ||
	       ask(RING_SUBMIT, 1, 0) || ask(RING_PEEK, 1, 0) ||
	       ask(RING_RELEASE, 1, 0);
}

/*
 * Make random calls. Submit only reserved entries, and release only entries
 * that were peeked at.
 */
static int call_at_random(__u32 size, __u32 first, unsigned int seed)
{
	if (ask(RING_OPEN, size, first))
		return 1;
	for (int i = 0; i < RANDOM_CALLS; i++) {
		enum ring_call call =
			RING_RESERVE + (enum ring_call)(rand_r(&seed) % 5);
		__u32 n = (__u32)rand_r(&seed) % (size + 2), limit = n;

		if (call == RING_SUBMIT)
			limit = model.prod.cached_prod - model.producer;
		else if (call == RING_RELEASE)
			limit = model.cons.cached_cons - model.consumer;
		else if (call == RING_ENTRY)
			n = model.producer + n;
		if (call != RING_ENTRY && n > limit)
			n = limit;
		if (ask(call, n, 0))
			return 1;
	}
	return 0;
}

int check_ring(void)
{
	ask(RING_OPEN, 8, 0);
	for (__u32 i = 0; i < 20; i++)
		if (pass_one(i))
			return 1;
	return 0;
}

int check_ring_limits(void)
{
	static const struct {
		enum ring_call call;
		__u32 n;
	} calls[] = {
		{ RING_PEEK, 1 },			    /* empty */
		{ RING_RESERVE, 3 },   { RING_PEEK, 8 },    /* none submitted */
		{ RING_SUBMIT, 2 },    { RING_PEEK, 8 },    /* two submitted */
		{ RING_PEEK, 8 },			    /* no new entries */
		{ RING_RESERVE, 6 },   { RING_RESERVE, 5 }, /* room for 5 */
		{ RING_RESERVE, 1 },   { RING_RELEASE, 1 }, /* one released */
		{ RING_RESERVE, 2 },   { RING_RESERVE, 1 },
		{ RING_SUBMIT, 7 },    { RING_RELEASE, 1 },
		{ RING_PEEK, 3 },      { RING_PEEK, 8 },
		{ RING_RELEASE, 7 },   { RING_PEEK, 8 },
		{ RING_RESERVE, 9 },   { RING_RESERVE, -1U },
		{ RING_RESERVE, -4U }, { RING_RESERVE, 8 },
		{ RING_RESERVE, 1 },   { RING_SUBMIT, 8 },
		{ RING_PEEK, -1U },    { RING_RELEASE, 8 },
		{ RING_RESERVE, 3 },   { RING_RESERVE, -1U },
		{ RING_RESERVE, -3U }, { RING_SUBMIT, 3 },
	};

	ask(RING_OPEN, 8, 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (ask(calls[i].call, calls[i].n, 0))
			return 1;
	/* Try a ring whose number of entries does not fit into 16 bits. */
	ask(RING_OPEN, 1U << 16, 0);
	return ask(RING_RESERVE, 1U << 16, 0) || ask(RING_RESERVE, 1, 0) ||
	       ask(RING_ENTRY, (1U << 16) - 1, 0) || call_at_random(8, 0, 1) ||
	       call_at_random(1, 0, 2) || call_at_random(64, 7, 3);
}

int check_ring_wrap(void)
{
	for (unsigned int seed = 1; seed < 8; seed++)
		if (call_at_random(1U << seed, 0U - 40 * seed, seed))
			return 1;
	return call_at_random(16, (1U << 31) - 100, 9);
}
