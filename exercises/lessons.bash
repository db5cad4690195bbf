# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The checks of steps 10 to 12, the next lessons. grade.sh sources this file and
# has the functions for the lab, the runs and the messages.
#
# In each step the first checks run the learner's program in a lab. In the other
# checks, build/*-model calls the learner's functions and imitates the kernel,
# in states that are rare in the lab.
#
# grade.sh sets or uses the variables that are not local here.
# shellcheck disable=SC2034,SC2154

NEXT=build/next/lessons
FAR_A=fc00:dead:beef:1::1 # address of the far end of wire-a
FAR_B=fc00:dead:beef:1::2 # address of the far end of wire-b
JUMBO_PIECE=3840 # bytes of a packet in a frame: 4,096 less headroom
JUMBO_HEAD=62	 # bytes of the Ethernet, IPv6 and ICMPv6 headers
PAUSE_NS=300000000 # times_true() stops the program for this long
OLD_KERNEL='^  \(sharing\|lessons/[a-z]*\) needs Linux' # advice of the lessons

CHECKS+=(
	"10 3 wire_joins: pings pass from wire-a to wire-b, and from wire-b to wire-a"
	"10 2 wire_carries: $MANY packets are sent in one direction, and then in the other: all arrive, and each frame comes back"
	"10 1 wire_drops: packets that cannot leave are counted by cause, and their frames are free again"
	"10 2 wire_recycle: frames are taken from COMPLETION of the device that sent them, and put into FILL of the device that received them"
	"10 2 wire_room: packets wait in RX while TX has no room for them, unless the other device is down"
	"11 3 jumbo_answers: pings of 8,000 bytes are answered"
	"11 2 jumbo_sizes: packets of one, two and three frames are answered, and each frame comes back"
	"11 2 jumbo_half: a packet whose last piece has not arrived stays in RX"
	"11 2 jumbo_room: a packet for which TX has too little room stays in RX"
	"11 1 jumbo_padding: frames after the reply's end are freed"
	"12 3 times_all: the times of each answer are recorded"
	"12 2 times_true: the time for which the program is stopped is part of the stage from XDP to user space"
	"12 2 times_many: the times of each of $MANY answers are recorded, and each frame comes back"
	"12 1 times_stages: each stage is the difference of the right two times"
	"12 2 times_clock: if the clock is set back before an answer is sent, the answer is counted only in 'untimed'"
)

# --- runs -------------------------------------------------------------------

# Start a lesson's program in its jail, or print why it does not start. If the
# kernel is too old, the check is not graded.
lesson_begin() { # NAME LESSON OPTIONS
	RUN=$LOGS/$1
	ENDED=
	: >"$RUN.err"
	env --default-signal=INT,TERM LC_ALL=C \
		build/jail --net "$NEXT/$2" -v --no-sandbox "${@:3}" \
		>"$RUN.out" 2>"$RUN.err" </dev/null &
	starts_in_jail && return
	end
	if grep -q "$OLD_KERNEL" "$RUN.err"; then
		ungraded "$(grep -m 1 -B 1 "$OLD_KERNEL" "$RUN.err" | sed 's/^ *//; s/^[a-z]*: //' | paste -sd';')"
		return
	fi
	wrong "the program starts" "$ENDED"
}

# Check that the program ended well, and that all frames are free, or in FILL.
# If an RX ring was full, the kernel may hold one frame: accept this one.
lesson_ended_well() { # ADVICE
	local out

	ended_well || return
	[[ -z $LEAK ]] || { wrong "all frames are accounted for" "$LEAK" "$1"; return; }
	out=$(sed -n 's/^[a-z]*: frames: .* FILL + //p' "$RUN.err" | sed 's/^1 kernel RX//' |
		grep -oE '[1-9][0-9]* [A-Za-z][A-Za-z ]*' | paste -sd, | sed 's/ *,/, /g')
	[[ -z $out ]] || wrong "at the end all frames are free, or in FILL" "frames elsewhere: $out" "$1"
}

# Run a check of build/LESSON-model, which calls the learner's functions without
# a device.
model() { # LESSON CHECK
	local log=$LOGS/model-$1-$2 status=0 finding

	ASAN_OPTIONS=detect_leaks=0:exitcode=99 UBSAN_OPTIONS=exitcode=99 \
		build/jail "build/$1-model" "$2" 2>"$log" || status=$?
	((status > 1)) || return "$status"
	# 78 comes from model.h, and 125 from jail.c: the check cannot run.
	((status != 78 && status != 125)) || { ungraded "the check cannot run here: see exercises/$log"; return; }
	finding=$(grep -m 1 -oE 'runtime error: .*|ERROR: AddressSanitizer: [^ ]+|Assertion .* failed' "$log")
	wrong "your functions return" "${finding:-a crash, or a loop without an end: status $status}" \
		"The check calls your functions in memory: see exercises/$log."
}

