// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/if_ether.h>

#include "bench/ladder/rung.h"

/*
 * Size of the socket's receive buffer in bytes. The kernel doubles this size.
 * So the buffer holds as many packets as af_xdp_user's RX, 4,096, if each of
 * them takes 1,024 bytes.
 */
#define RECEIVE_BUFFER (2048 * 1024)

void rung_fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		rung_fail("setsockopt");
}

int rung_open(const char *name, __u8 *mac)
{
	struct ifreq request = { 0 };
	int fd;

	if (!name) {
		fprintf(stderr, "usage: PROGRAM DEVICE\n");
		exit(EXIT_FAILURE);
	}
	/* With protocol 0 the socket receives nothing before rung_bind(). */
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		rung_fail("socket");
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		rung_fail(name);
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	set(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	set(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1);
	set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
	return fd;
}

void rung_bind(int fd, const char *name)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IPV6),
		.sll_ifindex = (int)if_nametoindex(name),
	};

	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		rung_fail(name);
}
