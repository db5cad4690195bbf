#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# In a guest, run the program on each kind of device in the table of
# doc/devices.org:
#
#	[KERNEL=newest] vm/devices.sh [--write]
#
# With --write, write the results into the table. Without --write, fail if the
# results differ from the table.

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

readonly KERNEL=${KERNEL:-newest} NIC=igb # VLAN offload of igb is on by default
readonly TEXT=doc/devices.org
readonly LOG=$VM_DIR/results/$KERNEL-devices.log

# Print the results in the guest's log as rows of the table. Messages keep the
# names that the devices have in the guest.
table() {
	awk -F ';' '
		sub(/^VM device /, "") {
			does = $3 == "none" ? "refused" : $3 ", " $4
			printf "| %s | %s | %s | %s | %s |\n", $1, does, $5, $6, $7
		}' "$LOG" | tr -d '\r'
}

run() {
	mkdir -p "$(dirname "$LOG")"
	# shellcheck disable=SC2046 # split into words on purpose
	vm/fetch.sh $(vm_basis "$KERNEL") "$KERNEL" >"$LOG" 2>&1 &&
		vm/image.sh "$KERNEL" >>"$LOG" 2>&1 || exit
	VM_TIME_LIMIT=1500 vm/boot.sh "$KERNEL" $NIC devices </dev/null 2>&1 | tr -d '\r' >"$LOG"
	grep -q '^VM end' "$LOG"
}

# Print doc/devices.org with TABLE in place of its table.
text_with() { # TABLE
	awk -v table="$1" '
		/^\| device / { print; getline; print; print table; inside = 1; next }
		inside && /^\|/ { next }
		{ inside = 0; print }' "$TEXT"
}

run || { vm_say "the guest ended too early: $LOG"; exit 1; }
if grep -q '^VM device [^;]*;no;' "$LOG"; then
	vm_say "these results differ from the prediction of --doctor; see $LOG:"
	grep '^VM device [^;]*;no;' "$LOG"
	exit 1
fi
rows=$(table)
if [[ ${1-} == --write ]]; then
	text_with "$rows" >"$TEXT.tmp" && mv "$TEXT.tmp" "$TEXT"
else
	diff <(text_with "$rows") "$TEXT"
fi
