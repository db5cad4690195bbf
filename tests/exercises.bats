#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the exercises: their skeletons, the steps to solve them, and the points
# that the grader gives.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

load lib
load grading

# --- skeletons, hints and links ---------------------------------------------

@test "fresh skeletons build without a warning, with cc and with clang" {
	for cc in "$CC" "$CLANG"; do
		skeletons
		run -0 make -s -C "$COPY/exercises" build watched probe models CC="$cc"
		echo "$output"
		[[ $output != *warning* && $output != *error* ]]
	done
}

@test "no solution is left in a skeleton" {
	for file in $WORK $ASIDE $NEXT_LESSONS; do
		source=$ROOT/$file
		[[ -e $source ]] || source=$ROOT/exercises/solutions/$file
		# Collect the lines of code in the source that have more than 40
		# characters and occur only between an EXERCISE marker and its
		# END marker.
		awk '/\/\* END \*\// { inside = 0 }
			inside && length($0) > 40 && !/^\t*\/?\*/ { solution[$0] }
			!inside { other[$0] }
			/\/\* EXERCISE / { inside = 1 }
			END { for (line in solution) if (!(line in other)) print line }' \
			"$source" >"$BATS_TEST_TMPDIR/solution"
		[[ -s $BATS_TEST_TMPDIR/solution ]]
		refute grep -nFxf "$BATS_TEST_TMPDIR/solution" "build/skeleton/$file"
		refute grep -nE '/\* (END|EXERCISE [0-9]+: [a-z_]+) \*/' "build/skeleton/$file"
	done
}

@test "cut.awk fails if an exercise has no stub, a stub has no exercise, or an exercise has no END marker" {
	mkdir -p "$BATS_TEST_TMPDIR"/{headers,lessons}
	for change in 's/EXERCISE 5: tx_kick/EXERCISE 5: other/' \
		's/.*EXERCISE 5: tx_kick.*//' '/sendto/,/END/s/.*END.*//'; do
		sed "$change" ../headers/xsk.h >"$BATS_TEST_TMPDIR/headers/xsk.h"
		run ! awk -f cut.awk -v out="$BATS_TEST_TMPDIR" stubs \
			"$BATS_TEST_TMPDIR/headers/xsk.h" ../af_xdp_user.c ../af_xdp_kern.c ../headers/icmp6_echo.h \
			../lessons/{forward,jumbo,latency}.c solutions/headers/{ring,udp_echo}.h
		echo "$output"
	done
}

@test "make never overwrites the learner's files; make reset keeps them as a backup" {
	skeletons
	echo "/* mine */" >>af_xdp_kern.c
	make -s work
	[[ $(tail -n 1 af_xdp_kern.c) == "/* mine */" ]]
	make -s reset
	cmp af_xdp_kern.c build/skeleton/af_xdp_kern.c
	[[ $(tail -n 1 backup.1/af_xdp_kern.c) == "/* mine */" ]]
}

@test "each run of make hint prints the next hint; after the last hint, make hint prints all hints" {
	rm -f .hints
	for n in 1 2 3; do
		run -0 make -s hint 5
		[[ ${lines[0]} == "Step 5, hint $n of 3" ]]
		[[ $(grep -c '^Step' <<<"$output") -eq 1 ]]
	done
	run -0 make -s hint 5
	[[ $(grep -c '^Step' <<<"$output") -eq 3 ]]
	run -0 make -s hint 2
	[[ ${lines[0]} == "Step 2, hint 1 of 3" ]]
	run ! make -s hint 99
	# With -C, make 4.3 prints a line about the directory before it reads
	# the Makefile. If another make has started this make, the line is
	# printed without -C, too.
	unset MAKELEVEL MAKEFLAGS
	rm -f .hints
	run -0 make hint 2
	[[ ${lines[0]} == "Step 2, hint 1 of 3" && $output != *directory* ]]
	cd / || return
	run -0 "$COPY/exercises/hint.sh" 2
	[[ ${lines[0]} == "Step 2, hint 2 of 3" ]]
	[[ $(make --version) =~ ^"GNU Make 4."([4-9]|[1-9][0-9]) ]] || return 0
	run -0 make -C "$COPY/exercises" hint 2
	[[ $output != *directory* ]]
}

