#pragma once

#include "base_arena.h"
#include "base_buf.h"
#include "base_view.h"

enum { MSG_CHARSET_NAME_MAX = 64 };

enum msg_charset_result {
	MSG_CHARSET_OK,
	MSG_CHARSET_REPLACED, /* octets that mean nothing in that charset became U+FFFD */
	MSG_CHARSET_UNKNOWN,  /* no such charset here: read as the one that was most likely meant */
};

/*
 * Text in a charset, as a message names it, appended to out as UTF-8. UTF-8 and the Latin-1 family are our own, the
 * rest is iconv's. Names that are only aliases by custom are known (x-sjis, ks_c_5601-1987). iso-8859-1 is read as
 * windows-1252, gb2312 as gb18030, as everybody does. An empty or unknown charset, or us-ascii with 8-bit octets, is
 * UTF-8 when it can be, else windows-1252. What passes out->max is cut (out->over).
 */
enum msg_charset_result msg_charset_to_utf8(struct view in, struct view charset, struct buf *out);

/* The same in an arena; the view itself when nothing changes. At most 3 * in.n octets. */
struct view msg_charset_view(struct view in, struct view charset, struct arena *arena);
