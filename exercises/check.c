// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The grader's unit checks: call the learner's icmp6_echo_reply().
 *
 *	check request|truncated|other|address|reply|swap|hoplimit|checksum|
 *	      vlan|vlans
 *
 * Exit status: 0 passed, 1 failed, and stdout says why, 2 no such check.
 */
#include <arpa/inet.h>
#include <sanitizer/asan_interface.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "headers/icmp6_echo.h"
#include "packet.h"

#define LIMIT_SECONDS 5 /* the learner's code should take microseconds */

/* The packet of the present call, for the report of a read past its end. */
static struct {
	char *at;
	int len;
	int tags;
	const char *name;
} given;

/* The address sanitizer calls this before it ends the process. */
void __asan_on_error(void)
{
	char *address = __asan_get_report_address();
	long offset = address - given.at;

	printf("%s, which has %d bytes\n", given.name, given.len);
	printf("expected: no read or write after byte %d\n", given.len - 1);
	printf("came:     a %s of %zu bytes at byte %ld (%s): check the length first\n",
	       __asan_get_report_access_type() ? "write" : "read",
	       __asan_get_report_access_size(), offset,
	       field_name_at((int)offset, given.tags));
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
		[ICMP6_ECHO_FOREIGN] = "-ICMP6_ECHO_FOREIGN",
	};
	static char text[64];

	if (returned <= 0 && returned > -ICMP6_ECHO_VERDICTS)
		return names[-returned];
	snprintf(text, sizeof(text), "%d", returned);
	return text;
}

/*
 * Call icmp6_echo_reply() with a copy of the packet and copy the result back.
 * The copy's memory ends with the packet, so that any read past it is found.
 */
static int call(struct packet *p, const char *name)
{
	int returned;

	given.at = malloc((size_t)p->len);
	given.len = p->len;
	given.tags = p->tags;
	given.name = name;
	if (!given.at)
		abort();
	memcpy(given.at, p->byte, (size_t)p->len);
	returned = icmp6_echo_reply(given.at, given.at + p->len,
				    icmp6_echo_any_mac);
	memcpy(p->byte, given.at, (size_t)p->len);
	free(given.at);
	return returned;
}

/* Explain the most frequent mistakes in finding a reply's length. */
static void print_why(const struct packet *asked, int wanted, int returned)
{
	if (wanted < 0 && returned == -wanted)
		puts("A verdict is returned as a negative number.");
	else if (wanted <= 0)
		return;
	else if (wanted < asked->len)
		puts("The end is where the IPv6 header says; more may be there, as short frames are padded.");
	else if (returned == -ICMP6_ECHO_TRUNCATED)
		puts("payload_len is in network byte order, and counts from the end of the IPv6 header.");
	else if (returned == wanted - ICMP6_ECHO_IPV6_LEN)
		puts("The IPv6 header is missing in it: head counts all bytes in front of ICMPv6.");
}

/* Print a wrong verdict or a changed packet and return 1, or return 0. */
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
	if (wanted <= 0 && memcmp(&p, asked, sizeof(p))) {
		printf("%s\nexpected: the packet is left as it was\ncame:     it was changed before all was checked\n",
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

/* Try the packet cut off after each of its bytes. */
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

static int expect_changed(int at, int value, int wanted, const char *name)
{
	struct packet p = request("", DATA, 1);

	p.byte[at] = (unsigned char)value;
	return expect(&p, -wanted, name);
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
	/* UDP, and the packet ends with its IPv6 header. */
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

/* Have a request answered. Return 0 if there is a reply to compare. */
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

/* Going through all sequence numbers tries all checksums. */
static int check_checksum(void)
{
	struct answer a;

	for (unsigned int i = 0; i < 65536; i++) {
		if (answer("", 3, i, &a))
			return 1;
		/* Other fields' mistakes must not count here: mend them. */
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

/* Run a check in a child process, because the learner's code may crash it. */
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

int main(int argc, char **argv)
{
	return argc == 2 ? check(argv[1]) : 2;
}
