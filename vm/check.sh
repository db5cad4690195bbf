#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run the program in guests, on several kernels and with real drivers, and
# compare the results with vm/expected.csv. Print TAP.
#
#	[KERNEL=5.10|6.1|6.12|newest|all|ci] [NIC=NAME|all] vm/check.sh
#	ARCH=arm64 [KERNEL=6.1|6.12|newest|all] vm/check.sh
#	vm/check.sh --inverted
#	[KERNEL=6.12] vm/check.sh --broken
#
# KERNEL and NIC may be lists of names. KERNEL=ci selects the kernels and cards
# for continuous integration. --inverted boots no guest: it takes the results of
# the last run, and checks that each cell (a row of vm/expected.csv) fails if
# one of its expectations is changed. --broken applies vm/unbounded.patch to a
# copy of the project and runs this copy; the verifier must refuse the XDP
# program xdp_sock_echo.

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

readonly EXPECTED=vm/expected.csv
RESULTS=$VM_DIR/results
readonly MATRIX=$VM_DIR/matrix.csv
readonly KEPT=bench/results/vm-matrix.csv
readonly FIELDS=(kernel nic mode wait program socket answered share frames after said)
readonly KEY_FIELDS=4 # fields 1 to 4 name a row; the others are compared
readonly GUESTS=${VM_GUESTS:-$(nproc)} # guests at the same time

tests=0
failed=0
skipped=0

# --- the boots ---------------------------------------------------------------

# Print a line for each boot: KERNEL NIC.
boots() {
	local kernel nic kernels=${KERNEL:-newest} nics=${NIC:-all}

	if [[ $kernels == ci ]]; then
		printf '%s\n' "newest virtio_net" "newest igb" "newest e1000e" \
			"newest virtio_net-lessons" "6.1 virtio_net" "5.10 virtio_net" \
			"5.10 virtio_net-lessons"
		return
	fi
	if [[ $kernels == all ]]; then
		kernels=$(vm_kernels)
	else
		# shellcheck disable=SC2086 # split into words on purpose
		kernels=$(vm_kernel_names $kernels)
	fi
	for kernel in $kernels; do
		[[ ${NIC:-all} != all ]] || nics=$(vm_nics "$kernel")
		for nic in $nics; do
			echo "$kernel $nic"
		done
	done
}

boots_check() {
	local kernel nic

	while read -r kernel nic; do
		grep -q "^$kernel,$nic," "$EXPECTED" && continue
		vm_say "$EXPECTED has no rows for kernel '$kernel' with card '$nic': choose a KERNEL and NIC that it lists together"
		exit 2
	done < <(boots)
}

expected_of() { # KERNEL NIC
	grep "^$1,$2," "$EXPECTED"
}

# If this boot is not possible, print the reason.
obstacle() { # KERNEL NIC
	if ! vm_can_boot "$2"; then
		echo "needs root and /dev/net/tun"
	elif [[ -e $RESULTS/$1.unobtainable ]]; then
		cat "$RESULTS/$1.unobtainable"
	fi
}

# Print the number of tests. A boot that is not possible counts as one test.
plan() {
	local kernel nic

	boots | while read -r kernel nic; do
		if [[ -z $(obstacle "$kernel" "$nic") ]]; then
			expected_of "$kernel" "$nic"
		else
			echo skipped
		fi
	done | wc -l
}

# --- TAP ---------------------------------------------------------------------

cell_name() { # ROW
	cut -d, -f "1-$KEY_FIELDS" <<<"$1" | tr , ' '
}

pass() { # NAME
	echo "ok $((++tests)) - $1"
}

fail() { # NAME LINE...
	failed=$((failed + 1))
	echo "not ok $((++tests)) - $1"
	printf '#   %s\n' "${@:2}"
}

skip() { # NAME REASON
	skipped=$((skipped + 1))
	echo "ok $((++tests)) - $1 # SKIP $2"
}

# --- judging -----------------------------------------------------------------

