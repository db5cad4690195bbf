// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Count the calls that wake the driver's receive path in zero-copy mode.
 *
 *	wakeup DEV always|flag FRAMES PACKETS
 *
 * Receive from queue 0 without sleeping. With "always", call the kernel in each
 * turn of the loop. With "flag", call it only if need_wakeup of FILL is set.
 * FRAMES is the number of frames in the UMEM. After PACKETS packets, print
 *
 *	packets N turns N calls N
 *
 * in one line.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/attach.h"
#include "common/device.h"
#include "common/xdp_prog.h"
#include "headers/xsk.h"

#define BATCH 64
#define SIZE  2048

/* Take the received packets from RX, free their frames, and refill FILL. */
static __u32 receive(struct xsk *xsk)
{
	__u32 idx, n = rx_peek(xsk, BATCH, &idx);

	for (__u32 i = 0; i < n; i++)
		frames_put(&xsk->umem->frames,
			   xsk_ring_cons__rx_desc(&xsk->rx, idx + i)->addr);
	if (n)
		rx_release(xsk, n);
	fill_refill(xsk);
	return n;
}

static void loop(struct xsk *xsk, bool always, unsigned long packets)
{
	unsigned long turns = 0, calls = 0, received = 0;

	while (received < packets) {
		received += receive(xsk);
		calls += always || xsk_ring_prod__needs_wakeup(&xsk->fill);
		rx_kick(xsk, always);
		turns++;
	}
	printf("packets %lu turns %lu calls %lu\n", received, turns, calls);
}

int main(int argc, char **argv)
{
	const struct xdp_prog_source source = { 0 };
	static struct xdp_prog prog;
	static struct device dev;
	static struct umem umem;
	static struct xsk xsk;

	if (argc != 5) {
		fputs("usage: wakeup DEV always|flag FRAMES PACKETS\n", stderr);
		return 2;
	}
	if (device_open(&dev, argv[1]) ||
	    xdp_prog_open(&prog, &source, dev.queues) ||
	    attach_program(&prog, &dev, ATTACH_NATIVE, false))
		return EXIT_FAILURE;
	if (umem_open(&umem, (__u32)atoi(argv[3]), SIZE) ||
	    xsk_open(&xsk, &umem, dev.name, 0, XDP_ZEROCOPY) ||
	    xsk_socket__update_xskmap(xsk.socket, prog.map_fd)) {
		perror("wakeup");
		return EXIT_FAILURE;
	}
	fputs("wakeup: ready\n", stderr);
	loop(&xsk, !strcmp(argv[2], "always"), strtoul(argv[4], NULL, 10));
	return 0;
}
