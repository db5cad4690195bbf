// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Test lessons/latency.c and its histogram. The test plays the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/kernel_rings.h"
#include "tests/unit/packet.h"

#define main lessons_latency_main
#include "lessons/latency.c"
#undef main
#include "lessons/histogram.c"
#include "lessons/lesson.c"

const char *const say_program = "test_latency";
const char lesson_doc[] = "";

/* Only main() of lessons/latency.c calls this; no test calls main(). */
int latency_open(struct latency *latency, int argc, char **argv,
		 __u32 (*serve)(struct lesson *))
{
	(void)latency, (void)argc, (void)argv, (void)serve;
	return -1;
}

#define FRAME_SIZE 2048

static const __u8 here_mac[6] = { 2, 0xca, 0xfe, 0, 1, 1 };

static struct lab {
	struct latency latency;
	struct kernel_rings rings;
	struct rng rng;
} lab;

static int lab_start(void **state)
{
	struct lesson *lesson = &lab.latency.lesson;

	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.rng.state = rng_seed();
	lesson->batch = 32;
	lesson->session.mac = here_mac;
	lesson->session.dev.is_up = true;
	lesson->xsk.umem = &lesson->umem;
	lesson->umem.area = malloc((size_t)FRAMES * FRAME_SIZE);
	assert_non_null(lesson->umem.area);
	assert_int_equal(frames_init(&lesson->umem.frames, FRAMES, FRAME_SIZE),
			 0);
	kernel_rings_start(&lab.rings, &lesson->xsk, 0, 0);
	fill_refill(&lesson->xsk);
	return 0;
}

static int lab_stop(void **state)
{
	(void)state;
	frames_fini(&lab.latency.lesson.umem.frames);
	free(lab.latency.lesson.umem.area);
	return 0;
}

static struct times *times_at(__u64 addr)
{
	return times_of(&lab.latency, addr);
}

/*
 * Play the kernel: receive a packet, an echo request if @echo is true. Write
 * the metadata that the XDP program would write.
 */
static void receive(__u64 entry, bool echo)
{
	__u64 addr =
		(lab.rings.fill[lab.rings.consumer[RING_FILL]++ % FILL_SIZE] &
		 ~(FRAME_SIZE - 1ULL)) +
		XDP_PACKET_HEADROOM;
	__u8 *packet = (__u8 *)lab.latency.lesson.umem.area + addr;
	__u32 len = (__u32)packet_echo(&lab.rng, packet, 0, 40);

	memcpy(packet, here_mac, 6);
	packet_set_checksum(packet + packet_ip(0));
	if (!echo)
		packet[12] = 0;
	memset(times_at(addr), 0xee, sizeof(struct times));
	times_at(addr)->rx = (struct rx_metadata){ .entry = entry,
						   .hash = 0x1234,
						   .has_hash = 1 };
	lab.rings.rx[lab.rings.producer[RING_RX]++ % RX_SIZE] =
		(struct xdp_desc){ .addr = addr, .len = len };
}

/*
 * Play the kernel: send a packet @ns nanoseconds after it was put into TX. If
 * @ns is 0, write no time of sending.
 */
static void transmit(__u64 ns)
{
	__u32 index = lab.rings.consumer[RING_TX]++;
	const struct xdp_desc *desc = &lab.rings.tx[index % TX_SIZE];
	struct times *times = times_at(desc->addr);

	assert_int_not_equal(index, lab.rings.producer[RING_TX]);
	assert_int_equal(desc->options, XDP_TX_METADATA);
	assert_int_equal(times->tx.flags, XDP_TXMD_FLAGS_TIMESTAMP);
	assert_int_equal(times->tx.sent, 0);
	times->tx.sent = ns ? times->asked + ns : 0;
	lab.rings.completion[lab.rings.producer[RING_COMPLETION]++ %
			     COMPLETION_SIZE] = desc->addr;
}

static __u32 frames_in_all(void)
{
	struct places p = xsk_places(&lab.latency.lesson.xsk);

	return p.free + p.fill + p.kernel_rx + p.rx + p.tx + p.kernel_tx +
	       p.completion;
}

