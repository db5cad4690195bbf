/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Turn an ICMPv6 echo request into its reply, in place.
 *
 *	Ethernet | up to two VLAN tags | IPv6 | ICMPv6 echo | data
 *
 * This code has no state, calls no library, and has only bounded loops, so the
 * BPF verifier accepts it: XDP programs and user space share this file. Like an
 * XDP program, the code gets pointers to the first byte of a packet and to the
 * byte after the last. It checks the bound before each read.
 */
#ifndef ICMP6_ECHO_H
#define ICMP6_ECHO_H

#include <linux/if_ether.h>
#include <linux/types.h>

#define ICMP6_ECHO_VLAN_TAGS 2
#define ICMP6_ECHO_HOP_LIMIT 64

/* Results for a packet. Each is the index of its counter in struct stats. */
enum icmp6_echo_verdict {
	ICMP6_ECHO_ANSWERED,
	ICMP6_ECHO_OTHER,     /* not an ICMPv6 echo request */
	ICMP6_ECHO_EXTENSION, /* has an extension header, or is a fragment */
	ICMP6_ECHO_TRUNCATED, /* shorter than its headers say, or need */
	ICMP6_ECHO_ADDRESS,   /* an address that gets no answer */
	ICMP6_ECHO_FOREIGN,   /* for another device's MAC address */
	ICMP6_ECHO_VERDICTS
};

/*
 * A condition that earlier checks have made false. The BPF verifier does not
 * see that it is false, so BPF code checks it again. User space does not.
 */
#ifdef __bpf__
#define ICMP6_ECHO_VERIFIER(condition) (condition)
#else
#define ICMP6_ECHO_VERIFIER(condition) 0
#endif

/* For icmp6_echo_find() and icmp6_echo_reply(): answer for any MAC address. */
static const __u8 icmp6_echo_any_mac[ETH_ALEN];

/*
 * Headers as on the wire. The kernel's own structs need an address that is a
 * multiple of four. The IPv6 header follows 14 bytes of Ethernet, so its
 * address is not always a multiple of four.
 */
struct icmp6_echo_vlan {
	__be16 tci;
	__be16 proto;
};

struct icmp6_echo_address {
	__u8 byte[16];
};

struct icmp6_echo {
	__u8 version; /* version, and half of the traffic class */
	__u8 class_and_flow[3];
	__be16 payload_len;
	__u8 next_header;
	__u8 hop_limit;
	struct icmp6_echo_address source;
	struct icmp6_echo_address destination;
	/* The IPv6 header ends here, and its payload begins. */
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be16 identifier;
	__be16 sequence;
};

#define ICMP6_ECHO_IPV6_LEN   40 /* IPv6 header in struct icmp6_echo */
#define ICMP6_ECHO_ICMPV6_LEN 8
#define ICMP6_ECHO_ICMPV6     58 /* next header */
#define ICMP6_ECHO_REQUEST    128
#define ICMP6_ECHO_REPLY      129

/*
 * Swap the bytes of x so that the verifier knows that the result fits into 16
 * bits. Up to Linux 6.12 the verifier forgets all bounds at a swap of bytes.
 * The cast to __u16 is a mask that restores the bounds, but clang omits the
 * mask unless the empty asm hides the swap.
 */
#ifdef __bpf__
static __always_inline __u16 icmp6_echo_swap16(__u16 x)
{
	__u64 swapped = __builtin_bswap16(x);

	if (!__builtin_constant_p(x))
		asm("" : "+r"(swapped));
	return (__u16)swapped;
}
#else
#define icmp6_echo_swap16(x) __builtin_bswap16(x)
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ICMP6_ECHO_BE16(x) ((__u16)icmp6_echo_swap16(x))
#else
#define ICMP6_ECHO_BE16(x) ((__u16)(x))
#endif

/* Return true for IPv6, which is the usual case: most packets have no tag. */
static __always_inline int icmp6_echo_is_ipv6(__be16 proto)
{
	return __builtin_expect(proto == ICMP6_ECHO_BE16(ETH_P_IPV6), 1);
}

static __always_inline int icmp6_echo_is_vlan(__be16 proto)
{
	return proto == ICMP6_ECHO_BE16(ETH_P_8021Q) ||
	       proto == ICMP6_ECHO_BE16(ETH_P_8021AD);
}

/*
 * Return true for an extension header of RFC 8200, section 4, or of IANA's
 * later list (without 253 and 254, which are for experiments).
 */
