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

#define XDP_PROG_SETTINGS_MAX 8 /* maximum number of --set options */

struct xdp_prog_source {
	const char *filename; /* NULL: the built-in program */
	const char *progname; /* NULL: the first XDP program of the file */
	/* values for variables, as "NAME=VALUE"; NULL ends the list */
	const char *settings[XDP_PROG_SETTINGS_MAX + 1];
	/*
	 * If not 0, load the program only for the device with this index. Such
	 * a program may ask the driver for metadata of packets, but works only
	 * in native mode.
	 */
	int ifindex;
	const __u8 *mac;      /* value for the variable device_mac, or NULL */
	const char *xsks_map; /* path of a pinned map; NULL: load a program */
};

/* Only xdp_prog.c and attach.c write to this struct. */
struct xdp_prog {
	struct bpf_object *object; /* NULL: another process's program */
	char name[64];
	__u32 id; /* number that bpftool prog shows */
	int fd;	  /* the program's descriptor; closed with the object */
	/* descriptor of xsks_map; closed with the object, if there is one */
	int map_fd;
	int link_fd;	       /* our bpf_link, or -1 */
	const char *mode_name; /* "native" or "SKB"; NULL: not attached */
	bool is_native;
	bool knows_mac; /* the program's variable device_mac was set */
	__u8 mac[6];	/* the value of device_mac */
	int info_fd;	/* file of /proc that describes the bpf_link, or -1 */
	/* Counts of the built-in program for MAX_QUEUES queues, or NULL. */
	const struct queue_counts *counts;
};

/*
 * xdp_prog_open - load a program and its maps, or open another process's map
 * @queues: number of RX queues of the device; xsks_map gets an entry for each
 * 	queue
 *
 * Return 0, or a negative errno after printing the reason. If the verifier
 * refuses the program, also print the verifier's messages. Call
 * xdp_prog_close() in both cases.
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
 * xdp_prog_remove_socket - stop sending packets of @queue to the socket
 *
 * Do nothing if the map is our own, because nothing uses this map after our
 * program is detached. Before Linux 5.19, removing a socket from another
 * process's map needs CAP_BPF, unless kernel.unprivileged_bpf_disabled is 0. A
 * socket that cannot be removed stays in the map until it is closed.
 */
void xdp_prog_remove_socket(struct xdp_prog *prog, __u32 queue);

/*
 * xdp_prog_close - detach and unload the program; harmless on a zeroed struct
 */
void xdp_prog_close(struct xdp_prog *prog);

#endif /* XDP_PROG_H */
