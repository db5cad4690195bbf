/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is left to the process when its set-up is over.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

/*
 * sandbox_enter - keep the system calls of the loop and of the end, no others
 *
 * Also gives up all rights, see rights_drop(), and for good: no_new_privs is
 * set. There is no way back. To be called by a process of one thread, which has
 * opened all that it needs and has not read a packet yet.
 *
 * A system call that is not on the list is not made: the process says which one
 * it was, and ends with EXIT_FAILURE. By one of another architecture it is
 * killed.
 *
 * Returns 0, or a negative errno after having said what is wrong; some of the
 * rights may be gone then. See seccomp(2).
 */
int sandbox_enter(void);

#endif /* SANDBOX_H */