static __always_inline int icmp6_echo_is_extension(__u8 next_header)
{
	switch (next_header) {
	case 0:	  /* hop-by-hop options */
	case 43:  /* routing */
	case 44:  /* fragment */
	case 50:  /* encapsulating security payload */
	case 51:  /* authentication */
	case 60:  /* destination options */
	case 135: /* mobility */
	case 139: /* host identity */
	case 140: /* shim6 */
		return 1;
	default:
		return 0;
	}
}

/*
 * Return true for ff00::/8, ::, ::1 and ::ffff:0:0/96: multicast groups, the
 * unspecified address, loopback and IPv4-mapped addresses (RFC 4291). No such
 * address may be the source or destination of our reply. For nearly every
 * address the first byte decides.
 */
static __always_inline int
icmp6_echo_is_no_host(const struct icmp6_echo_address *a)
{
	const __u8 *b = a->byte;

	if (b[0] && b[0] != 0xff)
		return 0;
	if (b[0])
		return 1;
	if (b[1] | b[2] | b[3] | b[4] | b[5] | b[6] | b[7] | b[8] | b[9])
		return 0;
	if (b[10] | b[11])
		return b[10] == 0xff && b[11] == 0xff;
	return !(b[12] | b[13] | b[14]) && b[15] <= 1;
}

/*
 * Return true if no answer may be sent to the source, or from the destination.
 * RFC 4443, section 4.2, allows a node to ignore a request to a multicast
 * group. We ignore these requests, to keep the lesson small.
 */
static __always_inline int
icmp6_echo_is_unanswerable(const struct ethhdr *eth, const struct icmp6_echo *e)
{
	return ((eth->h_dest[0] | eth->h_source[0]) & 1) ||
	       icmp6_echo_is_no_host(&e->source) ||
	       icmp6_echo_is_no_host(&e->destination);
}

/* Return 0 if two MAC addresses are equal, and another number if not. */
static __always_inline __u32 icmp6_echo_mac_differs(const __u8 *a,
						    const __u8 *b)
{
	__u32 start[2];
	__u16 end[2];

	__builtin_memcpy(&start[0], a, sizeof(start[0]));
	__builtin_memcpy(&start[1], b, sizeof(start[1]));
	__builtin_memcpy(&end[0], a + sizeof(start[0]), sizeof(end[0]));
	__builtin_memcpy(&end[1], b + sizeof(start[1]), sizeof(end[1]));
	return (start[0] ^ start[1]) | (end[0] ^ end[1]);
}

/*
 * Return true if the packet is for @mac, or if @mac is all zeros.
 *
 * XDP runs before the kernel compares MAC addresses. A switch floods packets
 * for a host that it does not know, and many devices do not filter out such
 * packets: ports of a bridge, veth, and every promiscuous device. If we
 * answered, the switch would learn from the answer's source address that the
 * other host is here.
 */
static __always_inline int icmp6_echo_is_for(const struct ethhdr *eth,
					     const __u8 *mac)
{
	return !icmp6_echo_mac_differs(eth->h_dest, mac) ||
	       !icmp6_echo_mac_differs(mac, icmp6_echo_any_mac);
}

/*
 * Return the checksum after one 16-bit word of the data has changed: RFC 1624,
 * equation 3. A checksum that was wrong stays wrong.
 */
static __always_inline __be16 icmp6_echo_csum_update(__be16 csum, __be16 old,
						     __be16 new)
{
	/* EXERCISE 4: csum_update */
	__u32 sum = (__u16)~csum;

	sum += (__u16)~old;
	sum += new;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__be16)~sum;
	/* END */
}

static __always_inline void icmp6_echo_swap(void *a, void *b, int len)
{
	__u8 old[sizeof(struct icmp6_echo_address)];

	__builtin_memcpy(old, a, len);
	__builtin_memcpy(a, b, len);
	__builtin_memcpy(b, old, len);
}

/*
 * Turn a request into its reply: swap the addresses, and set the hop limit and
 * the type. Swapping the addresses does not change their sum, and the checksum
 * does not cover the hop limit, so only the new type changes the checksum.
 */
