#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Brings what a guest is made of from Debian, and unpacks it: nothing is
# installed, and the machine's package sources stay as they are.
#
#	vm/fetch.sh tools                 QEMU and others: build/vm/tools
#	vm/fetch.sh 6.1|6.12|newest...    kernels: build/vm/kernel-6.1 ...
#
# Exit status 3: the packages cannot be had here.

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

readonly APT=$PWD/$VM_DIR/apt
readonly BACKPORTS=bookworm-backports
readonly DAY_MINUTES=1440

unobtainable() {
	vm_say "cannot be had: $*"
	exit "$UNOBTAINABLE"
}

# An apt of our own: other suites, other lists, no lock; but it knows what is
# installed on this machine, and so what is missing.
apt() { # COMMAND...
	"$1" -q -o Dir::State::lists="$APT/lists" -o Dir::Cache="$APT/cache" \
		-o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin \
		-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$APT/etc" \
		-o Dir::Etc::preferences="$APT/preferences" \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Acquire::Languages=none -o Acquire::Retries=3 \
		-o APT::Sandbox::User=root -o Debug::NoLocking=true "${@:2}"
}

# The mirror, and the key that it is signed with, are those of this machine.
mirror() {
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Codename: bookworm' 2>/dev/null | head -n 1
}

keyring() {
	local file=/usr/share/keyrings/debian-archive-keyring.gpg

	sed -n 's/^Signed-By: *\//\//p' /etc/apt/sources.list.d/*.sources 2>/dev/null |
		head -n 1 | grep . || { [[ ! -e $file ]] || echo "$file"; }
}

# Kernels come from three suites; all else is this machine's own, but QEMU:
# igb came with 8.0.
apt_configure() {
	local uri key

	uri=$(mirror)
	[[ -n $uri ]] || unobtainable "no mirror of Debian 12 in this machine's apt configuration"
	key=$(keyring)
	mkdir -p "$APT"/{etc,lists/partial,cache/archives/partial}
	cat >"$APT/etc/debian.sources" <<-END
		Types: deb
		URIs: $uri
		Suites: bookworm $BACKPORTS trixie-backports sid
		Components: main
		Targets: Packages
		${key:+Signed-By: $key}
	END
	printf 'Package: *\nPin: release n=%s\nPin-Priority: 50\n\n' \
		trixie-backports sid >"$APT/preferences"
}

# The lists of today will do; where no newer ones can be had, those of before.
apt_update() {
	[[ -z $(find "$APT/updated" -mmin -$DAY_MINUTES 2>/dev/null) ]] || return 0
	apt_configure
	if apt apt-get update -o APT::Update::Error-Mode=any >"$APT/update.log" 2>&1; then
		touch "$APT/updated"
	elif [[ ! -e $APT/updated ]]; then
		unobtainable "apt-get update: $(grep -m 1 '^[EW]:' "$APT/update.log")"
	fi
}

# --- packages, each written as NAME=VERSION ----------------------------------

# apt checks what it downloads; what lies in the cache is checked here, by the
# same hash.
is_sound() { # PACKAGE FILE
	local hash

	hash=$(apt apt-cache show "$1" | sed -n 's/^SHA256: //p' | head -n 1)
	[[ -n $hash ]] && sha256sum --status -c - 2>/dev/null <<<"$hash  $2"
}

package_download() { # PACKAGE
	rm -rf "$APT/new" && mkdir -p "$APT/new"
	(cd "$APT/new" && apt apt-get download "$1") >"$APT/download.log" 2>&1
}

# Prints the file.
package_fetch() { # PACKAGE
	local file

	file=$(vm_cache)/${1/=/_}.deb
	if ! is_sound "$1" "$file"; then
		vm_say "downloading $1"
		package_download "$1" ||
			unobtainable "$1: $(grep -m 1 '^E:' "$APT/download.log")"
		mv "$APT"/new/*.deb "$file" || exit
	fi
	echo "$file"
}

# What was unpacked from the same packages stays.
is_unpacked() { # DIRECTORY PACKAGE...
	[[ $(cat "$1/packages" 2>/dev/null) == "${*:2}" ]]
}

# --- QEMU and the small tools ------------------------------------------------

# What this machine lacks of them, dependencies included.
tools_missing() {
	local line

	line=$(apt apt-get install --simulate --no-install-recommends \
		{qemu-system-{x86,common,data},seabios}/$BACKPORTS \
		busybox-static kmod cpio xdp-tools 2>&1) ||
		unobtainable "QEMU: $(grep -m 1 'E:\|Depends:' <<<"$line")"
	sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\?(\([^ ]*\) .*/\1=\3/p' <<<"$line"
}

fetch_tools() {
	local directory=$VM_DIR/tools package file
	local -a packages

	mapfile -t packages < <(tools_missing)
	is_unpacked "$directory" "${packages[@]}" && return
	rm -rf "$directory" && mkdir -p "$directory"
	for package in "${packages[@]}"; do
		file=$(package_fetch "$package") || exit
		dpkg-deb -x "$file" "$directory" || exit
	done
	echo "${packages[*]}" >"$directory/packages"
}

# --- kernels -----------------------------------------------------------------

# Versions of Debian's kernel, newest first.
kernel_versions() {
	apt apt-cache madison linux-image-amd64 |
		awk '$NF == "Packages" { print $3 }' | sort -Vru
}

kernel_version() { # KERNEL
	kernel_versions | if [[ $1 == newest ]]; then
		head -n 1
	else
		grep -m 1 "^${1//./\\.}\\."
	fi
}

# linux-image-amd64 depends on the one that is meant. Since 7.x the kernel and
# its modules are packages of their own, and linux-image-* has nothing in it.
kernel_packages() { # KERNEL
	local version release name

	version=$(kernel_version "$1")
	[[ -n $version ]] || return
	release=$(apt apt-cache show "linux-image-amd64=$version" |
		sed -n 's/^Depends:.* linux-image-\([^ ,]*\).*/\1/p' | head -n 1)
	for name in {binary,modules}-"$release" image-"$release"; do
		apt apt-cache madison "linux-$name" | awk -v v="$version" \
			'!n && $3 == v { n = 1; print $1 "=" $3 }'
	done | awk '/linux-image/ && NR > 1 { exit } { print }'
}

# Of the modules only what a network driver can be in need of.
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

	mapfile -t packages < <(kernel_packages "$1")
	((${#packages[@]})) || unobtainable "no kernel $1 in the suites that there are"
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

	mkdir -p "$APT" "$(vm_cache)" || unobtainable "$(vm_cache) cannot be made"
	apt_update
	for what; do
		if [[ $what == tools ]]; then
			fetch_tools
		else
			fetch_kernel "$what"
		fi || exit
	done
}

command -v apt-get >/dev/null || unobtainable "this machine has no apt-get"
main "$@"
