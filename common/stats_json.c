// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "common/stats.h"
#include "common/utf8.h"

/* Print a JSON string. Replace invalid UTF-8 by U+FFFD. */
static void json_string(FILE *out, const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	const unsigned char *end = s + size;

	fputc('"', out);
	while (s < end) {
		int n = utf8_length(s);

		if (!n)
			fputs("\\ufffd", out);
		else if (*s == '\n')
			fputs("\\n", out);
		else if (utf8_is_control(s))
			fprintf(out, "\\u%04x", s[n - 1]);
		else if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else
			fwrite(s, 1, (size_t)n, out);
		s += n ? n : 1;
	}
	fputc('"', out);
}

struct decimal {
	char digits[32];
};

/*
 * Format a number without %f, because the decimal point of %f depends on the
 * locale.
 */
static struct decimal decimal(double value)
{
	__u64 whole = value < 1e18 ? (__u64)value : (__u64)1e18;
	__u64 millionths =
		(__u64)((value < 1e18 ? value - (double)whole : 0) * 1e6 + 0.5);
	struct decimal d;

	snprintf(d.digits, sizeof(d.digits), "%llu.%06llu",
		 whole + millionths / 1000000, millionths % 1000000);
	return d;
}

static void json_direction(FILE *out, const char *name, __u64 packets,
			   double pps, __u64 bytes, double bytes_per_second)
{
	fprintf(out,
		"\"%s_packets\":%llu,\"%s_bytes\":%llu,"
		"\"%s_packets_per_second\":%s,\"%s_bits_per_second\":%s,",
		name, packets, name, bytes, name, decimal(pps).digits, name,
		decimal(bytes_per_second * 8).digits);
}

/* Print the JSON members that only reports of lessons/forward have. */
static void json_forwarding(FILE *out, const struct stats *now)
{
	fprintf(out,
		"\"answered_packets\":%llu,\"not_forwarded_packets\":{"
		"\"other_device_down\":%llu,\"larger_than_other_mtu\":%llu},",
		now->verdicts[ICMP6_ECHO_ANSWERED], now->other_down,
		now->other_small);
}

static void json_causes(FILE *out, const struct stats *now,
			const struct drops *drops)
{
	const struct xdp_statistics *kernel = &now->kernel;

	fprintf(out,
		"\"no_answer_packets\":{\"other\":%llu,\"extension\":%llu,"
		"\"truncated\":%llu,\"address\":%llu,\"foreign\":%llu},",
		now->verdicts[ICMP6_ECHO_OTHER],
		now->verdicts[ICMP6_ECHO_EXTENSION],
		now->verdicts[ICMP6_ECHO_TRUNCATED],
		now->verdicts[ICMP6_ECHO_ADDRESS],
		now->verdicts[ICMP6_ECHO_FOREIGN]);
	fprintf(out,
		"\"dropped_packets\":{\"rx_ring_full\":%llu,"
		"\"fill_ring_empty\":%llu,\"larger_than_frame\":%llu},",
		drops->ring_full, drops->fill_empty, drops->too_large);
	fprintf(out,
		"\"xdp_statistics\":{\"rx_dropped\":%llu,"
		"\"rx_invalid_descs\":%llu,\"tx_invalid_descs\":%llu,"
		"\"rx_ring_full\":%llu,\"rx_fill_ring_empty_descs\":%llu,"
		"\"tx_ring_empty_descs\":%llu},",
		(__u64)kernel->rx_dropped, (__u64)kernel->rx_invalid_descs,
		(__u64)kernel->tx_invalid_descs, (__u64)kernel->rx_ring_full,
		(__u64)kernel->rx_fill_ring_empty_descs,
		(__u64)kernel->tx_ring_empty_descs);
}

static void json_frames(FILE *out, const struct report *report,
			const struct stats *sum, __u32 sockets)
{
	const struct places *p = &sum->places;

	fprintf(out,
		"\"frames\":{\"total\":%u,\"free\":%u,\"fill\":%u,"
		"\"kernel_rx\":%u,\"rx\":%u,\"in_hand\":0,\"tx\":%u,"
		"\"kernel_tx\":%u,\"completion\":%u},",
		sum->frames, p->free, p->fill, p->kernel_rx, p->rx, p->tx,
		p->kernel_tx, p->completion);
	fprintf(out,
		"\"ring_size_entries\":{\"fill\":%u,\"rx\":%u,\"tx\":%u,"
		"\"completion\":%u}",
		sockets * report->fill_size, sockets * report->rx_size,
		sockets * report->tx_size, sockets * report->completion_size);
}

/* Print the JSON members that the total and each queue have in common. */
static void json_members(FILE *out, const struct report *report,
			 const struct stats *now, const struct stats *before,
			 __u32 n)
{
	struct stats sum = stats_sum(now, n), was = stats_sum(before, n);
	struct drops drops = stats_drops(now, n);
	double period = report->period;

	json_direction(out, "rx", sum.rx_packets,
		       stats_rate(sum.rx_packets, was.rx_packets, period),
		       sum.rx_bytes,
		       stats_rate(sum.rx_bytes, was.rx_bytes, period));
	json_direction(out, "tx", sum.tx_packets,
		       stats_rate(sum.tx_packets, was.tx_packets, period),
		       sum.tx_bytes,
		       stats_rate(sum.tx_bytes, was.tx_bytes, period));
	if (report->part)
		json_forwarding(out, &sum);
	json_causes(out, &sum, &drops);
	json_frames(out, report, &sum, n);
}

/*
 * Return the size of the first hint. The next line that is not indented begins
 * another hint.
 */
static size_t hint_size(const char *hints)
{
	const char *end = strchr(hints, '\n');

	while (end && end[1] == ' ')
		end = strchr(end + 1, '\n');
	return end ? (size_t)(end - hints) : strlen(hints);
}

static void json_hints(FILE *out, const char *hints)
{
	fputc('[', out);
	for (bool first = true; *hints; first = false) {
		size_t size = hint_size(hints);

		if (!first)
			fputc(',', out);
		json_string(out, hints, size);
		hints += size + (hints[size] == '\n');
	}
	fputc(']', out);
}

void stats_print_json(FILE *out, const struct report *report)
{
	if (report->terminal_lines)
		fputc('\r', out);
	fputs("{\"device\":", out);
	json_string(out, report->device, strlen(report->device));
	fprintf(out, ",\"period_seconds\":%s,\"total\":{",
		decimal(report->period).digits);
	json_members(out, report, report->now, report->before, report->sockets);
	fputs("},\"queues\":[", out);
	for (__u32 i = 0; i < report->sockets; i++) {
		const struct stats *now = &report->now[i];

		fprintf(out, "%s{\"queue\":%u,\"mode\":\"%s\",", i ? "," : "",
			now->queue, now->zero_copy ? "zero_copy" : "copy");
		json_members(out, report, now, &report->before[i], 1);
		fputc('}', out);
	}
	fputs("],\"hints\":", out);
	json_hints(out, report->hints);
	fputs("}\n", out);
}
