#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Copy headers/xsk.h and af_xdp_user.c into DIRECTORY, and set constants in the
# copies to N. This measures the effect of constants that no option can change.
#
#	bench/variant.sh BATCH-N|RING-N DIRECTORY
#
# BATCH-N changes both batch sizes: the kernel's default, and the size that the
# program sets if the kernel allows it. RING-N changes the sizes of all four
# rings. Exit with status 1 if a constant is in neither source file, because
# otherwise the unchanged program would be measured.

set -eu

value=${1#*-}
case $1 in
BATCH-*) names=(BATCH LARGE_BATCH) ;;
RING-*) names=(FILL_SIZE RX_SIZE TX_SIZE COMPLETION_SIZE) ;;
*) exit 2 ;;
esac

mkdir -p "$2/headers"
for file in headers/xsk.h af_xdp_user.c; do
	cp "$file" "$2/$file"
done
for name in "${names[@]}"; do
	define="#define[[:space:]]+${name}[[:space:]]+"
	grep -qE "^${define}[0-9]+" "$2"/{af_xdp_user.c,headers/xsk.h} || {
		echo "variant.sh: no source file defines the number $name" >&2
		rm "$2/af_xdp_user.c"
		exit 1
	}
	sed -i -E "s/^($define)[0-9]+/\1$value/" "$2"/{af_xdp_user.c,headers/xsk.h}
done
