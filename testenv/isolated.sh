#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Runs a command in network, mount and process namespaces of its own, as root.
#
#	testenv/isolated.sh COMMAND...
#
# Whatever the command makes or forgets, also when it is killed, is gone when it
# has ended: devices, pinned maps, the files of /run, and processes.

# shellcheck disable=SC2016 # the inner shell expands it
exec unshare --net --mount --pid --fork --kill-child --mount-proc bash -c '
	mount -t sysfs sysfs /sys &&
	mount -t bpf bpf /sys/fs/bpf &&
	mount -t tmpfs tmpfs /run &&
	mkdir /run/netns &&
	ip link set lo up &&
	exec "$@"' isolated "$@"
