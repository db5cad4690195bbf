// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: when the program first calls poll(), make the
 * system call that the environment variable INTRUDE names. If the call returns,
 * print its result.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_xdp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define IS(name) (!strcmp(call, name))

static char page[4096] __attribute__((aligned(4096)));

/*
 * Return the AF_XDP socket. Look for a descriptor that has AF_XDP options,
 * because the sandbox allows getsockopt() only for these options.
 */
static int xsk(void)
{
	struct xdp_options options;

	for (int fd = 3; fd < 64; fd++) {
		socklen_t len = sizeof(options);

		if (!getsockopt(fd, SOL_XDP, XDP_OPTIONS, &options, &len))
			return fd;
	}
	abort();
}

/* Try the ioctl on descriptors 3 to 31 until one of them accepts it. */
static long request(unsigned long number)
{
	__u32 command[64] = { ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_name = "veth-t" };
	long result = -1;

	if (number == SIOCETHTOOL)
		ifr.ifr_data = (void *)command;
	if (number == SIOCGIFNAME)
		ifr.ifr_ifindex = 1;
	if (number == SIOCSIFFLAGS)
		strcpy(ifr.ifr_name, "nodev");
	for (int fd = 3; fd < 32 && result; fd++)
		result = ioctl(fd, number, &ifr);
	return result;
}

static long option(int level, int name)
{
	int value = 0;

	return setsockopt(xsk(), level, name, &value, sizeof(value));
}

static long option_of(int level, int name)
{
	char value[128];
	socklen_t len = sizeof(value);

	return getsockopt(xsk(), level, name, value, &len);
}

