// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "common/options.h"
#include "common/shared_options.h"

#define COALESCE_MAX 100000 /* largest value of --coalesce, in microseconds */

/* Keys of the options that have no short form. */
enum {
	OPT_COALESCE = 0x100,
	OPT_FILENAME,
	OPT_PROGNAME,
	OPT_SET,
	OPT_XSKS_MAP,
	OPT_DOCTOR,
	OPT_RXDROP,
	OPT_ANY_MAC,
};

/* clang-format off */
static const struct argp_option table[] = {
	OPTION(BINDING, "poll-mode", 'p', NULL, "Sleep in poll() until packets arrive (default)"),
	OPTION(BINDING, "coalesce", OPT_COALESCE, "USECS", "Gather packets for USECS: less CPU, later answers (default: 0)"),
	OPTION(BINDING, "busy-poll", 'B', NULL, "Never sleep: spin on the rings"),

	OPTION(XDP_PROGRAM, "filename", OPT_FILENAME, "FILE", "Load FILE instead of the built-in program"),
	OPTION(XDP_PROGRAM, "progname", OPT_PROGNAME, "NAME", "The program in FILE (default: the first)"),
	OPTION(XDP_PROGRAM, "set", OPT_SET, "NAME=VALUE", "Give a variable of FILE another value"),
	OPTION(XDP_PROGRAM, "xsks-map", OPT_XSKS_MAP, "PATH", "Load no program: put the socket into the map pinned at PATH"),

	OPTION(DOING, "doctor", OPT_DOCTOR, NULL, "Predict how the program would run on the device, and why; exit with 0 if it would start"),
	OPTION(DOING, "rxdrop", OPT_RXDROP, NULL, "Drop every packet, answer none"),
	OPTION(DOING, "any-mac", OPT_ANY_MAC, NULL, "Answer requests to other devices' MAC addresses, too"),
	{ 0 },
};
/* clang-format on */

static __u32 parse_usecs(const char *arg, struct argp_state *state)
{
	__u32 usecs = shared_options_count(arg, "--coalesce", state);

	if (usecs > COALESCE_MAX)
		argp_error(state, "--coalesce: %s is more than %d microseconds",
			   arg, COALESCE_MAX);
	return usecs;
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

/* Refuse options that exclude each other, or that lack an option they need. */
static void check(const struct options *opts, struct argp_state *state)
{
	if (opts->busy && opts->coalesce)
		argp_error(state,
			   "--busy-poll and --coalesce exclude each other");
	if (opts->source.xsks_map &&
	    (opts->source.filename || opts->mode || opts->force))
		argp_error(
			state,
			"--xsks-map uses the XDP program that is already attached, and excludes --filename, -A, -N, -S and -F");
	if (opts->source.progname && !opts->source.filename)
		argp_error(state, "--progname needs --filename");
	if (opts->source.settings[0] && !opts->source.filename)
		argp_error(state, "--set needs --filename");
}

/*
 * Parse this program's options below "What to do:". Each heading of --help has
 * a parser, which passes other options to the parser of the next heading.
 */
static error_t parse_doing(int key, struct argp_state *state)
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
	case ARGP_KEY_INIT:
		state->child_inputs[0] = opts;
		state->child_inputs[1] = opts;
		break;
	case ARGP_KEY_END:
		check(opts, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
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
	default:
		return parse_doing(key, state);
	}
	return 0;
}

static error_t parse_binding(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
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
	static const struct argp_child children[] = {
		{ .argp = &shared_options },
		{ .argp = &one_device },
		{ 0 },
	};
	static const struct argp argp = {
		.options = table,
		.parser = parse_binding,
		.doc = "Bind an AF_XDP socket to one RX queue of IFNAME, answer "
		       "ICMPv6 echo requests and print statistics.",
		.children = children,
	};

	*opts = (struct options){ 0 };
	shared_options_run("af_xdp_user", &argp, argc, argv, opts);
}
