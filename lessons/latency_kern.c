/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP programs of lessons/latency.c. They put metadata before the
 * packet: the kernel copies it into the frame together with the packet.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"
#include "lessons/latency.h"

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

/*
 * Functions of the kernel ("kfuncs") that ask the driver. Only a program that
 * was loaded for one device may call them, because each driver has its own.
 */
enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx,
					 __u64 *timestamp) __ksym __weak;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash,
				    enum xdp_rss_hash_type *type) __ksym __weak;

/*
 * Make room before the packet, and write the metadata there. Return false if
 * the driver leaves no room. A pointer in the place of the result would have to
 * be compared with NULL, which the verifier refuses without CAP_PERFMON.
 */
static __always_inline bool add_metadata(struct xdp_md *ctx,
					 const struct rx_metadata *values)
{
	struct rx_metadata *meta;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return false;
	meta = (void *)(long)ctx->data_meta;
	/* The verifier does not know how much room there is. */
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return false;
	*meta = *values;
	return true;
}

/*
 * Redirect to the queue's socket. The program in user space takes every packet
 * of RX for one with metadata, so a packet without it goes to the kernel.
 */
static __always_inline int redirect(struct xdp_md *ctx, bool has_metadata)
{
	__u32 queue = ctx->rx_queue_index;
	int verdict = has_metadata
			      ? bpf_redirect_map(&xsks_map, queue, XDP_PASS)
			      : XDP_PASS;
	__u32 key = 2 * queue + (verdict == XDP_PASS);
	__u64 *count = bpf_map_lookup_elem(&queue_counts, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return verdict;
}

/* Loaded for one device, in native mode. */
SEC("xdp")
int xdp_sock_metadata(struct xdp_md *ctx)
{
	struct rx_metadata values = { .entry = bpf_ktime_get_tai_ns() };
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;

	values.has_hash = !bpf_xdp_metadata_rx_hash(ctx, &values.hash, &type);
	bpf_xdp_metadata_rx_timestamp(ctx, &values.device);
	return redirect(ctx, add_metadata(ctx, &values));
}

/* The same in SKB mode, where no driver can be asked. */
SEC("xdp")
int xdp_sock_latency(struct xdp_md *ctx)
{
	const struct rx_metadata values = { .entry = bpf_ktime_get_tai_ns() };

	return redirect(ctx, add_metadata(ctx, &values));
}

char _license[] SEC("license") = "Dual BSD/GPL";
