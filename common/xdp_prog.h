/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Load and unload an XDP program and its map of sockets. attach.h attaches the
 * program to a device.
 */
#ifndef XDP_PROG_H
#define XDP_PROG_H

#include <stdbool.h>
#include <linux/types.h>

struct bpf_object;

#define XDP_PROG_SETTINGS_MAX 8

struct xdp_prog_source {
	const char *filename; /* NULL: the built-in program */
	const char *progname; /* NULL: the first XDP program of the file */
	/* "NAME=VALUE" for variables of the file, up to the first NULL */
	const char *settings[XDP_PROG_SETTINGS_MAX + 1];
	/*
	 * If not 0, load the program only for the device with this index. Then
	 * the program may ask the driver about packets, but works only in
	 * native mode.
	 */
	int ifindex;
	const __u8 *mac;      /* value for the variable device_mac, or NULL */
	const char *xsks_map; /* path of a pinned map: load no program */
};

/* Only xdp_prog.c and attach.c write to this struct. */
struct xdp_prog {
	struct bpf_object *object; /* NULL: another process's program */
	char name[64];
	__u32 id;	       /* number that bpftool prog shows */
	int fd;		       /* the program; closed with the object */
	int map_fd;	       /* xsks_map; closed with the object, if any */
	int link_fd;	       /* our bpf_link, or -1 */
	const char *mode_name; /* "native", "SKB"; NULL: not attached */
	bool is_native;
	bool knows_mac; /* the program has a variable device_mac */
	__u8 mac[6];	/* the value of device_mac */
	int info_fd;	/* /proc's description of the bpf_link, or -1 */
	/* Counts of the built-in program for MAX_QUEUES queues, or NULL. */
	const struct queue_counts *counts;
};

/*
 * xdp_prog_open - load a program and its maps, or open another process's map
 * @queues: RX queues of the device; our xsks_map gets an entry for each
 *
 * Return 0, or a negative errno after printing the reason. If the verifier
 * refuses the program, print its messages, too. Call xdp_prog_close() in both
 * cases.
 */
int xdp_prog_open(struct xdp_prog *prog, const struct xdp_prog_source *source,
		  __u32 queues);

/*
 * xdp_prog_add_socket - let the packets of @queue go to the socket
 * @fd: AF_XDP socket that is bound to @queue
 *
 * Fail if the map already has a socket for @queue. Return 0, or a negative
 * errno after printing the reason.
 */
int xdp_prog_add_socket(struct xdp_prog *prog, __u32 queue, int fd);

/*
 * xdp_prog_remove_socket - stop packets of @queue from going to the socket
 *
 * Do nothing if the map is our own, because it gets no packets after its
 * program is detached. Removing a socket from another process's map needs
 * CAP_BPF or kernel 5.19. Otherwise the socket leaves the map only when it is
 * closed.
 */
void xdp_prog_remove_socket(struct xdp_prog *prog, __u32 queue);

/*
 * xdp_prog_close - detach and unload the program; harmless on a zeroed struct
 */
void xdp_prog_close(struct xdp_prog *prog);

#endif /* XDP_PROG_H */
