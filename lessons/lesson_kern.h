/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps and functions for the lessons' XDP programs. The functions do what the
 * program in common/default_kern.c does.
 */
#ifndef LESSON_KERN_H
#define LESSON_KERN_H

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
 * Two counters for each RX queue: struct queue_counts. User space maps the
 * array into its memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2 * MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} queue_counts SEC(".maps");

/* Count a packet for its RX queue, as redirected or passed. Return @verdict. */
static __always_inline int count(const struct xdp_md *ctx, int verdict)
{
	__u32 key = 2 * ctx->rx_queue_index + (verdict == XDP_PASS);
	__u64 *count = bpf_map_lookup_elem(&queue_counts, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return verdict;
}

/* Redirect a packet to its queue's socket, or pass it if there is no socket. */
static __always_inline int redirect(const struct xdp_md *ctx)
{
	return count(ctx, bpf_redirect_map(&xsks_map, ctx->rx_queue_index,
					   XDP_PASS));
}

#endif /* LESSON_KERN_H */
