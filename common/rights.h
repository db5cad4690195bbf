/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Check the rights of the process, and give them up. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include <stdbool.h>

/*
 * rights_check - check that the process has the rights that set-up needs
 * @borrows: true if the process loads no program, but puts its socket into a
 * 	pinned map
 *
 * CAP_NET_RAW allows AF_XDP sockets. CAP_BPF and CAP_NET_ADMIN together allow
 * loading an XDP program. CAP_SYS_ADMIN, which loading needed before Linux 5.8,
 * still replaces CAP_BPF, and since Linux 6.9 also CAP_NET_ADMIN. See
 * capabilities(7).
 *
 * With @borrows only CAP_NET_RAW is needed. This function does not check if the
 * process may open the pinned map, because that depends on the kernel and on
 * the file.
 *
 * Return 0, or -EPERM after printing the missing rights.
 */
int rights_check(bool borrows);

/*
 * rights_drop - give up all rights
 *
 * Clear all capability sets. Without CAP_SETPCAP the bounding set stays, but
 * has no effect after no_new_privs is set. The process becomes the user who
 * called sudo (SUDO_UID, SUDO_GID) or who started a set-user-ID file; otherwise
 * the process keeps its user. The process leaves all supplementary groups if it
 * has the right to do so. The process never dumps core, and only processes with
 * CAP_SYS_PTRACE may inspect it.
 *
 * Return 0, or a negative errno after printing the reason.
 */
int rights_drop(void);

#endif /* RIGHTS_H */