static void test_stages(void **state)
{
	const struct histogram *stage = lab.latency.stage;

	(void)state;
	receive(now() - 5000000, true);
	assert_int_equal(latency_serve(&lab.latency.lesson), 1);
	assert_int_equal(frames_in_all(), FRAMES);
	transmit(7000000);
	assert_int_equal(latency_serve(&lab.latency.lesson), 0);
	assert_int_equal(frames_in_all(), FRAMES);
	assert_true(stage[TO_USER].most >= 5000000);
	assert_true(stage[IN_USER].most < 5000000);
	assert_int_equal(stage[TO_SENT].most, 7000000);
	assert_int_equal(stage[WHOLE].most, stage[TO_USER].most +
						    stage[IN_USER].most +
						    stage[TO_SENT].most);
	for (int i = 0; i < STAGES; i++)
		assert_int_equal(stage[i].total, 1);
	assert_int_equal(lab.latency.hashes, 1);
	assert_int_equal(lab.latency.last_hash, 0x1234);
	assert_int_equal(lab.latency.untimed, 0);
	assert_int_equal(lab.latency.to_xdp.total, 0);
}

/*
 * An answer is counted as untimed if the clock was set back, or if the kernel
 * has written no time of sending.
 */
static void test_untimed(void **state)
{
	(void)state;
	receive(now() + 3600000000000ULL, true);
	latency_serve(&lab.latency.lesson);
	transmit(1000);
	receive(now(), true);
	latency_serve(&lab.latency.lesson);
	transmit(0);
	latency_serve(&lab.latency.lesson);
	assert_int_equal(lab.latency.untimed, 2);
	for (int i = 0; i < STAGES; i++)
		assert_int_equal(lab.latency.stage[i].total, 0);
	assert_int_equal(frames_in_all(), FRAMES);
}

static void test_no_answer(void **state)
{
	__u32 free;

	(void)state;
	free = lab.latency.lesson.umem.frames.free;
	receive(now(), false);
	assert_int_equal(latency_receive(&lab.latency), 1);
	assert_int_equal(lab.latency.lesson.umem.frames.free, free + 1);
	assert_int_equal(xsk_places(&lab.latency.lesson.xsk).tx, 0);
	assert_int_equal(frames_in_all(), FRAMES);
}

/* While TX is full, packets stay in RX, and the loop does not spin. */
static void test_full(void **state)
{
	struct lesson *lesson = &lab.latency.lesson;

	(void)state;
	lesson->batch = 1000;
	for (__u32 i = 0; i < TX_SIZE + 3; i++) {
		receive(now(), true);
		latency_receive(&lab.latency);
	}
	assert_int_equal(xsk_places(&lesson->xsk).rx, 3);
	assert_true(lesson->left);
	assert_int_equal(timeout(lesson, 0), TX_RETRY_MS);
	assert_int_equal(frames_in_all(), FRAMES);
	for (__u32 i = 0; i < TX_SIZE; i++)
		transmit(1000);
	assert_int_equal(latency_serve(lesson), 3);
	assert_false(lesson->left);
	assert_int_equal(lab.latency.stage[WHOLE].total, TX_SIZE);
	assert_int_equal(frames_in_all(), FRAMES);
}

static void test_buckets(void **state)
{
	(void)state;
	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		__u64 from = histogram_from(i), to = histogram_to(i);

		assert_int_equal(bucket_of(from), i);
		assert_int_equal(bucket_of(to - 1), i);
		assert_true(to - from <= 1 || (to - from) * 32 <= from);
	}
	assert_int_equal(histogram_from(0), 0);
	assert_int_equal(histogram_to(HISTOGRAM_BUCKETS - 1),
			 HISTOGRAM_MAX + 1);
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

/* Compare quantiles of the histogram with those of a sorted list. */
static void test_quantiles(void **state)
{
	static const double parts[] = { 0.001, 0.25, 0.5, 0.99, 0.999, 1 };
	static struct histogram histogram;
	static __u64 list[1000];

	(void)state;
	histogram = (struct histogram){ 0 };
	assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
	for (int i = 0; i < 1000; i++) {
		list[i] = rng_next(&lab.rng) >> (33 + i % 20);
		histogram_add(&histogram, list[i]);
	}
	qsort(list, 1000, sizeof(*list), compare);
	assert_int_equal(histogram.most, list[999]);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		__u64 exact = list[(int)(parts[i] * 1000) - 1];
		__u64 quantile = histogram_quantile(&histogram, parts[i]);

		assert_true(quantile >= exact);
		assert_true(quantile <= exact + exact / 32);
	}
	assert_int_equal(histogram_between(&histogram, 0, 1ULL << 32), 1000);
	assert_int_equal(histogram_between(&histogram, 0, 1024) +
				 histogram_between(&histogram, 1024,
						   1ULL << 32),
			 1000);
	histogram_add(&histogram, ~0ULL);
	assert_int_equal(histogram.most, HISTOGRAM_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_start, lab_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stages), TEST(test_untimed), TEST(test_no_answer),
		TEST(test_full),   TEST(test_buckets), TEST(test_quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
