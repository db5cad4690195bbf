#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check four claims of README.org: count events at the kernel's tracepoints.
# claims.org explains the numbers; "claims.sh help" lists the commands.

set -u

ROOT=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")
readonly ROOT
readonly TRACEFS=/sys/kernel/tracing
readonly BUFFER_KB=16384 # for each CPU: room for all events of a run
readonly DEV=claims PEER=veth0
readonly HERE=fc00:dead:cafe:1::1 INSIDE=fc00:dead:cafe:1::2
readonly NOBODY=fc00:dead:cafe:1::99 # no host has this address
readonly PORT=9000
readonly PACKETS=2000 PPS=10000 BYTES=80
readonly FLOOD=20000 # packets that each of two generators sends, without pauses
readonly GENERATOR_CPU=0 RECEIVER_CPU=1

# shellcheck source=testenv/harness.bash
. "$ROOT/testenv/harness.bash"

fail() { # WHAT WHY [WHAT TO DO]
	printf 'claims: %s: %s\n' "$1" "$2" >&2
	[[ -z ${3:-} ]] || printf '  %s\n' "$3" >&2
	exit 1
}

# --- the trace --------------------------------------------------------------

# Make a trace of our own, so that another user of tracefs is not disturbed.
# Number the events instead of timing them, so that their order is exact.
trace_make() { # EVENT...
	local event

	mount -t tracefs tracefs "$TRACEFS" ||
		fail "$TRACEFS" "cannot be mounted" "the kernel needs CONFIG_EVENT_TRACING"
	TRACE=$(mktemp -d "$TRACEFS/instances/claims.XXXXXX") || exit
	trap 'rmdir "$TRACE"' EXIT
	echo counter >"$TRACE/trace_clock"
	echo "$BUFFER_KB" >"$TRACE/buffer_size_kb"
	for event; do
		echo 1 >"$TRACE/events/$event/enable" ||
			fail "$event" "this kernel has no such tracepoint"
	done
}

trace_clear() {
	echo >"$TRACE/trace"
	echo 1 >"$TRACE/tracing_on"
}

# Print one line for each event: CPU, PID, COMMAND, FLAGS, EVENT, and the
# event's fields.
trace_read() {
	echo 0 >"$TRACE/tracing_on"
	awk '
		/entries-in-buffer/ {
			split($3, n, "/")
			if (n[1] != n[2])
				print "claims: the trace has lost events" >"/dev/stderr"
		}
		/^#/ || !match($0, /-[0-9]+ +\[[0-9]+\] /) { next }
		{
			command = substr($0, 1, RSTART - 1)
			gsub(/^ +/, "", command)
			gsub(/ /, "_", command)
			split(substr($0, RSTART + 1, RLENGTH - 3), who, / +\[/)
			rest = substr($0, RSTART + RLENGTH)
			sub(/ +[0-9]+: /, " ", rest)
			print who[2] + 0, who[1], command, rest
		}' "$TRACE/trace"
}

# Run a command, and write its role into the trace. The trace has PIDs of the
# initial PID namespace, but we know only PIDs of our own namespace. The line
# with the role shows the command's PID in the trace.
as() { # ROLE COMMAND...
	echo "role $1" >"$TRACE/trace_marker"
	exec "${@:2}"
}

pid_of() { # ROLE
	trace_read | awk -v role="$1" '$5 == "tracing_mark_write:" && $7 == role { print $2 }'
}

# --- sender and receivers ---------------------------------------------------

lab_make() {
	cd "$ROOT" || exit
	[[ -x af_xdp_user && -x build/bench/pktgen && -x build/bench/ladder/recvfrom ]] ||
		fail "lab" "programs are missing" "make all bench-programs ladder-programs"
	WORK=$(mktemp -d /run/claims.XXXXXX)
	testenv/testenv.sh --name "$DEV" setup >"$WORK/setup" 2>&1 ||
		fail "lab" "$(<"$WORK/setup")"
	MAC=$(<"/sys/class/net/$DEV/address")
}

generate() { # CPU DESTINATION PPS PACKETS OPTIONS...
	(as generator nsenter --net="/run/netns/$DEV" taskset -c "$1" build/bench/pktgen "${@:5}" \
		"$PEER" "$MAC" "$INSIDE" "$2" "$3" "$4" 5 "$BYTES") >>"$WORK/generated"
}

# Read datagrams with nothing but bash and cat. bash connects a socket to port
# PORT of the sender. The range of local ports has only this port, so the kernel
# gives the socket the local port PORT, too.
udp_read() {
	echo "$PORT $PORT" >/proc/sys/net/ipv4/ip_local_port_range
	exec 3<>"/dev/udp/$INSIDE/$PORT"
	exec cat <&3
}
export -f udp_read
export PORT INSIDE

is_ready() {
	case $KIND in
	xdp) grep -q '; socket in' "$WORK/log" ;;
	packet) packet_socket_bound ;;
	udp) grep -q "$(printf ':%04X ' "$PORT")" /proc/net/udp6 ;;
	esac
}

