// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The grader's hands: calls the learner's icmp6_echo_reply(), and sends frames
 * to the learner's program.
 *
 *	probe check request|truncated|other|address|reply|swap|hoplimit|checksum|
 *		    vlan|vlans
 *	probe turns DEVICE MAC CPUS	8 requests, by one CPU or by two in turn;
 *					prints which ones were answered
 *	probe ask DEVICE MAC TAGS	one request, and what is wrong in its reply
 *	probe flood DEVICE MAC N WINDOW [others|queues]
 *					N requests, at most WINDOW unanswered, each
 *					after a packet that gets no answer; or to
 *					queues 0 and 1 in turn
 *	probe queues DEVICE MAC		requests to queue 0, to queue 1, and to 0
 *					again; prints what became of the first two
 *	probe mute DEVICE MAC		packets that get no answer
 *	probe send DEVICE MAC N		requests, no waiting
 *
 * Exit status: 0 as it should be, 1 it is not, and what is on stdout says why.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sanitizer/asan_interface.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "headers/icmp6_echo.h"

#define LIMIT_SECONDS 5 /* for what the learner's code takes microseconds for */
#define QUIET_MS      200 /* after which nothing more is expected */
#define WAKE_MS	      700 /* in which who is woken by a packet has answered it */
#define TURNS	      8
#define QUEUES	      2
#define CHUNK	      50 /* requests in a row to one of them */

/* --- packets, and the names of their fields ------------------------------- */

#define PACKET_MAX 2048
#define DATA	   56 /* as ping has it */
#define DATA_MARK  "af_xdp!"

struct packet {
	unsigned char byte[PACKET_MAX];
	int len;
	int tags; /* bytes of them */
};

static const unsigned char here_ip[16] = { 0xfc, 0, 0xde, 0xad, 0xca, 0xfe,
					   0,	 1, 0,	  0,	0,    0,
					   0,	 0, 0,	  1 };
static unsigned char here_mac[6] = { 2, 0xca, 0xfe, 0, 1, 1 };
static unsigned char inside_mac[6] = { 2, 0xca, 0xfe, 0, 1, 2 };

static int ip_at(const struct packet *p)
{
	return ETH_HLEN + p->tags;
}

static int icmp_at(const struct packet *p)
{
	return ip_at(p) + 40;
}

