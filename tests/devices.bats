#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test devices other than the lab's veth pair. The program refuses a device on
# which it cannot work or would do harm. It does not confuse its device with
# another device of the same name in another network namespace.
# vm/guest/devices tests kinds of devices that this kernel may lack.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# shellcheck disable=SC2054,SC2119,SC2120

load lib

teardown() {
	local name

	for name in other tun-t tap-t bridge-t above-t 'a*b'; do
		ip link del "$name" 2>/dev/null || true
	done
	ip netns del elsewhere 2>/dev/null || true
	sysctl -qw net.ipv4.nexthop_compat_mode=1 2>/dev/null || true
	rm -rf /sys/fs/bpf/xdp /sys/fs/bpf/prog-t
	lab_end
}

# Make a veth pair in this namespace: "other" (or the given name) and
# "other-peer".
pair() {
	ip link add "${1:-other}" type veth peer name other-peer
	ip link set dev "${1:-other}" up
	ip link set dev other-peer up
}

carries() { # [OF]
	expect_error 1 "other: carries the default route${1:+ of $1, above it}, .*" -d other
}

accepted() {
	start -d "${1:-other}"
	stop
}

# --- kinds of devices, and their settings -----------------------------------

@test "a device without an Ethernet header is refused, with or without --force" {
	ip tuntap add dev tun-t mode tun 2>/dev/null || skip "no tun here"
	ip link set dev tun-t up
	for options in "" --force; do
		# shellcheck disable=SC2086 # no option: no argument
		expect_error 1 "tun-t: its packets have no Ethernet header \(link type 65534, .*" \
			-d tun-t $options
		[[ ${stderr_lines[1]} == *"bind the Ethernet device"* ]]
	done
	ip tuntap add dev tap-t mode tap
	ip link set dev tap-t up
	accepted tap-t
}

@test "lo is refused; with --force its MTU is refused, and the message does not advise a lower MTU" {
	ip link set dev lo up
	expect_error 1 "lo: this machine's own traffic goes through this device.*" -d lo
	expect_error 1 "lo: MTU 65536: packets may be larger than a frame" -d lo --force
	[[ $stderr != *"mtu 3818"* ]]
}

@test "a bridge has no native XDP: -N fails, and auto mode reports that it uses SKB mode" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	ip link set dev bridge-t up
	ip link set dev other master bridge-t
	expect_error 1 "bridge-t: driver bridge .*" -d bridge-t -N
	[[ ${stderr_lines[1]} == *--skb-mode* ]]
	start -d bridge-t
	grep -q 'driver bridge refuses native XDP (.*): SKB mode' "$ERR"
	grep -q 'in SKB mode; socket' "$ERR"
	grep -q '^af_xdp_user: bridge-t: packets arrive without their VLAN tags' "$ERR"
	stop
}

@test "the start message names devices on top of the program's device, and advises xdp_sock_echo, which leaves packets to them" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	start -d other
	refute grep -q 'come through it' "$ERR"
	stop
	ip link add link other name above-t type macvlan mode bridge
	start -d other
	grep -q '^af_xdp_user: other: the packets of above-t come through it, and' "$ERR"
	stop
	ip link del above-t
	ip link set dev bridge-t up
	ip link set dev other master bridge-t
	start -d other
	grep -q '^af_xdp_user: other: the packets of bridge-t come through it, and' "$ERR"
	grep -q -- '--progname=xdp_sock_echo' "$ERR"
	stop
	start -d other --filename "$KERN" --progname xdp_sock_echo
	refute grep -q 'come through it' "$ERR"
	stop
	run -0 "$PROGRAM" -d other --doctor
	[[ $output =~ "above it:"\ +bridge-t ]]
}

@test "if the device becomes a port of a bridge after the start, this is reported, unless the XDP program leaves packets to the bridge" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	for options in "" "--filename $KERN --progname xdp_sock_echo"; do
		# shellcheck disable=SC2086 # words
		start -d other --interval 0.25 $options
		ip link set dev other-peer master bridge-t
		sleep 0.6
		refute grep -q 'come through it' "$ERR"
		ip link set dev other master bridge-t
		if [[ $options ]]; then
			sleep 0.6
			refute grep -q 'come through it' "$ERR"
		else
			wait_for 3 grep -q '^af_xdp_user: other: the packets of bridge-t come through it now,' "$ERR"
			ip link set dev other nomaster
			ip link set dev other master bridge-t
			wait_for 3 grep -q 'come through it now' "$ERR"
		fi
		stop
		ip link set dev other nomaster
		ip link set dev other-peer nomaster
	done
}

