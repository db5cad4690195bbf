// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hold DEVICE QUEUE: bind an AF_XDP socket to a queue, without an XDP program,
 * and keep the socket until a signal ends this process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/xsk.h>

int main(int argc, char **argv)
{
	const struct xsk_socket_config config = {
		.rx_size = 64,
		.tx_size = 64,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
	};
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons completion, rx;
	struct xsk_socket *socket;
	struct xsk_umem *umem;
	size_t size = 64 * 4096;
	void *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc < 3 ||
	    xsk_umem__create(&umem, area, size, &fill, &completion, NULL) ||
	    xsk_socket__create(&socket, argv[1], atoi(argv[2]), umem, &rx, &tx,
			       &config))
		return 1;
	puts("held");
	fflush(stdout);
	pause();
}
