#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Cause faults in the program, its device and its system calls, while packets
# arrive. The program must continue, or end with the right status, and leave
# nothing attached. ends.bats causes some of these faults with little traffic or
# none.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell. Options in loops are split into words on purpose.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

readonly FOUND=99 # exit status of the sanitizers

setup_file() {
	lab_guard
	export FAULTS=$BATS_FILE_TMPDIR/faults.so
	$CC -O2 -g -fno-builtin -fPIC -shared -D_GNU_SOURCE -o "$FAULTS" "$BATS_TEST_DIRNAME/faults.c"
	export SEED=${SEED:-$RANDOM}
}

teardown() {
	ip netns del else-t 2>/dev/null || true
	lab_end
}

# Send PPS packets a second, which may be far more than ping can send. Some
# packets may be lost before they reach the XDP program. So ARRIVED counts only
# packets that reach it.
flood_begin() { # PPS SECONDS
	local generator=$ROOT/build/bench/pktgen

	[[ -x $generator ]] || skip "build/bench/pktgen is not built: make bench-programs"
	ARRIVED=$(packets_arrived)
	ip netns exec "$DEV" "$generator" "$PEER" "$(<"/sys/class/net/$DEV/address")" "$INSIDE" "$HERE" \
		"$1" $(($1 * $2)) "$2" 64 >/dev/null 2>&1 3>&- &
	FLOOD=$!
	PIDS+=("$FLOOD")
	wait_for 5 more_arrived 0
}

flood_finish() {
	kill -TERM "$FLOOD"
	wait "$FLOOD" || true
	ARRIVED=$(($(packets_arrived) - ARRIVED))
}

more_arrived() { # NUMBER
	(($(packets_arrived) > ARRIVED + $1))
}

unattached() {
	refute xdp_on "$DEV" && no_sockets
}

has_said() { # PATTERN
	grep -q "$1" "$ERR"
}

# Check that all pings are answered while another ping runs. (assert_ping would
# count the other ping's answers, too.)
all_answered() { # N ARGS OF ping
	local report

	report=$(at_once "$1" 1 ping_inside -q "${@:2}" "$HERE")
	echo "$report"
	[[ $report == *", 0% packet loss"* && $report != *wrong* ]]
}

# Check that each request of the background ping got an answer, from the program
# or from the kernel. have_answers_but_lost explains the exceptions.
none_lost() { # ANSWERS-BEFORE LOST-BEFORE IN-FLIGHT
	[[ $(<"$PINGS") =~ ([0-9]+)\ packets\ transmitted, ]]
	have_answers_but_lost $(($1 + BASH_REMATCH[1])) "$2" "$3"
}

# Restore the lab's address and neighbour entry, which are lost when the device
# goes down.
address_again() {
	ip addr replace "$HERE/64" dev "$DEV" nodad
	ip neigh replace "$INSIDE" dev "$DEV" nud permanent \
		lladdr "$(inside cat /sys/class/net/$PEER/address)"
}

# --- signals, and too many packets ------------------------------------------

@test "SIGKILL during a flood leaves nothing behind, even if it comes before the end of set-up" {
	lab
	RANDOM=$SEED
	echo "seed $SEED"
	flood_begin 50000 20
	early=0
	late=0
	for i in {0..24}; do
		launch -d "$DEV"
		((i < 20)) || await
		sleep "0.$(printf %03d $((i % 20 * 5 + RANDOM % 5)))"
		kill -KILL "$PID"
		finish
		[[ $RC -eq 137 ]]
		if has_said 'XDP program'; then late=$((late + 1)); else early=$((early + 1)); fi
		wait_for 2 unattached >/dev/null
	done
	echo "$early before the end of set-up, $late after"
	[[ $early -gt 0 && $late -gt 0 ]]
	flood_finish
	untouched
	assert_ping -c 3 -i 0.01 "$HERE"
}

# Apply a jq filter to the last line that --json has printed.
said_last() { # JQ-FILTER
	tail -n 1 "$OUT" | jq "$1"
}

