# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Helpers of the integration tests. A test sets up its own lab, which is a veth
# pair with one end in another network namespace. The test starts af_xdp_user in
# the background and stops it. Then teardown() checks that nothing is left
# behind. To test another build of af_xdp_user, set AF_XDP_USER to its path.
#
# These shellcheck warnings are off. Text in single quotes is for another shell.
# Bats sets status, output, stderr and stderr_lines. Only the test files read
# some variables, and only they pass arguments to some functions.
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2154

bats_require_minimum_version 1.5.0

ROOT=$(readlink -f "$BATS_TEST_DIRNAME/..")
TESTENV=$ROOT/testenv/testenv.sh
KERN=$ROOT/af_xdp_kern.o
PROGRAM=${AF_XDP_USER:-$ROOT/af_xdp_user}
[[ $PROGRAM == /* ]] || PROGRAM=$ROOT/$PROGRAM
PROGRAM_NAME=af_xdp_user # messages begin with this name

# Use the same compilers as make. CC and CLANG may include options.
: "${CC:=cc}" "${CLANG:=clang}"

# shellcheck source=testenv/harness.bash
. "$ROOT/testenv/harness.bash"

DEV=veth-t
PEER=veth0
HERE=fc00:dead:cafe:1::1
INSIDE=fc00:dead:cafe:1::2
FRAMES=6144 # 4,096 for FILL and 2,048 for TX

# --- around each file and test ----------------------------------------------

# Bats calls setup_file(), setup() and teardown(). A test file may define its
# own.
setup_file() {
	lab_guard
}

setup() {
	lab_begin
}

teardown() {
	lab_end
}

# Skip the test file without root or without the program. Also skip it if this
# network namespace has an Ethernet device, because no test may touch the
# machine's own network. Ignore devices of other types, because kernel modules
# may add some.
lab_guard() {
	[[ $EUID -eq 0 ]] || skip "needs root"
	[[ $(ip -o link) != *link/ether* ]] ||
		skip "needs a network namespace of its own: see tests/run.sh"
	[[ -x $PROGRAM ]] || skip "$PROGRAM is not built"
}

# Return true if the running kernel has version MAJOR.MINOR or a newer version.
# Do not use af_xdp_user's check of the version, because it may be wrong.
kernel_has() { # MAJOR MINOR
	local major minor

	IFS=. read -r major minor _ <<<"$(uname -r)"
	((major > $1 || (major == $1 && ${minor%%[!0-9]*} >= $2)))
}

lab_begin() {
	cd "$ROOT" || return
	BEFORE=
	PIDS=()
	WRAP=()
	OPTIONS=()
	! grep -q __asan_init "$PROGRAM" || OPTIONS=(--no-sandbox)
	RUNS=0
	LINKS_BEFORE=$(links)
}

# Kill the processes that the test has left behind, and remove its lab. If the
# test has left anything besides the lab, list it and return 1.
lab_end() {
	local pid left=()

	for pid in "${PIDS[@]}"; do
		ended "$pid" || left+=("process $pid")
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [[ -e /run/netns/$DEV || -e /sys/class/net/$DEV ]]; then
		"$TESTENV" --name "$DEV" teardown >/dev/null 2>&1 || true
		[[ ! -e /sys/class/net/$DEV ]] || ip link del "$DEV" || true
		[[ ! -e /run/netns/$DEV ]] || ip netns del "$DEV" || true
	fi
	[[ $(links) == "$LINKS_BEFORE" ]] || left+=("links: $(links)")
	[[ $(echo /run/netns/*) == "/run/netns/*" ]] || left+=("namespaces: $(ls /run/netns)")
	no_sockets || left+=("$(sockets) AF_XDP sockets")
	programs_gone || left+=("XDP programs of ours")
	all_valid || left+=("invalid descriptors")
	((${#left[@]} == 0)) || {
		printf 'left behind: %s\n' "${left[@]}"
		return 1
	}
}

refute() { # COMMAND...
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# --- the lab ----------------------------------------------------------------

t() {
	"$TESTENV" "$@"
}

inside() {
	ip netns exec "$DEV" "$@"
}

lab() { # OPTIONS OF setup
	t setup --name "$DEV" "$@" >"$BATS_TEST_TMPDIR/setup"
	inside sysctl -qw "$OWN_ANSWERS"
	BEFORE=$(look)
}

# With this setting, each ping uses a socket that gets only its own answers.
# Otherwise, since the tests run as root, each ping uses a raw socket, which
# gets the answers to all pings of the namespace. Then the answers to one ping
# make the buffer of another ping's socket overflow.
readonly OWN_ANSWERS=net.ipv4.ping_group_range="0 0"

# Print the settings that attaching an XDP program could change, at both ends of
# the veth pair.
look() {
	ip -d link show dev "$DEV"
	ethtool -k "$DEV"
	inside ip -d link show dev "$PEER"
	inside ethtool -k "$PEER"
}

# Print the devices of this network namespace, as /proc/net/dev lists them.
links() {
	local name rest

	while read -r name rest; do
		[[ $name != *: ]] || echo "$name"
	done </proc/net/dev
}

# Print the number of AF_XDP sockets of this network namespace.
sockets() {
	local protocol size count rest

	while read -r protocol size count rest; do
		[[ $protocol != XDP ]] || echo "$count"
	done </proc/net/protocols
}

no_sockets() {
	[[ $(sockets) -eq 0 ]]
}

xdp_on() { # DEVICE
	[[ $(ip -d link show dev "$1") == *prog/xdp* ]]
}

# Check that the lab's devices have their old settings and no XDP program, and
# that no AF_XDP socket is left.
untouched() {
	local now

	now=$(look)
	diff <(echo "$BEFORE") <(echo "$now")
	[[ $now != *prog/xdp* ]]
	no_sockets
}

# Wait until the kernel has freed our XDP programs, which happens soon after the
# last process has closed them.
programs_gone() {
	local file line program=' XDP program [^ ]*, id ([0-9]+), in '

	for file in "$BATS_TEST_TMPDIR"/err.*; do
		[[ -e $file ]] || continue
		while read -r line; do
			[[ ! $line =~ $program ]] ||
				wait_for 3 refute bpftool prog show id "${BASH_REMATCH[1]}" >/dev/null 2>&1 ||
				return
		done <"$file"
	done
}

# Fail if the kernel has refused a descriptor. The program prints an "Invalid:"
# line if tx_invalid_descs is not 0.
all_valid() {
	! grep -h '^  Invalid:' "$BATS_TEST_TMPDIR"/out.* 2>/dev/null
}

# --- the program ------------------------------------------------------------

start() { # OPTIONS OF THE PROGRAM
	launch "$@"
	await
}

# Let env restore the default actions of signals, because background jobs of a
# shell without job control ignore SIGINT, and under nohup also SIGHUP.
launch() { # OPTIONS OF THE PROGRAM
	RUNS=$((RUNS + 1))
	OUT=$BATS_TEST_TMPDIR/out.$RUNS
	ERR=$BATS_TEST_TMPDIR/err.$RUNS
	: >"$ERR"
	env --default-signal=INT,HUP,TERM "${WRAP[@]}" "$PROGRAM" "${OPTIONS[@]}" "$@" \
		>"${STDOUT:-$OUT}" 2>"$ERR" 3>&- &
	PID=$!
	PIDS+=("$PID")
}

await() {
	wait_for "${START_SECONDS:-5}" started
	is_running || {
		cat "$ERR"
		return 1
	}
}

is_running() {
	grep -q ': XDP program .*; .*socket ' "$ERR" && ! ended "$PID"
}

started() {
	is_running || ended "$PID"
}

# Wait for the end of a process and set RC to its exit status.
finish() { # [PID]
	local pid=${1:-$PID}

	wait_for "${STOP_SECONDS:-5}" ended "$pid"
	RC=0
	wait "$pid" || RC=$?
}

stop() { # [SIGNAL]
	kill -"${1:-TERM}" "$PID"
	finish
	[[ $RC -eq 0 ]] || {
		cat "$ERR"
		return 1
	}
}

# Print the number of RX or TX packets in the last report.
total() { # RX or TX
	sed -n "/^.* $1: *\([0-9,]*\) pkts.*/ { s//\1/; s/,//g; h; }; \$ { x; p; }" "$OUT"
}

# Print the number of packets that the last report counts as not answered for
# this cause.
unanswered() { # CAUSE
	tail -n 12 "$OUT" | sed -n "s/^No answer: *\([0-9,]*\) pkts $1\$/\1/p" | tail -n 1
}

# Print the number of dropped packets in the last report.
dropped() {
	tail -n 12 "$OUT" | awk '/^AF_XDP RX:/ { n = 0 }
		sub(/^  Dropped: */, "") { gsub(/,/, ""); n += $1 } END { print n + 0 }'
}

assert_totals() { # RX TX
	echo "RX $(total RX), TX $(total TX); wanted: $*"
	[[ $(total RX) -eq $1 ]]
	[[ $(total TX) -eq $2 ]]
}

# Check the counts of frames in the last line that -v prints: every frame must
# be free or in FILL, except that the kernel may keep one frame if RX was full
# (see struct places in common/frames.h).
assert_frames_home() {
	local line
	local pattern="^$PROGRAM_NAME"': frames: ([0-9]+) = ([0-9]+) free \+ ([0-9]+) FILL \+ ([01]) kernel RX \+ 0 RX \+ 0 TX \+ 0 kernel TX \+ 0 COMPLETION$'

	line=$(tail -n 1 "$ERR")
	echo "$line"
	[[ $line =~ $pattern ]]
	[[ ${BASH_REMATCH[1]} -eq $FRAMES ]]
	[[ $((BASH_REMATCH[2] + BASH_REMATCH[3] + BASH_REMATCH[4])) -eq $FRAMES ]]
}

# Check the mode as ip names it: xdp for native, xdpgeneric for SKB mode.
assert_mode() { # xdp or xdpgeneric
	local link

	link=$(ip -d link show dev "$DEV")
	echo "$link"
	[[ $link =~ prog/xdp\ id\ ([0-9]+) ]]
	[[ $link == *"> mtu "*" $1 "* ]]
	grep -q "XDP program [^ ]*, id ${BASH_REMATCH[1]}, in" "$ERR"
}

# --- errors -----------------------------------------------------------------

# Run the program, and expect exactly two lines on stderr: the error with its
# reason, and advice.
expect_error() { # STATUS PATTERN OPTIONS OF THE PROGRAM
	expect_error_below "$@"
	[[ ${#stderr_lines[@]} -eq 2 ]]
}

# Set WRAP, so that "ulimit ULIMIT-ARGUMENTS" limits the program, and the
# program lacks DROPPED-CAPABILITIES.
limited() { # ULIMIT-ARGUMENTS DROPPED-CAPABILITIES
	WRAP=(bash -c "ulimit $1; exec \"\$@\"" limited setpriv --bounding-set="$2")
}

# Start the program, and check that it advises this limit of locked memory.
advises() { # KBYTES OPTIONS OF THE PROGRAM
	run "${WRAP[@]}" "$PROGRAM" "${@:2}"
	[[ $output == *"ulimit -l $1;"* ]]
}

# Like expect_error, but accept messages of libraries or the kernel before the
# error and the advice.
expect_error_below() { # STATUS PATTERN OPTIONS OF THE PROGRAM
	local wanted=$1 pattern=$2

	shift 2
	run --separate-stderr timeout -k 1 20 "${WRAP[@]}" "$PROGRAM" "$@"
	printf 'status %s, stdout: %s\nstderr: %s\n' "$status" "$output" "$stderr"
	[[ $status -eq $wanted ]]
	[[ -z $output ]]
	[[ ${#stderr_lines[@]} -ge 2 ]]
	[[ ${stderr_lines[-2]} =~ ^$PROGRAM_NAME:\ $pattern$ ]]
	[[ ${stderr_lines[-1]} =~ [[:alpha:]] ]]
	[[ -z $BEFORE ]] || untouched
}

# --- ping -------------------------------------------------------------------

# Use nsenter, because it is faster than ip netns exec, which also mounts /sys.
ping_inside() { # ARGS OF ping, ADDRESS
	nsenter --net="/run/netns/$DEV" ping -n "$@"
}

# Check that every ping is answered once, with unchanged data. Use the kernel's
# counter in the lab's namespace, because ping itself may miss answers: it waits
# only briefly for the last answers, and its socket buffer overflows if many
# answers arrive at once.
assert_ping() { # ARGS OF ping, ADDRESS
	local before report

	before=$(answers_inside)
	report=$(ping_inside -q "$@" 2>&1) || true
	echo "$report"
	[[ $report =~ ([0-9]+)\ packets\ transmitted,\ ([0-9]+)\ received ]]
	[[ ${BASH_REMATCH[1]} -gt 0 && ${BASH_REMATCH[2]} -gt 0 ]]
	[[ $report != *duplicates* && $report != *wrong* && $report != *errors* ]]
	wait_for 5 have_answers_inside $((before + BASH_REMATCH[1]))
}

answers_inside() {
	nsenter --net="/run/netns/$DEV" awk '$1 == "Icmp6InEchoReplies" { print $2 }' /proc/net/snmp6
}

have_answers_inside() { # NUMBER
	[[ $(answers_inside) -eq $1 ]]
}

# Print the number of packets that the veth pair has lost, at both ends. veth's
# NAPI reads from a ring of 256 packets, which overflows if the CPU is busy for
# too long.
lost_by_cable() {
	{
		cat "/sys/class/net/$DEV"/statistics/{tx,rx}_dropped
		inside cat "/sys/class/net/$PEER"/statistics/{tx,rx}_dropped
	} | awk '{ n += $1 } END { print n }'
}

# Check that the kernel in the lab's namespace has counted NUMBER answers. Up to
# IN-FLIGHT answers may be missing, and one more for each packet that the veth
# pair has lost since lost_by_cable printed LOST-BY-CABLE-BEFORE.
have_answers_but_lost() { # NUMBER LOST-BY-CABLE-BEFORE IN-FLIGHT
	local missing=$(($1 - $(answers_inside)))

	echo "$missing answers are missing; the veth pair has lost $(($(lost_by_cable) - $2))"
	((missing >= 0 && missing <= $(lost_by_cable) - $2 + $3))
}

# Print the number of echo replies that the kernel has sent in this namespace.
kernel_answers() {
	awk '$1 == "Icmp6OutEchoReplies" { print $2 }' /proc/net/snmp6
}

packets_from_inside() {
	inside cat /sys/class/net/$PEER/statistics/tx_packets
}

# Print the number of packets that have arrived on queue 0 of the lab's device,
# with or without an XDP program.
packets_arrived() {
	ethtool -S "$DEV" | awk '$1 == "rx_queue_0_xdp_packets:" { print $2 }'
}

# Start a ping in the background. ping_finish stops it. The file $PINGS gets the
# report of ping.
ping_begin() { # ARGS OF ping
	PINGS=$BATS_TEST_TMPDIR/pings
	ip netns exec "$DEV" env --default-signal=INT ping -n -q "$@" "$HERE" >"$PINGS" 2>&1 3>&- &
	PING=$!
	PIDS+=("$PING")
}

ping_finish() {
	kill -INT "$PING" 2>/dev/null || true
	wait_for 10 ended "$PING"
	cat "$PINGS"
}

sent_more_than() { # PACKETS
	[[ $(packets_from_inside) -gt $1 ]]
}

# Wait until the lab's namespace has sent more than NUMBER further packets.
after_packets() { # NUMBER
	wait_for 10 sent_more_than $(($(packets_from_inside) + $1))
}

# --- XDP objects ------------------------------------------------------------

XSKS_MAP='struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");'

# Run clang for BPF. Like make, ask $CC where asm/types.h is.
bpf_cc() { # FLAGS AND FILES...
	local asm

	asm=$(echo '#include <asm/types.h>' | $CC -E - |
		sed -n 's,^# 1 "\(.*\)/asm/types.h".*,\1,p')
	$CLANG -O2 -target bpf -mcpu=v3 -idirafter "${asm%%$'\n'*}" "$@"
}

# Compile the XDP program on stdin and print the name of the object file.
object() { # NAME
	local file=$BATS_TEST_TMPDIR/$1

	{
		echo '#include <linux/bpf.h>'
		echo '#include <bpf/bpf_helpers.h>'
		cat
		echo 'char _license[] SEC("license") = "GPL";'
	} >"$file.c"
	bpf_cc -g -c "$file.c" -o "$file.o"
	echo "$file.o"
}

# Compile an XDP program that passes every packet to the kernel.
object_pass() {
	object pass <<-EOF
	SEC("xdp") int others_prog(struct xdp_md *ctx) { return XDP_PASS; }
	EOF
}

# Print the number of packets that af_xdp_kern.o has counted on one queue, or on
# all queues.
packets_seen() { # QUEUE or all
	local id map

	[[ $(ip -d link show dev "$DEV") =~ prog/xdp\ id\ ([0-9]+) ]]
	for map in $(bpftool prog show id "${BASH_REMATCH[1]}" |
		sed -n 's/.*map_ids \([0-9,]*\).*/\1/p' | tr , ' '); do
		[[ $(bpftool map show id "$map") != *packets_seen* ]] || id=$map
	done
	bpftool map dump id "$id" | tr -d ' \n' | grep -oE '"key":[0-9]+,"value":[0-9]+' |
		awk -F'[:,]' -v queue="$1" \
			'queue == "all" || $2 == queue { n += $4 } END { print n + 0 }'
}

# --- helpers in C -----------------------------------------------------------

# Compile tests/helpers/NAME.c and print the name of the executable or library.
helper() { # NAME [FLAGS OF cc]
	local file=${BATS_TEST_TMPDIR-$BATS_FILE_TMPDIR}/$1

	$CC -O1 -D_GNU_SOURCE -Wall -Wextra -o "$file" "$ROOT/tests/helpers/$1.c" \
		"${@:2}"
	echo "$file"
}

# --- packets in hexadecimal digits ------------------------------------------

mac_hex() { # here or inside
	if [[ $1 == here ]]; then
		cat "/sys/class/net/$DEV/address"
	else
		inside cat "/sys/class/net/$PEER/address"
	fi | tr -d :
}

# Print the address fc00:dead:cafe:1::N as hexadecimal digits without colons.
ip_hex() { # N
	printf 'fc00deadcafe0001000000000000%04x' "$1"
}

# Print the Internet checksum of the bytes in HEX, as four hexadecimal digits.
checksum_hex() { # HEX
	local i sum=0

	for ((i = 0; i < ${#1}; i += 4)); do
		sum=$((sum + 16#${1:i:4}))
	done
	while ((sum >> 16)); do
		sum=$(((sum & 0xffff) + (sum >> 16)))
	done
	printf '%04x' $((~sum & 0xffff))
}

# Print an ICMPv6 echo packet with 16 bytes of data. TAGS has VLAN tags, such as
# 81000042, or is empty.
echo_hex() { # DESTINATION-MAC SOURCE-MAC TAGS TYPE SOURCE-IP DESTINATION-IP
	local data=00112233445566778899aabbccddeeff rest sum

	rest=12340001$data
	sum=$(checksum_hex "${5}${6}000000180000003a${4}00${rest}")
	echo "$1$2${3}86dd6000000000183a40$5$6${4}00$sum$rest"
}
