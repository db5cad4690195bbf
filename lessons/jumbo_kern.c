/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program of lessons/jumbo.c. It does the same as the program
 * in common/default_kern.c, but its section's name has the word "frags". With
 * this word the program declares that it treats data_end as the end of the
 * first piece, not as the end of the packet. Without this word the driver
 * refuses to attach the program if one page is too small for the largest packet
 * that the MTU allows, XDP's headroom, and the kernel's struct skb_shared_info.
 * No other change is needed, because the program reads no byte of the packet.
 * To read beyond the first piece, a program calls bpf_xdp_load_bytes().
 */
#include "lessons/lesson_kern.h"

SEC("xdp.frags")
int xdp_sock_jumbo(struct xdp_md *ctx)
{
	return redirect(ctx);
}

char _license[] SEC("license") = "Dual BSD/GPL";
