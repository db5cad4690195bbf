#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the XDP programs of af_xdp_kern.o that choose packets for user space.
# Test --set, which sets variables of an XDP program, and test tail calls.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load lib

start_program() { # XDP-PROGRAM OPTIONS OF OUR PROGRAM
	local program=$1

	shift
	start -d "$DEV" --filename "$KERN" --progname "$program" -v "$@"
	grep -q "XDP program $program, id" "$ERR"
}

# Remove the lab's static neighbours, so that both ends need neighbour
# discovery.
neighbours_learn() {
	ip link set dev "$DEV" arp on multicast on
	inside ip link set dev "$PEER" arp on
	# Add each address again: a device joins the solicited-node group of an
	# address when the address is added, but not while arp is off.
	ip -6 addr del "$HERE/64" dev "$DEV"
	ip -6 addr add "$HERE/64" dev "$DEV" nodad
	inside ip -6 addr del "$INSIDE/64" dev "$PEER"
	inside ip -6 addr add "$INSIDE/64" dev "$PEER" nodad
	ip -6 neigh flush dev "$DEV" nud all
	inside ip -6 neigh flush dev "$PEER" nud all
	[[ -z $(ip -6 neigh show dev "$DEV")$(inside ip -6 neigh show dev "$PEER") ]]
}

# Send a line over TCP to a server on this side, and check that the server sends
# the line back.
assert_tcp() {
	local server echo

	echo=$(helper tcp_echo)
	timeout 10 "$echo" >"$echo.out" 3>&- &
	server=$!
	wait_for 5 grep -q listens "$echo.out"
	[[ $(inside timeout 5 bash -c \
		'exec 4<>/dev/tcp/$0/4242; echo hello >&4; cat <&4' "$HERE") == hello ]]
	wait "$server"
}

# Print the number of "destination unreachable" errors that the kernel has sent
# on this side. The kernel sends this error for each UDP packet that the XDP
# program passes to it, because no socket is bound to the port.
unreachables() {
	awk '$1 == "Icmp6OutDestUnreachs" { print $2 }' /proc/net/snmp6
}

has_unreachables() { # NUMBER
	[[ $(unreachables) -eq $1 ]]
}

send_frames() { # HEX...
	inside "$RAW" "$PEER" 0 "$@" || true
}

# --- xdp_sock_echo ----------------------------------------------------------

@test "xdp_sock_echo: the socket gets the pings, and the kernel gets everything else" {
	lab
	for mode in -N -S; do
		before=$(kernel_answers)
		errors=$(unreachables)
		start_program xdp_sock_echo $mode
		assert_ping -c 5 -i 0.01 "$HERE"
		inside bash -c 'echo data >/dev/udp/$0/9' "$HERE"
		wait_for 5 has_unreachables $((errors + 1))
		assert_tcp
		assert_ping -c 5 -i 0.01 "$HERE"
		stop
		assert_totals 10 10
		refute grep -q 'No answer' "$OUT"
		[[ $(kernel_answers) -eq $before ]]
		assert_frames_home
		untouched
	done
}

@test "neighbour discovery works with xdp_sock_echo, and fails with the built-in program" {
	lab
	neighbours_learn
	BEFORE=$(look)
	start -d "$DEV" -v
	run ! ping_inside -q -c 1 -W 1 "$HERE"
	stop
	assert_frames_home
	neighbours_learn
	start_program xdp_sock_echo
	before=$(kernel_answers)
	assert_ping -c 5 -i 0.01 "$HERE"
	[[ $(inside ip -6 neigh show "$HERE" dev "$PEER") == *"lladdr $(<"/sys/class/net/$DEV/address") "* ]]
	[[ $(kernel_answers) -eq $before ]]
	stop
	assert_totals 5 5
	assert_frames_home
	untouched
}

