#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# With --json each line of output is a JSON object with the numbers of the text
# report.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for jq.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load lib

setup_file() {
	lab_guard
	command -v jq >/dev/null || skip "no jq here"
}

# Check that all lines meet the condition. Count the lines that meet it, because
# jq's exit status depends only on the last line.
all_lines() { # JQ-CONDITION
	local lines

	lines=$(wc -l <"$OUT")
	[[ $lines -gt 0 ]]
	[[ $(jq -c "select($1)" "$OUT" | wc -l) -eq $lines ]]
}

# Check that each line is one object, that no frame is missing, and that the
# queues add up to the total.
assert_json() {
	all_lines 'type == "object"'
	all_lines '[.total, .queues[]] | all(
		.frames | .total == ([del(.total)[]] | add) and .total > 0)'
	all_lines '[.queues[].rx_packets] == [.queues[].rx_packets | floor] and
		.total.rx_packets == ([.queues[].rx_packets] | add) and
		.total.tx_bytes == ([.queues[].tx_bytes] | add) and
		.total.frames.fill == ([.queues[].frames.fill] | add)'
	all_lines '[.total, .queues[]] | all(
		.frames.fill <= .ring_size_entries.fill and
		.frames.rx <= .ring_size_entries.rx and
		.frames.tx <= .ring_size_entries.tx and
		.frames.completion <= .ring_size_entries.completion)'
}

last() { # JQ-FILTER
	tail -n 1 "$OUT" | jq -c "$1"
}

has_line() { # JQ-CONDITION
	[[ -n $(jq -c "select($1)" "$OUT") ]]
}

@test "without packets, all packet and byte counters in the JSON are 0, FILL is full, and a hint appears after some time" {
	lab
	launch -d "$DEV" --json --interval 0.1 --duration 6
	STOP_SECONDS=10 finish
	[[ $RC -eq 0 ]]
	assert_json
	[[ $(wc -l <"$OUT") -ge 4 ]]
	all_lines '.device == "'"$DEV"'"'
	# After some time the field "hints" has a hint that no packet has come,
	# with advice on a second line.
	[[ $(head -n 1 "$OUT" | jq -c .hints) == "[]" ]]
	[[ $(last '.hints | length == 1 and (.[0] | test("^'"$DEV"': no packet yet.*\\n  "))') == true ]]
	all_lines '.period_seconds > 0 and .period_seconds < 1.6'
	all_lines '.total == (.queues[0] | del(.queue, .mode))'
	all_lines '.queues[0] | .queue == 0 and .mode == "copy"'
	all_lines '.total | del(.frames, .ring_size_entries, .xdp_statistics.tx_ring_empty_descs) |
		[.. | numbers] | length == 21 and all(. == 0)'
	all_lines '.total.frames | .total == 6144 and .fill == 4096 and .free == 2048'
	all_lines '.total.ring_size_entries == {fill: 4096, rx: 4096, tx: 2048, completion: 2048}'
	untouched
}

