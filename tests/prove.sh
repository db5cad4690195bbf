#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make prove: prove headers/icmp6_echo.h correct with CBMC, check with spin that
# no frame is lost or used twice, and check the rings' memory order with herd7.
# Also run CBMC and spin on mutants (variants with a fault), and expect these
# proofs to fail.
#
#	tests/prove.sh [reply] [update] [frames] [order]
#
# Exit status 3: a prover is not available here.

set -u
cd "$(dirname "$0")/.." || exit
# shellcheck source=tests/prove/lib.bash
. tests/prove/lib.bash

readonly WORK=build/prove
readonly LEN_SMALL=80 # longest packet for a mutant; a request with three tags fits

# Some of the patches in tests/mutants that change headers/icmp6_echo.h.
readonly REPLY_MUTANTS=(answers-all-icmpv6 answers-groups bound-too-early
	changes-too-early checksum-one-fold hop-limit-kept
	ip-half-swapped length-with-padding reads-past-icmp reads-past-ipv6
	reads-past-tag type-kept vlan-three)
readonly FRAMES_MUTANTS=(FILLS_TWICE NO_ROOM GIVES_BACK_SENT LEAKS NEVER_RECLAIMS)

failures=0

verdict() { # RETURN VALUE, NAME
	if (($1)); then
		printf 'FAILED  %s\n' "$2"
		failures=$((failures + 1))
	else
		printf 'ok      %s\n' "$2"
	fi
}

# --- CBMC -------------------------------------------------------------------

# Return 0 if CBMC proves all assertions, 1 if a proof fails, and 2 if CBMC
# reaches no result.
cbmc_proves() { # DIRECTORY OF headers, FUNCTION OPTIONS...
	local log=$WORK/$2.log

	cbmc tests/prove/icmp6_echo.c -I"$1" --function "$2" --unwind 20 \
		--unwinding-assertions --sat-solver cadical "${@:3}" >"$log" 2>&1
	grep -q '^VERIFICATION SUCCESSFUL' "$log" && return
	grep -q '^VERIFICATION FAILED' "$log" && return 1
	tail -n 3 "$log"
	return 2
}

# Copy headers/ to WORK/MUTANT, apply the mutant's patch, and rewrite the bounds
# checks in icmp6_echo.h. As in any XDP program, the checks compare the packet's
# end with a pointer that may point beyond it. The BPF verifier needs such a
# check, but the comparison is undefined in C, and therefore in CBMC. The
# rewritten checks compare numbers and have the same results.
code_copy() { # MUTANT or NONE
	local header=$WORK/$1/headers/icmp6_echo.h

	rm -rf "${WORK:?}/$1" && mkdir -p "$WORK/$1" && cp -r headers "$WORK/$1" || return
	[[ $1 == NONE ]] || patch -s -p1 -d "$WORK/$1" <"tests/mutants/$1.patch" || return
	sed -i -E 's/data \+ (head|head \+ len) (>=?) data_end/\1 \2 (__u64)(data_end - data)/' "$header"
}

fails_on() { # MUTANT FUNCTION OPTIONS...
	local status=0

	code_copy "$1" || return
	cbmc_proves "$WORK/$1" "${@:2}" || status=$?
	((status == 1))
}

prove_update() {
	prover_fetch cbmc cbmc
	code_copy NONE
	cbmc_proves "$WORK/NONE" prove_update
	verdict $? "checksum update: a correct checksum stays correct, for all checksums and words"
	fails_on checksum-one-fold prove_update
	verdict $? "  fails on checksum-one-fold"
}

prove_reply() {
	local mutant

	prover_fetch cbmc cbmc
	code_copy NONE
	cbmc_proves "$WORK/NONE" prove_reply -DLEN_MAX=128
	verdict $? "icmp6_echo_reply(), every packet of 0 to 128 bytes"
	for mutant in "${REPLY_MUTANTS[@]}"; do
		fails_on "$mutant" prove_reply -DLEN_MAX=$LEN_SMALL
		verdict $? "  fails on $mutant"
	done
}

# --- spin -------------------------------------------------------------------

# Return 0 if spin finds no error in any state, 1 if spin finds an error, and 2
# if spin reaches no result.
spin_checks() { # MUTANT or NONE
	local log=$PWD/$WORK/frames-$1.log

	(cd "$WORK" && spin -DMUTANT_"$1" -a ../../tests/prove/frames.pml &&
		"${CC:-cc}" -O2 -DSAFETY -w -o pan pan.c && ./pan -m200000) >"$log" 2>&1
	grep -q 'max search depth too small' "$log" && return 2
	grep -q 'errors: 0$' "$log" && return
	grep -q 'errors: [1-9]' "$log" && return 1
	tail -n 3 "$log"
	return 2
}

prove_frames() {
	local mutant

	command -v spin >/dev/null || {
		echo "spin is not installed: testenv/packages.sh --install prove"
		exit 3
	}
	spin_checks NONE
	verdict $? "frames: in every interleaving each frame is always in one place, and ends free or in FILL"
	for mutant in "${FRAMES_MUTANTS[@]}"; do
		spin_checks "$mutant"
		[[ $? -eq 1 ]]
		verdict $? "  fails on $mutant"
	done
}

# --- herd7 ------------------------------------------------------------------

observation() { # FILE
	prover herd herd7 -set-libdir "$(herd_libdir)" "$1" 2>&1 |
		sed -n 's/^Observation [^ ]* \([A-Z][a-z]*\) .*/\1/p'
}

# Expect herd7 to find that a wrong order is possible in the tests
# *-relaxed.litmus, which have no barriers, and impossible in all other tests.
prove_order() {
	local file want

	prover_fetch herd herd7
	for file in tests/prove/litmus/*.litmus; do
		want=Never
		[[ $file != *-relaxed.litmus ]] || want=Sometimes
		[[ $(observation "$file") == "$want" ]]
		verdict $? "$(basename "$file"): ${want,}"
	done
}

mkdir -p "$WORK" || exit
(($#)) || set -- update order frames reply
for part; do
	case $part in
	update | order | frames | reply) "prove_$part" ;;
	*)
		echo "usage: ${0##*/} [update] [order] [frames] [reply]" >&2
		exit 2
		;;
	esac
done
((failures == 0))
