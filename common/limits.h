/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Limits of the process and its user: stack, open files and locked memory. The
 * libraries crash if the stack is too small, and report a misleading error if
 * no more files may be opened. The kernel does not report how much memory a
 * user has locked, so limits_lockable() locks some to find out.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include <stdbool.h>
#include <linux/types.h>

/*
 * limits_raise - raise the limits of stack, open files and locked memory
 *
 * Raise the limit of files to the hard limit, and the limit of memory as far as
 * the process may. If one of these limits is still too low, a later step fails,
 * and prints the reason.
 *
 * Return 0, or -ENOMEM after printing that the limit of the stack is too low.
 */
int limits_raise(void);

/* limits_lack_files - return true if we can open fewer than @n files now */
bool limits_lack_files(__u32 n);

/*
 * limits_check_files - check that the process may open @sockets sockets and the
 * program's other files
 *
 * Return 0, or -EMFILE after printing the limit of open files.
 */
int limits_check_files(__u32 sockets);

/*
 * limits_say_files - print that the limit of open files is too low for @sockets
 * sockets, and return -EMFILE
 */
int limits_say_files(__u32 sockets);

/*
 * limits_lockable - return how many Kbytes we can lock now, @kbytes at most
 *
 * The limit applies to the memory that all processes of a user lock together.
 * The kernel does not report this amount, so this function locks memory as an
 * experiment. The kernel releases that memory a moment after the function
 * returns, so call the function only once.
 */
__u64 limits_lockable(__u64 kbytes);

/*
 * limits_memory_needed - return the limit of locked memory that the user needs,
 * in Kbytes
 * @lockable: the result of limits_lockable()
 * @more: Kbytes of the UMEMs that are not open yet
 */
__u64 limits_memory_needed(__u64 lockable, __u64 more);

#endif /* LIMITS_H */
