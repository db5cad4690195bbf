#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the program's hints: if no packets arrive, or too few, the program
# reports the reason, and does not repeat it in later reports.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load lib

INTERVAL=0.25

# Make the sender use this queue for all flows.
steer() { # QUEUE
	t steer --name "$DEV" --queue "$1"
}

begin() { # OPTIONS
	start -d "$DEV" --interval $INTERVAL "$@"
}

said() { # PATTERN
	grep -qE "^af_xdp_user: $DEV: $1" "$ERR"
}

times_said() { # PATTERN
	grep -cE "^af_xdp_user: $DEV: $1" "$ERR"
}

# Wait for this number of reports.
reports() { # NUMBER
	sleep "$(awk "BEGIN { print ($1 + 0.5) * $INTERVAL }")"
}

@test "packets on queues without a socket are reported within two intervals, with remedies" {
	lab --queues 4
	begin
	steer 2
	assert_ping -c 3 -i 0.01 "$HERE"
	reports 2
	said "[123] packets came on RX queue 2, which has no socket"
	grep -q '^  --queue=2 or --all-queues takes them; or let the sender use one TX queue: ethtool -L PEER tx 1; in the lab: t steer --queue 0$' "$ERR"
	# More packets of the same queue are not reported again, but packets of
	# another queue are reported.
	assert_ping -c 3 -i 0.01 "$HERE"
	reports 2
	[[ $(times_said '.* came on RX queue') -eq 1 ]]
	steer 3
	assert_ping -c 3 -i 0.01 "$HERE"
	reports 2
	said "[0-9]* packets came on RX queues 2, 3, which have no socket"
	grep -q '^  --all-queues takes them all; --queue=\([23]\) takes only the packets of queue \1; or let the sender' "$ERR"
	[[ $(times_said '.* came on RX queue') -eq 2 ]]
	stop
}

@test "each remedy for a queue without a socket works: --queue, --all-queues, t steer, one TX queue at the sender" {
	lab --queues 4
	steer 2
	begin -Q 2
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	begin --all-queues
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	# If the socket is on another queue than 0, one TX queue is no remedy.
	begin -Q 3
	assert_ping -c 2 -i 0.01 "$HERE"
	reports 2
	grep -qx '  --queue=2 or --all-queues takes them; in the lab: t steer --queue 3' "$ERR"
	t steer --queue 3
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	inside ethtool -L "$PEER" tx 1
	begin
	assert_ping -c 2 -i 0.01 "$HERE"
	reports 2
	refute said '.*which ha.* no socket'
	stop
	assert_totals 2 2
	refute said '.*which ha.* no socket'
}

@test "with the user's own XDP program, packets on a queue without a socket are reported, too" {
	lab --queues 4
	steer 1
	begin --filename "$KERN"
	assert_ping -c 4 -i 0.01 "$HERE"
	reports 2
	said "[1234] packets came on RX queue 1, which has no socket"
	stop
}

# In native mode, a new queue of veth has no XDP program. So use SKB mode. In
# SKB mode the queue number of a packet on a new queue may be one too low.
@test "packets on a queue that was added after the start are reported, too" {
	lab --queues 4
	ethtool -L "$DEV" rx 1 tx 1
	begin --skb-mode --all-queues
	ethtool -L "$DEV" rx 4 tx 4
	steer 3
	ping_inside -q -c 2 -i 0.01 "$HERE"
	reports 2
	said "[0-9]+ packets came on RX queue [23], which has no socket"
	stop
}

