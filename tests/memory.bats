#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check that valgrind and the sanitizers find no wrong memory access and no leak
# in the program. If one of these tools finds a fault, it sets the program's
# exit status to FOUND.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load lib

readonly FOUND=99

under_valgrind() { # KINDS OF LEAKS
	command -v valgrind >/dev/null || skip "no valgrind here"
	if nm -D "$PROGRAM" | grep -q __asan_init; then
		skip "a program with sanitizers does not run under valgrind"
	fi
	suppressions >"$BATS_TEST_TMPDIR/suppressions"
	WRAP=(valgrind --quiet --suppressions="$BATS_TEST_TMPDIR/suppressions" --error-exitcode="$FOUND" --leak-check=full
		--show-leak-kinds="$1" --errors-for-leak-kinds="$1"
		--log-file="$BATS_TEST_TMPDIR/valgrind.%p")
	OPTIONS=(--no-sandbox)
	START_SECONDS=30
	STOP_SECONDS=30
}

# Print suppressions for a false alarm: libbpf's first bpf() call passes a short
# union bpf_attr, and valgrind assumes that the kernel reads the whole union.
suppressions() {
	local field

	for field in expected_attach_type prog_ifindex; do
		printf '{\n%s\nMemcheck:Param\nbpf(attr->%s)\nfun:syscall\nobj:*/libbpf.so*\n}\n' \
			"$field" "$field"
	done
}

under_sanitizers() {
	[[ -x $ROOT/build/san/af_xdp_user ]] || skip "build/san/af_xdp_user is not built: make SAN=1"
	PROGRAM=$ROOT/build/san/af_xdp_user
	OPTIONS=(--no-sandbox)
	WRAP=(env "ASAN_OPTIONS=exitcode=$FOUND:detect_leaks=1" UBSAN_OPTIONS=print_stacktrace=1)
}

# Run the program from start to end. Send packets that get an answer and a
# packet that gets none, let the program print statistics, and end it by
# SIGINT.
a_life() { # OPTIONS OF THE PROGRAM
	start -d "$DEV" -v --interval 0.2 "$@"
	assert_ping -f -c 3000 -l 20 -W 0.1 "$HERE"
	inside bash -c 'echo data >/dev/udp/$0/9' "$HERE"
	kill -INT "$PID"
	finish
	findings
	[[ $RC -eq 0 ]]
	assert_frames_home
	untouched
}

# Print the faults that valgrind or the sanitizers have found. Fail if there are
# any.
findings() {
	local found=0

	for file in "$BATS_TEST_TMPDIR"/valgrind.*; do
		# Ignore lines that begin with "--". In these lines, valgrind
		# reports bpf() commands that it does not know.
		[[ ! -e $file ]] || ! grep '^==' "$file" || found=1
	done
	! grep -A30 -E 'Sanitizer|runtime error' "$ERR" || found=1
	[[ $found -eq 0 ]]
}

lives() {
	lab
	a_life
	assert_totals 3001 3000
	a_life -S
	assert_totals 3001 3000
	a_life --filename "$KERN"
}

# Cause errors in the options, and errors in the middle of set-up, after which
# the program must undo only the steps before the error. Also print --help.
errors() {
	lab
	expect_no_findings 1 -d nodev
	expect_no_findings 1 -d "$DEV" -Q 7
	expect_no_findings 1 -d "$DEV" -z
	expect_no_findings 1 -d "$DEV" --filename "$TESTENV"
	expect_no_findings 1 -d "$DEV" --filename "$KERN" --progname nobody
	expect_no_findings 2 -d "$DEV" --bogus
	expect_no_findings 0 --help
}

expect_no_findings() { # STATUS OPTIONS OF THE PROGRAM
	local wanted=$1

	shift
	ERR=$BATS_TEST_TMPDIR/err.error
	RC=0
	"${WRAP[@]}" "$PROGRAM" "${OPTIONS[@]}" "$@" >/dev/null 2>"$ERR" || RC=$?
	cat "$ERR"
	findings
	[[ $RC -eq $wanted ]]
	untouched
}

the_device_goes() {
	lab
	start -d "$DEV" -v
	assert_ping -f -c 100 "$HERE"
	ip link del "$DEV"
	finish
	findings
	[[ $RC -eq 1 ]]
	no_sockets
}

@test "valgrind finds nothing in runs with traffic" {
	under_valgrind all
	lives
}

@test "valgrind finds nothing in runs that end with an error" {
	# Accept memory that is still reachable, because the argument parser
	# ends the process without freeing memory.
	under_valgrind definite,indirect,possible
	errors
}

@test "valgrind finds nothing when the device is deleted" {
	under_valgrind all
	the_device_goes
}

@test "the sanitizers find nothing in runs with traffic" {
	under_sanitizers
	lives
}

@test "the sanitizers find nothing in runs that end with an error" {
	under_sanitizers
	errors
}

@test "the sanitizers find nothing when the device is deleted" {
	under_sanitizers
	the_device_goes
}
