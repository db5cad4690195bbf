// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test headers/icmp6_echo.h: compare its result for each packet, and every byte
 * of the reply, with those of a second implementation in this file, the oracle.
 *
 * check() puts each packet into two buffers. One buffer is on the heap and ends
 * where the packet ends, so AddressSanitizer detects a read beyond the end. The
 * other buffer is before an inaccessible page, so such a read crashes the test
 * even without a sanitizer; see reply_at_guard() for packets of odd length.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "headers/icmp6_echo.h"
#include "tests/unit/packet.h"

#define BUFFER	    (PACKET_MAX + 64)
#define GUARD_BYTES (2 * 4096)

static const __u8 extensions[] = { 0, 43, 44, 50, 51, 60, 135, 139, 140 };

static bool is_listed(__u8 x, const __u8 *list, size_t n)
{
	return memchr(list, x, n) != NULL;
}

static bool is_tag(__u16 proto)
{
	return proto == 0x8100 || proto == 0x88a8;
}

/* Return true if a request from or to this address gets no answer. */
static bool is_no_host(const __u8 *a)
{
	static const __u8 zero[16];

	if (a[0] == 0xff)
		return true;
	if (!memcmp(a, zero, 10) && a[10] == 0xff && a[11] == 0xff)
		return true;
	return !memcmp(a, zero, 15) && a[15] <= 1;
}

static int expect_message(const __u8 *p, size_t at, size_t n)
{
	const __u8 *ip = p + at;
	size_t length;

	if (n < at + IP6)
		return -ICMP6_ECHO_TRUNCATED;
	if (ip[0] >> 4 != 6)
		return -ICMP6_ECHO_OTHER;
	if (is_listed(ip[IP6_NEXT], extensions, sizeof(extensions)))
		return -ICMP6_ECHO_EXTENSION;
	if (ip[IP6_NEXT] != 58)
		return -ICMP6_ECHO_OTHER;
	length = get16(ip + IP6_LENGTH);
	if (length < ICMP6 || n - at - IP6 < length)
		return -ICMP6_ECHO_TRUNCATED;
	if (ip[ICMP6_TYPE] != 128)
		return -ICMP6_ECHO_OTHER;
	if (p[0] & 1 || p[6] & 1 || is_no_host(ip + IP6_SOURCE) ||
	    is_no_host(ip + IP6_DEST))
		return -ICMP6_ECHO_ADDRESS;
	return (int)(at + IP6 + length);
}

/*
 * The oracle: return the expected result, and turn @p into the expected packet.
 */
static int expect(__u8 *p, size_t n)
{
	size_t at = ETHER;
	__u16 proto;
	int reply;

	if (n < at)
		return -ICMP6_ECHO_TRUNCATED;
	proto = get16(p + 12);
	for (int tags = 0; tags < 2 && is_tag(proto); tags++) {
		at += TAG;
		if (n < at)
			return -ICMP6_ECHO_TRUNCATED;
		proto = get16(p + at - 2);
	}
	if (proto != 0x86dd)
		return -ICMP6_ECHO_OTHER;
	reply = expect_message(p, at, n);
	if (reply > 0)
		packet_expect(p, at);
	return reply;
}

