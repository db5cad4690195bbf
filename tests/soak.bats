#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Send all kinds of packets: first slowly for EXACT_S seconds, and then at full
# speed for SOAK_S seconds. SEED selects the packets; a failed run prints its
# seed.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for awk.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

# Alone: the test needs all CPUs for a flood at full speed.

load lib

readonly DURATION=${SOAK_S:-60}
readonly EXACT_S=3 EXACT_PPS=5000 # slow enough that no packet is dropped
readonly RSS_KBYTES=128 # limit of memory growth

setup_file() {
	lab_guard
	export SOAK=$BATS_FILE_TMPDIR/soak
	$CC -O2 -D_GNU_SOURCE -o "$SOAK" "$BATS_TEST_DIRNAME/soak.c"
	export SEED=${SEED:-$RANDOM}
}

# Send packets in the background. When the sender has ended, the file $SENT has
# its counts.
soak_begin() { # SECONDS [PPS]
	local seconds=$1

	shift
	echo "seed $SEED"
	SENT=$BATS_TEST_TMPDIR/sent
	ip netns exec "$DEV" "$SOAK" "$PEER" "$(<"/sys/class/net/$DEV/address")" "$INSIDE" "$HERE" \
		"$seconds" "$SEED" "$@" >"$SENT" 3>&- &
	FLOOD=$!
	PIDS+=("$FLOOD")
}

sent() { # KIND, or "sent" for all kinds
	sed -n "s/.*\<$1 \([0-9]*\).*/\1/p" "$SENT"
}

resident() {
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$PID/status"
}

counter() { # OF /proc/net/snmp6
	inside awk -v name="$1" '$1 == name { print $2 }' /proc/net/snmp6
}

# Print the number of packets that the program has sent. Include the packets
# that veth drops because the other end has no room for them.
packets_left() {
	cat "/sys/class/net/$DEV"/statistics/tx_{packets,dropped} | awk '{ n += $1 } END { print n }'
}

no_answer() {
	tail -n 12 "$OUT" | awk '/^AF_XDP RX:/ { n = 0 }
		sub(/^No answer: */, "") { gsub(/,/, ""); n += $1 } END { print n + 0 }'
}

@test "each packet is answered, or counted with the reason why it gets no answer" {
	lab
	start -d "$DEV" -v
	answers=$(answers_inside)
	soak_begin $EXACT_S $EXACT_PPS
	wait "$FLOOD"
	stop
	cat "$SENT" "$OUT"
	[[ $(sent sent) -gt $((EXACT_S * EXACT_PPS / 10)) ]]
	assert_totals "$(sent sent)" $(($(sent answered) + $(sent tagged)))
	[[ $(unanswered "no ICMPv6 echo request") -eq $(sent other) ]]
	[[ $(unanswered "with an extension header or in fragments") -eq $(sent extension) ]]
	[[ $(unanswered "shorter than their headers say") -eq $(sent truncated) ]]
	[[ $(unanswered "from or to an address that gets no answer") -eq $(sent address) ]]
	[[ $(dropped) -eq 0 ]]
	# The kernel in the namespace counts only answers without tags, because
	# the namespace has no VLAN.
	wait_for 5 have_answers_inside $((answers + $(sent answered)))
	[[ $(counter Icmp6InCsumErrors) -eq 0 ]]
	assert_frames_home
	untouched
}

@test "in a mixed flood of SOAK_S seconds no frame is lost, memory hardly grows, and the counters agree" {
	lab
	for mode in --poll-mode --busy-poll; do
		start -d "$DEV" -v $mode
		arrived=$(packets_arrived)
		left=$(packets_left)
		soak_begin $((DURATION / 2))
		sleep $((DURATION / 10 + 1))
		before=$(resident)
		kill -STOP "$PID" # until the rings are full
		sleep 1
		kill -CONT "$PID"
		wait "$FLOOD"
		after=$(resident)
		echo "VmRSS: $before Kbytes, $after at the end"
		[[ $after -le $((before + RSS_KBYTES)) ]]

		assert_ping -f -c 1000 -p 00ff5aa5 -s 1400 "$HERE"
		stop
		cat "$SENT" "$OUT"
		arrived=$(($(packets_arrived) - arrived))
		left=$(($(packets_left) - left))
		[[ $arrived -eq $(($(sent sent) + 1000)) ]]
		[[ $(dropped) -gt 0 && $(($(total RX) + $(dropped))) -eq $arrived ]]
		[[ $(($(total TX) + $(no_answer))) -eq $(total RX) ]]
		[[ $(total TX) -eq $left ]]
		[[ $(counter Icmp6InCsumErrors) -eq 0 ]]
		assert_frames_home
		untouched
	done
}
