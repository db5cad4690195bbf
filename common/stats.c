// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "common/stats.h"

/* Columns of a line of text: some fields are narrower in a terminal. */
struct form {
	int label;
	int pps;
	bool period;
};

static const struct form wide = { .label = 12, .pps = 10, .period = true };
static const struct form narrow = { .label = 10, .pps = 9 };

static double rate(__u64 now, __u64 before, double period)
{
	return period > 0 ? (double)(now - before) / period : 0;
}

/* --- sums of several sockets ---------------------------------------------- */

static void add_kernel(struct xdp_statistics *to,
		       const struct xdp_statistics *from)
{
	to->rx_dropped += from->rx_dropped;
	to->rx_invalid_descs += from->rx_invalid_descs;
	to->tx_invalid_descs += from->tx_invalid_descs;
	to->rx_ring_full += from->rx_ring_full;
	to->rx_fill_ring_empty_descs += from->rx_fill_ring_empty_descs;
	to->tx_ring_empty_descs += from->tx_ring_empty_descs;
}

static void add_places(struct places *to, const struct places *from)
{
	to->free += from->free;
	to->fill += from->fill;
	to->kernel_rx += from->kernel_rx;
	to->rx += from->rx;
	to->tx += from->tx;
	to->kernel_tx += from->kernel_tx;
	to->completion += from->completion;
}

/*
 * Nobody has fewer than no frames: those that RX shows too early are still to be
 * seen in FILL, and those that COMPLETION does in TX. The sum stays.
 */
static struct places settle(struct places p)
{
	if ((__s32)p.kernel_rx < 0) {
		p.fill += p.kernel_rx;
		p.kernel_rx = 0;
	}
	if ((__s32)p.kernel_tx < 0) {
		p.tx += p.kernel_tx;
		p.kernel_tx = 0;
	}
	p.fill = (__s32)p.fill < 0 ? 0 : p.fill;
	p.tx = (__s32)p.tx < 0 ? 0 : p.tx;
	return p;
}

struct stats stats_sum(const struct stats *stats, __u32 n)
{
	struct stats sum = { .queue = stats->queue,
			     .zero_copy = stats->zero_copy };

	for (; n; n--, stats++) {
		struct places places = settle(stats->places);

		sum.rx_packets += stats->rx_packets;
		sum.rx_bytes += stats->rx_bytes;
		sum.tx_packets += stats->tx_packets;
		sum.tx_bytes += stats->tx_bytes;
		for (int i = 0; i < ICMP6_ECHO_VERDICTS; i++)
			sum.verdicts[i] += stats->verdicts[i];
		sum.dropped += stats->dropped;
		add_kernel(&sum.kernel, &stats->kernel);
		sum.frames += stats->frames;
		add_places(&sum.places, &places);
	}
	return sum;
}

/* Packets that were dropped, each counted once. */
struct drops {
	__u64 ring_full, fill_empty, too_large;
	__u64 looks; /* not packets: a driver looked into FILL in vain */
};

/*
 * In copy mode the kernel counts a packet for which FILL has no frame twice, in
 * xp_alloc() as rx_fill_ring_empty_descs and in __xsk_rcv() as rx_dropped. In
 * zero-copy mode it is the driver that looks, for more than one at a time.
 */
static struct drops drops_of(const struct stats *stats, __u32 n)
{
	struct drops drops = { 0 };

	for (; n; n--, stats++) {
		__u64 dropped = stats->kernel.rx_dropped;
		__u64 empty = stats->kernel.rx_fill_ring_empty_descs;

		drops.ring_full += stats->kernel.rx_ring_full + stats->dropped;
		if (stats->zero_copy) {
			drops.looks += empty;
			drops.too_large += dropped;
		} else {
			drops.fill_empty += empty;
			drops.too_large += dropped < empty ? 0
							   : dropped - empty;
		}
	}
	return drops;
}

__u64 stats_too_large(const struct stats *stats)
{
	return drops_of(stats, 1).too_large;
}

/* --- text ----------------------------------------------------------------- */

