#pragma once

#include <stdbool.h>

/*
 * Character classes of the protocols: ASCII, no locale. The argument is a byte as int; -1 (end of input) is in no
 * class, so that a cursor's peek can be given as it is.
 */

static inline bool ascii_is_digit(int c) { return c >= '0' && c <= '9'; }
static inline bool ascii_is_upper(int c) { return c >= 'A' && c <= 'Z'; }
static inline bool ascii_is_lower(int c) { return c >= 'a' && c <= 'z'; }
static inline bool ascii_is_alpha(int c) { return ascii_is_upper(c) || ascii_is_lower(c); }
static inline bool ascii_is_alnum(int c) { return ascii_is_alpha(c) || ascii_is_digit(c); }
static inline bool ascii_is_wsp(int c) { return c == ' ' || c == '\t'; }
static inline bool ascii_is_space(int c) { return ascii_is_wsp(c) || c == '\r' || c == '\n'; }
static inline bool ascii_is_ctl(int c) { return (c >= 0 && c < 0x20) || c == 0x7f; }
static inline bool ascii_is_vchar(int c) { return c > 0x20 && c < 0x7f; }
static inline bool ascii_is_8bit(int c) { return c >= 0x80; }

/* RFC 5322 3.6.8: a field name's characters. */
static inline bool ascii_is_ftext(int c) { return ascii_is_vchar(c) && c != ':'; }

/* RFC 5322 3.2.3. */
bool ascii_is_atext(int c);

/* RFC 2045 5.1: a token's characters. */
bool ascii_is_token(int c);

static inline int ascii_lower(int c) { return ascii_is_upper(c) ? c + ('a' - 'A') : c; }
static inline int ascii_upper(int c) { return ascii_is_lower(c) ? c - ('a' - 'A') : c; }

/* 0 to 15, or -1. */
static inline int ascii_hex_value(int c)
{
	if (ascii_is_digit(c))
		return c - '0';
	int l = ascii_lower(c);
	return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}
