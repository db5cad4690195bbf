#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Make the file system of a guest, an initramfs, for each KERNEL, such as 6.1 or
# 6.12-arm64:
#
#	vm/image.sh KERNEL...    write build/vm/image-KERNEL.cpio.gz
#
# For amd64, copy programs from the tools that fetch.sh has unpacked, or else
# from this machine, and their libraries from this machine. For another
# architecture, copy both from the root that fetch.sh has unpacked. Copy only
# the kernel modules in MODULES, and modules on which they depend.

set -eu
cd "$(dirname "$0")/.."
. vm/lib.bash

readonly TOP=$PWD
readonly MODULES=(virtio_pci virtio_net igb vmxnet3 e1000e e1000 xsk_diag
	veth tun bonding bridge 8021q macvlan macvtap ipvlan vxlan ip_gre ip6_gre
	wireguard ifb dummy team vrf hsr openvswitch batman-adv)
readonly PROGRAMS=(dash ip ss ethtool ping bpftool tcpdump xdp-loader)

PATH=$PATH:/usr/sbin:/sbin

# Print the path of a tool. Prefer an unpacked tool to this machine's.
tool() { # NAME
	local tools=$TOP/$VM_DIR/tools-$arch

	PATH=$tools/bin:$tools/usr/bin:$tools/sbin:$tools/usr/sbin:$PATH command -v "$1"
}

# Run kmod under the name of one of its commands: the name selects the command.
# Do not use the unpacked links with these names, because they are absolute and
# lead to this machine's kmod.
kmod_as() { # NAME ARGS...
	(exec -a "$1" "$(tool kmod)" "${@:2}")
}

# --- our program, and the exercises' program ---------------------------------

# Copy the sources, apply VM_PATCH if it is set, and build the copy for the
# guest's architecture. Solve the copy's exercises, and build them, too. Set
# $tree to the copy's directory.
tree_make() {
	local file
	local -a for_arch=()

	tree=$VM_DIR/tree-$arch${VM_PATCH:+-patched}
	mkdir -p "$tree"
	tar -c --exclude=exercises/{af_xdp_*,headers,build,backup*,.hints} \
		--exclude=lessons/{forward,jumbo,latency} \
		Makefile af_xdp_{user,kern}.c common headers lessons testenv exercises |
		tar -x -C "$tree"
	[[ -z ${VM_PATCH-} ]] || patch -s -p1 -d "$tree" <"$VM_PATCH"
	((EUID)) || chown -R --reference=. "$tree"
	[[ $arch == amd64 ]] || cross_options
	tree_run "$tree" all
	tree_run "$tree" lessons
	tree_run "$tree/exercises" work
	for file in af_xdp_{user,kern}.c headers/{xsk,icmp6_echo}.h; do
		cp -p "$tree/$file" "$tree/exercises/$file"
	done
	tree_run "$tree/exercises" build
}

# Set $for_arch to the make variables of a cross build. BPF code and bpftool's
# skeletons do not depend on the architecture, so they need no variables.
cross_options() {
	mapfile -t for_arch < <(vm_cross_variables "$arch")
}

tree_run() { # DIRECTORY TARGET
	make -s -C "$1" ${for_arch[@]+"${for_arch[@]}"} "$2"
}

# --- programs and libraries --------------------------------------------------

# Print the libraries that a program needs, and the dynamic linker. ldd does not
# work for programs of another architecture, so read their ELF headers.
libraries_of() { # FILE
	if [[ $arch == amd64 ]]; then
		ldd "$1" | grep -o '/[^ ]*'
	else
		readelf -l "$1" | sed -n 's/.*program interpreter: \(.*\)\]/\1/p'
		libraries_needed "$1" | sort -u
	fi
}

libraries_needed() { # FILE
	local name file

	for name in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		for file in "$root_arch"/{lib,usr/lib}/"$(vm_triplet "$arch")/$name"; do
			[[ -e $file ]] || continue
			echo "${file#"$root_arch"}"
			libraries_needed "$file"
		done
	done
}

# Copy a program and its libraries, which include the dynamic linker.
copy_program() { # ROOT FILE [NAME]
	local file

	for file in $(libraries_of "$2"); do
		[[ -e $1$file ]] || install -D "$root_arch$file" "$1$file"
	done
	install -D "$2" "$1/bin/${3:-$(basename "$2")}"
}

