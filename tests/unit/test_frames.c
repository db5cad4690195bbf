// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test common/frames.[ch]: the stack of free frames.
 *
 * Include common/frames.c with calloc() replaced, so that a test can make it
 * fail. Rename the two functions of frames.c, because frames.o is linked, too.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/packet.h"

static struct {
	bool fails;
	size_t count, size;
} heap;

static void *heap_calloc(size_t count, size_t size)
{
	heap.count = count;
	heap.size = size;
	return heap.fails ? NULL : calloc(count, size);
}

#define calloc	    heap_calloc
#define frames_init tested_frames_init
#define frames_fini tested_frames_fini
#include "common/frames.c"
#undef calloc

#define TOTAL 6144
#define SIZE  2048

static void test_init(void **state)
{
	struct frames frames;

	(void)state;
	memset(&frames, 0xa5, sizeof(frames));
	assert_int_equal(frames_init(&frames, TOTAL, SIZE), 0);
	assert_int_equal(frames.total, TOTAL);
	assert_int_equal(frames.size, SIZE);
	assert_int_equal(frames.free, TOTAL);
	assert_int_equal(heap.count, TOTAL);
	assert_int_equal(heap.size, sizeof(__u64));
	frames_fini(&frames);
}

/* The first frame is at the top of the stack, the last frame at the bottom. */
static void test_order_at_first(void **state)
{
	struct frames frames;

	(void)state;
	assert_int_equal(frames_init(&frames, TOTAL, SIZE), 0);
	for (__u64 i = 0; i < TOTAL; i++) {
		assert_int_equal(*frames_take(&frames, 1), i * SIZE);
		assert_int_equal(frames.free, TOTAL - 1 - i);
	}
	frames_fini(&frames);
}

static void test_last_in_first_out(void **state)
{
	static const __u64 in[] = { 3 * 4096, 0, 7 * 4096, 4096 };
	struct frames frames;

	(void)state;
	assert_int_equal(frames_init(&frames, 8, 4096), 0);
	for (int i = 0; i < 8; i++)
		frames_take(&frames, 1);
	for (int i = 0; i < 4; i++)
		frames_put(&frames, in[i]);
	assert_int_equal(frames.free, 4);
	for (int i = 3; i >= 0; i--)
		assert_int_equal(*frames_take(&frames, 1), in[i]);
	frames_fini(&frames);
}

/*
 * A frame can be put back by the address of any of its bytes. The next
 * frames_take() returns the same address.
 */
static void test_put_by_any_address(void **state)
{
	static const __u32 sizes[] = { 2048, 4096 };
	struct frames frames;

	(void)state;
	for (int s = 0; s < 2; s++) {
		assert_int_equal(frames_init(&frames, 3, sizes[s]), 0);
		for (int i = 0; i < 3; i++)
			frames_take(&frames, 1);
		for (__u64 addr = 0; addr < 3 * sizes[s]; addr++) {
			frames_put(&frames, addr);
			assert_int_equal(*frames_take(&frames, 1), addr);
		}
		frames_fini(&frames);
	}
}

/* In a UMEM of more than 4 GiB, no address is truncated to 32 bits. */
static void test_put_above_4_gib(void **state)
{
	struct frames frames;

	(void)state;
	assert_int_equal(frames_init(&frames, 0x200000, 4096), 0);
	assert_int_equal(frames.addrs[0], 0x1fffff000ULL);
	for (int i = 0; i < 2; i++)
		frames_take(&frames, 1);
	frames_put(&frames, 0x1fffff100ULL);
	assert_int_equal(*frames_take(&frames, 1), 0x1fffff100ULL);
	frames_fini(&frames);
}

/*
 * Check that no frame is lost or duplicated: the @taken frames in @out and the
 * frames on the stack must be all frames, each once.
 */
