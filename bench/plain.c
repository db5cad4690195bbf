// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The baseline of the comparison: a simple echo loop, as most people write it
 * first.
 *
 *	plain DEV [spin]
 *
 * The loop sleeps in poll(), or with "spin" never sleeps. It takes up to 64
 * packets at a time, calls sendto() after each batch, and reads COMPLETION only
 * after packets have arrived. Rings and frames have libxdp's default sizes.
 * Packets are rewritten, and the XDP program is loaded, by the same code as in
 * af_xdp_user, so that only the loops are compared.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include "common/attach.h"
#include "common/device.h"
#include "common/xdp_prog.h"
#include "headers/icmp6_echo.h"

#define BATCH  64
#define FRAMES (2 * XSK_RING_PROD__DEFAULT_NUM_DESCS)
#define SIZE   XSK_UMEM__DEFAULT_FRAME_SIZE

static struct xsk_ring_prod fill, tx;
static struct xsk_ring_cons rx, completion;
static __u64 free_frames[FRAMES];
static __u32 frames_free;

static void refill(void)
{
	__u32 n = xsk_prod_nb_free(&fill, frames_free), idx;

	if (n > frames_free)
		n = frames_free;
	if (!xsk_ring_prod__reserve(&fill, n, &idx))
		return;
	for (__u32 i = 0; i < n; i++)
		*xsk_ring_prod__fill_addr(&fill, idx++) =
			free_frames[--frames_free];
	xsk_ring_prod__submit(&fill, n);
}

static void reclaim(void)
{
	__u32 idx, n = xsk_ring_cons__peek(&completion, BATCH, &idx);

	for (__u32 i = 0; i < n; i++)
		free_frames[frames_free++] =
			*xsk_ring_cons__comp_addr(&completion, idx++) &
			~(SIZE - 1ULL);
	xsk_ring_cons__release(&completion, n);
}

static void echo(void *area, const __u8 *mac, __u64 addr, __u32 len)
{
	void *packet = xsk_umem__get_data(area, addr);
	int reply = icmp6_echo_reply(packet, packet + len, mac);
	__u32 idx;

	if (reply < 0 || !xsk_ring_prod__reserve(&tx, 1, &idx)) {
		free_frames[frames_free++] = addr & ~(SIZE - 1ULL);
		return;
	}
	*xsk_ring_prod__tx_desc(&tx, idx) =
		(struct xdp_desc){ .addr = addr, .len = (__u32)reply };
	xsk_ring_prod__submit(&tx, 1);
}

static void serve(void *area, const __u8 *mac, int fd)
{
	__u32 idx, n = xsk_ring_cons__peek(&rx, BATCH, &idx);

	if (!n)
		return;
	for (__u32 i = 0; i < n; i++, idx++)
		echo(area, mac, xsk_ring_cons__rx_desc(&rx, idx)->addr,
		     xsk_ring_cons__rx_desc(&rx, idx)->len);
	xsk_ring_cons__release(&rx, n);
	sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	reclaim();
	refill();
}

int main(int argc, char **argv)
{
	const struct xsk_socket_config config = {
		.rx_size = XSK_RING_CONS__DEFAULT_NUM_DESCS,
		.tx_size = XSK_RING_PROD__DEFAULT_NUM_DESCS,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_USE_NEED_WAKEUP,
	};
	const struct xdp_prog_source source = { 0 };
	struct pollfd fd = { .events = POLLIN };
	struct xsk_socket *socket;
	struct xsk_umem *umem;
	struct xdp_prog prog;
	struct device dev;
	void *area;

	if (argc < 2 || device_open(&dev, argv[1]) ||
	    xdp_prog_open(&prog, &source, dev.queues) ||
	    attach_program(&prog, &dev, ATTACH_AUTO, false))
		return EXIT_FAILURE;
	area = mmap(NULL, FRAMES * SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED ||
	    xsk_umem__create(&umem, area, FRAMES * SIZE, &fill, &completion,
			     NULL) ||
	    xsk_socket__create(&socket, dev.name, 0, umem, &rx, &tx, &config) ||
	    xsk_socket__update_xskmap(socket, prog.map_fd)) {
		perror("plain");
		return EXIT_FAILURE;
	}
	for (__u64 i = 0; i < FRAMES; i++)
		free_frames[frames_free++] = i * SIZE;
	refill();

	fd.fd = xsk_socket__fd(socket);
	for (;;) {
		if (argc < 3)
			poll(&fd, 1, -1);
		serve(area, dev.mac, fd.fd);
	}
}
