/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Assignment 2: an XDP program that sends every other packet to the AF_XDP
 * socket and leaves the rest to the kernel.
 *
 *	./af_xdp_user -d veth-adv03 --filename af_xdp_kern.o --rxdrop
 *
 * After it are two more programs that choose packets, for --progname.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "headers/af_xdp_shared.h"

/* RX queue -> AF_XDP socket. The loader finds the map by its name. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MAX_QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

/* EXERCISE 2: packets_seen */
/*
 * RX queue -> packets seen. Not a per-CPU map: the CPU that serves a queue may
 * change from one packet to the next, and with it the counter would.
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
	 * Read and count in one step: in native mode a queue is served by one
	 * CPU at a time, but in SKB mode several can be at it.
	 */
	if (__sync_fetch_and_add(seen, 1) % 2)
		return XDP_PASS;

	/* If no socket is bound to the queue, the kernel gets the packet. */
	return bpf_redirect_map(&xsks_map, queue, XDP_PASS);
	/* END */
}

/* EXERCISE 2: other_programs */
#include "headers/icmp6_echo.h"

/*
 * The device's MAC address, which the loader stores before the verifier sees
 * the program; all zeros with --any-mac, or by another loader: any address.
 * Volatile, or the compiler would use the zeros that it sees here. Const, so
 * that the verifier knows the value as well as one in the code.
 */
const volatile __u8 device_mac[ETH_ALEN];

/*
 * A program for a real interface: it sends to the socket only the echo requests
 * that the socket answers, and only those to this device: a packet for another
 * host comes here, too, if a switch or bridge floods it. The kernel gets
 * everything else, above all neighbour discovery.
 *
 *	./af_xdp_user -d eth1 --filename af_xdp_kern.o --progname xdp_sock_echo
 */
SEC("xdp")
int xdp_sock_echo(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct icmp6_echo *request;

	if (icmp6_echo_find(data, data_end, device_mac, &request) < 0)
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

/* Volatile and const as device_mac; --set stores it. */
const volatile __u32 sample_every = 10; /* 0: no packet at all */

/*
 * A sample for user space: one packet in sample_every, beginning with the
 * first.
 *
 *	./af_xdp_user -d eth1 --filename af_xdp_kern.o \
 *		--progname xdp_sock_sample --set sample_every=1000 --rxdrop
 */
SEC("xdp")
int xdp_sock_sample(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *seen = bpf_map_lookup_elem(&packets_seen, &queue);

	/* In BPF a division by zero does no harm: x % 0 is x. */
	if (!seen || !sample_every)
		return XDP_PASS;
	if (__sync_fetch_and_add(seen, 1) % sample_every)
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, queue, XDP_PASS);
}
/* END */

char _license[] SEC("license") = "Dual BSD/GPL";
