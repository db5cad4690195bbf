#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Restart the program during a flood. Between two processes the kernel answers,
# so no ping is lost. RESTARTS is the number of restarts; doc/restarts.org
# explains the results.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load lib

: "${RESTARTS:=10}"

MAPS=/sys/fs/bpf/restarts-maps
PROGS=/sys/fs/bpf/restarts-progs

# Attach an XDP program that stays attached when the processes end.
lasting_program() {
	bpftool prog loadall "$KERN" "$PROGS" pinmaps "$MAPS"
	bpftool net attach xdpdrv pinned "$PROGS/xdp_sock_echo" dev "$DEV"
}

lasting_program_gone() {
	ip link set dev "$DEV" xdpdrv off
	rm -r "$PROGS" "$MAPS"
}

# Record the counts, and start a flood.
flood() {
	SENT=$(packets_from_inside)
	ANSWERED=$(answers_inside)
	LOST=$(lost_by_cable)
	BY_KERNEL=$(kernel_answers)
	ping_begin -f
	after_packets 100
}

# Check that each ping of the flood was answered. Neighbour discovery sends
# packets, too, so take the number of pings from ping's own report.
flood_answered() {
	after_packets 100
	ping_finish
	[[ $(<"$PINGS") =~ ([0-9]+)\ packets\ transmitted ]]
	wait_for 3 flood_is_home "${BASH_REMATCH[1]}"
	[[ $(kernel_answers) -gt $BY_KERNEL ]] # the kernel answered between two processes
}

flood_is_home() { # PINGS
	have_answers_but_lost $((ANSWERED + $1)) "$LOST" 0
}

@test "the program is stopped, then started again: each ping of a flood is answered" {
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

@test "--xsks-map: a process is started, then the previous process is stopped: each ping of a flood is answered" {
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
