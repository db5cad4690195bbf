// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The baseline for lessons/forward: a simple loop between two devices, as most
 * people write it first.
 *
 *	plain_forward DEV DEV
 *
 * Both sockets share one UMEM and its frames. If TX has no room for a packet,
 * the packet is dropped. Rings and frames have libxdp's default sizes.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include "common/attach.h"
#include "common/device.h"
#include "common/xdp_prog.h"

#define BATCH  64
#define FRAMES (4 * XSK_RING_PROD__DEFAULT_NUM_DESCS)
#define SIZE   XSK_UMEM__DEFAULT_FRAME_SIZE

struct side {
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons rx, completion;
	struct xsk_socket *socket;
	struct xdp_prog prog;
	struct device dev;
	int fd;
};

static __u64 free_frames[FRAMES];
static __u32 frames_free;

static void refill(struct side *side)
{
	__u32 n = xsk_prod_nb_free(&side->fill, frames_free), idx;

	if (n > frames_free)
		n = frames_free;
	if (!xsk_ring_prod__reserve(&side->fill, n, &idx))
		return;
	for (__u32 i = 0; i < n; i++)
		*xsk_ring_prod__fill_addr(&side->fill, idx++) =
			free_frames[--frames_free];
	xsk_ring_prod__submit(&side->fill, n);
}

static void reclaim(struct side *side)
{
	__u32 idx, n = xsk_ring_cons__peek(&side->completion, BATCH, &idx);

	for (__u32 i = 0; i < n; i++)
		free_frames[frames_free++] =
			*xsk_ring_cons__comp_addr(&side->completion, idx++) &
			~(SIZE - 1ULL);
	xsk_ring_cons__release(&side->completion, n);
}

static void forward(struct side *to, const struct xdp_desc *desc)
{
	__u32 idx;

	if (!xsk_ring_prod__reserve(&to->tx, 1, &idx)) {
		free_frames[frames_free++] = desc->addr & ~(SIZE - 1ULL);
		return;
	}
	*xsk_ring_prod__tx_desc(&to->tx, idx) = *desc;
	xsk_ring_prod__submit(&to->tx, 1);
}

static void serve(struct side *from, struct side *to)
{
	__u32 idx, n = xsk_ring_cons__peek(&from->rx, BATCH, &idx);

	if (!n)
		return;
	for (__u32 i = 0; i < n; i++, idx++)
		forward(to, xsk_ring_cons__rx_desc(&from->rx, idx));
	xsk_ring_cons__release(&from->rx, n);
	sendto(to->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	reclaim(to);
	refill(from);
}

/*
 * Load and attach the XDP program, open a socket, and put the socket into the
 * program's map.
 */
static int start(struct side *side, const char *name, struct xsk_umem *umem)
{
	const struct xsk_socket_config config = {
		.rx_size = XSK_RING_CONS__DEFAULT_NUM_DESCS,
		.tx_size = XSK_RING_PROD__DEFAULT_NUM_DESCS,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_USE_NEED_WAKEUP | XDP_COPY,
	};
	const struct xdp_prog_source source = { 0 };

	if (device_open(&side->dev, name) ||
	    xdp_prog_open(&side->prog, &source, side->dev.queues) ||
	    attach_program(&side->prog, &side->dev, ATTACH_AUTO, false) ||
	    xsk_socket__create_shared(&side->socket, name, 0, umem, &side->rx,
				      &side->tx, &side->fill, &side->completion,
				      &config) ||
	    xsk_socket__update_xskmap(side->socket, side->prog.map_fd))
		return -1;
	side->fd = xsk_socket__fd(side->socket);
	return 0;
}

int main(int argc, char **argv)
{
	static struct side a, b;
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct xsk_umem *umem;
	void *area = mmap(NULL, FRAMES * SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc < 3 || area == MAP_FAILED ||
	    xsk_umem__create(&umem, area, FRAMES * SIZE, &a.fill, &a.completion,
			     NULL) ||
	    start(&a, argv[1], umem) || start(&b, argv[2], umem)) {
		perror("plain_forward");
		return EXIT_FAILURE;
	}
	for (__u64 i = 0; i < FRAMES; i++)
		free_frames[frames_free++] = i * SIZE;
	refill(&a);
	refill(&b);
	fds[0].fd = a.fd;
	fds[1].fd = b.fd;
	for (;;) {
		poll(fds, 2, -1);
		serve(&a, &b);
		serve(&b, &a);
	}
}
