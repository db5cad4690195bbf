/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attach an XDP program to a device, by the driver or in SKB mode, and explain
 * a refusal.
 *
 * A bpf_link that belongs to this process attaches it: when the process ends,
 * in whatever way, the kernel detaches the program.
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
 * In native mode a page holds the packet, XDP's headroom and skb_shared_info.
 */
#define NATIVE_MTU_USUAL (4096 - 256 - 320 - 14)

/*
 * attach_choose_mode - choose SKB mode if native XDP could not reach a socket
 * @mode: the mode of the options; changed if it is ATTACH_AUTO
 *
 * Some drivers run native XDP but do not redirect. A bond runs it on its ports,
 * and their packets cannot go to a socket of the bond.
 *
 * Return 0, after printing a change. Return -EOPNOTSUPP, after printing the
 * reason, if @mode is ATTACH_NATIVE.
 */
int attach_choose_mode(enum attach_mode *mode, const struct device *dev);

/*
 * attach_program - attach the program to the device
 * @force: replace another program, which is not restored at the end
 *
 * If the map is another process's (--xsks-map), find the attached program
 * instead. Return 0, or a negative errno after printing the reason. See bpf(2),
 * BPF_LINK_CREATE, which works for XDP since kernel 5.9.
 */
int attach_program(struct xdp_prog *prog, const struct device *dev,
		   enum attach_mode mode, bool force);

/*
 * attach_is_intact - return true if our program is still attached
 *
 * Another process can detach our bpf_link (bpftool link detach). Checking needs
 * no rights.
 */
bool attach_is_intact(const struct xdp_prog *prog);

/* attach_undo - restore the device; harmless if not attached */
void attach_undo(struct xdp_prog *prog);

#endif /* ATTACH_H */
