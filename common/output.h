/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Write to stdout and stderr without waiting for their readers. A full pipe, or
 * a terminal stopped by Ctrl-S, must not delay answers or the end of the
 * program.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * output_hold - make stdin, stdout and stderr safe to use; call this function
 * first
 *
 * Close all other inherited descriptors, because a process that reads packets
 * from anyone must not have other files. If stdin, stdout or stderr is closed,
 * open /dev/null in its place. Otherwise a socket could get the descriptor
 * number of stdout, and the statistics would go into the socket.
 */
void output_hold(void);

/*
 * output_unblock - from now on, do not wait for room in stdout and stderr
 *
 * Before this call, messages wait for room, so that no part of the verifier's
 * log is lost during set-up. Call output_unblock() before sandbox_enter(),
 * because the sandbox does not allow open().
 */
void output_unblock(void);

/* output_waits - return true if output_unblock() has not been called yet */
bool output_waits(void);

/*
 * output_write - write a text, or the part of the text for which there is room
 * @fd: STDOUT_FILENO or STDERR_FILENO
 *
 * Return the number of bytes written, which may be 0 or less than @len, or a
 * negative errno.
 */
ssize_t output_write(int fd, const char *text, size_t len);

#endif /* OUTPUT_H */
