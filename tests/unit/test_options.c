// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Test common/options.[ch]: the command line.
 *
 * options_parse() ends the process if the command line is wrong. So parse each
 * command line in a child process, and read the child's stdout and stderr from
 * pipes.
 */
#include <linux/if_xdp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/options.h"

#define ARGS_MAX 15
#define PROGRAM	 "af_xdp_user"
#define RETURNED 77 /* exit status of a child whose options were parsed */

struct run {
	char name[64]; /* argv[0] */
	const char *args[ARGS_MAX];
	/* The result: */
	int status;
	char out[16384];
	char err[16384];
	struct options opts; /* its strings point into args */
};

static void read_pipe(int fd, void *to, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size &&
	       (n = read(fd, (char *)to + used, size - used)) > 0)
		used += (size_t)n;
	close(fd);
}

static void child(struct run *run, int out, int err, int result)
{
	char *argv[ARGS_MAX + 2] = { run->name };
	struct options opts;
	int argc = 1;

	for (const char **arg = run->args; *arg; arg++)
		argv[argc++] = (char *)*arg;
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(99);
	memset(&opts, 0xa5, sizeof(opts));
	options_parse(&opts, argc, argv);
	if (write(result, &opts, sizeof(opts)) != sizeof(opts))
		_exit(99);
	fflush(NULL);
	_exit(RETURNED);
}

/*
 * Parse the arguments up to the first NULL. All output fits into the pipes, so
 * read the pipes after the child has ended.
 */
