// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Record the place of each frame: see follow.h.
 *
 * The program gives frames to the kernel when it submits entries of FILL and
 * TX, and gets frames back when it peeks at entries of RX and COMPLETION. All
 * these calls go through the functions in this file, and they run in one
 * thread, so the record is exact without a lock.
 *
 * A round is a pass of the program's main loop, and begins when the program
 * peeks at RX. At that moment each frame is in a ring, in the kernel, or on the
 * stack of free frames, so compare the stack with the record.
 */
#define FOLLOW_C
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/frames.h"
#include "follow.h"

#define UMEMS	  64
#define UNWRITTEN (~0ULL) /* marks entries reserved and not yet written */

enum place {
	STACK,		 /* on the stack of free frames */
	FROM_RX,	 /* taken from RX in this round */
	FROM_COMPLETION, /* taken from COMPLETION in this round */
	IN_FILL,	 /* given to FILL, and not yet taken from RX */
	IN_TX,		 /* given to TX, and not yet taken from COMPLETION */
};

struct frame {
	enum place place;
	__u64 addr; /* address of the last packet received in this frame */
	__u32 len;  /* its length */
	unsigned long seen; /* last round in which the frame was on the stack */
};

/* The record for one UMEM and its socket. */
struct book {
	struct frames *stack;
	struct xsk_ring_prod *fill, *tx;
	struct xsk_ring_cons *rx, *completion;
	struct frame *frame;
	unsigned long round;
	unsigned long waited;  /* the round of the last poll() */
	unsigned int prepared; /* calls of queue_timeout() since that poll() */
	unsigned long reserved, submitted; /* entries of TX, in all rounds */
	bool is_filled;	   /* entries of FILL were submitted in this round */
	bool is_reclaimed; /* entries of COMPLETION were taken in this round */
};

static struct book books[UMEMS];
static struct frames *last_stack;
static unsigned long moves, rounds, repeated;
static bool mistaken;

/* --- reports -------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void mistake(const char *format,
							  ...)
{
	va_list args;

	if (mistaken)
		return;
	mistaken = true;
	va_start(args, format);
	fputs("follow: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

__attribute__((destructor)) static void report(void)
{
	for (int i = 0; i < UMEMS && books[i].stack; i++)
		fprintf(stderr,
			"followed: moves %lu, kicks repeated %lu, TX reserved %lu, submitted %lu, rounds %lu\n",
			moves, repeated, books[i].reserved, books[i].submitted,
			books[i].round);
}

/* --- the record ----------------------------------------------------------- */

static struct book *book_of(const void *ring)
{
	for (int i = 0; i < UMEMS; i++) {
		struct book *book = &books[i];

		if (ring && (book->fill == ring || book->tx == ring ||
			     book->rx == ring || book->completion == ring))
			return book;
	}
	return NULL;
}

static const char *ring_name(const struct book *book, const void *ring)
{
	if (ring == book->fill)
		return "FILL";
	if (ring == book->tx)
		return "TX";
	return ring == book->rx ? "RX" : "COMPLETION";
}

/* Return the frame of @addr, or NULL if @addr is not in UMEM. */
static struct frame *frame_of(const struct book *book, __u64 addr)
{
	__u64 i = addr / book->stack->size;

	return i < book->stack->total ? &book->frame[i] : NULL;
}

static unsigned int number(const struct book *book, const struct frame *frame)
{
	return (unsigned int)(frame - book->frame);
}

/* Return true if the stack of free frames has this frame. */
static bool is_on_stack(const struct book *book, const struct frame *frame)
{
	for (__u32 i = 0; i < book->stack->free; i++)
		if (frame_of(book, book->stack->addrs[i]) == frame)
			return true;
	return false;
}

static void lost(const struct book *book, const struct frame *frame)
{
	unsigned int n = number(book, frame);

	if (frame->place == FROM_RX)
		mistake("frame %u is in no place: it came from RX, but was neither put into TX nor put back onto the stack of free frames",
			n);
	else if (frame->place == FROM_COMPLETION)
		mistake("frame %u is in no place: it came through COMPLETION, but was not put back onto the stack of free frames",
			n);
	else
		mistake("frame %u is in no place: it was taken from the stack of free frames, but not put into FILL",
			n);
}

/*
 * Return the likely reason why a frame is twice in FILL, or twice on the stack.
 */
