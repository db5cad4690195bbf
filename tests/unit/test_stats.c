// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test the printing functions of common/stats.h: compare a report's text,
 * drawing and JSON with the expected output.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/stats.h"

static const struct stats zero;

/* Ways to print a report; the last three are in a terminal of 24 lines. */
enum form { TEXT, RINGS, JSON, NARROW, IN_PLACE, JSON_IN_TERMINAL, FORMS };

static void print(FILE *out, enum form form, const struct report *report)
{
	struct report copy = *report;

	if (form >= NARROW && !copy.terminal_lines)
		copy.terminal_lines = 24;
	if (form == TEXT || form == NARROW)
		stats_print(out, &copy);
	else if (form == RINGS || form == IN_PLACE)
		stats_print_rings(out, &copy);
	else
		stats_print_json(out, &copy);
}

/* Return the printed report. The next call overwrites the text. */
static const char *text_of(enum form form, const struct report *report)
{
	static char text[1 << 17];
	FILE *out = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	assert_non_null(out);
	print(out, form, report);
	assert_int_equal(ferror(out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static struct report report_of(const struct stats *now,
			       const struct stats *before, __u32 sockets)
{
	return (struct report){
		.device = "veth-adv03",
		.sockets = sockets,
		.now = now,
		.before = before,
		.period = 2,
		.hints = "",
		.fill_size = 4096,
		.rx_size = 4096,
		.tx_size = 2048,
		.completion_size = 2048,
	};
}

static void check_report(const struct stats *now, const struct stats *before,
			 double period, const char *want)
{
	struct report report = report_of(now, before, 1);

	report.period = period;
	assert_string_equal(text_of(TEXT, &report), want);
}

#define NOTHING                                                              \
	"AF_XDP RX:             0 pkts (         0 pps)           0 Kbytes " \
	"(     0 Mbits/s) period:2.000000\n"                                 \
	"       TX:             0 pkts (         0 pps)           0 Kbytes " \
	"(     0 Mbits/s) period:2.000000\n"

static void test_design_example(void **state)
{
	const struct stats now = {
		.rx_packets = 2,
		.rx_bytes = 236,
		.tx_packets = 2,
		.tx_bytes = 236,
		.verdicts[ICMP6_ECHO_ANSWERED] = 2,
	};

	(void)state;
	check_report(
		&now, &zero, 2.000185,
		"AF_XDP RX:             2 pkts (         1 pps)           0 Kbytes (     0 Mbits/s) period:2.000185\n"
		"       TX:             2 pkts (         1 pps)           0 Kbytes (     0 Mbits/s) period:2.000185\n"
		"\n");
}

static void test_nothing(void **state)
{
	(void)state;
	check_report(&zero, &zero, 2, NOTHING "\n");
}

/* RX and TX have separate counts, and rates since the last report. */
static void test_rates(void **state)
{
	const struct stats before = {
		.rx_packets = 1000000,
		.rx_bytes = 64000000,
		.tx_packets = 500000,
		.tx_bytes = 32000999,
	};
	const struct stats now = {
		.rx_packets = 3000000,
		.rx_bytes = 192000000,
		.tx_packets = 500010,
		.tx_bytes = 39501999,
	};

	(void)state;
	check_report(
		&now, &before, 0.5,
		"AF_XDP RX:       3000000 pkts (   4000000 pps)      192000 Kbytes (  2048 Mbits/s) period:0.500000\n"
		"       TX:        500010 pkts (        20 pps)       39501 Kbytes (   120 Mbits/s) period:0.500000\n"
		"\n");
}

/* A Kbyte is 1,000 bytes, and the number of Kbytes is rounded down. */
static void test_kbytes(void **state)
{
	const struct stats now = { .rx_bytes = 1000, .tx_bytes = 999 };

	(void)state;
	check_report(
		&now, &now, 1,
		"AF_XDP RX:             0 pkts (         0 pps)           1 Kbytes (     0 Mbits/s) period:1.000000\n"
		"       TX:             0 pkts (         0 pps)           0 Kbytes (     0 Mbits/s) period:1.000000\n"
		"\n");
}

/* Rates are rounded to the nearest integer: 1.75 to 2, and 1.25 to 1. */
static void test_rounding(void **state)
{
	const struct stats now = {
		.rx_packets = 7,
		.rx_bytes = 875000,
		.tx_packets = 5,
		.tx_bytes = 625000,
	};

	(void)state;
	check_report(
		&now, &zero, 4,
		"AF_XDP RX:             7 pkts (         2 pps)         875 Kbytes (     2 Mbits/s) period:4.000000\n"
		"       TX:             5 pkts (         1 pps)         625 Kbytes (     1 Mbits/s) period:4.000000\n"
		"\n");
}

/* Print numbers that exactly fill their columns. */
static void test_full_columns(void **state)
{
	const struct stats now = {
		.rx_packets = 99999999999ULL,
		.rx_bytes = 99999999999999ULL,
		.tx_packets = 12345678901ULL,
		.tx_bytes = 12345678901000ULL,
	};
	const struct stats before = {
		.rx_packets = 90000000000ULL,
		.rx_bytes = 99999999999999ULL - 124999875000ULL,
		.tx_packets = 12345678901ULL - 1234567890ULL,
		.tx_bytes = 12345678901000ULL - 15432000000ULL,
	};

	(void)state;
	check_report(
		&now, &before, 1,
		"AF_XDP RX:   99999999999 pkts (9999999999 pps) 99999999999 Kbytes (999999 Mbits/s) period:1.000000\n"
		"       TX:   12345678901 pkts (1234567890 pps) 12345678901 Kbytes (123456 Mbits/s) period:1.000000\n"
		"\n");
}

/* A number that is too wide moves the rest of its line. No digit is lost. */
static void test_overflowing_columns(void **state)
{
	const struct stats now = {
		.rx_packets = 18446744073709551615ULL,
		.rx_bytes = 18446744073709551615ULL,
		.tx_packets = 1ULL << 40,
		.tx_bytes = 1ULL << 53,
	};

	(void)state;
	check_report(
		&now, &zero, 1,
		"AF_XDP RX:   18446744073709551615 pkts (18446744073709551616 pps) 18446744073709551 Kbytes (147573952589676 Mbits/s) period:1.000000\n"
		"       TX:   1099511627776 pkts (1099511627776 pps) 9007199254740 Kbytes (72057594038 Mbits/s) period:1.000000\n"
		"\n");
}

static void test_long_period(void **state)
{
	const struct stats now = { .rx_packets = 1000000 };

	(void)state;
	check_report(
		&now, &zero, 1e6,
		"AF_XDP RX:       1000000 pkts (         1 pps)           0 Kbytes (     0 Mbits/s) period:1000000.000000\n"
		"       TX:             0 pkts (         0 pps)           0 Kbytes (     0 Mbits/s) period:1000000.000000\n"
		"\n");
}

/* If the period is zero, all rates are 0, without a division by zero. */
static void test_zero_period(void **state)
{
	const struct stats now = {
		.rx_packets = 7,
		.rx_bytes = 7000,
		.tx_packets = 6,
		.tx_bytes = 6000,
	};

	(void)state;
	check_report(
		&now, &zero, 0,
		"AF_XDP RX:             7 pkts (         0 pps)           7 Kbytes (     0 Mbits/s) period:0.000000\n"
		"       TX:             6 pkts (         0 pps)           6 Kbytes (     0 Mbits/s) period:0.000000\n"
		"\n");
}

static void test_each_cause(void **state)
{
	static const struct {
		struct stats stats;
		const char *text;
	} cases[] = {
		{ { .verdicts[ICMP6_ECHO_OTHER] = 1 },
		  NOTHING
		  "No answer:             1 pkts no ICMPv6 echo request\n\n" },
		{ { .verdicts[ICMP6_ECHO_EXTENSION] = 22 },
		  NOTHING
		  "No answer:            22 pkts with an extension header or in fragments\n\n" },
		{ { .verdicts[ICMP6_ECHO_TRUNCATED] = 333 },
		  NOTHING
		  "No answer:           333 pkts shorter than their headers say\n\n" },
		{ { .verdicts[ICMP6_ECHO_ADDRESS] = 4444 },
		  NOTHING
		  "No answer:          4444 pkts from or to an address that gets no answer\n\n" },
		{ { .verdicts[ICMP6_ECHO_FOREIGN] = 55555 },
		  NOTHING
		  "No answer:         55555 pkts for another device's MAC address\n\n" },
		{ { .kernel.rx_ring_full = 55555 },
		  NOTHING
		  "  Dropped:         55555 pkts RX ring full: they came faster than we read\n\n" },
		{ { .kernel.rx_fill_ring_empty_descs = 666666 },
		  NOTHING
		  "  Dropped:        666666 pkts FILL ring empty: no frame to receive into\n\n" },
		{ { .kernel.rx_dropped = 7777777 },
		  NOTHING
		  "  Dropped:       7777777 pkts larger than a frame\n\n" },
		/*
		 * If FILL is empty in copy mode, the kernel counts a packet in
		 * both counters below.
		 */
		{ { .kernel.rx_dropped = 10,
		    .kernel.rx_fill_ring_empty_descs = 10 },
		  NOTHING
		  "  Dropped:            10 pkts FILL ring empty: no frame to receive into\n\n" },
		/* In zero-copy mode no packet is in both counters. */
		{ { .zero_copy = true,
		    .kernel.rx_dropped = 5,
		    .kernel.rx_fill_ring_empty_descs = 10 },
		  NOTHING
		  "     FILL:            10 times the driver found no frame in FILL\n"
		  "  Dropped:             5 pkts larger than a frame\n\n" },
		{ { .kernel.tx_invalid_descs = 99999999999ULL },
		  NOTHING
		  "  Invalid:   99999999999 pkts descriptors that we put into TX\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_report(&cases[i].stats, &zero, 2, cases[i].text);
}

/*
 * The causes of missing answers have a fixed order. A cause stays in the report
 * even if its count has not grown since the last report.
 */
static void test_all_causes(void **state)
{
	const struct stats now = {
		.verdicts = {
			[ICMP6_ECHO_ANSWERED] = 9,
			[ICMP6_ECHO_OTHER] = 1,
			[ICMP6_ECHO_EXTENSION] = 2,
			[ICMP6_ECHO_TRUNCATED] = 3,
			[ICMP6_ECHO_ADDRESS] = 4,
		},
		.kernel = {
			.rx_dropped = 7,
			.rx_invalid_descs = 8,
			.tx_invalid_descs = 10,
			.rx_ring_full = 5,
			.rx_fill_ring_empty_descs = 6,
			.tx_ring_empty_descs = 11,
		},
	};

	(void)state;
	check_report(
		&now, &now, 2,
		NOTHING
		"No answer:             1 pkts no ICMPv6 echo request\n"
		"No answer:             2 pkts with an extension header or in fragments\n"
		"No answer:             3 pkts shorter than their headers say\n"
		"No answer:             4 pkts from or to an address that gets no answer\n"
		"  Dropped:             5 pkts RX ring full: they came faster than we read\n"
		"  Dropped:             6 pkts FILL ring empty: no frame to receive into\n"
		"  Dropped:             1 pkts larger than a frame\n"
		"  Invalid:            10 pkts descriptors that we put into TX\n"
		"\n");
}

/* An empty TX ring is normal, so its counter is not printed. */
static void test_no_cause(void **state)
{
	const struct stats now = {
		.verdicts[ICMP6_ECHO_ANSWERED] = 5,
		.kernel.tx_ring_empty_descs = 5,
	};

	(void)state;
	check_report(&now, &zero, 2, NOTHING "\n");
}

/* Print @n with the locale's separator between groups of three digits. */
static void separate(char *to, size_t size, unsigned long long n)
{
	const char *sep = localeconv()->thousands_sep;

	if (n < 1000)
		snprintf(to, size, "%llu", n);
	else if (n < 1000000)
		snprintf(to, size, "%llu%s%03llu", n / 1000, sep, n % 1000);
	else
		snprintf(to, size, "%llu%s%03llu%s%03llu", n / 1000000, sep,
			 n / 1000 % 1000, sep, n % 1000);
}

/*
 * Return true if the locale separates groups of three digits by a single byte,
 * because check_separators() counts a byte as a column. The last size in
 * "grouping" repeats, so "\3" and "\3\3" mean the same.
 */
static bool separates_thousands(const char *name)
{
	return setlocale(LC_NUMERIC, name) &&
	       strlen(localeconv()->thousands_sep) == 1 &&
	       strspn(localeconv()->grouping, "\3") ==
		       strlen(localeconv()->grouping) &&
	       *localeconv()->grouping;
}

/*
 * Set the user's locale if it separates thousands, or else the first installed
 * locale that does. Return false if there is none.
 */
static bool set_separating_locale(void)
{
	bool found = separates_thousands("");
	FILE *list = popen("locale -a 2>/dev/null", "r");
	char name[128];

	while (list && !found && fgets(name, sizeof(name), list)) {
		name[strcspn(name, "\n")] = '\0';
		found = separates_thousands(name);
	}
	if (list)
		pclose(list);
	return found;
}

static void check_separators(void)
{
	const struct stats now = {
		.rx_packets = 1234567,
		.rx_bytes = 9876543000ULL,
		.tx_packets = 999,
		.tx_bytes = 1000000,
		.verdicts[ICMP6_ECHO_OTHER] = 1000,
	};
	char rx[32], pps[32], kbytes[32], mbits[32], tx_pps[32];
	char tx_kbytes[32], other[32], want[512];
	int point = *localeconv()->decimal_point;

	separate(rx, sizeof(rx), 1234567);
	separate(pps, sizeof(pps), 2469134);
	separate(kbytes, sizeof(kbytes), 9876543);
	separate(mbits, sizeof(mbits), 158025);
	separate(tx_pps, sizeof(tx_pps), 1998);
	separate(tx_kbytes, sizeof(tx_kbytes), 1000);
	separate(other, sizeof(other), 1000);
	snprintf(
		want, sizeof(want),
		"AF_XDP RX:   %11s pkts (%10s pps) %11s Kbytes (%6s Mbits/s) period:0%c500000\n"
		"       TX:   %11s pkts (%10s pps) %11s Kbytes (%6s Mbits/s) period:0%c500000\n"
		"No answer:   %11s pkts no ICMPv6 echo request\n"
		"\n",
		rx, pps, kbytes, mbits, point, "999", tx_pps, tx_kbytes, "16",
		point, other);
	check_report(&now, &zero, 0.5, want);
}

static void test_thousands(void **state)
{
	bool found = set_separating_locale();

	(void)state;
	if (!found) {
		setlocale(LC_NUMERIC, "C");
		print_message("no installed locale separates thousands\n");
		skip();
	}
	check_separators();
	setlocale(LC_NUMERIC, "C");
}

/* Print the same numbers in a locale without a separator. */
static void test_no_thousands(void **state)
{
	(void)state;
	assert_string_equal(setlocale(LC_NUMERIC, "C"), "C");
	check_separators();
}

/* --- several sockets ------------------------------------------------------ */

/* Print totals, and a line for each queue with its own counts and rates. */
static void test_several(void **state)
{
	const struct stats before[3] = {
		{ .queue = 0, .rx_packets = 100, .tx_packets = 90 },
		{ .queue = 1, .rx_packets = 1000 },
		{ .queue = 10 },
	};
	const struct stats now[3] = {
		{ .queue = 0,
		  .rx_packets = 300,
		  .rx_bytes = 1000,
		  .tx_packets = 290,
		  .tx_bytes = 3000 },
		{ .queue = 1,
		  .rx_packets = 1000,
		  .rx_bytes = 500,
		  .tx_packets = 7,
		  .tx_bytes = 500 },
		{ .queue = 10,
		  .rx_packets = 40,
		  .rx_bytes = 2500000,
		  .tx_packets = 8,
		  .tx_bytes = 500000 },
	};
	struct report report = report_of(now, before, 3);

	(void)state;
	assert_string_equal(
		text_of(TEXT, &report),
		"AF_XDP RX:          1340 pkts (       120 pps)        2501 Kbytes (    10 Mbits/s) period:2.000000\n"
		"       TX:           305 pkts (       108 pps)         503 Kbytes (     2 Mbits/s) period:2.000000\n"
		"  Queue 0:           300 RX (       100 pps)         290 TX (       100 pps)\n"
		"  Queue 1:          1000 RX (         0 pps)           7 TX (         4 pps)\n"
		" Queue 10:            40 RX (        20 pps)           8 TX (         4 pps)\n"
		"\n");
}

/* Each cause has the sum over all queues, and is printed before the queues. */
static void test_several_causes(void **state)
{
	const struct stats now[2] = {
		{ .queue = 4,
		  .verdicts = { 0, 1, 2, 3, 4 },
		  .kernel = { 5, 6, 7, 8, 3, 9 } },
		{ .queue = 5,
		  .verdicts = { 0, 10, 20, 30, 40 },
		  .kernel = { 50, 60, 70, 80, 20, 90 } },
	};
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 2);

	(void)state;
	assert_string_equal(
		text_of(TEXT, &report), NOTHING
		"No answer:            11 pkts no ICMPv6 echo request\n"
		"No answer:            22 pkts with an extension header or in fragments\n"
		"No answer:            33 pkts shorter than their headers say\n"
		"No answer:            44 pkts from or to an address that gets no answer\n"
		"  Dropped:            88 pkts RX ring full: they came faster than we read\n"
		"  Dropped:            23 pkts FILL ring empty: no frame to receive into\n"
		"  Dropped:            32 pkts larger than a frame\n"
		"  Invalid:            77 pkts descriptors that we put into TX\n"
		"  Queue 4:             0 RX (         0 pps)           0 TX (         0 pps)\n"
		"  Queue 5:             0 RX (         0 pps)           0 TX (         0 pps)\n"
		"\n");
}

/* The meaning of a counter depends on the mode of its socket. */
static void test_several_modes(void **state)
{
	const struct stats now[2] = {
		{ .kernel.rx_dropped = 12,
		  .kernel.rx_fill_ring_empty_descs = 10 },
		{ .zero_copy = true,
		  .kernel.rx_dropped = 100,
		  .kernel.rx_fill_ring_empty_descs = 1000 },
	};
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 2);
	const char *text = text_of(TEXT, &report);

	(void)state;
	assert_non_null(strstr(
		text,
		"     FILL:          1000 times the driver found no frame in FILL\n"
		"  Dropped:            10 pkts FILL ring empty: no frame to receive into\n"
		"  Dropped:           102 pkts larger than a frame\n"));
}

/* --- in a terminal -------------------------------------------------------- */

/* The report begins with a carriage return, so that it overwrites a ^C. */
static void test_narrow(void **state)
{
	const struct stats now[2] = {
		{ .queue = 0,
		  .rx_packets = 2000000,
		  .rx_bytes = 236000000,
		  .tx_packets = 4,
		  .verdicts[ICMP6_ECHO_OTHER] = 3 },
		{ .queue = 110, .rx_packets = 2 },
	};
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 2);

	(void)state;
	assert_string_equal(
		text_of(NARROW, &report),
		"\r"
		"AF_XDP RX:     2000002 pkts (  1000001 pps)      236000 Kbytes (   944 Mbits/s)\n"
		"       TX:           4 pkts (        2 pps)           0 Kbytes (     0 Mbits/s)\n"
		"No answer:           3 pkts no ICMPv6 echo request\n"
		"  Queue 0:     2000000 RX (  1000000 pps)           4 TX (        2 pps)\n"
		"Queue 110:           2 RX (        1 pps)           0 TX (        0 pps)\n"
		"\n");
	assert_string_equal(text_of(JSON_IN_TERMINAL, &report) + 1,
			    strchr(text_of(JSON_IN_TERMINAL, &report), '{'));
}

/* A line with numbers that are too wide continues on the next line. */
static void test_narrow_overflow(void **state)
{
	const struct stats now[2] = {
		{ .rx_packets = 18446744073709551615ULL,
		  .rx_bytes = 18446744073709551615ULL,
		  .tx_packets = 99999999999ULL,
		  .tx_bytes = 99999999999999ULL },
	};
	const struct stats before[2] = { { .tx_packets = 99000000000ULL,
					   .tx_bytes = 99999999999999ULL -
						       124999875000ULL } };
	struct report report = report_of(now, before, 2);

	(void)state;
	report.period = 1;
	assert_string_equal(
		text_of(NARROW, &report),
		"\r"
		"AF_XDP RX: 18446744073709551615 pkts (18446744073709551616 pps)\n"
		"           18446744073709551 Kbytes (147573952589676 Mbits/s)\n"
		"       TX: 99999999999 pkts (999999999 pps) 99999999999 Kbytes (999999 Mbits/s)\n"
		"  Queue 0: 18446744073709551615 RX (18446744073709551616 pps)\n"
		"           99999999999 TX (999999999 pps)\n"
		"  Queue 0:           0 RX (        0 pps)           0 TX (        0 pps)\n"
		"\n");
}

static void check_width(const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		if (end - text - (*text == '\r') >= 80)
			fail_msg("%td columns: %.*s", end - text,
				 (int)(end - text), text);
}

/* Print the widest numbers, with and without a separator of thousands. */
static void test_narrow_width(void **state)
{
	const __u64 most = ~0ULL;
	const struct stats now[2] = {
		{ .queue = 4294967295U,
		  .rx_packets = most,
		  .rx_bytes = most,
		  .tx_packets = most,
		  .tx_bytes = most,
		  .verdicts = { most, most, most, most, most },
		  .kernel = { most, most, most, most, most, most } },
		{ .zero_copy = true, .kernel = { .rx_dropped = 1 } },
	};
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 2);

	(void)state;
	check_width(text_of(NARROW, &report));
	if (!set_separating_locale()) {
		setlocale(LC_NUMERIC, "C");
		print_message("no installed locale separates thousands\n");
		skip();
	}
	check_width(text_of(NARROW, &report));
	setlocale(LC_NUMERIC, "C");
}

/* --- rings ---------------------------------------------------------------- */

#define IDLE                               \
	{                                  \
		.free = 2048, .fill = 4096 \
	}

/* Return the drawing, which follows the text. */
static const char *drawing_of(const struct report *report)
{
	return strstr(text_of(RINGS, report), "\n\n") + 2;
}

static void test_picture(void **state)
{
	const struct stats now = { .frames = 6144, .places = IDLE };
	struct report report = report_of(&now, &zero, 1);

	(void)state;
	assert_string_equal(
		text_of(RINGS, &report), NOTHING
		"\n"
		" veth-adv03 queue 0, copy mode: 6144 frames\n"
		"  ours:     2048                                            the kernel's:  4096\n"
		" +---------------+                                          +----------------+\n"
		" | free          |   FILL (the kernel's)     4096 of 4096   | receive path   |\n"
		" |          2048 |==[####################################]=>|              0 |\n"
		" |               |   RX (ours)                  0 of 4096   |                |\n"
		" |               |<=[....................................]==|                |\n"
		" | in hand       |                                          +----------------+\n"
		" |             0 |   TX (the kernel's)          0 of 2048   | transmit path  |\n"
		" |               |==[....................................]=>|              0 |\n"
		" |               |   COMPLETION (ours)          0 of 2048   |                |\n"
		" |               |<=[....................................]==|                |\n"
		" +---------------+                                          +----------------+\n"
		"\n");
}

/* Each number is in its place, and each bar starts at its ring's arrowhead. */
static void test_picture_busy(void **state)
{
	const struct stats now = {
		.queue = 3,
		.zero_copy = true,
		.frames = 6144,
		.places = { .free = 7,
			    .fill = 1024,
			    .kernel_rx = 64,
			    .rx = 3072,
			    .tx = 1365,
			    .kernel_tx = 32,
			    .completion = 580 },
	};
	struct report report = report_of(&now, &now, 1);

	(void)state;
	assert_string_equal(
		drawing_of(&report),
		" veth-adv03 queue 3, zero-copy mode: 6144 frames\n"
		"  ours:     3659                                            the kernel's:  2485\n"
		" +---------------+                                          +----------------+\n"
		" | free          |   FILL (the kernel's)     1024 of 4096   | receive path   |\n"
		" |             7 |==[...........................#########]=>|             64 |\n"
		" |               |   RX (ours)               3072 of 4096   |                |\n"
		" |               |<=[###########################.........]==|                |\n"
		" | in hand       |                                          +----------------+\n"
		" |             0 |   TX (the kernel's)       1365 of 2048   | transmit path  |\n"
		" |               |==[.............#######################]=>|             32 |\n"
		" |               |   COMPLETION (ours)        580 of 2048   |                |\n"
		" |               |<=[##########..........................]==|                |\n"
		" +---------------+                                          +----------------+\n"
		"\n");
}

/* A single entry is visible in a bar, and so is a single missing entry. */
static void test_bars(void **state)
{
	static const struct {
		__u32 level, size;
		const char *bar;
	} cases[] = {
		{ 0, 4096, "<=[....................................]==" },
		{ 1, 4096, "<=[#...................................]==" },
		{ 227, 4096, "<=[#...................................]==" },
		{ 228, 4096, "<=[##..................................]==" },
		{ 2048, 4096, "<=[##################..................]==" },
		{ 4095, 4096, "<=[###################################.]==" },
		{ 4096, 4096, "<=[####################################]==" },
		{ 1U << 31, 1U << 31,
		  "<=[####################################]==" },
		{ 1U << 30, 1U << 31,
		  "<=[##################..................]==" },
		{ 9, 8, "<=[####################################]==" },
		{ 0, 0, "<=[....................................]==" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct stats now = { .places.rx = cases[i].level };
		struct report report = report_of(&now, &zero, 1);

		report.rx_size = cases[i].size;
		assert_non_null(strstr(text_of(RINGS, &report), cases[i].bar));
	}
}

/*
 * If a batch is visible in FILL and RX at once, or in TX and COMPLETION at
 * once, each of its frames counts once.
 */
static void test_kernel_in_between(void **state)
{
	const struct stats now = {
		.frames = 6144,
		.places = { .free = 2000,
			    .fill = 4096,
			    .kernel_rx = -32U,
			    .rx = 40,
			    .tx = 30,
			    .kernel_tx = -10U,
			    .completion = 20 },
	};
	struct report report = report_of(&now, &zero, 1);
	const char *text = drawing_of(&report);

	(void)state;
	assert_non_null(strstr(text, "copy mode: 6144 frames\n"));
	assert_non_null(strstr(text, " 4064 of 4096   | receive path   |\n"));
	assert_non_null(strstr(text, "=>|              0 |\n"));
	assert_non_null(strstr(text, "   20 of 2048   | transmit path  |\n"));
	assert_non_null(strstr(text, "ours:     2060 "));
	assert_non_null(strstr(text, "kernel's:  4084\n"));
	text = text_of(JSON, &report);
	assert_non_null(strstr(
		text,
		"\"frames\":{\"total\":6144,\"free\":2000,\"fill\":4064,\"kernel_rx\":0,\"rx\":40,\"in_hand\":0,\"tx\":20,\"kernel_tx\":0,\"completion\":20}"));
}

/* Draw wrong numbers of frames. FILL and TX never have a negative number. */
static void test_wrong_sum(void **state)
{
	struct stats now = { .frames = 6144, .places = IDLE };
	struct report report = report_of(&now, &zero, 1);

	(void)state;
	now.places.free -= 17;
	assert_non_null(strstr(drawing_of(&report),
			       ": 6144 frames, 17 of them LOST\n"));
	now.places.free += 20;
	assert_non_null(strstr(drawing_of(&report),
			       ": 6144 frames, 3 counted TWICE\n"));
	now.places = (struct places){ .kernel_rx = -2U, .kernel_tx = -2U };
	assert_non_null(strstr(drawing_of(&report), "     0 of 4096   | rec"));
	assert_non_null(strstr(drawing_of(&report), "     0 of 2048   | tra"));
}

static void test_lines(void **state)
{
	const struct stats now[3] = {
		{ .queue = 0, .frames = 6144, .places = IDLE },
		{ .queue = 1,
		  .frames = 6144,
		  .places = { .free = 1,
			      .fill = 683,
			      .kernel_rx = 5,
			      .rx = 3000,
			      .tx = 2047,
			      .kernel_tx = 12,
			      .completion = 394 } },
		{ .queue = 12,
		  .frames = 6144,
		  .places = { .free = 4096,
			      .fill = -1U + 2049,
			      .kernel_rx = -1U,
			      .rx = 1 } },
	};
	const struct stats before[3] = { 0 };
	struct report report = report_of(now, before, 3);

	(void)state;
	assert_string_equal(
		drawing_of(&report),
		" veth-adv03: 9540 ours, 8890 the kernel's: 18432 frames, 2 of them LOST\n"
		"        ours  kernel's           ours         kernel's           ours\n"
		" queue  free  FILL         recv  RX           TX           send  COMPLETION\n"
		"     0  2048  ###### 4096     0  ......    0  ......    0     0  ......    0\n"
		"     1     1  .....#  683     5  ..#### 3000  .##### 2047    12  .....#  394\n"
		"    12  4096  ....## 2047     0  .....#    1  ......    0     0  ......    0\n"
		"\n");
}

static int lines_of(const char *text)
{
	int n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

/*
 * The number of lines depends only on the number of sockets, so each drawing
 * covers the previous drawing.
 */
static void test_lines_count(void **state)
{
	static const struct places places[] = {
		IDLE,
		{ .rx = 4096, .tx = 2048 },
		{ .kernel_rx = 6000, .completion = 144 },
		{ .free = 6000 },
	};
	struct stats now[4] = { 0 };
	const struct stats before[4] = { 0 };

	(void)state;
	for (__u32 n = 1; n <= 4; n++)
		for (int i = 0; i < 4; i++) {
			struct report report = report_of(now, before, n);

			for (__u32 j = 0; j < n; j++)
				now[j] = (struct stats){ .queue = j,
							 .frames = 6144,
							 .places = places[i] };
			assert_int_equal(lines_of(drawing_of(&report)),
					 n == 1 ? 14 : 4 + n);
		}
}

/* Draw the largest values that a program may reach. */
static void test_drawing_width(void **state)
{
	const struct places places = {
		.free = 99999,
		.fill = 65536,
		.kernel_rx = 99999,
		.rx = 65536,
		.tx = 65536,
		.kernel_tx = 99999,
		.completion = 65536,
	};
	const struct stats now[2] = {
		{ .queue = 65535,
		  .zero_copy = true,
		  .frames = 562141,
		  .places = places },
		{ .queue = 65535,
		  .zero_copy = true,
		  .frames = 562141,
		  .places = places },
	};
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 1);

	(void)state;
	report.device = "abcdefghijklmno";
	report.fill_size = report.rx_size = 65536;
	report.tx_size = report.completion_size = 65536;
	check_width(drawing_of(&report));
	report.sockets = 2;
	report.device = "abc";
	check_width(drawing_of(&report));
}

/* Control bytes in a device's name do not reach the terminal. */
static void test_drawn_name(void **state)
{
	const struct stats now[2] = { { .frames = 1, .places.free = 1 },
				      { .frames = 1, .places.free = 1 } };
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 1);

	(void)state;
	report.device = "\033[2J\x01\x1f\x7f\xc3\xa4~";
	assert_non_null(
		strstr(drawing_of(&report), " ?[2J???\xc3\xa4~ queue 0, "));
	report.sockets = 2;
	assert_non_null(
		strstr(drawing_of(&report), " ?[2J???\xc3\xa4~: 2 ours, "));
}

/* --- rings, in place ------------------------------------------------------ */

/*
 * Each line ends with a code that clears the rest of the terminal's line. A
 * code at the end of the report clears everything below.
 */
static void test_in_place(void **state)
{
	const struct stats before = { .rx_packets = 1000, .tx_packets = 1 };
	const struct stats now = {
		.rx_packets = 2000000,
		.rx_bytes = 236000000,
		.tx_packets = 5,
		.tx_bytes = 1000000,
		.verdicts[ICMP6_ECHO_OTHER] = 3,
		.frames = 6144,
		.places = IDLE,
	};
	struct report report = report_of(&now, &before, 1);

	(void)state;
	report.hints = "the link is down\nnobody sends\n";
	assert_string_equal(
		text_of(IN_PLACE, &report),
		"\033[H"
		"AF_XDP RX:     2000000 pkts (   999500 pps)      236000 Kbytes (   944 Mbits/s)\033[K\n"
		"       TX:           5 pkts (        2 pps)        1000 Kbytes (     4 Mbits/s)\033[K\n"
		"No answer:           3 pkts no ICMPv6 echo request\033[K\n"
		"\033[K\n"
		" veth-adv03 queue 0, copy mode: 6144 frames\033[K\n"
		"  ours:     2048                                            the kernel's:  4096\033[K\n"
		" +---------------+                                          +----------------+\033[K\n"
		" | free          |   FILL (the kernel's)     4096 of 4096   | receive path   |\033[K\n"
		" |          2048 |==[####################################]=>|              0 |\033[K\n"
		" |               |   RX (ours)                  0 of 4096   |                |\033[K\n"
		" |               |<=[....................................]==|                |\033[K\n"
		" | in hand       |                                          +----------------+\033[K\n"
		" |             0 |   TX (the kernel's)          0 of 2048   | transmit path  |\033[K\n"
		" |               |==[....................................]=>|              0 |\033[K\n"
		" |               |   COMPLETION (ours)          0 of 2048   |                |\033[K\n"
		" |               |<=[....................................]==|                |\033[K\n"
		" +---------------+                                          +----------------+\033[K\n"
		"\033[K\n"
		"the link is down\033[K\n"
		"nobody sends\033[K\n"
		"\033[J");
	/*
	 * Hints follow a drawing only in a terminal. Otherwise hints go to
	 * stderr, and are not part of the report.
	 */
	assert_null(strstr(text_of(RINGS, &report), "nobody"));
	assert_null(strstr(text_of(TEXT, &report), "nobody"));
}

static void test_in_place_several(void **state)
{
	const struct stats now[2] = {
		{ .queue = 0,
		  .rx_packets = 1234567,
		  .tx_packets = 7654321,
		  .frames = 6144,
		  .places = IDLE },
		{ .queue = 110,
		  .rx_packets = 2,
		  .frames = 6144,
		  .places = IDLE },
	};
	const struct stats before[2] = { 0 };
	struct report report = report_of(now, before, 2);

	(void)state;
	assert_string_equal(
		text_of(IN_PLACE, &report),
		"\033[H"
		"AF_XDP RX:     1234569 pkts (   617284 pps)           0 Kbytes (     0 Mbits/s)\033[K\n"
		"       TX:     7654321 pkts (  3827160 pps)           0 Kbytes (     0 Mbits/s)\033[K\n"
		"  Queue 0:     1234567 RX (   617284 pps)     7654321 TX (  3827160 pps)\033[K\n"
		"Queue 110:           2 RX (        1 pps)           0 TX (        0 pps)\033[K\n"
		"\033[K\n"
		" veth-adv03: 4096 ours, 8192 the kernel's: 12288 frames\033[K\n"
		"        ours  kernel's           ours         kernel's           ours\033[K\n"
		" queue  free  FILL         recv  RX           TX           send  COMPLETION\033[K\n"
		"     0  2048  ###### 4096     0  ......    0  ......    0     0  ......    0\033[K\n"
		"   110  2048  ###### 4096     0  ......    0  ......    0     0  ......    0\033[K\n"
		"\033[K\n"
		"\033[J");
}

/* Return the number of lines with @word; no line may have it twice. */
static int lines_with(const char *text, const char *word)
{
	int n = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		n++;
	}
	return n;
}

