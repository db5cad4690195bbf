#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a reply costs, as far as it does not swing: user instructions and system
# calls. The limits are a little above what was measured (bench/README.org), so
# that a step backwards is seen, and not each other compiler.

load lib

setup_file() {
	lab_guard
	(($(nproc) > 1)) || skip "takes two CPUs: one sends, one answers"
}

@test "with --coalesce, a reply takes no more instructions and system calls than it did" {
	run "$ROOT/bench/counts.sh" coalesce 135 0.3
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"user instructions a reply"*"system calls a reply"* ]]
}

# Answering as soon as woken: a system call for most replies, and the loop
# around it.
@test "so in poll mode" {
	run "$ROOT/bench/counts.sh" poll 250 1.1
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"user instructions a reply"*"system calls a reply"* ]]
}
