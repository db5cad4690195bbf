#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The bug museum: show the symptoms of a broken program, and ask for the
# diagnosis.
#
#	exercises/museum.sh [N]		list the bugs, or show bug N and ask
#					for the diagnosis
#	exercises/museum.sh --prove N	succeed if the symptoms appear with
#					the bug, but not without it
#	exercises/museum.sh --table	print the bugs' symptoms and causes
#
# The file "bugs" describes the bugs. The program with bug N is built from the
# project's sources and a patch in tests/mutants, and copied to build/museum/N.
# The file ".museum" has a line "N POINTS" for each bug that was diagnosed.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# shellcheck source=exercises/grade.sh
. ./grade.sh

MUSEUM=build/museum
FUNCTION_POINTS=2
CAUSE_POINTS=3
JSON=false # the functions of grade.sh print text

# --- the file "bugs" --------------------------------------------------------

# Print the values of a field, each on a line.
field() { # N FIELD
	awk -v n="$1" -v name="$2: " '/^\* / { ours = $2 == n }
		ours && index($0, name) == 1 { print substr($0, length(name) + 1) }' bugs
}

# Print a word of a bug's first line. Word 3 names the patch. Word 4 names the
# scene, a function that runs the program: see scene_ping() and the other scenes
# below.
head_word() { # N WORD
	awk -v n="$1" -v word="$2" '/^\* / && $2 == n { print $word }' bugs
}

numbers() {
	sed -n 's/^\* \([0-9]*\) .*/\1/p' bugs
}

# --- binaries ---------------------------------------------------------------

# Copy the project's sources, or restore a copy that a patch has changed.
sources() {
	local file

	mkdir -p "$MUSEUM/src/headers" || return
	for file in ../af_xdp_*.c ../headers/*.h; do
		cmp -s "$file" "$MUSEUM/src/${file#../}" || cp "$file" "$MUSEUM/src/${file#../}"
	done
	for file in ../Makefile ../common ../testenv; do
		ln -sfn "../../../$file" "$MUSEUM/src/"
	done
}

# Build the program with bug N, or the program without a bug if N is 0.
build_bug() { # N
	local src=$MUSEUM/src patch

	[[ $1 -eq 0 ]] || patch=../tests/mutants/$(head_word "$1" 3).patch
	sources && mkdir -p "$MUSEUM/$1" || return
	[[ -z ${patch-} ]] || patch -s -d "$src" -p1 <"$patch" || return
	# Also build the program with follow.c, which records the places of the
	# frames: scene_places() shows the first mistake in this record.
	make --no-print-directory -C "$src" WARNINGS= all >"$LOGS/museum" 2>&1 &&
		make --no-print-directory -C "$src" WARNINGS= BUILD=build/followed \
			CFLAGS="-O2 -g -include $PWD/follow.h" \
			LDFLAGS="$PWD/build/follow.o -Wl,--wrap=frames_init -Wl,--wrap=xsk_umem__create -Wl,--wrap=xsk_socket__create_shared -Wl,--wrap=poll -Wl,--wrap=sendto" \
			all >>"$LOGS/museum" 2>&1 &&
		cp "$src/af_xdp_user" "$src/af_xdp_kern.o" "$MUSEUM/$1/" &&
		cp "$src/build/followed/af_xdp_user" "$MUSEUM/$1/followed"
	set -- $?
	sources # remove the bug
	return "$1"
}

# --- scenes: run the program, and print its symptoms -------------------------

# Print the program's last report, and the places of its frames at the end.
last_report() {
	echo "the last report, after SIGTERM and after answering the packets in RX:"
	tail -n 12 "$RUN.out" | grep -E 'RX:|TX:|No answer:|Dropped:|Invalid:' | tail -n 8 |
		sed 's/ *period:.*//'
	grep -h '^af_xdp_user: frames: ' "$RUN.err" | sed 's/^af_xdp_user: //'
}

# In single quotes, $1 and $2 are fields of awk, not parameters of the shell.
# shellcheck disable=SC2016
far_end() { # COUNTER
	inside awk -v name="$1" '$1 == name { print $2 }' /proc/net/snmp6
}