static void print_rate(FILE *out, const struct form *form, const char *label,
		       __u64 packets, double pps, __u64 bytes,
		       double bytes_per_second, double period)
{
	fprintf(out,
		"%-*s %'11llu pkts (%'*.0f pps) %'11llu Kbytes (%'6.0f Mbits/s)",
		form->label, label, packets, form->pps, pps, bytes / 1000,
		bytes_per_second * 8 / 1e6);
	if (form->period)
		fprintf(out, " period:%f", period);
	fputc('\n', out);
}

static void print_rates(FILE *out, const struct form *form,
			const struct report *report, const struct stats *now)
{
	struct stats before = stats_sum(report->before, report->sockets);
	double period = report->period;

	print_rate(out, form, "AF_XDP RX:", now->rx_packets,
		   rate(now->rx_packets, before.rx_packets, period),
		   now->rx_bytes, rate(now->rx_bytes, before.rx_bytes, period),
		   period);
	print_rate(out, form, "       TX:", now->tx_packets,
		   rate(now->tx_packets, before.tx_packets, period),
		   now->tx_bytes, rate(now->tx_bytes, before.tx_bytes, period),
		   period);
}

static void print_cause(FILE *out, const struct form *form, const char *label,
			__u64 n, const char *cause)
{
	if (n)
		fprintf(out, "%-*s %'11llu %s\n", form->label, label, n, cause);
}

static void print_causes(FILE *out, const struct form *form,
			 const struct report *report, const struct stats *sum)
{
	static const char *const no_answer[ICMP6_ECHO_VERDICTS] = {
		[ICMP6_ECHO_OTHER] = "pkts no ICMPv6 echo request",
		[ICMP6_ECHO_EXTENSION] =
			"pkts with an extension header or in fragments",
		[ICMP6_ECHO_TRUNCATED] = "pkts shorter than their headers say",
		[ICMP6_ECHO_ADDRESS] =
			"pkts from or to an address that gets no answer",
	};
	struct drops drops = drops_of(report->now, report->sockets);

	for (int i = ICMP6_ECHO_OTHER; i < ICMP6_ECHO_VERDICTS; i++)
		print_cause(out, form, "No answer:", sum->verdicts[i],
			    no_answer[i]);
	print_cause(out, form, "  Dropped:", drops.ring_full,
		    "pkts RX ring full: they came faster than we read");
	print_cause(out, form, "     FILL:", drops.looks,
		    "times the driver found no frame in FILL");
	print_cause(out, form, "  Dropped:", drops.fill_empty,
		    "pkts FILL ring empty: no frame to receive into");
	print_cause(out, form, "  Dropped:", drops.too_large,
		    "pkts larger than a frame");
	print_cause(out, form, "  Invalid:", sum->kernel.rx_invalid_descs,
		    "pkts descriptors that we put into FILL");
	print_cause(out, form, "  Invalid:", sum->kernel.tx_invalid_descs,
		    "pkts descriptors that we put into TX");
}

static void print_queue(FILE *out, const struct form *form,
			const struct stats *now, const struct stats *before,
			double period)
{
	char label[32];

	snprintf(label, sizeof(label), "Queue %u:", now->queue);
	fprintf(out,
		"%10s%*s %'11llu RX (%'*.0f pps) %'11llu TX (%'*.0f pps)\n",
		label, form->label - 10, "", now->rx_packets, form->pps,
		rate(now->rx_packets, before->rx_packets, period),
		now->tx_packets, form->pps,
		rate(now->tx_packets, before->tx_packets, period));
}

static void print_text(FILE *out, const struct form *form,
		       const struct report *report)
{
	struct stats sum = stats_sum(report->now, report->sockets);

	print_rates(out, form, report, &sum);
	print_causes(out, form, report, &sum);
	for (__u32 i = 0; report->sockets > 1 && i < report->sockets; i++)
		print_queue(out, form, &report->now[i], &report->before[i],
			    report->period);
	fputc('\n', out);
}

void stats_print(FILE *out, const struct report *report)
{
	print_text(out, &wide, report);
}

/* --- drawing -------------------------------------------------------------- */

#define BAR   36 /* of the picture, */
#define CELLS 6	 /* and of a line */

/*
 * Entries gather at the end where they are taken out, which is where the arrow
 * points. One entry is seen, and so is one that is missing.
 */
