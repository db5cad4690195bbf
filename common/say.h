/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Print messages on stderr. stats.h and reporter.h print the statistics. After
 * output_unblock() a message is lost, and counted, if stderr has no room.
 */
#ifndef SAY_H
#define SAY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct winsize;

/*
 * The program's name in messages. If a program does not define this weak
 * symbol, the symbol's address is 0, and messages use the name af_xdp_user.
 */
extern __attribute__((weak)) const char *const say_program;

/*
 * say - print the program's name, a colon, a message, and a newline
 * @fmt: printf format, without a newline at its end; a newline inside may
 *       separate the message from an indented line of advice
 *
 * On a terminal the text is wrapped at blanks. It starts with a carriage
 * return, because the terminal may have echoed ^C.
 */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

/*
 * say_error - print a message, and return @err; see say()
 * @err: negative errno
 *
 * Call this function once for each error, in a function that knows the name of
 * the device or file:
 *
 * 	return say_error(err, "%s: WHY\n  DO THIS", name);
 */
__attribute__((format(printf, 2, 3))) int say_error(int err, const char *fmt,
						    ...);

/* say_lost - report lost messages, if there are any and stderr has room */
void say_lost(void);

/* say_library - print a library's message, which already ends with a newline */
__attribute__((format(printf, 1, 0))) int say_library(const char *fmt,
						      va_list args);

/*
 * say_make_printable - replace control bytes and invalid UTF-8 by '?'
 *
 * A device's name may contain any byte but '/', ':' and white space. Newlines
 * and tabs are not replaced.
 */
void say_make_printable(char *text);

/*
 * say_append - append text to a list that is printed later
 * @list: a string of less than @size bytes; text that does not fit is cut off
 *
 * Control bytes become '?', as in say().
 */
__attribute__((format(printf, 3, 4))) void say_append(char *list, size_t size,
						      const char *fmt, ...);

/*
 * say_wrap - copy text, and wrap its lines at blanks
 * @to: the buffer; twice the size of @text is always enough
 * @columns: the width of a line; only a line of one word may exceed this width
 *
 * A line that continues the previous line is indented by two blanks.
 */
void say_wrap(char *to, size_t size, const char *text, size_t columns);

/*
 * say_terminal_size - return true if @fd is a terminal, and store its size
 *
 * If the terminal reports no size, store 24 lines and 80 columns.
 */
bool say_terminal_size(int fd, struct winsize *size);

#endif /* SAY_H */