scene_ping() {
	local frames ip errors

	begin museum || return
	frames=$(arrived "$LAB")
	ip=$(far_end Ip6InReceives) errors=$(far_end Icmp6InCsumErrors)
	inside ping -n -q -c 10 -i 0.05 -W 1 "$HERE" | grep transmitted
	frames=$(($(arrived "$LAB") - frames))
	echo "far end: $frames frames, $(($(far_end Ip6InReceives) - ip)) seen by IPv6; ICMPv6 checksum errors: $(($(far_end Icmp6InCsumErrors) - errors))"
	end
	last_report
}

scene_kern() {
	begin museum --filename "$KERN" --rxdrop || return
	echo "8 pings, answered: $(probe turns 1)"
	end
	last_report
}

scene_cpus() {
	begin museum --filename "$KERN" --rxdrop || return
	echo "8 pings, from two CPUs in turn, answered: $(probe turns 2)"
	end
	last_report
}

scene_burst() {
	begin museum || return
	echo "answered: $(probe flood "$BURST" "$BURST") of $BURST at once"
	end
	last_report
}

scene_mixed() {
	begin museum || return
	echo "pings, each sent after a packet that gets no answer: $(probe flood "$MANY" 100 others) of $MANY are answered"
	end
	last_report
}

scene_padded() {
	begin museum || return
	probe ask + | sed 's/: send only as many bytes as .*//'
	end
	last_report
}

scene_queues() {
	begin museum --all-queues --interval 60 || return
	echo "results of a ping to each queue: $(probe queues)"
	steer 0
	end
	sed -n 's/^af_xdp_user: \(.*: XDP program .*\)/\1/p' "$RUN.err" | head -n 1
	last_report
}

scene_busy() {
	local PRELOAD=$PWD/build/calls.so

	begin museum --busy-poll || return
	echo "with --busy-poll, answered: $(probe flood 100 1) of 100"
	end
	echo "sendto() calls: $(called kicks)"
	last_report
}

# Run the program with --json while packets come. Each JSON line has the number
# of frames in each place. Add up these numbers in each line, and print the
# smallest and the largest sum. Then run the program that is built with
# follow.c, and print the first mistake that follow.c finds.
scene_places() {
	local PROGRAM=$PROGRAM

	begin museum --json --interval 0.01 || return
	echo "answered: $(probe flood 20000 500) of 20000"
	end
	awk '{
		if (!match($0, /"frames":\{[^}]*\}/)) next
		n = split(substr($0, RSTART, RLENGTH), f, /[:,}]/); sum = 0
		for (i = 5; i < n; i += 2) sum += f[i]
		if (!lines++ || sum < least) least = sum
		if (sum > most) most = sum
	} END { print "--json --interval 0.01: the numbers of frames in all places add up to at least " least " and at most " most ", of 6144 frames" }' "$RUN.out"
	PROGRAM=${PROGRAM%/*}/followed
	begin museum-followed || return
	probe flood 2500 500 >/dev/null
	end
	echo "the first mistake in the record of frames: $(followed | sed 's/: .*//')"
}

# Run the scene of bug N with the program in build/museum/BINARY. Call this
# function in the grader's namespaces.
symptoms() { # N BINARY
	NO_LAB=
	PROGRAM=$MUSEUM/$2/af_xdp_user KERN=$MUSEUM/$2/af_xdp_kern.o
	lab || return
	"scene_$(head_word "$1" 4)"
}

isolated_symptoms() { # N BINARY
	../testenv/isolated.sh ./museum.sh --symptoms "$@" 2>"$LOGS/museum-scene"
}

prove() { # N
	local shows broken healthy

	shows=$(field "$1" Shows)
	[[ -e $MUSEUM/0/followed ]] || build_bug 0 || { cat "$LOGS/museum"; return 1; }
	build_bug "$1" || { cat "$LOGS/museum"; return 1; }
	broken=$(isolated_symptoms "$1" "$1")
	healthy=$(isolated_symptoms "$1" 0)
	printf -- '--- bug %d\n%s\n--- without it\n%s\n' "$1" "$broken" "$healthy"
	grep -qE "$shows" <<<"$broken" && ! grep -qE "$shows" <<<"$healthy"
}

# --- the visit --------------------------------------------------------------

# Print the lines of stdin in an order that depends on N.
mixed() { # N
	awk -v n="$1" '{ line[NR] = $0 } END {
		for (i = 0; i < NR; i++) print line[(i + n * 7 + n % 2) % NR + 1] }'
}

