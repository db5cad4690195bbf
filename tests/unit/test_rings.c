// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test the four rings of headers/xsk.h and af_xdp_user.c. The test plays the
 * kernel.
 *
 * The rings are in plain memory. A model in this file records where each frame
 * is, and the expected result of each packet. After each step the rings are
 * compared with the model. The tests check the invariant at the top of
 * headers/xsk.h: each frame is in exactly one place.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/kernel_rings.h"
#include "tests/unit/packet.h"

static int poll_by_kernel(struct pollfd *fds, nfds_t n, int ms);

#define main af_xdp_user_main
#define poll poll_by_kernel
#include "af_xdp_user.c"
#undef poll
#undef main

#define FRAME_SIZE 2048
#define ALL	   (~0u)

enum place {
	AT_FREE,
	AT_FILL,
	AT_KERNEL_RX,
	AT_RX,
	AT_TX,
	AT_KERNEL_TX,
	AT_COMPLETION,
	PLACES
};

/* The device's MAC address. Requests to another address get no answer. */
static const __u8 here_mac[6] = { 2, 0xca, 0xfe, 0, 1, 1 };

/* The packet last received into a frame, and the packet's expected result. */
struct received {
	__u64 addr;
	__u32 len;
	int reply; /* the expected result of icmp6_echo_reply() */
};

struct list {
	__u64 addrs[FRAMES];
	__u32 n;
};

static struct lab {
	/* The state of the code under test, and the memory of its rings. */
	struct queue queue;
	struct kernel_rings rings;

	/* The model. */
	enum place place[FRAMES];
	__u32 count[PLACES];
	__u32 most[PLACES];   /* largest value of count[] so far */
	__u32 serves_without; /* calls of queue_serve() that found FILL empty */
	struct received received[FRAMES];
	struct list kernel_rx, kernel_tx;
	struct stats stats;
	__u32 echo_percent;

	/* For random numbers, and for the message of a failed CHECK(). */
	struct rng rng;
	const char *name;
	__u32 step;
} lab;

static __u32 batch = BATCH; /* limit on packets received, or sent, at once */
static __u8 replies[FRAMES][FRAME_SIZE];

#define CHECK(condition)                                                     \
	do {                                                                 \
		if (!(condition))                                            \
			fail_msg("%s: step %u, seed %llu: %s (line %d)",     \
				 lab.name, lab.step, rng_seed(), #condition, \
				 __LINE__);                                  \
	} while (0)

static __u32 smaller(__u32 a, __u32 b)
{
	return a < b ? a : b;
}

/*
 * Check that the model has the frame of @addr in @from, and move it to @to.
 * Return the frame's number.
 */
static __u32 move(__u64 addr, enum place from, enum place to)
{
	__u32 frame = (__u32)(addr / FRAME_SIZE);

	CHECK(addr < (__u64)FRAMES * FRAME_SIZE);
	CHECK(lab.place[frame] == from);
	lab.place[frame] = to;
	lab.count[from]--;
	lab.count[to]++;
	if (lab.count[to] > lab.most[to])
		lab.most[to] = lab.count[to];
	return frame;
}

/*
 * Start with empty rings and all frames free. The indices of FILL and RX begin
 * at @in, and the indices of TX and COMPLETION at @out. Both rings of a pair
 * begin at the same index, because xsk_places() subtracts an index of one ring
 * from an index of the other ring.
 */
static void lab_start(const char *name, __u32 in, __u32 out)
{
	void *area = lab.queue.umem.area;

	memset(&lab, 0, sizeof(lab));
	lab.name = name;
	lab.rng.state = rng_seed();
	lab.echo_percent = 80;
	lab.count[AT_FREE] = FRAMES;
	lab.queue.batch = batch;
	lab.queue.mac = here_mac;
	lab.queue.xsk.umem = &lab.queue.umem;
	lab.queue.umem.area = area ? area : malloc((size_t)FRAMES * FRAME_SIZE);
	CHECK(lab.queue.umem.area);
	memset(lab.rings.fill, 0xff, sizeof(lab.rings.fill));
	memset(lab.rings.tx, 0xff, sizeof(lab.rings.tx));
	CHECK(!frames_init(&lab.queue.umem.frames, FRAMES, FRAME_SIZE));
	kernel_rings_start(&lab.rings, &lab.queue.xsk, in, out);
}

static int lab_stop(void **state)
{
	(void)state;
	frames_fini(&lab.queue.umem.frames);
	free(lab.queue.umem.area);
	lab.queue.umem.area = NULL;
	return 0;
}

/*
 * Play the kernel: take frames from FILL. An address in FILL may be any address
 * in its frame.
 */
static void kernel_fill(__u32 n)
{
	struct xsk_ring_prod *ring = &lab.queue.xsk.fill;

	for (n = smaller(n, *ring->producer - *ring->consumer); n; n--) {
		__u64 addr = lab.rings.fill[*ring->consumer % FILL_SIZE] &
			     ~(FRAME_SIZE - 1ULL);

		move(addr, AT_FILL, AT_KERNEL_RX);
		lab.kernel_rx.addrs[lab.kernel_rx.n++] = addr;
		++*ring->consumer;
	}
}

/* Remove a random frame from @list. Return the frame's address. */
static __u64 take(struct list *list)
{
	__u32 i = rng_below(&lab.rng, list->n);
	__u64 addr = list->addrs[i];

	list->addrs[i] = list->addrs[--list->n];
	return addr;
}

/*
 * Set a request's destination MAC address to an address that differs from the
 * device's in one bit. Return the expected result.
 */
static int foreign(__u8 *p)
{
	__u32 bit = rng_below(&lab.rng, 48);

	memcpy(p, here_mac, 6);
	p[bit / 8] ^= (__u8)(1 << bit % 8);
	return p[0] & 1 ? -ICMP6_ECHO_ADDRESS : -ICMP6_ECHO_FOREIGN;
}

