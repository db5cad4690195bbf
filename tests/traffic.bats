#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test floods, packets of all sizes, packets that get no answer, VLAN tags, and
# a socket on one of four queues.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load lib

# Send an Ethernet frame from the lab's namespace. Set $reply to the answer.
exchange() { # HEX
	reply=$(inside "$RAW" "$PEER" 1000 "$1")
}

# Expect no answer to the frame. Send the frame twice. Without a second frame,
# an answer to the first one may stay in a ring, and the test would not see the
# answer.
assert_silence() { # HEX
	run -2 inside "$RAW" "$PEER" 100 "$1" "$1"
	[[ -z $output ]]
}

# --- floods -----------------------------------------------------------------

@test "after a flood of 50,000 pings no frame is lost, and RX = TX" {
	lab
	for mode in -N -S -B; do
		start -d "$DEV" $mode -v
		assert_ping -f -c 50000 -l 1000 -W 0.1 "$HERE"
		stop
		assert_totals 50000 50000
		assert_frames_home
		refute grep -qE 'Dropped|Invalid|No answer' "$OUT"
		untouched
	done
}

has_reported() { # TIMES
	(($(grep -c '^AF_XDP RX:' "$OUT") >= $1))
}

@test "in busy mode the program answers pings, prints reports, and ends on a signal" {
	lab
	start -d "$DEV" --busy-poll -v --interval 0.1
	assert_ping -c 5 -i 0.05 "$HERE"
	wait_for 5 has_reported 3
	stop
	assert_totals 5 5
	assert_frames_home
	untouched
}

@test "after a flood through af_xdp_kern.o, the counters of the XDP program, of af_xdp_user and of the kernel agree" {
	lab
	before=$(kernel_answers)
	start -d "$DEV" --filename "$KERN" -v
	assert_ping -f -c 50000 -l 1000 -W 0.1 "$HERE"
	[[ $(packets_seen all) -eq 50000 ]]
	[[ $(packets_seen 0) -eq 50000 ]]
	stop
	assert_totals 25000 25000
	[[ $(($(kernel_answers) - before)) -eq 25000 ]]
	assert_frames_home
	untouched
}

@test "after a flood with --rxdrop no frame is lost" {
	lab
	start -d "$DEV" --rxdrop -v
	run ! ping_inside -q -f -c 20000 -l 20000 -W 0.1 "$HERE"
	stop
	# The kernel drops packets while FILL is empty or RX is full.
	[[ $(total RX) -gt 4000 && $(total RX) -le 20000 && $(total TX) -eq 0 ]]
	assert_frames_home
	untouched
}

@test "after bursts of pings, every packet is answered without further traffic" {
	lab
	start -d "$DEV" -v
	for _ in {1..5}; do
		assert_ping -f -c 1000 -l 1000 -W 0.1 "$HERE"
	done
	stop
	assert_totals 5000 5000
	assert_frames_home
	untouched
}

@test "after floods from two CPUs at once no frame is lost" {
	[[ $(nproc) -ge 2 ]] || skip "one CPU only"
	lab
	for mode in -N -S -B; do
		start -d "$DEV" $mode -v
		before=$(answers_inside)
		inside taskset -c 0 ping -n -q -f -c 10000 -l 200 -W 0.1 "$HERE" 3>&- &
		first=$!
		inside taskset -c 1 ping -n -q -f -c 10000 -l 200 -W 0.1 "$HERE" || true
		wait "$first" || true
		wait_for 5 have_answers_inside $((before + 20000))
		stop
		assert_totals 20000 20000
		assert_frames_home
		untouched
	done
}

# --- sizes ------------------------------------------------------------------

@test "pings with 0 to 1,452 bytes of data are answered, unfragmented" {
	lab
	for mode in -N -S -B; do
		start -d "$DEV" $mode -v
		before=$(answers_inside)
		# ping compares the data of each answer with the data sent.
		inside bash -c '
			for size in {0..80} {81..1400..33} {1401..1452}; do
				ping -n -q -f -M "do" -c 2 -s "$size" "$0" || echo "failed: $size"
			done' "$HERE" >"$BATS_TEST_TMPDIR/sizes" 2>&1
		refute grep -E 'failed|wrong|duplicates' "$BATS_TEST_TMPDIR/sizes"
		sizes=$((81 + 40 + 52))
		[[ $(grep -c '2 packets transmitted, [12] received' "$BATS_TEST_TMPDIR/sizes") -eq $sizes ]]
		wait_for 5 have_answers_inside $((before + 2 * sizes))
		stop
		assert_totals $((2 * sizes)) $((2 * sizes))
		assert_frames_home
		refute grep -qE 'Dropped|Invalid|No answer' "$OUT"
		untouched
	done
}

