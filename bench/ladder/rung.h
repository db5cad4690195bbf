/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Functions that the rungs with a packet socket share; see packet(7). */
#ifndef RUNG_H
#define RUNG_H

#include <linux/types.h>

#define RUNG_FRAME 2048 /* bytes for a packet: enough for an MTU of 1,500 */
#define RUNG_BATCH 64	/* maximum number of packets in one system call */

/*
 * rung_open - open a packet socket; rung_bind() lets it get IPv6 packets
 * @name: the device
 * @mac: is set to the device's MAC address, 6 bytes
 *
 * As with AF_XDP, the socket does not receive the packets that it sends, and
 * these packets bypass the queueing disciplines.
 *
 * Return the socket, or end the program after an error.
 */
int rung_open(const char *name, __u8 *mac);

/* rung_bind - start to receive packets; the buffers must be ready */
void rung_bind(int fd, const char *name);

/* rung_fail - print an error with errno's text, and end the program */
void rung_fail(const char *what) __attribute__((noreturn));

#endif /* RUNG_H */