@test "an XDP program that passes every packet, or redirects with a wrong map key, is reported" {
	lab --queues 2
	steer 1
	object=$(object passes <<-EOF
	$XSKS_MAP
	SEC("xdp") int passes(struct xdp_md *ctx) { return XDP_PASS; }
	SEC("xdp") int strays(struct xdp_md *ctx) { return bpf_redirect_map(&xsks_map, 0, XDP_PASS); }
	EOF
	)
	begin -Q 1 --filename "$object" --progname passes
	assert_ping -c 4 -i 0.01 "$HERE"
	reports 4
	said "[0-9]+ packets came on the RX queue, and XDP program passes has sent none of them"
	stop
	begin --filename "$object" --progname strays
	ping_inside -q -c 4 -i 0.01 -W 0.2 "$HERE" || true
	reports 2
	said "[1-4] packets could not go where XDP program strays redirected them"
	stop
	# igb has a counter of the same name, which counts other drops.
	WRAP=(env WEAK=igb "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	begin --filename "$object" --progname strays
	ping_inside -q -c 4 -i 0.01 -W 0.2 "$HERE" || true
	reports 2
	grep -q "$DEV (igb)" "$ERR"
	refute said '.* could not go where'
	stop
}

@test "if another process detaches the XDP program, this is reported once" {
	lab
	begin
	bpftool link detach id "$(sed -n 's/^link_id:[[:space:]]*//p' "/proc/$PID"/fdinfo/*)"
	reports 3
	said "somebody has detached XDP program xdp_sock_all, id [0-9]*, so the kernel gets the packets"
	[[ $(times_said 'somebody') -eq 1 ]]
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 0 0
}

@test "each loss of the carrier is reported" {
	lab
	begin
	inside ip link set dev "$PEER" down
	reports 2
	said "no carrier: the other end is down"
	inside ip link set dev "$PEER" up
	reports 2
	inside ip link set dev "$PEER" down
	reports 2
	[[ $(times_said 'no carrier') -eq 2 ]]
	stop
	t reset --name "$DEV" >/dev/null
}

@test "if the MTU becomes so large that packets do not fit into a frame, this is reported" {
	lab
	begin --skb-mode
	ip link set dev "$DEV" mtu 3000
	reports 2
	said "MTU is 3000 now: packets over 1770 bytes do not fit into a frame"
	grep -q "^  start this program again, or: ip link set dev $DEV mtu 1770" "$ERR"
	# No frame is large enough for MTU 9000, so the hint must not advise
	# another start.
	ip link set dev "$DEV" mtu 9000
	reports 2
	said "MTU is 9000 now"
	grep -q "^  ip link set dev $DEV mtu 1770" "$ERR"
	stop
	ip link set dev "$DEV" mtu 1500
}

@test "no packet for some seconds: the message says whether the device has received any" {
	lab
	begin
	reports 4
	refute said "no packet yet"
	wait_for 6 said "no packet yet, nor has the device received any"
	grep -q "are packets sent to its MAC address, $(<"/sys/class/net/$DEV/address")?" "$ERR"
	refute grep -q promisc "$ERR"
	stop
	begin
	assert_ping -c 1 "$HERE"
	sleep 5.5
	refute said "no packet yet"
	stop
}

@test "a drop counter that grows is reported once, with its name and meaning" {
	lab
	begin
	kill -STOP "$PID"
	ping_inside -q -c 4200 -l 4200 -W 1 "$HERE" >/dev/null || true
	kill -CONT "$PID"
	reports 3
	[[ $(times_said 'rx_fill_ring_empty_descs: packets found no frame in FILL') -eq 1 ]]
	stop
	begin --skb-mode
	ip link set dev "$DEV" mtu 3000
	inside ip link set dev "$PEER" mtu 3000
	ping_inside -q -c 2 -i 0.01 -s 2000 -M "do" -W 0.2 "$HERE" >/dev/null || true
	reports 2
	[[ $(times_said 'rx_dropped: packets are larger than a frame') -eq 1 ]]
	stop
	inside ip link set dev "$PEER" mtu 1500
	ip link set dev "$DEV" mtu 1500
}

@test "packets that the socket drops are not reported as packets that were redirected with a wrong map key" {
	lab
	object=$(object all <<-EOF
	$XSKS_MAP
	SEC("xdp") int all(struct xdp_md *ctx) { return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS); }
	EOF
	)
	INTERVAL=0.001
	begin --rxdrop --filename "$object"
	ping_inside -q -f -l 60000 -s 1400 -w 3 "$HERE" >/dev/null &
	# Each time the program is stopped, at least 4,096 packets arrive, even
	# if ping sends only 50,000 packets a second.
	for _ in {1..10}; do
		kill -STOP "$PID"
		sleep 0.1
		kill -CONT "$PID"
		sleep 0.02
	done
	wait $! || true
	stop
	grep -q '^  Dropped:' "$OUT"
	refute said '.* could not go where'
	refute said '.* has sent none of them'
}

