# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Functions that the grader, the tests and the measurements share.

# Repeat a command until it succeeds. Return 1 if it does not succeed within
# SECONDS.
wait_for() { # SECONDS COMMAND...
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))

	shift
	until "$@"; do
		((${EPOCHREALTIME/[.,]/} < end)) || return
		sleep 0.02
	done
}

# Return true if the process has ended, even if it is still a zombie.
ended() { # PID
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *") Z "* ]]
}

# Return true if a packet socket is bound, which column R of /proc/net/packet
# shows. A socket that is not bound is listed, too, but gets no packets.
packet_socket_bound() {
	awk 'NR > 1 && $6 == 1 { found = 1 } END { exit !found }' /proc/net/packet
}

# Run a command that runs ping. Let ping send N packets at once, and wait up to
# SECONDS for the answers. If ping sent them one by one, it would ignore -W
# after the first answer, and wait for the last answers only twice as long as
# the slowest answer took, or one interval if that is longer.
at_once() { # N SECONDS COMMAND...
	"${@:3}" -c "$1" -l "$1" -W "$2"
}
