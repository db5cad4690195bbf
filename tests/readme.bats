#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the code blocks of README.org, testenv/README.org, lessons/*.org and
# doc/*.org. Type the commands of the blocks into terminals, in order, and
# compare the output with the output in the block. The first line of a block has
# options:
#
#	#+begin_src console                 type "$ " lines, compare the rest
#	#+begin_src console :terminal 2     use terminal 2, not terminal 1
#	#+begin_src console :status 1       expected status of the last command
#	#+begin_src console :eval no :because "why"    parsed, but not typed
#	#+begin_src sh                      type all lines, ignore the output
#
# If the output in a block has "^C" or "Killed", the block's last command keeps
# running while the test types the next blocks for other terminals. The test
# waits for the end of the command before it types the next block for the same
# terminal, and at the next heading. To end a command with "^C", the test sends
# SIGINT when all output above "^C" has appeared. A command with "Killed" is
# killed by another block.
#
# README=FILE replaces README.org, and DOC="FILE..." replaces doc/*.org.
# lib.bash sets ROOT and TESTENV.
# shellcheck disable=SC2154

load lib

README=${README:-$ROOT/README.org}
LAB_README=$ROOT/testenv/README.org
COMMAND_SECONDS=30
SCREEN_SECONDS=10

setup() {
	NUMBERS=()  # first line of each block
	SECTIONS=() # number of each block's heading
	HEADS=()    # words after each block's #+begin_src
	BODIES=()   # text of each block
	SHELLS=()   # process of each terminal
	KEYS=()     # file descriptor of each terminal's keyboard
	RUNNING=()  # block whose program runs in each terminal
}

teardown() {
	local number

	for number in "${!SHELLS[@]}"; do
		foreground_kill "$number" KILL
		kill -KILL "${SHELLS[number]}" 2>/dev/null || true
	done
	! [[ -e /run/netns/veth-adv03 ]] ||
		"$TESTENV" --name veth-adv03 teardown >/dev/null 2>&1 || true
}

# --- blocks -----------------------------------------------------------------

blocks_read() { # FILE
	local line number=0 section=0 inside=false

	while IFS= read -r line; do
		number=$((number + 1))
		if [[ $line == "#+begin_src "* ]]; then
			$inside && die "$1:$number" "a block begins within another block"
			inside=true
			NUMBERS+=("$number")
			SECTIONS+=("$section")
			HEADS+=("${line#* }")
			BODIES+=("")
		elif [[ $line == "#+end_src" ]]; then
			$inside || die "$1:$number" "#+end_src without #+begin_src"
			inside=false
		elif $inside; then
			BODIES[-1]+=$line$'\n'
		elif [[ $line =~ ^\*+\  ]]; then
			section=$((section + 1))
		fi
	done <"$1"
	! $inside || die "$1" "the last block has no #+end_src"
}

die() { # WHERE WHAT
	printf '%s: %s\n' "$1" "$2"
	exit 1
}

language() { # BLOCK
	echo "${HEADS[$1]%% *}"
}

argument() { # BLOCK NAME DEFAULT
	local pattern=" :$2 (\"([^\"]*)\"|([^ ]+))"

	if [[ ${HEADS[$1]} =~ $pattern ]]; then
		echo "${BASH_REMATCH[2]}${BASH_REMATCH[3]}"
	else
		echo "$3"
	fi
}

is_shell() { # BLOCK
	[[ $(language "$1") == @(console|sh) ]]
}

is_run() { # BLOCK
	is_shell "$1" && [[ $(argument "$1" eval yes) != no ]]
}

commands() { # BLOCK
	if [[ $(language "$1") == sh ]]; then
		grep -vE '^(#|[[:space:]]*$)' <<<"${BODIES[$1]}"
	else
		sed -n 's/^\$ //p' <<<"${BODIES[$1]}"
	fi
}

# Print the lines of the block above "^C" or "Killed".
before_end() { # BLOCK
	sed -E '/^(\^C|Killed)/,$d' <<<"${BODIES[$1]}"
}

