/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Turn a UDP datagram to the echo service (RFC 862, port 7) into its reply, in
 * place.
 *
 *	Ethernet | IPv6 | UDP | data
 *
 * To keep the lesson small, datagrams with VLAN tags get no reply. A request's
 * checksum is not verified, because the sender may let its device compute it.
 * On veth, XDP and AF_XDP then see a packet whose checksum is not yet filled
 * in.
 *
 * Code between EXERCISE and END is removed from the exercise skeletons.
 */
#ifndef UDP_ECHO_H
#define UDP_ECHO_H

#include "headers/icmp6_echo.h"

/* The headers of IPv6 and UDP as on the wire, at an even address. */
struct udp_echo {
	__u8 version; /* 4 bits, and 4 bits of traffic class */
	__u8 class_and_flow[3];
	__be16 payload_len;
	__u8 next_header;
	__u8 hop_limit;
	struct icmp6_echo_address source;
	struct icmp6_echo_address destination;
	/* The IPv6 header ends here, and its payload begins. */
	__be16 source_port;
	__be16 destination_port;
	__be16 len; /* of UDP's header and data */
	__be16 checksum;
};

#define UDP_ECHO_UDP	   17 /* next header */
#define UDP_ECHO_PORT	   7
#define UDP_ECHO_UDP_LEN   8
#define UDP_ECHO_HOP_LIMIT 64

/* Return true if a datagram with these addresses must not be answered. */
static inline int udp_echo_is_unanswerable(const struct ethhdr *eth,
					   const struct udp_echo *u)
{
	return ((eth->h_dest[0] | eth->h_source[0]) & 1) ||
	       icmp6_echo_is_no_host(&u->source) ||
	       icmp6_echo_is_no_host(&u->destination);
}

/*
 * udp_echo_checksum - compute a datagram's checksum
 * @u: a whole datagram, whose checksum field is 0
 *
 * The checksum covers a pseudo-header (both addresses, UDP's length, and 17 as
 * next header: RFC 8200, section 8.1), UDP's header and the data. If the length
 * is odd, the last byte is the high byte of a word whose low byte is 0. A
 * result of 0 is sent as 0xffff, because 0 stands for "no checksum".
 *
 * Return the checksum in network byte order.
 */
static inline __be16 udp_echo_checksum(const struct udp_echo *u)
{
	/* EXERCISE 9: checksum */
	const __u8 *byte = (const __u8 *)&u->source;
	__u32 len = ICMP6_ECHO_BE16(u->len);
	/* The addresses lie right before UDP, so one loop is enough. */
	__u32 covered = sizeof(u->source) + sizeof(u->destination) + len;
	__u32 sum = len + UDP_ECHO_UDP;

	for (__u32 i = 0; i < covered; i++)
		sum += i % 2 ? byte[i] : (__u32)byte[i] << 8;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	return ICMP6_ECHO_BE16(sum ? sum : 0xffff);
	/* END */
}

/*
 * udp_echo_reply - turn the datagram in [data, data_end) into its reply
 * @data: first byte of the Ethernet header, at an even address
 * @data_end: the byte after the packet's last byte
 * @mac: the device's address, or icmp6_echo_any_mac
 *
 * Swap the MAC addresses, the IP addresses and the ports, set the hop limit to
 * 64 and compute the checksum. Everything else stays the same.
 *
 * Return the length of the reply in bytes. Return 0 and leave the packet
 * unchanged if it is not a complete UDP datagram to port 7, or must not be
 * answered.
 *
 * RFC 862; RFC 768; RFC 8200, sections 3 and 8.1.
 */
static inline int udp_echo_reply(void *data, void *data_end, const __u8 *mac)
{
	/* EXERCISE 9: reply */
	struct ethhdr *eth = data;
	struct udp_echo *u = data + sizeof(*eth);
	__u32 head = sizeof(*eth) + ICMP6_ECHO_IPV6_LEN, len;
	__be16 port;

	if (data + head + UDP_ECHO_UDP_LEN > data_end ||
	    !icmp6_echo_is_ipv6(eth->h_proto) || u->version >> 4 != 6 ||
	    u->next_header != UDP_ECHO_UDP)
		return 0;
	len = ICMP6_ECHO_BE16(u->len);
	if (len < UDP_ECHO_UDP_LEN || u->len != u->payload_len ||
	    data + head + len > data_end || !u->checksum)
		return 0;
	/* Two echo servers would answer each other for ever. */
	if (u->destination_port != ICMP6_ECHO_BE16(UDP_ECHO_PORT) ||
	    u->source_port == ICMP6_ECHO_BE16(UDP_ECHO_PORT) || !u->source_port)
		return 0;
	if (udp_echo_is_unanswerable(eth, u) || !icmp6_echo_is_for(eth, mac))
		return 0;

	icmp6_echo_swap(eth->h_dest, eth->h_source, ETH_ALEN);
	icmp6_echo_swap(&u->source, &u->destination, sizeof(u->source));
	port = u->source_port;
	u->source_port = u->destination_port;
	u->destination_port = port;
	u->hop_limit = UDP_ECHO_HOP_LIMIT;
	u->checksum = 0;
	u->checksum = udp_echo_checksum(u);
	return (int)(head + len);
	/* END */
}

#endif /* UDP_ECHO_H */
