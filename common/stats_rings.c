// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "common/say.h"
#include "common/stats.h"
#include "common/stats_page.h"

#define BAR	   36 /* columns of a bar in the picture */
#define CELLS	   6  /* columns of a bar in the table */
#define COLUMNS	   79
#define HEADER	   3 /* the table's lines above its rows */
#define HINTS_SIZE 4096

/*
 * Draw a ring's entries as a bar, which begins at the arrow's head, because
 * entries are consumed at this end. Even a single entry, or a single free
 * entry, is visible.
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

static __u32 ours(const struct places *p)
{
	return p->free + p->rx + p->completion;
}

static __u32 kernels(const struct places *p)
{
	return p->fill + p->kernel_rx + p->tx + p->kernel_tx;
}

/*
 * Print the number of all frames. If the places in @p add up to a different
 * number, also print how many frames are lost or counted twice.
 */
static void draw_frames(struct page *page, __u32 frames, const struct places *p)
{
	__s32 lost = (__s32)(frames - ours(p) - kernels(p));

	fprintf(page->out, "%u frames", frames);
	if (lost > 0)
		fprintf(page->out, ", %d of them LOST", lost);
	if (lost < 0)
		fprintf(page->out, ", %u counted TWICE", 0U - (__u32)lost);
	page_end_line(page);
}

/*
 * Print one line of the picture: our side, a ring or blanks, and the kernel's
 * side.
 */
static void draw_row(struct page *page, const char *left, const char *middle,
		     const char *right)
{
	page_line(page, " |%-15s|%-42s|%-16s|", left, middle, right);
}

static void draw_edge(struct page *page)
{
	page_line(page, " +---------------+%42s+----------------+", "");
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

static void draw_picture(struct page *page, const struct report *report)
{
	const struct stats *now = report->now;
	struct places p = stats_places(now);
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

	fputc(' ', page->out);
	page_name(page, report->device);
	fprintf(page->out, " queue %u, %s mode: ", now->queue,
		now->zero_copy ? "zero-copy" : "copy");
	draw_frames(page, now->frames, &p);
	page_line(page, "  ours:%9u%44sthe kernel's:%6u", ours(&p), "",
		  kernels(&p));
	draw_edge(page);
	draw_row(page, " free", fill.label, " receive path");
	draw_row(page, free, fill.bar, kernel_rx);
	draw_row(page, "", rx.label, "");
	draw_row(page, "", rx.bar, "");
	page_line(page, " |%-15s|%42s+----------------+", " in hand", "");
	draw_row(page, "             0", tx.label, " transmit path");
	draw_row(page, "", tx.bar, kernel_tx);
	draw_row(page, "", completion.label, "");
	draw_row(page, "", completion.bar, "");
	draw_edge(page);
}

static void draw_line(struct page *page, const struct report *report,
		      const struct stats *now)
{
	char fill[CELLS + 1], rx[CELLS + 1], tx[CELLS + 1], done[CELLS + 1];
	struct places p = stats_places(now);

	draw_bar(fill, CELLS, p.fill, report->fill_size, true);
	draw_bar(rx, CELLS, p.rx, report->rx_size, true);
	draw_bar(tx, CELLS, p.tx, report->tx_size, true);
	draw_bar(done, CELLS, p.completion, report->completion_size, true);
	page_line(page, " %5u %5u  %s%5u %5u  %s%5u  %s%5u %5u  %s%5u",
		  now->queue, p.free, fill, p.fill, p.kernel_rx, rx, p.rx, tx,
		  p.tx, p.kernel_tx, done, p.completion);
}

/* Return the number of queues that fit on the page, at least one. */
static __u32 rows_of(const struct page *page, __u32 sockets)
{
	__u32 used = page->lines_used + page->lines_below - 1;

	if (!page->lines || used + sockets <= page->lines)
		return sockets;
	return used + 2 < page->lines ? page->lines - used - 1 : 1;
}

/*
 * Print the table. A frame goes through the table's columns from left to right.
 */
static void draw_lines(struct page *page, const struct report *report)
{
	struct stats sum = stats_sum(report->now, report->sockets);
	__u32 rows = rows_of(page, report->sockets);

	fputc(' ', page->out);
	page_name(page, report->device);
	fprintf(page->out, ": %u ours, %u the kernel's: ", ours(&sum.places),
		kernels(&sum.places));
	draw_frames(page, sum.frames, &sum.places);
	page_line(page, " %5s %5s  %-11s %5s  %-11s  %-11s %5s  %s", "", "ours",
		  "kernel's", "", "ours", "kernel's", "", "ours");
	page_line(page, " %5s %5s  %-11s %5s  %-11s  %-11s %5s  %s", "queue",
		  "free", "FILL", "recv", "RX", "TX", "send", "COMPLETION");
	for (__u32 i = 0; i < rows; i++)
		draw_line(page, report, &report->now[i]);
	if (rows < report->sockets)
		page_line(page, " and %u more queues", report->sockets - rows);
}

static void draw_rings(struct page *page, const struct report *report)
{
	if (report->sockets == 1 && !report->part)
		draw_picture(page, report);
	else
		draw_lines(page, report);
	page_end_line(page);
}

/* Print the hints, line by line. */
static void draw_hints(struct page *page, const char *hints)
{
	for (size_t n; *hints; hints += n + (hints[n] == '\n')) {
		n = strcspn(hints, "\n");
		page_line(page, "%.*s", (int)n, hints);
	}
}

static __u32 lines_of(const char *text)
{
	__u32 n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/*
 * Overwrite the previous report. Each printed line clears the rest of its line
 * on the screen. At the end, clear everything below.
 */
static void redraw(FILE *out, const struct report *report)
{
	char hints[2 * HINTS_SIZE];
	struct page page = {
		.out = out,
		.narrow = true,
		.eol = "\033[K\n",
		.lines = report->terminal_lines - 1, /* one for the cursor */
	};

	say_wrap(hints, sizeof(hints), report->hints, COLUMNS);
	/* Count two empty lines, the table's header, and the hints. */
	page.lines_below = 2 + HEADER + lines_of(hints);
	if (report->part < 2)
		fputs("\033[H", out);
	page_print_text(&page, report);
	draw_rings(&page, report);
	draw_hints(&page, hints);
	fputs("\033[J", out);
}

void stats_print_rings(FILE *out, const struct report *report)
{
	struct page page = { .out = out, .eol = "\n" };

	if (report->terminal_lines) {
		redraw(out, report);
		return;
	}
	page_print_text(&page, report);
	draw_rings(&page, report);
}
