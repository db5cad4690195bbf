#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run tests, count them, and print the skipped tests with their reasons.
#
#	tests/run.sh LOGS TEST...
#
# A TEST is a .bats file, a program of unit tests, or a script that prints TAP,
# such as distros.sh. The TAP of each TEST is kept in the directory LOGS. A
# .bats file runs as root in its own network, mount and process namespaces, so
# its devices, mounts and processes are gone when it ends or is killed. Tests
# wait most of the time, so several TESTs run at the same time, at most one for
# each processor. A TEST that needs all processors has a line that starts with
# "# Alone:". Such tests run last, one after the other.

set -u

logs=$1
shift
mkdir -p "$logs"
# A later run without root must be able to write to this directory.
((EUID)) || chown -h --reference=. "$logs"

# Two runs at once in one tree would write the same files.
exec {lock}<"$logs"
flock -n "$lock" || {
	echo "$0: another run is at work in this tree; waiting" >&2
	flock "$lock"
}

# testenv/packages.sh finds a bpftool that can generate BPF skeletons. Put the
# directory of this bpftool at the front of PATH.
tool=$("$(dirname "$0")/../testenv/packages.sh" --bpftool) && PATH=${tool%/*}:$PATH

passed=0
failed=0
skips=()

# Run a TEST. Let env restore the default actions of SIGINT and SIGQUIT, because
# a shell's background processes ignore these signals.
run() {
	local command=(env "--default-signal=INT,QUIT")

	case $1 in
	*.bats) command+=("${0%/*}/../testenv/isolated.sh" bats --tap) ;;
	*) command+=(CMOCKA_MESSAGE_OUTPUT=TAP LC_NUMERIC=en_US.UTF-8
		"LOCPATH=$PWD/build/locale") ;;
	esac
	exec "${command[@]}" "$1"
}

# Count the results in a TEST's output. A planned test without a result counts
# as failed, because the TEST has crashed. If cmocka skips a test, it prints
# "not ok" with "# SKIP", which counts as skipped.
count() {
	local tap=$1 status=$2 planned ok not_ok skip

	planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$tap" | awk '{ n += $1 } END { print n + 0 }')
	skip=$(grep -ciE '^(not )?ok .*# skip' "$tap")
	ok=$(grep -iE '^ok ' "$tap" | grep -civ '# skip')
	not_ok=$(grep -iE '^not ok ' "$tap" | grep -civ '# skip')
	((ok + skip + not_ok >= planned)) || not_ok=$((planned - ok - skip))
	((not_ok || (status == 0 && planned))) || not_ok=1

	passed=$((passed + ok))
	failed=$((failed + not_ok))
	printf '%4d passed' "$ok"
	((skip == 0)) || printf ', %d skipped' "$skip"
	((not_ok == 0)) || printf ', %d FAILED (%s)' "$not_ok" "$tap"
	printf '\n'
	((not_ok == 0)) || grep -A30 '^not ok ' "$tap" | sed 's/^/    /'
}

# Print "TEST: REASON" for each skipped test. cmocka prints the reason on the
# line before the result.
skips_of() {
	awk 'tolower($0) ~ /^(not )?ok .*# skip/ {
		test = reason = $0
		sub(/^(not )?ok [0-9]+ -? ?/, "", test)
		sub(/.*# (skip|SKIP) ?/, "", reason)
		if (sub(/^# (skip|SKIP) ?/, "", test)) { test = reason; reason = before }
		else sub(/ # (skip|SKIP).*/, "", test)
		print test ": " reason
	} { before = $0 }' "$1"
}

tap_of() { # TEST
	echo "$logs/$(basename "$(dirname "$1")")-$(basename "$1").tap"
}

declare -A running=() # the test that each process runs

start() { # TEST
	local tap

	tap=$(tap_of "$1")
	rm -f "$tap"
	run "$1" >"$tap" 2>&1 </dev/null {lock}>&- &
	running[$!]=$1
}

# Wait until one of the running tests has ended, and print its result.
finish() {
	local pid test tap status

	wait -n -p pid
	status=$?
	test=${running[$pid]}
	unset "running[$pid]"
	tap=$(tap_of "$test")
	printf '%-40s' "$test"
	count "$tap" "$status"
	# Do not use "< <(...)", because since bash 5.3 wait -n also waits for
	# the process in the parentheses.
	while read -r line; do
		[[ -z $line ]] || skips+=("$test: $line")
	done <<<"$(skips_of "$tap")"
}

# Run tests, at most MOST at a time.
run_all() { # MOST TEST...
	local test most=$1

	shift
	for test; do
		((${#running[@]} < most)) || finish
		start "$test"
	done
	while ((${#running[@]})); do
		finish
	done
}

together=()
alone=()
for test; do
	if grep -q '^# Alone:' "$test"; then alone+=("$test"); else together+=("$test"); fi
done
run_all "$(nproc)" "${together[@]}"
run_all 1 "${alone[@]}"

((${#skips[@]} == 0)) || printf 'skipped: %s\n' "${skips[@]}"
echo "$passed passed, $failed failed, ${#skips[@]} skipped"
((failed == 0 && passed + ${#skips[@]} > 0))
