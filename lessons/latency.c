// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Measure where the microseconds of an answer go. lessons/latency.org explains
 * this program.
 *
 * A packet's frame carries its times, in front of the packet (see latency.h).
 * The XDP program writes its time as metadata, which the kernel copies into the
 * frame. User space writes two more times into the frame, and asks the kernel
 * to write the time of sending there, too. When the frame comes back in
 * COMPLETION, it has all times, so the program needs no table of packets:
 *
 *	XDP program        RX             TX           sent      COMPLETION
 *	entry ----------> received ----> asked -----> sent ----> (read here)
 *
 * Code between EXERCISE and END is removed from the exercise skeletons.
 */
#include <stdlib.h>
#include <time.h>

#include "headers/icmp6_echo.h"
#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"
#include "lessons/latency_setup.h"

/*
 * Return the time of CLOCK_TAI. The kernel takes the time of sending from this
 * clock, so all times that are compared with the time of sending must come from
 * this clock, too.
 */
static __u64 now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_TAI, &time);
	return (__u64)time.tv_sec * 1000000000 + (__u64)time.tv_nsec;
}

/* Return the times that are in front of the packet at @addr. */
static struct times *times_of(const struct latency *latency, __u64 addr)
{
	char *packet = xsk_umem__get_data(latency->lesson.umem.area, addr);

	return (struct times *)packet - 1;
}

/* Read the XDP program's metadata of a packet that was just received. */
static void read_metadata(struct latency *latency, const struct rx_metadata *rx)
{
	if (rx->has_hash) {
		latency->hashes++;
		latency->last_hash = rx->hash;
	}
	if (rx->device && rx->device <= rx->entry)
		histogram_add(&latency->to_xdp, rx->entry - rx->device);
}

/*
 * Put an answer into TX, which has room. A flag in the descriptor says that
 * metadata is in front of the packet, and a flag in the metadata asks for the
 * time of sending.
 */
static void send_timed(struct xsk *xsk, __u64 addr, __u32 len,
		       struct times *times)
{
	/* EXERCISE 12: send_timed */
	times->tx = (struct tx_metadata){ .flags = XDP_TXMD_FLAGS_TIMESTAMP };
	tx_send(xsk, addr, len);
	xsk_ring_prod__tx_desc(&xsk->tx, xsk->tx.cached_prod - 1)->options =
		XDP_TX_METADATA;
	times->asked = now();
	/* END */
}

/* Answer a packet in its own frame, or free the frame. */
static void answer_packet(struct latency *latency, const struct xdp_desc *desc,
			  __u64 received)
{
	struct lesson *lesson = &latency->lesson;
	struct stats *stats = &lesson->stats;
	struct times *times = times_of(latency, desc->addr);
	__u8 *packet = xsk_umem__get_data(lesson->umem.area, desc->addr);
	int reply = icmp6_echo_reply(packet, packet + desc->len,
				     lesson->session.mac);

	read_metadata(latency, &times->rx);
	times->received = received;
	stats->verdicts[reply < 0 ? -reply : ICMP6_ECHO_ANSWERED]++;
	stats->rx_packets++;
	stats->rx_bytes += desc->len;
	if (reply < 0) {
		frames_put(&lesson->umem.frames, desc->addr);
		return;
	}
	send_timed(&lesson->xsk, desc->addr, (__u32)reply, times);
	stats->tx_packets++;
	stats->tx_bytes += (__u32)reply;
}

/* Take packets from RX, at most as many as TX has room for; answer them. */
static __u32 latency_receive(struct latency *latency)
{
	struct lesson *lesson = &latency->lesson;
	struct xsk *xsk = &lesson->xsk;
	__u32 room = tx_space(xsk, lesson->batch), idx = 0;
	__u32 n = rx_peek(xsk, room, &idx);
	__u64 received = now();

	for (__u32 i = 0; i < n; i++)
		answer_packet(latency,
			      xsk_ring_cons__rx_desc(&xsk->rx, idx + i),
			      received);
	rx_release(xsk, n);
	tx_submit(xsk);
	lesson->left = n == room && room < lesson->batch; /* TX is full */
	return n;
}

/*
 * Add an answer's stages to the histograms. If the times are not in the order
 * in which they were taken, because someone has set the clock back, only count
 * the answer as untimed.
 */
static void add_times(struct latency *latency, const struct times *times)
{
	/* EXERCISE 12: add_times */
	struct histogram *stage = latency->stage;

	if (times->received < times->rx.entry ||
	    times->asked < times->received || times->tx.sent < times->asked) {
		latency->untimed++;
		return;
	}
	histogram_add(&stage[TO_USER], times->received - times->rx.entry);
	histogram_add(&stage[IN_USER], times->asked - times->received);
	histogram_add(&stage[TO_SENT], times->tx.sent - times->asked);
	histogram_add(&stage[WHOLE], times->tx.sent - times->rx.entry);
	/* END */
}

/* Read the times of sent packets, and free their frames. */
static void reclaim_timed(struct latency *latency)
{
	/* EXERCISE 12: reclaim_timed */
	struct lesson *lesson = &latency->lesson;
	struct xsk_ring_cons *ring = &lesson->xsk.completion;
	__u32 idx, n = xsk_ring_cons__peek(ring, COMPLETION_SIZE, &idx);

	for (__u32 i = 0; i < n; i++) {
		__u64 addr = *xsk_ring_cons__comp_addr(ring, idx + i);

		add_times(latency, times_of(latency, addr));
		frames_put(&lesson->umem.frames, addr);
	}
	if (n)
		xsk_ring_cons__release(ring, n);
	/* END */
}

static __u32 latency_serve(struct lesson *lesson)
{
	struct latency *latency = (struct latency *)lesson;
	__u32 n = latency_receive(latency);

	reclaim_timed(latency);
	fill_refill(&lesson->xsk);
	return n;
}

int main(int argc, char **argv)
{
	static struct latency latency;
	struct lesson *lesson = &latency.lesson;
	int err = latency_open(&latency, argc, argv, latency_serve);

	if (!err) {
		err = lesson_run(lesson);
		err = lesson_stop(lesson, err);
	}
	lesson_close(lesson);
	/* -EPIPE: the reader of our statistics is gone. */
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
