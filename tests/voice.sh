#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make lint: count unclear clauses, and comments that exceed 80 columns.
#
#	tests/voice.sh [--list]        --list: print the clauses and comments
#
# A clause such as "what is sent" or "who has called" is unclear, because it has
# no noun. Questions are allowed. Lines are joined, without comment leaders, so
# that a clause is also found if it spans two lines.

set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."

HEADLESS_LIMIT=2
WIDE_LIMIT=0

headless() {
	awk '
	function flush_file(   at) {
		while (match(text, /[^A-Za-z][Ww]h(at|o|oever) (is|are|was|has|comes|stands)[^A-Za-z]/)) {
			at = RSTART + RLENGTH - 1
			if (substr(text, at) !~ /^[^.:;]*\?/)
				print file ": ..." substr(text, RSTART > 30 ? RSTART - 30 : 1, 80)
			text = substr(text, at)
		}
		text = " "
		file = FILENAME
	}
	FNR == 1 { flush_file() }
	{
		sub(/^[ \t]*(\/\*|\*\/?|\/\/|#+|\.\\")?[ \t]*/, "")
		text = text $0 " "
	}
	END { flush_file() }' "$@"
}

# Print comment lines that exceed 80 columns, but have no URL. A tab is eight
# columns.
wide() {
	local file

	for file; do
		expand "$file" | awk -v file="$file" '
			/^ *(\/\*|\*|\/\/|#)/ && length > 80 && !/https?:/ {
				print file ":" NR ": " length " columns"
			}'
	done
}

judge() { # LIMIT NAME < FINDINGS
	local findings count

	findings=$(cat)
	count=$(grep -c . <<<"$findings" || :)
	if [[ $list == --list ]] || ((count > $1)); then
		echo "$findings"
	fi
	echo "voice: $count $2, at most $1"
	((count <= $1))
}

list=${1-}
status=0
files=$(git ls-files 2>/dev/null || find . -type f -printf '%P\n')
mapfile -t prose < <(grep -vE '^LICENSES/|^bench/results/|^tests/(mutants/|voice\.sh)|\.(csv|svg)$' <<<"$files")
mapfile -t code < <(grep -E '\.(c|h|sh|bash|bats|awk)$|^vm/guest/|^\.ci/run$' <<<"$files")
headless "${prose[@]}" | judge "$HEADLESS_LIMIT" "clauses without a noun (what is, who has ...)" || status=1
wide "${code[@]}" | judge "$WIDE_LIMIT" "comments beyond 80 columns" || status=1
exit "$status"