static const char *why_twice(const struct book *book)
{
	for (__u32 i = 0; i < book->stack->total; i++)
		if (book->frame[i].place == FROM_COMPLETION &&
		    !is_on_stack(book, &book->frame[i]))
			return "other frames that came through COMPLETION are in no place: each entry has an index of its own, idx + i, and entries are contiguous in memory only up to the ring's end";
	for (__u32 i = 0; i < book->stack->total; i++)
		if (book->frame[i].place == FROM_RX &&
		    !is_on_stack(book, &book->frame[i]))
			return "other frames that came from RX are in no place: each entry has an index of its own, idx + i";
	return "free each frame only once, and put it into only one entry";
}

static void on_stack(struct book *book, struct frame *frame)
{
	if (frame->seen == book->round)
		mistake("frame %u is in two places, both on the stack of free frames: %s",
			number(book, frame), why_twice(book));
	frame->seen = book->round;
	if (frame->place == IN_TX)
		mistake("frame %u is in two places, TX and the stack of free frames: the kernel is still sending the frame. Free a frame only after COMPLETION has returned it",
			number(book, frame));
	else if (frame->place == IN_FILL)
		mistake("frame %u is in two places, FILL and the stack of free frames: get the frames for FILL by frames_take(), which removes them from the stack",
			number(book, frame));
}

/*
 * Check, between two rounds, that the program has submitted all entries that it
 * reserved, and released all entries that it peeked at.
 */
static void look_at_rings(const struct book *book)
{
	if (book->tx->cached_prod != *book->tx->producer)
		mistake("%u entries of TX are reserved, but were not submitted by the end of the round, so the kernel does not see them: tx_submit() must submit all reserved entries",
			book->tx->cached_prod - *book->tx->producer);
	if (book->fill->cached_prod != *book->fill->producer)
		mistake("%u entries of FILL are reserved, but not submitted",
			book->fill->cached_prod - *book->fill->producer);
	if (book->rx->cached_cons != *book->rx->consumer)
		mistake("%u entries of RX were peeked at, but not released: when the ring is full, nothing more is received",
			book->rx->cached_cons - *book->rx->consumer);
	if (book->completion->cached_cons != *book->completion->consumer)
		mistake("%u entries of COMPLETION were peeked at, but not released: when the ring is full, nothing more is sent",
			book->completion->cached_cons -
				*book->completion->consumer);
}

/*
 * Check, between two rounds, that a refill of FILL did not stop while a frame
 * was free and the program saw room in FILL. Accept a refill that stops at the
 * ring's end, because the next refill continues at the ring's start.
 */
static void look_at_room(struct book *book)
{
	const struct xsk_ring_prod *fill = book->fill;
	__u32 room = fill->cached_cons - fill->cached_prod;

	if (book->is_filled && book->stack->free && room &&
	    fill->cached_prod % fill->size)
		mistake("%u free frames stay on the stack, although FILL has room for %u: put all free frames into FILL, or as many as fit",
			book->stack->free, room);
	book->is_filled = false;
}

/*
 * Check, between two rounds, that the program took all entries that it saw in
 * COMPLETION. Entries after the ring's end may be left, because
 * completion_reclaim() may stop there.
 */
static void look_at_completion(struct book *book)
{
	const struct xsk_ring_cons *completion = book->completion;
	__u32 left = completion->cached_prod - completion->cached_cons;

	if (book->is_reclaimed && left &&
	    completion->cached_cons % completion->size)
		mistake("%u entries of COMPLETION are left, with %u frames in them: completion_reclaim() must take all entries",
			left, left);
	book->is_reclaimed = false;
}

static void look_at_stack(struct book *book)
{
	const struct frames *stack = book->stack;
	struct frame *frame;

	book->round++;
	for (__u32 i = 0; i < stack->free && i < stack->total; i++) {
		frame = frame_of(book, stack->addrs[i]);
		if (!frame)
			mistake("the stack of free frames has address %llu, which is not in UMEM",
				stack->addrs[i]);
		else
			on_stack(book, frame);
	}
	for (__u32 i = 0; i < stack->total; i++) {
		frame = &book->frame[i];
		if (frame->place == IN_FILL || frame->place == IN_TX)
			continue;
		if (frame->seen != book->round)
			lost(book, frame);
		frame->place = STACK;
	}
}