@test "more packets than the program can answer: the kernel drops and counts the rest" {
	lab
	for mode in --poll-mode --busy-poll; do
		start -d "$DEV" "$mode" --json
		flood_begin 4000000 10
		sleep 1
		flood_finish
		assert_ping -c 10 -i 0.01 "$HERE"
		stop
		[[ $(said_last '.total | .rx_packets + (.dropped_packets | add)') -eq $((ARRIVED + 10)) ]]
		[[ $(said_last '.total | .rx_packets - .tx_packets') -eq 0 ]]
		[[ $(said_last '.total.xdp_statistics.rx_ring_full') -gt 0 ]]
		[[ $(said_last '.total | .dropped_packets.rx_ring_full == .xdp_statistics.rx_ring_full') == true ]]
		untouched
	done
}

@test "SIGSTOP for five seconds during a flood, then SIGCONT: every packet is counted" {
	lab
	start -d "$DEV" -v
	flood_begin 50000 20
	kill -STOP "$PID"
	sleep 5
	kill -CONT "$PID"
	wait_for 5 more_arrived $(($(packets_arrived) - ARRIVED + 20000))
	flood_finish
	assert_ping -f -c 1000 -p 00ff5aa5 "$HERE"
	stop
	cat "$OUT"
	# Until SIGCONT the kernel could keep 4,096 packets, because RX and FILL
	# have 4,096 entries each. After SIGCONT more packets and 1,000 pings
	# came.
	[[ $(total RX) -gt 6096 && $(dropped) -gt 100000 ]]
	[[ $(($(total RX) + $(dropped))) -eq $((ARRIVED + 1000)) ]]
	[[ $(total TX) -eq $(total RX) ]]
	assert_frames_home
	untouched
}

@test "twenty starts and stops during a flood: no ping is lost, except pings in flight at the end" {
	lab
	ethtool -K "$DEV" gro on # so that NAPI does not start and stop with XDP: see ends.bats
	BEFORE=$(look)
	received=$(answers_inside)
	cable=$(lost_by_cable)
	ping_begin -f -l 20
	for _ in {1..5}; do
		for mode in -N -S -B --copy; do
			start -d "$DEV" $mode -v
			after_packets 500
			stop
			assert_frames_home
			[[ $(total TX) -gt 0 && $(total TX) -eq $(total RX) ]]
			after_packets 100
		done
	done
	ping_finish
	wait_for 5 none_lost "$received" "$cable" 20
	untouched
}

# --- the device -------------------------------------------------------------

@test "the device goes down and up during a flood: pings are answered again" {
	lab
	start -d "$DEV" -v --interval 0.1
	flood_begin 20000 30
	for round in 1 2 3; do
		ip link set dev "$DEV" down
		wait_for 3 has_said "the device is down"
		ip link set dev "$DEV" up
		address_again
		ARRIVED=$(packets_arrived)
		wait_for 5 more_arrived 1000
	done
	flood_finish
	assert_ping -f -c 1000 -p 00ff5aa5 "$HERE"
	stop
	cat "$OUT"
	[[ $(grep -c 'the device is up again' "$ERR") -eq 3 ]]
	[[ $(total TX) -eq $(total RX) ]]
	assert_frames_home
	untouched
}

@test "the MTU changes during a flood: packets that fit into a frame are answered" {
	lab
	start -d "$DEV" -v
	ping_begin -f
	for mtu in 1280 3000 1500; do
		inside ip link set dev "$PEER" mtu $mtu
		ip link set dev "$DEV" mtu $mtu
		after_packets 200
		# Try for 5 seconds, because the kernel itself may lose a packet
		# when the MTU changes.
		wait_for 5 all_answered 3 -M "do" -s $((mtu < 1500 ? mtu - 48 : 1452))
		((mtu == 3000)) || continue
		# XDP reserves the first 256 bytes of each frame of 2,048 bytes.
		all_answered 3 -M "do" -s $((2048 - 256 - 14 - 48))
		run ! ping_inside -q -c 3 -i 0.01 -W 0.2 -M "do" -s $((2048 - 256 - 14 - 48 + 1)) "$HERE"
	done
	ping_finish
	stop
	cat "$OUT"
	[[ $(total TX) -eq $(total RX) && $(dropped) -eq 3 ]]
	grep -q '^  Dropped: *3 pkts larger than a frame$' "$OUT"
	assert_frames_home
	untouched
}

