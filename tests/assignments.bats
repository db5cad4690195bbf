#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run the three assignments of the lesson, as a learner does. Check the format
# of the reports.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load lib

# Print the sequence numbers of the answered pings, in one line.
answered() { # FILE
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$1" | sort -n | paste -sd' '
}

# Run two ping processes at the same time, each on its own CPU. Check that all
# their requests are answered.
ping_from_two_cpus() { # COUNT
	local first before

	before=$(answers_inside)
	inside taskset -c 0 ping -n -q -f -c "$1" -W 0.1 "$HERE" 3>&- &
	first=$!
	inside taskset -c 1 ping -n -q -f -c "$1" -W 0.1 "$HERE" || true
	wait "$first" || true
	wait_for 5 have_answers_inside $((before + 2 * $1))
}

@test "the lab's ping prints a header line and an empty line first" {
	lab
	t ping -c 1 >"$BATS_TEST_TMPDIR/ping"
	cat "$BATS_TEST_TMPDIR/ping"
	mapfile -t lines <"$BATS_TEST_TMPDIR/ping"
	[[ ${lines[0]} == "Running ping from inside test environment:" ]]
	[[ -z ${lines[1]} ]]
	[[ ${lines[2]} =~ ^PING\ $HERE\ ?\($HERE\)\ 56\ data\ bytes$ ]]
	[[ ${lines[3]} =~ ^64\ bytes\ from\ $HERE:\ icmp_seq=1\ ttl=64\ time= ]]
}

@test "assignment 1: --rxdrop drops all pings; RX counts them, and TX stays 0" {
	lab
	start -d "$DEV" --rxdrop -v
	run -1 at_once 4 1 t ping
	[[ $output == *"4 packets transmitted, 0 received, 100% packet loss"* ]]
	stop
	assert_totals 4 0
	assert_frames_home
	untouched
}

@test "assignment 2: the kernel answers every other ping" {
	lab
	before=$(kernel_answers)
	start -d "$DEV" --filename "$KERN" --rxdrop -v
	grep -q "XDP program xdp_sock_prog, id" "$ERR"
	at_once 8 1 t ping >"$BATS_TEST_TMPDIR/ping" || true
	cat "$BATS_TEST_TMPDIR/ping"
	[[ $(answered "$BATS_TEST_TMPDIR/ping") == "2 4 6 8" ]]
	[[ $(($(kernel_answers) - before)) -eq 4 ]]
	stop
	assert_totals 4 0
	assert_frames_home
	untouched
}

@test "assignment 2 without --rxdrop: all pings are answered, half of them by the kernel" {
	lab
	before=$(kernel_answers)
	start -d "$DEV" --filename "$KERN" -v
	at_once 8 1 t ping >"$BATS_TEST_TMPDIR/ping"
	[[ $(answered "$BATS_TEST_TMPDIR/ping") == "1 2 3 4 5 6 7 8" ]]
	[[ $(($(kernel_answers) - before)) -eq 4 ]]
	stop
	assert_totals 4 4
	assert_frames_home
	untouched
}

@test "assignment 2: each time the program starts, the XDP program counts packets from 0" {
	lab
	for _ in 1 2; do
		start -d "$DEV" --filename "$KERN" --rxdrop
		at_once 3 1 t ping >"$BATS_TEST_TMPDIR/ping" || true
		stop
		[[ $(answered "$BATS_TEST_TMPDIR/ping") == "2" ]]
		assert_totals 2 0
	done
	untouched
}

@test "assignment 3: the program answers all pings, the kernel answers none, and RX = TX" {
	lab
	before=$(kernel_answers)
	start -d "$DEV" -v
	at_once 6 1 t ping >"$BATS_TEST_TMPDIR/ping"
	[[ $(answered "$BATS_TEST_TMPDIR/ping") == "1 2 3 4 5 6" ]]
	grep -q 'icmp_seq=6 ttl=64 time=' "$BATS_TEST_TMPDIR/ping"
	[[ $(kernel_answers) -eq $before ]]
	stop
	assert_totals 6 6
	assert_frames_home
	untouched
}

