// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * An AF_XDP socket on one RX queue, or one on each, answering IPv6 pings.
 *
 * To be read from top to bottom: the socket with its four rings, what is done
 * with each ring, process_packet(), the loop around them, and main(). README.org
 * explains the ideas; what is in common/ can be taken on trust. What stands
 * between EXERCISE and END is left out where the reader is to write it himself.
 *
 * One invariant carries the program. UMEM is cut into frames, and
 *
 *	every frame is in exactly one place: the stack of free frames, the FILL
 *	ring, the kernel's receive path, the RX ring, in hand, the TX ring, the
 *	kernel's transmit path, the COMPLETION ring.
 *
 *	        .--> FILL -----> kernel receives --> RX --------.
 *	  free -+                                               +-> in hand
 *	        '<-- COMPLETION <-- kernel transmits <-- TX <---'
 *
 * A frame that is in none is lost for good, and one that is in two will carry
 * two packets. "In hand" is between taking a packet from RX and having decided
 * where its frame goes: to TX, or back to the free ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <xdp/xsk.h>

#include "common/device.h"
#include "common/frames.h"
#include "common/hints.h"
#include "common/options.h"
#include "common/rights.h"
#include "common/sandbox.h"
#include "common/say.h"
#include "common/stats.h"
#include "common/xdp_prog.h"
#include "headers/af_xdp_shared.h"
#include "headers/icmp6_echo.h"
#include "headers/if_xdp_compat.h"

/*
 * Ring sizes, powers of two. FILL and RX are deep enough for a burst that comes
 * faster than it is answered; with as many frames as FILL and TX can hold
 * together, a full TX ring never keeps FILL from being full.
 */
#define FILL_SIZE	4096
#define RX_SIZE		4096
#define TX_SIZE		2048
#define COMPLETION_SIZE 2048
#define FRAMES		(FILL_SIZE + TX_SIZE)

/*
 * In copy mode one system call sends at most BATCH frames (TX_BATCH_SIZE in the
 * kernel's net/xdp/xsk.c); since 6.17 it can be told to send more. Taking as many
 * from RX between two calls keeps both sides in step.
 */
#define BATCH	    32
#define LARGE_BATCH 128

/*
 * Frames are taken from COMPLETION and given to FILL once for so many packets: what
 * tells how many there are is a ring's index, and the CPU that runs the kernel's
 * side has just written to it. A packet that comes alone does not wait for that.
 */
#define HANDFUL (2 * BATCH)

#define ROOM (RX_SIZE / 8) /* in RX that was full, and is not any more */

#define NAP_NS	      250000 /* to let packets that come densely gather */
#define RETRY_MS      10   /* until TX is looked at again if it holds frames */
#define COMPLETION_MS 1000 /* until COMPLETION is, if frames are still out */
#define DRAIN_MS      100  /* for the last packets, when the program ends */
#define BIND_TRIES    20   /* for a queue that is about to become free, */
#define BIND_MS	      50   /* so many milliseconds apart */
#define BUSY_USECS    20   /* that recvfrom() may run the driver for */
#define SPINS	      64   /* rounds of busy mode between looks at the clock, */
#define WATCH_TICKS   16 /* and its ticks between looks at whether TX is stuck */

struct xsk {
	/* We produce free frames; the kernel consumes them to receive into. */
	struct xsk_ring_prod fill;
	/* The kernel produces packets that have come in; we consume them. */
	struct xsk_ring_cons rx;
	/* We produce packets that are to go out; the kernel consumes them. */
	struct xsk_ring_prod tx;
	/* The kernel produces frames that have gone out; we consume them. */
	struct xsk_ring_cons completion;

	struct frames frames; /* the free ones */
	void *area;	      /* UMEM: the memory of all frames */
	struct stats stats;
	__u32 batch; /* so many packets are taken from RX, or sent, at once */
	struct rx_queue *shared; /* with the built-in XDP program, else NULL */
	bool rxdrop;
	bool drives_device; /* busy mode: we run the driver's receive path */
	__u32 tx_taken;	    /* TX's consumer when it was last looked at, */
	bool tx_waited;	    /* and whether packets waited there */

	struct xsk_umem *umem;
	struct xsk_socket *socket;
};

/* Entries from this one to the end of the ring: so many stand side by side. */
static __u32 run_of(__u32 index, __u32 ring_size)
{
	return ring_size - index % ring_size;
}

/*
 * FILL: hand over every free frame that the ring has room for; those behind the
 * ring's end the next time. The kernel drops what comes in while FILL is empty.
 */
static void fill_refill(struct xsk *xsk)
{
	/* EXERCISE 6: fill_refill */
	__u32 n = run_of(xsk->fill.cached_prod, FILL_SIZE), room, idx;

	if (n > xsk->frames.free)
		n = xsk->frames.free;
	room = xsk_prod_nb_free(&xsk->fill, n);
	if (n > room)
		n = room;
	if (!xsk_ring_prod__reserve(&xsk->fill, n, &idx))
		return;
	memcpy(xsk_ring_prod__fill_addr(&xsk->fill, idx),
	       frames_take(&xsk->frames, n), n * sizeof(__u64));
	xsk_ring_prod__submit(&xsk->fill, n);
	/* END */
}

/* COMPLETION: frames that have been sent, up to the ring's end, are free again. */
static void completion_reclaim(struct xsk *xsk)
{
	/* EXERCISE 5: completion_reclaim */
	__u32 n = run_of(xsk->completion.cached_cons, COMPLETION_SIZE), idx;

	n = xsk_ring_cons__peek(&xsk->completion, n, &idx);
	if (!n)
		return;
	frames_give(&xsk->frames,
		    xsk_ring_cons__comp_addr(&xsk->completion, idx), n);
	xsk_ring_cons__release(&xsk->completion, n);
	/* END */
}