# Print the address of the program's device. The address differs from lab to
# lab, because each lab has a network of its own.
here() {
	ip -6 -o address show dev "$LAB" scope global | awk '{ sub("/.*", "", $4); print $4; exit }'
}

# Send four pings, and print how many were answered. Send them one by one: if
# they came at once, a mistake in the handling of bursts would cost points here,
# too.
pings() { # ARGUMENTS
	inside ping -n -q -c 4 -i 0.05 -W 1 "$@" 2>&1 | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

# --- step 10: a wire between two devices ------------------------------------

# Set up a lab with two devices: LAB names the first device, wire-a. The second
# device is wire-b.
wire_lab() {
	[[ -z $NO_LAB ]] || { ungraded "$NO_LAB"; return; }
	[[ ! -e /run/netns/wire-a ]] || return 0
	../lessons/lab.sh setup >"$LOGS/setup" 2>&1 ||
		ungraded "no lab: $(head -n 1 "$LOGS/setup")"
}

wire_begin() { # NAME OPTIONS
	lesson_begin "$1" forward -a wire-a -b wire-b --interval 0.1 "${@:2}"
}

# Print the number of a device's packets in the last report.
wire_count() { # DEVICE RX|TX
	awk -v device="$1" -v what="$2:" '/^wire-/ { here = $0 == device }
		here { sub(/^AF_XDP /, "") } here && $1 == what { n = $2 }
		END { print n + 0 }' "$RUN.out"
}

# Print the Kbytes of a device's packets in the last report.
wire_kbytes() { # DEVICE RX|TX
	awk -v device="$1" -v what="$2:" '/^wire-/ { here = $0 == device }
		here { sub(/^AF_XDP /, "") }
		here && $1 == what { for (i = 2; i <= NF; i++) if ($i == "Kbytes") n = $(i - 1) }
		END { print n + 0 }' "$RUN.out"
}

wire_joins() {
	local LAB=wire-a there back

	wire_lab && wire_begin 10 || return
	there=$(pings "$FAR_B")
	back=$(LAB=wire-b pings "$FAR_A")
	end
	ended_well || return
	[[ "$there $back" == "4 4" ]] || wrong "4 of 4 pings from wire-a to wire-b, and 4 of 4 from wire-b to wire-a" \
		"$there, and $back" "$(why_not_joined)"
}

why_not_joined() {
	local rx tx

	rx=$(($(wire_count wire-a RX) + $(wire_count wire-b RX)))
	tx=$(($(wire_count wire-a TX) + $(wire_count wire-b TX)))
	if ((tx == 0)); then
		echo "$rx packets were taken from RX, and none was put into TX: forward_packet() must call tx_send() for the socket of in->out."
	elif grep -q '^ *Dropped:.*MTU' "$RUN.out"; then
		echo "Packets are counted as too large for the other device: compare len with out->largest, and count a packet only if it cannot leave."
	elif (($(wire_count wire-a RX) != $(wire_count wire-b TX))); then
		echo "Packets of wire-a must leave by wire-b: wire-a received $(wire_count wire-a RX) packets, and wire-b sent $(wire_count wire-b TX). port_receive() submits only TX of in->out."
	else
		echo "All packets that arrive are sent. Does each descriptor have the address and the length of its packet?"
	fi
}

# From one side to the other, send packets that get no reply. After every 512
# packets wait until they have arrived, so that no ring overflows.
wire_carry() { # FROM TO
	local before sent MAC

	MAC=$(ip netns exec "$2" cat "/sys/class/net/$PEER/address")
	before=$(arrived "$2")
	for ((sent = 512; sent <= MANY; sent += 512)); do
		LAB=$1 probe send 512
		wait_for 1 has_arrived "$2" $((before + sent)) || break
	done
	wrong_if_fewer "$1" "$2" $(($(arrived "$2") - before))
}

wrong_if_fewer() { # FROM TO PACKETS
	(($3 >= MANY)) || wrong "$MANY packets are sent from $1 to $2, none from $2 to $1: all arrive" "$3" \
		"$(if (($3 >= 4096)); then
			echo "FILL of $1 had 4096 frames, and is not refilled: port_recycle() fills the FILL ring of the device that received the packets."
		else
			echo "Take the frames of sent packets from COMPLETION of the device that sent the packets."
		fi)"
}

