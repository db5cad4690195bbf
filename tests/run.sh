#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run tests, count them, and print the skipped ones with their reasons.
#
#	tests/run.sh LOGS TEST...
#
# A TEST is a program of unit tests or a .bats file; both print TAP, which is
# kept in the directory LOGS. A .bats file runs as root in its own network,
# mount and process namespaces: when it ends, or is killed, everything that it
# made or forgot is gone.

set -u

logs=$1
shift
mkdir -p "$logs"
# A later run without root must be able to write there.
((EUID)) || chown -h --reference=. "$logs"

# Two runs at once in one tree would write the same files.
exec {lock}<"$logs"
flock -n "$lock" || {
	echo "$0: another run is at work in this tree; waiting" >&2
	flock "$lock"
}

# Tests use the bpftool that works: see testenv/packages.sh.
tool=$("$(dirname "$0")/../testenv/packages.sh" --bpftool) && PATH=${tool%/*}:$PATH

passed=0
failed=0
skips=()

run() {
	case $1 in
	*.bats) "$(dirname "$0")/../testenv/isolated.sh" bats --tap "$1" ;;
	*) CMOCKA_MESSAGE_OUTPUT=TAP LOCPATH=$PWD/build/locale \
		LC_NUMERIC=en_US.UTF-8 "$1" ;;
	esac
}

# If a test was announced and has neither passed nor failed, it has crashed. (If
# cmocka skips a test, its TAP has "not ok", and the reason on the line before.)
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

# Print "TEST: REASON" for each skipped test.
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

for test; do
	tap=$logs/$(basename "$(dirname "$test")")-$(basename "$test").tap
	printf '%-40s' "$test"
	rm -f "$tap"
	run "$test" >"$tap" 2>&1 </dev/null {lock}>&-
	count "$tap" $?
	while read -r line; do
		skips+=("$test: $line")
	done < <(skips_of "$tap")
done

((${#skips[@]} == 0)) || printf 'skipped: %s\n' "${skips[@]}"
echo "$passed passed, $failed failed, ${#skips[@]} skipped"
((failed == 0))
