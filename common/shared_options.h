/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Options that all programs have: queues, attach modes, statistics, help. The
 * argp parser of each program has shared_options as a child. The parser's own
 * table adds more options, which --help prints below the same headings.
 */
#ifndef SHARED_OPTIONS_H
#define SHARED_OPTIONS_H

#include <argp.h>
#include <linux/types.h>

struct options;

/* Headings of --help. */
enum { BINDING = 1, XDP_PROGRAM, DOING };

/*
 * An entry of a table of options. --help sorts the options below each heading.
 */
#define OPTION(heading, name, key, arg, text)    \
	{                                        \
		name, key, arg, 0, text, heading \
	}

/*
 * shared_options - parse the options that all programs have
 *
 * In the program's parser, at ARGP_KEY_INIT, set state->child_inputs[0] to the
 * program's struct options, filled with zeros.
 */
extern const struct argp shared_options;

/*
 * one_device - parse --dev (which is required), --copy and --zero-copy
 *
 * This is a second argp child, for programs with one device. Its input is also
 * the program's struct options.
 */
extern const struct argp one_device;

/*
 * shared_options_run - parse the command line, or end the process
 * @name: the program's name in messages
 * @argp: the program's parser, with shared_options as a child
 * @input: passed to the program's parser
 */
void shared_options_run(const char *name, const struct argp *argp, int argc,
			char **argv, void *input);

/*
 * shared_options_count - parse a number
 * @option: the name of the option in an error message
 */
__u32 shared_options_count(const char *arg, const char *option,
			   struct argp_state *state);

/* shared_options_copy - set bind_flags: 'c' is --copy, 'z' is --zero-copy */
void shared_options_copy(struct options *opts, int key,
			 struct argp_state *state);

#endif /* SHARED_OPTIONS_H */
