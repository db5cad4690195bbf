/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Forward each packet to the other device inside the kernel: XDP_REDIRECT. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include <stdbool.h>

/* Set before loading: the index of the other device. */
volatile const __u32 other_device;

SEC("xdp")
int xdp_redirect(struct xdp_md *ctx)
{
	(void)ctx;
	return (int)bpf_redirect(other_device, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
