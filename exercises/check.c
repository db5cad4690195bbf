// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The grader's unit checks. Start a subject, a process that calls the learner's
 * functions; send it packets, and judge its answers. This program contains none
 * of the learner's code: see subject.h.
 *
 *	check CHECK
 *
 * Exit status: 0 if the learner's code passes; 1 if it fails, with the reason
 * on stdout; 2 if the check cannot run.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "packet.h"
#include "subject.h"
#include "talk.h"

#define RANDOM_TRIES 20000

/*
 * A copy of the verdicts in icmp6_echo.h. Do not include icmp6_echo.h here,
 * because it contains the learner's code.
 */
enum verdict {
	ANSWERED,
	OTHER,
	EXTENSION,
	TRUNCATED,
	ADDRESS,
	FOREIGN,
	VERDICTS
};

/* --- calls ---------------------------------------------------------------- */

static const char *verdict(int returned)
{
	static const char *const names[] = {
		[ANSWERED] = "0 bytes",
		[OTHER] = "-ICMP6_ECHO_OTHER",
		[EXTENSION] = "-ICMP6_ECHO_EXTENSION",
		[TRUNCATED] = "-ICMP6_ECHO_TRUNCATED",
		[ADDRESS] = "-ICMP6_ECHO_ADDRESS",
		[FOREIGN] = "-ICMP6_ECHO_FOREIGN",
	};
	static char text[64];

	if (returned <= 0 && returned > -VERDICTS)
		return names[-returned];
	snprintf(text, sizeof(text), "%d", returned);
	return text;
}

/* Report an access outside the packet, and exit with status 1. */
static _Noreturn void fault(const struct packet *p,
			    const struct subject_answer *a, const char *name)
{
	bool is_near = a->offset > -PACKET_MAX && a->offset < 65536 + 64;

	puts(name);
	printf("expected: no read or write outside the packet, bytes 0 to %d\n",
	       p->len - 1);
	if (is_near)
		printf("came:     a %s of %d byte%s at byte %ld (%s): check the length first\n",
		       a->is_write ? "write" : "read", a->size,
		       a->size == 1 ? "" : "s", a->offset,
		       field_name_at((int)a->offset, p->tags));
	else
		puts("came:     an access far away from the packet: a pointer that was not set, or NULL");
	exit(1);
}

/*
 * Report a mistake in icmp6_echo_find(), which icmp6_echo_reply() calls, and
 * exit with status 1.
 */
static _Noreturn void found(const struct subject_answer *a, const char *name)
{
	puts(name);
	if (a->kind == SUBJECT_TOUCHED)
		puts("expected: icmp6_echo_find() does not change the packet\n"
		     "came:     the packet was changed: change it only after all checks");
	else if (a->returned < VERDICTS)
		printf("expected: icmp6_echo_find() returns a verdict as a negative number\n"
		       "came:     %d, the verdict without its minus sign: return %s\n",
		       a->returned, verdict(-a->returned));
	else
		printf("expected: icmp6_echo_find() returns a length that includes all headers, and sets *request\n"
		       "came:     %d\n",
		       a->returned);
	exit(1);
}

/*
 * Call icmp6_echo_reply() on a packet. Store the packet as the function leaves
 * it, and return the function's result.
 */
static int call(struct packet *p, const char *name)
{
	struct subject_answer a;

	subject_give(&p->len, sizeof(p->len));
	subject_give(p->byte, (size_t)p->len);
	subject_take(&a, sizeof(a));
	if (a.kind == SUBJECT_FAULT)
		fault(p, &a, name);
	subject_take(p->byte, (size_t)p->len);
	if (a.kind != SUBJECT_RETURNED)
		found(&a, name);
	return a.returned;
}

/*
 * Return true if the learner's result becomes right when the packet has one
 * more byte.
 */
static bool is_right_with_one_more(const struct packet *asked, int wanted)
{
	struct packet p = *asked;

	p.len++;
	return call(&p, "an echo request with one more byte") == wanted;
}

