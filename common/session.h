/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Set up everything except UMEMs and sockets: command line, rights, device, XDP
 * program, signals and timer, statistics, hints, sandbox. Call the functions in
 * the order of this file.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <linux/types.h>

#include "common/device.h"
#include "common/events.h"
#include "common/hints.h"
#include "common/options.h"
#include "common/reporter.h"
#include "common/xdp_prog.h"

struct session {
	struct options opts;
	struct device dev;
	struct xdp_prog prog;
	struct events events;
	struct hints hints;
	struct reporter reporter;
	const __u8 *mac; /* answer requests to this address; zeros: to any */
	__u32 sockets;	 /* number of sockets */
	int socket_fd;	 /* one of the sockets: shows if the device is gone */
	bool stop;	 /* true if a signal came, or --duration is over */
};

/*
 * session_open - parse the command line, check rights, find the device
 *
 * Return 0, or a negative errno after printing the reason. Call session_close()
 * in both cases.
 */
int session_open(struct session *session, int argc, char **argv);

/*
 * session_open_by - do the same as session_open(), with @parse in place of
 * options_parse()
 */
int session_open_by(struct session *session,
		    void (*parse)(struct options *, int, char **), int argc,
		    char **argv);

/*
 * session_prepare - check the device, load the program, allocate the counters
 * @first: the first RX queue to bind
 * @sockets: the number of RX queues to bind
 *
 * Return 0, or a negative errno after printing the reason.
 */
int session_prepare(struct session *session, __u32 first, __u32 sockets);

/*
 * session_attach - attach the XDP program
 *
 * Packets still go to the kernel until session_add_socket() is called.
 *
 * Return 0, or a negative errno after printing the reason.
 */
int session_attach(struct session *session);

/*
 * session_add_socket - put a socket into the program's map, so that packets go
 * to the socket
 * @fd: a socket that is bound to RX queue @queue
 *
 * Return 0, or a negative errno after printing the reason.
 */
int session_add_socket(struct session *session, __u32 queue, int fd);

/*
 * session_start - start timers and hints, enter the sandbox, print the start
 * line
 * @frame_size: bytes of a UMEM frame
 *
 * Call this function when all sockets are open and their counters are in
 * session->reporter. Return 0, or a negative errno after printing the reason.
 */
int session_start(struct session *session, __u32 frame_size);

/*
 * session_events - handle the pending events of session->events.fd
 *
 * Return 1 if a report is due; the caller then reads the sockets' counters into
 * session->reporter, and calls session_report(). Return 0 if no report is due.
 * On an error, print the error and return a negative errno: -ENODEV if the
 * device is gone.
 */
int session_events(struct session *session);

/*
 * session_report - print hints and statistics; return reporter_print()'s result
 */
int session_report(struct session *session);

/*
 * session_detach - detach the program, so that the kernel gets the packets
 *
 * With --xsks-map, remove our sockets from the other process's map instead.
 */
void session_detach(struct session *session);

/*
 * session_end - print the final report, and check that no frame was lost
 * @err: the error that ended the program, or 0
 *
 * Return reporter_end()'s result.
 */
int session_end(struct session *session, int err);

void session_close(struct session *session);

#endif /* SESSION_H */
