// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rung 1: a packet socket, with two system calls for each packet.
 *
 *	recvfrom DEV
 *
 * The kernel makes an skb from the packet, copies the skb's bytes to this
 * process, and copies the answer into another skb.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "bench/ladder/rung.h"
#include "headers/icmp6_echo.h"

int main(int argc, char **argv)
{
	__u8 packet[RUNG_FRAME], mac[ETH_ALEN];
	int fd = rung_open(argc == 2 ? argv[1] : NULL, mac), reply;
	ssize_t len;

	rung_bind(fd, argv[1]);
	for (;;) {
		len = recv(fd, packet, sizeof(packet), 0);
		if (len < 0)
			rung_fail("recv");
		reply = icmp6_echo_reply(packet, packet + len, mac);
		if (reply >= 0)
			send(fd, packet, (size_t)reply, 0);
	}
}
