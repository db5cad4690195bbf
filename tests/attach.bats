#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test how the XDP program is attached: its mode, its name, and the programs
# that it replaces.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell. Options in loops are split into words on purpose.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

teardown() {
	ip link del br-t 2>/dev/null || true
	lab_end
}

# Make a bridge, for tests of a driver that has no native XDP. Most kernels have
# the bridge driver, and the lab's pings can pass through a bridge.
bridge() {
	ip link add br-t type bridge 2>/dev/null || skip "this kernel has no bridge"
	ip link set dev br-t up
}

# Make the lab's device a port of the bridge, and give the device's addresses to
# the bridge.
bridge_the_lab() {
	ip link set dev br-t address "$(cat "/sys/class/net/$DEV/address")"
	ip link set dev br-t addrgenmode none
	ip link set dev "$DEV" master br-t
	ip addr flush dev "$DEV"
	ip addr add "$HERE/64" dev br-t nodad
	ip neigh replace "$INSIDE" dev br-t nud permanent \
		lladdr "$(inside cat /sys/class/net/$PEER/address)"
	# Wait until pings pass through the bridge.
	wait_for 5 ping_inside -q -c 1 -W 1 "$HERE" >/dev/null
}

program_id() { # DEVICE
	ip -d link show dev "$1" | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p'
}

# Print the advised command from the second line of the error. The command
# removes the attached program.
advice() {
	sed -n 's/^  .*remove it: \(.*\); or take its place with --force$/\1/p' <<<"${stderr_lines[-1]}"
}

# --- modes ------------------------------------------------------------------

@test "with -A, -N or no option the XDP program is attached to the veth driver, and with -S to the generic hook" {
	lab
	for options in "" -A --auto-mode -N --native-mode; do
		start -d "$DEV" $options -v
		assert_mode xdp
		grep -q 'in native mode; socket in copy mode; 6144 frames of 2048 bytes$' "$ERR"
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
		assert_frames_home
		untouched
	done
	for options in -S --skb-mode; do
		start -d "$DEV" $options -v
		assert_mode xdpgeneric
		grep -q 'in SKB mode; socket in copy mode' "$ERR"
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
		assert_frames_home
		untouched
	done
}

@test "a bpf_link attaches the XDP program, and the start line shows the program's id" {
	lab
	start -d "$DEV"
	id=$(program_id "$DEV")
	[[ $(bpftool link show) =~ xdp\ +prog\ $id ]]
	bpftool prog show id "$id" | grep -q 'name xdp_sock_all'
	[[ $(head -n 1 "$ERR") == "af_xdp_user: $DEV (veth) queue 0: XDP program xdp_sock_all, id $id, in native mode; "* ]]
	run ! ip link set dev "$DEV" xdp off
	[[ $(program_id "$DEV") -eq $id ]]
	stop
	untouched
}

@test "--copy, --poll-mode and --verbose do not change the answers" {
	lab
	for options in -c --copy -p --poll-mode -v --verbose; do
		start -d "$DEV" $options
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
	done
	untouched
}

@test "a driver without native XDP: auto mode prints one line and uses SKB mode" {
	bridge
	lab
	bridge_the_lab
	start -d br-t -v
	grep -c . "$ERR"
	[[ $(grep -c 'refuses native XDP' "$ERR") -eq 1 ]]
	[[ $(head -n 1 "$ERR") == "af_xdp_user: br-t: driver bridge refuses native XDP (Operation not supported): SKB mode, which is slower" ]]
	[[ $(sed -n 2p "$ERR") == "af_xdp_user: br-t (bridge) queue 0: "*"in SKB mode; socket in copy mode;"* ]]
	[[ $(ip -d link show dev br-t) == *" xdpgeneric "* ]]
	assert_ping -c 5 -i 0.01 "$HERE"
	stop
	assert_totals 5 5
	assert_frames_home
	refute xdp_on br-t
	assert_ping -c 2 -i 0.01 "$HERE"
}

@test "a driver without native XDP: -N fails and advises -S, which works" {
	bridge
	expect_error 1 "br-t: driver bridge has no native XDP" -d br-t -N
	[[ ${stderr_lines[1]} == *--skb-mode* ]]
	refute xdp_on br-t
	no_sockets
	start -d br-t -S
	refute grep "native XDP" "$ERR"
	grep -q "in SKB mode" "$ERR"
	stop
	refute xdp_on br-t
}

# --- MTU --------------------------------------------------------------------