@test "during a flood the numbers of each JSON line add up, and the rates agree with the period" {
	lab
	for mode in -N -S -B; do
		start -d "$DEV" "$mode" --json --interval 0.02
		assert_ping -f -c 20000 -l 2000 -W 0.1 "$HERE"
		stop
		assert_json
		[[ $(last '.total | [.rx_packets, .tx_packets]') == "[20000,20000]" ]]
		[[ $(last '.total.frames | .free + .fill') -eq $FRAMES ]]
		# Packets and bytes since the previous line agree with the
		# rates.
		[[ $(jq -s '[range(1; length) as $i |
			(.[$i].total.rx_packets - .[$i - 1].total.rx_packets -
			 .[$i].total.rx_packets_per_second * .[$i].period_seconds),
			(8 * (.[$i].total.tx_bytes - .[$i - 1].total.tx_bytes) -
			 .[$i].total.tx_bits_per_second * .[$i].period_seconds)] |
			all(fabs < 1000)' "$OUT") == true ]]
		# At least one line has packets, and more than 100 bytes for
		# each packet. A ping has 118 bytes.
		has_line '.total.rx_packets_per_second > 100 and
			.total.rx_bits_per_second > 100 * 8 * .total.rx_packets_per_second'
		untouched
	done
}

@test "dropped and unanswered packets are counted by cause" {
	lab
	RAW=$(helper raw)
	start -d "$DEV" --json --interval 0.1
	kill -STOP "$PID"
	run ! ping_inside -q -f -c 4200 -l 4200 -W 0.1 "$HERE"
	kill -CONT "$PID"
	# While the program was stopped, FILL became empty, and RX became full.
	wait_for 5 has_line '.total.frames.fill == 0 and .total.frames.rx == 4096'
	wait_for 5 has_line '.total.rx_packets == 4096'
	run -2 inside "$RAW" "$PEER" 50 "$(mac_hex here)$(mac_hex inside)88b5$(printf '00%.0s' {1..46})"
	stop
	assert_json
	[[ $(last .total.dropped_packets) == \
		'{"rx_ring_full":0,"fill_ring_empty":104,"larger_than_frame":0}' ]]
	[[ $(last '.total.xdp_statistics | [.rx_dropped, .rx_fill_ring_empty_descs]') == "[104,104]" ]]
	[[ $(last .total.no_answer_packets) == \
		'{"other":1,"extension":0,"truncated":0,"address":0,"foreign":0}' ]]
	[[ $(last '.total | [.rx_packets, .tx_packets]') == "[4097,4096]" ]]
	untouched
}

@test "with several queues, each JSON line lists all queues" {
	lab --queues 3
	start -d "$DEV" --all-queues --json --interval 0.05
	assert_ping -f -c 5000 -l 500 -W 0.1 "$HERE"
	stop
	assert_json
	all_lines '[.queues[].queue] == [0, 1, 2]'
	[[ $(last '[.total.rx_packets, .total.tx_packets, .total.frames.total]') == \
		"[5000,5000,$((3 * FRAMES))]" ]]
	untouched
}

# A device's name may contain any byte except slash, colon, white space and NUL.
@test "each line of --json is valid JSON, whatever bytes the device's name contains" {
	local names=($'q"\\' $'\x01\x7f{' $'\xc3\xa4\xe2\x82\xac' $'\xff\xc3') name
	local wanted=('"q\"\\"' '"\u0001\u007f{"' '"ä€"' '"\ufffd\ufffd"') i

	for i in "${!names[@]}"; do
		name=${names[i]}
		ip link add "$name" type veth peer name "$PEER"
		ip link set "$name" up
		launch -d "$name" --json --duration 0.1
		finish
		ip link del "$name"
		[[ $RC -eq 0 ]]
		[[ $(last .device) == "$(jq -c . <<<"${wanted[i]}")" ]]
	done
}

@test "the locale does not change the numbers in JSON" {
	local locale=$ROOT/build/locale

	[[ -d $locale/de_DE.UTF-8 ]] || skip "no locale de_DE.UTF-8 was made"
	lab
	WRAP=(env LOCPATH="$locale" LC_NUMERIC=de_DE.UTF-8)
	start -d "$DEV" --interval 0.05
	assert_ping -f -c 2000 -l 500 -W 0.1 "$HERE"
	stop
	# In the text report the numbers have the German format.
	grep -q ' 2\.000 pkts .*period:0,' "$OUT"
	start -d "$DEV" --json --interval 0.05
	assert_ping -f -c 2000 -l 500 -W 0.1 "$HERE"
	stop
	assert_json
	[[ $(last .total.rx_packets) -eq 2000 ]]
	untouched
}

@test "doc/json.org lists exactly the fields that --json prints" {
	lab
	launch -d "$DEV" --json --duration 0.1
	finish
	jq -r '.. | objects | keys[]' "$OUT" | sort -u >"$BATS_TEST_TMPDIR/fields"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/fields") -gt 30 ]]
	grep '^| ~' "$ROOT/doc/json.org" |
		cut -d'|' -f2 | grep -oE '~[a-z_]+~' | tr -d '~' | sort -u |
		diff "$BATS_TEST_TMPDIR/fields" -
}

@test "--json cannot be combined with --quiet" {
	expect_error 2 ".*excludes --rings and --json.*" -d "$DEV" --json --quiet
}