@test "IPv6 forwarding is reported, because the program also answers requests to other hosts" {
	pair
	accepted
	refute grep -q 'forwarding' "$ERR"
	[[ $("$PROGRAM" -d other --doctor) == *"forwarding:     off"* ]]
	sysctl -qw net.ipv6.conf.other.forwarding=1
	accepted
	grep -q '^af_xdp_user: other: IPv6 forwarding is on, ' "$ERR"
	[[ $("$PROGRAM" -d other --doctor) == *"forwarding:     on: "* ]]
}

@test "with a user's XDP program, if queues are added, a message says that packets can no longer be counted for each queue" {
	ip link add other numrxqueues 2 numtxqueues 2 type veth peer name other-peer numrxqueues 1 numtxqueues 1
	ethtool -L other rx 1 tx 1
	ip link set dev other up
	ip link set dev other-peer up
	start -d other --interval 0.25 --filename "$KERN" --progname xdp_sock_echo
	ethtool -L other rx 2 tx 2
	wait_for 3 grep -q '^af_xdp_user: other: its queues have changed' "$ERR"
	sleep 0.6
	[[ $(grep -c 'queues have changed' "$ERR") -eq 1 ]]
	stop
}

@test "no carrier: the message names the cause, for a tap device, a bridge and a macvlan" {
	ip tuntap add dev tap-t mode tap 2>/dev/null || skip "no tap here"
	ip link set dev tap-t up
	start -d tap-t --interval 0.25
	wait_for 3 grep -q '^af_xdp_user: tap-t: no carrier: no program has opened the device,' "$ERR"
	stop
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	ip link set dev bridge-t up
	ip link set dev other master bridge-t
	start -d bridge-t --interval 0.25
	ip link set dev other-peer down
	wait_for 3 grep -q '^af_xdp_user: bridge-t: no carrier: none of its ports has a carrier,' "$ERR"
	stop
	ip link set dev other nomaster
	ip link set dev other-peer up
	ip link add link other name above-t type macvlan
	ip link set dev above-t up
	start -d above-t --interval 0.25
	ip link set dev other down
	wait_for 3 grep -q '^af_xdp_user: above-t: no carrier: the device below it' "$ERR"
	stop
}

# A port with 802.1X is dormant until it is authorized, but even a dormant port
# receives packets.
@test "a dormant device has a carrier, so no missing carrier is reported" {
	pair
	ip link set dev other mode dormant
	ip link set dev other down
	ip link set dev other up
	[[ $(</sys/class/net/other/operstate) == dormant ]]
	start -d other --interval 0.25
	sleep 0.6
	refute grep -q 'no carrier' "$ERR"
	ip link set dev other-peer down
	wait_for 3 grep -q '^af_xdp_user: other: no carrier: the other end is down' "$ERR"
	stop
}

# A packet on a bridge keeps the queue number that it had on the port. ethtool
# cannot set a bridge's queues.
@test "packets on a bridge's queue without a socket: the message does not advise ethtool, which cannot set a bridge's queues" {
	ip link add name bridge-t numrxqueues 2 numtxqueues 2 type bridge 2>/dev/null ||
		skip "no bridge here"
	ip link add other numrxqueues 2 numtxqueues 2 type veth \
		peer name other-peer numrxqueues 2 numtxqueues 2
	ethtool -L other rx 2 tx 2
	ethtool -L other-peer rx 2 tx 2
	ip link set dev other master bridge-t up
	ip link set dev other-peer up
	ip link set dev bridge-t up
	start -d bridge-t -Q 1 --interval 0.25
	ip -6 addr add fd09::1/64 dev other-peer nodad
	for flow in {2..17}; do
		ping -6 -c 1 -W 0.05 "fd09::$flow" >/dev/null || true
	done
	wait_for 5 grep -q '^af_xdp_user: bridge-t: .* packets came on RX queue 0, which has no socket' "$ERR"
	grep -q '^  --queue=0 or --all-queues takes them$' "$ERR"
	stop
}

