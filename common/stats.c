// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/stats.h"

static void print_rate(FILE *out, const char *label, __u64 packets,
		       __u64 packets_before, __u64 bytes, __u64 bytes_before,
		       double period)
{
	double pps = 0, mbits = 0;

	if (period > 0) {
		pps = (double)(packets - packets_before) / period;
		mbits = (double)(bytes - bytes_before) * 8 / period / 1e6;
	}
	fprintf(out,
		"%-12s %'11llu pkts (%'10.0f pps) %'11llu Kbytes (%'6.0f Mbits/s) period:%f\n",
		label, packets, pps, bytes / 1000, mbits, period);
}

static void print_cause(FILE *out, const char *label, __u64 packets,
			const char *cause)
{
	if (packets)
		fprintf(out, "%-12s %'11llu pkts %s\n", label, packets, cause);
}

/*
 * In copy mode the kernel counts a packet for which FILL has no frame twice, in
 * xp_alloc() as rx_fill_ring_empty_descs and in __xsk_rcv() as rx_dropped.
 */
__u64 stats_too_large(const struct stats *now)
{
	const struct xdp_statistics *kernel = &now->kernel;

	if (now->zero_copy)
		return kernel->rx_dropped;
	if (kernel->rx_dropped < kernel->rx_fill_ring_empty_descs)
		return 0;
	return kernel->rx_dropped - kernel->rx_fill_ring_empty_descs;
}

/* In zero-copy mode it is the driver that looks, for more than one at a time. */
static void print_fill_empty(FILE *out, const struct stats *now)
{
	__u64 times = now->kernel.rx_fill_ring_empty_descs;

	if (now->zero_copy && times)
		fprintf(out,
			"%-12s %'11llu times the driver found no frame in FILL\n",
			"     FILL:", times);
	if (!now->zero_copy)
		print_cause(out, "  Dropped:", times,
			    "FILL ring empty: no frame to receive into");
}

struct stats stats_sum(const struct stats *stats, __u32 n)
{
	struct stats sum = stats[0];

	for (__u32 i = 1; i < n; i++) {
		sum.rx_packets += stats[i].rx_packets;
		sum.rx_bytes += stats[i].rx_bytes;
		sum.tx_packets += stats[i].tx_packets;
		sum.tx_bytes += stats[i].tx_bytes;
		sum.kernel.rx_dropped += stats[i].kernel.rx_dropped;
		sum.kernel.rx_invalid_descs += stats[i].kernel.rx_invalid_descs;
		sum.kernel.tx_invalid_descs += stats[i].kernel.tx_invalid_descs;
		sum.kernel.rx_ring_full += stats[i].kernel.rx_ring_full;
		sum.kernel.rx_fill_ring_empty_descs +=
			stats[i].kernel.rx_fill_ring_empty_descs;
		sum.places.tx += stats[i].places.tx;
		for (int v = 0; v < ICMP6_ECHO_VERDICTS; v++)
			sum.verdicts[v] += stats[i].verdicts[v];
	}
	return sum;
}

void stats_print(FILE *out, const struct report *report)
{
	const struct stats sum = stats_sum(report->now, report->sockets);
	const struct stats sum_before =
		stats_sum(report->before, report->sockets);
	const struct stats *now = &sum, *before = &sum_before;
	double period = report->period;
	static const char *const no_answer[ICMP6_ECHO_VERDICTS] = {
		[ICMP6_ECHO_OTHER] = "no ICMPv6 echo request",
		[ICMP6_ECHO_EXTENSION] =
			"with an extension header or in fragments",
		[ICMP6_ECHO_TRUNCATED] = "shorter than their headers say",
		[ICMP6_ECHO_ADDRESS] =
			"from or to an address that gets no answer",
	};
	const struct xdp_statistics *kernel = &now->kernel;

	print_rate(out, "AF_XDP RX:", now->rx_packets, before->rx_packets,
		   now->rx_bytes, before->rx_bytes, period);
	print_rate(out, "       TX:", now->tx_packets, before->tx_packets,
		   now->tx_bytes, before->tx_bytes, period);

	for (int i = ICMP6_ECHO_OTHER; i < ICMP6_ECHO_VERDICTS; i++)
		print_cause(out, "No answer:", now->verdicts[i], no_answer[i]);

	print_cause(out, "  Dropped:", kernel->rx_ring_full,
		    "RX ring full: they came faster than we read");
	print_fill_empty(out, now);
	print_cause(out, "  Dropped:", stats_too_large(now),
		    "larger than a frame");
	print_cause(out, "  Invalid:", kernel->rx_invalid_descs,
		    "descriptors that we put into FILL");
	print_cause(out, "  Invalid:", kernel->tx_invalid_descs,
		    "descriptors that we put into TX");
	fputc('\n', out);
}
