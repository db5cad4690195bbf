#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Build for arm64, for armhf (32 bits) and for s390x (big-endian). Run the unit
# tests under qemu-user. Print TAP.

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

readonly TESTS=(tests/unit/test_*.c)
number=0
failed=0

tap() { # STATUS NAME
	number=$((number + 1))
	(($1 == 0)) || { failed=1 && printf 'not '; }
	echo "ok $number - $2"
}

skip() { # NAME REASON
	number=$((number + 1))
	echo "ok $number - $1 # skip $2"
}

qemu_of() { # ARCHITECTURE
	echo "qemu-$(vm_triplet "$1" | cut -d- -f1)-static"
}

build() { # ARCHITECTURE
	local -a variables

	mapfile -t variables < <(vm_cross_variables "$1")
	make -s WERROR=1 BUILD="build/$1" "${variables[@]}" \
		all unit-tests lessons
}

# Print EI_DATA of the ELF header, which is 1 for little-endian and 2 for
# big-endian.
byte_order() { # OBJECT
	od -An -tx1 -j5 -N1 "$1"
}

arch_test() { # ARCHITECTURE
	local why source name order

	if ! why=$(vm/fetch.sh "root-$1" 2>&1); then
		skip "$1" "${why##*$'\n'}"
		return
	fi
	build "$1" 2>&1 | sed 's/^/# /'
	tap "${PIPESTATUS[0]}" "$1: builds without a warning"
	order=$(byte_order "build/$1/af_xdp_user") &&
		[[ $(byte_order "build/$1/af_xdp_kern.o") == "$order" ]]
	tap $? "$1: the XDP program has the machine's byte order"
	for source in "${TESTS[@]}"; do
		name=$(basename "$source" .c)
		CMOCKA_MESSAGE_OUTPUT=STDOUT "$(qemu_of "$1")" -L "$VM_DIR/root-$1" \
			"build/$1/tests/unit/$name" 2>&1 | sed 's/^/# /'
		tap "${PIPESTATUS[0]}" "$1: $name"
	done
}

for arch in arm64 armhf s390x; do
	arch_test "$arch"
done
echo "1..$number"
exit "$failed"
