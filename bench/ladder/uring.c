// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rung 4: a packet socket that is used through io_uring.
 *
 *	uring DEV
 *
 * One io_uring request receives many packets (multishot), and the kernel takes
 * one of our buffers for each packet. The requests to send replies are
 * collected, and the system call that waits for packets submits them. See
 * io_uring_prep_recv_multishot(3).
 */
#include <liburing.h>
#include <stdlib.h>

#include "bench/ladder/rung.h"
#include "headers/icmp6_echo.h"

#define BUFFERS 1024
#define GROUP	0
#define RECEIVE (~0ULL) /* user_data of a request to receive, not to send */

static __u8 packets[BUFFERS][RUNG_FRAME];
static struct io_uring ring;
static struct io_uring_buf_ring *buffers;

static void give_back(unsigned int buffer)
{
	io_uring_buf_ring_add(buffers, packets[buffer], RUNG_FRAME,
			      (unsigned short)buffer,
			      io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(buffers, 1);
}

static struct io_uring_sqe *request(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (sqe)
		return sqe;
	io_uring_submit(&ring);
	return io_uring_get_sqe(&ring);
}

static void receive(int fd)
{
	struct io_uring_sqe *sqe = request();

	io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	io_uring_sqe_set_data64(sqe, RECEIVE);
}

/*
 * Answer a packet. If there is no reply, give the packet's buffer back at once.
 * Otherwise complete() gives the buffer back after the reply has been sent.
 */
static void answer(int fd, unsigned int buffer, int len, const __u8 *mac)
{
	struct io_uring_sqe *sqe;
	int reply =
		icmp6_echo_reply(packets[buffer], packets[buffer] + len, mac);

	if (reply < 0) {
		give_back(buffer);
		return;
	}
	sqe = request();
	io_uring_prep_send(sqe, fd, packets[buffer], (size_t)reply, 0);
	io_uring_sqe_set_data64(sqe, buffer);
}

static void complete(int fd, const struct io_uring_cqe *cqe, const __u8 *mac)
{
	if (cqe->user_data != RECEIVE) {
		give_back((unsigned int)cqe->user_data);
		return;
	}
	if (cqe->res > 0)
		answer(fd, cqe->flags >> IORING_CQE_BUFFER_SHIFT, cqe->res,
		       mac);
	/* The request to receive ends when no buffer is left. */
	if (!(cqe->flags & IORING_CQE_F_MORE))
		receive(fd);
}

int main(int argc, char **argv)
{
	struct io_uring_buf_reg group = { .ring_entries = BUFFERS,
					  .bgid = GROUP };
	struct io_uring_params params = {
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_CQSIZE,
		.cq_entries = 2 * BUFFERS,
	};
	__u8 mac[ETH_ALEN];
	int fd = rung_open(argc == 2 ? argv[1] : NULL, mac);
	struct io_uring_cqe *cqe;
	unsigned int head, n;

	if (io_uring_queue_init_params(BUFFERS, &ring, &params) ||
	    posix_memalign((void **)&buffers, 4096,
			   BUFFERS * sizeof(struct io_uring_buf)))
		rung_fail("io_uring_queue_init_params");
	io_uring_buf_ring_init(buffers);
	group.ring_addr = (__u64)(uintptr_t)buffers;
	if (io_uring_register_buf_ring(&ring, &group, 0))
		rung_fail("io_uring_register_buf_ring");
	for (unsigned int i = 0; i < BUFFERS; i++)
		give_back(i);
	rung_bind(fd, argv[1]);
	receive(fd);
	for (;;) {
		io_uring_submit_and_wait(&ring, 1);
		n = 0;
		io_uring_for_each_cqe(&ring, head, cqe)
		{
			complete(fd, cqe, mac);
			n++;
		}
		io_uring_cq_advance(&ring, n);
	}
}
