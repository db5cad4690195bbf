#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Let only one make at a time write into a directory, because an object may be
# incomplete if two makes compile it at the same time.
#
#	testenv/lock.sh DIRECTORY PID
#
# Wait for the lock, and keep it until make, the process PID, ends: a background
# process inherits the locked descriptor and waits for the end of make. If an
# ancestor of PID has the lock, do not wait, because that would be a deadlock.
# For example, in "make all check-unit" the goal "all" takes the lock,
# "check-unit" calls a second make, and the first make keeps the lock until the
# second make ends.

set -u

mkdir -p "$1" 2>/dev/null
[[ -w $1 ]] || {
	echo "make: cannot write into the directory $1/: copy the tree, and run make in your copy" >&2
	exit 1
}

# Print the process's id, and the ids of its ancestors.
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
	echo "make: another make runs in this tree; waiting" >&2
	flock 9
}
echo "$2" >"$1/lock"
tail -s 0.05 --pid="$2" -f /dev/null </dev/null >/dev/null 2>&1 &
