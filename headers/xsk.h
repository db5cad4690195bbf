/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Chapter one: UMEM, the AF_XDP socket, the four rings, and the functions that
 * use each ring. Chapter two, af_xdp_user.c, calls these functions.
 *
 * UMEM is memory that we share with the kernel. It is cut into frames of equal
 * size, and a packet lives in a frame. A frame changes hands through the rings,
 * and one invariant must hold:
 *
 *	every frame is in exactly one place: the stack of free frames, the FILL
 *	ring, the kernel's receive path, the RX ring, in hand, the TX ring, the
 *	kernel's transmit path, the COMPLETION ring.
 *
 *	        .--> FILL -----> kernel receives --> RX --------.
 *	  free -+                                               +-> in hand
 *	        '<-- COMPLETION <-- kernel transmits <-- TX <---'
 *
 * A frame in no place is lost. If a frame is in two places, one packet will
 * overwrite another. "In hand" means after taking a packet from RX and before
 * putting its frame into TX or back on the stack.
 *
 * Each ring has two indices, which count entries from 0 and wrap at 2^32. The
 * producer reserves entries, writes them, and submits them: only then does the
 * consumer see them. The consumer peeks at entries, reads them, and releases
 * them: only then may the producer write there again. Each index has only one
 * writer, so no lock is needed; libxdp's submit and release order the memory
 * accesses. Each frame that leaves FILL enters RX later, so FILL's consumer
 * index minus RX's producer index is the number of frames in the kernel's
 * receive path. The same holds for TX, COMPLETION and the transmit path.
 *
 * The exercise skeletons have simpler code, or none, between EXERCISE and END.
 */
#ifndef XSK_H
#define XSK_H

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include "common/frames.h"

/*
 * Ring sizes in entries, powers of two. FILL and RX hold a burst that arrives
 * faster than it is answered. A UMEM with as many frames as FILL and TX hold
 * together can keep FILL full even while TX is full.
 */
#define FILL_SIZE	4096
#define RX_SIZE		4096
#define TX_SIZE		2048
#define COMPLETION_SIZE 2048

/* Memory for packets. */
struct umem {
	void *area;		 /* the memory of all frames */
	struct frames frames;	 /* stack of free frames */
	struct xsk_umem *handle; /* NULL until the first xsk_open() makes it */
};

/*
 * A socket on one RX queue, and its rings. FILL and COMPLETION belong to the
 * UMEM. Queues that share a UMEM have a pair each.
 */
struct xsk {
	struct xsk_ring_prod fill; /* we produce: frames to receive into */
	struct xsk_ring_cons rx;   /* we consume: received packets */
	struct xsk_ring_prod tx;   /* we produce: packets to send */
	struct xsk_ring_cons completion; /* we consume: frames to free */
	struct umem *umem;
	struct xsk_socket *socket;
};

/* Return the number of contiguous entries from @index to the ring's end. */
static inline __u32 ring_run(__u32 index, __u32 ring_size)
{
	return ring_size - index % ring_size;
}

/*
 * fill_refill - give free frames to the kernel, for packets that it receives
 *
 * One memcpy() writes the entries, so stop at the ring's end: the next call
 * gives the rest. If FILL is empty, the kernel drops packets.
 */
static inline void fill_refill(struct xsk *xsk)
{
	/* EXERCISE 6: fill_refill */
	struct frames *frames = &xsk->umem->frames;
	__u32 n = ring_run(xsk->fill.cached_prod, FILL_SIZE), room, idx;

	if (n > frames->free)
		n = frames->free;
	room = xsk_prod_nb_free(&xsk->fill, n);
	if (n > room)
		n = room;
	if (!xsk_ring_prod__reserve(&xsk->fill, n, &idx))
		return;
	memcpy(xsk_ring_prod__fill_addr(&xsk->fill, idx),
	       frames_take(frames, n), n * sizeof(__u64));
	xsk_ring_prod__submit(&xsk->fill, n);
	/* END */
}

/* completion_reclaim - free the frames of sent packets, up to the ring's end */
static inline void completion_reclaim(struct xsk *xsk)
{
	/* EXERCISE 5: completion_reclaim */
	__u32 n = ring_run(xsk->completion.cached_cons, COMPLETION_SIZE), idx;

	n = xsk_ring_cons__peek(&xsk->completion, n, &idx);
	if (!n)
		return;
	frames_give(&xsk->umem->frames,
		    xsk_ring_cons__comp_addr(&xsk->completion, idx), n);
	xsk_ring_cons__release(&xsk->completion, n);
	/* END */
}

