// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test the rings of lessons/jumbo.c, in which a packet of several frames is a
 * chain of pieces. The test plays the kernel, to create two states that a
 * kernel does not create on demand: RX has only a part of a chain, and TX has
 * room for only a part of a chain.
 *
 * After each step every frame must be in exactly one place: on the stack of
 * free frames, in one ring, or in the kernel.
 */
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

#define main lessons_jumbo_main
#include "lessons/jumbo.c"
#undef main

#include "lessons/lesson.c"

const char *const say_program = "test_jumbo";
const char lesson_doc[] = "";

/* Only main() of lessons/jumbo.c calls this; no test calls main(). */
int jumbo_open(struct lesson *lesson, int argc, char **argv)
{
	(void)lesson, (void)argc, (void)argv;
	return -1;
}

#define FRAME_SIZE 4096
#define DATA	   1900 /* data bytes; the request fits into 4 * 500 bytes */

static const __u8 here_mac[6] = { 2, 0xca, 0xfe, 0, 1, 1 };

static struct lab {
	struct lesson lesson;
	struct kernel_rings rings;
	__u8 packet[PACKET_MAX], reply[PACKET_MAX];
	__u32 len; /* length of packet and reply */
	struct rng rng;
} lab;

static int lab_start(void **state)
{
	struct lesson *lesson = &lab.lesson;

	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.rng.state = rng_seed();
	lesson->batch = 32;
	lesson->session.mac = here_mac;
	lesson->xsk.umem = &lesson->umem;
	lesson->umem.area = malloc((size_t)FRAMES * FRAME_SIZE);
	assert_non_null(lesson->umem.area);
	assert_int_equal(frames_init(&lesson->umem.frames, FRAMES, FRAME_SIZE),
			 0);
	kernel_rings_start(&lab.rings, &lesson->xsk, 0, 0);
	fill_refill(&lesson->xsk);
	lab.len = (__u32)packet_echo(&lab.rng, lab.packet, 0, DATA);
	memcpy(lab.packet, here_mac, 6);
	packet_set_checksum(lab.packet + packet_ip(0));
	memcpy(lab.reply, lab.packet, lab.len);
	packet_expect(lab.reply, packet_ip(0));
	return 0;
}

static int lab_stop(void **state)
{
	(void)state;
	frames_fini(&lab.lesson.umem.frames);
	free(lab.lesson.umem.area);
	return 0;
}

static __u8 *at(__u64 addr)
{
	return (__u8 *)lab.lesson.umem.area + addr;
}

/* Play the kernel: receive a piece into the next frame of FILL. */
static void receive_piece(const __u8 *data, __u32 len, bool more)
{
	__u64 addr = (lab.rings.fill[lab.rings.consumer[0]++ % FILL_SIZE] &
		      ~(FRAME_SIZE - 1ULL)) +
		     XDP_PACKET_HEADROOM;

	memcpy(at(addr), data, len);
	lab.rings.rx[lab.rings.producer[1]++ % RX_SIZE] = (struct xdp_desc){
		.addr = addr,
		.len = len,
		.options = more ? XDP_PKT_CONTD : 0,
	};
}

/* Receive the request's bytes from @from up to @to, in pieces of @size. */
static void receive(__u32 from, __u32 to, __u32 size)
{
	for (; from < to; from += size) {
		__u32 n = to - from < size ? to - from : size;

		receive_piece(lab.packet + from, n, from + n < lab.len);
	}
}

/*
 * Check that every frame is in one place. Return the number of frames in each
 * place.
 */
static struct places places(void)
{
	struct places p = xsk_places(&lab.lesson.xsk);
	static __u8 seen[FRAMES];
	const struct frames *frames = &lab.lesson.umem.frames;