static void put16(unsigned char *at, unsigned int value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static unsigned int get16(const unsigned char *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

/* One's complement sum over all that ICMPv6's checksum covers. */
static unsigned int icmp_sum(const struct packet *p)
{
	const unsigned char *ip = p->byte + ip_at(p);
	unsigned int len = get16(ip + 4), sum = len + 58;

	for (unsigned int i = 8; i < 40 + len; i += 2)
		sum += i + 1 < 40 + len ? get16(ip + i) : ip[i] * 256U;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void icmp_checksum(struct packet *p)
{
	unsigned char *checksum = p->byte + icmp_at(p) + 2;

	put16(checksum, 0);
	put16(checksum, ~icmp_sum(p) & 0xffff);
}

/* The tags are a string: "", "q" for 802.1Q, "a" for 802.1ad, "aq" ... */
static struct packet request(const char *tags, int data, unsigned int sequence)
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
	put16(ip + 4, (unsigned int)(8 + data));
	ip[6] = 58;
	ip[7] = 63; /* not what the reply has */
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
	icmp_checksum(&p);
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

static struct packet reply_to(const struct packet *request)
{
	struct packet p = *request;
	unsigned char *ip = p.byte + ip_at(&p);

	swap(p.byte, p.byte + 6, 6);
	swap(ip + 8, ip + 24, 16);
	ip[7] = 64;
	p.byte[icmp_at(&p)] = 129;
	icmp_checksum(&p);
	return p;
}

struct field {
	const char *name;
	int at;
	int len;
};

enum {
	ETH_DESTINATION,
	ETH_SOURCE,
	TYPE_OF_PAYLOAD,
	CLASS,
	PAYLOAD_LENGTH,
	NEXT_HEADER,
	HOP_LIMIT,
	IP_SOURCE,
	IP_DESTINATION,
	ICMP_TYPE,
	ICMP_CODE,
	ICMP_CHECKSUM,
	IDENTIFIER,
	SEQUENCE,
	ICMP_DATA,
	TAGS,
	FIELDS
};

/* Where a field is in packets with so many bytes of tags. */
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

static const char *field_name_at(int offset, int tags)
{
	for (int i = 0; i < FIELDS; i++) {
		struct field f = field(i, tags);

		if (offset >= f.at && offset < f.at + f.len)
			return f.name;
	}
	return "in front of it";
}

static void print_bytes(const char *what, const unsigned char *bytes, int len)
{
	printf("%s", what);
	for (int i = 0; i < len && i < 16; i++)
		printf("%02x%s", bytes[i],
		       i % 2 && i + 1 < len && i < 15 ? " " : "");
	printf(len > 16 ? " ...\n" : "\n");
}

/*
 * --- what a reply has to be ------------------------------------------------
 */

/* A frame that came for a request: one that is a reply, or is to be one. */
struct answer {
	struct packet asked;
	struct packet wanted;
	struct packet came;
};

static const char *checksum_mistake(const struct answer *a)
{
	unsigned int at = (unsigned int)icmp_at(&a->came) + 2;
	unsigned int came = get16(a->came.byte + at);
	unsigned int asked = get16(a->asked.byte + at);
	unsigned int wanted = get16(a->wanted.byte + at);
	unsigned int off = (came - wanted) & 0xffff;

	if (came == asked)
		return "it is that of the request: the type has changed, and the sum with it (unless a carry is lost: what is above bit 15 is added to what is below, twice)";
	if (came == (wanted >> 8 | (wanted & 0xff) << 8))
		return "right, but its bytes are swapped: network byte order";
	/* One at the low end of a word, in either byte order. */
	if (off == 1 || off == 0xffff || off == 0x100 || off == 0xff00)
		return "a carry is lost: what is above bit 15 is added to what is below, twice";
	if (came == ((asked - 1) & 0xffff))
		return "one at the low end of a word: the type is the high byte of its word, in network byte order";
	if (came == ((asked + 0x100) & 0xffff))
		return "0x0100 was added: a checksum is the complement of the sum";
	return "RFC 1624, equation 3: the old sum, with the new type in the old one's place";
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
		return kept ? "it is that of the request: source and destination change places"
			    : "it is neither end's address: they change places, whole";
	case HOP_LIMIT:
		return kept ? "it is that of the request: a reply starts anew, at 64"
			    : "a reply starts at 64";
	case ICMP_TYPE:
		return kept ? "it is still a request" : "a reply's type is 129";
	case ICMP_CHECKSUM:
		return checksum_mistake(a);
	default:
		return "a reply has it as the request had it";
	}
}

static bool field_is_right(const struct answer *a, int index)
{
	struct field f = field(index, a->came.tags);
	int len = f.len;

	if (index == ICMP_CHECKSUM) /* 0 and 0xffff are the same sum */
		return icmp_sum(&a->came) == 0xffff ||
		       get16(a->came.byte + f.at) ==
			       get16(a->wanted.byte + f.at);
	if (f.at + len > a->wanted.len)
		len = a->wanted.len - f.at;
	return len <= 0 ||
	       !memcmp(a->came.byte + f.at, a->wanted.byte + f.at, (size_t)len);
}

static void print_difference(const struct answer *a, int index)
{
	struct field f = field(index, a->came.tags);
	int at = f.at, end = f.at + f.len;

	/* Of the data only from the first byte on that differs. */
	if (end > a->wanted.len)
		end = a->wanted.len;
	while (index == ICMP_DATA && a->came.byte[at] == a->wanted.byte[at])
		at++;
	printf("%s (from byte %d): %s\n", f.name, at, mistake(a, index));
	print_bytes("  expected: ", a->wanted.byte + at, end - at);
	print_bytes("  came:     ", a->came.byte + at, end - at);
}

/* Returns 1 after having said what differs in those of the fields, or 0. */
static int compare(const struct answer *a, unsigned int fields)
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

#define ALL_FIELDS ((1U << FIELDS) - 1)

/*
 * --- the learner's icmp6_echo_reply() --------------------------------------
 */

/* What it has in hand now, for the report of a read that goes too far. */
static struct {
	char *at;
	int len;
	int tags;
	const char *what;
} in_hand;

/* Called by the address sanitizer before it ends the process. */
void __asan_on_error(void)
{
	char *address = __asan_get_report_address();
	long offset = address - in_hand.at;

	printf("%s, of which there are %d bytes\n", in_hand.what, in_hand.len);
	printf("expected: nothing behind byte %d is read or written\n",
	       in_hand.len - 1);
	printf("came:     a %s of %zu bytes at byte %ld (%s): the length is to be checked before\n",
	       __asan_get_report_access_type() ? "write" : "read",
	       __asan_get_report_access_size(), offset,
	       field_name_at((int)offset, in_hand.tags));
	fflush(stdout);
}

static const char *verdict(int returned)
{
	static const char *const names[] = {
		[ICMP6_ECHO_ANSWERED] = "0 bytes",
		[ICMP6_ECHO_OTHER] = "-ICMP6_ECHO_OTHER",
		[ICMP6_ECHO_EXTENSION] = "-ICMP6_ECHO_EXTENSION",
		[ICMP6_ECHO_TRUNCATED] = "-ICMP6_ECHO_TRUNCATED",
		[ICMP6_ECHO_ADDRESS] = "-ICMP6_ECHO_ADDRESS",
	};
	static char text[64];

	if (returned <= 0 && returned > -ICMP6_ECHO_VERDICTS)
		return names[-returned];
	snprintf(text, sizeof(text), "%d", returned);
	return text;
}

/*
 * Gives the packet to the learner, in memory that ends where the packet ends,
 * and gets it back. Returns what was returned.
 */
static int call(struct packet *p, const char *what)
{
	int returned;

	in_hand.at = malloc((size_t)p->len);
	in_hand.len = p->len;
	in_hand.tags = p->tags;
	in_hand.what = what;
	if (!in_hand.at)
		abort();
	memcpy(in_hand.at, p->byte, (size_t)p->len);
	returned = icmp6_echo_reply(in_hand.at, in_hand.at + p->len);
	memcpy(p->byte, in_hand.at, (size_t)p->len);
	free(in_hand.at);
	return returned;
}

/* The mistakes that are made most in finding a reply's length. */
static void print_why(const struct packet *asked, int wanted, int returned)
{
	if (wanted < 0 && returned == -wanted)
		puts("A verdict is returned as a negative number.");
	else if (wanted <= 0)
		return;
	else if (wanted < asked->len)
		puts("The end is where the IPv6 header says; more may be there, as short frames are padded.");
	else if (returned == -ICMP6_ECHO_TRUNCATED)
		puts("payload_len is in network byte order, and counts from behind the IPv6 header.");
	else if (returned == wanted - ICMP6_ECHO_IPV6_LEN)
		puts("The IPv6 header is missing in it: head is to be what is in front of ICMPv6.");
}

/* Returns 1 after having said what is wrong, or 0. */
static int expect(const struct packet *asked, int wanted, const char *what)
{
	struct packet p = *asked;
	int returned = call(&p, what);

	if (returned != wanted) {
		printf("%s\nexpected: icmp6_echo_reply() returns %s\n", what,
		       verdict(wanted));
		printf("came:     %s\n", verdict(returned));
		print_why(asked, wanted, returned);
		return 1;
	}
	if (wanted <= 0 && memcmp(&p, asked, sizeof(p))) {
		printf("%s\nexpected: the packet is left as it was\ncame:     it was changed before all was checked\n",
		       what);
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

static int check_request(void)
{
	static const int sizes[] = { 56, 0, 1, 13, 1452 };
	struct packet p;

	for (int i = 0; i < 5; i++) {
		p = request("", sizes[i], 1);
		if (expect(&p, p.len,
			   text("an echo request with %d bytes of data, %d bytes in all",
				sizes[i], p.len)))
			return 1;
	}
	p = request("", 0, 1);
	p.len += 4; /* a short frame is padded on the wire */
	return expect(
		&p, p.len - 4,
		"an echo request, and 4 bytes behind the end that its IPv6 header gives");
}

/* Every beginning of the packet, as if the rest had been cut off. */
static int check_beginnings(const struct packet *whole)
{
	struct packet p = *whole;

	for (p.len = whole->len - 1; p.len > 0; p.len--)
		if (expect(&p, -ICMP6_ECHO_TRUNCATED,
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
	if (expect(&p, -ICMP6_ECHO_TRUNCATED,
		   "an echo request whose payload length says 65535"))
		return 1;
	put16(p.byte + ip_at(&p) + 4, 7);
	return expect(
		&p, -ICMP6_ECHO_TRUNCATED,
		"payload length 7, which is too short for ICMPv6's 8 bytes");
}

static int expect_changed(int at, int value, int wanted, const char *what)
{
	struct packet p = request("", DATA, 1);

	p.byte[at] = (unsigned char)value;
	return expect(&p, -wanted, what);
}

static int check_other(void)
{
	struct packet p = request("", 0, 1);

	if (expect_changed(12, 8, ICMP6_ECHO_OTHER,
			   "no IPv6: Ethernet type 08dd") ||
	    expect_changed(14, 0x45, ICMP6_ECHO_OTHER,
			   "an IPv6 header whose version is 4") ||
	    expect_changed(20, 17, ICMP6_ECHO_OTHER,
			   "next header 17: UDP, no ICMPv6") ||
	    expect_changed(54, 129, ICMP6_ECHO_OTHER,
			   "ICMPv6 type 129: an echo reply, no request") ||
	    expect_changed(54, 135, ICMP6_ECHO_OTHER,
			   "ICMPv6 type 135: a neighbour solicitation") ||
	    expect_changed(20, 0, ICMP6_ECHO_EXTENSION,
			   "next header 0: an extension header") ||
	    expect_changed(20, 44, ICMP6_ECHO_EXTENSION,
			   "next header 44: a fragment"))
		return 1;
	/* As UDP, with only the 40 bytes of its IPv6 header. */
	p.len = ETH_HLEN + 40;
	p.byte[20] = 17;
	put16(p.byte + 18, 0);
	return expect(&p, -ICMP6_ECHO_OTHER,
		      "next header 17, and nothing behind the IPv6 header");
}

static int check_address(void)
{
	struct packet p = request("", DATA, 1);

	memset(p.byte + 22, 0, 16);
	return expect_changed(38, 0xff, ICMP6_ECHO_ADDRESS,
			      "an echo request to a group, ff00::/8") ||
	       expect_changed(22, 0xff, ICMP6_ECHO_ADDRESS,
			      "an echo request from a group, ff00::/8") ||
	       expect_changed(0, 0x33, ICMP6_ECHO_ADDRESS,
			      "an echo request to a group's MAC address") ||
	       expect(&p, -ICMP6_ECHO_ADDRESS, "an echo request from ::");
}

static const char *tags_text(const char *tags)
{
	if (!strcmp(tags, "aq"))
		return "802.1ad, 802.1Q";
	return *tags == 'a' ? "802.1ad" : *tags == 'q' ? "802.1Q" : "";
}

/* Has one request answered, and returns 0 if there is anything to look at. */
static int answer(const char *tags, int data, unsigned int sequence,
		  struct answer *a)
{
	int returned;

	a->asked = request(tags, data, sequence);
	a->wanted = reply_to(&a->asked);
	a->came = a->asked;
	returned = call(&a->came, "an echo request");
	if (returned > 0)
		return 0;
	printf("an echo request%s%s\nexpected: icmp6_echo_reply() returns %d, the length of the reply\ncame:     %s\n",
	       *tags ? " behind VLAN tags: " : ": step 3 comes first",
	       tags_text(tags), a->asked.len, verdict(returned));
	return 1;
}

static int check_fields(const char *tags, unsigned int fields)
{
	struct answer a;

	return answer(tags, DATA, 1, &a) || compare(&a, fields);
}

static int check_reply(void)
{
	return check_fields(
		"", 1U << ICMP_TYPE | 1U << ICMP_CODE | 1U << IDENTIFIER |
			    1U << SEQUENCE | 1U << ICMP_DATA | 1U << CLASS |
			    1U << PAYLOAD_LENGTH | 1U << NEXT_HEADER |
			    1U << TYPE_OF_PAYLOAD);
}

static int check_swap(void)
{
	return check_fields("", 1U << ETH_DESTINATION | 1U << ETH_SOURCE |
					1U << IP_SOURCE | 1U << IP_DESTINATION);
}

static int check_hop_limit(void)
{
	return check_fields("", 1U << HOP_LIMIT);
}

/* With all sequence numbers there are all checksums. */
static int check_checksum(void)
{
	struct answer a;

	for (unsigned int i = 0; i < 65536; i++) {
		if (answer("", 3, i, &a))
			return 1;
		/* Not blamed twice: the rest is what it should be. */
		memcpy(a.came.byte, a.wanted.byte,
		       (size_t)icmp_at(&a.came) + 2);
		if (compare(&a, 1U << ICMP_CHECKSUM)) {
			printf("  (%u of the checksums before it were right)\n",
			       i);
			return 1;
		}
	}
	return 0;
}

/* What step 4 is about costs no points in step 7. */
static unsigned int fields_of_interest(const char *tags)
{
	unsigned int rewritten = 1U << ETH_DESTINATION | 1U << ETH_SOURCE |
				 1U << HOP_LIMIT | 1U << IP_SOURCE |
				 1U << IP_DESTINATION | 1U << ICMP_CHECKSUM;

	return *tags ? ALL_FIELDS & ~rewritten : ALL_FIELDS;
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
	put16(p.byte + 16, ETH_P_ARP);
	return expect(&p, -ICMP6_ECHO_OTHER,
		      "behind a tag no IPv6: Ethernet type 0806");
}

static int check_vlans(void)
{
	struct packet two = request("aq", DATA, 1);
	struct packet three = request("aqq", DATA, 1);

	return check_tags("aq") || check_beginnings(&two) ||
	       expect(&three, -ICMP6_ECHO_OTHER,
		      "an echo request behind three tags");
}

static const struct {
	const char *name;
	int (*function)(void);
} checks[] = {
	{ "request", check_request },	 { "truncated", check_truncated },
	{ "other", check_other },	 { "address", check_address },
	{ "reply", check_reply },	 { "swap", check_swap },
	{ "hoplimit", check_hop_limit }, { "checksum", check_checksum },
	{ "vlan", check_vlan },		 { "vlans", check_vlans },
};

/* In a process of its own, which may crash, hang, or read where it must not. */
static int check(const char *name)
{
	int status;
	pid_t pid;

	for (unsigned int i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		if (strcmp(checks[i].name, name))
			continue;
		fflush(stdout);
		pid = fork();
		if (!pid) {
			alarm(LIMIT_SECONDS);
			status = checks[i].function();
			fflush(stdout);
			_exit(status);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 2;
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WTERMSIG(status) == SIGALRM)
			printf("icmp6_echo_reply() hangs: it has not returned in %d s\n",
			       LIMIT_SECONDS);
		else
			printf("icmp6_echo_reply() crashes: %s\n",
			       strsignal(WTERMSIG(status)));
		return 1;
	}
	return 2;
}

/*
 * --- the learner's program, by wire ----------------------------------------
 */

static int wire_open(const char *device, const char *mac)
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1;
	int size = 64 << 20;
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(device) };
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	if (bind(fd, (void *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    ioctl(fd, SIOCGIFHWADDR, &ifr)) {
		perror(device);
		exit(2);
	}
	memcpy(inside_mac, ifr.ifr_hwaddr.sa_data, 6);
	for (int i = 0; i < 6; i++)
		here_mac[i] = (unsigned char)strtoul(mac + 3 * i, NULL, 16);
	return fd;
}

static void wire_send(int fd, const struct packet *p)
{
	ssize_t n;

	do
		n = send(fd, p->byte, (size_t)p->len, 0);
	while (n < 0 && errno == ENOBUFS);
	if (n != p->len) {
		perror("send");
		exit(2);
	}
}

/*
 * The kernel takes a VLAN tag out of what it hands to a packet socket, and says
 * it beside: here it is put back, so that the frame is as it was on the wire.
 */
static void tag_put_back(struct msghdr *m, struct packet *p)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct tpacket_auxdata aux;

		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		memmove(p->byte + 16, p->byte + 12, (size_t)p->len - 12);
		put16(p->byte + 12, aux.tp_status & TP_STATUS_VLAN_TPID_VALID
					    ? aux.tp_vlan_tpid
					    : ETH_P_8021Q);
		put16(p->byte + 14, aux.tp_vlan_tci);
		p->len += 4;
		p->tags += 4;
	}
}

/* The next frame that carries our data, in whatever headers; false if none. */
static bool wire_receive(int fd, struct packet *p, int milliseconds)
{
	struct pollfd in = { fd, POLLIN, 0 };

	while (poll(&in, 1, milliseconds) > 0) {
		struct sockaddr_ll from;
		unsigned char control[256];
		struct iovec iov = { p->byte, sizeof(p->byte) - 4 };
		struct msghdr m = { &from,   sizeof(from),    &iov, 1,
				    control, sizeof(control), 0 };
		ssize_t n = recvmsg(fd, &m, 0);

		if (n < ETH_HLEN || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		p->len = (int)n;
		p->tags = 0;
		tag_put_back(&m, p);
		if (memmem(p->byte, (size_t)p->len, DATA_MARK, 7))
			return true;
	}
	return false;
}

static unsigned int sequence_of(const struct packet *p)
{
	const unsigned char *data =
		memmem(p->byte, (size_t)p->len, DATA_MARK, 7);

	return get16(data - 2);
}

static void use_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(2);
	}
}

/* Of CPUs that this process may run on, the first two. Returns how many. */
static int find_cpus(int cpu[2])
{
	cpu_set_t set;
	int found = 0;

	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[found++] = i;
	return found;
}

/*
 * On veth the sender's TX queue is the receiver's RX queue, and XPS chooses it.
 */
static void use_queue(const char *device, int queue)
{
	int cpu[2];

	find_cpus(cpu);
	use_cpu(cpu[0]);
	for (int i = 0; i < QUEUES; i++) {
		char path[100];
		FILE *file;

		snprintf(path, sizeof(path),
			 "/sys/class/net/%s/queues/tx-%d/xps_cpus", device, i);
		file = fopen(path, "w");
		if (!file) {
			perror(path);
			exit(2);
		}
		/* A mask: 32 CPUs to a word. */
		fprintf(file, "%x", i == queue ? 1U << cpu[0] % 32 : 0);
		for (int word = cpu[0] / 32; word; word--)
			fputs(",00000000", file);
		fclose(file);
	}
}

/*
 * On veth the sender's CPU runs the XDP program, so that who sends from two
 * CPUs in turn has it count on two.
 */
static int turns(int fd, int cpus)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	bool answered[TURNS + 1] = { false };
	struct packet p;
	int cpu[2];

	if (find_cpus(cpu) < cpus)
		return 2;
	for (unsigned int i = 1; i <= TURNS; i++) {
		use_cpu(cpu[cpus > 1 ? i % 2 : 0]);
		p = request("", DATA, i);
		wire_send(fd, &p);
		nanosleep(&pause, NULL);
	}
	while (wire_receive(fd, &p, QUIET_MS))
		if (sequence_of(&p) <= TURNS)
			answered[sequence_of(&p)] = true;
	for (int i = 1, any = 0; i <= TURNS; i++)
		if (answered[i])
			printf("%s%d", any++ ? " " : "", i);
	return 0;
}

static int ask(int fd, const char *tags)
{
	struct answer a;

	a.asked = request(tags, DATA, 1);
	a.wanted = reply_to(&a.asked);
	wire_send(fd, &a.asked);
	if (!wire_receive(fd, &a.came, 1000)) {
		printf("expected: a reply to an echo request%s\ncame:     nothing in a second\n",
		       *tags ? " behind a VLAN tag" : "");
		return 1;
	}
	return compare(&a, fields_of_interest(tags));
}

static struct packet unanswerable(int kind)
{
	struct packet p = request("", DATA, 9);

	switch (kind % 5) {
	case 0:
		p.byte[20] = 17; /* UDP */
		break;
	case 1:
		p.byte[54] = 129; /* a reply */
		break;
	case 2:
		p.len -= 30; /* truncated, but our mark is in it */
		break;
	case 3:
		p.byte[0] = 0x33; /* to a group */
		p.byte[38] = 0xff;
		break;
	default:
		p.byte[20] = 44; /* a fragment */
	}
	return p;
}

static int mute(int fd)
{
	static const char *const kinds[] = { "UDP", "an echo reply",
					     "a truncated echo request",
					     "an echo request to a group",
					     "a fragment" };

	for (int i = 0; i < 5; i++) {
		struct packet p = unanswerable(i);

		wire_send(fd, &p);
		if (!wire_receive(fd, &p, QUIET_MS / 3))
			continue;
		printf("expected: no answer to %s\ncame:     a frame of %d bytes: %s\n",
		       kinds[i], p.len,
		       i == 2 ? "does icmp6_echo_reply() get the end of the packet, packet + len?"
			      : "where icmp6_echo_reply() returns less than 0, give the frame back");
		return 1;
	}
	return 0;
}

/* Prints how many came back, each once; a second of silence is the end. */
static int flood(int fd, const char *device, int total, int window,
		 const char *how)
{
	bool others = !strcmp(how, "others"), queues = !strcmp(how, "queues");

	static bool answered[65536];
	int sent = 0, came = 0;
	struct packet p;

	while (came < total) {
		for (; sent < total && sent - came < window; sent++) {
			if (queues && sent % CHUNK == 0)
				use_queue(device, sent / CHUNK % QUEUES);
			if (others) {
				p = unanswerable(sent);
				wire_send(fd, &p);
			}
			p = request("", DATA, (unsigned int)sent & 0xffff);
			wire_send(fd, &p);
		}
		if (!wire_receive(fd, &p, 1000))
			break;
		came += !answered[sequence_of(&p)];
		answered[sequence_of(&p)] = true;
	}
	printf("%d", came);
	return came != total;
}

/*
 * A request to each queue, while the program sleeps; and one more to queue 0,
 * so that it is awake. Prints for each queue "answered", "late" or "never".
 */
static int queues(int fd, const char *device)
{
	const char *fate[QUEUES + 1] = { "never", "never", "never" };

	for (unsigned int i = 0; i <= QUEUES; i++) {
		struct packet p = request("", DATA, i);

		use_queue(device, (int)i % QUEUES);
		wire_send(fd, &p);
		while (wire_receive(fd, &p, WAKE_MS)) {
			unsigned int came = sequence_of(&p);

			if (came <= i)
				fate[came] = came == i ? "answered" : "late";
		}
	}
	printf("%s %s", fate[0], fate[1]);
	return 0;
}

static int send_only(int fd, int total)
{
	struct packet p = request("", DATA, 1);

	for (int i = 0; i < total; i++)
		wire_send(fd, &p);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	int fd;

	if (!strcmp(what, "check"))
		return check(argv[2]);
	if (argc < 4)
		return 2;
	fd = wire_open(argv[2], argv[3]);
	if (!strcmp(what, "mute"))
		return mute(fd);
	if (!strcmp(what, "turns") && argc == 5)
		return turns(fd, atoi(argv[4]));
	if (!strcmp(what, "ask") && argc == 5)
		return ask(fd, argv[4]);
	if (!strcmp(what, "send") && argc == 5)
		return send_only(fd, atoi(argv[4]));
	if (!strcmp(what, "flood") && argc >= 6)
		return flood(fd, argv[2], atoi(argv[4]), atoi(argv[5]),
			     argc > 6 ? argv[6] : "");
	if (!strcmp(what, "queues"))
		return queues(fd, argv[2]);
	return 2;
}