# The vxlan driver drops an outgoing packet if its forwarding table has no entry
# for the destination.
@test "answers that the driver drops are reported once" {
	pair
	ip addr add 10.9.0.1/24 dev other
	ip netns add elsewhere
	ip link set dev other-peer netns elsewhere
	WRAP=()
	elsewhere ip addr add 10.9.0.2/24 dev other-peer
	elsewhere ip link set dev other-peer up
	ip link add above-t type vxlan id 7 local 10.9.0.1 dstport 4789 nolearning ||
		skip "no vxlan here"
	elsewhere ip link add far-t type vxlan id 7 local 10.9.0.2 remote 10.9.0.1 dstport 4789
	ip link set dev above-t up
	elsewhere ip link set dev far-t up
	elsewhere ip -6 addr add fd29::2/64 dev far-t nodad
	elsewhere ip -6 neigh add fd29::1 dev far-t lladdr "$(</sys/class/net/above-t/address)"
	ping_far() {
		elsewhere ping -6 -q -c 4 -i 0.1 -W 0.2 fd29::1
	}
	start -d above-t --interval 0.25
	ping_far || true
	wait_for 3 grep -q '^af_xdp_user: above-t: the driver has dropped [1-9][0-9]* packets instead of sending' "$ERR"
	ping_far || true
	sleep 0.6
	[[ $(grep -c 'instead of sending' "$ERR") -eq 1 ]]
	stop
	mac=$(elsewhere ip -o link show dev far-t | sed -n 's/.*ether \([^ ]*\).*/\1/p')
	bridge fdb add "$mac" dev above-t dst 10.9.0.2
	start -d above-t --interval 0.25
	ping_far
	sleep 0.6
	refute grep -q 'instead of sending' "$ERR"
	# The forwarding table has no entry for the sender of every second
	# request, so the driver drops every second answer.
	raw=$(helper raw)
	here=$(tr -d : </sys/class/net/above-t/address)
	for _ in {1..10}; do
		for from in "${mac//:/}" 02cafe000199; do
			elsewhere "$raw" far-t 50 "$(echo_hex "$here" "$from" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")" >/dev/null || true
		done
	done
	wait_for 3 grep -q '^af_xdp_user: above-t: the driver has dropped [1-9][0-9]* packets instead of sending them: some answers' "$ERR"
	stop
}

