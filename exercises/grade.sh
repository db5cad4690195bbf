#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Build the learner's programs, try them, and give points.
#
#	exercises/grade.sh [--json] [--all] [--times N] [STEP...]
#
# A large step has parts: 3 stands for 3a, 3b and 3c. Without STEP, grade steps
# 0 to 9, and print a line for each step and the first mistake, in at most 24
# lines. With STEP or --all, print each check. With --times, grade N times and
# print how often each check failed, because a race does not show in every run.
#
# Programs run in network, mount and process namespaces of their own, so that
# the kernel removes devices, mounts and processes when the grader ends. The
# programs' output is kept in build/logs. Exit status: 0 all points, 1 fewer, 2
# wrong command line, or "make work" failed.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# shellcheck source=testenv/harness.bash
. ../testenv/harness.bash

LAB=grader
PEER=veth0
HERE=fc00:dead:cafe:1::1
LOGS=build/logs
QUEUES=3
WATCHED=build/tree/build/san/af_xdp_user # built with sanitizers and follow.c
START_SECONDS=10 # time for a program to start
STOP_SECONDS=3 # time for a program to end after SIGTERM
MANY=8704 # packets: more than UMEM has frames; BURST plus a multiple of 512
EATEN=1000 # packets in a burst: fewer than the skeleton's 4096 frames in FILL
PRICED=2000 # requests in a burst, to count system calls per answer
BURST=3072 # packets in a burst: more than TX or COMPLETION, fewer than FILL holds

NO_ANSWER_NO_LEAK="Give back every frame, even that of a packet that gets no answer."

TITLE=([0]="the ring itself"
	[1]="eat all packets (assignment 1)"
	[2]="every other packet (assignment 2)"
	[3]="is the packet a complete echo request? (assignment 3)"
	[4]="turn the request into its reply (assignment 3)"
	[5]="send the reply, and get the frame back (assignment 3)"
	[6]="refill without leaking"
	[7]="behind VLAN tags"
	[8]="all queues"
	[9]="a packet of one's own: UDP echo"
	[10]="a wire between two devices (lessons/forward)"
	[11]="a packet in several frames (lessons/jumbo)"
	[12]="where the microseconds go (lessons/latency)")

# The first step of the next lessons. This step and all after it are graded only
# if the command line names them.
NEXT_LESSONS=10

# The parts of large steps, in order.
PARTS=("3a: one plain request"
	"3b: lengths"
	"3c: all other packets"
	"5a: send a reply"
	"5b: get each frame back"
	"5c: bursts, and the kick")

# A line is STEP POINTS FUNCTION [ARGUMENT...]: TITLE. STEP may be a part, such
# as 3a. If the first check of a step fails, all other checks of the step are
# skipped, even the checks of other parts. A new step also needs stubs, hints,
# an entry in the array TITLE, and a section in README.org.
CHECKS=(
	"0 2 unit ring: one entry after the other goes through the ring"
	"0 2 unit ring_limits: the ring works like libxdp's when it is full or empty, and with several entries at once"
	"0 2 unit ring_wrap: the ring still works when its indices pass 2^32"
	"0 2 producer_order: entries are written before they are submitted"
	"0 2 consumer_order: entries are read before they are released"
	"1 6 eats_all: eight pings are eaten: RX 8, TX 0, and nobody answers"
	"1 4 eats_burst: $EATEN packets at once: all are eaten and counted, all their frames are returned, and all entries of RX are released"
	"2 5 redirects: packets reach the socket"
	"2 7 alternates: packets 1, 3, 5 and 7 go to the socket, the others to the kernel, whatever their content"
	"2 5 keys_by_queue: each queue has its own socket and its own count; packets of a queue without a socket go to the kernel"
	"2 3 counts_across_cpus: every second packet goes to the socket, even if two CPUs receive the packets in turn"
	"3a 4 unit request: a plain echo request is recognized, and its length is found"
	"3a 4 unit padded: a request's length is taken from the IPv6 header, even if more bytes follow"
	"3b 6 unit truncated: a truncated request is not recognized, and no byte after its end is read"
	"3c 4 unit other: a packet that is no echo request is not recognized"
	"3c 2 unit address: a request is recognized only if both addresses belong to single hosts"
	"4 3 unit reply: the type becomes 129, and the bytes that must not change are kept"
	"4 5 unit swap: the MAC addresses are swapped, and so are the IP addresses"
	"4 2 unit hoplimit: the reply's hop limit is 64"
	"4 5 unit checksum: if the request's checksum is right, so is the reply's; otherwise both are wrong by the same number"
	"5a 4 comes_back: for each request a frame is sent back"
	"5a 2 answers_pings: ping gets its answers"
	"5b 3 comes_home: at the end each frame is free, or in FILL"
	"5b 3 one_place 2500 500: at every moment each frame is in exactly one place"
	"5b 2 stays_mute: a packet that gets no answer is eaten and counted, and its frame is given back"
	"5c 2 answers_burst: $BURST requests come at once, and nothing after them: all are answered and counted"
	"5c 2 kicks: with --busy-poll, answers are sent without delay, by one kick for each batch"
	"5c 2 is_sane: the sanitizers find nothing"
	"6 5 eats_many: $MANY packets, more than there are frames, are received"
	"6 3 answers_many: $MANY requests, each sent after a packet that gets no answer, are all answered"
	"6 2 one_place 6000 6000: at every moment each frame is in exactly one place"
	"7 2 unit vlan: the reply to a request with one tag has this tag"
	"7 2 unit vlans: the reply to a request with two tags has both; a request with three gets no reply"
	"7 1 answers_tagged: a tagged request on the wire gets a tagged reply"
	"8 3 serves_all: with --all-queues there is a socket on each queue, and each socket is served"
	"8 3 wakes: the program sleeps until any socket has a packet to receive or to send"
	"8 2 answers_bursts: bursts come on all queues at once, and nothing after them: all are answered, and no frame is lost"
	"8 1 keeps_to_one: without --all-queues there is one socket, on the queue that --queue names"
	"8 1 stops_at_error: if one queue cannot be bound, the program reports the error, and ends"
	"9 2 unit udp: a datagram to port 7 gets a reply, in the same frame"
	"9 2 unit udp_truncated: a truncated datagram gets no reply, and no byte after its end is read"
	"9 2 unit udp_mute: a datagram gets no reply if it goes to a port other than 7, comes from port 7, or has a group address"
	"9 2 unit udp_checksum: the reply's checksum is right, even if the request's is incomplete"
	"9 2 echoes_udp: on the wire, a socket receives its data back, and ping gets its answers"
)

# --- helpers ----------------------------------------------------------------

