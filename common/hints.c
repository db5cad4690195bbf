// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/attach.h"
#include "common/device.h"
#include "common/features.h"
#include "common/hints.h"
#include "common/say.h"
#include "common/stats.h"
#include "common/xdp_prog.h"
#include "headers/af_xdp_shared.h"

/*
 * Print the hint of hint_silence() only after SILENT_REPORTS reports and
 * SILENT_SECONDS seconds without a packet. hint_passed() waits only for
 * SILENT_REPORTS reports.
 */
#define SILENT_REPORTS 3 /* reports */
#define SILENT_SECONDS 4 /* seconds */
#define TEXT_SIZE      768
#define NAPI_PACKETS   64 /* largest number of packets in one NAPI poll */

/*
 * A hint function returns this constant if its hint must be printed only once.
 * For example, packets may be lost repeatedly, but only the first loss needs a
 * hint.
 */
#define ONCE (~0ULL)

/* The input of all hint functions at one report. */
struct input {
	struct hints *hints;
	const struct stats *stats;
	__u32 sockets;
	struct stats sum;
	char text[TEXT_SIZE];
};

static bool is_bound(const struct input *input, __u32 queue)
{
	__u32 first = input->stats[0].queue;

	return queue >= first && queue - first < input->sockets;
}

static bool is_veth(const struct input *input)
{
	return !strcmp(input->hints->dev->driver, "veth");
}

/* Return the growth of a queue's counter since the start of this program. */
static __u64 since_start(const struct input *input, enum counter kind,
			 __u32 queue)
{
	const struct hints *hints = input->hints;
	__u64 now = counters_queue(&hints->counters, kind, queue);
	__u64 before = hints->queues_before[queue][kind];

	return now > before ? now - before : 0;
}

/* Return true if the XSKMAP may also hold other processes' sockets. */
static bool is_shared(const struct input *input)
{
	return !input->hints->prog->object;
}

/*
 * Return true if packets have arrived. Include the packets in RX, which
 * rx_packets does not count yet.
 */
static bool has_received(const struct input *input)
{
	return input->sum.rx_packets || input->sum.places.rx;
}

/*
 * Return the number of a queue's packets that went to no socket. If we have a
 * socket on the queue, this is 0. With --xsks-map always return 0, because
 * another process may have a socket there. Otherwise return the built-in
 * program's count or, with the user's program, the number of all packets of the
 * queue.
 */
static __u64 missed(const struct input *input, __u32 queue)
{
	if (is_bound(input, queue) || is_shared(input))
		return 0;
	if (input->hints->prog->counts)
		return __atomic_load_n(
			&input->hints->prog->counts[queue].passed,
			__ATOMIC_RELAXED);
	return since_start(input, COUNTER_PACKETS, queue);
}

/*
 * Write the list of the queues with missed packets, such as "1, 3", into @list.
 * Add the number of missed packets to @packets. Store in @most the queue with
 * the most missed packets. Return a number that changes when the list changes.
 */
static __u64 list_missed(const struct input *input, char *list, size_t size,
			 __u64 *packets, __u32 *most)
{
	/*
	 * The built-in program also counts packets of queues that were added
	 * after the start.
	 */
	__u32 queues = input->hints->prog->counts ? MAX_QUEUES
						  : input->hints->dev->queues;
	__u64 key = 0, n, greatest = 0;

	for (__u32 queue = 0; queue < queues; queue++) {
		n = missed(input, queue);
		if (!n)
			continue;
		say_append(list, size, "%s%u", key ? ", " : "", queue);
		key = key * 31 + queue + 1;
		*packets += n;
		if (n > greatest) {
			greatest = n;
			*most = queue;
		}
	}
	return key;
}

/*
 * Append the ways to let all packets arrive on queues that have sockets. The
 * kernel removes no queue that has a socket, and if one queue is left, it is
 * queue 0.
 */
