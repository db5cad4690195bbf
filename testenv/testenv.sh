#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The lab: network namespaces, each joined to this side (the namespace of the
# user's shell) by a veth pair that carries only packets that the user sends.
# README.org in this directory explains the settings; testenv.sh --help lists
# the commands.
#
# To add a command, add a function cmd_NAME and its lines in cmd_help().

set -u

SELF=$(readlink -f "${BASH_SOURCE[0]}")
readonly SELF
readonly STATE_ROOT=/run/af_xdp_testenv
readonly BPFFS=/sys/fs/bpf
readonly PEER=veth0
readonly DEFAULT_NAME=testenv
readonly NAME_MAX=15 # IFNAMSIZ less its NUL
readonly NUMBER_MAX=99
readonly QUEUES_MAX=64
readonly SOURCE_LAST=17
readonly MTU_MIN=1280 # with a smaller MTU an interface has no IPv6
readonly VLAN_ID=42
readonly WAIT_SECONDS=3
readonly LOCK_SECONDS=30

declare -Ar DEBIAN_PACKAGE=(
	[bpftool]=bpftool
	[ethtool]=ethtool
	[flock]=util-linux
	[ip]=iproute2
	[ping]=iputils-ping
	[tcpdump]=tcpdump
)

declare -A OPT=() # options of the command line, without dashes
declare -A PLAN=([here]='' [inside]='') # steps of setup for ip -batch
declare -A ENV=() # options that environment NAME was set up with
declare -a ARGS=()
COMMAND=
NAME=
STATE_DIR=
LOCK_FD=
PINS=

# --- messages ---------------------------------------------------------------

say() {
	printf 'testenv: %s\n' "$*"
}

# fail WHAT WHY [WHAT TO DO]
fail() {
	printf 'testenv: %s: %s\n' "$1" "$2" >&2
	[[ -z ${3:-} ]] || printf '  %s\n' "$3" >&2
	exit 1
}

# misuse WHAT WHY
misuse() {
	printf 'testenv: %s: %s\n' "$1" "$2" >&2
	printf '  see: testenv.sh --help\n' >&2
	exit 2
}

# Run a step of setup. If it fails, print one line and end setup.
try() { # SIDE COMMAND...
	local side=$1 output

	shift
	output=$(at "$side" "$@" 2>&1) && return
	fail "setup $NAME" "$* ($side): ${output##*$'\n'}"
}

# Plan a step of setup that is a command of ip. plan_run() runs one ip for all
# planned steps of a side, because one process for each step would take nearly a
# second in all.
plan() { # SIDE COMMAND OF ip...
	PLAN[$1]+="${*:2}"$'\n'
}

# Run the planned steps. If a step fails, print the step, and end setup. The
# number of the failed step is in the last line that ip prints.
plan_run() { # SIDE
	local ip=(ip) output step=-batch

	[[ $1 == here ]] || ip+=(-n "$NAME")
	output=$("${ip[@]}" -batch - <<<"${PLAN[$1]%$'\n'}" 2>&1) && PLAN[$1]= && return
	if [[ $output =~ (.*)$'\n''Command failed -:'([0-9]+)$ ]]; then
		output=${BASH_REMATCH[1]}
		step=$(sed -n "${BASH_REMATCH[2]}p" <<<"${PLAN[$1]}")
	fi
	fail "setup $NAME" "ip $step ($1): ${output##*$'\n'}"
}

# --- command line -----------------------------------------------------------

