/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program of lessons/jumbo.c. It differs from the one of
 * common/default_kern.c in one word: "frags" in its section's name. By it the
 * program declares that it knows that data_end may be the end of a packet's
 * first piece. Without it the driver refuses to attach the program while the
 * MTU is larger than a page. This program reads no byte, so nothing else
 * changes; bpf_xdp_load_bytes() would read beyond the first piece.
 */
#include "lessons/lesson_kern.h"

SEC("xdp.frags")
int xdp_sock_jumbo(struct xdp_md *ctx)
{
	return redirect(ctx);
}

char _license[] SEC("license") = "Dual BSD/GPL";