/*
 * TX: the frame of a packet becomes the kernel's. Returns false when the ring is
 * full, and the frame is still ours.
 */
static bool tx_send(struct xsk *xsk, __u64 addr, __u32 len)
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
	xsk->stats.tx_bytes += len;
	return true;
	/* END */
}

/* The kernel sees what was put into TX; it is sent by the next poll(). */
static void tx_publish(struct xsk *xsk)
{
	/* EXERCISE 5: tx_publish */
	__u32 n = xsk->tx.cached_prod - *xsk->tx.producer;

	if (!n)
		return;
	xsk_ring_prod__submit(&xsk->tx, n);
	xsk->stats.tx_packets += n;
	/* END */
}

/* Packets that wait in TX for the kernel to take them. */
static __u32 tx_waiting(const struct xsk *xsk)
{
	return xsk->tx.cached_prod -
	       __atomic_load_n(xsk->tx.consumer, __ATOMIC_ACQUIRE);
}

/* Frames given to TX that have not come home through COMPLETION. */
static __u32 tx_outstanding(const struct xsk *xsk)
{
	return xsk->tx.cached_prod - xsk->completion.cached_cons;
}

/*
 * One packet, in hand: answer it in its own frame, else give the frame back.
 * This is the place to do something of your own.
 */
static void process_packet(struct xsk *xsk, __u64 addr, __u32 len)
{
	/* EXERCISE 5: process_packet */
	void *packet = xsk_umem__get_data(xsk->area, addr);
	int reply = icmp6_echo_reply(packet, packet + len);

	xsk->stats.verdicts[reply < 0 ? -reply : ICMP6_ECHO_ANSWERED]++;
	if (reply < 0 || !tx_send(xsk, addr, (__u32)reply))
		frames_put(&xsk->frames, addr);
	/* END */
}

/*
 * RX that is full: the built-in XDP program is told, which drops what comes, until
 * there is room for some batches again.
 */
static void rx_tell_full(struct xsk *xsk)
{
	__u32 waiting = xsk->rx.cached_prod - *xsk->rx.consumer;
	bool was_full = xsk->shared->full;
	bool full = waiting > RX_SIZE - (was_full ? ROOM : 1);

	if (full != was_full)
		__atomic_store_n(&xsk->shared->full, full, __ATOMIC_RELAXED);
}

/*
 * RX: take packets, but no more than TX can hold the answers of. Returns how
 * many.
 */
static __u32 rx_receive(struct xsk *xsk)
{
	__u32 n = xsk_prod_nb_free(&xsk->tx, xsk->batch), i, idx;
	__u64 bytes = 0;

	/* libxdp looks again only when it knows of no packet: half a batch, then. */
	xsk->rx.cached_prod =
		__atomic_load_n(xsk->rx.producer, __ATOMIC_ACQUIRE);
	n = xsk_ring_cons__peek(&xsk->rx, n < xsk->batch ? n : xsk->batch,
				&idx);
	if (!n)
		return 0;
	if (xsk->shared && (n == xsk->batch || xsk->shared->full))
		rx_tell_full(xsk);
	for (i = 0; i < n; i++) {
		const struct xdp_desc *desc =
			xsk_ring_cons__rx_desc(&xsk->rx, idx + i);

		bytes += desc->len;
		if (xsk->rxdrop)
			frames_put(&xsk->frames, desc->addr);
		else
			process_packet(xsk, desc->addr, desc->len);
	}
	xsk_ring_cons__release(&xsk->rx, n);
	xsk->stats.rx_packets += n;
	xsk->stats.rx_bytes += bytes;
	tx_publish(xsk);
	return n;
}

/* Frames that were sent come home and go out again. */
static void xsk_recycle(struct xsk *xsk)
{
	completion_reclaim(xsk);
	fill_refill(xsk);
}

/* Once around the rings. Returns how many packets have come in. */
static __u32 xsk_serve(struct xsk *xsk)
{
	__u32 n = rx_receive(xsk);

	if (xsk->rx.cached_cons % HANDFUL < n) /* one more is full */
		xsk_recycle(xsk);
	return n;
}

/* Packets waited in TX at the last look, too, and none has been taken since. */
static bool tx_is_stuck(struct xsk *xsk)
{
	__u32 taken = __atomic_load_n(xsk->tx.consumer, __ATOMIC_ACQUIRE);
	bool waits = taken != xsk->tx.cached_prod;
	bool stuck = waits && xsk->tx_waited && taken == xsk->tx_taken;

	xsk->tx_taken = taken;
	xsk->tx_waited = waits;
	return stuck;
}

/*
 * How long poll() may sleep if nothing comes in. In copy mode poll() itself
 * sends, before it sleeps, a batch of packets; those behind them want the next
 * call at once, unless the last one could not send any (the kernel has no
 * buffer, or the device's queue is full): nobody wakes us when there is room
 * again, so that is tried from time to time.
 */
static int xsk_sleep_ms(const struct xsk *xsk, bool stuck)
{
	__u32 waiting = tx_waiting(xsk);

	if (waiting > xsk->batch && !stuck &&
	    xsk_ring_prod__needs_wakeup(&xsk->tx))
		return 0;
	if (waiting)
		return RETRY_MS;
	return tx_outstanding(xsk) ? COMPLETION_MS : -1;
}

/*
 * Busy mode on hardware: run the driver's receive path ourselves, in recvfrom(),
 * in place of its interrupts. (They are held back only as far as the device's
 * napi_defer_hard_irqs and gro_flush_timeout say, which are 0 at first.) Where
 * that is refused, before kernel 5.11 or without the right, it stays as it was.
 */