leaves_running() { # BLOCK
	grep -qE '^(\^C|Killed)' <<<"${BODIES[$1]}"
}

# --- output that may vary ---------------------------------------------------

# Normalise times, numbers that the kernel counts up, and texts that differ
# between versions of ping and tcpdump. The counts in a report depend on the
# time when it is printed, so keep only the counts of the last report. For an
# earlier report, print only whether TX is 0, equal to RX, or another number.
# Leave out an earlier report if it has no packets or comes after ^C. Also leave
# out an earlier report that would give the same line as the previous report. If
# WHOLE is 0, the output is incomplete, so treat no report as the last one.
normalise() { # WHOLE
	awk -v whole="$1" '
	# Print a line, but leave out empty lines at the end of the output.
	function emit(line) {
		if (line == "") {
			empty++
			return
		}
		for (; empty > 0; empty--)
			print ""
		print line
	}
	function flush_report(last) {
		if (rx == "")
			return
		if (last)
			seen = "last report: RX " rx ", " rx_kbytes " Kbytes, TX " tx ", " tx_kbytes " Kbytes" causes
		else if (rx == 0 || stopped) # a report that was due before Ctrl-C
			seen = ""
		else
			seen = "report: TX is " (tx == 0 ? 0 : tx == rx ? "RX" : "something")
		if (seen != "" && seen != shown)
			emit(seen)
		if (seen != "")
			shown = seen
		rx = causes = ""
	}
	# Return true if the line has the exact format of statistics.
	function is_rate(line,   n, part) {
		n = split(substr(line, 13), part, /[^0-9.]+/)
		count = part[2]
		kbytes = part[4]
		return n >= 6 && line == sprintf("%-12s %11s pkts (%10s pps) %11s Kbytes (%6s Mbits/s) period:%s", \
			substr(line, 1, 11), part[2], part[3], part[4], part[5], part[6])
	}
	/^testenv: mounted bpffs/ { next }
	{
		if (sub(/^\^C/, "")) {
			flush_report(0)
			emit("^C")
			shown = ""
			stopped = 1
			if ($0 == "")
				next
		}
	}
	/^AF_XDP RX:/ && is_rate($0) {
		flush_report(0)
		rx = count
		rx_kbytes = kbytes
		next
	}
	/^       TX:/ && rx != "" && is_rate($0) {
		tx = count
		tx_kbytes = kbytes
		next
	}
	rx != "" && /^(No answer|  Dropped|  Invalid): / {
		causes = causes "\n" $0
		next
	}
	rx != "" && sub(/^  Queue [0-9]+: .* pps[)]$/, "  Queue N") {
		causes = causes "\n" $0
		next
	}
	rx != "" && /^$/ { next }
	{
		flush_report(whole && stopped)
		gsub(/time=[0-9.]+ ms/, "time=T ms")
		gsub(/, time [0-9]+ms/, ", time Tms")
		gsub(/ id [0-9]+/, " id N")
		gsub(/[(]id [0-9]+/, "(id N")
		gsub(/@if[0-9]+/, "@ifN")
		sub(/: [0-9]+ packets came on/, ": N packets came on")
		sub(/^rtt .*/, "rtt T")
		sub(/^[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9]+ /, "HH:MM:SS ")
		sub(/^[0-9]+: veth/, "N: veth")
		sub(/^[0-9]+ packets? received by filter/, "N packets received by filter")
		sub(/^tcpdump: verbose output suppressed.*/, "tcpdump: verbose output suppressed")
		sub(/(snapshot length|capture size) [0-9]+ bytes/, "snapshot length N bytes")
		sub(/^bash: line [0-9]+: +[0-9]+ Killed .*/, "Killed")
		if (/^PING /)
			sub(/ [(]/, "(")
		sub(/[ \t]+$/, "")
		emit($0)
	}
	END { flush_report(whole) }'
}

# Check that the packet rates in a report follow from its packet counts, the
# packet counts of the report before, and the period.
rates_add_up() {
	awk '
	/^(\^C)?wire-[ab]$/ { # a report has a part for each device
		sub(/^\^C/, "")
		device = $0
	}
	/^(\^C)?AF_XDP RX:|^       TX:/ {
		sub(/^\^C/, "")
		which = /RX:/ ? "RX" : "TX"
		n = split(substr($0, 13), part, /[^0-9.]+/)
		pps = (part[2] - count[device, which]) / part[6]
		count[device, which] = part[2]
		if (pps - part[3] > 0.51 || part[3] - pps > 0.51) {
			print "at " part[2] " packets: not " part[3] " pps"
			bad = 1
		}
	}
	END { exit bad }'
}

# --- terminals --------------------------------------------------------------

# Start a shell whose keyboard is a pipe and whose screen is a file. As in a
# terminal, SIGINT ends a command, and each line of output is written at once.
terminal_open() { # NUMBER
	local home=$BATS_TEST_TMPDIR/terminal.$1 keys

	rm -rf "$home"
	mkdir -p "$home" "$BATS_TEST_TMPDIR/bin"
	mkfifo "$home/keys"
	printf '#!/bin/sh\nexec "$@"\n' >"$BATS_TEST_TMPDIR/bin/sudo"
	chmod +x "$BATS_TEST_TMPDIR/bin/sudo"
	(cd "$ROOT" && PATH=$BATS_TEST_TMPDIR/bin:$PATH LC_ALL=C \
		exec env --default-signal=INT stdbuf -oL \
		bash --noprofile --norc -O expand_aliases) \
		<"$home/keys" >>"$home/screen" 2>&1 3>&- &
	SHELLS[$1]=$!
	disown
	exec {keys}>"$home/keys"
	KEYS[$1]=$keys
}

foreground_kill() { # TERMINAL SIGNAL
	local file

	while read -r file; do
		file=${file#/proc/}
		kill -"$2" "${file%/status}" 2>/dev/null || true
	done < <(grep -ls "^PPid:[[:space:]]*${SHELLS[$1]}\$" /proc/[0-9]*/status)
}

# Append TEXT to the screen file, as programs in the terminal do.
show() { # TERMINAL TEXT
	printf '%s' "$2" >>"$BATS_TEST_TMPDIR/terminal.$1/screen"
}

type_command() { # TERMINAL COMMAND
	local home=$BATS_TEST_TMPDIR/terminal.$1

	rm -f "$home/status"
	show "$1" "\$ $2"$'\n'
	printf '%s\necho $? >%q\n' "$2" "$home/status" >&"${KEYS[$1]}"
}

has_ended() { # TERMINAL
	[[ -s $BATS_TEST_TMPDIR/terminal.$1/status ]]
}

shows() { # TERMINAL TEXT
	[[ $(normalise 0 <"$BATS_TEST_TMPDIR/terminal.$1/screen") == "$(normalise 0 <<<"$2")"* ]]
}

shows_or_ended() { # TERMINAL TEXT
	has_ended "$1" || shows "$1" "$2"
}

# --- one block --------------------------------------------------------------

block_run() { # BLOCK
	local terminal home command left

	terminal=$(argument "$1" terminal 1)
	home=$BATS_TEST_TMPDIR/terminal.$terminal
	[[ -n ${SHELLS[terminal]-} ]] || terminal_open "$terminal"
	program_end "$terminal"
	: >"$home/screen"
	mapfile -t left < <(commands "$1")
	while ((${#left[@]})); do
		command=${left[0]}
		left=("${left[@]:1}")
		type_command "$terminal" "$command"
		if ((${#left[@]} == 0)) && leaves_running "$1"; then
			RUNNING[terminal]=$1
			wait_for "$SCREEN_SECONDS" shows_or_ended "$terminal" \
				"$(head -n 2 <<<"${BODIES[$1]}")" || true
			return
		fi
		wait_for "$COMMAND_SECONDS" has_ended "$terminal"
		((${#left[@]} == 0)) || status_check "$1" "$terminal" 0 "$command"
	done
	block_check "$1" "$terminal"
}

programs_end() {
	local number

	for number in "${!RUNNING[@]}"; do
		program_end "$number"
	done
}

# End the program in the terminal by SIGINT, or wait until a later block has
# killed it. Then check the block that started the program.
program_end() { # TERMINAL
	local block=${RUNNING[$1]-}

	[[ -n $block ]] || return 0
	unset "RUNNING[$1]"
	if [[ ${BODIES[block]} == *"^C"* ]]; then
		wait_for "$SCREEN_SECONDS" shows_or_ended "$1" "$(before_end "$block")" || true
		show "$1" "^C"
		foreground_kill "$1" INT
	fi
	wait_for "$COMMAND_SECONDS" has_ended "$1"
	block_check "$block" "$1"
}

block_check() { # BLOCK TERMINAL
	local where=${README##*/}:${NUMBERS[$1]}

	if [[ $(language "$1") == console ]]; then
		diff -u --label "$where" --label "the actual output" \
			<(normalise 1 <<<"${BODIES[$1]%$'\n'}") \
			<(normalise 1 <"$BATS_TEST_TMPDIR/terminal.$2/screen")
	fi
	status_check "$1" "$2" "$(argument "$1" status 0)" "the last command"
}

status_check() { # BLOCK TERMINAL STATUS COMMAND
	local status

	status=$(<"$BATS_TEST_TMPDIR/terminal.$2/status")
	[[ $status == "$3" ]] ||
		die "${README##*/}:${NUMBERS[$1]}" "$4: exit status $status, not $3"
}

blocks_run() { # FILE
	local block section=

	blocks_read "$1"
	for block in "${!NUMBERS[@]}"; do
		is_run "$block" || continue
		[[ ${SECTIONS[block]} == "$section" ]] || programs_end
		section=${SECTIONS[block]}
		block_run "$block"
	done
	programs_end
}

blocks_check() { # FILE
	local block where

	blocks_read "$1"
	for block in "${!NUMBERS[@]}"; do
		is_shell "$block" || continue
		where=${1##*/}:${NUMBERS[block]}
		[[ -n $(commands "$block") ]] || die "$where" "the block has no command"
		! grep -qE '^(\*|#\+)' <<<"${BODIES[block]}" ||
			die "$where" "Org would read a line of the block as Org syntax"
		bash -n <(commands "$block") || die "$where" "the block's commands are not valid shell"
		is_run "$block" || [[ -n $(argument "$block" because "") ]] ||
			die "$where" ":eval no needs a reason: :because \"...\""
		rates_add_up <<<"${BODIES[block]}" || die "$where" "a rate does not follow from the counts"
	done
}

# ----------------------------------------------------------------------------

@test "README.org: each block of commands is valid, and is run or gives the reason why it is not run" {
	blocks_check "$README"
	((${#NUMBERS[@]} > 0))
}

@test "README.org: each command prints the output shown" {
	lab_guard
	blocks_run "$README"
	[[ -z $(ls /run/netns) ]]
	no_sockets
}

@test "testenv/README.org: all blocks are valid; each is run, or gives the reason why it is not run" {
	lab_guard
	README=$LAB_README
	blocks_check "$README"
	((${#NUMBERS[@]} > 0))
	blocks_run "$README"
	[[ -z $(ls /run/netns) ]]
}

@test "lessons/*.org: each command prints the output shown" {
	lab_guard
	for name in forward jumbo latency; do
		[[ -x $ROOT/lessons/$name ]] || skip "lessons/$name is not built: make lessons"
	done
	for README in "$ROOT"/lessons/*.org; do
		blocks_check "$README"
		blocks_run "$README"
		[[ -z $(ls /run/netns) ]]
		no_sockets
	done
}

@test "doc/*.org: each command prints the output shown" {
	lab_guard
	for README in ${DOC:-"$ROOT"/doc/*.org}; do
		echo "$README"
		teardown
		setup
		blocks_check "$README"
		blocks_run "$README"
		[[ -z $(ls /run/netns) ]]
		no_sockets
	done
}