static void draw_bar(char *to, __u32 width, __u32 level, __u32 size,
		     bool to_the_right)
{
	__u32 n = size ? (__u32)((__u64)level * width / size) : 0;

	if (level >= size)
		n = size ? width : 0;
	else if (level && !n)
		n = 1;
	memset(to, '.', width);
	memset(to_the_right ? to + width - n : to, '#', n);
	to[width] = '\0';
}

/* A name may hold any byte but slash and white space: also a terminal's. */
static void draw_name(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc(*name > 0 && (*name < ' ' || *name == 0x7f) ? '?' : *name,
		      out);
}

static __u32 ours(const struct places *p)
{
	return p->free + p->rx + p->completion;
}

static __u32 kernels(const struct places *p)
{
	return p->fill + p->kernel_rx + p->tx + p->kernel_tx;
}

/* The sum, which is that of the places unless there is a bug. */
static void draw_frames(FILE *out, __u32 frames, const struct places *p)
{
	__s32 lost = (__s32)(frames - ours(p) - kernels(p));

	fprintf(out, "%u frames", frames);
	if (lost > 0)
		fprintf(out, ", %d of them LOST", lost);
	if (lost < 0)
		fprintf(out, ", %u MORE than there are", 0U - (__u32)lost);
	fputc('\n', out);
}

/* Our side, a ring or nothing, the kernel's side. */
static void draw_row(FILE *out, const char *left, const char *middle,
		     const char *right)
{
	fprintf(out, " |%-15s|%-42s|%-16s|\n", left, middle, right);
}

static void draw_edge(FILE *out)
{
	fprintf(out, " +---------------+%42s+----------------+\n", "");
}

struct picture {
	char label[64], bar[64];
};

static struct picture picture_of(const char *name, __u32 level, __u32 size,
				 bool to_the_right)
{
	char bar[BAR + 1];
	struct picture p;

	draw_bar(bar, BAR, level, size, to_the_right);
	snprintf(p.label, sizeof(p.label), "   %-22s%6u of %-6u", name, level,
		 size);
	snprintf(p.bar, sizeof(p.bar),
		 to_the_right ? "==[%s]=>" : "<=[%s]==", bar);
	return p;
}

static void draw_picture(FILE *out, const struct report *report)
{
	const struct stats *now = report->now;
	struct places p = settle(now->places);
	struct picture fill = picture_of("FILL (the kernel's)", p.fill,
					 report->fill_size, true);
	struct picture rx =
		picture_of("RX (ours)", p.rx, report->rx_size, false);
	struct picture tx =
		picture_of("TX (the kernel's)", p.tx, report->tx_size, true);
	struct picture completion = picture_of("COMPLETION (ours)",
					       p.completion,
					       report->completion_size, false);
	char free[32], kernel_rx[32], kernel_tx[32];

	snprintf(free, sizeof(free), "%14u", p.free);
	snprintf(kernel_rx, sizeof(kernel_rx), "%15u", p.kernel_rx);
	snprintf(kernel_tx, sizeof(kernel_tx), "%15u", p.kernel_tx);

	fputc(' ', out);
	draw_name(out, report->device);
	fprintf(out, " queue %u, %s mode: ", now->queue,
		now->zero_copy ? "zero-copy" : "copy");
	draw_frames(out, now->frames, &p);
	fprintf(out, "  ours:%9u%44sthe kernel's:%6u\n", ours(&p), "",
		kernels(&p));
	draw_edge(out);
	draw_row(out, " free", fill.label, " receive path");
	draw_row(out, free, fill.bar, kernel_rx);
	draw_row(out, "", rx.label, "");
	draw_row(out, "", rx.bar, "");
	fprintf(out, " |%-15s|%42s+----------------+\n", " in hand", "");
	draw_row(out, "             0", tx.label, " transmit path");
	draw_row(out, "", tx.bar, kernel_tx);
	draw_row(out, "", completion.label, "");
	draw_row(out, "", completion.bar, "");
	draw_edge(out);
}

static void draw_line(FILE *out, const struct report *report,
		      const struct stats *now)
{
	char fill[CELLS + 1], rx[CELLS + 1], tx[CELLS + 1], done[CELLS + 1];
	struct places p = settle(now->places);

	draw_bar(fill, CELLS, p.fill, report->fill_size, true);
	draw_bar(rx, CELLS, p.rx, report->rx_size, true);
	draw_bar(tx, CELLS, p.tx, report->tx_size, true);
	draw_bar(done, CELLS, p.completion, report->completion_size, true);
	fprintf(out, " %5u %5u  %s%5u %5u  %s%5u  %s%5u %5u  %s%5u\n",
		now->queue, p.free, fill, p.fill, p.kernel_rx, rx, p.rx, tx,
		p.tx, p.kernel_tx, done, p.completion);
}

