#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# End the program in every possible way. Afterwards the device must be as
# before, and the kernel must get the packets at once. These tests also check
# the exit status.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell. Options in loops are split into words on purpose.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

teardown() {
	ip netns del else-t 2>/dev/null || true
	lab_end
}

reports() {
	grep -c '^AF_XDP RX:' "$OUT" || true
}

more_reports_than() { # NUMBER
	[[ $(reports) -gt $1 ]]
}

# --- asked to stop ----------------------------------------------------------

@test "SIGINT, SIGTERM and SIGHUP: exit status 0, a last report, and the device is as before" {
	lab
	for signal in INT TERM HUP; do
		before=$(kernel_answers)
		start -d "$DEV" -v
		assert_ping -c 3 -i 0.01 "$HERE"
		[[ $(reports) -eq 0 ]]
		stop $signal
		[[ $RC -eq 0 ]]
		[[ $(reports) -eq 1 ]]
		assert_totals 3 3
		assert_frames_home
		untouched
		# From now on the kernel answers.
		assert_ping -c 3 -i 0.01 "$HERE"
		[[ $(($(kernel_answers) - before)) -eq 3 ]]
	done
}

@test "while the program stops, a second signal changes nothing" {
	lab
	for second in INT TERM HUP; do
		start -d "$DEV"
		kill -TERM "$PID"
		kill -$second "$PID" 2>/dev/null || true
		finish
		[[ $RC -eq 0 ]]
		untouched
	done
}

@test "a signal at any moment of the start leaves nothing behind" {
	lab
	# Spread the signals over the time of a start.
	for i in {0..14}; do
		"$PROGRAM" -d "$DEV" -q 2>"$BATS_TEST_TMPDIR/err.early$i" >/dev/null 3>&- &
		PID=$!
		PIDS+=("$PID")
		sleep "0.0$(printf %02d $((i * 3)))"
		kill -TERM "$PID"
		finish
		# Before the program handles signals, a signal kills it: status
		# 143.
		[[ $RC -eq 0 || $RC -eq 143 ]]
		wait_for 2 untouched >/dev/null
	done
}

@test "SIGINT ends the program even if the program was started with SIGINT ignored, like a background job of a script" {
	lab
	WRAP=(env --ignore-signal=INT)
	start -d "$DEV"
	stop INT
	untouched
}

@test "SIGHUP stays ignored if the program was started with SIGHUP ignored, as nohup does" {
	lab
	WRAP=(env --ignore-signal=HUP)
	start -d "$DEV"
	kill -HUP "$PID"
	assert_ping -c 2 -i 0.1 "$HERE"
	is_running
	stop
	untouched
}

@test "--duration: the program stops by itself, with exit status 0 and a report" {
	lab
	began=${EPOCHREALTIME/./}
	launch -d "$DEV" --duration 0.5 -v
	finish
	took=$((${EPOCHREALTIME/./} - began))
	echo "took $took microseconds"
	[[ $RC -eq 0 ]]
	[[ $took -ge 500000 ]]
	[[ $(reports) -eq 1 ]]
	assert_frames_home
	untouched
}

# --- killed, or stopped during traffic --------------------------------------

@test "SIGKILL leaves the device as it was, and the kernel answers at once" {
	lab
	start -d "$DEV" --rxdrop
	run ! ping_inside -q -c 1 -W 0.2 "$HERE"
	kill -KILL "$PID"
	finish
	[[ $RC -eq 137 ]]
	untouched
	assert_ping -c 3 -i 0.01 "$HERE"
}

@test "after SIGKILL during a flood the device is as before" {
	lab
	start -d "$DEV"
	ping_begin -f
	after_packets 1000
	kill -KILL "$PID"
	finish
	after_packets 1000
	ping_finish
	[[ $RC -eq 137 ]]
	untouched
	assert_ping -c 3 -i 0.01 "$HERE"
}

@test "after SIGTERM during a flood no frame is lost, and RX = TX" {
	lab
	for mode in -N -S; do
		start -d "$DEV" $mode -v
		ping_begin -f -l 500
		after_packets 5000
		stop TERM
		ping_finish
		assert_frames_home
		[[ $(total RX) -ge 5000 && $(total TX) -eq $(total RX) ]]
		untouched
	done
}

