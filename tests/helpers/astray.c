// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * astray PID: exchange the sockets of queues 0 and 1 in the xsks_map of a
 * process. The process must have opened the socket of queue 0 first. After the
 * exchange no packet of either queue can reach a socket, because a socket
 * accepts only packets of the queue to which it is bound.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int sockets[2], n = 0, map = -1, pid = argc > 1 ? atoi(argv[1]) : 0;
	int process = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int fd = 3; fd < 64; fd++) {
		int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
		struct bpf_map_info info = { 0 };
		__u32 size = sizeof(info);
		int domain = 0;
		socklen_t len = sizeof(domain);

		if (copy < 0)
			continue;
		if (n < 2 &&
		    !getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
		    domain == AF_XDP)
			sockets[n++] = copy;
		else if (!bpf_obj_get_info_by_fd(copy, &info, &size) &&
			 !strcmp(info.name, "xsks_map"))
			map = copy;
	}
	for (__u32 queue = 0; n == 2 && queue < 2; queue++)
		if (bpf_map_delete_elem(map, &queue) ||
		    bpf_map_update_elem(map, &queue, &sockets[1 - queue],
					BPF_ANY))
			return 1;
	return n != 2;
}
