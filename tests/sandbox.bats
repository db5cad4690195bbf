#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the sandbox. While af_xdp_user handles packets, it has no capability,
# cannot become another user, and can make only the system calls that it needs.
# The tests make forbidden and allowed system calls inside its process.
#
# These shellcheck warnings are off because lib.bash and bats set or read some
# variables of this file, and each test runs in a subshell. Text in single
# quotes is for another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load lib

setup_file() {
	lab_guard
	nm -D "$PROGRAM" | grep -q __asan_init && skip "the sanitizers need system calls that the sandbox forbids"
	INTRUDER=$(helper intruder -shared -fPIC)
	export INTRUDER
}

setup() {
	unset SUDO_UID SUDO_GID # of the user who runs the tests
	lab_begin
}

teardown() {
	[[ -z $PUBLIC ]] || rm -r "$PUBLIC"
	lab_end
}

# --- helpers ----------------------------------------------------------------

# Set WRAP, so that FUNCTION of libc, libseccomp or libcap-ng fails and returns
# VALUE.
refusing() { # FUNCTION VALUE
	local file=$BATS_TEST_TMPDIR/$1

	printf '#include <errno.h>\nint %s() { errno = EPERM; return %s; }\n' "$1" "$2" >"$file.c"
	$CC -O1 -shared -fPIC -fno-builtin -o "$file.so" "$file.c"
	WRAP=(env "LD_PRELOAD=$file.so" "${@:3}")
}

field() { # NAME
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$PID/status" | tr '\t' ' '
}

# Check that process PID has no capabilities, and that it has no_new_privs and a
# seccomp filter. Do not check the bounding set.
assert_powerless() {
	local set

	for set in CapInh CapPrm CapEff CapAmb; do
		echo "$set $(field $set)"
		[[ $(field $set) == 0000000000000000 ]]
	done
	[[ $(field NoNewPrivs) == 1 ]]
	[[ $(field Seccomp) == 2 ]]
}

assert_user() { # UID GID
	echo "Uid $(field Uid), Gid $(field Gid), Groups $(field Groups)"
	[[ $(field Uid) == "$1 $1 $1 $1" ]]
	[[ $(field Gid) == "$2 $2 $2 $2" ]]
	[[ -z $(field Groups | tr -d ' ') ]]
}

# Run the program, and make the system call CALL inside the program's process.
# Set RC to the exit status. Use another queue each time, because the kernel
# takes a moment to free a queue.
intrude() { # CALL OPTIONS OF THE PROGRAM
	WRAP+=(env "LD_PRELOAD=$INTRUDER" "INTRUDE=$1")
	launch -d "$DEV" -Q $((RUNS % 8)) --duration 0.2 -q "${@:2}"
	finish
	WRAP=()
	cat "$ERR"
}

readonly FORBIDDEN=(openat socket bind connect sendmsg recvmsg "sendto: with data"
	"setsockopt: SO_MARK" "setsockopt: XDP_UMEM_REG" "getsockopt: SO_TYPE"
	"ioctl: SIOCSIFFLAGS" "ioctl: TIOCSTI"
	"write: to another file" "writev: to another file" pwrite64 "mmap: of code" mprotect
	execve execveat clone clone3 ptrace process_vm_readv kill "tgkill: of another"
	rt_sigqueueinfo rt_sigaction epoll_ctl bpf seccomp prctl setresuid capset unshare setns
	mount unlinkat dup fcntl io_uring_setup perf_event_open userfaultfd
	memfd_create keyctl pidfd_getfd personality setitimer)

# --- rights -----------------------------------------------------------------

@test "the program has no capability in any set, no way to get new ones, and only a few system calls" {
	lab
	start -d "$DEV" -v
	assert_ping -f -c 2000 -l 10 "$HERE"
	assert_powerless
	[[ $(field CapBnd) == 0000000000000000 ]]
	assert_ping -c 2 -i 0.01 "$HERE"
	stop
	assert_totals 2002 2002
	assert_frames_home
	untouched
}

@test "if root starts the program without sudo, the process stays root and has no supplementary groups" {
	lab
	WRAP=(setpriv "--groups=4,27" --inh-caps=+net_raw --ambient-caps=+net_raw)
	start -d "$DEV"
	assert_user 0 0
	assert_powerless
	# Another process of root, without capabilities, cannot read the
	# program's memory map.
	refute capsh --drop=all -- -c "cat /proc/$PID/maps" 2>/dev/null
	stop
}

