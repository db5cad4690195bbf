#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Let only one make at a time write into a directory: if two makes compile the
# same file at once, the object may be incomplete.
#
#	testenv/lock.sh DIRECTORY PID
#
# Wait for the lock, and keep it until make, the process PID, ends: a background
# process inherits the locked descriptor and waits for that. Do not wait if an
# ancestor of PID has the lock: in "make all check-unit" the second goal calls
# make, and the first make waits for it.

set -u

mkdir -p "$1" 2>/dev/null
[[ -w $1 ]] || {
	echo "make: cannot write into $1: build in a copy of the tree that is yours" >&2
	exit 1
}

# Print the process and its ancestors.
line_of() { # PID
	local pid=$1

	while ((pid > 0)); do
		echo "$pid"
		pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
	done
}

exec 9>>"$1/lock"
flock -n 9 || {
	! line_of "$2" | grep -qxF "$(<"$1/lock")" || exit 0
	echo "make: another one is at work in this tree; waiting" >&2
	flock 9
}
echo "$2" >"$1/lock"
tail -s 0.05 --pid="$2" -f /dev/null </dev/null >/dev/null 2>&1 &
