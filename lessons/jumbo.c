// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One packet in several frames: pings of 8,000 bytes are answered, at an MTU of
 * 9,000. lessons/jumbo.org explains it.
 *
 * With XDP_USE_SG a packet may be a chain of pieces. Each piece has a frame and
 * a descriptor of its own, and the descriptors follow one another in the ring.
 * All but the last have XDP_PKT_CONTD in their options:
 *
 *	RX or TX    | addr, 3840, CONTD | addr, 3840, CONTD | addr, 382, 0 |
 *
 * Two rules keep chains whole. Take a packet from RX only if all of its pieces
 * are there, and only if TX has room for all of them. Everything else stays in
 * RX, so a frame is in hand only during answer_packet(), and the invariant of
 * headers/xsk.h holds as it is: it is about frames, not about packets.
 */
#include <poll.h>
#include <stdlib.h>

#include "headers/icmp6_echo.h"
#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"
#include "lessons/jumbo_setup.h"

/* The longest chain. The kernel's largest packets, 512 Kbytes, take 137. */
#define CHAIN_MAX 256

/* The headers that icmp6_echo_reply() reads, with two VLAN tags. */
#define HEADERS \
	(ETH_HLEN + ICMP6_ECHO_VLAN_TAGS * 4 + (int)sizeof(struct icmp6_echo))

#define TX_RETRY_MS   1	   /* until the next try, if TX or RX holds packets */
#define COMPLETION_MS 1000 /* until COMPLETION is read, if frames are due */
#define DRAIN_MS      100  /* without a packet, until the program ends */

/* A packet in RX: its first piece's index, and its size. */
struct packet {
	__u32 idx;
	__u32 pieces;
	__u32 len; /* of all pieces, in bytes */
};

static const struct xdp_desc *piece(const struct jumbo *jumbo, __u32 idx)
{
	return xsk_ring_cons__rx_desc(&jumbo->xsk.rx, idx);
}

/*
 * Find the end of the packet that starts at @idx of RX; @n pieces are there.
 * Its pieces are 0 if the end is not there yet.
 */
static struct packet packet_find(const struct jumbo *jumbo, __u32 idx, __u32 n)
{
	struct packet packet = { .idx = idx };

	for (__u32 i = 0; i < n && !packet.pieces; i++) {
		packet.len += piece(jumbo, idx + i)->len;
		if (!(piece(jumbo, idx + i)->options & XDP_PKT_CONTD))
			packet.pieces = i + 1;
	}
	return packet;
}

/*
 * Put the first @len bytes of a packet into TX, piece by piece, and free the
 * frames that hold nothing of it: all of them if @len is 0.
 */
static void packet_send(struct jumbo *jumbo, const struct packet *packet,
			__u32 len)
{
	struct xsk *xsk = &jumbo->xsk;

	for (__u32 i = 0; i < packet->pieces; i++) {
		const struct xdp_desc *desc = piece(jumbo, packet->idx + i);
		__u32 n = desc->len < len ? desc->len : len;

		if (!n || !tx_send(xsk, desc->addr, n)) {
			frames_put(&jumbo->umem.frames, desc->addr);
			continue;
		}
		len -= n;
		if (len)
			xsk_ring_prod__tx_desc(&xsk->tx,
					       xsk->tx.cached_prod - 1)
				->options = XDP_PKT_CONTD;
	}
}

/*
 * Turn a packet into its reply. All headers are in its first piece, and the
 * header parser reads no more than these, so it gets the length of the whole
 * packet and the start of the first piece. It updates the checksum for the word
 * that changes; the other pieces are as they were, so it does not read them.
 */
static int packet_reply(struct jumbo *jumbo, const struct packet *packet)
{
	const struct xdp_desc *first = piece(jumbo, packet->idx);
	void *data = xsk_umem__get_data(jumbo->umem.area, first->addr);

	if (packet->pieces > 1 && first->len < HEADERS)
		return -ICMP6_ECHO_TRUNCATED;
	return icmp6_echo_reply(data, data + packet->len, jumbo->session.mac);
}

