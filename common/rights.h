/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the process may do.
 */
#ifndef RIGHTS_H
#define RIGHTS_H

/*
 * rights_check - whether the process may do what set-up needs
 *
 * CAP_NET_RAW opens an AF_XDP socket, CAP_BPF (before kernel 5.8 and still
 * today also CAP_SYS_ADMIN) loads BPF programs, CAP_NET_ADMIN makes them XDP
 * programs. See capabilities(7).
 *
 * Returns 0, or -EPERM after having named what is missing.
 */
int rights_check(void);

/*
 * rights_raise_memlock - let UMEM be locked into memory
 *
 * The limit does not bind a process that has CAP_IPC_LOCK, and raising it can
 * be forbidden (it takes CAP_SYS_RESOURCE): so no failure here is an error. It
 * shows when UMEM is registered, or never.
 */
void rights_raise_memlock(void);

/*
 * rights_drop - keep none
 *
 * No capability is left in any set; of the bounding set only where CAP_SETPCAP
 * was missing, and no_new_privs makes it moot. The process becomes the user who
 * called sudo (SUDO_UID, SUDO_GID), or who started a set-user-ID file, and
 * leaves all supplementary groups where it may; any other stays who he is.
 * Nobody but who has CAP_SYS_PTRACE may look into it, and it leaves no core.
 *
 * Returns 0, or a negative errno after having said what is wrong.
 */
int rights_drop(void);

#endif /* RIGHTS_H */