@test "with sudo, the process belongs to the user who called sudo, and has no supplementary groups" {
	lab
	WRAP=(env SUDO_UID=12345 SUDO_GID=23456 setpriv "--groups=4,27")
	start -d "$DEV" -v --interval 0.1
	assert_ping -f -c 2000 -l 10 "$HERE"
	assert_user 12345 23456
	assert_powerless
	[[ $(field CapBnd) == 0000000000000000 ]]
	# The user who called sudo may end the program, but may not read the
	# program's memory, which holds packets of other users.
	refute setpriv --reuid=12345 --regid=23456 --clear-groups cat "/proc/$PID/maps" 2>/dev/null
	setpriv --reuid=12345 --regid=23456 --clear-groups kill -TERM "$PID"
	finish
	[[ $RC -eq 0 ]]
	assert_totals 2000 2000
	assert_frames_home
	untouched
}

@test "SUDO_UID and SUDO_GID must be both set to valid numbers, or both unset" {
	lab
	for ids in "SUDO_UID= SUDO_GID=1" "SUDO_UID=1 SUDO_GID=" "SUDO_UID=x SUDO_GID=1" \
		"SUDO_UID=1 SUDO_GID=-1" "SUDO_UID=+1 SUDO_GID=1" "SUDO_UID=1x SUDO_GID=1" \
		"SUDO_UID=4294967295 SUDO_GID=1" "SUDO_UID=1 SUDO_GID=4294967296" \
		"SUDO_UID=99999999999999999999 SUDO_GID=1" SUDO_UID=1 SUDO_GID=1; do
		read -ra ids <<<"$ids"
		WRAP=(env "${ids[@]}")
		expect_error 1 "SUDO_UID=.*, SUDO_GID=.*: these are not IDs of a user and a group" -d "$DEV"
	done
	WRAP=(env SUDO_UID=0 SUDO_GID=0)
	start -d "$DEV"
	assert_user 0 0
	stop
	WRAP=(env SUDO_UID=4294967294 SUDO_GID=4294967294)
	start -d "$DEV"
	assert_user 4294967294 4294967294
	stop
}

@test "if the program cannot become the user who called sudo, it reports this and ends" {
	lab
	for lacks in setuid setgid; do
		WRAP=(env SUDO_UID=12345 SUDO_GID=23456 setpriv --bounding-set="-$lacks")
		expect_error 1 "becoming user 12345, group 23456: Operation not permitted" -d "$DEV"
	done
}

@test "without root, the program needs exactly the capabilities in doc/rights.org, and then drops them" {
	capabilities=$(sed -n 's/.*setcap \(cap_[a-z_,]*=ep\) .*/\1/p' "$ROOT/doc/rights.org")
	[[ -n $capabilities ]]
	[[ $(sed -n 's/.*setcap \(cap_[a-z_,]*=ep\) .*/\1/p' "$ROOT/af_xdp_user.8") == "$capabilities" ]]
	lab
	PUBLIC=$(mktemp -d)
	chmod 755 "$PUBLIC"
	install -m 755 "$PROGRAM" "$PUBLIC/af_xdp_user"
	setcap "$capabilities" "$PUBLIC/af_xdp_user" || skip "no file capabilities on $PUBLIC"
	PROGRAM=$PUBLIC/af_xdp_user
	# The program ignores SUDO_UID and SUDO_GID unless root has started it.
	WRAP=(env SUDO_UID=0 SUDO_GID=0 setpriv --reuid=65534 --regid=65534 --clear-groups
		bash -c 'ulimit -l 64; exec "$@"' limited)
	start -d "$DEV" -v
	assert_ping -f -c 2000 -l 10 "$HERE"
	assert_user 65534 65534
	assert_powerless
	refute setpriv --reuid=65534 --regid=65534 --clear-groups cat "/proc/$PID/maps" 2>/dev/null
	stop
	assert_totals 2000 2000
	assert_frames_home
	untouched
	# Check that each of these capabilities is needed.
	IFS=, read -ra each <<<"${capabilities%=ep}"
	for one in "${each[@]}"; do
		rest=$(printf '%s\n' "${each[@]}" | grep -vx "$one" | paste -sd,)
		setcap "$rest=ep" "$PROGRAM"
		expect_error_below 1 ".*" -d "$DEV"
	done
}