wrong() { # EXPECTED CAME [WHY]
	printf 'expected: %s\ncame:     %s\n' "$1" "$2"
	(($# < 3)) || printf '%s\n' "$3"
	return 1
}

# Print why a check cannot run here. Return 77, which means "not graded".
ungraded() { # WHY
	echo "$1"
	return 77
}

# Print a step's parts, or the step itself if it has no parts.
parts_of() { # STEP
	local part any=false

	for part in "${PARTS[@]}"; do
		[[ $part != "$1"[a-z]:* ]] || {
			echo "${part%%:*}"
			any=true
		}
	done
	$any || echo "$1"
}

every_part() {
	local step

	for step in "${!TITLE[@]}"; do
		((step >= NEXT_LESSONS)) || parts_of "$step"
	done
}

# --- the lab ----------------------------------------------------------------

inside() {
	ip netns exec "$LAB" "$@"
}

# Set up a lab whose device has three queues. All packets arrive on queue 0
# unless steer() chooses another queue.
lab() {
	[[ -z $NO_LAB ]] || { ungraded "$NO_LAB"; return; }
	[[ ! -e /run/netns/$LAB ]] || return 0
	../testenv/testenv.sh setup --name "$LAB" --queues "$QUEUES" >"$LOGS/setup" 2>&1 ||
		{ ungraded "no lab: $(head -n 1 "$LOGS/setup")"; return; }
	MAC=$(cat "/sys/class/net/$LAB/address")
	steer 0
}

steer() { # QUEUE
	../testenv/testenv.sh --name "$LAB" steer --queue "$1" >"$LOGS/steer" 2>&1 ||
		ungraded "$(head -n 1 "$LOGS/steer")"
}

probe() { # COMMAND ARGUMENTS
	local command=$1

	shift
	inside build/wire "$command" "$PEER" "$MAC" "$@" 2>>"$LOGS/probe"
}

xdp_is_off() {
	[[ $(ip -d link show dev "$LAB") != *prog/xdp* ]]
}

# --- a run of the learner's program -----------------------------------------

is_started() {
	grep -q ': XDP program .*; .*socket ' "$RUN.err" || ended "$PID"
}

# Print the ID of a process's only child. Return false if it has no child.
child_of() { # PID
	local child=

	# The file does not end in a newline, so read returns false even if it
	# has read an ID.
	{ read -r child _ <"/proc/$1/task/$1/children"; } 2>/dev/null
	[[ -n $child ]] && echo "$child"
}

# Set PID to the program's process ID. The program is a grandchild of JAIL.
is_jailed() {
	local init pid

	ended "$JAIL" && return
	init=$(child_of "$JAIL") && pid=$(child_of "$init") && PID=$pid
}

# Wait for the start line of the program in the jail that was started last.
# Return false if the program ends first, or prints no start line in
# START_SECONDS.
starts_in_jail() {
	JAIL=$!
	PID=$JAIL
	wait_for "$START_SECONDS" is_jailed
	wait_for "$START_SECONDS" is_started && ! ended "$PID"
}

# Start the program in its jail, or print why it does not start. If PROGRAM is
# set, start that build. If PRELOAD is set, load that library first. The
# program's own sandbox is off, because a learner's code may make system calls
# that the sandbox forbids.
begin() { # NAME OPTIONS
	RUN=$LOGS/$1
	shift
	ENDED=
	: >"$RUN.err"
	env --default-signal=INT,TERM LC_ALL=C ASAN_OPTIONS=detect_leaks=0 \
		build/jail --net --bind "${KERN:-build/tree/af_xdp_kern.o}" ${PRELOAD:+--preload "$PRELOAD"} "${PROGRAM:-build/tree/af_xdp_user}" -d "$LAB" -v --no-sandbox "$@" \
		>"$RUN.out" 2>"$RUN.err" </dev/null &
	starts_in_jail && return
	end
	wrong "the program starts" "$ENDED"
}

# Stop the program. If it did not end well, set ENDED to the reason. Set FRAMES
# to the number of its frames, LEAK to its message about lost frames, and RX and
# TX to the numbers of packets in its last report.
end() {
	local early=false hung=false status=0

	! ended "$PID" || early=true
	kill -TERM "$PID" 2>/dev/null
	wait_for "$STOP_SECONDS" ended "$PID" || hung=true
	! $hung || kill -KILL "$JAIL"
	{ wait "$JAIL"; } 2>/dev/null || status=$?

	RX=$(counter RX)
	TX=$(counter TX)
	FRAMES=$(sed -n 's/.* \([0-9]*\) frames of .*/\1/p' "$RUN.err")
	LEAK=$(sed -n 's/^[a-z_]*: \(frames: .* accounted for\).*/\1/p' "$RUN.err")
	ENDED=$(findings)
	if $hung; then
		ENDED="a hang: the program still runs $STOP_SECONDS s after SIGTERM"
	elif ((status == 76)); then
		ENDED="a process that the program started still runs after the program has ended, and keeps the XDP program attached"
	elif [[ -z $ENDED ]] && ((status > 128)); then
		ENDED="a crash: SIG$(kill -l $((status - 128)))$(last_words)"
	elif [[ -z $ENDED$LEAK ]] && ((status)); then
		ENDED="the program ends with status $status$(last_words)"
	elif [[ -z $ENDED ]] && $early; then
		ENDED="the program ends before SIGTERM"
	fi
	leave_nothing
}

# Print the number of received or sent packets in the last report.
counter() { # RX or TX
	local n

	n=$(sed -n "s/^.* $1: *\([0-9]*\) pkts.*/\1/p" "$RUN.out" | tail -n 1)
	echo "${n:-0}"
}

# Print the program's last message. Skip advice, the count of frames, and lines
# that calls.c, follow.c or jail.c has printed. If the verifier has rejected the
# XDP program, also print the verifier's message: the line before "processed N
# insns".
last_words() {
	local line verifier

	line=$(grep -vE '^([a-z_]+: frames|calls|follow|followed|jail): |^  ' "$RUN.err" | tail -n 1)
	verifier=$(grep -m 1 -B 1 '^processed [0-9]* insns' "$RUN.err" | head -n 1)
	[[ -z $line ]] || printf '; the last message:\n          %s' "$line"
	[[ -z $verifier ]] || printf '\n          the verifier says: %s' "$verifier"
}

# Print the mistake that a sanitizer found, its line in the learner's code, and
# the calling functions.
findings() {
	local what where callers

	what=$(grep -m 1 -oE 'runtime error: .*|ERROR: AddressSanitizer: [^ ]+' "$RUN.err") || return
	where=$(grep -m 1 -oE '(af_xdp_user\.c|icmp6_echo\.h):[0-9]+' "$RUN.err")
	callers=$(awk '/^$/ && on { exit } / #0 / { on = 1 }
		$4 == "demo_run" || $4 == "demo_open" || $4 == "demo_stop" || $4 == "main" { exit }
		on && /af_xdp_user\.c|icmp6_echo\.h/ { print $4 }' "$RUN.err" | tac | paste -sd'>')
	echo "${what#ERROR: }${where:+, at $where}${callers:+, in ${callers//>/ > }}"
}

# The jail has killed all processes that could keep the XDP program attached, so
# wait until the program is detached. If it stays attached, detach it, and set
# ENDED to this mistake, unless ENDED is set already.
leave_nothing() {
	wait_for 1 xdp_is_off || {
		ENDED=${ENDED:-"the XDP program is still attached after the end of the program that loaded it"}
		ip link set dev "$LAB" xdp off 2>/dev/null
		wait_for 1 xdp_is_off
	}
}

ended_well() {
	[[ -z $ENDED ]] || wrong "the program runs until it is stopped" "$ENDED"
}

# Print the queues in the words of the start line: "queue 1", "queues 0 to 3".
queues_bound() {
	sed -n 's/.*) \(queues\{0,1\} [^:]*\): XDP program .*/\1/p' "$RUN.err"
}

is_on_queue() { # QUEUE
	[[ $(queues_bound) == "queue $1" ]] || wrong "with --queue $1: queue $1" "$(queues_bound)" \
		"--queue names the first socket's queue. With --all-queues the first socket is on queue 0: see demo_bind()."
}

# --- checks: step 1 ---------------------------------------------------------

eats_all() {
	local answered

	lab || return
	begin 1 --rxdrop || return
	answered=$(probe turns 1)
	end
	ended_well || return
	[[ -z $LEAK ]] || { wrong "all frames are there at the end" "$LEAK"; return; }
	[[ -z $answered ]] || { wrong "no answer to 8 requests" "answers to $answered"; return; }
	((RX == 8 && TX == 0)) || wrong "RX 8, TX 0" "RX $RX, TX $TX"
}

# Send a burst, so that one call of rx_peek() returns several packets. This
# detects an index that advances too little, and a counter that counts calls
# instead of packets.
eats_burst() {
	local mistake bytes PROGRAM=$WATCHED

	[[ -x $PROGRAM ]] || PROGRAM=build/tree/af_xdp_user
	begin 1-burst --rxdrop --interval 0.02 || return
	kill -STOP "$PID"
	probe send "$EATEN"
	kill -CONT "$PID"
	wait_for 2 has_received "$EATEN"
	end
	mistake=$(followed)
	[[ -z $mistake ]] || { wrong "each frame is in exactly one place, and each entry of RX is released" "$mistake"; return; }
	ended_well || return
	[[ -z $LEAK ]] || { wrong "all frames are there at the end" "$LEAK"; return; }
	((RX == EATEN)) || { wrong "$EATEN requests at once: RX $EATEN" "RX $RX" \
		"queue_receive() adds to stats.rx_packets the number of packets that rx_peek() has returned."; return; }
	bytes=$((EATEN * 118 / 1000))
	(($(kbytes RX) == bytes)) || wrong "$EATEN requests of 118 bytes: RX $bytes Kbytes" "$(kbytes RX) Kbytes" \
		"queue_receive() adds the length of each packet to stats.rx_bytes."
}

# --- checks: step 2 ---------------------------------------------------------

# The checks redirects() and alternates() share this run of the program.
redirects() {
	lab || return
	begin 2 --filename build/tree/af_xdp_kern.o --rxdrop || return
	ANSWERED=$(probe turns 1)
	end
	ended_well || return
	((RX)) || wrong "some of 8 requests reach the socket (RX)" \
		"RX 0; answered by the kernel: ${ANSWERED:-none}" \
		"$(case $ANSWERED in
		"1 2 3 4 5 6 7 8") why_passed ;;
		"") echo "All packets are dropped: look at the verdict that your program returns." ;;
		*)
			echo "Some packets get lost: return the result of bpf_redirect_map(); XDP_REDIRECT alone does not select a socket."
			;;
		esac)"
}

