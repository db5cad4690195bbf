#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Fuzz the functions that read packets. If a packet fails, print how to repeat
# the failure.
#
#	tests/fuzz/run.sh FUZZER [OPTIONS OF libFuzzer]
#
# FUZZER is the path of the fuzz target. In the same directory, seeds/ has the
# packets of tests/fuzz/seeds, and found/ has the packets that earlier runs have
# added. A packet that fails is saved in a file next to FUZZER. Exit status: 0
# if no packet fails, otherwise 1.

set -eu

here=$(dirname "${BASH_SOURCE[0]}")
fuzzer=$1
work=$(dirname "$fuzzer")
shift

# Write the packet in each paragraph of tests/fuzz/seeds to a file of its own in
# $work/seeds.
unpack() {
	local bytes number=0

	rm -rf "$work/seeds"
	mkdir -p "$work/seeds" "$work/found"
	while read -r bytes; do
		number=$((number + 1))
		printf '%b' "$bytes" >"$work/seeds/$number"
	done < <(sed 's/#.*//; s/ //g' "$here/seeds" |
		awk -v RS= '{ gsub(/\n/, ""); gsub(/../, "\\x&"); print }')
	echo "$number seeds"
}

# Print the failure, and the packet that libFuzzer has saved.
tell() {
	local finding

	sed -n '/\(icmp6_echo_reply\|sample_is_wrong\)() returned/,/ERROR: libFuzzer/p
		/ERROR: AddressSanitizer/,/SUMMARY/p
		/runtime error:/p' "$work/log" | head -n 80
	finding=$(sed -n 's/.*Test unit written to //p' "$work/log")
	[[ -n $finding ]] || {
		cat "$work/log"
		exit 1
	}
	printf '\nto repeat the failure: %s %s\nadd the packet to %s:\n\n# \n' \
		"$fuzzer" "$finding" "$here/seeds"
	od -An -v -tx1 "$finding" | sed 's/^ //'
	exit 1
}

# Give the seeds one by one. The order in which a directory lists them differs
# between machines, and libFuzzer's packets depend on this order.
unpack
seeds=("$work"/seeds/*)
"$fuzzer" -max_len=2048 -artifact_prefix="$work/" -print_final_stats=1 "$@" \
	-seed_inputs="$(IFS=, && echo "${seeds[*]}")" "$work/found" >"$work/log" 2>&1 || tell
grep '^Done' "$work/log"
