// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A wire in user space: each packet that arrives by one device leaves by the
 * other device, in the same frame. lessons/forward.org explains this program.
 *
 * All sockets share one UMEM and one stack of free frames. Each socket has four
 * rings of its own. A frame passes through rings of both devices, "a" and "b":
 *
 *   .--> FILL a ---> RX a --.             .--> TX b ---> COMPLETION b --.
 *  free                     +--> in hand -+                             free
 *   '--> FILL b ---> RX b --'             '--> TX a ---> COMPLETION a --'
 *
 * The invariant of headers/xsk.h (each frame is in exactly one place) holds for
 * all sockets together, but not for one device: a frame that the kernel got
 * through FILL a returns through COMPLETION b.
 *
 * One thread runs all rings, so neither the rings nor the stack need a lock. A
 * second thread could serve only rings that the first one does not use, because
 * a ring has one producer and one consumer. The second thread would need free
 * frames of its own, because all rings use the same stack.
 *
 * Code between EXERCISE and END is removed from the exercise skeletons.
 */
#include <poll.h>
#include <stdlib.h>

#include "common/bind.h"
#include "headers/icmp6_echo.h"
#include "headers/xsk.h"
#include "lessons/wire.h"

/*
 * Frames for each socket. If a device sends too slowly, packets for this device
 * wait in its TX, and in RX of the other device. These two rings and FILL of
 * the other device hold at most FRAMES frames. UMEM has as many again for the
 * other direction, so packets in that direction still pass.
 */
#define FRAMES (FILL_SIZE + RX_SIZE + TX_SIZE)

/* Packets between two calls of port_recycle(): see af_xdp_user.c. */
#define RECYCLE_INTERVAL 64

#define TX_RETRY_MS   1	   /* longest sleep while TX holds packets */
#define COMPLETION_MS 1000 /* longest sleep while frames are being sent */
#define DRAIN_MS      100  /* at the end: limit of all waits together */

/*
 * Move a packet to TX of the other device. With --answer, turn an echo request
 * into its reply, and move the reply to TX of this device. To move a packet,
 * write only a descriptor of 16 bytes, and leave the packet in its frame. If
 * the packet cannot leave, count it by cause and free the frame. port_room()
 * has made sure that TX has room, unless the other device is down.
 */
static void forward_packet(struct port *in, __u64 addr, __u32 len)
{
	struct port *out = in->out;

	if (in->mac) {
		void *packet = xsk_umem__get_data(in->xsk.umem->area, addr);
		int reply = icmp6_echo_reply(packet, packet + len, in->mac);

		if (reply > 0) {
			in->stats.verdicts[ICMP6_ECHO_ANSWERED]++;
			out = in;
			len = (__u32)reply;
		}
	}
	/* EXERCISE 10: forward_packet */
	if (len <= out->largest && tx_send(&out->xsk, addr, len)) {
		out->stats.tx_bytes += len;
		return;
	}
	if (out->largest)
		in->stats.other_small++;
	else
		in->stats.other_down++;
	frames_put(&in->xsk.umem->frames, addr);
	/* END */
}

/*
 * Return the number of packets to take from RX: at most a batch, and as many as
 * fit into TX of the other device and, with --answer, also into TX of this
 * device. The rest stay in RX; when RX is full, the kernel drops and counts
 * packets. If the other device is down, it sends nothing, so do not wait for
 * its TX.
 */
static __u32 port_room(struct port *in)
{
	/* EXERCISE 10: port_room */
	struct port *out = in->out;
	__u32 room = in->wire->batch;

	if (out->largest)
		room = tx_space(&out->xsk, room);
	return in->mac ? tx_space(&in->xsk, room) : room;
	/* END */
}

static __u32 port_receive(struct port *in)
{
	__u32 idx, n = rx_peek(&in->xsk, port_room(in), &idx);
	__u64 bytes = 0;

	if (!n)
		return 0;
	for (__u32 i = 0; i < n; i++) {
		const struct xdp_desc *desc =
			xsk_ring_cons__rx_desc(&in->xsk.rx, idx + i);

		bytes += desc->len;
		forward_packet(in, desc->addr, desc->len);
	}
	rx_release(&in->xsk, n);
	in->stats.rx_packets += n;
	in->stats.rx_bytes += bytes;
	in->out->stats.tx_packets += tx_submit(&in->out->xsk);
	if (in->mac)
		in->stats.tx_packets += tx_submit(&in->xsk);
	return n;
}

/*
 * Free the frames of packets that the other device has sent, and with --answer
 * the frames of answers that this device has sent. Then put free frames into
 * FILL.
 */
static void port_recycle(struct port *in)
{
	/* EXERCISE 10: port_recycle */
	completion_reclaim(&in->out->xsk);
	if (in->mac)
		completion_reclaim(&in->xsk);
	fill_refill(&in->xsk);
	/* END */
}

