/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Restrict the process after its set-up. */
#ifndef SANDBOX_H
#define SANDBOX_H

/*
 * sandbox_enter - allow only the system calls of the packet loop and the
 * program's end
 *
 * Give up all rights (see rights_drop()), and set no_new_privs, so that the
 * process cannot regain a right. Call this in a process with one thread, after
 * it has opened all files that it needs and before it reads a packet.
 *
 * The kernel refuses every other system call: the process reports the call's
 * name and exits with EXIT_FAILURE. A system call of another architecture kills
 * the process.
 *
 * Return 0, or a negative errno after printing the reason; after an error the
 * process may already have dropped some rights. See seccomp(2).
 */
int sandbox_enter(void);

#endif /* SANDBOX_H */
