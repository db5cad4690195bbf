#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# If the program cannot start, it prints a line with the reason and a line with
# a remedy. Its exit status is 1, or 2 if the command line is wrong. No XDP
# program stays attached. expect_error checks all of this.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell. Options in loops are split into words on purpose.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2086,SC2153,SC2154

load lib

teardown() {
	[[ -z ${PUBLIC:-} ]] || rm -rf "$PUBLIC"
	lab_end
}

# If the command line is wrong, the argument parser prints this second line.
readonly SEE_HELP="Try \`af_xdp_user --help' or \`af_xdp_user --usage' for more information."

expect_usage() { # PATTERN OPTIONS OF THE PROGRAM
	expect_error 2 "$@"
	[[ ${stderr_lines[1]} == "$SEE_HELP" ]]
}

# --- the command line -------------------------------------------------------

@test "missing, extra and conflicting options give exit status 2, with an error and a line about --help" {
	lab
	OURS=$BEFORE
	BEFORE=
	expect_usage "which device\? --dev=IFNAME is missing"
	expect_usage "which device\? --dev=IFNAME is missing" --rxdrop
	expect_usage "'more' is not an option; name the device with --dev" -d "$DEV" more
	expect_usage "-A, -N and -S exclude each other" -d "$DEV" -N -S
	expect_usage "-A, -N and -S exclude each other" -d "$DEV" -S -A
	expect_usage "--copy and --zero-copy exclude each other" -d "$DEV" -c -z
	expect_usage "--zero-copy needs native XDP, and excludes --skb-mode" -d "$DEV" -S -z
	expect_usage "--progname needs --filename" -d "$DEV" --progname x
	expect_usage "--set needs --filename" -d "$DEV" --set a=1
	expect_usage "--set: 'a' is not NAME=VALUE" -d "$DEV" --filename "$KERN" --set a
	BEFORE=$OURS
	untouched
}

# The messages begin with the program's name alone. getopt() itself would print
# argv[0] as typed, with its directories.
@test "unknown options, missing values and unexpected values give exit status 2" {
	lab
	OURS=$BEFORE
	BEFORE=
	expect_usage "unrecognized option '--bogus'" -d "$DEV" --bogus
	expect_usage "invalid option -- 'y'" -d "$DEV" -y
	expect_usage "option requires an argument -- 'd'" -d
	expect_usage "option '--queue' requires an argument" -d "$DEV" --queue
	expect_usage "option '--rxdrop' doesn't allow an argument" -d "$DEV" --rxdrop=1
	BEFORE=$OURS
	untouched
}

@test "numbers that are invalid, negative, too small or too large give exit status 2" {
	lab
	OURS=$BEFORE
	BEFORE=
	for n in "" x -1 +1 1x 0x1 1.5 " 1" "1 "; do
		expect_usage "--queue: '[^']*' is not a number" -d "$DEV" --queue="$n"
	done
	for n in 4294967296 99999999999999999999999; do
		expect_usage "--queue: $n is too large" -d "$DEV" -Q $n
	done
	for option in --interval --duration; do
		for s in "" x -1 +1 1s 0x1 inf nan 1e3 1.2.3 " 1"; do
			expect_usage "$option: '[^']*' is not a number of seconds" \
				-d "$DEV" $option="$s"
		done
		for s in 0 0.0009 1000001 999999999999999999999; do
			expect_usage "$option: $s is not between 0.001 and 1000000 seconds" \
				-d "$DEV" $option=$s
		done
	done
	BEFORE=$OURS
	untouched
}

@test "--help, --usage and --version print to stdout with exit status 0, and need no rights" {
	for option in -h --help --usage -V --version; do
		run --separate-stderr setpriv --bounding-set=-all "$PROGRAM" $option
		[[ $status -eq 0 && -n $output && -z $stderr ]]
	done
	run "$PROGRAM" -V
	[[ $output =~ ^af_xdp_user\ [0-9]+\.[0-9]+ ]]
	run "$PROGRAM" --help
	[[ $output == Usage:*--dev=IFNAME* ]]
}

