/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Assignment 2: an XDP program that redirects every second packet to the
 * AF_XDP socket and leaves the rest to the kernel.
 *
 *	./af_xdp_user -d veth-adv03 --filename af_xdp_kern.o --rxdrop
 *
 * This file has two more programs that choose packets: see --progname.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"

/*
 * A map from RX queues to AF_XDP sockets. The loader finds the map by its name.
 */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

/* EXERCISE 2: packets_seen */
/*
 * The number of packets that arrived on each RX queue. A per-CPU map, in which
 * each CPU has a counter of its own, would count wrongly, because the CPU that
 * serves a queue may change between two packets.
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
	 * Read and increment the counter in one step. In SKB mode the network
	 * stack runs this program, and several CPUs can serve a queue at the
	 * same time. (In native mode the driver runs this program, and only one
	 * CPU at a time serves a queue.)
	 */
	if (__sync_fetch_and_add(seen, 1) % 2)
		return XDP_PASS;

	/* If the queue has no socket in the map, the kernel gets the packet. */
	return bpf_redirect_map(&xsks_map, queue, XDP_PASS);
	/* END */
}

/* EXERCISE 2: other_programs */
#include "headers/icmp6_echo.h"

/*
 * The device's MAC address. The loader stores it before the verifier checks the
 * program. With --any-mac, or with another loader, the address stays all zeros,
 * which means any address. The variable is volatile, because otherwise the
 * compiler would write the zeros into the code. It is const, so that the
 * verifier can use the stored value.
 */
const volatile __u8 device_mac[ETH_ALEN];

/*
 * A program for a real interface. It redirects only echo requests that user
 * space answers, and only if they are for this device. (A switch or bridge may
 * flood packets for another host, so such packets may arrive here, too.) The
 * kernel gets all other packets, including neighbour discovery.
 *
 *	./af_xdp_user -d eth1 --filename af_xdp_kern.o --progname xdp_sock_echo
 */
SEC("xdp")
int xdp_sock_echo(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct icmp6_echo *request;
	__u8 mac[ETH_ALEN];

	for (int i = 0; i < ETH_ALEN; i++)
		mac[i] = device_mac[i];
	if (icmp6_echo_find(data, data_end, mac, &request) < 0)
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

/*
 * The option --set replaces this value before the program is loaded. The
 * variable is volatile and const for the same reasons as device_mac.
 */
const volatile __u32 sample_every = 10; /* 0: redirect no packet */

/*
 * Redirect a sample of each queue's packets to user space: one packet in
 * sample_every, beginning with the first.
 *
 *	./af_xdp_user -d eth1 --filename af_xdp_kern.o \
 *		--progname xdp_sock_sample --set sample_every=1000 --rxdrop
 */
SEC("xdp")
int xdp_sock_sample(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *seen = bpf_map_lookup_elem(&packets_seen, &queue);

	/* Check for 0 first: BPF would compute x % 0 as x, without an error. */
	if (!seen || !sample_every)
		return XDP_PASS;
	if (__sync_fetch_and_add(seen, 1) % sample_every)
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, queue, XDP_PASS);
}
/* END */

char _license[] SEC("license") = "Dual BSD/GPL";