/*
 * If the terminal has room, all queues are in the text and in the drawing. If
 * not, the text has no queues. If the room is still too small, the drawing has
 * only some of the queues. The cursor needs a line of its own.
 */
static void test_in_place_fits(void **state)
{
	static const struct {
		__u32 sockets, lines;
		const char *hints;
		int text, drawn, printed;
	} cases[] = {
		{ 8, 24, "", 8, 8, 23 },
		{ 9, 24, "", 0, 9, 16 },
		{ 16, 24, "", 0, 16, 23 },
		{ 17, 24, "", 0, 15, 23 },
		{ 512, 24, "", 0, 15, 23 },
		{ 8, 24, "why\n  do this\n", 0, 8, 17 },
		{ 512, 24, "why\n  do this\n", 0, 13, 23 },
		{ 28, 64, "", 28, 28, 63 },
		{ 512, 2, "", 0, 1, 9 },
	};
	static struct stats now[512], before[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct report report = report_of(now, before, cases[i].sockets);
		const char *text;

		report.terminal_lines = cases[i].lines;
		report.hints = cases[i].hints;
		text = text_of(IN_PLACE, &report);
		assert_int_equal(lines_with(text, "  Queue 0:"), cases[i].text);
		assert_int_equal(lines_with(text, "     0     0  ......"),
				 cases[i].drawn);
		assert_int_equal(lines_of(text), cases[i].printed);
		assert_int_equal(lines_with(text, " more queues\033[K\n"),
				 cases[i].drawn < (int)cases[i].sockets);
	}
	assert_non_null(
		strstr(text_of(IN_PLACE, &(struct report){ .device = "",
							   .sockets = 20,
							   .now = now,
							   .before = before,
							   .hints = "" }),
		       "\n and 5 more queues\033[K\n"));
}

