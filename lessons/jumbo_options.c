// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/say.h"
#include "common/shared_options.h"
#include "headers/if_xdp_compat.h"
#include "lessons/jumbo_setup.h"

const char *const say_program = "jumbo";

/* clang-format off */
static const struct argp_option table[] = {
	OPTION(BINDING, "dev", 'd', "IFNAME", "Network device (required)"),
	OPTION(BINDING, "copy", 'c', NULL, "Force copy mode (default: the kernel chooses)"),
	OPTION(BINDING, "zero-copy", 'z', NULL, "Force zero-copy mode"),
	{ 0 },
};
/* clang-format on */

static void check(const struct options *opts, struct argp_state *state)
{
	if (!opts->ifname || !*opts->ifname)
		argp_error(state, "which device? --dev=IFNAME is missing");
	if (opts->all_queues)
		argp_error(
			state,
			"--all-queues: jumbo has one socket; name its queue by --queue");
}

static error_t parse(int key, char *arg, struct argp_state *state)
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
	case ARGP_KEY_INIT:
		state->child_inputs[0] = opts;
		break;
	case ARGP_KEY_ARG:
		argp_error(state,
			   "'%s' is no option; a device is named by --dev",
			   arg);
		break;
	case ARGP_KEY_END:
		check(opts, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

void jumbo_options_parse(struct options *opts, int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ .argp = &shared_options },
		{ 0 },
	};
	static const struct argp argp = {
		.options = table,
		.parser = parse,
		.doc = "Answer ICMPv6 echo requests that take several frames, "
		       "by an AF_XDP socket on one RX queue of IFNAME.",
		.children = children,
	};

	*opts = (struct options){ 0 };
	shared_options_run(say_program, &argp, argc, argv, opts);
	if (opts->mode == ATTACH_SKB)
		opts->bind_flags = XDP_COPY;
	opts->bind_flags |= XDP_USE_SG;
}