/*
 * rx_peek - look at received packets, and return their number
 * @max: limit on that number
 * @idx: set to the first packet's index, for xsk_ring_cons__rx_desc()
 *
 * Call rx_release() when done with the packets. A descriptor's addr is the
 * distance in bytes from the start of UMEM to the packet. XDP keeps headroom
 * between the frame's start and the packet.
 *
 * This function first updates our copy of the kernel's index. libxdp would do
 * this only when the copy shows no entries, so batches would be short.
 */
static inline __u32 rx_peek(struct xsk *xsk, __u32 max, __u32 *idx)
{
	xsk->rx.cached_prod =
		__atomic_load_n(xsk->rx.producer, __ATOMIC_ACQUIRE);
	return xsk_ring_cons__peek(&xsk->rx, max, idx);
}

/* rx_release - free @n entries of RX; this does not free the packets' frames */
static inline void rx_release(struct xsk *xsk, __u32 n)
{
	xsk_ring_cons__release(&xsk->rx, n);
}

/*
 * tx_send - put a packet into TX; the kernel sees it after tx_submit()
 * @addr: the packet's first byte, counted from the start of UMEM
 * @len: bytes
 *
 * Return false if TX is full; the frame then stays ours.
 */
static inline bool tx_send(struct xsk *xsk, __u64 addr, __u32 len)
{
	/* EXERCISE 5: tx_send */
	struct xdp_desc *desc;
	__u32 idx;

	if (!xsk_ring_prod__reserve(&xsk->tx, 1, &idx))
		return false;
	desc = xsk_ring_prod__tx_desc(&xsk->tx, idx);
	desc->addr = addr;
	desc->len = len;
	desc->options = 0;
	return true;
	/* END */
}

/*
 * tx_submit - let the kernel see all packets put into TX since the last call
 *
 * Return the number of these packets. They are not sent yet: see tx_kick().
 */
static inline __u32 tx_submit(struct xsk *xsk)
{
	/* EXERCISE 5: tx_submit */
	__u32 n = xsk->tx.cached_prod - *xsk->tx.producer;

	if (n)
		xsk_ring_prod__submit(&xsk->tx, n);
	return n;
	/* END */
}

/* tx_space - return the number of free entries in TX, but at most @max */
static inline __u32 tx_space(struct xsk *xsk, __u32 max)
{
	__u32 room = xsk_prod_nb_free(&xsk->tx, max); /* can exceed max */

	return room < max ? room : max;
}

/* tx_waiting - return the number of packets in TX that wait for the kernel */
static inline __u32 tx_waiting(const struct xsk *xsk)
{
	return xsk->tx.cached_prod -
	       __atomic_load_n(xsk->tx.consumer, __ATOMIC_ACQUIRE);
}

/* tx_outstanding - return the number of frames put into TX but not reclaimed */
static inline __u32 tx_outstanding(const struct xsk *xsk)
{
	return xsk->tx.cached_prod - xsk->completion.cached_cons;
}

/*
 * tx_kick - ask the kernel to send
 *
 * In copy mode the kernel copies each packet, and looks at TX only during our
 * system calls: sendto(), or poll(). In zero-copy mode the driver sends by
 * itself while it is awake, and sets TX's need_wakeup when it needs a call.
 *
 * Errors need no handling here. EAGAIN, EBUSY and ENOBUFS mean that packets are
 * left for the next call. ENETDOWN and ENXIO mean that the device is down, gone
 * or, in zero-copy mode, without an XDP program; common/ notices all three.
 */
static inline void tx_kick(struct xsk *xsk)
{
	/* EXERCISE 5: tx_kick */
	if (tx_waiting(xsk) && xsk_ring_prod__needs_wakeup(&xsk->tx))
		sendto(xsk_socket__fd(xsk->socket), NULL, 0, MSG_DONTWAIT, NULL,
		       0);
	/* END */
}

/*
 * rx_kick - run the driver's receive path, if the driver asks for it
 * @always: run it even if the driver does not ask; for busy polling
 *
 * If a zero-copy driver finds FILL empty, it stops and sets FILL's need_wakeup.
 * Meanwhile the card drops packets. In copy mode FILL's flag is never set.
 */
static inline void rx_kick(struct xsk *xsk, bool always)
{
	if (always || xsk_ring_prod__needs_wakeup(&xsk->fill))
		recvfrom(xsk_socket__fd(xsk->socket), NULL, 0, MSG_DONTWAIT,
			 NULL, NULL);
}

