#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Restart af_xdp_user during a flood of pings. While no process has a socket on
# the queue, the kernel answers, so no ping is lost. RESTARTS is the number of
# restarts; doc/restarts.org explains the results.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load lib

: "${RESTARTS:=10}"

MAPS=/sys/fs/bpf/restarts-maps
PROGS=/sys/fs/bpf/restarts-progs

# Attach an XDP program that stays attached when af_xdp_user ends.
lasting_program() {
	bpftool prog loadall "$KERN" "$PROGS" pinmaps "$MAPS"
	bpftool net attach xdpdrv pinned "$PROGS/xdp_sock_echo" dev "$DEV"
}

lasting_program_gone() {
	ip link set dev "$DEV" xdpdrv off
	rm -r "$PROGS" "$MAPS"
}

# Record the packet counters, and start a flood of pings.
flood() {
	ANSWERED=$(answers_inside)
	LOST=$(lost_by_cable)
	BY_KERNEL=$(kernel_answers)
	ping_begin -f
	after_packets 100
}

# Check that each ping of the flood was answered, unless the veth pair lost it.
# The device's tx_packets does not count packets that the veth pair lost, so
# take the number of pings from ping's output.
flood_answered() {
	after_packets 100
	ping_finish
	[[ $(<"$PINGS") =~ ([0-9]+)\ packets\ transmitted ]]
	wait_for 3 flood_is_home "${BASH_REMATCH[1]}"
	[[ $(kernel_answers) -gt $BY_KERNEL ]] # the kernel answered during restarts
}

flood_is_home() { # PINGS
	have_answers_but_lost $((ANSWERED + $1)) "$LOST" 0
}

@test "if the program is stopped and started again during a flood, each ping is answered" {
	lab
	start -d "$DEV"
	flood
	for ((i = 0; i < RESTARTS; i++)); do
		stop
		start -d "$DEV"
	done
	flood_answered
	stop
	untouched
}

@test "--xsks-map: if a new process starts during a flood, before the old process is stopped, each ping is answered" {
	lab
	lasting_program
	start -d "$DEV" --xsks-map "$MAPS/xsks_map"
	flood
	for ((i = 0; i < RESTARTS; i++)); do
		before=$PID
		launch -d "$DEV" --xsks-map "$MAPS/xsks_map"
		sleep 0.1 # the new process waits for the queue
		PID=$before stop
		await
	done
	flood_answered
	stop
	lasting_program_gone
	untouched
}
