// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Step 9: send datagrams to the subject, a process that calls the learner's
 * udp_echo_reply(), and judge its answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "packet.h"
#include "subject.h"
#include "talk.h"

#define UDP_LEN	    8
#define CHECKSUM_AT (ETH_HLEN + 40 + 6)

/* --- calls and messages --------------------------------------------------- */

static int call(struct packet *p, const char *name)
{
	struct subject_answer a;

	subject_give(&p->len, sizeof(p->len));
	subject_give(p->byte, (size_t)p->len);
	subject_take(&a, sizeof(a));
	if (a.kind == SUBJECT_FAULT) {
		printf("%s\nexpected: no read or write after byte %d, the packet's last byte\n",
		       name, p->len - 1);
		if (a.offset < 0 || a.offset > 2 * PACKET_MAX)
			puts("came:     an access far away from the packet");
		else
			printf("came:     a %s of %d bytes at byte %ld: check the length first\n",
			       a.is_write ? "write" : "read", a.size, a.offset);
		exit(1);
	}
	subject_take(p->byte, (size_t)p->len);
	return a.returned;
}

/* A reply's fields except the checksum, in the order of their bytes. */
static const struct {
	const char *name;
	int at, len;
	const char *why;
} fields[] = {
	{ "destination MAC address", 0, 6, "swap the MAC addresses" },
	{ "source MAC address", 6, 6, "swap the MAC addresses" },
	{ "Ethernet type", 12, 2, "a reply keeps the type" },
	{ "version, class, flow label, payload length", 14, 6,
	  "a reply keeps these fields" },
	{ "next header", 20, 1, "a reply keeps the next header" },
	{ "hop limit", 21, 1, "a reply's hop limit starts at 64" },
	{ "source address", 22, 16, "swap whole addresses" },
	{ "destination address", 38, 16, "swap whole addresses" },
	{ "source port", 54, 2, "swap the ports: the reply comes from port 7" },
	{ "destination port", 56, 2,
	  "swap the ports: the reply goes to the request's source port" },
	{ "UDP's length", 58, 2, "a reply keeps the length" },
	{ "data", 62, PACKET_MAX - 62, "a reply keeps the data" },
};

/* Compare these fields. check_udp_checksum() judges the checksum. */
static int compare_fields(const struct packet *right, const struct packet *came)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		int at = fields[i].at, len = fields[i].len;

		if (len > right->len - at)
			len = right->len - at;
		while (len > 0 && right->byte[at] == came->byte[at]) {
			at++;
			len--;
		}
		if (len <= 0)
			continue;
		printf("%s\nexpected: byte %d is %02x\ncame:     %02x: %s\n",
		       fields[i].name, at, right->byte[at], came->byte[at],
		       fields[i].why);
		return 1;
	}
	return 0;
}

static const char *why_length(const struct packet *asked, int right, int came)
{
	if (came <= 0)
		return "Answer a datagram to port 7 if it is complete and does not come from port 7.";
	if (came == asked->len)
		return "The reply ends where UDP's length says. In a request more bytes may follow.";
	if (came == right - 40 || came == right - ETH_HLEN ||
	    came == right - ETH_HLEN - 40)
		return "Count the bytes of all headers, too, from the first byte of the Ethernet header.";
	return "Return the length of the Ethernet and IPv6 headers plus UDP's length, which includes the UDP header.";
}

static int answer(const struct packet *asked, struct packet *came,
		  const char *name)
{
	struct packet right = datagram_reply(asked);
	int returned;

	*came = *asked;
	returned = call(came, name);
	if (returned == right.len)
		return 0;
	printf("%s\nexpected: udp_echo_reply() returns %d\ncame:     %d\n%s\n",
	       name, right.len, returned,
	       why_length(asked, right.len, returned));
	return 1;
}

static int expect_reply(const struct packet *asked, const char *name)
{
	struct packet right = datagram_reply(asked), came;

	if (answer(asked, &came, name))
		return 1;
	if (!compare_fields(&right, &came))
		return 0;
	puts(name);
	return 1;
}

static int expect_nothing(const struct packet *asked, const char *name)
{
	struct packet came = *asked;
	int returned = call(&came, name);

	if (returned > 0)
		printf("%s\nexpected: no reply, so udp_echo_reply() returns 0\ncame:     %d\n",
		       name, returned);
	else if (returned < 0)
		printf("%s\nexpected: udp_echo_reply() returns 0\ncame:     %d\n",
		       name, returned);
	else if (memcmp(came.byte, asked->byte, (size_t)asked->len))
		printf("%s\nexpected: the packet is not changed\ncame:     the packet was changed: change it only after all checks\n",
		       name);
	else
		return 0;
	return 1;
}

