// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/options.h"
#include "common/output.h"
#include "common/reporter.h"
#include "common/say.h"
#include "headers/xsk.h"

#define END_MS 100 /* longest wait, at the end, for a slow reader of a report */

/*
 * The next report, and the part of the previous report that stdout has not
 * accepted yet. The buffers are static, so nothing is allocated while packets
 * arrive. For each queue JSON has less than 800 bytes of text and 40 numbers of
 * at most 20 digits, so a report on 512 queues fits.
 */
static char page[1 << 20], rest[1 << 20], buffer[BUFSIZ];

int reporter_open(struct reporter *reporter, const struct options *opts,
		  const char *device, __u32 sockets)
{
	*reporter = (struct reporter){
		.opts = opts,
		.device = device,
		.sockets = sockets,
		.now = calloc(sockets, sizeof(*reporter->now)),
		.before = calloc(sockets, sizeof(*reporter->before)),
		.to_terminal = isatty(STDOUT_FILENO),
		.page = fmemopen(page, sizeof(page), "w"),
	};
	setlocale(LC_NUMERIC, "");
	if (!reporter->now || !reporter->before || !reporter->page)
		return -ENOMEM;
	setvbuf(reporter->page, buffer, _IOFBF, sizeof(buffer));
	return 0;
}

void reporter_add_device(struct reporter *reporter, const char *device,
			 __u32 sockets)
{
	reporter->other = device;
	reporter->others = sockets;
}

void reporter_start(struct reporter *reporter)
{
	clock_gettime(CLOCK_MONOTONIC, &reporter->reported_at);
}

void reporter_close(struct reporter *reporter)
{
	if (reporter->page)
		fclose(reporter->page);
	free(reporter->before);
	free(reporter->now);
	*reporter = (struct reporter){ 0 };
}

static double seconds_between(const struct timespec *a,
			      const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) +
	       (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

static void format_part(const struct reporter *reporter,
			const struct report *report)
{
	if (reporter->opts->json)
		stats_print_json(reporter->page, report);
	else if (reporter->opts->rings)
		stats_print_rings(reporter->page, report);
	else
		stats_print(reporter->page, report);
}

static void format_parts(const struct reporter *reporter,
			 const struct timespec *now, const char *hints)
{
	struct report report = {
		.device = reporter->device,
		.sockets = reporter->sockets,
		.now = reporter->now,
		.before = reporter->before,
		.period = seconds_between(&reporter->reported_at, now),
		.hints = hints,
		.fill_size = FILL_SIZE,
		.rx_size = RX_SIZE,
		.tx_size = TX_SIZE,
		.completion_size = COMPLETION_SIZE,
	};
	struct winsize size;

	if (reporter->to_terminal && say_terminal_size(STDOUT_FILENO, &size))
		report.terminal_lines = size.ws_row;
	report.part = reporter->other ? 1 : 0;
	report.sockets -= reporter->others;
	format_part(reporter, &report);
	if (!reporter->other)
		return;
	report.part = 2;
	report.device = reporter->other;
	report.now += report.sockets;
	report.before += report.sockets;
	report.sockets = reporter->others;
	format_part(reporter, &report);
}

static void format_report(const struct reporter *reporter,
			  const struct timespec *now, const char *hints)
{
	format_parts(reporter, now, hints);
	if (reporter->more)
		reporter->more(reporter->page, reporter->opts->json,
			       reporter->context);
}

/*
 * Write the rest of the previous report. Return 0 (even if only a part could be
 * written) or a negative errno.
 */
static int write_rest(struct reporter *reporter)
{
	ssize_t n = output_write(STDOUT_FILENO, rest, reporter->rest);

	if (n < 0) {
		reporter->failed = true;
		return n == -EPIPE ? -EPIPE
				   : say_error((int)n, "statistics: %s",
					       strerror((int)-n));
	}
	reporter->rest -= (size_t)n;
	memmove(rest, rest + n, reporter->rest);
	return 0;
}

/*
 * Begin to write a report. If stdout accepts only a part, reporter_print()
 * writes the rest before the next report.
 */
static int write_report(struct reporter *reporter)
{
	long len = ftell(reporter->page);

	reporter->rest = len > 0 ? (size_t)len : 0;
	memcpy(rest, page, reporter->rest);
	return write_rest(reporter);
}

int reporter_print(struct reporter *reporter, const char *hints)
{
	struct timespec now;
	int err;

	if (reporter->opts->quiet || reporter->failed)
		return 0;
	err = write_rest(reporter);
	/*
	 * If this report is omitted, the next report also covers this report's
	 * period.
	 */
	if (err || reporter->rest)
		return err;
	clock_gettime(CLOCK_MONOTONIC, &now);
	rewind(reporter->page);
	format_report(reporter, &now, hints);
	fflush(reporter->page);
	err = write_report(reporter);
	if (err)
		return err;
	memcpy(reporter->before, reporter->now,
	       reporter->sockets * sizeof(*reporter->now));
	reporter->reported_at = now;
	return 0;
}

/* Write the rest of a report. Wait for a slow reader, but at most END_MS. */
static int finish_rest(struct reporter *reporter)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int err = 0;

	for (int ms = 0; !err && reporter->rest && ms < END_MS; ms++) {
		poll(&out, 1, 1);
		err = write_rest(reporter);
	}
	return err;
}

static int print_last(struct reporter *reporter, const char *hints)
{
	int err = finish_rest(reporter);

	if (!err)
		err = reporter_print(reporter, hints);
	return err ? err : finish_rest(reporter);
}

static int audit_socket(const struct stats *stats, bool verbose)
{
	const struct places *p = &stats->places;
	__u32 sum = p->free + p->fill + p->kernel_rx + p->rx + p->tx +
		    p->kernel_tx + p->completion;

	if (verbose)
		say("frames: %u = %u free + %u FILL + %u kernel RX + %u RX + %u TX + %u kernel TX + %u COMPLETION",
		    sum, p->free, p->fill, p->kernel_rx, p->rx, p->tx,
		    p->kernel_tx, p->completion);
	if (sum == stats->frames)
		return 0;
	return say_error(-ENOTRECOVERABLE,
			 "frames: %u of %u are accounted for: this is a bug",
			 sum, stats->frames);
}

int reporter_audit(const struct reporter *reporter)
{
	int leak = 0;

	for (__u32 i = 0; i < reporter->sockets; i++)
		if (audit_socket(&reporter->now[i], reporter->opts->verbose))
			leak = -ENOTRECOVERABLE;
	return leak;
}

int reporter_end(struct reporter *reporter, const char *hints, int err)
{
	int unsaid = print_last(reporter, hints);
	int leak = reporter_audit(reporter);

	say_lost();
	if (leak)
		return leak;
	return err ? err : unsaid;
}