@test "hints are printed with --quiet, too, but only if there is a problem" {
	lab --queues 2
	steer 1
	begin --quiet
	assert_ping -c 2 -i 0.01 "$HERE"
	reports 2
	said "[12] packets came on RX queue 1"
	stop
	[[ ! -s $OUT ]]
	begin -Q 1
	assert_ping -c 200 -i 0.005 "$HERE"
	stop
	[[ $(wc -l <"$ERR") -eq 1 ]]
}

@test "an XDP program that drops or aborts some packets is reported once" {
	lab
	object=$(object halves <<-EOF
	$XSKS_MAP
	const volatile __u32 verdict = XDP_DROP;
	__u64 seen;
	SEC("xdp") int halves(struct xdp_md *ctx)
	{
		if (__sync_fetch_and_add(&seen, 1) % 2)
			return verdict;
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	for verdict in 0 1 99; do
		begin --native-mode --filename "$object" --set verdict=$verdict
		ping_inside -q -c 6 -i 0.01 -W 0.2 "$HERE" || true
		reports 2
		ping_inside -q -c 6 -i 0.01 -W 0.2 "$HERE" || true
		reports 2
		said "XDP program halves has dropped [1-3] packets: neither the socket nor the kernel gets them"
		[[ $(times_said "XDP program halves has dropped") -eq 1 ]]
		stop
	done
}

# Generic XDP counts no verdicts, so af_xdp_user cannot distinguish packets that
# an XDP program dropped from packets that it passed. doc/troubleshooting.org
# describes this problem, and the remedy that this test tries.
@test "in SKB mode, packets that the XDP program drops are not reported, but run_cnt of bpftool prog show includes them" {
	lab
	object=$(object halves <<-EOF
	$XSKS_MAP
	__u64 seen;
	SEC("xdp") int halves(struct xdp_md *ctx)
	{
		if (__sync_fetch_and_add(&seen, 1) % 2)
			return XDP_DROP;
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	begin --skb-mode --filename "$object"
	id=$(sed -nE 's/.* id ([0-9]+), in SKB mode;.*/\1/p' "$ERR")
	kernel=$(kernel_answers)
	stats=$(sysctl -n kernel.bpf_stats_enabled)
	sysctl -qw kernel.bpf_stats_enabled=1
	at_once 6 1 ping_inside -q "$HERE" || true
	runs=$(bpftool prog show id "$id" | sed -n 's/.* run_cnt \([0-9]*\).*/\1/p')
	sysctl -qw "kernel.bpf_stats_enabled=$stats"
	reports 2
	refute said ".* has dropped"
	stop
	assert_totals 3 3
	[[ $runs -eq 6 && $(kernel_answers) -eq $kernel ]]
}

@test "failed redirects of the built-in XDP program are counted and reported" {
	lab --queues 2
	begin --all-queues
	assert_ping -c 4 -i 0.01 "$HERE"
	reports 2
	refute said ".* have not reached the socket"
	"$(helper astray -lbpf)" "$PID"
	ping_inside -q -c 4 -i 0.01 -W 0.2 "$HERE" || true
	reports 3
	said "[1-4] packets have not reached the socket to which XDP program xdp_sock_all redirected them"
	[[ $(times_said ".* have not reached the socket") -eq 1 ]]
	stop
}
