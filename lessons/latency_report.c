// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>

#include "headers/af_xdp_shared.h"
#include "lessons/latency_setup.h"

static const struct {
	const char *text, *json;
} names[STAGES] = {
	[TO_USER] = { "XDP to user space", "xdp_to_user" },
	[IN_USER] = { "in user space", "in_user" },
	[TO_SENT] = { "TX to sent", "tx_to_sent" },
	[WHOLE] = { "all three", "all" },
};

static double microseconds(__u64 ns)
{
	return (double)ns / 1000;
}

static void print_line(FILE *out, const char *name, const struct histogram *h)
{
	fprintf(out, "  %-17s%15.2f%15.2f%15.2f%15.2f\n", name,
		microseconds(histogram_quantile(h, 0.5)),
		microseconds(histogram_quantile(h, 0.99)),
		microseconds(histogram_quantile(h, 0.999)),
		microseconds(h->most));
}

/*
 * Return the number of packets that the XDP program left to the kernel because
 * there was no room for metadata. The program's count also has packets that
 * came before the socket was ready. Return 0 if the socket has received a
 * packet, because this packet shows that there is room.
 */
static unsigned long long passed(const struct latency *latency)
{
	const struct session *session = &latency->lesson.session;
	const struct queue_counts *counts = session->prog.counts;

	return counts && !latency->lesson.stats.rx_packets
		       ? counts[session->opts.queue].passed
		       : 0;
}

static void print_quantiles(FILE *out, const struct latency *latency)
{
	fprintf(out, "Microseconds       %15s%15s%15s%15s\n", "median", "99%",
		"99.9%", "longest");
	if (latency->to_xdp.total)
		print_line(out, "device to XDP", &latency->to_xdp);
	for (int i = 0; i < STAGES; i++)
		print_line(out, names[i].text, &latency->stage[i]);
	if (latency->hashes)
		fprintf(out, "RX hash: %llu packets, the last one 0x%08x\n",
			latency->hashes, latency->last_hash);
	if (passed(latency))
		fprintf(out,
			"Left to the kernel, without room for metadata: %llu packets\n",
			passed(latency));
	if (latency->untimed)
		fprintf(out, "Without times: %llu answers\n", latency->untimed);
}

/*
 * Print a line for each range of times that has answers: 0 to 32 ns, 32 to
 * 64 ns, 64 to 128 ns and so on.
 */
static void print_histograms(FILE *out, const struct latency *latency)
{
	const struct histogram *stage = latency->stage;
	__u64 from = 0, to = 32;

	fprintf(out, "\nAnswers up to (us) %15s%15s%15s%15s\n", "XDP to user",
		"in user space", "TX to sent", "all three");
	for (; from <= stage[WHOLE].most; from = to, to *= 2) {
		__u64 n[STAGES], any = 0;

		for (int i = 0; i < STAGES; i++)
			any |= n[i] = histogram_between(&stage[i], from, to);
		if (any)
			fprintf(out, "  %15.3f  %15llu%15llu%15llu%15llu\n",
				microseconds(to), n[TO_USER], n[IN_USER],
				n[TO_SENT], n[WHOLE]);
	}
}

static void print_stage(FILE *out, const char *name, const struct histogram *h)
{
	const char *comma = "";

	fprintf(out,
		"{\"stage\":\"%s\",\"median_ns\":%llu,\"p99_ns\":%llu,\"p999_ns\":%llu,\"longest_ns\":%llu,\"histogram\":[",
		name, histogram_quantile(h, 0.5), histogram_quantile(h, 0.99),
		histogram_quantile(h, 0.999), h->most);
	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!h->count[i])
			continue;
		fprintf(out, "%s[%llu,%llu,%llu]", comma, histogram_from(i),
			histogram_to(i), h->count[i]);
		comma = ",";
	}
	fputs("]}", out);
}

static void print_object(FILE *out, const struct latency *latency)
{
	fprintf(out,
		"{\"latency\":{\"answers\":%llu,\"untimed\":%llu,\"rx_hashes\":%llu,\"stages\":[",
		latency->stage[WHOLE].total, latency->untimed, latency->hashes);
	for (int i = 0; i < STAGES; i++) {
		print_stage(out, names[i].json, &latency->stage[i]);
		if (i + 1 < STAGES)
			fputc(',', out);
	}
	fputs("]}}\n", out);
}

void latency_print(FILE *out, bool json, const void *context)
{
	const struct latency *latency = context;

	if (json) {
		print_object(out, latency);
		return;
	}
	print_quantiles(out, latency);
	if (latency->lesson.session.stop)
		print_histograms(out, latency);
	fputc('\n', out);
}
