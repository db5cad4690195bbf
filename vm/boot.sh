#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Boot a guest, with the kernel that fetch.sh has unpacked and the initramfs
# that image.sh has made.
#
#	vm/boot.sh KERNEL NIC RUN
#
# RUN is cells, devices, compare, pass, wakeup or shell: see guest/init. The
# guest's console is stdin and stdout. A hub inside QEMU joins the guest's two
# network cards. The hub has no connection to this machine's networks, and does
# not need root. virtio_net-queues and virtio_net-no-mrg need taps and a bridge
# instead of the hub, and taps need root. boot.sh makes the taps and the bridge
# in a new network namespace, in which it then starts QEMU.

set -u
cd "$(dirname "$0")/.." || exit
. vm/lib.bash

# Time limits for a guest, in seconds. The cells of guest/faults take longer
# than others, because they run with slow checks of the kernel.
readonly TIME_LIMIT=${VM_TIME_LIMIT:-360}
readonly FAULTS_TIME_LIMIT=${VM_TIME_LIMIT:-600}

# If fetch.sh has unpacked a QEMU, use it, with the libraries that this machine
# lacks. Otherwise this machine has the same QEMU installed: use it.
qemu_find() {
	local tools=$PWD/$VM_DIR/tools-$arch

	qemu=(qemu-system-x86_64)
	[[ $arch == amd64 ]] || qemu=(qemu-system-aarch64)
	[[ -x $tools/usr/bin/${qemu[0]} ]] || return
	qemu=(env "LD_LIBRARY_PATH=$tools/usr/lib/x86_64-linux-gnu:$tools/lib/x86_64-linux-gnu"
		"$tools/usr/bin/${qemu[0]}" -L "$tools/usr/share/qemu" -L "$tools/usr/share/seabios")
}

# By default, emulate the processors, even if /dev/kvm exists, because on some
# machines KVM cannot boot a guest. VM_ACCEL=kvm uses KVM. Use one thread for
# both emulated processors. With two threads Linux sometimes panics when it
# changes its own code (static keys), because a processor executes an int3 that
# has been removed already.
#
# If the processors are emulated and RUN is compare or shell, a second in the
# guest is a fixed number of instructions, so other load on the host does not
# change a comparison of modes.
qemu_add_machine() { # RUN
	local machine=q35 cpu=max

	[[ $arch == amd64 ]] || { machine=virt,gic-version=3; cpu=cortex-a72; }
	if [[ ${VM_ACCEL-} == kvm ]]; then
		qemu+=(-accel kvm -cpu host)
	else
		qemu+=(-accel "tcg,thread=single" -cpu "$cpu")
		[[ $1 != @(compare|shell) ]] || qemu+=(-icount shift=1)
	fi
	qemu+=(-M "$machine" -smp 2 -m 1024 -nodefaults -display none -no-reboot)
}

# Make two taps on a bridge. main() has entered a new network namespace before.
taps_make() { # NIC
	local queues=

	[[ $1 != *-queues ]] || queues=multi_queue
	ip link add bridge0 type bridge mcast_snooping 0 &&
		ip tuntap add dev here mode tap vnet_hdr $queues &&
		ip tuntap add dev inside mode tap vnet_hdr &&
		ip link set here master bridge0 up &&
		ip link set inside master bridge0 up &&
		ip link set bridge0 up
}

qemu_add_card() { # ID NIC MAC'S LAST BYTE
	local net="hubport,hubid=0"

	if [[ -n ${VM_TAPS-} ]]; then
		net="tap,ifname=$1,script=no,downscript=no,vhost=off"
		[[ $2 != virtio_net-queues ]] || net+=",queues=2"
	fi
	qemu+=(-netdev "$net,id=$1"
		-device "$(vm_device "$2"),netdev=$1,romfile=,mac=52:54:00:00:00:$3")
}

# If the guest runs a shell, pass all keys to it, Ctrl-C included. Then only
# Ctrl-a x or the guest ends QEMU. For any other RUN, end QEMU after a time
# limit.
qemu_add_console() { # RUN NIC
	local limit=$TIME_LIMIT

	[[ $2 != *-faults ]] || limit=$FAULTS_TIME_LIMIT
	if [[ $1 == shell ]]; then
		qemu+=(-serial mon:stdio)
	else
		qemu+=(-serial stdio)
		qemu=(timeout --foreground -k 5 "$limit" "${qemu[@]}")
	fi
}

main() { # KERNEL NIC RUN
	local vmlinuz arch console=ttyS0 checks=
	local -a qemu

	arch=$(vm_arch "$1")
	[[ $arch == amd64 ]] || console=ttyAMA0

	# slub_debug: put red zones around each object, and check and poison
	# each freed object. kfence: every 100 ms put guard pages around one
	# object.
	[[ $2 != *-faults ]] || checks="slub_debug=FZP kfence.sample_interval=100"
	if vm_takes_tap "$2" && [[ -z ${VM_TAPS-} ]]; then
		VM_TAPS=1 exec unshare --net vm/boot.sh "$@"
	fi
	[[ -z ${VM_TAPS-} ]] || taps_make "$2" || exit
	vmlinuz=$(find "$VM_DIR/kernel-$1/" -name 'vmlinuz*' -type f | head -n 1)
	qemu_find
	qemu_add_machine "$3"
	qemu_add_card here "$2" 01
	qemu_add_card inside virtio_net 02
	qemu_add_console "$3" "$2"
	# no_timer_check: on a busy machine an emulated timer can miss the ticks
	# that the kernel counts at boot. Without this option the kernel would
	# panic in check_timer().
	exec nice -n 10 "${qemu[@]}" \
		-kernel "$vmlinuz" -initrd "$VM_DIR/image-$1.cpio.gz" \
		-append "console=$console quiet panic=-1 no_timer_check $checks VM_RUN=$3 VM_NIC=$2"
}

main "$@"
