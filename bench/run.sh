#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Measure all rows of the tables in turn, so that a change of the machine's
# speed affects all rows. A row is a program with its options. Write every
# value into a CSV file. From these values, make the plots and the tables of
# bench/README.org.
# Times are compared in many short turns, because the speed of a virtual machine
# changes every few seconds.
#
#	bench/run.sh [--quick] [--rounds N] [--turns N]
#
# --quick measures one short round and one short turn, to check that everything
# works. Its results go into build/bench/quick, and are too inexact to use.

set -u

# shellcheck source=bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"

[[ ${*: -1} == --isolated ]] || isolate "$(readlink -f "$0")" "$@"

ROUNDS=5
TURNS=11
SECONDS_LOAD=0.7   # seconds of a run at a load of LOADS
SECONDS_CURVE=0.25 # seconds of a run at a load of CURVE, and in overload() and growth()
PINGS=200          # number of pings 1 ms apart
SLOW_PINGS=20      # number of pings 20 ms apart, so that both CPUs fall asleep
PAIRED=3000        # number of pings 1 ms apart to each process of PAIR
SLOW_PAIRED=200    # number of pings 80 ms apart to each process of PAIR
SECONDS_LATENCY=0.3 # seconds of a run that measures round trips under load
SHORT=2000         # packets of a short run under callgrind
LONG=10000         # packets of a long run; the difference excludes the start-up

BURSTS=(1 8 32 33 64 256 1024 2048 4096)
LOADS=(20000 100000 300000)
LATENCY=(1000 5000 20000 100000 300000)
CURVE=(200000 400000 500000 600000 700000 800000 1000000 1500000)
SIZES=(64 128 256 512 1024 1500)
FLOWS=(1 16 256 4096)
VARIANTS=(BATCH-8 BATCH-32 BATCH-256 RING-256 RING-1024)

ALL=4000000000
RESULTS=$ROOT/bench/results
README=$ROOT/bench/README.org

options_parse() {
	while (($#)); do
		case $1 in
		--quick)
			ROUNDS=1 TURNS=1 SECONDS_LOAD=0.2 SECONDS_CURVE=0.1
			SECONDS_LATENCY=0.1 SLOW_PINGS=10 PAIRED=200 SLOW_PAIRED=10 SHORT=1000 LONG=3000
			RESULTS=$ROOT/build/bench/quick
			README=$RESULTS/README.org
			;;
		--rounds)
			ROUNDS=$2
			shift
			;;
		--turns)
			TURNS=$2
			shift
			;;
		--isolated) ;;
		*) fail "unknown option '$1'" ;;
		esac
		shift
	done
}

# --- results ----------------------------------------------------------------

results_begin() {
	local machine

	machine=$(machine) # first: new results would make the commit "dirty"
	mkdir -p "$RESULTS" || exit
	cd "$RESULTS" || exit
	[[ -e $README ]] || cp "$ROOT/bench/README.org" "$README"
	echo 'row,title,words,command,left_out' >rows.csv
	echo 'round,row,offered_pps,frame_bytes,flows,sent_packets,reply_packets,time_s,user_us,system_us,softirq_us' >load.csv
	echo 'round,row,sent_packets,reply_packets_in_100_ms' >burst.csv
	echo 'round,row,interval_ms,round_trip_us,pings' >ping.csv
	echo 'round,row,offered_pps,sent_packets,reply_packets,user_us,system_us,p50_us,p99_us,p999_us' >latency.csv
	echo 'row,interval_ms,pings,median_us,difference_to_first_us' >pair.csv
	echo 'round,row,first_reply_ms,start_stop_pings,lost_pings,memory_KiB,peak_memory_KiB' >process.csv
	echo 'round,row,count,events,reply_packets' >count.csv
	cd "$ROOT" || exit
	echo "$machine" >"$RESULTS/machine.txt"
}

