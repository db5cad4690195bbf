#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compare native mode with SKB mode, and poll mode with busy mode, in about a
# minute, to check the lesson's statements about modes.
#
#	bench/modes.sh [ROUNDS]
#
# Each round measures each combination of modes once, in random order. The speed
# of a virtual machine varies, so native mode and SKB mode are also compared
# within each round. If each of the two is faster in some rounds, their
# difference is too small to be measured here.

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"
set -- "${@:1:$#-1}"

ROUNDS=${1:-9}
PINGS=300
SECONDS_LOAD=0.3
ALL=4000000000

row native-poll 'native, poll' 'process echoes' "./af_xdp_user -q -N -p -d $DEV"
row native-busy 'native, busy' 'process echoes' "./af_xdp_user -q -N -B -d $DEV"
row SKB-poll 'SKB, poll' 'process echoes' "./af_xdp_user -q -S -p -d $DEV"
row SKB-busy 'SKB, busy' 'process echoes' "./af_xdp_user -q -S -B -d $DEV"

# Print a line "ROUND ROW NAME VALUE".
put() { # ROW NAME VALUE
	echo "$round $*"
}

pings() { # ROW
	inside build/bench/rtt 1 "$PINGS" "$DEV" "$HERE" |
		awk -v prefix="$round $1" '{ print prefix, "trip", $2 / 1000 }'
}

measure() { # ROW
	row_start "$1" || fail "$1 does not start: $(<"$WORK/log")"
	pings "$1"
	generate "$1" 0 "$ALL" "$SECONDS_LOAD" "$SMALLEST"
	put "$1" rate "$(awk -v n="$REPLIES" -v s="$SECONDS_TAKEN" 'BEGIN { print n / s }')"
	generate "$1" 100000 "$ALL" "$SECONDS_LOAD" "$SMALLEST"
	((!REPLIES)) || put "$1" cpu "$(awk -v us="$((USER_US + SYSTEM_US))" \
		-v n="$REPLIES" 'BEGIN { print us / n }')"
	row_stop "$1"
}

# shellcheck disable=SC2016 # awk expands it
REPORT='
	{ add($2 " " $3, $4) }
	$3 == "rate" { RATE[$1, $2] = $4; ROUNDS = $1 }

	# Compare the reply rates of two modes, round by round.
	function compare(one, other, title,    i, k) {
		k = one " to " other
		for (i = 1; i <= ROUNDS; i++)
			if (RATE[i, other])
				add(k, RATE[i, one] / RATE[i, other])
		printf "%s: %.2f times the answers (from %.2f to %.2f)\n", title, \
			median(k), least(k), most(k)
		if (least(k) < 1 && most(k) > 1)
			print "  Each mode was faster in some rounds: this run does not show which mode is faster."
	}

	END {
		printf "%-14s %12s %16s %18s\n", "mode", "round trip", \
			"answers, at most", "CPU for an answer"
		n = split(rows, row, "|")
		for (i = 1; i <= n; i++) {
			split(row[i], r, "=")
			printf "%-14s %9.0f us %14s/s %15.2f us\n", r[2], \
				median(r[1] " trip"), thousands(median(r[1] " rate")), \
				median(r[1] " cpu")
		}
		print ""
		compare("native-poll", "SKB-poll", "native to SKB mode, poll")
		compare("native-busy", "SKB-busy", "native to SKB mode, busy")
	}

	# Return a number with commas between the thousands.
	function thousands(n,    s) {
		n = sprintf("%.0f", n)
		while (length(n) > 3) {
			s = "," substr(n, length(n) - 2) s
			n = substr(n, 1, length(n) - 3)
		}
		return n s
	}
'

report() {
	local name rows

	for name in "${ROWS[@]}"; do
		rows+="${rows:+|}$name=${TITLE[$name]}"
	done
	awk -v rows="$rows" "$(<"$ROOT/bench/median.awk")$REPORT" "$WORK/modes"
}

lab_make
for ((round = 1; round <= ROUNDS; round++)); do
	for name in $(shuf -e -- "${ROWS[@]}"); do
		measure "$name"
	done
done >"$WORK/modes"
report
