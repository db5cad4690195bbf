// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/say.h"
#include "common/shared_options.h"

#define EXIT_USAGE  2
#define SECONDS_MAX 1e6 /* longest interval or duration: 11.6 days */

/* Keys of the options that have no short form. */
enum {
	OPT_ALL_QUEUES = 0x100,
	OPT_INTERVAL,
	OPT_DURATION,
	OPT_RINGS,
	OPT_JSON,
	OPT_NO_SANDBOX,
	OPT_USAGE,
};

#define HEADING(number, text)                  \
	{                                      \
		NULL, 0, NULL, 0, text, number \
	}

/* clang-format off */
static const struct argp_option table[] = {
	HEADING(BINDING, "What to bind to:"),
	OPTION(BINDING, "queue", 'Q', "N", "RX queue (default: 0)"),
	OPTION(BINDING, "all-queues", OPT_ALL_QUEUES, NULL, "A socket on each RX queue"),

	HEADING(XDP_PROGRAM, "The XDP program:"),
	OPTION(XDP_PROGRAM, "auto-mode", 'A', NULL, "Attach in the driver, else in SKB mode (default)"),
	OPTION(XDP_PROGRAM, "native-mode", 'N', NULL, "Attach in the driver or not at all"),
	OPTION(XDP_PROGRAM, "skb-mode", 'S', NULL, "Attach in the kernel's generic hook"),
	OPTION(XDP_PROGRAM, "force", 'F', NULL, "Replace an attached XDP program; accept lo, VRF, ipvlan in mode L3S, and a device with the default route"),

	HEADING(DOING, "What to do:"),
	OPTION(DOING, "interval", OPT_INTERVAL, "SECONDS", "Time between statistics (default: 2)"),
	OPTION(DOING, "duration", OPT_DURATION, "SECONDS", "Stop after SECONDS"),
	OPTION(DOING, "rings", OPT_RINGS, NULL, "Draw the rings, and the number of frames in each place, with the statistics"),
	OPTION(DOING, "json", OPT_JSON, NULL, "Statistics as JSON, one object a line"),
	OPTION(DOING, "quiet", 'q', NULL, "No statistics"),
	OPTION(DOING, "verbose", 'v', NULL, "Print the libraries' messages, too, and at the end the number of frames in each place"),
	OPTION(DOING, "no-sandbox", OPT_NO_SANDBOX, NULL, "Keep all rights: for debuggers and sanitizers"),

	HEADING(-1, NULL),
	OPTION(-1, "help", 'h', NULL, "Print this and exit"),
	OPTION(-1, "usage", OPT_USAGE, NULL, "Print a short list of the options and exit"),
	OPTION(-1, "version", 'V', NULL, "Print the version and exit"),
	{ 0 },
};
/* clang-format on */