@test "if the program file is set-user-ID root, the process belongs to the user who started it" {
	lab
	PUBLIC=$(mktemp -d)
	chmod 755 "$PUBLIC"
	install -m 4755 "$PROGRAM" "$PUBLIC/af_xdp_user"
	PROGRAM=$PUBLIC/af_xdp_user
	WRAP=(env SUDO_UID=0 SUDO_GID=0 setpriv --reuid=65534 --regid=65534 --clear-groups)
	start -d "$DEV"
	assert_user 65534 65534
	assert_powerless
	stop
	untouched
}

@test "files that the caller left open are closed" {
	lab
	file=$BATS_TEST_TMPDIR/open
	WRAP=(bash -c 'exec 77<>"$0"; exec "$@"' "$file")
	start -d "$DEV"
	[[ -e $file ]]
	refute ls -l "/proc/$PID/fd/77" 2>/dev/null
	stop
}

@test "--no-sandbox keeps the user, the capabilities and all system calls" {
	lab
	WRAP=(env SUDO_UID=12345 SUDO_GID=23456)
	start -d "$DEV" --no-sandbox
	[[ $(field Uid) == "0 0 0 0" ]]
	[[ $(field CapEff) == "$(sed -n 's/^CapEff:\t//p' /proc/self/status)" ]]
	[[ $(field CapBnd) == "$(sed -n 's/^CapBnd:\t//p' /proc/self/status)" ]]
	[[ $(field NoNewPrivs) == "$(sed -n 's/^NoNewPrivs:\t//p' /proc/self/status)" ]]
	[[ $(field Seccomp) == "$(sed -n 's/^Seccomp:\t//p' /proc/self/status)" ]]
	stop
	untouched
}

# --- system calls -----------------------------------------------------------

@test "each forbidden system call ends the program; the message names the call, and nothing is left behind" {
	lab --queues 8
	for call in "${FORBIDDEN[@]}"; do
		intrude "$call"
		[[ $RC -eq 1 ]]
		[[ $(tail -n 2 "$ERR" | head -n 1) == \
			"af_xdp_user: sandbox: system call ${call%%:*} ("*") is not allowed after the set-up" ]]
		[[ $(tail -n 1 "$ERR") == *--no-sandbox* ]]
		untouched
	done
}

# Without the sandbox each call in FORBIDDEN must return, because otherwise the
# test above would prove nothing. Leave out TIOCSTI, which would type into the
# terminal if stderr is one.
@test "--no-sandbox allows the system calls that the sandbox forbids" {
	lab --queues 8
	for call in "${FORBIDDEN[@]}"; do
		[[ $call != "ioctl: TIOCSTI" ]] || continue
		intrude "$call" --no-sandbox
		[[ $RC -eq 0 ]]
		grep -q "^returned: $call: -\?[0-9]" "$ERR"
		refute grep -q ": -99 " "$ERR"
	done
}

@test "the system call exit(), which would end only one thread, is forbidden: the sandbox ends the program" {
	lab --queues 8
	intrude exit
	[[ $RC -eq 1 ]]
	grep -q "sandbox: system call exit (" "$ERR"
}

@test "the system calls of the packet loop and of the program's end are allowed" {
	lab --queues 8
	for call in "send to stderr" SIOCGIFNAME SIOCGIFFLAGS SIOCGIFMTU SIOCETHTOOL pread64 lseek writev mmap munmap brk clock_gettime sendto recvfrom XDP_STATISTICS "getsockopt: 64 bits" \
		SO_BUSY_POLL SO_BUSY_POLL_BUDGET SO_PREFER_BUSY_POLL; do
		WRAP=(bash -c 'exec "$@" </dev/null' none)
		intrude "$call"
		[[ $RC -eq 0 ]]
		grep -q "^returned: $call: [0-9]" "$ERR"
	done
	intrude abort
	[[ $RC -eq $((128 + 6)) ]]
	untouched
}

@test "a system call of another architecture kills the program, and nothing is left behind" {
	[[ $(uname -m) == x86_64 ]] || skip "only x86 has such system calls"
	local call kills

	lab --queues 8
	for call in int80 x32; do
		# Under some hypervisors 32-bit system calls do not work: the
		# program gets SIGSEGV, with or without the sandbox.
		kills=31
		intrude "$call" --no-sandbox
		[[ $RC -ne $((128 + 11)) ]] || kills=11
		intrude "$call"
		[[ $RC -eq $((128 + kills)) ]]
		refute grep -q "^returned: " "$ERR"
		untouched
	done
}

