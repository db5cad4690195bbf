# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Draw a bar for each rung of the ladder. The variable "data" names a file with
# a line "NUMBER TITLE THOUSANDS" for each rung. THOUSANDS is the number of
# replies a second, in thousands. The variable "svg" names the output file.

set terminal svg size 720,360 font "sans-serif,13" background "white" noenhanced
set output svg
set style fill solid 0.8 noborder
set yrange [0.4:*]
set xrange [0:*]
set border 1
set ytics nomirror scale 0
set xtics nomirror
set grid xtics
set xlabel "thousand replies a second, at most (median)"
set key off
plot data using ($3/2):1:($3/2):(0.32):ytic(2) with boxxyerror linecolor rgb "#3b6ea5", \
	data using 3:1:(sprintf(" %d", $3)) with labels left