/* Answer a packet in its own frames, or free them; TX has room for them. */
static void answer_packet(struct jumbo *jumbo, const struct packet *packet)
{
	struct stats *stats = &jumbo->stats;
	int reply = packet_reply(jumbo, packet);
	__u32 len = reply > 0 ? (__u32)reply : 0;

	packet_send(jumbo, packet, len);
	stats->verdicts[reply < 0 ? -reply : ICMP6_ECHO_ANSWERED]++;
	stats->rx_packets++;
	stats->rx_bytes += packet->len;
	stats->tx_packets += reply > 0;
	stats->tx_bytes += len;
}

/*
 * Take whole packets from RX until a batch is complete. libxdp's cancel gives
 * the other entries back: the next call sees them again.
 *
 * Return the number of pieces taken.
 */
static __u32 jumbo_receive(struct jumbo *jumbo)
{
	struct xsk *xsk = &jumbo->xsk;
	__u32 idx = 0, n = rx_peek(xsk, CHAIN_MAX, &idx), done = 0;

	while (done < n && done < jumbo->batch) {
		struct packet packet = packet_find(jumbo, idx + done, n - done);

		/* No packet is that long. Free the pieces, or RX fills up. */
		if (!packet.pieces && n - done == CHAIN_MAX)
			packet = (struct packet){ idx, CHAIN_MAX, 0 };
		if (!packet.pieces ||
		    tx_room(xsk, packet.pieces) < packet.pieces)
			break;
		answer_packet(jumbo, &packet);
		done += packet.pieces;
	}
	jumbo->left = n - done;
	xsk_ring_cons__cancel(&xsk->rx, n - done);
	rx_release(xsk, done);
	tx_submit(xsk);
	return done;
}

static __u32 jumbo_serve(struct jumbo *jumbo)
{
	__u32 n = jumbo_receive(jumbo);

	completion_reclaim(&jumbo->xsk);
	fill_refill(&jumbo->xsk);
	return n;
}

/* Return the longest sleep in ms; -1 is for ever. */
static int jumbo_timeout(const struct jumbo *jumbo, __u32 taken)
{
	if (!jumbo->session.dev.is_up)
		return -1; /* until rtnetlink reports that it is up */
	if (taken >= jumbo->batch)
		return 0;
	if (jumbo->left || tx_waiting(&jumbo->xsk))
		return TX_RETRY_MS;
	return tx_outstanding(&jumbo->xsk) ? COMPLETION_MS : -1;
}

/*
 * Send, and sleep until packets arrive. RX may still hold packets for which TX
 * has no room; POLLIN would not sleep then.
 */
static int jumbo_wait(struct jumbo *jumbo, __u32 taken)
{
	int ms = jumbo_timeout(jumbo, taken);

	jumbo->fds[0].events = jumbo->left ? 0 : POLLIN;
	return jumbo_woken(jumbo, poll(jumbo->fds, 2, ms));
}

/* Run the loop. Return 0 if asked to stop, else a negative errno. */
static int jumbo_run(struct jumbo *jumbo)
{
	int err = 0;

	while (!err && !jumbo->session.stop)
		err = jumbo_wait(jumbo, jumbo_serve(jumbo));
	return err;
}

/* After the XDP program is detached, answer the packets that are in RX. */
static void jumbo_drain(struct jumbo *jumbo)
{
	for (int idle = 0; idle < DRAIN_MS;) {
		__u32 taken = jumbo_serve(jumbo);
		struct places p = xsk_places(&jumbo->xsk);

		if (!p.rx && !p.tx && !p.kernel_tx && !p.completion)
			return;
		poll(jumbo->fds, 1, taken ? 0 : 1);
		idle += !taken;
	}
}

/* Leave new packets to the kernel; then answer those already received. */
static int jumbo_stop(struct jumbo *jumbo, int err)
{
	session_detach(&jumbo->session);
	jumbo->fds[0].events = 0;
	if (err != -ENODEV)
		jumbo_drain(jumbo);
	return jumbo_end(jumbo, err);
}

int main(int argc, char **argv)
{
	struct jumbo jumbo;
	int err = jumbo_open(&jumbo, argc, argv);

	if (!err) {
		err = jumbo_run(&jumbo);
		err = jumbo_stop(&jumbo, err);
	}
	jumbo_close(&jumbo);
	/* -EPIPE: the reader of our statistics is gone. */
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