static __always_inline void icmp6_echo_rewrite(struct ethhdr *eth,
					       struct icmp6_echo *e)
{
	/* EXERCISE 4: rewrite */
	icmp6_echo_swap(eth->h_dest, eth->h_source, ETH_ALEN);
	icmp6_echo_swap(&e->source, &e->destination, sizeof(e->source));
	e->hop_limit = ICMP6_ECHO_HOP_LIMIT;
	e->type = ICMP6_ECHO_REPLY;
	e->checksum = icmp6_echo_csum_update(
		e->checksum, ICMP6_ECHO_BE16(ICMP6_ECHO_REQUEST << 8),
		ICMP6_ECHO_BE16(ICMP6_ECHO_REPLY << 8));
	/* END */
}

/*
 * icmp6_echo_find - find an echo request in [data, data_end)
 * @data: first byte of the Ethernet header, at an even address
 * @data_end: the byte after the packet's last byte
 * @mac: the device's address, or icmp6_echo_any_mac
 * @request: set to the start of the IPv6 header if the request gets an answer
 *
 * Return the length of the request in bytes, with all headers. If the packet
 * gets no answer, return the reason, the negative of an enum
 * icmp6_echo_verdict.
 */
static __always_inline int icmp6_echo_find(void *data, void *data_end,
					   const __u8 *mac,
					   struct icmp6_echo **request)
{
	struct ethhdr *eth = data;
	struct icmp6_echo_vlan *vlan;
	struct icmp6_echo *e;
	__u64 head = sizeof(*eth), len; /* lengths: headers, payload */
	__be16 proto;

	if (data + head > data_end)
		return -ICMP6_ECHO_TRUNCATED;
	proto = eth->h_proto;
	/* EXERCISE 7: vlan */
	for (int i = 0; !icmp6_echo_is_ipv6(proto); i++) {
		if (i == ICMP6_ECHO_VLAN_TAGS || !icmp6_echo_is_vlan(proto))
			return -ICMP6_ECHO_OTHER;
		vlan = data + head;
		head += sizeof(*vlan);
		if (data + head > data_end)
			return -ICMP6_ECHO_TRUNCATED;
		proto = vlan->proto;
	}
	/* END */

	e = data + head;
	/* EXERCISE 3: parse */
	head += ICMP6_ECHO_IPV6_LEN;
	if (data + head > data_end)
		return -ICMP6_ECHO_TRUNCATED;
	if (e->version >> 4 != 6)
		return -ICMP6_ECHO_OTHER;
	if (e->next_header != ICMP6_ECHO_ICMPV6)
		return icmp6_echo_is_extension(e->next_header)
			       ? -ICMP6_ECHO_EXTENSION
			       : -ICMP6_ECHO_OTHER;

	len = ICMP6_ECHO_BE16(e->payload_len);
	if (len < ICMP6_ECHO_ICMPV6_LEN || data + head + len > data_end ||
	    ICMP6_ECHO_VERIFIER((void *)(e + 1) > data_end))
		return -ICMP6_ECHO_TRUNCATED;
	if (e->type != ICMP6_ECHO_REQUEST)
		return -ICMP6_ECHO_OTHER;
	if (icmp6_echo_is_unanswerable(eth, e))
		return -ICMP6_ECHO_ADDRESS;
	/* END */

	if (!icmp6_echo_is_for(eth, mac))
		return -ICMP6_ECHO_FOREIGN;
	*request = e;
	return (int)(head + len);
}

/*
 * icmp6_echo_reply - turn the echo request in [data, data_end) into its reply
 * @data: first byte of the Ethernet header, at an even address
 * @data_end: the byte after the packet's last byte
 * @mac: the device's address, or icmp6_echo_any_mac
 *
 * Swap the MAC and the IP addresses, set the hop limit to 64 and the type to
 * 129, and update the checksum. Code, identifier, sequence number, data and
 * VLAN tags stay the same. Bytes after the end of the IPv6 payload are not part
 * of the reply.
 *
 * Return the length of the reply in bytes, which is at most the length of the
 * packet. If there is no reply, leave the packet unchanged and return the
 * reason, the negative of an enum icmp6_echo_verdict.
 *
 * See RFC 4443, sections 2.3, 4.1 and 4.2; RFC 8200, section 3; RFC 1624.
 */
static __always_inline int icmp6_echo_reply(void *data, void *data_end,
					    const __u8 *mac)
{
	struct icmp6_echo *request;
	int len = icmp6_echo_find(data, data_end, mac, &request);

	if (len > 0)
		icmp6_echo_rewrite(data, request);
	return len;
}

#endif /* ICMP6_ECHO_H */