static bool xsk_prefer_busy_poll(struct xsk *xsk, bool prefer)
{
	const int on = prefer, usecs = prefer ? BUSY_USECS : 0, budget = BATCH;
	int fd = xsk_socket__fd(xsk->socket);

	return !setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &usecs,
			   sizeof(usecs)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, &budget,
			   sizeof(budget)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &on,
			   sizeof(on));
}

/*
 * Busy mode: what poll() does for who sleeps. Copy mode sends only in a system
 * call of ours; a driver in zero-copy mode says when it wants one. Errors are
 * left to others: EAGAIN, EBUSY and ENOBUFS come and go, and when the device is
 * down or gone (ENETDOWN, ENXIO) there is news of it.
 */
static void xsk_kick(struct xsk *xsk)
{
	int fd = xsk_socket__fd(xsk->socket);

	/* EXERCISE 5: kick */
	if (tx_waiting(xsk) && xsk_ring_prod__needs_wakeup(&xsk->tx))
		sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	/* END */
	if (xsk->drives_device || xsk_ring_prod__needs_wakeup(&xsk->fill))
		recvfrom(fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

/*
 * Whether the kernel has taken the socket off its device, for good: the device
 * has left this namespace. It may be back by now, or another one have its index.
 */
static bool xsk_is_unbound(const struct xsk *xsk)
{
	return recvfrom(xsk_socket__fd(xsk->socket), NULL, 0, MSG_DONTWAIT,
			NULL, NULL) < 0 &&
	       errno == ENXIO;
}

/* Where all frames are: see struct places. */
static struct places xsk_places(const struct xsk *xsk)
{
	__u32 completed =
		__atomic_load_n(xsk->completion.producer, __ATOMIC_ACQUIRE);
	__u32 taken = __atomic_load_n(xsk->tx.consumer, __ATOMIC_ACQUIRE);
	__u32 received = __atomic_load_n(xsk->rx.producer, __ATOMIC_ACQUIRE);
	__u32 filled = __atomic_load_n(xsk->fill.consumer, __ATOMIC_ACQUIRE);

	return (struct places){
		.free = xsk->frames.free,
		.fill = xsk->fill.cached_prod - filled,
		.kernel_rx = filled - received,
		.rx = received - xsk->rx.cached_cons,
		.tx = xsk->tx.cached_prod - taken,
		.kernel_tx = taken - completed,
		.completion = completed - xsk->completion.cached_cons,
	};
}

/*
 * Holds the invariant against the rings, when no frame is in hand. A frame that
 * we forget is found; one that the kernel keeps counts as the kernel's.
 */
static int xsk_audit(const struct xsk *xsk, bool verbose)
{
	struct places p = xsk_places(xsk);
	__u32 sum = p.free + p.fill + p.kernel_rx + p.rx + p.tx + p.kernel_tx +
		    p.completion;

	if (verbose)
		say("frames: %u = %u free + %u FILL + %u kernel RX + %u RX + %u TX + %u kernel TX + %u COMPLETION",
		    sum, p.free, p.fill, p.kernel_rx, p.rx, p.tx, p.kernel_tx,
		    p.completion);
	if (sum != xsk->frames.total)
		return say_error(
			-ENOTRECOVERABLE,
			"frames: %u of %u are accounted for: this is a bug",
			sum, xsk->frames.total);
	return 0;
}

/*
 * The frame size that takes the device's packets, two VLAN tags included, or 0.
 * XDP keeps its headroom in front of each packet. A frame is at most a page: to
 * keep the lesson small, no packet is spread over several.
 */
static __u32 frame_size(const struct device *dev)
{
	__u32 need = XDP_PACKET_HEADROOM + ETH_HLEN + 2 * 4 + dev->mtu;
	/* It receives in units of 1,024 bytes: of 2,048 less headroom, only one. */
	bool coarse = !strcmp(dev->driver, "igb");

	/* Zero-copy drivers want room for the checksum behind it, too. */
	if (need + ETH_FCS_LEN <= 2048 && !coarse)
		return 2048;
	return need <= 4096 ? 4096 : 0;
}

/* The largest MTU whose packets a frame of that size takes. */
static __u32 mtu_of(__u32 frame_size)
{
	return frame_size - XDP_PACKET_HEADROOM - ETH_HLEN - 2 * 4;
}

static int say_mtu(const struct device *dev)
{
	__u32 mtu = mtu_of(4096);

	return say_error(-EMSGSIZE,
			 "%s: MTU %u: its packets are larger than a frame\n"
			 "  ip link set dev %s mtu %u is the most that works",
			 dev->name, dev->mtu, dev->name, mtu);
}

/* Register memory with the kernel as UMEM, and make FILL and COMPLETION. */
static int xsk_open_umem(struct xsk *xsk)
{
	const struct xsk_umem_config config = {
		.fill_size = FILL_SIZE,
		.comp_size = COMPLETION_SIZE,
		.frame_size = xsk->frames.size,
	};
	size_t size = (size_t)FRAMES * xsk->frames.size;
	void *area;

	area = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return -errno;
	xsk->area = area;
	return xsk_umem__create(&xsk->umem, area, size, &xsk->fill,
				&xsk->completion, &config);
}

static int say_umem_error(int err, const struct xsk *xsk)
{
	__u32 kbytes = FRAMES * (xsk->frames.size / 1024);

	if (err == -ENOBUFS)
		return say_error(
			err,
			"UMEM: %u Kbytes are more than may be locked into memory\n"
			"  raise the limit with ulimit -l %u, or have CAP_IPC_LOCK",
			kbytes, kbytes);
	if (err == -EAFNOSUPPORT)
		return say_error(
			err,
			"UMEM: this kernel has no AF_XDP\n"
			"  it takes 5.9 or newer with CONFIG_XDP_SOCKETS=y");
	return say_error(err, "UMEM of %u Kbytes: %s", kbytes, strerror(-err));
}

/* How many packets one system call sends: more where the kernel lets us say so. */
static __u32 xsk_batch(const struct xsk *xsk)
{
	const __u32 large = LARGE_BATCH;
	int err = setsockopt(xsk_socket__fd(xsk->socket), SOL_XDP,
			     XDP_MAX_TX_SKB_BUDGET, &large, sizeof(large));

	return err ? BATCH : LARGE_BATCH;
}

/* Make RX and TX and bind them to a queue of the device. */
static int xsk_open_socket(struct xsk *xsk, const struct device *dev,
			   __u32 queue, __u16 bind_flags)
{
	const struct xsk_socket_config config = {
		.rx_size = RX_SIZE,
		.tx_size = TX_SIZE,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_USE_NEED_WAKEUP | bind_flags,
	};

	return xsk_socket__create(&xsk->socket, dev->name, queue, xsk->umem,
				  &xsk->rx, &xsk->tx, &config);
}

/* What is known of a refusal of zero-copy, by those who were refused. */
static const char *zero_copy_hint(int err, const struct device *dev)
{
	if (err == -EINVAL && !strcmp(dev->driver, "virtio_net"))
		return "virtio_net wants iommu_platform=on of its host, and an MTU that fits into a frame";
	if (err == -EINVAL)
		return "the driver or this kernel has none, or not for this MTU";
	if (!strcmp(dev->driver, "virtio_net") || !strcmp(dev->driver, "igb"))
		return "this driver has it in kernels newer than 6.12";
	return "the driver or this kernel has none";
}

static int say_bind_error(int err, const struct device *dev, __u32 queue,
			  __u16 bind_flags)
{
	if (err == -EBUSY)
		return say_error(
			err,
			"%s: RX queue %u has an AF_XDP socket already\n"
			"  end the program that has it, or bind another queue with --queue",
			dev->name, queue);
	if (bind_flags & XDP_ZEROCOPY)
		return say_error(err,
				 "%s: no zero-copy with driver %s: %s\n"
				 "  %s: use --copy, or neither option",
				 dev->name, dev->driver, strerror(-err),
				 zero_copy_hint(err, dev));
	return say_error(err, "%s: binding RX queue %u: %s", dev->name, queue,
			 strerror(-err));
}

/*
 * xsk_close - a socket's memory and rings, in reverse order of set-up
 *
 * The socket before its UMEM, and that before the memory under it. Harmless on
 * one that is zeroed, half open or closed.
 */
static void xsk_close(struct xsk *xsk)
{
	xsk_socket__delete(xsk->socket);
	if (xsk->umem)
		xsk_umem__delete(xsk->umem);
	if (xsk->area)
		munmap(xsk->area, (size_t)FRAMES * xsk->frames.size);
	frames_fini(&xsk->frames);
	*xsk = (struct xsk){ 0 };
}

static int xsk_try_open(struct xsk *xsk, const struct device *dev, __u32 queue,
			__u16 bind_flags)
{
	int err;

	*xsk = (struct xsk){ .stats.queue = queue };
	err = frames_init(&xsk->frames, FRAMES, frame_size(dev));
	if (err)
		return say_error(err, "frames: %s", strerror(-err));
	err = xsk_open_umem(xsk);
	if (err)
		return say_umem_error(err, xsk);
	/* Before bind(): a zero-copy driver takes its first frames there. */
	fill_refill(xsk);
	err = xsk_open_socket(xsk, dev, queue, bind_flags);
	if (err && err != -EBUSY)
		say_bind_error(err, dev, queue, bind_flags);
	return err;
}

/*
 * xsk_open - a socket on one RX queue, its FILL ring full
 * @bind_flags: XDP_COPY, XDP_ZEROCOPY, or 0 to let the kernel choose
 *
 * The kernel takes a queue apart some time after its last socket was closed:
 * so a queue that is taken may be about to become free.
 *
 * Returns 0, or a negative errno after having said what is wrong. xsk_close()
 * is to be called in both cases. See the kernel's networking/af_xdp document.
 */
static int xsk_open(struct xsk *xsk, const struct device *dev, __u32 queue,
		    __u16 bind_flags)
{
	const struct timespec pause = { .tv_nsec = BIND_MS * 1000000L };
	int err;

	if (!frame_size(dev)) {
		*xsk = (struct xsk){ 0 };
		return say_mtu(dev);
	}
	for (int i = 0; i < BIND_TRIES; i++) {
		err = xsk_try_open(xsk, dev, queue, bind_flags);
		if (err != -EBUSY)
			return err;
		xsk_close(xsk);
		nanosleep(&pause, NULL);
	}
	return say_bind_error(err, dev, queue, bind_flags);
}

/* Which mode the kernel has chosen, if we did not. */
static bool xsk_is_zero_copy(const struct xsk *xsk)
{
	struct xdp_options options = { 0 };
	socklen_t len = sizeof(options);

	return !getsockopt(xsk_socket__fd(xsk->socket), SOL_XDP, XDP_OPTIONS,
			   &options, &len) &&
	       (options.flags & XDP_OPTIONS_ZEROCOPY);
}

/* The counters, with what the kernel has to add; older kernels add less. */
static struct stats xsk_stats(const struct xsk *xsk)
{
	struct stats stats = xsk->stats;
	socklen_t len = sizeof(stats.kernel);

	stats.frames = xsk->frames.total;
	stats.places = xsk_places(xsk);
	if (xsk->shared)
		stats.dropped = __atomic_load_n(&xsk->shared->dropped,
						__ATOMIC_RELAXED);
	getsockopt(xsk_socket__fd(xsk->socket), SOL_XDP, XDP_STATISTICS,
		   &stats.kernel, &len);
	return stats;
}

/*
 * When no packet comes in any more: answer those that have, and send all. Where
 * nothing more is sent it gives up.
 */
static void xsk_drain(struct xsk *xsk)
{
	struct pollfd fd = { .fd = xsk_socket__fd(xsk->socket) };

	for (int idle = 0; idle < DRAIN_MS;) {
		__u32 received = xsk_serve(xsk);
		struct places p;

		xsk_recycle(xsk);
		p = xsk_places(xsk);
		if (!p.rx && !p.tx && !p.kernel_tx && !p.completion)
			return;
		poll(&fd, 1, received ? 0 : 1);
		idle += !received;
	}
}

/*
 * The demo: one device, one XDP program, a socket on each queue that is bound,
 * and a loop. Sockets share nothing: each has a UMEM and rings of its own.
 */
struct demo {
	struct options opts;
	struct device dev;
	struct xdp_prog prog;
	struct xsk *xsks; /* one for each queue, */
	__u32 sockets;	  /* so many */
	int signal_fd;
	int timer_fd;
	int events_fd; /* epoll: these two, and news of the device */
	/* What poll() looks at: sockets, as they are to send first, and events_fd. */
	struct pollfd *fds;
	struct pollfd *nap_fds; /* the same, to nap undisturbed by packets */
	__u32 received;		/* packets in the last round, */
	bool more;		/* and whether some socket has more of them */
	bool stop;		/* a signal has come */
	__u32 spins, ticks;	/* of busy mode, */
	long tick_ns;		/* and when the last tick was */
	struct hints hints;
	bool to_terminal, to_pipe;   /* stdout */
	struct stats *now;	     /* of each socket, */
	struct stats *before;	     /* at the last report, */
	struct timespec reported_at; /* and when that was */
};

static double seconds_between(const struct timespec *a,
			      const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) +
	       (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

static void demo_print(const struct demo *demo, const struct report *report)
{
	if (demo->opts.json)
		stats_print_json(stdout, report);
	else if (demo->opts.rings)
		stats_print_rings(stdout, report, demo->to_terminal);
	else
		stats_print(stdout, report);
}

static void demo_count(const struct demo *demo)
{
	for (__u32 i = 0; i < demo->sockets; i++)
		demo->now[i] = xsk_stats(&demo->xsks[i]);
}

/*
 * Whether the report that stands in stdout's buffer would have to wait. poll()
 * says that a pipe has room when it has some, PIPE_BUF bytes at least: a longer
 * report waits until all before it has been read.
 */
static bool demo_would_block(const struct demo *demo)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int unread = 0;

	if (!poll(&out, 1, 0))
		return true;
	return demo->to_pipe && __fpending(stdout) > PIPE_BUF &&
	       !ioctl(STDOUT_FILENO, FIONREAD, &unread) && unread;
}

/*
 * A report of what demo_count() has found, in one write(). Returns -EPIPE, and says nothing, when nobody reads
 * it any more. Answers matter more: where stdout would block, because its pipe is
 * full, the report is left out, and the next one covers its time too.
 */
static int demo_report(struct demo *demo)
{
	struct report report = {
		.device = demo->dev.name,
		.sockets = demo->sockets,
		.now = demo->now,
		.before = demo->before,
		.hints = demo->hints.text,
		.fill_size = FILL_SIZE,
		.rx_size = RX_SIZE,
		.tx_size = TX_SIZE,
		.completion_size = COMPLETION_SIZE,
	};
	struct timespec now;

	if (demo->opts.quiet)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	report.period = seconds_between(&demo->reported_at, &now);
	demo_print(demo, &report);
	if (demo_would_block(demo)) {
		__fpurge(stdout);
		return 0;
	}
	fflush(stdout);
	if (ferror(stdout) && errno == EAGAIN)
		clearerr(stdout); /* a terminal had room for a part of it */
	else if (ferror(stdout))
		return errno == EPIPE ? -EPIPE
				      : say_error(-errno, "statistics: %s",
						  strerror(errno));
	memcpy(demo->before, demo->now, demo->sockets * sizeof(*demo->now));
	demo->reported_at = now;
	return 0;
}

/* Set-up is over: from here on reports count. */
static int demo_start_clock(struct demo *demo)
{
	double whole = demo->opts.interval;
	struct itimerspec interval = { 0 };
	struct itimerval duration = { 0 };

	interval.it_value.tv_sec = (time_t)whole;
	interval.it_value.tv_nsec =
		(long)((whole - (double)interval.it_value.tv_sec) * 1e9);
	interval.it_interval = interval.it_value;
	demo->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (demo->timer_fd < 0 ||
	    timerfd_settime(demo->timer_fd, 0, &interval, NULL))
		return -errno;

	/* The end of the duration comes as SIGALRM, and so as every signal. */
	duration.it_value.tv_sec = (time_t)demo->opts.duration;
	duration.it_value.tv_usec =
		(suseconds_t)((demo->opts.duration -
			       (double)duration.it_value.tv_sec) *
			      1e6);
	if (setitimer(ITIMER_REAL, &duration, NULL))
		return -errno;
	clock_gettime(CLOCK_MONOTONIC, &demo->reported_at);
	return 0;
}

/*
 * Signals, timer and news of the device come seldom, but poll() asks each of its
 * descriptors each time: so they hide behind one, and that only is asked.
 */
static int demo_gather_events(struct demo *demo)
{
	const int fds[] = { demo->signal_fd, demo->timer_fd, demo->dev.fd };

	demo->events_fd = epoll_create1(EPOLL_CLOEXEC);
	if (demo->events_fd < 0)
		return -errno;
	for (int i = 0; i < 3; i++) {
		struct epoll_event event = {
			.events = EPOLLIN,
			.data.fd = fds[i],
		};

		if (epoll_ctl(demo->events_fd, EPOLL_CTL_ADD, fds[i], &event))
			return -errno;
	}
	demo->fds[demo->sockets] =
		(struct pollfd){ demo->events_fd, POLLIN, 0 };
	demo->nap_fds[demo->sockets] = demo->fds[demo->sockets];
	return 0;
}

static bool signal_is_ignored(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) &&
	       action.sa_handler == SIG_IGN;
}

/*
 * Signals are read like packets, between two of them. Blocked before anything
 * is set up, so that none can end the process half-way.
 */
static int demo_block_signals(struct demo *demo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (!signal_is_ignored(SIGHUP)) /* as nohup has it */
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGALRM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN); /* write() says it as well, */
	signal(SIGXFSZ, SIG_IGN); /* and that a file may not grow any more */
	demo->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return demo->signal_fd < 0 ? -errno : 0;
}