static void advise_steering(struct input *input)
{
	const char *name = input->hints->dev->name;
	__u32 queue = input->stats[0].queue, n = input->sockets;

	if (is_veth(input)) {
		if (!queue)
			say_append(
				input->text, TEXT_SIZE,
				"; or let the sender use one TX queue: ethtool -L PEER tx 1");
		say_append(input->text, TEXT_SIZE,
			   "; in the lab: t steer --queue %u", queue);
		return;
	}
	if (!input->hints->dev->has_channels)
		return;
	if (queue || n > 1)
		say_append(
			input->text, TEXT_SIZE,
			"; or use only queues with a socket: ethtool -X %s start %u equal %u",
			name, queue, n);
	else
		say_append(
			input->text, TEXT_SIZE,
			"; or use only queue 0: ethtool -L %s combined 1, or ethtool -X %s equal 1",
			name, name);
	say_append(input->text, TEXT_SIZE, "; or steer packets: ethtool -N %s",
		   name);
}

static __u64 hint_queues(struct input *input)
{
	const char *name = input->hints->dev->name;
	char list[128] = "";
	__u64 packets = 0, key;
	__u32 most = 0;
	bool several;

	key = list_missed(input, list, sizeof(list), &packets, &most);
	if (!key)
		return 0;
	several = strchr(list, ',');
	say_append(
		input->text, TEXT_SIZE,
		"%s: %llu packets came on RX queue%s %s, which %s no socket\n",
		name, packets, several ? "s" : "", list,
		several ? "have" : "has");
	if (several)
		say_append(
			input->text, TEXT_SIZE,
			"  --all-queues takes them all; --queue=%u takes only the packets of queue %u",
			most, most);
	else
		say_append(input->text, TEXT_SIZE,
			   "  --queue=%u or --all-queues takes them", most);
	advise_steering(input);
	return key;
}

/*
 * Explain that the XDP program was detached. With --xsks-map, the XDP program
 * belongs to another process, which may replace it by a new program that uses
 * the same map. For example, libxdp often replaces its dispatcher, which calls
 * the other XDP programs of a device. So with --xsks-map, print the hint only
 * if the device has no XDP program at all.
 */
static __u64 hint_detached(struct input *input)
{
	const struct xdp_prog *prog = input->hints->prog;
	const struct device *dev = input->hints->dev;
	bool shared = is_shared(input);

	if (shared ? !dev->lacks_xdp : attach_is_intact(prog))
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: somebody has detached XDP program %s, id %u, so the kernel gets the packets\n"
		"  %s",
		dev->name, prog->name, prog->id,
		shared ? "attach it again: the socket is still in the map"
		       : "end this process, and start it again");
	return 1;
}

static bool has_ports(const struct device *dev)
{
	char names[TEXT_SIZE] = "";

	return links_ports(&dev->links, dev->index, names, sizeof(names));
}

/* Return the cause of a missing carrier, which differs by kind of device. */
static const char *carrier_cause(const struct device *dev)
{
	if (!strcmp(dev->kind, "veth") || !strcmp(dev->kind, "netkit"))
		return "the other end is down";
	if (!strcmp(dev->kind, "tun"))
		return "no program has opened the device";
	if (!strcmp(dev->kind, "bridge") || !strcmp(dev->kind, "bond") ||
	    !strcmp(dev->kind, "team") || has_ports(dev))
		return "none of its ports has a carrier";
	if (dev->is_apart)
		return "the device below it, which is in another network namespace, is down or has no carrier";
	return dev->is_above
		       ? "the device below it is down or has no carrier"
		       : "the cable, the radio link or the other end is down";
}

static __u64 hint_carrier(struct input *input)
{
	const struct device *dev = input->hints->dev;

	if (!dev->is_up || dev->has_carrier)
		return 0;
	say_append(input->text, TEXT_SIZE,
		   "%s: no carrier: %s, so no packet can arrive\n"
		   "  see ip link",
		   dev->name, carrier_cause(dev));
	return 1;
}

static __u64 hint_mtu(struct input *input)
{
	const struct device *dev = input->hints->dev;

	if (dev->mtu <= input->hints->mtu)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: MTU is %u now: packets over %u bytes do not fit into a frame, and are lost\n"
		"  %sip link set dev %s mtu %u",
		dev->name, dev->mtu, input->hints->mtu,
		device_frame_size(dev) ? "start this program again, or: " : "",
		dev->name, input->hints->mtu);
	return dev->mtu;
}

