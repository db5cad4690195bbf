#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check that output fits into a terminal of 80 columns and 24 lines, and that it
# overwrites the "^C" of Ctrl-C.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

load lib

setup_file() {
	lab_guard
}

setup() {
	lab_begin
	SCREEN=$BATS_TEST_TMPDIR/screen
}

teardown() {
	lab_end
}

# Run the program in a terminal, and type Ctrl-C after SECONDS.
watch() { # SECONDS OPTIONS OF THE PROGRAM
	local seconds=$1

	shift
	{
		sleep "$seconds"
		printf '\003'
		sleep 1
	} | script -qec "stty rows 24 cols 80; exec $PROGRAM -d $DEV ${OPTIONS[*]} $*" \
		/dev/null >"$SCREEN"
	cat -A "$SCREEN"
}

# Check that lines have fewer than 80 columns. A carriage return goes back to
# the first column, so check the text between carriage returns.
assert_narrow() {
	[[ -s $SCREEN ]]
	run awk -F '\r' '{ for (i = 1; i <= NF; i++) if (length($i) > 79) print $i }' "$SCREEN"
	[[ -z $output ]]
}

# Check that "^C" is followed by a carriage return and TEXT.
assert_begins_after_ctrl_c() { # TEXT
	grep -q '\^C' "$SCREEN"
	run awk -v text="$1" 'i = index($0, "^C") { print substr($0, i + 2, length(text) + 1) == "\r" text; exit }' "$SCREEN"
	[[ $output == 1 ]]
}

@test "statistics, start line and hints stay within 80 columns; the last report overwrites ^C" {
	lab --queues 3
	t steer --queue 2 >/dev/null
	ping_begin -i 0.05 -c 40
	watch 1.5 --interval 0.2 -v
	ping_finish
	assert_narrow
	# Check that lines of each kind were printed.
	grep -q 'AF_XDP RX: .* Mbits/s)' "$SCREEN"
	grep -q 'af_xdp_user: veth-t (veth) queue 0: XDP program' "$SCREEN"
	grep -q 'packets came on RX queue 2, which has no socket' "$SCREEN"
	grep -q '^  .*t steer' "$SCREEN"
	refute grep -q 'period:' "$SCREEN"
	assert_begins_after_ctrl_c "AF_XDP RX:"
	untouched
}

@test "messages and lines of --json overwrite ^C" {
	lab
	watch 0.5 --quiet -v
	assert_narrow
	assert_begins_after_ctrl_c "af_xdp_user: frames: "
	watch 0.5 --json
	assert_begins_after_ctrl_c '{"device":'
	untouched
}

@test "--rings with 16 queues fits into 24 lines; if a hint is below the drawing, some queues are omitted" {
	lab --queues 16
	watch 5 --all-queues --rings --interval 0.2
	# Each drawing ends with \033[J; messages may follow it. The start line
	# comes before the first drawing.
	run awk -v RS='\033[[]H' '
		NR > 1 {
			sub(/\033[[]J.*/, "")
			seen[/no packet yet/] = gsub(/\n/, "&") " " (/more queues/ ? 1 : 0)
		}
		END { print seen[0]; print seen[1] }' "$SCREEN"
	echo "$output"
	[[ ${lines[0]} == "23 0" && ${lines[1]} == "23 1" ]]
	untouched
}

# If MALLOC_MMAP_THRESHOLD_ is 1, malloc() calls mmap() for each allocation, and
# realloc() calls mremap().
@test "--rings works in the sandbox even if realloc() calls mremap(), which the sandbox forbids" {
	((${#OPTIONS[@]} == 0)) || skip "a sanitized build has no sandbox"
	lab
	MALLOC_MMAP_THRESHOLD_=1 script -qec \
		"stty rows 24 cols 80; $PROGRAM -d $DEV --rings --interval 0.1 --duration 0.5" \
		/dev/null </dev/null >"$SCREEN"
	[[ $(grep -c 'AF_XDP RX' "$SCREEN") -gt 2 ]]
	untouched
}