/* Return the address of an inaccessible page that follows writable memory. */
static __u8 *guard_end(void)
{
	static __u8 *pages;

	if (!pages) {
		pages = mmap(NULL, 2 * GUARD_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(pages != MAP_FAILED);
		assert_int_equal(mprotect(pages + GUARD_BYTES, GUARD_BYTES,
					  PROT_NONE),
				 0);
	}
	return pages + GUARD_BYTES;
}

/*
 * Copy the packet to the memory before the inaccessible page, and call
 * icmp6_echo_reply(). The copy starts at an even address, so if its length is
 * odd, it ends one byte before the page.
 */
static int reply_at_guard(__u8 *p, size_t n)
{
	__u8 *start = guard_end() - n - (n & 1);
	int reply;

	memcpy(start, p, n);
	reply = icmp6_echo_reply(start, start + n, icmp6_echo_any_mac);
	memcpy(p, start, n);
	return reply;
}

static int reply_in_heap(__u8 *p, size_t n)
{
	__u8 *copy = malloc(n);
	int reply;

	assert_true(copy || !n);
	memcpy(copy, p, n);
	reply = icmp6_echo_reply(copy, copy + n, icmp6_echo_any_mac);
	memcpy(p, copy, n);
	free(copy);
	return reply;
}

static void dump(const char *what, const __u8 *p, size_t n)
{
	print_error("%s:", what);
	for (size_t i = 0; i < n; i++)
		print_error(i % 16 ? " %02x" : "\n  %02x", p[i]);
	print_error("\n");
}

/*
 * Call icmp6_echo_reply() for the packet in both buffers, and compare the
 * results with the oracle's. Return the result, and leave the reply in @p.
 * @what and @number name the case in the message of a failure.
 */
static int check(__u8 *p, size_t n, const char *what, __u64 number)
{
	__u8 want[BUFFER], twin[BUFFER], before[BUFFER];
	int expected, got[2];

	assert_true(n <= BUFFER);
	memcpy(before, p, n);
	memcpy(want, p, n);
	memcpy(twin, p, n);
	expected = expect(want, n);
	got[0] = reply_in_heap(p, n);
	got[1] = reply_at_guard(twin, n);
	if (got[0] == expected && got[1] == expected && !memcmp(p, want, n) &&
	    !memcmp(twin, want, n))
		return expected;

	dump("packet", before, n);
	dump("expected", want, n);
	dump("got", p, n);
	fail_msg("%s %llu (seed %llu): returned %d and %d, expected %d", what,
		 number, rng_seed(), got[0], got[1], expected);
	return 0;
}

/* Call check(), and check that the result is also @expected. */
#define assert_reply(p, n, expected)                                  \
	do {                                                          \
		int want_ = (int)(expected);                          \
		int reply_ = check(p, n, __func__, __LINE__);         \
                                                                      \
		if (reply_ != want_)                                  \
			fail_msg("line %d: returned %d, expected %d", \
				 __LINE__, reply_, want_);            \
	} while (0)

/*
 * Check the reply to a ping request. The bytes of request and reply were
 * written by hand.
 */
static void test_by_hand(void **state)
{
	static const __u8 request[] = {
		0x02, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x02, 0x00,
		0x00, 0x00, 0x00, 0x0b, 0x86, 0xdd,		/* Ethernet */
		0x6a, 0xbc, 0xde, 0xf1, 0x00, 0x0c, 0x3a, 0xff, /* IPv6 */
		0xfc, 0x00, 0xde, 0xad, 0xca, 0xfe, 0x00, 0x01,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, /* sender */
		0xfc, 0x00, 0xde, 0xad, 0xca, 0xfe, 0x00, 0x01,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, /* receiver */
		0x80, 0x00, 0x84, 0x86, 0x12, 0x34, 0x00, 0x01, /* ICMPv6 */
		0xde, 0xad, 0xbe, 0xef,
	};
	static const __u8 reply[] = {
		0x02, 0x00, 0x00, 0x00, 0x00, 0x0b, 0x02, 0x00, 0x00, 0x00,
		0x00, 0x0a, 0x86, 0xdd, 0x6a, 0xbc, 0xde, 0xf1, 0x00, 0x0c,
		0x3a, 0x40, 0xfc, 0x00, 0xde, 0xad, 0xca, 0xfe, 0x00, 0x01,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xfc, 0x00,
		0xde, 0xad, 0xca, 0xfe, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x02, 0x81, 0x00, 0x83, 0x86, 0x12, 0x34,
		0x00, 0x01, 0xde, 0xad, 0xbe, 0xef,
	};
	__u8 p[sizeof(request)];

	(void)state;
	memcpy(p, request, sizeof(p));
	assert_int_equal(packet_checksum(p + ETHER), 0x8486);
	assert_int_equal(icmp6_echo_reply(p, p + sizeof(p), icmp6_echo_any_mac),
			 sizeof(p));
	assert_memory_equal(p, reply, sizeof(p));
}

/*
 * Make packets with zero to two VLAN tags, and cut them to every length from 0
 * bytes up. Only a whole packet is answered.
 */
static void test_truncated_at_every_length(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 whole[BUFFER], p[BUFFER];

	(void)state;
	for (unsigned int tags = 0; tags <= 2; tags++)
		for (size_t data = 0; data < 9; data++) {
			size_t full = packet_echo(&rng, whole, tags, data);

			for (size_t n = 0; n < full; n++) {
				memcpy(p, whole, n);
				assert_reply(p, n, -ICMP6_ECHO_TRUNCATED);
				assert_memory_equal(p, whole, n);
			}
			memcpy(p, whole, full);
			assert_reply(p, full, full);
		}
}

/*
 * An EtherType other than IPv6 or a VLAN tag makes a packet OTHER, even if the
 * packet ends after this EtherType. A wrong IP version makes a packet OTHER if
 * the packet is long enough for a whole IPv6 header.
 */
static void test_other_is_known_early(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (unsigned int tags = 0; tags <= 2; tags++) {
		size_t at = packet_ip(tags);

		packet_echo(&rng, p, tags, 0);
		put16(p + at - 2, 0x0800);
		for (size_t n = at; n < at + 60; n++)
			assert_reply(p, n, -ICMP6_ECHO_OTHER);
		assert_reply(p, at - 1, -ICMP6_ECHO_TRUNCATED);

		put16(p + at - 2, 0x86dd);
		p[at] = 0x45;
		assert_reply(p, at + IP6, -ICMP6_ECHO_OTHER);
		assert_reply(p, at + IP6 - 1, -ICMP6_ECHO_TRUNCATED);
	}
}

static void test_ether_types(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 proto = 0; proto <= 0xffff; proto++) {
		size_t n = packet_echo(&rng, p, 0, 4);

		if (proto == 0x86dd || is_tag((__u16)proto))
			continue;
		put16(p + 12, (__u16)proto);
		assert_reply(p, n, -ICMP6_ECHO_OTHER);
		n = packet_echo(&rng, p, 2, 4);
		put16(p + 12 + (proto & 1) * TAG, (__u16)proto);
		assert_reply(p, n, -ICMP6_ECHO_OTHER);
	}
}