# Parse options before the command and after it, up to the first word that is
# not our option. That word and all words after it are the command's arguments.
options_parse() {
	local word

	while (($#)); do
		word=${1#--}
		case $1 in
		--name | --queues | --queue | --mtu)
			(($# > 1)) || misuse "$1" "the value is missing"
			OPT[$word]=$2
			shift
			;;
		--name=* | --queues=* | --queue=* | --mtu=*) OPT[${word%%=*}]=${word#*=} ;;
		--vlan | --legacy-ip | --inner) OPT[$word]=1 ;;
		-h | --help) COMMAND=help && return ;;
		--) shift && break ;;
		-*) break ;;
		*)
			[[ -z $COMMAND ]] || break
			COMMAND=$1
			;;
		esac
		shift
	done
	ARGS=("$@")
	[[ -n $COMMAND || $# -eq 0 ]] || misuse "$1" "unknown option"
	[[ -n $COMMAND ]] || misuse "command line" "a command is missing"
}

options_allow() {
	local option

	for option in "${!OPT[@]}"; do
		[[ " $* " == *" $option "* ]] ||
			misuse "$COMMAND" "takes no --$option"
	done
}

args_allow() { # MINIMUM MAXIMUM
	((${#ARGS[@]} >= $1)) || misuse "$COMMAND" "an argument is missing"
	((${#ARGS[@]} <= $2)) || misuse "$COMMAND" "unexpected argument '${ARGS[$2]}'"
}

option_number() { # OPTION MINIMUM [MAXIMUM]
	local value=${OPT[$1]-$2}

	if [[ ! $value =~ ^[0-9]{1,9}$ ]] ||
		((10#$value < $2 || 10#$value > ${3-10#$value})); then
		misuse "--$1 $value" "must be a number, $2 ${3+to }${3-or more}"
	fi
}

# Check the name of an environment, because its namespace, its network device
# and its state file get this name. Refuse "all" and "default": the device also
# has a directory of this name in /proc/sys, where these two names have a
# special meaning.
name_check() {
	local LC_ALL=C

	[[ $NAME =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ && $NAME != @(all|default) ]] ||
		misuse "--name $NAME" "use letters, digits, '_', '-' and '.', but neither '-' nor '.' at the start, and not 'all' or 'default'"
	((${#NAME} <= NAME_MAX)) ||
		misuse "--name $NAME" "a device name has $NAME_MAX characters at most"
}

setup_options_check() {
	option_number queues 1 "$QUEUES_MAX"
	option_number mtu "$MTU_MIN"
	[[ -z ${OPT[vlan]-} ]] || ((${#NAME} + 1 + ${#VLAN_ID} <= NAME_MAX)) ||
		misuse "--name $NAME" "too long for its VLAN device $NAME.$VLAN_ID"
}

# --- requirements -----------------------------------------------------------

tools_need() {
	local tool

	for tool; do
		command -v "$tool" >/dev/null || fail "$tool" "command not found" \
			"on Debian: apt-get install ${DEBIAN_PACKAGE[$tool]}"
	done
}

# Check for CAP_NET_ADMIN, which is bit 12, and for CAP_SYS_ADMIN, which is bit
# 21. ip netns needs CAP_SYS_ADMIN, because it mounts each namespace it makes.
capabilities_need() {
	local status mask=0

	# Read the file by one read(), because it may change between two reads.
	status=$(</proc/self/status)
	[[ ! $status =~ CapEff:[[:space:]]*([[:xdigit:]]+) ]] ||
		mask=$((16#${BASH_REMATCH[1]}))
	((mask >> 12 & 1)) || fail "$COMMAND" "CAP_NET_ADMIN is missing" \
		"run testenv.sh as the machine's root, or give the container CAP_NET_ADMIN"
	((mask >> 21 & 1)) || fail "$COMMAND" "CAP_SYS_ADMIN is missing" \
		"run testenv.sh as the machine's root, or give the container CAP_SYS_ADMIN"
}

# privileges_take COMMAND LINE...
privileges_take() {
	((EUID)) || {
		capabilities_need
		return
	}
	command -v sudo >/dev/null || fail "$COMMAND" "you are not root, and sudo is not installed" \
		"become root first: su -"
	exec sudo -- "$SELF" "$@"
}

bpffs_mount() {
	[[ $(stat -f -c %T "$BPFFS" 2>/dev/null) != bpf_fs ]] || return 0
	if mount -t bpf bpf "$BPFFS" 2>/dev/null; then
		say "mounted bpffs on $BPFFS (it stays mounted)"
	else
		say "$BPFFS: no bpffs is mounted there, and mounting one fails, so nothing can be pinned" >&2
	fi
}

# --- the two sides ----------------------------------------------------------

# at SIDE COMMAND...
at() {
	local side=$1

	shift
	[[ $side == here ]] || set -- ip netns exec "$NAME" "$@"
	"$@"
}

device() { # SIDE
	[[ $1 == here ]] && echo "$NAME" || echo "$PEER"
}

# Print an address. The environment's number is written in decimal, so the
# addresses of number 10 are in fc00:dead:cafe:10::/64.
address() { # SIDE KIND, which is v6, vlan or v4
	local host

	[[ $1 == here ]] && host=1 || host=2
	case $2 in
	v6) echo "fc00:dead:cafe:${ENV[number]}::$host" ;;
	vlan) echo "fc00:dead:$VLAN_ID:${ENV[number]}::$host" ;;
	v4) echo "10.11.${ENV[number]}.$host" ;;
	esac
}

# Print a fixed MAC address. udev would later replace a random MAC address
# (MACAddressPolicy=persistent), and then the static neighbours would be wrong.
mac() { # SIDE
	local host

	[[ $1 == here ]] && host=01 || host=02
	printf '02:ca:fe:00:%02d:%s\n' "${ENV[number]}" "$host"
}

# --- state: one file for each environment -----------------------------------

# Keep an environment's options in a file, so that reset can restore the
# environment even if its devices are gone.
#
# Each network namespace has its own directory of environments, because several
# namespaces can share /run. All these directories are in STATE_ROOT, which only
# root may lock, or write into.
state_open() {
	(umask 077 && mkdir -p "$STATE_ROOT") || fail "$STATE_ROOT" "cannot be made"
	STATE_DIR=$STATE_ROOT/$(stat -L -c %i /proc/self/ns/net)
}

# Lock the directory STATE_ROOT and not STATE_DIR, which may be removed.
lock_wait() { # SECONDS
	exec {LOCK_FD}<"$STATE_ROOT"
	flock -w "$1" "$LOCK_FD"
}

lock_release() {
	exec {LOCK_FD}<&-
}

lock_need() {
	lock_wait "$LOCK_SECONDS" ||
		fail "$COMMAND" "another testenv.sh still runs after $LOCK_SECONDS s"
}

state_write() {
	local key

	mkdir -p "$STATE_DIR"
	for key in "${!ENV[@]}"; do
		echo "$key=${ENV[$key]}"
	done >"$STATE_DIR/$NAME" || fail "setup $NAME" "cannot write $STATE_DIR/$NAME"
}

state_read() {
	local key value

	ENV=([number]=1 [queues]=1 [mtu]=1500)
	[[ -e $STATE_DIR/$NAME ]] || return
	while IFS='=' read -r key value; do
		ENV[$key]=$value
	done <"$STATE_DIR/$NAME"
}

state_names() {
	local file

	for file in "$STATE_DIR"/*; do
		[[ ! -e $file ]] || echo "${file##*/}"
	done
}

state_newest() {
	local name newest=

	for name in $(state_names); do
		[[ -n $newest && $STATE_DIR/$newest -nt $STATE_DIR/$name ]] || newest=$name
	done
	echo "$newest"
}

namespace_exists() {
	[[ -e /run/netns/$NAME ]]
}

device_exists() { # SIDE
	at "$1" ip link show dev "$(device "$1")" >/dev/null 2>&1
}

state_remove() {
	rm -f "$STATE_DIR/$NAME"
	rmdir --ignore-fail-on-non-empty "$STATE_DIR" 2>/dev/null
}

state_forget_dead() {
	local NAME

	for NAME in $(state_names); do
		namespace_exists || device_exists here || state_remove
	done
}

# If another testenv.sh has the lock, it may have written the state and not made
# the devices yet. So remove the state of missing devices only with the lock.
state_heal() {
	! lock_wait 0 || state_forget_dead
	lock_release
}

none_fail() {
	local inside hint="make one: testenv.sh setup${OPT[name]:+ --name ${OPT[name]}}"

	inside=$(ip netns identify $$ 2>/dev/null)
	[[ -z $inside ]] ||
		hint="this shell runs inside namespace $inside: leave it first"
	fail "$COMMAND${OPT[name]:+ ${OPT[name]}}" \
		"there is no test environment${OPT[name]:+ of that name}" "$hint"
}

environment_choose() {
	NAME=${OPT[name]-$(state_newest)}
	[[ -n $NAME ]] || none_fail
	name_check
	state_read || none_fail
}

environment_need() {
	state_heal
	environment_choose
	namespace_exists || fail "$COMMAND $NAME" "its namespace is gone" \
		"testenv.sh --name $NAME reset"
	device_exists inside || fail "$COMMAND $NAME" "its veth pair is gone" \
		"testenv.sh --name $NAME reset"
}

# --- making an environment --------------------------------------------------

number_is_free() { # NUMBER
	local NAME
	local -A ENV=()

	for NAME in $(state_names); do
		state_read && [[ ${ENV[number]} == "$1" ]] && return 1
	done
	ENV=([number]=$1)
	[[ -z $(ip -o -batch - 2>/dev/null <<-END
		addr show to $(address here v6)/64
		addr show to $(address here vlan)/64
		addr show to $(address here v4)/24
	END
	) ]]
}

number_choose() {
	local number

	for ((number = 1; number <= NUMBER_MAX; number++)); do
		number_is_free "$number" && ENV[number]=$number && return
	done
	fail "setup $NAME" "all $NUMBER_MAX networks are taken" "testenv.sh status"
}

wait_for() { # COMMAND...
	local end=$((SECONDS + WAIT_SECONDS))

	until "$@"; do
		((SECONDS < end)) || return
		sleep 0.05
	done
}

# Write a value only if it has to change, because /proc/sys may be read-only.
settings_write() { # SIDE DEVICE NAME=VALUE...
	local setting

	# shellcheck disable=SC2016 # the inner shell expands it
	setting=$(at "$1" bash -c '
		for setting in "${@:2}"; do
			value=${setting#*=} file=/proc/sys/net/ipv6/conf/$1/${setting%=*}
			[[ $(<"$file") == "$value" ]] || echo "$value" >"$file" ||
				{ echo "$file: cannot be set to $value" && exit 1; }
		done' bash "${@:2}" 2>/dev/null) ||
		fail "setup $NAME" "$setting" \
			"/proc/sys may be read-only, as in a container, or IPv6 may be off (ipv6.disable=1)"
}

# Stop the packets that Linux sends on its own:
# - MLD reports announce the solicited-node group of each address. The kernel
#   sends each report twice, spread over a second or more, and again at each
#   carrier change. With "arp off" the kernel does not join this group
#   (addrconf_join_solict() returns early for IFF_NOARP), so it sends no report.
# - A link-local address causes one more report and router solicitations.
# - Daemons of mDNS and LLMNR send packets, except on devices without multicast.
#   Inside, no daemon runs, and multicast stays on for users who want it.
device_silence() { # SIDE DEVICE
	settings_write "$1" "$2" disable_ipv6=0 accept_ra=0 router_solicitations=0
	plan "$1" link set dev "$2" addrgenmode none
	plan "$1" link set dev "$2" arp off
	[[ $1 != here ]] || plan here link set dev "$2" multicast off
}

# Set the offloads. XDP sees a VLAN tag only if it is in the packet, and a
# checksum only if the sender's stack has filled it in. With GRO, a veth device
# has NAPI even without an XDP program. Without NAPI inside, the kernel refuses
# (ENXIO) packets that an XDP program on this side redirects to the veth pair.
# Without GRO on this side, NAPI would start and stop with the XDP program and
# lose the packets in its queue, so starting or stopping an XDP program would
# lose pings.
device_tune() { # SIDE
	try "$1" ethtool -K "$(device "$1")" rxvlan off txvlan off tx off gro on
}

# Make the veth pair, with the same number of queues at both ends. Native XDP
# needs at least as many receive queues here as the other end has transmit
# queues; otherwise it fails with ENOSPC. A socket can bind only to a receive
# queue that exists; otherwise libxdp fails with ENOMEM or EINVAL.
pair_make() {
	local queues=(numrxqueues "${ENV[queues]}" numtxqueues "${ENV[queues]}")

	try here ip link add name "$NAME" address "$(mac here)" "${queues[@]}" type veth \
		peer name "$PEER" netns "$NAME" address "$(mac inside)" "${queues[@]}"
}

address_add() { # SIDE DEVICE ADDRESS/LENGTH
	local nodad=()

	[[ $3 != *:* ]] || nodad=(nodad)
	plan "$1" addr add "$3" dev "$2" "${nodad[@]}"
}

neighbour_add() { # SIDE DEVICE ADDRESS OF THE OTHER SIDE
	local other

	[[ $1 == here ]] && other=inside || other=here
	plan "$1" neigh replace "$3" lladdr "$(mac "$other")" dev "$2" nud permanent
}

# Give both devices of a pair their addresses of one KIND, and a static
# neighbour entry for the other end.
network_add() { # KIND LENGTH DEVICE HERE, DEVICE INSIDE
	address_add here "$3" "$(address here "$1")/$2"
	address_add inside "$4" "$(address inside "$1")/$2"
	neighbour_add here "$3" "$(address inside "$1")"
	neighbour_add inside "$4" "$(address here "$1")"
}

# Add source addresses for several flows, because the flow determines the queue.
# Add them before ::2, because the kernel prefers the address that was added
# last.
sources_add() {
	local network=${ENV[number]} host

	for ((host = SOURCE_LAST; host > 2; host--)); do
		address_add inside "$PEER" "fc00:dead:cafe:$network::$host/64"
		neighbour_add here "$NAME" "fc00:dead:cafe:$network::$host"
	done
}

vlan_add() {
	local side parent

	for side in here inside; do
		parent=$(device "$side")
		at "$side" ip link add link "$parent" name "$parent.$VLAN_ID" \
			type vlan id "$VLAN_ID" 2>/dev/null ||
			fail "setup $NAME" "this kernel has no VLAN devices" \
				"CONFIG_VLAN_8021Q or the module 8021q is missing: set up without --vlan"
		device_silence "$side" "$parent.$VLAN_ID"
		plan "$side" link set dev "$parent.$VLAN_ID" up
	done
	network_add vlan 64 "$NAME.$VLAN_ID" "$PEER.$VLAN_ID"
}

pair_is_up() {
	[[ $(ip -o link show dev "$NAME") == *" state UP "* &&
		$(ip -n "$NAME" -o link show dev "$PEER") == *" state UP "* ]]
}

ping_works() { # KIND
	at inside ping -n -c 1 -W 1 "$(address here "$1")" >/dev/null 2>&1
}

rules_print() {
	if command -v nft >/dev/null; then
		nft list ruleset
	else
		command -v ip6tables >/dev/null && ip6tables -S
		command -v iptables >/dev/null && iptables -S
	fi 2>&1 | head -n 60
}

diagnosis_print() {
	local side rules

	for side in here inside; do
		printf '\n%s: addresses, neighbours\n' "$side"
		at "$side" ip addr show dev "$(device "$side")"
		at "$side" ip neigh show
	done
	rules=$(rules_print)
	printf '\nfirewall rules here\n%s\n\n' "${rules:-none that nft or iptables shows}"
}

ping_need() { # KIND
	wait_for ping_works "$1" && return
	diagnosis_print >&2
	fail "setup $NAME" "no answer to ping from inside to $(address here "$1")" \
		"is there a firewall? see the rules above; the environment is removed"
}

pair_start() {
	local side

	for side in here inside; do
		device_silence "$side" "$(device "$side")"
		device_tune "$side"
		plan "$side" link set dev "$(device "$side")" mtu "${ENV[mtu]}"
		plan "$side" link set dev "$(device "$side")" up
	done
	plan inside link set dev lo up
	plan_run here
	plan_run inside
	wait_for pair_is_up || fail "setup $NAME" "no carrier after $WAIT_SECONDS s"
}

environment_make() {
	try here ip netns add "$NAME"
	pair_make
	pair_start
	((ENV[queues] == 1)) || sources_add
	network_add v6 64 "$NAME" "$PEER"
	[[ -z ${ENV[legacy-ip]-} ]] || network_add v4 24 "$NAME" "$PEER"
	[[ -z ${ENV[vlan]-} ]] || vlan_add
	plan_run here
	plan_run inside
	ping_need v6
	[[ -z ${ENV[legacy-ip]-} ]] || ping_need v4
	[[ -z ${ENV[vlan]-} ]] || ping_need vlan
}

environment_remove() {
	ip link del dev "$NAME" 2>/dev/null
	! namespace_exists || ip netns del "$NAME" || return
	state_remove
}

setup_undo() {
	trap '' HUP INT TERM
	environment_remove
}

# Write the state first, so that teardown knows the devices to remove even if
# setup is killed.
setup_run() {
	trap setup_undo EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	state_write
	environment_make
	touch "$STATE_DIR/$NAME"
	trap - EXIT HUP INT TERM
	say "$NAME is up: $(address here v6) here, $(address inside v6) inside"
}

options_to_environment() {
	local key

	for key in queues mtu vlan legacy-ip; do
		[[ -z ${OPT[$key]-} ]] || ENV[$key]=${OPT[$key]}
	done
	ENV[queues]=$((10#${ENV[queues]}))
	ENV[mtu]=$((10#${ENV[mtu]}))
}

processes_list() {
	local pid

	for pid in $(ip netns pids "$NAME" 2>/dev/null); do
		printf 'testenv: still running inside %s: %s (pid %s)\n' \
			"$NAME" "$(cat "/proc/$pid/comm" 2>/dev/null)" "$pid"
	done
}

teardown_run() {
	processes_list
	environment_remove ||
		fail "$COMMAND $NAME" "the namespace could not be removed"
}

# --- XDP on this side -------------------------------------------------------

# Print "MODE ID NAME" with ip's name of the mode, or nothing if there is no
# program.
xdp_attached() {
	local pattern=' (xdp|xdpgeneric|xdpoffload) .*prog/xdp id ([0-9]+)( name ([^ ]+))?'

	[[ $(ip link show dev "$NAME" 2>/dev/null) =~ $pattern ]] &&
		echo "${BASH_REMATCH[1]/%xdp/xdpdrv} ${BASH_REMATCH[2]} ${BASH_REMATCH[4]:--}"
}

xdp_mode_word() {
	case $1 in
	xdpdrv) echo native ;;
	xdpgeneric) echo SKB ;;
	*) echo "${1#xdp}" ;;
	esac
}

# Print the processes that keep a program attached by an open bpf_link.
link_holders() { # PROGRAM ID
	local info pid

	grep -lsE "^prog_id:[[:space:]]+$1\$" /proc/[0-9]*/fdinfo/* |
		while read -r info; do
			grep -qsE '^link_type:[[:space:]]+xdp' "$info" || continue
			pid=${info#/proc/}
			pid=${pid%%/*}
			echo "$(cat "/proc/$pid/comm" 2>/dev/null) (pid $pid)"
		done | sort -u | paste -sd, | sed 's/,/, /g'
}

pins_remove() {
	rm -rf "$PINS"
}

# Put a working bpftool first in PATH: Ubuntu's bpftool fails if the tools of
# the running kernel are not installed.
bpftool_prefer() {
	local tool

	tool=$("${SELF%/*}/packages.sh" --bpftool) && PATH=${tool%/*}:$PATH
}

# Pin the program with bpftool, because ip does not accept all section names.
# object_load() attaches the program with ip, because only ip prints the
# driver's reason for a refusal.
object_pin() { # OBJECT [PROGRAM]
	mkdir "$PINS" || return
	if (($# == 1)); then
		bpftool prog load "$1" "$PINS/first"
	else
		bpftool prog loadall "$1" "$PINS"
	fi
}

object_load() { # OBJECT [PROGRAM]
	local messages pin why

	PINS=$BPFFS/testenv-$NAME-$$
	pin=$PINS/${2-first}
	trap pins_remove EXIT
	if ! messages=$(object_pin "$@" 2>&1); then
		printf '%s\n' "$messages" >&2
		fail "load $1" "the object is not accepted, for the reason above"
	fi
	[[ -e $pin ]] || fail "load $1" "the object has no program $2" \
		"its programs: $(cd "$PINS" && echo *)"
	why=$(ip link set dev "$NAME" xdpdrv pinned "$pin" 2>&1) && return
	why=${why##*$'\n'}
	why=${why#Error: }
	ip link set dev "$NAME" xdpgeneric pinned "$pin" 2>/dev/null ||
		fail "load $1" "$why"
	say "native mode is refused ($why): using SKB mode"
}

# --- queues -----------------------------------------------------------------

tx_queues() {
	at inside bash -c "cd /sys/class/net/$PEER/queues && echo tx-*" | wc -w
}

# Print all CPUs in the format of xps_cpus: groups of 32 bits with commas.
cpus_all() {
	local last

	last=$(</sys/devices/system/cpu/possible)
	last=${last##*[-,]}
	printf '%x' $(((2 << last % 32) - 1))
	for ((last /= 32; last > 0; last--)); do
		printf ',ffffffff'
	done
}

# Set the CPUs that send on QUEUE. If a CPU is set for no queue, the flow
# determines the queue of its packets.
queue_give() { # QUEUE CPUS
	local file=/sys/class/net/$PEER/queues/tx-$1/xps_cpus

	at inside test -e "$file" || fail "steer $NAME" \
		"this kernel cannot bind TX queues to CPUs" "CONFIG_XPS is missing"
	at inside tee "$file" <<<"$2" >/dev/null 2>&1 ||
		fail "steer $NAME" "$file: cannot be set to $2 (inside)"
}

sources() {
	local last=2 host

	((ENV[queues] == 1)) || last=$SOURCE_LAST
	for ((host = 2; host <= last; host++)); do
		echo "fc00:dead:cafe:${ENV[number]}::$host"
	done
}

# --- commands ---------------------------------------------------------------

cmd_setup() {
	options_allow name queues mtu vlan legacy-ip
	args_allow 0 0
	NAME=${OPT[name]-$DEFAULT_NAME}
	name_check
	setup_options_check
	tools_need ethtool ping
	lock_need
	state_forget_dead
	! state_read || fail "setup $NAME" "the environment exists already" \
		"testenv.sh --name $NAME reset, or choose another --name"
	! namespace_exists || fail "setup $NAME" "a network namespace of that name exists" \
		"choose another --name, or remove it: ip netns del $NAME"
	! device_exists here || fail "setup $NAME" "a network device of that name exists" \
		"choose another --name"
	number_choose
	options_to_environment
	bpffs_mount
	setup_run
}

cmd_teardown() {
	options_allow name
	args_allow 0 0
	lock_need
	environment_choose
	teardown_run
	say "$NAME is removed"
}

cmd_reset() {
	options_allow name queues mtu vlan legacy-ip
	args_allow 0 0
	tools_need ethtool ping
	lock_need
	environment_choose
	setup_options_check
	options_to_environment
	teardown_run
	bpffs_mount
	setup_run
}

# Print a line of at most 79 columns, so that a terminal with 80 columns does
# not wrap it.
status_line() { # NAME HERE INSIDE QUEUES MTU XDP
	printf '%-17s %-20s %-20s %6s %5s %s\n' "$@"
}

# Print the mode of the XDP program and, on a second line, its name and id. If
# there is no XDP program, print "-". If the namespace or the device is missing,
# print "broken" and, on a second line, the remedy.
status_xdp() {
	local mode id program

	if ! namespace_exists || ! device_exists here; then
		printf '%s\n' broken "its namespace or device is missing: use reset"
	elif read -r mode id program < <(xdp_attached); then
		printf '%s\n' "$(xdp_mode_word "$mode")" "XDP program $program, id $id"
	else
		echo -
	fi
}

status_print() { # DEFAULT
	local mark=' ' kind mtu=- queues xdp

	[[ $NAME != "$1" ]] || mark='*'
	[[ ! $(ip link show dev "$NAME" 2>/dev/null) =~ \ mtu\ ([0-9]+) ]] ||
		mtu=${BASH_REMATCH[1]}
	queues=$(ethtool -l "$NAME" 2>/dev/null | sed -n 's/^RX:[[:space:]]*//p' | tail -n 1)
	mapfile -t xdp < <(status_xdp)
	status_line "$mark $NAME" "$(address here v6)" "$(address inside v6)" \
		"${queues:--}" "$mtu" "${xdp[0]}"
	for kind in v4 vlan; do
		[[ $kind != v4 || -n ${ENV[legacy-ip]-} ]] || continue
		[[ $kind != vlan || -n ${ENV[vlan]-} ]] || continue
		status_line "" "$(address here $kind)" "$(address inside $kind)" "" "" "" |
			sed 's/ *$//'
	done
	((${#xdp[@]} < 2)) || printf '%17s %s\n' "" "${xdp[1]}"
}

cmd_status() {
	local default names

	options_allow name
	args_allow 0 0
	state_heal
	default=$(state_newest)
	names=${OPT[name]-$(state_names)}
	if [[ -z $names ]]; then
		say "there is no test environment; make one: testenv.sh setup"
		return
	fi
	[[ -z ${OPT[name]-} ]] || environment_choose
	status_line '  NAME' HERE INSIDE QUEUES MTU XDP
	for NAME in $names; do
		state_read && status_print "$default"
	done
}

cmd_ping() {
	local kind=v6

	options_allow name vlan legacy-ip
	tools_need ping
	environment_need
	[[ -z ${OPT[vlan]-} ]] || kind=vlan
	[[ -z ${OPT[legacy-ip]-} ]] || kind=v4
	[[ $kind != vlan || -n ${ENV[vlan]-} ]] || fail "ping $NAME" "the environment has no VLAN" \
		"testenv.sh --name $NAME reset --vlan"
	[[ $kind != v4 || -n ${ENV[legacy-ip]-} ]] || fail "ping $NAME" \
		"the environment has no IPv4 addresses" "testenv.sh --name $NAME reset --legacy-ip"
	printf 'Running ping from inside test environment:\n\n'
	exec ip netns exec "$NAME" ping "${ARGS[@]}" "$(address here $kind)"
}

# Ping from all addresses at the same time, because each missing answer takes a
# second.
cmd_flows() {
	local source word
	local -A pids=()

	options_allow name
	args_allow 0 0
	tools_need ping
	environment_need
	for source in $(sources); do
		at inside ping -n -c 1 -W 1 -I "$source" "$(address here v6)" >/dev/null 2>&1 &
		pids[$source]=$!
	done
	for source in $(sources); do
		wait "${pids[$source]}" && word=answered || word='no answer'
		printf '%-23s %s\n' "$source" "$word"
	done
}

cmd_steer() {
	local queue queues to=${OPT[queue]-}

	options_allow name queue
	args_allow 0 0
	[[ -z ${OPT[queue]+set} ]] || option_number queue 0
	environment_need
	queues=$(tx_queues)
	((queues > 1)) || fail "steer $NAME" "the environment has only one queue" \
		"testenv.sh --name $NAME reset --queues 4"
	((10#${to:-0} < queues)) || fail "steer $NAME" \
		"no queue $to: the last queue is $((queues - 1))"
	for ((queue = 0; queue < queues; queue++)); do
		queue_give "$queue" 0
	done
	[[ -n $to ]] || {
		say "$NAME: flows from inside are spread over $queues queues again"
		return
	}
	queue_give "$((10#$to))" "$(cpus_all)"
	say "$NAME: $PEER sends everything on TX queue $((10#$to)), so it arrives here on RX queue $((10#$to))"
}

cmd_exec() {
	options_allow name
	args_allow 1 "${#ARGS[@]}"
	environment_need
	exec ip netns exec "$NAME" "${ARGS[@]}"
}

enter_bashrc() {
	cat <<-EOF
	[[ ! -r ~/.bashrc ]] || . ~/.bashrc
	PS1="[inside $NAME] \$PS1"
	EOF
}

cmd_enter() {
	options_allow name
	args_allow 0 0
	environment_need
	exec ip netns exec "$NAME" bash --rcfile <(enter_bashrc) -i
}

cmd_tcpdump() {
	local side=here

	options_allow name inner
	tools_need tcpdump
	environment_need
	[[ -z ${OPT[inner]-} ]] || side=inside
	[[ $side == here ]] || exec ip netns exec "$NAME" tcpdump -n -i "$PEER" "${ARGS[@]}"
	exec tcpdump -n -i "$NAME" "${ARGS[@]}"
}

cmd_load() {
	local mode id program

	options_allow name
	args_allow 1 2
	tools_need bpftool
	bpftool_prefer
	environment_need
	[[ -r ${ARGS[0]} ]] || fail "load ${ARGS[0]}" "no such file"
	! read -r mode id program < <(xdp_attached) || fail "load $NAME" \
		"$program (id $id) is attached already" "testenv.sh --name $NAME unload"
	bpffs_mount
	object_load "${ARGS[@]}"
	read -r mode id program < <(xdp_attached)
	say "$NAME: $program (id $id) is attached in $(xdp_mode_word "$mode") mode"
}

cmd_unload() {
	local mode id program why holders

	options_allow name
	args_allow 0 0
	environment_need
	read -r mode id program < <(xdp_attached) ||
		fail "unload $NAME" "no XDP program is attached"
	if why=$(ip link set dev "$NAME" "$mode" off 2>&1); then
		say "$NAME: $program (id $id) is detached"
		return
	fi
	holders=$(link_holders "$id")
	[[ -n $holders ]] || fail "unload $NAME" "$program (id $id): ${why##*$'\n'}"
	fail "unload $NAME" "$program (id $id) is held by a bpf_link of $holders" \
		"stop that process, and the kernel detaches the program"
}

# Print the alias. If the path has special characters, write the whole path in
# octal escapes, because the user's eval gets this output from an unquoted $(),
# which splits at white space and expands globs.
cmd_alias() {
	local LC_ALL=C value i escaped=

	options_allow
	args_allow 0 0
	printf -v value '%q' "$SELF"
	if [[ $value =~ ^[A-Za-z0-9_/.+-]*$ ]]; then
		echo "alias t='$value'"
		return
	fi
	for ((i = 0; i < ${#value}; i++)); do
		printf -v escaped '%s\\%03o' "$escaped" "'${value:i:1}"
	done
	echo "alias t=\$'$escaped'"
}

cmd_help() {
	cat <<-EOF
	Usage: testenv.sh [--name NAME] COMMAND [OPTIONS] [ARGS]

	A lab for XDP: network namespaces, each joined to this side by a veth pair.
	For short: eval \$(testenv.sh alias), then t COMMAND.

	  setup [--name NAME] [--queues N] [--mtu BYTES] [--vlan] [--legacy-ip]
	                        make namespace NAME, with device NAME on this side
	                        and $PEER inside; the default NAME is $DEFAULT_NAME
	  teardown              remove the environment
	  reset [OPTIONS]       tear down and set up again; OPTIONS that are not
	                        given keep their values
	  status                list the environments; * marks the default
	  ping [--vlan | --legacy-ip] [ARGS]
	                        ping this side from inside; ARGS go to ping
	  flows                 ping once from each address inside; list the results
	  steer [--queue N]     make packets from inside arrive on RX queue N here;
	                        without N: spread the flows over the queues again
	  exec CMD [ARGS]       run a command inside
	  enter                 a shell inside
	  tcpdump [--inner] [ARGS]
	                        capture on this side, or inside; ARGS go to tcpdump
	  load OBJ [PROG]       attach an XDP program here: PROG, or the first in OBJ
	  unload                detach the XDP program
	  alias                 print the alias t
	  help                  print this list

	  --name NAME           the environment; default: the last one set up
	  --queues N            RX and TX queues on both ends: 1 (default) to $QUEUES_MAX
	  --mtu BYTES           MTU of both ends (default 1500)
	  --vlan                also make devices of VLAN $VLAN_ID
	  --legacy-ip           also add IPv4 addresses

	Options may also precede the command.
	Exit status: 0 success, 1 failure, 2 wrong command line. ping, exec, enter and
	tcpdump exit with the status of the command that they run.
	EOF
}

main() {
	options_parse "$@"
	declare -F "cmd_$COMMAND" >/dev/null || misuse "$COMMAND" "unknown command"
	if [[ $COMMAND != @(alias|help) ]]; then
		privileges_take "$@"
		tools_need ip flock
		state_open
	fi
	"cmd_$COMMAND"
}

main "$@"