static void run_parse(struct run *run)
{
	int out[2], err[2], result[2], status;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(err), 0);
	assert_int_equal(pipe(result), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		child(run, out[1], err[1], result[1]);
	close(out[1]);
	close(err[1]);
	close(result[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	run->status = WEXITSTATUS(status);
	memset(run->out, 0, sizeof(run->out));
	memset(run->err, 0, sizeof(run->err));
	memset(&run->opts, 0, sizeof(run->opts));
	read_pipe(out[0], run->out, sizeof(run->out) - 1);
	read_pipe(err[0], run->err, sizeof(run->err) - 1);
	read_pipe(result[0], &run->opts, sizeof(run->opts));
}

/* Return the options of a correct command line. No message may be printed. */
#define parse(...)                                                 \
	({                                                         \
		static struct run run_;                            \
                                                                   \
		run_ = (struct run){                               \
			PROGRAM, { __VA_ARGS__ }, 0, "", "", { 0 } \
		};                                                 \
		run_parse(&run_);                                  \
		assert_string_equal(run_.err, "");                 \
		assert_string_equal(run_.out, "");                 \
		assert_int_equal(run_.status, RETURNED);           \
		run_.opts;                                         \
	})

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/*
 * Expect an error message with the program's name and @words in its first line.
 * The second line must name --help and --usage.
 */
static void check_refused(struct run *run, const char *words)
{
	const char *second;

	run_parse(run);
	assert_int_equal(run->status, 2);
	assert_string_equal(run->out, "");
	if (!begins(run->err, PROGRAM ": "))
		fail_msg("does not begin with '" PROGRAM ": ': %s", run->err);
	second = strchr(run->err, '\n');
	assert_non_null(second);
	if (!strstr(run->err, words) || strstr(run->err, words) > second)
		fail_msg("'%s' is not in: %s", words, run->err);
	assert_non_null(strstr(second, "--help"));
	assert_non_null(strstr(second, "--usage"));
	assert_true(strchr(second + 1, '\n')[1] == '\0');
}

#define refused(words, ...)                                        \
	do {                                                       \
		static struct run run_;                            \
                                                                   \
		run_ = (struct run){                               \
			PROGRAM, { __VA_ARGS__ }, 0, "", "", { 0 } \
		};                                                 \
		check_refused(&run_, words);                       \
	} while (0)

static void test_defaults(void **state)
{
	struct options opts = parse("-d", "veth0");

	(void)state;
	assert_string_equal(opts.ifname, "veth0");
	assert_int_equal(opts.queue, 0);
	assert_null(opts.source.filename);
	assert_null(opts.source.progname);
	assert_int_equal(opts.mode, ATTACH_AUTO);
	assert_false(opts.force);
	assert_int_equal(opts.bind_flags, 0);
	assert_false(opts.rxdrop);
	assert_false(opts.rings);
	assert_false(opts.json);
	assert_true(opts.interval == 2);
	assert_true(opts.duration == 0);
	assert_false(opts.quiet);
	assert_false(opts.verbose);
	assert_false(opts.no_sandbox);
}

static void test_dev(void **state)
{
	(void)state;
	assert_string_equal(parse("-dveth0").ifname, "veth0");
	assert_string_equal(parse("--dev=veth1").ifname, "veth1");
	assert_string_equal(parse("--dev", "veth2").ifname, "veth2");
	/* The last --dev counts. */
	assert_string_equal(parse("-d", "a", "-d", "b").ifname, "b");
}

static void test_queue(void **state)
{
	(void)state;
	assert_int_equal(parse("-dx", "-Q", "3").queue, 3);
	assert_int_equal(parse("-dx", "-Q63").queue, 63);
	assert_int_equal(parse("-dx", "--queue=0").queue, 0);
	assert_int_equal(parse("-dx", "--queue", "17").queue, 17);
	assert_int_equal(parse("-dx", "-Q", "007").queue, 7);
	assert_int_equal(parse("-dx", "-Q", "4294967295").queue, 4294967295U);
}

static void test_copy(void **state)
{
	(void)state;
	assert_int_equal(parse("-dx", "-c").bind_flags, XDP_COPY);
	assert_int_equal(parse("-dx", "--copy").bind_flags, XDP_COPY);
	assert_int_equal(parse("-dx", "-cc").bind_flags, XDP_COPY);
	assert_int_equal(parse("-dx", "-z").bind_flags, XDP_ZEROCOPY);
	assert_int_equal(parse("-dx", "--zero-copy").bind_flags, XDP_ZEROCOPY);
	assert_int_equal(parse("-dx", "-z", "-z").bind_flags, XDP_ZEROCOPY);
}

/*
 * Without the option for busy mode, the option for poll mode changes nothing,
 * because poll mode is the default.
 */
static void test_poll_mode(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct options opts = i ? parse("-dx", "-p")
					: parse("-dx", "--poll-mode");

		assert_string_equal(opts.ifname, "x");
		assert_int_equal(opts.queue, 0);
		assert_int_equal(opts.mode, ATTACH_AUTO);
		assert_int_equal(opts.bind_flags, 0);
		assert_false(opts.force || opts.rxdrop || opts.quiet ||
			     opts.verbose || opts.busy);
		assert_true(opts.interval == 2);
	}
}

/* If both poll mode and busy mode are given, the last option counts. */
static void test_busy_poll(void **state)
{
	(void)state;
	assert_true(parse("-dx", "-B").busy);
	assert_true(parse("-dx", "--busy-poll").busy);
	assert_true(parse("-dx", "-p", "-B").busy);
	assert_false(parse("-dx", "-B", "-p").busy);
}

static void test_program(void **state)
{
	struct options opts = parse("-dx", "--filename=f.o");

	(void)state;
	assert_string_equal(opts.source.filename, "f.o");
	assert_null(opts.source.progname);
	opts = parse("-dx", "--filename", "f.o", "--progname", "p");
	assert_string_equal(opts.source.filename, "f.o");
	assert_string_equal(opts.source.progname, "p");
	opts = parse("--progname=q", "--filename=g.o", "-dx");
	assert_string_equal(opts.source.filename, "g.o");
	assert_string_equal(opts.source.progname, "q");
}

/*
 * The values of --set keep their order. The parser does not check that the
 * variables exist, because it does not read the object file.
 */
static void test_settings(void **state)
{
	struct options opts = parse("-dx", "--filename=f", "--set=a=1", "--set",
				    "b=", "--set=a=x=2");

	(void)state;
	assert_string_equal(opts.source.settings[0], "a=1");
	assert_string_equal(opts.source.settings[1], "b=");
	assert_string_equal(opts.source.settings[2], "a=x=2");
	assert_null(opts.source.settings[3]);
	assert_null(parse("-dx", "--filename=f").source.settings[0]);
	opts = parse("-dx", "--filename=f", "--set=a=1", "--set=b=2",
		     "--set=c=3", "--set=d=4", "--set=e=5", "--set=f=6",
		     "--set=g=7", "--set=h=8");
	assert_string_equal(opts.source.settings[7], "h=8");
	assert_null(opts.source.settings[8]);
}

static void test_wrong_settings(void **state)
{
	(void)state;
	refused("--set: 'a' is not NAME=VALUE", "-dx", "--filename=f",
		"--set=a");
	refused("--set: '=1' is not NAME=VALUE", "-dx", "--filename=f",
		"--set==1");
	refused("--set: '' is not NAME=VALUE", "-dx", "--filename=f", "--set=");
	refused("--set: at most 8 times", "-dx", "--filename=f", "--set=a=1",
		"--set=b=2", "--set=c=3", "--set=d=4", "--set=e=5", "--set=f=6",
		"--set=g=7", "--set=h=8", "--set=i=9");
	refused("--set needs --filename", "-dx", "--set=a=1");
}

static void test_attach_modes(void **state)
{
	(void)state;
	assert_int_equal(parse("-dx", "-A").mode, ATTACH_AUTO);
	assert_int_equal(parse("-dx", "--auto-mode").mode, ATTACH_AUTO);
	assert_int_equal(parse("-dx", "-N").mode, ATTACH_NATIVE);
	assert_int_equal(parse("-dx", "--native-mode").mode, ATTACH_NATIVE);
	assert_int_equal(parse("-dx", "-S").mode, ATTACH_SKB);
	assert_int_equal(parse("-dx", "--skb-mode").mode, ATTACH_SKB);
	assert_int_equal(parse("-dx", "-SS").mode, ATTACH_SKB);
}

static void test_switches(void **state)
{
	(void)state;
	assert_true(parse("-dx", "-F").force);
	assert_true(parse("-dx", "--force").force);
	assert_true(parse("-dx", "--rxdrop").rxdrop);
	assert_true(parse("-dx", "--rings").rings);
	assert_true(parse("-dx", "--json").json);
	assert_true(parse("-dx", "-q").quiet);
	assert_true(parse("-dx", "--quiet").quiet);
	assert_true(parse("-dx", "-v").verbose);
	assert_true(parse("-dx", "--verbose").verbose);
	assert_true(parse("-dx", "--no-sandbox").no_sandbox);
}

/* Each switch sets only its own member. */
static void test_switches_alone(void **state)
{
	struct options opts = parse("-dx", "-F");

	(void)state;
	assert_false(opts.rxdrop || opts.quiet || opts.verbose);
	opts = parse("-dx", "--rxdrop");
	assert_false(opts.force || opts.quiet || opts.verbose);
	opts = parse("-dx", "--rings");
	assert_false(opts.json || opts.rxdrop || opts.quiet || opts.verbose);
	opts = parse("-dx", "--json");
	assert_false(opts.rings || opts.rxdrop || opts.quiet || opts.verbose);
	opts = parse("-dx", "-q");
	assert_false(opts.force || opts.rxdrop || opts.verbose);
	opts = parse("-dx", "-v");
	assert_false(opts.force || opts.rxdrop || opts.quiet ||
		     opts.no_sandbox);
	opts = parse("-dx", "--no-sandbox");
	assert_false(opts.force || opts.rxdrop || opts.quiet || opts.verbose);
}

static void test_seconds(void **state)
{
	(void)state;
	assert_true(parse("-dx", "--interval=1").interval == 1);
	assert_true(parse("-dx", "--interval", "0.25").interval == 0.25);
	assert_true(parse("-dx", "--interval=.5").interval == 0.5);
	assert_true(parse("-dx", "--interval=5.").interval == 5);
	assert_true(parse("-dx", "--interval=0.001").interval == 0.001);
	assert_true(parse("-dx", "--interval=1000000").interval == 1e6);
	assert_true(parse("-dx", "--interval=3").duration == 0);
	assert_true(parse("-dx", "--duration=10").duration == 10);
	assert_true(parse("-dx", "--duration", ".125").duration == 0.125);
	assert_true(parse("-dx", "--duration=3").interval == 2);
}

static void test_all_together(void **state)
{
	struct options opts = parse("-NFzpqv", "--dev=eth0", "-Q", "2",
				    "--filename=f", "--progname=p", "--rxdrop",
				    "--interval=3", "--duration=4");

	(void)state;
	assert_string_equal(opts.ifname, "eth0");
	assert_int_equal(opts.queue, 2);
	assert_string_equal(opts.source.filename, "f");
	assert_string_equal(opts.source.progname, "p");
	assert_int_equal(opts.mode, ATTACH_NATIVE);
	assert_true(opts.force);
	assert_int_equal(opts.bind_flags, XDP_ZEROCOPY);
	assert_true(opts.rxdrop);
	assert_true(opts.interval == 3);
	assert_true(opts.duration == 4);
	assert_true(opts.quiet);
	assert_true(opts.verbose);
}

static void test_no_device(void **state)
{
	(void)state;
	refused("--dev=IFNAME is missing", NULL);
	refused("--dev=IFNAME is missing", "-F", "--skb-mode");
	refused("requires an argument", "-d");
	refused("requires an argument", "--dev");
}

static void test_unknown_option(void **state)
{
	(void)state;
	refused("--nonsense", "-d", "veth0", "--nonsense");
	refused("--nonsense", "--nonsense=3");
	refused("'y'", "-dx", "-y");
	refused("'?'", "-dx", "-?");
	refused("'W'", "-dx", "-Wall");
}

/* If an option takes no argument, an argument for the option is refused. */
static void test_unwanted_argument(void **state)
{
	(void)state;
	refused("--force", "-dx", "--force=1");
	refused("--copy", "-dx", "--copy=yes");
}

static void test_stray_argument(void **state)
{
	(void)state;
	refused("'veth0'", "veth0");
	refused("'veth0'", "-dx", "veth0");
	refused("'-F'", "-dx", "--", "-F");
	refused("''", "-dx", "");
}

/* Messages begin with "af_xdp_user: " even if argv[0] is a path. */
static void test_called_by_path(void **state)
{
	static struct run run;

	(void)state;
	run = (struct run){ .name = "./" PROGRAM, .args = { "veth0" } };
	check_refused(&run, "'veth0'");
	run = (struct run){ .name = "/usr/sbin/" PROGRAM, .args = { "-F" } };
	check_refused(&run, "--dev");
}

/* getopt's messages, too, begin with "af_xdp_user: " if argv[0] is a path. */
static void test_called_by_path_unknown_option(void **state)
{
	static struct run run;

	(void)state;
	run = (struct run){ .name = "./" PROGRAM, .args = { "--nonsense" } };
	check_refused(&run, "--nonsense");
	run = (struct run){ .name = "/usr/sbin/" PROGRAM, .args = { "-d" } };
	check_refused(&run, "requires an argument");
}

static void test_not_a_count(void **state)
{
	static const char *const wrong[] = {
		"",    " ",   "x",   "1x",   "x1",  " 1",	   "1 ",
		"+1",  "-1",  "-0",  "0x10", "1.0", "1e3",	   "1,000",
		"nan", "inf", "--1", "- 1",  "\t1", "-4294967295", "\xc2\xb2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		refused("--queue: '", "-dx", "-Q", wrong[i]);
		refused("--queue: '", "-dx", "--queue", wrong[i]);
	}
	refused("--queue: '' is not a number", "-dx", "--queue=");
	refused("--queue: '-1' is not a number", "-dx", "--queue=-1");
	refused("--queue: '1x' is not a number", "-dx", "--queue=1x");
}

static void test_count_too_large(void **state)
{
	static const char *const wrong[] = {
		"4294967296",		"4294967297",
		"9223372036854775808",	"18446744073709551615",
		"18446744073709551616", "99999999999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		refused("is too large", "-dx", "-Q", wrong[i]);
	refused("--queue: 4294967296 is too large", "-dx", "-Q4294967296");
}

static void test_not_seconds(void **state)
{
	static const char *const wrong[] = {
		"",	 ".",	"..",	"1x",	    " 1",    "1 ",
		"+1",	 "-1",	"0x10", "nan",	    "inf",   "infinity",
		"1e3",	 "1e9", "1,5",	"1s",	    "1.2.3", "-0",
		"0x1p3", "NAN", "one",	"nan(0x1)", "-inf",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		refused("--interval: '", "-dx", "--interval", wrong[i]);
		refused("--duration: '", "-dx", "--duration", wrong[i]);
	}
	refused("--interval: '1e3' is not a number of seconds", "-dx",
		"--interval=1e3");
}

static void test_seconds_out_of_range(void **state)
{
	static const char *const wrong[] = {
		"0",
		"0.0",
		"0.0001",
		"0.000999",
		"1000001",
		"1000000.1",
		"1000000000",
		"00000",
		"1000000000000000000000000000000000000000000000000000000000000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		refused("is not between 0.001 and 1000000 seconds", "-dx",
			"--interval", wrong[i]);
		refused("is not between 0.001 and 1000000 seconds", "-dx",
			"--duration", wrong[i]);
	}
	refused("--duration: 0 is not between", "-dx", "--duration=0");
}

static void test_exclusive_modes(void **state)
{
	static const char *const modes[] = { "-A", "-N", "-S" };

	(void)state;
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			if (i != j)
				refused("-A, -N and -S exclude each other",
					"-dx", modes[i], modes[j]);
	refused("-A, -N and -S exclude each other", "-dx", "--auto-mode",
		"--skb-mode");
}

static void test_exclusive_copy(void **state)
{
	(void)state;
	refused("--copy and --zero-copy exclude each other", "-dx", "-cz");
	refused("--copy and --zero-copy exclude each other", "-dx",
		"--zero-copy", "--copy");
}

/* At most one form of statistics can be chosen. */
static void test_exclusive_statistics(void **state)
{
	(void)state;
	refused("--rings and --json exclude each other", "-dx", "--rings",
		"--json");
	refused("--rings and --json exclude each other", "-dx", "--json",
		"--rings");
	refused("excludes --rings and --json", "-dx", "--rings", "-q");
	refused("excludes --rings and --json", "-dx", "--quiet", "--json");
}

static void test_progname_needs_filename(void **state)
{
	(void)state;
	refused("--progname needs --filename", "-dx", "--progname=p");
}

static void test_zero_copy_needs_driver(void **state)
{
	(void)state;
	refused("excludes --skb-mode", "-dx", "-z", "-S");
	refused("excludes --skb-mode", "-dx", "--skb-mode", "--zero-copy");
	assert_int_equal(parse("-dx", "-S", "-c").bind_flags, XDP_COPY);
	assert_int_equal(parse("-dx", "-N", "-z").bind_flags, XDP_ZEROCOPY);
	assert_int_equal(parse("-dx", "-A", "-z").bind_flags, XDP_ZEROCOPY);
}

/*
 * Parse an option like --help, which prints an answer to stdout and needs no
 * device.
 */
static void ask(struct run *run)
{
	run_parse(run);
	assert_int_equal(run->status, 0);
	assert_string_equal(run->err, "");
	assert_true(strlen(run->out) > 0);
	assert_true(run->out[strlen(run->out) - 1] == '\n');
}

static void test_help(void **state)
{
	static const char *const names[] = {
		"-d, --dev=IFNAME",
		"-Q, --queue=N",
		"-c, --copy",
		"-z, --zero-copy",
		"-p, --poll-mode",
		"--filename=FILE",
		"-B, --busy-poll",
		"--progname=NAME",
		"-A, --auto-mode",
		"-N, --native-mode",
		"-S, --skb-mode",
		"-F, --force",
		"--rxdrop",
		"--interval=SECONDS",
		"--duration=SECONDS",
		"--rings",
		"--json",
		"-q, --quiet",
		"-v, --verbose",
		"-h, --help",
		"--usage",
		"-V, --version",
		"--set=NAME=VALUE",
		"--no-sandbox",
		"--all-queues",
		"--xsks-map=PATH",
	};
	static struct run run, brief;

	(void)state;
	run = (struct run){ .name = PROGRAM, .args = { "--help" } };
	ask(&run);
	assert_true(begins(run.out, "Usage: " PROGRAM " "));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strstr(run.out, names[i]))
			fail_msg("'%s' is not in --help", names[i]);
	brief = (struct run){ .name = PROGRAM, .args = { "-h" } };
	ask(&brief);
	assert_string_equal(brief.out, run.out);
}