@test "MTU 3600: auto mode falls back to SKB mode; -N fails and names the largest MTU that works" {
	lab --mtu 3600
	expect_error_below 1 "$DEV: MTU 3600 is too large for native XDP" -d "$DEV" -N
	[[ ${stderr_lines[-1]} =~ ip\ link\ set\ dev\ $DEV\ mtu\ ([0-9]+) ]]
	largest=${BASH_REMATCH[1]}

	start -d "$DEV" -v
	[[ $(grep -c "^af_xdp_user: $DEV: driver veth refuses native XDP (.*): SKB mode, which is slower; native XDP needs an MTU of at most 3506$" "$ERR") -eq 1 ]]
	grep -q '6144 frames of 4096 bytes$' "$ERR"
	assert_mode xdpgeneric
	assert_ping -c 2 -i 0.01 -s $((3600 - 48)) -M "do" "$HERE"
	stop
	assert_totals 2 2
	assert_frames_home
	untouched

	# The advised MTU works, and is the largest MTU that works.
	for mtu in "$largest" $((largest + 1)); do
		inside ip link set dev "$PEER" mtu "$mtu"
		ip link set dev "$DEV" mtu "$mtu"
		BEFORE=$(look)
		if ((mtu == largest)); then
			start -d "$DEV" -N
			assert_mode xdp
			assert_ping -c 2 -i 0.01 -s $((mtu - 48)) -M "do" "$HERE"
			stop
			assert_totals 2 2
			untouched
		else
			expect_error_below 1 "$DEV: MTU $mtu is too large for native XDP" -d "$DEV" -N
		fi
	done
}

@test "MTU 9000 is refused before binding; the message names the largest MTU, and this MTU works" {
	lab --mtu 9000
	for mode in -A -S; do
		expect_error_below 1 "$DEV: MTU 9000: packets may be larger than a frame" -d "$DEV" $mode
	done
	[[ ${stderr_lines[-1]} =~ ip\ link\ set\ dev\ $DEV\ mtu\ ([0-9]+)\  ]]
	largest=${BASH_REMATCH[1]}
	ip link set dev "$DEV" mtu $((largest + 1))
	inside ip link set dev "$PEER" mtu $((largest + 1))
	BEFORE=$(look)
	expect_error 1 "$DEV: MTU $((largest + 1)): packets may be larger than a frame" -d "$DEV" -S

	ip link set dev "$DEV" mtu "$largest"
	inside ip link set dev "$PEER" mtu "$largest"
	BEFORE=$(look)
	start -d "$DEV" -S -v
	assert_ping -c 2 -i 0.01 -s $((largest - 48)) -M "do" "$HERE"
	stop
	assert_totals 2 2
	assert_frames_home
	untouched
}

# --- another process's program ----------------------------------------------

@test "if ip link has attached an XDP program, the error names the program, and the advised command detaches it" {
	lab
	pass=$(object_pass)
	for hook in xdpdrv xdpgeneric; do
		ip link set dev "$DEV" $hook obj "$pass" sec xdp
		id=$(program_id "$DEV")
		BEFORE=
		expect_error 1 "$DEV: an XDP program is attached already: others_prog, id $id" -d "$DEV"
		[[ $(program_id "$DEV") -eq $id ]]
		no_sockets
		command=$(advice)
		[[ $command == "ip link set dev $DEV $hook off" ]]
		bash -c "$command"
		refute xdp_on "$DEV"
		start -d "$DEV"
		stop
		refute xdp_on "$DEV"
	done
}

@test "if a bpf_link has attached an XDP program, the error names the program, and the advised command detaches it" {
	lab
	start -d "$DEV"
	holder=$PID
	id=$(program_id "$DEV")
	OURS=$BEFORE
	BEFORE=
	expect_error 1 "$DEV: an XDP program is attached already: xdp_sock_all, id $id" -d "$DEV"
	[[ $(program_id "$DEV") -eq $id ]]
	assert_ping -c 2 -i 0.01 "$HERE"
	command=$(advice)
	[[ $command =~ ^bpftool\ link\ detach\ id\ [0-9]+$ ]]
	bash -c "$command"
	refute xdp_on "$DEV"
	PID=$holder stop
	BEFORE=$OURS
	untouched
}

@test "--force replaces an XDP program that ip link has attached" {
	lab
	pass=$(object_pass)
	for hook in xdpdrv xdpgeneric; do
		ip link set dev "$DEV" $hook obj "$pass" sec xdp
		id=$(program_id "$DEV")
		start -d "$DEV" --force
		grep -q "^af_xdp_user: $DEV: replacing XDP program others_prog, id $id$" "$ERR"
		assert_mode xdp
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
		untouched
	done
}

