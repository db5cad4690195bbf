// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/output.h"
#include "common/say.h"
#include "common/utf8.h"

#define TEXT_SIZE 8192

static const char *program_name(void)
{
	return &say_program ? say_program : "af_xdp_user";
}

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
		/* Count characters, not bytes: skip continuation bytes. */
		used += (text[n] & 0xc0) != 0x80;
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

void say_make_printable(char *text)
{
	while (*text) {
		int n = utf8_length((unsigned char *)text);

		if (!n || utf8_is_control((unsigned char *)text)) {
			for (int i = 0; i < (n ? n : 1); i++)
				if (text[i] != '\n' && text[i] != '\t')
					text[i] = '?';
		}
		text += n ? n : 1;
	}
}

/*
 * Messages that were lost, as a whole or in part, since say_lost() last
 * reported losses.
 */
static struct {
	unsigned int count;
	bool in_line; /* true if the last output ended within a line */
} lost;

static void write_message(const char *text)
{
	size_t len = strlen(text);
	ssize_t n = output_write(STDERR_FILENO, text, len);

	if (n == (ssize_t)len)
		return;
	lost.count++;
	lost.in_line |= n > 0;
}

void say_lost(void)
{
	char text[64];
	int len;

	if (!lost.count)
		return;
	len = snprintf(text, sizeof(text), "%s%s: %u message%s lost\n",
		       lost.in_line ? "\n" : "", program_name(), lost.count,
		       lost.count > 1 ? "s" : "");
	if (output_write(STDERR_FILENO, text, (size_t)len) != len)
		return;
	lost.count = 0;
	lost.in_line = false;
}

/*
 * Print the text in one write, so that lines stay whole when several processes
 * share stderr. Allocate nothing, so that a lack of memory can be reported. Use
 * little of the stack, because ulimit -s may have made it small.
 */
static void vsay(const char *fmt, va_list args)
{
	static char text[TEXT_SIZE], wrapped[2 * TEXT_SIZE] = "\r";
	struct winsize size;
	size_t used;

	used = (size_t)snprintf(text, sizeof(text), "%s: ", program_name());
	vsnprintf(text + used, sizeof(text) - used - 1, fmt, args);
	say_make_printable(text);
	say_lost();
	if (say_terminal_size(STDERR_FILENO, &size)) {
		/*
		 * Leave the last column empty, because some terminals wrap a
		 * line that fills this column.
		 */
		say_wrap(wrapped + 1, sizeof(wrapped) - 2, text,
			 size.ws_col - 1U);
		strcat(wrapped, "\n");
		write_message(wrapped);
	} else {
		strcat(text, "\n");
		write_message(text);
	}
}

int say_library(const char *fmt, va_list args)
{
	static char text[TEXT_SIZE];

	if (output_waits())
		return vfprintf(stderr, fmt, args);
	vsnprintf(text, sizeof(text), fmt, args);
	say_make_printable(text);
	say_lost();
	write_message(text);
	return 0;
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
	say_make_printable(list + used);
	va_end(args);
}
