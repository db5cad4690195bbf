// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 *	jumbo-model half|room|padding
 *
 * Check lessons/jumbo.c with a packet of four pieces, each in a frame of its
 * own. See model.h.
 */
#include "model_lesson.h"

#define main lessons_jumbo_main
#include "lessons/jumbo.c"
#undef main

const char *const say_program = "jumbo-model";
const char lesson_doc[] = "";

/* A stub of the set-up function, which no check calls. */
int jumbo_open(struct lesson *lesson, int argc, char **argv)
{
	(void)lesson, (void)argc, (void)argv;
	return -1;
}

#define FRAME_SIZE 4096
#define SIZE	   500	/* bytes of each piece but the last */
#define DATA	   1900 /* bytes of data in the request */
#define PIECES	   4

static const __u8 mac[6] = MODEL_MAC;

static struct lesson lesson;
static struct kernel_rings rings;
static __u8 packet[PACKET_MAX];
static __u32 len;

static void start(void)
{
	lesson = (struct lesson){ .batch = 32, .session.mac = mac };
	model_memory(&lesson.umem, FRAMES, FRAME_SIZE);
	model_socket(&rings, &lesson.xsk, &lesson.umem);
	len = model_request(packet, DATA);
}

/*
 * Receive bytes @from to @to of the request. @more: the packet has more pieces,
 * even if the request has no more bytes
 */
static void receive(__u32 from, __u32 to, bool more)
{
	for (; from < to; from += SIZE) {
		__u32 n = to - from < SIZE ? to - from : SIZE;

		model_receive(&rings, &lesson.umem, packet + from, n,
			      more || from + n < len ? XDP_PKT_CONTD : 0);
	}
}

/*
 * Check the reply's pieces in TX: all but the last one must have XDP_PKT_CONTD.
 */
static int check_reply(void)
{
	__u32 at = rings.consumer[RING_TX], bytes = 0;
	int pieces = 0;
	bool more;

	do {
		const struct xdp_desc *desc = &rings.tx[at++ % TX_SIZE];

		more = desc->options & XDP_PKT_CONTD;
		bytes += desc->len;
		pieces++;
	} while (more && at != rings.producer[RING_TX]);
	if (pieces == PIECES && bytes == len && !more)
		return 0;
	return wrong(
		"a reply of 4 pieces: all but the last one have XDP_PKT_CONTD",
		"packet_send() sets XDP_PKT_CONTD in a piece if bytes of the reply are left after it.",
		"a packet of %d pieces, with %u of %u bytes%s", pieces, bytes,
		len, more ? ", and the last piece has XDP_PKT_CONTD" : "");
}

/* --- half ----------------------------------------------------------------- */

static int half(void)
{
	start();
	receive(0, 2 * SIZE, false);
	jumbo_receive(&lesson);
	if (model_in(&rings, RING_RX) != 2 || model_in(&rings, RING_TX))
		return wrong(
			"two of four pieces have arrived: both stay in RX",
			"Take a packet only if its last piece has arrived: until then packet.pieces is 0.",
			"%u pieces are in RX, %u in TX",
			model_in(&rings, RING_RX), model_in(&rings, RING_TX));
	receive(2 * SIZE, len, false);
	jumbo_receive(&lesson);
	if (model_in(&rings, RING_RX) || model_in(&rings, RING_TX) != PIECES)
		return wrong(
			"the other two pieces have arrived: the packet is answered",
			"The packet begins with the pieces that stayed in RX.",
			"%u pieces are in RX, %u in TX",
			model_in(&rings, RING_RX), model_in(&rings, RING_TX));
	return check_reply() || model_frames(&lesson.umem, &rings, 1);
}

/* --- room ----------------------------------------------------------------- */

static int room_for(__u32 room)
{
	__u32 wanted = room < PIECES ? 0 : PIECES, before, put;

	start();
	model_fill_tx(&lesson.xsk, room);
	receive(0, len, false);
	before = rings.producer[RING_TX];
	jumbo_receive(&lesson);
	put = rings.producer[RING_TX] - before;
	if (put != wanted || model_in(&rings, RING_RX) != PIECES - wanted)
		return wrong(
			wanted ? "TX has room for all pieces of the packet: the reply is put into TX"
			       : "TX has less room than the packet has pieces: the packet stays in RX",
			"Take a packet only if tx_space() returns at least the packet's number of pieces. The kernel sends no piece of a packet before the last piece is in TX.",
			"TX has room for %u pieces, the packet has %d: %u are put into TX, %u stay in RX",
			room, PIECES, put, model_in(&rings, RING_RX));
	model_empty_tx(&rings, &lesson.xsk);
	jumbo_receive(&lesson);
	if (model_in(&rings, RING_TX) != PIECES - put)
		return wrong(
			"when TX has room again, the packet is answered, and only once",
			"The next call of jumbo_receive() must find the packet that was left in RX.",
			"%u pieces are in TX", model_in(&rings, RING_TX));
	return model_frames(&lesson.umem, &rings, 1);
}

static int room(void)
{
	int status = 0;

	for (__u32 room = 0; !status && room <= PIECES; room++)
		status = room_for(room);
	return status;
}

/* --- padding -------------------------------------------------------------- */

/*
 * Check a request that is followed by padding: three bytes in the fourth piece,
 * and two more pieces.
 */
static int padding(void)
{
	const __u32 at = (PIECES - 1) * SIZE; /* the fourth piece begins here */

	start();
	receive(0, at, true);
	model_receive(&rings, &lesson.umem, packet + at, len - at + 3,
		      XDP_PKT_CONTD);
	model_receive(&rings, &lesson.umem, packet, 100, XDP_PKT_CONTD);
	model_receive(&rings, &lesson.umem, packet, 1, 0);
	jumbo_receive(&lesson);
	if (model_in(&rings, RING_TX) != PIECES)
		return wrong(
			"a packet of 6 pieces, whose reply ends in the fourth piece: 4 pieces are in TX",
			"packet_send() frees the frames that hold no bytes of the reply.",
			"%u pieces", model_in(&rings, RING_TX));
	return check_reply() || model_frames(&lesson.umem, &rings, 1);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "half"))
		return half();
	if (argc == 2 && !strcmp(argv[1], "room"))
		return room();
	if (argc == 2 && !strcmp(argv[1], "padding"))
		return padding();
	return MODEL_UNABLE;
}