@test "ethtool changes the number of TX queues during a flood, and cannot remove the socket's queue: pings are answered" {
	lab --queues 4
	start -d "$DEV" -Q 0 -v
	ping_begin -f
	# Change only the numbers of TX queues, because packets are lost if $DEV
	# has fewer RX queues than $PEER has TX queues.
	for queues in 2 1 3 4; do
		inside ethtool -L "$PEER" tx $queues rx 4
		ethtool -L "$DEV" tx $queues rx 4
		after_packets 500
		refute ended "$PID"
	done
	ping_finish
	assert_ping -c 100 -f "$HERE"
	stop
	[[ $(total TX) -eq $(total RX) && $(total RX) -ge 100 ]]
	assert_frames_home
	# The kernel removes a queue only if it has no socket.
	inside ethtool -L "$PEER" tx 1
	start -d "$DEV" -Q 3 -v
	run ! ethtool -L "$DEV" rx 3
	stop
	assert_frames_home
	wait_for 3 ethtool -L "$DEV" rx 3
	ethtool -L "$DEV" rx 4
	inside ethtool -L "$PEER" tx 4
	untouched
}

@test "the peer's namespace is deleted during a flood: exit status 1 and a message" {
	lab
	start -d "$DEV" -v
	ping_begin -f -l 100
	after_packets 1000
	ip netns del "$DEV"
	# A namespace lives until its last process leaves it.
	kill -KILL "$PING"
	finish
	cat "$ERR"
	[[ $RC -eq 1 ]]
	[[ $(grep -c "^af_xdp_user: $DEV: the device is gone$" "$ERR") -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: frames: $FRAMES = "* ]]
	no_sockets
}

no_device() { # NAME
	[[ ! -e /sys/class/net/$1 ]]
}

@test "ip netns del removes the name of the program's namespace during a flood: the program continues in the nameless namespace, which disappears when the program ends" {
	lab
	WRAP=(ip netns exec "$DEV")
	start -d "$PEER" -v
	sysctl -qw "$OWN_ANSWERS"
	env --default-signal=INT ping -n -q -f "$INSIDE" >"$BATS_TEST_TMPDIR/pings" 3>&- &
	pings=$!
	PIDS+=("$pings")
	ip netns del "$DEV"
	run at_once 100 5 ping -n -q "$INSIDE"
	echo "$output"
	[[ $output == *", 0% packet loss"* ]]
	refute ended "$PID"
	stop
	[[ $(total TX) -ge 100 && $(total TX) -eq $(total RX) ]]
	assert_frames_home
	kill -INT "$pings"
	wait_for 5 no_device "$DEV"
}

# --- other processes --------------------------------------------------------

@test "bpftool detaches the bpf_link during a flood: the kernel answers the pings, and the program still ends without an error" {
	lab
	start -d "$DEV" -v
	ping_begin -f
	after_packets 1000
	[[ $(<"$ERR") =~ \ id\ ([0-9]+), ]]
	link=$(bpftool link show | sed -n "s/^\([0-9]*\): xdp  prog ${BASH_REMATCH[1]} .*/\1/p")
	bpftool link detach id "$link"
	before=$(kernel_answers)
	refute xdp_on "$DEV"
	after_packets 1000
	[[ $(kernel_answers) -gt $((before + 900)) ]]
	refute ended "$PID"
	stop
	ping_finish
	[[ $(total TX) -eq $(total RX) && $(total RX) -ge 1000 ]]
	assert_frames_home
	untouched
}

@test "a second instance, on the same queue or another, is refused; the first instance loses no ping" {
	lab --queues 2
	start -d "$DEV" -v
	OURS=$BEFORE
	BEFORE=
	received=$(answers_inside)
	cable=$(lost_by_cable)
	ping_begin -i 0.001
	for queue in 0 1; do
		expect_error 1 "$DEV: an XDP program is attached already: .*" -d "$DEV" -Q $queue
	done
	expect_error_below 1 "$DEV: RX queue 0 has an AF_XDP socket already" -d "$DEV" --force
	after_packets 100
	ping_finish
	wait_for 5 none_lost "$received" "$cable" 0
	refute ended "$PID"
	stop
	assert_frames_home
	BEFORE=$OURS
	untouched
}

# --- refusals of the kernel and the C library -------------------------------

# Print --no-sandbox if the program has this option, because in the sandbox the
# sanitizers cannot report faults and leaks.
unboxed() {
	[[ $("$PROGRAM" --help) != *--no-sandbox* ]] || echo --no-sandbox
}

# Run the program while packets arrive. Print nothing if the program works, or
# ends with an error message. Otherwise print the result.
attempt() { # COMMAND IN FRONT OF THE PROGRAM...
	local found

	found=$(attempt_for 0.02 "$@")
	# On a busy machine 0.02 seconds may be too short for a packet to
	# arrive. If none has arrived, try again for a second.
	[[ $found != "RX 0, TX 0" ]] || found=$(attempt_for 1 "$@")
	echo "$found"
}

attempt_for() { # SECONDS COMMAND IN FRONT OF THE PROGRAM...
	local rc=0 said seconds=$1

	shift
	timeout -k 1 10 "$@" "$PROGRAM" -d "$DEV" -v --duration "$seconds" $UNBOXED \
		>"$OUT" 2>"$ERR" 3>&- || rc=$?
	said=$(<"$ERR")
	case $rc in
	0)
		[[ $said == *"; socket in "* ]] || echo "prints no start line"
		assert_frames_home >/dev/null || echo "frames are missing"
		[[ $(<"$OUT") =~ RX:\ +([0-9,]+)\ .*TX:\ +([0-9,]+)\  ]]
		[[ ${BASH_REMATCH[1]} != 0 && ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" ]] ||
			echo "RX ${BASH_REMATCH[1]}, TX ${BASH_REMATCH[2]}"
		;;
	1) grep -vE '; socket in | frames: [0-9]' "$ERR" | grep -q '^af_xdp_user: ' || echo "prints no reason" ;;
	*) echo "status $rc: $said" ;;
	esac
	wait_for 2 unattached
}

# Set up the lab, with a ping in the background. Check that the program works if
# no call fails.
attempts_begin() {
	lab
	OUT=$BATS_TEST_TMPDIR/out.1
	ERR=$BATS_TEST_TMPDIR/err.1
	UNBOXED=$(unboxed)
	ping_begin -i 0.001
	bad=$(attempt env)
	[[ -z $bad ]]
}

attempts_end() { # NUMBER OF ATTEMPTS
	ping_finish >/dev/null
	echo "$1 attempts${bad:+; wrong results:
$bad}"
	[[ -z $bad && $1 -gt 50 ]]
	untouched
}

