// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * segments ADDRESS: send ten UDP packets as one large packet (UDP_SEGMENT).
 *
 * If the device's GSO is off, the kernel splits the large packet. Otherwise a
 * network card splits the packet, but veth delivers it whole.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

int main(int argc, char **argv)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_port = htons(9) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), size = 1000;
	static char data[10000];

	if (argc != 2 || inet_pton(AF_INET6, argv[1], &to.sin6_addr) != 1)
		return 2;
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) ||
	    sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0) {
		perror("segments");
		return 1;
	}
	return 0;
}