machine() {
	cat <<-EOF
	date     $(date -u +'%F %R UTC')
	commit   $(git -c safe.directory='*' -C "$ROOT" describe --always --dirty 2>/dev/null || echo unknown)
	kernel   $(uname -sr)
	CPU      $(nproc) x $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)$(grep -q '^flags.* hypervisor' /proc/cpuinfo && echo ', virtual machine')
	driver   $(ethtool -i "$DEV" | sed -n 's/^driver: //p')
	mode     $(mode)
	compiler $(cc --version | head -n 1)
	libraries libbpf $(pkg-config --modversion libbpf), libxdp $(pkg-config --modversion libxdp)
	tools    $(valgrind --version), $(ping -V | head -n 1), $(gnuplot --version)
	testpmd  $(testpmd_version)
	EOF
}

# Print the modes that af_xdp_user reports. On veth its socket is in copy mode,
# and PMD in lib.bash makes testpmd use copy mode, too.
mode() {
	row_start poll
	sed -n 's/.* in \(.*\) mode; socket in \(.*\) mode.*/\1 XDP, \2/p' "$WORK/log"
	row_stop poll
}

testpmd_version() {
	local testpmd=${TESTPMD:-dpdk-testpmd}

	command -v "$testpmd" >/dev/null || { echo none && return; }
	"$testpmd" -v --no-huge --no-shconf --no-pci -m 64 -- --help 2>&1 </dev/null |
		sed -n "s/.*RTE Version: '\(.*\)'.*/\1/p" | head -n 1
}

# put FILE VALUE...
put() {
	local IFS=,

	echo "$ROUND,${*:2}" >>"$RESULTS/$1.csv"
}

# Leave out rows that cannot run here. bench/README.org then gives the reason.
rows_choose() {
	local row why rows=()

	for row in "${ROWS[@]}"; do
		why=$(row_refuses "$row")
		printf '%s,"%s",%s,"%s","%s"\n' "$row" "${TITLE[$row]}" \
			"${WORDS[$row]}" "${COMMAND[$row]}" "${why//\"/\'}" >>"$RESULTS/rows.csv"
		[[ -z $why ]] && rows+=("$row") || echo "left out: ${TITLE[$row]}: $why"
	done
	ROWS=("${rows[@]}")
}

# --- measuring a row --------------------------------------------------------

# For a row with the property "counts" (see lib.bash), set REPLIES to the number
# of packets that the row's program has received. The program prints this number
# when it stops, so restart it.
replies_of_counter() { # ROW
	row_stop "$1"
	REPLIES=$(awk '/^AF_XDP RX:/ { n = $3 } END { print n + 0 }' "$WORK/out")
	row_start "$1"
}

load() { # ROW OFFERED SECONDS [BYTES [FLOWS [NAME]]]
	local pps=${2/max/0} bytes=${4-$SMALLEST} flows=${5-1}

	generate "$1" "$pps" "$ALL" "$3" "$bytes" -f "$flows"
	! has "$1" counts || replies_of_counter "$1"
	put load "${6-$1}" "$2" "$bytes" "$flows" "$SENT" "$REPLIES" \
		"$SECONDS_TAKEN" "$USER_US" "$SYSTEM_US" "$SOFTIRQ_US"
}

burst() { # ROW PACKETS
	generate "$1" 0 "$2" 1 "$SMALLEST"
	! has "$1" counts || replies_of_counter "$1"
	put burst "$1" "$SENT" "$REPLIES"
}

# For XDP_TX, attach an XDP program to the peer, or detach it. Without an XDP
# program, the peer does not read XDP_TX's packets as soon as they come
# (veth_xdp_flush() in the kernel). The generator attaches such a program, but
# rtt does not. Do not use "ip netns exec", because it hides the BPF file
# system.
peer_xdp() { # ROW on|off
	! has "$1" xdp && return
	if [[ $2 == on ]]; then
		bpftool prog loadall build/bench/responder_kern.o /sys/fs/bpf/bench &&
			nsenter --net="/run/netns/$DEV" bpftool net attach xdpdrv \
				pinned /sys/fs/bpf/bench/pass dev "$PEER"
	else
		nsenter --net="/run/netns/$DEV" bpftool net detach xdpdrv dev "$PEER"
		rm -r /sys/fs/bpf/bench
	fi
}