@test "if a driver has native XDP but refuses it now, the message does not say that the driver has none" {
	pair
	WRAP=(env WEAK=refuses "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	expect_error 1 "other: driver veth has native XDP, but not as the device is set up now" -d other -N
	start -d other
	grep -q 'driver veth refuses native XDP (Operation not supported): SKB mode' "$ERR"
	stop
}

@test "a driver whose native XDP cannot redirect: -N fails, and auto mode reports that it uses SKB mode" {
	pair
	WRAP=(env WEAK=no-redirect "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	expect_error 1 "other: the native XDP of driver veth cannot redirect packets to a socket" -d other -N
	start -d other
	grep -q 'cannot redirect packets to a socket: SKB mode$' "$ERR"
	grep -q 'in SKB mode; socket' "$ERR"
	stop
	foretold -d other
}

# Here a bridge and a preloaded library imitate a bond. vm/guest/devices tests a
# real bond.
@test "a bond: native XDP would run on its ports, so auto mode reports that it uses SKB mode, and -N fails" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	ip link set dev other master bridge-t
	ip link set dev bridge-t up
	WRAP=(env WEAK=bond "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	expect_error 1 "bridge-t: native XDP would run on its ports \(other\), and .*" -d bridge-t -N
	[[ ${stderr_lines[1]} == "  bind a port instead, or use --skb-mode" ]]
	start -d bridge-t
	grep -q 'native XDP would run on its ports (other), .* of bridge-t: SKB mode$' "$ERR"
	grep -q 'in SKB mode; socket' "$ERR"
	stop
	foretold -d bridge-t
	foretold -d bridge-t -N
}

# Here a bridge and a preloaded library imitate a VRF. vm/guest/devices tests a
# real VRF.
@test "a VRF is refused, because the kernel runs no XDP program on it; the message advises binding the VRF's ports" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	ip link set dev bridge-t up
	WRAP=(env WEAK=vrf "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	expect_error 1 "bridge-t: the kernel runs no XDP program on a VRF, .*" -d bridge-t
	[[ ${stderr_lines[1]} == "  bind its ports; "* ]]
	foretold -d bridge-t
	pair
	ip link set dev other master bridge-t
	start -d bridge-t --force --interval 0.25
	ip link set dev other-peer down
	wait_for 3 grep -q '^af_xdp_user: bridge-t: no carrier: none of its ports has a carrier,' "$ERR"
	stop
}

# Here a bridge and a preloaded library imitate a netkit device.
# vm/guest/devices makes a real netkit pair, and shows that the other end gets
# no answer.
@test "netkit: a message at the start says that the kernel at the other end drops the answers" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	ip link set dev bridge-t up
	start -d bridge-t
	refute grep -q netkit "$ERR"
	stop
	WRAP=(env WEAK=netkit "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	start -d bridge-t
	grep -q '^af_xdp_user: bridge-t: the kernel at the other end of a netkit pair drops the answers,' "$ERR"
	stop
	[[ $("${WRAP[@]}" "$PROGRAM" --doctor -d bridge-t) == *"answers:        lost: "* ]]
}

@test "VLAN offload is reported, with the command that turns it off" {
	lab
	start -d "$DEV"
	refute grep -q 'VLAN' "$ERR"
	stop
	ethtool -K "$DEV" rxvlan on
	start -d "$DEV"
	grep -q "^af_xdp_user: $DEV: VLAN offload is on" "$ERR"
	command=$(sed -n 's/.* from a VLAN: //p' "$ERR")
	grep -q 'at the other end: ethtool -K PEER txvlan off' "$ERR"
	stop
	$command
	start -d "$DEV" --interval 0.25
	refute grep -q 'VLAN' "$ERR"
	ethtool -K "$DEV" rxvlan on
	wait_for 3 grep -q "^af_xdp_user: $DEV: VLAN offload is on now" "$ERR"
	grep -q 'at the other end: ethtool -K PEER txvlan off' "$ERR"
	stop
	$command
}

@test "a request whose checksum is left to hardware: the answer's checksum is wrong, and a hint explains the cause" {
	lab
	partial=$(helper partial)
	packet=$(echo_hex "$(mac_hex here)" "$(mac_hex inside)" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")
	for mode in -N -S; do
		inside ethtool -K "$PEER" tx off
		start -d "$DEV" "$mode" --interval 0.25
		inside "$partial" "$PEER" "$packet"
		sleep 0.6
		stop
		assert_totals 1 1
		refute grep -q checksum "$ERR"
		inside ethtool -K "$PEER" tx on
		start -d "$DEV" "$mode" --interval 0.25
		inside "$partial" "$PEER" "$packet"
		wait_for 3 grep -q "^af_xdp_user: $DEV: answers leave with a wrong checksum" "$ERR"
		grep -q '  if the sender.*ethtool -K DEVICE tx off' "$ERR"
		stop
		assert_totals 1 1
	done
	inside ethtool -K "$PEER" tx off
}

# With UDP_SEGMENT a program sends several packets as one large packet. A
# network card splits the large packet, but veth delivers it whole.
@test "in SKB mode, a hint explains that GSO packets are larger than a frame; with GSO off, all packets fit" {
	lab
	inside ethtool -K "$PEER" tx on gso on tso on
	inside ethtool -K "$PEER" tx-udp-segmentation on
	segments=$(helper segments)
	start -d "$DEV" --skb-mode --interval 0.25
	inside "$segments" "$HERE"
	wait_for 3 grep -q "^af_xdp_user: $DEV: rx_dropped: packets are larger than a frame" "$ERR"
	grep -q 'ethtool -K DEVICE tso off gso off' "$ERR"
	stop
	inside ethtool -K "$PEER" tso off gso off tx-udp-segmentation off
	start -d "$DEV" --skb-mode --interval 0.25
	inside "$segments" "$HERE"
	sleep 0.6
	refute grep -q 'larger than a frame' "$ERR"
	stop
	inside ethtool -K "$PEER" tx off gso on
}

# --- default routes ---------------------------------------------------------

@test "default routes: every next hop of every routing table is checked" {
	pair
	ip addr add 10.9.0.1/24 dev other
	ip addr add 10.9.1.1/24 dev other-peer
	ip -6 addr add fd09::1/64 dev other nodad
	ip -6 addr add fd19::1/64 dev other-peer nodad
	accepted
	ip route add default nexthop via 10.9.1.2 nexthop via 10.9.0.2
	carries
	ip route del default
	ip -6 route add default nexthop via fd19::2 dev other-peer nexthop via fd09::2 dev other
	carries
	ip -6 route flush default
	ip route add default via 10.9.0.2 table 77
	carries
	ip route flush table 77
	ip -6 route add default via fd09::2 table 77
	carries
	ip -6 route flush table 77
	for half in 0.0.0.0/1 128.0.0.0/1; do
		ip route add $half via 10.9.0.2
		carries
		ip route del $half
	done
	ip route add 64.0.0.0/2 via 10.9.0.2
	accepted
	ip route del 64.0.0.0/2
	for part in 2000::/3 8000::/1; do
		ip -6 route add $part via fd09::2 dev other
		carries
		ip -6 route del $part
	done
	ip -6 route add fc00::/7 via fd09::2 dev other
	accepted
	ip -6 route del fc00::/7 dev other
	ip route add unreachable default
	accepted
	ip route del unreachable default
}

@test "default routes: nexthop objects and groups of nexthop objects are checked" {
	pair
	ip addr add 10.9.0.1/24 dev other
	ip addr add 10.9.1.1/24 dev other-peer
	ip nexthop add id 1 via 10.9.1.2 dev other-peer || skip "no ip nexthop here"
	ip nexthop add id 2 via 10.9.0.2 dev other
	ip nexthop add id 3 group 1/2
	for compat in 1 0; do
		sysctl -qw net.ipv4.nexthop_compat_mode=$compat
		ip route add default nhid 3
		carries
		ip route change default nhid 2
		carries
		ip route change default nhid 1
		accepted
		ip route del default
	done
	ip nexthop flush 2>/dev/null
}

@test "default routes: a port of a bridge with the default route is refused; the other end of the port's veth pair is accepted" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	ip link set dev bridge-t up
	ip link set dev other master bridge-t
	ip -6 route add default dev bridge-t
	carries bridge-t
	accepted other-peer
	start -d other --force
	stop
}

# --- names and namespaces ---------------------------------------------------

@test "the queues of devices with special characters in their names are counted correctly" {
	for name in 'a*b' 'a?b' 'a[b]' 'a\b'; do
		ip link add "$name" numrxqueues 4 numtxqueues 4 type veth peer name other-peer
		ethtool -L "$name" rx 3 tx 3
		ip link set dev "$name" up
		run "$PROGRAM" -d "$name" -Q 3
		[[ $output == *"no RX queue 3: the last queue is 2"* ]]
		ip link del "$name"
	done
	# ethtool reports no queues of a tap that no program has opened, so
	# af_xdp_user counts them in another way. Add a second tap, whose queues
	# must not be counted, although its name matches the pattern a*b.
	ip tuntap add dev 'a*b' mode tap
	ip tuntap add dev 'a-b' mode tap
	ip link set dev 'a*b' up
	run "$PROGRAM" -d 'a*b' -Q 1
	ip link del 'a-b'
	[[ $output == *"no RX queue 1: the last queue is 0"* ]]
}

# Run a command in the network namespace "elsewhere", but with the /sys of this
# namespace, because nsenter --net does not mount another /sys.
elsewhere() {
	nsenter --net=/run/netns/elsewhere "$@"
}

@test "after nsenter --net, queues and packets are not counted on the device of the same name in the old namespace" {
	ip netns add elsewhere
	ip -n elsewhere link add other type bridge 2>/dev/null || skip "no bridge here"
	ip -n elsewhere link set dev other up
	WRAP=(nsenter --net=/run/netns/elsewhere)
	# A bridge has no ETHTOOL_GCHANNELS. /sys still belongs to this
	# namespace, and shows the queues of another device "other", the veth
	# device that is made next. So the program must not count queues in
	# /sys.
	ip link add other numrxqueues 4 numtxqueues 4 type veth peer name other-peer
	ethtool -L other rx 4 tx 4
	[[ $(elsewhere sh -c 'echo /sys/class/net/other/queues/rx-*') == *rx-3 ]]
	expect_error 1 "other: no RX queue 1: the last queue is 0" -d other -Q 1
	ip link del other
	ip -n elsewhere link del other
	# Packets arrive at the device "other" in this namespace, and none at
	# the program's device "other", which is in "elsewhere".
	pair
	ip -n elsewhere link add other type veth peer name other-peer
	ip -n elsewhere link set dev other up
	ip -n elsewhere link set dev other-peer up
	elsewhere sysctl -qw net.ipv6.conf.other-peer.disable_ipv6=1
	sleep 1
	start -d other --interval 0.25
	ip -6 addr add fd09::1/64 dev other-peer nodad
	ping -6 -c 5 -i 0.2 -W 0.1 fd09::2 >/dev/null || true
	wait_for 6 grep -q 'no packet yet' "$ERR"
	grep -q 'nor has the device received any' "$ERR"
	stop
}

@test "a device is found by an alternative name that is longer than IFNAMSIZ" {
	pair
	ip link property add dev other altname enp197s0f3u1u2c2i0
	accepted enp197s0f3u1u2c2i0
	grep -q '^af_xdp_user: other (veth)' "$ERR"
	expect_error 1 "enp197s0f3u1u2c2i1: no such device in this network namespace" -d enp197s0f3u1u2c2i1
	expect_error 1 ".*: no such device in this network namespace" -d "$(printf 'n%.0s' {1..200})"
}

@test "if the device is renamed during the start, the program binds this device, and not another device that gets the old name" {
	pair
	hold=$(helper hold -lxdp -lbpf)
	"$hold" other 0 >"$BATS_TEST_TMPDIR/held" 3>&- &
	holder=$!
	PIDS+=("$holder")
	wait_for 3 grep -q held "$BATS_TEST_TMPDIR/held"
	launch -d other
	# The program waits up to a second for the queue, which the helper
	# "hold" has bound.
	sleep 0.3
	ip link set dev other name 'a*b'
	ip link set dev other-peer name other
	kill -TERM "$holder"
	await
	ip -6 addr add fd09::1/64 dev other nodad
	ping -6 -c 2 -i 0.1 -W 0.1 fd09::2 >/dev/null || true
	stop
	[[ $(total RX) -gt 0 ]]
	ip link del 'a*b'
}

@test "a macvlan without a carrier: the message says that the device below it is in another network namespace" {
	pair
	ip netns add elsewhere
	ip link add link other name above-t netns elsewhere type macvlan mode bridge || skip "no macvlan here"
	ip -n elsewhere link set dev above-t up
	WRAP=(nsenter --net=/run/netns/elsewhere)
	start -d above-t --interval 0.25
	ip link set dev other-peer down
	wait_for 3 grep -q '^af_xdp_user: above-t: no carrier: the device below it, which is in another network namespace, ' "$ERR"
	stop
}

@test "if a bridge has an XDP program, the kernel accepts none on the bridge's ports: the error names the bridge's program" {
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	ip link set dev bridge-t up
	ip link set dev other master bridge-t
	start -d bridge-t -q
	upper=$PID
	for options in "" -S --force; do
		# shellcheck disable=SC2086 # no option: no argument
		expect_error_below 1 "other: bridge-t, which is above this device, has an XDP program: xdp_sock_all, id [0-9]+; .*" -d other $options
		# shellcheck disable=SC2086
		foretold -d other $options
	done
	PID=$upper stop
	foretold -d other
}

# Attach the pinned program to the device "other" by a bpf_link that a
# background process holds.
linked() { # COMMAND IN FRONT OF THE HELPER...
	"$@" "$BATS_TEST_TMPDIR/link" /sys/fs/bpf/prog-t other >"$BATS_TEST_TMPDIR/attached" 3>&- &
	PIDS+=("$!")
	wait_for 3 grep -q attached "$BATS_TEST_TMPDIR/attached"
}

# bpf_links are visible in every network namespace. A link shows only the index
# of its device, and devices in two namespaces may have the same index.
@test "--force does not detach a bpf_link for a device of the same index in another network namespace" {
	ip netns add elsewhere
	ip link add other index 900 type veth peer name other-peer
	ip -n elsewhere link add other index 900 type veth peer name other-peer
	ip link set dev other up
	ip link set dev other-peer up
	helper link -lbpf
	bpftool prog load "$(object_pass)" /sys/fs/bpf/prog-t type xdp
	linked nsenter --net=/run/netns/elsewhere
	bpftool net attach xdp pinned /sys/fs/bpf/prog-t dev other
	expect_error 1 "other: an XDP program is attached already: others_prog, id [0-9]+" -d other
	[[ ${stderr_lines[1]} == *"remove it: ip link set dev other xdpdrv off;"* ]]
	start -d other --force
	stop
	[[ $(ip -n elsewhere -d link show dev other) == *prog/xdp* ]]
	linked env
	for options in "" --force; do
		# shellcheck disable=SC2086 # no option: no argument
		expect_error 1 "other: an XDP program is attached already: others_prog, id [0-9]+" -d other $options
		[[ ${stderr_lines[1]} == "  end the process that holds it; bpftool link shows 2 links,"* ]]
	done
	kill "${PIDS[0]}"
	wait_for 3 refute bash -c "ip -n elsewhere -d link show dev other | grep -q prog/xdp"
	start -d other --force
	stop
	kill "${PIDS[@]}" 2>/dev/null || true
}

# --- limits -----------------------------------------------------------------

# Raise the limit of open files until the program starts. Check that the program
# reports each lower limit.
@test "open files: the message names each limit that is too low" {
	pair
	for n in {7..40}; do
		WRAP=(bash -c 'ulimit -n "$1"; shift; exec "$@" 10>&-' limited "$n")
		run "${WRAP[@]}" "$PROGRAM" "${OPTIONS[@]}" -d other -q --duration=0.05
		[[ $status -ne 0 ]] || break
		echo "$n: $output"
		[[ $output == *"open files"* && $output != *"No such file"* ]]
		[[ $output == *"open files: the limit of $n is too low"* || $n -lt 9 ]]
	done
	[[ $n -gt 10 && $status -eq 0 ]]
	# The program raises a soft limit that is lower than the hard limit.
	WRAP=(bash -c 'ulimit -Sn 12; exec "$@"' limited)
	accepted
}

@test "locked memory: the advised limit includes the memory of all sockets and of the user's other processes" {
	ip link add other numrxqueues 4 numtxqueues 4 type veth peer name other-peer
	ethtool -L other rx 4 tx 4
	ip link set dev other up
	ip link set dev other-peer up
	limited "-l 4096" -ipc_lock,-sys_resource
	expect_error 1 "UMEM: 12288 Kbytes are more memory than this process may lock" -d other
	[[ ${stderr_lines[1]} == *"ulimit -l 12288;"* ]]
	# The memory of the last attempt counts against the limit until the
	# kernel frees it, which may happen after the process has ended.
	wait_for 5 advises 49152 -d other --all-queues
	expect_error 1 "UMEM: 49152 Kbytes are more memory than .*" -d other --all-queues
	hold=$(helper hold -lxdp -lbpf)
	"${WRAP[@]}" "$hold" other-peer 0 >"$BATS_TEST_TMPDIR/held" 3>&- &
	holder=$!
	PIDS+=("$holder")
	wait_for 3 grep -q held "$BATS_TEST_TMPDIR/held"
	# The helper "hold" has a UMEM of 256 Kbytes.
	wait_for 5 advises $((12288 + 256)) -d other
	kill -TERM "$holder"
	wait "$holder" || true
}

# --- libxdp's dispatcher ----------------------------------------------------

# This XDP program is not libxdp's dispatcher, but has the dispatcher's name.
# vm/guest/cells tests the real dispatcher in the cell "beside", on kernels on
# which libxdp can load its dispatcher.
@test "if xdp-loader's dispatcher is attached, the error advises --xsks-map, or a command that unloads the dispatcher" {
	lab
	dispatcher=$(object dispatcher <<-EOF
	SEC("xdp") int xdp_dispatcher(struct xdp_md *ctx) { return XDP_PASS; }
	EOF
	)
	ip link set dev "$DEV" xdp obj "$dispatcher" sec xdp
	OURS=$BEFORE
	BEFORE=
	expect_error 1 "$DEV: XDP programs are attached already, by libxdp's dispatcher, id [0-9]+" -d "$DEV"
	[[ ${stderr_lines[1]} == *"xdp-loader unload $DEV --all; "*--xsks-map* ]]
	start -d "$DEV" --force
	stop
	BEFORE=$OURS
	untouched
}

# --- rights -----------------------------------------------------------------

@test "if root has no capabilities, the message does not advise becoming root" {
	lab
	WRAP=(setpriv --bounding-set=-all)
	expect_error 1 "missing rights: .*" -d "$DEV"
	[[ ${stderr_lines[1]} == *"container"*--cap-add*CapabilityBoundingSet* && ${stderr_lines[1]} != *sudo* ]]
}

# --- --doctor ---------------------------------------------------------------

# Compare the prediction of --doctor with the result of a start.
foretold() { # OPTIONS
	local said want

	said=$("${WRAP[@]}" "$PROGRAM" --doctor "$@" 2>/dev/null | sed -n 's/^prediction: *//p')
	launch "$@" -q
	wait_for 5 started
	if is_running; then
		want=$(sed -nE 's/.* (in (native|SKB) mode); (a )?socket.* (in (zero-copy|copy) mode).*/XDP program \1, socket \4/p' "$ERR")
		stop
	else
		finish
		want="it would not start"
	fi
	echo "$*: '$said', '$want'"
	[[ $said == "$want" ]]
}

@test "--doctor attaches nothing, and its prediction is correct" {
	lab --queues 4
	run -0 "$PROGRAM" --doctor -d "$DEV"
	[[ $output == *"link type:"*"MTU:"*"queues:"*"RX spread:"*"VLAN offload:"*"GRO"*"default route:"*"prediction:"* ]]
	untouched
	for options in "" -N -S -c "--all-queues" "-Q 3" "-Q 4" "-z" "-z -N"; do
		# shellcheck disable=SC2086 # words
		foretold -d "$DEV" $options
	done
	start -d "$DEV" -q
	first=$PID
	foretold -d "$DEV"
	PID=$first stop
	foretold -d lo
	foretold -d lo -S --force
	ip -6 route add default dev "$DEV"
	foretold -d "$DEV"
	foretold -d "$DEV" --force
	ip -6 route del default dev "$DEV"
	inside ip link set dev "$PEER" mtu 3818
	ip link set dev "$DEV" mtu 3818
	foretold -d "$DEV" -S
	ip link set dev "$DEV" mtu 3819
	foretold -d "$DEV" -S
	ip link set dev "$DEV" down
	foretold -d "$DEV"
}

# Print the calls that load, attach, bind or set something. Leave out calls that
# only query. Also leave out three calls of --doctor that change no device: it
# binds its netlink socket, it tests the limit of locked memory by XDP_UMEM_REG,
# and it tests by IFLA_XDP_EXPECTED_FD whether a bpf_link attaches the XDP
# program.
changes_in() { # OUTPUT OF strace
	grep -E '^bpf\(|^bind\(|SOL_XDP|RTM_(NEW|SET|DEL)LINK' "$1" |
		grep -vE '^bpf\(BPF_[A-Z_]*(GET|QUERY)|sa_family=AF_NETLINK|XDP_UMEM_REG|IFLA_XDP_EXPECTED_FD' || true
}

@test "--doctor changes nothing, not even for a moment: it loads no program and binds no AF_XDP socket" {
	command -v strace >/dev/null || skip "no strace here"
	lab
	trace=(strace -qq -o "$BATS_TEST_TMPDIR/calls" --trace=bpf,bind,setsockopt,sendto,sendmsg)
	pins=$(find /sys/fs/bpf)
	for options in "" -S "--all-queues" "--force" "--filename $KERN --progname xdp_sock_echo"; do
		# shellcheck disable=SC2086 # words
		run -0 "${trace[@]}" "$PROGRAM" --doctor -d "$DEV" $options
		grep -q XDP_UMEM_REG "$BATS_TEST_TMPDIR/calls"
		changes=$(changes_in "$BATS_TEST_TMPDIR/calls")
		echo "$options: $changes"
		[[ -z $changes ]]
		untouched
	done
	# If a program is attached, --doctor looks for its bpf_link.
	start -d "$DEV" -q
	before=$(bpftool net show dev "$DEV")
	run -1 "${trace[@]}" "$PROGRAM" --doctor -d "$DEV"
	grep -q BPF_LINK_GET_NEXT_ID "$BATS_TEST_TMPDIR/calls"
	[[ -z $(changes_in "$BATS_TEST_TMPDIR/calls") ]]
	[[ $(bpftool net show dev "$DEV") == "$before" ]]
	stop
	[[ $(find /sys/fs/bpf) == "$pins" ]]
	# Check that changes_in() finds the calls of a real start.
	run -0 "${trace[@]}" "$PROGRAM" -d "$DEV" -q --duration=0.05
	[[ $(changes_in "$BATS_TEST_TMPDIR/calls") == *BPF_PROG_LOAD*BPF_LINK_CREATE* ]]
}

@test "--doctor reports RX rules that choose queues, because such a rule takes precedence over RSS" {
	pair
	[[ $("$PROGRAM" --doctor -d other) != *"RX rules:"* ]]
	WRAP=(env WEAK=rules "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	[[ $("${WRAP[@]}" "$PROGRAM" --doctor -d other) == *"RX rules:       2, "* ]]
}

@test "--doctor's prediction is correct for tun, tap, bridge and port, with low limits and with missing rights" {
	ip tuntap add dev tun-t mode tun 2>/dev/null || skip "no tun here"
	ip tuntap add dev tap-t mode tap
	ip link add bridge-t type bridge 2>/dev/null || skip "no bridge here"
	pair
	ip link set dev other master bridge-t
	for name in tun-t tap-t bridge-t; do
		ip link set dev "$name" up
	done
	for name in tun-t tap-t bridge-t other; do
		foretold -d "$name"
		foretold -d "$name" -N
	done
	WRAP=(bash -c 'ulimit -n 14; exec "$@"' limited)
	run -1 "${WRAP[@]}" "$PROGRAM" --doctor -d other
	[[ $output == *"open files: the limit of 14"*"it would not start"* ]]
	limited "-l 64" -ipc_lock,-sys_resource
	run -1 "${WRAP[@]}" "$PROGRAM" --doctor -d other
	[[ $output == *"ulimit -l 12288;"*"it would not start"* ]]
	run -1 setpriv --bounding-set=-all "$PROGRAM" --doctor -d other
	[[ $output == *"missing rights: CAP_NET_RAW"*"it would not start"* ]]
}
