#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# lessons/claims.sh checks claims of README.org by counting events in the
# kernel. Check the numbers that claims.sh prints. vm/guest/claims checks the
# claims that need a zero-copy driver.
#
# bats sets status, output, stderr and stderr_lines.
# shellcheck disable=SC2154

load lib

setup_file() {
	lab_guard
	[[ -x $ROOT/build/bench/ladder/recvfrom && -x $ROOT/build/bench/pktgen ]] ||
		skip "the programs are not built: make bench-programs ladder-programs"
	(($(nproc) > 1)) || skip "needs two CPUs: one sends, one receives"
	mount -t tracefs tracefs /sys/kernel/tracing || skip "tracefs cannot be mounted here"
	umount /sys/kernel/tracing
}

claims() { # COMMAND
	run --separate-stderr "$ROOT/lessons/claims.sh" "$1"
	printf '%s\n' "$output" "$stderr"
	[[ $status -eq 0 && -z $stderr ]]
}

# Print one number of a row that claims.sh has printed. FROM-RIGHT is 1 for the
# last number in the row.
number() { # ROW FROM-RIGHT
	awk -v row="$1" -v n="$2" 'index($0, row " ") == 1 { print $(NF - n + 1) }' <<<"$output"
}

# Check three numbers per packet: the SKBs that the network stack received, the
# allocations in softirq, and the allocations in the receiving process. Allow a
# difference of 0.05, because other work in softirq may allocate memory, too.
assert_a_packet() { # ROW SKBs SOFTIRQ PROCESS
	local i

	for i in 1 2 3; do
		awk -v want="${*:i+1:1}" -v have="$(number "$1" $((4 - i)))" \
			'BEGIN { exit !(have != "" && have > want - 0.05 && have < want + 0.05) }' || {
			echo "$1: wanted ${*:2}"
			return 1
		}
	done
}

@test "allocations: AF_XDP in native mode receives packets without an allocation; SKB mode and other sockets need an SKB per packet" {
	claims allocations
	assert_a_packet "AF_XDP, native mode" 0 0 0
	assert_a_packet "AF_XDP, SKB mode" 1 0 0
	assert_a_packet "UDP" 1 0 0
	assert_a_packet "AF_PACKET" 1 1 0
	assert_a_packet "AF_XDP, with answers" 0 0 2
}

@test "one-cpu: only one CPU at a time processes the packets of a queue, except in SKB mode with RPS" {
	claims one-cpu
	for mode in "native mode" "SKB mode"; do
		[[ $(number "$mode" 1) -eq 0 ]]
		[[ $(($(number "$mode" 4) + $(number "$mode" 3))) -gt 1000 ]]
	done
	[[ $(number "SKB mode, with RPS" 3) -gt 0 && $(number "SKB mode, with RPS" 4) -gt 0 ]]
	[[ $(number "SKB mode, with RPS" 1) -gt 0 ]]
}

@test "claims.sh: an unknown command is an error" {
	run --separate-stderr "$ROOT/lessons/claims.sh" nonsense
	[[ $status -eq 1 && ${stderr_lines[0]} == "claims: nonsense: unknown command" ]]
}
