// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/say.h"

#define EXIT_USAGE   2
#define COALESCE_MAX 100000 /* microseconds: the longest delay of an answer */
#define SECONDS_MAX  1e6    /* eleven days; timers allow more */

/* Options without a letter. */
enum {
	OPT_ALL_QUEUES = 0x100,
	OPT_COALESCE,
	OPT_FILENAME,
	OPT_PROGNAME,
	OPT_SET,
	OPT_RXDROP,
	OPT_RINGS,
	OPT_JSON,
	OPT_INTERVAL,
	OPT_DURATION,
	OPT_NO_SANDBOX,
	OPT_USAGE,
	OPT_XSKS_MAP,
	OPT_DOCTOR,
	OPT_ANY_MAC,
};

/* Headings are numbered; an option belongs to the last heading before it. */
#define HEADING(number, text)                  \
	{                                      \
		NULL, 0, NULL, 0, text, number \
	}
#define OPTION(name, key, arg, text)       \
	{                                  \
		name, key, arg, 0, text, 0 \
	}

/* clang-format off */
static const struct argp_option table[] = {
	HEADING(1, "What to bind to:"),
	OPTION("dev", 'd', "IFNAME", "Network device (required)"),
	OPTION("queue", 'Q', "N", "RX queue (default: 0)"),
	OPTION("all-queues", OPT_ALL_QUEUES, NULL, "A socket on each RX queue"),
	OPTION("copy", 'c', NULL, "Force copy mode (default: the kernel chooses)"),
	OPTION("zero-copy", 'z', NULL, "Force zero-copy mode"),
	OPTION("poll-mode", 'p', NULL, "Sleep in poll() until packets arrive (default)"),
	OPTION("coalesce", OPT_COALESCE, "USECS", "Gather packets for that long: less CPU, later answers (default: 0)"),
	OPTION("busy-poll", 'B', NULL, "Never sleep: spin on the rings"),

	HEADING(2, "The XDP program:"),
	OPTION("filename", OPT_FILENAME, "FILE", "Load FILE instead of the built-in program"),
	OPTION("progname", OPT_PROGNAME, "NAME", "The program in FILE (default: the first)"),
	OPTION("set", OPT_SET, "NAME=VALUE", "Give a variable of FILE another value"),
	OPTION("xsks-map", OPT_XSKS_MAP, "PATH", "Load no program: put the socket into the map pinned at PATH"),
	OPTION("auto-mode", 'A', NULL, "Attach in the driver, else in SKB mode (default)"),
	OPTION("native-mode", 'N', NULL, "Attach in the driver or not at all"),
	OPTION("skb-mode", 'S', NULL, "Attach in the kernel's generic hook"),
	OPTION("force", 'F', NULL, "Replace an attached XDP program; take a device with the default route"),

	HEADING(3, "What to do:"),
	OPTION("doctor", OPT_DOCTOR, NULL, "Print what would happen on the device, and why; exit with 0 if it would work"),
	OPTION("rxdrop", OPT_RXDROP, NULL, "Eat every packet, answer none"),
	OPTION("any-mac", OPT_ANY_MAC, NULL, "Answer requests to other devices' MAC addresses, too"),
	OPTION("interval", OPT_INTERVAL, "SECONDS", "Time between statistics (default: 2)"),
	OPTION("duration", OPT_DURATION, "SECONDS", "Stop after that time"),
	OPTION("rings", OPT_RINGS, NULL, "Draw the rings, and the place of all frames, with the statistics"),
	OPTION("json", OPT_JSON, NULL, "Statistics as JSON, one object a line"),
	OPTION("quiet", 'q', NULL, "No statistics"),
	OPTION("verbose", 'v', NULL, "Print the libraries' messages, too, and at the end the place of each frame"),
	OPTION("no-sandbox", OPT_NO_SANDBOX, NULL, "Keep all rights: for debuggers and sanitizers"),

	HEADING(-1, NULL),
	OPTION("help", 'h', NULL, "Print this and exit"),
	OPTION("usage", OPT_USAGE, NULL, "Print the options in short and exit"),
	OPTION("version", 'V', NULL, "Print the version and exit"),
	{ 0 },
};
/* clang-format on */

