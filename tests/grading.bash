# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Helpers for tests of the grader: a copy of the exercises, and the fields of a
# grade. Load this file after lib.bash.
#
# lib.bash sets ROOT, and bats sets BATS_FILE_TMPDIR and BATS_TEST_TMPDIR.
# shellcheck disable=SC2034,SC2154

WORK="headers/xsk.h af_xdp_user.c af_xdp_kern.c headers/icmp6_echo.h"
ASIDE="headers/ring.h headers/udp_echo.h" # their solutions are in exercises/solutions
NEXT_LESSONS="lessons/forward.c lessons/jumbo.c lessons/latency.c"

# Run all tests in a copy of the exercises, without the learner's solutions.
setup_file() {
	lab_guard
	export COPY=$BATS_FILE_TMPDIR/copy
	mkdir "$COPY"
	tar -C "$ROOT" -c --exclude=./exercises/{af_xdp_*,headers,lessons,build,backup*,.hints,.progress,.museum} \
		--exclude=./{*/results,*/build} --exclude=./lessons/{forward,jumbo,latency} \
		./Makefile ./af_xdp_{user,kern}.c ./common ./headers ./testenv ./exercises ./bench \
		./lessons ./tests/unit |
		tar -C "$COPY" -x
	make -s -C "$COPY/exercises" >"$BATS_FILE_TMPDIR/make"
}

setup() {
	lab_begin
	cd "$COPY/exercises" || return
	PROGRAM=./af_xdp_user
}

# --- skeletons, solutions and grades ----------------------------------------

skeletons() {
	for file in $WORK $ASIDE $NEXT_LESSONS; do
		cmp -s "build/skeleton/$file" "$file" || cp "build/skeleton/$file" "$file"
	done
}

solutions() {
	for file in $WORK $NEXT_LESSONS; do
		cmp -s "$COPY/$file" "$file" || cp "$COPY/$file" "$file"
	done
	for file in $ASIDE; do
		cmp -s "solutions/$file" "$file" || cp "solutions/$file" "$file"
	done
}

# Add step 9 to af_xdp_user.c, because the lesson's af_xdp_user.c lacks this
# step. Call solutions() before this function.
solution_of_9() {
	patch -s -p1 -F0 --no-backup-if-mismatch <solutions/af_xdp_user.patch
}

# Run the grader, and set JSON to its output. Ignore its exit status.
grade() { # STEPS
	JSON=$(./grade.sh --json "$@" 2>"$BATS_TEST_TMPDIR/grade") || true
	cat "$BATS_TEST_TMPDIR/grade"
	[[ $JSON == "{"*"}" ]]
}

points() { # STEP or all
	if [[ $1 != all ]]; then
		grep -oE "\"step\":$1,\"title\":\"[^\"]*\",\"points\":[0-9]+" <<<"$JSON" | grep -oE '[0-9]+$'
	else
		grep -oE '^\{"points":[0-9]+' <<<"$JSON" | grep -oE '[0-9]+'
	fi
}

of() {
	grep -oE '^\{"points":[0-9]+,"of":[0-9]+' <<<"$JSON" | grep -oE '[0-9]+$'
}

# Print each part's points, in one line.
parts() {
	grep -oE '"part":"[0-9][a-z]","title":"[^"]*","points":[0-9]+,"of":[0-9]+' <<<"$JSON" |
		sed -E 's/.*:"(..)",.*"points":([0-9]+),"of":([0-9]+)/\1 \2\/\3/' | paste -sd' '
}

# Print the names of the checks that did not pass, in one line.
failed() {
	grep -oE '"name":"[a-z_]+"|"result":"(failed|not graded)"' <<<"$JSON" |
		awk -F'"' '$2 == "name" { name = $4 } $2 == "result" { print name }' | paste -sd' '
}

head_of() { # PATCH KEY
	sed -n "s/^$2: //p" "$1"
}