static __u32 port_serve(struct port *in)
{
	__u32 n = port_receive(in);

	if (in->xsk.rx.cached_cons % RECYCLE_INTERVAL < n)
		port_recycle(in);
	return n;
}

/* Serve all ports. Return the number of packets from the busiest port. */
static __u32 wire_serve(struct wire *wire)
{
	__u32 most = 0;

	for (__u32 i = 0; i < wire->n; i++) {
		__u32 n = port_serve(&wire->ports[i]);

		most = n > most ? n : most;
	}
	return most;
}

/*
 * Prepare poll() for one socket: set the events to wait for, and return the
 * timeout in ms; -1 means no timeout.
 */
static int port_timeout(struct port *port, struct pollfd *fd)
{
	fd->events = port_room(port) ? POLLIN : 0;
	if (!port->largest)
		return -1; /* until rtnetlink reports that the device is up */
	if (!tx_space(&port->xsk, 1))
		fd->events |= POLLOUT;
	if (tx_waiting(&port->xsk))
		return TX_RETRY_MS;
	return tx_outstanding(&port->xsk) ? COMPLETION_MS : -1;
}

/*
 * Send, and sleep until packets arrive. @busy: do not sleep, because whole
 * batches arrive.
 *
 * Send by tx_kick(), although poll() would send, too. poll() first puts this
 * thread on the wait queues of all sockets, and then sends. If a packet arrives
 * while poll() sends, the kernel wakes the thread needlessly, which costs a
 * third more CPU time for each packet.
 */
static int wire_wait(struct wire *wire, bool busy)
{
	__u32 least = busy ? 0 : -1U; /* -1: no timeout */
	int n;

	for (__u32 i = 0; i < wire->n; i++) {
		__u32 ms;

		tx_kick(&wire->ports[i].xsk);
		ms = (__u32)port_timeout(&wire->ports[i], &wire->fds[i]);

		least = ms < least ? ms : least;
	}
	n = poll(wire->fds, wire->n + 1, (int)least);
	/*
	 * After a timeout, recycle frames even if only a few packets have
	 * arrived.
	 */
	for (__u32 i = 0; !n && i < wire->n; i++)
		port_recycle(&wire->ports[i]);
	return wire_events(wire, n);
}

/*
 * Serve the ports until a signal, --duration or an error ends the loop. Return
 * 0 or a negative errno.
 */
static int wire_run(struct wire *wire)
{
	int err = 0;

	while (!err && !wire->pair.stop)
		err = wire_wait(wire, wire_serve(wire) >= wire->batch);
	return err;
}

/*
 * Open a socket on each queue of both devices. The first socket registers the
 * UMEM. Each socket has its own FILL and COMPLETION. Only sockets on the same
 * queue of the same device would share these two rings.
 */
static int wire_bind(struct wire *wire)
{
	__u16 flags = wire->pair.opts.bind_flags;
	struct port *port = wire->ports;
	int err;

	err = bind_queue(&wire->umem, &port->xsk, &port->side->dev,
			 port->stats.queue, wire->n * FRAMES, flags);
	for (__u32 i = 1; !err && i < wire->n; i++) {
		port = &wire->ports[i];
		err = bind_shared(&wire->umem, &port->xsk, &port->side->dev,
				  port->stats.queue, flags);
	}
	return err;
}

/* Return true if RX, TX and COMPLETION are empty, and nothing is being sent. */
static bool wire_is_idle(const struct wire *wire)
{
	__u32 moving = 0;

	for (__u32 i = 0; i < wire->n; i++) {
		struct places p = xsk_places(&wire->ports[i].xsk);

		moving |= p.rx | p.tx | p.kernel_tx | p.completion;
	}
	return !moving;
}

/*
 * After the XDP programs are detached, forward the packets in RX, and send all
 * packets in TX. Give up when all waits together have taken DRAIN_MS.
 */
static void wire_drain(struct wire *wire)
{
	for (int idle = 0; idle < DRAIN_MS && !wire_is_idle(wire);) {
		__u32 received = wire_serve(wire);

		for (__u32 i = 0; i < wire->n; i++) {
			tx_kick(&wire->ports[i].xsk);
			port_recycle(&wire->ports[i]);
		}
		poll(NULL, 0, received ? 0 : 1);
		idle += !received;
	}
}

/* Leave new packets to the kernel, then forward the packets in the rings. */
static int wire_stop(struct wire *wire, int err)
{
	pair_detach(&wire->pair);
	if (err != -ENODEV)
		wire_drain(wire);
	return wire_end(wire, err);
}

int main(int argc, char **argv)
{
	struct wire wire = { 0 };
	int err = wire_open(&wire, argc, argv);

	if (!err)
		err = wire_bind(&wire);
	if (!err)
		err = wire_start(&wire);
	if (!err) {
		err = wire_run(&wire);
		err = wire_stop(&wire, err);
	}
	wire_close(&wire);
	/* -EPIPE: the reader of our statistics is gone. */
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