# Print the learner's code without comments, on one line.
code_of() { # FILE
	"${CC:-cc}" -fpreprocessed -dD -E -P "$1" 2>/dev/null | tr '\n' ' '
}

# Explain why the kernel got all packets.
why_passed() {
	local code

	code=$(code_of af_xdp_kern.c)
	if [[ $code != *bpf_redirect_map* ]]; then
		echo "The kernel gets all packets, because your code does not call bpf_redirect_map(), which sends a packet to a socket in xsks_map."
	elif [[ $code =~ MAP_TYPE_(LRU_)?(PERCPU_|LRU_PERCPU_)?HASH && $code != *bpf_map_update_elem* ]]; then
		echo "A hash map is empty until bpf_map_update_elem() fills it, so each look-up returns NULL. An array has all its entries from the start."
	elif [[ $code =~ [\;\{\}\)]\ *(\(void\)\ *)?bpf_redirect_map ]]; then
		echo "The result of bpf_redirect_map() is the verdict: return it, or the packet is not redirected."
	else
		echo "The kernel gets all packets, although your code calls bpf_redirect_map(). Is the call reached? bpf_map_lookup_elem() returns NULL for a key that is not in the map."
	fi
}

# Check which packets the kernel got in the run of redirects(). If they are the
# right ones, check that every packet is counted, whatever its content: after
# one packet that is no request, the kernel must answer requests 1, 3, 5 and 7.
alternates() {
	local why answered

	if [[ $ANSWERED == "2 4 6 8" ]] && ((RX == 4)); then
		begin 2-other --filename build/tree/af_xdp_kern.o --rxdrop || return
		answered=$(probe turns 1 other)
		end
		ended_well || return
		[[ $answered == "1 3 5 7" ]] || wrong \
			"after one packet that is no echo request, the kernel answers: 1 3 5 7" \
			"${answered:-none}" "Count each packet of the queue, whatever its content."
		return
	fi
	case $ANSWERED in
	"1 3 5 7") why="You redirect the wrong half: the second, fourth ... packet. The first must go to the socket." ;;
	"") if ((RX == 8)); then
		why="All packets go to the socket: count them, and return XDP_PASS for every second packet. All 8 requests are identical, so their content cannot replace a count."
	else
		why="Packets that the kernel should get are dropped: return XDP_PASS for these packets."
	fi ;;
	*)
		why="The packets with an answer went to the kernel; the others went to the socket, or were dropped."
		;;
	esac
	wrong "answered by the kernel: 2 4 6 8; RX 4" \
		"answered by the kernel: ${ANSWERED:-none}; RX $RX" "$why"
}

keys_by_queue() {
	local answered others rx

	begin 2-queue --filename build/tree/af_xdp_kern.o --rxdrop -Q 2 || return
	others=$(probe turns 1)
	probe send 1 # the count of queue 0 is now odd
	steer 2 || { end; return 77; }
	answered=$(probe turns 1)
	steer 0
	end
	ended_well || return
	is_on_queue 2 || return
	rx=$RX
	[[ $others == "1 2 3 4 5 6 7 8" ]] ||
		{ wrong "a socket on queue 2 only: the kernel answers all 8 requests on queue 0" \
			"answered: ${others:-none}" \
			"$(if [[ -z $ANSWERED ]]; then
				echo "Packets that the kernel should get are dropped: the message of the check before this one shows the remedy."
			else
				echo "The last argument of bpf_redirect_map() is the verdict if the map has no socket for the queue."
			fi)"; return; }
	((rx)) || { wrong "a socket on queue 2: requests on queue 2 reach it" \
		"RX 0; answered by the kernel: ${answered:-none}" \
		"The key into xsks_map is the queue of this packet: ctx->rx_queue_index. Does the map with the counts have an entry for queue 2?"; return; }
	[[ $answered == "2 4 6 8" || $answered == "1 3 5 7" ]] || { wrong \
		"on queue 2 every second request is answered by the kernel" \
		"answered: ${answered:-none}" "The packets of queue 2 are not counted. Does the check before this one pass? Does the map with the counts have an entry for queue 2?"; return; }
	[[ $answered == "$ANSWERED" ]] || wrong "on queue 2 the kernel answers the same requests as on queue 0: ${ANSWERED:-none}" \
		"on queue 2, after an odd number of packets on queue 0: ${answered:-none}" \
		"Packets of other queues must not change this queue's count: keep one count for each queue."
}

counts_across_cpus() {
	local answered

	(($(nproc) > 1)) || { ungraded "this check needs two CPUs, and there is only one"; return; }
	begin 2-cpus --filename build/tree/af_xdp_kern.o --rxdrop || return
	answered=$(probe turns 2)
	end
	ended_well || return
	[[ $answered == "2 4 6 8" || $answered == "1 3 5 7" ]] ||
		{ wrong "8 requests, from two CPUs in turn: every second request is answered" \
			"answered: ${answered:-none}" "$(if [[ $answered == "$ANSWERED" ]]; then
				echo "The result is the same as from one CPU: see the checks before this one."
			elif [[ $(code_of af_xdp_kern.c) == *bpf_get_smp_processor_id* ]]; then
				echo "The key is the number of the CPU, so each CPU has its own count. Use the queue as the key: ctx->rx_queue_index."
			else
				echo "In a per-CPU map each CPU has a count of its own, but a queue needs one count for all CPUs."
			fi)"; return; }
	counts_in_one_step
}

# Inspect the source, because a lost update is so rare that a test of a few
# seconds may not show it.
counts_in_one_step() {
	local code why

	code=$(code_of af_xdp_kern.c)
	if [[ ! $code =~ __sync_|__atomic_|_Atomic|bpf_spin_lock ]]; then
		why="Then two packets get the same verdict. __sync_fetch_and_add() adds and returns the old value, in one step."
	elif [[ $code =~ [\;\{\}]\ *(\(void\)\ *)?__(sync|atomic)_(fetch_and_add|fetch_add|add_and_fetch|add_fetch) ]]; then
		why="The result of __sync_fetch_and_add() is dropped. Use this result as the number of the packet: if you read the count separately, another CPU may change it in between."
	else
		return 0
	fi
	wrong "the count is read and incremented in one step" "two CPUs can read the same number" "$why"
}

# --- checks: step 0 ---------------------------------------------------------

# Run the learner's producer with our consumer, or our producer with the
# learner's consumer. Then only two functions of the learner can cause a data
# race. The access that the sanitizer prints first shows which of the two did.
order() { # prod|cons, ADVICE IF READ TOO EARLY, ADVICE IF WRITTEN TOO EARLY
	local status=0 out=$LOGS/order-$1 first

	[[ -x build/ring-threads ]] || { ungraded "no thread sanitizer here: see exercises/$LOGS/build"; return; }
	TSAN_OPTIONS=halt_on_error=1 build/jail build/ring-threads "$1" >"$out.out" 2>"$out" || status=$?
	first=$(grep -m 1 -E '^  (Atomic )?([Rr]ead|[Ww]rite) of size' "$out")
	if ((status == 0)) && [[ $(<"$out.out") == "all entries came through" ]]; then
		return 0
	elif ((status == 155)); then
		wrong "two threads: all entries come through" "some never come through: producer and consumer wait for each other" \
			"First look at the checks before this one."
	elif ((status != 66)); then
		[[ -s $out.out ]] || { ungraded "the thread sanitizer does not run here: see exercises/$out"; return; }
		wrong "two threads: all entries come through" "some are lost or wrong" "$(<"$out.out")"
	elif [[ $first == *"size 4 "* ]]; then
		wrong "the indices are read and written by atomic operations" \
			"the thread sanitizer reports an index that is not atomic: see exercises/$out" \
			"Use atomic_load_explicit() and atomic_store_explicit()."
	elif [[ $first == *Read* ]]; then
		wrong "an entry is read after it was written" "a data race: no order between the write and the read" "$2"
	else
		wrong "an entry is written again after it was read" "a data race: no order between the read and the next write" "$3"
	fi
}

producer_order() {
	order prod "ring_submit() stores the index with memory_order_release: no access before the store may move past it." \
		"ring_reserve() loads the consumer's index with memory_order_acquire: no access after the load may move before it."
}

consumer_order() {
	order cons "ring_peek() loads the producer's index with memory_order_acquire: no access after the load may move before it." \
		"ring_release() stores the index with memory_order_release: no access before the store may move past it."
}

# --- checks without a device: steps 0, 3, 4, 7 and 9 ------------------------