/* Each line of the help text has fewer than 80 columns. */
static void test_help_width(void **state)
{
	static struct run run;

	(void)state;
	run = (struct run){ .name = PROGRAM, .args = { "--help" } };
	ask(&run);
	for (char *s = run.out, *end; (end = strchr(s, '\n')); s = end + 1)
		if (end - s >= 80)
			fail_msg("%.*s", (int)(end - s), s);
}

static void test_usage(void **state)
{
	static struct run run;

	(void)state;
	run = (struct run){ .name = PROGRAM, .args = { "--usage" } };
	ask(&run);
	assert_true(begins(run.out, "Usage: " PROGRAM " "));
	assert_non_null(strstr(run.out, "[--dev=IFNAME]"));
	assert_non_null(strstr(run.out, "[--skb-mode]"));
}

static void test_version(void **state)
{
	static struct run run;

	(void)state;
	run = (struct run){ .name = PROGRAM, .args = { "--version" } };
	ask(&run);
	assert_string_equal(run.out, PROGRAM " " VERSION "\n");
	run = (struct run){ .name = PROGRAM, .args = { "-V" } };
	ask(&run);
	assert_string_equal(run.out, PROGRAM " " VERSION "\n");
}

/*
 * -V and -h are answered even if an error follows on the command line. If the
 * error comes first, it is reported.
 */
