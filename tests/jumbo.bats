#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test lessons/jumbo, which receives a large packet into several frames. In most
# tests the lab has MTU 9000.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Variables
# without quotes hold no blanks.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

readonly PIECE=3840 # maximum packet bytes in a frame: 4,096 less headroom
readonly HEAD=62    # bytes of the Ethernet, IPv6 and ICMPv6 headers

setup_file() {
	lab_guard
	[[ -x $ROOT/lessons/jumbo ]] || skip "lessons/jumbo is not built: make lessons"
	kernel_has 6 6 || skip "this kernel has no XDP_USE_SG: it came with 6.6"
}

setup() {
	PROGRAM=${JUMBO:-$ROOT/lessons/jumbo} PROGRAM_NAME=jumbo
	lab_begin
}

# Start lessons/jumbo with -v, so that it prints the places of all frames when
# it ends.
jumbo() { # OPTIONS
	start -d "$DEV" -v "$@"
}

# --- answers ----------------------------------------------------------------

@test "each ping of 8,000 bytes at MTU 9,000 gets one answer, with unchanged data" {
	lab --mtu 9000
	jumbo
	assert_ping -M 'do' -s 8000 -c 20 -i 0.01 "$HERE"
	stop
	assert_totals 20 20
	assert_frames_home
	untouched
}

