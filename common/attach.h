/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attach an XDP program to a device, in native or SKB mode. If the kernel
 * refuses, print the reason.
 *
 * This process holds the bpf_link that attaches the program. When the process
 * ends, even if it is killed, the kernel detaches the program.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include <stdbool.h>

struct device;
struct xdp_prog;

enum attach_mode {
	ATTACH_UNSET,
	ATTACH_AUTO, /* native mode, or SKB mode if native mode fails */
	ATTACH_NATIVE,
	ATTACH_SKB,
};

/*
 * The largest MTU that most drivers accept in native mode. A page must hold
 * XDP's headroom, the Ethernet header, its payload and skb_shared_info.
 */
#define NATIVE_MTU_USUAL (4096 - 256 - 320 - 14)

/*
 * attach_choose_mode - choose SKB mode if native XDP cannot send packets to a
 * socket
 * @mode: the mode that the options ask for; this function may change it to
 * 	ATTACH_SKB
 *
 * Some drivers run native XDP but cannot redirect packets. A bond runs the
 * program on its ports, but packets of a port cannot go to a socket of the
 * bond.
 *
 * Print a message if this function changes @mode. Return -EOPNOTSUPP if @mode
 * was ATTACH_NATIVE and native XDP cannot be used, and 0 otherwise.
 */
int attach_choose_mode(enum attach_mode *mode, const struct device *dev);

/*
 * attach_program - attach the program to the device
 * @force: first detach the program that another process has attached
 *
 * With @force, the program of the other process stays detached, even after this
 * process ends. With --xsks-map, only find the program that another process has
 * attached. Otherwise attach the program by a bpf_link (BPF_LINK_CREATE in
 * linux/bpf.h, for XDP since Linux 5.9), which detaches the program when the
 * process ends.
 *
 * Return 0, or a negative errno after printing the reason.
 */
int attach_program(struct xdp_prog *prog, const struct device *dev,
		   enum attach_mode mode, bool force);

/*
 * attach_is_intact - return true if our program is still attached
 *
 * Another process can detach our bpf_link (bpftool link detach). This check
 * needs no rights.
 */
bool attach_is_intact(const struct xdp_prog *prog);

/* attach_undo - detach our program; harmless if it is not attached */
void attach_undo(struct xdp_prog *prog);

#endif /* ATTACH_H */
