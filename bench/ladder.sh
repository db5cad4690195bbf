#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Measure how fast pings are answered in ten ways: by packet sockets, AF_XDP,
# BPF programs and the kernel itself. Each way is a rung of the ladder. Write
# each value into a CSV file. From these values, make the table of
# bench/ladder/README.org and the picture ladder.svg.
#
#	bench/ladder.sh [--turns N]
#
# Each turn measures each rung once, in random order, so that slow phases of the
# machine affect all rungs about equally often. Results of fewer than 11 turns
# are too inexact to publish, so they go into build/bench/ladder-try.

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"

TURNS=11
[[ $1 != --turns ]] || TURNS=$2

LOADS=(1000 20000 100000)
SECONDS_LOAD=0.3
ALL=4000000000
PAGE=$ROOT/bench/ladder/README.org
RESULTS=$ROOT/bench/results

# Add a rung to the ladder: add its row, and record the source files whose lines
# are counted.
declare -A SOURCES
rung() { # NAME TITLE WORDS "SOURCES" COMMAND...
	row "$1" "$2" "$3" "${@:5}"
	SOURCES[$1]=$4
}

rungs_define() {
	local packet=build/bench/ladder ours='headers/xsk.h af_xdp_user.c'

	rung recvfrom 'AF_PACKET, recv() and send()' 'process echoes socket' \
		bench/ladder/recvfrom.c "$packet/recvfrom $DEV"
	rung recvmmsg 'AF_PACKET, recvmmsg()' 'process echoes socket' \
		bench/ladder/recvmmsg.c "$packet/recvmmsg $DEV"
	rung tpacket 'AF_PACKET, TPACKET_V3' 'process echoes socket' \
		bench/ladder/tpacket.c "$packet/tpacket $DEV"
	rung uring 'AF_PACKET, io_uring' 'process echoes socket' \
		bench/ladder/uring.c "$packet/uring $DEV"
	rung xdp-skb 'AF_XDP, SKB mode' 'process echoes' \
		"$ours" "./af_xdp_user -q -S -d $DEV"
	rung xdp-native 'AF_XDP, native mode' 'process echoes' \
		"$ours" "./af_xdp_user -q -N -d $DEV"
	rung xdp-busy 'AF_XDP, busy polling' 'process echoes' \
		"$ours" "./af_xdp_user -q -N -B -d $DEV"
	rung kernel "the kernel's own responder" 'echoes' '' ''
	rung tc "BPF at tc's ingress" 'echoes tc' bench/ladder/tc_kern.c ''
	rung xdp-tx 'BPF in the driver, XDP_TX' 'echoes xdp' bench/responder_kern.c ''
}

put() { # RUNG LOAD
	echo "$TURN,$1,$2,$SENT,$REPLIES,$SECONDS_TAKEN,$USER_US,$SYSTEM_US,$P50_US,$P99_US,$P999_US" \
		>>"$RESULTS/ladder.csv"
}

# Measure a rung at each load and at full rate. XDP_TX needs an XDP program at
# the other end of the veth pair; the generator attaches one.
measure() { # RUNG
	local load

	row_start "$1" || fail "$1 does not start: $(<"$WORK/log")"
	for load in "${LOADS[@]}"; do
		generate "$1" "$load" "$ALL" "$SECONDS_LOAD" "$STAMPED" -l
		put "$1" "$load"
	done
	generate "$1" 0 "$ALL" "$SECONDS_LOAD" "$SMALLEST"
	put "$1" max
	row_stop "$1"
}

# Write a rung's line of ladder-rungs.csv. Count system calls in only one run,
# because their number hardly varies.
describe() { # RUNG
	local lines=0 file

	for file in ${SOURCES[$1]}; do
		lines=$((lines + $(wc -l <"$file")))
	done
	SYSCALLS=0 REPLIES=1
	if has "$1" process; then
		row_start "$1" || fail "$1 does not start: $(<"$WORK/log")"
		count_syscalls "$1" 10000
		row_stop "$1"
	fi
	echo "$1,\"${TITLE[$1]}\",$lines,$SYSCALLS,$REPLIES" >>"$RESULTS/ladder-rungs.csv"
}

page_write() {
	local awk=(awk -f bench/median.awk -f bench/csv.awk -f bench/ladder.awk)
	local data=("$RESULTS/ladder-rungs.csv" "$RESULTS/ladder.csv")

	"${awk[@]}" "${data[@]}" >"$WORK/table" || exit
	awk -v table="$WORK/table" '
		/^# END table/ { skip = 0 }
		!skip { print }
		/^# BEGIN table/ {
			skip = 1
			while ((getline line < table) > 0) print line
		}' "$PAGE" >"$WORK/page" && cat "$WORK/page" >"$PAGE"
	"${awk[@]}" -v part=picture "${data[@]}" >"$WORK/picture"
	gnuplot -e "data='$WORK/picture'; svg='$RESULTS/ladder.svg'" bench/ladder.gp
}

lab_make
rungs_define
if ((TURNS < 11)); then
	RESULTS=$ROOT/build/bench/ladder-try
	mkdir -p "$RESULTS" && cp "$PAGE" "$RESULTS" && PAGE=$RESULTS/README.org
fi
echo 'rung,title,lines,syscalls,reply_packets' >"$RESULTS/ladder-rungs.csv"
echo 'turn,rung,offered_pps,sent_packets,reply_packets,time_s,user_us,system_us,p50_us,p99_us,p999_us' \
	>"$RESULTS/ladder.csv"
for name in "${ROWS[@]}"; do
	describe "$name"
done
for ((TURN = 1; TURN <= TURNS; TURN++)); do
	echo "turn $TURN of $TURNS"
	for name in $(shuf -e -- "${ROWS[@]}"); do
		measure "$name"
	done
done
page_write
chown -R --reference="$ROOT" "$RESULTS" "$PAGE"
echo "written: ${PAGE#"$ROOT"/}, ${RESULTS#"$ROOT"/}/ladder.*"