@test "each statistics report, including the last one, has exactly the expected format" {
	lab
	start -d "$DEV" --interval 0.2
	assert_ping -c 3 -i 0.05 "$HERE"
	wait_for 3 grep -q 'AF_XDP RX:             3 pkts (         0 pps)           0 Kbytes (     0 Mbits/s) period:0\.' "$OUT"
	reports=$(grep -c '^AF_XDP RX:' "$OUT")
	stop
	cat -A "$OUT"
	[[ $(grep -c '^AF_XDP RX:' "$OUT") -gt $reports ]]
	# Each report has three lines: RX, TX, and an empty line.
	count=0
	while IFS= read -r line; do
		case $((count++ % 3)) in
		0) [[ $line =~ ^"AF_XDP RX:"\ {3}[\ 0-9]{11}" pkts ("[\ 0-9]{10}" pps) "[\ 0-9]{11}" Kbytes ("[\ 0-9]{6}" Mbits/s) period:0."[0-9]{6}$ ]] ;;
		1) [[ $line =~ ^"       TX:"\ {3}[\ 0-9]{11}" pkts ("[\ 0-9]{10}" pps) "[\ 0-9]{11}" Kbytes ("[\ 0-9]{6}" Mbits/s) period:0."[0-9]{6}$ ]] ;;
		2) [[ -z $line ]] ;;
		esac
	done <"$OUT"
	[[ $count -ge 6 && $((count % 3)) -eq 0 ]]
	untouched
}

@test "by default, reports are two seconds apart, and they count packets and bytes" {
	lab
	start -d "$DEV"
	assert_ping -c 20 -i 0.01 -s 1452 "$HERE"
	wait_for 4 grep -q '^AF_XDP RX:            20 pkts (        10 pps)          30 Kbytes (     0 Mbits/s) period:2\.0' "$OUT"
	stop
	untouched
}

@test "--quiet prints no statistics, not even at the end" {
	lab
	launch -d "$DEV" -q --interval 0.05 --duration 0.3
	finish
	[[ $RC -eq 0 ]]
	[[ ! -s $OUT ]]
	untouched
}

@test "thousands are separated if the locale has a separator" {
	command -v localedef >/dev/null || skip "no localedef to make such a locale"
	printf '%s\n' LC_NUMERIC 'decimal_point "."' 'thousands_sep ","' 'grouping 3;3' \
		'END LC_NUMERIC' >"$BATS_TEST_TMPDIR/source"
	localedef --no-archive -c -i "$BATS_TEST_TMPDIR/source" "$BATS_TEST_TMPDIR/xx_XX" \
		>/dev/null 2>&1 || true
	[[ -e $BATS_TEST_TMPDIR/xx_XX/LC_NUMERIC ]] || skip "localedef makes no locale here"
	lab
	LOCPATH=$BATS_TEST_TMPDIR LC_ALL='' LC_NUMERIC=xx_XX start -d "$DEV"
	assert_ping -f -c 1234 "$HERE"
	stop
	tail -n 3 "$OUT"
	grep -q '^AF_XDP RX:         1,234 pkts (' "$OUT"
	grep -q '^       TX:         1,234 pkts (' "$OUT"
	LC_ALL=C start -d "$DEV"
	assert_ping -f -c 1234 "$HERE"
	stop
	grep -q '^AF_XDP RX:          1234 pkts (' "$OUT"
	untouched
}

@test "assignment 2: exactly half of the packets from two CPUs go to the socket, in native and in SKB mode" {
	[[ $(nproc) -ge 2 ]] || skip "one CPU only"
	lab
	for mode in -N -S; do
		before=$(kernel_answers)
		start -d "$DEV" --filename "$KERN" $mode -v
		ping_from_two_cpus 5000
		[[ $(packets_seen all) -eq 10000 ]]
		stop
		assert_totals 5000 5000
		assert_frames_home
		[[ $(($(kernel_answers) - before)) -eq 5000 ]]
	done
	untouched
}

@test "assignment 2: on each of four queues, every other packet goes to the socket" {
	lab --queues 4
	# The kernel chooses the queue of a flow by a random hash, so some
	# queues may get no packets.
	busy=0
	for queue in 0 1 2 3; do
		start -d "$DEV" --filename "$KERN" -Q "$queue" -v
		for source in {2..17}; do
			assert_ping -I "fc00:dead:cafe:1::$source" -f -c 11 "$HERE"
		done
		[[ $(packets_seen all) -eq $((16 * 11)) ]]
		seen=$(packets_seen "$queue")
		stop
		assert_totals $(((seen + 1) / 2)) $(((seen + 1) / 2))
		assert_frames_home
		((seen == 0)) || busy=$((busy + 1))
	done
	[[ $busy -ge 1 ]]
	untouched
}
