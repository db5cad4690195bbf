/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parse the command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <linux/types.h>

#include "common/attach.h"
#include "common/xdp_prog.h"

struct options {
	const char *ifname;
	__u32 queue;	 /* --queue; 0 with --all-queues */
	bool one_queue;	 /* --queue was given */
	bool all_queues; /* --all-queues */
	/* --filename, --progname, --set, --xsks-map */
	struct xdp_prog_source source;
	enum attach_mode mode;
	bool force;
	bool any_mac; /* also answer requests to other MAC addresses */
	/* XDP_COPY, XDP_ZEROCOPY or 0; lessons/jumbo.c adds XDP_USE_SG */
	__u16 bind_flags;
	bool busy;	/* --busy-poll */
	__u32 coalesce; /* --coalesce, in microseconds */
	bool rxdrop;
	bool rings;	 /* draw the rings after the statistics */
	bool json;	 /* print the statistics as JSON */
	double interval; /* seconds */
	double duration; /* seconds; 0: until stopped */
	bool quiet;
	bool verbose;
	bool no_sandbox;
	bool doctor; /* --doctor: only examine the device */
};

/*
 * options_parse - parse the command line, or end the process
 * @opts: gets the options, or their defaults; its strings point into argv
 *
 * For --help, --usage and --version, print to stdout and exit with status 0.
 * For a wrong command line, print two lines to stderr and exit with status 2.
 */
void options_parse(struct options *opts, int argc, char **argv);

#endif /* OPTIONS_H */