__u32 options_count(const char *arg, const char *option,
		    struct argp_state *state)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (!*arg || *end || strspn(arg, "0123456789") != strlen(arg))
		argp_error(state, "%s: '%s' is not a number", option, arg);
	if (errno || n > __UINT32_MAX__)
		argp_error(state, "%s: %s is too large", option, arg);
	return (__u32)n;
}

double options_seconds(const char *arg, const char *option,
		       struct argp_state *state)
{
	char *end;
	double s = strtod(arg, &end);

	/* Refuse hexadecimal numbers, infinity and NaN: strtod() reads them. */
	if (!*arg || *end || strspn(arg, "0123456789.") != strlen(arg))
		argp_error(state, "%s: '%s' is not a number of seconds", option,
			   arg);
	if (s < 0.001 || s > SECONDS_MAX)
		argp_error(state,
			   "%s: %s is not between 0.001 and %.0f seconds",
			   option, arg, SECONDS_MAX);
	return s;
}

static __u32 parse_usecs(const char *arg, struct argp_state *state)
{
	__u32 usecs = options_count(arg, "--coalesce", state);

	if (usecs > COALESCE_MAX)
		argp_error(state, "--coalesce: %s is more than %d microseconds",
			   arg, COALESCE_MAX);
	return usecs;
}

/* Set the mode, or report the second of two options that exclude each other. */
static void set_mode(struct options *opts, enum attach_mode mode,
		     struct argp_state *state)
{
	if (opts->mode != ATTACH_UNSET && opts->mode != mode)
		argp_error(state, "-A, -N and -S exclude each other");
	opts->mode = mode;
}

static void set_copy(struct options *opts, __u16 flag, struct argp_state *state)
{
	if (opts->bind_flags && opts->bind_flags != flag)
		argp_error(state, "--copy and --zero-copy exclude each other");
	opts->bind_flags = flag;
}

static void add_setting(struct options *opts, const char *arg,
			struct argp_state *state)
{
	const char **settings = opts->source.settings;
	int n = 0;

	if (!strchr(arg, '=') || *arg == '=')
		argp_error(state, "--set: '%s' is not NAME=VALUE", arg);
	while (settings[n])
		n++;
	if (n == XDP_PROG_SETTINGS_MAX)
		argp_error(state, "--set: at most %d times", n);
	settings[n] = arg;
}

/* Check the command line as a whole. */
static void finish(struct options *opts, struct argp_state *state)
{
	if (!opts->ifname || !*opts->ifname)
		argp_error(state, "which device? --dev=IFNAME is missing");
	if (opts->busy && opts->coalesce)
		argp_error(state,
			   "--busy-poll and --coalesce exclude each other");
	if (opts->one_queue && opts->all_queues)
		argp_error(state,
			   "--queue and --all-queues exclude each other");
	if (opts->source.xsks_map &&
	    (opts->source.filename || opts->mode || opts->force))
		argp_error(
			state,
			"--xsks-map uses the XDP program that is attached already: not with --filename, -A, -N, -S or -F");
	if (opts->source.progname && !opts->source.filename)
		argp_error(state, "--progname needs --filename");
	if (opts->source.settings[0] && !opts->source.filename)
		argp_error(state, "--set needs --filename");
	if (opts->rings && opts->json)
		argp_error(
			state,
			"--rings and --json exclude each other: JSON always has the rings");
	if (opts->quiet && (opts->rings || opts->json))
		argp_error(
			state,
			"--quiet has no statistics: not with --rings or --json");
	/*
	 * In zero-copy mode the driver serves the socket, and needs a native
	 * XDP program. In SKB mode the socket binds, but the driver does not
	 * serve it.
	 */
	if (opts->mode == ATTACH_SKB && opts->bind_flags == XDP_ZEROCOPY)
		argp_error(state,
			   "--zero-copy needs the driver: not with --skb-mode");
	if (opts->bind_flags == XDP_ZEROCOPY)
		opts->mode = ATTACH_NATIVE;
	if (opts->mode == ATTACH_UNSET)
		opts->mode = ATTACH_AUTO;
}