/*
 * Use one and two VLAN tags of both kinds, in all combinations. The reply has
 * the same tags as the request.
 */
static void test_vlan_tags(void **state)
{
	static const __u16 kinds[] = { 0x8100, 0x88a8 };
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER];

	(void)state;
	for (int i = 0; i < 4; i++)
		for (unsigned int tags = 1; tags <= 2; tags++) {
			size_t n = packet_echo(&rng, p, tags, 5);

			put16(p + 12, kinds[i & 1]);
			if (tags == 2)
				put16(p + 12 + TAG, kinds[i >> 1]);
			memcpy(before, p, n);
			assert_reply(p, n, n);
			assert_memory_equal(p + 12, before + 12,
					    packet_ip(tags) - 12);
		}
}

static void test_three_tags_are_too_many(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER];

	(void)state;
	for (int i = 0; i < 8; i++) {
		size_t n = packet_echo(&rng, p, 3, 12);

		for (int tag = 0; tag < 3; tag++)
			put16(p + 12 + tag * TAG,
			      i >> tag & 1 ? 0x8100 : 0x88a8);
		memcpy(before, p, n);
		assert_reply(p, n, -ICMP6_ECHO_OTHER);
		assert_memory_equal(p, before, n);
	}
	/* The second tag announces a third, but the packet ends before it. */
	assert_reply(p, packet_ip(2), -ICMP6_ECHO_OTHER);
}

static void test_versions(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 version = 0; version < 16; version++) {
		size_t n = packet_echo(&rng, p, version % 3, 8);

		p[packet_ip(version % 3)] &= 0x0f;
		p[packet_ip(version % 3)] |= version << 4;
		assert_reply(p, n, version == 6 ? (int)n : -ICMP6_ECHO_OTHER);
	}
}

static void test_next_headers(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];
	int seen[2] = { 0 };

	(void)state;
	for (__u32 next = 0; next < 256; next++) {
		size_t n = packet_echo(&rng, p, next % 3, 16);
		bool extension =
			is_listed((__u8)next, extensions, sizeof(extensions));

		p[packet_ip(next % 3) + IP6_NEXT] = (__u8)next;
		if (next == 58)
			assert_reply(p, n, n);
		else if (extension)
			assert_reply(p, n, -ICMP6_ECHO_EXTENSION);
		else
			assert_reply(p, n, -ICMP6_ECHO_OTHER);
		seen[extension]++;
	}
	assert_int_equal(seen[true], 9);
	assert_int_equal(seen[false], 247);
}

/*
 * An extension header is recognised even if the packet ends directly after the
 * IPv6 header.
 */
static void test_extension_without_a_message(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (size_t i = 0; i < sizeof(extensions); i++) {
		packet_echo(&rng, p, 0, 0);
		p[ETHER + IP6_NEXT] = extensions[i];
		put16(p + ETHER + IP6_LENGTH, 0);
		assert_reply(p, ETHER + IP6, -ICMP6_ECHO_EXTENSION);
		assert_reply(p, ETHER + IP6 - 1, -ICMP6_ECHO_TRUNCATED);
	}
}

