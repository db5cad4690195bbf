// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer target: give arbitrary bytes, as a packet, to the two functions
 * that read packets, icmp6_echo_reply() and sample_is_wrong() in
 * common/sample.c.
 *
 * Derive the expected result from RFC 4443, 8200 and 4291, and from the
 * program's documentation, but not from headers/icmp6_echo.h. Collect all
 * reasons not to answer, because icmp6_echo_reply() may return any of them.
 * Build the reply from the request's fields. The packet ends where its memory
 * ends, so that AddressSanitizer detects each read beyond the packet.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/sample.c"
#include "headers/icmp6_echo.h"
#include "tests/unit/packet.h"

#define MARGIN 256 /* bytes of XDP's headroom */
#define CANARY 0xa5

int LLVMFuzzerTestOneInput(const uint8_t *packet, size_t n);
size_t LLVMFuzzerMutate(uint8_t *p, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max,
			       unsigned int seed);

/* --- the expected result of a packet -------------------------------------- */

struct fate {
	unsigned int why_not; /* one bit for each reason not to answer */
	size_t at;	      /* offset of the IPv6 header */
	size_t length;	      /* length of the reply */
};

#define BECAUSE(verdict) (1U << (verdict))

static bool is_listed(__u8 x, const __u8 *list, size_t n)
{
	return memchr(list, x, n) != NULL;
}