/*
 * Change 16 bits of a datagram, and expect no answer. The change can make the
 * checksum wrong, but udp_echo_reply() does not verify the checksum, so the
 * change itself must be the reason.
 */
static int mute(int at, unsigned int value, const char *name)
{
	struct packet p = datagram(DATA);

	put16(p.byte + at, value);
	return expect_nothing(&p, name);
}

static int mute_byte(int at, int value, const char *name)
{
	struct packet p = datagram(DATA);

	p.byte[at] = (unsigned char)value;
	return expect_nothing(&p, name);
}

/* --- checks --------------------------------------------------------------- */

int check_udp(void)
{
	static const int sizes[] = { 56, 0, 1, 13, 1452 };
	static const unsigned int ports[] = { 1, 6, 8, 53, 0x0700, 0xffff };
	struct packet p;

	for (int i = 0; i < 5; i++) {
		char name[80];

		p = datagram(sizes[i]);
		snprintf(name, sizeof(name),
			 "a datagram to port 7 with %d bytes of data",
			 sizes[i]);
		if (expect_reply(&p, name))
			return 1;
	}
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		char name[80];

		p = datagram(DATA);
		put16(p.byte + 54, ports[i]);
		snprintf(name, sizeof(name), "a datagram from port %u",
			 ports[i]);
		if (expect_reply(&p, name))
			return 1;
	}
	p = datagram(0);
	p.len += 6;
	if (expect_reply(&p, "a datagram with 6 bytes after its end"))
		return 1;
	p = datagram(DATA);
	p.byte[14] = 0x6e;
	if (expect_reply(&p, "a datagram whose traffic class is not 0"))
		return 1;
	/*
	 * The lab's addresses differ in only one byte, so also try addresses
	 * that differ in every byte.
	 */
	p = datagram(DATA);
	for (int i = 0; i < 6; i++)
		p.byte[6 + i] ^= 0x50;
	for (int i = 0; i < 16; i++)
		p.byte[22 + i] ^= 0x70;
	return expect_reply(&p,
			    "a datagram whose addresses differ in every byte");
}

int check_udp_truncated(void)
{
	static const unsigned int lengths[] = { 0,	  1,	    7,	   8,
						DATA + 7, DATA + 9, 0xffff };
	struct packet p = datagram(DATA);
	char name[100];

	for (p.len--; p.len > 0; p.len--) {
		snprintf(name, sizeof(name),
			 "the first %d of a datagram's %d bytes", p.len,
			 ETH_HLEN + 40 + UDP_LEN + DATA);
		if (expect_nothing(&p, name))
			return 1;
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		snprintf(name, sizeof(name),
			 "payload length %d, and UDP's length %u: they differ",
			 UDP_LEN + DATA, lengths[i]);
		if (mute(58, lengths[i], name))
			return 1;
		snprintf(name, sizeof(name),
			 "UDP's length %d, and payload length %u: they differ",
			 UDP_LEN + DATA, lengths[i]);
		if (mute(18, lengths[i], name))
			return 1;
	}
	for (unsigned int len = 0; len < UDP_LEN; len++) {
		p = datagram(DATA);
		put16(p.byte + 18, len);
		put16(p.byte + 58, len);
		snprintf(
			name, sizeof(name),
			"payload length and UDP's length are %u: less than UDP's header",
			len);
		if (expect_nothing(&p, name))
			return 1;
	}
	p = datagram(DATA);
	put16(p.byte + 18, UDP_LEN + DATA + 1);
	put16(p.byte + 58, UDP_LEN + DATA + 1);
	if (expect_nothing(
		    &p,
		    "payload length and UDP's length are 1 byte more than the datagram has"))
		return 1;
	put16(p.byte + 18, 0xffff);
	put16(p.byte + 58, 0xffff);
	return expect_nothing(&p, "payload length and UDP's length are 65535");
}

int check_udp_mute(void)
{
	struct packet p = datagram(DATA), none = p;

	put16(none.byte + CHECKSUM_AT, 0);
	memset(p.byte + 22, 0, 16);
	return mute(56, 8, "a datagram to port 8") ||
	       mute(56, 0x0700,
		    "a datagram to port 1792: ports are in network byte order") ||
	       mute(54, 7,
		    "a datagram to port 7 from port 7: two echo servers would answer each other for ever") ||
	       mute(54, 0, "a datagram from port 0, which means \"no port\"") ||
	       mute(38, 0xff02, "a datagram to a group, ff00::/8") ||
	       mute(22, 0xff02, "a datagram from a group") ||
	       expect_nothing(&p, "a datagram from ::") ||
	       mute_byte(0, 0x33, "a datagram to a group's MAC address") ||
	       mute_byte(6, 0x33, "a datagram from a group's MAC address") ||
	       mute_byte(5, 9, "a datagram to another device's MAC address") ||
	       mute_byte(20, 6, "next header 6: TCP") ||
	       mute_byte(20, 44, "next header 44: a fragment") ||
	       mute_byte(14, 0x45, "an IPv6 header whose version is 4") ||
	       mute_byte(12, 8, "not IPv6: Ethernet type 08dd") ||
	       mute(12, ETH_P_8021Q, "not IPv6: Ethernet type 8100") ||
	       expect_nothing(
		       &none,
		       "a datagram without a checksum: over IPv6 it is invalid (RFC 8200, section 8.1)");
}