# Print the name of each system call from main() to the first wait for a packet,
# and the call's number among the calls of this name since the process started.
# Leave out write(), which prints messages, and the calls that the C library
# expects never to fail.
calls_of_setup() { # OUTPUT OF strace
	awk -F'[(]' '
		{ count[$1]++ }
		/^munmap/ { in_main = 1 }
		/^(p?poll|epoll_p?wait)/ { exit }
		in_main && $1 !~ /^(brk|close|futex|munmap|writev?)$/ { print $1, count[$1] }' "$1"
}

errno_of() { # SYSTEM CALL
	case $1 in
	open* | socket | signalfd* | timerfd_create) echo EMFILE ;;
	read | pread*) echo EIO ;;
	*) echo ENOMEM ;;
	esac
}

@test "whichever system call fails during set-up, the program reports the error or works, and leaves nothing behind" {
	command -v strace >/dev/null || skip "no strace here"
	attempts_begin
	UNBOXED= # test the system calls that set up the sandbox, too
	strace -o "$BATS_TEST_TMPDIR/trace" "$PROGRAM" -d "$DEV" --duration 0.01 >/dev/null 2>&1
	calls=0
	while read -r call nth; do
		calls=$((calls + 1))
		found=$(attempt strace -o /dev/null --inject="$call:error=$(errno_of "$call"):when=$nth")
		bad+=${found:+$call $nth: $found$'\n'}
	done < <(calls_of_setup "$BATS_TEST_TMPDIR/trace")
	attempts_end $calls
}

@test "no file descriptor is left for epoll: the message says that too many files are open" {
	command -v strace >/dev/null || skip "no strace here"
	lab
	run -1 --separate-stderr strace -o /dev/null --inject=epoll_create1:error=EMFILE \
		"$PROGRAM" -d "$DEV" --duration 1
	[[ $stderr == "af_xdp_user: signals, epoll: Too many open files" ]]
	untouched
}

