#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test testenv/testenv.sh. Run this file in a network and a mount namespace of
# its own:
#
#	testenv/isolated.sh bats tests/testenv.bats
#
# Words in single quotes are for another shell, and bats sets stderr_lines.
# shellcheck disable=SC2016,SC2154

bats_require_minimum_version 1.5.0

load lib

readonly NAMES="tt-a tt-b tt-c tt-fifteen-char"

setup_file() {
	[[ $EUID -eq 0 ]] || skip "needs root"
	[[ $("$TESTENV" status) == *"no test environment"* ]] ||
		skip "there are test environments already: run teardown first"
	LINKS_BEFORE=$(links)
	export LINKS_BEFORE
}

setup() {
	FAKES=$BATS_TEST_TMPDIR/bin
	mkdir -p "$FAKES"
	# Some tests run commands without root, so everybody must be able to
	# enter these directories.
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$FAKES"
}

teardown() {
	local name

	for name in $NAMES; do
		"$TESTENV" --name "$name" teardown || true
		ip netns del "$name" || true
		ip link del "$name" || true
	done >/dev/null 2>&1
}

# --- helpers ----------------------------------------------------------------

links() {
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | sort
	ls /run/netns 2>/dev/null
}

state_directory() {
	echo "/run/af_xdp_testenv/$(stat -L -c %i /proc/self/ns/net)"
}

nothing_left() {
	[[ $(links) == "$LINKS_BEFORE" ]]
	[[ ! -e $(state_directory) ]]
}

