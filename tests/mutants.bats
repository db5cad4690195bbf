#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Give wrong solutions of the exercises, the mutants, to the grader, which must
# detect each mutant and print the reason. This test takes many minutes, so make
# check does not run it.
#
# This shellcheck warning is off because bats, lib.bash and grading.bash set
# some variables of this file.
# shellcheck disable=SC2154

load lib
load grading

# Grade this worker's share of the mutants in a copy of the exercises. Print
# each mutant whose failed checks or reasons are not those in the patch's head.
mutants_grade() { # WORKER NUMBER-OF-WORKERS
	local patch what turn=0

	cp -a "$COPY" "$BATS_TEST_TMPDIR/copy.$1"
	COPY=$BATS_TEST_TMPDIR/copy.$1
	BATS_TEST_TMPDIR=$COPY
	cd "$COPY/exercises" || return
	for patch in "$ROOT"/tests/mutants/*.patch; do
		(($1 == turn++ % $2)) || continue
		solutions
		read -ra steps < <(head_of "$patch" Steps)
		[[ " ${steps[*]} " != *" 9 "* ]] || solution_of_9
		patch -s -p1 -F0 --no-backup-if-mismatch <"$patch" || {
			echo "$patch no longer applies"
			continue
		}
		grade "${steps[@]}" >/dev/null
		what=$(failed)
		# The field Fails is a pattern, because some mutants do not fail
		# the same checks in every run.
		# shellcheck disable=SC2053
		[[ $what == $(head_of "$patch" Fails) ]] &&
			grep -qE "$(head_of "$patch" Says)" <<<"$JSON" ||
			printf '%s: failed: %s\n%s\n' "${patch##*/}" "$what" "$JSON"
	done
}

# Run one worker for each processor, because this is the longest test.
@test "each wrong solution loses the right points, and the grader prints the reason" {
	workers=()
	for ((i = 0; i < $(nproc); i++)); do
		mutants_grade "$i" "$(nproc)" >"$BATS_TEST_TMPDIR/wrong.$i" 2>&1 3>&- &
		workers+=($!)
	done
	for worker in "${workers[@]}"; do
		wait "$worker"
	done
	cat "$BATS_TEST_TMPDIR"/wrong.*
	[[ $(printf '%s\n' "$ROOT"/tests/mutants/*.patch | wc -l) -ge 80 ]]
	[[ -z $(cat "$BATS_TEST_TMPDIR"/wrong.*) ]]
}
