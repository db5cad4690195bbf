#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test sockets on all RX queues, and sockets in the map of an XDP program that
# af_xdp_user has not attached.
#
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load lib

MAPS=/sys/fs/bpf/queues-maps
PROGS=/sys/fs/bpf/queues-progs

# Check that -v has printed a line of frame counts for each socket, and that no
# frame is lost.
assert_all_frames_home() { # SOCKETS
	[[ $(grep -cE '^af_xdp_user: frames: ' "$ERR") -eq $1 ]]
	[[ $(grep -cE "^af_xdp_user: frames: $FRAMES = [0-9]+ free \+ [0-9]+ FILL( \+ 0 [A-Za-z ]+){5}$" "$ERR") -eq $1 ]]
}

# Ping from each source address inside. Each address is a flow, and the sender's
# kernel spreads flows over the queues.
ping_from_all() { # PINGS
	local source

	for source in {2..17}; do
		assert_ping -I "fc00:dead:cafe:1::$source" -f -c "$1" "$HERE"
	done
}

# Count the queues of the lab's device that have received packets.
queues_used() {
	ethtool -S "$DEV" | grep -cE 'rx_queue_[0-9]+_xdp_packets: [1-9]'
}

# Attach an XDP program with bpftool, and pin its maps in $MAPS.
others_program() { # xdpdrv or xdpgeneric [OBJECT PROGRAM]
	bpftool prog loadall "${2-$KERN}" "$PROGS" pinmaps "$MAPS"
	bpftool net attach "$1" pinned "$PROGS/${3-xdp_sock_prog}" dev "$DEV"
}

others_program_gone() { # xdpdrv or xdpgeneric
	ip link set dev "$DEV" "$1" off
	rm -r "$PROGS" "$MAPS"
}

@test "--all-queues: the program answers every flow, and the kernel answers none" {
	lab --queues 4
	before=$(kernel_answers)
	start -d "$DEV" --all-queues -v
	grep -q "^af_xdp_user: $DEV (veth) queues 0 to 3: .*; a socket on each in copy mode, with $FRAMES frames of 2048 bytes$" "$ERR"
	[[ $(sockets) -eq 4 ]]
	ping_from_all 20
	# The 16 flows may leave a queue without packets, so also send a ping
	# to each queue.
	for queue in 0 1 2 3; do
		t steer --queue $queue >/dev/null
		assert_ping -c 1 "$HERE"
	done
	t steer >/dev/null
	[[ $(queues_used) -eq 4 ]]
	stop
	assert_totals 324 324
	[[ $(kernel_answers) -eq $before ]]
	assert_all_frames_home 4
	untouched
}

@test "--all-queues: after floods from eight addresses at once, every packet is answered" {
	lab --queues 4
	for mode in --poll-mode --busy-poll; do
		start -d "$DEV" --all-queues $mode -v
		before=$(answers_inside)
		flood=()
		for source in {2..9}; do
			ping_inside -q -f -l 64 -c 2000 -I "fc00:dead:cafe:1::$source" "$HERE" >/dev/null &
			flood+=($!)
		done
		wait "${flood[@]}" || true
		sent=$(packets_from_inside)
		wait_for 3 have_answers_inside $((before + 16000))
		stop
		assert_totals 16000 16000
		assert_all_frames_home 4
		refute grep -qE 'Dropped|Invalid' "$OUT"
		untouched
		echo "$sent packets"
	done
}

@test "--all-queues: if a queue has a socket already, the error names the queue, and nothing is left behind" {
	lab --queues 3
	"$(helper hold -lxdp -lbpf)" "$DEV" 2 >"$BATS_TEST_TMPDIR/held" 3>&- &
	holder=$!
	PIDS+=("$holder")
	wait_for 5 grep -q held "$BATS_TEST_TMPDIR/held"
	BEFORE=
	expect_error 1 "$DEV: RX queue 2 has an AF_XDP socket already" -d "$DEV" --all-queues
	refute xdp_on "$DEV"
	kill "$holder"
	wait_for 3 ended "$holder"
	wait_for 3 no_sockets
}

@test "--all-queues with more RX than TX queues is refused" {
	lab --queues 2
	inside ethtool -L "$PEER" rx 1
	ethtool -L "$DEV" tx 1
	BEFORE=$(look)
	expect_error 1 "$DEV: RX queue 1 has no TX queue of the same number .*" -d "$DEV" --all-queues
}

@test "--xsks-map: two processes serve one queue each, and the XDP program that bpftool attached stays attached" {
	lab --queues 2
	others_program xdpdrv
	start -d "$DEV" --xsks-map "$MAPS/xsks_map" -v --interval 0.1
	first=$PID first_err=$ERR first_out=$OUT
	start -d "$DEV" --xsks-map "$MAPS/xsks_map" --queue 1 -v --interval 0.1
	grep -q "queue 1: XDP program xdp_sock_prog, id [0-9]*, in native mode; socket in copy mode" "$ERR"
	ping_from_all 4
	sleep 0.5
	# Each process knows that the queue of the other process has a socket.
	refute grep -q 'no socket' "$first_err" "$ERR"
	stop
	assert_frames_home
	rx=$(total RX)
	[[ $rx -eq $(total TX) ]]
	PID=$first ERR=$first_err OUT=$first_out
	stop
	assert_frames_home
	# 64 pings were sent. On each queue the XDP program redirects every
	# second ping.
	[[ $((rx + $(total RX))) -eq 32 && $rx -gt 0 && $(total RX) -gt 0 ]]
	xdp_on "$DEV"
	no_sockets
	before=$(kernel_answers)
	ping_from_all 2
	[[ $(($(kernel_answers) - before)) -eq 32 ]]
	others_program_gone xdpdrv
	untouched
}

