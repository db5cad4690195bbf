#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench/ladder.sh compares ways to answer pings, the rungs of the ladder. Check
# that each program of bench/ladder gives every request a correct answer. The
# kernel itself answers no pings during these tests.

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

# Start the program of a rung. Check that small and large requests get an answer
# with the same data, and that a request to another address gets none.
assert_rung() { # PROGRAM
	"$ROOT/build/bench/ladder/$1" "$DEV" 3>&- &
	PID=$!
	PIDS+=("$PID")
	wait_for 5 packet_socket_bound
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

@test "bench/ladder/recvfrom answers pings with recv() and send()" {
	assert_rung recvfrom
}

@test "bench/ladder/recvmmsg answers pings with recvmmsg()" {
	assert_rung recvmmsg
}

@test "bench/ladder/tpacket answers pings with TPACKET_V3" {
	assert_rung tpacket
}

@test "bench/ladder/uring answers pings with io_uring" {
	[[ $(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0) == 0 ]] ||
		skip "io_uring is off here (kernel.io_uring_disabled)"
	assert_rung uring
}

@test "bench/ladder/tc_kern, attached at tc ingress, answers pings" {
	tc qdisc add dev "$DEV" clsact
	tc filter add dev "$DEV" ingress bpf direct-action \
		object-file "$ROOT/build/bench/ladder/tc_kern.o" section tc
	assert_answers
	tc qdisc del dev "$DEV" clsact
}

@test "if no program of bench/ladder runs, pings get no answer" {
	run ! ping_inside -c 1 -W 0.3 "$HERE"
}