/* Make a random packet that gets no answer. Return the expected result. */
static int make_junk(__u8 *p, __u32 *len)
{
	__u8 *ip = p + ETHER;

	*len = (__u32)packet_echo(&lab.rng, p, 0, 20);
	switch (rng_below(&lab.rng, 8)) {
	case 0:
		put16(p + 12, 0x0806);
		return -ICMP6_ECHO_OTHER;
	case 1:
		ip[ICMP6_TYPE] = 129;
		return -ICMP6_ECHO_OTHER;
	case 2:
		*len = (__u32)packet_echo(&lab.rng, p, 3, 4);
		return -ICMP6_ECHO_OTHER;
	case 3:
		ip[IP6_NEXT] = 44;
		return -ICMP6_ECHO_EXTENSION;
	case 4:
		*len = rng_below(&lab.rng, *len);
		return -ICMP6_ECHO_TRUNCATED;
	case 5:
		*len = 0;
		return -ICMP6_ECHO_TRUNCATED;
	case 6:
		return foreign(p);
	default:
		ip[IP6_DEST] = 0xff;
		return -ICMP6_ECHO_ADDRESS;
	}
}

static int make_packet(__u8 *p, __u8 *reply, __u32 *len)
{
	unsigned int tags = rng_below(&lab.rng, 3);
	__u32 most = rng_below(&lab.rng, 64) ? 40 : 1400;
	__u32 n;

	if (rng_below(&lab.rng, 100) >= lab.echo_percent)
		return make_junk(p, len);
	n = (__u32)packet_echo(&lab.rng, p, tags, rng_below(&lab.rng, most));
	memcpy(p, here_mac, 6);
	memcpy(reply, p, n);
	packet_expect(reply, packet_ip(tags));
	/* Sometimes padding follows, which is not sent back. */
	*len = n + (rng_below(&lab.rng, 4) ? 0 : rng_below(&lab.rng, 40));
	return (int)n;
}

/*
 * Play the kernel: receive packets. A packet begins after XDP's headroom, or
 * sometimes later in its frame.
 */
static void kernel_receive(__u32 n)
{
	struct xsk_ring_cons *ring = &lab.queue.xsk.rx;
	__u32 room = RX_SIZE - (*ring->producer - *ring->consumer);

	for (n = smaller(n, smaller(lab.kernel_rx.n, room)); n; n--) {
		__u64 addr = take(&lab.kernel_rx) + XDP_PACKET_HEADROOM;
		struct received *in;
		__u32 frame;

		if (!rng_below(&lab.rng, 8))
			addr += 2 * rng_below(&lab.rng, 64);
		frame = move(addr, AT_KERNEL_RX, AT_RX);
		in = &lab.received[frame];
		in->addr = addr;
		in->reply = make_packet((__u8 *)lab.queue.umem.area + addr,
					replies[frame], &in->len);
		lab.rings.rx[*ring->producer % RX_SIZE] = (struct xdp_desc){
			.addr = addr,
			.len = in->len,
		};
		++*ring->producer;
	}
}

/* Play the kernel: send packets, while COMPLETION has room for their frames. */
static void kernel_transmit(__u32 n)
{
	struct xsk_ring_prod *ring = &lab.queue.xsk.tx;
	__u32 room = COMPLETION_SIZE - lab.count[AT_KERNEL_TX] -
		     lab.count[AT_COMPLETION];

	n = smaller(n, *ring->producer - *ring->consumer);
	for (n = smaller(n, room); n; n--) {
		struct xdp_desc *desc =
			&lab.rings.tx[*ring->consumer % TX_SIZE];
		__u32 frame = move(desc->addr, AT_TX, AT_KERNEL_TX);

		CHECK(!memcmp((__u8 *)lab.queue.umem.area + desc->addr,
			      replies[frame], desc->len));
		lab.kernel_tx.addrs[lab.kernel_tx.n++] = desc->addr;
		memset(desc, 0xff, sizeof(*desc));
		++*ring->consumer;
	}
}

/*
 * Play the kernel: return sent frames through COMPLETION in any order. Each
 * address is the same as it was in TX.
 */
static void kernel_complete(__u32 n)
{
	struct xsk_ring_cons *ring = &lab.queue.xsk.completion;

	for (n = smaller(n, lab.kernel_tx.n); n; n--) {
		__u64 addr = take(&lab.kernel_tx);

		move(addr, AT_KERNEL_TX, AT_COMPLETION);
		CHECK(*ring->producer - *ring->consumer < COMPLETION_SIZE);
		lab.rings.completion[*ring->producer % COMPLETION_SIZE] = addr;
		++*ring->producer;
	}
}

static void check_stats(void)
{
	CHECK(lab.queue.stats.rx_packets == lab.stats.rx_packets);
	CHECK(lab.queue.stats.rx_bytes == lab.stats.rx_bytes);
	CHECK(lab.queue.stats.tx_packets == lab.stats.tx_packets);
	CHECK(lab.queue.stats.tx_bytes == lab.stats.tx_bytes);
	CHECK(!memcmp(lab.queue.stats.verdicts, lab.stats.verdicts,
		      sizeof(lab.stats.verdicts)));
}

/* Return the expected result of timeout(false). */
static int expected_sleep_ms(void)
{
	if (lab.count[AT_TX] > batch &&
	    lab.rings.flags[2] & XDP_RING_NEED_WAKEUP)
		return 0;
	if (lab.count[AT_TX])
		return 10;
	return lab.count[AT_KERNEL_TX] || lab.count[AT_COMPLETION] ? 1000 : -1;
}

static int wait_ms(void)
{
	struct pollfd fd;

	return queue_timeout(&lab.queue, &fd);
}

/*
 * Call queue_timeout(). @stuck: the kernel has taken no packet from TX since
 * the last call.
 */
static int timeout(bool stuck)
{
	lab.queue.tx_seen = lab.rings.consumer[2] - !stuck;
	return wait_ms();
}

static int audit(bool verbose)
{
	struct options opts = { .verbose = verbose };
	struct stats stats = {
		.frames = FRAMES,
		.places = xsk_places(&lab.queue.xsk),
	};
	struct reporter reporter = { .opts = &opts,
				     .sockets = 1,
				     .now = &stats };

	return reporter_audit(&reporter);
}

/* Check that the program counts as many frames in each place as the model. */
static void check_places(void)
{
	struct places p = xsk_places(&lab.queue.xsk);

	CHECK(p.free == lab.count[AT_FREE]);
	CHECK(p.fill == lab.count[AT_FILL]);
	CHECK(p.kernel_rx == lab.count[AT_KERNEL_RX]);
	CHECK(p.rx == lab.count[AT_RX]);
	CHECK(p.tx == lab.count[AT_TX]);
	CHECK(p.kernel_tx == lab.count[AT_KERNEL_TX]);
	CHECK(p.completion == lab.count[AT_COMPLETION]);
	CHECK(!audit(false));
	CHECK(tx_waiting(&lab.queue.xsk) == lab.count[AT_TX]);
	CHECK(tx_outstanding(&lab.queue.xsk) ==
	      lab.count[AT_TX] + lab.count[AT_KERNEL_TX] +
		      lab.count[AT_COMPLETION]);
	CHECK(timeout(false) == expected_sleep_ms());
}

