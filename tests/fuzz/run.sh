#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Fuzz the packet rewriting, and print how to repeat a finding.
#
#	tests/fuzz/run.sh FUZZER [OPTIONS OF libFuzzer]
#
# FUZZER is the program. In its directory, seeds/ has the packets of
# tests/fuzz/seeds, and found/ has the packets that earlier runs have added.
# Findings are written into this directory, too. Exit status: 0 if nothing was
# found, otherwise 1.

set -eu

here=$(dirname "${BASH_SOURCE[0]}")
fuzzer=$1
work=$(dirname "$fuzzer")
shift

# Write one file for each paragraph of the seeds.
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

# Print a finding. libFuzzer has saved the packet at which it stopped.
tell() {
	local finding

	sed -n '/icmp6_echo_reply() returned/,/ERROR: libFuzzer/p
		/ERROR: AddressSanitizer/,/SUMMARY/p
		/runtime error:/p' "$work/log" | head -n 80
	finding=$(sed -n 's/.*Test unit written to //p' "$work/log")
	[[ -n $finding ]] || {
		cat "$work/log"
		exit 1
	}
	printf '\nfound; to repeat it: %s %s\nto be added to %s:\n\n# \n' \
		"$fuzzer" "$finding" "$here/seeds"
	od -An -v -tx1 "$finding" | sed 's/^ //'
	exit 1
}

unpack
"$fuzzer" -max_len=2048 -artifact_prefix="$work/" -print_final_stats=1 "$@" \
	"$work/found" "$work/seeds" >"$work/log" 2>&1 || tell
grep '^Done' "$work/log"
