// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "headers/if_xdp_compat.h"
#include "lessons/jumbo_setup.h"

#define EXIT_USAGE 2

const char *const say_program = "jumbo";

/* Options without a letter. */
enum {
	OPT_INTERVAL = 0x100,
	OPT_DURATION,
	OPT_RINGS,
	OPT_JSON,
	OPT_NO_SANDBOX,
};

#define OPTION(name, key, arg, text)       \
	{                                  \
		name, key, arg, 0, text, 0 \
	}

/* clang-format off */
static const struct argp_option table[] = {
	OPTION("dev", 'd', "IFNAME", "Network device (required)"),
	OPTION("queue", 'Q', "N", "RX queue (default: 0)"),
	OPTION("copy", 'c', NULL, "Force copy mode (default: the kernel chooses)"),
	OPTION("zero-copy", 'z', NULL, "Force zero-copy mode"),
	OPTION("auto-mode", 'A', NULL, "Attach in the driver, else in SKB mode (default)"),
	OPTION("native-mode", 'N', NULL, "Attach in the driver or not at all"),
	OPTION("skb-mode", 'S', NULL, "Attach in the kernel's generic hook"),
	OPTION("force", 'F', NULL, "Replace an attached XDP program; take a device with the default route"),
	OPTION("interval", OPT_INTERVAL, "SECONDS", "Time between statistics (default: 2)"),
	OPTION("duration", OPT_DURATION, "SECONDS", "Stop after that time"),
	OPTION("rings", OPT_RINGS, NULL, "Draw the rings, and the place of all frames, with the statistics"),
	OPTION("json", OPT_JSON, NULL, "Statistics as JSON, one object a line"),
	OPTION("quiet", 'q', NULL, "No statistics"),
	OPTION("verbose", 'v', NULL, "Print the libraries' messages, too, and at the end the place of each frame"),
	OPTION("no-sandbox", OPT_NO_SANDBOX, NULL, "Keep all rights: for debuggers and sanitizers"),
	OPTION("help", 'h', NULL, "Print this and exit"),
	OPTION("version", 'V', NULL, "Print the version and exit"),
	{ 0 },
};
/* clang-format on */

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

/* Check the command line as a whole, as common/options.c does. */
static void finish(struct options *opts, struct argp_state *state)
{
	if (!opts->ifname || !*opts->ifname)
		argp_error(state, "which device? --dev=IFNAME is missing");
	if (opts->rings && opts->json)
		argp_error(
			state,
			"--rings and --json exclude each other: JSON always has the rings");
	if (opts->quiet && (opts->rings || opts->json))
		argp_error(
			state,
			"--quiet has no statistics: not with --rings or --json");
	if (opts->mode == ATTACH_SKB && opts->bind_flags == XDP_ZEROCOPY)
		argp_error(state,
			   "--zero-copy needs the driver: not with --skb-mode");
	if (opts->bind_flags == XDP_ZEROCOPY)
		opts->mode = ATTACH_NATIVE;
	if (opts->mode == ATTACH_SKB)
		opts->bind_flags = XDP_COPY;
	if (opts->mode == ATTACH_UNSET)
		opts->mode = ATTACH_AUTO;
	opts->bind_flags |= XDP_USE_SG;
}

static error_t parse_question(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case 'V':
		puts("jumbo " VERSION);
		exit(EXIT_SUCCESS);
	case ARGP_KEY_ARG:
		argp_error(state,
			   "'%s' is no option; a device is named by --dev",
			   arg);
		break;
	case ARGP_KEY_END:
		finish(state->input, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Parse options of the statistics; pass the rest on. */
static error_t parse_statistics(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
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

static error_t parse(int key, char *arg, struct argp_state *state)
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
	case 'c':
		set_copy(opts, XDP_COPY, state);
		break;
	case 'z':
		set_copy(opts, XDP_ZEROCOPY, state);
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
		return parse_statistics(key, arg, state);
	}
	return 0;
}

void jumbo_options_parse(struct options *opts, int argc, char **argv)
{
	static const struct argp argp = {
		.options = table,
		.parser = parse,
		.doc = "Answer ICMPv6 echo requests that take several frames, "
		       "by an AF_XDP socket on one RX queue of IFNAME.",
	};
	error_t err;

	*opts = (struct options){ .interval = 2 };
	argp_err_exit_status = EXIT_USAGE;
	unsetenv("ARGP_HELP_FMT"); /* as in common/options.c */
	argv[0] = "jumbo";
	err = argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, opts);
	if (err) {
		say("command line: %s", strerror(err));
		exit(EXIT_FAILURE);
	}
}
