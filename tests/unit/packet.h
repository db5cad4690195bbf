/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Make packets for the tests: echo requests and their expected replies.
 *
 * Do not use headers/icmp6_echo.h or the kernel's structs here, because the
 * tests would then repeat the faults of that code. Here packets are bytes, and
 * fields are offsets from the RFCs.
 */
#ifndef TEST_PACKET_H
#define TEST_PACKET_H

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

/* Sizes of the headers. */
#define ETHER 14
#define TAG   4
#define IP6   40
#define ICMP6 8

/* Offsets of IPv6 and ICMPv6 fields from the start of the IPv6 header. */
#define IP6_LENGTH 4
#define IP6_NEXT   6
#define IP6_HOPS   7
#define IP6_SOURCE 8
#define IP6_DEST   24
#define ICMP6_TYPE (IP6 + 0)
#define ICMP6_CODE (IP6 + 1)
#define ICMP6_CSUM (IP6 + 2)
#define ICMP6_ID   (IP6 + 4)
#define ICMP6_DATA (IP6 + ICMP6)

/*
 * PACKET_MAX is the size of an echo request with DATA_MAX bytes of data and two
 * VLAN tags.
 */
#define DATA_MAX   2048
#define PACKET_MAX (ETHER + 2 * TAG + IP6 + ICMP6 + DATA_MAX)

/*
 * A random number generator, SplitMix64 by Steele, Lea and Flood. It makes the
 * same numbers on all machines.
 */
struct rng {
	__u64 state;
};

static inline __u64 rng_next(struct rng *rng)
{
	__u64 z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Return a number from 0 to n - 1. */
static inline __u32 rng_below(struct rng *rng, __u32 n)
{
	return (__u32)(((rng_next(rng) >> 32) * n) >> 32);
}

static inline void rng_bytes(struct rng *rng, __u8 *p, size_t n)
{
	while (n) {
		__u64 bits = rng_next(rng);
		size_t part = n < sizeof(bits) ? n : sizeof(bits);

		memcpy(p, &bits, part);
		p += part;
		n -= part;
	}
}

/* Return the environment variable TEST_SEED, or a constant if it is not set. */
static inline __u64 rng_seed(void)
{
	const char *seed = getenv("TEST_SEED");

	return seed ? strtoull(seed, NULL, 0) : 20240229;
}

static inline __u16 get16(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

static inline void put16(__u8 *p, __u16 x)
{
	p[0] = (__u8)(x >> 8);
	p[1] = (__u8)x;
}

/*
 * Return the correct checksum of the ICMPv6 message after an IPv6 header (RFC
 * 8200, section 8.1). Ignore the value in the checksum field.
 */
static inline __u16 packet_checksum(const __u8 *ip)
{
	const __u8 *icmp = ip + IP6;
	__u32 length = get16(ip + IP6_LENGTH);
	__u64 sum = length + 58;

	for (__u32 i = 0; i < 32; i += 2)
		sum += get16(ip + IP6_SOURCE + i);
	for (__u32 i = 0; i + 1 < length; i += 2)
		sum += i == 2 ? 0 : get16(icmp + i);
	if (length & 1)
		sum += (__u32)icmp[length - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

static inline void packet_set_checksum(__u8 *ip)
{
	put16(ip + ICMP6_CSUM, packet_checksum(ip));
}

/* Return the offset of the IPv6 header in a packet with @tags VLAN tags. */
static inline size_t packet_ip(unsigned int tags)
{
	return ETHER + (size_t)tags * TAG;
}

/*
 * Make an echo request with @tags VLAN tags and @data bytes of data. Give
 * random values to fields that may have any value. Return the length.
 */
static inline size_t packet_echo(struct rng *rng, __u8 *p, unsigned int tags,
				 size_t data)
{
	size_t at = packet_ip(tags);
	size_t length = at + IP6 + ICMP6 + data;
	__u8 *ip = p + at;

	rng_bytes(rng, p, length);
	p[0] &= 0xfe;
	p[6] &= 0xfe;
	for (unsigned int i = 0; i < tags; i++)
		put16(p + 12 + i * TAG, rng_next(rng) & 1 ? 0x8100 : 0x88a8);
	put16(p + at - 2, 0x86dd);

	ip[0] = 0x60 | (ip[0] & 0x0f);
	put16(ip + IP6_LENGTH, (__u16)(ICMP6 + data));
	ip[IP6_NEXT] = 58;
	ip[IP6_SOURCE] = 0x20 | (ip[IP6_SOURCE] & 0x1f);
	ip[IP6_DEST] = 0xfc | (ip[IP6_DEST] & 0x01);
	ip[ICMP6_TYPE] = 128;
	ip[ICMP6_CODE] = 0;
	packet_set_checksum(ip);
	return length;
}

static inline void swap_bytes(__u8 *a, __u8 *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		__u8 x = a[i];

		a[i] = b[i];
		b[i] = x;
	}
}

/*
 * Turn a request, whose IPv6 header is at p + at, into the expected reply. If
 * the request's checksum is wrong, the reply's checksum must be wrong by the
 * same difference. The difference is modulo 65,535, because checksums are one's
 * complement sums.
 */
static inline void packet_expect(__u8 *p, size_t at)
{
	__u8 *ip = p + at;
	__u32 wrong = get16(ip + ICMP6_CSUM) + 65535u - packet_checksum(ip);

	swap_bytes(p, p + 6, 6);
	swap_bytes(ip + IP6_SOURCE, ip + IP6_DEST, 16);
	ip[IP6_HOPS] = 64;
	ip[ICMP6_TYPE] = 129;
	put16(ip + ICMP6_CSUM, (__u16)((packet_checksum(ip) + wrong) % 65535u));
}

#endif /* TEST_PACKET_H */