/*
 * Try payload lengths from 0 to 65,535. Do not update the checksum, because it
 * does not change the verdict.
 */
static void test_payload_lengths(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER];

	(void)state;
	for (unsigned int tags = 0; tags <= 2; tags++)
		for (__u32 length = 0; length <= 0xffff;
		     length += length < 200 ? 1 : 61) {
			size_t n = packet_echo(&rng, p, tags, 100);
			size_t at = packet_ip(tags);

			put16(p + at + IP6_LENGTH, (__u16)length);
			memcpy(before, p, n);
			if (length < 8 || length > 108) {
				assert_reply(p, n, -ICMP6_ECHO_TRUNCATED);
				assert_memory_equal(p, before, n);
				continue;
			}
			assert_reply(p, n, at + IP6 + length);
			assert_memory_equal(p + at + IP6 + length,
					    before + at + IP6 + length,
					    108 - length);
		}
}

/* Test payload lengths near the limits, 8 and 20, and very large ones. */
static void test_payload_length_corners(void **state)
{
	static const struct {
		__u16 length;
		int expected;
	} cases[] = {
		{ 0, -ICMP6_ECHO_TRUNCATED },
		{ 7, -ICMP6_ECHO_TRUNCATED },
		{ 8, ETHER + IP6 + 8 },
		{ 9, ETHER + IP6 + 9 },
		{ 19, ETHER + IP6 + 19 },
		{ 20, ETHER + IP6 + 20 },
		{ 21, -ICMP6_ECHO_TRUNCATED },
		{ 0x0800, -ICMP6_ECHO_TRUNCATED },
		{ 0x8000, -ICMP6_ECHO_TRUNCATED },
		{ 0xffd8, -ICMP6_ECHO_TRUNCATED },
		{ 65535, -ICMP6_ECHO_TRUNCATED },
	};
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = packet_echo(&rng, p, 0, 12);

		put16(p + ETHER + IP6_LENGTH, cases[i].length);
		assert_reply(p, n, cases[i].expected);
	}
}

/* Bytes after the end of the IPv6 packet are not sent back. */
static void test_padding_is_not_answered(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER];
	size_t n;

	(void)state;
	for (size_t data = 0; data < 64; data++)
		for (size_t padding = 1; padding < 40; padding++) {
			n = packet_echo(&rng, p, 0, data);
			rng_bytes(&rng, p + n, padding);
			memcpy(before, p, n + padding);
			assert_reply(p, n + padding, n);
			assert_memory_equal(p + n, before + n, padding);
		}
}

static void test_largest_payload(void **state)
{
	size_t n = ETHER + IP6 + 65535;
	struct rng rng = { rng_seed() };
	__u8 *p = malloc(n), *want = malloc(n);

	(void)state;
	assert_non_null(p);
	assert_non_null(want);
	rng_bytes(&rng, p, n);
	packet_echo(&rng, p, 0, 0);
	put16(p + ETHER + IP6_LENGTH, 65535);
	packet_set_checksum(p + ETHER);
	memcpy(want, p, n);
	packet_expect(want, ETHER);
	assert_int_equal(icmp6_echo_reply(p, p + n - 1, icmp6_echo_any_mac),
			 -ICMP6_ECHO_TRUNCATED);
	assert_int_equal(icmp6_echo_reply(p, p + n, icmp6_echo_any_mac), n);
	assert_memory_equal(p, want, n);
	free(want);
	free(p);
}

static void test_types(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 type = 0; type < 256; type++) {
		size_t n = packet_echo(&rng, p, type % 3, 3);

		p[packet_ip(type % 3) + ICMP6_TYPE] = (__u8)type;
		packet_set_checksum(p + packet_ip(type % 3));
		assert_reply(p, n, type == 128 ? (int)n : -ICMP6_ECHO_OTHER);
	}
}

/* A request with any code is answered, and the reply has the same code. */
static void test_codes(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 code = 0; code < 256; code++) {
		size_t n = packet_echo(&rng, p, 0, 3);

		p[ETHER + ICMP6_CODE] = (__u8)code;
		packet_set_checksum(p + ETHER);
		assert_reply(p, n, n);
		assert_int_equal(p[ETHER + ICMP6_CODE], code);
		assert_int_equal(get16(p + ETHER + ICMP6_CSUM),
				 packet_checksum(p + ETHER));
	}
}

