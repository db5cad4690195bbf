#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check for the tools and libraries that the project needs. Report or install
# those that are missing.
#
#	testenv/packages.sh [--install] GROUP...
#	testenv/packages.sh --bpftool
#
# The groups are in the first column of TABLE below. The environment variables
# CC, CLANG, BPFTOOL and PKG_CONFIG name the tools that make runs. --bpftool
# prints the path of a bpftool that can make skeletons, which are C headers for
# loading BPF objects.

set -u

# Each row has the groups that have a need, the need itself, and then, for each
# family of distributions, the package that satisfies the need. The script
# checks the need and not the package, so it accepts a tool that was installed
# in any way. A need is:
#
#	<header.h>	a header that $CC finds
#	name.pc		a library that pkg-config knows
#	$VARIABLE	a tool that make runs, named by this variable
#	/file		a file
#	[name]		a file that a function below looks for
#	name		a command
#
# In the package columns, "a|b" means a, or b if the distribution has no a;
# "a,b" means both packages; "=" means the same name as in Debian. The names for
# Fedora, openSUSE and Arch are from memory and untested.
# shellcheck disable=SC2016 # a need's name is not expanded
readonly TABLE='
groups      need                debian                      fedora              opensuse         arch
build       $CC                 gcc                         =                   =                =
build,fuzz  $CLANG              clang                       =                   =                =
build       $PKG_CONFIG         pkg-config                  pkgconf-pkg-config  =                pkgconf
lab         [bpftool]           bpftool|linux-tools-generic =                   =                bpf
build       <stdio.h>           libc6-dev                   glibc-devel         glibc-devel      glibc
build       <asm/types.h>       linux-libc-dev              kernel-headers      linux-glibc-devel linux-api-headers
build       libbpf.pc           libbpf-dev                  libbpf-devel        libbpf-devel     libbpf
build       libxdp.pc           libxdp-dev                  libxdp-devel        libxdp-devel     xdp-tools
build       libcap-ng.pc        libcap-ng-dev               libcap-ng-devel     libcap-ng-devel  libcap-ng
build       libseccomp.pc       libseccomp-dev              libseccomp-devel    libseccomp-devel libseccomp
lab         ip                  iproute2                    iproute             =                =
lab         ethtool             ethtool                     =                   =                =
lab         ping                iputils-ping                iputils             iputils          iputils
lab         tcpdump             tcpdump                     =                   =                =
lab         flock               util-linux                  =                   =                =
test        bats                bats                        =                   =                =
test        cmocka.pc           libcmocka-dev               libcmocka-devel     libcmocka-devel  cmocka
test,bench  valgrind            valgrind                    =                   =                =
test        setpriv             util-linux                  =                   =                =
test        capsh               libcap2-bin                 libcap              libcap-progs     libcap
test        pidof               sysvinit-utils              procps-ng           procps           procps-ng
test        /bin/kill           procps                      util-linux          util-linux       util-linux
test,prove  patch               patch                       =                   =                =
test        strace              strace                      =                   =                =
test,lint   groff               groff                       =                   =                =
test        man                 man-db                      =                   man              =
test        jq                  jq                          =                   =                =
test        /usr/share/i18n/locales/en_US locales           glibc-locale-source glibc-i18ndata   glibc
fuzz        [fuzzer]            libclang-rt-dev             compiler-rt         =                compiler-rt
bench       gnuplot             gnuplot-nox                 gnuplot             gnuplot          gnuplot
bench       nsenter             util-linux                  =                   =                =
test,bench  liburing.pc         liburing-dev                liburing-devel      liburing-devel   liburing
test,bench  tc                  iproute2                    iproute             =                =
vm          dash                dash                        =                   =                =
vm          ss                  iproute2                    iproute             =                =
vm          ldd                 libc-bin                    glibc-common        glibc            glibc
vm          xz                  xz-utils                    xz                  xz               xz
vm          zstd                zstd                        =                   =                =
vm          unshare             util-linux                  =                   =                =
vm          column              bsdextrautils               util-linux          util-linux       util-linux
vm          aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu,libc6-dev-arm64-cross gcc-aarch64-linux-gnu cross-aarch64-gcc14 aarch64-linux-gnu-gcc
lint        clang-format        clang-format                clang-tools-extra   clang            clang
lint        clang-tidy          clang-tidy                  clang-tools-extra   clang            clang
lint        shellcheck          shellcheck                  ShellCheck          ShellCheck       =
prove       spin                spin                        =                   =                spin
lint        yamllint            yamllint                    =                   =                =
cross       aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu,libc6-dev-arm64-cross gcc-aarch64-linux-gnu cross-aarch64-gcc14 aarch64-linux-gnu-gcc
cross       arm-linux-gnueabihf-gcc gcc-arm-linux-gnueabihf,libc6-dev-armhf-cross = =           =
cross       s390x-linux-gnu-gcc gcc-s390x-linux-gnu,libc6-dev-s390x-cross =    =                =
cross       qemu-aarch64-static qemu-user-static            =                   =                =
cross       qemu-arm-static     qemu-user-static            =                   =                =
cross       qemu-s390x-static   qemu-user-static            =                   =                =
distros     debootstrap         debootstrap                 =                   =                =
distros     unshare             util-linux                  =                   =                =
distros     git                 git                         =                   =                =
'

