#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check that the tables of problems in tests/README.org name only tests that
# exist. Do not check the names that begin with "vm:".

bats_require_minimum_version 1.5.0

is_there() { # FILE NAME
	if [[ $1 == unit ]]; then
		grep -q "^static void ${2#*, }(" "unit/${2%, *}"
	else
		grep -qFx "@test \"$2\" {" "$1.bats"
	fi
}

@test "the tables of problems in tests/README.org name only tests that exist" {
	cd "$BATS_TEST_DIRNAME"
	named=0
	while IFS=$'\t' read -r file name; do
		[[ $file != vm ]] || continue
		is_there "$file" "$name" || {
			echo "tests/README.org names a test that does not exist: $file: $name"
			missing=true
		}
		named=$((named + 1))
	done < <(sed -n 's/^|[^|]*| \([a-z]*\): \(.*[^ ]\) *|$/\1\t\2/p' README.org)
	echo "$named tests are named"
	[[ $named -ge 75 && -z ${missing-} ]]
}
