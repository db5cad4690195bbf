#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test lessons/latency, which measures the time of each step of an answer.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Variables
# without quotes hold no blanks.
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

setup_file() {
	lab_guard
	[[ -x $ROOT/lessons/latency ]] || skip "lessons/latency is not built: make lessons"
	kernel_has 6 11 || skip "XDP_UMEM_TX_METADATA_LEN needs Linux 6.11"
}

setup() {
	PROGRAM=${LATENCY:-$ROOT/lessons/latency} PROGRAM_NAME=latency
	lab_begin
}

latency() { # OPTIONS
	start -d "$DEV" -v --interval=60 "$@"
}

# Print a number from the last JSON object in $OUT.
number() { # JQ-PATH
	tail -n 1 "$OUT" | jq "$1"
}

stage() { # NAME FIELD
	number ".latency.stages[] | select(.stage == \"$1\") | .$2"
}

# --- times ------------------------------------------------------------------

@test "each answer has a time for each step, and the median of their sum is less than the median round-trip time" {
	local median ours

	lab
	latency --json
	assert_ping -c 5 -i 0.01 "$HERE"
	median=$("$ROOT/build/bench/rtt" 2 300 "$DEV" "$HERE" |
		awk '{ print $2 }' | sort -n | sed -n 150p)
	stop
	cat "$OUT"
	[[ $(number .latency.answers) -eq 305 && $(number .latency.untimed) -eq 0 ]]
	for name in xdp_to_user in_user tx_to_sent all; do
		[[ $(stage $name 'histogram | map(.[2]) | add') -eq 305 ]]
		(($(stage $name median_ns) <= $(stage $name p99_ns)))
		(($(stage $name p99_ns) <= $(stage $name longest_ns)))
	done
	ours=$(stage all median_ns)
	echo "all three: $ours ns, a round trip: $median ns"
	((ours < median && ours > median / 20))
	(($(stage xdp_to_user median_ns) > 0 && $(stage tx_to_sent median_ns) > 0))
	(($(stage all longest_ns) >= $(stage xdp_to_user longest_ns)))
	assert_frames_home
	untouched
}

@test "if the process is stopped, the time between XDP and user space grows" {
	lab
	latency --json
	kill -STOP "$PID"
	ping_begin -c 1 -W 3
	wait_for 3 sent_more_than 0
	sleep 0.3
	kill -CONT "$PID"
	wait_for 3 ended "$PING"
	stop
	cat "$OUT"
	(($(stage xdp_to_user median_ns) > 290000000))
	(($(stage in_user median_ns) < 100000000 && $(stage tx_to_sent median_ns) < 100000000))
	(($(stage all median_ns) > 290000000))
}