/*
 * Explain that the built-in program takes the packets of a device that was put
 * above this one after the start. For devices that were above this one at the
 * start, session_prepare() prints a warning.
 */
static __u64 hint_above(struct input *input)
{
	const struct device *dev = input->hints->dev;
	char names[256] = "";
	__u32 n = links_above(&dev->links, dev->index, names, sizeof(names));

	if (!input->hints->prog->counts || n <= input->hints->above)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: the packets of%s come through it now, and the built-in XDP program takes them\n"
		"  to leave these packets to the kernel, start this process again with --filename=af_xdp_kern.o --progname=xdp_sock_echo",
		dev->name, names);
	return n;
}

/*
 * Explain that VLAN offload was turned on after the start. If the tags are lost
 * already at the start, session_start() warns of it.
 */
static __u64 hint_vlan(struct input *input)
{
	const struct device *dev = input->hints->dev;

	if (input->hints->cut_vlan || features_is_past_vlan(dev) ||
	    !features_cuts_vlan(dev))
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: VLAN offload is on now: packets arrive without their tags, and answers leave untagged\n"
		"  if the packets come from a VLAN: ethtool -K %s rxvlan off%s",
		dev->name, dev->name, features_vlan_peer(dev));
	return 1;
}

/* A MAC address as text. */
struct mac_text {
	char text[sizeof("00:00:00:00:00:00")];
};

static struct mac_text mac_text(const __u8 *mac)
{
	struct mac_text t;

	snprintf(t.text, sizeof(t.text), "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return t;
}

/* Explain that the XDP program still takes packets for the old MAC address. */
static __u64 hint_mac(struct input *input)
{
	const struct device *dev = input->hints->dev;
	const struct xdp_prog *prog = input->hints->prog;
	__u64 key = 1;

	if (!prog->knows_mac || !memcmp(prog->mac, dev->mac, sizeof(dev->mac)))
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: MAC address is %s now, and XDP program %s was loaded with %s, so the program takes no packets for the new address\n"
		"  end this process, and start it again",
		dev->name, mac_text(dev->mac).text, prog->name,
		mac_text(prog->mac).text);
	for (size_t i = 0; i < sizeof(dev->mac); i++)
		key = key * 257 + dev->mac[i];
	return key;
}

/*
 * Explain that the driver's counters of each queue are no longer read. If
 * queues are added or removed, these counters change their positions, so we no
 * longer find them. The counts of the built-in program remain valid.
 */
static __u64 hint_uncounted(struct input *input)
{
	if (!input->hints->counters.lost)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: its queues have changed, so the driver's counters of each queue are no longer read\n"
		"  start this program again; see ethtool -l %s",
		input->hints->dev->name, input->hints->dev->name);
	return ONCE;
}

/* Explain that the user's XDP program has sent no packet to the socket. */
static __u64 hint_passed(struct input *input)
{
	const struct xdp_prog *prog = input->hints->prog;
	__u64 packets = 0;

	for (__u32 i = 0; i < input->sockets; i++)
		packets += since_start(input, COUNTER_PACKETS,
				       input->stats[i].queue);
	if (prog->counts || has_received(input) || !packets ||
	    input->hints->reports < SILENT_REPORTS)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: %llu packets came on the RX queue, and XDP program %s has sent none of them to the socket\n"
		"  to send packets to the socket, the program must call bpf_redirect_map() with the key ctx->rx_queue_index",
		input->hints->dev->name, packets, prog->name);
	return 1;
}

/*
 * Explain that the XDP program redirected packets with another queue's key. The
 * kernel reports this error only to tracers and, on veth, in a counter. This
 * counter also includes the packets that the socket has dropped.
 */
static __u64 hint_strayed(struct input *input)
{
	const struct hints *hints = input->hints;
	__u64 drops = 0, own = input->sum.kernel.rx_dropped +
			       input->sum.kernel.rx_ring_full;

	for (__u32 queue = 0; queue < hints->dev->queues; queue++)
		if (is_bound(input, queue) || !is_shared(input))
			drops += since_start(input, COUNTER_DROPS, queue);
	if (!is_veth(input) || hints->prog->counts || drops <= own)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: %llu packets could not go where XDP program %s redirected them\n"
		"  a socket takes only packets of its own RX queue, so the key must be ctx->rx_queue_index",
		hints->dev->name, drops - own, hints->prog->name);
	return 1;
}

