// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/limits.h"
#include "common/say.h"

/*
 * Maximum number of files, besides the sockets, that the program opens in and
 * after session_prepare(): the XDP program, its maps, its link, and files of
 * /proc.
 */
#define FILES_BESIDES 12

/* Smallest stack that we accept. libbpf alone uses more than 20 Kbytes. */
#define STACK_KBYTES 64ULL

#define PAGE	  4096
#define TRIES_MAX 32 /* largest number of parts that limits_lockable() locks */

static __u64 file_limit(void)
{
	struct rlimit limit = { 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

/* Raise a soft limit to the hard limit. Every process may do this. */
static void raise_soft(int resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)!setrlimit(resource, &limit);
}

/*
 * Remove the limit of locked memory. This needs CAP_SYS_RESOURCE. Without this
 * capability, raise the soft limit to the hard limit. With CAP_IPC_LOCK, the
 * kernel ignores the limit.
 */
static void raise_memory(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		raise_soft(RLIMIT_MEMLOCK);
}

static int raise_stack(void)
{
	struct rlimit limit;
	__u64 kbytes;

	if (getrlimit(RLIMIT_STACK, &limit))
		return 0;
	kbytes = limit.rlim_cur / 1024;
	limit.rlim_cur = STACK_KBYTES * 1024;
	if (kbytes >= STACK_KBYTES || !setrlimit(RLIMIT_STACK, &limit))
		return 0;
	return say_error(-ENOMEM,
			 "the stack: its limit of %llu Kbytes is too low\n"
			 "  raise it as root, with ulimit -s %llu",
			 kbytes, STACK_KBYTES);
}

int limits_raise(void)
{
	raise_soft(RLIMIT_NOFILE);
	raise_memory();
	return raise_stack();
}

bool limits_lack_files(__u32 n)
{
	__u64 limit = file_limit();

	for (__u64 fd = 0; n && fd < limit; fd++)
		n -= fcntl((int)fd, F_GETFD) < 0;
	return n;
}

int limits_say_files(__u32 sockets)
{
	__u64 limit = file_limit();

	return say_error(
		-EMFILE,
		"open files: the limit of %llu is too low for %u socket%s, the XDP program and its maps\n"
		"  raise it as root, with ulimit -n %llu",
		limit, sockets, sockets == 1 ? "" : "s",
		limit + sockets + 2ULL * FILES_BESIDES);
}

int limits_check_files(__u32 sockets)
{
	return limits_lack_files(sockets + FILES_BESIDES)
		       ? limits_say_files(sockets)
		       : 0;
}

/*
 * Lock memory by registering it as a UMEM. Return the socket that holds the
 * memory, or -1.
 */
static int lock(void *area, size_t size)
{
	const struct xdp_umem_reg umem = {
		.addr = (uintptr_t)area,
		.len = size,
		.chunk_size = PAGE,
	};
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem))) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Lock as many halves of the memory as possible, then as many quarters as
 * possible, and so on. Add up the locked parts.
 */
__u64 limits_lockable(__u64 kbytes)
{
	size_t most = kbytes * 1024;
	void *area = mmap(NULL, most, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fds[TRIES_MAX], n = 0;
	size_t granted = 0;

	if (area == MAP_FAILED)
		return 0;
	for (size_t size = most / 2; size >= PAGE && n < TRIES_MAX; size /= 2) {
		size_t pages = size / PAGE * PAGE;
		int fd;

		while (n < TRIES_MAX && granted + pages <= most &&
		       (fd = lock(area, pages)) >= 0) {
			fds[n++] = fd;
			granted += pages;
		}
	}
	while (n)
		close(fds[--n]);
	munmap(area, most);
	return granted / 1024;
}

__u64 limits_memory_needed(__u64 lockable, __u64 more)
{
	struct rlimit limit = { 0 };
	__u64 now;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	now = limit.rlim_cur / 1024;
	return (now > lockable ? now - lockable : 0) + more;
}