@test "in a flood of 5,000 pings, each ping is answered, and each answer has a time for each step" {
	lab
	latency
	assert_ping -f -c 5000 "$HERE"
	stop
	cat "$OUT"
	assert_totals 5000 5000
	[[ $(awk '/^Answers up to/ { in_table = 1; next }
		in_table && NF == 5 { for (i = 2; i <= 5; i++) n[i] += $i }
		END { print n[2], n[3], n[4], n[5] }' "$OUT") == "5000 5000 5000 5000" ]]
	refute grep -q 'Without times' "$OUT"
	assert_frames_home
}

# --- metadata, and reports --------------------------------------------------

@test "the RX hash is the same for all packets of a flow, and differs for packets of another flow" {
	local first

	lab
	latency --interval=0.1
	assert_ping -c 3 -i 0.01 "$HERE"
	wait_for 3 grep -q 'RX hash: 3 packets' "$OUT"
	first=$(last_hash)
	assert_ping -c 3 -i 0.01 "$HERE"
	wait_for 3 grep -q 'RX hash: 6 packets' "$OUT"
	[[ $first == 0x* && $(last_hash) == "$first" ]]
	inside ip address add fc00:dead:cafe:1::77/64 dev $PEER nodad
	assert_ping -c 1 -I fc00:dead:cafe:1::77 "$HERE"
	wait_for 3 grep -q 'RX hash: 7 packets' "$OUT"
	[[ $(last_hash) == 0x* && $(last_hash) != "$first" ]]
	stop
}

last_hash() {
	sed -n 's/^RX hash: .* //p' "$OUT" | tail -n 1
}

@test "in SKB mode reports have times, but no RX hash" {
	lab
	latency -S
	assert_mode xdpgeneric
	assert_ping -c 5 -i 0.01 "$HERE"
	stop
	cat "$OUT"
	assert_totals 5 5
	grep -q '^  all three' "$OUT"
	refute grep -q 'RX hash' "$OUT"
	assert_frames_home
}

@test "packets that get no answer have no times, and their frames are freed" {
	lab
	latency
	inside bash -c 'exec 3<>/dev/udp/fc00:dead:cafe:1::1/9; for i in 1 2 3; do echo x >&3; done'
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	cat "$OUT"
	(($(total RX) >= 5))
	[[ $(total TX) -eq 2 && $(awk '/^Answers up/ { t = 1; next } t && NF == 5 { n += $5 } END { print n }' "$OUT") -eq 2 ]]
	assert_frames_home
}

@test "the lines of a report are shorter than 80 columns" {
	lab
	latency
	assert_ping -c 5 -i 0.01 "$HERE"
	stop
	[[ -z $(grep -A 40 '^Microseconds' "$OUT" | awk 'length > 79') ]]
}

@test "the picture of latency.gp has a curve for each step" {
	command -v gnuplot >/dev/null || skip "there is no gnuplot"
	lab
	latency --json
	assert_ping -c 20 -i 0.01 "$HERE"
	stop
	"$ROOT/lessons/latency.gp" "$OUT" >"$BATS_TEST_TMPDIR/svg"
	for name in "XDP to user space" "in user space" "TX to sent" "all three"; do
		grep -q "<title>$name</title>\|>$name<" "$BATS_TEST_TMPDIR/svg"
	done
	[[ $(grep -c "<path stroke='rgb" "$BATS_TEST_TMPDIR/svg") -ge 4 ]]
}

# --- ends and errors --------------------------------------------------------

@test "after SIGTERM during a flood no frame is lost, and the program can start again at once" {
	lab
	latency
	ping_begin -f
	after_packets 500
	stop
	assert_frames_home
	[[ $(total RX) -gt 0 && $(total RX) -eq $(total TX) ]]
	latency
	stop INT
	ping_finish
	untouched
}

@test "if the device is deleted during a flood, the exit status is 1, and no frame is lost" {
	lab
	latency
	ping_begin -f
	after_packets 500
	ip link del "$DEV"
	finish
	cat "$ERR"
	ping_finish
	[[ $RC -eq 1 ]]
	grep -q "^latency: $DEV: the device is gone" "$ERR"
	refute grep -q 'this is a bug' "$ERR"
	grep -q '^  all three' "$OUT"
}

@test "after the device goes down and up, pings are answered again" {
	lab
	latency
	assert_ping -c 2 -i 0.01 "$HERE"
	ip link set dev "$DEV" down
	wait_for 3 grep -q "$DEV: the device is down" "$ERR"
	ip link set dev "$DEV" up
	wait_for 3 grep -q "$DEV: the device is up again" "$ERR"
	wait_for 3 ping_inside -q -c 1 -W 1 "$HERE"
	stop
	assert_frames_home
}

@test "CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF and CAP_IPC_LOCK are enough, in native and in SKB mode" {
	local four=-all,+net_raw,+net_admin,+bpf,+ipc_lock

	lab
	WRAP=(setpriv --bounding-set="$four")
	for mode in -N -S; do
		latency $mode
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
		assert_frames_home
	done
}

@test "if the kernel has no TX metadata, the error names this cause, and the Linux version that has TX metadata" {
	lab
	WRAP=(env "LD_PRELOAD=$(helper no_tx_metadata -shared -fPIC)")
	expect_error 1 'this kernel writes no time of sending: .*' -d "$DEV"
	[[ ${stderr_lines[1]} == *"Linux 6.11"* ]]
}

@test "--zero-copy, a large MTU, a queue in use and a queue that does not exist are refused" {
	lab
	expect_error 1 "--zero-copy: .*" -d "$DEV" -z
	expect_error 1 "$DEV: .*queue.*" -d "$DEV" -Q 7
	latency
	expect_error_in_use
	stop
	lab_again --mtu 9000
	expect_error 1 "$DEV: MTU 9000: packets may be larger than a frame" -d "$DEV"
}

# Start a second process, and expect an error, because the first process has an
# XDP program on the device and a socket on the queue.
expect_error_in_use() {
	run timeout 20 "$PROGRAM" -d "$DEV"
	echo "$output"
	[[ $status -eq 1 ]]
}

lab_again() {
	t --name "$DEV" teardown >/dev/null
	lab "$@"
}