/* Which queues, and how many frames for them. */
static void demo_say_start(const struct demo *demo)
{
	const struct device *dev = &demo->dev;
	const struct xdp_prog *prog = &demo->prog;
	const struct xsk *xsk = demo->xsks;
	const char *mode = xsk->stats.zero_copy ? "zero-copy" : "copy";
	__u32 first = xsk->stats.queue, last = first + demo->sockets - 1;

	if (first == last)
		say("%s (%s) queue %u: XDP program %s, id %u, in %s mode; socket in %s mode; %u frames of %u bytes",
		    dev->name, dev->driver, first, prog->name, prog->id,
		    prog->mode_name, mode, xsk->frames.total, xsk->frames.size);
	else
		say("%s (%s) queues %u to %u: XDP program %s, id %u, in %s mode; a socket on each in %s mode, with %u frames of %u bytes",
		    dev->name, dev->driver, first, last, prog->name, prog->id,
		    prog->mode_name, mode, xsk->frames.total, xsk->frames.size);
	if (demo->opts.source.filename)
		say("%s decides: what it does not redirect to the socket, the kernel or nobody gets",
		    demo->opts.source.filename);
}

static int demo_open_device(struct demo *demo)
{
	const struct options *opts = &demo->opts;
	int err;

	err = device_open(&demo->dev, opts->ifname);
	if (err)
		return err;
	err = device_check(&demo->dev,
			   opts->all_queues ? demo->dev.queues - 1
					    : opts->queue,
			   opts->force);
	if (err)
		return err;
	if (!opts->force && !opts->source.xsks_map) {
		err = xdp_prog_check_place(&demo->dev);
		if (err)
			return err;
	}
	return xdp_prog_open(&demo->prog, &opts->source, demo->dev.queues);
}