receiver_start() { # KIND COMMAND...
	KIND=$1
	: >"$WORK/log"
	trace_clear
	as receiver taskset -c "$RECEIVER_CPU" "${@:2}" >"$WORK/received" 2>"$WORK/log" &
	RECEIVER=$!
	wait_for 10 is_ready || fail "$2" "does not start: $(<"$WORK/log")"
	RECEIVER_PID=$(pid_of receiver)
}

receiver_stop() {
	kill "$RECEIVER"
	wait "$RECEIVER" 2>/dev/null
}

# Print the number of packets in the program's last report.
xdp_received() {
	sed -n 's/^AF_XDP RX: *\([0-9]*\) pkts.*/\1/p' "$WORK/received" | tail -n 1
}

# --- allocations ------------------------------------------------------------

# Count for each packet: SKBs of our device that the network stack received, and
# allocations in softirq and in the receiver. A softirq runs in the process that
# it interrupts (here the generator or the receiver), or in ksoftirqd.
allocations_print() { # TITLE
	trace_read | awk -v receiver="$RECEIVER_PID" -v packets=$PACKETS -v dev="dev=$DEV" -v title="$1" '
		$5 == "tracing_mark_write:" && $7 == "generator" { generator = $2 }
		$2 != receiver && $2 != generator && $3 !~ /^ksoftirqd/ { next }
		$5 == "netif_receive_skb:" { skbs += $6 == dev }
		$5 !~ /alloc/ { next }
		$4 ~ /s/ { softirq++ }
		$4 !~ /[sh]/ && $2 == receiver { process++ }
		END {
			printf "%-28s %6.2f %10.2f %12.2f\n", title,
				skbs / packets, softirq / packets, process / packets
		}'
}

allocations_of() { # TITLE KIND DESTINATION OPTIONS-OF-pktgen COMMAND...
	receiver_start "$2" "${@:5}"
	trace_clear
	# shellcheck disable=SC2086 # split the options into words
	generate "$GENERATOR_CPU" "$3" "$PPS" "$PACKETS" $4
	allocations_print "$1"
	receiver_stop
	[[ $2 != xdp || $(xdp_received) -gt $((PACKETS * 9 / 10)) ]] ||
		fail "$1" "received only $(xdp_received) of $PACKETS packets"
}

allocations() {
	local program="./af_xdp_user --interval=3600 -d $DEV" udp="-u $PORT"

	trace_make kmem/kmem_cache_alloc kmem/kmalloc kmem/mm_page_alloc net/netif_receive_skb
	[[ ! -e $TRACE/events/kmem/kmem_cache_alloc_node ]] || # before Linux 6.1
		echo 1 | tee "$TRACE"/events/kmem/{kmem_cache_alloc,kmalloc}_node/enable >/dev/null
	echo "for each of $PACKETS packets:     SKBs  in softirq  in the process"
	# shellcheck disable=SC2086 # split commands into words
	{
		allocations_of "AF_XDP, native mode" xdp $HERE "$udp" $program -N --rxdrop
		allocations_of "AF_XDP, SKB mode" xdp $HERE "$udp" $program -S --rxdrop
		allocations_of "UDP" udp $HERE "$udp" bash -c udp_read
		allocations_of "AF_PACKET" packet $NOBODY "$udp" build/bench/ladder/recvfrom $DEV
		allocations_of "AF_XDP, with answers" xdp $HERE "" $program -N
	}
}

