# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# gnuplot -e "curve='FILE'; cdf='FILE'; latency='FILE'; results='DIRECTORY'; rows=N" plot.gp
#
# Use colours that everybody can tell apart (Okabe and Ito). No two line styles
# have the same point and dash, for prints without colours.

set terminal svg size 840,520 font "sans-serif,14" background "#ffffff" enhanced
set style line 1 lc rgb "#0072b2" lw 2.5 pt 7 ps 0.6
set style line 2 lc rgb "#d55e00" lw 2.5 pt 5 ps 0.6
set style line 3 lc rgb "#56b4e9" lw 1.5 pt 9 ps 0.6
set style line 4 lc rgb "#000000" lw 1.5 pt 6 ps 0.6
set style line 5 lc rgb "#666666" lw 1.5 pt 4 ps 0.6 dt 2
set style line 6 lc rgb "#009e73" lw 1.5 pt 8 ps 0.6
set style line 7 lc rgb "#cc79a7" lw 1.5 pt 10 ps 0.6
set style line 8 lc rgb "#e69f00" lw 1.5 pt 12 ps 0.6
set style line 9 lc rgb "#0072b2" lw 1.5 pt 8 ps 0.6 dt 3
set style line 10 lc rgb "#d55e00" lw 1.5 pt 10 ps 0.6 dt 3
set style line 11 lc rgb "#009e73" lw 1.5 pt 12 ps 0.6 dt 3
set grid lc rgb "#dddddd"
set border 3
set tics nomirror
set key outside right top Left reverse samplen 2 noenhanced

set output results."/load.svg"
set xlabel "requests offered (thousands a second)"
set ylabel "replies (thousands a second)"
set xrange [0:1600]
set yrange [0:1200]
plot for [i=0:rows-1] curve index i using 1:2 \
	with linespoints ls i+1 title columnheader(1)

set output results."/rtt.svg"
set xlabel "round trip of a ping, 1,000 a second (microseconds)"
set ylabel "pings that took no longer (%)"
set logscale x
set xrange [2:2000]
set yrange [0:100]
plot for [i=0:rows-1] cdf index i using 1:2 \
	with steps ls i+1 title columnheader(1)

set output results."/latency.svg"
set xlabel "requests a second (thousands)"
set ylabel "median round trip (microseconds)"
set logscale y
set xrange [0.8:400]
set yrange [2:1000]
plot for [i=0:rows-1] latency index i using 1:2 \
	with linespoints ls i+1 title columnheader(1)

set output results."/cpu.svg"
set ylabel "CPU time of the process for a reply (microseconds)"
set yrange [1:2000]
plot for [i=0:rows-1] latency index i using 1:3 \
	with linespoints ls i+1 title columnheader(1)
