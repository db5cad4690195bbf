#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test --rings: each report has a drawing, which shows where all frames are.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

load lib

# For each drawing, print a line of seven numbers of frames: FREE FILL RECEIVE
# RX TX TRANSMIT COMPLETION. Fail if their sum is not the number of all frames.
places() { # FILE
	awk -v frames="$FRAMES" '
	/^ \| free  .*receive path/ { fill = $7 }
	/^ \| +[0-9]+ \|==.*\]=>\|/ { free = $2; kernel_rx = $(NF - 1) }
	/ RX \(ours\) / { rx = $5 }
	/^ \| +0 \| +TX .*transmit path/ { tx = $7 }
	/^ \| +\|==.*\]=>\|/ { kernel_tx = $(NF - 1) }
	/ COMPLETION \(ours\) / {
		print free, fill, kernel_rx, rx, tx, kernel_tx, $5
		if (free + fill + kernel_rx + rx + tx + kernel_tx + $5 != frames)
			bad = 1
	}
	END { exit bad || !NR }' "$1"
}

# Check that there are as many drawings as reports, and that each drawing is
# complete.
assert_drawings() {
	local reports drawings

	reports=$(grep -c '^AF_XDP RX:' "$OUT")
	drawings=$(places "$OUT")
	[[ $reports -gt 0 && $(wc -l <<<"$drawings") -eq $reports ]]
	[[ $(grep -c '^ +-*+ *+-*+$' "$OUT") -eq $((2 * reports)) ]]
	refute grep -E 'LOST|TWICE' "$OUT"
}

has_drawn() { # PLACES
	places "$OUT" | grep -qx "$1"
}

@test "without packets, FILL is full and the other rings are empty" {
	lab
	launch -d "$DEV" --rings --interval 0.05 --duration 0.4
	finish
	[[ $RC -eq 0 ]]
	assert_drawings
	[[ $(grep -c '^AF_XDP RX:' "$OUT") -gt 1 ]]
	[[ $(places "$OUT" | sort -u) == "2048 4096 0 0 0 0 0" ]]
	untouched
}

@test "during a flood each drawing shows all frames; in the last drawing all frames are free or in FILL" {
	lab
	for mode in -N -S -B; do
		start -d "$DEV" "$mode" --rings --interval 0.01 -v
		assert_ping -f -c 20000 -l 2000 -W 0.1 "$HERE"
		stop
		assert_totals 20000 20000
		assert_drawings
		[[ $(places "$OUT" | tail -n 1) == "2048 4096 0 0 0 0 0" ]]
		assert_frames_home
		untouched
	done
	# Check that not all drawings are the same.
	[[ $(cat "$BATS_TEST_TMPDIR"/out.* | places /dev/stdin | sort -u | wc -l) -gt 1 ]]
}

@test "after SIGSTOP, FILL becomes empty and RX becomes full; after SIGCONT, all frames are free or in FILL again" {
	lab
	start -d "$DEV" --rxdrop --rings --interval 0.1
	wait_for 5 has_drawn "2048 4096 0 0 0 0 0"
	kill -STOP "$PID"
	run ! ping_inside -q -f -c 4200 -l 4200 -W 0.1 "$HERE"
	kill -CONT "$PID"
	wait_for 5 has_drawn "2048 0 0 4096 0 0 0"
	wait_for 5 grep -q 'FILL ring empty' "$OUT"
	stop
	assert_totals 4096 0
	assert_drawings
	[[ $(places "$OUT" | tail -n 1) == "2048 4096 0 0 0 0 0" ]]
	untouched
}

@test "with several queues, each queue has a line that shows all its frames" {
	lab --queues 3
	start -d "$DEV" --all-queues --rings --interval 0.05
	assert_ping -f -c 5000 -l 500 -W 0.1 "$HERE"
	stop
	assert_totals 5000 5000
	# Columns: queue free bar FILL recv bar RX bar TX send bar COMPLETION
	run awk -v frames="$FRAMES" '
		/^ +[0-9]+ +[0-9]+  [.#]+ *[0-9]/ {
			n[$1]++
			if ($2 + $4 + $5 + $7 + $9 + $10 + $12 != frames) print
		}
		/^AF_XDP/ { reports++ }
		/^ .* frames$/ { totals += $(NF - 1) }
		END { print n[0] - reports, n[1] - reports, n[2] - reports, totals / reports / frames }' "$OUT"
	[[ $output == "0 0 0 3" ]]
	# In the last report, the sum of the "Queue" lines is the number of
	# pings.
	run awk -F '[ :()]+' '/^ +Queue / { rx += $4; tx += $8 } /^AF_XDP/ { rx = tx = 0 } END { print rx, tx }' "$OUT"
	[[ $output == "5000 5000" ]]
	untouched
}

# script(1) records the program's terminal. Drawings and messages go to the same
# terminal, so the last messages must be below the last drawing.
@test "in a terminal each drawing overwrites the previous drawing, and the last messages stay visible" {
	lab
	script -qec "$PROGRAM -d $DEV --rings --interval 0.2 --duration 0.5 -v" \
		/dev/null </dev/null | tr -d '\r' >"$BATS_TEST_TMPDIR/screen"
	run awk -v RS='\033[[]H' '
		NR == 1 { drawn_before = /AF_XDP RX/ }
		NR > 1 {
			draws++
			last = $0
			sub(/.*\033[[]J/, "", last)
			words += last != ""
			sub(/\033[[]J.*/, "\033[J")
			lines[gsub(/\033[[]K\n/, "&")]++
			if (gsub(/\n/, "&") != gsub(/\033[[]K\n/, "&") || !/\033[[]J$/) bad++
			n = split($0, line, /\033[[]K\n/)
			for (i = 1; i <= n; i++) if (length(line[i]) > 79) wide++
		}
		END {
			print (draws > 1), length(lines), bad + 0, wide + 0, drawn_before, words
			printf "%s", last
		}' "$BATS_TEST_TMPDIR/screen"
	echo "$output"
	[[ ${lines[0]} == "1 1 0 0 0 1" ]]
	[[ ${lines[1]} == "af_xdp_user: frames: $FRAMES = "* ]]

	# Hints are printed below each drawing.
	script -qec "$PROGRAM -d $DEV --rings --interval 0.05 --duration 6" \
		/dev/null </dev/null | tr -d '\r' >"$BATS_TEST_TMPDIR/screen"
	run awk -v RS='\033[[]H' '{ hint += /-[+]\033[[]K\n\033[[]K\n[^\n]*: no packet yet/ } END { print (hint > 1) }' \
		"$BATS_TEST_TMPDIR/screen"
	[[ $output == 1 ]]
	untouched
}

@test "--rings cannot be combined with --json or --quiet" {
	expect_error 2 ".*exclude each other.*" -d "$DEV" --rings --json
	expect_error 2 ".*excludes --rings.*" -d "$DEV" --rings --quiet
}
