// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Chapter two: a program that answers IPv6 pings through AF_XDP.
 *
 * Read headers/xsk.h first. This file has process_packet(), ways of waiting,
 * the loop, and main(). README.org explains the ideas. Skip common/ at first.
 */
#include <poll.h>
#include <stdlib.h>

#include "common/bind.h"
#include "common/busy_poll.h"
#include "common/sample.h"
#include "common/say.h"
#include "common/session.h"
#include "common/xsk_option.h"
#include "headers/icmp6_echo.h"
#include "headers/xsk.h"

/* Frames in each UMEM: as many as FILL and TX hold, see headers/xsk.h. */
#define FRAMES (FILL_SIZE + TX_SIZE)

/*
 * In copy mode one system call sends at most BATCH packets; since kernel 6.17 a
 * socket option can raise this limit to LARGE_BATCH. Between two calls, take
 * no more packets from RX than one call sends, so that TX does not fill up.
 */
#define BATCH	    32
#define LARGE_BATCH 128

/*
 * Packets between two calls of queue_recycle(). Reading a ring's index costs a
 * cache miss, because the kernel's CPU has just written it.
 */
#define RECYCLE_INTERVAL (2 * BATCH)

#define EVENTS_INTERVAL 256  /* calls of demo_spin() between event checks */
#define TX_RETRY_MS	10   /* longest sleep while TX holds packets */
#define COMPLETION_MS	1000 /* longest sleep while frames are being sent */
#define DRAIN_MS	100  /* longest wait for the last answers to be sent */

/* One RX queue: its UMEM, socket and counters. */
struct queue {
	struct umem umem;
	struct xsk xsk;
	struct stats stats;
	const __u8 *mac; /* answer requests to this address; see session.h */
	__u32 batch;	 /* limit on packets received, or sent, at once */
	__u32 tx_seen;	 /* TX's consumer index at the last queue_timeout() */
	bool rxdrop;	 /* --rxdrop: answer nothing */
	struct busy_poll busy_poll;
};

/* One or more queues. The session has options, device and statistics. */
struct demo {
	struct session session;
	struct queue *queues;
	__u32 sockets;	    /* number of queues, each with one socket */
	struct pollfd *fds; /* one for each socket, and one for events */
	__u32 received;	    /* packets that the last demo_serve() received */
	__u32 most;	    /* of these, packets of the busiest queue */
	__u32 rounds;	    /* calls of demo_spin() */
};

/*
 * Answer a packet in its own frame, or free the frame. Your protocol goes here.
 * icmp6_echo_reply() returns the length of the reply, or -REASON if there is no
 * reply. TX has room for all replies: see queue_receive().
 */
static void process_packet(struct queue *queue, __u64 addr, __u32 len)
{
	/* EXERCISE 5: process_packet */
	void *packet = xsk_umem__get_data(queue->umem.area, addr);
	int reply = icmp6_echo_reply(packet, packet + len, queue->mac);

	queue->stats.verdicts[reply < 0 ? -reply : ICMP6_ECHO_ANSWERED]++;
	if (reply > 0 && tx_send(&queue->xsk, addr, (__u32)reply))
		queue->stats.tx_bytes += (__u32)reply;
	else
		frames_put(&queue->umem.frames, addr);
	/* END */
}

/* Take packets from RX, at most as many as TX has room for; answer them. */
static __u32 queue_receive(struct queue *queue)
{
	struct xsk *xsk = &queue->xsk;
	__u32 idx, n = rx_peek(xsk, tx_space(xsk, queue->batch), &idx);
	__u64 bytes = 0;

	if (!n)
		return 0;
	for (__u32 i = 0; i < n; i++) {
		const struct xdp_desc *desc =
			xsk_ring_cons__rx_desc(&xsk->rx, idx + i);

		bytes += desc->len;
		if (queue->rxdrop)
			frames_put(&queue->umem.frames, desc->addr);
		else
			process_packet(queue, desc->addr, desc->len);
	}
	rx_release(xsk, n);
	queue->stats.rx_packets += n;
	queue->stats.rx_bytes += bytes;
	queue->stats.tx_packets += tx_submit(xsk);
	return n;
}

/* Free the frames that have been sent, and put free frames into FILL. */
static void queue_recycle(struct queue *queue)
{
	completion_reclaim(&queue->xsk);
	fill_refill(&queue->xsk);
}

/*
 * Receive and answer. Recycle when the number of all packets received passes a
 * multiple of RECYCLE_INTERVAL. Return the number received in this call.
 */
static __u32 queue_serve(struct queue *queue)
{
	__u32 n = queue_receive(queue);

	if (queue->xsk.rx.cached_cons % RECYCLE_INTERVAL < n)
		queue_recycle(queue);
	return n;
}

static void demo_serve(struct demo *demo)
{
	__u32 all = 0, most = 0;

	/* EXERCISE 8: demo_serve */
	for (__u32 i = 0; i < demo->sockets; i++) {
		__u32 n = queue_serve(&demo->queues[i]);

		all += n;
		most = n > most ? n : most;
	}
	/* END */
	demo->received = all;
	demo->most = most;
}