/* Print the likely reason for a wrong result, if one is known. */
static void print_why(const struct packet *asked, int wanted, int returned)
{
	if (returned == -TRUNCATED && wanted != -TRUNCATED &&
	    is_right_with_one_more(asked, wanted))
		puts("With one more byte in the packet, your code returns the right result. data_end points after the last byte, so data + N may be equal to data_end: compare with >, not >=.");
	else if (wanted == -TRUNCATED && returned > asked->len)
		puts("The length comes from the packet's header, and is larger than the packet.");
	else if (wanted <= 0)
		return;
	else if (wanted < asked->len && returned == asked->len)
		puts("The packet ends where the IPv6 header says. More bytes may follow it in the frame.");
	else if (returned == -TRUNCATED)
		puts("payload_len is in network byte order, and counts from the end of the IPv6 header.");
	else if (returned == wanted - 40)
		puts("The length lacks the IPv6 header: the variable 'head' must count all bytes in front of ICMPv6.");
	else if (returned == wanted - 14 - asked->tags)
		puts("The length lacks the Ethernet header: the variable 'head' must count all bytes in front of ICMPv6.");
	else if (returned == wanted - 14 - asked->tags - 40)
		puts("This is the length of the payload alone: add all headers, from the first byte of the Ethernet header.");
}

/*
 * Call icmp6_echo_reply() on a copy of @asked. Return 0 if the result is
 * @wanted, and if the copy is unchanged when no answer is wanted. Otherwise
 * print the mistake, and return 1.
 */
static int expect(const struct packet *asked, int wanted, const char *name)
{
	struct packet p = *asked;
	int returned = call(&p, name);

	if (returned != wanted) {
		printf("%s\nexpected: icmp6_echo_reply() returns %s\n", name,
		       verdict(wanted));
		printf("came:     %s\n", verdict(returned));
		print_why(asked, wanted, returned);
		return 1;
	}
	if (wanted <= 0 && memcmp(p.byte, asked->byte, (size_t)p.len)) {
		printf("%s\nexpected: the packet is not changed\ncame:     the packet was changed: change it only after all checks\n",
		       name);
		return 1;
	}
	return 0;
}

static const char *text(const char *format, ...)
{
	static char buffer[200];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	return buffer;
}

/* --- random packets, and the right verdict for each ----------------------- */

static bool is_one_of(int value, const unsigned char *list, size_t n)
{
	return memchr(list, value, n);
}

/*
 * Return true if no host on a network can have this address (RFC 4291): a
 * group's address, ::, ::1, or an address in ::ffff:0:0/96.
 */
static bool is_no_host(const unsigned char *ip)
{
	static const unsigned char zero[16];

	if (ip[0] == 0xff)
		return true;
	if (!memcmp(ip, zero, 10) && ip[10] == 0xff && ip[11] == 0xff)
		return true;
	return !memcmp(ip, zero, 15) && ip[15] <= 1;
}

/*
 * Return the right result of icmp6_echo_reply(): the length of the reply, or a
 * verdict as a negative number. The RFCs define the verdicts, and
 * exercises/README.org defines the order of the checks.
 */
static int right_verdict(const struct packet *p)
{
	static const unsigned char extensions[] = { 0,	43,  44,  50, 51,
						    60, 135, 139, 140 };
	const unsigned char *ip = p->byte + ip_at(p), *icmp = ip + 40;
	int len;

	if (get16(ip - 2) != ETH_P_IPV6)
		return -OTHER;
	if (p->len < icmp_at(p))
		return -TRUNCATED;
	if (ip[0] >> 4 != 6)
		return -OTHER;
	if (ip[6] != 58)
		return is_one_of(ip[6], extensions, sizeof(extensions))
			       ? -EXTENSION
			       : -OTHER;
	len = (int)get16(ip + 4);
	if (len < 8 || icmp_at(p) + len > p->len)
		return -TRUNCATED;
	if (icmp[0] != 128)
		return -OTHER;
	if (((p->byte[0] | p->byte[6]) & 1) || is_no_host(ip + 8) ||
	    is_no_host(ip + 24))
		return -ADDRESS;
	return icmp_at(p) + len;
}

/* Make an address that resembles :: or an IPv4-mapped address. */
static void random_near_zero(unsigned char *ip, unsigned int *seed)
{
	memset(ip, 0, 15);
	if (rand_r(seed) % 3 == 0)
		put16(ip + 10, 0xffff);
	if (rand_r(seed) % 2)
		ip[rand_r(seed) % 16] = (unsigned char)rand_r(seed);
}