# Each row has a family, its distributions (ID or ID_LIKE of os-release), and
# the command that installs packages.
readonly FAMILIES='
debian    debian,ubuntu      apt-get install -y --no-install-recommends
fedora    fedora,rhel,centos dnf install -y
opensuse  opensuse,suse      zypper --non-interactive install
arch      arch               pacman -S --needed --noconfirm
'

: "${CC:=cc}" "${CLANG:=clang}" "${PKG_CONFIG:=pkg-config}"
PATH=$PATH:/usr/sbin:/sbin

# --- the tools of this machine ------------------------------------------------

makes_skeletons() { # BPFTOOL
	[[ $("$1" gen help 2>&1) == *"skeleton FILE [name"* ]]
}

# Print the path of a bpftool that can make skeletons. Try the bpftool of each
# kernel, because Ubuntu's /usr/sbin/bpftool only starts the bpftool of the
# running kernel.
bpftool_find() {
	local tool
	local -a tools=("${BPFTOOL-}")

	[[ ${BPFTOOL-} ]] || mapfile -t tools < <(
		echo bpftool
		echo /usr/sbin/bpftool
		printf '%s\n' /usr/lib/linux-tools/*/bpftool | sort -Vr
	)
	for tool in "${tools[@]}"; do
		makes_skeletons "$tool" 2>/dev/null || continue
		command -v "$tool"
		return
	done
	return 1
}

# Look for the fuzzer's library in the directory of clang's run-time libraries.
fuzzer_is_there() {
	local builtins

	builtins=$($CLANG --rtlib=compiler-rt -print-libgcc-file-name 2>/dev/null)
	[[ -n $builtins && -e ${builtins/builtins/fuzzer} ]]
}

# Return true if the need is satisfied. CC, CLANG and PKG_CONFIG may each be a
# command with options.
# shellcheck disable=SC2086
is_there() { # NEED
	case $1 in
	\<*) $CC -E -include "${1:1:-1}" -x c /dev/null ;;
	*.pc) $PKG_CONFIG --exists "${1%.pc}" ;;
	/*) [[ -e $1 ]] ;;
	\$CC) $CC --version ;;
	\$CLANG) $CLANG --version ;;
	\$PKG_CONFIG) $PKG_CONFIG --version ;;
	\[bpftool]) bpftool_find ;;
	\[fuzzer]) fuzzer_is_there ;;
	*) command -v "$1" ;;
	esac &>/dev/null
}

# --- missing packages ---------------------------------------------------------

family_find() {
	local ID='' ID_LIKE='' name names

	# shellcheck disable=SC1091
	! [[ -r /etc/os-release ]] || . /etc/os-release
	for name in $ID $ID_LIKE; do
		while read -r FAMILY names INSTALL; do
			[[ ,$names, != *",${name%%-*},"* ]] || return 0
		done <<<"$FAMILIES"
	done
	return 1
}

has_candidate() { # PACKAGE[,PACKAGE...]
	local package

	for package in ${1//,/ }; do
		LC_ALL=C apt-cache policy "$package" 2>/dev/null |
			grep -q 'Candidate: [^(]' || return
	done
}

# Print the first alternative of "a|b" whose packages can all be installed. If
# there is none, fail, because the distribution is too old. Without apt, or if
# apt knows no package yet (before the first apt-get update), print the first
# alternative.
package_choose() { # NAMES
	local name

	if [[ $FAMILY == debian ]] && has_candidate libc6; then
		for name in ${1//|/ }; do
			! has_candidate "$name" || { echo "$name" && return; }
		done
		return 1
	fi
	echo "${1%%|*}"
}

# Set MISSING to the missing needs, PACKAGES to their packages, and UNKNOWN to
# the packages that the distribution does not have.
# shellcheck disable=SC2034 # names=${!FAMILY} reads one of the variables
look() { # GROUP...
	local groups need debian fedora opensuse arch names

	MISSING=() PACKAGES=() UNKNOWN=()
	while read -r groups need debian fedora opensuse arch; do
		if ! in_group "$groups" "$@" || is_there "$need"; then
			continue
		fi
		names=${!FAMILY}
		[[ $names != = ]] || names=$debian
		MISSING+=("$need")
		if names=$(package_choose "$names"); then
			# shellcheck disable=SC2206 # split into packages
			PACKAGES+=(${names//,/ })
		else
			UNKNOWN+=("${debian%%|*}")
		fi
	done <<<"$TABLE"
}

in_group() { # GROUPS GROUP...
	local group

	for group in "${@:2}"; do
		[[ ,$1, != *",$group,"* ]] || return 0
	done
	return 1
}

groups_check() { # GROUP...
	local group

	for group; do
		grep -qE "^([a-z]+,)*${group}[, ]" <<<"$TABLE" || {
			echo "packages.sh: there is no group '$group'" >&2
			exit 2
		}
	done
}

# --- reporting and installing -------------------------------------------------

missing_names() {
	local need

	for need in "${MISSING[@]}"; do
		case $need in
		\$*) need=${need:1} && echo "${!need}" ;;
		\[bpftool]) echo "a bpftool that can make skeletons${BPFTOOL:+ ($BPFTOOL cannot)}" ;;
		\[fuzzer]) echo "clang's fuzzer library" ;;
		*) echo "$need" ;;
		esac
	done | paste -sd, | sed 's/,/, /g'
}

tell() {
	local sudo='sudo '

	((EUID)) && command -v sudo >/dev/null || sudo=
	echo "missing: $(missing_names);" "$(
		if ((${#UNKNOWN[@]})); then
			echo "${PRETTY_NAME-this release} is too old and has no ${UNKNOWN[*]}:" \
				"use Debian 12, Ubuntu 24.04 or newer, or build the missing libraries and let pkg-config find them"
		elif [[ $INSTALL ]]; then
			echo "to install: $sudo$INSTALL $(packages)"
		else
			echo "Debian's packages: $(packages)"
		fi)" >&2
}

packages() {
	printf '%s\n' "${PACKAGES[@]}" | sort -u | paste -sd' '
}

# Install the missing packages. Fail if something is still missing.
install_missing() { # GROUP...
	[[ $FAMILY != debian ]] || apt-get -qq update || return
	look "$@"
	((${#UNKNOWN[@]} == 0)) || return
	echo "installing missing packages: $(packages)"
	# shellcheck disable=SC2046,SC2086 # split into arguments
	DEBIAN_FRONTEND=noninteractive $INSTALL $(packages) >/dev/null || return
	look "$@"
	((${#MISSING[@]} == 0))
}

main() {
	local install=false

	case ${1-} in
	--bpftool)
		bpftool_find
		return
		;;
	--install)
		install=true
		shift
		;;
	esac
	groups_check "$@"
	family_find || FAMILY=debian INSTALL=
	look "$@"
	((${#MISSING[@]})) || return 0
	if $install && ((EUID == 0)) && command -v "${INSTALL%% *}" >/dev/null &&
		install_missing "$@"; then
		return 0
	fi
	tell
	return 1
}

main "$@"
