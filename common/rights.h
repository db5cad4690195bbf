/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rights of the process. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include <stdbool.h>

/*
 * rights_check - check that the process has the rights that set-up needs
 * @borrows: no program is loaded, the socket goes into a pinned map
 *
 * CAP_NET_RAW opens an AF_XDP socket, CAP_BPF (before kernel 5.8 and still
 * today also CAP_SYS_ADMIN) loads BPF programs, CAP_NET_ADMIN makes them XDP
 * programs. See capabilities(7).
 *
 * A borrowed map asks for CAP_NET_RAW only: whether this process may open the
 * pinned map depends on the kernel and on the file, so opening it will tell.
 *
 * Return 0, or -EPERM after printing the missing rights.
 */
int rights_check(bool borrows);

/*
 * rights_raise_memlock - let UMEM be locked into memory
 *
 * A failure is no error. The limit does not bind a process that has
 * CAP_IPC_LOCK, and raising it can be forbidden (it needs CAP_SYS_RESOURCE). If
 * the limit is too low, registering UMEM fails.
 */
void rights_raise_memlock(void);

/*
 * rights_drop - give up all rights
 *
 * No capability is left in any set; the bounding set is kept only if
 * CAP_SETPCAP is missing, and then no_new_privs makes it moot. The process
 * becomes the user who called sudo (SUDO_UID, SUDO_GID), or who started a
 * set-user-ID file, and leaves all supplementary groups if it may; otherwise
 * the user stays the same. Only a process with CAP_SYS_PTRACE may inspect it,
 * and it leaves no core.
 *
 * Return 0, or a negative errno after printing the reason.
 */
int rights_drop(void);

#endif /* RIGHTS_H */
