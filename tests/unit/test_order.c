// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Check that the models of tests/prove describe headers/xsk.h: the litmus tests
 * model the accesses to ring indices, and frames.pml models the moves of
 * frames.
 *
 * Each atomic access to an index calls index_load() or index_store(). These
 * functions play the worst possible kernel. Such a kernel writes entries only
 * when the code reads the kernel's index, and overwrites entries as soon as the
 * code releases them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/frames.h"

__u32 index_load(const __u32 *index, int order);
void index_store(__u32 *index, __u32 value, int order);

#define __atomic_load_n(index, order)	      index_load(index, order)
#define __atomic_store_n(index, value, order) index_store(index, value, order)
#include "headers/xsk.h"
#undef __atomic_load_n
#undef __atomic_store_n

#define FRAMES	   (FILL_SIZE + TX_SIZE)
#define FRAME_SIZE 2048
#define UNWRITTEN  0xeeeeeeeeeeeeeeeeULL
#define SOME	   7 /* entries that the kernel produces or consumes at once */

static struct lab {
	struct umem umem;
	struct xsk xsk;
	__u64 fill[FILL_SIZE], completion[COMPLETION_SIZE];
	struct xdp_desc rx[RX_SIZE], tx[TX_SIZE];
	struct ring {
		__u32 producer, consumer;
	} fill_at, rx_at, tx_at, completion_at;
	__u32 flags;
	bool idle; /* true: the kernel does nothing */
} lab;

/* A list of the different accesses so far, such as "store producer release". */
static char accesses[16][64];
static int n_accesses;

static void note(char (*list)[64], int *n, const char *what)
{
	for (int i = 0; i < *n; i++)
		if (!strcmp(list[i], what))
			return;
	assert_true(*n < 16);
	strcpy(list[(*n)++], what);
}

static const char *order_name(int order)
{
	return order == __ATOMIC_ACQUIRE   ? "acquire"
	       : order == __ATOMIC_RELEASE ? "release"
					   : "other";
}

static void note_access(const char *how, const __u32 *index, int order)
{
	bool producer = index == &lab.fill_at.producer ||
			index == &lab.rx_at.producer ||
			index == &lab.tx_at.producer ||
			index == &lab.completion_at.producer;
	char what[64];

	snprintf(what, sizeof(what), "%s %s %s", how,
		 producer ? "producer" : "consumer", order_name(order));
	note(accesses, &n_accesses, what);
}

/*
 * Play the kernel at the moment when the code reads an index: produce entries,
 * or consume entries and check that they are intact.
 */
__u32 index_load(const __u32 *index, int order)
{
	note_access("load", index, order);
	for (__u64 i = 0; i < SOME && !lab.idle; i++) {
		if (index == &lab.rx_at.producer)
			lab.rx[lab.rx_at.producer++] =
				(struct xdp_desc){ i * FRAME_SIZE, 64, 0 };
		if (index == &lab.completion_at.producer)
			lab.completion[lab.completion_at.producer++] =
				i * FRAME_SIZE;
		if (index == &lab.fill_at.consumer)
			assert_int_not_equal(lab.fill[lab.fill_at.consumer++],
					     UNWRITTEN);
		if (index == &lab.tx_at.consumer)
			assert_int_equal(lab.tx[lab.tx_at.consumer++].len, 64);
	}
	return *index;
}

/*
 * Play the kernel at the moment when the code writes an index: check the
 * submitted entries, or overwrite the released entries.
 */
void index_store(__u32 *index, __u32 value, int order)
{
	note_access("store", index, order);
	for (__u32 i = *index; i != value; i++) {
		if (index == &lab.fill_at.producer)
			assert_int_not_equal(lab.fill[i % FILL_SIZE],
					     UNWRITTEN);
		if (index == &lab.tx_at.producer)
			assert_int_equal(lab.tx[i % TX_SIZE].len, 64);
		if (index == &lab.rx_at.consumer)
			memset(&lab.rx[i % RX_SIZE], 0xee, sizeof(*lab.rx));
		if (index == &lab.completion_at.consumer)
			lab.completion[i % COMPLETION_SIZE] = UNWRITTEN;
	}
	*index = value;
}

#define RING(name, SIZE)                                               \
	{                                                              \
		.mask = (SIZE)-1, .size = (SIZE),                      \
		.producer = &lab.name##_at.producer,                   \
		.consumer = &lab.name##_at.consumer, .ring = lab.name, \
		.flags = &lab.flags                                    \
	}

static int lab_start(void **state)
{
	(void)state;
	memset(&lab, 0xee, sizeof(lab));
	lab.fill_at = lab.rx_at = lab.tx_at = lab.completion_at =
		(struct ring){ 0 };
	lab.idle = false;
	lab.umem = (struct umem){ 0 };
	lab.xsk = (struct xsk){ .fill = RING(fill, FILL_SIZE),
				.rx = RING(rx, RX_SIZE),
				.tx = RING(tx, TX_SIZE),
				.completion = RING(completion, COMPLETION_SIZE),
				.umem = &lab.umem };
	lab.xsk.fill.cached_cons = FILL_SIZE;
	lab.xsk.tx.cached_cons = TX_SIZE;
	return frames_init(&lab.umem.frames, FRAMES, FRAME_SIZE);
}

static int lab_stop(void **state)
{
	(void)state;
	frames_fini(&lab.umem.frames);
	return 0;
}

/*
 * The first refill fills the ring. The second refill adds as many entries as
 * the kernel has taken.
 */
static void test_fill(void **state)
{
	(void)state;
	fill_refill(&lab.xsk);
	assert_int_equal(lab.fill_at.producer, FILL_SIZE);
	fill_refill(&lab.xsk);
	assert_int_equal(lab.fill_at.producer, FILL_SIZE + SOME);
}

