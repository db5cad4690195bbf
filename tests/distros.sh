#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run README's commands, and the unit tests with gcc and clang, on other
# distributions. Run them as a newcomer does: from a clone of HEAD, on a system
# that has only make and git. Each system is a chroot. Print TAP.
#
#	[DISTRO="NAME..."|all|ci] tests/distros.sh
#	DISTRO=NAME tests/distros.sh COMMAND   run only COMMAND, in the clone
#
# Mounts and processes are in namespaces, and each chroot is in memory, so no
# mount, process or chroot is left, even if this script is killed. The tests use
# this machine's kernel and network. doc/distros.org lists the results for each
# NAME.

set -u -o pipefail
cd "$(dirname "$0")/.." || exit

readonly ALL="debian-12 debian-13 debian-sid ubuntu-22.04 ubuntu-24.04 ubuntu-26.04"
readonly CI="debian-13"
readonly CACHE=${DISTROS_CACHE:-/var/cache/af_xdp_distros}
readonly CACHE_DAYS=14 # an older base system is made again
readonly LOGS=build/logs
readonly TABLE=doc/distros.org
readonly KEPT=doc/distros.csv
readonly FIELDS=release,gcc,clang,libxdp,libbpf,bpftool,demo,check,unit-gcc,unit-clang,deb
readonly TIME_LIMIT=60m # for each test
readonly ROOT=$CACHE/root # mount point of the chroot

number=0
failed=0
declare -A result

say() {
	printf 'distros: %s\n' "$*" >&2
}

# --- the distributions -------------------------------------------------------

suite_of() { # NAME
	case $1 in
	debian-12) echo bookworm ;;
	debian-13) echo trixie ;;
	debian-sid) echo sid ;;
	ubuntu-22.04) echo jammy ;;
	ubuntu-24.04) echo noble ;;
	ubuntu-26.04) echo resolute ;;
	*) return 1 ;;
	esac
}

# Print the tests of a distribution. Leave out "check" in continuous
# integration, which also runs make check outside of the chroot.
tests_of() { # NAME
	[[ ${DISTRO-} != ci ]] || { echo demo unit-gcc unit-clang deb && return; }
	case $1 in
	ubuntu-22.04) echo too-old ;;
	debian-13) echo demo check unit-gcc unit-clang deb ;;
	*) echo demo check unit-gcc unit-clang ;;
	esac
}

# Print the command of a test. The command runs in the clone.
command_of() { # TEST
	case $1 in
	demo | too-old) echo "make demo" ;;
	check) echo "make check" ;;
	unit-*) echo "make clean && make CC=${1#unit-} check-unit" ;;
	deb) echo "tests/deb.sh" ;;
	esac
}

# Return 0 if a test has passed. On a release without libxdp, make demo must
# fail with a message about libxdp, and without error messages of apt.
is_passed() { # TEST STATUS LOG
	[[ $1 == too-old ]] || return "$2"
	(($2)) && grep -q 'libxdp' "$3" && ! grep -q '^E: ' "$3"
}

# --- the mirror --------------------------------------------------------------

# Print the URI of a mirror. Assume that this machine's mirror has both Debian
# and Ubuntu.
mirror() { # debian|ubuntu
	local uri

	# shellcheck disable=SC2016 # apt expands it
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		sed -nE 's,/(debian|ubuntu)/*$,,p' | head -n 1)
	[[ -n $uri ]] && echo "$uri/$1"
}

keyring() { # debian|ubuntu
	local file

	for file in {/usr/share/keyrings,"$CACHE"}/"$1"-archive-keyring.gpg; do
		[[ -e $file ]] && echo "$file" && return
	done
	return 1
}

# Get Ubuntu's keyring from a package of Debian 13.
keyring_fetch() {
	root_mount debian-13 || return
	root_run 'apt-get -qq update && cd /tmp && apt-get -qq download ubuntu-keyring &&
		dpkg-deb -x ./ubuntu-keyring_*.deb .' >"$LOGS/distros-keyring.log" 2>&1 &&
		cp "$ROOT/tmp/usr/share/keyrings/ubuntu-archive-keyring.gpg" "$CACHE"
	root_unmount
}

# --- base systems ------------------------------------------------------------

components_of() { # NAME
	if [[ $1 == ubuntu-* ]]; then echo main universe; else echo main; fi
}

sources_of() { # NAME URI
	local suite

	suite=$(suite_of "$1")
	echo "deb $2 $suite $(components_of "$1")"
	[[ $suite == sid ]] || echo "deb $2 $suite-updates $(components_of "$1")"
}

