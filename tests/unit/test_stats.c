// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * common/stats.[ch]: the text of a report, to the character.
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

static void check_report(const struct stats *now, const struct stats *before,
			 double period, const char *want)
{
	const struct report report = {
		.sockets = 1,
		.now = now,
		.before = before,
		.period = period,
	};
	char got[4096] = "";
	FILE *out = fmemopen(got, sizeof(got), "w");

	assert_non_null(out);
	stats_print(out, &report);
	assert_int_equal(ferror(out), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, want);
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

/* RX and TX each with their own numbers, rates since the last report. */
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

/* A Kbyte is 1,000 bytes, and counts when it is whole. */
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

/* Rates are rounded, not cut: 1.75 packets a second are 2, 1.25 are 1. */
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

/* Numbers that just fill their columns. */
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

/* Wider ones push what follows to the right; no digit is lost. */
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

/* No rate without a time: neither inf nor nan, nor a division by zero. */
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
		{ { .kernel.rx_ring_full = 55555 },
		  NOTHING
		  "  Dropped:         55555 pkts RX ring full: they came faster than we read\n\n" },
		{ { .kernel.rx_fill_ring_empty_descs = 666666 },
		  NOTHING
		  "  Dropped:        666666 pkts FILL ring empty: no frame to receive into\n\n" },
		{ { .kernel.rx_dropped = 7777777 },
		  NOTHING
		  "  Dropped:       7777777 pkts larger than a frame\n\n" },
		/* In copy mode the kernel counts one packet in both. */
		{ { .kernel.rx_dropped = 10,
		    .kernel.rx_fill_ring_empty_descs = 10 },
		  NOTHING
		  "  Dropped:            10 pkts FILL ring empty: no frame to receive into\n\n" },
		/* In zero-copy mode neither of them is part of the other. */
		{ { .zero_copy = true,
		    .kernel.rx_dropped = 5,
		    .kernel.rx_fill_ring_empty_descs = 10 },
		  NOTHING
		  "     FILL:            10 times the driver found no frame in FILL\n"
		  "  Dropped:             5 pkts larger than a frame\n\n" },
		{ { .kernel.rx_invalid_descs = 88888888 },
		  NOTHING
		  "  Invalid:      88888888 pkts descriptors that we put into FILL\n\n" },
		{ { .kernel.tx_invalid_descs = 99999999999ULL },
		  NOTHING
		  "  Invalid:   99999999999 pkts descriptors that we put into TX\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_report(&cases[i].stats, &zero, 2, cases[i].text);
}

/* In a fixed order, also those that have not grown since the last report. */
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
		"  Invalid:             8 pkts descriptors that we put into FILL\n"
		"  Invalid:            10 pkts descriptors that we put into TX\n"
		"\n");
}

/* Looking at TX in vain happens all the time and is nobody's concern. */
static void test_no_cause(void **state)
{
	const struct stats now = {
		.verdicts[ICMP6_ECHO_ANSWERED] = 5,
		.kernel.tx_ring_empty_descs = 5,
	};

	(void)state;
	check_report(&now, &zero, 2, NOTHING "\n");
}

/* "1234567" with the locale's separator, three digits to a group. */
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

/* By one byte, so that columns count bytes as they count characters. */
static bool separates_thousands(const char *name)
{
	return setlocale(LC_NUMERIC, name) &&
	       strlen(localeconv()->thousands_sep) == 1 &&
	       !strcmp(localeconv()->grouping, "\3\3");
}

/* The user's locale, else the first one installed that separates them. */
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
		print_message("no locale installed that separates thousands\n");
		skip();
	}
	check_separators();
	setlocale(LC_NUMERIC, "C");
}

/* The same numbers where nothing separates them. */
static void test_no_thousands(void **state)
{
	(void)state;
	assert_string_equal(setlocale(LC_NUMERIC, "C"), "C");
	check_separators();
}

/* The caller learns from the stream that nothing was written. */
static void test_output_fails(void **state)
{
	const struct report report = {
		.sockets = 1,
		.now = &zero,
		.before = &zero,
		.period = 2,
	};
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full) {
		print_message("no /dev/full here\n");
		skip();
	}
	setvbuf(full, NULL, _IONBF, 0);
	stats_print(full, &report);
	assert_int_not_equal(ferror(full), 0);
	fclose(full);

	full = fopen("/dev/full", "w");
	assert_non_null(full);
	stats_print(full, &report);
	assert_int_equal(fflush(full), EOF);
	assert_int_not_equal(ferror(full), 0);
	fclose(full);
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
		cmocka_unit_test(test_output_fails),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