/*
 * Make a request, and change one of its addresses, or one to three bytes of its
 * headers; often change its length, too. The caller's first seed is constant,
 * so each run makes the same packets.
 */
static struct packet random_packet(unsigned int *seed)
{
	static const unsigned char bytes[] = {
		0,  1,	 6,   7,   8,	 40,   43,   44,   50,	 51, 58,
		60, 127, 128, 129, 0x33, 0x60, 0x6f, 0x45, 0x86, 255
	};
	static const int fields[] = { 0,  6,  12, 14, 15, 18, 19,
				      20, 20, 21, 22, 23, 32, 33,
				      37, 38, 54, 54, 55, 56, 58 };
	int data = rand_r(seed) % 70, kind = rand_r(seed) % 8;
	struct packet p =
		request("", data, (unsigned int)rand_r(seed) & 0xffff);
	int whole = p.len;

	if (kind == 0)
		random_near_zero(p.byte + 22 + rand_r(seed) % 2 * 16, seed);
	for (int i = rand_r(seed) % 3; i >= 0 && kind; i--) {
		int at = fields[(size_t)rand_r(seed) %
				(sizeof(fields) / sizeof(*fields))];

		p.byte[at] =
			rand_r(seed) % 2
				? bytes[(size_t)rand_r(seed) % sizeof(bytes)]
				: (unsigned char)rand_r(seed);
	}
	if (kind == 1)
		put16(p.byte + 18,
		      (unsigned int)(8 + data + rand_r(seed) % 5 - 2));
	if (kind < 4)
		p.len = whole - 3 + rand_r(seed) % 8;
	if (kind == 2)
		p.len = 14 + rand_r(seed) % (whole - 13);
	return p;
}

/*
 * Try random packets. Skip a packet if @is_ours returns false for its right
 * verdict, because another check judges this verdict, and a mistake must cost
 * points only once.
 */
static int check_random(bool (*is_ours)(int verdict))
{
	unsigned int seed = 1;

	for (int i = 0; i < RANDOM_TRIES; i++) {
		struct packet p = random_packet(&seed);
		int wanted = right_verdict(&p);
		char name[256];

		if (!is_ours(wanted))
			continue;
		snprintf(
			name, sizeof(name),
			"%d bytes: Ethernet type %04x, IPv6 version %d, class and flow %x%02x%02x%02x, payload length %u, next header %d, ICMPv6 type %d, code %d, from %02x%02x:..:%02x%02x to %02x%02x:..:%02x%02x",
			p.len, get16(p.byte + 12), p.byte[14] >> 4,
			p.byte[14] & 15, p.byte[15], p.byte[16], p.byte[17],
			get16(p.byte + 18), p.byte[20], p.byte[54], p.byte[55],
			p.byte[22], p.byte[23], p.byte[36], p.byte[37],
			p.byte[38], p.byte[39], p.byte[52], p.byte[53]);
		if (expect(&p, wanted, name))
			return 1;
	}
	return 0;
}

static bool is_answered(int v)
{
	return v > 0;
}

static bool is_truncated(int v)
{
	return v == -TRUNCATED;
}

static bool is_other(int v)
{
	return v == -OTHER || v == -EXTENSION;
}

static bool is_address(int v)
{
	return v == -ADDRESS;
}

/* --- checks --------------------------------------------------------------- */

static int check_request(void)
{
	static const int sizes[] = { 56, 0, 1, 13, 1452, 1900, 1453 };
	struct packet p;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		p = request("", sizes[i], 1);
		if (expect(&p, p.len,
			   text("an echo request with %d bytes of data, %d bytes in all",
				sizes[i], p.len)))
			return 1;
	}
	p = request("", DATA, 1);
	p.byte[14] = 0x6e;
	return expect(
		&p, p.len,
		"an echo request whose traffic class is not 0: the version is e->version >> 4, the upper half of byte 14");
}

static int check_padded(void)
{
	struct packet p = request("", 0, 1);

	p.len += 4; /* a frame can be longer than the IPv6 packet in it */
	if (expect(&p, p.len - 4,
		   "an echo request with 4 bytes after the end that its IPv6 header gives"))
		return 1;
	return check_random(is_answered);
}

