/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An XDP program on a device: open, load, attach, detach.
 *
 * It is attached by a bpf_link that belongs to this process: when the process
 * ends, in whatever way, the kernel detaches the program.
 */
#ifndef XDP_PROG_H
#define XDP_PROG_H

#include <stdbool.h>
#include <linux/types.h>

struct bpf_object;
struct device;

enum attach_mode {
	ATTACH_UNSET,
	ATTACH_AUTO, /* native, else SKB */
	ATTACH_NATIVE,
	ATTACH_SKB,
};

#define XDP_PROG_SETTINGS_MAX 8

struct xdp_prog_source {
	const char *filename; /* NULL: the built-in program */
	const char *progname; /* NULL: the first XDP program of the file */
	/* "NAME=VALUE" for variables of the file, up to the first NULL */
	const char *settings[XDP_PROG_SETTINGS_MAX + 1];
	const char *xsks_map; /* a pinned map; then it is no program at all */
};

/* To be read by all, written by xdp_prog.c. */
struct xdp_prog {
	struct bpf_object *object; /* NULL: program and map are borrowed */
	char name[64];
	__u32 id;    /* as bpftool prog shows it */
	int fd;	     /* of the program; the object closes it */
	int map_fd;  /* of xsks_map; the object closes it if there is one */
	int link_fd; /* of what we attached, else -1 */
	const char *mode_name; /* "native", "SKB"; NULL: not attached */
	bool is_native;
	int info_fd; /* the kernel's words on the link, else -1 */
	/* Packets without a socket on each of MAX_QUEUES; NULL: not known. */
	const __u64 *passed;
};

/*
 * xdp_prog_open - load a program and its maps, or open somebody else's map
 * @queues: RX queues of the device; xsks_map is made large enough for them
 *
 * Returns 0, or a negative errno after having said what is wrong, with the
 * verifier's own words where it was the verifier. xdp_prog_close() is to be
 * called in both cases.
 */
int xdp_prog_open(struct xdp_prog *prog, const struct xdp_prog_source *source,
		  __u32 queues);

/*
 * xdp_prog_attach - make it the device's XDP program, or find out which one
 * that
 * is, where the map is borrowed
 * @force: take another one's place; it is not put back at the end
 *
 * Returns 0, or a negative errno after having said what is wrong.
 * See bpf(2), BPF_LINK_CREATE; kernel 5.9 has it for XDP.
 */
int xdp_prog_attach(struct xdp_prog *prog, const struct device *dev,
		    enum attach_mode mode, bool force);

/*
 * xdp_prog_add_socket - from now on the queue's packets can go to the socket
 * @fd: AF_XDP socket that is bound to that queue
 *
 * Returns 0, or a negative errno after having said what is wrong. In the map,
 * nobody else's socket is replaced.
 */
int xdp_prog_add_socket(struct xdp_prog *prog, __u32 queue, int fd);

/*
 * xdp_prog_remove_socket - no more packets of the queue, please
 *
 * For a borrowed map: a map of our own has no packets any more when its program
 * is detached. Without CAP_BPF that takes kernel 5.19; then closing the socket
 * does it.
 */
void xdp_prog_remove_socket(struct xdp_prog *prog, __u32 queue);

/*
 * xdp_prog_is_attached - whether our program is still where we attached it
 *
 * Somebody else can detach a bpf_link (bpftool link detach). Takes no rights.
 */
bool xdp_prog_is_attached(const struct xdp_prog *prog);

/* xdp_prog_detach - the device is as it was; harmless when not attached */
void xdp_prog_detach(struct xdp_prog *prog);

/* xdp_prog_close - detach and unload; harmless on what was never opened */
void xdp_prog_close(struct xdp_prog *prog);

/* xdp_prog_verbose - let libbpf and libxdp say what they have to say */
void xdp_prog_verbose(bool verbose);

#endif /* XDP_PROG_H */
