// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rung 2: a packet socket, with two system calls for each batch of packets.
 *
 *	recvmmsg DEV
 *
 * The kernel copies packets as on rung 1, recvfrom.c, but with fewer system
 * calls. If packets come faster than they are answered, the batches grow.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/ladder/rung.h"
#include "headers/icmp6_echo.h"

static __u8 packets[RUNG_BATCH][RUNG_FRAME];
static struct iovec in[RUNG_BATCH], out[RUNG_BATCH];
static struct mmsghdr requests[RUNG_BATCH], replies[RUNG_BATCH];

/* Make replies in place, list them in out[], and return their number. */
static unsigned int answer(int received, const __u8 *mac)
{
	unsigned int n = 0;
	int reply;

	for (int i = 0; i < received; i++) {
		reply = icmp6_echo_reply(packets[i],
					 packets[i] + requests[i].msg_len, mac);
		if (reply < 0)
			continue;
		out[n].iov_base = packets[i];
		out[n++].iov_len = (size_t)reply;
	}
	return n;
}

int main(int argc, char **argv)
{
	__u8 mac[ETH_ALEN];
	int fd = rung_open(argc == 2 ? argv[1] : NULL, mac), received;
	unsigned int n;

	for (int i = 0; i < RUNG_BATCH; i++) {
		in[i] = (struct iovec){ packets[i], RUNG_FRAME };
		requests[i].msg_hdr =
			(struct msghdr){ .msg_iov = &in[i], .msg_iovlen = 1 };
		replies[i].msg_hdr =
			(struct msghdr){ .msg_iov = &out[i], .msg_iovlen = 1 };
	}
	rung_bind(fd, argv[1]);
	for (;;) {
		received = recvmmsg(fd, requests, RUNG_BATCH, MSG_WAITFORONE,
				    NULL);
		if (received < 0)
			rung_fail("recvmmsg");
		n = answer(received, mac);
		if (n)
			sendmmsg(fd, replies, n, 0);
	}
}