# Store each round-trip time, rounded to a tenth of a microsecond, and the
# number of pings that took this time. This keeps the file short.
pings() { # ROW INTERVAL-MS PINGS
	local rtt n

	while read -r rtt n; do
		put ping "$1" "$2" "$rtt" "$n"
	done < <(inside build/bench/rtt "$2" "$3" "$DEV" "$HERE" |
		awk '{ n[sprintf("%.1f", $2 / 1000)]++ } END { for (i in n) print i, n[i] }' |
		sort -n)
}

ping_replied() {
	grep -q 'bytes from' "$WORK/ping"
}

# Set FIRST_MS to the time from the start of the process to the first answer.
# The kernel does not answer these pings.
first_reply() { # ROW
	local began pinging

	kernel_answers 0
	inside ping -D -n -i 0.001 -c 3000 "$HERE" >"$WORK/ping" 2>&1 &
	pinging=$!
	sleep 0.1
	began=$EPOCHREALTIME
	row_launch "$1"
	wait_for 3 ping_replied
	kill -INT "$pinging"
	wait "$pinging"
	row_stop "$1"
	FIRST_MS=$(sed -n 's/^\[\([0-9.]*\)\].*bytes from.*/\1/p' "$WORK/ping" |
		awk -v began="$began" 'NR == 1 { printf "%.1f", ($1 - began) * 1000 }')
}

# Ping each millisecond. At first the kernel answers, then the row, and then the
# kernel again. Set START_STOP and LOST to the numbers of sent and of lost
# pings.
lost_pings() { # ROW
	local pinging

	kernel_answers 1
	inside ping -q -n -i 0.001 -c 700 -W 0.2 "$HERE" >"$WORK/ping" &
	pinging=$!
	sleep 0.1
	row_launch "$1"
	sleep 0.35
	row_stop "$1"
	wait "$pinging"
	read -r START_STOP LOST < <(awk '/transmitted/ { print $1, $1 - $4 }' "$WORK/ping")
}

memory() { # FIELD of /proc/PID/status, in KiB
	sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$PID/status"
}

measure_process() { # ROW
	local now peak

	has "$1" process || return 0
	now=$(memory VmRSS)
	peak=$(memory VmHWM)
	if ! has "$1" counts; then
		count_syscalls "$1" "$LONG"
		put count "$1" syscalls "$SYSCALLS" "$REPLIES"
		count_syscalls "$1" "$((5 * LONG))" 100000
		put count "$1" syscalls-100000 "$SYSCALLS" "$REPLIES"
	fi
	row_stop "$1"
	FIRST_MS='' START_STOP='' LOST=''
	if has "$1" echoes; then
		first_reply "$1"
		lost_pings "$1"
	fi
	put process "$1" "$FIRST_MS" "$START_STOP" "$LOST" "$now" "$peak"
}

measure() { # ROW
	local value

	row_start "$1" || { echo "$1 did not start: $(head -n 1 "$WORK/log")" && return; }
	for value in "${LOADS[@]}"; do
		load "$1" "$value" "$SECONDS_LOAD"
	done
	for value in "${CURVE[@]}"; do
		load "$1" "$value" "$SECONDS_CURVE"
	done
	for value in "${BURSTS[@]}"; do
		burst "$1" "$value"
	done
	measure_process "$1"
	row_stop "$1"
}

# --- comparing times --------------------------------------------------------

# Run COMMAND for all rows in each turn, in random order, so that no row always
# follows the same row. The order matters, because a CPU that has been idle is
# slower for a while. A row that does not start has no value in that turn.
take_turns() { # COMMAND ROW...
	local row

	for ((ROUND = 1; ROUND <= TURNS; ROUND++)); do
		echo "$1: turn $ROUND of $TURNS"
		for row in $(shuf -e -- "${@:2}"); do
			"$1" "$row"
		done
	done
}

