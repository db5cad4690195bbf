// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <argp.h>
#include <linux/if_xdp.h>
#include <stdlib.h>
#include <string.h>

#include "common/say.h"
#include "lessons/pair.h"

#define EXIT_USAGE 2

const char *const say_program = "forward";

/* Options without a letter. */
enum {
	OPT_ALL_QUEUES = 0x100,
	OPT_ANSWER,
	OPT_INTERVAL,
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
	OPTION("dev-a", 'a', "IFNAME", "One end of the wire (required)"),
	OPTION("dev-b", 'b', "IFNAME", "The other end (required)"),
	OPTION("queue", 'Q', "N", "RX queue of both (default: 0)"),
	OPTION("all-queues", OPT_ALL_QUEUES, NULL, "A socket on each RX queue of both"),
	OPTION("answer", OPT_ANSWER, NULL, "Answer pings to the MAC address of the device they come by; forward the rest"),
	OPTION("copy", 'c', NULL, "Copy mode (default)"),
	OPTION("zero-copy", 'z', NULL, "Zero-copy mode, which both drivers must have"),
	OPTION("auto-mode", 'A', NULL, "Attach in the driver, else in SKB mode (default)"),
	OPTION("native-mode", 'N', NULL, "Attach in the driver or not at all"),
	OPTION("skb-mode", 'S', NULL, "Attach in the kernel's generic hook"),
	OPTION("force", 'F', NULL, "Replace attached XDP programs; take a device with the default route"),
	OPTION("interval", OPT_INTERVAL, "SECONDS", "Between statistics (default: 2)"),
	OPTION("duration", OPT_DURATION, "SECONDS", "Stop after that time"),
	OPTION("rings", OPT_RINGS, NULL, "Show where all frames are, with the statistics"),
	OPTION("json", OPT_JSON, NULL, "Statistics as JSON, one object a line for each device"),
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

/* Check the command line as a whole. */
static void finish(struct pair *pair, struct argp_state *state)
{
	struct options *opts = &pair->opts;

	for (int i = 0; i < 2; i++)
		if (!pair->sides[i].ifname || !*pair->sides[i].ifname)
			argp_error(state,
				   "which devices? -%c IFNAME is missing",
				   "ab"[i]);
	if (opts->one_queue && opts->all_queues)
		argp_error(state,
			   "--queue and --all-queues exclude each other");
	if (opts->rings && opts->json)
		argp_error(
			state,
			"--rings and --json exclude each other: JSON has the rings in any case");
	if (opts->quiet && (opts->rings || opts->json))
		argp_error(
			state,
			"--quiet has no statistics: not with --rings or --json");
	if (opts->bind_flags & XDP_ZEROCOPY && opts->mode == ATTACH_SKB)
		argp_error(state,
			   "--zero-copy needs the driver: not with --skb-mode");
	if (opts->bind_flags & XDP_ZEROCOPY)
		opts->mode = ATTACH_NATIVE;
	if (opts->mode == ATTACH_UNSET)
		opts->mode = ATTACH_AUTO;
}

static error_t parse_question(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case 'V':
		puts("forward " VERSION);
		exit(EXIT_SUCCESS);
	case ARGP_KEY_ARG:
		argp_error(state,
			   "'%s' is no option; devices are named by -a and -b",
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
	struct options *opts = &((struct pair *)state->input)->opts;

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
	struct pair *pair = state->input;
	struct options *opts = &pair->opts;

	switch (key) {
	case 'a':
	case 'b':
		pair->sides[key - 'a'].ifname = arg;
		break;
	case 'Q':
		opts->queue = options_count(arg, "--queue", state);
		opts->one_queue = true;
		break;
	case OPT_ALL_QUEUES:
		opts->all_queues = true;
		break;
	case OPT_ANSWER:
		pair->answer = true;
		break;
	case 'c':
	case 'z':
		opts->bind_flags = key == 'c' ? XDP_COPY : XDP_ZEROCOPY;
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

void pair_options_parse(struct pair *pair, int argc, char **argv)
{
	static const struct argp argp = {
		.options = table,
		.parser = parse,
		.doc = "Forward all packets between two devices by AF_XDP "
		       "sockets that share one UMEM, and print statistics.",
	};
	error_t err;

	pair->opts = (struct options){ .interval = 2, .bind_flags = XDP_COPY };
	argp_err_exit_status = EXIT_USAGE;
	unsetenv("ARGP_HELP_FMT"); /* as in common/options.c */
	argv[0] = "forward";
	err = argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, pair);
	if (err) {
		say("command line: %s", strerror(err));
		exit(EXIT_FAILURE);
	}
}
