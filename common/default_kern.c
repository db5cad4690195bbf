/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program. Every packet of an RX queue that has a socket goes
 * to that socket. All other packets are counted and go to the kernel's network
 * stack. The counts show the user on which queue these packets arrived.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"

/* RX queue -> AF_XDP socket. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

/* RX queue -> packets that no socket got. User space maps this array. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} packets_passed SEC(".maps");

SEC("xdp")
int xdp_sock_all(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *passed = bpf_map_lookup_elem(&packets_passed, &queue);
	int verdict = bpf_redirect_map(&xsks_map, queue, XDP_PASS);

	if (passed && verdict == XDP_PASS)
		__sync_fetch_and_add(passed, 1);
	return verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