/*
 * Explain that the user's program drops packets. In most drivers the counter of
 * these drops also includes packets that were redirected to a socket, but that
 * the socket dropped.
 */
static __u64 hint_dropped(struct input *input)
{
	const struct hints *hints = input->hints;
	__u64 drops = 0, own = 0;

	if (!is_veth(input))
		own = input->sum.kernel.rx_dropped +
		      input->sum.kernel.rx_ring_full;
	for (__u32 queue = 0; queue < hints->dev->queues; queue++)
		if (is_bound(input, queue) || !is_shared(input))
			drops += since_start(input, COUNTER_XDP_DROPS, queue);
	if (hints->prog->counts || drops <= own)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: XDP program %s has dropped %llu packets: neither the socket nor the kernel gets them\n"
		"  its verdict was XDP_DROP, XDP_ABORTED or an unknown number",
		hints->dev->name, hints->prog->name, drops - own);
	return 1;
}

/* Count the packets that the built-in program has redirected to our sockets. */
static __u64 redirected(const struct hints *hints, const struct stats *stats,
			__u32 sockets)
{
	__u64 n = 0;

	for (__u32 i = 0; hints->prog->counts && i < sockets; i++)
		if (stats[i].queue < MAX_QUEUES)
			n += __atomic_load_n(
				&hints->prog->counts[stats[i].queue].redirected,
				__ATOMIC_RELAXED);
	return n;
}

/*
 * Explain that packets have not reached the socket to which the built-in
 * program redirected them. The kernel reports such a loss only to tracers.
 * Packets that were redirected after the last report may still be on their way
 * to the socket. Do not report such packets as lost if one NAPI poll for each
 * socket could handle all of them.
 */
static __u64 hint_lost(struct input *input)
{
	const struct hints *hints = input->hints;
	const struct stats *sum = &input->sum;
	__u64 arrived = sum->rx_packets + sum->places.rx +
			sum->kernel.rx_dropped + sum->kernel.rx_ring_full;
	__u64 lost = hints->redirected - arrived;

	if (hints->redirected <= arrived ||
	    (hints->redirected_before <= arrived &&
	     lost <= (__u64)NAPI_PACKETS * input->sockets))
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: %llu packets have not reached the socket to which XDP program %s redirected them\n"
		"  %s",
		hints->dev->name, lost, hints->prog->name,
		hints->prog->is_native
			? "the driver may not be able to redirect: try --skb-mode, or bind the device below this one"
			: "another process may have changed the map xsks_map: end this process, and start it again");
	return 1;
}

/* If a counter has grown, write @meaning as the hint. */
static __u64 hint_counter(struct input *input, __u64 now, __u64 before,
			  const char *meaning)
{
	if (now <= before)
		return 0;
	say_append(input->text, TEXT_SIZE, "%s: %s", input->hints->dev->name,
		   meaning);
	return ONCE;
}

static __u64 hint_ring_full(struct input *input)
{
	return hint_counter(
		input, input->sum.kernel.rx_ring_full,
		input->hints->before.kernel.rx_ring_full,
		"rx_ring_full: packets are lost, because they arrive faster than this process reads RX");
}

static __u64 hint_fill_empty(struct input *input)
{
	return hint_counter(
		input, input->sum.kernel.rx_fill_ring_empty_descs,
		input->hints->before.kernel.rx_fill_ring_empty_descs,
		input->sum.zero_copy
			? "rx_fill_ring_empty_descs: the driver found no frame in FILL, because this process returns frames too slowly"
			: "rx_fill_ring_empty_descs: packets found no frame in FILL, because this process returns frames too slowly");
}

/*
 * Explain that packets are larger than a frame. In SKB mode a packet may have
 * 64 Kbytes, whatever the MTU is. One reason is that XDP runs after GRO has
 * joined packets. Another reason is that veth does not segment the sender's
 * large packets.
 */
