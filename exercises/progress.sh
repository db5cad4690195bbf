#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print the best points of each step, and the number of hints that were shown.
#
#	exercises/progress.sh [--current | --all]
#
# --current: print only the number of the first step, or part, that still lacks
# points. --all: print the numbers of all steps, or of their parts, such as 4 or
# 5a. The file ".progress" has a line for each step, or part of a step, that was
# graded: the number, the best points and the possible points.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# Print number, points and title of each step, or of its parts if it has parts.
steps() {
	awk -v progress=.progress '
		BEGIN {
			while ((getline line < progress) > 0) {
				split(line, f, " ")
				points[f[1]] = f[2]; of[f[1]] = f[3]
			}
		}
		function flush() {
			if (step != "")
				print step, (step in of) ? points[step] "/" of[step] : "-", title
			step = ""
		}
		/^\*\* Step [0-9]+: / || /^\*\*\* Part [0-9]+[a-z]: / {
			if ($2 == "Step" || step !~ /^[0-9]+$/)
				flush()
			step = $3; sub(/:.*/, "", step)
			title = $0; sub(/^[^:]*: /, "", title)
		}
		/^\* / { flush() }' README.org
}

# Print the number of the first step, or part, that still lacks points.
current() {
	steps | awk '{ split($2, p, "/") } p[1] != p[2] || $2 == "-" { print $1; exit }'
}

if [[ ${1-} == --current ]]; then
	current
	exit
elif [[ ${1-} == --all ]]; then
	steps | cut -d' ' -f1
	exit
fi

sum=0
while read -r step points title; do
	hints=0
	# The parts of a step share its hints: show the number of hints once.
	[[ $step == *[b-z] ]] || hints=$(grep -cx "${step%[a-z]}" .hints 2>/dev/null)
	printf '%3s %7s  %-48s%s\n' "$step" "$points" "$title" \
		"$( ((${hints:-0} == 0)) || echo "hints: $hints")"
	[[ $points == - ]] || sum=$((sum + ${points%/*}))
done < <(steps)
next=$(current)
next=${next:+next: step $next}
echo "    $sum points; ${next:-each step has all its points}"