@test "ARGP_HELP_FMT in the environment does not change the layout of --help" {
	help=$("$PROGRAM" --help)
	for format in rmargin=1 short-opt-col=1000000; do
		[[ $(ARGP_HELP_FMT=$format timeout -k 1 5 "$PROGRAM" --help | head -c 10000) == "$help" ]]
	done
}

# --- the device -------------------------------------------------------------

@test "no such device: the message lists the devices that exist" {
	lab
	expect_error 1 "nodev: no such device in this network namespace" -d nodev
	[[ ${stderr_lines[1]} == "  existing devices: lo $DEV" ]]
	# This device exists, but in another network namespace: a common problem
	# in containers.
	expect_error 1 "$PEER: no such device in this network namespace" -d "$PEER"
	# Try a name of the maximum length, two longer names, and an empty one.
	for name in abcdefghijklmno abcdefghijklmnop "$(printf 'x%.0s' {1..1000})"; do
		expect_error 1 "$name: no such device in this network namespace" -d "$name"
	done
	expect_error 2 "which device\? --dev=IFNAME is missing" -d ""
}

@test "no such device, if many devices exist: the list in the message is cut short, and the program does not crash" {
	for i in {10..49}; do
		ip link add "some-device-$i" type bridge 2>/dev/null ||
			skip "this kernel has no bridge"
	done
	expect_error 1 "nodev: no such device in this network namespace" -d nodev
	[[ ${stderr_lines[1]} == *"some-device-10 some-device-11 "* ]]
	for i in {10..49}; do
		ip link del "some-device-$i"
	done
}

@test "a device that is down is refused, and the message names the command that brings the device up" {
	lab
	ip link set dev "$DEV" down
	BEFORE=$(look)
	expect_error 1 "$DEV: the device is down" -d "$DEV"
	command=${stderr_lines[1]}
	[[ $command == "  ip link set dev $DEV up" ]]
	bash -c "$command"
	start -d "$DEV"
	stop
}

@test "no such queue: the message shows the last queue" {
	lab
	expect_error 1 "$DEV: no RX queue 1: the last queue is 0" -d "$DEV" -Q 1
	expect_error 1 "$DEV: no RX queue 4294967295: the last queue is 0" -d "$DEV" -Q 4294967295
	t --name "$DEV" reset --queues 4 >/dev/null
	BEFORE=$(look)
	expect_error 1 "$DEV: no RX queue 4: the last queue is 3" -d "$DEV" -Q 4
	start -d "$DEV" -Q 3
	stop
	untouched
}

@test "an RX queue without a TX queue of the same number is refused" {
	lab --queues 4
	ethtool -L "$DEV" tx 1
	expect_error 1 "$DEV: RX queue 1 has no TX queue of the same number for its answers: the number of TX queues is 1" \
		-d "$DEV" -Q 1
	start -d "$DEV" -Q 0
	stop
}

@test "a queue that already has an AF_XDP socket is refused" {
	lab
	hold=$(helper hold -lxdp -lbpf)
	"$hold" "$DEV" 0 >"$BATS_TEST_TMPDIR/held" 3>&- &
	holder=$!
	PIDS+=("$holder")
	wait_for 3 grep -q held "$BATS_TEST_TMPDIR/held"
	[[ $(sockets) -eq 1 ]]
	OURS=$BEFORE
	BEFORE=
	expect_error 1 "$DEV: RX queue 0 has an AF_XDP socket already" -d "$DEV"
	[[ $(sockets) -eq 1 ]]
	refute xdp_on "$DEV"
	kill -TERM "$holder"
	wait "$holder" || true
	BEFORE=$OURS
	untouched
	start -d "$DEV"
	stop
}

has_loaded() { # PID
	[[ $(ls -l "/proc/$1/fd") == *bpf-prog* ]]
}

