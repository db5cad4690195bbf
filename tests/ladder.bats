#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The rungs of the ladder do their job: what bench/ladder.sh measures is a right
# answer to each request, by the rung and not by the kernel.

load lib

setup() {
	[[ -x $ROOT/build/bench/ladder/uring ]] ||
		skip "build/bench/ladder is not built: make ladder-programs"
	lab_begin
	lab
	echo 1 >/proc/sys/net/ipv6/icmp/echo_ignore_all
}

teardown() {
	echo 0 >/proc/sys/net/ipv6/icmp/echo_ignore_all
	lab_end
}

listens() {
	[[ $(wc -l </proc/net/packet) -gt 1 ]]
}

# Start a rung, and check that small, large and bad requests get what they
# should: an answer with the same data, or none.
assert_rung() { # PROGRAM
	"$ROOT/build/bench/ladder/$1" "$DEV" 3>&- &
	PID=$!
	PIDS+=("$PID")
	wait_for 5 listens
	assert_answers
	kill "$PID"
	wait "$PID" || true
}

assert_answers() {
	assert_ping -c 5 -i 0.01 "$HERE"
	assert_ping -c 5 -i 0.01 -s 1400 "$HERE"
	assert_ping -c 500 -f "$HERE"
	run ! ping_inside -c 1 -W 0.3 fc00:dead:cafe:1::99
}

@test "recv() and send() answer" {
	assert_rung recvfrom
}

@test "recvmmsg() answers" {
	assert_rung recvmmsg
}

@test "TPACKET_V3 answers" {
	assert_rung tpacket
}

@test "io_uring answers" {
	[[ $(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0) == 0 ]] ||
		skip "io_uring is off here (kernel.io_uring_disabled)"
	assert_rung uring
}

@test "a BPF program at tc's ingress answers" {
	tc qdisc add dev "$DEV" clsact
	tc filter add dev "$DEV" ingress bpf direct-action \
		object-file "$ROOT/build/bench/ladder/tc_kern.o" section tc
	assert_answers
	tc qdisc del dev "$DEV" clsact
}

@test "without a rung nobody answers" {
	run ! ping_inside -c 1 -W 0.3 "$HERE"
}
