// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 *	forward-model recycle|room
 *
 * Check lessons/forward.c with two ports, "a" and "b": each is the socket of a
 * device. See model.h.
 */
#include "model.h"

#define main lessons_forward_main
#include "lessons/forward.c"
#undef main

/* --- stubs of functions that no check calls ------------------------------- */

int wire_open(struct wire *wire, int argc, char **argv)
{
	(void)wire, (void)argc, (void)argv;
	return -1;
}

int wire_start(struct wire *wire)
{
	(void)wire;
	return -1;
}

int wire_events(struct wire *wire, int n)
{
	(void)wire, (void)n;
	return -1;
}

int wire_end(struct wire *wire, int err)
{
	(void)wire;
	return err;
}

void wire_close(struct wire *wire)
{
	(void)wire;
}

void pair_detach(struct pair *pair)
{
	(void)pair;
}

int bind_queue(struct umem *umem, struct xsk *xsk, const struct device *dev,
	       __u32 queue, __u32 frames, __u16 flags)
{
	(void)umem, (void)xsk, (void)dev, (void)queue, (void)frames;
	(void)flags;
	return -1;
}

int bind_shared(struct umem *umem, struct xsk *xsk, const struct device *dev,
		__u32 queue, __u16 flags)
{
	(void)umem, (void)xsk, (void)dev, (void)queue, (void)flags;
	return -1;
}

/* --- the ports ------------------------------------------------------------ */

#define FRAME_SIZE 2048
#define PACKETS	   40
#define ROOM	   10

enum { A, B };

static const __u8 mac[6] = MODEL_MAC;

static struct wire wire;
static struct port ports[2];
static struct kernel_rings rings[2];
static __u8 packet[PACKET_MAX];
static __u32 len;

static void start(bool answer)
{
	wire = (struct wire){ .ports = ports, .n = 2, .batch = 128 };
	model_memory(&wire.umem, 2 * FRAMES, FRAME_SIZE);
	for (int i = 0; i < 2; i++) {
		ports[i] = (struct port){ .wire = &wire,
					  .out = &ports[!i],
					  .mac = answer ? mac : NULL,
					  .largest = 1518 };
		model_socket(&rings[i], &ports[i].xsk, &wire.umem);
	}
	len = model_request(packet, 40);
}

static void receive(int n)
{
	while (n--)
		model_receive(&rings[A], &wire.umem, packet, len, 0);
}

/* --- recycle -------------------------------------------------------------- */

/* Check port_recycle() after packets came to port a and left through port b. */
static int recycle_forwarded(void)
{
	start(false);
	receive(PACKETS);
	port_receive(&ports[A]);
	model_send(&rings[B]);
	port_recycle(&ports[A]);
	if (model_in(&rings[B], RING_COMPLETION))
		return wrong(
			"packets came to port a and left through port b: port_recycle() for port a takes their frames from COMPLETION of port b",
			"A packet leaves through in->out, so its frame comes back in COMPLETION of in->out.",
			"%u of %d frames are still in COMPLETION of port b",
			model_in(&rings[B], RING_COMPLETION), PACKETS);
	if (model_in(&rings[A], RING_FILL) != FILL_SIZE)
		return wrong(
			"after port_recycle() for port a, FILL of port a is full again",
			"The packets took their frames from FILL of port a: refill FILL of port a from the shared stack.",
			"FILL of port a has %u of %d frames",
			model_in(&rings[A], RING_FILL), FILL_SIZE);
	return model_frames(&wire.umem, rings, 2);
}

/*
 * Check port_recycle() with --answer: answers leave through the port that
 * received the requests.
 */
static int recycle_answered(void)
{
	start(true);
	receive(PACKETS);
	port_receive(&ports[A]);
	model_send(&rings[A]);
	port_recycle(&ports[A]);
	if (model_in(&rings[A], RING_COMPLETION))
		return wrong(
			"with --answer, port a sends the answers to its requests: port_recycle() for port a takes their frames from COMPLETION of port a, too",
			"If in->mac is set, in->xsk sends answers: take frames from COMPLETION of in->xsk and of in->out->xsk.",
			"%u of %d frames are still in COMPLETION of port a",
			model_in(&rings[A], RING_COMPLETION), PACKETS);
	return model_frames(&wire.umem, rings, 2);
}

/* --- room ----------------------------------------------------------------- */

/*
 * Leave room for only ROOM packets in TX of port @full, which has to send the
 * packets or their answers. Check that all other packets wait in RX of port a.
 */
static int room_in(int full, const char *expected, const char *why)
{
	model_fill_tx(&ports[full].xsk, ROOM);
	receive(PACKETS);
	port_receive(&ports[A]);
	if (model_in(&rings[A], RING_RX) != PACKETS - ROOM)
		return wrong(expected, why,
			     "%u stay in RX of port a; %llu are lost",
			     model_in(&rings[A], RING_RX),
			     ports[A].stats.other_small);
	model_empty_tx(&rings[full], &ports[full].xsk);
	port_receive(&ports[A]);
	if (model_in(&rings[A], RING_RX))
		return wrong(
			"when TX has room again, all packets are taken from RX",
			"port_room() must return the room in TX, but at most a batch.",
			"%u stay in RX of port a",
			model_in(&rings[A], RING_RX));
	return model_frames(&wire.umem, rings, 2);
}

/* Check that packets for a port whose device is down do not wait in RX. */
static int room_down(void)
{
	start(false);
	model_fill_tx(&ports[B].xsk, 0);
	ports[B].largest = 0;
	receive(PACKETS);
	port_receive(&ports[A]);
	if (model_in(&rings[A], RING_RX) ||
	    ports[A].stats.other_down != PACKETS)
		return wrong(
			"port b is down, and its TX is full: packets for port b are dropped and counted as other_down",
			"If out->largest is 0, the device is down: its TX gets no room, so do not wait for room there.",
			"%u stay in RX of port a, %llu are counted",
			model_in(&rings[A], RING_RX),
			ports[A].stats.other_down);
	return model_frames(&wire.umem, rings, 2);
}

static int room(void)
{
	int status;

	start(false);
	status = room_in(
		B,
		"TX of port b has room for 10 packets: of 40 packets for port b, 30 stay in RX of port a",
		"port_room() must ask for room in TX of in->out. A packet for which TX has no room is lost if you take it from RX.");
	if (status)
		return status;
	start(true);
	status = room_in(
		A,
		"with --answer, TX of port a has room for 10 answers: of 40 requests, 30 stay in RX of port a",
		"Answers leave through in->xsk, all other packets through in->out->xsk: TX of both sockets must have room.");
	return status ? status : room_down();
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "recycle"))
		return recycle_forwarded() || recycle_answered();
	if (argc == 2 && !strcmp(argv[1], "room"))
		return room();
	return MODEL_UNABLE;
}