static bool is_within(const __u8 *address, const char *prefix, int bits)
{
	__u8 wanted[16];

	if (inet_pton(AF_INET6, prefix, wanted) != 1)
		abort();
	for (int i = 0; i < bits; i++)
		if ((address[i / 8] ^ wanted[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

/*
 * Return true if no host can have this address on a network (RFC 4291, sections
 * 2.5.2, 2.5.3, 2.5.5.2 and 2.7).
 */
static bool is_nobodys(const __u8 *address)
{
	return is_within(address, "::", 128) ||
	       is_within(address, "::1", 128) ||
	       is_within(address, "::ffff:0:0", 96) ||
	       is_within(address, "ff00::", 8);
}

/*
 * Return true if the packet has an IPv6 header, and set fate->at. Otherwise set
 * fate->why_not.
 */
static bool find_ip(const __u8 *p, size_t n, struct fate *fate)
{
	for (int tags = 0; n >= packet_ip(tags); tags++) {
		__u16 type = get16(p + packet_ip(tags) - 2);

		fate->at = packet_ip(tags);
		if (type == 0x86dd && n >= fate->at + IP6)
			return true;
		if (type == 0x86dd)
			break;
		if (tags == 2 || (type != 0x8100 && type != 0x88a8)) {
			fate->why_not = BECAUSE(ICMP6_ECHO_OTHER);
			return false;
		}
	}
	fate->why_not = BECAUSE(ICMP6_ECHO_TRUNCATED);
	return false;
}

static bool is_addressed(const __u8 *p, const __u8 *mac)
{
	return !memcmp(p, mac, 6) || !memcmp(mac, icmp6_echo_any_mac, 6);
}

/*
 * Collect all faults of a packet, because icmp6_echo_reply() may report any one
 * of them. Check addresses only if the packet is a complete echo request. The
 * rules are in RFC 4443, sections 2.3, 4.1 and 4.2.
 */
static struct fate decide(const __u8 *p, size_t n, const __u8 *mac)
{
	/*
	 * IANA's list of IPv6 extension header types, without the
	 * experimental types.
	 */
	static const __u8 extensions[] = {
		0, 43, 44, 50, 51, 60, 135, 139, 140
	};
	struct fate fate = { 0 };
	size_t present, said;
	const __u8 *ip;

	if (!find_ip(p, n, &fate))
		return fate;
	ip = p + fate.at;
	present = n - fate.at - IP6;
	said = get16(ip + IP6_LENGTH);
	if (ip[0] >> 4 != 6) {
		fate.why_not = BECAUSE(ICMP6_ECHO_OTHER);
		return fate;
	}
	if (said > present || (said < ICMP6 && ip[IP6_NEXT] == 58))
		fate.why_not |= BECAUSE(ICMP6_ECHO_TRUNCATED);
	if (is_listed(ip[IP6_NEXT], extensions, sizeof(extensions)))
		fate.why_not |= BECAUSE(ICMP6_ECHO_EXTENSION);
	else if (ip[IP6_NEXT] != 58 || (said && present && ip[IP6] != 128))
		fate.why_not |= BECAUSE(ICMP6_ECHO_OTHER);
	if (!fate.why_not &&
	    (p[0] & 1 || p[6] & 1 || is_nobodys(ip + IP6_SOURCE) ||
	     is_nobodys(ip + IP6_DEST)))
		fate.why_not = BECAUSE(ICMP6_ECHO_ADDRESS);
	if (!fate.why_not && !is_addressed(p, mac))
		fate.why_not = BECAUSE(ICMP6_ECHO_FOREIGN);
	fate.length = fate.at + IP6 + said;
	return fate;
}

/*
 * Return the one's complement sum of RFC 8200, section 8.1, over the
 * pseudo-header and the message, including the checksum. Return 0 instead of
 * 0xffff, because both numbers stand for zero. The sum is 0 if the checksum is
 * correct.
 */
static __u32 sum_of(const __u8 *ip)
{
	size_t length = get16(ip + IP6_LENGTH);
	__u64 sum = length + 58;

	for (size_t i = IP6_SOURCE; i < IP6 + length; i++)
		sum += (__u64)ip[i] << (i % 2 ? 0 : 8);
	return (__u32)(sum % 0xffff);
}

/*
 * Make @reply the answer to @p. A correct checksum stays correct, and a wrong
 * checksum stays wrong by the same difference.
 */
static void reply_to(const __u8 *p, const struct fate *fate, __u8 *reply)
{
	const __u8 *asked = p + fate->at;
	__u8 *ip = reply + fate->at;

	memcpy(reply, p + 6, 6);
	memcpy(reply + 6, p, 6);
	memcpy(ip + IP6_SOURCE, asked + IP6_DEST, 16);
	memcpy(ip + IP6_DEST, asked + IP6_SOURCE, 16);
	ip[IP6_HOPS] = 64;
	ip[ICMP6_TYPE] = 129;
	put16(ip + ICMP6_CSUM, 0);
	put16(ip + ICMP6_CSUM,
	      (__u16)((sum_of(asked) + 0xffff - sum_of(ip)) % 0xffff));
}

/* --- comparing the result ------------------------------------------------- */

static void dump(const char *what, const __u8 *p, size_t n)
{
	fprintf(stderr, "%s: %zu bytes", what, n);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, i % 16 ? " %02x" : "\n%02x", p[i]);
	fputc('\n', stderr);
}

static void differ(const __u8 *want, const __u8 *got, size_t n,
		   const struct fate *fate, int returned)
{
	fprintf(stderr,
		"\nicmp6_echo_reply() returned %d; expected: ", returned);
	if (fate->why_not)
		fprintf(stderr, "-N, where bit N of %#x is 1\n", fate->why_not);
	else
		fprintf(stderr, "%zu\n", fate->length);
	dump("expected", want, n);
	dump("got", got, n);
	abort();
}

static bool is_right(int returned, const struct fate *fate)
{
	if (!fate->why_not)
		return returned > 0 && (size_t)returned == fate->length;
	return returned < 0 && returned > -ICMP6_ECHO_VERDICTS &&
	       fate->why_not & BECAUSE(-returned);
}

/*
 * Check that sample_is_wrong() returns true if an answer's checksum is wrong,
 * and false otherwise.
 */
static void try_sample(const __u8 *reply, const struct fate *fate)
{
	bool is_wrong = sum_of(reply + fate->at);

	if (sample_is_wrong(reply, (__u32)fate->length) == is_wrong)
		return;
	fprintf(stderr, "\nsample_is_wrong() returned %d; expected: %d\n",
		!is_wrong, is_wrong);
	dump("answer", reply, fate->length);
	abort();
}

/*
 * Copy the packet to the end of new memory, with @margin bytes before it. Call
 * sample_is_wrong() and icmp6_echo_reply() for this copy. Check the reply, and
 * that sample_is_wrong() judges the reply correctly.
 */
static void try(const __u8 *packet, size_t n, size_t margin, const __u8 *want,
		const struct fate *fate, const __u8 *mac)
{
	__u8 *memory = malloc(margin + n);
	__u8 *p = memory + margin;
	int returned;

	if (!memory)
		abort();
	memset(memory, CANARY, margin);
	memcpy(p, packet, n);
	(void)sample_is_wrong(p, (__u32)n); /* it may read only the packet */
	returned = icmp6_echo_reply(p, p + n, mac);
	if (!is_right(returned, fate) || memcmp(p, want, n))
		differ(want, p, n, fate, returned);
	for (size_t i = 0; i < margin; i++)
		if (memory[i] != CANARY)
			differ(want, p, n, fate, returned);
	if (!fate->why_not)
		try_sample(p, fate);
	free(memory);
}

static void try_for(const __u8 *packet, size_t n, const __u8 *mac)
{
	struct fate fate = decide(packet, n, mac);
	__u8 *want = malloc(n + !n);

	if (!want)
		abort();
	memcpy(want, packet, n);
	if (!fate.why_not)
		reply_to(packet, &fate, want);
	try(packet, n, 0, want, &fate, mac);
	try(packet, n, MARGIN + 2, want, &fate, mac);
	free(want);
}

/*
 * Try the packet on three devices: a device that accepts any MAC address, a
 * device with the packet's destination MAC address, and a device whose MAC
 * address differs from the destination in one bit.
 */
int LLVMFuzzerTestOneInput(const uint8_t *packet, size_t n)
{
	__u8 mac[6] = { 2 };

	memcpy(mac, packet, n < 6 ? n : 6);
	try_for(packet, n, icmp6_echo_any_mac);
	try_for(packet, n, mac);
	mac[n % 6] ^= 1 << n / 6 % 8;
	try_for(packet, n, mac);
	return 0;
}

/* --- mutations ------------------------------------------------------------ */

/*
 * Let libFuzzer mutate the packet. Then repair fields that are rarely correct
 * by chance. Repair each field only in some of the packets.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max,
			       unsigned int seed)
{
	struct rng rng = { seed };
	unsigned int repair = (unsigned int)rng_next(&rng);
	size_t at = packet_ip(rng_below(&rng, 4));

	n = LLVMFuzzerMutate(p, n, max);
	if (n < at + IP6 + ICMP6 || repair & 1)
		return n;
	for (size_t tag = 12; tag < at - 2; tag += TAG)
		if (repair & 2)
			put16(p + tag, tag & 4 ? 0x8100 : 0x88a8);
	if (repair & 4)
		put16(p + at - 2, 0x86dd);
	if (repair & 8)
		p[at] = 0x60 | (p[at] & 0x0f);
	if (repair & 0x10)
		p[at + IP6_NEXT] = 58;
	if (repair & 0x20)
		p[at + ICMP6_TYPE] = repair & 0x700 ? 128 : 129;
	if (repair & 0x40)
		put16(p + at + IP6_LENGTH, (__u16)(n - at - IP6));
	if (repair & 0x80 && get16(p + at + IP6_LENGTH) == n - at - IP6)
		packet_set_checksum(p + at);
	return n;
}
