/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Forward each packet to the other device inside the kernel: XDP_REDIRECT. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The other device. bench/forward.sh fills this map in. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} other SEC(".maps");

SEC("xdp")
int xdp_redirect(struct xdp_md *ctx)
{
	(void)ctx;
	return (int)bpf_redirect_map(&other, 0, XDP_DROP);
}

char _license[] SEC("license") = "Dual BSD/GPL";
