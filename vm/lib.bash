# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # they are used by who sources it
#
# What the scripts of this folder share: where things are, and what there is to
# choose from. To be sourced, from the top of the project.

readonly VM_DIR=build/vm
readonly UNOBTAINABLE=3 # exit status: the packages cannot be had

# Downloads are kept between runs, and between checkouts.
vm_cache() {
	local base=$HOME/.cache

	((EUID)) || base=/var/cache
	echo "${VM_CACHE:-${XDG_CACHE_HOME:-$base}/af_xdp_vm}"
}

vm_say() {
	printf 'vm: %s\n' "$*" >&2
}

vm_kernels() {
	echo 6.1 6.12 newest
}

# virtio_net-plain: as QEMU makes it unless told otherwise. Then the device uses
# guest memory without asking, and the driver has no DMA addresses to give to
# AF_XDP's zero-copy.
vm_nics() {
	echo virtio_net virtio_net-plain igb vmxnet3 e1000e e1000 \
		virtio_net-queues virtio_net-no-mrg
}

# What is to be seen of these two, they have from a tap.
vm_takes_tap() { # NIC
	[[ $1 == virtio_net-@(queues|no-mrg) ]]
}

vm_can_boot() { # NIC
	! vm_takes_tap "$1" || { ((!EUID)) && [[ -c /dev/net/tun ]]; }
}

# What QEMU is told.
vm_device() { # NIC
	case $1 in
	virtio_net) echo virtio-net-pci,iommu_platform=on,disable-legacy=on ;;
	virtio_net-plain) echo virtio-net-pci ;;
	virtio_net-queues) echo virtio-net-pci,iommu_platform=on,disable-legacy=on,mq=on,vectors=6,rss=on ;;
	virtio_net-no-mrg) echo virtio-net-pci,mrg_rxbuf=off ;;
	*) echo "$1" ;;
	esac
}
