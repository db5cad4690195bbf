#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Download the packages for the guests from Debian, and unpack them into the
# directories below. Nothing is installed, and the machine's package sources are
# not changed.
#
#	vm/fetch.sh tools-amd64        build/vm/tools-amd64: QEMU, small tools
#	vm/fetch.sh root-arm64         build/vm/root-arm64: libraries, programs
#	vm/fetch.sh 6.1|6.12-arm64|... build/vm/kernel-6.1 ...: kernels
#	vm/fetch.sh cbmc herd          build/vm/cbmc ...: for make prove
#
# A kernel and a root-* directory may be for another architecture; the programs
# in a tools-* directory run on this machine.
#
# Exit status 3: the packages are not available here.

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

readonly BACKPORTS=bookworm-backports
readonly DAY_MINUTES=1440

unobtainable() {
	vm_say "cannot be downloaded: $*"
	exit "$UNOBTAINABLE"
}

# Set the architecture for which apt gets packages. For this machine's own
# architecture apt knows the installed packages, and gets only missing packages.
# For another architecture apt treats no package as installed.
arch_choose() { # ARCHITECTURE
	arch=$1
	arch_suffix=
	APT=$PWD/$VM_DIR/apt-$arch
	status=/var/lib/dpkg/status
	if [[ $arch != amd64 ]]; then
		arch_suffix=_$arch
		status=$APT/status
		mkdir -p "$APT"
		: >"$status"
	fi
	apt_update
}

# Run a command of apt with our own suites and lists, and without a lock.
apt() { # COMMAND...
	"$1" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State::status="$status" -o Dir::State::lists="$APT/lists" -o Dir::Cache="$APT/cache" \
		-o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin \
		-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$APT/etc" \
		-o Dir::Etc::preferences="$APT/preferences" \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Acquire::Languages=none -o Acquire::Retries=3 \
		-o APT::Sandbox::User=root -o Debug::NoLocking=true "${@:2}"
}

# Print the URI of the mirror that this machine uses for a suite.
mirror() { # CODENAME
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' "Codename: $1" 2>/dev/null | head -n 1
}