@test "xdp_sock_echo: the kernel gets requests that af_xdp_user would not answer" {
	lab
	RAW=$(helper raw)
	here=$(mac_hex here)
	there=$(mac_hex inside)
	good=$(echo_hex "$here" "$there" "" 80 "$(ip_hex 2)" "$(ip_hex 1)")
	before=$(kernel_answers)
	start_program xdp_sock_echo
	# Send a request in fragments, a request to a group, a reply, and other
	# packets that af_xdp_user does not answer.
	assert_ping -c 2 -i 0.01 -s 3000 "$HERE"
	[[ $(kernel_answers) -eq $((before + 2)) ]]
	send_frames "$(echo_hex 333300000001 "$there" "" 80 "$(ip_hex 2)" ff020000000000000000000000000001)" \
		"$(echo_hex "$here" "$there" "" 81 "$(ip_hex 2)" "$(ip_hex 1)")" \
		"${good%??}" "${good:0:28}" "${good:0:40}00${good:42}" \
		"${good:0:24}86de${good:28}" \
		"$(echo_hex "$here" "$there" 88a80063810000028100002a 80 "$(ip_hex 2)" "$(ip_hex 1)")"
	# A queue keeps the order of its packets, so XDP has seen all earlier
	# packets when this ping is answered.
	assert_ping -c 1 "$HERE"
	stop
	assert_totals 1 1
	refute grep -q 'No answer' "$OUT"
	assert_frames_home
	untouched
}

@test "xdp_sock_echo: pings with up to two VLAN tags go to the socket" {
	lab
	RAW=$(helper raw)
	here=$(mac_hex here)
	there=$(mac_hex inside)
	start_program xdp_sock_echo
	for tags in "" 8100002a 88a800638100002a; do
		[[ $(inside "$RAW" "$PEER" 2000 \
			"$(echo_hex "$here" "$there" "$tags" 80 "$(ip_hex 2)" "$(ip_hex 1)")") == \
			$(echo_hex "$there" "$here" "$tags" 81 "$(ip_hex 1)" "$(ip_hex 2)") ]]
	done
	stop
	assert_totals 3 3
	assert_frames_home
	untouched
}

@test "xdp_sock_echo: the kernel gets a ping on a queue without a socket" {
	lab --queues 2
	start_program xdp_sock_echo -Q 1
	for queue in 0 1; do
		before=$(kernel_answers)
		t steer --queue $queue
		assert_ping -c 5 -i 0.01 "$HERE"
		[[ $(kernel_answers) -eq $((before + (1 - queue) * 5)) ]]
	done
	stop
	assert_totals 5 5
	assert_frames_home
	untouched
}

# --- xdp_sock_sample --------------------------------------------------------

@test "xdp_sock_sample: the socket gets one packet in ten, or one packet in N if --set sets N" {
	lab
	for pair in "10 3" "3 10" "1 30" "30 1" "0x1f 1" "0 0"; do
		read -r every wanted <<<"$pair"
		before=$(kernel_answers)
		settings=(--set "sample_every=$every")
		[[ $every != 10 ]] || settings=()
		start_program xdp_sock_sample "${settings[@]}"
		assert_ping -c 30 -i 0.002 "$HERE"
		stop
		assert_totals "$wanted" "$wanted"
		[[ $(kernel_answers) -eq $((before + 30 - wanted)) ]]
		assert_frames_home
		untouched
	done
}