/* xsk_places - count the UMEM's free frames, and the socket's other frames */
static inline struct places xsk_places(const struct xsk *xsk)
{
	__u32 completed =
		__atomic_load_n(xsk->completion.producer, __ATOMIC_ACQUIRE);
	__u32 sent = __atomic_load_n(xsk->tx.consumer, __ATOMIC_ACQUIRE);
	__u32 received = __atomic_load_n(xsk->rx.producer, __ATOMIC_ACQUIRE);
	__u32 filled = __atomic_load_n(xsk->fill.consumer, __ATOMIC_ACQUIRE);

	return (struct places){
		.free = xsk->umem->frames.free,
		.fill = xsk->fill.cached_prod - filled,
		.kernel_rx = filled - received,
		.rx = received - xsk->rx.cached_cons,
		.tx = xsk->tx.cached_prod - sent,
		.kernel_tx = sent - completed,
		.completion = completed - xsk->completion.cached_cons,
	};
}

/*
 * umem_open - allocate the memory for packets
 * @frames: number of frames
 * @frame_size: bytes, 2,048 or 4,096; XDP keeps 256 of them as headroom
 *
 * Return 0 or a negative errno. Call umem_close() in both cases.
 */
static inline int umem_open(struct umem *umem, __u32 frames, __u32 frame_size)
{
	void *area = mmap(NULL, (size_t)frames * frame_size,
			  PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	*umem = (struct umem){ 0 };
	if (area == MAP_FAILED)
		return -errno;
	umem->area = area;
	return frames_init(&umem->frames, frames, frame_size);
}

/* umem_close - free the memory, after xsk_close(); harmless if repeated */
static inline void umem_close(struct umem *umem)
{
	if (umem->handle)
		xsk_umem__delete(umem->handle);
	if (umem->area)
		munmap(umem->area,
		       (size_t)umem->frames.total * umem->frames.size);
	frames_fini(&umem->frames);
	*umem = (struct umem){ 0 };
}

/* Register the memory with the kernel, and create FILL and COMPLETION. */
static inline int umem_register(struct umem *umem, struct xsk *xsk)
{
	const struct xsk_umem_config config = {
		.fill_size = FILL_SIZE,
		.comp_size = COMPLETION_SIZE,
		.frame_size = umem->frames.size,
	};
	__u64 size = (__u64)umem->frames.total * umem->frames.size;

	return xsk_umem__create(&umem->handle, umem->area, size, &xsk->fill,
				&xsk->completion, &config);
}

/*
 * xsk_open - bind a socket to one RX queue of a device
 * @umem: memory for the socket's packets; umem must outlive the socket
 * @bind_flags: XDP_COPY, XDP_ZEROCOPY, or 0 to let the kernel choose
 *
 * libxdp loads no XDP program (INHIBIT_PROG_LOAD), so no packet arrives before
 * our XDP program redirects packets to the socket.
 *
 * Return 0 or a negative errno. After an error, umem->handle is NULL if the
 * kernel refused the memory, and not NULL if it refused the binding. Call
 * xsk_close() even after an error. See the kernel's networking/af_xdp document.
 */
static inline int xsk_open(struct xsk *xsk, struct umem *umem,
			   const char *ifname, __u32 queue, __u16 bind_flags)
{
	const struct xsk_socket_config config = {
		.rx_size = RX_SIZE,
		.tx_size = TX_SIZE,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_USE_NEED_WAKEUP | bind_flags,
	};
	int err;

	*xsk = (struct xsk){ .umem = umem };
	if (!umem->handle) {
		err = umem_register(umem, xsk);
		if (err)
			return err;
		/* A zero-copy driver takes its first frames during bind(). */
		fill_refill(xsk);
	}
	/* Bind. "Shared", because in lessons/ several sockets share a UMEM. */
	return xsk_socket__create_shared(&xsk->socket, ifname, queue,
					 umem->handle, &xsk->rx, &xsk->tx,
					 &xsk->fill, &xsk->completion, &config);
}

/*
 * xsk_close - close the socket; harmless if *xsk is zeroed or already closed
 *
 * Keep *xsk until umem_close(). If xsk_open() failed, libxdp unmaps FILL and
 * COMPLETION only in umem_close(), with the addresses in *xsk.
 */
static inline void xsk_close(struct xsk *xsk)
{
	xsk_socket__delete(xsk->socket);
	xsk->socket = NULL;
	xsk->rx = (struct xsk_ring_cons){ 0 };
	xsk->tx = (struct xsk_ring_prod){ 0 };
}

#endif /* XSK_H */