/* Read all counters, for the next report. */
static void demo_count(struct demo *demo)
{
	for (__u32 i = 0; i < demo->sockets; i++) {
		struct queue *queue = &demo->queues[i];
		struct stats *stats = &demo->session.reporter.now[i];

		*stats = queue->stats;
		sample_take(stats, &queue->xsk);
		xsk_option_statistics(demo->fds[i].fd, &stats->kernel);
	}
}

/* Handle signals, the timer and device changes; @n is poll()'s result. */
static int demo_events(struct demo *demo, int n)
{
	int due;

	if (n < 0)
		return say_error(-errno, "poll: %s", strerror(errno));
	if (!demo->fds[demo->sockets].revents)
		return 0;
	due = session_events(&demo->session);
	if (due <= 0)
		return due;
	demo_count(demo);
	return session_report(&demo->session);
}

/*
 * Prepare poll() for one socket: set the events to wait for. Return the longest
 * sleep in ms, or -1 for no limit.
 */
static int queue_timeout(struct queue *queue, struct pollfd *fd)
{
	struct xsk *xsk = &queue->xsk;
	__u32 waiting = tx_waiting(xsk), sent = xsk->tx.cached_prod - waiting;
	bool progress = sent != queue->tx_seen; /* sent since the last call */

	queue->tx_seen = sent;
	/* If TX is full, no packet can be answered: wait for room instead. */
	fd->events = tx_space(xsk, 1) ? POLLIN : POLLOUT;
	/* In copy mode poll() sends one batch. Do not sleep with more in TX. */
	if (waiting > queue->batch && progress &&
	    xsk_ring_prod__needs_wakeup(&xsk->tx))
		return 0;
	/* poll() does not report when a busy device is free: retry soon. */
	if (waiting)
		return TX_RETRY_MS;
	return tx_outstanding(xsk) ? COMPLETION_MS : -1;
}

/* Prepare poll() for all sockets. Return the shortest of their timeouts. */
static int demo_timeout(struct demo *demo)
{
	/* EXERCISE 8: demo_timeout */
	int shortest = -1;

	for (__u32 i = 0; i < demo->sockets; i++) {
		int ms = queue_timeout(&demo->queues[i], &demo->fds[i]);

		if (shortest < 0 || (ms >= 0 && ms < shortest))
			shortest = ms;
	}
	return shortest;
	/* END */
}

/* Poll mode: send, and sleep until packets arrive. */
static int demo_wait(struct demo *demo)
{
	int ms = demo_timeout(demo), n;

	if (!demo->session.dev.is_up)
		ms = -1; /* until rtnetlink reports that the device is up */
	n = poll(demo->fds, demo->sockets + 1, ms);
	if (!n) /* timeout: queue_serve() may not have recycled lately */
		for (__u32 i = 0; i < demo->sockets; i++)
			queue_recycle(&demo->queues[i]);
	return demo_events(demo, n);
}

/*
 * --coalesce: send, and let packets gather. If packets arrive at short
 * intervals, waking up for each packet costs more than answering it.
 */
static int demo_gather(struct demo *demo)
{
	const struct timespec time = {
		.tv_nsec = demo->session.opts.coalesce * 1000L,
	};

	for (__u32 i = 0; i < demo->sockets; i++)
		demo->fds[i].events = 0; /* ppoll() only sends and waits */
	return demo_events(demo,
			   ppoll(demo->fds, demo->sockets + 1, &time, NULL));
}

/*
 * Busy mode, and any mode while whole batches arrive: send by sendto(), and do
 * not wait. poll() would put us on the socket's wait queue before sending, so
 * the kernel would wake us for each packet that it has sent.
 */
static int demo_spin(struct demo *demo)
{
	for (__u32 i = 0; i < demo->sockets; i++) {
		struct queue *queue = &demo->queues[i];

		tx_kick(&queue->xsk);
		rx_kick(&queue->xsk, queue->busy_poll.on);
	}
	if (++demo->rounds % EVENTS_INTERVAL)
		return 0;
	for (__u32 i = 0; i < demo->sockets; i++) {
		struct queue *queue = &demo->queues[i];

		queue_recycle(queue);
		busy_poll_watch(&queue->busy_poll, &queue->xsk,
				demo->session.dev.name, queue->stats.queue);
	}
	return demo_events(demo, poll(&demo->fds[demo->sockets], 1, 0));
}

/* Until asked to stop: serve, then spin, gather or wait. Return 0 or -errno. */
static int demo_run(struct demo *demo)
{
	const struct session *session = &demo->session;
	int err = 0;

	while (!err && !session->stop) {
		demo_serve(demo);
		if (session->dev.is_up &&
		    (session->opts.busy || demo->most >= demo->queues->batch))
			err = demo_spin(demo);
		else if (session->opts.coalesce && demo->received > 1)
			err = demo_gather(demo);
		else
			err = demo_wait(demo);
	}
	return err;
}