__u32 shared_options_count(const char *arg, const char *option,
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

static double parse_seconds(const char *arg, const char *option,
			    struct argp_state *state)
{
	char *end;
	double s = strtod(arg, &end);

	/*
	 * Refuse exponents, hexadecimal numbers, infinity and NaN, which
	 * strtod() accepts.
	 */
	if (!*arg || *end || strspn(arg, "0123456789.") != strlen(arg))
		argp_error(state, "%s: '%s' is not a number of seconds", option,
			   arg);
	if (s < 0.001 || s > SECONDS_MAX)
		argp_error(state,
			   "%s: %s is not between 0.001 and %.0f seconds",
			   option, arg, SECONDS_MAX);
	return s;
}

/* Set the mode, or report that an earlier option has set another mode. */
static void set_mode(struct options *opts, enum attach_mode mode,
		     struct argp_state *state)
{
	if (opts->mode != ATTACH_UNSET && opts->mode != mode)
		argp_error(state, "-A, -N and -S exclude each other");
	opts->mode = mode;
}

void shared_options_copy(struct options *opts, int key,
			 struct argp_state *state)
{
	__u16 flag = key == 'c' ? XDP_COPY : XDP_ZEROCOPY;

	if (opts->bind_flags && opts->bind_flags != flag)
		argp_error(state, "--copy and --zero-copy exclude each other");
	opts->bind_flags = flag;
}

/* Check for options that exclude each other. */
static void check(const struct options *opts, struct argp_state *state)
{
	if (opts->one_queue && opts->all_queues)
		argp_error(state,
			   "--queue and --all-queues exclude each other");
	if (opts->rings && opts->json)
		argp_error(
			state,
			"--rings and --json exclude each other: JSON always has the rings");
	if (opts->quiet && (opts->rings || opts->json))
		argp_error(
			state,
			"--quiet prints no statistics, and excludes --rings and --json");
	/*
	 * In zero-copy mode the driver serves the socket, and needs a native
	 * XDP program. With an XDP program in SKB mode, the kernel binds the
	 * socket, but the driver does not serve it.
	 */
	if (opts->mode == ATTACH_SKB && opts->bind_flags == XDP_ZEROCOPY)
		argp_error(
			state,
			"--zero-copy needs native XDP, and excludes --skb-mode");
}

/* Choose the attach mode: --zero-copy needs native XDP. */
static void complete(struct options *opts)
{
	if (opts->bind_flags == XDP_ZEROCOPY)
		opts->mode = ATTACH_NATIVE;
	if (opts->mode == ATTACH_UNSET)
		opts->mode = ATTACH_AUTO;
}

/* Handle --help, --usage, --version and argp's special keys. */
static error_t parse_question(int key, struct argp_state *state)
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
		printf("%s " VERSION "\n", state->name);
		exit(EXIT_SUCCESS);
	case ARGP_KEY_INIT:
		opts->interval = 2;
		break;
	case ARGP_KEY_END:
		check(opts, state);
		break;
	case ARGP_KEY_SUCCESS: /* after the checks of all parsers */
		complete(opts);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Parse the options below "What to do:", and pass other options on. */
static error_t parse_doing(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case OPT_INTERVAL:
		opts->interval = parse_seconds(arg, "--interval", state);
		break;
	case OPT_DURATION:
		opts->duration = parse_seconds(arg, "--duration", state);
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
		return parse_question(key, state);
	}
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'Q':
		opts->queue = shared_options_count(arg, "--queue", state);
		opts->one_queue = true;
		break;
	case OPT_ALL_QUEUES:
		opts->all_queues = true;
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

const struct argp shared_options = { .options = table, .parser = parse };

/* clang-format off */
static const struct argp_option device_table[] = {
	OPTION(BINDING, "dev", 'd', "IFNAME", "Network device (required)"),
	OPTION(BINDING, "copy", 'c', NULL, "Force copy mode (default: the kernel chooses)"),
	OPTION(BINDING, "zero-copy", 'z', NULL, "Force zero-copy mode"),
	{ 0 },
};
/* clang-format on */

static error_t parse_device(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'd':
		opts->ifname = arg;
		break;
	case 'c':
	case 'z':
		shared_options_copy(opts, key, state);
		break;
	case ARGP_KEY_ARG:
		argp_error(state,
			   "'%s' is not an option; name the device with --dev",
			   arg);
		break;
	case ARGP_KEY_END:
		if (!opts->ifname || !*opts->ifname)
			argp_error(state,
				   "which device? --dev=IFNAME is missing");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp one_device = { .options = device_table,
				 .parser = parse_device };

void shared_options_run(const char *name, const struct argp *argp, int argc,
			char **argv, void *input)
{
	error_t err;

	argp_err_exit_status = EXIT_USAGE;
	/*
	 * argp hangs, or writes past its buffer, for some values of
	 * ARGP_HELP_FMT.
	 */
	unsetenv("ARGP_HELP_FMT");
	argv[0] = (char *)name; /* keep paths out of getopt()'s messages */
	err = argp_parse(argp, argc, argv, ARGP_NO_HELP, NULL, input);
	if (err) {
		say("command line: %s", strerror(err));
		exit(EXIT_FAILURE);
	}
}