static __u64 hint_too_large(struct input *input)
{
	return hint_counter(
		input, stats_drops(&input->sum, 1).too_large,
		stats_drops(&input->hints->before, 1).too_large,
		input->hints->prog->is_native
			? "rx_dropped: packets are larger than a frame\n"
			  "  the start line shows the frames' size; the sender's MTU may be larger than this device's; lessons/jumbo takes a packet in several frames"
			: "rx_dropped: packets are larger than a frame: GRO has joined them, the sender has not segmented them, or its MTU is larger than this device's\n"
			  "  run here: ethtool -K DEVICE gro off lro off; run at the other end: ethtool -K DEVICE tso off gso off tx-udp-segmentation off; lessons/jumbo takes a packet in several frames");
}

/*
 * Explain that answers have wrong checksums. An answer's checksum is its
 * request's checksum, updated for the changed words. If the sender leaves the
 * checksum to hardware, but there is no hardware, as on a veth pair, the
 * request's checksum is incomplete. The kernel marks such a packet as valid,
 * but XDP does not see the mark.
 */
static __u64 hint_checksum(struct input *input)
{
	bool bad = false;

	for (__u32 i = 0; i < input->sockets; i++)
		bad |= input->stats[i].bad_checksum;
	return hint_counter(
		input, bad, 0,
		"answers leave with a wrong checksum, because the requests had a wrong one\n"
		"  if the sender leaves checksums to hardware (veth, virtual machines), run on the sender: ethtool -K DEVICE tx off");
}

static __u64 hint_invalid(struct input *input)
{
	const struct xdp_statistics *now = &input->sum.kernel;
	const struct xdp_statistics *before = &input->hints->before.kernel;

	return hint_counter(
		input, now->tx_invalid_descs, before->tx_invalid_descs,
		"tx_invalid_descs: the kernel refused descriptors of this process, which is a bug");
}

/* Explain that the kernel took no packet from TX since the previous report. */
static __u64 hint_unsent(struct input *input)
{
	const struct stats *now = &input->sum, *before = &input->hints->before;

	if (!input->hints->dev->is_up || !now->places.tx ||
	    !before->places.tx ||
	    now->tx_packets - now->places.tx !=
		    before->tx_packets - before->places.tx)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: packets wait in TX, and the kernel takes none: the device is busy, or its queue is stopped",
		input->hints->dev->name);
	return 1;
}

/*
 * Explain that the driver drops at least a quarter of the answers. AF_XDP's
 * completions do not show these drops. For example, gretap drops answers,
 * because it needs the offset of the network header, which AF_XDP does not set.
 * The counter of drops also includes packets of other programs, so wait until
 * some answers have been sent.
 */
