#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make demo: set up the lab, start af_xdp_user, ping this side from the lab's
# namespace, and then remove the lab. Exit with status 0 if af_xdp_user answered
# every ping and ended without an error.

set -u

readonly NAME=veth-adv03
readonly PINGS=5

cd "$(dirname "$0")/.." || exit

program=
log=
tee=

step() {
	if [[ -t 1 ]]; then
		printf '\n\033[1m%s\033[0m\n' "$*"
	else
		printf '\n%s\n' "$*"
	fi
}

program_stop() {
	local status

	[[ -n $program ]] || return 0
	kill "$program" 2>/dev/null
	wait "$program"
	status=$?
	program=
	wait "$tee" # until tee has shown all output
	return "$status"
}

tear_down() {
	program_stop
	testenv/testenv.sh --name "$NAME" teardown
	rm -f "$log"
}

# Wait until the XDP program is attached. A moment later the socket is in the
# map, and af_xdp_user answers pings.
program_wait() {
	for _ in {1..50}; do
		if ip link show dev "$NAME" | grep -q 'prog/xdp'; then
			sleep 0.3
			return
		fi
		kill -0 "$program" 2>/dev/null || return
		sleep 0.1
	done
	return 1
}

# Print the number of RX or TX packets in the program's last report.
count_of() {
	awk -v which="$1:" '$1 == which || $2 == which { n = $0 }
		END { sub(/.*X: */, "", n); print n + 0 }' "$log"
}

main() {
	local pinged stopped shown

	step "1. The lab: network namespace $NAME, joined to this side by a veth pair"
	testenv/testenv.sh setup --name "$NAME" || return
	log=$(mktemp)
	trap 'tear_down; exit 1' INT TERM HUP

	step "2. ./af_xdp_user -d $NAME: an AF_XDP socket receives the packets of RX queue 0"
	exec {shown}> >(exec tee "$log")
	tee=$!
	./af_xdp_user -d "$NAME" >&"$shown" &
	program=$!
	exec {shown}>&-
	if ! program_wait; then
		tear_down
		return 1
	fi

	step "3. $PINGS pings from inside: the program answers them, and counts"
	testenv/testenv.sh --name "$NAME" ping -c "$PINGS"
	pinged=$?

	step "4. The program is stopped, and prints its last statistics:"
	program_stop
	stopped=$?

	step "5. The lab is removed"
	if ((pinged == 0 && stopped == 0)) &&
		(($(count_of RX) == PINGS && $(count_of TX) == PINGS)); then
		tear_down
		step "$PINGS pings, $PINGS answers from user space. Now read README.org, and do the same by hand."
		return
	fi
	tear_down
	step "The demo failed: see above for missing answers or an error."
	return 1
}

main