# Print each field that differs from its expectation, one per line. Ignore the
# fields of a result that are not in FIELDS, such as first_ms.
differences() { # EXPECTED RESULT
	local i
	local -a want have

	IFS=, read -ra want <<<"$1"
	IFS=, read -ra have <<<"$2"
	for i in "${!FIELDS[@]}"; do
		[[ ${want[i]-} == "${have[i]-}" ]] ||
			echo "${FIELDS[i]}: expected ${want[i]-nothing}, is ${have[i]-nothing}"
	done
}

result_of() { # RESULTS EXPECTED
	grep -m 1 "^$(cut -d, -f "1-$KEY_FIELDS" <<<"$2")," "$1"
}

judge_cell() { # RESULTS EXPECTED
	local result name
	local -a lines

	name=$(cell_name "$2")
	result=$(result_of "$1" "$2") || {
		fail "$name" "has no result: ${1%.csv}.log shows how far the guest got"
		return
	}
	mapfile -t lines < <(differences "$2" "$result")
	((${#lines[@]} == 0)) && pass "$name" && return
	fail "$name" "${lines[@]}" "see ${1%.csv}.log"
}

judge_boot() { # KERNEL NIC
	local row why results=$RESULTS/$1-$2.csv

	why=$(obstacle "$1" "$2")
	if [[ $why ]]; then
		skip "$1 $2" "$why"
		return
	fi
	while read -r row; do
		judge_cell "$results" "$row"
	done < <(expected_of "$1" "$2")
	while read -r row; do
		grep -q "^$row," "$EXPECTED" || fail "${row//,/ }" "is not in $EXPECTED"
	done < <(cut -d, -f "1-$KEY_FIELDS" "$results")
}

# --- running -----------------------------------------------------------------

# Print the cells in a guest's LOG as rows of results. The kernel's release is
# the last field.
results_of() { # KERNEL NIC LOG
	awk -v key="$1,$2," '
		/^VM kernel / { release = $3 }
		/^VM cell / { print key $3 "," release }' "$3"
}

# Run one boot. boot.sh ends a guest that exceeds its time limit.
run_boot() { # KERNEL NIC
	local log=$RESULTS/$1-$2.log status

	vm/boot.sh "$1" "$2" cells </dev/null 2>&1 | tr -d '\r' >"$log"
	status=${PIPESTATUS[0]}
	results_of "$1" "$2" "$log" >"$RESULTS/$1-$2.csv"
	grep -q '^VM end' "$log" ||
		echo "# kernel $1, $2: the guest ended too early (QEMU's exit status $status): $log"
}

# Get all files that a guest with this kernel needs. If they cannot be
# downloaded, write the reason into a file, so that the boots of this kernel are
# skipped. Return false if anything else fails.
obtain() { # KERNEL
	local log=$RESULTS/fetch.log why=$RESULTS/$1.unobtainable status

	rm -f "$why"
	# shellcheck disable=SC2046 # split into words on purpose
	vm/fetch.sh $(vm_basis "$1") "$1" >>"$log" 2>&1
	status=$?
	if [[ $status == "$UNOBTAINABLE" ]]; then
		tail -n 1 "$log" >"$why"
		return
	fi
	((status == 0)) && vm/image.sh "$1" >>"$log" 2>&1
}

obtain_all() {
	local kernel

	mkdir -p "$RESULTS"
	rm -f "$MATRIX" "$RESULTS/fetch.log"
	for kernel in $(boots | cut -d ' ' -f 1 | sort -u); do
		obtain "$kernel" || return
	done
}

# Write all results of this run into MATRIX. Copy them to KEPT only if all
# kernels and cards for amd64 were run and every result is as expected.
keep() {
	local kernel nic

	{
		(IFS=, && echo "${FIELDS[*]},first_ms,gave_up,release")
		boots | while read -r kernel nic; do
			[[ $(obstacle "$kernel" "$nic") ]] ||
				cat "$RESULTS/$kernel-$nic.csv"
		done
	} >"$MATRIX"
	[[ ${KERNEL-} == all && ${NIC:-all} == all && ${ARCH:-amd64} == amd64 ]] ||
		return 0
	((failed + skipped == 0)) || return 0
	mkdir -p "$(dirname "$KEPT")"
	cp "$MATRIX" "$KEPT"
}

run_boots() {
	local kernel nic

	while read -r kernel nic; do
		[[ -z $(obstacle "$kernel" "$nic") ]] || continue
		(($(jobs -pr | wc -l) < GUESTS)) || wait -n
		run_boot "$kernel" "$nic" &
	done < <(boots)
	wait
}

run_all() {
	local kernel nic

	echo "1..$(plan)"
	run_boots
	while read -r kernel nic; do
		judge_boot "$kernel" "$nic"
	done < <(boots)
	keep
}

check() {
	boots_check
	if obtain_all; then
		run_all
	else
		echo 1..1
		fail "all files for the guests are available" "$(tail -n 1 "$RESULTS/fetch.log")"
	fi
	# If root runs this script, give its files to the owner of the checkout.
	((EUID)) || chown -R --reference=. "$VM_DIR"
}

# --- does the comparison fail when it should? --------------------------------

invert() { # VALUE
	case $1 in
	native) echo SKB ;;
	SKB) echo native ;;
	copy) echo zero-copy ;;
	zero-copy) echo copy ;;
	none) echo all ;;
	all | some) echo none ;;
	kept) echo lost ;;
	clean) echo program ;;
	-) echo EINVAL ;;
	0/*) echo 10/10 ;;
	*/*) echo "0/${1#*/}" ;;
	*) echo - ;;
	esac
}

