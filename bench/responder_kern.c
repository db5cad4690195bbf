/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The upper limit of the comparison: an XDP program that answers as af_xdp_user
 * does, but without a ring, a copy or a process. The program requires NAPI at
 * the other end of the veth pair.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/icmp6_echo.h"

/*
 * If this MAC address is all zeros, answer requests to every MAC address. In
 * this benchmark the address is always all zeros, so the check makes one
 * comparison more than with the device's own address.
 */
const volatile __u8 device_mac[ETH_ALEN];

SEC("xdp")
int respond(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data,
	     *end = (void *)(long)ctx->data_end;
	__u8 mac[ETH_ALEN];
	int len, more;

	for (int i = 0; i < ETH_ALEN; i++)
		mac[i] = device_mac[i];
	len = icmp6_echo_reply(data, end, mac);
	more = len - (int)bpf_xdp_get_buff_len(ctx);
	if (len < 0)
		return XDP_PASS;
	if (more && bpf_xdp_adjust_tail(ctx, more))
		return XDP_DROP;
	return XDP_TX;
}

/*
 * Pass all packets. Use this program for the other end of the veth pair, if
 * that end has no other XDP program.
 */
SEC("xdp")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