static void see(bool *seen, __u64 addr, enum place place)
{
	CHECK(addr < (__u64)FRAMES * FRAME_SIZE);
	CHECK(lab.place[addr / FRAME_SIZE] == place);
	CHECK(!seen[addr / FRAME_SIZE]);
	seen[addr / FRAME_SIZE] = true;
}

/* Check that each frame is found exactly once, in its place in the model. */
static void check_frames(void)
{
	bool seen[FRAMES] = { false };
	__u32 i;

	for (i = 0; i < lab.queue.umem.frames.free; i++)
		see(seen, lab.queue.umem.frames.addrs[i], AT_FREE);
	for (i = lab.rings.consumer[0]; i != lab.rings.producer[0]; i++)
		see(seen, lab.rings.fill[i % FILL_SIZE], AT_FILL);
	for (i = lab.rings.consumer[1]; i != lab.rings.producer[1]; i++)
		see(seen, lab.rings.rx[i % RX_SIZE].addr, AT_RX);
	for (i = lab.rings.consumer[2]; i != lab.rings.producer[2]; i++)
		see(seen, lab.rings.tx[i % TX_SIZE].addr, AT_TX);
	for (i = lab.rings.consumer[3]; i != lab.rings.producer[3]; i++)
		see(seen, lab.rings.completion[i % COMPLETION_SIZE],
		    AT_COMPLETION);
	for (i = 0; i < lab.kernel_rx.n; i++)
		see(seen, lab.kernel_rx.addrs[i], AT_KERNEL_RX);
	for (i = 0; i < lab.kernel_tx.n; i++)
		see(seen, lab.kernel_tx.addrs[i], AT_KERNEL_TX);
	for (i = 0; i < FRAMES; i++)
		CHECK(seen[i]);
}

/* Indices of the rings before a step of the code under test. */
struct before {
	__u32 producer[4], consumer[4];
	/*
	 * Number of entries between libxdp's cached indices of COMPLETION.
	 * libxdp reads the producer index only if this number is 0.
	 */
	__u32 completion_known;
};

static struct before remember(void)
{
	struct before before = {
		.completion_known = lab.queue.xsk.completion.cached_prod -
				    lab.queue.xsk.completion.cached_cons,
	};

	memcpy(before.producer, lab.rings.producer, sizeof(before.producer));
	memcpy(before.consumer, lab.rings.consumer, sizeof(before.consumer));
	return before;
}

/* Return the number of entries from an index to the end of its ring. */
static __u32 to_end(__u32 index, __u32 size)
{
	return size - index % size;
}

/*
 * Check that the program has taken all entries of COMPLETION that libxdp knows,
 * or as many of them as come before the ring's end. Update the model.
 */
static void follow_completion(const struct before *before)
{
	__u32 n = before->completion_known;

	if (!n)
		n = before->producer[3] - before->consumer[3];
	n = smaller(n, to_end(before->consumer[3], COMPLETION_SIZE));
	CHECK(lab.rings.consumer[3] == before->consumer[3] + n);
	CHECK(lab.rings.producer[3] == before->producer[3]);
	for (__u32 i = before->consumer[3]; i != lab.rings.consumer[3]; i++)
		move(lab.rings.completion[i % COMPLETION_SIZE], AT_COMPLETION,
		     AT_FREE);
}

/*
 * Check one packet that was taken from RX, and update the model. Return true if
 * TX's entry @tx is the answer to the packet.
 */
static bool follow_packet(const struct xdp_desc *desc, __u32 tx)
{
	const struct received *in = &lab.received[desc->addr / FRAME_SIZE];
	const struct xdp_desc *out = &lab.rings.tx[tx % TX_SIZE];

	lab.stats.rx_packets++;
	lab.stats.rx_bytes += in->len;
	if (lab.queue.rxdrop) {
		move(in->addr, AT_RX, AT_FREE);
		return false;
	}
	lab.stats.verdicts[in->reply < 0 ? -in->reply : 0]++;
	if (in->reply < 0) {
		move(in->addr, AT_RX, AT_FREE);
		return false;
	}
	lab.stats.tx_packets++;
	lab.stats.tx_bytes += (__u32)in->reply;
	CHECK(tx != lab.rings.producer[2]);
	CHECK(out->addr == in->addr);
	CHECK(out->len == (__u32)in->reply);
	CHECK(out->options == 0);
	move(in->addr, AT_RX, AT_TX);
	return true;
}

/*
 * Check that the program has taken all packets from RX, but at most a batch,
 * and at most as many as TX has room for. Check that the answers are in TX, in
 * order. Update the model.
 */
static void follow_rx(const struct before *before)
{
	__u32 room = TX_SIZE - (before->producer[2] - before->consumer[2]);
	__u32 there = before->producer[1] - before->consumer[1];
	__u32 n = smaller(batch, there);
	__u32 tx = before->producer[2];

	n = smaller(n, room);
	CHECK(lab.rings.consumer[1] - before->consumer[1] == n);
	for (__u32 i = 0; i < n; i++)
		tx += follow_packet(
			&lab.rings.rx[(before->consumer[1] + i) % RX_SIZE], tx);
	CHECK(lab.rings.producer[2] == tx);
	CHECK(lab.rings.producer[2] - lab.rings.consumer[2] <= TX_SIZE);
}

/*
 * Check that FILL got all free frames, or as many as it has room for before the
 * ring's end. Update the model.
 */
static void follow_fill(const struct before *before)
{
	__u32 room = FILL_SIZE - (before->producer[0] - before->consumer[0]);
	__u32 n = smaller(room, lab.count[AT_FREE]);

	n = smaller(n, to_end(before->producer[0], FILL_SIZE));

	CHECK(lab.rings.producer[0] - before->producer[0] == n);
	for (__u32 i = 0; i < n; i++) {
		__u32 slot = (before->producer[0] + i) % FILL_SIZE;

		move(lab.rings.fill[slot], AT_FREE, AT_FILL);
	}
	CHECK(lab.rings.producer[0] - lab.rings.consumer[0] <= FILL_SIZE);
}

