#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compare native with SKB mode and poll with busy mode in less than a minute, to
# show the lesson's statements on modes. (run.sh measures everything else.)
#
#	bench/modes.sh [ROUNDS]

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"

ROUNDS=3
(($# == 1)) || ROUNDS=$1
PINGS=300

row native-poll 'native, poll' 'process echoes' "./af_xdp_user -q -N -p -d $DEV"
row native-busy 'native, busy' 'process echoes' "./af_xdp_user -q -N -B -d $DEV"
row SKB-poll 'SKB, poll' 'process echoes' "./af_xdp_user -q -S -p -d $DEV"
row SKB-busy 'SKB, busy' 'process echoes' "./af_xdp_user -q -S -B -d $DEV"

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

round_trip_us() {
	inside ping -n -i 0.001 -c "$PINGS" -W 1 "$HERE" |
		sed -n 's/.* time=\([0-9.]*\) ms/\1/p' | median | awk '{ print $1 * 1000 }'
}

# Print a line for each row: its name, round trip, answers a second under full
# load, and microseconds of CPU for an answer at 100,000 packets a second.
measure() { # ROW
	local rtt most

	row_start "$1" || fail "$1 does not start: $(<"$WORK/log")"
	rtt=$(round_trip_us)
	generate "$1" 0 4000000000 0.3 "$SMALLEST"
	most=$(awk -v n="$REPLIES" -v s="$SECONDS_TAKEN" 'BEGIN { print n / s }')
	generate "$1" 100000 4000000000 0.3 "$SMALLEST"
	row_stop "$1"
	echo "$1 $rtt $most $(((USER_US + SYSTEM_US) * 1000 / (REPLIES ? REPLIES : 1)))"
}

column_of() { # ROW COLUMN
	awk -v row="$1" -v column="$2" '$1 == row { print $column }' "$WORK/modes" | median
}

lab_make
for ((round = 0; round < ROUNDS; round++)); do
	for name in "${ROWS[@]}"; do
		measure "$name"
	done
done >"$WORK/modes"

printf '%-14s %12s %16s %18s\n' mode 'round trip' 'answers, at most' 'CPU for an answer'
for name in "${ROWS[@]}"; do
	printf "%-14s %9.0f us %'14.0f/s %15.2f us\n" "${TITLE[$name]}" "$(column_of "$name" 2)" \
		"$(column_of "$name" 3)" "$(awk -v ns="$(column_of "$name" 4)" 'BEGIN { print ns / 1000 }')"
done