# --- setting up the sandbox -------------------------------------------------

@test "if a step of setting up the sandbox fails, the program ends with an error" {
	lab
	WRAP=(env LD_PRELOAD="$(helper old_kernel -fno-builtin -shared -fPIC)")
	expect_error 1 "sandbox: no filter for system calls: Invalid argument" -d "$DEV"
	[[ ${stderr_lines[1]} == *CONFIG_SECCOMP_FILTER*--no-sandbox* ]]
	start -d "$DEV" --no-sandbox
	stop
	refusing seccomp_rule_add_array -EINVAL
	expect_error 1 "sandbox: no filter for system calls: Invalid argument" -d "$DEV"
	refusing seccomp_rule_add -EINVAL
	expect_error 1 "sandbox: no filter for system calls: Invalid argument" -d "$DEV"
	refusing setgroups -1
	expect_error 1 "becoming user 0, group 0: Operation not permitted" -d "$DEV"
	for call in setresuid setresgid; do
		refusing $call -1 SUDO_UID=12345 SUDO_GID=23456
		expect_error 1 "becoming user 12345, group 23456: Operation not permitted" -d "$DEV"
	done
	refusing capng_apply -5
	expect_error 1 "bounding set: it cannot be dropped" -d "$DEV"
	WRAP=(setpriv --bounding-set=-setpcap "${WRAP[@]}")
	expect_error 1 "capabilities: they cannot be dropped" -d "$DEV"
}

# --- whole runs -------------------------------------------------------------

@test "in the sandbox a whole run works: device events, reports, drops, SIGSTOP and SIGCONT" {
	lab
	for mode in "" --busy-poll "-S --verbose"; do
		# shellcheck disable=SC2086 # $mode is a list of options
		start -d "$DEV" --interval 0.05 -v $mode
		[[ $(field Seccomp) == 2 ]]
		assert_ping -c 3 -i 0.01 "$HERE"
		ip link set dev "$DEV" down
		wait_for 5 grep -q "the device is down" "$ERR"
		ip link set dev "$DEV" up
		wait_for 5 grep -q "the device is up again" "$ERR"
		wait_for 5 inside ip -6 route get "$HERE" >/dev/null
		kill -STOP "$PID"
		ping_inside -q -f -c 5000 -l 5000 -W 0.1 "$HERE" || true
		kill -CONT "$PID"
		wait_for 5 grep -q "FILL ring empty" "$OUT"
		wait_for 5 ping_inside -q -c 1 -W 1 "$HERE"
		kill -INT "$PID"
		finish
		cat "$ERR"
		[[ $RC -eq 0 ]]
		assert_frames_home
	done
}

@test "in the sandbox, the program can still remove its socket from the map of --xsks-map when it ends" {
	lab
	bpftool prog load "$KERN" /sys/fs/bpf/others type xdp pinmaps /sys/fs/bpf
	bpftool net attach xdp pinned /sys/fs/bpf/others dev "$DEV"
	start -d "$DEV" -v --xsks-map /sys/fs/bpf/xsks_map
	[[ $(field Seccomp) == 2 ]]
	assert_ping -c 4 -i 0.01 "$HERE"
	stop
	assert_totals 2 2
	assert_frames_home
	bpftool net detach xdp dev "$DEV"
	rm /sys/fs/bpf/{others,xsks_map,packets_seen}
	untouched
}

@test "SIGSYS from another process ends the program, without a message about system calls" {
	lab
	start -d "$DEV" -q
	kill -SYS "$PID"
	finish
	[[ $RC -eq 1 ]]
	refute grep sandbox: "$ERR"
	untouched
}

@test "SIGSTOP and SIGCONT during a sleep with a time limit do not end the program" {
	lab
	# After an answer the program sleeps for at most COMPLETION_MS, because
	# the answer's frame may not be in COMPLETION yet.
	start -d "$DEV" -q
	for _ in 1 2 3 4 5; do
		ping_inside -q -c 1 "$HERE"
		kill -STOP "$PID"
		kill -CONT "$PID"
	done
	stop
	untouched
}
