# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print gnuplot's input from the results: for each row a title and a block of
# values. A row without values has an empty title and one point of NaNs, so that
# each row has the same colour in all plots. On awk's command line, put
# median.awk and csv.awk before this file, and the CSV files after it. The
# variable "part" chooses the plot:
#
#	part=curve	rows.csv load.csv
#	part=cdf	rows.csv ping.csv
#	part=latency	rows.csv latency.csv

file == "load" && f[4] == 62 && f[5] == 1 && f[8] > 0 {
	if (!(f[3] in POINT)) {
		POINT[f[3]] = 1
		add("points", f[3] == "max" ? 1e12 : f[3] + 0)
	}
	add(f[2] SUBSEP f[3] SUBSEP "x", f[6] / f[8] / 1000)
	add(f[2] SUBSEP f[3] SUBSEP "y", f[7] / f[8] / 1000)
}

file == "latency" && f[5] > 0 {
	add(f[2] SUBSEP "p50" SUBSEP f[3], f[8])
	add(f[2] SUBSEP "cpu" SUBSEP f[3], (f[6] + f[7]) / f[5])
}

# Add up a row's pings from all rounds, because the row has only one curve.
file == "ping" && f[3] == 1 {
	SUM[f[2]] += f[5]
	tenth = int(f[4] * 10 + 0.5)
	AT[f[2], tenth] += f[5]
	MOST[f[2]] = tenth > MOST[f[2]] ? tenth : MOST[f[2]]
}

function curve(row,    i, p) {
	sort("points")
	for (i = 1; i <= N["points"]; i++) {
		p = V["points", i] == 1e12 ? "max" : V["points", i]
		if (N[row, p, "x"])
			print median(row SUBSEP p SUBSEP "x"), median(row SUBSEP p SUBSEP "y")
	}
}

function cdf(row,    tenth, n) {
	for (tenth = 0; tenth <= MOST[row]; tenth++)
		if ((row, tenth) in AT) {
			n += AT[row, tenth]
			print tenth / 10, 100 * n / SUM[row]
		}
}

# For each load, print the load in thousands of requests a second, the median
# round trip and the CPU time for a reply. Print NaN instead of a CPU time of 0,
# because the scale is logarithmic.
function latency(row,    i, cpu) {
	for (i = 1; i <= LATENCIES; i++) {
		cpu = median(row SUBSEP "cpu" SUBSEP LATENCY[i])
		print LATENCY[i] / 1000, median(row SUBSEP "p50" SUBSEP LATENCY[i]), (cpu > 0 ? cpu : "NaN")
	}
}

END {
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		empty = part == "cdf" ? !SUM[row] : part == "latency" ? \
			!N[row, "p50", 1000] : !N[row, "max", "x"]
		printf "\"%s\"\n", empty ? "" : TITLE[row]
		if (empty)
			print "NaN NaN NaN"
		else if (part == "cdf")
			cdf(row)
		else if (part == "latency")
			latency(row)
		else
			curve(row)
		print "\n"
	}
}