unit() { # CHECK
	local status=0 finding

	build/check "$1" 2>"$LOGS/check-$1" || status=$?
	finding=$(grep -m 1 -o '[^/ ]*runtime error: .*' "$LOGS/check-$1")
	[[ -z $finding ]] || echo "the sanitizer found: $finding"
	((status != 2)) || { ungraded "the check cannot run here: see exercises/$LOGS/check-$1"; return; }
	return "$status"
}

# --- checks: step 5 ---------------------------------------------------------

comes_back() {
	local came

	lab || return
	begin 5 || return
	came=$(probe flood 100 1)
	end
	ended_well || return
	((came == 100)) || wrong "100 requests, one after the other: 100 frames come back" \
		"$came; RX $RX, TX $TX" "$(why_silent; why_followed)"
}

# Print the mistake that follow.c found, if any.
followed() {
	sed -n 's/^follow: //p' "$RUN.err" | head -n 1
}

# Run the program with follow.c. Print the mistake that follow.c finds, or else
# how far packets get in TX.
why_followed() {
	local PROGRAM=$WATCHED reserved submitted mistake

	((RX)) && [[ -x $PROGRAM ]] && begin 5-followed >/dev/null || return 0
	probe flood 20 1 >/dev/null
	end
	read -r reserved submitted < <(sed -n 's/.*TX reserved \([0-9]*\), submitted \([0-9]*\).*/\1 \2/p' "$RUN.err")
	mistake=$(followed)
	if [[ -n $mistake ]]; then
		echo "$mistake"
	elif ((${reserved:-0} == 0)); then
		echo "No entry of TX is reserved: process_packet() must call tx_send(), which must reserve one."
	elif ((${submitted:-0} == 0)); then
		echo "$reserved entries of TX are reserved, but none is submitted: tx_submit() must submit them."
	fi
}

# Run the program that is built with follow.c. Send it N requests, then M more
# requests, each after a packet that gets no answer.
one_place() { # N M
	local PROGRAM=$WATCHED mistake

	lab || return
	[[ -x $PROGRAM ]] || { ungraded "the watched build failed: see exercises/$LOGS/build"; return; }
	begin "follow-$1" || return
	# Send seven requests, and wait until their frames are back. After that,
	# no batch of the usual size ends exactly at the end of a ring.
	probe flood 7 1 >/dev/null
	sleep 1.2
	probe flood "$1" 500 >/dev/null
	probe flood "$2" 100 others >/dev/null
	# Send a burst that leaves FILL with more room than there are free
	# frames.
	kill -STOP "$PID"
	probe send "$BURST"
	kill -CONT "$PID"
	sleep 0.3
	end
	mistake=$(followed)
	[[ -z $mistake ]] || { wrong "each frame is in exactly one place at every moment" "$mistake"; return; }
	ended_well || return
	grep -q '^followed: ' "$RUN.err" || wrong "the program ends by a return from main()" \
		"the record of the program's frames, which is printed after main(), is missing" "Do not end the program in another way, such as _exit()."
}

why_silent() {
	if ((RX == 0)); then
		echo "Nothing was received, so the mistake is before TX."
	elif ((TX == 0)) && grep -q '^No answer:' "$RUN.out"; then
		echo "Nothing was put into TX, and packets are counted as $(sed -n \
			's/^No answer: *[0-9]* pkts /"/p' "$RUN.out" | tail -n 1)\": do steps 3 and 4 first."
	elif ((TX == 0)); then
		echo "Nothing was submitted to TX, according to tx_submit()'s result."
	fi
	! grep -q '^  Invalid: .*TX' "$RUN.out" ||
		echo "The kernel refused descriptors in TX: an address or a length does not fit a frame."
}

# Explain why packets of a burst are not answered.
why_unanswered() {
	if ((came == $(ring_size COMPLETION))); then
		echo "COMPLETION is full, so the kernel sends nothing more: release the entries that you have peeked at."
	elif ((TX < RX)); then
		echo "Several entries may be reserved before tx_submit() is called: it must submit all of them."
	else
		echo "The last answers to a burst must be sent even if no more packets come: check tx_kick(), and in step 8 the timeout that demo_timeout() returns."
	fi
}

# queue_serve() recycles frames after every 64 packets. Send 65 requests. The
# last frame must be recycled, too, even if no more packets come.
comes_home() {
	local out

	begin 5-home || return
	probe flood 65 1 >/dev/null
	end
	ended_well || return
	[[ -z $LEAK ]] || { wrong "after 65 answers all $FRAMES frames are accounted for" "$LEAK" \
		"A frame that was sent comes back through COMPLETION. Give back a frame that is not sent."; return; }
	out=$(sed -n 's/^af_xdp_user: frames: .* FILL + //p' "$RUN.err" |
		grep -oE '[1-9][0-9]* [A-Za-z][A-Za-z ]*' | paste -sd, | sed 's/ *,/, /g')
	[[ -z $out ]] || wrong "after 65 answers all frames are free, or in FILL" "frames elsewhere: $out" \
		"completion_reclaim() must take every frame from COMPLETION."
}

answers_burst() {
	local came rx tx

	begin 5-burst || return
	came=$(probe flood "$BURST" "$BURST")
	end
	ended_well || return
	((came == BURST)) || { wrong "$BURST requests at once: $BURST frames come back" \
		"$came; RX $RX, TX $TX" "$(why_unanswered)"; return; }
	((RX == BURST && TX == BURST)) || { wrong "RX $BURST, TX $BURST" "RX $RX, TX $TX" \
		"tx_submit() returns the number of packets that it has submitted, and TX counts these."; return; }
	rx=$(kbytes RX) tx=$(kbytes TX)
	((rx == tx)) || wrong "replies as long as their requests: RX $rx Kbytes, TX $rx Kbytes" \
		"TX $tx Kbytes" "process_packet() must add the reply's length to stats.tx_bytes when it has put the reply into TX."
}

# Print the number of packets that have reached a namespace.
arrived() { # NAMESPACE
	ip netns exec "$1" cat "/sys/class/net/$PEER/statistics/rx_packets"
}

# Return true also if the program has ended, because then no more packets come.
has_arrived() { # NAMESPACE PACKETS
	(($(arrived "$1") >= $2)) || ended "$PID"
}

# Print the Kbytes of RX or TX in the last report.
kbytes() { # RX or TX
	sed -n "s/^.* $1: .*) *\([0-9]*\) Kbytes.*/\1/p" "$RUN.out" | tail -n 1
}