/* A long hint is wrapped. */
static void test_in_place_hints(void **state)
{
	struct report report = report_of(&zero, &zero, 1);

	(void)state;
	report.hints =
		"veth-adv03: 10 packets came on RX queues 1, 2, 3, 4, 5, 6, 7, 8, which have no socket\n"
		"  --all-queues takes them all; --queue=1 takes only the packets of queue 1\n";
	assert_non_null(strstr(
		text_of(IN_PLACE, &report),
		"\033[K\n"
		"veth-adv03: 10 packets came on RX queues 1, 2, 3, 4, 5, 6, 7, 8, which have no\033[K\n"
		"  socket\033[K\n"
		"  --all-queues takes them all; --queue=1 takes only the packets of queue 1\033[K\n"
		"\033[J"));
}

/* --- JSON ----------------------------------------------------------------- */

static const struct stats busy = {
	.queue = 3,
	.rx_packets = 1000,
	.rx_bytes = 118001,
	.tx_packets = 900,
	.tx_bytes = 106201,
	.verdicts = { 900, 10, 20, 30, 40, 50 },
	.kernel = {
		.rx_dropped = 15,
		.rx_invalid_descs = 2,
		.tx_invalid_descs = 3,
		.rx_ring_full = 4,
		.rx_fill_ring_empty_descs = 5,
		.tx_ring_empty_descs = 6,
	},
	.frames = 6144,
	.places = { 11, 22, 33, 44, 55, 66, 5913 },
};