# assert_ping notices wrong answers, because the kernel drops answers with a
# wrong checksum, and ping compares the data.
@test "packets that take one, two or three frames are answered, even if they almost fill, or just exceed, one or two frames" {
	local size sizes=(0 1 56 8952 8951)

	lab --mtu 9000
	jumbo
	for pieces in 1 2; do
		for more in -2 -1 0 1 2 3; do
			sizes+=($((pieces * PIECE - HEAD + more)))
		done
	done
	for size in "${sizes[@]}"; do
		assert_ping -M 'do' -s $size -c 2 -i 0.01 "$HERE"
	done
	stop
	assert_totals $((2 * ${#sizes[@]})) $((2 * ${#sizes[@]}))
	refute grep -q 'wrong checksum' "$ERR"
	assert_frames_home
}

@test "pings are answered in SKB mode and in native mode" {
	lab --mtu 9000
	for mode in -S -N; do
		jumbo $mode
		assert_ping -M 'do' -s 8000 -c 5 -i 0.01 "$HERE"
		stop
		assert_totals 5 5
		assert_frames_home
	done
}

@test "with the largest MTU of a veth pair, a packet in 17 frames is answered" {
	lab --mtu 65535
	jumbo
	assert_ping -M 'do' -s 65000 -c 5 -i 0.01 "$HERE"
	stop
	assert_totals 5 5
	assert_frames_home
}

@test "pings are answered at MTU 1,500" {
	lab
	jumbo
	assert_ping -M 'do' -s 1452 -c 5 -i 0.01 "$HERE"
	stop
	assert_totals 5 5
	assert_frames_home
}

# Each packet takes three frames, so a batch of 32 or 128 frames can end within
# a packet.
@test "a flood of 3,000 pings that take three frames each: all are answered" {
	lab --mtu 9000
	jumbo
	assert_ping -f -M 'do' -s 8952 -c 3000 "$HERE"
	stop
	assert_totals 3000 3000
	assert_frames_home
}

# --- nothing is lost silently -----------------------------------------------

# FILL has 4,096 frames, which are enough for 1,365 packets of three frames.
@test "packets for which FILL has too few frames are counted as dropped, and no part of them is answered" {
	lab --mtu 9000
	jumbo
	kill -STOP "$PID"
	before=$(answers_inside)
	ping_begin -l 2000 -c 2000 -W 1 -s 8952 -M 'do'
	wait_for 10 sent_all
	kill -CONT "$PID"
	wait_for 5 have_answers_inside $((before + 1365))
	ping_finish
	stop
	cat "$OUT"
	assert_totals 1365 1365
	[[ $(answers_inside) -eq $((before + 1365)) && $(dropped) -eq 635 ]]
	grep -q 'Dropped: *635 pkts FILL ring empty' "$OUT"
	assert_frames_home
}

sent_all() {
	sent_more_than 1999
}

@test "a packet gets no answer if it is shorter than its header says; padding is not sent back" {
	RAW=$(helper raw)
	lab --mtu 9000
	jumbo
	# Send a packet that takes two frames, and whose last byte is missing.
	refute inside "$RAW" $PEER 200 "$(long_hex 4939 4938)"
	# Send a packet whose second frame contains only two bytes of padding,
	# so that the answer takes one frame.
	run inside "$RAW" $PEER 2000 "$(long_hex $((PIECE - HEAD)) $((PIECE - HEAD + 2)))"
	[[ $status -eq 0 && ${#output} -eq $((2 * PIECE)) ]]
	# Send a packet whose second frame contains data and then padding.
	run inside "$RAW" $PEER 2000 "$(long_hex 5000 5002)"
	[[ $status -eq 0 && ${#output} -eq $((2 * (5000 + HEAD))) ]]
	stop
	assert_totals 3 2
	[[ $(unanswered "shorter than their headers say") -eq 1 ]]
	assert_frames_home
}

@test "an answer in several frames has the one or two VLAN tags of its request; a request with three tags gets no answer" {
	local tags

	RAW=$(helper raw)
	lab --mtu 9000
	jumbo
	for tags in 8100002a 88a800638100002a; do
		run inside "$RAW" $PEER 2000 "$(long_hex 8000 8000 $tags)"
		[[ $status -eq 0 && ${#output} -eq $((2 * (8000 + HEAD) + ${#tags})) ]]
		[[ ${output:24:${#tags}} == "$tags" ]]
		[[ ${output:$((24 + ${#tags})):4} == 86dd ]]
	done
	# A request with a third tag gets no answer.
	refute inside "$RAW" $PEER 200 "$(long_hex 8000 8000 81000001$tags)"
	stop
	assert_totals 3 2
	assert_frames_home
}

# Print a request that contains THERE bytes of data, and whose header says DATA
# bytes. All data bytes are 0, so they do not change the checksum.
long_hex() { # DATA THERE [TAGS]
	local length=$(($1 + 8)) sum word from to data

	from=$(ip_hex 2)
	to=$(ip_hex 1)
	sum=$((58 + length + 0x8000 + 0x0001 + 0x0001))
	for word in $(fold -w 4 <<<"$from$to"); do
		sum=$((sum + 0x$word))
	done
	while ((sum >> 16)); do
		sum=$(((sum & 0xffff) + (sum >> 16)))
	done
	printf -v data '%*s' $((2 * $2)) ''
	printf '%s%s%s86dd60000000%04x3a40%s%s8000%04x00010001%s' "$(mac_hex here)" "$(mac_hex inside)" \
		"${3-}" $length "$from" "$to" $((~sum & 0xffff)) "${data// /0}"
}

# --- signals, and a device that is deleted or goes down ---------------------

@test "after SIGTERM during a flood no frame is lost, and lessons/jumbo can start again at once" {
	lab --mtu 9000
	jumbo
	ping_begin -f -s 8952 -M 'do'
	after_packets 500
	stop
	assert_frames_home
	[[ $(total RX) -gt 0 && $(total RX) -eq $(total TX) ]]
	jumbo
	stop INT
	ping_finish
	untouched
}

@test "the device is deleted during a flood: exit status 1, and no frame is lost" {
	lab --mtu 9000
	jumbo
	ping_begin -f -s 8952 -M 'do'
	after_packets 500
	ip link del "$DEV"
	finish
	cat "$ERR"
	ping_finish
	[[ $RC -eq 1 ]]
	grep -q "^jumbo: $DEV: the device is gone" "$ERR"
	grep -q "^jumbo: frames: $FRAMES = " "$ERR"
	refute grep -q 'this is a bug' "$ERR"
}

@test "after SIGKILL the device is as before" {
	lab --mtu 9000
	jumbo
	assert_ping -s 8000 -c 2 -i 0.01 "$HERE"
	kill -KILL "$PID"
	finish
	wait_for 3 no_sockets
	wait_for 3 untouched
}

@test "the device goes down and up: pings are answered again" {
	lab --mtu 9000
	jumbo
	assert_ping -s 8000 -c 2 -i 0.01 "$HERE"
	ip link set dev "$DEV" down
	wait_for 3 grep -q "$DEV: the device is down" "$ERR"
	ip link set dev "$DEV" up
	wait_for 3 grep -q "$DEV: the device is up again" "$ERR"
	wait_for 3 ping_inside -q -c 1 -W 1 -s 8000 "$HERE"
	stop
	assert_frames_home
}

# --- errors -----------------------------------------------------------------

@test "a kernel without XDP_USE_SG: an error message names the cause and a remedy" {
	lab --mtu 9000
	WRAP=(env "LD_PRELOAD=$(helper no_pieces -shared -fPIC)")
	expect_error 1 'this kernel receives a packet into one frame only: .*' -d "$DEV"
	[[ ${stderr_lines[1]} == *"Linux 6.6"* ]]
}

@test "zero-copy is refused if the driver does not support it, or supports too few frames for a packet" {
	lab --mtu 9000
	expect_error 1 "$DEV: no zero-copy with driver veth: .*" -d "$DEV" -z
	WRAP=(env SEGMENTS=1 "LD_PRELOAD=$(helper few_segments -shared -fPIC)")
	expect_error 1 "$DEV: zero-copy of driver veth takes 1 frame a packet \(xdp-zc-max-segs\); XDP_USE_SG needs 2 or more, MTU 9000 needs 3" -d "$DEV" -z
	WRAP[1]=SEGMENTS=2
	expect_error 1 "$DEV: zero-copy of driver veth takes 2 frames a packet .* MTU 9000 needs 3" -d "$DEV" -z
	# Three frames are enough, so lessons/jumbo tries zero-copy, and the
	# kernel refuses it.
	WRAP[1]=SEGMENTS=3
	expect_error 1 "$DEV: no zero-copy with driver veth: .*" -d "$DEV" -z
}

# --- af_xdp_user names this lesson ------------------------------------------

@test "af_xdp_user advises lessons/jumbo if it refuses an MTU, and if packets are larger than a frame" {
	PROGRAM=${AF_XDP_USER:-$ROOT/af_xdp_user} PROGRAM_NAME=af_xdp_user
	lab --mtu 9000
	expect_error 1 "$DEV: MTU 9000: packets may be larger than a frame" -d "$DEV"
	[[ ${stderr_lines[1]} == *"lessons/jumbo accepts"* ]]
	ip link set dev "$DEV" mtu 1500
	inside ip link set dev "$PEER" mtu 1500
	start -d "$DEV" --interval=0.2
	inside ip link set dev "$PEER" mtu 3000
	ip link set dev "$DEV" mtu 3000
	refute ping_inside -q -c 2 -i 0.01 -W 1 -M 'do' -s 2500 "$HERE"
	wait_for 3 grep -q 'larger than a frame' "$ERR"
	stop
	cat "$ERR"
	grep -A 1 'rx_dropped: packets are larger than a frame' "$ERR" | grep -q 'lessons/jumbo takes a packet in several frames'
}

@test "a wrong command line gives exit status 2, a line with the error, and a line about --help" {
	expect_error 2 'which device\? --dev=IFNAME is missing'
	expect_error 2 '--zero-copy needs native XDP, and excludes --skb-mode' -d x -z -S
	expect_error 2 '--copy and --zero-copy exclude each other' -d x -z -c
	expect_error 2 '--rings and --json exclude .*' -d x --rings --json
	expect_error 2 "'x' is not an option; .*" x
	expect_error 2 '--all-queues: jumbo has one socket; .*' -d x --all-queues
	expect_error 1 'none: no such device .*' -d none
}

@test "--help and --version print to stdout with status 0" {
	run --separate-stderr "$PROGRAM" --help
	[[ $status -eq 0 && $output == *"--zero-copy"* && $output == *"--rings"* && -z $stderr ]]
	run --separate-stderr "$PROGRAM" --version
	[[ $status -eq 0 && $output == "jumbo "* && -z $stderr ]]
}
