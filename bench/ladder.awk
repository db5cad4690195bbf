# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print the ladder's table from ladder-rungs.csv and ladder.csv, or, if "part"
# is "picture", the data of the ladder's picture. Put this file after median.awk
# and csv.awk on awk's command line. For each turn, divide a rung's rate by the
# rate of the rung BASE. Print the median, the smallest and the largest of these
# ratios.

BEGIN {
	BASE = "xdp-native"
	split("1000 20000 100000", LOAD, " ")
}

file == "ladder-rungs" {
	RUNG[++RUNGS] = f[1]
	TITLE[f[1]] = f[2]
	LINES[f[1]] = f[3] + 0
	CALLS[f[1]] = f[4] / f[5]
}

file == "ladder" && f[3] == "max" {
	if (f[1] > TURNS)
		TURNS = f[1]
	RATE[f[1], f[2]] = f[5] / f[6]
	add("rate" f[2], f[5] / f[6])
}

file == "ladder" && f[3] != "max" {
	add("p50" f[2] f[3], f[9])
	add("p99" f[2] f[3], f[10])
	add("p999" f[2] f[3], f[11])
	add("cpu" f[2] f[3], (f[7] + f[8]) / (f[5] ? f[5] : 1))
}

function ratio(rung,    turn) {
	for (turn = 1; turn <= TURNS; turn++)
		if (RATE[turn, BASE])
			add("ratio" rung, RATE[turn, rung] / RATE[turn, BASE])
	return sprintf("%.2f (%.2f to %.2f)", median("ratio" rung), \
		least("ratio" rung), most("ratio" rung))
}

function trip(rung, load) {
	return sprintf("%.1f / %.1f / %.1f", median("p50" rung load), \
		median("p99" rung load), median("p999" rung load))
}

END {
	if (part == "picture") {
		for (i = 1; i <= RUNGS; i++)
			printf "%d \"%s\" %.0f\n", i, TITLE[RUNG[i]], \
				median("rate" RUNG[i]) / 1000
		exit
	}
	print "| | thousand replies/s, at most | relative to AF_XDP, native mode | CPU us per reply at 100,000/s | system calls per reply | round trip at 1,000/s | at 20,000/s | at 100,000/s | lines |"
	print "|-"
	for (i = 1; i <= RUNGS; i++) {
		r = RUNG[i]
		printf "| %s | %.0f | %s | %.2f | %.2f | %s | %s | %s | %s |\n", \
			TITLE[r], median("rate" r) / 1000, ratio(r), \
			median("cpu" r LOAD[3]), CALLS[r], trip(r, LOAD[1]), \
			trip(r, LOAD[2]), trip(r, LOAD[3]), LINES[r] ? LINES[r] : "-"
	}
}
