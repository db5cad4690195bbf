#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print the best points of each step, and the hints that were shown.
#
#	exercises/progress.sh [--current]
#
# --current: print only the number of the first step that lacks points.
# .progress has a line "STEP POINTS OF" for each step that was graded.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# Print number, points, and title of each step.
steps() {
	awk -v progress=.progress '
		BEGIN {
			while ((getline line < progress) > 0) {
				split(line, f, " ")
				points[f[1]] = f[2]; of[f[1]] = f[3]
			}
		}
		/^\*\* Step [0-9]+: / {
			step = $3; sub(/:.*/, "", step)
			title = $0; sub(/^[^:]*: /, "", title)
			print step, (step in of) ? points[step] "/" of[step] : "-", title
		}' README.org
}

if [[ ${1-} == --current ]]; then
	steps | awk '{ split($2, p, "/") } p[1] != p[2] || $2 == "-" { print $1; exit }'
	exit
fi

sum=0
while read -r step points title; do
	hints=$(grep -cx "$step" .hints 2>/dev/null)
	printf '%2d  %7s  %-48s%s\n' "$step" "$points" "$title" \
		"$( ((${hints:-0} == 0)) || echo "${hints} hints")"
	[[ $points == - ]] || sum=$((sum + ${points%/*}))
done < <(steps)
echo "    $sum points; next: step $(steps | awk '{ split($2, p, "/") } p[1] != p[2] || $2 == "-" { print $1; found = 1; exit } END { if (!found) print "none" }')"
