# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run the provers CBMC and herd7. If a prover is not installed, vm/fetch.sh
# unpacks it under build/vm. An unpacked prover has its own C library, so it
# needs its own dynamic linker.

prover() { # PACKAGE PROGRAM ARGUMENTS
	local root=build/vm/$1 lib

	if type -P "$2" >/dev/null; then
		"${@:2}"
		return
	fi
	lib=$root/usr/lib
	"$lib"64/ld-linux-x86-64.so.2 \
		--library-path "$lib/x86_64-linux-gnu:$lib" "$root/usr/bin/$2" "${@:3}"
}

# Unpack the prover if it is not installed. Exit with status 3 if it is not
# available.
prover_fetch() { # PACKAGE PROGRAM
	type -P "$2" >/dev/null || vm/fetch.sh "$1" || exit
}

cbmc() {
	prover cbmc cbmc "$@"
}

# Print the directory of herd7's memory models.
herd_libdir() {
	local dir=/usr/share/herdtools7/herd

	type -P herd7 >/dev/null || dir=build/vm/herd$dir
	echo "$dir"
}
