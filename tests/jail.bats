#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the jail in which the grader runs the learner's code. Each test passes
# commands to the program jail.

load lib

setup_file() {
	lab_guard
	$CC -O1 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$BATS_FILE_TMPDIR/jail" \
		"$BATS_TEST_DIRNAME/../exercises/jail.c"
	export JAIL=$BATS_FILE_TMPDIR/jail
}

jailed() { # SHELL COMMANDS
	run "$JAIL" /bin/bash -c "$1"
	echo "$output"
}

@test "without --net the jailed code runs as nobody, with no capability, no network and no way to get new rights" {
	jailed 'id -u; grep -E "^(Cap|NoNewPrivs)" /proc/self/status; cat /proc/net/dev'
	[[ $status -eq 0 ]]
	[[ ${lines[0]} == 65534 ]]
	[[ $(grep -c '^Cap.*:.0*$' <<<"$output") -eq 5 ]]
	[[ $output == *$'NoNewPrivs:\t1'* ]]
	# Kernel modules may add devices, but none that leads to another
	# machine.
	[[ $output == *" lo:"* && $output != *eth* ]]
}

@test "with --net the jailed code has the four capabilities that AF_XDP needs, and no others" {
	run -0 "$JAIL" --net /bin/bash -c 'id -u; grep -E "^Cap(Eff|Bnd)" /proc/self/status'
	echo "$output"
	[[ ${lines[0]} == 65534 ]]
	[[ ${lines[1]} == *$'\t0000008000007000' && ${lines[2]} == *$'\t0000008000007000' ]]
}

@test "the jailed code sees only the system's programs and libraries, itself, and files given by --bind" {
	echo secret >"$BATS_TEST_TMPDIR/hidden"
	echo shown >"$BATS_TEST_TMPDIR/shown"
	run "$JAIL" --bind "$BATS_TEST_TMPDIR/shown" /bin/bash -c \
		"cat $BATS_TEST_TMPDIR/shown; cat $BATS_TEST_TMPDIR/hidden; ls /root /home /etc/shadow $ROOT"
	echo "$output"
	[[ ${lines[0]} == shown && $output != *secret* ]]
	[[ $(grep -c 'No such file' <<<"$output") -eq 5 ]]
}

@test "the jailed code cannot create a file in any directory" {
	for path in / /usr /etc /dev "$BATS_FILE_TMPDIR"; do
		jailed "echo x >$path/written"
		[[ $status -ne 0 && ! -e $path/written ]]
	done
}

@test "the jailed code sees only its own processes, and cannot signal others" {
	jailed 'echo /proc/[0-9]*; kill -KILL -1; true'
	[[ $(wc -w <<<"${lines[0]}") -le 3 ]]
	kill -0 $$
}

@test "jail returns the command's status; if the command leaves a process behind, jail kills this process and returns 76" {
	run -3 "$JAIL" /bin/bash -c 'exit 3'
	run -143 "$JAIL" /bin/bash -c 'kill -TERM $$'
	run -76 "$JAIL" /bin/bash -c 'sleep 1234.5 & exit 0'
	refute grep -qsa 1234.5 /proc/[0-9]*/cmdline
	run -125 "$JAIL" /does/not/exist
	run -125 "$JAIL" /etc/passwd
}

@test "without root the jail uses a user namespace" {
	chmod a+rx "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$JAIL"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$JAIL" /bin/bash -c \
		'grep CapEff /proc/self/status; ls /root 2>&1'
	echo "$output"
	[[ $status -ne 125 ]]
	[[ $output == *$'\t0000000000000000'* && $output == *"No such file"* ]] ||
		skip "no user namespaces here"
}

@test "if the jail cannot create namespaces, the command runs unprotected, and the status is the same" {
	limit=(setpriv --bounding-set -sys_admin --inh-caps -sys_admin)
	unprotected() {
		run "${limit[@]}" "$JAIL" "$@"
		echo "$output"
	}
	library=$(helper weak_driver -shared -fPIC)
	# shellcheck disable=SC2016 # the inner shell expands it
	unprotected --preload "$library" /bin/bash -c 'echo "$LD_PRELOAD"; ls -d /root; exit 3'
	[[ $status -eq 3 && ${lines[0]} == */weak_driver && ${lines[1]} == /root ]]
	unprotected /bin/bash -c 'kill -SEGV $$'
	[[ $status -eq 139 ]]
	unprotected /does/not/exist
	[[ $status -eq 125 ]]
	unprotected /etc/passwd
	[[ $status -eq 125 ]]
	# Here, too, the command is a grandchild of jail, and ends when jail is
	# killed.
	"${limit[@]}" "$JAIL" /bin/sleep 60 3>&- &
	wait_for 3 has_grandchild $!
	kill -KILL $!
	wait_for 3 ended "$GRANDCHILD"
}

has_grandchild() { # PID
	GRANDCHILD=$(pgrep -P "$(pgrep -P "$1")") 2>/dev/null
	[[ -n $GRANDCHILD && $(<"/proc/$GRANDCHILD/comm") == sleep ]]
}