	assert_int_equal(p.free + p.fill + p.kernel_rx + p.rx + p.tx +
				 p.kernel_tx + p.completion,
			 FRAMES);
	memset(seen, 0, sizeof(seen));
	for (__u32 i = 0; i < p.free; i++)
		assert_int_equal(seen[frames->addrs[i] / FRAME_SIZE]++, 0);
	for (__u32 i = lab.rings.consumer[0]; i != lab.rings.producer[0]; i++)
		assert_int_equal(
			seen[lab.rings.fill[i % FILL_SIZE] / FRAME_SIZE]++, 0);
	for (__u32 i = lab.rings.consumer[1]; i != lab.rings.producer[1]; i++)
		assert_int_equal(
			seen[lab.rings.rx[i % RX_SIZE].addr / FRAME_SIZE]++, 0);
	for (__u32 i = lab.rings.consumer[2]; i != lab.rings.producer[2]; i++)
		assert_int_equal(
			seen[lab.rings.tx[i % TX_SIZE].addr / FRAME_SIZE]++, 0);
	return p;
}

/*
 * Play the kernel: take a whole chain from TX, and check that it is the reply.
 */
static void transmit(__u32 pieces)
{
	__u32 len = 0;

	for (__u32 i = 0; i < pieces; i++) {
		__u32 index = lab.rings.consumer[2]++;
		const struct xdp_desc *desc = &lab.rings.tx[index % TX_SIZE];

		assert_int_not_equal(index, lab.rings.producer[2]);
		assert_int_equal(desc->options,
				 i + 1 < pieces ? XDP_PKT_CONTD : 0);
		assert_true(len + desc->len <= lab.len);
		assert_memory_equal(at(desc->addr), lab.reply + len, desc->len);
		len += desc->len;
		lab.rings.completion[lab.rings.producer[3]++ % COMPLETION_SIZE] =
			desc->addr;
	}
	assert_int_equal(len, lab.len);
}

static void test_pieces(void **state)
{
	(void)state;
	for (__u32 size = HEADERS; size <= lab.len; size++) {
		__u32 pieces = (lab.len - 1) / size + 1;

		receive(0, lab.len, size);
		assert_int_equal(jumbo_receive(&lab.lesson), pieces);
		assert_int_equal(lab.rings.producer[2] - lab.rings.consumer[2],
				 pieces);
		places();
		transmit(pieces);
		jumbo_serve(&lab.lesson);
		places();
	}
	assert_int_equal(lab.lesson.stats.rx_packets, lab.len - HEADERS + 1);
	assert_int_equal(lab.lesson.stats.tx_packets, lab.len - HEADERS + 1);
}

/*
 * If half of a chain has arrived, its frames stay in RX, and are counted there.
 */
static void test_half(void **state)
{
	(void)state;
	receive(0, 1000, 500);
	assert_int_equal(jumbo_receive(&lab.lesson), 0);
	assert_int_equal(lab.lesson.left, 2);
	assert_int_equal(places().rx, 2);
	assert_int_equal(places().tx, 0);
	assert_int_equal(timeout(&lab.lesson, 0), -1);
	lab.lesson.session.dev.is_up = true;
	assert_int_equal(timeout(&lab.lesson, 0), TX_RETRY_MS);
	receive(1000, lab.len, 500);
	assert_int_equal(jumbo_receive(&lab.lesson), 4);
	assert_int_equal(lab.lesson.left, 0);
	places();
	transmit(4);
}

