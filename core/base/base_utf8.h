#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_view.h"

/*
 * UTF-8 (RFC 3629): overlong forms, surrogates and values over U+10FFFF are invalid.
 */

/* Length in octets of the character at the front of v, its code point in *cp; 0 when v is empty or starts with an invalid sequence. */
size_t utf8_next(struct view v, uint32_t *cp);

bool utf8_valid(struct view v);

/* cp must be a valid code point. */
void utf8_put(struct buf *out, uint32_t cp);

/* v with each invalid octet replaced by U+FFFD. */
void utf8_put_clean(struct buf *out, struct view v);

/* Columns a terminal needs: 0 for combining marks, 2 for wide East Asian characters and emoji, else 1. v must be clean. */
size_t utf8_columns(struct view v);
