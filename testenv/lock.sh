#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Let one make at a time write into a directory: two that compile the same file
# at once can leave half an object.
#
#	testenv/lock.sh DIRECTORY PID
#
# Wait for the lock. It is held until the process PID, which is make, ends: a
# background process inherits the locked descriptor, and waits for that.

set -u

mkdir -p "$1" 2>/dev/null
[[ -w $1 ]] || {
	echo "make: cannot write into $1: build in a copy of the tree that is yours" >&2
	exit 1
}
exec 9>"$1/lock"
flock -n 9 || {
	echo "make: another one is at work in this tree; waiting" >&2
	flock 9
}
tail -s 0.05 --pid="$2" -f /dev/null </dev/null >/dev/null 2>&1 &