#define BUSY                                                                   \
	"\"rx_packets\":1000,\"rx_bytes\":118001,"                             \
	"\"rx_packets_per_second\":500.000000,"                                \
	"\"rx_bits_per_second\":472004.000000,"                                \
	"\"tx_packets\":900,\"tx_bytes\":106201,"                              \
	"\"tx_packets_per_second\":450.000000,"                                \
	"\"tx_bits_per_second\":424804.000000,"                                \
	"\"no_answer_packets\":{\"other\":10,\"extension\":20,"                \
	"\"truncated\":30,\"address\":40,\"foreign\":50},"                     \
	"\"dropped_packets\":{\"rx_ring_full\":4,\"fill_ring_empty\":5,"       \
	"\"larger_than_frame\":10},"                                           \
	"\"xdp_statistics\":{\"rx_dropped\":15,\"rx_invalid_descs\":2,"        \
	"\"tx_invalid_descs\":3,\"rx_ring_full\":4,"                           \
	"\"rx_fill_ring_empty_descs\":5,\"tx_ring_empty_descs\":6},"           \
	"\"frames\":{\"total\":6144,\"free\":11,\"fill\":22,\"kernel_rx\":33," \
	"\"rx\":44,\"in_hand\":0,\"tx\":55,\"kernel_tx\":66,"                  \
	"\"completion\":5913},"                                                \
	"\"ring_size_entries\":{\"fill\":4096,\"rx\":4096,\"tx\":2048,"        \
	"\"completion\":2048}"