static void test_every_data_length(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (size_t data = 0; data <= DATA_MAX; data++) {
		size_t n = packet_echo(&rng, p, data % 3, data);
		const __u8 *ip = p + packet_ip(data % 3);

		assert_reply(p, n, n);
		assert_int_equal(get16(ip + ICMP6_CSUM), packet_checksum(ip));
	}
}

/*
 * Put the address @text into a correct request, at @offset of its IPv6 header.
 * Check that the request is answered if @answered is true, and only then.
 */
static void check_address(const char *text, size_t offset, bool answered)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER];

	for (unsigned int tags = 0; tags <= 2; tags++) {
		size_t n = packet_echo(&rng, p, tags, 10);
		__u8 *ip = p + packet_ip(tags);
		int reply;

		assert_int_equal(inet_pton(AF_INET6, text, ip + offset), 1);
		packet_set_checksum(ip);
		memcpy(before, p, n);
		reply = check(p, n, text, offset);
		if (reply != (answered ? (int)n : -ICMP6_ECHO_ADDRESS))
			fail_msg("%s at %zu: %d", text, offset, reply);
		if (!answered)
			assert_memory_equal(p, before, n);
	}
}

static void test_addresses_without_answer(void **state)
{
	static const char *const texts[] = {
		"::",
		"::1",
		"ff00::",
		"ff02::1",
		"ff02::2",
		"ff02::1:ff00:1",
		"ff05::1:3",
		"ff0e::1",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::ffff:0.0.0.0",
		"::ffff:1.2.3.4",
		"::ffff:10.0.0.1",
		"::ffff:127.0.0.1",
		"::ffff:255.255.255.255",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		check_address(texts[i], IP6_SOURCE, false);
		check_address(texts[i], IP6_DEST, false);
	}
}

/*
 * A request is answered if its source or destination only resembles an address
 * of the previous test.
 */
static void test_addresses_next_to_them(void **state)
{
	static const char *const texts[] = {
		"::2",
		"::3",
		"::100",
		"::101",
		"::1:0",
		"::1:1",
		"::1:0:0",
		"::1:0:0:1",
		"::1:0:0:0:1",
		"0:1::1",
		"1::",
		"1::1",
		"100::1",
		"8000::",
		"::fffe:1.2.3.4",
		"::feff:1.2.3.4",
		"::7fff:1.2.3.4",
		"::ff:1.2.3.4",
		"::ff00:1.2.3.4",
		"::1.2.3.4",
		"::ffff:0:1.2.3.4",
		"::1:ffff:1.2.3.4",
		"1::ffff:1.2.3.4",
		"0:1::ffff:1.2.3.4",
		"0:0:1::ffff:1.2.3.4",
		"0:0:0:1:0:ffff:1.2.3.4",
		"64:ff9b::1.2.3.4",
		"fe80::1",
		"fe80::",
		"febf::1",
		"fec0::1",
		"fc00:dead:cafe:1::1",
		"fd00::1",
		"feff::1",
		"fe00::1",
		"7fff::1",
		"00ff::1",
		"2001:db8::1",
		"2001:db8::",
		"::8000:0:0:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		check_address(texts[i], IP6_SOURCE, true);
		check_address(texts[i], IP6_DEST, true);
	}
}

/* Use the 128 addresses that have one bit set. Only ::1 gets no answer. */
static void test_addresses_of_one_bit(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 bit = 0; bit < 128; bit++)
		for (size_t offset = IP6_SOURCE; offset <= IP6_DEST;
		     offset += 16) {
			size_t n = packet_echo(&rng, p, 1, 10);
			__u8 *a = p + packet_ip(1) + offset;

			memset(a, 0, 16);
			a[bit / 8] = (__u8)(0x80 >> bit % 8);
			packet_set_checksum(p + packet_ip(1));
			assert_reply(p, n,
				     bit == 127 ? -ICMP6_ECHO_ADDRESS : (int)n);
		}
}

static void test_group_macs(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];
	size_t n;

	(void)state;
	for (__u32 first = 0; first < 256; first++)
		for (size_t mac = 0; mac <= 6; mac += 6) {
			n = packet_echo(&rng, p, first % 3, 10);
			p[mac] = (__u8)first;
			assert_reply(p, n,
				     first & 1 ? -ICMP6_ECHO_ADDRESS : (int)n);
		}
	n = packet_echo(&rng, p, 0, 10);
	memset(p, 0xff, 6);
	assert_reply(p, n, -ICMP6_ECHO_ADDRESS);
}

static int reply_as(const __u8 *mac, __u8 *p, size_t n)
{
	return icmp6_echo_reply(p, p + n, mac);
}