# Print the number of answers to two pings with this many bytes of data. Send
# them one by one, because other checks judge bursts.
pings_answered() { # BYTES
	inside ping -n -q -c 2 -s "$1" -i 0.05 -W 1 "$HERE" 2>&1 |
		sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

answers_pings() {
	local received mistake bytes=$((118 + 90 + 2 * 78 + 2 * 162))

	begin 5-ping --json || return
	mistake=$(probe ask "" && probe ask +)
	received=$(($(pings_answered 16) + $(pings_answered 100)))
	end
	ended_well || return
	[[ -z $mistake ]] || { printf 'The frame that comes back is no reply: see step 4.\n%s\n' "$mistake"; return 1; }
	((received == 4)) || { wrong "4 of 4 pings are answered" "$received"; return; }
	# One of the requests has more bytes than its reply.
	received=$(grep -oE '"tx_bytes":[0-9]+' "$RUN.out" | tail -n 1 | cut -d: -f2)
	((received == bytes)) || wrong "replies of 118, 90, 2 * 78 and 2 * 162 bytes: $bytes bytes are counted" "$received" \
		"process_packet() adds to stats.tx_bytes the length of the reply, which may be less than that of the request."
}

stays_mute() {
	local mistake counted

	begin 5-mute || return
	mistake=$(probe mute)
	end
	ended_well || return
	[[ -z $mistake ]] || { echo "$mistake"; return 1; }
	counted=$(sed -n 's/^No answer: *\([0-9]*\) pkts.*/\1/p' "$RUN.out" | tail -n 5 | paste -sd' ')
	[[ $counted == "2 1 1 1 1" ]] || { wrong "6 packets without an answer are counted by cause: 2 1 1 1 1" \
		"${counted:-none}" "process_packet() counts each verdict: stats.verdicts[-reply]."; return; }
	[[ -z $LEAK ]] || { wrong "all frames are accounted for" "$LEAK" "$NO_ANSWER_NO_LEAK"; return; }
	begin 5-mute-bytes --json || return
	probe mute >/dev/null
	end
	counted=$(grep -oE '"tx_bytes":[0-9]+' "$RUN.out" | tail -n 1 | cut -d: -f2)
	((counted == 0)) || wrong "without an answer, no bytes are sent" "stats.tx_bytes is $counted" \
		"process_packet() adds to stats.tx_bytes only when a reply has been put into TX."
}

# Print a count from the line that calls.c prints when the program ends.
called() { # NAME
	sed -n "s/^calls: .*$1 \([0-9]*\).*/\1/p" "$RUN.err"
}

kicks() {
	local came kicks PRELOAD=$PWD/build/calls.so

	begin 5-kick --busy-poll || return
	came=$(probe flood 100 1)
	end
	ended_well || return
	((came == 100)) || { wrong "100 requests, with --busy-poll: 100 frames come back" "$came; RX $RX, TX $TX" \
		"With --busy-poll, poll() does not send, so packets stay in TX until another system call sends them. Make this call, the kick, in tx_kick()."; return; }
	kicks=$(called kicks)
	((kicks <= 1000)) || { wrong "about 100 calls of sendto() for 100 packets" "$kicks" \
		"A system call costs more than a packet: kick only if tx_waiting() returns more than 0."; return; }
	kicks_burst "$kicks"
}

# Send a burst, and print the number of kicks per answer. One kick can send 16
# packets or more, so one kick for each answer is too many.
kicks_burst() { # KICKS FOR 100 SINGLE REQUESTS
	local kicks

	begin 5-kick-burst --busy-poll --interval 0.02 || return
	kill -STOP "$PID"
	probe send "$PRICED"
	kill -CONT "$PID"
	wait_for 5 has_sent "$PRICED"
	end
	ended_well || return
	((TX == PRICED)) || { wrong "$PRICED requests at once, with --busy-poll: TX $PRICED" "TX $TX" "$(why_unanswered)"; return; }
	kicks=$(called kicks)
	((kicks * 4 <= PRICED)) || { wrong "$PRICED requests at once: a system call for each batch, about 0.03 per answer" \
		"$kicks calls of sendto(), $(price "$kicks" "$PRICED") per answer" \
		"One call sends up to a batch of the packets that wait in TX: kick once a round, in tx_kick(), not for each packet."; return; }
	kicks_once || return
	echo "system calls per answer: $(price "$1" 100) for single requests, $(price "$kicks" "$PRICED") for $PRICED at once"
}

# follow.c lets every second kick fail. After a failed kick, the program must
# not kick again before the next round of its loop.
kicks_once() {
	local repeated PROGRAM=$WATCHED PRELOAD=

	[[ -x $PROGRAM ]] && begin 5-kick-once --busy-poll >/dev/null || return 0
	probe flood 20 1 >/dev/null
	end
	repeated=$(sed -n 's/^followed: .*kicks repeated \([0-9]*\),.*/\1/p' "$RUN.err" | head -n 1)
	((${repeated:-0} == 0)) || wrong "one kick a round, even if the kernel sends nothing" "$repeated kicks too many" \
		"tx_kick() calls sendto() once, and leaves the rest to the next round. A loop until TX is empty never ends while the device is down."
}

price() { # CALLS ANSWERS
	awk -v calls="$1" -v answers="$2" 'BEGIN { printf "%.2f", calls / answers }'
}

has_sent() { # PACKETS
	(($(counter TX) >= $1)) || ended "$PID"
}

is_sane() {
	local PROGRAM=$WATCHED

	[[ -x $PROGRAM ]] || { ungraded "the build with sanitizers failed: see exercises/$LOGS/build"; return; }
	begin 5-sanitizers || return
	probe mute >/dev/null
	probe ask q >/dev/null
	probe flood 200 100 others >/dev/null
	end
	ended_well
}

# --- checks: step 6 ---------------------------------------------------------

has_received() { # PACKETS
	(($(counter RX) >= $1)) || ended "$PID"
}

eats_many() {
	local status=0

	lab || return
	eat_many || status=$?
	((status == 0 || status == 77)) || why_refill_fails
	return "$status"
}

# Print the mistake that follow.c finds while packets are eaten, if any.
why_refill_fails() {
	local PROGRAM=$WATCHED i

	[[ -x $PROGRAM ]] || return 0
	begin 6-followed --rxdrop >/dev/null || { followed; return; }
	for ((i = 0; i < 16; i++)); do
		probe send 512
		sleep 0.02
	done
	end
	followed
}

# Send a burst that leaves FILL with more room than there are free frames. Then
# send 512 packets at a time, and wait until the program has received them, so
# that no queue overflows.
eat_many() {
	local sent

	begin 6 --rxdrop --interval 0.02 || return
	kill -STOP "$PID"
	probe send "$BURST"
	kill -CONT "$PID"
	wait_for 2 has_received "$BURST"
	for ((sent = BURST + 512; sent <= MANY; sent += 512)); do
		probe send 512
		wait_for 2 has_received "$sent" || break
	done
	end
	ended_well || return
	((RX == MANY)) || { wrong "RX $MANY" "RX stops after $RX packets" "$(why_stopped)"; return; }
	[[ -z $LEAK ]] || { wrong "all frames are accounted for" "$LEAK" \
		"fill_refill() must take just as many free frames as it puts into FILL."; return; }
	sent=$(sed -n 's/^af_xdp_user: frames: .* \([0-9]*\) FILL .*/\1/p' "$RUN.err")
	((sent == $(ring_size FILL))) || wrong "at the end FILL is full: $(ring_size FILL) frames" "$sent" \
		"Hand over free frames whenever FILL has room for at least one, not only when it has room for many."
}

ring_size() { # RING
	awk -v size="$1_SIZE" '$2 == size { print $3 }' headers/xsk.h
}

why_stopped() {
	case $RX in
	"$FRAMES") echo "UMEM has that many frames, and none of them comes back." ;;
	0) echo "FILL was never filled: do you submit its entries? Note that xsk_ring_prod__reserve() reserves all the entries, or none." ;;
	"$(ring_size FILL)")
		echo "FILL had that many frames at the start, and was not filled again." ;;
	*)
		echo "The kernel has no frame to receive into: fill_refill() must put free frames into FILL until FILL is full or no frame is free."
		;;
	esac
}

answers_many() {
	local came

	begin 6-answers || return
	came=$(probe flood "$MANY" 100 others)
	end
	ended_well || return
	((came == MANY)) || { wrong "$MANY answers" "$came answers, and then no more; RX $RX, TX $TX" \
		"$(if ((came == 0)); then
			why_silent
		elif [[ -n $LEAK ]]; then
			echo "Frames are lost on the way: $LEAK."
		elif ((came == $(ring_size COMPLETION))); then
			why_unanswered
		else
			echo "No frame is lost. Is one frame in two places, so that it carries two packets?"
		fi)"; return; }
	[[ -z $LEAK ]] || wrong "all frames are accounted for" "$LEAK" \
		"$NO_ANSWER_NO_LEAK"
}

# --- checks: step 7 ---------------------------------------------------------

answers_tagged() {
	local mistake

	lab || return
	begin 7 || return
	mistake=$(probe ask q)
	end
	ended_well || return
	[[ -z $mistake ]] || { echo "$mistake"; return 1; }
}

# --- checks: step 8 ---------------------------------------------------------

# Start the program with --all-queues. Choose a long interval between reports,
# so that no report wakes the program.
begin_all() { # NAME OPTIONS
	begin "$@" --all-queues --interval 60 && return
	if grep -q 'has an AF_XDP socket already' "$RUN.err"; then
		echo "Two sockets are on one queue: bind socket i, which is in demo->queues[i], to queue i."
	elif grep -q 'xsks_map: queue .* Bad file' "$RUN.err"; then
		echo "Not every socket was opened: demo_bind() must call bind_queue() demo->sockets times, once for each queue."
	elif grep -qE 'no RX queue ([3-9]|[0-9]{2,})' "$RUN.err"; then
		echo "There is one socket too many: the device has demo->session.dev.queues queues, counted from 0."
	fi
	return 1
}

# Use the build with sanitizers, if there is one, because the sanitizers detect
# a loop over one socket too many.
serves_all() {
	local came fates PROGRAM=build/tree/build/san/af_xdp_user

	lab || return
	[[ -x $PROGRAM ]] || PROGRAM=build/tree/af_xdp_user
	begin_all 8 || return
	read -ra fates < <(probe queues; echo)
	steer 0
	probe flood 100 1 >/dev/null # one request at a time, on queue 0
	end
	ended_well || return
	is_on_all_queues || return
	came="answered answered answered"
	[[ ${fates[*]} == "$came" ]] && { serves_in_turn && follows_number; return; }
	case ${fates[*]} in
	"never"*" answered" | "late"*" answered") set -- "Only the last socket is prepared, or served: prepare and serve each socket." ;;
	"answered"*" late") set -- "Other queues are bound and served, but do not wake the program: each call of demo_timeout() must prepare all sockets." ;;
	"answered"*) set -- "The other queues have sockets, but not all their rings are read: demo_serve() must serve each socket." ;;
	*) set -- "$(why_silent)" ;;
	esac
	wrong "a request on each queue is answered at once" \
		"queue 0: ${fates[0]}; queue 1: ${fates[1]}; queue 2: ${fates[2]}; RX $RX, TX $TX" "$1"
}