/* Try the packet without its last byte, without its last two, and so on. */
static int check_beginnings(const struct packet *whole)
{
	struct packet p = *whole;

	for (p.len = whole->len - 1; p.len > 0; p.len--)
		if (expect(&p, -TRUNCATED,
			   text("the first %d of an echo request's %d bytes",
				p.len, whole->len)))
			return 1;
	return 0;
}

static int check_truncated(void)
{
	struct packet p = request("", DATA, 1);

	if (check_beginnings(&p))
		return 1;
	put16(p.byte + ip_at(&p) + 4, 0xffff);
	if (expect(&p, -TRUNCATED,
		   "an echo request whose payload length is 65535"))
		return 1;
	for (unsigned int len = 0; len < 8; len++) {
		put16(p.byte + ip_at(&p) + 4, len);
		if (expect(&p, -TRUNCATED,
			   text("payload length %u, which is too short for ICMPv6's header of 8 bytes",
				len)))
			return 1;
	}
	put16(p.byte + ip_at(&p) + 4, 0xffff);
	p.byte[54] = 129;
	if (expect(&p, -TRUNCATED,
		   "ICMPv6 type 129 and payload length 65535: check the length before the type"))
		return 1;
	return check_random(is_truncated);
}

static int expect_changed(int at, int value, int wanted, const char *name)
{
	struct packet p = request("", DATA, 1);

	p.byte[at] = (unsigned char)value;
	return expect(&p, -wanted, name);
}

static int check_other(void)
{
	struct packet p = request("", 0, 1);

	if (expect_changed(12, 8, OTHER, "not IPv6: Ethernet type 08dd") ||
	    expect_changed(14, 0x45, OTHER,
			   "an IPv6 header whose version is 4") ||
	    expect_changed(14, 0x70, OTHER,
			   "an IPv6 header whose version is 7") ||
	    expect_changed(20, 17, OTHER, "next header 17: UDP, not ICMPv6") ||
	    expect_changed(54, 129, OTHER,
			   "ICMPv6 type 129: an echo reply, not a request") ||
	    expect_changed(54, 135, OTHER,
			   "ICMPv6 type 135: a neighbour solicitation") ||
	    expect_changed(20, 0, EXTENSION,
			   "next header 0: an extension header") ||
	    expect_changed(20, 44, EXTENSION, "next header 44: a fragment"))
		return 1;
	/* A UDP packet that has nothing after its IPv6 header. */
	p.len = ETH_HLEN + 40;
	p.byte[20] = 17;
	put16(p.byte + 18, 0);
	if (expect(&p, -OTHER,
		   "next header 17, and nothing after the IPv6 header"))
		return 1;
	put16(p.byte + 18, 0xffff);
	if (expect(&p, -OTHER,
		   "next header 17 and payload length 65535: check the next header before the length"))
		return 1;
	p = request("", DATA, 1);
	p.byte[38] = 0xff;
	p.byte[54] = 129;
	if (expect(&p, -OTHER,
		   "ICMPv6 type 129 to a group: check the type before the addresses"))
		return 1;
	return check_random(is_other);
}

static int check_address(void)
{
	struct packet p = request("", DATA, 1);

	memset(p.byte + 22, 0, 16);
	return expect_changed(38, 0xff, ADDRESS,
			      "an echo request to a group, ff00::/8") ||
	       expect_changed(22, 0xff, ADDRESS,
			      "an echo request from a group, ff00::/8") ||
	       expect_changed(0, 0x33, ADDRESS,
			      "an echo request to a group's MAC address") ||
	       expect(&p, -ADDRESS, "an echo request from ::") ||
	       check_random(is_address);
}

static const char *tags_text(const char *tags)
{
	if (strlen(tags) == 2)
		return !strcmp(tags, "aq")   ? "802.1ad, 802.1Q"
		       : !strcmp(tags, "qa") ? "802.1Q, 802.1ad"
					     : "802.1Q, 802.1Q";
	return *tags == 'a' ? "802.1ad" : *tags == 'q' ? "802.1Q" : "";
}

/*
 * Call icmp6_echo_reply() on a request. Return 0 if there is a reply to
 * compare. Otherwise print the mistake, and return 1.
 */
static int answer(const char *tags, int data, unsigned int sequence,
		  struct answer *a)
{
	int returned;