@test "a packet as large as the MTU is answered, with frames of 2,048 and of 4,096 bytes" {
	lab
	# At MTU 1,766 the largest packet fills a frame of 2,048 bytes, and at
	# MTU 3,818 a frame of 4,096 bytes. The rest of a frame is 256 bytes of
	# headroom for XDP, 14 bytes of Ethernet header and 8 bytes for two VLAN
	# tags. In a frame of 2,048 bytes, 4 bytes are also kept for the
	# Ethernet checksum.
	for pair in "1280 2048" "1766 2048" "1767 4096" "3506 4096" "3818 4096"; do
		read -r mtu size <<<"$pair"
		ip link set dev "$DEV" mtu "$mtu"
		inside ip link set dev "$PEER" mtu "$mtu"
		BEFORE=$(look)
		start -d "$DEV" -v
		grep -q "6144 frames of $size bytes$" "$ERR"
		assert_ping -f -M "do" -c 100 -s $((mtu - 48)) "$HERE"
		stop
		assert_totals 100 100
		assert_frames_home
		untouched
	done
}

@test "fragments are counted, not answered" {
	lab
	start -d "$DEV" -v
	run ! ping_inside -q -c 2 -i 0.05 -W 0.2 -s 3000 "$HERE"
	stop
	assert_totals 6 0
	[[ $(unanswered "with an extension header or in fragments") -eq 6 ]]
	assert_frames_home
	untouched
}

# --- packets without an answer ----------------------------------------------

@test "UDP, TCP, IPv4 and ARP packets are counted, and get no answer" {
	lab --legacy-ip
	RAW=$(helper raw)
	start -d "$DEV" -v
	here=$(mac_hex here)
	there=$(mac_hex inside)
	inside bash -c 'echo data >/dev/udp/$0/9' "$HERE"
	run ! inside timeout 0.2 bash -c ': >/dev/tcp/$0/9' "$HERE"
	run ! ping_inside -q -c 1 -W 0.2 10.11.1.1
	# Send an ARP request, a neighbour solicitation to the device's address,
	# and one to that address's solicited-node group.
	assert_silence "ffffffffffff${there}080600010800060400010a0b01020a0b0101${there}0000"
	ns=8700000000000000$(ip_hex 1)0101$there
	assert_silence "$here${there}86dd6000000000203aff$(ip_hex 2)$(ip_hex 1)$ns"
	assert_silence "3333ff000001${there}86dd6000000000203aff$(ip_hex 2)ff0200000000000000000001ff000001$ns"
	stop
	cat "$OUT"
	# RX counts one datagram, at least one SYN, one IPv4 ping, and each of
	# three frames twice.
	[[ $(total TX) -eq 0 ]]
	[[ $(total RX) -ge 9 ]]
	[[ $(unanswered "no ICMPv6 echo request") -eq $(total RX) ]]
	assert_frames_home
	untouched
}

@test "reports have a line for each kind of request that gets no answer" {
	lab
	RAW=$(helper raw)
	start -d "$DEV" -v
	here=$(mac_hex here)
	there=$(mac_hex inside)
	good=$(echo_hex "$here" "$there" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")
	# Send requests to the all-nodes group, from this group, from ::, from
	# ::1, and to the broadcast MAC address.
	assert_silence "$(echo_hex 333300000001 "$there" "" 80 "$(ip_hex 2)" ff020000000000000000000000000001)"
	assert_silence "$(echo_hex "$here" "$there" "" 80 ff020000000000000000000000000001 "$(ip_hex 1)")"
	assert_silence "$(echo_hex "$here" "$there" "" 80 00000000000000000000000000000000 "$(ip_hex 1)")"
	assert_silence "$(echo_hex "$here" "$there" "" 80 00000000000000000000000000000001 "$(ip_hex 1)")"
	assert_silence "$(echo_hex ffffffffffff "$there" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")"
	# Send a request without its last byte, and a request cut after the
	# Ethernet header.
	assert_silence "${good%??}"
	assert_silence "${good:0:28}"
	# Send a request with a hop-by-hop header.
	assert_silence "${good:0:40}00${good:42}"
	stop
	cat "$OUT"
	[[ $(unanswered "from or to an address that gets no answer") -eq 10 ]]
	[[ $(unanswered "shorter than their headers say") -eq 4 ]]
	[[ $(unanswered "with an extension header or in fragments") -eq 2 ]]
	assert_totals 16 0
	assert_frames_home
	untouched
}