# Ask until the answer is one of the choices, or the input ends. Set ANSWER to
# the chosen line, and increment HINTS for each hint that was shown.
ask() { # N FIELD QUESTION
	local choices i key hints

	mapfile -t choices < <(field "$1" "$2" | mixed "$1")
	mapfile -t hints < <(field "$1" Hint)
	echo "$3"
	for i in "${!choices[@]}"; do
		printf '  %d  %s\n' "$((i + 1))" "${choices[i]}"
	done
	while printf '1 to %d, h for a hint: ' "${#choices[@]}"; do
		read -r key || { echo; return 1; }
		if [[ $key == h && HINTS -lt ${#hints[@]} ]]; then
			fold -s -w 77 <<<"${hints[HINTS]}" | sed 's/^/  /'
			HINTS=$((HINTS + 1))
		elif [[ $key == h ]]; then
			echo "  There are no more hints."
		elif [[ $key =~ ^[1-9]$ ]] && ((key <= ${#choices[@]})); then
			ANSWER=${choices[key - 1]}
			return
		fi
	done
}

# Print whether ANSWER is right, and return true if it is. The right answer is
# the first line of FIELD in the file "bugs".
is_right() { # N FIELD
	local right

	right=$(field "$1" "$2" | head -n 1)
	if [[ $ANSWER == "$right" ]]; then
		echo "  Right."
	else
		echo "  No: $right."
		return 1
	fi
}

# Keep only the points of a bug's first diagnosis, because after it the learner
# knows the answer.
keep() { # N POINTS
	grep -q "^$1 " .museum 2>/dev/null || echo "$1 $2" >>.museum
	chown --reference=. .museum 2>/dev/null
}

visit() { # N
	local points=0 HINTS=0 ANSWER=

	echo "Bug $1: $(field "$1" Report)" | fold -s -w 79
	echo "Building the program ..."
	build_bug "$1" || { cat "$LOGS/museum"; return 1; }
	isolated_symptoms "$1" "$1" | fold -s -w 75 | sed 's/^/  | /'
	flock -u 8 # allow grading while a question waits for its answer
	echo "Try the program yourself: exercises/$MUSEUM/$1/af_xdp_user"
	echo
	ask "$1" Function "Where is the mistake?" || return
	! is_right "$1" Function || points=$FUNCTION_POINTS
	ask "$1" Cause "What is wrong?" || return
	! is_right "$1" Cause || points=$((points + CAUSE_POINTS))
	points=$((points > HINTS ? points - HINTS : 0))
	keep "$1" "$points"
	printf '\n%s\n%d of %d points\n' "$(field "$1" Keep)" "$points" \
		$((FUNCTION_POINTS + CAUSE_POINTS)) | fold -s -w 79
	[[ $1 -ne $(numbers | tail -n 1) ]] || table
}

# Print the table of symptoms and causes.
table() {
	local n

	printf '\nSymptoms, and their causes\n'
	for n in $(numbers); do
		printf '\n%2d  %s:\n    %s\n' "$n" "$(field "$n" Symptom)" "$(field "$n" Cause | head -n 1)"
	done
}

list() {
	local n points

	for n in $(numbers); do
		points=$(awk -v n="$n" '$1 == n { print $2 "/5" }' .museum 2>/dev/null)
		printf '%2d  %3s  %s\n' "$n" "${points:--}" "$(field "$n" Report)"
	done
}

prepare() { # N
	local obstacle

	[[ -n $(head_word "$1" 3) ]] || {
		echo "museum: no bug '$1': the bugs are $(numbers | paste -sd' ')" >&2
		exit 2
	}
	obstacle=$(mkdir -p "$LOGS" && obstacle)
	[[ -z $obstacle ]] || {
		echo "museum: ${obstacle/make -C exercises grade/make -C exercises bug $1}" >&2
		exit 1
	}
	make museum-tools >"$LOGS/museum" 2>&1 || {
		cat "$LOGS/museum"
		exit 1
	}
	lock
}

case ${1-} in
--symptoms) symptoms "$2" "$3" ;;
--table) table ;;
--prove)
	prepare "${2-}"
	prove "$2"
	;;
"") list ;;
*)
	prepare "$1"
	visit "$1"
	;;
esac
