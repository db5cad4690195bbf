#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compare lessons/forward with other ways to forward packets, in the lab of
# lessons/lab.sh. Measure each way once in each turn, and print a table with a
# row for each way. With "count", only count the user instructions of
# lessons/forward per packet, and exit with status 1 if there are more than
# INSTRUCTIONS.
#
#	bench/forward.sh [TURNS]
#	bench/forward.sh count [INSTRUCTIONS]
#
# The generator sends echo requests from the network namespace wire-a, and the
# kernel answers in the namespace wire-b. So each counted reply means two
# forwarded packets, the request and the reply.

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"
set -- "${@:1:$#-1}"

readonly A=wire-a B=wire-b
ROWS=(forward plain redirect bridge)
declare -A TITLE=(
	[forward]='lessons/forward'
	[plain]='the plain loop'
	[redirect]='XDP_REDIRECT'
	[bridge]="the kernel's bridge"
)

wire_make() {
	cd "$ROOT" || exit
	mkdir -p "$WORK"
	lessons/lab.sh setup >"$WORK/setup" 2>&1 || fail "no lab: $(<"$WORK/setup")"
	MAC=$(lessons/lab.sh exec b cat "/sys/class/net/$PEER/address")
}

wire_attached() {
	grep -q ' shared by ' "$WORK/log" || ! alive
}

# Empty the log first. Otherwise, on a busy machine, wire_attached() could find
# the line of the previous run before the background shell empties the log.
forward_on() { # COMMAND THAT RUNS IT...
	: >"$WORK/log"
	taskset -c "$PROGRAM_CPU" "$@" lessons/forward -q --no-sandbox -a $A -b $B \
		>"$WORK/out" 2>"$WORK/log" &
	PID=$!
	wait_for 30 wire_attached
	alive || fail "lessons/forward does not start: $(<"$WORK/log")"
}

forward_off() {
	kill -TERM "$PID"
	wait "$PID" || fail "lessons/forward: $(<"$WORK/log")"
	PID=0
	wait_for 3 no_sockets
}

plain_attached() {
	[[ $(ip link show dev $A) == *prog/xdp* && $(ip link show dev $B) == *prog/xdp* ]] ||
		! alive
}

# Wait until both XDP programs are attached, and then a moment longer, because
# plain_forward still has to put a socket into the second program's map.
plain_try() {
	taskset -c "$PROGRAM_CPU" build/bench/plain_forward $A $B >"$WORK/out" 2>"$WORK/log" &
	PID=$!
	wait_for 30 plain_attached
	sleep 0.1
	alive
}

# Try three times, because the kernel frees a queue some time after its last
# socket was closed.
plain_on() {
	for _ in 1 2 3; do
		plain_try && return
		sleep 0.2
	done
	fail "plain_forward does not start: $(<"$WORK/log")"
}

plain_off() {
	kill -KILL "$PID"
	{ wait "$PID"; } 2>/dev/null
	PID=0
	wait_for 3 no_sockets
}

# Load and attach the XDP program that forwards packets from DEVICE to OTHER.
redirect_from() { # DEVICE OTHER
	local pin=/sys/fs/bpf/$1 index

	index=$(<"/sys/class/net/$2/ifindex")
	bpftool prog loadall build/bench/redirect_kern.o "$pin" type xdp pinmaps "$pin" &&
		bpftool map update pinned "$pin/other" key 0 0 0 0 \
			value "$((index & 255))" "$((index >> 8))" 0 0 &&
		bpftool net attach xdpdrv pinned "$pin/redirect" dev "$1"
}

# Attach an XDP program to the other end of DEVICE's veth pair. That end is in
# the network namespace that is also named DEVICE. veth delivers redirected
# packets only to an end that has NAPI, and the XDP program enables NAPI.
far_on() { # DEVICE
	nsenter --net="/run/netns/$1" bpftool net attach xdpdrv \
		pinned /sys/fs/bpf/far/pass dev "$PEER"
}

far_off() { # DEVICE
	nsenter --net="/run/netns/$1" bpftool net detach xdpdrv dev "$PEER"
}

redirect_on() {
	if ! redirect_from $A $B || ! redirect_from $B $A ||
		! bpftool prog loadall build/bench/responder_kern.o /sys/fs/bpf/far ||
		! far_on $B; then
		fail "no XDP_REDIRECT"
	fi
}

redirect_off() {
	bpftool net detach xdpdrv dev $A
	bpftool net detach xdpdrv dev $B
	far_off $B
	rm -r /sys/fs/bpf/$A /sys/fs/bpf/$B /sys/fs/bpf/far
}

bridge_on() {
	ip link add wire-bridge type bridge
	ip link set dev $A master wire-bridge
	ip link set dev $B master wire-bridge
	ip link set dev wire-bridge up
}

bridge_off() {
	ip link del wire-bridge
}

# Send echo requests to wire-b. Set SENT, REPLIES and so on from the generator's
# output.
send() { # PPS PACKETS SECONDS
	local words

	words=$(ip netns exec $A taskset -c "$GENERATOR_CPU" build/bench/pktgen -p "$PID" \
		"$PEER" "$MAC" fc00:dead:beef:1::1 fc00:dead:beef:1::2 "$@" "$SMALLEST") ||
		fail "the generator: $words"
	read -r _ SENT _ REPLIES _ SECONDS_TAKEN _ USER_US _ SYSTEM_US _ <<<"$words"
}

# --- instructions -----------------------------------------------------------

