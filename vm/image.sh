#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes a guest's file system, all of which is in memory:
#
#	vm/image.sh 6.1|6.12|newest...    build/vm/image-6.1.cpio.gz ...
#
# The programs in it are this machine's, with the libraries that they want; the
# kernel's modules are those of the network cards.

set -eu
cd "$(dirname "$0")/.."
. vm/lib.bash

readonly TOOLS=$PWD/$VM_DIR/tools
readonly MODULES=(virtio_pci virtio_net igb vmxnet3 e1000e e1000 xsk_diag)
readonly PROGRAMS=(dash ip ss ethtool ping bpftool tcpdump)

PATH=$PATH:/usr/sbin:/sbin

tool() { # NAME: the unpacked one, or this machine's
	PATH=$TOOLS/bin:$TOOLS/usr/bin:$TOOLS/sbin:$TOOLS/usr/sbin:$PATH command -v "$1"
}

# kmod is what its name says: the links that say it are absolute, and so not ours.
kmod_as() { # NAME ARGS...
	(exec -a "$1" "$(tool kmod)" "${@:2}")
}

# A program and what the dynamic linker would load for it.
copy_program() { # ROOT FILE
	local file

	for file in $(ldd "$2" | grep -o '/[^ ]*'); do
		[[ -e $1$file ]] || install -D "$file" "$1$file"
	done
	install -D "$2" "$1/bin/$(basename "$2")"
}

# xdp-loader reads the dispatcher, in which its programs run one after the other,
# from a folder beside libxdp.
copy_xdp_loader() { # ROOT
	local libxdp file

	copy_program "$1" "$(tool xdp-loader)"
	libxdp=$(ldd ./af_xdp_user | grep -o '/[^ ]*libxdp[^ ]*')
	file=$(dirname "$(readlink -f "$libxdp")")/bpf/xdp-dispatcher.o
	install -D -m 644 "$file" "$1$file"
}

copy_busybox() { # ROOT
	local applet

	install -D "$(tool busybox)" "$1/bin/busybox"
	for applet in $("$1/bin/busybox" --list); do
		[[ -e $1/bin/$applet ]] || ln -s busybox "$1/bin/$applet"
	done
	ln -sf dash "$1/bin/sh" # busybox's takes its own ip for the real one
}

# In the order in which they are to be inserted: decompressed, so that every
# insmod will do. A kernel may have some of them built in.
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

image_make() { # KERNEL
	local root program

	root=$(mktemp -d)
	mkdir -p "$root"/{bin,dev,etc,proc,run,sys,tmp,root}
	for program in "${PROGRAMS[@]}"; do
		! program=$(command -v "$program") || copy_program "$root" "$program"
	done
	copy_program "$root" ./af_xdp_user
	cp af_xdp_kern.o "$root/root/"
	copy_xdp_loader "$root"
	copy_busybox "$root"
	copy_modules "$root" "$VM_DIR/kernel-$1"
	cp vm/guest/init "$root/init"
	cp vm/guest/{t,lab,cells,compare} "$root/bin/"
	(cd "$root" && find . | "$(tool cpio)" --quiet -o -H newc -R 0:0) |
		gzip -1 >"$VM_DIR/image-$1.cpio.gz.tmp"
	mv "$VM_DIR/image-$1.cpio.gz"{.tmp,}
	rm -r "$root"
}

for kernel; do
	image_make "$kernel"
done
