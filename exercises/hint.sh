#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print the next hint for a step; after the last hint, print all hints.
#
#	exercises/hint.sh STEP
#
# In the file "hints", a line "* STEP" begins a step, and a line "-" begins the
# step's next hint. The file ".hints" has a line "STEP" for each hint that was
# shown.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

step=${1-}
step=${step%[a-z]} # all parts of a step have the same hints
if [[ -z $step ]] || ! grep -qx "\* $step" hints; then
	echo "hint: for which step? The steps are $(sed -n 's/^\* //p' hints | paste -sd' ')." >&2
	exit 2
fi

# Print the step's hints. Begin each line with the number of its hint.
numbered() {
	awk -v step="$step" '
		/^\* / { ours = $2 == step; n = 1; next }
		ours && $0 == "-" { n++; next }
		ours { print n, $0 }' hints
}

show() { # NUMBER
	printf 'Step %s, hint %d of %d\n' "$step" "$1" "$last"
	numbered | sed -n "s/^$1 //p" | fold -s -w 77 | sed 's/^/  /'
}

last=$(numbered | tail -n 1)
last=${last%% *}
shown=$(grep -cx "$step" .hints 2>/dev/null)
if ((${shown:-0} < last)); then
	show $((${shown:-0} + 1))
	echo "$step" >>.hints
else
	for ((i = 1; i <= last; i++)); do
		show "$i"
	done
	echo "There are no more hints. Steps 0 and 9 are solved in exercises/solutions/, all other steps in the project's sources."
fi