static void test_question_before_error(void **state)
{
	static struct run run;

	(void)state;
	run = (struct run){ .name = PROGRAM, .args = { "-V", "--nonsense" } };
	ask(&run);
	run = (struct run){ .name = PROGRAM, .args = { "-h", "-Q", "x" } };
	ask(&run);
	refused("--nonsense", "--nonsense", "-h");
}

/* The name of an option can be shortened if it remains unambiguous. */
static void test_abbreviations(void **state)
{
	(void)state;
	assert_int_equal(parse("-dx", "--que=4").queue, 4);
	assert_true(parse("--de=x", "--forc").force);
	refused("ambiguous", "-dx", "--ver");
}

/* Unset variables that change the help text or the parsing of options. */
static int clean_environment(void **state)
{
	(void)state;
	unsetenv("ARGP_HELP_FMT");
	unsetenv("POSIXLY_CORRECT");
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_dev),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_poll_mode),
		cmocka_unit_test(test_busy_poll),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_wrong_settings),
		cmocka_unit_test(test_attach_modes),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_switches_alone),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_all_together),
		cmocka_unit_test(test_no_device),
		cmocka_unit_test(test_unknown_option),
		cmocka_unit_test(test_unwanted_argument),
		cmocka_unit_test(test_stray_argument),
		cmocka_unit_test(test_called_by_path),
		cmocka_unit_test(test_called_by_path_unknown_option),
		cmocka_unit_test(test_not_a_count),
		cmocka_unit_test(test_count_too_large),
		cmocka_unit_test(test_not_seconds),
		cmocka_unit_test(test_seconds_out_of_range),
		cmocka_unit_test(test_exclusive_modes),
		cmocka_unit_test(test_exclusive_copy),
		cmocka_unit_test(test_exclusive_statistics),
		cmocka_unit_test(test_progname_needs_filename),
		cmocka_unit_test(test_zero_copy_needs_driver),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_width),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_question_before_error),
		cmocka_unit_test(test_abbreviations),
	};

	return cmocka_run_group_tests_name("options", tests, clean_environment,
					   NULL);
}
