// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Answer pings whose packets take several frames, such as pings of 8,000 bytes
 * at an MTU of 9,000. lessons/jumbo.org explains this program.
 *
 * With XDP_USE_SG a packet may be a chain of pieces. Each piece has a frame and
 * a descriptor of its own, and the descriptors follow one another in the ring.
 * Each descriptor but the last one has XDP_PKT_CONTD in its options:
 *
 *	RX or TX    | addr, 3840, CONTD | addr, 3840, CONTD | addr, 382, 0 |
 *
 * Two rules keep chains whole: take a packet from RX only if all of its pieces
 * have arrived, and only if TX has room for all of its pieces. The pieces of
 * all other packets stay in RX. So each frame is in exactly one of the places
 * that headers/xsk.h lists, and is "in hand" only during answer_packet().
 *
 * Code between EXERCISE and END is removed from the exercise skeletons.
 */
#include <stdlib.h>

#include "headers/icmp6_echo.h"
#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"
#include "lessons/jumbo_setup.h"
#include "lessons/lesson.h"

/*
 * More pieces than a chain can have: the kernel's largest packets, 512 Kbytes,
 * take 137 pieces.
 */
#define CHAIN_MAX 256

/* Bytes of the headers that icmp6_echo_reply() reads, with two VLAN tags. */
#define HEADERS \
	(ETH_HLEN + ICMP6_ECHO_VLAN_TAGS * 4 + (int)sizeof(struct icmp6_echo))

/* A packet in RX: its first piece's index, and its size. */
struct packet {
	__u32 idx;
	__u32 pieces;
	__u32 len; /* of all pieces, in bytes */
};

static const struct xdp_desc *piece(const struct lesson *lesson, __u32 idx)
{
	return xsk_ring_cons__rx_desc(&lesson->xsk.rx, idx);
}

/*
 * Find the end of the packet that starts at entry @idx of RX. RX has @n entries
 * from @idx on. If the packet's last piece has not arrived, return a packet
 * whose number of pieces is 0.
 */
static struct packet packet_find(const struct lesson *lesson, __u32 idx,
				 __u32 n)
{
	struct packet packet = { .idx = idx };

	/* EXERCISE 11: packet_find */
	for (__u32 i = 0; i < n && !packet.pieces; i++) {
		packet.len += piece(lesson, idx + i)->len;
		if (!(piece(lesson, idx + i)->options & XDP_PKT_CONTD))
			packet.pieces = i + 1;
	}
	/* END */
	return packet;
}

/*
 * Put the first @len bytes of a packet into TX, piece by piece. Free the frames
 * that hold none of these bytes: all frames if @len is 0.
 */
static void packet_send(struct lesson *lesson, const struct packet *packet,
			__u32 len)
{
	/* EXERCISE 11: packet_send */
	struct xsk *xsk = &lesson->xsk;

	for (__u32 i = 0; i < packet->pieces; i++) {
		const struct xdp_desc *desc = piece(lesson, packet->idx + i);
		__u32 n = desc->len < len ? desc->len : len;

		if (!n || !tx_send(xsk, desc->addr, n)) {
			frames_put(&lesson->umem.frames, desc->addr);
			continue;
		}
		len -= n;
		if (len)
			xsk_ring_prod__tx_desc(&xsk->tx,
					       xsk->tx.cached_prod - 1)
				->options = XDP_PKT_CONTD;
	}
	/* END */
}

/*
 * Turn a packet into its reply. icmp6_echo_reply() reads only the headers, and
 * all headers must be in the first piece. So pass the start of the first piece
 * and the length of the whole packet. The function updates the checksum only
 * for the word that changes. It reads no other piece, because the other pieces
 * stay the same.
 */
static int packet_reply(struct lesson *lesson, const struct packet *packet)
{
	const struct xdp_desc *first = piece(lesson, packet->idx);
	void *data = xsk_umem__get_data(lesson->umem.area, first->addr);

	if (packet->pieces > 1 && first->len < HEADERS)
		return -ICMP6_ECHO_TRUNCATED;
	return icmp6_echo_reply(data, data + packet->len, lesson->session.mac);
}

/*
 * Answer a packet in its own frames, or free the frames. Call this only if TX
 * has room for all pieces.
 */
static void answer_packet(struct lesson *lesson, const struct packet *packet)
{
	struct stats *stats = &lesson->stats;
	int reply = packet_reply(lesson, packet);
	__u32 len = reply > 0 ? (__u32)reply : 0;

	packet_send(lesson, packet, len);
	stats->verdicts[reply < 0 ? -reply : ICMP6_ECHO_ANSWERED]++;
	stats->rx_packets++;
	stats->rx_bytes += packet->len;
	stats->tx_packets += reply > 0;
	stats->tx_bytes += len;
}

/*
 * Take whole packets from RX until a batch is complete, or a packet must wait
 * for room in TX or for its last piece. xsk_ring_cons__cancel() returns the
 * remaining entries to RX, so the next call sees them again.
 *
 * Return the number of pieces taken.
 */
static __u32 jumbo_receive(struct lesson *lesson)
{
	struct xsk *xsk = &lesson->xsk;
	__u32 idx = 0, n = rx_peek(xsk, CHAIN_MAX, &idx), done = 0;

	while (done < n && done < lesson->batch) {
		struct packet packet =
			packet_find(lesson, idx + done, n - done);

		/*
		 * No packet has CHAIN_MAX pieces, so something is wrong. Free
		 * these pieces. If they stayed, RX would fill up.
		 */
		if (!packet.pieces && n - done == CHAIN_MAX)
			packet = (struct packet){ idx, CHAIN_MAX, 0 };
		/* EXERCISE 11: jumbo_receive */
		if (!packet.pieces ||
		    tx_space(xsk, packet.pieces) < packet.pieces)
			break;
		answer_packet(lesson, &packet);
		done += packet.pieces;
		/* END */
	}
	lesson->left = n - done;
	xsk_ring_cons__cancel(&xsk->rx, n - done);
	rx_release(xsk, done);
	tx_submit(xsk);
	return done;
}

static __u32 jumbo_serve(struct lesson *lesson)
{
	__u32 n = jumbo_receive(lesson);

	completion_reclaim(&lesson->xsk);
	fill_refill(&lesson->xsk);
	return n;
}

int main(int argc, char **argv)
{
	struct lesson lesson = { .serve = jumbo_serve };
	int err = jumbo_open(&lesson, argc, argv);

	if (!err) {
		err = lesson_run(&lesson);
		err = lesson_stop(&lesson, err);
	}
	lesson_close(&lesson);
	/* -EPIPE: the reader of our statistics is gone. */
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