@test "the program waits for a queue that becomes free within a second" {
	lab
	hold=$(helper hold -lxdp -lbpf)
	for _ in 1 2 3; do
		"$hold" "$DEV" 0 >"$BATS_TEST_TMPDIR/held" 3>&- &
		holder=$!
		PIDS+=("$holder")
		wait_for 3 grep -q held "$BATS_TEST_TMPDIR/held"
		launch -d "$DEV" -v
		# Keep the queue busy until the XDP program is loaded, because
		# af_xdp_user tries to bind its socket right after that.
		wait_for 3 has_loaded "$PID"
		kill -TERM "$holder"
		wait "$holder" || true
		await
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
		assert_frames_home
		untouched
	done
}

@test "the program waits for a queue whose socket was closed a moment ago" {
	lab
	for _ in {1..10}; do
		start -d "$DEV" -v
		kill -KILL "$PID"
		finish
		[[ $RC -eq 137 ]]
	done
	start -d "$DEV" -v
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	assert_frames_home
	untouched
}

@test "--force does not take a queue from another AF_XDP socket" {
	lab
	start -d "$DEV"
	first=$PID
	OURS=$BEFORE
	BEFORE=
	expect_error_below 1 "$DEV: RX queue 0 has an AF_XDP socket already" -d "$DEV" --force
	refute ended "$first"
	PID=$first stop
	BEFORE=$OURS
	untouched
}

# With --force, af_xdp_user must not detach the other XDP program before its own
# socket has the queue. Otherwise, if binding the socket fails, no process gets
# the packets.
@test "if --force fails, the other XDP program stays attached" {
	lab
	start -d "$DEV"
	first=$PID
	run -1 timeout 20 "$PROGRAM" -d "$DEV" --force
	assert_mode xdp
	assert_ping -c 2 -i 0.01 "$HERE"
	PID=$first stop
	untouched
	assert_totals 2 2
}

@test "zero-copy on veth is refused, and the message names the reason" {
	lab
	for options in -z --zero-copy "-z -N"; do
		expect_error 1 "$DEV: no zero-copy with driver veth: Operation not supported" \
			-d "$DEV" $options
		[[ ${stderr_lines[1]} == *--copy* ]]
	done
}

@test "a device with a default route, IPv4 or IPv6, is accepted only with --force" {
	lab --legacy-ip
	for family in -4 -6; do
		[[ $family == -4 ]] && hop=10.11.1.2 || hop=$INSIDE
		for route in "via $hop" "" "metric 500"; do
			ip $family route add default $route dev "$DEV"
			expect_error 1 "$DEV: carries the default route, and packets of this route would no longer reach this machine" -d "$DEV"
			[[ ${stderr_lines[1]} == *--force* ]]
			start -d "$DEV" --force
			stop
			ip $family route del default dev "$DEV"
		done
	done
	# A route to a quarter of the IPv4 addresses, or to 2000::/4, does not
	# count as a default route, so a device with such routes is accepted.
	# The default route of another device, here lo, does not matter.
	ip -4 route add 64.0.0.0/2 dev "$DEV"
	ip -6 route add 2000::/4 dev "$DEV"
	ip -6 route add default dev lo
	start -d "$DEV"
	stop
	ip -6 route del default dev lo
	untouched
}

@test "a device with the default route is also refused if --dev has an alternative name or a label of the device" {
	lab
	ip link property add dev "$DEV" altname uplink0
	BEFORE=$(look)
	ip -6 route add default via "$INSIDE" dev "$DEV"
	for name in uplink0 "$DEV:label"; do
		expect_error 1 "$DEV: carries the default route, .*" -d "$name"
	done
	ip -6 route del default
}

@test "lo is refused, because this machine needs it; with --force it is accepted" {
	expect_error 1 "lo: this machine's own traffic goes through this device, .*" -d lo
	[[ ${stderr_lines[1]} != *mtu* && ${stderr_lines[1]} == *--force* ]]
	refute xdp_on lo
	no_sockets
	ip link set dev lo mtu 1500
	start -d lo --force
	stop
	ip link set dev lo mtu 65536
	refute xdp_on lo
}

