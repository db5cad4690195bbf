#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check two numbers that hardly vary from run to run: the user instructions and
# the system calls per reply, at 20,000 requests a second. Each number is the
# median of three measurements. ROW is a name from rows_define() in lib.bash, by
# default "poll". Exit with status 1 if a number exceeds its limit, INSTRUCTIONS
# or SYSCALLS.
#
#	bench/counts.sh [ROW [INSTRUCTIONS [SYSCALLS]]]

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"
set -- "${@:1:$#-1}"

median_a_reply() { # "COUNT REPLIES"...
	printf '%s\n' "$@" | awk '{ print $2 ? $1 / $2 : "none" }' | sort -g | sed -n 2p
}

held() { # WHAT VALUE LIMIT
	awk -v what="$1" -v value="$2" -v limit="$3" 'BEGIN {
		printf "%s a reply: %.2f, limit %s\n", what, value, limit
		exit !(value > 0 && value <= limit)
	}'
}

row=${1:-poll}
instructions=()
syscalls=()
status=0

lab_make
rows_define
for _ in 1 2 3; do
	count "$row" instructions 2000 10000
	instructions+=("$COUNT $REPLIES")
	row_start "$row" || fail "$row does not start: $(<"$WORK/log")"
	count_syscalls "$row" 10000
	row_stop "$row"
	syscalls+=("$SYSCALLS $REPLIES")
done
held "user instructions" "$(median_a_reply "${instructions[@]}")" "${2:-285}" || status=1
held "system calls" "$(median_a_reply "${syscalls[@]}")" "${3:-1.1}" || status=1
exit "$status"