@test "xdp_sock_sample: the socket gets the first packet of its queue, and then every Nth packet" {
	lab --queues 2
	for queue in 0 1; do
		start_program xdp_sock_sample -Q $queue --set=sample_every=4 --rxdrop
		t steer --queue $((1 - queue))
		assert_ping -c 3 -i 0.01 "$HERE"
		t steer --queue $queue
		at_once 9 1 ping_inside "$HERE" >"$BATS_TEST_TMPDIR/ping" || true
		[[ $(sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/ping" | paste -sd' ') == \
			"2 3 4 6 7 8" ]]
		stop
		assert_totals 3 0
		assert_frames_home
		untouched
	done
}

# --- --set ------------------------------------------------------------------

object_kinds() {
	object kinds <<-EOF
	typedef unsigned short port_type;
	const volatile __u8 u8 = 1;
	const volatile __s8 s8 = 1;
	const volatile port_type u16 = 1;
	const volatile __s16 s16 = 1;
	const volatile __u32 u32 = 1;
	const volatile __s32 s32 = 1;
	const volatile __u64 u64 = 1;
	const volatile __s64 s64 = 1;
	const volatile _Bool boolean;
	const volatile char text[8] = "text";
	const volatile struct { int member; } structure;
	const long only_const = 1;
	volatile int only_volatile = 1;
	$XSKS_MAP
	SEC("xdp") int kinds_prog(struct xdp_md *ctx)
	{
		return u8 + s8 + u16 + s16 + u32 + s32 + u64 + s64 + boolean +
			text[1] + structure.member + only_volatile +
			(*(const volatile long *)&only_const) < 0 ? XDP_DROP : XDP_PASS;
	}
	EOF
}

# Print the value that VARIABLE of the attached program has in the kernel.
value_of() { # VARIABLE
	local id

	[[ $(ip -d link show dev "$DEV") =~ prog/xdp\ id\ ([0-9]+) ]]
	for id in $(bpftool prog show id "${BASH_REMATCH[1]}" |
		sed -n 's/.*map_ids \([0-9,]*\).*/\1/p' | tr , ' '); do
		bpftool map dump id "$id" 2>/dev/null
	done | sed -nE "s/^ *\"$1\": ([^,]*),?\$/\1/p"
}

@test "--set sets variables of each size to the least and the largest value" {
	lab
	kinds=$(object_kinds)
	for setting in u8=0 u8=255 s8=-128 s8=127 u16=65535 u16=0 s16=-32768 s16=32767 \
		u32=4294967295 s32=-2147483648 s32=2147483647 u64=18446744073709551615 \
		s64=-9223372036854775808 s64=9223372036854775807; do
		start -d "$DEV" --filename "$kinds" --set "$setting"
		echo "$setting: $(value_of "${setting%=*}")"
		[[ $(value_of "${setting%=*}") == "${setting#*=}" ]]
		stop
	done
	for setting in boolean=1 boolean=0; do
		start -d "$DEV" --filename "$kinds" --set "$setting"
		[[ $(value_of boolean) == @(${setting#*=}|true|false) ]]
		[[ $(value_of boolean) == @(1|true) || $setting == boolean=0 ]]
		stop
	done
	# Variables without a setting keep their values. If a variable has two
	# settings, the last setting counts.
	start -d "$DEV" --filename "$kinds" --set u8=2 --set=s16=-3 --set u64=0xfF --set u8=4 \
		--set s8=-0
	[[ "$(value_of u8) $(value_of s8) $(value_of u16) $(value_of s16) $(value_of u64)" == \
		"4 0 1 -3 255" ]]
	stop
	untouched
}

@test "--set reports a value that does not fit, a value that is not a number, and a variable that does not exist" {
	lab
	kinds=$(object_kinds)
	while read -r setting least most; do
		expect_error 1 "$kinds: ${setting%=*}: ${setting#*=} does not fit into the variable" \
			-d "$DEV" --filename "$kinds" --set "$setting"
		[[ ${stderr_lines[1]} == "  it takes $least to $most" ]]
	done <<-EOF
	u8=256 0 255
	u8=-1 0 255
	s8=128 -128 127
	s8=-129 -128 127
	u16=65536 0 65535
	s16=-32769 -32768 32767
	u32=4294967296 0 4294967295
	s32=2147483648 -2147483648 2147483647
	u64=18446744073709551616 0 18446744073709551615
	u64=-1 0 18446744073709551615
	s64=9223372036854775808 -9223372036854775808 9223372036854775807
	s64=-9223372036854775809 -9223372036854775808 9223372036854775807
	boolean=2 0 1
	boolean=-1 0 1
	EOF
	for value in "" ten 1x x1 1.0 " 1" "1 " +1 --1 "- 1" 0x 0xg -; do
		expect_error 1 "$kinds: u8: '${value//+/\\+}' is not a number" \
			-d "$DEV" --filename "$kinds" --set "u8=$value"
	done
	for name in nix u text structure only_const only_volatile u88; do
		expect_error 1 "$kinds: the file has no variable $name that can be set" \
			-d "$DEV" --filename "$kinds" --set "$name=1"
		[[ ${stderr_lines[1]} == "  variables that can be set: u8 s8 u16 s16 u32 s32 u64 s64 boolean; "* ]]
	done
	none=$(object none <<-EOF
	$XSKS_MAP
	SEC("xdp") int none_prog(struct xdp_md *ctx) { return XDP_PASS; }
	EOF
	)
	expect_error 1 "$none: the file has no variable u8 that can be set" \
		-d "$DEV" --filename "$none" --set u8=1
	[[ ${stderr_lines[1]} == "  variables that can be set: none; "* ]]
}

# Print the id of the BTF type NAME, for example "TYPEDEF 'x'". refers_to prints
# the id of the type to which NAME refers.
type_id() { # OBJECT NAME
	bpftool btf dump file "$1" | sed -nE "s/^\[([0-9]+)\] $2.*/\1/p"
}

refers_to() { # OBJECT NAME
	bpftool btf dump file "$1" | sed -nE "s/^\[[0-9]+\] $2.* type_id=([0-9]+).*/\1/p"
}

# Copy the object, and replace the first occurrence of the words OLD by NEW.
# Each word has 32 bits. Fail if the object does not contain OLD.
btf_edit() { # OBJECT OLD NEW
	perl -0777 -pe 'BEGIN { ($a, $b) = map { pack "V*", map { hex } split } splice @ARGV, 0, 2 }
		s/\Q$a\E/$b/ == 1 or die' "$2" "$3" "$1" >"${1%.o}-edited.o"
}

words() { # NUMBER...
	printf '%x ' "$@"
}

@test "--set: an object with wrong BTF for its variables is refused" {
	lab
	liar=$(object liar <<-EOF
	typedef __u32 liar_type;
	const volatile liar_type lie = 7;
	const volatile __u32 truth = 7;
	$XSKS_MAP
	SEC("xdp") int liar_prog(struct xdp_md *ctx) { return lie == truth ? XDP_PASS : XDP_DROP; }
	EOF
	)
	readonly TYPEDEF=$((8 << 24)) VAR=$((14 << 24)) DATASEC=$(((15 << 24) + 2))
	type=$(type_id "$liar" "TYPEDEF 'liar_type'")
	target=$(refers_to "$liar" "TYPEDEF 'liar_type'")
	var=$(type_id "$liar" "VAR 'lie'")
	decl=$(refers_to "$liar" "VAR 'lie'")
	while read -r what; do
		case $what in
		circle) btf_edit "$liar" "$(words $TYPEDEF "$target")" "$(words $TYPEDEF "$type")" ;;
		missing) btf_edit "$liar" "$(words $VAR "$decl")" "$(words $VAR 9999)" ;;
		*) btf_edit "$liar" "$(words $DATASEC 0 "$var" 0 4)" \
			"$(words $DATASEC 8 "$var" "$what" 4)" ;;
		esac
		check=(expect_error 1 ".*: the file has no variable lie that can be set")
		# Since version 1.3 libbpf refuses to load an object if a type
		# is missing in its BTF.
		[[ $what != missing ]] ||
			check=(expect_error_below 1 "(${check[2]}|.*: does not load \(error 22\))")
		"${check[@]}" \
			-d "$DEV" --filename "${liar%.o}-edited.o" --set lie=1
	done <<-EOF
	circle
	missing
	2
	8
	268435456
	EOF
}

@test "--set: the verifier uses the value, and the program prints the verifier's messages" {
	lab
	picky=$(object picky <<-EOF
	const volatile __u32 right = 7;
	$XSKS_MAP
	SEC("xdp") int picky_prog(struct xdp_md *ctx)
	{
		return right == 7 ? XDP_PASS : *(volatile char *)(long)ctx->data;
	}
	EOF
	)
	start -d "$DEV" --filename "$picky" --set right=7
	stop
	expect_error_below 1 "$picky: does not load \(error [0-9]+\)" \
		-d "$DEV" --filename "$picky" --set right=8
	[[ $stderr == *"invalid access to packet"* ]]
}

# --- tail calls -------------------------------------------------------------

@test "from an object file, only the chosen program and the targets of tail calls are loaded" {
	lab
	calls=$(object calls <<-EOF
	$XSKS_MAP
	int target(struct xdp_md *ctx);
	struct {
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
		__uint(max_entries, 2);
		__type(key, __u32);
		__array(values, int (struct xdp_md *));
	} calls SEC(".maps") = { .values = { [1] = (void *)&target } };
	SEC("xdp") int entry(struct xdp_md *ctx)
	{
		bpf_tail_call(ctx, &calls, 1);
		return XDP_PASS;
	}
	SEC("xdp") int target(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	SEC("xdp") int unloadable(struct xdp_md *ctx) { return *(volatile char *)(long)ctx->data; }
	EOF
	)
	start -d "$DEV" --filename "$calls" --progname entry -v
	grep -q "XDP program entry, id" "$ERR"
	assert_ping -c 3 -i 0.01 "$HERE"
	stop
	assert_totals 3 3
	assert_frames_home
	untouched
}