overload() { # ROW
	row_start "$1" || return 0
	load "$1" max "$SECONDS_CURVE"
	row_stop "$1"
}

# Measure the round trip of each request at each load. A request carries its
# time of sending. BPF programs send the request and receive the reply, so no
# process except the row's process adds to the time.
under_load() { # ROW
	local pps

	has "$1" echoes && row_start "$1" || return 0
	for pps in "${LATENCY[@]}"; do
		generate "$1" "$pps" "$ALL" "$SECONDS_LATENCY" "$STAMPED" -l
		put latency "$1" "$pps" "$SENT" "$REPLIES" "$USER_US" "$SYSTEM_US" \
			"$P50_US" "$P99_US" "$P999_US"
	done
	row_stop "$1"
}

round_trips() { # ROW
	has "$1" echoes && row_start "$1" || return 0
	peer_xdp "$1" on
	pings "$1" 1 "$PINGS"
	pings "$1" 20 "$SLOW_PINGS"
	peer_xdp "$1" off
	row_stop "$1"
}

# Rows that sleep can run at the same time, each in its own lab. Ping them in
# turn, so that hardly any time passes between pings to two rows. The plain loop
# runs twice. The difference between its two results shows how exact the
# comparison is.
PAIR=("build/bench/plain" "./af_xdp_user -q -d" "./af_xdp_user -q --no-sandbox -d" "build/bench/plain")
PAIR_NAMES=(plain poll poll-no-sandbox plain-again)