static void test_rx(void **state)
{
	__u32 idx, n = rx_peek(&lab.xsk, 32, &idx);

	(void)state;
	assert_int_equal(n, SOME);
	for (__u32 i = 0; i < n; i++)
		assert_int_equal(
			xsk_ring_cons__rx_desc(&lab.xsk.rx, idx + i)->len, 64);
	rx_release(&lab.xsk, n);
	assert_int_equal(lab.rx_at.consumer, SOME);
}

static void test_tx(void **state)
{
	(void)state;
	for (__u64 i = 0; i < TX_SIZE; i++)
		assert_true(tx_send(&lab.xsk, i * FRAME_SIZE, 64));
	assert_int_equal(lab.tx_at.producer, 0);
	assert_int_equal(tx_submit(&lab.xsk), TX_SIZE);
	/* TX is full until the code reads the kernel's index. */
	assert_true(tx_send(&lab.xsk, 0, 64));
	assert_int_equal(lab.tx_at.consumer, SOME);
}

static void test_completion(void **state)
{
	struct frames *frames = &lab.umem.frames;

	(void)state;
	frames_take(frames, 2 * SOME);
	completion_reclaim(&lab.xsk);
	assert_int_equal(lab.completion_at.consumer, SOME);
	assert_int_equal(frames->free, FRAMES - SOME);
	for (__u64 i = 0; i < SOME; i++)
		assert_int_equal(frames->addrs[FRAMES - 2 * SOME + i],
				 i * FRAME_SIZE);
}

/*
 * Return the places that frames have left, and the places that they have
 * entered, in the notation of frames.pml, such as "free?fill!". @a is the state
 * before, @b the state after.
 */
static const char *moves(const struct places *a, const struct places *b)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s%s%s%s",
		 b->rx < a->rx ? "rx?" : "",
		 b->completion < a->completion ? "completion?" : "",
		 b->free < a->free ? "free?" : "",
		 b->free > a->free ? "free!" : "",
		 b->fill > a->fill ? "fill!" : "", b->tx > a->tx ? "tx!" : "",
		 b->completion > a->completion ? "completion!" : "");
	return text;
}

/*
 * Return the operations on channels in frames.pml, from the line with @from to
 * the line with @to.
 */
static const char *modelled_moves(const char *from, const char *to)
{
	static const char *const all[] = {
		"rx?",	 "tx?",	  "completion?", "fill?",	"free?",
		"free!", "fill!", "tx!",	 "completion!", "rx!",
	};
	static char text[64], line[256];
	bool within = false, has[10] = { 0 };
	FILE *file = fopen("tests/prove/frames.pml", "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strstr(line, to))
			within = false;
		if (strstr(line, from))
			within = true;
		for (int i = 0; within && i < 10; i++)
			has[i] |= !!strstr(line, all[i]);
	}
	fclose(file);
	*text = '\0';
	for (int i = 0; i < 10; i++)
		if (has[i])
			strcat(text, all[i]);
	return text;
}

static struct places places(void)
{
	struct places p;

	lab.idle = true;
	p = xsk_places(&lab.xsk);
	lab.idle = false;
	return p;
}

/*
 * Check that fill_refill() and completion_reclaim() move frames from and to the
 * same places as their models in frames.pml.
 */
static void test_moves(void **state)
{
	struct places before = places(), after;

	(void)state;
	fill_refill(&lab.xsk);
	after = places();
	assert_string_equal(moves(&before, &after),
			    modelled_moves("fill_refill()",
					   "process_packet()"));

	frames_take(&lab.umem.frames, 2 * SOME);
	before = places();
	before.completion += SOME; /* index_load() will produce them */
	completion_reclaim(&lab.xsk);
	after = places();
	assert_string_equal(moves(&before, &after),
			    modelled_moves("completion_reclaim()", "od"));
}

/*
 * Add the accesses of a litmus test to @list. The lines look like
 * "atomic_store_explicit(producer, 1, memory_order_release)".
 */
static void read_litmus(const char *path, char (*list)[64], int *n)
{
	FILE *file = fopen(path, "re");
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "atomic_l");
		char how[8], index[16], order[16], what[64];

		if (!at)
			at = strstr(line, "atomic_s");
		if (!at)
			continue;
		assert_int_equal(sscanf(at, "atomic_%7[a-z]_explicit(%15[a-z]",
					how, index),
				 2);
		at = strstr(at, "memory_order_");
		assert_non_null(at);
		assert_int_equal(sscanf(at, "memory_order_%15[a-z]", order), 1);
		snprintf(what, sizeof(what), "%s %s %s", how, index, order);
		note(list, n, what);
	}
	fclose(file);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/*
 * Check that the tests of the four rings have made exactly the accesses of the
 * litmus tests. Run this test after the tests of the rings.
 */
static void test_litmus(void **state)
{
	char modelled[16][64];
	int n = 0;

	(void)state;
	read_litmus("tests/prove/litmus/ring.litmus", modelled, &n);
	read_litmus("tests/prove/litmus/reuse.litmus", modelled, &n);
	assert_int_equal(n, 4);
	assert_int_equal(n, n_accesses);
	qsort(modelled, (size_t)n, sizeof(*modelled), by_name);
	qsort(accesses, (size_t)n, sizeof(*accesses), by_name);
	for (int i = 0; i < n; i++)
		assert_string_equal(modelled[i], accesses[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_start, lab_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fill),       TEST(test_rx),	  TEST(test_tx),
		TEST(test_completion), TEST(test_litmus), TEST(test_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