/* --- entries that the program submits ------------------------------------- */

static void unwritten(const struct book *book, const void *ring, __u32 idx,
		      __u32 first, __u32 size)
{
	if (idx / size != first / size)
		mistake("entry %u of %s was submitted, but not written: entries from %u on are contiguous only up to the ring's end, and this entry comes after the end, see ring_run()",
			idx % size, ring_name(book, ring), first % size);
	else
		mistake("entry %u of %s was submitted, but not written",
			idx % size, ring_name(book, ring));
}

static void into_fill(struct book *book, __u64 addr)
{
	struct frame *frame = frame_of(book, addr);

	if (!frame)
		mistake("address %llu is put into FILL, but is not in UMEM",
			addr);
	else if (frame->place == IN_FILL)
		mistake("frame %u is in two places, both in FILL: %s",
			number(book, frame), why_twice(book));
	else if (frame->place == IN_TX)
		mistake("frame %u is in two places, TX and FILL: the kernel could receive into the frame while it is still being sent. Free a frame only after COMPLETION has returned it",
			number(book, frame));
	else
		frame->place = IN_FILL;
}

static void check_packet(const struct book *book, const struct frame *frame,
			 const struct xdp_desc *desc)
{
	__u64 start = frame->addr % book->stack->size;

	if (desc->addr != frame->addr)
		mistake("TX sends from byte %llu of frame %u, but the packet begins at byte %llu, after the headroom: keep the address that came from RX",
			desc->addr % book->stack->size, number(book, frame),
			start);
	else if (desc->len == -1U)
		mistake("a descriptor of TX has no length");
	else if (desc->len > frame->len)
		mistake("TX sends %u bytes of frame %u, but the packet in this frame has only %u",
			desc->len, number(book, frame), frame->len);
	else if (desc->options)
		mistake("a descriptor of TX has options: set them to 0");
}

static void into_tx(struct book *book, const struct xdp_desc *desc)
{
	struct frame *frame = frame_of(book, desc->addr);

	if (!frame)
		mistake("address %llu is put into TX, but is not in UMEM",
			desc->addr);
	else if (frame->place == IN_TX)
		mistake("frame %u is in two places, both in TX: send a frame only once",
			number(book, frame));
	else if (frame->place == IN_FILL)
		mistake("frame %u is in two places, FILL and TX: the kernel may receive into the frame",
			number(book, frame));
	else if (frame->place != FROM_RX)
		mistake("frame %u is sent, but no packet was received into it in this round: put the reply into the request's frame",
			number(book, frame));
	else
		check_packet(book, frame, desc);
	if (frame)
		frame->place = IN_TX;
}

void follow_submit(struct xsk_ring_prod *ring, __u32 n)
{
	struct book *book = book_of(ring);
	__u32 first = *ring->producer, reserved = ring->cached_prod - first;

	if (book && n > reserved)
		mistake("%u entries of %s are submitted, but only %u were reserved since the last submit: count the entries from the ring's producer index, not from its consumer index",
			n, ring_name(book, ring), reserved);
	for (__u32 i = first; book && i != first + n; i++) {
		const struct xdp_desc *desc = xsk_ring_prod__tx_desc(ring, i);
		__u64 addr = ring == book->tx
				     ? desc->addr
				     : *xsk_ring_prod__fill_addr(ring, i);

		moves++;
		if (addr == UNWRITTEN)
			unwritten(book, ring, i, first, ring->size);
		else if (ring == book->tx)
			into_tx(book, desc);
		else
			into_fill(book, addr);
	}
	if (book && ring == book->tx)
		book->submitted += n;
	if (book && ring == book->fill)
		book->is_filled = true;
	xsk_ring_prod__submit(ring, n);
}

/*
 * Reserve entries, and mark them as not yet written. A correct program
 * overwrites the marks before it submits the entries, so the kernel does not
 * see the marks.
 */
__u32 follow_reserve(struct xsk_ring_prod *ring, __u32 n, __u32 *idx)
{
	struct book *book = book_of(ring);
	__u32 got = xsk_ring_prod__reserve(ring, n, idx);

	for (__u32 i = 0; book && i < got; i++) {
		if (ring == book->fill)
			*xsk_ring_prod__fill_addr(ring, *idx + i) = UNWRITTEN;
		else
			*xsk_ring_prod__tx_desc(ring, *idx + i) =
				(struct xdp_desc){ UNWRITTEN, -1U, 0 };
	}
	if (book && ring == book->tx)
		book->reserved += got;
	return got;
}