is_detached_twice() {
	[[ $(grep -c 'has detached' "$ERR") -eq 2 ]]
}

@test "--xsks-map: each time the XDP program is detached, af_xdp_user reports it" {
	lab
	others_program xdpdrv
	start -d "$DEV" --xsks-map "$MAPS/xsks_map" --interval 0.25 --json -v
	assert_ping -c 2 -i 0.01 "$HERE"
	sleep 0.6
	refute grep -q 'has detached' "$ERR"
	ip link set dev "$DEV" xdpdrv off
	wait_for 3 grep -q "^af_xdp_user: $DEV: somebody has detached XDP program xdp_sock_prog, id [0-9]*, so the kernel gets the packets" "$ERR"
	bpftool net attach xdpdrv pinned "$PROGS/xdp_sock_prog" dev "$DEV"
	sleep 0.6
	ip link set dev "$DEV" xdpdrv off
	wait_for 3 is_detached_twice
	bpftool net attach xdpdrv pinned "$PROGS/xdp_sock_prog" dev "$DEV"
	stop
	others_program_gone xdpdrv
	untouched
}

@test "--xsks-map: CAP_NET_RAW and CAP_IPC_LOCK are enough; if CAP_NET_RAW is missing, the error names it" {
	lab
	others_program xdpdrv
	WRAP=(setpriv "--bounding-set=-all,+net_raw,+ipc_lock")
	start -d "$DEV" --xsks-map "$MAPS/xsks_map" -v
	ping_inside -q -c 2 -i 0.01 -W 1 "$HERE"
	stop
	assert_totals 1 1
	WRAP=(setpriv --bounding-set=-net_raw)
	BEFORE=
	expect_error 1 "missing rights: CAP_NET_RAW" -d "$DEV" --xsks-map "$MAPS/xsks_map"
	others_program_gone xdpdrv
}

@test "--xsks-map: if the XDP program is in SKB mode, the socket is in copy mode" {
	lab
	others_program xdpgeneric
	start -d "$DEV" --xsks-map "$MAPS/xsks_map"
	grep -q "in SKB mode; socket in copy mode" "$ERR"
	assert_ping -f -c 10 "$HERE"
	stop
	assert_totals 5 5
	others_program_gone xdpgeneric
	untouched
}

@test "--xsks-map: errors of the path, the map or the device are reported" {
	lab --queues 2
	BEFORE=
	expect_error 1 "/sys/fs/bpf/nothing: No such file or directory" \
		-d "$DEV" --xsks-map /sys/fs/bpf/nothing
	others_program xdpdrv "$(object small <<-EOF
	${XSKS_MAP/64/1}
	struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__type(key, __u32);
		__type(value, __u32);
	} other SEC(".maps");
	SEC("xdp") int small(struct xdp_md *ctx)
	{
		__u32 key = 0;
		bpf_map_lookup_elem(&other, &key);
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)" small
	expect_error 1 "$MAPS/other: no map of type xskmap" -d "$DEV" --xsks-map "$MAPS/other"
	expect_error 1 "xsks_map: the map has no entry for queue 1" \
		-d "$DEV" --xsks-map "$MAPS/xsks_map" --queue 1
	ip link set dev "$DEV" xdp off
	expect_error 1 "$DEV: no XDP program is attached, and --xsks-map attaches none" \
		-d "$DEV" --xsks-map "$MAPS/xsks_map"
	rm -r "$PROGS" "$MAPS"
}

# The program type raw_tracepoint and the map type xskmap have the same number,
# so a check of this number alone would accept such a program as the map.
@test "--xsks-map: a pinned program or link is not accepted as a map" {
	lab
	start -d "$DEV"
	mkdir "$MAPS"
	program=$(sed -n 's/.* XDP program [^ ]*, id \([0-9]*\), in .*/\1/p' "$ERR")
	link=$(bpftool link show | sed -n "s/^\([0-9]*\): xdp  *prog $program .*/\1/p")
	bpftool link pin id "$link" "$MAPS/link"
	stop
	BEFORE=
	bpftool prog load "$(object raw <<-EOF
	SEC("raw_tracepoint") int raw(void *ctx) { return 0; }
	EOF
	)" "$MAPS/raw_tracepoint" type raw_tracepoint
	bpftool prog load "$(object pass <<-EOF
	SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }
	EOF
	)" "$MAPS/xdp"
	for pinned in "$MAPS"/*; do
		expect_error 1 "$pinned: no map of type xskmap" \
			-d "$DEV" --xsks-map "$pinned"
	done
	[[ $(bpftool prog show pinned "$MAPS/raw_tracepoint") == *": raw_tracepoint "* ]]
	rm -r "$MAPS"
}