/*
 * A request is foreign if its destination MAC address differs from the device's
 * MAC address, even in one bit.
 */
static void test_foreign_macs(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER], mac[6];
	size_t n;

	(void)state;
	for (unsigned int bit = 0; bit < 48; bit++) {
		n = packet_echo(&rng, p, bit % 3, 10);
		p[5] |= 2; /* all zeros would mean any MAC address */
		memcpy(mac, p, 6);
		mac[bit / 8] ^= (__u8)(1 << bit % 8);
		mac[4] |= 1;
		p[4] |= 1;
		if (!memcmp(mac, p, 6))
			continue;
		memcpy(before, p, n);
		assert_int_equal(reply_as(mac, p, n), -ICMP6_ECHO_FOREIGN);
		assert_memory_equal(p, before, n);
		memcpy(mac, p, 6);
		assert_int_equal(reply_as(mac, p, n), n);
		assert_memory_equal(p + 6, mac, 6);
	}
	/* Only requests can be foreign. The verdict on a reply is OTHER. */
	n = packet_echo(&rng, p, 0, 10);
	p[ETHER + ICMP6_TYPE] = 129;
	mac[0] = p[0] ^ 2;
	assert_int_equal(reply_as(mac, p, n), -ICMP6_ECHO_OTHER);
}

/* Fields that must not change stay the same, whatever their value. */
static void test_rest_is_untouched(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER], before[BUFFER];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		unsigned int tags = i % 3;
		size_t n = packet_echo(&rng, p, tags, rng_below(&rng, 100));
		__u8 *ip = p + packet_ip(tags), *old = before + packet_ip(tags);

		memcpy(before, p, n);
		assert_reply(p, n, n);
		assert_memory_equal(p, before + 6, 6);
		assert_memory_equal(p + 6, before, 6);
		assert_memory_equal(p + 12, before + 12, tags * TAG + 2);
		/*
		 * Version, traffic class, flow label, length and next header
		 * are unchanged.
		 */
		assert_memory_equal(ip, old, 7);
		assert_int_equal(ip[IP6_HOPS], 64);
		assert_memory_equal(ip + IP6_SOURCE, old + IP6_DEST, 16);
		assert_memory_equal(ip + IP6_DEST, old + IP6_SOURCE, 16);
		assert_int_equal(ip[ICMP6_TYPE], 129);
		assert_int_equal(ip[ICMP6_CODE], old[ICMP6_CODE]);
		/* Identifier, sequence number and data are unchanged. */
		assert_memory_equal(ip + ICMP6_ID, old + ICMP6_ID,
				    n - packet_ip(tags) - ICMP6_ID);
	}
}

static void test_hop_limits(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 hops = 0; hops < 256; hops++) {
		size_t n = packet_echo(&rng, p, 0, 10);

		p[ETHER + IP6_HOPS] = (__u8)hops;
		assert_reply(p, n, n);
		assert_int_equal(p[ETHER + IP6_HOPS], 64);
	}
}

static void test_checksum_at_random(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 i = 0; i < 100000; i++) {
		__u32 most = i % 64 ? 80 : DATA_MAX;
		size_t n = packet_echo(&rng, p, i % 3, rng_below(&rng, most));
		const __u8 *ip = p + packet_ip(i % 3);

		assert_int_equal(icmp6_echo_reply(p, p + n, icmp6_echo_any_mac),
				 n);
		if (get16(ip + ICMP6_CSUM) != packet_checksum(ip))
			fail_msg("packet %u, seed %llu: %04x, not %04x", i,
				 rng_seed(), get16(ip + ICMP6_CSUM),
				 packet_checksum(ip));
	}
}

/*
 * Give a data word each possible value, and update the request's checksum. The
 * reply's checksum must be correct, too.
 */
static void test_every_right_checksum(void **state)
{
	static bool seen[65536];
	struct rng rng = { rng_seed() };
	__u8 whole[BUFFER], p[BUFFER];
	size_t n = packet_echo(&rng, whole, 0, 2);
	__u32 different = 0;

	(void)state;
	for (__u32 word = 0; word <= 0xffff; word++) {
		put16(whole + ETHER + ICMP6_DATA, (__u16)word);
		packet_set_checksum(whole + ETHER);
		different += !seen[get16(whole + ETHER + ICMP6_CSUM)];
		seen[get16(whole + ETHER + ICMP6_CSUM)] = true;
		memcpy(p, whole, n);
		assert_reply(p, n, n);
		assert_int_equal(get16(p + ETHER + ICMP6_CSUM),
				 packet_checksum(p + ETHER));
	}
	/*
	 * The request's checksum took all values except 0xffff. It would be
	 * 0xffff only if the sum were 0, and a one's complement sum is 0 only
	 * if all words are 0.
	 */
	assert_int_equal(different, 65535);
	assert_false(seen[0xffff]);
}