# If an allocation of setlocale() fails, the C library itself leaks 5 bytes.
@test "whichever allocation or library call fails, the program reports the error or works, and leaks no memory" {
	[[ -x $ROOT/build/san/af_xdp_user ]] || skip "build/san/af_xdp_user is not built: make SAN=1"
	PROGRAM=$ROOT/build/san/af_xdp_user
	attempts_begin
	told=$BATS_TEST_TMPDIR/told
	echo 'leak:_nl_normalize_codeset' >"$BATS_TEST_TMPDIR/suppressions"
	for ((calls = 1; ; calls++)); do
		rm -f "$told"
		found=$(attempt env FAULT_CALL=$calls FAULT_FILE="$told" LD_PRELOAD="$FAULTS" \
			ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=1:exitcode=$FOUND \
			LSAN_OPTIONS=print_suppressions=0:suppressions="$BATS_TEST_TMPDIR/suppressions")
		[[ -s $told ]] || break
		bad+=${found:+$calls $(<"$told"): $found$'\n'}
	done
	attempts_end $calls
}

@test "if the n-th allocation and all later ones fail, the program reports the error or works, for every n" {
	attempts_begin
	told=$BATS_TEST_TMPDIR/told
	for ((calls = 1; ; calls++)); do
		rm -f "$told"
		found=$(attempt env FAULT_CALL=$calls FAULT_LASTS=1 FAULT_FILE="$told" LD_PRELOAD="$FAULTS")
		[[ -s $told ]] || break
		bad+=${found:+$calls $(<"$told"): $found$'\n'}
	done
	attempts_end $calls
}

# --- stdout, and the clock --------------------------------------------------

# A terminal may accept only a part of a report. A pipe accepts a report of one
# queue completely or not at all, because the report has fewer than 4,096 bytes.
@test "stdout is a terminal that nobody reads: pings are answered, and SIGTERM still ends the program" {
	lab
	terminal=$(helper terminal)
	"$terminal" >"$BATS_TEST_TMPDIR/name" 3>&- &
	PIDS+=("$!")
	wait_for 3 test -s "$BATS_TEST_TMPDIR/name"
	STDOUT=$(<"$BATS_TEST_TMPDIR/name")
	for try in 1 2 3; do
		start -d "$DEV" --interval 0.001 -v
		[[ $try -gt 1 ]] || sleep 2 # until the terminal is full
		before=$(kernel_answers)
		assert_ping -c 200 -i 0.002 "$HERE"
		[[ $(kernel_answers) -eq $before ]]
		stop TERM
		assert_frames_home
	done
	kill -TERM "${PIDS[0]}"
	wait "${PIDS[0]}" || true
	untouched
}

# Set back the time of day for the program only, because other programs need the
# machine's clock. The trace at the end shows that the program's timers do not
# use CLOCK_REALTIME.
@test "the time of day is set back: reports and --duration stay correct" {
	lab
	WRAP=(env CLOCK_BACK=1 LD_PRELOAD="$FAULTS" ASAN_OPTIONS=verify_asan_link_order=0)
	start -d "$DEV" -v --interval 0.2 --duration 1.1
	ping_begin -f
	finish
	ping_finish
	cat "$OUT"
	[[ $RC -eq 0 ]]
	assert_frames_home
	sed -n 's/^AF_XDP RX:.*period://p' "$OUT" | awk '
		{ n++; sum += $1; if ($1 <= 0 || $1 > 1) bad = 1 }
		END { exit bad || n < 4 || sum < 1 || sum > 5 }'
	command -v strace >/dev/null || return 0
	strace -o "$BATS_TEST_TMPDIR/trace" "$PROGRAM" -d "$DEV" --duration 0.01 >/dev/null 2>&1
	grep timerfd_create "$BATS_TEST_TMPDIR/trace"
	refute grep CLOCK_REALTIME "$BATS_TEST_TMPDIR/trace"
}

# --- descriptors that the kernel finds invalid ------------------------------

@test "lab_end, which runs after each test, fails if a report shows invalid descriptors" {
	lab
	start -d "$DEV"
	stop
	all_valid
	printf '%-12s %11llu pkts %s\n' '  Invalid:' 3 'descriptors that we put into TX' >>"$OUT"
	run -1 lab_end
	[[ $output == *"invalid descriptors"* ]]
	rm "$OUT"
}
