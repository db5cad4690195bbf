// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>

#include "common/say.h"
#include "common/stats.h"
#include "common/stats_page.h"

#define COLUMNS	  79  /* longest line in a terminal */
#define PART_SIZE 160 /* bytes: enough for two numbers and their labels */

void page_end_line(struct page *page)
{
	fputs(page->eol, page->out);
	page->lines_used++;
}

void page_line(struct page *page, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(page->out, fmt, args);
	va_end(args);
	page_end_line(page);
}

void page_name(struct page *page, const char *name)
{
	char printable[64];

	snprintf(printable, sizeof(printable), "%s", name);
	say_make_printable(printable);
	fputs(printable, page->out);
}

static void page_name_line(struct page *page, const char *name)
{
	page_name(page, name);
	page_end_line(page);
}

static int label_width(const struct page *page)
{
	return page->narrow ? 10 : 12;
}

static int pps_width(const struct page *page)
{
	return page->narrow ? 9 : 10;
}

/* Count UTF-8 characters: all bytes except continuation bytes. */
static size_t columns_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/*
 * Print a line that consists of two parts. On a narrow page, print the second
 * part on the next line if the line would be too long.
 */
static void print_line(struct page *page, const char *head, const char *tail)
{
	fputs(head, page->out);
	if (page->narrow && columns_of(head) + 1 + columns_of(tail) > COLUMNS) {
		page_end_line(page);
		fprintf(page->out, "%*s", label_width(page), "");
	}
	page_line(page, " %s", tail);
}

static void print_rate(struct page *page, const char *label, double period,
		       __u64 packets, __u64 packets_before, __u64 bytes,
		       __u64 bytes_before)
{
	char head[PART_SIZE], tail[PART_SIZE];
	int n;

	snprintf(head, sizeof(head), "%-*s %'11llu pkts (%'*.0f pps)",
		 label_width(page), label, packets, pps_width(page),
		 stats_rate(packets, packets_before, period));
	n = snprintf(tail, sizeof(tail), "%'11llu Kbytes (%'6.0f Mbits/s)",
		     bytes / 1000,
		     stats_rate(bytes, bytes_before, period) * 8 / 1e6);
	if (!page->narrow)
		snprintf(tail + n, sizeof(tail) - (size_t)n, " period:%f",
			 period);
	print_line(page, head, tail);
}

static void print_cause(struct page *page, const char *label, __u64 n,
			const char *cause)
{
	char head[PART_SIZE];

	if (!n)
		return;
	snprintf(head, sizeof(head), "%-*s %'11llu", label_width(page), label,
		 n);
	print_line(page, head, cause);
}

static void print_causes(struct page *page, const struct report *report,
			 const struct stats *sum)
{
	static const char *const no_answer[ICMP6_ECHO_VERDICTS] = {
		[ICMP6_ECHO_OTHER] = "pkts no ICMPv6 echo request",
		[ICMP6_ECHO_EXTENSION] =
			"pkts with an extension header or in fragments",
		[ICMP6_ECHO_TRUNCATED] = "pkts shorter than their headers say",
		[ICMP6_ECHO_ADDRESS] =
			"pkts from or to an address that gets no answer",
		[ICMP6_ECHO_FOREIGN] = "pkts for another device's MAC address",
	};
	struct drops drops = stats_drops(report->now, report->sockets);

	for (int i = ICMP6_ECHO_OTHER; i < ICMP6_ECHO_VERDICTS; i++)
		print_cause(page, "No answer:", sum->verdicts[i], no_answer[i]);
	if (report->part)
		print_cause(page,
			    " Answered:", sum->verdicts[ICMP6_ECHO_ANSWERED],
			    "pkts echo requests, not forwarded");
	print_cause(page, "  Dropped:", sum->other_down,
		    "pkts the other device is down");
	print_cause(page, "  Dropped:", sum->other_small,
		    "pkts larger than the other device's MTU");
	print_cause(page, "  Dropped:", drops.ring_full,
		    "pkts RX ring full: they came faster than we read");
	print_cause(page, "     FILL:", drops.no_frame,
		    "times the driver found no frame in FILL");
	print_cause(page, "  Dropped:", drops.fill_empty,
		    "pkts FILL ring empty: no frame to receive into");
	print_cause(page, "  Dropped:", drops.too_large,
		    "pkts larger than a frame");
	print_cause(page, "  Invalid:", sum->kernel.tx_invalid_descs,
		    "pkts descriptors that we put into TX");
}

static void print_queue(struct page *page, const struct stats *now,
			const struct stats *before, double period)
{
	char label[32], head[PART_SIZE], tail[PART_SIZE];

	snprintf(label, sizeof(label), "Queue %u:", now->queue);
	snprintf(head, sizeof(head), "%10s%*s %'11llu RX (%'*.0f pps)", label,
		 label_width(page) - 10, "", now->rx_packets, pps_width(page),
		 stats_rate(now->rx_packets, before->rx_packets, period));
	snprintf(tail, sizeof(tail), "%'11llu TX (%'*.0f pps)", now->tx_packets,
		 pps_width(page),
		 stats_rate(now->tx_packets, before->tx_packets, period));
	print_line(page, head, tail);
}

static bool queues_fit(const struct page *page, __u32 sockets)
{
	return !page->lines ||
	       page->lines_used + 2 * sockets + page->lines_below <=
		       page->lines;
}

void page_print_text(struct page *page, const struct report *report)
{
	struct stats now = stats_sum(report->now, report->sockets);
	struct stats before = stats_sum(report->before, report->sockets);

	if (report->part)
		page_name_line(page, report->device);
	print_rate(page, "AF_XDP RX:", report->period, now.rx_packets,
		   before.rx_packets, now.rx_bytes, before.rx_bytes);
	print_rate(page, "       TX:", report->period, now.tx_packets,
		   before.tx_packets, now.tx_bytes, before.tx_bytes);
	print_causes(page, report, &now);
	if (report->sockets > 1 && queues_fit(page, report->sockets))
		for (__u32 i = 0; i < report->sockets; i++)
			print_queue(page, &report->now[i], &report->before[i],
				    report->period);
	page_end_line(page);
}

void stats_print(FILE *out, const struct report *report)
{
	struct page page = { .out = out,
			     .narrow = report->terminal_lines,
			     .eol = "\n" };

	if (report->terminal_lines)
		fputc('\r', out);
	page_print_text(&page, report);
}