/* Handle --help, --usage, --version, and arguments that are no options. */
static error_t parse_question(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case OPT_USAGE:
		argp_state_help(state, stdout,
				ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
		break;
	case 'V':
		puts("af_xdp_user " VERSION);
		exit(EXIT_SUCCESS);
	case ARGP_KEY_ARG:
		argp_error(state,
			   "'%s' is no option; a device is named by --dev",
			   arg);
		break;
	case ARGP_KEY_END:
		finish(opts, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Parse options below a heading; pass options of the next heading on. */
static error_t parse_doing(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case OPT_DOCTOR:
		opts->doctor = true;
		break;
	case OPT_RXDROP:
		opts->rxdrop = true;
		break;
	case OPT_ANY_MAC:
		opts->any_mac = true;
		break;
	case OPT_INTERVAL:
		opts->interval = options_seconds(arg, "--interval", state);
		break;
	case OPT_DURATION:
		opts->duration = options_seconds(arg, "--duration", state);
		break;
	case OPT_RINGS:
		opts->rings = true;
		break;
	case OPT_JSON:
		opts->json = true;
		break;
	case 'q':
		opts->quiet = true;
		break;
	case 'v':
		opts->verbose = true;
		break;
	case OPT_NO_SANDBOX:
		opts->no_sandbox = true;
		break;
	default:
		return parse_question(key, arg, state);
	}
	return 0;
}

static error_t parse_program(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case OPT_FILENAME:
		opts->source.filename = arg;
		break;
	case OPT_PROGNAME:
		opts->source.progname = arg;
		break;
	case OPT_SET:
		add_setting(opts, arg, state);
		break;
	case OPT_XSKS_MAP:
		opts->source.xsks_map = arg;
		break;
	case 'A':
		set_mode(opts, ATTACH_AUTO, state);
		break;
	case 'N':
		set_mode(opts, ATTACH_NATIVE, state);
		break;
	case 'S':
		set_mode(opts, ATTACH_SKB, state);
		break;
	case 'F':
		opts->force = true;
		break;
	default:
		return parse_doing(key, arg, state);
	}
	return 0;
}

static error_t parse_binding(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'd':
		opts->ifname = arg;
		break;
	case 'Q':
		opts->queue = options_count(arg, "--queue", state);
		opts->one_queue = true;
		break;
	case OPT_ALL_QUEUES:
		opts->all_queues = true;
		break;
	case 'c':
		set_copy(opts, XDP_COPY, state);
		break;
	case 'z':
		set_copy(opts, XDP_ZEROCOPY, state);
		break;
	case 'p':
	case 'B':
		opts->busy = key == 'B';
		break;
	case OPT_COALESCE:
		opts->coalesce = parse_usecs(arg, state);
		break;
	default:
		return parse_program(key, arg, state);
	}
	return 0;
}

void options_parse(struct options *opts, int argc, char **argv)
{
	static const struct argp argp = {
		.options = table,
		.parser = parse_binding,
		.doc = "Bind an AF_XDP socket to one RX queue of IFNAME, answer "
		       "ICMPv6 echo requests and print statistics.",
	};
	error_t err;

	*opts = (struct options){ .interval = 2 };
	argp_err_exit_status = EXIT_USAGE;
	/*
	 * argp hangs, or writes past its buffer, for some values of
	 * ARGP_HELP_FMT.
	 */
	unsetenv("ARGP_HELP_FMT");
	argv[0] = "af_xdp_user"; /* so getopt()'s messages have no path */
	err = argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, opts);
	if (err) {
		say("command line: %s", strerror(err));
		exit(EXIT_FAILURE);
	}
}
