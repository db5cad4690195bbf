#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Send packets to another device's MAC address. XDP sees such packets, too, but
# the program must not answer them.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Options in loops
# are split into words on purpose.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

readonly OTHERS=02cafe000199

teardown() {
	bridge_remove
	lab_end
}

# Print an echo request to the MAC address MAC, in hexadecimal digits.
request_to() { # MAC
	echo_hex "$1" "$(mac_hex inside)" "" 80 "$(ip_hex 2)" "$(ip_hex 1)"
}

# Send requests to our MAC address and to another MAC address, and print the
# answers.
ask_both() {
	local raw=$BATS_TEST_TMPDIR/raw

	[[ -x $raw ]] || raw=$(helper raw)
	for mac in "$OTHERS" "$(mac_hex here)"; do
		inside "$raw" "$PEER" 300 "$(request_to "$mac")" || true
	done
}

@test "a request to another MAC address is counted and not answered, in native and in SKB mode" {
	lab
	for mode in -N -S; do
		start -d "$DEV" $mode -v
		[[ $(ask_both | wc -l) -eq 1 ]]
		stop
		assert_totals 2 1
		[[ $(unanswered "for another device's MAC address") -eq 1 ]]
		assert_frames_home
		untouched
	done
	start -d "$DEV" --json
	[[ $(ask_both | wc -l) -eq 1 ]]
	stop
	[[ $(tail -n 1 "$OUT" | jq .total.no_answer_packets.foreign) -eq 1 ]]
}

@test "xdp_sock_echo does not redirect a request for another MAC address" {
	lab
	start -d "$DEV" --filename "$KERN" --progname xdp_sock_echo -v
	[[ $(ask_both | wc -l) -eq 1 ]]
	stop
	assert_totals 1 1
	refute grep -q 'No answer' "$OUT"
	assert_frames_home
}

@test "--any-mac: requests to any MAC address are answered, with the built-in program and with xdp_sock_echo" {
	lab
	for program in "" "--filename $KERN --progname xdp_sock_echo"; do
		start -d "$DEV" $program --any-mac -v
		[[ $(ask_both | wc -l) -eq 2 ]]
		stop
		assert_totals 2 2
		assert_frames_home
	done
}

@test "after the MAC address changes, requests to the new address are answered, and requests to the old address are not" {
	lab
	old=$(<"/sys/class/net/$DEV/address")
	start -d "$DEV" --interval 0.25 -v
	ip link set dev "$DEV" address 02:ca:fe:00:01:99
	# Send one request to the old address, and one to the new address.
	sleep 0.3
	OLD=$(request_to "${old//:/}")
	raw=$(helper raw)
	[[ $(inside "$raw" "$PEER" 300 "$OLD" | wc -l) -eq 0 ]]
	[[ $(inside "$raw" "$PEER" 300 "$(request_to $OTHERS)" | wc -l) -eq 1 ]]
	stop
	assert_totals 2 1
	[[ $(unanswered "for another device's MAC address") -eq 1 ]]
	ip link set dev "$DEV" address "$old"
	assert_frames_home
}

@test "after the MAC address changes, a message reports that xdp_sock_echo has the old address; xdp_sock_all needs no address" {
	lab
	old=$(<"/sys/class/net/$DEV/address")
	for program in "" "--filename $KERN --progname xdp_sock_echo"; do
		start -d "$DEV" --interval 0.25 $program
		ip link set dev "$DEV" address 02:ca:fe:00:01:99
		sleep 0.7
		stop
		[[ $(grep -c "MAC address is 02:ca:fe:00:01:99 now, and XDP program xdp_sock_echo was loaded with $old" "$ERR") \
			-eq $([[ -z $program ]] && echo 0 || echo 1) ]]
		ip link set dev "$DEV" address "$old"
	done
}

# --- a bridge with three hosts ----------------------------------------------

at() { # HOST COMMAND...
	nsenter --net="/run/netns/host-$1" "${@:2}"
}

# Make the namespaces host-a, host-b and host-c, and connect them by a bridge in
# the namespace host-s.
bridge_setup() {
	local host

	ip link add br-t type bridge 2>/dev/null || skip "this kernel has no bridge"
	ip link del br-t
	for host in s a b c; do
		ip netns add host-$host
	done
	at s ip link add br0 type bridge
	at s ip link set br0 up
	for host in a b c; do
		at s ip link add port-$host type veth peer name eth0 \
			netns /run/netns/host-$host
		at s ip link set port-$host master br0 up
		at $host ip link set eth0 address 02:ca:fe:00:02:0$host up
		at $host ip -6 addr add fc00:dead:cafe:2::$host/64 dev eth0 nodad
	done
}

bridge_remove() {
	local host

	for host in s a b c; do
		[[ ! -e /run/netns/host-$host ]] || ip netns del host-$host
	done
}

# Print the port behind which the bridge expects host b.
port_of_b() {
	at s bridge fdb show br br0 | sed -n 's/^02:ca:fe:00:02:0b dev \([^ ]*\) master br0 *$/\1/p'
}

# Delete the bridge's entry for host b, as if the entry had expired. Fail if a
# packet from host b has already restored the entry.
forget_b() {
	at s bridge fdb del 02:ca:fe:00:02:0b dev port-b master
	[[ -z $(port_of_b) ]]
}

@test "if a bridge has forgotten a host, the bridge sends pings for this host to all ports, and only this host answers" {
	bridge_setup
	at a ping -q -c 2 -i 0.2 -W 5 fc00:dead:cafe:2::b
	[[ $(port_of_b) == port-b ]]
	for program in "" "--filename $KERN --progname xdp_sock_echo"; do
		WRAP=(nsenter --net=/run/netns/host-c)
		start -d eth0 $program
		wait_for 5 forget_b
		run at a ping -n -c 1 -W 1 fc00:dead:cafe:2::b
		echo "$output; b is expected at $(port_of_b)"
		[[ $status -eq 0 && $output != *DUP* ]]
		[[ $(port_of_b) == port-b ]]
		stop
		[[ $(total TX) -eq 0 ]]
	done
}
