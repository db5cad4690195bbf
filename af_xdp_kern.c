/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Assignment 2: an XDP program that sends every other packet to the AF_XDP
 * socket and leaves the rest to the kernel.
 *
 *	./af_xdp_user -d veth-adv03 --filename af_xdp_kern.o --rxdrop
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"

/* RX queue -> AF_XDP socket. The loader finds the map by its name. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} XSKS_MAP SEC(".maps");

/* EXERCISE 2: packets_seen */
/*
 * RX queue -> packets seen. Not a per-CPU map: the CPU that serves a queue may
 * change from one packet to the next, and with it the counter would.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} packets_seen SEC(".maps");
/* END */

SEC("xdp")
int xdp_sock_prog(struct xdp_md *ctx)
{
	/* EXERCISE 2: xdp_sock_prog */
	__u32 queue = ctx->rx_queue_index;
	__u64 *seen = bpf_map_lookup_elem(&packets_seen, &queue);

	if (!seen)
		return XDP_PASS;

	/*
	 * Read and count in one step: in native mode a queue is served by one
	 * CPU at a time, but in SKB mode several can be at it.
	 */
	if (__sync_fetch_and_add(seen, 1) % 2)
		return XDP_PASS;

	/* Where no socket is bound to the queue, the kernel has the packet. */
	return bpf_redirect_map(&XSKS_MAP, queue, XDP_PASS);
	/* END */
}

char _license[] SEC("license") = "Dual BSD/GPL";
