// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/options.h"
#include "common/reporter.h"
#include "common/say.h"
#include "headers/xsk.h"

static void hold_standard_files(void)
{
	int fd;

	close_range(STDERR_FILENO + 1, ~0U, 0);
	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

/*
 * Open the terminal again, non-blocking: poll() reports it as writable even if
 * it has room for only a few bytes. Do not set O_NONBLOCK on stdout, because
 * other processes share its description and may rely on blocking.
 */
static void unblock_terminal(void)
{
	int fd;

	if (!isatty(STDOUT_FILENO))
		return;
	fd = open("/proc/self/fd/1",
		  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

void reporter_prepare(void)
{
	static char buffer[1 << 18]; /* under 1,000 bytes a queue, as JSON */

	hold_standard_files();
	unblock_terminal();
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int reporter_open(struct reporter *reporter, const struct options *opts,
		  const char *device, __u32 sockets)
{
	struct stat out;

	*reporter = (struct reporter){
		.opts = opts,
		.device = device,
		.sockets = sockets,
		.now = calloc(sockets, sizeof(*reporter->now)),
		.before = calloc(sockets, sizeof(*reporter->before)),
		.to_terminal = isatty(STDOUT_FILENO),
		.to_pipe = !fstat(STDOUT_FILENO, &out) && S_ISFIFO(out.st_mode),
	};
	setlocale(LC_NUMERIC, "");
	return reporter->now && reporter->before ? 0 : -ENOMEM;
}

void reporter_start(struct reporter *reporter)
{
	clock_gettime(CLOCK_MONOTONIC, &reporter->reported_at);
}

void reporter_close(struct reporter *reporter)
{
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

static void format_report(const struct reporter *reporter,
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
	if (reporter->opts->json)
		stats_print_json(stdout, &report);
	else if (reporter->opts->rings)
		stats_print_rings(stdout, &report);
	else
		stats_print(stdout, &report);
}

/*
 * Return true if writing the report in stdout's buffer would block. poll()
 * reports a pipe as writable if it has room for PIPE_BUF bytes. So print a
 * longer report only if the pipe is empty.
 */
static bool would_block(const struct reporter *reporter)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int unread = 0;

	if (!poll(&out, 1, 0))
		return true;
	return reporter->to_pipe && __fpending(stdout) > PIPE_BUF &&
	       !ioctl(STDOUT_FILENO, FIONREAD, &unread) && unread;
}

/* Write the report with one write(). */
static int write_report(void)
{
	fflush(stdout);
	if (!ferror(stdout))
		return 0;
	if (errno == EAGAIN) { /* a terminal had room for part of the report */
		clearerr(stdout);
		return 0;
	}
	if (errno == EPIPE)
		return -EPIPE;
	return say_error(-errno, "statistics: %s", strerror(errno));
}

int reporter_print(struct reporter *reporter, const char *hints)
{
	struct timespec now;
	int err;

	if (reporter->opts->quiet || ferror(stdout))
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	format_report(reporter, &now, hints);
	if (would_block(reporter)) {
		/* The next report covers this one's time, too. */
		__fpurge(stdout);
		return 0;
	}
	err = write_report();
	if (err)
		return err;
	memcpy(reporter->before, reporter->now,
	       reporter->sockets * sizeof(*reporter->now));
	reporter->reported_at = now;
	return 0;
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
