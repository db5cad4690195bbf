/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Print lines of a report; stats_text.c and stats_rings.c share these
 * functions.
 */
#ifndef STATS_PAGE_H
#define STATS_PAGE_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

struct report;

struct page {
	FILE *out;
	bool narrow;	   /* lines have less than 80 columns */
	const char *eol;   /* printed in place of a newline */
	__u32 lines;	   /* lines that fit on the screen; 0: no limit */
	__u32 lines_below; /* lines below the text, except lines for queues */
	__u32 lines_used;  /* number of lines printed so far */
};

/* page_end_line - end the line, and count it */
void page_end_line(struct page *page);

/* page_line - print one line; the format has no newline at its end */
__attribute__((format(printf, 2, 3))) void page_line(struct page *page,
						     const char *fmt, ...);

/* page_name - print a name, with '?' in place of control bytes */
void page_name(struct page *page, const char *name);

/*
 * page_print_text - print the report's text, as stats_print() describes
 *
 * A queue can have a line in this text, and another line in the table that
 * stats_print_rings() draws. If there is no room for both lines of each queue,
 * omit the lines in the text.
 */
void page_print_text(struct page *page, const struct report *report);

#endif /* STATS_PAGE_H */
