#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Count the user instructions and the system calls per reply. Unlike the time
# per reply, these numbers hardly vary. The limits are a little above the
# measured values (see below, and bench/README.org), so that these tests detect
# a regression, but tolerate another compiler.

# Alone: run.sh runs no other tests at the same time. On a busy CPU the program
# finds more packets at once, and the counts change.

load lib

setup_file() {
	lab_guard
	(($(nproc) > 1)) || skip "needs two CPUs: one sends, one answers"
}

# Print the limit of instructions per reply: LIMIT if gcc 12 has compiled the
# program, and a tenth more for other compilers. With gcc 15 of Debian sid, a
# reply takes 137 instead of 127 instructions with --coalesce, and 295 instead
# of 275 in poll mode.
limit() { # LIMIT
	if grep -aq 'GCC: ([^)]*) 12\.' "$PROGRAM" &&
		! grep -aq 'clang version' "$PROGRAM"; then
		echo "$1"
	else
		echo $(($1 * 11 / 10))
	fi
}

# The measured medians were 127 to 130.3 instructions per reply, including the
# comparison of the MAC address.
@test "with --coalesce, the instructions and system calls of a reply stay below their limits" {
	run "$ROOT/bench/counts.sh" coalesce-250 "$(limit 132)" 0.3
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"user instructions a reply"*"system calls a reply"* ]]
}

# In poll mode the program answers at once. So most replies take one system call
# and one iteration of the loop. On a fast machine the program finds one packet
# at each wake-up, and the reply takes 275 instructions. On a slow machine the
# program finds several packets at a wake-up, and each reply takes fewer
# instructions.
@test "in poll mode, the instructions and system calls of a reply stay below their limits" {
	run "$ROOT/bench/counts.sh" poll "$(limit 285)" 1.1
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"user instructions a reply"*"system calls a reply"* ]]
}