# Print the number of packets that lessons/forward has sent on wire-b. Include
# the packets that wire-b dropped because the kernel's backlog was full, as it
# may be on a busy machine.
forwarded() {
	cat "/sys/class/net/$B"/statistics/tx_{packets,dropped} | awk '{ n += $1 } END { print n }'
}

# Print the number of packets that veth dropped before lessons/forward received
# them, because veth's queue was full.
lost_in_cable() {
	ip netns exec $A cat "/sys/class/net/$PEER/statistics/tx_dropped"
}

all_forwarded() { # PACKETS BEFORE
	(($(forwarded) - $2 >= $1))
}

# Count the user instructions of lessons/forward for PACKETS packets. Pause
# lessons/forward while the packets arrive, so that it then finds whole batches.
# Otherwise the size of a batch would depend on the load of the machine. No
# device has the packets' destination MAC address, so nothing answers them.
collect() { # PACKETS
	local before lost MAC=02:00:00:00:00:99

	forward_on valgrind --tool=callgrind --callgrind-out-file=/dev/null
	before=$(forwarded)
	lost=$(lost_in_cable)
	kill -STOP "$PID"
	send "$COUNT_PPS" "$1" 10
	SENT=$((SENT - $(lost_in_cable) + lost))
	kill -CONT "$PID"
	wait_for 20 all_forwarded "$SENT" "$before" || fail "lessons/forward has not forwarded all packets"
	forward_off
	COUNT=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$WORK/log")
	[[ $COUNT ]] || fail "valgrind has counted nothing: $(<"$WORK/log")"
}

# Print the user instructions per packet. Subtract the count of a short run
# from the count of a long run, to exclude the start-up.
instructions_a_packet() {
	local count sent

	collect 1000
	count=$COUNT sent=$SENT
	collect 4000
	awk -v n=$((COUNT - count)) -v r=$((SENT - sent)) 'BEGIN { print (r ? n / r : "none") }'
}

# Check the median of three measurements against the limit.
count_all() { # LIMIT
	local value

	value=$(for _ in 1 2 3; do instructions_a_packet; done | sort -g | sed -n 2p)
	awk -v value="$value" -v limit="$1" 'BEGIN {
		printf "user instructions a packet: %.2f, limit %s\n", value, limit
		exit !(value > 0 && value <= limit)
	}'
}

# --- the table --------------------------------------------------------------

# Print the median, the smallest and the largest of the numbers on stdin.
spread() {
	awk "$(<"$ROOT/bench/median.awk")"'
		{ add("all", $1) }
		END { print median("all"), least("all"), most("all") }'
}

# Print the median round trip of 300 pings, in us. XDP_REDIRECT needs an XDP
# program inside wire-a. The generator attaches one itself, but for ping attach
# one here.
ping_us() { # ROW
	[[ $1 != redirect ]] || far_on $A
	ip netns exec $A taskset -c "$GENERATOR_CPU" \
		ping -n -i 0.001 -c 300 -W 1 fc00:dead:beef:1::2 |
		sed -n 's/.* time=\([0-9.]*\) ms/\1/p' | spread | awk '{ print $1 * 1000 }'
	[[ $1 != redirect ]] || far_off $A
}

# Print five values: turn, row, the highest number of packets a second, CPU time
# per packet in ns, and round trip in us. CPU time is measured at 50,000
# requests a second. It is 0 for rows that forward in the kernel, because they
# have no process.
measure() { # TURN ROW
	local most cpu rtt

	"$2_on"
	rtt=$(ping_us "$2")
	send 0 4000000000 0.3
	most=$(awk -v n="$REPLIES" -v s="$SECONDS_TAKEN" 'BEGIN { print 2 * n / s }')
	send 50000 4000000000 0.3
	cpu=$(((USER_US + SYSTEM_US) * 1000 / (REPLIES ? 2 * REPLIES : 1)))
	echo "$1 $2 $most $cpu $rtt"
	"$2_off"
}

column_of() { # ROW COLUMN
	awk -v row="$1" -v column="$2" '$2 == row { print $column }' "$WORK/table" |
		spread | cut -d' ' -f1
}

# Divide a row's packets a second by those of lessons/forward in the same turn.
# Print the median of these ratios over the turns, and in parentheses the
# smallest and the largest ratio.
ratio_of() { # ROW
	awk -v row="$1" '$2 == "forward" { first[$1] = $3 } $2 == row { this[$1] = $3 }
		END { for (turn in this) print this[turn] / first[turn] }' "$WORK/table" |
		spread | awk '{ printf "%.2f (%.2f to %.2f)\n", $1, $2, $3 }'
}

# Measure each row once in each turn. Each turn begins with the second row of
# the turn before.
turns() { # NUMBER
	local turn i

	for ((turn = 0; turn < $1; turn++)); do
		for ((i = 0; i < ${#ROWS[@]}; i++)); do
			measure "$turn" "${ROWS[(turn + i) % ${#ROWS[@]}]}"
		done
	done
}

table() { # TURNS
	local name

	turns "$1" >"$WORK/table"
	printf '| %-19s | %15s | %20s | %14s | %8s |\n' 'forwarded by' \
		'packets/s, most' 'of lessons/forward' 'CPU, ns/packet' 'ping, us'
	for name in "${ROWS[@]}"; do
		printf '| %-19s | %15.0f | %20s | %14.0f | %8.0f |\n' "${TITLE[$name]}" \
			"$(column_of "$name" 3)" "$(ratio_of "$name")" \
			"$(column_of "$name" 4)" "$(column_of "$name" 5)"
	done
}

wire_make
if [[ ${1-} == count ]]; then
	count_all "${2:-200}"
else
	table "${1:-11}"
fi
