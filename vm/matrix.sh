#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print results of vm/check.sh as a table for doc/drivers.org. Without FILE,
# take the results of the last run.
#
#	vm/matrix.sh [FILE]

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

results=${1-$VM_DIR/matrix.csv}
[[ -e $results ]] || exit 0 # no guest was booted

# Each field of the table has the result, or the reason for a failure. If busy
# mode has another result than poll mode, the field has both results, with busy
# mode's result after "busy:".
awk -F , '
	$1 == "kernel" { next }
	$3 ~ /^(auto|copy|zero-copy|SKB)$/ {
		split($7, n, "/")
		what = $5 == "none" ? $11 : n[1] != n[2] || !n[2] ? $7 " answered" : $8 == "all" ? "yes" : "the kernel answers"
		if ($3 == "auto" && what == "yes")
			what = $5 ", " $6
		row = $1 "," $2
		release[row] = $14
		if (!(row in seen)) { seen[row] = 1; rows[++count] = row }
		field[row, $3, $4] = what
	}
	function cell(row, mode, poll, busy) {
		poll = field[row, mode, "poll"]
		busy = field[row, mode, "busy"]
		return poll == busy ? poll : poll "; busy: " busy
	}
	END {
		print "| kernel | NIC | native, copy | native, zero-copy | SKB | default |"
		print "|-"
		for (i = 1; i <= count; i++) {
			row = rows[i]
			split(row, key, ",")
			if (i > 1 && key[1] != last) print "|-"
			last = key[1]
			printf "| %s | %s | %s | %s | %s | %s |\n", release[row], key[2],
				cell(row, "copy"), cell(row, "zero-copy"), cell(row, "SKB"), cell(row, "auto")
		}
	}' "$results" | column -t -s '|' -o '|' |
	sed -E 's/^ *\|/|/; /^\|-/ { s/ /-/g; s/\|/+/g; s/^\+/|/; s/\+$/|/ }'
