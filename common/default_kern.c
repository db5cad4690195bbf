/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program: every packet of an RX queue that has a socket goes
 * to that socket, all others go on to the kernel, and are counted.
 *
 * A packet for which the socket's RX ring has no room is dropped here, where that
 * costs least. The kernel would drop it as well, but when it has copied it into a
 * frame, and that takes more from the CPU that sends the answers: __xsk_rcv()
 * writes into the cache lines of the socket and of its pool that the transmit path
 * reads for each packet (struct xdp_sock, struct xsk_buff_pool).
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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, struct rx_queue);
} QUEUES_MAP SEC(".maps");

SEC("xdp")
int xdp_sock_all(struct xdp_md *ctx)
{
	__u32 index = ctx->rx_queue_index;
	struct rx_queue *queue = bpf_map_lookup_elem(&QUEUES_MAP, &index);
	int verdict = bpf_redirect_map(&XSKS_MAP, index, XDP_PASS);

	if (!queue)
		return verdict;
	if (verdict != XDP_REDIRECT) {
		__sync_fetch_and_add(&queue->passed, 1);
	} else if (queue->full) {
		__sync_fetch_and_add(&queue->dropped, 1);
		return XDP_DROP;
	}
	return verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