@test "each byte of a reply is right, and bytes after the end of the IPv6 packet are not sent back" {
	lab
	RAW=$(helper raw)
	for mode in -N -S -B; do
		start -d "$DEV" $mode -v
		here=$(mac_hex here)
		there=$(mac_hex inside)
		exchange "$(echo_hex "$here" "$there" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")"
		[[ $reply == $(echo_hex "$there" "$here" "" 81 "$(ip_hex 1)" "$(ip_hex 2)") ]]
		# Bytes after the end of the IPv6 packet are not sent back.
		exchange "$(echo_hex "$here" "$there" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")00112233"
		[[ $reply == $(echo_hex "$there" "$here" "" 81 "$(ip_hex 1)" "$(ip_hex 2)") ]]
		stop
		assert_totals 2 2
		assert_frames_home
		untouched
	done
}

# --- VLAN -------------------------------------------------------------------

@test "an answer has the one or two VLAN tags of its request; a request with three tags gets no answer" {
	lab
	RAW=$(helper raw)
	start -d "$DEV" -v
	here=$(mac_hex here)
	there=$(mac_hex inside)
	for tags in 8100002a 88a8a02a 88a800638100002a; do
		exchange "$(echo_hex "$here" "$there" $tags 80 "$(ip_hex 2)" "$(ip_hex 1)")"
		echo "$reply"
		[[ $reply == $(echo_hex "$there" "$here" $tags 81 "$(ip_hex 1)" "$(ip_hex 2)") ]]
	done
	assert_silence "$(echo_hex "$here" "$there" 88a80063810000028100002a 80 "$(ip_hex 2)" "$(ip_hex 1)")"
	stop
	assert_totals 5 3
	[[ $(unanswered "no ICMPv6 echo request") -eq 2 ]]
	assert_frames_home
	untouched
}

@test "pings through the lab's VLAN are answered with the VLAN's tag" {
	unshare --net bash -c 'ip link add name va type veth peer name vb &&
		ip link add link va name vc type vlan id 2' 2>/dev/null ||
		skip "this kernel has no VLAN devices"
	lab --vlan
	before=$(kernel_answers)
	start -d "$DEV" -v
	run -0 at_once 5 5 t ping --vlan -q
	[[ $output == *"5 packets transmitted, 5 received"* ]]
	stop
	assert_totals 5 5
	[[ $(kernel_answers) -eq $before ]]
	assert_frames_home
	untouched
}

# --- queues -----------------------------------------------------------------

@test "with a socket on one queue of four, the program answers packets of this queue, and the kernel answers all other packets" {
	lab --queues 4
	sum=0
	for queue in 0 1 2 3; do
		before=$(kernel_answers)
		start -d "$DEV" -Q $queue -v
		grep -q "^af_xdp_user: $DEV (veth) queue $queue: " "$ERR"
		# The sending kernel chooses one queue for each flow, that is,
		# for each source address.
		for source in {2..17}; do
			assert_ping -I "fc00:dead:cafe:1::$source" -f -c 5 "$HERE"
		done
		stop
		[[ $(total TX) -eq $(total RX) ]]
		[[ $(($(kernel_answers) - before + $(total TX))) -eq 80 ]]
		sum=$((sum + $(total TX)))
		echo "queue $queue: $(total TX)"
		assert_frames_home
		untouched
	done
	# A flow always uses the same queue, so the program answers the flow's
	# five pings in one of the four runs.
	[[ $sum -eq 80 ]]
}
