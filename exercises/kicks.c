// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loaded in front of the C library (LD_PRELOAD), counts the empty sends by which
 * a program asks the kernel to look into TX, and says at the end how many. From
 * outside they cannot be told from the poll() that sends too, only later.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned long kicks;

ssize_t sendto(int fd, const void *data, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	kicks += !len;
	return syscall(SYS_sendto, fd, data, len, flags, to, to_len);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	return sendto(fd, data, len, flags, NULL, 0);
}

__attribute__((destructor)) static void report(void)
{
	fprintf(stderr, "kicks: %lu\n", kicks);
}
