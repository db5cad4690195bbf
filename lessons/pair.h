/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prepare two devices for AF_XDP sockets, and supervise them: command line,
 * rights, devices, XDP programs, events, statistics. The caller opens the
 * sockets, and calls pair_open() and the functions after it in the order of
 * this file. common/session.h does the same for one device.
 */
#ifndef PAIR_H
#define PAIR_H

#include <stdbool.h>
#include <linux/types.h>

#include "common/device.h"
#include "common/events.h"
#include "common/options.h"
#include "common/reporter.h"
#include "common/xdp_prog.h"

/*
 * One of the two devices. Each has an XDP program and an xsks_map of its own.
 */
struct side {
	const char *ifname;
	struct device dev;
	struct xdp_prog prog;
	enum attach_mode mode;
	__u32 sockets; /* number of sockets on this device */
	int socket_fd; /* one of these sockets: shows if the device is gone */
};

struct pair {
	struct options opts;
	bool answer; /* --answer */
	struct side sides[2];
	struct events events;
	struct reporter reporter; /* side 0's sockets, then side 1's */
	bool stop;		  /* a signal has come, or --duration is over */
};

/*
 * pair_options_parse - parse the command line, or end the process
 *
 * Works like options_parse(), but stores the devices' names in pair->sides.
 * pair_open() calls this function.
 */
void pair_options_parse(struct pair *pair, int argc, char **argv);

/*
 * pair_open - parse the command line, check rights and devices, load programs
 *
 * Return 0, or a negative errno after printing the reason. Call pair_close()
 * in both cases, and also if a function below fails.
 */
int pair_open(struct pair *pair, int argc, char **argv);

/*
 * pair_attach - attach the XDP programs; packets still go to the kernel
 *
 * Call this after the sockets are bound. Return 0, or a negative errno after
 * printing the reason.
 */
int pair_attach(struct pair *pair);

/*
 * pair_add_socket - make the packets of RX queue @queue go to a socket
 *
 * Return 0, or a negative errno after printing the reason.
 */
int pair_add_socket(struct side *side, __u32 queue, int fd);

/*
 * pair_start - start timers, enter the sandbox, print the start lines
 * @frame_size: bytes of a UMEM frame
 *
 * Store the sockets' counters in pair->reporter before this call. Return 0, or
 * a negative errno after printing the reason.
 */
int pair_start(struct pair *pair, __u32 frame_size);

/*
 * pair_events - handle the pending events of pair->events.fd
 *
 * Return 1 if a report is due; the caller then reads the counters and calls
 * reporter_print(). Return 0 if no report is due. If an error occurs, print it
 * and return a negative errno: -ENODEV if a device is gone.
 */
int pair_events(struct pair *pair);

/* pair_detach - detach the programs, so that the kernel gets the packets */
void pair_detach(struct pair *pair);

/*
 * pair_end - print the last report, and check that no frame was lost
 * @err: the error that ended the program, or 0
 *
 * Return reporter_end()'s result.
 */
int pair_end(struct pair *pair, int err);

void pair_close(struct pair *pair);

#endif /* PAIR_H */