static void check_followed(const struct before *before)
{
	/* Check libxdp's cached copies of the indices that we write. */
	CHECK(lab.queue.xsk.fill.cached_prod == lab.rings.producer[0]);
	CHECK(lab.queue.xsk.rx.cached_cons == lab.rings.consumer[1]);
	CHECK(lab.queue.xsk.tx.cached_prod == lab.rings.producer[2]);
	CHECK(lab.queue.xsk.completion.cached_cons == lab.rings.consumer[3]);
	/* Check that the program has not written the kernel's indices. */
	CHECK(lab.rings.consumer[0] == before->consumer[0]);
	CHECK(lab.rings.producer[1] == before->producer[1]);
	CHECK(lab.rings.consumer[2] == before->consumer[2]);
	check_stats();
}

/* Call queue_serve(), as the program's loop does, and update the model. */
static void serve(void)
{
	struct before before = remember();

	lab.serves_without += before.producer[0] == before.consumer[0];
	queue_serve(&lab.queue);
	follow_rx(&before);
	/*
	 * The program recycles frames when RX's consumer index reaches or
	 * passes a multiple of 64.
	 */
	if (lab.rings.consumer[1] / 64 != before.consumer[1] / 64) {
		follow_completion(&before);
		follow_fill(&before);
	}
	check_followed(&before);
}

/*
 * Recycle frames, as the loop does when no packet arrives, so that the last
 * frames return, too.
 */
static void settle(void)
{
	struct before before = remember();

	queue_recycle(&lab.queue);
	follow_completion(&before);
	follow_fill(&before);
	check_followed(&before);
}

/*
 * Start in the state after xsk_open(): FILL is full, and nothing else has
 * happened.
 */
static void lab_open(const char *name, __u32 in, __u32 out)
{
	struct before before;

	lab_start(name, in, out);
	/*
	 * Refill twice: up to the ring's end, and from its start. A real ring
	 * starts at index 0, but these rings may start at any index.
	 */
	for (int i = 0; i < 2; i++) {
		before = remember();
		fill_refill(&lab.queue.xsk);
		follow_fill(&before);
	}
	check_places();
}

/* Play the kernel: put @n packets into RX. */
static void lab_receive(__u32 n)
{
	kernel_fill(n);
	kernel_receive(n);
	CHECK(lab.count[AT_RX] >= smaller(n, RX_SIZE));
}

/*
 * Let the kernel send all packets and receive no more. Then check that every
 * frame is free, in FILL, or taken from FILL by the kernel.
 */
static void check_homecoming(void)
{
	lab.step = ALL;
	while (lab.count[AT_RX] || lab.count[AT_TX] ||
	       lab.count[AT_KERNEL_TX] || lab.count[AT_COMPLETION]) {
		serve();
		kernel_transmit(ALL);
		kernel_complete(ALL);
		settle();
	}
	serve();
	settle();
	settle(); /* for entries that continue at the ring's start */
	check_places();
	check_frames();
	CHECK(lab.count[AT_FREE] + lab.count[AT_FILL] +
		      lab.count[AT_KERNEL_RX] ==
	      FRAMES);
	CHECK(lab.count[AT_FILL] ==
	      smaller(FILL_SIZE, FRAMES - lab.count[AT_KERNEL_RX]));
	CHECK(lab.stats.tx_packets == lab.stats.verdicts[ICMP6_ECHO_ANSWERED]);
}

/*
 * In each call of kernel_step() the simulated kernel chooses one of four
 * actions at random. It takes this action with a chance of 1 in "one_in", and
 * handles at most "burst" packets.
 */
struct schedule {
	const char *name;
	struct {
		__u32 one_in, burst;
	} fill, receive, transmit, complete;
	__u32 echo_percent;
	bool rxdrop;
};

static bool happens(__u32 one_in)
{
	return !rng_below(&lab.rng, one_in);
}

static void kernel_step(const struct schedule *s)
{
	switch (rng_below(&lab.rng, 4)) {
	case 0:
		if (happens(s->fill.one_in))
			kernel_fill(rng_below(&lab.rng, s->fill.burst + 1));
		break;
	case 1:
		if (happens(s->receive.one_in))
			kernel_receive(
				rng_below(&lab.rng, s->receive.burst + 1));
		break;
	case 2:
		if (happens(s->transmit.one_in))
			kernel_transmit(
				rng_below(&lab.rng, s->transmit.burst + 1));
		break;
	default:
		if (happens(s->complete.one_in))
			kernel_complete(
				rng_below(&lab.rng, s->complete.burst + 1));
	}
}

static void steps(const struct schedule *s, __u32 n)
{
	lab.echo_percent = s->echo_percent;
	for (__u32 i = 0; i < n; i++, lab.step++) {
		lab.rings.flags[2] = happens(2) ? XDP_RING_NEED_WAKEUP : 0;
		if (happens(2))
			serve();
		else if (happens(16))
			settle();
		else
			kernel_step(s);
		check_places();
		if (lab.step % 512 == 0)
			check_frames();
	}
}

#define STEPS 60000

static void run(const struct schedule *s, __u32 in, __u32 out)
{
	lab_open(s->name, in, out);
	lab.queue.rxdrop = s->rxdrop;
	steps(s, STEPS);
	check_homecoming();
}

static void test_balanced(void **state)
{
	static const struct schedule s = {
		"balanced", { 1, 64 }, { 1, 64 }, { 1, 64 }, { 1, 64 }, 80, 0,
	};

	(void)state;
	run(&s, 0, 0);
	assert_true(lab.stats.tx_packets > STEPS);
}

static void test_trickle(void **state)
{
	static const struct schedule s = {
		"trickle", { 1, 2 }, { 1, 2 }, { 1, 2 }, { 1, 2 }, 50, 0,
	};

	(void)state;
	run(&s, -10u, -7u);
}

/* The device sends nothing for long periods, so TX fills up, and then RX. */
static void test_tx_stalled(void **state)
{
	static const struct schedule s = {
		"TX stalled", { 1, 64 }, { 1, 64 }, { 700, TX_SIZE },
		{ 1, 64 },    95,	 0,
	};

	(void)state;
	run(&s, -3000u, -3000u);
	assert_int_equal(lab.most[AT_TX], TX_SIZE);
	assert_int_equal(lab.most[AT_RX], RX_SIZE);
}