static void check_complete(struct frames *frames, __u64 *out, __u32 taken)
{
	bool seen[TOTAL] = { false };

	while (frames->free)
		out[taken++] = *frames_take(frames, 1);
	assert_int_equal(taken, TOTAL);
	for (__u32 i = 0; i < TOTAL; i++) {
		assert_true(out[i] / SIZE < TOTAL);
		if (seen[out[i] / SIZE])
			fail_msg("frame %llu appears twice (seed %llu)",
				 out[i] / SIZE, rng_seed());
		seen[out[i] / SIZE] = true;
	}
}

static void test_random_get_and_put(void **state)
{
	static __u64 out[TOTAL];
	struct rng rng = { rng_seed() };
	struct frames frames;

	(void)state;
	assert_int_equal(frames_init(&frames, TOTAL, SIZE), 0);
	for (int round = 0; round < 20; round++) {
		__u32 taken = 0, i;

		for (int step = 0; step < 20000; step++) {
			if (frames.free && (!taken || rng_below(&rng, 2))) {
				out[taken++] = *frames_take(&frames, 1);
			} else {
				i = rng_below(&rng, taken);
				frames_put(&frames,
					   out[i] / SIZE * SIZE +
						   rng_below(&rng, SIZE));
				out[i] = out[--taken];
			}
			assert_int_equal(frames.free + taken, TOTAL);
		}
		check_complete(&frames, out, taken);
		for (i = 0; i < TOTAL; i++)
			frames_put(&frames, out[i]);
	}
	frames_fini(&frames);
}

/*
 * Return true if @misuse calls abort(), as a failed assert() of common/frames.h
 * does.
 */
static bool aborts(void (*misuse)(struct frames *), struct frames *frames)
{
	const struct rlimit no_core = { 0, 0 };
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		misuse(frames);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void take_one(struct frames *frames)
{
	frames_take(frames, 1);
}

static void give_one(struct frames *frames)
{
	frames_put(frames, 0);
}

static void test_too_many_taken(void **state)
{
	struct frames frames;

	(void)state;
	assert_int_equal(frames_init(&frames, 2, SIZE), 0);
	frames_take(&frames, 1);
	assert_false(aborts(take_one, &frames));
	frames_take(&frames, 1);
	assert_true(aborts(take_one, &frames));
	frames_fini(&frames);
}

static void test_too_many_given(void **state)
{
	struct frames frames;

	(void)state;
	assert_int_equal(frames_init(&frames, 2, SIZE), 0);
	assert_true(aborts(give_one, &frames));
	frames_take(&frames, 1);
	assert_false(aborts(give_one, &frames));
	frames_put(&frames, 0);
	assert_true(aborts(give_one, &frames));
	frames_fini(&frames);
}

static void test_no_memory(void **state)
{
	struct frames frames;

	(void)state;
	memset(&frames, 0xa5, sizeof(frames));
	heap.fails = true;
	assert_int_equal(frames_init(&frames, TOTAL, SIZE), -ENOMEM);
	heap.fails = false;
	/* After the failure no frame is free, and frames_fini() still works. */
	assert_int_equal(frames.free, 0);
	assert_null(frames.addrs);
	frames_fini(&frames);
}

static void test_fini(void **state)
{
	struct frames frames, zero;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	assert_int_equal(frames_init(&frames, 16, SIZE), 0);
	for (int i = 0; i < 3; i++) {
		frames_fini(&frames);
		assert_null(frames.addrs);
		assert_int_equal(frames.free, 0);
		assert_int_equal(frames.total, 0);
		assert_int_equal(frames.size, 0);
	}
	frames_fini(&zero);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_order_at_first),
		cmocka_unit_test(test_last_in_first_out),
		cmocka_unit_test(test_put_by_any_address),
		cmocka_unit_test(test_put_above_4_gib),
		cmocka_unit_test(test_random_get_and_put),
		cmocka_unit_test(test_too_many_taken),
		cmocka_unit_test(test_too_many_given),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_fini),
	};

	return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