wire_carries() {
	local LAB=wire-a status=0

	wire_begin 10-many || return
	wire_carry wire-a wire-b && wire_carry wire-b wire-a || status=$?
	end
	((status == 0)) || { ended_well; return 1; }
	(($(wire_kbytes wire-a RX) == $(wire_kbytes wire-b TX))) || {
		wrong "the bytes of each packet are counted: $(wire_kbytes wire-a RX) Kbytes in RX of wire-a, and in TX of wire-b" \
			"$(wire_kbytes wire-b TX) Kbytes in TX of wire-b" "For each packet that leaves, forward_packet() adds its length to out->stats.tx_bytes."
		return
	}
	lesson_ended_well "Free each packet's frame exactly once: after the packet was sent, or if the packet cannot leave."
}

# Print how many packets from wire-a were dropped for this cause, as the last
# report counts them.
wire_dropped() { # CAUSE
	awk -v cause="$1" '/^wire-/ { here = $0 == "wire-a" } /^AF_XDP RX:/ && here { n = 0 }
		here && /^ *Dropped:/ && index($0, cause) { n = $2 } END { print n + 0 }' "$RUN.out"
}

# Send four packets that are larger than wire-b's MTU, and eight packets while
# wire-b is down.
wire_drops() {
	local LAB=wire-a small down after

	wire_begin 10-drops || return
	ip link set dev wire-b mtu 1400
	sleep 1 # until the program knows the new MTU
	pings -M 'do' -s 1452 "$FAR_B" >/dev/null
	ip link set dev wire-b mtu 1500
	ip link set dev wire-b down
	wait_for 3 grep -q 'wire-b: the device is down' "$RUN.err"
	pings "$FAR_B" >/dev/null
	pings "$FAR_B" >/dev/null
	ip link set dev wire-b up
	wait_for 3 grep -q 'wire-b: the device is up again' "$RUN.err"
	after=$(pings "$FAR_B")
	end
	ended_well || return
	small=$(wire_dropped "larger than") down=$(wire_dropped "is down")
	((small == 4)) || { wrong "4 packets are larger than the MTU of wire-b, and are counted as such" "$small" \
		"If a packet is longer than out->largest, increment in->stats.other_small."; return; }
	((down == 8)) || { wrong "8 packets come while wire-b is down, and are counted as such" "$down" \
		"While the device is down, out->largest is 0: increment in->stats.other_down."; return; }
	((after == 4)) || { wrong "when wire-b is up again, 4 of 4 pings pass" "$after"; return; }
	lesson_ended_well "Free the frame of a packet that cannot leave: no other function frees it."
}

wire_recycle() {
	model forward recycle
}

wire_room() {
	model forward room
}

# --- step 11: a packet in several frames ------------------------------------

jumbo_lab() {
	[[ -z $NO_LAB ]] || { ungraded "$NO_LAB"; return; }
	[[ ! -e /run/netns/$LAB ]] || return 0
	../testenv/testenv.sh setup --name "$LAB" --mtu 9000 >"$LOGS/setup" 2>&1 ||
		{ ungraded "no lab: $(head -n 1 "$LOGS/setup")"; return; }
	MAC=$(cat "/sys/class/net/$LAB/address")
}

jumbo_answers() {
	local LAB=grader-jumbo received

	jumbo_lab && lesson_begin 11 jumbo -d "$LAB" || return
	received=$(pings -M 'do' -s 8000 "$(here)")
	end
	ended_well || return
	[[ $received == 4 ]] || wrong "4 of 4 pings of 8,000 bytes are answered" "$received" "$(why_no_jumbo)"
}

why_no_jumbo() {
	if ((RX == 0)); then
		echo "No packet was taken from RX. packet_find() must count the pieces of a packet, and jumbo_receive() must call answer_packet()."
	elif grep -q '^No answer:' "$RUN.out"; then
		echo "Packets are counted as $(sed -n 's/^No answer: *[0-9]* pkts /"/p' "$RUN.out" | tail -n 1)\": the length of a packet is the sum of its pieces' lengths, and a piece without XDP_PKT_CONTD is the last one."
	elif ((RX < 4)); then
		echo "RX $RX: several packets are taken for one. The piece without XDP_PKT_CONTD is the last one."
	else
		echo "$RX packets were received, but not all replies arrive: packet_send() puts each piece into TX, and marks all but the last one by XDP_PKT_CONTD."
	fi
}

