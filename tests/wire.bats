#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compare our program's answers with the kernel's answers to the same packets.
# The kernel answers in a second lab, the twin. wire.c sends the packets, and
# has the table of intended differences.
#
# This shellcheck warning is off because lib.bash and bats set some variables of
# this file.
# shellcheck disable=SC2154

load lib

readonly TWIN=veth-k # name of a namespace and of the device that leads to it
readonly TWIN_HERE=twin-here
readonly BY_CHANCE=10000

setup_file() {
	lab_guard
	$CC -O1 -g -D_GNU_SOURCE -std=gnu11 -Wall -Wextra -I"$ROOT" \
		-o "$BATS_FILE_TMPDIR/wire" "$ROOT/tests/wire.c"
}

teardown() {
	twin_remove
	lab_end
}

# Run a command in the namespace of the twin lab's outer side. Use nsenter,
# because ip netns exec would also make a mount namespace, and the namespace of
# the twin lab's inner side would be visible only there.
at_twin() {
	nsenter --net=/run/netns/$TWIN_HERE "$@"
}

# Make the twin lab, with the first lab's addresses. Both ends of the twin are
# in namespaces. Let the twin's kernel answer without a rate limit, to any
# source, and keep the flow label, as our program does.
twin() {
	ip netns add $TWIN_HERE
	at_twin ip link set lo up
	at_twin "$TESTENV" setup --name $TWIN >"$BATS_TEST_TMPDIR/twin"
	at_twin ip -6 route add default dev $TWIN
	at_twin sysctl -qw net.ipv6.icmp.ratelimit=0 net.ipv6.icmp.ratemask=255 \
		net.ipv6.flowlabel_reflect=4 net.ipv6.auto_flowlabels=0
}

twin_remove() {
	[[ -e /run/netns/$TWIN_HERE ]] || return 0
	at_twin "$TESTENV" --name $TWIN teardown >/dev/null || true
	ip netns del $TWIN_HERE
}

@test "our program's answers differ from the kernel's answers only in the intended ways" {
	lab
	twin
	for mode in -N -S -B; do
		start -d "$DEV" $mode -v
		run "$BATS_FILE_TMPDIR/wire" "$DEV" $TWIN $BY_CHANCE
		echo "$output"
		[[ $status -eq 0 ]]
		stop
		assert_frames_home
		refute grep -qE 'Dropped|Invalid' "$OUT"
		untouched
	done
}
