#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print the nanoseconds that an answer takes in each part of the code. A part is
# a group of functions: see part() below. Sample the program's CPU with perf,
# and count each sample for the innermost part in its call chain.
#
#	bench/profile.sh [SECONDS]
#
# Poll mode and the plain loop are measured in turn, in overload and with 1,000
# pings a second. Poll mode is also measured while the other end of the veth
# pair receives in a thread of its own (threaded NAPI) instead of within the
# call that sends. Busy mode and XDP_TX are measured only in overload. The
# user-space time of a spinning program is omitted, because most of it is
# waiting. The line "thousand answers a second" of the first table is the rate
# in overload; XDP_TX has only this line.

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"
set -- "${@:1:$#-1}"

HZ=4993 # a multiple of 1,000 would sample all pings at the same point
SECONDS_EACH=${1:-6}
ROUNDS=3

# For each sample, "perf script" writes a line with the process's name, then the
# functions from the innermost to the outermost, then an empty line.
# shellcheck disable=SC2016 # awk expands it
PARTS='
	function part(chain) {
		if (chain ~ / net_rx_action /) return "the other end receives"
		if (chain ~ / (__dev_direct_xmit|veth_xmit) /) return "transmit function of veth"
		if (chain ~ / xsk_generic_xmit | __xsk_generic_xmit /) return "copy into an skb, completion"
		if (chain ~ / (schedule|__schedule) /) return "fall asleep, wake up"
		if (chain ~ / (__seccomp_filter|__secure_computing|seccomp_run_filters|bpf_prog_[0-9a-f]*) /) return "sandbox"
		if (chain ~ / (do_epoll|ep_|__ep_)[a-z_]* /) return "check for signals, timer, device"
		if (chain ~ / (do_syscall_64|entry_SYSCALL_64[a-z_]*) /) return "rest of the system calls"
		if (chain ~ / (asm_|sysvec_|irq)/) return ""
		return spins ? "" : "user space"
	}
	NF == 1 && $1 !~ /^[0-9a-f]+$/ || /^[^ \t]/ { chain = " "; next }
	NF == 0 { if (chain != "") N[part(chain)]++; chain = ""; next }
	{ sub(/\+0x[0-9a-f]+$/, "", $2); chain = chain $2 " " }
	END { for (p in N) if (p != "") printf "%s\t%s\t%d\n", row, p, N[p] * 1e9 / hz / answers }
'

perf_begin() {
	perf record -q -F "$HZ" -e cpu-clock -C "$PROGRAM_CPU" -g -o "$WORK/perf" \
		sleep "$SECONDS_EACH" >/dev/null 2>&1 &
	PERF=$!
}

perf_finish() { # ROW ANSWERS
	wait "$PERF"
	has "$1" process || return 0
	perf script -i "$WORK/perf" --pid "$PID" -F comm,ip,sym 2>/dev/null |
		awk -v row="$1" -v hz="$HZ" -v answers="$2" -v spins="$(has "$1" sleeps || echo 1)" "$PARTS"
}

overload() { # ROW
	perf_begin
	generate "$1" 0 4000000000 "$SECONDS_EACH" "$SMALLEST"
	perf_finish "$1" "$REPLIES"
	printf '%s\t%s\t%s\n' "$1" "thousand answers a second" \
		"$(awk -v n="$REPLIES" -v s="$SECONDS_TAKEN" 'BEGIN { printf "%.0f", n / s / 1000 }')"
}

# Use "ip netns exec", because it mounts the namespace's own /sys.
# shellcheck disable=SC2016 # the inner shell expands it
far_end_threaded() { # 0|1
	ip netns exec "$DEV" bash -c 'echo "$1" >"/sys/class/net/$2/threaded"' - \
		"$1" "$PEER" || fail "the other end has no threaded NAPI"
}

pings() { # ROW
	perf_begin
	inside build/bench/rtt 1 "$((SECONDS_EACH * 1000))" "$DEV" "$HERE" >"$WORK/rtt"
	perf_finish "$1" "$(wc -l <"$WORK/rtt")"
}

# Print the medians of the rounds: a line for each part, a column for each row.
table() { # TITLE FILE ROW...
	printf '%-36s' "$1"
	shift
	printf '%14s' "${@:2}"
	echo
	awk -F '\t' -v rows="${*:2}" "$(<"$ROOT/bench/median.awk")"'
		{ add($1 SUBSEP $2, $3); if (!SEEN[$2]++) PART[++PARTS] = $2 }
		END {
			n = split(rows, row, " ")
			for (p = 1; p <= PARTS; p++) {
				printf "%-36s", PART[p]
				for (i = 1; i <= n; i++) {
					k = row[i] SUBSEP PART[p]
					printf "%14s", N[k] ? median(k) : "-"
				}
				print ""
			}
		}' "$1"
}

command -v perf >/dev/null || fail "perf is needed: apt-get install linux-perf"
lab_make
rows_define
row threaded 'af_xdp_user, other end threaded' 'process echoes sleeps' "${COMMAND[poll]}"
for what in overload pings; do
	ROWS=(poll threaded plain) # busy mode never sleeps between pings
	[[ $what != overload ]] || ROWS=(poll threaded busy plain xdp-tx)
	for ((round = 0; round < ROUNDS; round++)); do
		for name in "${ROWS[@]}"; do
			far_end_threaded "$([[ $name == threaded ]] && echo 1 || echo 0)"
			row_start "$name" || fail "$name does not start: $(<"$WORK/log")"
			"$what" "$name"
			row_stop "$name"
		done
	done >"$WORK/$what"
	table "$what, ns per answer" "$WORK/$what" "${ROWS[@]}"
	echo
done