/* All memory that depends on the number of sockets. */
static int demo_allocate(struct demo *demo)
{
	/* EXERCISE 8: sockets */
	demo->sockets = demo->opts.all_queues ? demo->dev.queues : 1;
	/* END */
	demo->xsks = calloc(demo->sockets, sizeof(*demo->xsks));
	demo->fds = calloc(demo->sockets + 1, sizeof(*demo->fds));
	demo->nap_fds = calloc(demo->sockets + 1, sizeof(*demo->fds));
	demo->now = calloc(demo->sockets, sizeof(*demo->now));
	demo->before = calloc(demo->sockets, sizeof(*demo->before));
	if (!demo->xsks || !demo->fds || !demo->nap_fds || !demo->now ||
	    !demo->before)
		return say_error(-ENOMEM, "%u sockets: %s", demo->sockets,
				 strerror(ENOMEM));
	return 0;
}

/* Where busy polling is half refused, it is taken back as a whole. */
static void xsk_drive_device(struct xsk *xsk, bool drive)
{
	xsk->drives_device = xsk_prefer_busy_poll(xsk, drive) && drive;
	if (drive && !xsk->drives_device)
		xsk_prefer_busy_poll(xsk, false);
}

/* A socket on each queue. */
static int demo_bind(struct demo *demo, __u16 bind_flags)
{
	/* EXERCISE 8: demo_bind */
	__u32 queue = demo->opts.all_queues ? 0 : demo->opts.queue;
	int err = 0;

	for (__u32 i = 0; !err && i < demo->sockets; i++)
		err = xsk_open(&demo->xsks[i], &demo->dev, queue + i,
			       bind_flags);
	return err;
	/* END */
}

