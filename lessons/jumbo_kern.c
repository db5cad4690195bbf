/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program of lessons/jumbo.c. It differs from the one of
 * common/default_kern.c in one word: "frags" in its section's name. By it the
 * program declares that it knows that data_end may be the end of a packet's
 * first piece. Without it the driver refuses to attach the program while the
 * MTU is larger than a page. This program reads no byte, so nothing else
 * changes; bpf_xdp_load_bytes() would read beyond the first piece.
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

/* Two for each RX queue: struct queue_counts. User space maps this array. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2 * MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} queue_counts SEC(".maps");

SEC("xdp.frags")
int xdp_sock_jumbo(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	int verdict = bpf_redirect_map(&xsks_map, queue, XDP_PASS);
	__u32 key = 2 * queue + (verdict == XDP_PASS);
	__u64 *count = bpf_map_lookup_elem(&queue_counts, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
