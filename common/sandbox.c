// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_xdp.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/rights.h"
#include "common/sandbox.h"
#include "common/say.h"

/* clang-format off */

/*
 * System calls made by the packet loop, its reports and the end of the program.
 * libseccomp ignores names that only other architectures have.
 */
static const int allowed[] = {
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(restart_syscall), /* poll() after SIGCONT */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(recvfrom), /* rx_kick(), netlink */
	SCMP_SYS(recv),
	SCMP_SYS(read), /* reads the timer */
	SCMP_SYS(pread64), /* reads files in /proc that are open already */
	SCMP_SYS(lseek),
	SCMP_SYS(_llseek),
	SCMP_SYS(clock_gettime), /* if the vDSO cannot read the clock */
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(close),
	SCMP_SYS(exit_group),
	SCMP_SYS(getpid), /* abort() calls this and the next two */
	SCMP_SYS(gettid),
	SCMP_SYS(rt_sigprocmask),
};

/*
 * Compare the 32 bits of an int, because the other bits of the register are
 * undefined.
 */
#define INT(n, value) \
	SCMP_CMP(n, SCMP_CMP_MASKED_EQ, 0xffffffffU, (scmp_datum_t)(value))

/*
 * System calls that are allowed only with these arguments. With other
 * arguments, an attacker could send messages to netlink, type into the terminal
 * (by ioctl()), or get memory for new code.
 */
static const struct {
	int syscall;
	unsigned int args;
	struct scmp_arg_cmp arg[2];
} allowed_if[] = {
	/* Without data, sendto() asks the kernel to read TX. */
	{ SCMP_SYS(sendto), 1, { SCMP_A2(SCMP_CMP_EQ, 0, 0) } },
	/* Allow messages and reports if stdout or stderr is a socket. */
	{ SCMP_SYS(sendto), 1, { INT(0, STDOUT_FILENO) } },
	{ SCMP_SYS(sendto), 1, { INT(0, STDERR_FILENO) } },
	{ SCMP_SYS(send), 1, { INT(0, STDOUT_FILENO) } },
	{ SCMP_SYS(send), 1, { INT(0, STDERR_FILENO) } },
	{ SCMP_SYS(write), 1, { INT(0, STDOUT_FILENO) } },
	{ SCMP_SYS(write), 1, { INT(0, STDERR_FILENO) } },
	{ SCMP_SYS(writev), 1, { INT(0, STDOUT_FILENO) } },
	{ SCMP_SYS(writev), 1, { INT(0, STDERR_FILENO) } },
	{ SCMP_SYS(mmap), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
	{ SCMP_SYS(mmap2), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
	{ SCMP_SYS(getsockopt), 1, { INT(1, SOL_XDP) } },
	/*
	 * busy_poll_watch() switches busy polling off if the driver stops
	 * sending.
	 */
	{ SCMP_SYS(setsockopt), 2, { INT(1, SOL_SOCKET), INT(2, SO_BUSY_POLL) } },
	{ SCMP_SYS(setsockopt), 2, { INT(1, SOL_SOCKET), INT(2, SO_BUSY_POLL_BUDGET) } },
	{ SCMP_SYS(setsockopt), 2, { INT(1, SOL_SOCKET), INT(2, SO_PREFER_BUSY_POLL) } },
	{ SCMP_SYS(ioctl), 1, { INT(1, SIOCGIFNAME) } },
	{ SCMP_SYS(ioctl), 1, { INT(1, SIOCGIFFLAGS) } },
	{ SCMP_SYS(ioctl), 1, { INT(1, SIOCGIFMTU) } },
	{ SCMP_SYS(ioctl), 1, { INT(1, SIOCGIFHWADDR) } },
	/*
	 * We read counters and the state of the link. A command that changes
	 * the device needs CAP_NET_ADMIN, which rights_drop() has given up.
	 */
	{ SCMP_SYS(ioctl), 1, { INT(1, SIOCETHTOOL) } },
	{ SCMP_SYS(ioctl), 1, { INT(1, TIOCGWINSZ) } },
	/* We remove our sockets from another process's map (--xsks-map). */
	{ SCMP_SYS(bpf), 1, { INT(0, BPF_MAP_DELETE_ELEM) } },
};

/* clang-format on */

/*
 * Report the refused system call, and exit. This is the program's only signal
 * handler. The handler may call functions that are not async-signal-safe,
 * because the kernel sends SIGSYS in place of a system call of this thread, and
 * the handler never returns. A SIGSYS sent by kill() can interrupt any code, so
 * in that case only call _exit().
 */
static void report_syscall(int signal, siginfo_t *info, void *context)
{
	char *name;

	(void)signal;
	(void)context;
	if (info->si_code <= 0)
		_exit(EXIT_FAILURE);
	name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(),
						info->si_syscall);
	say("sandbox: system call %s (%d) is not allowed after the set-up\n"
	    "  if your own code makes this call, or a debugger or sanitizer does: --no-sandbox allows it",
	    name ? name : "without a name", info->si_syscall);
	_exit(EXIT_FAILURE);
}

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static int add_rules(scmp_filter_ctx filter)
{
	/*
	 * Put sendto() first in the filter, because in busy mode packets wait
	 * for this call. The kernel caches calls that are allowed with any
	 * arguments, such as poll(), so their place in the filter does not
	 * matter.
	 */
	int err = seccomp_syscall_priority(filter, SCMP_SYS(sendto), 255);

	for (size_t i = 0; !err && i < COUNT(allowed); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; !err && i < COUNT(allowed_if); i++)
		err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
					     allowed_if[i].syscall,
					     allowed_if[i].args,
					     allowed_if[i].arg);
	/*
	 * abort() calls tgkill() to send this process a signal. Allow tgkill()
	 * only with our own PID.
	 */
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
				       1, INT(0, getpid()));
	return err;
}

/* Load the filter. libseccomp also sets no_new_privs by default. */
static int load_filter(void)
{
	const struct sigaction trap = { .sa_sigaction = report_syscall,
					.sa_flags = SA_SIGINFO };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int err;

	if (!filter)
		return -ENOMEM;
	sigaction(SIGSYS, &trap, NULL);
	err = add_rules(filter);
	/*
	 * Make seccomp_load() return the kernel's errno, if libseccomp supports
	 * this attribute.
	 */
	seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

int sandbox_enter(void)
{
	int err = rights_drop();

	if (err)
		return err;
	err = load_filter();
	if (err)
		return say_error(
			err,
			"sandbox: no filter for system calls: %s\n"
			"  the filter needs a kernel with CONFIG_SECCOMP_FILTER=y; --no-sandbox omits the filter",
			strerror(-err));
	return 0;
}
