# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Read the CSV files for report.awk, plot.awk and ladder.awk. On awk's command
# line, put this file before them, because their rules use the array "f", which
# the rules of this file fill.

# Split a line into the array "f" of fields. Quoted fields may contain commas.
function csv(line, f,    n, field) {
	delete f
	while (length(line)) {
		if (match(line, /^"[^"]*"/)) {
			field = substr(line, 2, RLENGTH - 2)
		} else {
			match(line, /^[^,]*/)
			field = substr(line, 1, RLENGTH)
		}
		f[++n] = field
		line = substr(line, RLENGTH + 2)
	}
	return n
}

# The loads, in requests a second, under which round trips are measured.
BEGIN {
	LATENCIES = split("1000 5000 20000 100000 300000", LATENCY, " ")
}

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	sub(/\.csv$/, "", file)
	next
}

file == "rows" {
	csv($0, f)
	TITLE[f[1]] = f[2]
	WORDS[f[1]] = " " f[3] " "
	if (f[5] == "")
		ROW[++ROWS] = f[1]
	else
		LEFT_OUT[++LEFT] = f[2] ": " f[5]
	next
}

{ csv($0, f) }
