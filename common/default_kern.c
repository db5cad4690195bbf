/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program. Every packet of an RX queue that has a socket goes
 * to that socket. All other packets go to the kernel's network stack. The
 * program counts both kinds of packets. From these counts, hints report the
 * queues whose packets found no socket, and the number of redirected packets
 * that did not reach the socket.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"

/* A map from RX queues to AF_XDP sockets. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

/*
 * Two counts for each RX queue, as in struct queue_counts. User space maps this
 * array into its memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2 * MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} queue_counts SEC(".maps");

SEC("xdp")
int xdp_sock_all(struct xdp_md *ctx)
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