# --- the object file --------------------------------------------------------

@test "an object file that does not exist, or is a directory, is reported" {
	lab
	expect_error 1 "$BATS_TEST_TMPDIR/none.o: No such file or directory" \
		-d "$DEV" --filename "$BATS_TEST_TMPDIR/none.o"
	expect_error 1 ": No such file or directory" -d "$DEV" --filename ""
	expect_error 1 "$BATS_TEST_TMPDIR: Is a directory" -d "$DEV" --filename "$BATS_TEST_TMPDIR"
}

# SIGINT, SIGTERM and SIGHUP are blocked while the program opens the object
# file. So these signals could not end the program if it waited for a writer.
@test "the object file is a FIFO: the program does not wait for a writer" {
	lab
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	expect_error 1 "$BATS_TEST_TMPDIR/fifo: not an ELF object" -d "$DEV" \
		--filename "$BATS_TEST_TMPDIR/fifo"
}

@test "an object that is not an ELF file, or is not for BPF, is reported" {
	lab
	own=$BATS_TEST_TMPDIR
	: >"$own/empty.o"
	echo 'int main(void) { return 0; }' >"$own/text.o"
	printf '\177EL' >"$own/short.o"
	for file in empty text short; do
		expect_error 1 "$own/$file.o: not an ELF object" -d "$DEV" --filename "$own/$file.o"
		[[ ${stderr_lines[1]} == *"compile it as 'make'"* ]]
	done
	expect_error 1 "/dev/null: not an ELF object" -d "$DEV" --filename /dev/null

	$CC -c -x c "$own/text.o" -o "$own/native.o"
	head -c 20 "$KERN" >"$own/head.o"
	for file in native head; do
		expect_error 1 "$own/$file.o: not a BPF object" -d "$DEV" --filename "$own/$file.o"
	done
}

@test "an object file that is cut short is reported" {
	lab
	size=$(stat -c %s "$KERN")
	for keep in 64 200 1000 $((size / 2)) $((size - 1)); do
		head -c "$keep" "$KERN" >"$BATS_TEST_TMPDIR/cut.o"
		expect_error_below 1 "$BATS_TEST_TMPDIR/cut.o: (does not load.*|the file has no XDP program|no map .*)" \
			-d "$DEV" --filename "$BATS_TEST_TMPDIR/cut.o"
	done
}

@test "the object has no XDP program: the message lists the object's other programs" {
	lab
	other=$(object other <<-EOF
	$XSKS_MAP
	SEC("tc") int tc_prog(struct __sk_buff *skb) { return 0; }
	EOF
	)
	expect_error 1 "$other: the file has no XDP program" -d "$DEV" --filename "$other"
	[[ ${stderr_lines[1]} == *' tc_prog in SEC("tc")'* && ${stderr_lines[1]} == *'SEC("xdp")'* ]]

	raw=$(object raw <<-EOF
	$XSKS_MAP
	SEC("raw_tracepoint/sys_enter") int raw(void *ctx) { return 0; }
	EOF
	)
	expect_error 1 "$raw: the file has no XDP program" -d "$DEV" --filename "$raw"
	expect_error 1 "$raw: the file has no XDP program named raw" \
		-d "$DEV" --filename "$raw" --progname raw

	old=$(object old <<-EOF
	$XSKS_MAP
	SEC("xdp_sock") int xdp_sock_prog(struct xdp_md *ctx) { return XDP_PASS; }
	EOF
	)
	expect_error 1 "$old: the file has no XDP program" -d "$DEV" --filename "$old"
	[[ ${stderr_lines[1]} == *' xdp_sock_prog in SEC("xdp_sock")'* ]]

	none=$(object none <<<"$XSKS_MAP")
	expect_error 1 "$none: the file has no XDP program" -d "$DEV" --filename "$none"
	[[ ${stderr_lines[1]} == *" none"* ]]
}

