// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * raw DEVICE MILLISECONDS HEX...: send frames, given as hexadecimal digits, and
 * print the first frame that is received within MILLISECONDS.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Return true if the kernel has moved a VLAN tag out of the frame. */
static bool has_tag(const struct tpacket_auxdata *aux)
{
	return aux->tp_status & TP_STATUS_VLAN_VALID;
}

/* Print the frame as it was on the wire, with its tag after the addresses. */
static void print_frame(const unsigned char *frame, ssize_t len,
			struct msghdr *m)
{
	for (ssize_t i = 0; i < len; i++) {
		struct cmsghdr *c = i == 12 ? CMSG_FIRSTHDR(m) : NULL;

		for (; c; c = CMSG_NXTHDR(m, c)) {
			struct tpacket_auxdata *aux = (void *)CMSG_DATA(c);

			if (has_tag(aux))
				printf("%04x%04x",
				       aux->tp_status &
						       TP_STATUS_VLAN_TPID_VALID
					       ? aux->tp_vlan_tpid
					       : ETH_P_8021Q,
				       aux->tp_vlan_tci);
		}
		printf("%02x", frame[i]);
	}
	putchar('\n');
}

static bool send_hex(int fd, const char *hex)
{
	unsigned char frame[16384];
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
		sscanf(hex + 2 * i, "%2hhx", &frame[i]);
	return send(fd, frame, len, 0) == (ssize_t)len;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1;
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL) };
	struct pollfd in = { fd, POLLIN, 0 };
	unsigned char frame[16384], control[256];

	if (argc < 3)
		return 1;
	at.sll_ifindex = (int)if_nametoindex(argv[1]);
	if (bind(fd, (void *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		return 1;
	for (int i = 3; i < argc; i++)
		if (!send_hex(fd, argv[i]))
			return 1;
	while (poll(&in, 1, atoi(argv[2])) > 0) {
		struct iovec iov = { frame, sizeof(frame) };
		struct msghdr m = { &at,     sizeof(at),      &iov, 1,
				    control, sizeof(control), 0 };
		ssize_t len = recvmsg(fd, &m, 0);

		if (len < ETH_HLEN || at.sll_pkttype == PACKET_OUTGOING)
			continue;
		print_frame(frame, len, &m);
		return 0;
	}
	return 2;
}
