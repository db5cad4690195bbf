/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Find UTF-8 characters in the names of devices, which may contain any byte
 * except '/', ':' and blanks.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>

/*
 * utf8_length - return the number of bytes of a string's first character
 *
 * Return 0 if the character is not valid (RFC 3629, section 4).
 */
static inline int utf8_length(const unsigned char *s)
{
	unsigned int c = s[0];
	int n;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/*
	 * Refuse overlong forms, halves of UTF-16 pairs, and numbers above
	 * U+10FFFF.
	 */
	if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] >= 0xa0) ||
	    (c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

/*
 * utf8_is_control - return true for a control character: U+0000 to U+001F, DEL,
 * or U+0080 to U+009F (U+009B begins an escape sequence)
 * @s: a valid character
 */
static inline bool utf8_is_control(const unsigned char *s)
{
	return s[0] < ' ' || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

#endif /* UTF8_H */
