/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program: every packet of an RX queue that has a socket goes
 * to that socket, all others go on to the kernel.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} XSKS_MAP SEC(".maps");

SEC("xdp")
int xdp_sock_all(struct xdp_md *ctx)
{
	return bpf_redirect_map(&XSKS_MAP, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