# Print the name of the file with the mirror's signing keys.
keyring() {
	local file=/usr/share/keyrings/debian-archive-keyring.gpg

	sed -n 's/^Signed-By: *\//\//p' /etc/apt/sources.list.d/*.sources 2>/dev/null |
		head -n 1 | grep . || { [[ ! -e $file ]] || echo "$file"; }
}

# Write our configuration of apt. Kernels come from several suites. QEMU comes
# from backports, because only QEMU 8.0 and later emulate igb. The provers of
# make prove come from trixie (cbmc) and sid (herd). Everything else comes from
# this machine's own suite.
apt_configure() {
	uri=$(mirror bookworm)
	[[ -n $uri ]] || unobtainable "the packages, because this machine's apt configuration has no mirror of Debian 12"
	mkdir -p "$APT"/{etc,lists/partial,cache/archives/partial}
	rm -f "$APT"/etc/*.sources
	source_write bookworm "$uri"
	printf 'Package: *\nPin: release n=%s\nPin-Priority: 50\n\n' \
		trixie trixie-backports sid bullseye bullseye-security >"$APT/preferences"
}

source_write() { # SUITE URI
	local key

	key=$(keyring)
	cat >"$APT/etc/$1.sources" <<-END
		Types: deb
		URIs: $2
		Suites: $1
		Components: main
		Targets: Packages
		${key:+Signed-By: $key}
	END
}

# If the package lists are older than a day, get new lists. If that is not
# possible, use the old lists.
apt_update() {
	local uri

	[[ -z $(find "$APT/updated" -mmin -$DAY_MINUTES 2>/dev/null) ]] || return 0
	apt_configure
	if lists_get; then
		other_suites_add
		touch "$APT/updated"
	elif [[ ! -e $APT/updated ]]; then
		unobtainable "apt-get update: $(grep -m 1 '^[EW]:' "$APT/update.log")"
	fi
}

# Add the suites that have QEMU, the provers, and all kernels except 6.1. Omit a
# suite that the mirror does not have for this architecture, or no longer has,
# so that the packages of the other suites are still available.
other_suites_add() {
	local suite from

	for suite in $BACKPORTS trixie trixie-backports sid bullseye bullseye-security; do
		from=$uri
		[[ $suite != *-security ]] || from=$(mirror bookworm-security)
		[[ $from ]] || continue
		source_write "$suite" "$from"
		lists_get || rm "$APT/etc/$suite.sources"
	done
}

lists_get() {
	apt apt-get update -o APT::Update::Error-Mode=any >"$APT/update.log" 2>&1
}

# --- packages, each written as NAME=VERSION ----------------------------------

# Return true if a package in the cache has the hash that apt's lists have for
# it.
is_sound() { # PACKAGE FILE
	local hash

	hash=$(apt apt-cache show "$1" | sed -n 's/^SHA256: //p' | head -n 1)
	[[ -n $hash ]] && sha256sum --status -c - 2>/dev/null <<<"$hash  $2"
}

package_download() { # PACKAGE
	rm -rf "$APT/new" && mkdir -p "$APT/new"
	(cd "$APT/new" && apt apt-get download "$1") >"$APT/download.log" 2>&1
}

# Download the package, if the cache does not have it. Print the name of its
# file.
package_fetch() { # PACKAGE
	local file

	file=$(vm_cache)/${1/=/_}${arch_suffix}.deb
	if ! is_sound "$1" "$file"; then
		vm_say "downloading $1"
		package_download "$1" ||
			unobtainable "$1: $(grep -m 1 '^E:' "$APT/download.log")"
		mv "$APT"/new/*.deb "$file" || exit
	fi
	echo "$file"
}

# Return true if exactly these packages are unpacked in the directory.
is_unpacked() { # DIRECTORY PACKAGE...
	[[ $(cat "$1/packages" 2>/dev/null) == "${*:2}" ]]
}

# --- QEMU, small tools, programs of another architecture ---------------------

# Print the packages that apt would install: each PACKAGE or dependency that is
# missing, or is installed in another version than apt selects.
packages_missing() { # PACKAGE...
	local line

	line=$(apt apt-get install --simulate --no-install-recommends "$@" 2>&1) ||
		unobtainable "$1: $(grep -m 1 'E:\|Depends:' <<<"$line")"
	sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\?(\([^ ]*\) .*/\1=\3/p' <<<"$line"
}

# Unpack the packages that packages_missing() prints.
packages_unpack() { # DIRECTORY PACKAGE...
	local directory=$VM_DIR/$1 list package file
	local -a packages

	list=$(packages_missing "${@:2}") || exit
	mapfile -t packages <<<"$list"
	is_unpacked "$directory" "${packages[@]}" && return
	rm -rf "$directory" && mkdir -p "$directory"
	for package in ${packages[@]+"${packages[@]}"}; do
		[[ -n $package ]] || continue
		file=$(package_fetch "$package") || exit
		dpkg-deb -x "$file" "$directory" || exit
	done
	echo "${packages[*]}" >"$directory/packages"
}

# Get QEMU for guests of this ARCHITECTURE, and small tools. All of these run on
# this machine.
fetch_tools() { # ARCHITECTURE
	local qemu=qemu-system-x86

	[[ $1 == amd64 ]] || qemu="qemu-system-arm"
	arch_choose amd64
	packages_unpack "tools-$1" \
		{$qemu,qemu-system-{common,data},seabios}/$BACKPORTS \
		busybox-static kmod cpio xdp-tools
}

# Get the libraries and programs for a guest of another architecture.
fetch_root() { # ARCHITECTURE
	arch_choose "$1"
	packages_unpack "root-$1" \
		lib{c6,xdp,bpf,cap-ng,seccomp,cmocka}-dev dash iproute2 ethtool \
		iputils-ping bpftool tcpdump busybox-static xdp-tools
}

