#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Grade a step whenever one of the learner's files is saved, and show the first
# mistake that the grader finds. Begin with the first step, or part, that still
# lacks points.
#
#	exercises/watch.sh
#
# Keys: h hint, n next step or part, p previous step or part, g grade again,
# q quit.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

FILES=(headers/*.h af_xdp_user.c af_xdp_kern.c lessons/*.c)
LINES_MAX=23 # lines of text above the line with the keys
mapfile -t STEPS < <(./progress.sh --all) # steps, or their parts

saved() {
	stat --format=%y "${FILES[@]}" 2>/dev/null
}

# Clear the screen and show as much of a text as fits into 80x24 characters.
show() { # TEXT
	[[ ! -t 1 ]] || printf '\e[H\e[2J'
	fold -s -w 80 <<<"$1" | head -n "$LINES_MAX"
	printf 'h hint  n next  p previous  g grade  q quit > '
}

# Print the step's points and its first mistake.
graded() {
	local text

	text=$(NO_COLOR=1 ./grade.sh "$step" 2>&1)
	if [[ $text == *"does not build"* ]]; then
		grep -m 6 -E 'does not build|error' <<<"$text"
		grep -m 4 -E 'error:' build/logs/build
		return
	fi
	sed -n '1p' <<<"$text"
	awk '/^  (FAIL|\?\?\?)/ { on = 1; print; next } on && /^              / { sub(/^            /, ""); print; next } on { exit }' <<<"$text"
	grep -E '^  [0-9]+ of' <<<"$text"
	[[ $text != *FAIL* && $text != *"???"* ]] || return 0
	echo "All points. Press n for the next step or part."
}

current=$(./progress.sh --current)
at=0
for i in "${!STEPS[@]}"; do
	[[ ${STEPS[i]} != "$current" ]] || at=$i
done
seen=
[[ ! -t 1 ]] || printf '\e[?25h'
while :; do
	now=$(saved)
	step=${STEPS[at]}
	if [[ $now != "$seen" ]]; then
		seen=$now
		echo "Step $step: grading ..."
		show "$(graded)"
	fi
	key=
	read -rsn 1 -t 0.5 key || {
		# A status above 128 means a timeout; a lower status means the
		# end of the input.
		(($? > 128)) || exit 0
		continue
	}
	case $key in
	h) show "$(./hint.sh "$step")" ;;
	n)
		((at == ${#STEPS[@]} - 1)) || at=$((at + 1))
		seen=
		;;
	p)
		((at == 0)) || at=$((at - 1))
		seen=
		;;
	g) seen= ;;
	q)
		echo
		exit 0
		;;
	esac
done
