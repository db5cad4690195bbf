# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # the sourcing scripts use them
#
# Variables and functions that the scripts of this folder share: directories,
# and the kernels and cards to choose from. Source this file from the top of the
# project.

readonly VM_DIR=build/vm
readonly UNOBTAINABLE=3 # exit status: the packages are not available

# Print the directory for downloads. All runs and all checkouts share it.
vm_cache() {
	local base=$HOME/.cache

	((EUID)) || base=/var/cache
	echo "${VM_CACHE:-${XDG_CACHE_HOME:-$base}/af_xdp_vm}"
}

vm_say() {
	printf 'vm: %s\n' "$*" >&2
}

# Print the names of the kernels. An architecture other than amd64 is a suffix
# of the name: 6.1-arm64.
vm_kernels() {
	case ${ARCH:-amd64} in
	amd64) vm_kernel_names 5.10 6.1 6.12 newest ;;
	arm64) vm_kernel_names 6.1 6.12 newest ;;
	*) vm_kernel_names newest ;; # not supported: no rows in expected.csv
	esac
}

vm_kernel_names() { # KERNEL...
	local suffix=

	[[ ${ARCH:-amd64} == amd64 ]] || suffix=-$ARCH
	echo "${@/%/$suffix}"
}

vm_arch() { # KERNEL
	case $1 in
	*-*) echo "${1#*-}" ;;
	*) echo amd64 ;;
	esac
}

# Print the name that compilers use for an architecture.
vm_triplet() { # ARCHITECTURE
	case $1 in
	arm64) echo aarch64-linux-gnu ;;
	armhf) echo arm-linux-gnueabihf ;;
	*) echo "$1-linux-gnu" ;;
	esac
}

# Print the make variables of a cross build, one per line. The build uses the
# libraries that vm/fetch.sh has unpacked.
vm_cross_variables() { # ARCHITECTURE
	local root=$PWD/$VM_DIR/root-$1 triplet

	triplet=$(vm_triplet "$1")
	echo "CC=$triplet-gcc"
	echo "CFLAGS=-O2 -g --sysroot=$root"
	echo "PKG_CONFIG=env PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig:$root/usr/share/pkgconfig pkg-config"
}

# Print arguments for vm/fetch.sh, to get everything that a guest needs besides
# its kernel.
vm_basis() { # KERNEL
	local arch

	arch=$(vm_arch "$1")
	echo "tools-$arch"
	[[ $arch == amd64 ]] || echo "root-$arch"
}

# Print the cards to test with a kernel. For architectures other than amd64,
# virtio_net is enough, because the drivers' source is the same.
#
# virtio_net-plain is QEMU's default. The device accesses guest memory without
# an IOMMU, so the driver has no DMA addresses for AF_XDP's zero-copy.
#
# virtio_net-faults and igb-claims need the newest kernel: see vm/README.org,
# Faults and Claims.
vm_nics() { # KERNEL
	local newest_only=

	if [[ $(vm_arch "$1") != amd64 ]]; then
		echo virtio_net virtio_net-lessons
		return
	fi
	[[ $1 != newest ]] || newest_only=" igb-claims virtio_net-faults"
	echo "virtio_net virtio_net-plain igb vmxnet3 e1000e e1000" \
		"virtio_net-queues virtio_net-no-mrg virtio_net-lessons$newest_only"
}

# Return true if the card needs a tap.
vm_takes_tap() { # NIC
	[[ $1 == virtio_net-@(queues|no-mrg) ]]
}

vm_can_boot() { # NIC
	! vm_takes_tap "$1" || { ((!EUID)) && [[ -c /dev/net/tun ]]; }
}

# Print the card, as QEMU's option -device needs it.
vm_device() { # NIC
	case $1 in
	virtio_net | virtio_net-faults | virtio_net-lessons) echo virtio-net-pci,iommu_platform=on,disable-legacy=on ;;
	virtio_net-plain) echo virtio-net-pci ;;
	virtio_net-queues) echo virtio-net-pci,iommu_platform=on,disable-legacy=on,mq=on,vectors=6,rss=on ;;
	virtio_net-no-mrg) echo virtio-net-pci,mrg_rxbuf=off ;;
	igb-claims) echo igb ;;
	*) echo "$1" ;;
	esac
}