/* The device sends, but frames return late and all at once. */
static void test_completion_delayed(void **state)
{
	static const struct schedule s = {
		"COMPLETION delayed",	  { 1, 64 }, { 1, 64 }, { 1, 64 },
		{ 700, COMPLETION_SIZE }, 100,	     0,
	};

	(void)state;
	run(&s, -1u, -1u);
	assert_int_equal(lab.most[AT_KERNEL_TX], COMPLETION_SIZE);
	assert_true(lab.most[AT_COMPLETION] > COMPLETION_SIZE / 2);
}

/* Between two calls of queue_serve() the kernel may empty FILL and fill RX. */
static void test_flood(void **state)
{
	static const struct schedule s = {
		"flood",   { 1, FILL_SIZE }, { 1, RX_SIZE },
		{ 1, 40 }, { 1, 40 },	     90,
		0,
	};

	(void)state;
	run(&s, -70000u, -50000u);
	assert_int_equal(lab.most[AT_RX], RX_SIZE);
	assert_true(lab.serves_without > 100);
}

/* Repeat two tests with LARGE_BATCH, the batch size on newer kernels. */
static void test_large_batches(void **state)
{
	batch = LARGE_BATCH;
	test_flood(state);
	lab_stop(state);
	test_balanced(state);
	batch = BATCH;
}

static void test_all_junk(void **state)
{
	static const struct schedule s = {
		"junk", { 1, 64 }, { 1, 64 }, { 1, 64 }, { 1, 64 }, 0, 0,
	};

	(void)state;
	run(&s, 0x7ffffff0, -100u);
	assert_int_equal(lab.stats.tx_packets, 0);
	for (int i = ICMP6_ECHO_OTHER; i < ICMP6_ECHO_VERDICTS; i++)
		assert_true(lab.stats.verdicts[i] > 1000);
}

/* With --rxdrop every packet is dropped, even if it could be answered. */
static void test_rxdrop(void **state)
{
	static const struct schedule s = {
		"rxdrop", { 1, 64 }, { 1, 64 }, { 1, 64 }, { 1, 64 }, 90, true,
	};

	(void)state;
	run(&s, -1000u, 0);
	assert_true(lab.stats.rx_packets > STEPS);
	assert_int_equal(lab.queue.stats.tx_packets, 0);
	assert_int_equal(lab.most[AT_TX], 0);
	for (int i = 0; i < ICMP6_ECHO_VERDICTS; i++)
		assert_int_equal(lab.queue.stats.verdicts[i], 0);
}

static __u32 some(const __u32 *list, __u32 n)
{
	return list[rng_below(&lab.rng, n)];
}

/* Change the simulated kernel's schedule 200 times, at random. */
static void test_moods(void **state)
{
	static const __u32 one_in[] = { 1, 1, 2, 50, 5000 };
	static const __u32 burst[] = { 1, 2, 31, 32, 33, 64, 2048, 4096 };
	struct schedule s = { .name = "moods" };

	(void)state;
	lab_open(s.name, -5000u, -2000u);
	for (int mood = 0; mood < 200; mood++) {
		s.fill.one_in = some(one_in, 5);
		s.fill.burst = some(burst, 8);
		s.receive.one_in = some(one_in, 5);
		s.receive.burst = some(burst, 8);
		s.transmit.one_in = some(one_in, 5);
		s.transmit.burst = some(burst, 8);
		s.complete.one_in = some(one_in, 5);
		s.complete.burst = some(burst, 8);
		s.echo_percent = 50 + rng_below(&lab.rng, 51);
		steps(&s, 500);
	}
	check_homecoming();
	/* The indices must have wrapped around. */
	assert_true(lab.rings.producer[0] < 0x80000000);
	assert_true(lab.rings.producer[2] < 0x80000000);
}

/* FILL gets frames 4,095 to 0, in this order, and 2,048 frames stay free. */
static void test_first_fill(void **state)
{
	(void)state;
	lab_open(__func__, 0, 0);
	assert_int_equal(lab.rings.producer[0], 4096);
	assert_int_equal(lab.queue.umem.frames.free, 2048);
	for (__u32 i = 0; i < FILL_SIZE; i++)
		assert_int_equal(lab.rings.fill[i],
				 (FILL_SIZE - 1 - i) * FRAME_SIZE);
	check_frames();
}

static void test_refill_is_all_or_what_fits(void **state)
{
	(void)state;
	lab_open(__func__, -100u, 0);
	for (__u32 n = 0; n <= 100; n++) {
		kernel_fill(n);
		serve();
		settle();
		settle();
		assert_int_equal(lab.count[AT_FILL],
				 smaller(FILL_SIZE,
					 FRAMES - lab.count[AT_KERNEL_RX]));
		/* FILL is full, or no frame is free: calls change nothing. */
		serve();
		settle();
		settle();
		check_places();
	}
	/* All frames are in the kernel, so no frame is left for FILL. */
	kernel_fill(ALL);
	serve();
	kernel_fill(ALL);
	assert_int_equal(lab.count[AT_KERNEL_RX], FRAMES);
	serve();
	check_places();
}

/* Try each number of free entries in TX, from 0 to more than two batches. */
static void test_takes_what_tx_can_hold(void **state)
{
	(void)state;
	for (__u32 room = 0; room < 70; room++) {
		__u32 taken;

		lab_open(__func__, -50u, -50u);
		lab.echo_percent = 100;
		lab_receive(TX_SIZE + 100);
		while (lab.count[AT_TX] < TX_SIZE)
			serve();
		assert_int_equal(lab.count[AT_RX], 100);
		kernel_transmit(room);
		serve();
		taken = 100 - lab.count[AT_RX];
		assert_int_equal(taken, smaller(room, 32));
		/*
		 * The next turn takes another batch, or as many packets as TX
		 * still has free entries.
		 */
		serve();
		taken = 100 - lab.count[AT_RX];
		assert_int_equal(taken, smaller(room, 64));
		check_places();
		frames_fini(&lab.queue.umem.frames);
	}
}