/*
 * If the checksum of a request is wrong, the checksum of the reply is wrong by
 * the same difference. So no wrong checksum becomes correct.
 */
static void test_every_wrong_checksum(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 whole[BUFFER], p[BUFFER];
	size_t n = packet_echo(&rng, whole, 0, 13);
	__u16 right = packet_checksum(whole + ETHER);

	(void)state;
	for (__u32 csum = 0; csum <= 0xffff; csum++) {
		put16(whole + ETHER + ICMP6_CSUM, (__u16)csum);
		memcpy(p, whole, n);
		assert_reply(p, n, n);
		if (csum % 65535 == right)
			assert_int_equal(get16(p + ETHER + ICMP6_CSUM),
					 packet_checksum(p + ETHER));
		else
			assert_int_not_equal(get16(p + ETHER + ICMP6_CSUM),
					     packet_checksum(p + ETHER));
	}
}

/*
 * In one's complement 0x0000 and 0xffff are the same number. So if a request's
 * checksum must be zero, either value in the request gives the right reply.
 */
static void test_checksum_of_zero(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];
	size_t n = packet_echo(&rng, p, 0, 2);
	__u8 *ip = p + ETHER;

	(void)state;
	put16(ip + ICMP6_DATA, 0);
	put16(ip + ICMP6_DATA, packet_checksum(ip));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(packet_checksum(ip), 0);
		put16(ip + ICMP6_CSUM, i ? 0xffff : 0);
		assert_reply(p, n, n);
		assert_int_equal(get16(ip + ICMP6_CSUM), 0xfeff);
		assert_int_equal(packet_checksum(ip), 0xfeff);
		ip[ICMP6_TYPE] = 128;
	}
}

/* A reply's checksum of zero is written as 0x0000, not as 0xffff. */
static void test_checksum_becomes_zero(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];
	size_t n = packet_echo(&rng, p, 0, 2);
	__u8 *ip = p + ETHER;

	(void)state;
	put16(ip + ICMP6_DATA, 0);
	ip[ICMP6_TYPE] = 129;
	put16(ip + ICMP6_DATA, packet_checksum(ip));
	ip[ICMP6_TYPE] = 128;
	packet_set_checksum(ip);
	assert_int_equal(get16(ip + ICMP6_CSUM), 0x0100);
	assert_reply(p, n, n);
	assert_int_equal(get16(ip + ICMP6_CSUM), 0);
}

/* A reply is not a request, so it gets no answer. */
static void test_reply_is_not_answered(void **state)
{
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];
	size_t n = packet_echo(&rng, p, 2, 20);

	(void)state;
	assert_reply(p, n, n);
	assert_reply(p, n, -ICMP6_ECHO_OTHER);
}

/* Return a random byte. Prefer values that have a meaning in a header. */
static __u8 telling_byte(struct rng *rng)
{
	static const __u8 bytes[] = { 0,    1,	  2,	6,    7,    8,	  58,
				      0x60, 0x45, 0x81, 0x86, 0x88, 0xa8, 0xdd,
				      128,  129,  0xfe, 0xff, 43,   44,	  60 };

	if (rng_below(rng, 3))
		return bytes[rng_below(rng, sizeof(bytes))];
	return (__u8)rng_next(rng);
}

static void set_telling_address(struct rng *rng, __u8 *a)
{
	memset(a, 0, 16);
	switch (rng_below(rng, 4)) {
	case 0:
		a[15] = (__u8)rng_below(rng, 3);
		break;
	case 1:
		a[10] = 0xff - !rng_below(rng, 4);
		a[11] = 0xff - !rng_below(rng, 4);
		rng_bytes(rng, a + 12, 4);
		a[rng_below(rng, 10)] = !rng_below(rng, 4);
		break;
	case 2:
		a[0] = 0xff;
		rng_bytes(rng, a + 1, 15);
		break;
	default:
		a[rng_below(rng, 16)] = telling_byte(rng);
	}
}