static void demo_close_sockets(struct demo *demo)
{
	for (__u32 i = 0; i < demo->sockets; i++)
		xsk_close(&demo->xsks[i]);
}

/*
 * Bound, and with the device's XDP program: now the sockets go into its map, and
 * packets come to us. Until then they take the way that they took before, so
 * that none is lost by starting.
 */
static int demo_start_sockets(struct demo *demo)
{
	bool drive = demo->opts.busy && demo->dev.is_hardware;

	for (__u32 i = 0; i < demo->sockets; i++) {
		struct xsk *xsk = &demo->xsks[i];
		int err;

		xsk->rxdrop = demo->opts.rxdrop;
		xsk->batch = xsk_batch(xsk);
		if (demo->prog.queues && xsk->stats.queue < MAX_QUEUES)
			xsk->shared = &demo->prog.queues[xsk->stats.queue];
		xsk->stats.zero_copy = xsk_is_zero_copy(xsk);
		if (drive)
			xsk_drive_device(xsk, true);
		err = xdp_prog_add_socket(&demo->prog, xsk->stats.queue,
					  xsk_socket__fd(xsk->socket));
		if (err)
			return err;
		demo->fds[i].fd = xsk_socket__fd(xsk->socket);
		demo->nap_fds[i].fd = demo->fds[i].fd;
	}
	return 0;
}

/*
 * Where the XDP program is not in the driver, the driver must not be asked for
 * zero-copy: it would agree, and serve a socket that no packet ever reaches.
 */