@test "--force replaces an XDP program that a bpf_link has attached" {
	lab --queues 2
	start -d "$DEV" -Q 0
	holder=$PID
	id=$(program_id "$DEV")
	start -d "$DEV" -Q 1 --force
	grep -q "^af_xdp_user: $DEV: replacing XDP program xdp_sock_all, id $id$" "$ERR"
	assert_mode xdp
	[[ $(program_id "$DEV") -ne $id ]]
	stop
	refute xdp_on "$DEV"
	assert_ping -c 2 -i 0.01 "$HERE"
	# The first af_xdp_user, whose XDP program was replaced, still ends
	# without an error.
	refute ended "$holder"
	PID=$holder stop
	untouched
}

# bpf_link_get_fd_by_id() needs CAP_SYS_ADMIN. Without this capability, our
# program cannot know whether ip link or bpftool would remove the other XDP
# program.
@test "without CAP_SYS_ADMIN, the error shows an attached XDP program's id and advises no ip link command, and --force fails" {
	lab --queues 2
	start -d "$DEV"
	id=$(program_id "$DEV")
	OURS=$BEFORE
	BEFORE=
	WRAP=(setpriv --bounding-set=-sys_admin)
	expect_error 1 "$DEV: an XDP program is attached already: id $id" -d "$DEV"
	[[ $(advice) != *"ip link"* ]]
	expect_error_below 1 "$DEV: looking up or removing its XDP program: Device or resource busy" \
		-d "$DEV" -Q 1 --force
	WRAP=()
	assert_mode xdp
	stop
	BEFORE=$OURS
	untouched
}

# --- the user's own XDP program ---------------------------------------------

@test "a user's own XDP program needs only an xsks_map, which af_xdp_user makes large enough" {
	lab --queues 4
	own=$(object own <<-EOF
	${XSKS_MAP/64/1}
	SEC("xdp") int own_prog(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	for queue in 0 3; do
		start -d "$DEV" --filename "$own" -Q $queue -v
		grep -q "XDP program own_prog, id" "$ERR"
		for source in {2..17}; do
			assert_ping -I "fc00:dead:cafe:1::$source" -c 1 "$HERE"
		done
		stop
		[[ $(total RX) -le 16 && $(total TX) -eq $(total RX) ]]
		assert_frames_home
		untouched
	done
}

@test "--progname chooses the XDP program; without --progname the object's first XDP program is loaded" {
	lab
	two=$(object two <<-EOF
	$XSKS_MAP
	SEC("tc") int not_this(struct __sk_buff *skb) { return 0; }
	SEC("xdp") int zz_first(struct xdp_md *ctx) { return XDP_PASS; }
	SEC("xdp") int aa_second(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	start -d "$DEV" --filename "$two"
	grep -q "XDP program zz_first, id" "$ERR"
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 0 0
	start -d "$DEV" --filename "$two" --progname aa_second
	grep -q "XDP program aa_second, id" "$ERR"
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	untouched
}

@test "only the chosen XDP program is loaded, so other programs in the object may be invalid" {
	lab
	mixed=$(object mixed <<-EOF
	$XSKS_MAP
	SEC("xdp") int bad_prog(struct xdp_md *ctx)
	{
		return *(volatile char *)(long)ctx->data;
	}
	SEC("xdp") int good_prog(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	start -d "$DEV" --filename "$mixed" --progname good_prog
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	untouched
}

@test "XDP programs that cannot be attached to a device, such as programs for a devmap, are skipped" {
	lab
	mixed=$(object devmap <<-EOF
	$XSKS_MAP
	SEC("xdp/devmap") int devmap_prog(struct xdp_md *ctx)
	{
		return XDP_DROP;
	}
	SEC("xdp/cpumap") int cpumap_prog(struct xdp_md *ctx)
	{
		return XDP_DROP;
	}
	SEC("freplace/other") int replacing_prog(struct xdp_md *ctx)
	{
		return XDP_DROP;
	}
	SEC("xdp") int first_prog(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	start -d "$DEV" --filename "$mixed"
	assert_mode xdp
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	untouched
	for name in devmap_prog cpumap_prog replacing_prog; do
		expect_error 1 ".*: the file has no XDP program named $name" \
			-d "$DEV" --filename "$mixed" --progname $name
	done
}

@test "SEC(\"xdp.frags\") removes the MTU limit of native XDP, so MTU 3700 works in native mode" {
	lab --mtu 3700
	frags=$(object frags <<-EOF
	$XSKS_MAP
	SEC("xdp.frags") int frags_prog(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	start -d "$DEV" --filename "$frags" -v
	assert_mode xdp
	assert_ping -c 3 -i 0.01 "$HERE"
	stop
	assert_totals 3 3
	assert_frames_home
	untouched
}
