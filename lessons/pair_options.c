// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/if_xdp.h>

#include "common/say.h"
#include "common/shared_options.h"
#include "lessons/pair.h"

#define OPT_ANSWER 0x100 /* --answer has no letter */

const char *const say_program = "forward";

/* clang-format off */
static const struct argp_option table[] = {
	OPTION(BINDING, "dev-a", 'a', "IFNAME", "One end of the wire (required)"),
	OPTION(BINDING, "dev-b", 'b', "IFNAME", "The other end (required)"),
	OPTION(BINDING, "copy", 'c', NULL, "Copy mode (default)"),
	OPTION(BINDING, "zero-copy", 'z', NULL, "Zero-copy mode, which both drivers must have"),

	OPTION(DOING, "answer", OPT_ANSWER, NULL, "Answer pings to the MAC address of the device that receives them; forward the rest"),
	{ 0 },
};
/* clang-format on */

/* Check that both devices are named. */
static void check(const struct pair *pair, struct argp_state *state)
{
	for (int i = 0; i < 2; i++)
		if (!pair->sides[i].ifname || !*pair->sides[i].ifname)
			argp_error(state,
				   "which devices? -%c IFNAME is missing",
				   "ab"[i]);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct pair *pair = state->input;

	switch (key) {
	case 'a':
	case 'b':
		pair->sides[key - 'a'].ifname = arg;
		break;
	case 'c':
	case 'z':
		shared_options_copy(&pair->opts, key, state);
		break;
	case OPT_ANSWER:
		pair->answer = true;
		break;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &pair->opts;
		break;
	case ARGP_KEY_ARG:
		argp_error(
			state,
			"'%s' is not an option; name the devices with -a and -b",
			arg);
		break;
	case ARGP_KEY_END:
		check(pair, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void pair_options_parse(struct pair *pair, int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ .argp = &shared_options },
		{ 0 },
	};
	static const struct argp argp = {
		.options = table,
		.parser = parse,
		.doc = "Forward all packets between two devices by AF_XDP "
		       "sockets that share one UMEM, and print statistics."
		       "\vThe options for queues and modes apply to both "
		       "devices. Each device has statistics of its own.",
		.children = children,
	};

	shared_options_run(say_program, &argp, argc, argv, pair);
	if (!pair->opts.bind_flags)
		pair->opts.bind_flags = XDP_COPY;
}
