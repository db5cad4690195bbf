// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: make seccomp() and prctl() refuse a filter, as in a
 * kernel without seccomp.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/prctl.h>
#include <sys/syscall.h>

long syscall(long n, long a, long b, long c, long d, long e, long f)
{
	long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");

	errno = ENOSYS;
	return n == SYS_seccomp ? -1 : real(n, a, b, c, d, e, f);
}

int prctl(int what, long a, long b, long c, long d)
{
	int (*real)(int, ...) = dlsym(RTLD_NEXT, "prctl");

	errno = EINVAL;
	return what == PR_SET_SECCOMP ? -1 : real(what, a, b, c, d);
}
