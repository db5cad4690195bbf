// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/stats.h"

double stats_rate(__u64 now, __u64 before, double period)
{
	return period > 0 ? (double)(now - before) / period : 0;
}

static void add_kernel(struct xdp_statistics *to,
		       const struct xdp_statistics *from)
{
	to->rx_dropped += from->rx_dropped;
	to->rx_invalid_descs += from->rx_invalid_descs;
	to->tx_invalid_descs += from->tx_invalid_descs;
	to->rx_ring_full += from->rx_ring_full;
	to->rx_fill_ring_empty_descs += from->rx_fill_ring_empty_descs;
	to->tx_ring_empty_descs += from->tx_ring_empty_descs;
}

static void add_places(struct places *to, const struct places *from)
{
	to->free += from->free;
	to->fill += from->fill;
	to->kernel_rx += from->kernel_rx;
	to->rx += from->rx;
	to->tx += from->tx;
	to->kernel_tx += from->kernel_tx;
	to->completion += from->completion;
}

/*
 * If a frame is visible in FILL and already in RX, count it only in RX. If a
 * frame is visible in TX and already in COMPLETION, count it only in
 * COMPLETION. The sum of all places stays the same.
 */
struct places stats_places(const struct stats *stats)
{
	struct places p = stats->places;

	if ((__s32)p.kernel_rx < 0) {
		p.fill += p.kernel_rx;
		p.kernel_rx = 0;
	}
	if ((__s32)p.kernel_tx < 0) {
		p.tx += p.kernel_tx;
		p.kernel_tx = 0;
	}
	p.fill = (__s32)p.fill < 0 ? 0 : p.fill;
	p.tx = (__s32)p.tx < 0 ? 0 : p.tx;
	return p;
}

struct stats stats_sum(const struct stats *stats, __u32 n)
{
	struct stats sum = { .queue = stats->queue,
			     .zero_copy = stats->zero_copy,
			     .several_frames = stats->several_frames };

	for (; n; n--, stats++) {
		struct places places = stats_places(stats);

		sum.rx_packets += stats->rx_packets;
		sum.rx_bytes += stats->rx_bytes;
		sum.tx_packets += stats->tx_packets;
		sum.tx_bytes += stats->tx_bytes;
		for (int i = 0; i < ICMP6_ECHO_VERDICTS; i++)
			sum.verdicts[i] += stats->verdicts[i];
		sum.other_down += stats->other_down;
		sum.other_small += stats->other_small;
		add_kernel(&sum.kernel, &stats->kernel);
		sum.frames += stats->frames;
		add_places(&sum.places, &places);
	}
	return sum;
}

/*
 * Count each dropped packet once. In copy mode the kernel counts a packet twice
 * if FILL is empty: as rx_fill_ring_empty_descs in xp_alloc(), and as
 * rx_dropped in __xsk_rcv(). If the packet needs several frames and FILL has
 * fewer, the kernel counts the packet only in rx_dropped. In zero-copy mode
 * rx_fill_ring_empty_descs does not count packets, because the driver takes
 * frames for several packets at a time.
 */
struct drops stats_drops(const struct stats *stats, __u32 n)
{
	struct drops drops = { 0 };

	for (; n; n--, stats++) {
		__u64 dropped = stats->kernel.rx_dropped;
		__u64 empty = stats->kernel.rx_fill_ring_empty_descs;

		drops.ring_full += stats->kernel.rx_ring_full;
		if (stats->zero_copy) {
			drops.no_frame += empty;
			drops.too_large += dropped;
		} else if (stats->several_frames) {
			drops.fill_empty += dropped;
		} else {
			drops.fill_empty += empty;
			drops.too_large += dropped < empty ? 0
							   : dropped - empty;
		}
	}
	return drops;
}