# Make a base system in ROOT. Tell debootstrap which of its scripts to use,
# because debootstrap may not know a new suite. All suites of a distribution
# share one script.
base_bootstrap() { # NAME
	local kind=${1%-*} uri key script=sid components

	uri=$(mirror "$kind") || {
		echo "E: apt has no mirror of Debian or Ubuntu here"
		return 1
	}
	key=$(keyring "$kind") || {
		echo "E: $kind-archive-keyring.gpg is neither in /usr/share/keyrings nor in $CACHE"
		return 1
	}
	[[ $kind == debian ]] || script=gutsy
	components=$(components_of "$1")
	debootstrap --variant=minbase --include=ca-certificates,git,make \
		--keyring="$key" --components="${components// /,}" \
		"$(suite_of "$1")" "$ROOT" "$uri" "$script" || return
	sources_of "$1" "$uri" >"$ROOT/etc/apt/sources.list"
	rm -f "$ROOT"/var/cache/apt/archives/*.deb
}

is_fresh() { # FILE
	[[ -n $(find "$1" -mtime "-$CACHE_DAYS" 2>/dev/null) ]]
}

# Make an archive of a base system, unless there is a fresh archive. If
# debootstrap fails, keep the outdated archive. Fail if there is no archive.
base_make() { # NAME
	local archive=$CACHE/$1.tar.gz

	is_fresh "$archive" && return
	say "$1: making the base system"
	[[ $1 != ubuntu-* ]] || keyring ubuntu >/dev/null || keyring_fetch
	mount -t tmpfs -o mode=755 tmpfs "$ROOT" || return
	base_bootstrap "$1" >"$LOGS/distros-$1-base.log" 2>&1 &&
		tar -C "$ROOT" --one-file-system -c . | gzip -1 >"$archive.new" &&
		mv "$archive.new" "$archive"
	umount "$ROOT"
	[[ -e $archive ]]
}

why_no_base() { # NAME
	grep -m 1 '^[EW]: ' "$LOGS/distros-$1-base.log" | grep . ||
		tail -n 1 "$LOGS/distros-$1-base.log" | grep . || echo "no base system"
}

# --- the chroot --------------------------------------------------------------

# Mount a chroot. Keep downloaded packages for the next run. Accept an outdated
# mirror, because an older sid is better than no sid.
root_mount() { # NAME
	base_make "$1" || return
	mount -t tmpfs -o mode=755 tmpfs "$ROOT" &&
		tar -C "$ROOT" -xzf "$CACHE/$1.tar.gz" || return
	cp /etc/resolv.conf "$ROOT/etc/"
	{
		echo 'Acquire::Check-Valid-Until "false";'
		apt-config dump | grep -i '^Acquire::https\?::Proxy '
	} >"$ROOT/etc/apt/apt.conf.d/machine"
	mkdir -p "$CACHE/$1-packages" &&
		mount --bind "$CACHE/$1-packages" "$ROOT/var/cache/apt/archives" &&
		mkdir -p "$ROOT/var/cache/apt/archives/partial"
}

root_unmount() {
	! mountpoint -q "$ROOT" || umount --recursive "$ROOT"
}

# Run COMMAND in the chroot. Use pivot_root instead of chroot, because ip netns
# needs "/" to be a mount point. Set the environment of a fresh login.
root_run() { # COMMAND
	# shellcheck disable=SC2016 # the inner shell expands it
	timeout --foreground "$TIME_LIMIT" unshare --mount --pid --fork --kill-child bash -c '
		cd "$1" && mkdir -p .old &&
		mount -t proc proc proc && mount -t sysfs sysfs sys &&
		mount -t bpf bpf sys/fs/bpf && mount --rbind /dev dev &&
		pivot_root . .old && cd / && umount -l .old && rmdir .old &&
		exec env -i HOME=/root USER=root LANG=C.UTF-8 TERM=dumb \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			${http_proxy:+http_proxy="$http_proxy"} \
			${https_proxy:+https_proxy="$https_proxy"} \
			bash -c "cd /home && { $2; }"' chroot "$ROOT" "$1" </dev/null
}

# Clone HEAD into /home, where every user can read the clone, because some tests
# run as nobody. Set safe.directory, because the checkout may belong to a user
# other than root.
clone() {
	git -c safe.directory="$PWD" bundle create -q "$ROOT/home/project.bundle" HEAD &&
		root_run 'git -c advice.detachedHead=false -c init.defaultBranch=main clone -q project.bundle af_xdp'
}

# --- tests -------------------------------------------------------------------

tap() { # STATUS NAME [COMMENT]
	number=$((number + 1))
	if (($1)); then
		failed=$((failed + 1))
		printf 'not '
	fi
	printf 'ok %d - %s%s\n' "$number" "$2" "${3:+ $3}"
}

# Print the counts from the last line that tests/run.sh has printed, as
# PASSED/FAILED/SKIPPED.
count_in() { # LOG
	sed -nE 's,^([0-9]+) passed\, ([0-9]+) failed\, ([0-9]+) skipped$,\1/\2/\3,p' "$1" |
		tail -n 1
}

test_run() { # NAME TEST
	local log=$LOGS/distros-$1-$2.log status

	say "$1: $(command_of "$2")"
	root_run "cd af_xdp && $(command_of "$2")" >"$log" 2>&1
	is_passed "$2" $? "$log"
	status=$?
	result[$2]=$(count_in "$log")
	[[ -n ${result[$2]} ]] || { ((status)) && result[$2]=failed || result[$2]=ok; }
	[[ $2 != too-old ]] || result[demo]=${result[$2]/ok/refused}
	tap "$status" "$1: $2: $(command_of "$2")"
	grep '^skipped: ' "$log" | sed 's/^/# /'
	((status == 0)) || tail -n 40 "$log" | sed 's/^/# /'
}

version_of() { # PACKAGE
	root_run "dpkg-query -W -f '\${Version}' $1 2>/dev/null" | sed -E 's/^[0-9]+://; s/[-+~].*//'
}