/* From left to right, as a frame goes: the last place is before the first. */
static void draw_lines(FILE *out, const struct report *report)
{
	struct stats sum = stats_sum(report->now, report->sockets);

	fputc(' ', out);
	draw_name(out, report->device);
	fprintf(out, ": %u ours, %u the kernel's: ", ours(&sum.places),
		kernels(&sum.places));
	draw_frames(out, sum.frames, &sum.places);
	fprintf(out, " %5s %5s  %-11s %5s  %-11s  %-11s %5s  %s\n", "", "ours",
		"kernel's", "", "ours", "kernel's", "", "ours");
	fprintf(out, " %5s %5s  %-11s %5s  %-11s  %-11s %5s  %s\n", "queue",
		"free", "FILL", "recv", "RX", "TX", "send", "COMPLETION");
	for (__u32 i = 0; i < report->sockets; i++)
		draw_line(out, report, &report->now[i]);
}

static void draw_rings(FILE *out, const struct report *report)
{
	if (report->sockets == 1)
		draw_picture(out, report);
	else
		draw_lines(out, report);
	fputc('\n', out);
}

/* Each line takes the place of an old one, and all that was below goes. */
static void put_in_place(FILE *out, const char *text)
{
	fputs("\033[H", out);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\033[K", out);
		fputc(*text, out);
	}
	fputs("\033[J", out);
}

static void redraw(FILE *out, const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	print_text(memory, &narrow, report);
	draw_rings(memory, report);
	fputs(report->hints, memory);
	if (!fclose(memory))
		put_in_place(out, text);
	free(text);
}

void stats_print_rings(FILE *out, const struct report *report, bool in_place)
{
	if (in_place) {
		redraw(out, report);
		return;
	}
	print_text(out, &wide, report);
	draw_rings(out, report);
}

/* --- JSON ----------------------------------------------------------------- */

/*
 * Bytes of the UTF-8 character at the beginning of a string, or 0: RFC 3629,
 * section 4.
 */
static int utf8_length(const unsigned char *s)
{
	__u32 c = s[0];
	int n;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than it needs to be, half of a UTF-16 pair, or too large. */
	if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] >= 0xa0) ||
	    (c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

/* A byte that is no UTF-8 becomes U+FFFD, the replacement character. */
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
		else if (*s < ' ' || *s == 0x7f)
			fprintf(out, "\\u%04x", *s);
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

/* printf() would ask the locale for its decimal point. */
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

static void json_causes(FILE *out, const struct stats *now,
			const struct drops *drops)
{
	const struct xdp_statistics *kernel = &now->kernel;

	fprintf(out,
		"\"no_answer_packets\":{\"other\":%llu,\"extension\":%llu,"
		"\"truncated\":%llu,\"address\":%llu},",
		now->verdicts[ICMP6_ECHO_OTHER],
		now->verdicts[ICMP6_ECHO_EXTENSION],
		now->verdicts[ICMP6_ECHO_TRUNCATED],
		now->verdicts[ICMP6_ECHO_ADDRESS]);
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

/* The members that a socket has, and so has the sum of all. */
static void json_members(FILE *out, const struct report *report,
			 const struct stats *now, const struct stats *before,
			 __u32 n)
{
	struct stats sum = stats_sum(now, n), was = stats_sum(before, n);
	struct drops drops = drops_of(now, n);
	double period = report->period;

	json_direction(out, "rx", sum.rx_packets,
		       rate(sum.rx_packets, was.rx_packets, period),
		       sum.rx_bytes, rate(sum.rx_bytes, was.rx_bytes, period));
	json_direction(out, "tx", sum.tx_packets,
		       rate(sum.tx_packets, was.tx_packets, period),
		       sum.tx_bytes, rate(sum.tx_bytes, was.tx_bytes, period));
	json_causes(out, &sum, &drops);
	json_frames(out, report, &sum, n);
}

/* Bytes of the first hint: up to a line that is not indented. */
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
