#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test exercises/museum.sh, the bug museum: the learner sees the symptom of a
# bug, and names its cause. Each bug must cause its symptom, and the program
# without the bug must not show the symptom. museum.sh asks questions, and gives
# hints and points.
#
# bats sets "status" and "output" in a subshell for each test.
# shellcheck disable=SC2030,SC2031,SC2154

load lib

setup_file() {
	lab_guard
	export COPY=$BATS_FILE_TMPDIR/copy
	mkdir "$COPY"
	tar -C "$ROOT" -c --exclude=./exercises/{af_xdp_*,headers,lessons,build,backup*,.hints,.museum} \
		./Makefile ./af_xdp_{user,kern}.c ./common ./headers ./testenv ./exercises ./lessons ./tests/mutants |
		tar -C "$COPY" -x
}

setup() {
	lab_begin
	cd "$COPY/exercises" || return
}

prove() { # NUMBERS
	local n

	for n; do
		run ./museum.sh --prove "$n"
		echo "$output"
		[[ $status -eq 0 ]]
	done
}

@test "the file exercises/bugs has at least twelve bugs, numbered from 1, each with all fields" {
	numbers=$(sed -n 's/^\* \([0-9]*\) .*/\1/p' bugs)
	[[ $numbers == "$(seq "$(wc -l <<<"$numbers")")" && $(wc -l <<<"$numbers") -ge 12 ]]
	while read -r _ n patch scene; do
		[[ -e $ROOT/tests/mutants/$patch.patch ]]
		grep -q "^scene_$scene()" museum.sh
		fields=$(awk -v n="$n" '/^\* / { ours = $2 == n; next } ours { print $1 }' bugs | paste -sd' ')
		[[ $fields == "Report: Shows: Function: Function: Function: Function: Cause: Cause: Cause: Hint: Hint: Symptom: Keep:"* ]]
	done < <(grep '^\* ' bugs)
}

@test "bugs 1 to 4 show their symptoms" {
	prove 1 2 3 4
}

@test "bugs 5 to 8 show their symptoms" {
	prove 5 6 7 8
}

@test "bugs 9 to 12 show their symptoms" {
	prove 9 10 11 12
}

@test "bugs 13 and 14 show their symptoms" {
	prove 13 14
}

# Print the number of the choice TEXT in museum.sh's last output.
choice() { # TEXT
	grep -m 1 -F "  $1" <<<"$output" | awk '{ print $1 }'
}

@test "while museum.sh waits for an answer, the grader can start" {
	rm -f .museum
	mkfifo "$BATS_TEST_TMPDIR/answer"
	exec 7<>"$BATS_TEST_TMPDIR/answer"
	./museum.sh 2 <&7 >"$BATS_TEST_TMPDIR/bug" 2>&1 3>&- 7>&- &
	bug=$!
	wait_for 60 grep -q 'h for a hint' "$BATS_TEST_TMPDIR/bug"
	flock -n build/grading true
	[[ -z $(awk 'length > 79' "$BATS_TEST_TMPDIR/bug") ]]
	exec 7>&-
	kill "$bug"
	wait "$bug" || true
}

@test "a right diagnosis gives five points, one point less for each hint, and no points the second time" {
	rm -f .museum
	run -0 ./museum.sh 2 <<<$'9\n1\n1'
	function=$(choice icmp6_echo_rewrite)
	cause=$(choice "the type changes, but the checksum is not updated")
	rm -f .museum
	run -0 ./museum.sh 2 <<<"$function"$'\n'"$cause"
	echo "$output"
	[[ $output == *"checksum errors: 10"*"Right."*"Right."*"5 of 5 points"* ]]
	[[ $(./museum.sh | sed -n 2p) == *"5/5"* ]]
	rm -f .museum
	run -0 ./museum.sh 2 <<<$'h\nh\nh\n'"$function"$'\n'"$cause"
	[[ $output == *"There are no more hints."*"3 of 5 points"* ]]
	[[ $(cat .museum) == "2 3" ]]
	run -0 ./museum.sh 2 <<<"$function"$'\n'"$cause"
	[[ $(cat .museum) == "2 3" ]]
}

@test "an unknown bug number is an error; museum.sh --table prints a line for each bug" {
	run -2 ./museum.sh 99
	run -0 ./museum.sh --table
	[[ $(grep -cE '^ ?[0-9]+  ' <<<"$output") -eq $(grep -c '^\* ' bugs) ]]
}
