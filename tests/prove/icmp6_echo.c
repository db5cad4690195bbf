// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prove statements about headers/icmp6_echo.h for every packet of up to LEN_MAX
 * bytes. The specification, which is the functions spec_*(), follows the RFCs
 * and uses offsets. It shares no code with the header.
 */
static inline void copy(void *to, const void *from, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
}

/* CBMC has no model of __builtin_memcpy(). */
#define __builtin_memcpy copy
#include "headers/icmp6_echo.h"

#ifndef LEN_MAX
#define LEN_MAX 128
#endif

unsigned int nondet_uint(void);
unsigned char nondet_uchar(void);
unsigned short nondet_ushort(void);

static unsigned int get16(const unsigned char *p)
{
	return p[0] * 256u + p[1];
}

/*
 * Return the offset of the IPv6 header, or 0 if there is none. IEEE 802.1Q:
 * tags are between the MAC addresses and the packet's type, and each tag begins
 * with the tag's type.
 */
static unsigned int spec_ip(const unsigned char *p, unsigned int len)
{
	unsigned int type = 12;

	for (int tags = 0; tags < 2; tags++)
		if (len >= type + 2 &&
		    (get16(p + type) == 0x8100 || get16(p + type) == 0x88a8))
			type += 4;
	if (len < type + 2 || get16(p + type) != 0x86dd)
		return 0;
	return type + 2;
}

/*
 * Return true if a reply must not have this address as source or destination.
 * RFC 4291: 2.5.2 unspecified, 2.5.3 loopback, 2.5.5.2 IPv4-mapped, 2.7
 * multicast.
 */
static _Bool spec_no_host(const unsigned char *a)
{
	_Bool zero10 = 1;

	for (int i = 0; i < 10; i++)
		zero10 = zero10 && a[i] == 0;
	if (a[0] == 255)
		return 1;
	if (!zero10)
		return 0;
	if (a[10] == 255 && a[11] == 255)
		return 1;
	return a[10] == 0 && a[11] == 0 && a[12] == 0 && a[13] == 0 &&
	       a[14] == 0 && (a[15] == 0 || a[15] == 1);
}

/*
 * Return true if the destination MAC address is @mac (IEEE 802, 8.2), or if
 * @mac is zero, which accepts every address.
 */
static _Bool spec_is_ours(const unsigned char *p, const unsigned char *mac)
{
	_Bool ours = 1, any = 1;

	for (int i = 0; i < 6; i++) {
		ours = ours && p[i] == mac[i];
		any = any && mac[i] == 0;
	}
	return ours || any;
}

/* Return the length of the reply, or 0 if there must be none. */
static unsigned int spec_length(const unsigned char *p, unsigned int len,
				const unsigned char *mac)
{
	unsigned int ip = spec_ip(p, len), payload;

	if (!ip || len < ip + 40)
		return 0;
	/* RFC 8200, 3: version, payload length, next header. */
	if (p[ip] / 16 != 6 || p[ip + 6] != 58)
		return 0;
	payload = get16(p + ip + 4);
	/* RFC 4443, 4.1: an echo request has type 128 and 8 header bytes. */
	if (payload < 8 || ip + 40 + payload > len || p[ip + 40] != 128)
		return 0;
	/* IEEE 802.3, 3.2.3: the first byte of a group address is odd. */
	if (p[0] % 2 || p[6] % 2)
		return 0;
	if (spec_no_host(p + ip + 8) || spec_no_host(p + ip + 24))
		return 0;
	if (!spec_is_ours(p, mac))
		return 0;
	return ip + 40 + payload;
}

/*
 * Return the reply's checksum. RFC 1071: the checksum is the complement of a
 * sum with end-around carry. The word of type and code grows by 0x0100, so the
 * complement decreases by 0x0100. If the complement falls below zero, the carry
 * decreases it by 1 more.
 */
static unsigned int spec_checksum(unsigned int csum)
{
	return csum >= 0x0100 ? csum - 0x0100 : csum + 0xfeff;
}

/* Return byte @i of the reply. */
static unsigned char spec_byte(const unsigned char *p, unsigned int ip,
			       unsigned int i)
{
	unsigned int csum = spec_checksum(get16(p + ip + 42));

	if (i < 6)
		return p[i + 6];
	if (i < 12)
		return p[i - 6];
	if (i == ip + 7)
		return 64;
	if (i >= ip + 8 && i < ip + 24)
		return p[i + 16];
	if (i >= ip + 24 && i < ip + 40)
		return p[i - 16];
	if (i == ip + 40)
		return 129;
	if (i == ip + 42)
		return (unsigned char)(csum / 256);
	if (i == ip + 43)
		return (unsigned char)(csum % 256);
	return p[i];
}

/*
 * Prove that icmp6_echo_reply() meets the specification. The packet ends where
 * the array "byte" ends, so that CBMC finds each access beyond the packet's
 * end. If the packet fills the array, CBMC also finds each write before the
 * packet. If the packet is shorter, an assertion checks that the bytes before
 * the packet are unchanged.
 */
void prove_reply(void)
{
	struct {
		unsigned char byte[LEN_MAX];
	} old, now = old;
	unsigned int len = nondet_uint(), i = nondet_uint(), want;
	unsigned char mac[6];
	const unsigned char *before;
	unsigned char *packet;
	int got;

	__CPROVER_assume(len <= LEN_MAX);
	before = old.byte + LEN_MAX - len;
	packet = now.byte + LEN_MAX - len;
	want = spec_length(before, len, mac);
	got = icmp6_echo_reply(packet, packet + len, mac);
	__CPROVER_assert((got > 0) == (want > 0),
			 "there is an answer if and only if there must be one");
	__CPROVER_assert(!want || got == (int)want,
			 "the answer has the right length");
	__CPROVER_assert(want || (got < 0 && got > -ICMP6_ECHO_VERDICTS),
			 "if there is no answer, the return value is a reason");
	__CPROVER_assume(i < LEN_MAX);
	if (i < LEN_MAX - len) {
		__CPROVER_assert(now.byte[i] == old.byte[i],
				 "no byte before the packet is changed");
		return;
	}
	i -= LEN_MAX - len;
	__CPROVER_assert(want || packet[i] == before[i],
			 "a packet without an answer is unchanged");
	__CPROVER_assert(!want || packet[i] == spec_byte(before,
							 spec_ip(before, len),
							 i),
			 "if there is an answer, each of its bytes is right");
}

/* Return the ones' complement sum of three words (RFC 1071). */
static unsigned int sum3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int sum = a + b + c;

	sum = sum % 65536 + sum / 65536;
	return sum % 65536 + sum / 65536;
}

/*
 * Prove that the updated checksum is correct with the new word if and only if
 * the old checksum was correct with the old word. The proof is for all values
 * of both words, and for all sums of the other data except 0. In a packet this
 * sum is never 0, because the pseudo-header contains the next header, which is
 * 58. RFC 1071: a checksum is correct if the sum that includes it is 0xffff,
 * which stands for zero.
 */
void prove_update(void)
{
	unsigned short rest = nondet_ushort(), old = nondet_ushort();
	unsigned short new = nondet_ushort(), csum = nondet_ushort();
	unsigned short after = icmp6_echo_csum_update(csum, old, new);

	__CPROVER_assume(rest);
	__CPROVER_assert(
		(sum3(rest, old, csum) == 0xffff) ==
			(sum3(rest, new, after) == 0xffff),
		"the new checksum is right if and only if the old one was");
}