# Get a prover and its libraries. These libraries are newer than this machine's,
# so tests/prove/lib.bash starts the prover with the dynamic linker that comes
# with them.
fetch_prover() { # cbmc or herd
	arch_choose amd64
	case $1 in
	cbmc) packages_of trixie "$1" cbmc minisat libc6 libgcc-s1 libstdc++6 ;;
	herd) packages_of sid "$1" herdtools7 libc6 libgmp10 ;;
	esac
}

# Unpack these packages of a suite, without their dependencies.
packages_of() { # SUITE DIRECTORY PACKAGE...
	local directory=$VM_DIR/$2 package version file
	local -a packages=()

	for package in "${@:3}"; do
		version=$(apt apt-cache madison "$package" |
			awk -v suite="$1/main" '$6 == suite { print $3; exit }')
		[[ $version ]] || unobtainable "no $package in $1"
		packages+=("$package=$version")
	done
	is_unpacked "$directory" "${packages[@]}" && return
	rm -rf "$directory" && mkdir -p "$directory"
	for package in "${packages[@]}"; do
		file=$(package_fetch "$package") || exit
		dpkg-deb -x "$file" "$directory" || exit
	done
	echo "${packages[*]}" >"$directory/packages"
}

# --- kernels -----------------------------------------------------------------

# Print the versions of Debian's kernel, newest first.
kernel_versions() {
	apt apt-cache madison "linux-image-$arch" |
		awk '$NF == "Packages" { print $3 }' | sort -Vru
}

kernel_version() { # KERNEL
	kernel_versions | if [[ $1 == newest ]]; then
		head -n 1
	else
		grep -m 1 "^${1//./\\.}\\."
	fi
}

# Print the packages of a kernel. linux-image-ARCHITECTURE depends on them.
# Since 7.x the kernel and its modules have their own packages, and
# linux-image-* is empty.
kernel_packages() { # KERNEL
	local version release name

	version=$(kernel_version "$1")
	[[ -n $version ]] || return
	release=$(apt apt-cache show "linux-image-$arch=$version" |
		sed -n 's/^Depends:.* linux-image-\([^ ,]*\).*/\1/p' | head -n 1)
	for name in {binary,modules}-"$release" image-"$release"; do
		apt apt-cache madison "linux-$name" | awk -v v="$version" \
			'!n && $3 == v { n = 1; print $1 "=" $3 }'
	done | awk '/linux-image/ && NR > 1 { exit } { print }'
}

# Unpack the kernel, and only the modules that a network driver may need.
kernel_unpack() { # FILE DIRECTORY
	dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards \
		--exclude='*/drivers/net/wireless*' \
		'*/vmlinuz*' '*/modules.*' '*/kernel/net/*' '*/kernel/lib/*' \
		'*/kernel/drivers/'{net,virtio,i2c,dca,ptp,pps}'/*' 2>/dev/null
	[[ ${PIPESTATUS[0]} == 0 ]]
}

fetch_kernel() { # KERNEL
	local directory=$VM_DIR/kernel-$1 package file
	local -a packages

	arch_choose "$(vm_arch "$1")"
	mapfile -t packages < <(kernel_packages "${1%-"$arch"}")
	((${#packages[@]})) || unobtainable "no kernel $1 in the available suites"
	is_unpacked "$directory" "${packages[@]}" && return
	rm -rf "$directory" && mkdir -p "$directory"
	for package in "${packages[@]}"; do
		file=$(package_fetch "$package") || exit
		kernel_unpack "$file" "$directory" || exit
	done
	echo "${packages[*]}" >"$directory/packages"
}

main() {
	local what

	mkdir -p "$(vm_cache)" || unobtainable "the packages, because the directory $(vm_cache) cannot be made"
	for what; do
		case $what in
		tools-*) fetch_tools "${what#*-}" ;;
		root-*) fetch_root "${what#*-}" ;;
		cbmc | herd) fetch_prover "$what" ;;
		*) fetch_kernel "$what" ;;
		esac || exit
	done
}

command -v apt-get >/dev/null || unobtainable "the packages, because this machine has no apt-get"
main "$@"