	a->asked = request(tags, data, sequence);
	a->wanted = reply_to(&a->asked);
	a->came = a->asked;
	returned = call(&a->came, "an echo request");
	/* Accept any length of a reply without tags: step 3 judges it. */
	if (returned == a->wanted.len || (returned > 0 && !*tags))
		return 0;
	printf("an echo request%s%s\nexpected: icmp6_echo_reply() returns %d, the length of the reply\ncame:     %s\n",
	       *tags ? " with VLAN tags: " : ": pass step 3 first",
	       tags_text(tags), a->asked.len, verdict(returned));
	return 1;
}

static int check_fields(const char *tags, unsigned int fields)
{
	struct answer a;

	return answer(tags, DATA, 1, &a) || compare(&a, fields);
}

/* Check that the reply keeps a code that is not 0. */
static int check_code(void)
{
	struct answer a = { .asked = request("", DATA, 1) };

	a.asked.byte[icmp_at(&a.asked) + 1] = 3;
	a.wanted = reply_to(&a.asked);
	a.came = a.asked;
	return call(&a.came, "an echo request with code 3") <= 0 ||
	       compare(&a, 1U << ICMP_CODE);
}

/* Check that the reply keeps the traffic class and the flow label. */
static int check_class(void)
{
	struct answer a = { .asked = request("", DATA, 1) };

	put16(a.asked.byte + ip_at(&a.asked), 0x6ed5);
	a.wanted = reply_to(&a.asked);
	a.came = a.asked;
	return call(&a.came, "an echo request with traffic class 0xed") <= 0 ||
	       compare(&a, 1U << CLASS);
}

static int check_reply(void)
{
	return check_fields("", 1U << ICMP_TYPE | 1U << ICMP_CODE |
					1U << IDENTIFIER | 1U << SEQUENCE |
					1U << ICMP_DATA | 1U << CLASS |
					1U << PAYLOAD_LENGTH |
					1U << NEXT_HEADER |
					1U << TYPE_OF_PAYLOAD) ||
	       check_code() || check_class();
}

/*
 * Check that the reply swaps the addresses. The lab's addresses differ in only
 * one byte, so also try addresses that differ in every byte.
 */
static int check_swap(void)
{
	const unsigned int fields = 1U << ETH_DESTINATION | 1U << ETH_SOURCE |
				    1U << IP_SOURCE | 1U << IP_DESTINATION;
	struct answer a = { .asked = request("", DATA, 1) };

	if (check_fields("", fields))
		return 1;
	for (int i = 0; i < 6; i++)
		a.asked.byte[6 + i] ^= 0x50;
	for (int i = 0; i < 16; i++)
		a.asked.byte[22 + i] ^= 0x70;
	a.wanted = reply_to(&a.asked);
	a.came = a.asked;
	return call(&a.came,
		    "an echo request whose addresses differ in every byte") <=
		       0 ||
	       compare(&a, fields);
}

static int check_hop_limit(void)
{
	struct answer a = { .asked = request("", DATA, 1) };

	if (check_fields("", 1U << HOP_LIMIT))
		return 1;
	a.asked.byte[21] = 255;
	a.wanted = reply_to(&a.asked);
	a.came = a.asked;
	return call(&a.came, "an echo request with hop limit 255") <= 0 ||
	       compare(&a, 1U << HOP_LIMIT);
}

/*
 * Check the checksum of the reply to a request whose code is not 0. A reply
 * changes the type, and the type shares a 16-bit word of the sum with the code.
 */
static int check_checksum_of_code(void)
{
	struct answer a = { .asked = request("", DATA, 1) };

	a.asked.byte[icmp_at(&a.asked) + 1] = 0xa5;
	put_icmp_checksum(&a.asked);
	a.wanted = reply_to(&a.asked);
	a.came = a.asked;
	if (call(&a.came, "an echo request with code 0xa5") <= 0)
		return 1;
	memcpy(a.came.byte, a.wanted.byte, (size_t)icmp_at(&a.came) + 2);
	if (!compare(&a, 1U << ICMP_CHECKSUM))
		return 0;
	puts("the request's code is 0xa5: in the checksum's sum, type and code are one word");
	return 1;
}

