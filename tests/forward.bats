#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test lessons/forward, which forwards packets between two devices, in the lab
# that lessons/lab.sh makes.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file. Variables without quotes hold no blanks.
# shellcheck disable=SC2034,SC2086,SC2153,SC2154

load lib

readonly A=wire-a B=wire-b
readonly INSIDE_A=fc00:dead:beef:1::1 INSIDE_B=fc00:dead:beef:1::2
readonly WIRE_FRAMES=20480 # two sockets' FILL, RX and TX

setup_file() {
	lab_guard
	[[ -x $ROOT/lessons/forward ]] || skip "lessons/forward is not built: make lessons"
}

setup() {
	PROGRAM=${FORWARD:-$ROOT/lessons/forward} PROGRAM_NAME=forward
	lab_begin
}

teardown() {
	local pid

	for pid in "${PIDS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	for pid in "${PIDS[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	wire_remove
	lab_end
}

wire_remove() {
	local name

	for name in $A $B; do
		"$TESTENV" --name $name teardown >/dev/null 2>&1 || true
		ip link del $name 2>/dev/null || true
		ip netns del $name 2>/dev/null || true
	done
}

wire_lab() { # OPTIONS OF setup
	"$ROOT/lessons/lab.sh" setup "$@" >"$BATS_TEST_TMPDIR/setup"
	WIRE_BEFORE=$(wire_look)
}

wire_look() {
	ip -d link show dev $A
	ip -d link show dev $B
	ethtool -k $A
	ethtool -k $B
}

wire_untouched() {
	local now

	now=$(wire_look)
	diff <(echo "$WIRE_BEFORE") <(echo "$now")
	[[ $now != *prog/xdp* ]]
	no_sockets
}

at() { # DEVICE COMMAND...
	ip netns exec "$@"
}

is_ready() {
	grep -q ' frames of .* shared by ' "$ERR" || ended "$PID"
}

wire() { # OPTIONS
	start -v --interval=0.2 -a $A -b $B "$@"
	wait_for 5 is_ready
}

# Ping from one namespace to the other, and check that no ping is lost.
ping_wire() { # DEVICE N ARGS
	local report

	report=$(at_once "$2" 5 at "$1" ping -n -q "${@:3}" 2>&1) || true
	echo "$report"
	[[ $report == *" 0% packet loss"* && $report != *duplicates* && $report != *errors* ]]
}

# Print the number of a device's RX or TX packets in the last report.
of() { # DEVICE RX|TX
	awk -v device="$1" -v what="$2:" '$0 ~ /^wire-/ { here = $0 == device }
		here { sub(/^AF_XDP /, "") } here && $1 == what { n = $2 }
		END { gsub(/,/, "", n); print n + 0 }' "$OUT"
}

# In the last report, find DEVICE's line "Dropped:" or "Answered:" that contains
# CAUSE. Print the number of packets in this line.
lost() { # DEVICE CAUSE
	awk -v device="$1" -v cause="$2" '$0 ~ /^wire-/ { here = $0 == device }
		$0 ~ /^AF_XDP RX:/ && here { n = 0 }
		here && /^ *(Dropped|Answered):/ && index($0, cause) { n = $2; gsub(/,/, "", n) }
		END { print n + 0 }' "$OUT"
}

statistic() { # DEVICE or inside-DEVICE, NAME
	if [[ $1 == inside-* ]]; then
		at "${1#inside-}" cat "/sys/class/net/$PEER/statistics/$2"
	else
		cat "/sys/class/net/$1/statistics/$2"
	fi
}

# Check the counts of frames in the lines that -v prints: no frame may be
# missing, and every frame must be free or in FILL, except that the kernel may
# keep one frame if RX was full (see struct places in common/frames.h).
assert_wire_frames_home() {
	grep ': frames: ' "$ERR"
	refute grep -v ' [01] kernel RX + 0 RX + 0 TX + 0 kernel TX + 0 COMPLETION$' <(grep ': frames: ' "$ERR")
	[[ $(sed -n 's/.*: frames: \([0-9]*\) =.*/\1/p' "$ERR" | awk '{ n += $1 } END { print n }') -eq ${1-$WIRE_FRAMES} ]]
}

# --- forwarding -------------------------------------------------------------

@test "pings pass in both directions while lessons/forward runs, and no ping passes before or after" {
	wire_lab
	refute at $A ping -n -q -c 1 -W 1 $INSIDE_B
	wire
	ping_wire $A 5 $INSIDE_B
	ping_wire $B 4 $INSIDE_A
	stop
	[[ $(of $A RX) -eq 9 && $(of $A TX) -eq 9 && $(of $B RX) -eq 9 && $(of $B TX) -eq 9 ]]
	assert_wire_frames_home
	wire_untouched
	refute at $A ping -n -q -c 1 -W 1 $INSIDE_B
}

stream() { # FROM TO ADDRESS
	local sink

	sink=$(helper tcp_sink)
	rm -f "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/sink"
	at "$2" "$sink" "$BATS_TEST_TMPDIR/got" >"$BATS_TEST_TMPDIR/sink" 3>&- &
	PIDS+=($!)
	wait_for 3 grep -q listens "$BATS_TEST_TMPDIR/sink"
	# shellcheck disable=SC2016
	at "$1" timeout 60 bash -c 'cat "$1" >"/dev/tcp/$2/4242"' - "$BATS_TEST_TMPDIR/sent" "$3"
	wait_for 10 cmp -s "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/got"
}

@test "a file of 20 MB that is sent over TCP arrives unchanged, in both directions" {
	wire_lab
	head -c 20000000 /dev/urandom >"$BATS_TEST_TMPDIR/sent"
	wire
	stream $A $B $INSIDE_B
	stream $B $A $INSIDE_A
	stop
	assert_wire_frames_home
}

@test "pings pass in a VLAN, in both directions" {
	ip link add vlan-try type veth && ip link add link vlan-try name vlan-try.1 type vlan id 1 ||
		{ ip link del vlan-try; skip "this kernel makes no VLAN devices"; }
	ip link del vlan-try
	wire_lab --vlan
	wire
	ping_wire $A 3 fc00:dead:beef:42::2
	ping_wire $B 3 -s 1452 fc00:dead:beef:42::1
	stop
	assert_wire_frames_home
}

# Send a frame from namespace A, and check that the same bytes arrive in
# namespace B.
assert_arrives() { # HEX
	local dump=$BATS_TEST_TMPDIR/dump

	: >"$dump.err"
	at $B tcpdump -n -i $PEER -c 1 -xx ether dst "$(at $B cat /sys/class/net/$PEER/address)" \
		>"$dump" 2>"$dump.err" 3>&- &
	PIDS+=($!)
	wait_for 10 grep -q listening "$dump.err" || {
		cat "$dump.err"
		return 1
	}
	at $A "$RAW" $PEER 100 "$1" >/dev/null || true
	wait_for 5 ended "${PIDS[-1]}"
	sed -n 's/^\t0x[0-9a-f]*: *//p' "$dump" | tr -d ' \n' >"$dump.hex"
	diff "$dump.hex" <(printf %s "$1")
}

@test "frames with VLAN tags, and frames of any protocol, arrive unchanged" {
	command -v tcpdump >/dev/null || skip "no tcpdump here"
	RAW=$(helper raw)
	wire_lab
	wire
	from=$(at $A cat /sys/class/net/$PEER/address | tr -d :)
	to=$(at $B cat /sys/class/net/$PEER/address | tr -d :)
	for tags in "" 81000042 88a80007810000ff; do
		assert_arrives "$(echo_hex "$to" "$from" "$tags" 80 "$(ip_hex 1)" "$(ip_hex 2)")"
	done
	assert_arrives "$to${from}88b5$(printf 'a5%.0s' {1..46})"
	stop
	assert_wire_frames_home
}

@test "packets as large as the MTU pass, even with nearly the largest MTU of native XDP on veth" {
	wire_lab
	wire
	ping_wire $A 3 -M 'do' -s 1452 $INSIDE_B
	stop
	wire_remove
	wire_lab --mtu 3498 # native XDP on veth accepts up to 3,506 on x86-64
	wire
	grep -q 'frames of 4096 bytes' "$ERR"
	ping_wire $A 3 -M 'do' -s 3450 $INSIDE_B
	stop
	assert_wire_frames_home
}

@test "with --all-queues, pings pass in both directions, and four sockets share the frames" {
	wire_lab --queues 2
	wire --all-queues
	ping_wire $A 5 $INSIDE_B
	ping_wire $B 5 $INSIDE_A
	stop
	grep -q 'shared by 4 sockets' "$ERR"
	assert_wire_frames_home 40960
}

@test "lessons/forward works in SKB mode and in native mode" {
	wire_lab
	for mode in -S -N; do
		wire $mode
		ping_wire $A 5 $INSIDE_B
		stop
		assert_wire_frames_home
	done
}

# Preload a library that reports all drivers as unable to redirect.
@test "if native XDP cannot redirect, -N fails, and auto mode reports for each device that it uses SKB mode" {
	wire_lab
	WRAP=(env WEAK=no-redirect "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	expect_error 1 "$A: the native XDP of driver veth cannot redirect packets to a socket" -a $A -b $B -N
	wire
	ping_wire $A 2 $INSIDE_B
	for device in $A $B; do
		grep -qx "forward: $device: .* cannot redirect packets to a socket: SKB mode" "$ERR"
		grep -q "^forward: $device .* in SKB mode; socket in copy mode" "$ERR"
	done
	stop
	wire_untouched
}

@test "with --answer, lessons/forward answers pings to the address of its own device, and forwards all other packets" {
	wire_lab
	wire --answer
	ping_wire $A 5 $INSIDE_B
	ping_wire $A 3 $HERE
	stop
	[[ $(lost $A "echo requests, not forwarded") -eq 3 ]]
	[[ $(of $A RX) -eq 8 && $(of $A TX) -eq 8 && $(of $B TX) -eq 5 ]]
	assert_wire_frames_home
}

@test "without --answer, a ping to the address of lessons/forward's own device is forwarded, and not answered" {
	wire_lab
	wire
	refute at $A ping -n -q -c 2 -i 0.01 -W 1 $HERE
	stop
	[[ $(of $A RX) -eq 2 && $(of $B TX) -eq 2 ]]
	assert_wire_frames_home
}

# --- nothing is lost silently -----------------------------------------------

flood() { # PACKETS [PPS], from inside A
	local generator=$ROOT/build/bench/pktgen

	[[ -x $generator ]] || skip "build/bench/pktgen is not built: make bench-programs"
	at $A "$generator" $PEER "$(at $B cat /sys/class/net/$PEER/address)" $INSIDE_A $INSIDE_B "${2:-0}" "$1" 20 62
}

# Print the counters of the veth devices on the way from namespace A to
# namespace B. If veth's ring has no room for a packet, the sending device
# counts the packet in tx_dropped.
counts_outside() {
	echo "$(statistic inside-$A tx_packets) $(statistic inside-$A tx_dropped)" \
		"$(statistic $A rx_dropped)" \
		"$(statistic $B tx_dropped) $(statistic inside-$B rx_packets)"
}

growth() { # BEFORE AFTER, lists of numbers
	awk -v before="$1" '{ split(before, b); for (i = 1; i <= NF; i++) printf "%d ", $i - b[i] }' <<<"$2"
}

@test "during a flood, each device counts every packet as forwarded or as dropped" {
	wire_lab
	wire
	before=$(counts_outside)
	words=$(flood 100000)
	stop
	read -r sent_a lost_a dropped_a lost_b got_b <<<"$(growth "$before" "$(counts_outside)")"
	echo "$words; inside a sent $sent_a, lost $lost_a; a dropped $dropped_a; RX $(of $A RX)"
	echo "TX $(of $B TX); b lost $lost_b; inside b got $got_b"
	[[ $words == "sent 100000 "* && $((sent_a + lost_a)) -eq 100000 ]]
	[[ $sent_a -eq $(($(of $A RX) + dropped_a)) ]]
	[[ $(of $A RX) -eq $(of $B TX) ]]
	[[ $(of $B TX) -eq $((got_b + lost_b)) ]]
	assert_wire_frames_home
}

@test "while lessons/forward is stopped by SIGSTOP, packets that find no frame are counted as dropped" {
	wire_lab
	wire
	kill -STOP "$PID"
	before=$(statistic inside-$A tx_dropped)
	read -r _ sent _ <<<"$(flood 10000 20000)"
	lost_a=$(($(statistic inside-$A tx_dropped) - before))
	kill -CONT "$PID"
	sleep 0.5
	stop
	tail -n 9 "$OUT"
	echo "sent $sent, the veth pair lost $lost_a"
	[[ $(of $A RX) -eq 4096 && $sent -gt 6000 ]]
	[[ $((4096 + $(lost $A "no frame to receive into") + lost_a)) -eq $sent ]]
	assert_wire_frames_home
}

@test "packets for a device that is down are dropped and counted; packets pass again when the device is up" {
	wire_lab
	wire
	ping_wire $A 2 $INSIDE_B
	ip link set dev $B down
	wait_for 3 grep -q "$B: the device is down" "$ERR"
	refute at $A ping -n -q -c 5 -i 0.01 -W 1 $INSIDE_B
	ip link set dev $B up
	wait_for 3 grep -q "$B: the device is up again" "$ERR"
	wait_for 3 at $A ping -n -q -c 1 -W 1 $INSIDE_B
	ping_wire $A 2 $INSIDE_B
	stop
	[[ $(lost $A "the other device is down") -eq 5 ]]
	assert_wire_frames_home
}

@test "after one device's MTU is lowered, larger packets are dropped and counted" {
	wire_lab
	wire
	ip link set dev $B mtu 1400
	sleep 1 # until the program knows the new MTU
	refute at $A ping -n -q -M 'do' -s 1452 -c 3 -i 0.01 -W 1 $INSIDE_B
	ping_wire $A 2 $INSIDE_B
	stop
	[[ $(lost $A "larger than the other device's MTU") -eq 3 ]]
	assert_wire_frames_home
}

# --- instructions to forward a packet ---------------------------------------

# bench/forward.sh makes lessons/forward find only whole batches, so the number
# of instructions hardly varies. When this test was written, forwarding a packet
# took 45 instructions.
@test "forwarding a packet takes at most 50 user instructions" {
	command -v valgrind >/dev/null || skip "no valgrind here"
	(($(nproc) > 1)) || skip "needs two CPUs: one sends, one forwards"
	run "$ROOT/bench/forward.sh" count 50
	echo "$output"
	[[ $status -eq 0 && $output == "user instructions a packet: "* ]]
}

# --- how lessons/forward ends -----------------------------------------------

@test "a device is deleted: lessons/forward ends with status 1, names the device, and detaches its XDP program from the other device" {
	wire_lab
	wire
	ip link del $B
	finish
	cat "$ERR"
	[[ $RC -eq 1 ]]
	[[ $(grep -c "forward: $B: the device is gone" "$ERR") -eq 1 ]]
	grep -q ': frames: ' "$ERR"
	refute grep -q 'this is a bug' "$ERR"
	refute xdp_on $A
	no_sockets
}

@test "after SIGTERM during a flood no frame is lost, and lessons/forward can start again at once" {
	wire_lab
	wire
	flood 50000 >/dev/null &
	sleep 0.1
	stop
	assert_wire_frames_home
	wire
	stop INT
	wait
	wire_untouched
}

@test "after SIGKILL both devices are as before" {
	wire_lab
	wire
	ping_wire $A 2 $INSIDE_B
	kill -KILL "$PID"
	finish
	wait_for 3 no_sockets
	wait_for 3 wire_untouched
}

# --- reports ----------------------------------------------------------------

@test "--json prints a line for each device, and the frames in these lines add up to all frames of the shared UMEM" {
	command -v jq >/dev/null || skip "no jq here"
	wire_lab
	wire --json --answer
	ping_wire $A 5 $INSIDE_B
	stop
	tail -n 2 "$OUT" | jq -s -e '.[0].device == "wire-a" and .[1].device == "wire-b" and
		.[0].total.rx_packets == 5 and .[1].total.tx_packets == 5 and
		.[0].total.not_forwarded_packets.other_device_down == 0 and
		.[0].total.answered_packets == 0 and
		.[0].total.frames.total + .[1].total.frames.total == 20480 and
		.[1].total.frames.free == 0'
}

@test "--rings shows for each device where the frames are" {
	wire_lab
	wire --rings
	stop
	tail -n 20 "$OUT"
	grep -qE '^ wire-a: [0-9]+ ours, [0-9]+ the kernel.s: 16384 frames$' "$OUT"
	grep -qE '^ wire-b: [0-9]+ ours, [0-9]+ the kernel.s: 4096 frames$' "$OUT"
}

# --- errors -----------------------------------------------------------------

@test "if the limit of locked memory is too low, the error counts the shared UMEM once, on any queue" {
	wire_lab --queues 2
	limited "-l 64" -ipc_lock,-sys_resource
	for sockets in "--queue 0" "--queue 1" --all-queues; do
		kbytes=$((WIRE_FRAMES * 2))
		[[ $sockets != --all-queues ]] || kbytes=$((kbytes * 2))
		# Try for 5 seconds, because the kernel may still have to free
		# the memory of the previous attempt.
		wait_for 5 advises $kbytes -a $A -b $B $sockets
		[[ $output == *"UMEM: $kbytes Kbytes are more memory than "* ]]
	done
	wire_untouched
}

@test "a wrong command line gives exit status 2, a line with the error, and a line about --help" {
	expect_error 2 'which devices\? -b IFNAME is missing' -a $A
	expect_error 2 'which devices\? -a IFNAME is missing' -b $A
	expect_error 2 '--queue and --all-queues exclude each other' -a x -b y -Q 1 --all-queues
	expect_error 2 '--zero-copy needs native XDP, and excludes --skb-mode' -a x -b y -z -S
	expect_error 2 '-A, -N and -S exclude each other' -a x -b y -N -S
	expect_error 2 '--copy and --zero-copy exclude each other' -a x -b y -c -z
	expect_error 2 '--rings and --json exclude each other: JSON always has the rings' -a x -b y --rings --json
	expect_error 2 '--quiet prints no statistics, and excludes --rings and --json' -a x -b y -q --json
	expect_error 2 "--interval: '1s' is not a number of seconds" -a x -b y --interval=1s
	expect_error 2 "'x' is not an option; .*" x
}

@test "--help, --usage and --version print to stdout with status 0" {
	run --separate-stderr "$PROGRAM" --usage
	[[ $status -eq 0 && $output == "Usage: forward "*"[--answer]"*"[--rings]"* && -z $stderr ]]
	run --separate-stderr "$PROGRAM" --help
	[[ $status -eq 0 && $output == *"--answer"*"--rings"* && -z $stderr ]]
	run --separate-stderr "$PROGRAM" --version
	[[ $status -eq 0 && $output == "forward "* && -z $stderr ]]
}

@test "if lessons/forward cannot connect the two devices, it prints an error and advice" {
	wire_lab
	expect_error 1 'none: no such device .*' -a $A -b none
	expect_error 1 'none: no such device .*' -a none -b $B
	expect_error 1 "$A and $A are the same device, but .*" -a $A -b $A
	ip link property add dev $A altname wire-too
	expect_error 1 "$A and wire-too are the same device, but .*" -a $A -b wire-too
	ip link property del dev $A altname wire-too
	expect_error 1 "$A: no RX queue 3: .*" -a $A -b $B -Q 3
	ip link set dev $B down
	expect_error 1 "$B: the device is down" -a $A -b $B
	ip link set dev $B up
	ip link set dev $B mtu 1400
	expect_error 1 "$A has MTU 1500 and $B has MTU 1400: .*" -a $A -b $B
	expect_error 1 "$B has MTU 1400 and $A has MTU 1500: .*" -a $B -b $A
	ip link set dev $B mtu 9000
	expect_error 1 "$B: MTU 9000: packets may be larger than a frame" -a $A -b $B
	ip link set dev $B mtu 1500
	expect_error 1 "$A: no zero-copy with driver veth: .*" -a $A -b $B --zero-copy
	wire_untouched
}

@test "if either device has another XDP program, lessons/forward refuses to start and leaves that program attached" {
	wire_lab
	prog=$(object_pass)
	ip link set dev $B xdp obj "$prog" sec xdp
	expect_error 1 "$B: an XDP program is attached already: .*" -a $A -b $B
	expect_error 1 "$B: an XDP program is attached already: .*" -a $B -b $A
	refute xdp_on $A
	no_sockets
	ip link set dev $B xdp off
	wire_untouched
}

@test "a second start is refused, and the first process continues" {
	wire_lab
	wire
	expect_error 1 "$A: an XDP program is attached already: .*" -a $A -b $B
	ping_wire $A 2 $INSIDE_B
	stop
}

@test "if a queue has a socket already, lessons/forward refuses to start and changes neither device" {
	wire_lab
	wire
	expect_error 1 "$A: RX queue 0 has an AF_XDP socket already" -a $A -b $B -F
	stop
	wire_untouched
}

@test "without rights, lessons/forward names the missing capabilities" {
	wire_lab
	WRAP=(setpriv --reuid=65534 --clear-groups --inh-caps=-all --bounding-set=-all)
	expect_error 1 '.*CAP_NET_RAW.*' -a $A -b $B
	wire_untouched
}

# A preloaded library refuses XDP_SHARED_UMEM, as kernels before 5.10 do for two
# devices.
@test "a kernel that cannot share a UMEM between two devices is reported" {
	wire_lab
	library=$(helper no_sharing -shared -fPIC -ldl)
	WRAP=(env "LD_PRELOAD=$library")
	expect_error 1 "$B: sharing one UMEM with another device or queue: Invalid argument" -a $A -b $B
	wire_untouched
}

@test "lessons/forward reports a stack limit that is too low, as af_xdp_user does" {
	run -1 env -i bash -c 'ulimit -s 16; exec "$@"' limited "$PROGRAM" -a lo -b lo
	[[ ${lines[0]} == "forward: the stack: its limit of 16 Kbytes is too low" ]]
}