pairs() {
	local i pids=() targets=()

	kernel_answers 1
	for ((i = 0; i < ${#PAIR[@]}; i++)); do
		testenv/testenv.sh setup --name "pair$i" >"$WORK/setup" 2>&1 ||
			fail "no lab: $(<"$WORK/setup")"
		targets+=("pair$i" "$(ip -6 -o addr show dev "pair$i" scope global |
			sed -n 's/.*inet6 \([^/]*\).*/\1/p')")
	done
	kernel_answers 0
	for ((i = 0; i < ${#PAIR[@]}; i++)); do
		# shellcheck disable=SC2086 # a command is words
		taskset -c "$PROGRAM_CPU" ${PAIR[i]} "pair$i" <&"$SILENCE" >"$WORK/out" 2>"$WORK/log" &
		pids+=($!)
	done
	sleep 0.5
	pair_pings 0.25 1 "$PAIRED" "${targets[@]}"
	pair_pings 20 80 "$SLOW_PAIRED" "${targets[@]}"
	kill "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null
	for ((i = 0; i < ${#PAIR[@]}; i++)); do
		testenv/testenv.sh teardown --name "pair$i" >/dev/null
	done
}

# For each row, subtract the round trip of the first row's n-th ping from the
# round trip of this row's n-th ping. Store the median round trip and the median
# difference.
pair_pings() { # INTERVAL-MS INTERVAL-OF-EACH-MS PINGS NETNS ADDRESS...
	taskset -c "$GENERATOR_CPU" build/bench/rtt "$1" "$3" "${@:4}" |
		awk -v ms="$2" -v names="${PAIR_NAMES[*]}" "$(<"$ROOT/bench/median.awk")"'
			{ RTT[$1, ++PINGS[$1]] = $2 / 1000 }
			END {
				split(names, name, " ")
				for (t = 0; t in PINGS; t++) {
					n = PINGS[t] < PINGS[0] ? PINGS[t] : PINGS[0]
					for (i = 1; i <= n; i++) {
						add("rtt" t, RTT[t, i])
						add("more" t, RTT[t, i] - RTT[0, i])
					}
					printf "%s,%s,%d,%.3f,%.3f\n", name[t + 1], ms, n, \
						median("rtt" t), median("more" t)
				}
			}' >>"$RESULTS/pair.csv"
}

# Measure only rows that sleep and answer. If a program spins, callgrind also
# counts the passes through its loop that find no packet.
measure_by_valgrind() { # ROW
	has "$1" sleeps && ! has "$1" counts || return 0
	count "$1" instructions "$SHORT" "$LONG"
	put count "$1" instructions "$COUNT" "$REPLIES"
	has "$1" ours || return 0
	count "$1" allocations "$SHORT" "$LONG"
	put count "$1" allocations "$COUNT" "$REPLIES"
}

# --- how the cost grows, in poll mode ---------------------------------------

growth() { # ROW
	local value name

	row_start poll || return 0
	for value in "${SIZES[@]}"; do
		load poll 100000 "$SECONDS_CURVE" "$value" 1 poll-size
		load poll max "$SECONDS_CURVE" "$value" 1 poll-size
	done
	for value in "${FLOWS[@]}"; do
		load poll 100000 "$SECONDS_CURVE" 62 "$value" poll-flows
		load poll max "$SECONDS_CURVE" 62 "$value" poll-flows
	done
	row_stop poll
	variant ./af_xdp_user poll-as
	for name in "${VARIANTS[@]}"; do
		variant "build/bench/af_xdp_user-$name" "poll-as-$name"
	done
}

variant() { # PROGRAM NAME
	local -A COMMAND=([poll]="$1 -q -d $DEV")

	row_start poll || { echo "$1 does not start" && return; }
	load poll 100000 "$SECONDS_CURVE" "$SMALLEST" 1 "$2"
	load poll max "$SECONDS_CURVE" "$SMALLEST" 1 "$2"
	row_stop poll
}

# --- reports ----------------------------------------------------------------

table_write() {
	awk -f "$ROOT/bench/median.awk" -f "$ROOT/bench/csv.awk" -f "$ROOT/bench/report.awk" "$RESULTS"/{rows,load,latency,burst,ping,pair,process,count}.csv \
		>"$WORK/table" || exit
	awk -v table="$WORK/table" -v machine="$RESULTS/machine.txt" '
		/^# END table/ { skip = 0 }
		!skip { print }
		/^# BEGIN table/ {
			skip = 1
			print "#+begin_example"
			while ((getline line < machine) > 0) print line
			print "#+end_example"
			while ((getline line < table) > 0) print line
		}' "$README" >"$WORK/README" && cat "$WORK/README" >"$README"
}

plots_write() {
	awk -v part=curve -f "$ROOT/bench/median.awk" -f "$ROOT/bench/csv.awk" -f "$ROOT/bench/plot.awk" "$RESULTS"/{rows,load}.csv >"$WORK/curve"
	awk -v part=cdf -f "$ROOT/bench/median.awk" -f "$ROOT/bench/csv.awk" -f "$ROOT/bench/plot.awk" "$RESULTS"/{rows,ping}.csv >"$WORK/cdf"
	awk -v part=latency -f "$ROOT/bench/median.awk" -f "$ROOT/bench/csv.awk" -f "$ROOT/bench/plot.awk" "$RESULTS"/{rows,latency}.csv >"$WORK/latency"
	gnuplot -e "latency='$WORK/latency'; curve='$WORK/curve'; cdf='$WORK/cdf'; results='$RESULTS'; rows=${#ROWS[@]}" \
		"$ROOT/bench/plot.gp"
}

options_parse "$@"
lab_make
rows_define
results_begin
rows_choose
for ((ROUND = 1; ROUND <= ROUNDS; ROUND++)); do
	for row in "${ROWS[@]}"; do
		echo "round $ROUND of $ROUNDS: ${TITLE[$row]}"
		measure "$row"
		measure_by_valgrind "$row"
	done
done
take_turns overload "${ROWS[@]}"
take_turns under_load "${ROWS[@]}"
take_turns round_trips "${ROWS[@]}"
take_turns growth poll
pairs
table_write
plots_write
chown -R --reference="$ROOT" "$RESULTS" "$README"
echo "written: ${README#"$ROOT"/}, ${RESULTS#"$ROOT"/}"
