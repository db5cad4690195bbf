# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Functions that the measuring scripts share: set up a lab in its own
# namespaces, define the rows of the tables, start and stop a row's program, run
# the generator, and count system calls, instructions and allocations.

ROOT=$(readlink -f "${BASH_SOURCE[0]%/*}/..")
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C

# shellcheck source=testenv/harness.bash
. "$ROOT/testenv/harness.bash"

DEV=bench
PEER=veth0
HERE=fc00:dead:cafe:1::1
INSIDE=fc00:dead:cafe:1::2
PMD=net_af_xdp0,iface=$DEV,force_copy=1

# The generator and ping run on one CPU, and the responder on another CPU.
GENERATOR_CPU=0
PROGRAM_CPU=1

WORK=/run/bench # a tmpfs of this run only
SMALLEST=62 # bytes of the smallest frame: Ethernet, IPv6 and ICMPv6 headers
# shellcheck disable=SC2034 # for the measuring scripts
STAMPED=70  # bytes of the smallest frame that carries the time when it was sent

PID=0           # process of the running row; 0: the row is not a process

fail() {
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

# --- a lab in namespaces ----------------------------------------------------

# Run the script again, as the first process of new namespaces. When the script
# ends, for whatever reason, the kernel removes all devices, mounts and
# processes that the script has made.
isolate() { # SCRIPT ARGS...
	[[ $EUID -eq 0 ]] || fail "only root can make namespaces"
	(($(nproc) > 1)) || fail "two CPUs are needed: one sends, one answers"
	exec "$ROOT/testenv/isolated.sh" "$@" --isolated
}

# Make a lab, and a FIFO that never has data. row_launch() makes the FIFO the
# stdin of each row's program, because testpmd ends when it can read from stdin.
lab_make() {
	[[ $(ip -o link) != *link/ether* ]] ||
		fail "the network namespace is not new: it has Ethernet devices"
	cd "$ROOT" || exit
	mkdir -p "$WORK"
	testenv/testenv.sh --name "$DEV" setup >"$WORK/setup" 2>&1 ||
		fail "no lab: $(<"$WORK/setup")"
	MAC=$(<"/sys/class/net/$DEV/address")
	mkfifo "$WORK/silence"
	exec {SILENCE}<>"$WORK/silence"
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

inside() {
	ip netns exec "$DEV" taskset -c "$GENERATOR_CPU" "$@"
}

# --- the rows ---------------------------------------------------------------

# Properties of a row, as words that has() searches for:
#	process   a process gets the requests, not the kernel or a BPF program
#	echoes    the row answers pings
#	macswap   the row sends requests back, with swapped MAC addresses
#	counts    the row answers nothing, but prints how many packets it got
#	sleeps    the process sleeps while there are no packets (rows with
#	          --coalesce lack this word, because their instructions are
#	          not counted)
#	ours      the process is af_xdp_user
#	socket    the process gets the requests from a packet socket
#	xdp       a BPF program answers in the driver
#	tc        a BPF program answers at tc's ingress
ROWS=()
declare -A TITLE WORDS COMMAND

row() { # NAME TITLE WORDS COMMAND...
	ROWS+=("$1")
	# shellcheck disable=SC2034 # for run.sh
	TITLE[$1]=$2
	WORDS[$1]=$3
	COMMAND[$1]=${*:4}
}

has() { # ROW WORD
	[[ " ${WORDS[$1]} " == *" $2 "* ]]
}

rows_define() {
	local usecs testpmd=${TESTPMD:-dpdk-testpmd}

	row poll 'af_xdp_user' 'process echoes sleeps ours' \
		"./af_xdp_user -q -d $DEV"
	for usecs in 10 50 250; do
		row "coalesce-$usecs" "af_xdp_user --coalesce=$usecs" 'process echoes ours' \
			"./af_xdp_user -q --coalesce=$usecs -d $DEV"
	done
	row busy 'af_xdp_user -B' 'process echoes ours' \
		"./af_xdp_user -q -B -d $DEV"
	row rxdrop 'af_xdp_user --rxdrop' 'process counts sleeps ours' \
		"./af_xdp_user --rxdrop --interval=3600 -d $DEV"
	row plain 'plain loop, poll()' 'process echoes sleeps' \
		"build/bench/plain $DEV"
	row plain-spin 'plain loop, spinning' 'process echoes' \
		"build/bench/plain $DEV spin"
	row kernel "the kernel's responder" 'echoes' ''
	row xdp-tx 'XDP_TX in the kernel' 'echoes xdp' ''
	row testpmd 'testpmd, macswap' 'process macswap' \
		"$testpmd -l $GENERATOR_CPU,$PROGRAM_CPU --main-lcore $GENERATOR_CPU --no-huge -m 512" \
		"--no-shconf --no-pci --vdev $PMD -- --forward-mode=macswap" \
		"--total-num-mbufs=16384 --no-lsc-interrupt"
}

attached() {
	[[ $(ip link show dev "$DEV") == *prog/xdp* ]]
}

alive() {
	kill -0 "$PID" 2>/dev/null && [[ $(<"/proc/$PID/stat") != *') Z '* ]]
}

# Return true if the row's packet socket is bound. For a row without a packet
# socket, return true if an XDP program is attached.
listens() { # ROW
	if has "$1" socket; then
		packet_socket_bound
	else
		attached
	fi
}

listens_or_dead() { # ROW
	listens "$1" || ! alive
}

no_sockets() {
	[[ $(awk '$1 == "XDP" { print $3 }' /proc/net/protocols) -eq 0 ]]
}

# Set whether the kernel answers pings. The kernel must not answer while a
# program is measured, because the kernel's answers would be counted for the
# program.
kernel_answers() { # 0|1
	echo "$((!$1))" >/proc/sys/net/ipv6/icmp/echo_ignore_all
}

# Start a row, but do not wait until it is ready. WRAP, if not empty, is a
# command, such as valgrind, that runs the row's command. testpmd gets both
# CPUs, because it chooses the CPUs of its threads itself, and needs a second
# CPU for a thread that only waits.
WRAP=()
row_launch() { # ROW
	local cpus=$PROGRAM_CPU

	PID=0
	if has "$1" xdp; then
		testenv/testenv.sh --name "$DEV" load build/bench/responder_kern.o \
			>"$WORK/log" 2>&1
	elif has "$1" tc; then
		tc qdisc add dev "$DEV" clsact &&
			tc filter add dev "$DEV" ingress bpf direct-action \
				object-file build/bench/ladder/tc_kern.o section tc
	elif has "$1" process; then
		has "$1" macswap && cpus=$GENERATOR_CPU,$PROGRAM_CPU
		# shellcheck disable=SC2086 # a command is words
		taskset -c "$cpus" "${WRAP[@]}" ${COMMAND[$1]} <&"$SILENCE" >"$WORK/out" 2>"$WORK/log" &
		PID=$!
	fi
}

# Try three times to start a row. The kernel frees a queue some time after its
# last socket was closed, and some programs do not wait until the queue is free.
row_start() { # ROW
	for _ in 1 2 3; do
		row_try "$1" && return
		row_stop "$1" 2>/dev/null
		sleep 0.2
	done
	return 1
}

# Start a row once. After listens() returns true, wait a moment, because a
# program may bind its AF_XDP socket after it attaches its XDP program. testpmd
# needs more time, because it starts its threads last.
row_try() { # ROW
	kernel_answers "$([[ $1 == kernel ]] && echo 1 || echo 0)"
	row_launch "$1"
	has "$1" process || return 0
	wait_for 20 listens_or_dead "$1"
	sleep "$(has "$1" macswap && echo 1 || echo 0.1)"
	alive
}

row_stop() { # ROW
	DIRTY=false
	if has "$1" xdp; then
		testenv/testenv.sh --name "$DEV" unload >/dev/null
	elif has "$1" tc; then
		tc qdisc del dev "$DEV" clsact
	elif ((PID)); then
		kill -TERM "$PID"
		wait "$PID" 2>/dev/null
		wait_for 3 no_sockets
	fi
	PID=0
}

# If a row cannot run here, print the reason.
row_refuses() { # ROW
	local program=${COMMAND[$1]%% *}

	if has "$1" process && ! command -v "$program" >/dev/null; then
		echo "there is no ${program##*/}"
	elif ! row_start "$1"; then
		wait "$PID"
		grep -vE '^(EAL: Detected|Try|Usage|$)' "$WORK/log" | head -n 1
	fi
	row_stop "$1" 2>/dev/null
}

# --- the generator ----------------------------------------------------------

# If a row has lost packets, late replies could be counted in the next
# measurement. So generate() sets DIRTY after a loss, and row_clean() then
# restarts the row before the next measurement.
DIRTY=false
row_clean() { # ROW
	$DIRTY || return 0
	row_stop "$1"
	row_start "$1"
}

# Run the generator. Set SENT, REPLIES and so on from its output.
generate() { # ROW PPS PACKETS SECONDS BYTES [OPTIONS]
	local row=$1 words
	local position=("$2" "$3" "$4" "$5")

	shift 5
	row_clean "$row"
	! has "$row" macswap || set -- "$@" -t 128
	words=$(inside build/bench/pktgen -p "$PID" "$@" "$PEER" "$MAC" \
		"$INSIDE" "$HERE" "${position[@]}") || fail "the generator: $words"
	# shellcheck disable=SC2034 # for the measuring scripts
	read -r _ SENT _ REPLIES _ SECONDS_TAKEN _ USER_US _ SYSTEM_US _ SOFTIRQ_US \
		_ SYSCALLS _ P50_US _ P99_US _ P999_US <<<"$words"
	((SENT == REPLIES)) || DIRTY=true
}

# --- counts -----------------------------------------------------------------

COUNT_PPS=20000

# Set SYSCALLS to the number of a row's system calls, and REPLIES to the number
# of its replies.
count_syscalls() { # ROW PACKETS [PPS]
	generate "$1" "${3-$COUNT_PPS}" "$2" 5 "$SMALLEST" -s
}

# Run a row once under valgrind. Set COUNT to the number of instructions or
# allocations, and REPLIES to the number of replies. Run af_xdp_user with
# --no-sandbox, because valgrind makes system calls that the sandbox refuses.
valgrind_run() { # ROW WHAT PACKETS
	local pattern command=${COMMAND[$1]}

	! has "$1" ours || command+=" --no-sandbox"
	local -A COMMAND=([$1]=$command)

	case $2 in
	instructions)
		WRAP=(valgrind --tool=callgrind --callgrind-out-file=/dev/null)
		pattern='.*Collected : \([0-9]*\).*'
		;;
	allocations)
		WRAP=(valgrind)
		pattern='.*total heap usage: \([0-9,]*\) allocs.*'
		;;
	esac
	row_start "$1" || fail "$1 does not start under valgrind: $(<"$WORK/log")"
	generate "$1" "$COUNT_PPS" "$3" 10 "$SMALLEST"
	row_stop "$1"
	WRAP=()
	COUNT=$(sed -n "s/$pattern/\1/p" "$WORK/log" | tr -d ,)
	[[ $COUNT ]] || fail "valgrind has counted no $2: $(<"$WORK/log")"
}

# Set COUNT and REPLIES to the differences between a long run and a short run,
# to exclude the start-up.
count() { # ROW instructions|allocations SHORT LONG (packets)
	local count replies

	valgrind_run "$1" "$2" "$3"
	count=$COUNT
	replies=$REPLIES
	valgrind_run "$1" "$2" "$4"
	COUNT=$((COUNT - count))
	REPLIES=$((REPLIES - replies))
}