/* If TX has room for only a part of a chain, no part is put into TX. */
static void test_room(void **state)
{
	(void)state;
	for (__u32 room = 0; room < 5; room++) {
		__u32 idx, others = TX_SIZE - room;

		/* Put free frames into TX until only @room entries are left. */
		for (__u32 i = 0; i < others; i++)
			assert_true(tx_send(
				&lab.lesson.xsk,
				*frames_take(&lab.lesson.umem.frames, 1), 60));
		tx_submit(&lab.lesson.xsk);
		receive(0, lab.len, 500);
		idx = lab.rings.producer[2];
		assert_int_equal(jumbo_receive(&lab.lesson), room < 4 ? 0 : 4);
		assert_int_equal(lab.rings.producer[2] - idx, room < 4 ? 0 : 4);
		assert_int_equal(lab.lesson.left, room < 4 ? 4 : 0);
		places();
		/* Play the kernel: send these frames, so that TX has room. */
		for (__u32 i = 0; i < others; i++)
			lab.rings.completion[lab.rings.producer[3]++ %
					     COMPLETION_SIZE] =
				lab.rings.tx[lab.rings.consumer[2]++ % TX_SIZE]
					.addr;
		completion_reclaim(&lab.lesson.xsk);
		completion_reclaim(&lab.lesson.xsk);
		assert_int_equal(jumbo_receive(&lab.lesson), room < 4 ? 4 : 0);
		transmit(4);
		jumbo_serve(&lab.lesson);
		jumbo_serve(&lab.lesson);
		places();
	}
}

/*
 * If a batch ends within a chain, the rest of this chain is taken, too. The
 * next chain stays in RX.
 */
static void test_batch(void **state)
{
	(void)state;
	lab.lesson.batch = 6;
	for (int i = 0; i < 3; i++)
		receive(0, lab.len, 500);
	assert_int_equal(jumbo_receive(&lab.lesson), 8);
	assert_int_equal(places().rx, 4);
	lab.lesson.session.dev.is_up = true;
	assert_int_equal(timeout(&lab.lesson, 8), 0);
	transmit(4);
	transmit(4);
	assert_int_equal(jumbo_receive(&lab.lesson), 4);
	transmit(4);
}

/*
 * A packet of several pieces is TRUNCATED unless its first piece has all the
 * headers that the parser may read.
 */
static void test_headers(void **state)
{
	(void)state;
	receive(0, HEADERS - 1, HEADERS - 1);
	receive(HEADERS - 1, lab.len, 3000);
	assert_int_equal(jumbo_receive(&lab.lesson), 2);
	assert_int_equal(places().tx, 0);
	assert_int_equal(lab.lesson.stats.verdicts[ICMP6_ECHO_TRUNCATED], 1);
	/* A packet in one piece may be shorter than the longest headers. */
	receive_piece(lab.packet, 60, false);
	assert_int_equal(jumbo_receive(&lab.lesson), 1);
	assert_int_equal(places().free, TX_SIZE + 3);
	assert_int_equal(lab.lesson.stats.rx_packets, 2);
}

/*
 * If padding follows a request, pieces that have only padding are freed, and
 * the last piece of the reply is shortened.
 */
static void test_padding(void **state)
{
	static const __u8 padding[100];

	(void)state;
	for (__u32 from = 0; from < lab.len; from += 500)
		receive_piece(lab.packet + from,
			      from + 500 < lab.len ? 500 : lab.len - from + 3,
			      true);
	receive_piece(padding, 100, true);
	receive_piece(padding, 1, false);
	assert_int_equal(jumbo_receive(&lab.lesson), 6);
	assert_int_equal(places().tx, 4);
	transmit(4);
	assert_int_equal(lab.lesson.stats.tx_bytes, lab.len);
	assert_int_equal(lab.lesson.stats.rx_bytes, lab.len + 104);
}

/* A chain without an end is dropped, because otherwise it would fill RX. */
static void test_endless(void **state)
{
	(void)state;
	for (int i = 0; i < CHAIN_MAX; i++) {
		assert_int_equal(jumbo_receive(&lab.lesson), 0);
		receive_piece(lab.packet, 500, true);
	}
	assert_int_equal(jumbo_receive(&lab.lesson), CHAIN_MAX);
	assert_int_equal(places().rx, 0);
	assert_int_equal(places().tx, 0);
	receive(0, lab.len, 500);
	assert_int_equal(jumbo_receive(&lab.lesson), 4);
	transmit(4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_start, lab_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pieces),  TEST(test_half),	TEST(test_room),
		TEST(test_batch),   TEST(test_headers), TEST(test_padding),
		TEST(test_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
