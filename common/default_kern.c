/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The built-in XDP program: every packet of an RX queue that has a socket goes
 * to that socket, all others go on to the kernel, and are counted.
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

/*
 * RX queue -> packets that no socket was there for. Mapped into the memory of
 * the process, which so reads it also when it has no right to bpf(2) any more.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} PASSED_MAP SEC(".maps");

SEC("xdp")
int xdp_sock_all(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	int verdict = bpf_redirect_map(&XSKS_MAP, queue, XDP_PASS);
	__u64 *passed;

	if (verdict == XDP_REDIRECT)
		return verdict;
	passed = bpf_map_lookup_elem(&PASSED_MAP, &queue);
	if (passed)
		__sync_fetch_and_add(passed, 1);
	return verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
