// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Test common/say.[ch]: messages on stderr. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/say.h"

/*
 * Redirect stderr into a pipe that keeps writes apart: each read() returns the
 * data of one write(). See O_DIRECT in pipe(2). Return a copy of the old
 * stderr.
 */
static int capture_begin(int pipes[2])
{
	int old = dup(STDERR_FILENO);

	assert_true(old >= 0);
	assert_int_equal(pipe2(pipes, O_DIRECT | O_NONBLOCK), 0);
	assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
	close(pipes[1]);
	return old;
}

/* Restore stderr, set @text to the output, and return the number of writes. */
static int capture_end(int old, int from, char *text, size_t size)
{
	size_t used = 0;
	int writes = 0;
	ssize_t n;

	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	while ((n = read(from, text + used, size - 1 - used)) > 0) {
		used += (size_t)n;
		writes++;
	}
	text[used] = '\0';
	close(from);
	return writes;
}

static void test_say(void **state)
{
	char text[512];
	int pipes[2], old = capture_begin(pipes);

	(void)state;
	say("%s: MTU %u", "veth0", 1500);
	capture_end(old, pipes[0], text, sizeof(text));
	assert_string_equal(text, "af_xdp_user: veth0: MTU 1500\n");
}

static void test_say_error(void **state)
{
	char text[512];
	int pipes[2], old = capture_begin(pipes);
	int err = say_error(-ENODEV, "%s: gone\n  look for %s", "a", "b");

	(void)state;
	capture_end(old, pipes[0], text, sizeof(text));
	assert_int_equal(err, -ENODEV);
	assert_string_equal(text, "af_xdp_user: a: gone\n  look for b\n");
}

/* Each message is one write, so lines stay whole if processes share stderr. */
static void test_one_line_is_one_write(void **state)
{
	char text[512];
	int pipes[2], old = capture_begin(pipes);

	(void)state;
	say("%s: MTU %u", "veth0", 1500);
	assert_int_equal(capture_end(old, pipes[0], text, sizeof(text)), 1);
}

static void test_append(void **state)
{
	char list[16] = "";

	(void)state;
	say_append(list, sizeof(list), " %s", "eth0");
	assert_string_equal(list, " eth0");
	say_append(list, sizeof(list), " %s", "eth1");
	assert_string_equal(list, " eth0 eth1");
}

/* Text is cut at the list's end, and no byte after the list is changed. */
static void test_append_too_much(void **state)
{
	char list[16];

	(void)state;
	memset(list, 'x', sizeof(list));
	list[0] = '\0';
	for (int i = 0; i < 5; i++)
		say_append(list, 10, " %s", "eth0");
	assert_string_equal(list, " eth0 eth");
	assert_memory_equal(list + 10, "xxxxxx", 6);
}

/*
 * say_append() must replace control bytes other than tab and newline, because
 * its output becomes hints, which are printed in a terminal without further
 * checks.
 */
static void test_append_printable(void **state)
{
	char list[32] = "";

	(void)state;
	say_append(list, sizeof(list), "a\033[2Jb\n  c\a");
	assert_string_equal(list, "a?[2Jb\n  c?");
}

/* U+009B, in UTF-8 or as one byte, begins an escape sequence, as ESC [ does. */
static void test_printable(void **state)
{
	static const struct {
		const char *text, *printable;
	} cases[] = {
		{ "\x7f\x1b\t\n", "??\t\n" },
		{ "\x80\x9b\x9f|", "???|" },
		{ "\xc2\x80|\xc2\x9b"
		  "2J|\xc2\x9f",
		  "??|??2J|??" },
		{ "\xc2\xa0|\xc3\x9b|\xe2\x82\xac|\xf0\x9f\x90\xa7",
		  "\xc2\xa0|\xc3\x9b|\xe2\x82\xac|\xf0\x9f\x90\xa7" },
		{ "\xc3\xa4\x9b", "\xc3\xa4?" },
		{ "\xe2\x82", "??" },		       /* truncated */
		{ "\xc0\x9b|\xe0\x82\x9b", "??|???" }, /* overlong */
		{ "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80|\xff", "????|?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[32];

		strcpy(text, cases[i].text);
		say_make_printable(text);
		assert_string_equal(text, cases[i].printable);
	}
}

static void test_wrap(void **state)
{
	static const struct {
		const char *text, *wrapped;
	} cases[] = {
		{ "", "" },
		{ "0123456789", "0123456789" },
		{ "01234 6789", "01234 6789" },
		{ "01234 6789 b", "01234 6789\n  b" },
		{ "01234 6789a b", "01234\n  6789a b" },
		/* Existing line breaks and indentation do not change. */
		{ "a\n  b c\n", "a\n  b c\n" },
		{ "a\n  b c def gh", "a\n  b c def\n  gh" },
		/* A word is never cut. */
		{ "0123456789abc d", "0123456789abc\n  d" },
		{ "  0123456789abc", "  0123456789abc" },
		{ "x 0123456789abc 12", "x\n  0123456789abc\n  12" },
		/* The width is counted in characters, not in bytes. */
		{ "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 6789 b",
		  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 6789\n  b" },
	};
	char to[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		say_wrap(to, sizeof(to), cases[i].text, 10);
		assert_string_equal(to, cases[i].wrapped);
	}
}

/*
 * A line that does not fit into the buffer is omitted, and no byte after the
 * buffer is changed.
 */
static void test_wrap_size(void **state)
{
	char to[13];

	(void)state;
	memset(to, 'x', sizeof(to));
	say_wrap(to, 12, "a b c d", 1);
	assert_string_equal(to, "a\n  b\n  c\n");
	assert_int_equal(to[12], 'x');
	say_wrap(to, 13, "a b c d", 3);
	assert_string_equal(to, "a b\n  c\n  d");
}

/*
 * Make stderr a terminal of @columns columns. Return the terminal's other side.
 */
static int terminal_begin(int *old, unsigned short columns)
{
	const struct winsize size = { .ws_col = columns };
	int other = posix_openpt(O_RDWR | O_NOCTTY), fd;
	struct termios raw;

	assert_true(other >= 0);
	assert_int_equal(grantpt(other), 0);
	assert_int_equal(unlockpt(other), 0);
	fd = open(ptsname(other), O_RDWR | O_NOCTTY);
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(fd, TCSANOW, &raw), 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
	*old = dup(STDERR_FILENO);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	close(fd);
	return other;
}

/*
 * If the terminal's width is unknown, it counts as 80 columns. Messages leave
 * the last column free.
 */
static void test_terminal(void **state)
{
	static const struct {
		unsigned short columns;
		const char *text;
	} cases[] = {
		{ 40, "\raf_xdp_user: one two three four five\n"
		      "  six seven eight nine ten eleven\n"
		      "  twelve thirteen fourteen\n"
		      "  do this\n" },
		{ 0,
		  "\raf_xdp_user: one two three four five six seven eight nine ten eleven twelve\n"
		  "  thirteen fourteen\n"
		  "  do this\n" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int old, other = terminal_begin(&old, cases[i].columns);
		ssize_t n;

		say("one two three four five six seven eight nine ten eleven twelve thirteen fourteen\n  do this");
		n = read(other, text, sizeof(text) - 1);
		dup2(old, STDERR_FILENO);
		close(old);
		close(other);
		assert_true(n > 0);
		text[n] = '\0';
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_say),
		cmocka_unit_test(test_say_error),
		cmocka_unit_test(test_one_line_is_one_write),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_append_too_much),
		cmocka_unit_test(test_append_printable),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_wrap_size),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests_name("say", tests, NULL, NULL);
}
