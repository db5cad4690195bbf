#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# If nobody reads the program's output, the program must still answer pings, and
# end when it gets a signal: see doc/blocking.org.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell.
# shellcheck disable=SC2030,SC2031,SC2034,SC2153,SC2154

load lib

# Start the program with its stderr connected to the file $STDERR, which nobody
# reads.
launch_unread() { # OPTIONS OF THE PROGRAM
	RUNS=$((RUNS + 1))
	OUT=$BATS_TEST_TMPDIR/out.$RUNS
	env --default-signal=INT,HUP,TERM "${WRAP[@]}" "$PROGRAM" "${OPTIONS[@]}" "$@" \
		>"${STDOUT:-$OUT}" 2>"$STDERR" 3>&- &
	PID=$!
	PIDS+=("$PID")
	wait_for 5 xdp_on "$DEV"
	# Without --no-sandbox, the program enters the sandbox before it prints
	# the start line.
	[[ ${#OPTIONS[@]} -gt 0 ]] || wait_for 5 grep -q '^Seccomp:.2' "/proc/$PID/status"
	sleep 0.3
}

# Open a pseudo-terminal, and never read from its master side.
terminal_unread() {
	"$(helper terminal)" >"$BATS_TEST_TMPDIR/name" 3>&- &
	PIDS+=("$!")
	TERMINAL_PID=$!
	wait_for 3 test -s "$BATS_TEST_TMPDIR/name"
	STDERR=$(<"$BATS_TEST_TMPDIR/name")
}

# Take the device down and up, TIMES times. The program prints two messages each
# time.
news() { # TIMES
	local i

	for ((i = 0; i < $1; i++)); do
		ip link set dev "$DEV" down
		sleep 0.01
		ip link set dev "$DEV" up
		sleep 0.01
	done
	ip addr replace "$HERE/64" dev "$DEV" nodad
	ip neigh replace "$INSIDE" dev "$DEV" nud permanent \
		lladdr "$(inside cat "/sys/class/net/$PEER/address")"
}

fill() { # FILE
	timeout 0.5 dd if=/dev/zero of="$1" bs=4096 status=none oflag=nonblock 2>/dev/null || true
}

serves_and_ends() { # [SIGNAL]
	local before

	wait_for 3 ping_inside -q -c 1 -W 0.1 "$HERE" >/dev/null
	before=$(kernel_answers)
	assert_ping -c 10 -i 0.01 "$HERE"
	[[ $(kernel_answers) -eq $before ]]
	kill -"${1:-TERM}" "$PID"
	finish
	[[ $RC -eq 0 ]]
	untouched
}

@test "stderr is a full pipe: pings are answered, and SIGTERM ends the program" {
	lab
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {held}<>"$BATS_TEST_TMPDIR/pipe"
	STDERR=$BATS_TEST_TMPDIR/pipe
	launch_unread -d "$DEV" --quiet
	fill "$STDERR"
	news 2
	serves_and_ends
	exec {held}>&-
}

@test "messages that are lost because a pipe is full are counted, and the count is reported when the pipe has room again" {
	lab
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {held}<>"$BATS_TEST_TMPDIR/pipe"
	STDERR=$BATS_TEST_TMPDIR/pipe
	launch_unread -d "$DEV" --quiet --interval 0.5
	fill "$STDERR"
	news 1
	timeout 1.5 cat <&$held >"$BATS_TEST_TMPDIR/late" || true
	grep -aq 'af_xdp_user: 2 messages lost$' "$BATS_TEST_TMPDIR/late"
	serves_and_ends
	exec {held}>&-
}

@test "stdout and stderr are one full pipe: pings are answered, and SIGINT ends the program" {
	lab
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {held}<>"$BATS_TEST_TMPDIR/pipe"
	STDERR=$BATS_TEST_TMPDIR/pipe STDOUT=$BATS_TEST_TMPDIR/pipe
	launch_unread -d "$DEV" --interval 0.01
	fill "$STDERR"
	news 2
	serves_and_ends INT
	exec {held}>&-
}

@test "stdout and stderr are a terminal that nobody reads: pings are answered, and SIGTERM and SIGINT end the program" {
	lab
	terminal_unread
	for signal in TERM INT; do
		STDOUT=$STDERR
		launch_unread -d "$DEV" --interval 0.001 -v
		sleep 2 # until the terminal is full
		news 2
		serves_and_ends $signal
	done
	kill -TERM "$TERMINAL_PID"
	wait "$TERMINAL_PID" || true
}

@test "stderr is a full pipe: a hint about packets on another queue does not block the program" {
	lab --queues 2
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	exec {held}<>"$BATS_TEST_TMPDIR/pipe"
	STDERR=$BATS_TEST_TMPDIR/pipe
	launch_unread -d "$DEV" --quiet --interval 0.05
	fill "$STDERR"
	t steer --queue 1 >/dev/null
	ping_inside -q -c 3 -i 0.01 -W 0.1 "$HERE" >/dev/null || true
	sleep 0.3
	t steer --queue 0 >/dev/null
	serves_and_ends
	exec {held}>&-
}

# By default, systemd connects a service's stdout and stderr to the journal by a
# socket.
@test "stdout and stderr are a socket that nobody reads: pings are answered, and SIGTERM ends the program" {
	lab
	cat >"$BATS_TEST_TMPDIR/sockets" <<'END'
import os, socket, sys, time
ours, theirs = socket.socketpair()
pid = os.fork()
if pid:
    theirs.close()
    print(pid, flush=True)
    os.waitpid(pid, 0)
    sys.exit()
os.dup2(theirs.fileno(), 1)
os.dup2(theirs.fileno(), 2)
os.execv(sys.argv[1], sys.argv[1:])
END
	command -v python3 >/dev/null || skip "no python3 here"
	python3 "$BATS_TEST_TMPDIR/sockets" "$PROGRAM" "${OPTIONS[@]}" -d "$DEV" \
		--interval 0.001 >"$BATS_TEST_TMPDIR/pid" 3>&- &
	python=$!
	PIDS+=("$python")
	wait_for 5 xdp_on "$DEV"
	sleep 2
	news 2
	wait_for 3 ping_inside -q -c 1 -W 0.1 "$HERE" >/dev/null
	assert_ping -c 10 -i 0.01 "$HERE"
	kill -TERM "$(<"$BATS_TEST_TMPDIR/pid")"
	finish "$python"
	untouched
}

# With tostop, the terminal stops a background process that writes to it.
@test "stty tostop: the terminal does not stop the program in the background" {
	lab
	script -qec "stty tostop; set -m; $PROGRAM ${OPTIONS[*]} -d $DEV --interval 0.1 --duration 2 & sleep 1; cat /proc/\$!/stat; wait" \
		/dev/null </dev/null >"$BATS_TEST_TMPDIR/screen" 3>&-
	refute grep -qE '\(af_xdp_user\) T ' "$BATS_TEST_TMPDIR/screen"
	[[ $(grep -c 'AF_XDP RX' "$BATS_TEST_TMPDIR/screen") -gt 5 ]]
	untouched
}

# --- reports of many queues -------------------------------------------------

# If a report is longer than PIPE_BUF, a pipe may accept only a part of it at
# once. A slow reader must get the whole report all the same.
@test "many queues and a pipe that is read slowly: each line of a report is complete" {
	lab --queues 16
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	STDERR=$BATS_TEST_TMPDIR/err.1 STDOUT=$BATS_TEST_TMPDIR/pipe
	while read -r -N 5000 part; do
		printf %s "$part"
		sleep 0.002
	done <"$BATS_TEST_TMPDIR/pipe" >"$BATS_TEST_TMPDIR/slow" 3>&- &
	reader=$!
	PIDS+=("$reader")
	launch_unread -d "$DEV" --all-queues --json --interval 0.02
	serves_and_ends
	wait "$reader" || true
	# The loop drops the last part of the output if this part has fewer than
	# 5,000 bytes. So remove the last line, which may be incomplete.
	head -n -1 "$BATS_TEST_TMPDIR/slow" | head -c -1 >"$BATS_TEST_TMPDIR/lines"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/lines") -gt 2 ]]
	jq -e .device "$BATS_TEST_TMPDIR/lines" >/dev/null
}
