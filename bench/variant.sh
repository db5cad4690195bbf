#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The program's source with another constant, to stdout: how its cost depends on
# what is not an option, because no user should have to think of it.
#
#	bench/variant.sh BATCH-N|NAP-N|RING-N SOURCE
#
# BATCH stands for both batches, the kernel's and the one that is asked for, NAP
# for nanoseconds, RING for the sizes of all four rings. A constant that is not there any
# more is an error: what is measured would be the program as it is.

set -eu

value=${1#*-}
case $1 in
BATCH-*) names=(BATCH LARGE_BATCH) ;;
NAP-*) names=(NAP_NS) ;;
RING-*) names=(FILL_SIZE RX_SIZE TX_SIZE COMPLETION_SIZE) ;;
*) exit 2 ;;
esac

source=$(<"$2")
for name in "${names[@]}"; do
	grep -qE "^#define[[:space:]]+${name}[[:space:]]+[0-9]+" <<<"$source" || {
		echo "variant.sh: $2 defines no number $name" >&2
		exit 1
	}
	source=$(sed -E "s/^(#define[[:space:]]+${name}[[:space:]]+)[0-9]+/\1$value/" <<<"$source")
done
printf '%s\n' "$source"