@test "the object defines its map in the old style: libbpf's message is shown" {
	lab
	old=$(object oldmap <<-EOF
	struct { unsigned int type, key_size, value_size, max_entries, flags; }
	xsks_map SEC("maps") = { BPF_MAP_TYPE_XSKMAP, 4, 4, 64, 0 };
	SEC("xdp") int xdp_sock_prog(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	expect_error_below 1 "$old: does not load \(error [0-9]+\)" -d "$DEV" --filename "$old"
	[[ $stderr == *libbpf*maps* ]]
}

@test "the object was compiled without -g: the message names this cause and no other" {
	lab
	bare=$(object bare <<-EOF
	$XSKS_MAP
	SEC("xdp") int xdp_sock_prog(struct xdp_md *ctx)
	{
		return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
	}
	EOF
	)
	bpf_cc -c "${bare%.o}.c" -o "$bare"
	expect_error_below 1 "$bare: has no BTF, .*" -d "$DEV" --filename "$bare"
	[[ ${stderr_lines[-1]} == *" -g,"* && $stderr != *[Kk]ernel* ]]
}

@test "the object has no xsks_map, or an xsks_map of another type: the message lists the object's maps" {
	lab
	prog='SEC("xdp") int xdp_sock_prog(struct xdp_md *ctx) { return XDP_PASS; }'
	none=$(object nomap <<<"$prog")
	expect_error 1 "$none: no map xsks_map of type xskmap in the file" -d "$DEV" --filename "$none"
	[[ ${stderr_lines[1]} == *" none"* ]]

	other=$(object othermaps <<-EOF
	struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 4);
		__type(key, __u32);
		__type(value, __u32);
	} xsks_map SEC(".maps"), counters SEC(".maps");
	int a_variable = 1;
	$prog
	EOF
	)
	expect_error 1 "$other: no map xsks_map of type xskmap in the file" -d "$DEV" --filename "$other"
	[[ ${stderr_lines[1]} == *" xsks_map (array)"* && ${stderr_lines[1]} == *" counters (array)"* ]]
	[[ ${stderr_lines[1]} != *data* ]]

	named=$(object named <<<"${XSKS_MAP/xsks_map/my_sockets}$prog")
	expect_error 1 "$named: no map xsks_map of type xskmap in the file" -d "$DEV" --filename "$named"
	[[ ${stderr_lines[1]} == *" my_sockets (xskmap)"* ]]
}

@test "the verifier rejects the program: the verifier's messages are shown" {
	lab
	bad=$(object bad <<-EOF
	$XSKS_MAP
	SEC("xdp") int bad_prog(struct xdp_md *ctx)
	{
		return *(volatile char *)(long)ctx->data;
	}
	EOF
	)
	expect_error_below 1 "$bad: does not load \(error [0-9]+\)" -d "$DEV" --filename "$bad"
	[[ $stderr == *"invalid access to packet"* ]]
	# The program loads a rejected object a second time to print the
	# verifier's messages, but these must not appear twice.
	[[ $(grep -c "invalid access to packet" <<<"$stderr") -eq 1 ]]
	[[ $stderr != *" -g"* && $stderr != *"newer kernel"* ]]
}

# The kernel on which this test runs has BPF atomics, so they cannot be the
# reason why the verifier rejects the program.
@test "the verifier rejects a program with atomics for another reason: the message does not blame atomics" {
	lab
	bad=$(object badatomics <<-EOF
	$XSKS_MAP
	__u64 seen;
	SEC("xdp") int bad_prog(struct xdp_md *ctx)
	{
		if (__sync_fetch_and_add(&seen, 1) % 2)
			return XDP_PASS;
		return *(volatile char *)(long)ctx->data;
	}
	EOF
	)
	expect_error_below 1 "$bad: does not load \(error [0-9]+\)" -d "$DEV" --filename "$bad"
	[[ $stderr == *"invalid access to packet"* && $stderr != *"5.12"* ]]
}

