#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The cost of a reply in numbers that hardly vary: user instructions and system
# calls. The limits are a little above the measured values (bench/README.org),
# so that a step backwards is seen, but another compiler is not.

# Alone: a busy CPU finds more packets at once.

load lib

setup_file() {
	lab_guard
	(($(nproc) > 1)) || skip "takes two CPUs: one sends, one answers"
}

# Print a limit of instructions: the given one with gcc 12, a tenth more with
# other compilers. (gcc 15 of Debian sid makes 137 and 295 of 127 and 275.)
limit() {
	if grep -aq 'GCC: ([^)]*) 12\.' "$PROGRAM" &&
		! grep -aq 'clang version' "$PROGRAM"; then
		echo "$1"
	else
		echo $(($1 * 11 / 10))
	fi
}

# Medians from 127 to 130.3 were seen, with the comparison of the MAC address.
@test "with --coalesce, a reply takes no more instructions and system calls than it did" {
	run "$ROOT/bench/counts.sh" coalesce-250 "$(limit 132)" 0.3
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"user instructions a reply"*"system calls a reply"* ]]
}

# Poll mode answers at once: a system call for most replies, and the loop around
# it. A fast machine finds each packet alone, and such a reply takes 275
# instructions; a slow one finds several in a wake-up, and they take fewer.
@test "in poll mode, a reply takes no more instructions and system calls than it did" {
	run "$ROOT/bench/counts.sh" poll "$(limit 285)" 1.1
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"user instructions a reply"*"system calls a reply"* ]]
}