static __u64 hint_discarded(struct input *input)
{
	struct hints *hints = input->hints;
	const struct device *dev = hints->dev;
	__u64 sent = input->sum.tx_packets - hints->sent_before;
	__u64 before = hints->unsent_before, unsent = hints->totals.unsent;
	__u64 lost = unsent > before ? unsent - before : 0;
	bool all = lost >= sent;

	if (dev->has_carrier && sent < (all ? 4 : 16))
		return 0;
	hints->sent_before = input->sum.tx_packets;
	hints->unsent_before = unsent;
	if (!dev->has_carrier || 4 * lost < sent)
		return 0;
	say_append(
		input->text, TEXT_SIZE,
		"%s: the driver has dropped %llu packets instead of sending them: %s\n"
		"  see ip -s link show dev %s; a socket on the device below or above this one may work",
		dev->name, lost,
		all ? "answers do not leave" : "some answers do not leave",
		dev->name);
	return ONCE;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/*
 * Explain that no packet has arrived. Call this function last, because any
 * other hint is a better explanation.
 */
static __u64 hint_silence(struct input *input)
{
	const struct hints *hints = input->hints;
	const char *name = hints->dev->name;
	__u64 received = 0;

	if (has_received(input) || !hints->dev->is_up ||
	    hints->reports < SILENT_REPORTS ||
	    seconds() - hints->started < SILENT_SECONDS)
		return 0;
	for (int kind = 0; kind < HINT_KINDS - 1; kind++)
		if (hints->keys[kind])
			return 0;
	if (!hints->totals_known) {
		say_append(
			input->text, TEXT_SIZE,
			"%s: no packet yet; it is not known if the device has received any\n"
			"  /proc is missing; see ip -s link show dev %s",
			name, name);
		return 3;
	}
	/* After a reset, some drivers' counters start at 0 again. */
	if (hints->totals.received > hints->at_start.received)
		received = hints->totals.received - hints->at_start.received;
	if (received)
		say_append(
			input->text, TEXT_SIZE,
			"%s: no packet yet, but the device has received %llu: they are on another RX queue, or the XDP program does not redirect them\n"
			"  see ethtool -S %s",
			name, received, name);
	else
		say_append(
			input->text, TEXT_SIZE,
			"%s: no packet yet, nor has the device received any\n"
			"  are packets sent to its MAC address, %s? Packets for other addresses get no answer",
			name, mac_text(hints->dev->mac).text);
	return received ? 2 : 1;
}

/*
 * All hint functions, in the order in which they are called. Each function
 * returns 0 if it has no hint, or else a number that changes when the hint's
 * condition changes.
 */
static __u64 (*const kinds[HINT_KINDS])(struct input *input) = {
	hint_detached,	hint_carrier,	 hint_mtu,	 hint_mac,
	hint_above,	hint_vlan,	 hint_uncounted, hint_queues,
	hint_passed,	hint_strayed,	 hint_dropped,	 hint_lost,
	hint_ring_full, hint_fill_empty, hint_too_large, hint_checksum,
	hint_invalid,	hint_unsent,	 hint_discarded, hint_silence,
};

void hints_count(struct hints *hints, const struct stats *stats, __u32 sockets)
{
	hints->redirected_before = hints->redirected;
	hints->redirected = redirected(hints, stats, sockets);
	counters_read(&hints->counters, hints->dev);
}

void hints_report(struct hints *hints, const struct stats *stats, __u32 sockets)
{
	struct input input = {
		.hints = hints,
		.stats = stats,
		.sockets = sockets,
		.sum = stats_sum(stats, sockets),
	};

	hints->reports++;
	hints->totals_known =
		hints->at_start_known &&
		counters_totals(&hints->counters, hints->dev, &hints->totals);
	hints->text[0] = '\0';
	for (int kind = 0; kind < HINT_KINDS; kind++) {
		__u64 key;

		input.text[0] = '\0';
		key = kinds[kind](&input);
		if (key && key != hints->keys[kind] && !hints->said_once[kind])
			say("%s", input.text);
		hints->said_once[kind] |= key == ONCE;
		if (key)
			say_append(hints->text, sizeof(hints->text), "%s\n",
				   input.text);
		hints->keys[kind] = key;
	}
	hints->before = input.sum;
}

int hints_open(struct hints *hints, const struct device *dev,
	       const struct xdp_prog *prog, __u32 mtu,
	       const struct stats *stats, __u32 sockets)
{
	char names[256] = "";
	int err;

	*hints = (struct hints){ .dev = dev, .prog = prog, .mtu = mtu };
	hints->started = seconds();
	hints->before = stats_sum(stats, sockets);
	hints->cut_vlan = features_cuts_vlan(dev);
	hints->above =
		links_above(&dev->links, dev->index, names, sizeof(names));
	hints->queues_before =
		calloc(dev->queues, sizeof(__u64[COUNTER_KINDS]));
	err = counters_open(&hints->counters, dev);
	if (err || !hints->queues_before)
		return -ENOMEM;
	hints->at_start_known =
		counters_totals(&hints->counters, dev, &hints->at_start);
	hints->totals = hints->at_start;
	hints->sent_before = hints->before.tx_packets;
	hints->unsent_before = hints->totals.unsent;
	for (__u32 i = 0; i < dev->queues; i++)
		for (int kind = 0; kind < COUNTER_KINDS; kind++)
			hints->queues_before[i][kind] =
				counters_queue(&hints->counters, kind, i);
	return 0;
}

void hints_close(struct hints *hints)
{
	counters_close(&hints->counters);
	free(hints->queues_before);
	*hints = (struct hints){ 0 };
}