/* Return the likely reason for a wrong checksum. */
static const char *why_sum(const struct packet *asked,
			   const struct packet *right, unsigned int came)
{
	unsigned int wanted = get16(right->byte + CHECKSUM_AT);
	unsigned int len = get16(right->byte + 58);
	/* The learner's checksum minus the right checksum, modulo 65,535. */
	unsigned int off = (came + 0xffff - wanted) % 0xffff;

	if (!came)
		return wanted == 0xffff
			       ? "0 stands for no checksum, which IPv6 does not allow: send the result 0 as 0xffff"
			       : "the checksum was not computed";
	if (came == get16(asked->byte + CHECKSUM_AT))
		return "it is the request's checksum, which may be incomplete because some senders leave it to the device: compute the reply's checksum from all the data";
	if (came == (wanted >> 8 | (wanted & 0xff) << 8))
		return "the value is right, but its bytes are swapped: use network byte order";
	if (came == (~wanted & 0xffff))
		return "it is the sum, but the checksum is the complement of the sum";
	if (off == 1 || off == 2 || off == 0xffff - 1 || off == 0xffff - 2)
		return "a carry is lost: add the bits above bit 15 to the lower 16 bits, twice";
	if (off == 17)
		return "the sum lacks the pseudo-header's next header, 17";
	if (off == len)
		return "the sum lacks the UDP length of the pseudo-header";
	if (off == len + 17)
		return "the sum lacks the UDP length and the next header of the pseudo-header";
	if (off == 0xffff - get16(asked->byte + CHECKSUM_AT) % 0xffff)
		return "the checksum field itself is in the sum: add this field as 0";
	if (len % 2)
		return "UDP's length is odd: add the last byte as the high byte of a word whose low byte is 0, and do not add the byte after the data";
	return "the checksum is the complement of the sum over both addresses, UDP's length, the next header 17, UDP's header and all the data, as 16-bit words in network byte order";
}

/*
 * Give the request a wrong checksum, so that the reply's checksum cannot be
 * derived from the request's. Check the reply's checksum.
 */
static int expect_checksum(struct packet *asked, const char *name)
{
	struct packet came, right;

	put16(asked->byte + CHECKSUM_AT, 0x1357);
	right = datagram_reply(asked);
	if (answer(asked, &came, name))
		return 1;
	/*
	 * Compare only the checksum: mistakes in other fields must not count
	 * here.
	 */
	if (!memcmp(came.byte + CHECKSUM_AT, right.byte + CHECKSUM_AT, 2))
		return 0;
	printf("%s\nexpected: checksum %04x\ncame:     %04x: %s\n", name,
	       get16(right.byte + CHECKSUM_AT), get16(came.byte + CHECKSUM_AT),
	       why_sum(asked, &right, get16(came.byte + CHECKSUM_AT)));
	return 1;
}

int check_udp_checksum(void)
{
	static const int sizes[] = { 56, 0, 1, 2, 3, 63, 1451, 1452, 1900 };
	struct packet p;
	char name[80];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		p = datagram(sizes[i]);
		snprintf(name, sizeof(name), "a datagram with %d bytes of data",
			 sizes[i]);
		if (expect_checksum(&p, name))
			return 1;
		memset(p.byte + CHECKSUM_AT + 2, 0xff, (size_t)sizes[i]);
		snprintf(name, sizeof(name), "%d bytes of data, all of them ff",
			 sizes[i]);
		if (expect_checksum(&p, name))
			return 1;
	}
	/* Try an odd number of data bytes, and bytes after the datagram. */
	p = datagram(5);
	p.len += 4;
	memset(p.byte + p.len - 4, 0xee, 4);
	if (expect_checksum(&p, "5 bytes of data, and 4 bytes after the end"))
		return 1;
	/* The 65,536 values of two bytes of data yield all checksums. */
	for (unsigned int i = 0; i < 65536; i++) {
		p = datagram(2);
		put16(p.byte + CHECKSUM_AT + 2, i);
		snprintf(name, sizeof(name), "data %04x", i);
		if (expect_checksum(&p, name))
			return 1;
	}
	return 0;
}