# strace simulates a kernel before 5.9, on which the system call that creates
# the bpf_link fails.
@test "the kernel has no bpf_link for XDP: the message names this cause" {
	lab
	run -0 strace -qq -o "$BATS_TEST_TMPDIR/calls" --trace=bpf \
		"$PROGRAM" -d "$DEV" --duration=1
	nth=$(grep -n BPF_LINK_CREATE "$BATS_TEST_TMPDIR/calls" | tail -n 1 | cut -d: -f 1)
	WRAP=(strace -qq -o /dev/null --trace=bpf --inject="bpf:error=EINVAL:when=$nth")
	expect_error 1 "$DEV: the kernel is older than Linux 5.9, and has no bpf_link for XDP" \
		-d "$DEV"
	refute xdp_on "$DEV"
}

@test "no XDP program has the given name: the message lists the object's programs" {
	lab
	expect_error 1 "$KERN: the file has no XDP program named nobody" \
		-d "$DEV" --filename "$KERN" --progname nobody
	[[ ${stderr_lines[1]} == *' xdp_sock_prog in SEC("xdp")'* ]]
	expect_error 1 "$KERN: the file has no XDP program named " \
		-d "$DEV" --filename "$KERN" --progname ""
}

# --- rights and limits ------------------------------------------------------

@test "missing rights: the message names each missing capability" {
	lab
	WRAP=(setpriv --bounding-set=-net_raw)
	expect_error 1 "missing rights: CAP_NET_RAW" -d "$DEV"
	[[ ${stderr_lines[1]} == *root* ]]
	WRAP=(setpriv "--bounding-set=-sys_admin,-net_admin")
	expect_error 1 "missing rights: CAP_NET_ADMIN" -d "$DEV"
	WRAP=(setpriv "--bounding-set=-sys_admin,-bpf")
	expect_error 1 "missing rights: CAP_BPF" -d "$DEV"
	WRAP=(setpriv --bounding-set=-all)
	expect_error 1 "missing rights: CAP_NET_RAW CAP_NET_ADMIN CAP_BPF" -d "$DEV"
}

@test "missing rights of an ordinary user: the message names each missing capability" {
	lab
	# Copy the program to a directory that this user can reach. Our checkout
	# and bats' directory may be closed to other users.
	PUBLIC=$(mktemp -d)
	chmod 755 "$PUBLIC"
	install -m 755 "$PROGRAM" "$PUBLIC/af_xdp_user"
	WRAP=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	PROGRAM=$PUBLIC/af_xdp_user
	expect_error 1 "missing rights: CAP_NET_RAW CAP_NET_ADMIN CAP_BPF" -d "$DEV"
}

@test "CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF and CAP_IPC_LOCK are enough; CAP_SYS_ADMIN replaces CAP_NET_ADMIN and CAP_BPF" {
	lab
	# Before Linux 6.9 CAP_SYS_ADMIN replaces only CAP_BPF.
	WRAP=(setpriv --bounding-set="-net_admin,-bpf"
		env WEAK=rights "LD_PRELOAD=$(helper weak_driver -shared -fPIC)")
	expect_error 1 "missing rights: CAP_NET_ADMIN" -d "$DEV"
	for bounds in -all,+net_raw,+net_admin,+bpf,+ipc_lock -net_admin,-bpf; do
		WRAP=(setpriv --bounding-set="$bounds")
		start -d "$DEV" -v
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
		assert_totals 2 2
		assert_frames_home
		untouched
	done
}