# Print the row once for each compared field, with this field changed.
inversions() { # ROW
	local i IFS=,
	local -a row other

	read -ra row <<<"$1"
	for ((i = KEY_FIELDS; i < ${#FIELDS[@]}; i++)); do
		other=("${row[@]}")
		other[i]=$(invert "${row[i]}")
		echo "${other[*]}"
	done
}

inverted_cell() { # RESULTS EXPECTED
	local row name unseen=0

	name="$(cell_name "$2"): fails if any of its expectations is changed"
	while read -r row; do
		[[ $(judge_cell "$1" "$row") == "not ok"* ]] || unseen=$((unseen + 1))
	done < <(inversions "$2")
	if ((unseen == 0)) && [[ $(judge_cell "$1" "$2") == ok* ]]; then
		pass "$name"
	else
		fail "$name" "$unseen changed rows passed: each changed row must fail, and the unchanged row must pass"
	fi
}

inverted() {
	local row kernel nic rest

	echo "1..$(grep -c '^[0-9n]' "$EXPECTED")"
	while IFS=, read -r kernel nic rest; do
		row=$kernel,$nic,$rest
		inverted_cell "$RESULTS/$kernel-$nic.csv" "$row"
	done < <(grep '^[0-9n]' "$EXPECTED")
}

# --- does a broken program make the check fail? ------------------------------

# Check that the cells of xdp_sock_echo fail, and that all other cells pass.
broken_kernel() { # KERNEL
	local red wanted="exercise-echo kern-echo"

	# On 5.10 the cell "beside" loads xdp_sock_echo.
	[[ $1 != 5.10 ]] || wanted="beside $wanted"
	run_boot "$1" virtio_net
	red=$(judge_boot "$1" virtio_net |
		sed -n 's/^not ok [0-9]* - [^ ]* [^ ]* \([^ ]*\) .*/\1/p' |
		sort | tr '\n' ' ')
	if [[ $red == "$wanted " ]]; then
		pass "$1: without a bound that the verifier needs, only these cells fail: $wanted"
	else
		fail "$1: without a bound that the verifier needs, only these cells fail: $wanted" \
			"the cells that failed: ${red:-none}"
	fi
}

broken() {
	local kernel

	export VM_PATCH=vm/unbounded.patch NIC=virtio_net KERNEL=${KERNEL:-6.12}
	RESULTS=$VM_DIR/results-broken
	boots_check
	obtain_all || exit
	echo "1..$(boots | wc -l)"
	for kernel in $(boots | cut -d ' ' -f 1); do
		broken_kernel "$kernel"
	done
}

main() {
	if [[ ${1-} == --inverted ]]; then
		inverted
	elif [[ ${1-} == --broken ]]; then
		broken
	else
		check
	fi
	((failed == 0))
}

main "$@"
