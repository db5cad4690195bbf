#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Ask what a command of the lesson will print, and then show its transcript.
#
#	exercises/quiz.sh [--answers]
#
# The answers come from the transcripts in ../README.org, which the tests
# reproduce. --answers: print only the answers, each on a line.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

LINES_MAX=14 # show at most this number of lines, from the transcript's end

field() { # N FIELD
	awk -v n="$1" -v name="$2: " '/^\* / { ours = $2 == n }
		ours && index($0, name) == 1 { print substr($0, length(name) + 1); exit }' questions
}

# Print a command and its transcript.
transcript() { # COMMAND
	command=$1 awk '
		/^#\+end_src/ && on { exit }
		$0 == "$ " ENVIRON["command"] { on = 1; print; next }
		/^\$ / && on { exit }
		on' ../README.org
}

answer() { # N
	local pattern line found=

	pattern=$(field "$1" Answer)
	while IFS= read -r line; do
		[[ ! $line =~ $pattern ]] || found=${BASH_REMATCH[1]}
	done < <(transcript "$(field "$1" Command)")
	[[ -n $found ]] && echo "$found"
}

right=0 asked=0
mapfile -t numbers < <(sed -n 's/^\* //p' questions)
for n in "${numbers[@]}"; do
	wanted=$(answer "$n") || {
		echo "quiz: question $n: the lesson has no transcript with its answer" >&2
		exit 1
	}
	if [[ ${1-} == --answers ]]; then
		echo "$wanted"
		continue
	fi
	printf '\n%d. $ %s\n%s\n> ' "$n" "$(field "$n" Command)" "$(field "$n" Ask | fold -s -w 80)"
	read -r given || {
		echo
		break
	}
	asked=$((asked + 1))
	if [[ ${given//[ ,]/} == "$wanted" ]]; then
		right=$((right + 1))
		echo "Right: $wanted."
	else
		echo "No: $wanted."
	fi
	field "$n" Why
	transcript "$(field "$n" Command)" | tail -n "$LINES_MAX" | fold -w 76 | sed 's/^/  | /'
done
[[ ${1-} == --answers ]] || printf '\n%d of %d right\n' "$right" "$asked"