# Print a row of results, with the columns of FIELDS.
row() { # NAME
	local field line=$1

	line+=,$(root_run 'gcc -dumpfullversion 2>/dev/null')
	line+=,$(root_run 'clang -dumpversion 2>/dev/null')
	line+=,$(version_of libxdp-dev),$(version_of libbpf-dev)
	# shellcheck disable=SC2016 # the chroot's shell expands it
	line+=,$(root_run '$(af_xdp/testenv/packages.sh --bpftool) version 2>/dev/null' | sed -n 's/.*bpftool v//p')
	for field in demo check unit-gcc unit-clang deb; do
		line+=,${result[$field]:--}
	done
	echo "$line" | sed -E ':a; s/,(,|$)/,-\1/; ta'
}

distro_skip() { # NAME REASON
	local test

	for test in $(tests_of "$1"); do
		tap 0 "$1: $test" "# skip $2"
	done
}

distro_run() { # NAME
	local test

	result=()
	rm -f "$LOGS/distros-$1.csv"
	if ! root_mount "$1"; then
		distro_skip "$1" "$(why_no_base "$1")"
		root_unmount
		return
	fi
	if ! root_run 'apt-get -qq update' >"$LOGS/distros-$1-base.log" 2>&1; then
		distro_skip "$1" "$(why_no_base "$1")"
	elif ! clone; then
		tap 1 "$1: git clone"
	else
		for test in $(tests_of "$1"); do
			test_run "$1" "$test"
		done
		row "$1" >"$LOGS/distros-$1.csv"
	fi
	root_unmount
}

command_run() { # NAME COMMAND
	local status=1

	if root_mount "$1" && root_run 'apt-get -qq update' && clone; then
		root_run "cd af_xdp && $2"
		status=$?
	fi
	root_unmount
	return "$status"
}

# --- the table ---------------------------------------------------------------

# Replace the row of NAME in the file KEPT, if this run has made a new row.
keep() { # NAME
	local name new=$LOGS/distros-$1.csv kept=

	for name in $ALL; do
		if [[ $name == "$1" && -e $new ]]; then
			kept+=$(cat "$new")$'\n'
		else
			kept+=$(grep "^$name," "$KEPT" 2>/dev/null)$'\n'
		fi
	done
	{ echo "$FIELDS" && grep . <<<"$kept"; } >"$KEPT.new" && mv "$KEPT.new" "$KEPT"
	chown --reference=. "$KEPT"
}

table() {
	sed 's/,/ | /g; s/^/| /; s/$/ |/; 1a |-' "$KEPT" | column -t -s '|' -o '|' |
		sed -E 's/^ *\|/|/; /^\|-/ { s/ /-/g; s/\|/+/g; s/^\+/|/; s/\+$/|/ }'
}

table_renew() {
	table >"$LOGS/distros.table"
	sed -i -e "/^# BEGIN table/r $LOGS/distros.table" \
		-e '/^# BEGIN table/,/^# END table/ { /^#/!d }' "$TABLE"
	chown --reference=. "$TABLE"
}

names() {
	case ${DISTRO:-all} in
	all) echo "$ALL" ;;
	ci) echo "$CI" ;;
	*) echo "$DISTRO" ;;
	esac
}

main() { # [COMMAND]
	local name planned=0

	for name in $(names); do
		if ! suite_of "$name" >/dev/null; then
			say "no distribution '$name'; there are: $ALL"
			exit 2
		fi
		planned=$((planned + $(tests_of "$name" | wc -w)))
	done
	mkdir -p "$LOGS" "$ROOT" || exit
	if (($#)); then
		for name in $(names); do
			command_run "$name" "$*" || return
		done
		return
	fi
	[[ -z $(git -c safe.directory="$PWD" status --porcelain) ]] ||
		say "the tests run on a clone of HEAD, without the uncommitted changes"
	echo "1..$planned"
	for name in $(names); do
		distro_run "$name"
		[[ ${DISTRO-} == ci ]] || { keep "$name" && table_renew; }
	done
	((failed == 0))
}

if ((EUID)); then
	say "chroots need root"
	exit 1
fi
if [[ ${1-} != isolated ]]; then
	exec nice unshare --mount --pid --fork --kill-child --mount-proc "$0" isolated "$@"
fi
shift
# Set a handler for these signals, because this script is the first process of
# its PID namespace. Such a process ignores each signal for which it has no
# handler, except SIGKILL and SIGSTOP from outside of the namespace.
trap 'exit 130' INT TERM HUP
main "$@"; exit
