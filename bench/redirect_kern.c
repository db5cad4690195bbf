/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An XDP program that forwards each packet to another device, within the
 * kernel. bench/forward.sh loads the program once for each device, and puts the
 * index of the other device into the program's map.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} other SEC(".maps");

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect_map(&other, 0, XDP_DROP);
}

char _license[] SEC("license") = "Dual BSD/GPL";