@test "no ping is lost when the program starts and stops" {
	lab
	# With GRO on, veth has NAPI even without an XDP program. Otherwise NAPI
	# would start and stop with the XDP program, and lose the packets in
	# NAPI's queue.
	ethtool -K "$DEV" gro on
	BEFORE=$(look)
	before=$(kernel_answers)
	received=$(answers_inside)
	answers=0
	ping_begin -i 0.001
	for mode in -N -S -N -S; do
		after_packets 50
		start -d "$DEV" $mode
		after_packets 100
		stop
		untouched
		answers=$((answers + $(total TX)))
	done
	after_packets 50
	ping_finish
	[[ $(<"$PINGS") =~ ([0-9]+)\ packets\ transmitted, ]]
	[[ ${BASH_REMATCH[1]} -ge 650 ]]
	wait_for 5 have_answers_inside $((received + BASH_REMATCH[1]))
	# Each request got one answer, either from us or from the kernel.
	[[ $answers -ge 400 ]]
	[[ $(($(kernel_answers) - before + answers)) -eq ${BASH_REMATCH[1]} ]]
}

# --- stdout that nobody reads, and slow reports -----------------------------

@test "the process that reads stdout ends: the program ends with status 0 and without an error message" {
	lab
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	head -n 1 "$BATS_TEST_TMPDIR/pipe" >"$BATS_TEST_TMPDIR/first" 3>&- &
	reader=$!
	PIDS+=("$reader")
	STDOUT=$BATS_TEST_TMPDIR/pipe
	launch -d "$DEV" --interval 0.05
	finish
	wait "$reader"
	[[ $RC -eq 0 ]]
	[[ $(<"$BATS_TEST_TMPDIR/first") == "AF_XDP RX:             0 pkts ("* ]]
	[[ $(grep -c . "$ERR") -eq 1 ]]
	untouched
	assert_ping -c 2 -i 0.01 "$HERE"
}

@test "stdout is a pipe that nobody reads: pings are answered, and SIGTERM still ends the program" {
	lab
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	# Open the pipe for reading and writing, so that it has a reader that
	# never reads.
	exec {held}<>"$BATS_TEST_TMPDIR/pipe"
	STDOUT=$BATS_TEST_TMPDIR/pipe
	start -d "$DEV" --interval 0.001 -v
	# The program writes only while the pipe has room for PIPE_BUF bytes
	# (4,096), so the pipe counts as full if it has less room.
	pipe_is_full() {
		! timeout 0.1 bash -c "printf '%4096s' x >&$held" 2>/dev/null
	}
	wait_for 5 pipe_is_full
	before=$(kernel_answers)
	assert_ping -c 20 -i 0.01 "$HERE"
	[[ $(kernel_answers) -eq $before ]]
	stop TERM
	exec {held}>&-
	assert_frames_home
	untouched
}

