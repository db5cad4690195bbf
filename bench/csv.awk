# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Shared by report.awk and plot.awk: reading the results, and medians.

# Split a line into the fields f; quoted fields may contain commas.
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

function add(key, value) {
	V[key, ++N[key]] = value + 0
}

# Sort the values of a key.
function sort(key,    i, j, v) {
	for (i = 2; i <= N[key]; i++) {
		v = V[key, i]
		for (j = i - 1; j && V[key, j] > v; j--)
			V[key, j + 1] = V[key, j]
		V[key, j + 1] = v
	}
}

function median(key,    n) {
	n = N[key]
	if (!n)
		return ""
	sort(key)
	return n % 2 ? V[key, (n + 1) / 2] : (V[key, n / 2] + V[key, n / 2 + 1]) / 2
}

function least(key) {
	sort(key)
	return N[key] ? V[key, 1] : ""
}

function most(key) {
	sort(key)
	return N[key] ? V[key, N[key]] : ""
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
