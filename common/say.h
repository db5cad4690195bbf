/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the program says to its user, on stderr; statistics are not said here.
 */
#ifndef SAY_H
#define SAY_H

#include <stddef.h>

/*
 * say - one line, "af_xdp_user: ..."
 * @fmt: printf format, without a newline at its end; a line of advice may
 *       follow the first one behind a newline of its own
 */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

/*
 * say_error - the same, for "return say_error(err, "WHAT: WHY\n  DO THIS")"
 * @err: negative errno
 *
 * Returns err. Called once, where the device or file is known by name.
 */
__attribute__((format(printf, 2, 3))) int say_error(int err, const char *fmt,
						    ...);

/*
 * say_append - add to a list that is to be said; control bytes become '?', as
 * in all that is said
 * @list: a string of less than @size bytes; what does not fit is left out
 */
__attribute__((format(printf, 3, 4))) void say_append(char *list, size_t size,
						      const char *fmt, ...);

#endif /* SAY_H */