static int demo_open_sockets(struct demo *demo)
{
	const struct options *opts = &demo->opts;
	int err;

	err = demo_bind(demo,
			opts->mode == ATTACH_SKB ? XDP_COPY : opts->bind_flags);
	if (err)
		return err;
	err = xdp_prog_attach(&demo->prog, &demo->dev, opts->mode, opts->force);
	if (err)
		return err;
	if (!demo->prog.is_native && xsk_is_zero_copy(demo->xsks)) {
		demo_close_sockets(demo);
		err = demo_bind(demo, XDP_COPY);
		if (err)
			return err;
	}
	return demo_start_sockets(demo);
}

static int demo_open(struct demo *demo)
{
	int err;

	err = rights_check();
	if (err)
		return err;
	rights_raise_memlock();
	err = demo_block_signals(demo);
	if (err)
		return say_error(err, "signals: %s", strerror(-err));
	err = demo_open_device(demo);
	if (err)
		return err;
	err = demo_allocate(demo);
	if (err)
		return err;
	err = demo_open_sockets(demo);
	if (err)
		return err;
	demo_count(demo);
	err = hints_open(&demo->hints, &demo->dev, &demo->prog,
			 mtu_of(demo->xsks[0].frames.size), demo->now,
			 demo->sockets);
	if (err)
		return say_error(err, "hints: %s", strerror(-err));
	err = demo_start_clock(demo);
	if (err)
		return say_error(err, "timer: %s", strerror(-err));
	err = demo_gather_events(demo);
	if (err)
		return say_error(err, "epoll: %s", strerror(-err));
	/* What is open stays open; nothing more is going to be. */
	err = demo->opts.no_sandbox ? 0 : sandbox_enter();
	if (err)
		return err;
	demo_say_start(demo);
	return 0;
}

/* News of devices: ours may be gone, or down for a while. */
static int demo_device_news(struct demo *demo)
{
	struct device *dev = &demo->dev;
	bool was_up = dev->is_up;
	int err = device_update(dev);

	if (err || xsk_is_unbound(demo->xsks))
		return say_error(-ENODEV, "%s: the device is gone", dev->name);
	if (dev->is_up != was_up)
		say("%s: the device is %s", dev->name,
		    dev->is_up ? "up again"
			       : "down: no packets until it is up");
	return 0;
}

/* It is time for a report, and to look whether something keeps packets away. */
static int demo_tick(struct demo *demo)
{
	hints_count(&demo->hints);
	demo_count(demo);
	hints_look(&demo->hints, demo->now, demo->sockets);
	return demo_report(demo);
}

/*
 * Those of the three that come seldom that have come, each once: where a report
 * takes longer than the interval, the next one is due when it is done, and
 * packets want to be looked at between the two.
 */
static __attribute__((cold)) int demo_attend(struct demo *demo)
{
	struct epoll_event events[3];
	int n = epoll_wait(demo->events_fd, events, 3, 0), err = 0;
	__u64 ticks;

	if (n < 0)
		return say_error(-errno, "epoll: %s", strerror(errno));
	for (int i = 0; !err && !demo->stop && i < n; i++)
		if (events[i].data.fd == demo->signal_fd)
			demo->stop = true;
		else if (events[i].data.fd == demo->dev.fd)
			err = demo_device_news(demo);
		else if (read(demo->timer_fd, &ticks, sizeof(ticks)) > 0)
			err = demo_tick(demo);
	return err;
}

/* Frames come home and go out again, on each socket. */
static void demo_recycle(struct demo *demo)
{
	for (__u32 i = 0; i < demo->sockets; i++)
		xsk_recycle(&demo->xsks[i]);
}

/*
 * What poll() is to wait for on one socket. Returns for how many milliseconds at
 * most; for ever is the greatest number.
 */
static __u32 demo_ask_socket(struct demo *demo, __u32 i)
{
	struct xsk *xsk = &demo->xsks[i];
	bool stuck = tx_is_stuck(xsk) && !xsk->stats.zero_copy;

	demo->fds[i].events = stuck ? 0 : POLLIN;
	return (__u32)xsk_sleep_ms(xsk, stuck);
}

/* The same of all sockets: as long as the most impatient of them allows. */
static __u32 demo_ask(struct demo *demo)
{
	/* EXERCISE 8: demo_ask */
	__u32 least = demo_ask_socket(demo, 0);

	for (__u32 i = 1; i < demo->sockets; i++) {
		__u32 ms = demo_ask_socket(demo, i);

		least = ms < least ? ms : least;
	}
	return least;
	/* END */
}

/* poll() has returned @n: an error, a time-out, or what comes seldom. */
static int demo_woken(struct demo *demo, int n)
{
	if (n < 0)
		return say_error(-errno, "poll: %s", strerror(errno));
	return n ? demo_attend(demo) : 0;
}

/* Send, and wait for packets. */
static int demo_sleep(struct demo *demo)
{
	int ms = (int)demo_ask(demo), n;

	/* A device that is down does nothing until there is news of it. */
	n = poll(demo->fds, demo->sockets + 1, demo->dev.is_up ? ms : -1);
	if (!n)
		demo_recycle(demo);
	if (n > 0 && !demo->fds[demo->sockets].revents)
		return 0; /* packets */
	return demo_woken(demo, n);
}

/*
 * Send, and wait a little. Where packets come densely, to be woken for each of
 * them is what costs most: so after two or more at once the next ones may gather.
 * A packet that comes alone is answered at once.
 */
static int demo_nap(struct demo *demo)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	return demo_woken(demo,
			  ppoll(demo->nap_fds, demo->sockets + 1, &nap, NULL));
}

/*
 * With some drivers in zero-copy mode what we run receives, but nothing is sent
 * any more: RX and TX have a NAPI each, the kernel leaves out the wake-up of TX
 * for a socket that busy-polls, and we poll the one of RX. Seen with igb
 * and virtio_net.
 */
