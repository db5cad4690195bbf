# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the integration tests share.  A test makes its own lab, starts the
# program in the background, stops it, and then everything has to be as it was:
# teardown looks.  AF_XDP_USER names another build of the program.
#
# Words in single quotes are for another shell; bats sets status, output,
# stderr and stderr_lines.
# Some arguments are only for the tests' own calls.
# shellcheck disable=SC2016,SC2034,SC2119,SC2120,SC2154

bats_require_minimum_version 1.5.0

ROOT=$(readlink -f "$BATS_TEST_DIRNAME/..")
TESTENV=$ROOT/testenv/testenv.sh
KERN=$ROOT/af_xdp_kern.o
PROGRAM=${AF_XDP_USER:-$ROOT/af_xdp_user}
[[ $PROGRAM == /* ]] || PROGRAM=$ROOT/$PROGRAM

DEV=veth-t
PEER=veth0
HERE=fc00:dead:cafe:1::1
INSIDE=fc00:dead:cafe:1::2
FRAMES=6144 # FILL's 4,096 and TX's 2,048

# --- around each file and test ----------------------------------------------

# Nothing here may be done to a machine's own network, so what must be there is
# a namespace that has nothing but lo (and what modules put into each new one).
lab_guard() {
	[[ $EUID -eq 0 ]] || skip "needs root"
	[[ $(ip -o link) != *link/ether* ]] ||
		skip "needs a network namespace of its own: see tests/run.sh"
	[[ -x $PROGRAM ]] || skip "$PROGRAM is not built"
}

lab_begin() {
	cd "$ROOT" || return
	PIDS=()
	WRAP=()
	OPTIONS=()
	! nm -D "$PROGRAM" 2>/dev/null | grep -q __asan_init || OPTIONS=(--no-sandbox)
	RUNS=0
	LINKS_BEFORE=$(ip -o link | wc -l)
}

# All that a test may have left is named, and then removed for the next one.
lab_end() {
	local pid left=()

	for pid in "${PIDS[@]}"; do
		ended "$pid" || left+=("process $pid")
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	if [[ -e /run/netns/$DEV || -e /sys/class/net/$DEV ]]; then
		"$TESTENV" --name "$DEV" teardown >/dev/null 2>&1 || true
		ip link del "$DEV" 2>/dev/null || true
		ip netns del "$DEV" 2>/dev/null || true
	fi
	[[ $(ip -o link | wc -l) -eq $LINKS_BEFORE ]] || left+=("links: $(ip -o link)")
	[[ -z $(ls /run/netns) ]] || left+=("namespaces: $(ls /run/netns)")
	[[ $(sockets) -eq 0 ]] || left+=("$(sockets) AF_XDP sockets")
	programs_gone || left+=("XDP programs of ours")
	all_valid || left+=("invalid descriptors")
	((${#left[@]} == 0)) || {
		printf 'left behind: %s\n' "${left[@]}"
		return 1
	}
}

# --- waiting ----------------------------------------------------------------

wait_for() { # SECONDS COMMAND...
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@"; do
		((${EPOCHREALTIME/./} < end)) || {
			echo "waited in vain for: $*"
			return 1
		}
		sleep 0.02
	done
}

# Also where nobody has waited for it yet.
ended() { # PID
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *") Z "* ]]
}

refute() { # COMMAND...
	if "$@"; then
		echo "did not want to succeed: $*"
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
	BEFORE=$(look)
}

# All that attaching a program could have changed, at both ends.
look() {
	ip -d link show dev "$DEV"
	ethtool -k "$DEV"
	inside ip -d link show dev "$PEER"
	inside ethtool -k "$PEER"
}

# The number of AF_XDP sockets of this network namespace.
sockets() {
	awk '$1 == "XDP" { print $3 }' /proc/net/protocols
}

no_sockets() {
	[[ $(sockets) -eq 0 ]]
}

xdp_on() { # DEVICE
	[[ $(ip -d link show dev "$1") == *prog/xdp* ]]
}

# The interface is as it was found, and no socket is left.
untouched() {
	local now

	now=$(look)
	diff <(echo "$BEFORE") <(echo "$now")
	[[ $now != *prog/xdp* ]]
	no_sockets
}

# The kernel frees a program some time after its last user has gone.
programs_gone() {
	local id

	while read -r id; do
		wait_for 3 refute bpftool prog show id "$id" >/dev/null 2>&1 || return
	done < <(sed -n 's/.* XDP program [^ ]*, id \([0-9]*\), in .*/\1/p' \
		"$BATS_TEST_TMPDIR"/err.* 2>/dev/null)
}

# What we hand out is good in the kernel's eyes: rx_invalid_descs and
# tx_invalid_descs, which the program prints where they are not 0, are.
all_valid() {
	! grep -h '^  Invalid:' "$BATS_TEST_TMPDIR"/out.* 2>/dev/null
}

# --- the program ------------------------------------------------------------

# A background job of a shell without job control ignores SIGINT; env has it
# the default again, as under a terminal.
start() { # OPTIONS OF THE PROGRAM
	launch "$@"
	await
}

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

# Sets RC.
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

# Packets of the last report.
total() { # RX or TX
	sed -n "s/^.* $1: *\([0-9,]*\) pkts.*/\1/p" "$OUT" | tail -n 1 | tr -d ,
}

# "No answer:" packets of the last report, of that cause.
unanswered() { # CAUSE
	tail -n 12 "$OUT" | sed -n "s/^No answer: *\([0-9,]*\) pkts $1\$/\1/p" | tail -n 1
}

# What the kernel could not give us, for whatever cause, by the last report.
dropped() {
	tail -n 12 "$OUT" | awk '/^AF_XDP RX:/ { n = 0 }
		sub(/^  Dropped: */, "") { gsub(/,/, ""); n += $1 } END { print n + 0 }'
}

assert_totals() { # RX TX
	echo "RX $(total RX), TX $(total TX); wanted: $*"
	[[ $(total RX) -eq $1 ]]
	[[ $(total TX) -eq $2 ]]
}

# The line that -v ends with: all frames are accounted for, and none is out.
assert_frames_home() {
	local line
	local pattern='^af_xdp_user: frames: ([0-9]+) = ([0-9]+) free \+ ([0-9]+) FILL \+ 0 kernel RX \+ 0 RX \+ 0 TX \+ 0 kernel TX \+ 0 COMPLETION$'

	line=$(tail -n 1 "$ERR")
	echo "$line"
	[[ $line =~ $pattern ]]
	[[ ${BASH_REMATCH[1]} -eq $FRAMES ]]
	[[ $((BASH_REMATCH[2] + BASH_REMATCH[3])) -eq $FRAMES ]]
}

# In the words of ip: xdp for native, xdpgeneric for SKB mode.
assert_mode() { # xdp or xdpgeneric
	local link

	link=$(ip -d link show dev "$DEV")
	echo "$link"
	[[ $link =~ prog/xdp\ id\ ([0-9]+) ]]
	[[ $link == *"> mtu "*" $1 "* ]]
	grep -q "XDP program [^ ]*, id ${BASH_REMATCH[1]}, in" "$ERR"
}

# --- errors -----------------------------------------------------------------

# Exactly two lines: what and why, and what to do.
expect_error() { # STATUS PATTERN OPTIONS OF THE PROGRAM
	expect_error_below "$@"
	[[ ${#stderr_lines[@]} -eq 2 ]]
}

# The same, where words of the libraries or the kernel come first.
expect_error_below() { # STATUS PATTERN OPTIONS OF THE PROGRAM
	local wanted=$1 pattern=$2

	shift 2
	run --separate-stderr timeout -k 1 20 "${WRAP[@]}" "$PROGRAM" "$@"
	printf 'status %s, stdout: %s\nstderr: %s\n' "$status" "$output" "$stderr"
	[[ $status -eq $wanted ]]
	[[ -z $output ]]
	[[ ${#stderr_lines[@]} -ge 2 ]]
	[[ ${stderr_lines[-2]} =~ ^af_xdp_user:\ $pattern$ ]]
	[[ ${stderr_lines[-1]} =~ [[:alpha:]] ]]
	[[ -z $BEFORE ]] || untouched
}

# --- ping -------------------------------------------------------------------

ping_inside() { # ARGS OF ping, and where to
	inside ping -n "$@"
}

# All answered, none twice, no data changed. The kernel inside counts the
# answers: ping hardly waits for the last ones (with -f not at all), and its own
# socket is too small for many at once.
assert_ping() { # ARGS OF ping, and where to
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
	inside awk '$1 == "Icmp6InEchoReplies" { print $2 }' /proc/net/snmp6
}

have_answers_inside() { # NUMBER
	[[ $(answers_inside) -eq $1 ]]
}

# What the cable itself has lost, at both ends: a ring of 256 packets lies
# before veth's NAPI, and where a CPU stands still for a moment it overflows.
lost_by_cable() {
	{
		cat "/sys/class/net/$DEV"/statistics/{tx,rx}_dropped
		inside cat "/sys/class/net/$PEER"/statistics/{tx,rx}_dropped
	} | awk '{ n += $1 } END { print n }'
}

# So many, but for what the cable has lost since then, and for what was in
# flight.
have_answers_but_lost() { # NUMBER LOST-BY-CABLE-BEFORE IN-FLIGHT
	local missing=$(($1 - $(answers_inside)))

	echo "$missing answers are missing; the cable has lost $(($(lost_by_cable) - $2))"
	((missing >= 0 && missing <= $(lost_by_cable) - $2 + $3))
}

# Echo replies that the kernel of this side has sent.
kernel_answers() {
	awk '$1 == "Icmp6OutEchoReplies" { print $2 }' /proc/net/snmp6
}

packets_from_inside() {
	inside cat /sys/class/net/$PEER/statistics/tx_packets
}

# Packets of queue 0 that the driver has shown to an XDP program of this side.
packets_arrived() {
	ethtool -S "$DEV" | awk '$1 == "rx_queue_0_xdp_packets:" { print $2 }'
}

# A ping that goes on while things happen; its report is in $PINGS.
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

# Waits until so many more packets have left the inside.
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

# Compiles what is on stdin, and prints the object's name.
object() { # NAME
	local file=$BATS_TEST_TMPDIR/$1

	{
		echo '#include <linux/bpf.h>'
		echo '#include <bpf/bpf_helpers.h>'
		cat
		echo 'char _license[] SEC("license") = "GPL";'
	} >"$file.c"
	clang -O2 -g -target bpf -mcpu=v3 -idirafter "/usr/include/$(uname -m)-linux-gnu" \
		-c "$file.c" -o "$file.o"
	echo "$file.o"
}

# Somebody else's program, which lets everything pass.
object_pass() {
	object pass <<-EOF
	SEC("xdp") int others_prog(struct xdp_md *ctx) { return XDP_PASS; }
	EOF
}

# What af_xdp_kern.o has counted on a queue, or on all.
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

# Prints the program's name. hold: an AF_XDP socket on a queue, no XDP program,
# until it is ended. raw: sends a frame, prints the first one that comes back.
helper() { # hold or raw
	local file=$BATS_TEST_TMPDIR/$1 flags=()

	"helper_$1" >"$file.c"
	[[ $1 != hold ]] || read -ra flags < <(pkg-config --cflags --libs libxdp libbpf)
	cc -O1 -D_GNU_SOURCE -o "$file" "$file.c" "${flags[@]}"
	echo "$file"
}

helper_hold() {
	cat <<-'EOF'
	#include <stdio.h>
	#include <stdlib.h>
	#include <sys/mman.h>
	#include <unistd.h>
	#include <xdp/xsk.h>
	int main(int argc, char **argv)
	{
		const struct xsk_socket_config config = {
			.rx_size = 64, .tx_size = 64,
			.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		};
		struct xsk_ring_prod fill, tx;
		struct xsk_ring_cons completion, rx;
		struct xsk_socket *socket;
		struct xsk_umem *umem;
		size_t size = 64 * 4096;
		void *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (argc < 3 ||
		    xsk_umem__create(&umem, area, size, &fill, &completion, NULL) ||
		    xsk_socket__create(&socket, argv[1], atoi(argv[2]), umem, &rx, &tx, &config))
			return 1;
		puts("held");
		fflush(stdout);
		pause();
	}
	EOF
}

# The kernel takes a VLAN tag out of what it hands to a packet socket, and says
# it beside: here it is put back, so that the frame is as it was on the wire.
helper_raw() {
	cat <<-'EOF'
	#include <arpa/inet.h>
	#include <linux/if_ether.h>
	#include <linux/if_packet.h>
	#include <net/if.h>
	#include <poll.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/socket.h>
	int main(int argc, char **argv) /* DEVICE MILLISECONDS HEX... */
	{
		int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1;
		struct sockaddr_ll at = { .sll_family = AF_PACKET,
			.sll_protocol = htons(ETH_P_ALL),
			.sll_ifindex = if_nametoindex(argv[1]) };
		struct pollfd in = { fd, POLLIN, 0 };
		unsigned char frame[4096], control[256];
		if (bind(fd, (void *)&at, sizeof(at)) ||
		    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
			return 1;
		for (int i = 3; i < argc; i++) {
			size_t n = strlen(argv[i]) / 2;
			for (size_t j = 0; j < n; j++)
				sscanf(argv[i] + 2 * j, "%2hhx", &frame[j]);
			if (send(fd, frame, n, 0) != (ssize_t)n)
				return 1;
		}
		while (poll(&in, 1, atoi(argv[2])) > 0) {
			struct iovec iov = { frame, sizeof(frame) };
			struct msghdr m = { &at, sizeof(at), &iov, 1, control, sizeof(control), 0 };
			struct cmsghdr *c;
			ssize_t n = recvmsg(fd, &m, 0);
			if (n < 14 || at.sll_pkttype == PACKET_OUTGOING)
				continue;
			for (ssize_t j = 0; j < n; j++) {
				for (c = CMSG_FIRSTHDR(&m); c && j == 12; c = CMSG_NXTHDR(&m, c)) {
					struct tpacket_auxdata *a = (void *)CMSG_DATA(c);
					if (a->tp_status & TP_STATUS_VLAN_VALID)
						printf("%04x%04x", a->tp_status & TP_STATUS_VLAN_TPID_VALID ?
						       a->tp_vlan_tpid : 0x8100, a->tp_vlan_tci);
				}
				printf("%02x", frame[j]);
			}
			putchar('\n');
			return 0;
		}
		return 2;
	}
	EOF
}

# --- packets in hexadecimal digits ------------------------------------------

mac_hex() { # here or inside
	if [[ $1 == here ]]; then
		cat "/sys/class/net/$DEV/address"
	else
		inside cat "/sys/class/net/$PEER/address"
	fi | tr -d :
}

# Of this lab's addresses: fc00:dead:cafe:1::N.
ip_hex() { # N
	printf 'fc00deadcafe0001000000000000%04x' "$1"
}

# The Internet checksum of a string of hexadecimal digits, as such a string.
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

# A whole echo packet with 16 bytes of data; TAGS are 81000042 and the like.
echo_hex() { # DESTINATION-MAC SOURCE-MAC TAGS TYPE SOURCE-IP DESTINATION-IP
	local data=00112233445566778899aabbccddeeff rest sum

	rest=12340001$data
	sum=$(checksum_hex "${5}${6}000000180000003a${4}00${rest}")
	echo "$1$2${3}86dd6000000000183a40$5$6${4}00$sum$rest"
}
