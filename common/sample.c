// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <string.h>

#include "common/sample.h"
#include "common/stats.h"
#include "headers/if_xdp_compat.h"
#include "headers/xsk.h"

#define NEXT_ICMPV6 58
#define ECHO_REPLY  129
#define TAG_SIZE    4

/* Add 16-bit words in network order to a sum. */
static __u32 add_words(__u32 sum, const __u8 *data, __u32 len)
{
	for (__u32 i = 0; i + 1 < len; i += 2)
		sum += (__u32)data[i] << 8 | data[i + 1];
	return len % 2 ? sum + ((__u32)data[len - 1] << 8) : sum;
}

/* Return the offset of the IPv6 header, after VLAN tags; 0 if there is none. */
static __u32 find_ipv6(const __u8 *packet, __u32 len)
{
	__u32 at = ETH_HLEN;

	while (at <= len) {
		__u32 type = add_words(0, packet + at - 2, 2);

		if (type == ETH_P_IPV6)
			return at;
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			return 0;
		at += TAG_SIZE;
	}
	return 0;
}

bool sample_is_wrong(const void *packet, __u32 len)
{
	const __u8 *bytes = packet;
	__u32 at = find_ipv6(bytes, len), sum = NEXT_ICMPV6, size;
	struct ipv6hdr ip;

	if (!at || len - at <= sizeof(ip))
		return false;
	memcpy(&ip, bytes + at, sizeof(ip));
	size = ntohs(ip.payload_len);
	if (ip.nexthdr != NEXT_ICMPV6 || size > len - at - sizeof(ip) ||
	    bytes[at + sizeof(ip)] != ECHO_REPLY)
		return false;
	sum = add_words(sum + size, (const __u8 *)&ip.saddr, 32);
	sum = add_words(sum, bytes + at + sizeof(ip), size);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum != 0xffff;
}

static const struct xdp_desc *tx_entry(const struct xsk *xsk, __u32 index)
{
	return (const struct xdp_desc *)xsk->tx.ring + (index & xsk->tx.mask);
}

/*
 * Copy the pieces of a packet into @packet. Their descriptors are at the
 * indices from @first up to, but not including, @end. Return the number of
 * bytes copied.
 */
static __u32 join_pieces(const struct xsk *xsk, __u32 first, __u32 end,
			 __u8 *packet, __u32 size)
{
	__u32 len = 0;

	for (; first != end; first++) {
		const struct xdp_desc *desc = tx_entry(xsk, first);
		__u32 n = desc->len < size - len ? desc->len : size - len;

		memcpy(packet + len,
		       xsk_umem__get_data(xsk->umem->area, desc->addr), n);
		len += n;
	}
	return len;
}

/*
 * Return true if the last answer's checksum is wrong. The last entries of TX,
 * and the frames in them, can be read even after sending. The kernel receives
 * into these frames only after it has used all frames that were put into FILL
 * earlier.
 */
static bool is_last_wrong(const struct xsk *xsk)
{
	static __u8 packet[1 << 16];
	__u32 end = xsk->tx.cached_prod, first = end - 1;

	while (end - first < TX_SIZE &&
	       tx_entry(xsk, first - 1)->options & XDP_PKT_CONTD)
		first--;
	return sample_is_wrong(packet, join_pieces(xsk, first, end, packet,
						   sizeof(packet)));
}

void sample_take(struct stats *stats, const struct xsk *xsk)
{
	stats->frames = xsk->umem->frames.total;
	stats->places = xsk_places(xsk);
	stats->bad_checksum = stats->tx_packets && is_last_wrong(xsk);
}
