#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the project needs from the distribution. What is missing is told in one
# line, or with --install installed.
#
#	testenv/packages.sh [--install] build|lab|test|fuzz|bench|vm|lint...
#
# A need is looked for as what it is, a command or a file, so that it does not
# matter how it came to the machine; its package has Debian's name.

set -u

needs() {
	case $1 in
	build)
		need cc gcc
		need clang clang
		need pkg-config pkg-config
		need bpftool bpftool
		need /usr/include/stdio.h libc6-dev
		need /usr/include/bpf/bpf_helpers.h libbpf-dev
		need /usr/include/xdp/xsk.h libxdp-dev
		need /usr/include/cap-ng.h libcap-ng-dev
		need /usr/include/seccomp.h libseccomp-dev
		;;
	lab)
		need ip iproute2
		need ethtool ethtool
		need ping iputils-ping
		need tcpdump tcpdump
		need flock util-linux
		need bpftool bpftool
		;;
	test)
		need bats bats
		need /usr/include/cmocka.h libcmocka-dev
		need valgrind valgrind
		need gcc gcc
		need setpriv util-linux
		need capsh libcap2-bin
		need pidof sysvinit-utils
		need /bin/kill procps
		need patch patch
		need strace strace
		need groff groff
		need man man-db
		need jq jq
		need /usr/share/i18n/locales/en_US locales
		;;
	fuzz)
		need clang clang
		need "$(fuzzer_library)" libclang-rt-dev
		;;
	bench)
		need gnuplot gnuplot-nox
		need valgrind valgrind
		need nsenter util-linux
		;;
	vm)
		need dash dash
		need ss iproute2
		need ldd libc-bin
		need xz xz-utils
		need zstd zstd
		need unshare util-linux
		need column bsdextrautils
		need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
		;;
	lint)
		need clang-format clang-format
		need clang-tidy clang-tidy
		need shellcheck shellcheck
		need groff groff
		;;
	*)
		echo "packages.sh: no group of the name '$1'" >&2
		exit 2
		;;
	esac
}

# Beside clang's other run-time libraries.
fuzzer_library() {
	local builtins

	builtins=$(clang --rtlib=compiler-rt -print-libgcc-file-name 2>/dev/null)
	echo "${builtins/builtins/fuzzer}"
}

missing=()

# need COMMAND-OR-FILE PACKAGE
need() {
	local path=$PATH:/usr/sbin:/sbin

	case $1 in
	/*) [[ -e $1 ]] && return ;;
	"") ;;
	*) PATH=$path command -v "$1" >/dev/null && return ;;
	esac
	[[ " ${missing[*]} " == *" $2 "* ]] || missing+=("$2")
}

# Ubuntu's bpftool is in packages of other names.
package_names() {
	local package

	for package in "${missing[@]}"; do
		if [[ $package == bpftool ]] && command -v apt-cache >/dev/null &&
			! apt-cache show bpftool &>/dev/null; then
			package="linux-tools-common linux-tools-generic"
		fi
		echo "$package"
	done
}

install_missing() {
	echo "installing what is missing: ${missing[*]}"
	apt-get -qq update || return
	# shellcheck disable=SC2046 # a word is a package
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
		--no-install-recommends $(package_names) >/dev/null
}

main() {
	local install=false group

	if [[ ${1-} == --install ]]; then
		install=true
		shift
	fi
	for group; do
		needs "$group"
	done
	((${#missing[@]})) || return 0
	if $install && ((EUID == 0)) && command -v apt-get >/dev/null; then
		install_missing
		return
	fi
	echo "missing: ${missing[*]}; on Debian or Ubuntu:" \
		"sudo apt-get install $(package_names | tr '\n' ' ')" >&2
	return 1
}

main "$@"
