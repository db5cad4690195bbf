/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ports of lessons/forward.c. A port is a socket on an RX queue of one of
 * two devices, and its packets leave by a port of the other device. These
 * functions allocate, start, watch and close the ports; lessons/forward.c opens
 * their sockets, and serves their rings.
 */
#ifndef WIRE_H
#define WIRE_H

#include "headers/xsk.h"
#include "lessons/pair.h"

struct pollfd;

/* A socket on an RX queue of one device. */
struct port {
	struct xsk xsk;
	struct stats stats;
	const struct wire *wire;
	struct side *side; /* the port's device */
	struct port *out;  /* the port by which packets from this port leave */
	const __u8 *mac;   /* answer requests to this address, if not NULL */
	__u32 largest;	   /* bytes that this port can send; 0: device down */
};

struct wire {
	struct pair pair;
	struct umem umem;   /* shared by all ports */
	struct port *ports; /* the ports of side 0, then those of side 1 */
	__u32 n;	    /* number of ports */
	struct pollfd *fds; /* each port's socket, then the pair's events */
	__u32 batch;	    /* limit on packets received, or sent, at once */
};

/*
 * wire_open - open the pair, and allocate its ports
 *
 * If the devices have different numbers of queues, several ports of one device
 * send by the same port of the other device. That is safe because one thread
 * serves all ports.
 *
 * Return 0, or a negative errno after printing the reason. Call wire_close()
 * in both cases, and also if a function below fails.
 */
int wire_open(struct wire *wire, int argc, char **argv);

/*
 * wire_start - attach the XDP programs, and let packets go to the sockets
 *
 * Before this call the kernel gets all packets, so no packet is lost while the
 * program starts. Return 0, or a negative errno after printing the reason.
 */
int wire_start(struct wire *wire);

/*
 * wire_events - handle signals, the timer and changes of a device, if any
 * @n: the result of poll()
 *
 * Return 0, or a negative errno after printing the reason. Return -EPIPE
 * silently.
 */
int wire_events(struct wire *wire, int n);

/* wire_end - print the last report, check for lost frames; see pair_end() */
int wire_end(struct wire *wire, int err);

/* wire_close - undo the set-up in reverse order, even if it failed halfway */
void wire_close(struct wire *wire);

#endif /* WIRE_H */