/* clang-format off */
static long make(const char *call)
{
	struct iovec text = { "text\n", 5 };
	struct timespec now;
	struct msghdr message = { 0 };

	/* System calls that the sandbox forbids. */
	if (IS("openat")) return open("/dev/null", O_RDONLY);
	if (IS("socket")) return syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
	if (IS("bind")) return syscall(SYS_bind, xsk(), NULL, 0);
	if (IS("connect")) return syscall(SYS_connect, xsk(), NULL, 0);
	if (IS("sendmsg")) return sendmsg(xsk(), &message, MSG_DONTWAIT);
	if (IS("recvmsg")) return recvmsg(xsk(), &message, MSG_DONTWAIT);
	if (IS("sendto: with data")) return sendto(xsk(), "x", 1, MSG_DONTWAIT, NULL, 0);
	if (IS("setsockopt: SO_MARK")) return option(SOL_SOCKET, SO_MARK);
	if (IS("setsockopt: XDP_UMEM_REG")) return option(SOL_XDP, XDP_UMEM_REG);
	if (IS("getsockopt: SO_TYPE")) return option_of(SOL_SOCKET, SO_TYPE);
	if (IS("ioctl: SIOCSIFFLAGS")) return request(SIOCSIFFLAGS);
	if (IS("ioctl: TIOCSTI")) return ioctl(STDERR_FILENO, TIOCSTI, "x");
	if (IS("write: to another file")) return write(xsk(), "x", 1);
	if (IS("writev: to another file")) return writev(xsk(), &text, 1);
	if (IS("pwrite64")) return pwrite(STDOUT_FILENO, "x", 1, 0);
	if (IS("mmap: of code")) return (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (IS("mprotect")) return mprotect(page, 4096, PROT_READ | PROT_WRITE);
	if (IS("execve")) return syscall(SYS_execve, "/nowhere", NULL, NULL);
	if (IS("execveat")) return syscall(SYS_execveat, -1, "/nowhere", NULL, NULL, 0);
	if (IS("clone")) { long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); if (!pid) _exit(0); return pid; }
	if (IS("clone3")) return syscall(SYS_clone3, NULL, 0);
	if (IS("ptrace")) return syscall(SYS_ptrace, 99, 1, 0, 0);
	if (IS("process_vm_readv")) return syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0);
	if (IS("kill")) return kill(1, 0);
	if (IS("tgkill: of another")) return syscall(SYS_tgkill, 1, 1, 0);
	if (IS("rt_sigqueueinfo")) return syscall(SYS_rt_sigqueueinfo, 1, 0, NULL);
	if (IS("rt_sigaction")) return syscall(SYS_rt_sigaction, SIGSYS, NULL, NULL, 8);
	if (IS("epoll_ctl")) return syscall(SYS_epoll_ctl, -1, 0, 0, NULL);
	if (IS("bpf")) return syscall(SYS_bpf, 99, NULL, 0);
	if (IS("seccomp")) return syscall(SYS_seccomp, 99, 0, NULL);
	if (IS("prctl")) return syscall(SYS_prctl, 999, 0, 0, 0, 0);
	if (IS("setresuid")) return syscall(SYS_setresuid, -1, -1, -1);
	if (IS("capset")) return syscall(SYS_capset, NULL, NULL);
	if (IS("unshare")) return syscall(SYS_unshare, 0);
	if (IS("setns")) return syscall(SYS_setns, -1, 0);
	if (IS("mount")) return syscall(SYS_mount, NULL, NULL, NULL, 0, NULL);
	if (IS("unlinkat")) return syscall(SYS_unlinkat, AT_FDCWD, "/nowhere", 0);
	if (IS("dup")) return dup(STDERR_FILENO);
	if (IS("fcntl")) return syscall(SYS_fcntl, 0, F_GETFD);
	if (IS("io_uring_setup")) return syscall(SYS_io_uring_setup, 0, NULL);
	if (IS("perf_event_open")) return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0);
	if (IS("userfaultfd")) return syscall(SYS_userfaultfd, -1);
	if (IS("memfd_create")) return syscall(SYS_memfd_create, "x", 0);
	if (IS("keyctl")) return syscall(SYS_keyctl, 99);
	if (IS("pidfd_getfd")) return syscall(SYS_pidfd_getfd, -1, 0, 0);
	if (IS("personality")) return syscall(SYS_personality, 0xffffffff);
	if (IS("setitimer")) return syscall(SYS_setitimer, 99, NULL, NULL);
	if (IS("exit")) { syscall(SYS_exit, 0); }
	/*
	 * System calls that the sandbox allows. The first call sets bits above
	 * bit 31 of an int argument, but the kernel reads only bits 0 to 31.
	 */
	if (IS("getsockopt: 64 bits")) return syscall(SYS_getsockopt, xsk(), 0xbad00000000 | SOL_XDP, XDP_STATISTICS, page, (socklen_t[]){ 64 });
	if (IS("send to stderr")) return send(STDERR_FILENO, "", 1, MSG_DONTWAIT) ? 0 : 1;
	if (IS("SIOCETHTOOL")) return request(SIOCETHTOOL);
	if (IS("SIOCGIFNAME")) return request(SIOCGIFNAME);
	if (IS("SIOCGIFFLAGS")) return request(SIOCGIFFLAGS);
	if (IS("SIOCGIFMTU")) return request(SIOCGIFMTU);
	if (IS("pread64")) return pread(STDIN_FILENO, page, 1, 0);
	if (IS("lseek")) return lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (IS("writev")) return writev(STDERR_FILENO, &text, 1);
	if (IS("mmap")) return mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
	if (IS("brk")) return sbrk(1 << 20) == (void *)-1;
	if (IS("munmap")) return munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
	if (IS("clock_gettime")) return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	if (IS("sendto")) return sendto(xsk(), NULL, 0, MSG_DONTWAIT, NULL, 0);
	if (IS("recvfrom")) return recvfrom(xsk(), NULL, 0, MSG_DONTWAIT, NULL, NULL);
	if (IS("XDP_STATISTICS")) return option_of(SOL_XDP, XDP_STATISTICS);
	if (IS("SO_BUSY_POLL")) return option(SOL_SOCKET, SO_BUSY_POLL);
	if (IS("SO_BUSY_POLL_BUDGET")) return option(SOL_SOCKET, SO_BUSY_POLL_BUDGET);
	if (IS("SO_PREFER_BUSY_POLL")) return option(SOL_SOCKET, SO_PREFER_BUSY_POLL);
	if (IS("abort")) abort();
#ifdef __x86_64__
	/* The sandbox also forbids getpid() as a 32-bit or x32 system call. */
	if (IS("int80")) { long n = 20; asm volatile("int $0x80" : "+a"(n) : : "memory"); return n; }
	if (IS("x32")) return syscall(0x40000000 | SYS_getpid);
#endif
	return -99;
}
/* clang-format on */

static void intrude(void)
{
	const char *call = getenv("INTRUDE");
	static int done;
	long result;

	if (done++ || !call)
		return;
	errno = 0;
	result = make(call);
	fprintf(stderr, "returned: %s: %ld %s\n", call, result,
		result < 0 ? strerrorname_np(errno) : "");
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	intrude();
	return syscall(SYS_poll, fds, n, ms);
}
