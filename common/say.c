// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/say.h"

/* The name of a device, for one, may hold what a terminal obeys. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && *text != '\n' &&
		    *text != '\t')
			*text = '?';
}

/*
 * In one write, so that lines stay whole where several processes share stderr;
 * and from the stack, so that a want of memory can be told, too.
 */
static void vsay(const char *fmt, va_list args)
{
	char text[8192];

	vsnprintf(text, sizeof(text), fmt, args);
	make_printable(text);
	fprintf(stderr, "af_xdp_user: %s\n", text);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(fmt, args);
	va_end(args);
}

int say_error(int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay(fmt, args);
	va_end(args);
	return err;
}

void say_append(char *list, size_t size, const char *fmt, ...)
{
	size_t used = strlen(list);
	va_list args;

	va_start(args, fmt);
	vsnprintf(list + used, size - used, fmt, args);
	make_printable(list + used);
	va_end(args);
}