@test "a memlock limit that is too low is reported, and the limit that the message names is enough" {
	lab
	limited "-l 64" -ipc_lock,-sys_resource
	expect_error 1 "UMEM: 12288 Kbytes are more memory than this process may lock" -d "$DEV"
	[[ ${stderr_lines[1]} =~ ulimit\ -l\ ([0-9]+).*CAP_IPC_LOCK ]]
	enough=${BASH_REMATCH[1]}
	bash -c "ulimit -l $enough" 2>/dev/null ||
		skip "the hard limit here is $(ulimit -Hl) Kbytes: advice not tried"
	limited "-l $enough" -ipc_lock,-sys_resource
	start -d "$DEV"
	stop
	# If only the soft limit is too low, the program raises it.
	limited "-Hl $enough; ulimit -Sl 64" -ipc_lock,-sys_resource
	start -d "$DEV"
	stop
	untouched
}

@test "a stack limit that is too low is raised, or reported if it cannot be raised" {
	lab
	# Arguments and environment take stack memory, too, so start with an
	# empty environment.
	WRAP=(env -i bash -c 'ulimit -s 16; exec "$@"' limited)
	expect_error 1 "the stack: its limit of 16 Kbytes is too low" -d "$DEV"
	[[ ${stderr_lines[1]} =~ ulimit\ -s\ ([0-9]+) ]]
	for limit in "-s ${BASH_REMATCH[1]}" "-Ss 24"; do
		WRAP=(bash -c "ulimit $limit; exec \"\$@\"" limited)
		start -d "$DEV"
		assert_ping -c 2 -i 0.01 "$HERE"
		stop
	done
	untouched
}

@test "CAP_IPC_LOCK overrides the memlock limit" {
	lab
	limited "-l 64" -sys_resource
	start -d "$DEV"
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	untouched
}

@test "with CAP_SYS_RESOURCE the program raises the memlock limit" {
	bash -c 'ulimit -l 64 && ulimit -l unlimited' 2>/dev/null ||
		skip "CAP_SYS_RESOURCE is missing here"
	lab
	limited "-l 64" -ipc_lock
	start -d "$DEV"
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	untouched
}

@test "if root has rights only in a user namespace, the message says that these rights are not enough" {
	unshare --user --map-root-user --net true 2>/dev/null ||
		skip "no user namespaces here"
	WRAP=(unshare --user --map-root-user --net bash -c '
		ip link add name va type veth peer name vb && ip link set dev va up && exec "$@"' inner)
	expect_error_below 1 "built-in XDP program: the kernel does not let us load BPF programs: Operation not permitted" -d va
	[[ ${stderr_lines[-1]} == *"CAP_BPF and CAP_NET_ADMIN"* ]]
}

# --- output -----------------------------------------------------------------

@test "without --verbose, no messages of libraries are printed" {
	lab
	start -d "$DEV"
	stop
	[[ $(grep -vc '^af_xdp_user: ' "$ERR") -eq 0 ]]
	[[ $(grep -c . "$ERR") -eq 1 ]]
	untouched
}

@test "if statistics cannot be written, the program ends with status 1 and a message" {
	lab
	STDOUT=/dev/full
	launch -d "$DEV" --interval 0.1
	finish
	[[ $RC -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: statistics: No space left on device" ]]
	untouched
	assert_ping -c 2 -i 0.01 "$HERE"
}

@test "if the file that gets the statistics reaches its size limit (ulimit -f), the program ends with status 1 and a message" {
	lab
	WRAP=(bash -c 'ulimit -f 1; exec "$@"' limited)
	launch -d "$DEV" --interval 0.01
	finish
	[[ $RC -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: statistics: File too large" ]]
	untouched
}

@test "if stdout is closed, the program ends with status 1 and a message, and writes into no other file" {
	lab
	WRAP=(bash -c 'exec "$@" >&-' closed)
	launch -d "$DEV" --interval 0.1
	finish
	[[ $RC -eq 1 ]]
	[[ $(tail -n 1 "$ERR") == "af_xdp_user: statistics: Bad file descriptor" ]]
	untouched
	# With --quiet no byte is written to stdout, so a closed stdout is not
	# an error.
	launch -d "$DEV" --interval 0.1 -q --duration 0.3
	finish
	[[ $RC -eq 0 ]]
	untouched
}
