// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * partial DEVICE ETHERNET-FRAME-IN-HEX: send a packet whose checksum is left to
 * the device (CHECKSUM_PARTIAL), as a virtual machine does.
 *
 * The frame is an ICMPv6 packet without VLAN tags. This program replaces the
 * packet's checksum with the sum of the pseudo-header.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define IP   14
#define ICMP (IP + 40)

static unsigned int add(unsigned int sum, const unsigned char *data, int len)
{
	for (int i = 0; i < len; i += 2)
		sum += data[i] << 8 | data[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

int main(int argc, char **argv)
{
	struct {
		struct virtio_net_hdr header;
		unsigned char frame[1514];
	} packet = { .header = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				 .csum_start = ICMP,
				 .csum_offset = 2 } };
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IPV6) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1, len = 0;
	unsigned int sum;

	if (argc != 3)
		return 2;
	while (sscanf(argv[2] + 2 * len, "%2hhx", &packet.frame[len]) == 1)
		len++;
	sum = add(58 + len - ICMP, packet.frame + IP + 8, 32);
	packet.frame[ICMP + 2] = sum >> 8;
	packet.frame[ICMP + 3] = sum & 0xff;
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) ||
	    sendto(fd, &packet, sizeof(packet.header) + len, 0,
		   (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("partial");
		return 1;
	}
	return 0;
}
