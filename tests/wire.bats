#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Our answers and those of the kernel's own responder, to the same packets:
# wire.c sends them, and has the table of intended differences.
#
# lib.bash sets DEV and others; options in loops are words.
# shellcheck disable=SC2086,SC2154

load lib

readonly TWIN=veth-k # a namespace, and the device of its other side
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

# Run in the namespace of the twin's this side. ip netns exec would mount over
# /run/netns and hide the lab's namespace.
at_twin() {
	nsenter --net=/run/netns/$TWIN_HERE "$@"
}

# Make a lab like the first one, addresses included, whose this side is a
# namespace too. The kernel may answer as often as it likes, to any source, and
# keeps the flow label, as we do.
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

@test "every difference between our answers and the kernel's is one that is meant" {
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
