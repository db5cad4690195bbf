// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/say.h"

#define TEXT_SIZE 8192

bool say_terminal_size(int fd, struct winsize *size)
{
	if (ioctl(fd, TIOCGWINSZ, size))
		return false;
	size->ws_row = size->ws_row ? size->ws_row : 24;
	size->ws_col = size->ws_col ? size->ws_col : 80;
	return true;
}

/*
 * Return the number of bytes of the first line that fit into @columns. Break at
 * the last blank after the indentation. If there is no such blank, do not break
 * the word.
 */
static size_t fold(const char *text, size_t columns)
{
	size_t indent = strspn(text, " "), blank = 0, used = 0, n;

	for (n = 0; text[n] && text[n] != '\n'; n++) {
		if (text[n] == ' ' && n > indent)
			blank = n;
		used += (text[n] & 0xc0) != 0x80; /* not UTF-8's later bytes */
		if (used > columns && blank)
			return blank;
	}
	return n;
}

void say_wrap(char *to, size_t size, const char *text, size_t columns)
{
	char *end = to + size - 1;
	size_t indent = 0;

	while (*text) {
		size_t n = fold(text, columns > indent ? columns - indent : 1);

		if (n + indent + 1 > (size_t)(end - to))
			break;
		memset(to, ' ', indent);
		memcpy(to + indent, text, n);
		to += indent + n;
		text += n;
		indent = *text == ' ' ? 2 : 0;
		if (*text) {
			*to++ = '\n';
			text++;
		}
	}
	*to = '\0';
}

/* Replace control bytes, which a device's name may contain, by '?'. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && *text != '\n' &&
		    *text != '\t')
			*text = '?';
}

/*
 * Print the text in one write, so that lines stay whole when several processes
 * share stderr. Use the stack, so that a lack of memory can be reported, too.
 */
static void vsay(const char *fmt, va_list args)
{
	static const char prefix[] = "af_xdp_user: ";
	char text[TEXT_SIZE], wrapped[2 * TEXT_SIZE];
	const size_t used = sizeof(prefix) - 1;
	struct winsize size;

	memcpy(text, prefix, used);
	vsnprintf(text + used, sizeof(text) - used, fmt, args);
	make_printable(text);
	if (say_terminal_size(STDERR_FILENO, &size)) {
		/* Leave the last column empty: some terminals wrap after it. */
		say_wrap(wrapped, sizeof(wrapped), text, size.ws_col - 1U);
		fprintf(stderr, "\r%s\n", wrapped);
	} else {
		fprintf(stderr, "%s\n", text);
	}
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
