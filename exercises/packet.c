// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "packet.h"

#define UDP_LEN	    8
#define SENDER_PORT 0x1234
#define ECHO_PORT   7
#define CHECKSUM_AT (ETH_HLEN + 40 + 6)

/* --- packets, and the names of their fields ------------------------------- */

static const unsigned char here_ip[16] = { 0xfc, 0, 0xde, 0xad, 0xca, 0xfe,
					   0,	 1, 0,	  0,	0,    0,
					   0,	 0, 0,	  1 };
unsigned char here_mac[6] = { 2, 0xca, 0xfe, 0, 1, 1 };
unsigned char inside_mac[6] = { 2, 0xca, 0xfe, 0, 1, 2 };

int ip_at(const struct packet *p)
{
	return ETH_HLEN + p->tags;
}

int icmp_at(const struct packet *p)
{
	return ip_at(p) + 40;
}

void put16(unsigned char *at, unsigned int value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

unsigned int get16(const unsigned char *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

unsigned int payload_sum(const struct packet *p, unsigned int next_header)
{
	const unsigned char *ip = p->byte + ip_at(p);
	unsigned int len = get16(ip + 4), sum = len + next_header;

	for (unsigned int i = 8; i < 40 + len; i += 2)
		sum += i + 1 < 40 + len ? get16(ip + i) : ip[i] * 256U;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void put_icmp_checksum(struct packet *p)
{
	unsigned char *checksum = p->byte + icmp_at(p) + 2;

	put16(checksum, 0);
	put16(checksum, ~payload_sum(p, 58) & 0xffff);
}

struct packet request(const char *tags, int data, unsigned int sequence)
{
	struct packet p = { .tags = 4 * (int)strlen(tags) };
	unsigned char *at = p.byte + 12, *ip, *icmp;

	memcpy(p.byte, here_mac, 6);
	memcpy(p.byte + 6, inside_mac, 6);
	for (; *tags; tags++, at += 4) {
		put16(at, *tags == 'a' ? ETH_P_8021AD : ETH_P_8021Q);
		put16(at + 2, 42);
	}
	put16(at, ETH_P_IPV6);

	ip = p.byte + ip_at(&p);
	ip[0] = 0x60;
	put16(ip + 2, FLOW_LABEL); /* a reply keeps the flow label */
	put16(ip + 4, (unsigned int)(8 + data));
	ip[6] = 58;
	ip[7] = HOP_LIMIT_ASKED; /* differs from a reply's hop limit, 64 */
	memcpy(ip + 8, here_ip, 16);
	ip[8 + 15] = 2;
	memcpy(ip + 24, here_ip, 16);

	icmp = p.byte + icmp_at(&p);
	icmp[0] = 128;
	put16(icmp + 4, 0x1234);
	put16(icmp + 6, sequence);
	for (int i = 0; i < data; i++)
		icmp[8 + i] = (unsigned char)(i < 8 ? DATA_MARK[i] : i);
	p.len = icmp_at(&p) + 8 + data;
	put_icmp_checksum(&p);
	return p;
}

static void swap(unsigned char *a, unsigned char *b, int len)
{
	for (int i = 0; i < len; i++) {
		unsigned char old = a[i];

		a[i] = b[i];
		b[i] = old;
	}
}

/* Swap the addresses, and set the hop limit to 64. */
static void answer_headers(struct packet *p)
{
	unsigned char *ip = p->byte + ip_at(p);

	swap(p->byte, p->byte + 6, 6);
	swap(ip + 8, ip + 24, 16);
	ip[7] = 64;
}

struct packet reply_to(const struct packet *request)
{
	struct packet p = *request;

	answer_headers(&p);
	p.byte[icmp_at(&p)] = 129;
	put_icmp_checksum(&p);
	return p;
}

static unsigned char *udp_of(struct packet *p)
{
	return p->byte + icmp_at(p);
}

/* Compute the UDP checksum that RFC 768 requires of a sender. */
static unsigned int right_checksum(const struct packet *p)
{
	struct packet copy = *p;
	unsigned int sum;

	put16(copy.byte + CHECKSUM_AT, 0);
	sum = ~payload_sum(&copy, 17) & 0xffff;
	return sum ? sum : 0xffff;
}

static void put_checksum(struct packet *p)
{
	put16(p->byte + CHECKSUM_AT, right_checksum(p));
}

struct packet datagram(int data)
{
	struct packet p = request("", data, 0);

	p.byte[20] = 17;
	put16(udp_of(&p), SENDER_PORT);
	put16(udp_of(&p) + 2, ECHO_PORT);
	put16(udp_of(&p) + 4, (unsigned int)(UDP_LEN + data));
	put_checksum(&p);
	return p;
}

struct packet datagram_reply(const struct packet *asked)
{
	struct packet p = *asked;

	answer_headers(&p);
	memcpy(udp_of(&p), asked->byte + icmp_at(asked) + 2, 2);
	memcpy(udp_of(&p) + 2, asked->byte + icmp_at(asked), 2);
	p.len = icmp_at(&p) + (int)get16(udp_of(&p) + 4);
	put_checksum(&p);
	return p;
}

struct field {
	const char *name;
	int at;
	int len;
};

/* Return a field's name and place. @tags: length of the VLAN tags, in bytes */
static struct field field(int index, int tags)
{
	static const struct field table[FIELDS] = {
		[ETH_DESTINATION] = { "Ethernet destination", 0, 6 },
		[ETH_SOURCE] = { "Ethernet source", 6, 6 },
		[TYPE_OF_PAYLOAD] = { "Ethernet type", 12, 2 },
		[CLASS] = { "IPv6 version, class, flow label", 14, 4 },
		[PAYLOAD_LENGTH] = { "IPv6 payload length", 18, 2 },
		[NEXT_HEADER] = { "IPv6 next header", 20, 1 },
		[HOP_LIMIT] = { "IPv6 hop limit", 21, 1 },
		[IP_SOURCE] = { "IPv6 source", 22, 16 },
		[IP_DESTINATION] = { "IPv6 destination", 38, 16 },
		[ICMP_TYPE] = { "ICMPv6 type", 54, 1 },
		[ICMP_CODE] = { "ICMPv6 code", 55, 1 },
		[ICMP_CHECKSUM] = { "ICMPv6 checksum", 56, 2 },
		[IDENTIFIER] = { "ICMPv6 identifier", 58, 2 },
		[SEQUENCE] = { "ICMPv6 sequence number", 60, 2 },
		[ICMP_DATA] = { "ICMPv6 data", 62, PACKET_MAX },
	};
	struct field f = table[index];

	if (index == TAGS)
		return (struct field){ "VLAN tags", 12, tags };
	if (index >= TYPE_OF_PAYLOAD)
		f.at += tags;
	return f;
}

const char *field_name_at(int offset, int tags)
{
	for (int i = 0; i < FIELDS; i++) {
		struct field f = field(i, tags);

		if (offset >= f.at && offset < f.at + f.len)
			return f.name;
	}
	return offset < 0 ? "in front of the packet" : "after the packet";
}

static void print_bytes(const char *label, const unsigned char *bytes, int len)
{
	printf("%s", label);
	for (int i = 0; i < len && i < 16; i++)
		printf("%02x%s", bytes[i],
		       i % 2 && i + 1 < len && i < 15 ? " " : "");
	printf(len > 16 ? " ...\n" : "\n");
}

/* --- comparing a reply with the right one --------------------------------- */

/* Return true if the checksum is wrong by @number, in either byte order. */
static bool is_sum_off_by(const struct answer *a, unsigned int number)
{
	unsigned int sum = payload_sum(&a->came, 58) % 0xffff;

	return sum == number || sum == number << 8 || sum == 0xffff - number ||
	       sum == 0xffff - (number << 8);
}

static const char *checksum_mistake(const struct answer *a)
{
	unsigned int at = (unsigned int)icmp_at(&a->came) + 2;
	unsigned int came = get16(a->came.byte + at);
	unsigned int asked = get16(a->asked.byte + at);
	unsigned int wanted = get16(a->wanted.byte + at);
	unsigned int off = (came - wanted) & 0xffff;

	if (came == 0xffff && !wanted)
		return "0xffff and 0 stand for the same number, but the right checksum is 0, the complement of the sum 0xffff. RFC 1624's equation 3 gives 0, its equation 2 gives 0xffff (only UDP sends 0xffff in place of 0)";
	if (came == asked)
		return "it is the request's checksum: the type has changed, so the checksum changes, too (or a carry is lost: add the bits above bit 15 to the lower 16 bits, twice)";
	if (came == (wanted >> 8 | (wanted & 0xff) << 8))
		return "the value is right, but its bytes are swapped: use network byte order";
	/* The checksum is wrong by one, in either byte order. */
	if (off == 1 || off == 0xffff || off == 0x100 || off == 0xff00)
		return "a carry is lost: add the bits above bit 15 to the lower 16 bits, twice";
	if (is_sum_off_by(a, 64 - HOP_LIMIT_ASKED))
		return "the hop limit is in the sum, but the checksum covers only addresses, length, next header and ICMPv6 (RFC 8200, section 8.1)";
	if (came == ((asked - 1) & 0xffff))
		return "1 was added to the low byte of a word, but the type is the high byte of its word, in network byte order";
	if (came == ((asked + 0x100) & 0xffff))
		return "0x0100 was added, but a checksum is the complement of the sum: if the sum grows, the checksum shrinks";
	return "replace the old type in the sum by the new one: see RFC 1624, equation 3";
}

static const char *mistake(const struct answer *a, int index)
{
	struct field f = field(index, a->came.tags);
	bool kept = !memcmp(a->came.byte + f.at, a->asked.byte + f.at,
			    (size_t)(f.len < 16 ? f.len : 16));

	switch (index) {
	case ETH_DESTINATION:
	case ETH_SOURCE:
	case IP_SOURCE:
	case IP_DESTINATION:
		return kept ? "it is the request's address: swap source and destination"
			    : "it is neither end's address: swap whole addresses";
	case HOP_LIMIT:
		return kept ? "it is the request's hop limit, but a reply starts again at 64"
			    : "a reply's hop limit starts at 64";
	case ICMP_TYPE:
		return kept ? "it is still a request" : "a reply's type is 129";
	case ICMP_CHECKSUM:
		return checksum_mistake(a);
	default:
		return "a reply keeps the value of the request";
	}
}

static bool field_is_right(const struct answer *a, int index)
{
	struct field f = field(index, a->came.tags);
	int len = f.len;

	/*
	 * The sum of data that is not all zeros is never 0, so its complement
	 * is never 0xffff (RFC 1624, section 3). Receivers accept 0xffff in
	 * place of 0, but sending it is a mistake.
	 */
	if (index == ICMP_CHECKSUM)
		return get16(a->came.byte + f.at) ==
			       get16(a->wanted.byte + f.at) ||
		       (payload_sum(&a->came, 58) == 0xffff &&
			get16(a->came.byte + f.at) != 0xffff);
	if (f.at + len > a->wanted.len)
		len = a->wanted.len - f.at;
	return len <= 0 ||
	       !memcmp(a->came.byte + f.at, a->wanted.byte + f.at, (size_t)len);
}

static void print_difference(const struct answer *a, int index)
{
	struct field f = field(index, a->came.tags);
	int at = f.at, end = f.at + f.len;

	/* Print the whole field, but ICMP data from the first wrong byte. */
	if (end > a->wanted.len)
		end = a->wanted.len;
	while (index == ICMP_DATA && a->came.byte[at] == a->wanted.byte[at])
		at++;
	printf("%s (from byte %d): %s\n", f.name, at, mistake(a, index));
	print_bytes("  expected: ", a->wanted.byte + at, end - at);
	print_bytes("  came:     ", a->came.byte + at, end - at);
}

int compare(const struct answer *a, unsigned int fields)
{
	int wrong = 0;

	for (int i = 0; i < FIELDS; i++) {
		if (!(fields & 1U << i) || field_is_right(a, i))
			continue;
		print_difference(a, i);
		wrong = 1;
	}
	if (a->came.len != a->wanted.len) {
		printf("expected: a reply of %d bytes\ncame:     %d bytes\n",
		       a->wanted.len, a->came.len);
		wrong = 1;
	}
	return wrong;
}

/*
 * In tagged packets, do not judge the addresses, the hop limit or the
 * checksum. Step 4 judges them, and a mistake in them must cost points only
 * once.
 */
unsigned int fields_of_interest(const char *tags)
{
	unsigned int rewritten = 1U << ETH_DESTINATION | 1U << ETH_SOURCE |
				 1U << HOP_LIMIT | 1U << IP_SOURCE |
				 1U << IP_DESTINATION | 1U << ICMP_CHECKSUM;

	return *tags ? ALL_FIELDS & ~rewritten : ALL_FIELDS;
}