static void demo_watch_tx(struct demo *demo, struct xsk *xsk)
{
	if (!tx_is_stuck(xsk) || !xsk->drives_device)
		return;
	say("%s: queue %u sends nothing while it is busy-polled: left to its interrupts",
	    demo->dev.name, xsk->stats.queue);
	xsk_drive_device(xsk, false);
}

/* Whether the kernel's clock has ticked, which it does each few milliseconds. */
static bool demo_ticks(struct demo *demo)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_nsec == demo->tick_ns)
		return false;
	demo->tick_ns = now.tv_nsec;
	demo->ticks++;
	return true;
}

/*
 * Send, and do not wait; look at all else only now and then. Poll mode does so,
 * too, while there are more packets than a batch: nobody has to be woken then, and
 * a poll() that sends is in its own way: the kernel looks for sleepers at each
 * packet that is received or sent (sock_def_readable(), sock_wfree()), and the
 * caller stands in that list already.
 */
static int demo_spin(struct demo *demo)
{
	for (__u32 i = 0; i < demo->sockets; i++)
		xsk_kick(&demo->xsks[i]);
	if (demo->dev.is_up && (++demo->spins % SPINS || !demo_ticks(demo)))
		return 0;
	if (demo->dev.is_up && !(demo->ticks % WATCH_TICKS))
		for (__u32 i = 0; i < demo->sockets; i++)
			demo_watch_tx(demo, &demo->xsks[i]);
	demo_recycle(demo);
	return demo_woken(demo, poll(&demo->fds[demo->sockets], 1,
				     demo->dev.is_up ? 0 : -1));
}

/* Once around the rings of each socket. */
static void demo_serve(struct demo *demo)
{
	__u32 all = 0, most = 0;

	/* EXERCISE 8: demo_serve */
	for (__u32 i = 0, n; i < demo->sockets; i++) {
		n = xsk_serve(&demo->xsks[i]);
		all += n;
		most = n > most ? n : most;
	}
	/* END */
	demo->received = all;
	demo->more = most >= demo->xsks->batch;
}

/* The loop. Returns 0 when asked to stop. */
static int demo_run(struct demo *demo)
{
	int err = 0;

	while (!err && !demo->stop) {
		demo_serve(demo);
		if (demo->opts.busy || demo->more)
			err = demo_spin(demo);
		else if (demo->received >= 2)
			err = demo_nap(demo);
		else
			err = demo_sleep(demo);
	}
	return err;
}

static int demo_audit(const struct demo *demo)
{
	int leak = 0;

	for (__u32 i = 0; i < demo->sockets; i++)
		if (xsk_audit(&demo->xsks[i], demo->opts.verbose))
			leak = -ENOTRECOVERABLE;
	return leak;
}

/*
 * The XDP program goes first: from then on the kernel has the packets again,
 * and what has come to us already is answered.
 */
static int demo_stop(struct demo *demo, int err)
{
	int leak;

	for (__u32 i = 0; i < demo->sockets; i++)
		xdp_prog_remove_socket(&demo->prog, demo->xsks[i].stats.queue);
	xdp_prog_detach(&demo->prog);
	for (__u32 i = 0; err != -ENODEV && i < demo->sockets; i++)
		xsk_drain(&demo->xsks[i]);
	if (!ferror(stdout)) {
		int unsaid;

		demo_count(demo);
		unsaid = demo_report(demo);
		err = err ? err : unsaid;
	}
	leak = demo_audit(demo); /* below a report that is drawn in place */
	return leak ? leak : err;
}

/* In reverse order of set-up, however far that came. */
static void demo_close(struct demo *demo)
{
	hints_close(&demo->hints);
	if (demo->xsks)
		demo_close_sockets(demo);
	free(demo->before);
	free(demo->now);
	free(demo->nap_fds);
	free(demo->fds);
	free(demo->xsks);
	xdp_prog_close(&demo->prog);
	device_close(&demo->dev);
	close(demo->events_fd);
	close(demo->timer_fd);
	close(demo->signal_fd);
}

/*
 * Where one of stdin, stdout and stderr is closed, the next file to be opened
 * would take its place, and statistics would be written into a socket. What else
 * whoever started us has left open is not for those who send us packets.
 */
static void hold_standard_files(void)
{
	int fd;

	close_range(STDERR_FILENO + 1, ~0U, 0);
	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

/*
 * Where poll() says that it can be written to, a terminal may have room for a
 * few bytes; then it blocks, and packets would wait. As others share it, who
 * want it to block, it is opened anew.
 */
static void unblock_terminal(void)
{
	int fd;

	if (!isatty(STDOUT_FILENO))
		return;
	fd = open("/proc/self/fd/1",
		  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

int main(int argc, char **argv)
{
	static char report[1 << 18]; /* less than 1,000 bytes a queue, as JSON */
	struct demo demo = {
		.dev.fd = -1,
		.signal_fd = -1,
		.timer_fd = -1,
		.events_fd = -1,
	};
	struct stat out;
	int err;

	hold_standard_files();
	unblock_terminal();
	setvbuf(stdout, report, _IOFBF, sizeof(report));
	options_parse(&demo.opts, argc, argv);
	setlocale(LC_NUMERIC, "");
	demo.to_terminal = isatty(STDOUT_FILENO);
	demo.to_pipe = !fstat(STDOUT_FILENO, &out) && S_ISFIFO(out.st_mode);
	xdp_prog_verbose(demo.opts.verbose);

	err = demo_open(&demo);
	if (!err) {
		err = demo_run(&demo);
		err = demo_stop(&demo, err);
	}
	demo_close(&demo);
	return err && err != -EPIPE ? EXIT_FAILURE : EXIT_SUCCESS;
}
