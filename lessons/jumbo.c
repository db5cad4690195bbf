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

#include "common/bind.h"
#include "common/sample.h"
#include "common/say.h"
#include "common/session.h"
#include "common/xsk_option.h"
#include "headers/icmp6_echo.h"
#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"
#include "lessons/jumbo_setup.h"

/* Frames in the UMEM: as many as FILL and TX hold, see headers/xsk.h. */
#define FRAMES (FILL_SIZE + TX_SIZE)

/*
 * In copy mode one system call sends at most BATCH pieces; since kernel 6.17 a
 * socket can ask for more. Between two calls, take about as many from RX.
 */
#define BATCH	    32
#define LARGE_BATCH 128

/* The longest chain. The kernel's largest packets, 512 Kbytes, take 137. */
#define CHAIN_MAX 256

/* All headers that icmp6_echo_reply() reads: they must be in the first piece */
#define HEADERS \
	(ETH_HLEN + ICMP6_ECHO_VLAN_TAGS * 4 + (int)sizeof(struct icmp6_echo))

#define TX_RETRY_MS   1	   /* until the next try, if TX or RX holds packets */
#define COMPLETION_MS 1000 /* until COMPLETION is read, if frames are due */
#define DRAIN_MS      100  /* without a packet, until the program ends */

struct jumbo {
	struct session session;
	struct umem umem;
	struct xsk xsk;
	struct stats stats;
	__u32 batch;	      /* pieces taken from RX, or sent, at once */
	__u32 left;	      /* pieces seen in RX that were not taken */
	struct pollfd fds[2]; /* the socket, and the session's events */
};

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

static void jumbo_count(struct jumbo *jumbo)
{
	struct stats *stats = jumbo->session.reporter.now;

	*stats = jumbo->stats;
	sample_take(stats, &jumbo->xsk);
	xsk_option_statistics(jumbo->fds[0].fd, &stats->kernel);
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
	struct session *session = &jumbo->session;
	int n, due;

	jumbo->fds[0].events = jumbo->left ? 0 : POLLIN;
	n = poll(jumbo->fds, 2, jumbo_timeout(jumbo, taken));
	if (n < 0)
		return say_error(-errno, "poll: %s", strerror(errno));
	if (!jumbo->fds[1].revents)
		return 0;
	due = session_events(session);
	if (due <= 0)
		return due;
	jumbo_count(jumbo);
	return session_report(session);
}

/* Run the loop. Return 0 if asked to stop, else a negative errno. */
static int jumbo_run(struct jumbo *jumbo)
{
	int err = 0;

	while (!err && !jumbo->session.stop)
		err = jumbo_wait(jumbo, jumbo_serve(jumbo));
	return err;
}

static int jumbo_bind(struct jumbo *jumbo, __u16 bind_flags)
{
	const struct session *session = &jumbo->session;

	return bind_queue(&jumbo->umem, &jumbo->xsk, &session->dev,
			  session->opts.queue, FRAMES, bind_flags);
}

/* Bind, then attach; see demo_open_queues() in af_xdp_user.c. */
static int jumbo_attach(struct jumbo *jumbo)
{
	struct session *session = &jumbo->session;
	int err = jumbo_bind(jumbo, session->opts.bind_flags);

	if (!err)
		err = session_attach(session);
	if (!err && !session->prog.is_native &&
	    xsk_option_is_zero_copy(xsk_socket__fd(jumbo->xsk.socket))) {
		xsk_close(&jumbo->xsk);
		umem_close(&jumbo->umem);
		err = jumbo_bind(jumbo, XDP_COPY | XDP_USE_SG);
	}
	return err;
}

static int jumbo_start(struct jumbo *jumbo)
{
	struct session *session = &jumbo->session;
	int fd = xsk_socket__fd(jumbo->xsk.socket), err;

	jumbo->fds[0].fd = fd;
	jumbo->fds[1] = (struct pollfd){ session->events.fd, POLLIN, 0 };
	jumbo->batch = xsk_option_tx_budget(fd, LARGE_BATCH) ? LARGE_BATCH
							     : BATCH;
	jumbo->stats.queue = session->opts.queue;
	jumbo->stats.zero_copy = xsk_option_is_zero_copy(fd);
	jumbo->stats.several_frames = true;
	err = session_add_socket(session, session->opts.queue, fd);
	if (err)
		return err;
	jumbo_count(jumbo);
	return session_start(session, jumbo->umem.frames.size);
}

static int jumbo_open(struct jumbo *jumbo, int argc, char **argv)
{
	struct session *session = &jumbo->session;
	int err = session_open_by(session, jumbo_options_parse, argc, argv);

	if (!err)
		err = jumbo_check_kernel();
	if (!err)
		err = session_prepare(session, session->opts.queue, 1);
	if (!err)
		err = jumbo_choose_copy(session);
	if (!err)
		err = jumbo_attach(jumbo);
	return err ? err : jumbo_start(jumbo);
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

static int jumbo_stop(struct jumbo *jumbo, int err)
{
	session_detach(&jumbo->session);
	jumbo->fds[0].events = 0;
	if (err != -ENODEV)
		jumbo_drain(jumbo);
	jumbo_count(jumbo);
	return session_end(&jumbo->session, err);
}

int main(int argc, char **argv)
{
	struct jumbo jumbo = { 0 };
	int err = jumbo_open(&jumbo, argc, argv);

	if (!err) {
		err = jumbo_run(&jumbo);
		err = jumbo_stop(&jumbo, err);
	}
	xsk_close(&jumbo.xsk);
	umem_close(&jumbo.umem);
	session_close(&jumbo.session);
	/* -EPIPE: the reader of our statistics is gone. */
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
