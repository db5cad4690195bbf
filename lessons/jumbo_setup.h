/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line of lessons/jumbo.c, and whether kernel and device can do
 * what it needs.
 */
#ifndef JUMBO_SETUP_H
#define JUMBO_SETUP_H

#include "common/session.h"

/* Bytes of a packet in a frame: a page without XDP's headroom. */
#define JUMBO_PIECE (4096 - 256)

/*
 * jumbo_options_parse - parse the command line, or end the process
 *
 * As options_parse(). XDP_USE_SG is in opts->bind_flags in any case.
 */
void jumbo_options_parse(struct options *opts, int argc, char **argv);

/*
 * jumbo_check_kernel - check that the kernel has XDP_USE_SG
 *
 * Return 0, or a negative errno after printing the reason.
 */
int jumbo_check_kernel(void);

/*
 * jumbo_choose_copy - choose copy mode if zero-copy takes too few frames
 *
 * A zero-copy driver receives a packet into a limited number of frames: the
 * kernel reports it as xdp-zc-max-segs. If packets of the MTU need more, add
 * XDP_COPY to opts->bind_flags. If --zero-copy was given, print the reason and
 * return a negative errno.
 */
int jumbo_choose_copy(struct session *session);

#endif /* JUMBO_SETUP_H */