# Print the path of a program of the guest's architecture.
program_find() { # NAME
	if [[ $arch == amd64 ]]; then
		tool "$1"
	else
		PATH=$root_arch/bin:$root_arch/usr/bin:$root_arch/sbin:$root_arch/usr/sbin \
			command -v "$1"
	fi
}

# Copy the dispatcher, an XDP program that runs other XDP programs one after the
# other. libxdp reads it from the folder bpf beside the library.
copy_dispatcher() { # ROOT
	local libxdp file

	libxdp=$(libraries_of "$tree/af_xdp_user" | grep libxdp | head -n 1)
	file=$(dirname "$(readlink -f "$root_arch$libxdp")")/bpf/xdp-dispatcher.o
	install -D -m 644 "$file" "$1${file#"$root_arch"}"
}

# Copy busybox, and make a link for each applet. A busybox for another
# architecture cannot run here, so take the list from a busybox that runs
# here and has the same applets.
copy_busybox() { # ROOT
	local applet

	install -D "$(program_find busybox)" "$1/bin/busybox"
	for applet in $("$(tool busybox)" --list); do
		[[ -e $1/bin/$applet ]] || ln -s busybox "$1/bin/$applet"
	done
	ln -sf dash "$1/bin/sh" # busybox's own shell would run busybox's ip
}

# Copy the modules, and list them in the order of insertion. Decompress the
# modules, because not every insmod can load compressed modules. Skip missing
# modules: the kernel may have them built in.
copy_modules() { # ROOT KERNEL_DIRECTORY
	local release name file

	[[ -e $2/lib ]] || ln -s usr/lib "$2/lib"
	release=$(basename "$2"/lib/modules/*)
	kmod_as depmod -b "$2" "$release" 2>/dev/null
	mkdir -p "$1/modules"
	for name in "${MODULES[@]}"; do
		kmod_as modprobe -d "$2" -S "$release" --show-depends "$name" || :
	done 2>/dev/null | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
		while read -r file; do
			name=$(basename "$file")
			case $file in
			*.xz) xz -dc "$file" >"$1/modules/${name%.xz}" ;;
			*.zst) zstd -qdc "$file" >"$1/modules/${name%.zst}" ;;
			*) cp "$file" "$1/modules/" ;;
			esac
			echo "${name%.[xz]*}" >>"$1/modules/order"
		done
}

copy_ours() { # ROOT
	local ours=$tree

	[[ $arch != amd64 || ${VM_PATCH-} ]] || ours=.
	copy_program "$1" "$ours/af_xdp_user"
	cp "$ours/af_xdp_kern.o" "$1/root/"
	for lesson in forward jumbo latency; do
		copy_program "$1" "$ours/lessons/$lesson"
	done
	copy_program "$1" "$tree/exercises/build/tree/af_xdp_user" exercise_user
	cp "$tree/exercises/build/tree/af_xdp_kern.o" "$1/root/exercise_kern.o"
	[[ $arch != amd64 ]] || copy_datapath "$1"
	# wakeup needs zero-copy, which no guest of another architecture has.
	[[ $arch != amd64 ]] || copy_program "$1" build/bench/wakeup
}

# Build and copy datapath, which only "make check-devices" needs.
copy_datapath() { # ROOT
	${CC:-cc} -O1 -I. -o "$VM_DIR/datapath" vm/datapath.c common/netlink.c
	copy_program "$1" "$VM_DIR/datapath"
}

image_make() { # KERNEL
	local root program

	root=$(mktemp -d)
	mkdir -p "$root"/{bin,dev,etc,proc,run,sys,tmp,root}
	for program in "${PROGRAMS[@]}"; do
		! program=$(program_find "$program") || copy_program "$root" "$program"
	done
	copy_ours "$root"
	copy_dispatcher "$root"
	copy_busybox "$root"
	copy_modules "$root" "$VM_DIR/kernel-$1"
	cp vm/guest/init "$root/init"
	cp vm/guest/{t,lab,cells,lessons,faults,compare,devices,claims} "$root/bin/"
	(cd "$root" && find . | "$(tool cpio)" --quiet -o -H newc -R 0:0) |
		gzip -1 >"$VM_DIR/image-$1.cpio.gz.tmp"
	mv "$VM_DIR/image-$1.cpio.gz"{.tmp,}
	rm -r "$root"
}

for kernel; do
	arch=$(vm_arch "$kernel")
	root_arch=
	[[ $arch == amd64 ]] || root_arch=$TOP/$VM_DIR/root-$arch
	tree_make
	image_make "$kernel"
done
