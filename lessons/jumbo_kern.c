/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program of lessons/jumbo.c. It differs from the one of
 * common/default_kern.c in one word: "frags" in its section's name. With this
 * word the program declares that it takes data_end for the end of the first
 * piece, not of the packet. Without this word the driver refuses to attach the
 * program while the MTU is larger than a page. This program reads no byte, so
 * nothing else changes. To read beyond the first piece, a program calls
 * bpf_xdp_load_bytes().
 */
#include "lessons/lesson_kern.h"

SEC("xdp.frags")
int xdp_sock_jumbo(struct xdp_md *ctx)
{
	return redirect(ctx);
}

char _license[] SEC("license") = "Dual BSD/GPL";
