#!/usr/bin/gnuplot -c
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Draw the last histograms that "lessons/latency --json" has printed into FILE:
#
#	lessons/latency.gp FILE >latency.svg

if (ARGC != 1) {
	print "usage: lessons/latency.gp FILE >latency.svg"
	exit status 2
}

# Print the upper end of each bucket in microseconds, and the percentage of
# answers that took at most this time.
stage(name) = sprintf("< awk -v name='\"%s\"' '\
	/^{\"latency\"/ { line = $0 } \
	END { \
		line = substr(line, index(line, name)); \
		line = substr(line, index(line, \"[[\") + 2); \
		line = substr(line, 1, index(line, \"]]\") - 1); \
		n = split(line, bucket, /\\],\\[/); \
		for (i = 1; i <= n; i++) { split(bucket[i], b, \",\"); all += b[3] } \
		for (i = 1; i <= n; i++) { \
			split(bucket[i], b, \",\"); sum += b[3]; \
			print b[2] / 1000, 100 * sum / all \
		} \
	}' '%s'", name, ARG1)

set terminal svg size 840,520 font "sans-serif,14" background "#ffffff"
set grid lc rgb "#dddddd"
set border 3
set tics nomirror
set key bottom right Left reverse samplen 2
set xlabel "microseconds"
set ylabel "answers that took no longer (%)"
set logscale x
set yrange [0:100]
plot stage("xdp_to_user") with steps lc rgb "#0072b2" lw 2 title "XDP to user space", \
	stage("in_user") with steps lc rgb "#d55e00" lw 2 title "in user space", \
	stage("tx_to_sent") with steps lc rgb "#56b4e9" lw 2 title "TX to sent", \
	stage("all") with steps lc rgb "#000000" lw 2 title "all three"
