#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make vm-lab: start a shell in a guest, with the lab set up.
#
#	[ARCH=amd64|arm64] [KERNEL=newest|6.12|6.1|5.10] \
#		[NIC=virtio_net|igb|...] vm/lab.sh
#
# To end the guest, type poweroff -f or Ctrl-a x in its shell.

set -eu
cd "$(dirname "$0")/.."
. vm/lib.bash

kernel=$(vm_kernel_names "${KERNEL:-newest}")
nic=${NIC:-virtio_net}

[[ " $(vm_kernels) " == *" $kernel "* ]] ||
	{ vm_say "KERNEL=$kernel: not one of $(vm_kernels)"; exit 2; }
[[ " $(vm_nics "$kernel") " == *" $nic "* ]] ||
	{ vm_say "NIC=$nic: not one of $(vm_nics "$kernel")"; exit 2; }
vm_can_boot "$nic" ||
	{ vm_say "NIC=$nic needs root and /dev/net/tun"; exit 1; }
# shellcheck disable=SC2046 # split into words on purpose
vm/fetch.sh $(vm_basis "$kernel") "$kernel"
vm/image.sh "$kernel"
vm_say "booting kernel $kernel with $nic, which takes about ten seconds"
exec vm/boot.sh "$kernel" "$nic" shell