static void check_reserved(const struct xsk_ring_prod *ring, __u32 idx)
{
	const struct book *book = book_of(ring);

	if (book &&
	    idx - *ring->producer >= ring->cached_prod - *ring->producer)
		mistake("entry %u of %s is written, but is not reserved: xsk_ring_prod__reserve() returns 0 if there is not enough room",
			idx % ring->size, ring_name(book, ring));
}

__u64 *follow_fill_addr(struct xsk_ring_prod *ring, __u32 idx)
{
	check_reserved(ring, idx);
	return xsk_ring_prod__fill_addr(ring, idx);
}

struct xdp_desc *follow_tx_desc(struct xsk_ring_prod *ring, __u32 idx)
{
	check_reserved(ring, idx);
	return xsk_ring_prod__tx_desc(ring, idx);
}

/* --- entries that the kernel has produced --------------------------------- */

static void from_kernel(struct book *book, const struct xsk_ring_cons *ring,
			__u32 idx)
{
	bool is_rx = ring == book->rx;
	const struct xdp_desc *desc = xsk_ring_cons__rx_desc(ring, idx);
	__u64 addr = is_rx ? desc->addr : *xsk_ring_cons__comp_addr(ring, idx);
	struct frame *frame = frame_of(book, addr);

	moves++;
	if (!frame)
		return;
	frame->place = is_rx ? FROM_RX : FROM_COMPLETION;
	if (is_rx) {
		frame->addr = addr;
		frame->len = desc->len;
	}
}

__u32 follow_peek(struct xsk_ring_cons *ring, __u32 n, __u32 *idx)
{
	struct book *book = book_of(ring);
	__u32 got;

	if (book && ring == book->rx && !mistaken) {
		look_at_rings(book);
		look_at_room(book);
		look_at_completion(book);
		look_at_stack(book);
	}
	rounds += book && ring == book->rx;
	got = xsk_ring_cons__peek(ring, n, idx);
	if (book && ring == book->completion && got)
		book->is_reclaimed = true;
	for (__u32 i = 0; book && i < got; i++)
		from_kernel(book, ring, *idx + i);
	return got;
}

void follow_cancel(struct xsk_ring_cons *ring, __u32 n)
{
	struct book *book = book_of(ring);

	for (__u32 i = 0; book && i < n; i++) {
		__u32 idx = ring->cached_cons - 1 - i;
		__u64 addr = ring == book->rx
				     ? xsk_ring_cons__rx_desc(ring, idx)->addr
				     : *xsk_ring_cons__comp_addr(ring, idx);
		struct frame *frame = frame_of(book, addr);

		if (frame)
			frame->place = ring == book->rx ? IN_FILL : IN_TX;
	}
	xsk_ring_cons__cancel(ring, n);
}

void follow_release(struct xsk_ring_cons *ring, __u32 n)
{
	const struct book *book = book_of(ring);
	__u32 peeked = ring->cached_cons - *ring->consumer;

	if (book && n > peeked)
		mistake("%u entries of %s are released, but only %u were peeked at",
			n, ring_name(book, ring), peeked);
	xsk_ring_cons__release(ring, n);
}

static void check_peeked(const struct xsk_ring_cons *ring, __u32 idx)
{
	const struct book *book = book_of(ring);

	if (book &&
	    idx - *ring->consumer >= ring->cached_cons - *ring->consumer)
		mistake("entry %u of %s is read, but does not belong to the program: read it between peek and release",
			idx % ring->size, ring_name(book, ring));
}

const __u64 *follow_comp_addr(const struct xsk_ring_cons *ring, __u32 idx)
{
	check_peeked(ring, idx);
	return xsk_ring_cons__comp_addr(ring, idx);
}

const struct xdp_desc *follow_rx_desc(const struct xsk_ring_cons *ring,
				      __u32 idx)
{
	check_peeked(ring, idx);
	return xsk_ring_cons__rx_desc(ring, idx);
}

/* --- waiting, and the kick ------------------------------------------------ */