# Send four pings of each size. The far end's kernel drops an answer with a
# wrong checksum, so ping does not count this answer.
jumbo_sizes() {
	local LAB=grader-jumbo size sizes=(0 56 8951 8952) border more

	lesson_begin 11-sizes jumbo -d "$LAB" || return
	for border in $JUMBO_PIECE $((2 * JUMBO_PIECE)); do
		for more in -1 0 1; do
			sizes+=($((border - JUMBO_HEAD + more)))
		done
	done
	for size in "${sizes[@]}"; do
		[[ $(pings -M 'do' -s "$size" "$(here)") == 4 ]] || break
		size=
	done
	probe flood 20 1 others >/dev/null # 20 packets that get no answer
	end
	ended_well || return
	[[ -z $size ]] || { wrong "4 of 4 pings of $((size + JUMBO_HEAD)) bytes, headers included, are answered" "fewer" \
		"The first piece has up to $JUMBO_PIECE bytes, and so has the second one. A piece that holds no byte of the reply is not sent."; return; }
	lesson_ended_well "packet_send() puts each frame into TX, or frees it, and jumbo_receive() adds the number of a packet's pieces to 'done'."
}

jumbo_half() {
	model jumbo half
}

jumbo_room() {
	model jumbo room
}

jumbo_padding() {
	model jumbo padding
}

# --- step 12: where the microseconds go -------------------------------------

times_begin() { # NAME
	lesson_begin "$1" latency -d "$LAB" --json --interval 60
}

# Print a number from the last report: "answers" or "untimed".
times_number() { # FIELD
	grep -oE "\"$1\":[0-9]+" "$RUN.out" | tail -n 1 | cut -d: -f2
}

# Print the longest time of a stage, in nanoseconds.
times_longest() { # STAGE
	sed -n "s/.*\"stage\":\"$1\",[^}]*\"longest_ns\":\([0-9]*\).*/\1/p" "$RUN.out" | tail -n 1
}

times_all() {
	local received answers untimed

	lab && times_begin 12 || return
	received=$(pings "$(here)")
	end
	ended_well || return
	answers=$(times_number answers) untimed=$(times_number untimed)
	[[ $received == 4 ]] || { wrong "4 of 4 pings are answered" "$received" \
		"send_timed() must call tx_send(), which puts the answer into TX."; return; }
	[[ "$answers $untimed" == "4 0" ]] || wrong "4 answers with times, 0 without" \
		"$answers with, $untimed without" "$(why_untimed)"
}

why_untimed() {
	if ((untimed)); then
		cat <<-EOF
			The times are not in order. Is times->asked set, and is it later than times->received?
			The kernel writes tx.sent only if the descriptor's options have XDP_TX_METADATA,
			and the metadata's flags have XDP_TXMD_FLAGS_TIMESTAMP before the kernel sends.
		EOF
	else
		echo "Each frame in COMPLETION contains the times of an answer: reclaim_timed() calls add_times() once for each frame."
	fi
}

# Stop the program, send one request, and continue the program after 0.3 s. It
# sends only one answer, so the longest time of a stage is this answer's time.
times_true() {
	local to_user in_user to_sent all

	times_begin 12-pause || return
	kill -STOP "$PID"
	probe send 1
	sleep 0.3
	kill -CONT "$PID"
	sleep 0.2
	end
	ended_well || return
	to_user=$(times_longest xdp_to_user) in_user=$(times_longest in_user)
	to_sent=$(times_longest tx_to_sent) all=$(times_longest all)
	((to_user >= PAUSE_NS * 9 / 10 && in_user < PAUSE_NS / 2 && to_sent < PAUSE_NS / 2)) ||
		{ wrong "the program is stopped for 0.3 s while a request comes: more than 270 ms from XDP to user space" \
			"$((to_user / 1000)) us to user space, $((in_user / 1000)) us in user space, $((to_sent / 1000)) us until sent" \
			"TO_USER = received - rx.entry, IN_USER = asked - received, TO_SENT = tx.sent - asked."; return; }
	((all == to_user + in_user + to_sent)) || wrong "the three stages take $((to_user + in_user + to_sent)) ns together, and so does the whole" "$all ns" \
		"WHOLE = tx.sent - rx.entry."
}

times_many() {
	local came

	times_begin 12-many || return
	came=$(probe flood "$MANY" 100)
	end
	ended_well || return
	((came == MANY)) || { wrong "$MANY answers" "$came answers, and then no more" \
		"reclaim_timed() takes all entries of COMPLETION, frees their frames and releases the entries."; return; }
	[[ "$(times_number answers) $(times_number untimed)" == "$MANY 0" ]] ||
		{ wrong "$MANY answers with times, 0 without" "$(times_number answers) with, $(times_number untimed) without" \
			"Call add_times() for each entry of COMPLETION, before its frame is free, because a free frame may be used again."; return; }
	lesson_ended_well "reclaim_timed() frees the frame of each entry."
}

times_stages() {
	model latency stages
}

times_clock() {
	model latency clock
}