/*
 * Give a request a wrong checksum. The reply's checksum must be wrong by the
 * same number, because icmp6_echo_reply() must update the checksum, and not
 * compute a new one.
 */
static int check_wrong_checksum(void)
{
	struct answer a = { .asked = request("", DATA, 1) };
	unsigned char *checksum = a.asked.byte + icmp_at(&a.asked) + 2;
	unsigned int wanted;

	put16(checksum, get16(checksum) ^ 0x0010);
	wanted = payload_sum(&a.asked, 58);
	a.wanted = reply_to(&a.asked);
	a.came = a.asked;
	if (call(&a.came, "an echo request with a wrong checksum") <= 0)
		return 1;
	memcpy(a.came.byte, a.wanted.byte, (size_t)icmp_at(&a.came) + 2);
	if (payload_sum(&a.came, 58) == wanted)
		return 0;
	puts("an echo request with a wrong checksum\n"
	     "expected: the reply's checksum is wrong by the same number\n"
	     "came:     wrong by another number: update the old checksum, because a new checksum of all the data hides damage to the data");
	return 1;
}

/* Try all sequence numbers, because they yield all checksums. */
static int check_checksum(void)
{
	struct answer a;

	for (unsigned int i = 0; i < 65536; i++) {
		if (answer("", 3, i, &a))
			return 1;
		/*
		 * Correct the fields in front of the checksum, because
		 * mistakes in them must not count here.
		 */
		memcpy(a.came.byte, a.wanted.byte,
		       (size_t)icmp_at(&a.came) + 2);
		if (compare(&a, 1U << ICMP_CHECKSUM)) {
			printf("  (number of right checksums before this one: %u)\n",
			       i);
			return 1;
		}
	}
	return check_checksum_of_code() || check_wrong_checksum();
}

static int check_tags(const char *tags)
{
	return check_fields(tags, fields_of_interest(tags));
}

static int check_vlan(void)
{
	struct packet p = request("q", DATA, 1);

	if (check_tags("q") || check_tags("a") || check_beginnings(&p))
		return 1;
	put16(p.byte + 14, 0);
	if (expect(&p, p.len,
		   "a tag with VLAN number 0 and priority 0: ignore both numbers"))
		return 1;
	put16(p.byte + 16, ETH_P_ARP);
	if (expect(&p, -OTHER, "not IPv6 after a tag: Ethernet type 0806"))
		return 1;
	p.len = 18;
	return expect(
		&p, -OTHER,
		"a packet of 18 bytes: a tag, Ethernet type 0806, and no more");
}

static int check_vlans(void)
{
	struct packet two = request("aq", DATA, 1);
	struct packet three = request("aqq", DATA, 1);

	return check_tags("aq") || check_tags("qa") || check_tags("qq") ||
	       check_beginnings(&two) ||
	       expect(&three, -OTHER, "an echo request with three tags");
}

/* Each subject's program, and the learner's function as messages name it. */
static const char *const echo[] = { "build/subject", "icmp6_echo_reply()" };
static const char *const ring[] = { "build/ring-subject",
				    "a function of ring.h" };
static const char *const udp[] = { "build/udp-subject", "udp_echo_reply()" };

static const struct {
	const char *name;
	int (*function)(void);
	const char *const *subject;
} checks[] = {
	{ "ring", check_ring, ring },
	{ "ring_limits", check_ring_limits, ring },
	{ "ring_wrap", check_ring_wrap, ring },
	{ "request", check_request, echo },
	{ "padded", check_padded, echo },
	{ "truncated", check_truncated, echo },
	{ "other", check_other, echo },
	{ "address", check_address, echo },
	{ "reply", check_reply, echo },
	{ "swap", check_swap, echo },
	{ "hoplimit", check_hop_limit, echo },
	{ "checksum", check_checksum, echo },
	{ "vlan", check_vlan, echo },
	{ "vlans", check_vlans, echo },
	{ "udp", check_udp, udp },
	{ "udp_truncated", check_udp_truncated, udp },
	{ "udp_mute", check_udp_mute, udp },
	{ "udp_checksum", check_udp_checksum, udp },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (argc == 2 && !strcmp(checks[i].name, argv[1])) {
			subject_start(checks[i].subject[0],
				      checks[i].subject[1]);
			return checks[i].function();
		}
	return 2;
}
