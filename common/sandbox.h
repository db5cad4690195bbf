/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Restrict the process after its set-up. */
#ifndef SANDBOX_H
#define SANDBOX_H

/*
 * sandbox_enter - allow only the system calls of the loop and of the end
 *
 * Give up all rights, see rights_drop(), and set no_new_privs, so there is no
 * way back. Call this from a process of one thread that has opened all files it
 * needs and has not read a packet yet.
 *
 * The kernel does not make a system call that is not on the list: the process
 * reports its name and ends with EXIT_FAILURE. A system call of another
 * architecture kills it.
 *
 * Return 0, or a negative errno after printing the reason; some of the rights
 * may be gone then. See seccomp(2).
 */
int sandbox_enter(void);

#endif /* SANDBOX_H */
