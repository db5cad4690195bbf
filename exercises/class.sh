#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Make a CSV table of a class's grades. Each FILE is the output of grade.sh
# --json for one learner.
#
#	exercises/class.sh FILE.json... >class.csv
#
# A line has the file's name without .json, the total points, the possible
# points ("of"), and the points of each step, or of each part of a step, such as
# step_3a. "build" is 1 if the code did not build; "not_graded" is the number of
# points that could not be graded.

set -u

(($#)) || {
	echo "class: no file is named: exercises/class.sh FILE.json..." >&2
	exit 2
}

# Print the number and the points of each step, or of each of its parts.
steps() { # < JSON
	grep -oE '"step":[0-9]+,"title":"([^"\\]|\\.)*","points":[0-9]+,"of":[0-9]+,("parts":\[\]|"checks")|"part":"[0-9]+[a-z]","title":"([^"\\]|\\.)*","points":[0-9]+' |
		sed -E 's/^"(step|part)":"?([0-9]+[a-z]?).*"points":([0-9]+).*/\2 \3/'
}

# Print the number after each occurrence of "KEY": in the JSON.
numbers() { # KEY < JSON
	grep -oE "\"$1\":[0-9]+" | cut -d: -f2
}

csv() { # NAME
	local quoted=${1//\"/\"\"}

	printf '"%s"' "$quoted"
}

status=0 header=
for file; do
	json=$(<"$file")
	[[ $json == '{"points":'*'"steps":['*']}' ]] || {
		echo "class: $file: not the output of grade.sh --json" >&2
		status=1
		continue
	}
	columns=name,points,of,not_graded,build points=
	while read -r step n; do
		columns+=",step_$step"
		points+=",$n"
	done < <(steps <<<"$json")
	# All lines share one header, so all files must be grades of the same
	# steps.
	if [[ -z $header ]]; then
		header=$columns
		echo "$header"
	elif [[ $columns != "$header" ]]; then
		echo "class: $file: its steps differ from those of the first file" >&2
		status=1
		continue
	fi
	name=${file##*/}
	csv "${name%.json}"
	printf ',%s,%s,%s,%d' "$(numbers points <<<"$json" | head -n 1)" \
		"$(numbers of <<<"$json" | head -n 1)" \
		"$(numbers not_graded <<<"$json" | head -n 1)" \
		"$([[ $json == *'"build_error":""'* ]]; echo $?)"
	echo "$points"
done
exit "$status"
