/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP programs of lessons/latency.c. They put metadata before the
 * packet, and the kernel copies metadata and packet into the frame.
 */
#include <stdbool.h>

#include "lessons/latency.h"
#include "lessons/lesson_kern.h"

/*
 * Functions of the kernel ("kfuncs") that ask the driver for a packet's time
 * and hash. Only a program that was loaded for one device may call them,
 * because each driver has its own implementation.
 */
enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx,
					 __u64 *timestamp) __ksym __weak;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash,
				    enum xdp_rss_hash_type *type) __ksym __weak;

/*
 * Make room before the packet, and write the metadata there. Return false if
 * the driver leaves no room. The caller then passes the packet to the kernel,
 * because user space expects metadata before each packet in RX.
 *
 * Do not return a pointer to the metadata, because the verifier allows
 * comparing such a pointer with NULL only if the loader has CAP_PERFMON.
 */
static __always_inline bool add_metadata(struct xdp_md *ctx,
					 const struct rx_metadata *values)
{
	struct rx_metadata *meta;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return false;
	meta = (void *)(long)ctx->data_meta;
	/* The verifier does not know the size of the room, so check it. */
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return false;
	*meta = *values;
	return true;
}

/* The program for native mode. It is loaded for one device. */
SEC("xdp")
int xdp_sock_metadata(struct xdp_md *ctx)
{
	struct rx_metadata values = { .entry = bpf_ktime_get_tai_ns() };
	enum xdp_rss_hash_type type = XDP_RSS_TYPE_NONE;

	values.has_hash = !bpf_xdp_metadata_rx_hash(ctx, &values.hash, &type);
	bpf_xdp_metadata_rx_timestamp(ctx, &values.device);
	return add_metadata(ctx, &values) ? redirect(ctx)
					  : count(ctx, XDP_PASS);
}

/* The program for SKB mode, in which it cannot ask a driver for the hash. */
SEC("xdp")
int xdp_sock_latency(struct xdp_md *ctx)
{
	const struct rx_metadata values = { .entry = bpf_ktime_get_tai_ns() };

	return add_metadata(ctx, &values) ? redirect(ctx)
					  : count(ctx, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