is_on_all_queues() { # [QUEUES]
	local last=$((${1:-$QUEUES} - 1))

	[[ $(queues_bound) == "queues 0 to $last" ]] || wrong "a device with $((last + 1)) queues: sockets on queues 0 to $last" "$(queues_bound)" \
		"With --all-queues demo->sockets is the device's number of queues: demo->session.dev.queues."
}

# Check that all queues are served equally often, even if only one has packets.
# For each socket, follow.c counts how often the program looks at RX. At the end
# the counts may differ by at most 20.
serves_in_turn() {
	local rounds mistake

	rounds=$(sed -n 's/^followed: .*, rounds //p' "$RUN.err" | sort -n | paste -sd' ')
	[[ -n $rounds ]] || return 0
	mistake=$(followed)
	[[ $mistake != *"has not peeked at RX"* ]] || { wrong "in each round the program looks at RX of each socket" "$mistake"; return; }
	((${rounds##* } - ${rounds%% *} <= 20)) || wrong "requests on queue 0 only: the program looks at RX of all sockets equally often" \
		"the program looked at RX of each socket this many times: $rounds" "Each call of demo_serve() must serve all sockets once: other queues must not wait for a busy one."
}

# Check that the number of sockets is the device's number of queues.
follows_number() {
	ethtool -L "$LAB" rx 2 2>"$LOGS/channels" || return 0
	begin_all 8-fewer && { end; ended_well && is_on_all_queues 2; }
	set -- $?
	ethtool -L "$LAB" rx "$QUEUES" 2>>"$LOGS/channels"
	return "$1"
}

wakes() {
	local PRELOAD=$PWD/build/calls.so

	begin_all 8-wakes || return
	# Send to one queue after the other. Then the queues have different
	# timeouts: the first queue waits up to a second for its frames to come
	# back in COMPLETION, while the next queue already has packets to send.
	probe flood 150 1 queues >/dev/null
	steer 0
	end
	ended_well || return
	(($(called polls))) || { ungraded "calls of poll() cannot be counted here"; return; }
	(($(called "too long") == 0)) || { wrong "poll() has a short timeout while packets wait in any TX" \
		"$(called "too long") calls had no timeout, or one above 100 ms" \
		"Return the shortest timeout of all sockets. -1 means no limit, so it is not the shortest time."; return; }
	(($(called "too short") < 100)) || { wrong "poll() sleeps while no packet comes" \
		"$(called "too short") calls had timeout 0 while TX was empty, which takes a whole CPU" \
		"Which value does your minimum start with? Start with the first socket's timeout, not with 0."; return; }
	(($(called deaf) == 0)) || { wrong "a packet on any socket ends poll()" \
		"$(called deaf) calls of poll() did not wait for packets on one or more sockets" \
		"queue_timeout() sets the events of its socket. Call it for each socket, and do not change the events: POLLIN waits for packets."; return; }
	(($(called "for ever"))) || wrong "before the first packet, poll() has no timeout" "every call has one" \
		"Return the shortest timeout of the sockets, and -1 if all of them are -1. Add no limit of your own." || return
	prepares_each
}

# After a burst, TX has more packets than one poll() sends. Then queue_timeout()
# returns 0 for one socket, but must still be called for the other sockets.
prepares_each() {
	local mistake PROGRAM=$WATCHED PRELOAD=

	[[ -x $PROGRAM ]] || return 0
	begin_all 8-prepares || return
	kill -STOP "$PID"
	probe send 1000
	kill -CONT "$PID"
	sleep 0.3
	end
	mistake=$(followed)
	[[ $mistake != *"poll()"* ]] || { wrong "before each poll(), each socket is served, and queue_timeout() is called once for it" "$mistake"; return; }
	ended_well
}

answers_bursts() {
	local came homes

	begin_all 8-bursts || return
	came=$(probe flood 2000 2000 queues)
	steer 0
	end
	ended_well || return
	((came == 2000)) || { wrong "2,000 requests at once, on all queues: 2,000 frames come back" \
		"$came; RX $RX, TX $TX" "$(why_unanswered)"; return; }
	((RX == 2000 && TX == 2000)) || { wrong "RX 2000, TX 2000" "RX $RX, TX $TX"; return; }
	homes=$(grep -cE '^af_xdp_user: frames: ([0-9]+) = .* FILL( \+ 0 [A-Za-z ]+){5}$' "$RUN.err")
	[[ $homes -eq QUEUES && -z $LEAK ]] || { wrong "all frames of all sockets are free, or in FILL" \
		"$(sed -n 's/^af_xdp_user: frames: //p' "$RUN.err" | paste -sd';')"; return; }
	sums_up
}

# Check the numbers 'all' and 'most' that demo_serve() sets. If 'most' is a
# batch or more, the program calls sendto(). Otherwise, with --coalesce, the
# program lets packets gather if 'all' is more than one. Send less than a batch
# to each of two queues, but more than a batch to both together.
sums_up() {
	local few=31 queue came PRELOAD=$PWD/build/calls.so

	[[ $(printf '6.17\n%s\n' "$(uname -r)" | sort -V | head -n 1) != 6.17 ]] || few=100
	begin_all 8-few --coalesce 100 || return
	came=$(arrived "$LAB")
	kill -STOP "$PID"
	for queue in 0 1; do
		steer "$queue" || { end; return 77; }
		probe send "$few"
	done
	steer 0
	kill -CONT "$PID"
	wait_for 3 has_arrived "$LAB" $((came + 2 * few)) || true
	end
	ended_well || return
	(($(called kicks) == 0)) || { wrong "$few packets on each of queues 0 and 1: less than a batch, so no call of sendto()" \
		"the program calls sendto()" "In demo_serve(), 'most' is the largest result of queue_serve(), not the sum."; return; }
	(($(called gathers))) || { wrong "--coalesce, and $few packets on each of queues 0 and 1: the program lets packets gather" \
		"the program does not wait for more packets" "In demo_serve(), 'all' is the number of packets from all queues together."; return; }
	# Send a burst to a queue that is neither the first nor the last.
	begin_all 8-most || return
	steer 1 || { end; return 77; }
	came=$(arrived "$LAB")
	kill -STOP "$PID"
	probe send "$BURST"
	kill -CONT "$PID"
	wait_for 3 has_arrived "$LAB" $((came + BURST)) || true
	end
	steer 0
	ended_well || return
	(($(called kicks))) || { wrong "$BURST packets on queue 1, more than a batch: the program calls sendto()" \
		"the program does not call sendto()" "In demo_serve(), 'most' is the largest result of queue_serve(), even if other queues have fewer packets."; return; }
	((RX == BURST)) || wrong "$BURST packets at once on queue 1: RX $BURST" "RX $RX" \
		"Each socket has FRAMES frames of its own: with fewer frames, FILL cannot be kept full."
}

keeps_to_one() {
	begin 8-one -Q 1 || {
		! grep -qE 'no RX queue 2|xsks_map: queue' "$RUN.err" ||
			echo "Without --all-queues there is one socket, even if the device has more queues."
		return 1
	}
	probe turns 1 >/dev/null
	steer 1 || { end; return 77; }
	probe turns 1 >/dev/null
	steer 0
	end
	ended_well || return
	is_on_queue 1 || return
	((RX == 8)) || wrong "8 requests on queue 0, 8 on queue 1: RX 8" "RX $RX"
}

# Make the binding of queue 1 fail. The program must end with this error,
# although queue 2 can be bound.
stops_at_error() {
	local PRELOAD=$PWD/build/calls.so said

	export CALLS_REFUSED=1
	if begin_all 8-refused >/dev/null; then
		end
		ENDED="the program still runs"
	fi
	unset CALLS_REFUSED
	said=$(grep '^af_xdp_user: ' "$RUN.err" | tail -n 1)
	[[ $ENDED == "the program ends with status 1"* && $said == *"binding RX queue 1: "* ]] ||
		wrong "queue 1 cannot be bound: the program reports the error, and ends with status 1" \
			"$ENDED" "demo_bind() stops at the first error of bind_queue() and returns it; the success of a later queue must not replace this error." || return
	passes_flags
}

# veth has no zero-copy mode, so with --zero-copy a socket cannot be bound.
passes_flags() {
	begin_all 8-zero-copy --zero-copy >/dev/null || return 0
	end
	grep -q 'zero-copy mode' "$RUN.err" || wrong "with --zero-copy on veth: an error" "the program starts in copy mode" \
		"demo_bind() passes bind_flags to bind_queue()."
}

# --- checks: step 9 ---------------------------------------------------------

echoes_udp() {
	local mistake came PROGRAM=$WATCHED

	lab || return
	[[ -x $PROGRAM ]] || PROGRAM=build/tree/af_xdp_user
	begin 9 || return
	mistake=$(probe echo "$HERE")
	came=$(probe flood 20 1 others)
	end
	ended_well || return
	[[ -z $mistake ]] || { printf '%s\n' "$mistake" "$(why_not_echoed)"; return 1; }
	((came == 20)) || { wrong "after the datagrams, 20 pings are answered" "$came" \
		"process_packet() calls udp_echo_reply() only after icmp6_echo_reply() has returned -ICMP6_ECHO_OTHER."; return; }
	mistake=$(followed)
	[[ -z $mistake ]] || { wrong "each frame is in exactly one place at every moment" "$mistake"; return; }
	[[ -z $LEAK ]] || { wrong "all frames are accounted for" "$LEAK" "$NO_ANSWER_NO_LEAK"; return; }
	answered_counts
}

# 6 datagrams and 20 pings were answered. The other packets must be counted by
# cause: one to port 8, one truncated, one to another device, 20 among the
# pings, and usually an ICMPv6 error message. The far end's kernel sends this
# message, because it has no socket for the reply to a datagram that wire.c sent
# as a frame.
answered_counts() {
	local counted

	counted=$(sed -n 's/^No answer: *\([0-9]*\) pkts.*/\1/p' "$RUN.out" | tail -n 4 | paste -sd' ')
	[[ $counted == 1[12]" 4 4 4" ]] || { wrong "26 packets are answered, 24 others are counted by cause: 12 4 4 4" \
		"${counted:-none}" "Count one verdict for each packet: ICMP6_ECHO_ANSWERED for a datagram that is answered."; return; }
	((TX == 26)) || { wrong "TX 26" "TX $TX"; return; }
	# Without the bytes of the datagrams, TX would be 2 Kbytes.
	(($(kbytes TX) == 4)) || wrong "TX 4 Kbytes" "TX $(kbytes TX) Kbytes" \
		"process_packet() adds the length of each reply to stats.tx_bytes, even if the reply is a datagram."
}

why_not_echoed() {
	if ! grep -q 'udp_echo_reply' af_xdp_user.c; then
		echo "process_packet() does not call udp_echo_reply(): include \"headers/udp_echo.h\", and call it."
	elif ((TX == 0)); then
		echo "Nothing was put into TX: do steps 3 to 5 first."
	fi
}

# --- checks: steps 10 to 12 -------------------------------------------------

# shellcheck source=exercises/lessons.bash
. ./lessons.bash

# --- grading ----------------------------------------------------------------

# Use colours in a terminal only.
colours() {
	local name

	for name in RED GREEN YELLOW BOLD PLAIN; do
		printf -v "$name" ''
	done
	[[ -t 1 && -z ${NO_COLOR-} ]] && ! $JSON || return 0
	RED=$'\e[31m' GREEN=$'\e[32m' YELLOW=$'\e[33m' BOLD=$'\e[1m' PLAIN=$'\e[0m'
}

json_string() { # TEXT
	local s=$1

	s=${s//\\/\\\\}
	s=${s//\"/\\\"}
	s=${s//$'\n'/\\n}
	s=${s//$'\t'/\\t}
	printf '"%s"' "${s//[[:cntrl:]]/}"
}

# Print text for people, unless JSON was asked for.
say() { # FORMAT ARGUMENTS
	# shellcheck disable=SC2059 # it is a format
	$JSON || printf "$@"
}

# Print text for people, if the grader prints each check.
detail() { # FORMAT ARGUMENTS
	! $DETAIL || say "$@"
}

# Print a failed check's title and message, in at most 10 lines of 80 columns.
first_mistake() { # TITLE
	printf 'Step %s, check "%s":\n' "$PART" "$1" | fold -s -w 80
	fold -s -w 78 "$LOGS/message" | sed 's/^/  /' | head -n 8
}

# Unless the grader prints each check, print one line for a step, with the
# points of its parts.
summary() { # STEP
	local mark="${RED}FAIL$PLAIN" title=${TITLE[$1]}

	((${#PART_POINTS[@]} == 0)) || title="${title% (*}:$(join "${PART_POINTS[@]}")"
	((STEP_POINTS < STEP_OF)) || mark="${GREEN}ok  $PLAIN"
	$DETAIL || say ' %2d  %s %3d/%-3d  %s\n' "$1" "$mark" "$STEP_POINTS" "$STEP_OF" "$title"
}

# Keep the best points of a step, or part, in .progress for "make progress".
# Give the file to the directory's owner, because the grader may run as root.
remember() { # STEP POINTS OF
	local best

	best=$(awk -v step="$1" '$1 == step { print $2 }' .progress 2>/dev/null)
	(($2 >= ${best:-0})) || return 0
	{
		grep -v "^$1 " .progress 2>/dev/null
		echo "$1 $2 $3"
	} | sort -n >"$LOGS/progress"
	{ cat "$LOGS/progress" >.progress; } 2>/dev/null && chown --reference=. .progress 2>/dev/null
	return 0
}

# Run a check. Add its points to the points of the step, and its result to
# JSON_CHECKS.
check() { # POINTS TITLE FUNCTION [ARGUMENT]
	local points=$1 title=$2 name=$3 result=passed got=0 status=0 tried=true mark

	shift 2
	[[ $name != unit ]] || name=$2
	if [[ -n $BUILD_ERROR ]]; then
		echo "the code does not build" >"$LOGS/message"
		tried=false status=1
	elif $GATE_CLOSED; then
		echo "not tried: the step's first check has not passed${GATE_PART:+, in part $GATE_PART}" >"$LOGS/message"
		tried=false status=$GATE_STATUS
	else
		"$@" >"$LOGS/message" || status=$?
	fi
	((status != 77)) || sed -i '1s/^/not graded: /' "$LOGS/message"
	case $status in
	0) got=$points mark="${GREEN}ok  $PLAIN" ;;
	77) result="not graded" mark="${YELLOW}??? $PLAIN" UNGRADED=$((UNGRADED + points)) ;;
	*) result=failed mark="${RED}FAIL$PLAIN" ;;
	esac
	$tried || mark=" -- "
	STEP_POINTS=$((STEP_POINTS + got))
	STEP_OF=$((STEP_OF + points))
	detail '  %s %2d/%d  %s\n' "$mark" "$got" "$points" "$title"
	if $tried && [[ -s $LOGS/message ]]; then
		detail '%s\n' "$(sed 's/^/              /' "$LOGS/message")"
	fi
	if $tried && ((status)); then
		[[ -n $FIRST_MISTAKE ]] || FIRST_MISTAKE=$(first_mistake "$title")
	fi
	JSON_CHECKS+=("{\"name\":\"$name\",\"title\":$(json_string "$title"),\"points\":$got,\"of\":$points,\"result\":\"$result\",\"message\":$(json_string "$(<"$LOGS/message")")}")
	return "$status"
}

join() { # WORDS
	local IFS=,

	echo "$*"
}

# All other checks of a step depend on the step's first check. If the part with
# the first check is not graded, run the first check here, for no points.
gate() { # FIRST PART, PARTS THAT ARE GRADED
	local line head

	[[ -z $BUILD_ERROR && " ${*:2} " != *" $1 "* ]] || return 0
	for line in "${CHECKS[@]}"; do
		[[ $line == "$1 "* ]] || continue
		read -ra head <<<"${line%%:*}"
		"${head[@]:2}" >"$LOGS/message" || GATE_STATUS=$? GATE_CLOSED=true GATE_PART=$1
		return 0
	done
}

# Run the checks of a step, or of one of its parts.
grade_part() { # PART
	local line head points=$STEP_POINTS of=$STEP_OF json

	PART=$1
	for line in "${CHECKS[@]}"; do
		[[ $line == "$1 "* ]] || continue
		read -ra head <<<"${line%%:*}"
		check "${head[1]}" "${line#*: }" "${head[@]:2}" || {
			GATE_STATUS=$?
			! $FIRST || GATE_CLOSED=true
		}
		FIRST=false
	done
	points=$((STEP_POINTS - points)) of=$((STEP_OF - of))
	remember "$1" "$points" "$of"
	[[ $1 == *[a-z] ]] || return 0
	PART_POINTS+=(" ${1//[0-9]/} $points/$of")
	printf -v json '{"part":"%s","title":%s,"points":%d,"of":%d}' "$1" "$(json_string "$(title_of "$1")")" "$points" "$of"
	JSON_PARTS+=("$json")
}

title_of() { # PART
	local part

	for part in "${PARTS[@]}"; do
		[[ $part != "$1: "* ]] || echo "${part#*: }"
	done
}

grade_step() { # STEP PARTS
	local part JSON_CHECKS=() JSON_PARTS=() PART_POINTS=() FIRST=true GATE_PART=

	STEP_POINTS=0 STEP_OF=0 GATE_CLOSED=false GATE_STATUS=0
	detail '%sStep %s: %s%s\n' "$BOLD" "$1" "${TITLE[$1]}" "$PLAIN"
	part=$(parts_of "$1" | head -n 1)
	gate "$part" "${@:2}"
	[[ -z $GATE_PART && $2 == "$part" ]] || FIRST=false
	for part in "${@:2}"; do
		[[ $part == "$1" ]] || detail ' %sPart %s: %s%s\n' "$BOLD" "$part" "$(title_of "$part")" "$PLAIN"
		grade_part "$part"
	done
	((STEP_POINTS == STEP_OF)) || detail '  logs: exercises/%s; a hint: exercises/hint.sh %s\n' "$LOGS" "$1"
	detail '  %d of %d points\n\n' "$STEP_POINTS" "$STEP_OF"
	summary "$1"
	TOTAL=$((TOTAL + STEP_POINTS))
	OF=$((OF + STEP_OF))
	JSON_STEPS+=("{\"step\":$1,\"title\":$(json_string "${TITLE[$1]}"),\"points\":$STEP_POINTS,\"of\":$STEP_OF,\"parts\":[$(join "${JSON_PARTS[@]}")],\"checks\":[$(join "${JSON_CHECKS[@]}")]}")
}

grade() { # STEPS AND PARTS
	local step last='' parts=() TOTAL=0 OF=0 UNGRADED=0 FIRST_MISTAKE='' JSON_STEPS=()

	colours
	for step; do
		if [[ -n $last && ${step%[a-z]} != "${last%[a-z]}" ]]; then
			grade_step "${last%[a-z]}" "${parts[@]}"
			parts=()
		fi
		parts+=("$step")
		last=$step
	done
	grade_step "${last%[a-z]}" "${parts[@]}"
	if ! $DETAIL && [[ -n $FIRST_MISTAKE ]]; then
		say '\n%s\n' "$FIRST_MISTAKE"
		say 'More: exercises/grade.sh STEP; logs: exercises/%s\n' "$LOGS"
	fi
	say '%sTotal: %d of %d points%s' "$BOLD" "$TOTAL" "$OF" "$PLAIN"
	((UNGRADED == 0)) || say '; %d of them could not be graded here' "$UNGRADED"
	say '\n'
	! $JSON || printf '{"points":%d,"of":%d,"not_graded":%d,"build_error":%s,"steps":[%s]}\n' \
		"$TOTAL" "$OF" "$UNGRADED" "$(json_string "$BUILD_ERROR")" "$(join "${JSON_STEPS[@]}")"
	((TOTAL == OF))
}

# --- before grading ---------------------------------------------------------

# Print the make targets that the steps need, and no others. Then steps 10 to 12
# can be graded even if the program of steps 0 to 9 does not build, and vice
# versa.
targets() {
	local step first='' lessons=''

	for step in "${steps[@]%[a-z]}"; do
		((step < NEXT_LESSONS)) && first="build probe" || lessons=models
	done
	echo "$first $lessons"
}

# Build the targets. If "threads" or "watched" does not build, do not fail: the
# checks that cannot do without this program are then not graded.
build() {
	BUILD_ERROR=
	# shellcheck disable=SC2046 # several words
	if ! make $(targets) >"$LOGS/build" 2>&1; then
		BUILD_ERROR=$(grep -m 1 -E 'error|^missing|\*\*\*' "$LOGS/build")
		say '%sYour code does not build:%s %s\n  all messages: exercises/%s\n\n' \
			"$RED" "$PLAIN" "${BUILD_ERROR:=make failed}" "$LOGS/build"
		return
	fi
	[[ $(targets) == build* ]] || return 0
	[[ " ${steps[*]} " != *" 0 "* ]] || make threads >>"$LOGS/build" 2>&1 || rm -f build/ring-threads
	[[ ${steps[*]} != *[15689]* ]] || make watched >>"$LOGS/build" 2>&1 || rm -f "$WATCHED"
}

# If packets cannot be sent here, print why.
obstacle() {
	if ((EUID)); then
		echo "needs root: sudo make -C exercises grade"
	elif ! ../testenv/packages.sh lab >"$LOGS/setup" 2>&1; then
		head -n 1 "$LOGS/setup"
	elif ! ../testenv/isolated.sh true >"$LOGS/setup" 2>&1; then
		echo "no namespaces here: $(head -n 1 "$LOGS/setup")"
	fi
}

# Grade as often as TIMES says. Print how often each check failed, and its last
# message.
grade_often() { # STEPS
	local i json failed=0

	: >"$LOGS.times"
	for ((i = 1; i <= TIMES; i++)); do
		json=$(once --json "$@") || failed=$((failed + 1))
		[[ $json =~ ^\{\"points\":([0-9]+),\"of\":([0-9]+) ]]
		say '%d of %d: %d of %d points\n' "$i" "$TIMES" "${BASH_REMATCH[@]:1}"
		grep -oE '"name":"[^"]*"|"result":"failed","message":"([^"\\]|\\.)*"' <<<"$json" |
			awk -F'"' '$2 == "name" { name = $4 } $2 == "result" { sub(/.*"message":"/, ""); sub(/"$/, ""); print name ": " $0 }' >>"$LOGS.times"
		! $JSON || echo "$json"
	done
	grep -v ': not tried' "$LOGS.times" | cut -d: -f1 | sort | uniq -c | while read -r i json; do
		say '%s failed %d times; its last message:\n%s\n' "$json" "$i" \
			"$(grep "^$json: " "$LOGS.times" | tail -n 1 | cut -d: -f2- | sed 's/\\n/\n/g' | sed 's/^ */  /')"
	done
	rm -f "$LOGS.times"
	((failed == 0))
}

# Grade once, in namespaces if possible.
once() { # OPTIONS AND STEPS
	if [[ -n $NO_LAB ]]; then
		./grade.sh --inside "$@"
	else
		../testenv/isolated.sh ./grade.sh --inside "$@"
	fi
}

# Wait until no other grader, and no bug of museum.sh, runs in this directory.
# The lock is released when this process and its children have ended; museum.sh
# releases it earlier.
lock() {
	exec 8>>build/grading
	flock -n 8 && return
	echo "grade: waiting: another grader, or a museum bug, runs in this directory" >&2
	flock 8
}

main() {
	local inside=false options=() steps=() TIMES=1

	JSON=false DETAIL=false
	while (($#)); do
		case $1 in
		--json)
			JSON=true
			options+=(--json)
			;;
		--all)
			DETAIL=true
			options+=(--all)
			;;
		--times)
			shift
			[[ ${1-} =~ ^[1-9][0-9]{0,3}$ ]] || {
				echo "grade: --times takes a number from 1 to 9999" >&2
				exit 2
			}
			TIMES=$1
			;;
		--inside) inside=true ;;
		*)
			if [[ " $(every_part | paste -sd' ') " == *" $1 "* ]]; then
				steps+=("$1")
			elif [[ $1 =~ ^[0-9]+$ && -n ${TITLE[10#$1]-} ]]; then
				mapfile -t -O "${#steps[@]}" steps < <(parts_of "$((10#$1))")
			else
				echo "grade: no step '$1': the steps are ${!TITLE[*]}, the parts $(printf '%s\n' "${PARTS[@]%%:*}" | paste -sd' ')" >&2
				exit 2
			fi
			;;
		esac
		shift
	done
	((${#steps[@]} == 0)) || DETAIL=true
	if $inside; then
		[[ " ${options[*]} " == *" --all "* ]] || DETAIL=false
		grade "${steps[@]}"
		exit
	fi
	if ((${#steps[@]})); then
		# Sort the steps, because the first part of a step must be
		# graded first. Remove duplicates.
		mapfile -t steps < <(printf '%s\n' "${steps[@]}" | sort -Vu)
		options+=(--all)
	else
		mapfile -t steps < <(every_part)
	fi
	make work >/dev/null || exit 2
	lock
	rm -f "$LOGS"/* # even log files of another user
	colours
	build
	NO_LAB=$(obstacle)
	export BUILD_ERROR NO_LAB
	if ((TIMES > 1)); then
		grade_often "${options[@]}" "${steps[@]}"
	else
		once "${options[@]}" "${steps[@]}"
	fi
}

# If museum.sh sources this file, only define the functions.
[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