/* Open a UMEM and a socket on each queue: bind_queue() calls xsk_open(). */
static int demo_bind(struct demo *demo, __u16 bind_flags)
{
	/* EXERCISE 8: demo_bind */
	const struct options *opts = &demo->session.opts;
	int err = 0;

	for (__u32 i = 0; !err && i < demo->sockets; i++) {
		struct queue *queue = &demo->queues[i];

		queue->stats.queue = opts->queue + i;
		err = bind_queue(&queue->umem, &queue->xsk, &demo->session.dev,
				 queue->stats.queue, FRAMES, bind_flags);
	}
	return err;
	/* END */
}

/* Close each socket first, then its UMEM. */
static void demo_close_queues(struct demo *demo)
{
	for (__u32 i = 0; demo->queues && i < demo->sockets; i++) {
		xsk_close(&demo->queues[i].xsk);
		umem_close(&demo->queues[i].umem);
	}
}

/*
 * Bind, then attach the XDP program. In SKB mode no packet reaches a zero-copy
 * socket, so bind again in copy mode if attaching falls back to SKB mode.
 */
static int demo_open_queues(struct demo *demo)
{
	struct session *session = &demo->session;
	bool skb = session->opts.mode == ATTACH_SKB;
	int err;

	err = demo_bind(demo, skb ? XDP_COPY : session->opts.bind_flags);
	if (!err)
		err = session_attach(session);
	if (!err && !session->prog.is_native &&
	    xsk_option_is_zero_copy(xsk_socket__fd(demo->queues->xsk.socket))) {
		demo_close_queues(demo);
		err = demo_bind(demo, XDP_COPY);
	}
	return err;
}

/*
 * Set up the queue, and put its socket into xsks_map for the XDP program. Until
 * now the kernel got the packets, so starting loses no packet.
 */
static int queue_start(struct queue *queue, struct session *session, int fd)
{
	queue->rxdrop = session->opts.rxdrop;
	queue->mac = session->mac;
	queue->batch = xsk_option_tx_budget(fd, LARGE_BATCH) ? LARGE_BATCH
							     : BATCH;
	queue->stats.zero_copy = xsk_option_is_zero_copy(fd);
	if (session->opts.busy && session->dev.is_hardware)
		busy_poll_start(&queue->busy_poll, &queue->xsk);
	return session_add_socket(session, queue->stats.queue, fd);
}

/* Allocate the memory whose size depends on the number of queues. */
static int demo_allocate(struct demo *demo)
{
	const struct options *opts = &demo->session.opts;

	/* EXERCISE 8: sockets */
	demo->sockets = opts->all_queues ? demo->session.dev.queues : 1;
	/* END */
	demo->queues = calloc(demo->sockets, sizeof(*demo->queues));
	demo->fds = calloc(demo->sockets + 1, sizeof(*demo->fds));
	if (!demo->queues || !demo->fds)
		return say_error(-ENOMEM, "%u socket(s): %s", demo->sockets,
				 strerror(ENOMEM));
	return session_prepare(&demo->session, opts->queue, demo->sockets);
}

static int demo_open(struct demo *demo, int argc, char **argv)
{
	struct session *session = &demo->session;
	int err;

	err = session_open(session, argc, argv);
	if (!err)
		err = demo_allocate(demo);
	if (!err)
		err = demo_open_queues(demo);
	for (__u32 i = 0; !err && i < demo->sockets; i++) {
		struct queue *queue = &demo->queues[i];

		demo->fds[i].fd = xsk_socket__fd(queue->xsk.socket);
		err = queue_start(queue, session, demo->fds[i].fd);
	}
	if (err)
		return err;
	demo->fds[demo->sockets] =
		(struct pollfd){ session->events.fd, POLLIN, 0 };
	demo_count(demo);
	return session_start(session, demo->queues->umem.frames.size);
}

/*
 * After the XDP program is detached, answer the packets in RX; poll() sends the
 * answers. Give up after waiting for DRAIN_MS.
 */
static void queue_drain(struct queue *queue)
{
	struct pollfd fd = { .fd = xsk_socket__fd(queue->xsk.socket) };

	for (int idle = 0; idle < DRAIN_MS;) {
		__u32 received = queue_serve(queue);
		struct places p;

		queue_recycle(queue);
		p = xsk_places(&queue->xsk);
		if (!p.rx && !p.tx && !p.kernel_tx && !p.completion)
			return;
		poll(&fd, 1, received ? 0 : 1);
		idle += !received;
	}
}

/* Detach the XDP program, and answer packets in RX if the device exists. */
static int demo_stop(struct demo *demo, int err)
{
	session_detach(&demo->session);
	for (__u32 i = 0; err != -ENODEV && i < demo->sockets; i++)
		queue_drain(&demo->queues[i]);
	demo_count(demo);
	return session_end(&demo->session, err);
}

/* Undo the set-up in reverse order, even if only a part of it was done. */
static void demo_close(struct demo *demo)
{
	demo_close_queues(demo);
	free(demo->fds);
	free(demo->queues);
	session_close(&demo->session);
}

int main(int argc, char **argv)
{
	struct demo demo = { 0 };
	int err = demo_open(&demo, argc, argv);

	if (!err) {
		err = demo_run(&demo);
		err = demo_stop(&demo, err);
	}
	demo_close(&demo);
	/* -EPIPE: the reader of our statistics is gone. */
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
