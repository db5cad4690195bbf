/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The generator's BPF programs: one makes echo requests or UDP datagrams, one
 * counts the replies, and one counts the responder's system calls.
 *
 * BPF_PROG_RUN with BPF_F_TEST_XDP_LIVE_FRAMES (kernel 5.18) runs the first
 * program: the kernel calls this program for one frame after the other, and
 * sends each frame for which the program returns XDP_TX. The far end writes
 * into the frames, and the kernel recycles them, so the program writes the
 * headers each time.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench/pktgen.h"

struct pktgen pktgen;

/*
 * Return the number of packets that should have been sent by now: one at the
 * start and one for each interval that has passed since then, or all packets if
 * there is no interval.
 */
static __always_inline __u64 due(__u64 now)
{
	if (!pktgen.start_ns)
		pktgen.start_ns = now;
	if (!pktgen.interval_ns)
		return pktgen.limit;
	return (now - pktgen.start_ns) / pktgen.interval_ns + 1;
}

/*
 * Update the checksum after the sum of the packet's words has grown by @more
 * (RFC 1624).
 */
static __always_inline void checksum_add(void *data, __u32 more)
{
	__be16 *csum =
		data + (pktgen.udp ? PKTGEN_CHECKSUM_UDP : PKTGEN_CHECKSUM);
	__u32 sum = (__u16)~bpf_ntohs(*csum) + more;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	*csum = bpf_htons((__u16)~sum);
}

/* Add @flow to the source address. */
static __always_inline void set_flow(void *data, __u16 flow)
{
	__be16 *low = data + PKTGEN_SOURCE_LOW;

	*low = bpf_htons(bpf_ntohs(*low) + flow);
	checksum_add(data, flow);
}

/* Write the time into the request's data, which the reply repeats. */
static __always_inline void set_stamp(void *data, __u64 now)
{
	__be16 *words = data + PKTGEN_STAMP;
	__u32 sum = 0;

	for (int i = 0; i < 4; i++, now >>= 16) {
		words[i] = bpf_htons((__u16)now);
		sum += (__u16)now;
	}
	checksum_add(data, sum);
}

static __always_inline __u64 get_stamp(const void *data)
{
	const __be16 *words = data + PKTGEN_STAMP;
	__u64 stamp = 0;

	for (int i = 3; i >= 0; i--)
		stamp = stamp << 16 | bpf_ntohs(words[i]);
	return stamp;
}

/*
 * Count a round trip. No atomic addition is needed, because round trips are
 * measured only in labs with one queue, so only one CPU at a time receives.
 */
static __always_inline void count_round_trip(__u64 ns)
{
	__u64 step = ns >> PKTGEN_STEP_SHIFT;

	if (step >= PKTGEN_STEPS)
		step = PKTGEN_STEPS - 1;
	pktgen.round_trips[step]++;
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data,
	     *end = (void *)(long)ctx->data_end;
	__u64 n = pktgen.sent, now;

	if (n >= pktgen.limit || data + sizeof(pktgen.headers) > end)
		return XDP_DROP;
	now = bpf_ktime_get_ns();
	if (n >= due(now))
		return XDP_DROP;
	__builtin_memcpy(data, pktgen.headers, sizeof(pktgen.headers));
	if (pktgen.flows > 1)
		set_flow(data, n % pktgen.flows);
	if (pktgen.stamps && data + PKTGEN_STAMP + sizeof(now) <= end)
		set_stamp(data, now);
	pktgen.last_sent_ns = now;
	pktgen.sent = n + 1;
	return XDP_TX;
}

/* Count and drop replies; pass all other packets to the kernel. */
SEC("xdp")
int count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data,
	     *end = (void *)(long)ctx->data_end;
	__u8 *byte = data;
	__u64 now = bpf_ktime_get_ns();

	if (data + sizeof(pktgen.headers) > end ||
	    byte[PKTGEN_NEXT_HEADER] != PKTGEN_ICMPV6 ||
	    byte[PKTGEN_TYPE] != pktgen.reply_type)
		return XDP_PASS;
	pktgen.last_reply_ns = now;
	if (pktgen.stamps && data + PKTGEN_STAMP + sizeof(now) <= end)
		count_round_trip(now - get_stamp(data));
	__sync_fetch_and_add(&pktgen.replies, 1);
	return XDP_DROP;
}

SEC("raw_tracepoint/sys_enter")
int count_syscalls(void *ctx)
{
	struct bpf_pidns_info here;

	(void)ctx;
	if (!bpf_get_ns_current_pid_tgid(pktgen.pid_ns_dev, pktgen.pid_ns_inode,
					 &here, sizeof(here)) &&
	    here.tgid == pktgen.pid)
		__sync_fetch_and_add(&pktgen.syscalls, 1);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
