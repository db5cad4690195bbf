/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Write to stdout and stderr without waiting for their readers. A terminal
 * stopped by Ctrl-S, or a full pipe, must delay neither answers nor the end of
 * the program.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * output_hold - make stdin, stdout and stderr safe to use; call it first
 *
 * Inherited descriptors are closed, since packets come from anyone. Closed
 * stdin, stdout and stderr are replaced by /dev/null: otherwise the next socket
 * could get the number of stdout, and statistics would be written into the
 * socket.
 */
void output_hold(void);

/*
 * output_unblock - from now on, never wait
 *
 * Until then messages wait for room. So none is lost during set-up, however
 * long the verifier's log is. Call it before the sandbox, which allows no
 * open().
 */
void output_unblock(void);

/* output_waits - return true until output_unblock() */
bool output_waits(void);

/*
 * output_write - write as much as there is room for
 * @fd: STDOUT_FILENO or STDERR_FILENO
 *
 * Return the number of bytes written, which may be 0 or less than @len, or a
 * negative errno.
 */
ssize_t output_write(int fd, const char *text, size_t len);

#endif /* OUTPUT_H */