/*
 * Count the calls of queue_timeout(), which asks if TX has room for one packet.
 * No other function asks that while the program holds no entry of RX.
 */
__u32 follow_nb_free(struct xsk_ring_prod *ring, __u32 n)
{
	struct book *book = book_of(ring);

	if (book && ring == book->tx && n == 1 &&
	    book->rx->cached_cons == *book->rx->consumer)
		book->prepared++;
	return xsk_prod_nb_free(ring, n);
}

static void look_at_sockets(void)
{
	for (int i = 0; i < UMEMS && books[i].stack; i++) {
		struct book *book = &books[i];

		if (book->round == book->waited)
			mistake("poll() is called, but the program has not peeked at RX of socket %d since the last poll(): demo_serve() must serve all sockets each time",
				i);
		if (book->prepared != 1)
			mistake("before poll(), queue_timeout() is called %u times for socket %d: call it once for each socket, even after it returned 0 for another socket. It remembers how far each socket had sent",
				book->prepared, i);
		book->waited = book->round;
		book->prepared = 0;
	}
}

/* Check only calls for several sockets: the program's main loop makes them. */
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (n > 2 && !mistaken)
		look_at_sockets();
	return __real_poll(fds, n, timeout);
}

/*
 * Let every second kick fail with EAGAIN, the kernel's error if it has no
 * buffer. Then the program must put packets into TX while earlier packets still
 * wait there. Also count the kicks that repeat a kick of the same socket in the
 * same round.
 */
ssize_t __real_sendto(int fd, const void *data, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len)
{
	static unsigned long kicks, round;
	static int kicked = -1;

	/* Without MSG_DONTWAIT the kernel only checks the socket. */
	if (len || !(flags & MSG_DONTWAIT))
		return __real_sendto(fd, data, len, flags, to, to_len);
	repeated += fd == kicked && round == rounds;
	kicked = fd;
	round = rounds;
	if (kicks++ % 2 == 0) {
		errno = EAGAIN;
		return -1;
	}
	return __real_sendto(fd, data, len, flags, to, to_len);
}

/* --- set-up of UMEM and sockets ------------------------------------------- */

int __real_frames_init(struct frames *frames, __u32 total, __u32 size);
int __wrap_frames_init(struct frames *frames, __u32 total, __u32 size)
{
	last_stack = frames;
	return __real_frames_init(frames, total, size);
}

int __real_xsk_umem__create(struct xsk_umem **umem, void *area, __u64 size,
			    struct xsk_ring_prod *fill,
			    struct xsk_ring_cons *completion,
			    const struct xsk_umem_config *config);
int __wrap_xsk_umem__create(struct xsk_umem **umem, void *area, __u64 size,
			    struct xsk_ring_prod *fill,
			    struct xsk_ring_cons *completion,
			    const struct xsk_umem_config *config)
{
	struct book *book = book_of(fill);
	int i = 0;

	while (!book && i < UMEMS - 1 && books[i].stack)
		i++;
	if (!book)
		book = &books[i];
	free(book->frame);
	*book = (struct book){ .stack = last_stack,
			       .fill = fill,
			       .completion = completion };
	book->frame = calloc(last_stack->total, sizeof(*book->frame));
	if (!book->frame)
		abort();
	return __real_xsk_umem__create(umem, area, size, fill, completion,
				       config);
}

int __real_xsk_socket__create_shared(struct xsk_socket **socket,
				     const char *device, __u32 queue,
				     struct xsk_umem *umem,
				     struct xsk_ring_cons *rx,
				     struct xsk_ring_prod *tx,
				     struct xsk_ring_prod *fill,
				     struct xsk_ring_cons *completion,
				     const struct xsk_socket_config *config);
int __wrap_xsk_socket__create_shared(struct xsk_socket **socket,
				     const char *device, __u32 queue,
				     struct xsk_umem *umem,
				     struct xsk_ring_cons *rx,
				     struct xsk_ring_prod *tx,
				     struct xsk_ring_prod *fill,
				     struct xsk_ring_cons *completion,
				     const struct xsk_socket_config *config)
{
	struct book *book = book_of(fill);

	if (book) {
		book->rx = rx;
		book->tx = tx;
	}
	return __real_xsk_socket__create_shared(socket, device, queue, umem, rx,
						tx, fill, completion, config);
}