@test "each step has a section in exercises/README.org, and three hints" {
	while read -r step; do
		grep -q "^\*\* Step $step: " README.org
		awk -v step="$step" '/^\* / { ours = $2 == step; n += ours }
			ours && $0 == "-" { n++ } END { exit n != 3 }' hints
	done < <(sed -nE 's/^(TITLE=\(|\t)\[([0-9]+)\]=.*/\2/p' grade.sh)
}

@test "links between the exercises and the lessons lead to existing headings" {
	links=0
	while IFS=: read -r from file heading; do
		heading=${heading#:\*}
		grep -qE "^\*+ $heading\$" "$ROOT/exercises/$(dirname "$from")/$file" || {
			echo "$from: no heading '$heading' in $file"
			false
		}
		links=$((links + 1))
	done < <(cd "$ROOT/exercises" && grep -oHE '\[\[file:[^]]*::\*[^]]*' README.org ../lessons/*.org |
		sed 's/\[\[file://')
	[[ $links -ge 20 ]]
}

@test "if a lesson has an exercise, the lesson's text links to the exercise before it links to the solution" {
	while read -r name step; do
		text=$ROOT/lessons/$name.org
		exercise=$(grep -nbo "exercises/README.org::\*Step $step: " "$text" | head -n 1 | cut -d: -f2)
		solution=$(grep -nbo "file:$name\.c\]" "$text" | head -n 1 | cut -d: -f2)
		[[ -n $exercise && -n $solution && $exercise -lt $solution ]]
		sed -n '/^\* An exercise/,/^\* Remove/p' "$text" | grep -q "::\*Step $step: "
	done < <(sed -nE 's,^\t\[([0-9]+)\]=.*\(lessons/([a-z]+)\).*,\2 \1,p' grade.sh)
}

# --- the lesson, word for word ----------------------------------------------

@test "in exercises/, the commands of each assignment have the results that the lesson shows" {
	skeletons
	make -s
	[[ $(../testenv/testenv.sh alias) == "alias t="* ]]
	DEV=veth-adv03
	t setup --name "$DEV"
	start -d "$DEV"
	run -1 at_once 4 1 t ping
	[[ $output == *"4 packets transmitted, 0 received"* ]]
	stop
	assert_totals 4 0
	# A report has three lines: RX, TX, and an empty line.
	[[ $(grep -cvE '^(AF_XDP RX|       TX):|^$' "$OUT") -eq 0 ]]

	cp "$COPY/af_xdp_kern.c" .
	make -s
	start -d "$DEV" --filename af_xdp_kern.o
	at_once 8 1 t ping >"$BATS_TEST_TMPDIR/ping" || true
	stop
	[[ $(sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/ping" | paste -sd' ') == "2 4 6 8" ]]
	assert_totals 4 0

	solutions
	make -s
	start -d "$DEV"
	run -0 at_once 6 1 t ping
	[[ $output == *"6 packets transmitted, 6 received"* ]]
	stop
	assert_totals 6 6
}

# --- the grader -------------------------------------------------------------

@test "the skeletons get the points of assignment 1, and no other points" {
	skeletons
	grade
	[[ $(points all) -eq 10 ]]
	[[ $(points 1) -eq 10 ]]
	[[ $(of) -eq 130 ]]
}

@test "the solutions get all points" {
	solutions
	solution_of_9
	run -0 ./grade.sh
	echo "$output"
	[[ $output == *"Total: 130 of 130 points" ]]
	# The output is not a terminal, so there must be no colours.
	[[ $output != *$'\e'* ]]
}

@test "steps 10 to 12: skeletons get no points, and each solution gets all points, even if the files of other steps do not build" {
	skeletons
	grade 10 11 12
	[[ $(points all) -eq 0 && $(of) -eq 30 && $(failed) == "wire_joins"*"jumbo_answers"*"times_all"* ]]
	# No skeleton loses a frame.
	refute grep -l 'accounted for' build/logs/1[0-2].err
	[[ $(cat build/logs/1[0-2].err | grep -c ': frames: ') -eq 4 ]]
	solutions
	# The files of other steps do not matter, even if they do not build.
	echo "no C" >af_xdp_user.c
	for step in 10 11 12; do
		grade $step
		echo "$JSON"
		[[ $(points all) -eq 10 && $(of) -eq 10 ]]
	done
}

@test "step 11: if the kernel is too old for lessons/jumbo, the step is not graded" {
	solutions
	make -s models
	# Replace lessons/jumbo by a script that prints an error, as
	# lessons/jumbo does on an old kernel.
	printf '#!/bin/sh\necho "jumbo: this kernel has none" >&2\necho "  lessons/jumbo needs Linux 6.6 or newer" >&2\nexit 1\n' >build/next/lessons/jumbo
	touch -d tomorrow build/next/lessons/jumbo
	grade 11
	rm build/next/lessons/jumbo
	echo "$JSON"
	[[ $(points all) -eq 0 && $JSON == *'"not_graded":10,'*"this kernel has none;lessons/jumbo needs Linux 6.6 or newer"* ]]
}

@test "each solved assignment gets its points" {
	skeletons
	cp "$COPY/af_xdp_kern.c" .
	grade 2 5
	[[ $(points all) -eq 20 ]]
	cp "$COPY/headers/icmp6_echo.h" headers
	grade 3 4
	[[ $(points all) -eq 35 ]]
}

@test "each part of steps 3 and 5 has its own points" {
	solutions
	# A parser without checks passes only part 3a, because all packets of
	# this part are complete requests.
	sed -i '/EXERCISE 3: parse/,/END/ {
		/> data_end)$/ { N; d }; /e->version/ { N; d }
		/e->next_header/,/OTHER;/d; /len < ICMP6/,/TRUNCATED;/d
		/e->type/ { N; d }; /unanswerable/ { N; d } }' headers/icmp6_echo.h
	grade 3
	echo "$JSON"
	[[ $(parts) == "3a 8/8 3b 0/6 3c 0/6" && $(points all) -eq 8 ]]
	# If a later part is graded alone, the message names the part whose
	# check must pass first.
	skeletons
	grade 3c
	[[ $(parts) == "3c 0/6" && $JSON == *"not tried: the step's first check has not passed, in part 3a"* ]]
	grade 3 # its parts together have the points of the whole step
	[[ $(of) -eq 20 && $(parts) == "3a 0/8 3b 0/6 3c 0/6" ]]

	solutions
	# This solution takes no frame from COMPLETION, and its tx_kick() does
	# nothing.
	for name in completion_reclaim tx_kick; do
		sed -i "/EXERCISE 5: $name/,/END/ { /EXERCISE/b; /END/b; d }" headers/xsk.h
	done
	grade 5
	echo "$JSON"
	[[ $(parts) == "5a 6/6 5b 5/8 5c 2/6" ]]
	cp "$COPY/headers/xsk.h" headers
	sed -i '/EXERCISE 5: tx_kick/,/END/ { /EXERCISE/b; /END/b; d }' headers/xsk.h
	grade 5b 5c
	echo "$JSON"
	[[ $(parts) == "5b 8/8 5c 4/6" && $(failed) == kicks ]]
	run -2 ./grade.sh 3d
	[[ $output == *"no step '3d'"*"3a 3b 3c 5a 5b 5c"* ]]
}

@test "without root, checks that need no root are graded, and the others are reported as not graded" {
	solutions
	make -s build probe
	chmod -R a+rX "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
	chown -R nobody .
	JSON=$(setpriv --reuid=65534 --clear-groups ./grade.sh --json 0 1 3 4) || true
	chown -R "$(id -u)" .
	[[ $(points 0) -eq 10 && $(points 1) -eq 0 && $(points 3) -eq 20 && $(points 4) -eq 15 ]]
	[[ $JSON == *'"result":"not graded","message":"not graded: needs root'* ]]
}

@test "code that does not build gets no points, and its first error is printed" {
	skeletons
	sed -i 's/return XDP_PASS/return XDP_PAS/' af_xdp_kern.c
	grade 1 3
	[[ $(points all) -eq 0 ]]
	[[ $JSON == *'"build_error":"af_xdp_kern.c:'*"XDP_PAS"* ]]
}

@test "the grader's report fits into 24 lines of 80 columns; this report, progress.sh and watch.sh show the part that failed" {
	solutions
	rm -f .progress .hints
	patch -s -p1 -F0 --no-backup-if-mismatch <"$ROOT/tests/mutants/frees-in-tx.patch"
	run -1 ./grade.sh
	echo "$output"
	[[ ${#lines[@]} -le 23 ]]
	[[ $(awk 'length > 80' <<<"$output") == "" ]]
	[[ $output == *"5  FAIL  17/20   send the reply, and get the frame back: a 6/6, b 5/8, c 6/6"* ]]
	[[ $output == *'Step 5b, check "at every moment each frame is in exactly one place":'*"two places"* ]]
	run -0 ./progress.sh
	echo "$output"
	[[ $output == *"1   10/10  eat all packets"*"5a     6/6  send a reply"*"5b     5/8"*"next: step 5b"* ]]
	run -0 ./watch.sh <<<h
	echo "$output"
	[[ $output == *"Step 5b: grading"* && $output == *FAIL*"two places"*"hint 1 of 3"* ]]
}

@test "a second grader waits for the first one; --times counts the failures of each check" {
	solutions
	./grade.sh --json 3 4 >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
	first=$!
	sleep 0.2
	run -0 --separate-stderr ./grade.sh --json 3 4
	wait "$first"
	JSON=$output
	[[ $(points all) -eq 35 ]]
	JSON=$(tail -n 1 "$BATS_TEST_TMPDIR/first")
	[[ $(points all) -eq 35 ]]
	[[ $stderr$(cat "$BATS_TEST_TMPDIR/first") == *"another grader, or a museum bug, runs in this directory"* ]]
	patch -s -p1 -F0 --no-backup-if-mismatch <"$ROOT/tests/mutants/hop-limit-kept.patch"
	run -1 ./grade.sh --times 2 4
	echo "$output"
	[[ $output == *"1 of 2: 13 of 15 points"*"hoplimit failed 2 times"*"hop limit"* ]]
}

@test "the quiz takes its answers from the lesson's transcripts" {
	mkdir "$BATS_TEST_TMPDIR/exercises"
	cp quiz.sh questions "$BATS_TEST_TMPDIR/exercises"
	cp "$ROOT/README.org" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	run -0 exercises/quiz.sh --answers
	[[ ${lines[*]} == "4 0 4 8 4 2048 0 0" ]]
	run -0 exercises/quiz.sh <<<"${output/2048/2,048}"
	[[ $output == *"8 of 8 right" && $output != *"No:"* ]]
	run -0 exercises/quiz.sh <<<7
	[[ $output == *"No: 4."*"0 of 1 right" ]]
	sed -i 's/4 received/3 received/; s/RX:             4 pkts/RX:             5 pkts/' README.org
	run -0 exercises/quiz.sh --answers
	[[ ${lines[0]} == 5 ]]
	sed -i '/--rxdrop$/d' README.org
	run -1 exercises/quiz.sh --answers
	[[ $output == *"no transcript with its answer"* ]]
}

@test "class.sh makes CSV from the JSON of grades" {
	cd "$BATS_TEST_TMPDIR"
	step='"step":1,"title":"a, b","points":10,"of":10,"checks":[{"name":"x","title":"t","points":10,"of":10,"result":"passed","message":""}]'
	echo '{"points":10,"of":10,"not_graded":0,"build_error":"","steps":[{'"$step"'}]}' >ann.json
	echo '{"points":10,"of":10,"not_graded":3,"build_error":"x.c:1","steps":[{'"$step"'}]}' >'b "c".json'
	parts='"step":3,"title":"t","points":14,"of":20,"parts":[{"part":"3a","title":"x","points":4,"of":4},{"part":"3b","title":"y","points":10,"of":10}],"checks":[]'
	echo '{"points":24,"of":30,"not_graded":0,"build_error":"","steps":[{'"$step"'},{'"$parts"'}]}' >parts.json
	echo '{"points":10}' >none.json
	run -1 --separate-stderr "$COPY/exercises/class.sh" ann.json 'b "c".json' none.json
	echo "$output"
	[[ ${lines[0]} == "name,points,of,not_graded,build,step_1" ]]
	[[ ${lines[1]} == '"ann",10,10,0,0,10' ]]
	[[ ${lines[2]} == '"b ""c""",10,10,3,1,10' ]]
	[[ $("$COPY/exercises/class.sh" parts.json | paste -sd' ') == \
		'name,points,of,not_graded,build,step_1,step_3a,step_3b "parts",24,30,0,0,10,4,10' ]]
	[[ $stderr == *"none.json: not the output of grade.sh --json"* ]]
}
