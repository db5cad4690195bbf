/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rung 9: a BPF program after the driver, at tc's ingress hook.
 *
 * The kernel has already made an skb. The program rewrites the skb and sends it
 * back, without a copy or a process.
 */
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "headers/icmp6_echo.h"

SEC("tc")
int respond(struct __sk_buff *skb)
{
	void *data, *end;
	int len;

	/* PACKET_HOST: the destination MAC address is the device's. */
	if (skb->pkt_type != PACKET_HOST)
		return TC_ACT_OK;
	/* Make the skb's linear part readable and writable. */
	if (bpf_skb_pull_data(skb, 0))
		return TC_ACT_OK;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	len = icmp6_echo_reply(data, end, icmp6_echo_any_mac);
	if (len < 0)
		return TC_ACT_OK;
	if ((__u32)len != skb->len && bpf_skb_change_tail(skb, (__u32)len, 0))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