# --- one-cpu ----------------------------------------------------------------

# Count the packets on each CPU, the NAPI polls, and the intrusions. If another
# CPU processes packets between one packet of a poll and the next packet of this
# poll, that is one intrusion.
one_cpu_print() { # TITLE
	trace_read | awk -v title="$1" '
		$5 == "napi_poll:" { seen[$1] = intruded[$1] = 0 }
		$5 != "xdp_redirect:" { next }
		{
			packets[$1]++
			polls += !seen[$1]
			intrusions += intruded[$1]
			seen[$1] = 1
			intruded[$1] = 0
			for (cpu in seen)
				if (cpu != $1 && seen[cpu])
					intruded[cpu] = 1
		}
		END {
			printf "%-28s %6d %6d %6d %11d\n", title, packets[0], packets[1], polls, intrusions
		}'
}

# Let two generators, one on each of two CPUs, send to the same queue. Trace
# only the packets of our XDP program, because other XDP programs may run, too.
one_cpu_of() { # TITLE MODE
	receiver_start xdp ./af_xdp_user --interval=3600 -d $DEV --rxdrop "$2"
	echo "prog_id == $(sed -n 's/.*, id \([0-9]*\), in.*/\1/p' "$WORK/log")" \
		>"$TRACE/events/xdp/xdp_redirect/filter"
	trace_clear
	generate 0 $HERE 0 $FLOOD -u $PORT -f 16 &
	generate 1 $HERE 0 $FLOOD -u $PORT -f 16
	wait $!
	one_cpu_print "$1"
	receiver_stop
}

one_cpu() {
	(($(nproc) > 1)) || fail one-cpu "this machine has only one CPU"
	trace_make xdp/xdp_redirect napi/napi_poll
	echo "packets of queue 0 on         CPU 0  CPU 1  polls  intrusions"
	one_cpu_of "native mode" -N
	one_cpu_of "SKB mode" -S
	echo 3 >/sys/class/net/$DEV/queues/rx-0/rps_cpus
	one_cpu_of "SKB mode, with RPS" -S
}

# --- pass, wakeup: in a guest, whose card has zero-copy ---------------------

in_guest() { # COMMAND
	local log

	log=$(mktemp)
	cd "$ROOT" || exit
	{ make guest-programs && vm/fetch.sh tools-amd64 newest && vm/image.sh newest; } \
		>"$log" 2>&1 ||
		fail "$1" "$(tail -n 1 "$log")" "make vm-lab installs the tools"
	rm "$log"
	set -o pipefail
	vm/boot.sh newest igb "$1" </dev/null 2>/dev/null |
		sed 's/\r//; /^\[/d' || # the kernel's own lines begin with [
		fail "$1" "the guest did not finish"
}

help() {
	cat <<-EOF
	Usage: lessons/claims.sh COMMAND

	Check claims of README.org: count events in the kernel. The first two
	commands take a few seconds, in a lab of their own; the others boot a guest,
	which takes a minute.

	  allocations   memory allocations for each received packet
	  one-cpu       CPUs that process the packets of one queue
	  pass          allocations for packets that XDP passes to the kernel
	  wakeup        calls that wake the driver, with need_wakeup and without
	  help          print this
	EOF
}

command=${1-help}
if [[ $command == @(allocations|one-cpu) ]] && ((EUID)); then
	exec sudo -- "${BASH_SOURCE[0]}" "$@"
fi
case $command in
allocations | one-cpu)
	[[ ${2-} == --isolated ]] ||
		exec "$ROOT/testenv/isolated.sh" "$ROOT/lessons/claims.sh" "$command" --isolated
	lab_make
	"${command/-/_}"
	;;
pass | wakeup) in_guest "$command" ;;
help | -h | --help) help ;;
*) fail "$command" "unknown command" "lessons/claims.sh help" ;;
esac
