#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run a command in its own network, mount and process namespaces. This needs
# root.
#
#	testenv/isolated.sh COMMAND...
#
# When the command ends or is killed, the kernel removes everything that the
# command has made in these namespaces: devices, pinned maps, files in /run, and
# processes.

# shellcheck disable=SC2016 # the inner shell expands it
exec unshare --net --mount --pid --fork --kill-child --mount-proc bash -c '
	mount -t sysfs sysfs /sys &&
	mount -t bpf bpf /sys/fs/bpf &&
	mount -t tmpfs tmpfs /run &&
	mkdir /run/netns &&
	ip link set lo up &&
	exec "$@"' isolated "$@"
