#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The lab for lessons/forward: two of testenv.sh's environments, wire-a and
# wire-b. The devices inside have addresses of one network, as if a cable joined
# the environments; lessons/forward takes the place of this cable. "lab.sh help"
# lists the commands.

set -u

TESTENV=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../testenv/testenv.sh
readonly TESTENV
readonly PEER=veth0
readonly NETWORK=fc00:dead:beef:1
readonly VLAN=42 # made by testenv.sh --vlan
readonly VLAN_NETWORK=fc00:dead:beef:$VLAN
readonly MTU_LARGEST=3818 # larger packets do not fit into a frame of one page

fail() { # WHAT WHY [WHAT TO DO]
	printf 'lab: %s: %s\n' "$1" "$2" >&2
	[[ -z ${3:-} ]] || printf '  %s\n' "$3" >&2
	exit 1
}

at() { # SIDE COMMAND...
	ip netns exec "wire-$1" "${@:2}"
}

mac() { # SIDE
	at "$1" cat "/sys/class/net/$PEER/address"
}

host() { # SIDE
	[[ $1 == a ]] && echo 1 || echo 2
}

other() { # SIDE
	[[ $1 == a ]] && echo b || echo a
}

# Give a device its address, and a static neighbour entry for the other side, so
# that only the user's packets are sent.
join() { # SIDE DEVICE NETWORK
	local far

	far=$(other "$1")
	at "$1" ip address add "$3::$(host "$1")/64" dev "$2" nodad &&
		at "$1" ip neigh replace "$3::$(host "$far")" dev "$2" \
			lladdr "$(mac "$far")" nud permanent
}

# Make both environments. testenv.sh switches off checksum offload (ethtool -K
# veth0 tx off). With offload, the kernel marks a packet as "checksum not filled
# in yet". AF_XDP copies the bytes but not the mark, so the receiver would find
# a wrong checksum and drop the packet. With VLAN offload, which testenv.sh also
# switches off, AF_XDP would lose the tag.
setup() {
	local side

	for side in a b; do
		"$TESTENV" --name "wire-$side" setup "$@" >/dev/null || {
			[[ $side == a ]] || "$TESTENV" --name wire-a teardown >/dev/null
			exit 1
		}
	done
	for side in a b; do
		join "$side" "$PEER" "$NETWORK" || fail "setup wire-$side" "no address"
		[[ " $* " != *" --vlan "* ]] ||
			join "$side" "$PEER.$VLAN" "$VLAN_NETWORK" || fail "setup wire-$side" "no VLAN"
	done
	echo "lab: wire-a and wire-b are ready, and nothing joins them yet:"
	echo "  lessons/forward -a wire-a -b wire-b"
}

teardown() {
	local side

	for side in a b; do
		"$TESTENV" --name "wire-$side" teardown || fail=1
	done
	exit "${fail:-0}"
}

# Ping the other side's address; with --vlan, its address in the VLAN.
ping_far() { # SIDE ARGS...
	local network=$NETWORK side=$1

	shift
	[[ ${1-} != --vlan ]] || { network=$VLAN_NETWORK && shift; }
	exec ip netns exec "wire-$side" ping "$@" "$network::$(host "$(other "$side")")"
}

side_check() { # WORD
	[[ $1 == @(a|b) ]] || fail "$1" "no such side" "the sides are a and b"
	[[ -e /run/netns/wire-$1 ]] || fail "wire-$1" "there is no lab" "lessons/lab.sh setup"
}

help() {
	cat <<-EOF
	Usage: lessons/lab.sh COMMAND

	Make two network namespaces, wire-a and wire-b, each with a veth pair. The outer
	ends are the devices wire-a and wire-b, which lessons/forward joins; both inner
	ends are called $PEER.

	  setup [--queues N] [--mtu BYTES] [--vlan]
	                      make both, with the options of testenv.sh setup;
	                      lessons/forward accepts an MTU of $MTU_LARGEST at most
	  ping SIDE [--vlan] [ARGS]
	                      from inside SIDE, a or b, ping the other side
	  exec SIDE CMD [ARGS]
	                      run a command inside SIDE
	  teardown            remove both
	  help                print this

	Address inside wire-a: $NETWORK::1, inside wire-b: $NETWORK::2.
	EOF
}

command=${1-help}
(($# == 0)) || shift
if [[ $command != help ]] && ((EUID)); then
	exec sudo -- "${BASH_SOURCE[0]}" "$command" "$@"
fi
case $command in
setup) setup "$@" ;;
teardown) teardown ;;
ping)
	side_check "${1-}"
	ping_far "$@"
	;;
exec)
	side_check "${1-}"
	(($# > 1)) || fail exec "an argument is missing" "lessons/lab.sh help"
	at "$@"
	;;
help | -h | --help) help ;;
*) fail "$command" "unknown command" "lessons/lab.sh help" ;;
esac