/* The kernel does not see packets of tx_send() before tx_submit(). */
static void test_send_then_submit(void **state)
{
	struct xsk *xsk = &lab.queue.xsk;

	(void)state;
	lab_start(__func__, 0, -2u);
	assert_int_equal(tx_waiting(xsk), 0);
	assert_int_equal(tx_submit(xsk), 0);
	assert_int_equal(lab.rings.producer[2], -2u);
	for (__u32 i = 0; i < 5; i++) {
		assert_true(tx_send(xsk, 2048 * i + 256, 100 + i));
		assert_int_equal(lab.rings.producer[2], -2u);
		assert_int_equal(tx_waiting(xsk), i + 1);
	}
	assert_int_equal(tx_submit(xsk), 5);
	assert_int_equal(lab.rings.producer[2], 3);
	assert_int_equal(tx_submit(xsk), 0);
	assert_int_equal(lab.rings.producer[2], 3);
	for (__u32 i = 0; i < 5; i++) {
		assert_int_equal(lab.rings.tx[(i - 2) % TX_SIZE].addr,
				 2048 * i + 256);
		assert_int_equal(lab.rings.tx[(i - 2) % TX_SIZE].len, 100 + i);
		assert_int_equal(lab.rings.tx[(i - 2) % TX_SIZE].options, 0);
	}
}

/*
 * If TX is full, tx_send() returns false, and tx_submit() does not count the
 * packet.
 */
static void test_send_when_full(void **state)
{
	struct xsk *xsk = &lab.queue.xsk;

	(void)state;
	lab_start(__func__, 0, -1u);
	for (__u32 i = 0; i < TX_SIZE; i++)
		assert_true(tx_send(xsk, 2048 * i, 60));
	assert_false(tx_send(xsk, 0, 60));
	assert_int_equal(tx_submit(xsk), TX_SIZE);
	assert_false(tx_send(xsk, 0, 60));
	assert_int_equal(tx_submit(xsk), 0);
	assert_int_equal(tx_waiting(xsk), TX_SIZE);
	lab.rings.consumer[2]++;
	assert_true(tx_send(xsk, 4096, 60));
	assert_false(tx_send(xsk, 0, 60));
	assert_int_equal(tx_waiting(xsk), TX_SIZE);
}

/* If TX has no room for an answer, the answer's frame becomes free. */
static void test_answer_when_full(void **state)
{
	struct xsk *xsk = &lab.queue.xsk;
	__u64 addr;
	__u32 n;

	(void)state;
	lab_start(__func__, 0, 0);
	for (__u32 i = 0; i < TX_SIZE; i++)
		assert_true(
			tx_send(xsk, *frames_take(&xsk->umem->frames, 1), 60));
	addr = *frames_take(&xsk->umem->frames, 1) + XDP_PACKET_HEADROOM;
	n = (__u32)packet_echo(&lab.rng, (__u8 *)xsk->umem->area + addr, 0, 8);
	memcpy((__u8 *)xsk->umem->area + addr, here_mac, 6);
	process_packet(&lab.queue, addr, n);
	assert_int_equal(tx_submit(xsk), TX_SIZE);
	assert_int_equal(xsk->umem->frames.free, FRAMES - TX_SIZE);
	assert_int_equal(*frames_take(&xsk->umem->frames, 1), addr);
	assert_int_equal(lab.queue.stats.tx_bytes, 0);
	assert_int_equal(lab.queue.stats.verdicts[ICMP6_ECHO_ANSWERED], 1);
}

/* After one burst and silence, the last packet is answered, too. */
static void test_burst_then_silence(void **state)
{
	(void)state;
	lab_open(__func__, -33u, -33u);
	lab.echo_percent = 100;
	lab_receive(1000);
	check_homecoming();
	assert_int_equal(lab.stats.rx_packets, 1000);
	assert_int_equal(lab.stats.tx_packets, 1000);
	assert_int_equal(timeout(false), -1);
}