@test "stdout is a pipe that is read late: long reports do not block the program" {
	lab --queues 7 # so that the reports do not fill the pipe exactly
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {held}<>"$BATS_TEST_TMPDIR/pipe"
	STDOUT=$BATS_TEST_TMPDIR/pipe
	start -d "$DEV" --all-queues --json --interval 0.01
	sleep 0.3
	before=$(kernel_answers)
	assert_ping -c 20 -i 0.01 "$HERE"
	[[ $(kernel_answers) -eq $before ]]
	# The report that is read late is complete, although it is longer than
	# PIPE_BUF.
	read -r -t 2 report <&$held
	[[ ${#report} -gt 4096 ]]
	jq -e .device <<<"$report"
	stop TERM
	exec {held}>&-
	untouched
}

@test "reports take longer than the interval: pings are answered, and SIGTERM still ends the program" {
	command -v strace >/dev/null || skip "no strace here"
	lab
	for mode in --poll-mode --busy-poll; do
		# With -D, the process that the test starts is the program
		# itself, and not strace.
		WRAP=(strace -D -qq -o /dev/null --trace=getsockopt --inject=getsockopt:delay_exit=3000)
		start -d "$DEV" $mode --interval 0.001
		assert_ping -c 10 -i 0.05 "$HERE"
		stop
	done
}

# --- the device is removed, moved, down or renamed ---------------------------

@test "the device is removed: exit status 1, a message and the last report" {
	lab
	start -d "$DEV" -v
	assert_ping -c 3 -i 0.01 "$HERE"
	ip link del "$DEV"
	finish
	cat "$ERR"
	[[ $RC -eq 1 ]]
	grep -q "^af_xdp_user: $DEV: the device is gone$" "$ERR"
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: frames: $FRAMES = "* ]]
	no_sockets
	assert_totals 3 3
}

@test "the device is removed during a flood: the program ends, and reports the reason once" {
	lab
	start -d "$DEV" -v
	ping_begin -f -l 100
	after_packets 2000
	ip link del "$DEV"
	finish
	ping_finish >/dev/null
	cat "$ERR"
	[[ $RC -eq 1 ]]
	[[ $(grep -c "the device is gone$" "$ERR") -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: frames: $FRAMES = "* ]]
	no_sockets
}

@test "the lab's namespace is deleted: exit status 1 and a message" {
	lab
	start -d "$DEV"
	ip netns del "$DEV"
	finish
	[[ $RC -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: $DEV: the device is gone" ]]
	[[ ! -e /sys/class/net/$DEV ]]
	no_sockets
}

@test "the device moves to another namespace: exit status 1, and no XDP program stays attached to it" {
	lab
	ip netns add else-t
	start -d "$DEV"
	ip link set dev "$DEV" netns else-t
	finish
	[[ $RC -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: $DEV: the device is gone" ]]
	no_sockets
	[[ $(ip -n else-t -d link show dev "$DEV") == *"veth"* ]]
	[[ $(ip -n else-t -d link show dev "$DEV") != *prog/xdp* ]]
	ip -n else-t link del "$DEV"
	ip netns del else-t
}

# If the device moves away and back, or another device takes its index, the
# index looks unchanged. Only the sockets show that the device was gone.
@test "between SIGSTOP and SIGCONT the device moves away and back, or another device takes its index: exit status 1" {
	lab
	index=$(<"/sys/class/net/$DEV/ifindex")
	ip netns add else-t
	start -d "$DEV"
	kill -STOP "$PID"
	ip link set dev "$DEV" netns else-t
	ip -n else-t link set dev "$DEV" netns $$
	ip link set dev "$DEV" up
	[[ $(<"/sys/class/net/$DEV/ifindex") -eq $index ]]
	kill -CONT "$PID"
	finish
	[[ $RC -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: $DEV: the device is gone" ]]
	ip netns del else-t
	for mode in --poll-mode --busy-poll; do
		start -d "$DEV" $mode
		kill -STOP "$PID"
		index=$(<"/sys/class/net/$DEV/ifindex")
		ip link del "$DEV"
		ip link add "$DEV" index "$index" type veth peer name "$PEER" netns "$DEV"
		inside ip link set dev "$PEER" up
		ip link set dev "$DEV" up
		kill -CONT "$PID"
		finish
		[[ $RC -eq 1 ]]
		[[ $(tail -n 1 "$ERR") == "af_xdp_user: $DEV: the device is gone" ]]
	done
	no_sockets
}

@test "the device goes down and up: each change is reported once, and pings are answered again" {
	lab
	start -d "$DEV" -v --interval 0.1
	assert_ping -c 3 -i 0.01 "$HERE"
	for round in 1 2; do
		ip link set dev "$DEV" down
		wait_for 3 grep -q "^af_xdp_user: $DEV: the device is down: no packets until it is up$" "$ERR"
		run ! ping_inside -q -c 1 -W 0.1 "$HERE"
		ip link set dev "$DEV" up
		wait_for 3 grep -q "^af_xdp_user: $DEV: the device is up again$" "$ERR"
		ip addr replace "$HERE/64" dev "$DEV" nodad
		ip neigh replace "$INSIDE" dev "$DEV" nud permanent \
			lladdr "$(inside cat /sys/class/net/$PEER/address)"
		wait_for 3 ping_inside -q -c 1 -W 0.1 "$HERE" >/dev/null
		assert_ping -c 3 -i 0.01 "$HERE"
		said=$(grep -c ': the device is ' "$ERR")
		[[ $said -eq $((2 * round)) ]]
	done
	stop
	assert_frames_home
	[[ $(total TX) -eq $(total RX) && $(total RX) -ge 9 ]]
	untouched
}

@test "SIGTERM ends the program while the device is down" {
	lab
	start -d "$DEV" -v
	ping_begin -f -l 100
	after_packets 500
	ip link set dev "$DEV" down
	wait_for 3 grep -q "the device is down" "$ERR"
	stop
	ping_finish >/dev/null
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: frames: $FRAMES = "* ]]
	refute xdp_on "$DEV"
	no_sockets
}

# The program must not spin while it has nothing to do.
@test "the program sleeps while no packet arrives, even if the device is down" {
	lab
	start -d "$DEV" --interval 0.5
	for state in up down; do
		ip link set dev "$DEV" $state
		[[ $state == up ]] || wait_for 3 grep -q "the device is down" "$ERR"
		before=$(awk '{ print $14 + $15 }' "/proc/$PID/stat")
		wait_for 5 more_reports_than "$(reports)"
		used=$(($(awk '{ print $14 + $15 }' "/proc/$PID/stat") - before))
		echo "$state: $used hundredths of a second"
		[[ $used -le 5 ]]
	done
	stop
	refute xdp_on "$DEV"
}

@test "the device is renamed: the program continues, and uses the new name in messages" {
	lab
	start -d "$DEV"
	ip link set dev "$DEV" name other-t 2>/dev/null || {
		# Before kernel 6.2 a device that is up cannot be renamed.
		ip link set dev "$DEV" down
		ip link set dev "$DEV" name other-t
		ip link set dev other-t up
	}
	ip link set dev other-t down
	wait_for 3 grep -q "^af_xdp_user: other-t: the device is down" "$ERR"
	stop
	ip link set dev other-t name "$DEV"
	refute xdp_on "$DEV"
}

@test "a device that is renamed again and again is not reported as gone" {
	lab
	for _ in {1..300}; do
		echo "link set dev $DEV name other-t"
		echo "link set dev other-t name $DEV"
	done >"$BATS_TEST_TMPDIR/renames"
	start -d "$DEV"
	ip -batch "$BATS_TEST_TMPDIR/renames" || {
		stop
		skip "before kernel 6.2 a device that is up cannot be renamed"
	}
	assert_ping -c 3 -i 0.01 "$HERE"
	stop
	untouched
}

@test "while other devices are created and deleted, every ping is answered, and nothing is reported" {
	lab
	start -d "$DEV" -v
	received=$(answers_inside)
	ping_begin -i 0.01
	after_packets 2
	for _ in {1..30}; do
		ip link add other-t type veth peer name other-u
		ip link del other-t
	done
	after_packets 2
	ping_finish
	[[ $(<"$PINGS") =~ ([0-9]+)\ packets\ transmitted, ]]
	wait_for 5 have_answers_inside $((received + BASH_REMATCH[1]))
	stop
	[[ $(grep -c "the device is" "$ERR") -eq 0 ]]
	untouched
}

# --- stopped and continued --------------------------------------------------

@test "packets that arrive between SIGSTOP and SIGCONT are answered after SIGCONT, and none is lost" {
	lab
	start -d "$DEV" -v
	received=$(answers_inside)
	ping_begin -c 60 -i 0.01
	after_packets 5
	kill -STOP "$PID"
	after_packets 30
	kill -CONT "$PID"
	wait_for 10 ended "$PING"
	wait_for 5 have_answers_inside $((received + 60))
	stop
	assert_totals 60 60
	assert_frames_home
	untouched
}

@test "SIGTERM to a stopped program with a full RX ring: after SIGCONT the program answers all received packets" {
	lab
	start -d "$DEV" -v
	before=$(answers_inside)
	kill -STOP "$PID"
	ping_inside -q -c 4096 -l 4096 -W 0.1 "$HERE" || true
	kill -TERM "$PID"
	kill -CONT "$PID"
	finish
	[[ $RC -eq 0 ]]
	assert_totals 4096 4096
	assert_frames_home
	wait_for 5 have_answers_inside $((before + 4096))
	untouched
}

# Pause the program by SIGSTOP, and send 5,000 requests. FILL has frames for
# 4,096 of them, and a paused program puts no more frames into FILL.
overflow() { # OPTIONS OF THE PROGRAM
	local before

	start -d "$DEV" "$@"
	kill -STOP "$PID"
	before=$(answers_inside)
	run ! ping_inside -q -f -c 5000 -l 5000 -W 0.5 "$HERE"
	kill -CONT "$PID"
	wait_for 5 have_answers_inside $((before + 4096))
	assert_ping -c 3 -i 0.01 "$HERE"
	stop
	cat "$OUT"
}

@test "5,000 requests between SIGSTOP and SIGCONT fill the rings: drops are reported, and no frame is lost" {
	lab
	overflow -v
	assert_totals 4099 4099
	grep -q '^  Dropped:           904 pkts FILL ring empty: no frame to receive into$' "$OUT"
	assert_frames_home
	untouched
}

# In copy mode, if the kernel drops a packet because FILL is empty,
# rx_fill_ring_empty_descs and rx_dropped both count this packet.
@test "a dropped packet that the kernel counts twice is reported once" {
	lab
	overflow
	[[ $(($(dropped) + $(total RX))) -eq 5003 ]]
}