static void test_json(void **state)
{
	struct report report = report_of(&busy, &zero, 1);

	(void)state;
	assert_string_equal(
		text_of(JSON, &report),
		"{\"device\":\"veth-adv03\",\"period_seconds\":2.000000,"
		"\"total\":{" BUSY
		"},\"queues\":[{\"queue\":3,\"mode\":\"copy\"," BUSY
		"}],\"hints\":[]}\n");
}

/* Return the number after the n-th '"name":', counting from 0. */
static double number(const char *json, const char *name, int n)
{
	char key[64];

	snprintf(key, sizeof(key), "\"%s\":", name);
	for (; n >= 0; n--) {
		json = strstr(json, key);
		assert_non_null(json);
		json += strlen(key);
	}
	return strtod(json, NULL);
}

/* Check that the total of each member in names[] is the sum over the queues. */
static void test_json_several(void **state)
{
	static const char *const names[] = {
		"rx_packets",
		"rx_bytes",
		"tx_packets",
		"tx_bytes",
		"rx_packets_per_second",
		"rx_bits_per_second",
		"tx_packets_per_second",
		"tx_bits_per_second",
		"other",
		"extension",
		"truncated",
		"address",
		"foreign",
		"fill_ring_empty",
		"larger_than_frame",
		"rx_dropped",
		"rx_invalid_descs",
		"tx_invalid_descs",
		"rx_fill_ring_empty_descs",
		"tx_ring_empty_descs",
		"free",
		"kernel_rx",
		"kernel_tx",
	};
	struct stats now[2] = { busy, busy };
	const struct stats before[2] = { { 0 }, { .tx_packets = 100 } };
	struct report report = report_of(now, before, 2);
	const char *json;

	(void)state;
	now[1].queue = 9;
	now[1].zero_copy = true;
	now[1].rx_packets = 1;
	now[1].tx_bytes = 2;
	now[1].places.free = 1000;
	now[1].places.kernel_rx = -5U;
	json = text_of(JSON, &report);
	assert_non_null(strstr(json, "[{\"queue\":3,\"mode\":\"copy\","));
	assert_non_null(strstr(json, "},{\"queue\":9,\"mode\":\"zero_copy\","));
	assert_non_null(strstr(json, "\"frames\":{\"total\":12288,"));
	assert_non_null(strstr(
		json,
		"\"ring_size_entries\":{\"fill\":8192,\"rx\":8192,\"tx\":4096,\"completion\":4096}}"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		double one, other;

		one = number(json, names[i], 1);
		other = number(json, names[i], 2);
		assert_true(one + other > 0);
		if (number(json, names[i], 0) != one + other)
			fail_msg("%s: %g and %g", names[i], one, other);
	}
}

/* In zero-copy mode an empty FILL ring does not count as a dropped packet. */
static void test_json_drops(void **state)
{
	struct stats now = busy;
	struct report report = report_of(&now, &zero, 1);

	(void)state;
	now.zero_copy = true;
	assert_non_null(strstr(
		text_of(JSON, &report),
		"\"dropped_packets\":{\"rx_ring_full\":4,\"fill_ring_empty\":0,\"larger_than_frame\":15},"));
}

/* Any device name becomes valid UTF-8. Test both sides of RFC 3629's limits. */
static void test_json_strings(void **state)
{
	static const struct {
		const char *name, *json;
	} cases[] = {
		{ "", "" },
		{ "a\"b\\c", "a\\\"b\\\\c" },
		{ "\x01\x1f\x7f~", "\\u0001\\u001f\\u007f~" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7",
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7" },
		{ "\x80z", "\\ufffdz" },
		{ "\xff\xfe", "\\ufffd\\ufffd" },
		{ "\xc2\x80|\xc2\x9b", "\\u0080|\\u009b" },
		{ "\xc2\xa0|\xdf\xbf", "\xc2\xa0|\xdf\xbf" },
		{ "\xc1\xbf", "\\ufffd\\ufffd" },
		{ "\xe0\xa0\x80", "\xe0\xa0\x80" },
		{ "\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd" },
		{ "\xed\x9f\xbf", "\xed\x9f\xbf" },
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },
		{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
		{ "\xf0\x8f\xbf\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xf5\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		/* Truncated. */
		{ "x\xc3", "x\\ufffd" },
		{ "\xe2\x82", "\\ufffd\\ufffd" },
		{ "\xf0\x9f\x90", "\\ufffd\\ufffd\\ufffd" },
		{ "\xc3\"", "\\ufffd\\\"" },
	};
	struct report report = report_of(&zero, &zero, 1);
	char want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *json;

		report.device = cases[i].name;
		json = text_of(JSON, &report);
		snprintf(want, sizeof(want), "{\"device\":\"%s\",\"period",
			 cases[i].json);
		if (strncmp(json, want, strlen(want)))
			fail_msg("%s does not begin %.60s", want, json);
	}
}

static void test_json_hints(void **state)
{
	struct report report = report_of(&zero, &zero, 1);

	(void)state;
	report.hints = "one\n";
	assert_non_null(
		strstr(text_of(JSON, &report), ",\"hints\":[\"one\"]}\n"));
	/* A line that is not indented begins a new hint. */
	report.hints = "\"one\"\n  do this\nthree\n  do\n  that\nfour";
	assert_non_null(strstr(
		text_of(JSON, &report),
		",\"hints\":[\"\\\"one\\\"\\n  do this\",\"three\\n  do\\n  that\",\"four\"]}\n"));
	report.hints = "cut \xe2\nhere";
	assert_non_null(strstr(text_of(JSON, &report),
			       ",\"hints\":[\"cut \\ufffd\",\"here\"]}\n"));
}

static void check_numbers(void)
{
	const struct stats now = {
		.rx_packets = 18446744073709551615ULL,
		.rx_bytes = 1234567,
		.tx_packets = 7,
	};
	struct report report = report_of(&now, &zero, 1);
	const char *json;

	report.period = 3;
	json = text_of(JSON, &report);
	assert_non_null(strstr(json, "\"period_seconds\":3.000000,"));
	assert_non_null(strstr(json, "\"rx_packets\":18446744073709551615,"));
	assert_non_null(strstr(
		json, "\"rx_packets_per_second\":1000000000000000000.000000,"));
	assert_non_null(strstr(json, "\"rx_bytes\":1234567,"));
	assert_non_null(strstr(json, "\"rx_bits_per_second\":3292178.666667,"));
	assert_non_null(strstr(json, "\"tx_packets_per_second\":2.333333,"));
	report.period = 1.9999999;
	assert_non_null(
		strstr(text_of(JSON, &report), "\"period_seconds\":2.000000,"));
	report.period = 1000000.25;
	assert_non_null(strstr(text_of(JSON, &report),
			       "\"period_seconds\":1000000.250000,"));
	report.period = 0;
	json = text_of(JSON, &report);
	assert_non_null(strstr(json, "\"period_seconds\":0.000000,"));
	assert_non_null(strstr(json, "\"rx_packets_per_second\":0.000000,"));
}

static void test_json_numbers(void **state)
{
	(void)state;
	check_numbers();
}

/*
 * JSON stays the same in a locale with decimal commas and with points between
 * thousands.
 */
static void test_json_locale(void **state)
{
	const struct stats now = { .rx_packets = 1234567 };
	struct report report = report_of(&now, &zero, 1);

	(void)state;
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8")) {
		print_message("locale de_DE.UTF-8 is not installed\n");
		skip();
	}
	/* The text report follows the locale. */
	assert_non_null(strstr(text_of(TEXT, &report), " 1.234.567 pkts"));
	assert_non_null(strstr(text_of(TEXT, &report), " period:2,000000\n"));
	check_numbers();
	setlocale(LC_NUMERIC, "C");
}

/* --- memory ------------------------------------------------------------- */

static unsigned long allocations;

#ifdef __has_feature /* clang does not define __SANITIZE_ADDRESS__ */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
/* The sanitizer has its own malloc(), which calls this hook. */
void __sanitizer_malloc_hook(const volatile void *ptr, size_t size);
void __sanitizer_malloc_hook(const volatile void *ptr, size_t size)
{
	(void)ptr;
	(void)size;
	allocations++;
}
#else
/* These functions replace libc's functions, even for calls from libc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	allocations++;
	return __libc_realloc(old, size);
}
#endif

/*
 * Printing must not allocate memory, because packets would have to wait
 * meanwhile.
 */
static void test_no_allocation(void **state)
{
	static struct stats now[512], before[512];
	static char text[1 << 20], buffer[1 << 18];
	struct report report = report_of(now, before, 512);
	FILE *out = fmemopen(text, sizeof(text), "w");
	unsigned long start;

	(void)state;
	assert_non_null(out);
	setvbuf(out, buffer, _IOFBF, sizeof(buffer));
	for (int i = 0; i < 512; i++) {
		now[i] = busy;
		now[i].rx_packets = now[i].rx_bytes = ~0ULL;
	}
	report.terminal_lines = 1000;
	report.hints = "why\n  do this\n";
	/*
	 * Check that the counter works: it must have counted the allocation of
	 * the stream.
	 */
	assert_true(allocations > 0);
	for (enum form form = TEXT; form < FORMS; form++) {
		rewind(out);
		start = allocations;
		print(out, form, &report);
		fflush(out);
		assert_int_equal(allocations, start);
		assert_int_equal(ferror(out), 0);
	}
	fclose(out);
}

/* --- errors ------------------------------------------------------------- */

/* If the output fails, the stream has its error flag set. */
static void test_output_fails(void **state)
{
	struct report report = report_of(&zero, &zero, 1);

	(void)state;
	for (enum form form = TEXT; form < FORMS; form++) {
		FILE *full = fopen("/dev/full", "w");

		if (!full) {
			print_message("there is no /dev/full\n");
			skip();
		}
		setvbuf(full, NULL, _IONBF, 0);
		print(full, form, &report);
		assert_int_not_equal(ferror(full), 0);
		fclose(full);

		full = fopen("/dev/full", "w");
		assert_non_null(full);
		print(full, form, &report);
		assert_int_equal(fflush(full), EOF);
		assert_int_not_equal(ferror(full), 0);
		fclose(full);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_design_example),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_kbytes),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_full_columns),
		cmocka_unit_test(test_overflowing_columns),
		cmocka_unit_test(test_long_period),
		cmocka_unit_test(test_zero_period),
		cmocka_unit_test(test_each_cause),
		cmocka_unit_test(test_all_causes),
		cmocka_unit_test(test_no_cause),
		cmocka_unit_test(test_thousands),
		cmocka_unit_test(test_no_thousands),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_several_causes),
		cmocka_unit_test(test_several_modes),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_narrow_overflow),
		cmocka_unit_test(test_narrow_width),
		cmocka_unit_test(test_picture),
		cmocka_unit_test(test_picture_busy),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_kernel_in_between),
		cmocka_unit_test(test_wrong_sum),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_count),
		cmocka_unit_test(test_drawing_width),
		cmocka_unit_test(test_drawn_name),
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_in_place_several),
		cmocka_unit_test(test_in_place_fits),
		cmocka_unit_test(test_in_place_hints),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_several),
		cmocka_unit_test(test_json_drops),
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_json_hints),
		cmocka_unit_test(test_json_numbers),
		cmocka_unit_test(test_json_locale),
		cmocka_unit_test(test_no_allocation),
		cmocka_unit_test(test_output_fails),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