/* Damage a packet in one of eight ways. Return its new length. */
static size_t mutate(struct rng *rng, __u8 *p, size_t at, size_t n)
{
	size_t more;

	switch (rng_below(rng, 8)) {
	case 0:
		return rng_below(rng, (__u32)n + 1);
	case 1:
		more = rng_below(rng, 32);
		rng_bytes(rng, p + n, more);
		return n + more;
	case 2:
		if (n >= at + IP6)
			set_telling_address(rng,
					    p + at + IP6_SOURCE +
						    16 * rng_below(rng, 2));
		return n;
	case 3:
		if (n >= at + IP6)
			put16(p + at + IP6_LENGTH,
			      (__u16)(n - at - IP6 + 2 - rng_below(rng, 5)));
		return n;
	case 4:
		if (n >= at + IP6)
			p[at + IP6_NEXT] =
				extensions[rng_below(rng, sizeof(extensions))];
		return n;
	case 5:
		if (n)
			p[rng_below(rng, (__u32)n)] ^= 1 << rng_below(rng, 8);
		return n;
	case 6:
		if (n >= at + IP6)
			p[at + rng_below(rng, IP6)] = telling_byte(rng);
		return n;
	default:
		if (n)
			p[rng_below(rng, (__u32)(n < at ? n : at))] =
				telling_byte(rng);
		return n;
	}
}

/*
 * Make a packet of random bytes. Give about half of the packets the EtherType
 * of IPv6 or of a VLAN tag. Independently, give about half of the packets IP
 * version 6.
 */
static size_t garbage(struct rng *rng, __u8 *p)
{
	size_t n = rng_below(rng, 120);

	rng_bytes(rng, p, n);
	if (n >= 14 && rng_below(rng, 2))
		put16(p + 12, rng_below(rng, 2) ? 0x86dd : 0x8100);
	if (n >= 15 && rng_below(rng, 2))
		p[14] = 0x60;
	return n;
}

/* Check a million random packets. */
static void test_mutants_and_garbage(void **state)
{
	__u32 seen[ICMP6_ECHO_VERDICTS] = { 0 };
	struct rng rng = { rng_seed() };
	__u8 p[BUFFER];

	(void)state;
	for (__u32 i = 0; i < 1000000; i++) {
		unsigned int tags = rng_below(&rng, 3);
		size_t n;
		int reply;

		if (rng_below(&rng, 8)) {
			n = packet_echo(&rng, p, tags, rng_below(&rng, 24));
			for (__u32 m = rng_below(&rng, 4); m; m--)
				n = mutate(&rng, p, packet_ip(tags), n);
		} else {
			n = garbage(&rng, p);
		}
		reply = check(p, n, "random packet", i);
		seen[reply < 0 ? -reply : ICMP6_ECHO_ANSWERED]++;
	}
	/*
	 * Each verdict must have occurred often. FOREIGN cannot occur, because
	 * any MAC address is accepted here.
	 */
	for (int i = 0; i < ICMP6_ECHO_VERDICTS; i++)
		if (i != ICMP6_ECHO_FOREIGN && seen[i] < 10000)
			fail_msg("verdict %d occurred only %u times", i,
				 seen[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_truncated_at_every_length),
		cmocka_unit_test(test_other_is_known_early),
		cmocka_unit_test(test_ether_types),
		cmocka_unit_test(test_vlan_tags),
		cmocka_unit_test(test_three_tags_are_too_many),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_next_headers),
		cmocka_unit_test(test_extension_without_a_message),
		cmocka_unit_test(test_payload_lengths),
		cmocka_unit_test(test_payload_length_corners),
		cmocka_unit_test(test_padding_is_not_answered),
		cmocka_unit_test(test_largest_payload),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_every_data_length),
		cmocka_unit_test(test_addresses_without_answer),
		cmocka_unit_test(test_addresses_next_to_them),
		cmocka_unit_test(test_addresses_of_one_bit),
		cmocka_unit_test(test_group_macs),
		cmocka_unit_test(test_foreign_macs),
		cmocka_unit_test(test_rest_is_untouched),
		cmocka_unit_test(test_hop_limits),
		cmocka_unit_test(test_checksum_at_random),
		cmocka_unit_test(test_every_right_checksum),
		cmocka_unit_test(test_every_wrong_checksum),
		cmocka_unit_test(test_checksum_of_zero),
		cmocka_unit_test(test_checksum_becomes_zero),
		cmocka_unit_test(test_reply_is_not_answered),
		cmocka_unit_test(test_mutants_and_garbage),
	};

	return cmocka_run_group_tests_name("icmp6_echo", tests, NULL, NULL);
}