/* Check the timeout for packets in TX, in the kernel, and in COMPLETION. */
static void test_sleep(void **state)
{
	static const struct {
		__u32 waiting, sent, completed;
		int ms, ms_wakeup;
	} cases[] = {
		{ 0, 0, 0, -1, -1 },	    { 1, 0, 0, 10, 10 },
		{ 31, 0, 0, 10, 10 },	    { 32, 0, 0, 10, 10 },
		{ 33, 0, 0, 10, 0 },	    { 2048, 0, 0, 10, 0 },
		{ 0, 1, 0, 1000, 1000 },    { 0, 0, 1, 1000, 1000 },
		{ 0, 2048, 0, 1000, 1000 }, { 0, 0, 2048, 1000, 1000 },
		{ 1, 100, 100, 10, 10 },    { 33, 100, 100, 10, 0 },
		{ 0, 40, 40, 1000, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int wrap = 0; wrap < 2; wrap++) {
			__u32 at = wrap ? -2u : 0;
			struct xsk *xsk = &lab.queue.xsk;

			lab_start(__func__, 0, at);
			lab.rings.producer[3] = at + cases[i].completed;
			lab.rings.consumer[2] =
				lab.rings.producer[3] + cases[i].sent;
			lab.rings.producer[2] =
				lab.rings.consumer[2] + cases[i].waiting;
			xsk->tx.cached_prod = lab.rings.producer[2];
			assert_int_equal(timeout(false), cases[i].ms);
			lab.rings.flags[2] = XDP_RING_NEED_WAKEUP;
			assert_int_equal(timeout(false), cases[i].ms_wakeup);
			/*
			 * Only TX's flag counts, not the flags of other rings.
			 */
			lab.rings.flags[2] = 0;
			lab.rings.flags[0] = XDP_RING_NEED_WAKEUP;
			assert_int_equal(timeout(false), cases[i].ms);
			frames_fini(&xsk->umem->frames);
		}
}

/*
 * The timeout is 0 only if the kernel has taken packets from TX since the last
 * call, and TX still has more than a batch.
 */
static void test_stuck(void **state)
{
	struct xsk *xsk = &lab.queue.xsk;

	(void)state;
	lab_start(__func__, 0, -2u);
	lab.rings.flags[2] = XDP_RING_NEED_WAKEUP;
	assert_int_equal(wait_ms(), -1);
	for (int i = 0; i < 40; i++)
		assert_true(
			tx_send(xsk, *frames_take(&xsk->umem->frames, 1), 60));
	tx_submit(xsk);
	assert_int_equal(wait_ms(), 10);
	assert_int_equal(wait_ms(), 10);
	lab.rings.consumer[2] += 7;
	assert_int_equal(wait_ms(), 0);
	assert_int_equal(wait_ms(), 10);
	lab.rings.consumer[2]++;
	assert_int_equal(wait_ms(), 10); /* TX has one batch */
	assert_int_equal(timeout(false), 10);
}

/*
 * poll() waits for packets while TX has room, and for room while TX is full. If
 * a card stops sending, TX is full and RX is not empty, so poll() with POLLIN
 * would return at once, again and again.
 */
static void test_events(void **state)
{
	struct pollfd fds[2];
	struct demo demo = { .queues = &lab.queue, .sockets = 1, .fds = fds };
	struct xsk *xsk = &lab.queue.xsk;

	(void)state;
	lab_start(__func__, 0, -2u);
	assert_int_equal(demo_timeout(&demo), -1);
	assert_int_equal(fds[0].events, POLLIN);
	for (int i = 0; i < TX_SIZE - 1; i++)
		assert_true(tx_send(xsk, 2048 * i, 60));
	assert_int_equal(demo_timeout(&demo), 10);
	assert_int_equal(fds[0].events, POLLIN);
	assert_true(tx_send(xsk, 0, 60));
	tx_submit(xsk);
	assert_int_equal(demo_timeout(&demo), 10);
	assert_int_equal(fds[0].events, POLLOUT);
	lab.rings.consumer[2]++;
	demo_timeout(&demo);
	assert_int_equal(fds[0].events, POLLIN);
}

/* Put frames into all places, a different number into each. */
static void fill_all_places(const char *name)
{
	lab_open(name, -600u, -20u);
	lab.echo_percent = 100;
	lab_receive(700);
	for (int i = 0; i < 10; i++)
		serve();
	kernel_transmit(80);
	kernel_complete(30);
	kernel_fill(500);
	lab.echo_percent = 80;
	kernel_receive(51);
	for (int i = 0; i < PLACES; i++)
		CHECK(lab.count[i] > 0);
}

static void test_places(void **state)
{
	struct places p;

	(void)state;
	fill_all_places(__func__);
	p = xsk_places(&lab.queue.xsk);
	/*
	 * 700 packets were received, and 320 of them answered. The kernel then
	 * took 500 frames from FILL, and received packets into 51 of them.
	 */
	assert_int_equal(p.rx, 700 - 320 + 51);
	assert_int_equal(p.kernel_rx, 500 - 51);
	assert_int_equal(p.tx, 320 - 80);
	assert_int_equal(p.kernel_tx, 80 - 30);
	assert_int_equal(p.completion, 30);
	assert_int_equal(p.fill, 4096 - 500);
	assert_int_equal(p.free, 6144 - 4096 - 700);
	assert_int_equal(audit(false), 0);
}

/* Call audit(). Set @text to its output on stderr. */
static int audit_aloud(bool verbose, char *text, size_t size)
{
	int pipes[2], old = dup(STDERR_FILENO), result;
	ssize_t n;

	CHECK(old >= 0 && !pipe(pipes));
	CHECK(dup2(pipes[1], STDERR_FILENO) >= 0);
	close(pipes[1]);
	result = audit(verbose);
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	n = read(pipes[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(pipes[0]);
	return result;
}

static void test_audit_says(void **state)
{
	char text[1024];

	(void)state;
	fill_all_places(__func__);
	assert_int_equal(audit_aloud(false, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(audit_aloud(true, text, sizeof(text)), 0);
	assert_string_equal(
		text,
		"af_xdp_user: frames: 6144 = 1348 free + 3596 FILL + 449 kernel RX + 431 RX + 240 TX + 50 kernel TX + 30 COMPLETION\n");
}

/* Make one mistake at a time, which loses frames or counts a frame twice. */
static void test_audit_finds(void **state)
{
	struct xsk *xsk = &lab.queue.xsk;
	char text[1024];

	(void)state;
	for (int i = 0; i < 7; i++) {
		bool more = i == 1 || i == 3 || i == 5;

		fill_all_places(__func__);
		switch (i) {
		case 0: /* taken from the stack, and put nowhere */
			frames_take(&xsk->umem->frames, 1);
			break;
		case 1: /* put on the stack, but still in another place */
			frames_put(&xsk->umem->frames, 0);
			break;
		case 2: /* taken from RX, and put nowhere */
			xsk->rx.cached_cons++;
			break;
		case 3: /* put into TX, but still in another place */
			xsk->tx.cached_prod++;
			break;
		case 4: /* taken from COMPLETION, and put nowhere */
			xsk->completion.cached_cons++;
			break;
		case 5: /* put into FILL, but still in another place */
			xsk->fill.cached_prod++;
			break;
		default: /* all frames on the stack are lost */
			xsk->umem->frames.free = 0;
			break;
		}
		assert_int_equal(audit_aloud(false, text, sizeof(text)),
				 -ENOTRECOVERABLE);
		assert_string_equal(
			text,
			i == 6 ? "af_xdp_user: frames: 4796 of 6144 are accounted for: this is a bug\n"
			: more ? "af_xdp_user: frames: 6145 of 6144 are accounted for: this is a bug\n"
			       : "af_xdp_user: frames: 6143 of 6144 are accounted for: this is a bug\n");
		frames_fini(&xsk->umem->frames);
	}
}

/* State of poll_by_kernel(), which queue_drain() calls in place of poll(). */
static struct {
	bool dead; /* no packet is sent */
	bool late; /* sent frames return in the next call */
	__u32 calls;
} polled;

/*
 * Complete all sent packets. TX and COMPLETION started at the same index, so a
 * frame has the same index in both rings.
 */
static void complete_in_order(void)
{
	for (; lab.rings.producer[3] != lab.rings.consumer[2];
	     lab.rings.producer[3]++)
		lab.rings.completion[lab.rings.producer[3] % COMPLETION_SIZE] =
			lab.rings.tx[lab.rings.producer[3] % TX_SIZE].addr;
}

/*
 * Act as poll() in copy mode: send up to 32 packets. Their frames return in the
 * same call, or in the next call (polled.late).
 */
static int poll_by_kernel(struct pollfd *fds, nfds_t n, int ms)
{
	struct places p = xsk_places(&lab.queue.xsk);

	assert_int_equal(n, 1);
	/*
	 * queue_drain() calls poll() only to send packets and to pause, so no
	 * event may end the call.
	 */
	assert_int_equal(fds->events, 0);
	/*
	 * TX is never full here, so the program may sleep only while RX is
	 * empty, and only for a millisecond.
	 */
	assert_true(ms == 0 || ms == 1);
	assert_true(ms == 0 || !p.rx);
	polled.calls++;
	if (polled.dead)
		return 0;
	if (polled.late)
		complete_in_order();
	lab.rings.consumer[2] += smaller(32, p.tx);
	if (!polled.late)
		complete_in_order();
	return 0;
}

static void check_drain(__u32 n, bool late)
{
	struct places p;

	memset(&polled, 0, sizeof(polled));
	polled.late = late;
	lab_open(__func__, -40u, -40u);
	lab.echo_percent = 100;
	lab_receive(n);
	queue_drain(&lab.queue);
	p = xsk_places(&lab.queue.xsk);
	assert_int_equal(p.rx + p.tx + p.kernel_tx + p.completion, 0);
	assert_int_equal(lab.queue.stats.tx_packets, n);
	assert_int_equal(p.free + p.fill + p.kernel_rx, FRAMES);
	assert_int_equal(audit(false), 0);
	/*
	 * queue_drain() calls poll() once for each batch. It may call poll()
	 * two more times: for late frames, and for entries that continue at a
	 * ring's start.
	 */
	assert_true(polled.calls >= (n + 31) / 32 + (late && n));
	assert_true(polled.calls <= (n + 31) / 32 + 2 * (n > 0));
	frames_fini(&lab.queue.umem.frames);
}

/* queue_drain() answers all received packets, and sends all answers. */
static void test_drain(void **state)
{
	(void)state;
	for (__u32 n = 0; n <= RX_SIZE; n += n < 70 ? 1 : 500) {
		check_drain(n, false);
		check_drain(n, true);
	}
	check_drain(RX_SIZE, false);
}

/* queue_drain() empties RX even if no packet in it gets an answer. */
static void test_drain_junk(void **state)
{
	(void)state;
	memset(&polled, 0, sizeof(polled));
	lab_open(__func__, 0, 0);
	lab.echo_percent = 0;
	lab_receive(1000);
	queue_drain(&lab.queue);
	assert_int_equal(xsk_places(&lab.queue.xsk).rx, 0);
	assert_int_equal(lab.queue.stats.rx_packets, 1000);
	assert_int_equal(lab.queue.umem.frames.free, FRAMES - FILL_SIZE);
}

/* queue_drain() gives up if the kernel sends no packets. */
static void test_drain_gives_up(void **state)
{
	struct places p;

	(void)state;
	memset(&polled, 0, sizeof(polled));
	polled.dead = true;
	lab_open(__func__, 0, 0);
	lab.echo_percent = 100;
	lab_receive(20);
	queue_drain(&lab.queue);
	/*
	 * queue_drain() calls poll() once in the turn that takes the packets,
	 * and then a hundred times for a millisecond each.
	 */
	assert_int_equal(polled.calls, 101);
	p = xsk_places(&lab.queue.xsk);
	assert_int_equal(p.tx, 20);
	assert_int_equal(audit(false), 0);
}

static __u32 frame_size_of(const char *driver, __u32 mtu)
{
	struct device dev = { .mtu = mtu };

	snprintf(dev.driver, sizeof(dev.driver), "%s", driver);
	return device_frame_size(&dev);
}

/*
 * A frame must hold the headroom, the Ethernet header, two VLAN tags, and as
 * many bytes as the MTU. A frame of 2,048 bytes must also hold the Ethernet
 * checksum.
 */
static void test_frame_size(void **state)
{
	(void)state;
	assert_int_equal(frame_size_of("veth", 68), 2048);
	assert_int_equal(frame_size_of("veth", 1500), 2048);
	assert_int_equal(frame_size_of("veth", 1766), 2048);
	assert_int_equal(frame_size_of("veth", 1767), 4096);
	assert_int_equal(frame_size_of("veth", 3818), 4096);
	assert_int_equal(frame_size_of("veth", 3819), 0);
	assert_int_equal(frame_size_of("veth", 9000), 0);
	assert_int_equal(frame_size_of("veth", 65536), 0);
	assert_int_equal(frame_size_of("veth", 0x7fffffff), 0);
	assert_int_equal(frame_size_of("igb", 1500), 4096);
	assert_int_equal(frame_size_of("igb", 3819), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_first_fill, lab_stop),
		cmocka_unit_test_teardown(test_stuck, lab_stop),
		cmocka_unit_test_teardown(test_events, lab_stop),
		cmocka_unit_test_teardown(test_refill_is_all_or_what_fits,
					  lab_stop),
		cmocka_unit_test_teardown(test_takes_what_tx_can_hold,
					  lab_stop),
		cmocka_unit_test_teardown(test_send_then_submit, lab_stop),
		cmocka_unit_test_teardown(test_send_when_full, lab_stop),
		cmocka_unit_test_teardown(test_answer_when_full, lab_stop),
		cmocka_unit_test_teardown(test_burst_then_silence, lab_stop),
		cmocka_unit_test_teardown(test_sleep, lab_stop),
		cmocka_unit_test_teardown(test_places, lab_stop),
		cmocka_unit_test_teardown(test_audit_says, lab_stop),
		cmocka_unit_test_teardown(test_audit_finds, lab_stop),
		cmocka_unit_test_teardown(test_drain, lab_stop),
		cmocka_unit_test_teardown(test_drain_junk, lab_stop),
		cmocka_unit_test_teardown(test_drain_gives_up, lab_stop),
		cmocka_unit_test_teardown(test_balanced, lab_stop),
		cmocka_unit_test_teardown(test_trickle, lab_stop),
		cmocka_unit_test_teardown(test_tx_stalled, lab_stop),
		cmocka_unit_test_teardown(test_completion_delayed, lab_stop),
		cmocka_unit_test_teardown(test_flood, lab_stop),
		cmocka_unit_test_teardown(test_large_batches, lab_stop),
		cmocka_unit_test_teardown(test_all_junk, lab_stop),
		cmocka_unit_test_teardown(test_rxdrop, lab_stop),
		cmocka_unit_test_teardown(test_moods, lab_stop),
		cmocka_unit_test(test_frame_size),
	};

	return cmocka_run_group_tests_name("rings", tests, NULL, NULL);
}