# Run COMMAND. Expect exit status STATUS, nothing on stdout, and on stderr the
# line "testenv: WHAT: WHY" and at most one more line.
assert_failure() { # STATUS WHAT WHY-PATTERN COMMAND...
	local wanted=$1 what=$2 why=$3

	shift 3
	run --separate-stderr "$@"
	echo "status $status, stderr: $stderr"
	[[ $status -eq $wanted ]]
	[[ ${stderr_lines[0]} == "testenv: $what: "$why ]]
	[[ ${#stderr_lines[@]} -le 2 ]]
	[[ -z $output ]]
}

fake() { # TOOL, its script on stdin
	{ echo '#!/bin/bash' && cat; } >"$FAKES/$1"
	chmod +x "$FAKES/$1"
}

with_fakes() {
	PATH=$FAKES:$PATH "$@"
}

# Fill DIRECTORY with links to all tools in PATH, so that a test can remove one
# link.
tools_link() { # DIRECTORY
	local directory

	mkdir "$1"
	for directory in ${PATH//:/ }; do
		ln -s "$directory"/* "$1" 2>/dev/null || true
	done
}

# Run a command with a PATH that lacks TOOL.
without() { # TOOL COMMAND...
	local tool=$1 result=0

	shift
	[[ -d $BATS_TEST_TMPDIR/tools ]] || tools_link "$BATS_TEST_TMPDIR/tools"
	mv "$BATS_TEST_TMPDIR/tools/$tool" "$BATS_TEST_TMPDIR" 2>/dev/null || true
	env PATH="$BATS_TEST_TMPDIR/tools" "$@" || result=$?
	mv "$BATS_TEST_TMPDIR/$tool" "$BATS_TEST_TMPDIR/tools" 2>/dev/null || true
	return $result
}

capture_start() { # FILE ARGS...
	CAPTURE=$1
	shift
	"$TESTENV" tcpdump "$@" >"$CAPTURE" 2>"$CAPTURE.err" 3>&- &
	CAPTURE_PID=$!
	wait_for 5 grep -q 'listening on' "$CAPTURE.err"
}

capture_stop() {
	kill -INT "$CAPTURE_PID"
	wait "$CAPTURE_PID" || true
}

# Count the captured packets. Leave out the empty line at the end.
captured() {
	grep -c . "$CAPTURE"
}

object_make() {
	cat >"$BATS_TEST_TMPDIR/two.c" <<-EOF
	#include <linux/bpf.h>
	#include <bpf/bpf_helpers.h>
	struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__type(key, __u32);
		__type(value, __u32);
	} count SEC(".maps");
	SEC("xdp") int zz_first(struct xdp_md *ctx)
	{
		__u32 key = 0, *value = bpf_map_lookup_elem(&count, &key);
		if (value)
			*value += 1;
		return XDP_PASS;
	}
	SEC("xdp") int aa_drop(struct xdp_md *ctx) { return XDP_DROP; }
	char _license[] SEC("license") = "GPL";
	EOF
	OBJECT=$BATS_TEST_TMPDIR/two.o
	bpf_cc -g -c "$BATS_TEST_TMPDIR/two.c" -o "$OBJECT"
}

vlan_devices_work() {
	unshare --net bash -c 'ip link add a type veth peer name b &&
		ip link add link a name c type vlan id 2' 2>/dev/null
}

# --- the command line -------------------------------------------------------

@test "help goes to stdout and names every command" {
	run --separate-stderr t --help
	[[ $status -eq 0 && -z $stderr ]]
	for command in setup teardown reset status ping flows steer exec enter tcpdump load unload alias; do
		grep -q "^  $command\b" <<<"$output"
	done
	run t help
	[[ $status -eq 0 ]]
	run t setup --help
	[[ $status -eq 0 && $output == Usage:* ]]
	nothing_left
}

@test "after a wrong command line, the script prints an error and ends with exit status 2" {
	assert_failure 2 "command line" "*" t
	assert_failure 2 "bogus" "unknown command" t bogus
	assert_failure 2 "--bogus" "unknown option" t --bogus setup
	assert_failure 2 "setup" "*--bogus*" t setup --bogus
	assert_failure 2 "setup" "*more*" t setup --name tt-a more
	assert_failure 2 "setup" "*--inner" t setup --name tt-a --inner
	assert_failure 2 "teardown" "*--queues" t teardown --queues 2
	assert_failure 2 "--name" "*missing" t setup --name
	assert_failure 2 "exec" "*missing" t exec
	assert_failure 2 "load" "*missing" t load
	assert_failure 2 "flows" "*-c*" t flows -c 3
	assert_failure 2 "steer" "*--queues" t steer --queues 2
	assert_failure 2 "--queue" "*missing" t steer --queue
	nothing_left
}

@test "invalid numbers of queues and invalid MTUs are refused" {
	for queues in 0 65 -1 four '' 99999999999999999999; do
		assert_failure 2 "--queues $queues" "*1 to 64" t setup --queues "$queues"
	done
	for mtu in 1279 big ''; do
		assert_failure 2 "--mtu $mtu" "*1280 or more" t setup --mtu "$mtu"
	done
	nothing_left
}

@test "names that are invalid for a device are refused" {
	for name in '' a/b 'a b' .. .a -a all default 'a*' 'a:b' "a'b" ä; do
		assert_failure 2 "--name $name" "*" t setup --name="$name"
	done
	assert_failure 2 "--name a123456789012345" "*15*" t setup --name a123456789012345
	assert_failure 2 "--name a123456789012" "*a123456789012.42" \
		t setup --vlan --name a123456789012
	nothing_left
}

@test "the alias command defines t, whatever the path of the script is" {
	for directory in plain 'two  spaces' 'a*b' "quote'\"\$HOME" $'tab\there' 'ü'; do
		mkdir -p "$BATS_TEST_TMPDIR/$directory"
		cp "$TESTENV" "$BATS_TEST_TMPDIR/$directory/testenv.sh"
		cat >"$BATS_TEST_TMPDIR/use" <<-'EOF'
		shopt -s expand_aliases
		cd "$1"
		eval $(./testenv.sh alias)
		cd /
		t help
		EOF
		run bash "$BATS_TEST_TMPDIR/use" "$BATS_TEST_TMPDIR/$directory"
		echo "$directory: $output"
		[[ $status -eq 0 && ${lines[0]} == Usage:* ]]
	done
	[[ $(t alias) == "alias t='$TESTENV'" ]] || [[ $TESTENV =~ [^A-Za-z0-9_/.+-] ]]
}

# --- requirements -----------------------------------------------------------

@test "if a tool is missing, the error names the tool and its package" {
	for tool in ip ethtool ping; do
		assert_failure 1 "$tool" "*not found" without "$tool" "$TESTENV" setup --name tt-a
		[[ ${stderr_lines[1]} == *apt-get\ install* ]]
	done
	[[ ${stderr_lines[1]} == *iputils-ping ]]
	assert_failure 1 tcpdump "*not found" without tcpdump "$TESTENV" tcpdump
	assert_failure 1 bpftool "*not found" without bpftool "$TESTENV" load /dev/null
	nothing_left
}

@test "without root, the script calls itself through sudo with the same arguments" {
	local user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

	"${user[@]}" test -x "$TESTENV" -a -x "$FAKES" || skip "nobody cannot reach the script"
	fake sudo <<<'printf "<%s>" "$@"'
	run with_fakes "${user[@]}" "$TESTENV" setup --name "tt-a"
	[[ $status -eq 0 && $output == "<--><$TESTENV><setup><--name><tt-a>" ]]
	run "${user[@]}" "$TESTENV" help
	[[ $status -eq 0 ]]
}

@test "without root and sudo, or without a capability, setup reports the reason" {
	local user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

	if "${user[@]}" test -x "$TESTENV"; then
		assert_failure 1 setup "*not root*" without sudo "${user[@]}" "$TESTENV" setup
	fi
	assert_failure 1 setup "CAP_NET_ADMIN is missing" \
		setpriv --bounding-set -net_admin "$TESTENV" setup
	assert_failure 1 setup "CAP_SYS_ADMIN is missing" \
		setpriv --bounding-set -sys_admin "$TESTENV" setup
	nothing_left
}

# --- setup, teardown, status ------------------------------------------------

@test "setup makes the veth pair and its addresses, and teardown leaves nothing behind" {
	run t setup --name tt-a
	[[ $status -eq 0 ]]
	[[ $output == *"tt-a is up: fc00:dead:cafe:1::1 here, fc00:dead:cafe:1::2 inside" ]]
	[[ $(ip -6 -o addr show dev tt-a) == *" fc00:dead:cafe:1::1/64 "* ]]
	[[ $(ip -6 -o addr show dev tt-a | wc -l) -eq 1 ]]
	[[ $(ip -n tt-a -6 -o addr show dev veth0) == *" fc00:dead:cafe:1::2/64 "* ]]
	[[ $(ip -n tt-a -6 -o addr show dev veth0 | wc -l) -eq 1 ]]
	[[ $(ip -6 neigh show dev tt-a) == "fc00:dead:cafe:1::2 lladdr 02:ca:fe:00:01:02 PERMANENT"* ]]
	[[ $(ip -n tt-a -6 neigh show dev veth0) == \
		"fc00:dead:cafe:1::1 lladdr 02:ca:fe:00:01:01 PERMANENT"* ]]
	[[ $(stat -f -c %T /sys/fs/bpf) == bpf_fs ]]
	run t teardown
	[[ $status -eq 0 ]]
	nothing_left
}

@test "only root can enter the directory of the lock and the state, even if setup runs with umask 0" {
	(umask 0 && t setup --name tt-a)
	[[ $(stat -c %a:%u /run/af_xdp_testenv) == 700:0 ]]
	t teardown
}

@test "after setup, offloads that hide tags or checksums from XDP are off" {
	t setup --name tt-a
	for features in "$(ethtool -k tt-a)" "$(ip netns exec tt-a ethtool -k veth0)"; do
		grep -q '^rx-vlan-offload: off' <<<"$features"
		grep -q '^tx-vlan-offload: off' <<<"$features"
		grep -q '^tx-checksumming: off' <<<"$features"
	done
	grep -q '^generic-receive-offload: on' <<<"$features"
}

@test "options may come before the command" {
	t --name tt-a --mtu=2000 setup --queues=2
	[[ $(ip link show dev tt-a) == *" mtu 2000 "* ]]
	run t --name=tt-a status
	[[ ${lines[1]} =~ ^"* tt-a ".*" 2 "+2000 ]]
}

@test "environments have numbers, the last environment is the default, and status lists all environments" {
	t setup --name tt-a
	t setup --name tt-b --queues 2 --legacy-ip
	t setup --name tt-c --mtu 3000
	run t status
	echo "$output"
	[[ ${#lines[@]} -eq 5 ]]
	[[ ${lines[0]} =~ ^\ +NAME\ +HERE\ +INSIDE\ +QUEUES\ +MTU\ +XDP$ ]]
	[[ ${lines[1]} =~ ^\ +tt-a\ +fc00:dead:cafe:1::1\ +fc00:dead:cafe:1::2\ +1\ +1500\ +-$ ]]
	[[ ${lines[2]} =~ ^\ +tt-b\ +fc00:dead:cafe:2::1\ +fc00:dead:cafe:2::2\ +2\ +1500\ +-$ ]]
	[[ ${lines[3]} =~ ^\ +10\.11\.2\.1\ +10\.11\.2\.2$ ]]
	[[ ${lines[4]} =~ ^\*\ tt-c\ +fc00:dead:cafe:3::1\ +fc00:dead:cafe:3::2\ +1\ +3000\ +-$ ]]
	for name in tt-a tt-b tt-c; do
		t ping --name $name -c 1 -W 2
	done
	t teardown
	t teardown --name tt-a
	run t status
	[[ ${#lines[@]} -eq 3 && ${lines[1]} == "* tt-b "* ]]
	t setup --name tt-c
	run t status --name tt-c
	[[ ${#lines[@]} -eq 2 && ${lines[1]} =~ ^"* tt-c "\ +fc00:dead:cafe:1::1\  ]]
}

@test "the lines of status are shorter than 80 columns, even with the longest name and an XDP program" {
	ip link add tt-b type veth peer name tt-c
	for n in {1..9}; do
		ip addr add "fc00:dead:cafe:$n::99/64" dev tt-b nodad
	done
	object_make
	t setup --name tt-fifteen-char --queues 16 --mtu 65535 --legacy-ip
	ip link set dev tt-fifteen-char xdpgeneric obj "$OBJECT" program aa_drop
	ip link del tt-b
	t setup --name tt-b
	ip link del tt-b
	run t status
	echo "$output"
	[[ $output == *"cafe:10::1"*" 65535 SKB"*aa_drop* && $output == *broken*"use reset"* ]]
	for line in "${lines[@]}"; do
		((${#line} < 80))
	done
}

@test "setup chooses no network that this machine uses already" {
	ip link add tt-b type veth peer name tt-c
	ip addr add fc00:dead:cafe:1::99/64 dev tt-b nodad
	run t setup --name tt-a
	[[ $output == *"fc00:dead:cafe:2::1 here"* ]]
}

@test "setup refuses a name that is in use, and setup and teardown do not touch foreign devices" {
	t setup --name tt-a
	assert_failure 1 "setup tt-a" "the environment exists already" t setup --name tt-a
	ping -c 1 -W 2 fc00:dead:cafe:1::2
	ip netns add tt-b
	assert_failure 1 "setup tt-b" "*namespace*exists" t setup --name tt-b
	[[ -e /run/netns/tt-b ]]
	ip link add tt-c type bridge
	assert_failure 1 "setup tt-c" "*device*exists" t setup --name tt-c
	ip link show dev tt-c
	assert_failure 1 "teardown tt-c" "*no test environment*" t teardown --name tt-c
	ip link show dev tt-c
}

@test "without an environment, each command reports that there is no environment" {
	for words in teardown reset ping flows steer "exec true" enter tcpdump "load /dev/null" unload; do
		assert_failure 1 "${words%% *}" "*no test environment*" bash -c "'$TESTENV' $words"
		[[ ${stderr_lines[1]} == *"testenv.sh setup" ]]
	done
	run t status
	[[ $status -eq 0 && $output == *"no test environment"* ]]
	assert_failure 1 "status tt-a" "*no test environment*" t status --name tt-a
	t setup --name tt-a
	assert_failure 1 "ping tt-b" "*no test environment*" t --name tt-b ping
	assert_failure 1 ping "*no test environment*" ip netns exec tt-a "$TESTENV" ping
	[[ ${stderr_lines[1]} == *"inside namespace tt-a: leave it first" ]]
}

@test "if the namespace of an environment was deleted, status leaves the environment out, and setup can make it again" {
	t setup --name tt-a
	t setup --name tt-b
	ip netns del tt-b
	wait_for 5 bash -c '! ip link show dev tt-b 2>/dev/null'
	run t ping -c 1 -W 2
	[[ $status -eq 0 && $output == *"fc00:dead:cafe:1::1"* ]]
	run t status
	[[ ${#lines[@]} -eq 2 ]]
	t setup --name tt-b
	run t exec ip -o -6 addr show dev veth0
	[[ $output == *"fc00:dead:cafe:2::2/64"* ]]
}

@test "teardown and reset work if parts of the environment are missing" {
	t setup --name tt-a --mtu 2000
	ip link del tt-a
	assert_failure 1 "ping tt-a" "*veth pair is gone" t ping
	run t status
	[[ ${lines[1]} == *broken* ]]
	t reset
	[[ $(ip link show dev tt-a) == *" mtu 2000 "* ]]
	ip link del tt-a
	t teardown
	nothing_left
	t setup --name tt-a
	ip netns del tt-a
	t teardown --name tt-a
	nothing_left
}

@test "reset keeps the options of setup, and accepts new options" {
	t setup --name tt-b
	t setup --name tt-a --queues 3 --mtu 2000 --legacy-ip
	t teardown --name tt-b
	t reset
	run t status
	[[ ${lines[1]} =~ ^"* tt-a "\ +fc00:dead:cafe:2::1\ .*\ 3\ +2000\ +-$ ]]
	[[ ${lines[2]} == *10.11.2.1* ]]
	t reset --mtu 1400
	run t status
	[[ ${lines[1]} =~ \ 3\ +1400\ +-$ ]]
	t ping --legacy-ip -c 1 -W 2
}

@test "teardown names processes that still run inside, and does not kill them" {
	t setup --name tt-a
	"$TESTENV" exec sleep 60 3>&- &
	local sleeper=$!
	wait_for 5 bash -c '[[ $(ip netns pids tt-a) ]]'
	run t teardown
	kill -0 $sleeper
	kill $sleeper
	[[ $status -eq 0 && $output == *"still running inside tt-a: sleep (pid $sleeper)"* ]]
	nothing_left
}

@test "setups that run at the same time get different networks" {
	"$TESTENV" setup --name tt-a 3>&- &
	"$TESTENV" setup --name tt-b 3>&- &
	t setup --name tt-c
	wait
	[[ $(t status | grep -o 'cafe:[0-9]*::1' | sort | tr '\n' ' ') == \
		"cafe:1::1 cafe:2::1 cafe:3::1 " ]]
}

# --- setups that fail -------------------------------------------------------

@test "if the kernel refuses an MTU, setup leaves nothing behind" {
	assert_failure 1 "setup tt-a" "*mtu greater than device maximum*" t setup --name tt-a --mtu 70000
	nothing_left
}

@test "if any step of setup fails, setup leaves nothing behind" {
	local real

	real=$(command -v ip)
	for step in 'addr add' 'neigh replace' 'addrgenmode' 'set dev veth0 up'; do
		fake ip <<-EOF
		[[ "\$*" == *"-batch -" ]] || exec $real "\$@"
		sed '/$step/s/dev [^ ]*/dev gone/' | exec $real "\$@"
		EOF
		run --separate-stderr with_fakes "$TESTENV" setup --name tt-a
		echo "$stderr"
		[[ $status -eq 1 ]]
		[[ ${stderr_lines[0]} == "testenv: setup tt-a: ip "*"$step"*'e): Cannot find device "gone"' ]]
		[[ ${#stderr_lines[@]} -eq 1 ]]
		nothing_left
	done
	fake ethtool <<<'exit 1'
	run with_fakes "$TESTENV" setup --name tt-a
	[[ $status -eq 1 ]]
	nothing_left
}

@test "if ping fails, setup prints addresses, neighbours and firewall rules, and leaves nothing behind" {
	fake ping <<<'exit 1'
	fake nft <<<'echo "table a_firewall {}"'
	run --separate-stderr with_fakes "$TESTENV" setup --name tt-a
	[[ $status -eq 1 ]]
	[[ $stderr == *"fc00:dead:cafe:1::1/64"*"fc00:dead:cafe:1::2/64"*"PERMANENT"*"a_firewall"* ]]
	[[ $stderr == *"testenv: setup tt-a: no answer to ping"* ]]
	nothing_left
}

@test "an interrupted setup leaves nothing behind" {
	local signal started=$BATS_TEST_TMPDIR/started

	# The fake ping must end soon after the signal, because bash runs a trap
	# only after the foreground command has ended.
	fake ping <<<"touch $started; while [[ -e $started ]]; do sleep 0.05; done"
	for signal in INT TERM HUP; do
		# A background job ignores SIGINT, and under nohup also SIGHUP.
		# bash cannot reset an ignored signal, but env can.
		env --default-signal=INT,HUP PATH="$FAKES:$PATH" \
			"$TESTENV" setup --name tt-a 3>&- &
		wait_for 20 test -e "$started"
		ip link show dev tt-a
		kill -$signal $!
		rm "$started"
		status=0
		wait $! || status=$?
		[[ $status -eq $((128 + $(kill -l $signal))) ]]
		nothing_left
	done
}

@test "if setup is killed, teardown removes what setup has made" {
	local started=$BATS_TEST_TMPDIR/started

	fake ping <<<"touch $started; while [[ -e $started ]]; do sleep 0.05; done"
	env PATH="$FAKES:$PATH" "$TESTENV" setup --name tt-a 3>&- &
	wait_for 20 test -e "$started"
	kill -KILL $!
	rm "$started"
	wait $! || true
	t teardown --name tt-a
	nothing_left
}

# --- the wire ---------------------------------------------------------------

@test "after setup the wire carries only the user's packets" {
	t setup --name tt-a --queues 2
	capture_start "$BATS_TEST_TMPDIR/here" -l
	sleep 3
	t ping -c 1 -W 2
	wait_for 5 grep -q 'echo reply' "$CAPTURE"
	capture_stop
	cat "$CAPTURE"
	[[ $(captured) -eq 2 ]]
	[[ $(grep -c 'echo re' "$CAPTURE") -eq 2 ]]
}

@test "no packets are sent when the carrier goes down and up" {
	t setup --name tt-a
	capture_start "$BATS_TEST_TMPDIR/inside" --inner -l
	ip link set tt-a down
	wait_for 5 bash -c '[[ $(ip -n tt-a link show dev veth0) == *NO-CARRIER* ]]'
	ip link set tt-a up
	wait_for 5 bash -c '[[ $(ip -n tt-a link show dev veth0) == *"state UP"* ]]'
	sleep 2.2
	t exec ping -c 1 -W 0.1 fc00:dead:cafe:1::1 || true
	wait_for 5 grep -q 'echo request' "$CAPTURE"
	capture_stop
	cat "$CAPTURE"
	[[ $(captured) -eq 1 ]]
}

@test "--mtu sets the MTU on both ends, and packets of this size pass" {
	t setup --name tt-a --mtu 3000
	[[ $(ip link show dev tt-a) == *" mtu 3000 "* ]]
	[[ $(ip -n tt-a link show dev veth0) == *" mtu 3000 "* ]]
	t ping -c 1 -W 2 -M "do" -s 2952
	run t ping -c 1 -W 1 -M "do" -s 2953
	[[ $status -ne 0 ]]
}

@test "setup makes IPv4 addresses and a VLAN only if their options are given" {
	t setup --name tt-a
	assert_failure 1 "ping tt-a" "the environment has no IPv4 addresses" t ping --legacy-ip -c 1
	assert_failure 1 "ping tt-a" "the environment has no VLAN" t ping --vlan -c 1
	t reset --legacy-ip
	run t ping --legacy-ip -c 1 -W 2
	[[ $status -eq 0 && $output == *"64 bytes from 10.11.1.1"* ]]
	[[ $(ip -4 neigh show dev tt-a) == "10.11.1.2 lladdr 02:ca:fe:00:01:02 PERMANENT"* ]]
}

@test "VLAN: packets have the VLAN's tag on the wire" {
	vlan_devices_work || skip "this kernel has no VLAN devices (CONFIG_VLAN_8021Q)"
	t setup --name tt-a --vlan
	capture_start "$BATS_TEST_TMPDIR/vlan" -l -e
	t ping --vlan -c 1 -W 2
	wait_for 5 grep -q 'echo reply' "$CAPTURE"
	capture_stop
	cat "$CAPTURE"
	[[ $(captured) -eq 2 ]]
	[[ $(grep -c 'vlan 42, .*fc00:dead:42:1::' "$CAPTURE") -eq 2 ]]
	t ping -c 1 -W 2
}

@test "VLAN: if the kernel has no VLAN devices, setup reports this and leaves nothing behind" {
	local real

	real=$(command -v ip)
	fake ip <<-EOF
	[[ "\$*" != *"type vlan"* ]] || exit 2
	exec $real "\$@"
	EOF
	assert_failure 1 "setup tt-a" "*no VLAN devices" with_fakes "$TESTENV" setup --name tt-a --vlan
	nothing_left
}

@test "VLAN: setup sets addresses and neighbours; the test uses macvlan if the kernel has no VLAN devices" {
	local real

	real=$(command -v ip)
	vlan_devices_work || fake ip <<-EOF
	[[ "\$*" == *" type vlan id 42" ]] || exec $real "\$@"
	exec $real "\${@:1:\$#-3}" macvlan
	EOF
	with_fakes "$TESTENV" setup --name tt-a --vlan
	run t status
	[[ ${lines[2]} =~ ^\ +fc00:dead:42:1::1\ +fc00:dead:42:1::2$ ]]
	[[ $(ip -6 neigh show dev tt-a.42) == "fc00:dead:42:1::2 lladdr 02:ca:fe:00:01:02 PERMANENT"* ]]
	[[ $(ip -6 -o addr show dev tt-a.42) == *" fc00:dead:42:1::1/64 "* ]]
	[[ $(ip -n tt-a link show dev veth0.42) == *NOARP* ]]
	run t ping --vlan -c 1 -W 2
	[[ $status -eq 0 && $output == *"64 bytes from fc00:dead:42:1::1"* ]]
	t teardown
	nothing_left
}

# --- queues -----------------------------------------------------------------

@test "setup makes one queue at both ends, or as many queues as --queues says" {
	t setup --name tt-a
	t setup --name tt-b --queues 4
	for command in "ethtool -l tt-a" "ip netns exec tt-a ethtool -l veth0"; do
		[[ $($command | grep -cE '^[RT]X:[[:space:]]+1$') -eq 4 ]]
	done
	for command in "ethtool -l tt-b" "ip netns exec tt-b ethtool -l veth0"; do
		[[ $($command | grep -cE '^[RT]X:[[:space:]]+4$') -eq 4 ]]
	done
	t setup --name tt-c --queues 64
	t ping -c 1 -W 2
}

@test "with --queues the namespace has enough addresses to reach several queues, and sends from ::2 by default" {
	local host queue reached=0

	t setup --name tt-a --queues 4
	object_make
	ip link set dev tt-a xdpdrv obj "$OBJECT" program zz_first
	run t exec ip -6 route get fc00:dead:cafe:1::1
	[[ $output == *" src fc00:dead:cafe:1::2 "* ]]
	for host in {2..17}; do
		t ping -c 1 -W 2 -I "fc00:dead:cafe:1::$host"
	done
	for queue in 0 1 2 3; do
		run ethtool -S tt-a
		[[ ! $output =~ "rx_queue_${queue}_xdp_packets: "[1-9] ]] || reached=$((reached + 1))
	done
	echo "$reached queues reached"
	[[ $reached -ge 2 ]]
	ip link set dev tt-a xdpdrv off
}

# Print the number of packets that have arrived on each queue, with or without
# an XDP program.
queues_count() {
	ethtool -S tt-a | sed -n 's/^ *rx_queue_[0-9]*_xdp_packets: //p' | paste -sd' '
}

@test "steer --queue sends all flows to one queue; steer without --queue spreads them again" {
	local queue before after wanted

	t setup --name tt-a --queues 4
	object_make
	ip link set dev tt-a xdpdrv obj "$OBJECT" program zz_first
	for queue in 0 1 2 3 02; do
		run t steer --queue "$queue"
		[[ $status -eq 0 && $output == "testenv: tt-a: "*" RX queue $((10#$queue))" ]]
		read -ra before < <(queues_count)
		t flows
		read -ra after < <(queues_count)
		echo "queue $queue: ${before[*]} -> ${after[*]}"
		wanted=("${before[@]}")
		((wanted[10#$queue] += 16))
		[[ ${after[*]} == "${wanted[*]}" ]]
	done
	run t steer
	[[ $status -eq 0 && $output == *"spread over 4 queues"* ]]
	read -ra before < <(queues_count)
	t flows
	read -ra after < <(queues_count)
	echo "spread: ${before[*]} -> ${after[*]}"
	((after[2] - before[2] < 16))
	ip link set dev tt-a xdpdrv off
}

@test "steer changes the queue of a ping that is running" {
	t setup --name tt-a --queues 4
	object_make
	ip link set dev tt-a xdpdrv obj "$OBJECT" program zz_first
	t steer --queue 3
	read -ra before < <(queues_count)
	"$TESTENV" ping -q -i 0.05 >"$BATS_TEST_TMPDIR/endless" 3>&- &
	wait_for 5 bash -c 'ethtool -S tt-a | grep -q "rx_queue_3_xdp_packets: [1-9]"'
	[[ $(queues_count) == "${before[*]:0:3} "* ]]
	t steer --queue 1
	wait_for 5 bash -c 'ethtool -S tt-a | grep -q "rx_queue_1_xdp_packets: [1-9]"'
	kill -TERM $!
	wait $! || true
	ip link set dev tt-a xdpdrv off
}

@test "steer reports the reason if it cannot work" {
	local real queue

	t setup --name tt-a
	assert_failure 1 "steer tt-a" "the environment has only one queue" t steer --queue 0
	[[ ${stderr_lines[1]} == *"reset --queues"* ]]
	t reset --queues 4
	assert_failure 1 "steer tt-a" "no queue 4: the last queue is 3" t steer --queue 4
	for queue in -1 x '' 1x; do
		assert_failure 2 "--queue $queue" "must be a number*" t steer --queue "$queue"
	done
	t exec ethtool -L veth0 tx 2
	assert_failure 1 "steer tt-a" "no queue 2: the last queue is 1" t steer --queue 2
	real=$(command -v ip)
	fake ip <<-EOF
	[[ "\$*" != *"test -e"*xps_cpus ]] || exit 1
	exec $real "\$@"
	EOF
	assert_failure 1 "steer tt-a" "this kernel cannot bind TX queues to CPUs" \
		with_fakes "$TESTENV" steer --queue 0
	[[ ${stderr_lines[1]} == *CONFIG_XPS* ]]
	fake ip <<-EOF
	[[ "\$*" != *"tee "*xps_cpus ]] || exit 1
	exec $real "\$@"
	EOF
	assert_failure 1 "steer tt-a" "*xps_cpus: cannot be set to 0*" \
		with_fakes "$TESTENV" steer
}

@test "t flows prints a line for each address inside, and shows which addresses got no answer" {
	t setup --name tt-a
	run t flows
	[[ $status -eq 0 && $output =~ ^fc00:dead:cafe:1::2\ +answered$ ]]
	t reset --queues 4
	run t flows
	echo "$output"
	[[ $status -eq 0 && ${#lines[@]} -eq 16 ]]
	for host in {2..17}; do
		[[ ${lines[host - 2]} =~ ^fc00:dead:cafe:1::$host\ +answered$ ]]
	done
	# With a wrong MAC address, answers to ::2 and ::17 get lost.
	for host in 2 17; do
		ip -6 neigh replace "fc00:dead:cafe:1::$host" lladdr 02:ca:fe:00:01:99 \
			dev tt-a nud permanent
	done
	run t flows
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $(grep -c ' answered$' <<<"$output") -eq 14 ]]
	[[ $(sed -n 's/ *no answer$//p' <<<"$output" | paste -sd' ') == \
		"fc00:dead:cafe:1::2 fc00:dead:cafe:1::17" ]]
}

# --- commands inside --------------------------------------------------------

@test "t ping prints a header, pings the right address, returns the exit status of ping, and can be ended by a signal" {
	t setup --name tt-a
	run t ping -c 2 -i 0.1
	[[ $status -eq 0 ]]
	# iputils since 2024 writes a space before the parenthesis.
	[[ $(head -n 3 <<<"$output" | sed 's/ (/(/; s/$/$/') == "Running ping from inside test environment:\$
\$
PING fc00:dead:cafe:1::1(fc00:dead:cafe:1::1) 56 data bytes\$" ]]
	[[ $output == *"64 bytes from fc00:dead:cafe:1::1: icmp_seq=2 ttl=64 time="* ]]
	run t ping -Z
	[[ $status -eq 2 && $output == *"ping:"*"'Z'"* ]]
	"$TESTENV" ping -i 0.1 >"$BATS_TEST_TMPDIR/endless" 3>&- &
	local pinger=$!
	wait_for 5 grep -q 'icmp_seq=3' "$BATS_TEST_TMPDIR/endless"
	kill -TERM $pinger
	status=0
	wait $pinger || status=$?
	[[ $status -eq 143 ]]
}

@test "exec runs a command inside and returns its exit status" {
	t setup --name tt-a
	run t exec ip -br link show dev veth0
	[[ $status -eq 0 && $output == veth0@* ]]
	run t exec bash -c 'exit 42'
	[[ $status -eq 42 ]]
	run t exec printf '<%s>' --name 'a b' --queues
	[[ $output == '<--name><a b><--queues>' ]]
}

@test "enter starts a shell inside, and its prompt shows the environment's name" {
	t setup --name tt-a
	run t enter <<<$'echo "prompt=$PS1"; ip netns identify $$; exit 7'
	[[ $status -eq 7 ]]
	[[ $output == *"prompt=[inside tt-a]"* && $'\n'$output$'\n' == *$'\ntt-a\n'* ]]
}

@test "tcpdump captures packets on this side, and with --inner on the other side" {
	t setup --name tt-a
	for side in "" --inner; do
		capture_start "$BATS_TEST_TMPDIR/side" $side -l icmp6
		t ping -c 1 -W 2
		wait_for 5 grep -q 'echo reply' "$CAPTURE"
		capture_stop
		[[ $(captured) -eq 2 ]]
		grep -q "listening on $([[ $side ]] && echo veth0 || echo tt-a)," "$CAPTURE.err"
	done
}

# --- XDP --------------------------------------------------------------------

@test "with 4 queues an XDP program can be attached in native mode" {
	t setup --name tt-a --queues 4
	object_make
	ip link set dev tt-a xdpdrv obj "$OBJECT" program aa_drop
	run t ping -c 1 -W 0.2
	[[ $status -eq 1 ]]
	run t status
	[[ ${lines[1]} == *" native" && ${lines[2]} =~ \ XDP\ program\ aa_drop,\ id\ [0-9]+$ ]]
	ip link set dev tt-a xdpdrv off
	t ping -c 1 -W 2
}

@test "load attaches the named XDP program of an object, or else the first; unload detaches it" {
	t setup --name tt-a
	object_make
	assert_failure 1 "unload tt-a" "no XDP program is attached" t unload
	run t load "$OBJECT"
	[[ $status -eq 0 && $output =~ "tt-a: zz_first (id "[0-9]+") is attached in native mode" ]]
	t ping -c 1 -W 2
	assert_failure 1 "load tt-a" "zz_first (id *) is attached already" t load "$OBJECT" aa_drop
	run t unload
	[[ $status -eq 0 && $output =~ "tt-a: zz_first (id "[0-9]+") is detached" ]]
	t load "$OBJECT" aa_drop
	run t ping -c 1 -W 0.2
	[[ $status -eq 1 ]]
	t unload
	t ping -c 1 -W 2
	[[ -z $(ls -d /sys/fs/bpf/testenv-* 2>/dev/null) ]]
}

@test "load reports an object that is missing, lacks the named program or does not load" {
	t setup --name tt-a
	object_make
	assert_failure 1 "load $BATS_TEST_TMPDIR/none.o" "no such file" t load "$BATS_TEST_TMPDIR/none.o"
	assert_failure 1 "load $OBJECT" "the object has no program nix" t load "$OBJECT" nix
	[[ ${stderr_lines[1]} == *"aa_drop zz_first" ]]
	run t load "$BATS_TEST_TMPDIR/two.c"
	[[ $status -eq 1 && ${lines[-1]} == "testenv: load $BATS_TEST_TMPDIR/two.c: the object is not accepted"* ]]
	[[ -z $(ls -d /sys/fs/bpf/testenv-* 2>/dev/null) ]]
}

@test "if native mode is refused, load uses SKB mode and prints the reason" {
	t setup --name tt-a --mtu 9000
	object_make
	run t load "$OBJECT"
	[[ $status -eq 0 ]]
	[[ ${lines[0]} == *"native mode is refused ("*MTU*"using SKB mode" ]]
	run t status
	[[ ${lines[1]} == *" SKB" && ${lines[2]} == *" XDP program zz_first, id "* ]]
	t unload
	[[ $(ip link show dev tt-a) != *xdp* ]]
}

@test "unload names the process whose bpf_link holds the program" {
	t setup --name tt-a
	object_make
	cat >"$BATS_TEST_TMPDIR/holder.c" <<-EOF
	#include <bpf/libbpf.h>
	#include <net/if.h>
	#include <unistd.h>
	int main(int argc, char **argv)
	{
		struct bpf_object *object = bpf_object__open(argv[1]);
		if (!object || bpf_object__load(object))
			return 1;
		struct bpf_program *program = bpf_object__next_program(object, NULL);
		if (!bpf_program__attach_xdp(program, if_nametoindex(argv[2])))
			return 1;
		return sleep(60);
	}
	EOF
	$CC -o "$BATS_TEST_TMPDIR/holder" "$BATS_TEST_TMPDIR/holder.c" -lbpf ||
		skip "no compiler, or no libbpf-dev"
	"$BATS_TEST_TMPDIR/holder" "$OBJECT" tt-a 3>&- &
	local holder=$!
	wait_for 5 bash -c '[[ $(ip link show dev tt-a) == *prog/xdp* ]]'
	assert_failure 1 "unload tt-a" \
		"zz_first (id *) is held by a bpf_link of holder (pid $holder)" t unload
	kill $holder
	wait_for 5 bash -c '[[ $(ip link show dev tt-a) != *prog/xdp* ]]'
}
