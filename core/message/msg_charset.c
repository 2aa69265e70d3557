#include "msg_charset.h"

#include <errno.h>
#include <iconv.h>

#include "base_ascii.h"
#include "base_utf8.h"

enum { REPLACEMENT = 0xfffd, BLOCK = 4096 };

/* 0x80 to 0x9f of windows-1252; the five holes stay the C1 controls that they are in Latin-1. */
static const uint16_t cp1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

enum family { BY_ICONV, BY_UTF8, BY_1252, BY_GUESS };

/* Names of our own families, and those that iconv has under another name or should read more widely. */
static const struct {
	const char *name;
	enum family family;
	const char *iconv;
} names[] = {
	{ "utf-8", BY_UTF8, NULL },
	{ "utf8", BY_UTF8, NULL },
	{ "us-ascii", BY_GUESS, NULL },
	{ "ascii", BY_GUESS, NULL },
	{ "iso-8859-1", BY_1252, NULL },
	{ "iso8859-1", BY_1252, NULL },
	{ "iso_8859-1", BY_1252, NULL },
	{ "latin1", BY_1252, NULL },
	{ "windows-1252", BY_1252, NULL },
	{ "cp1252", BY_1252, NULL },
	{ "unknown-8bit", BY_GUESS, NULL },
	{ "x-unknown", BY_GUESS, NULL },
	{ "default", BY_GUESS, NULL },
	{ "shift_jis", BY_ICONV, "CP932" },
	{ "shift-jis", BY_ICONV, "CP932" },
	{ "x-sjis", BY_ICONV, "CP932" },
	{ "windows-31j", BY_ICONV, "CP932" },
	{ "x-euc-jp", BY_ICONV, "EUC-JP" },
	{ "gb2312", BY_ICONV, "GB18030" },
	{ "gbk", BY_ICONV, "GB18030" },
	{ "x-gbk", BY_ICONV, "GB18030" },
	{ "euc-kr", BY_ICONV, "CP949" },
	{ "ks_c_5601-1987", BY_ICONV, "CP949" },
	{ "x-windows-949", BY_ICONV, "CP949" },
	{ "big5", BY_ICONV, "BIG5-HKSCS" },
	{ "iso-8859-8-i", BY_ICONV, "ISO-8859-8" },
	{ "iso-8859-8-e", BY_ICONV, "ISO-8859-8" },
	{ "unicode-1-1-utf-7", BY_ICONV, "UTF-7" },
	{ "x-mac-roman", BY_ICONV, "MACINTOSH" },
};

static void put_1252(struct view in, struct buf *out)
{
	for (size_t i = 0; i < in.n && !out->over;) {
		size_t start = i;
		while (i < in.n && (unsigned char)in.p[i] < 0x80)
			i++;
		buf_put(out, view_slice(in, start, i - start));
		if (i == in.n)
			return;
		unsigned char c = (unsigned char)in.p[i++];
		utf8_put(out, c < 0xa0 ? cp1252[c - 0x80] : c);
	}
}

/* iconv takes "//TRANSLIT" and file names of modules in a name; only what a charset's name is made of gets there. */
static bool name_for_iconv(struct view charset, char out[MSG_CHARSET_NAME_MAX + 1])
{
	if (view_empty(charset) || charset.n > MSG_CHARSET_NAME_MAX)
		return false;
	for (size_t i = 0; i < charset.n; i++) {
		int c = view_at(charset, i);
		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.' && c != ':' && c != '+')
			return false;
		out[i] = (char)c;
	}
	out[charset.n] = '\0';
	return true;
}

static enum msg_charset_result run_iconv(iconv_t cd, struct view in, struct buf *out)
{
	enum msg_charset_result result = MSG_CHARSET_OK;
	union {
		const char *from;
		char *to;
	} at = { in.p }; /* iconv's prototype lacks a const */
	size_t left = in.n;
	while (left > 0 && !out->over) {
		char block[BLOCK];
		char *end = block;
		size_t room = sizeof block;
		size_t before = left;
		errno = 0;
		size_t rc = iconv(cd, &at.to, &left, &end, &room);
		int why = errno;
		buf_put(out, view_of(block, (size_t)(end - block)));
		if (rc != (size_t)-1 || (why == E2BIG && (left < before || end != block)))
			continue;
		result = MSG_CHARSET_REPLACED;
		utf8_put(out, REPLACEMENT);
		if (why != EILSEQ)
			break; /* cut in the middle of a character */
		at.from++;
		left--;
	}
	char block[64]; /* some keep a character back to combine it with the next */
	char *end = block;
	size_t room = sizeof block;
	(void)iconv(cd, NULL, NULL, &end, &room);
	buf_put(out, view_of(block, (size_t)(end - block)));
	return result;
}

static enum msg_charset_result by_iconv(const char *name, struct view in, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1) {
		if (utf8_valid(in))
			buf_put(out, in);
		else
			put_1252(in, out);
		return MSG_CHARSET_UNKNOWN;
	}
	enum msg_charset_result result = run_iconv(cd, in, out);
	(void)iconv_close(cd);
	return result;
}

static enum msg_charset_result convert(enum family family, const char *name, struct view in, struct buf *out)
{
	switch (family) {
	case BY_UTF8:
		if (utf8_valid(in)) {
			buf_put(out, in);
			return MSG_CHARSET_OK;
		}
		utf8_put_clean(out, in);
		return MSG_CHARSET_REPLACED;
	case BY_1252:
		put_1252(in, out);
		return MSG_CHARSET_OK;
	case BY_GUESS:
		if (utf8_valid(in))
			buf_put(out, in);
		else
			put_1252(in, out);
		return MSG_CHARSET_OK;
	case BY_ICONV:
		break;
	}
	return by_iconv(name, in, out);
}

enum msg_charset_result msg_charset_to_utf8(struct view in, struct view charset, struct buf *out)
{
	charset = view_trim(charset);
	if (view_empty(charset))
		return convert(BY_GUESS, NULL, in, out);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (view_is_case(charset, names[i].name))
			return convert(names[i].family, names[i].iconv, in, out);
	}
	char name[MSG_CHARSET_NAME_MAX + 1];
	if (name_for_iconv(charset, name))
		return convert(BY_ICONV, name, in, out);
	(void)convert(BY_GUESS, NULL, in, out);
	return MSG_CHARSET_UNKNOWN;
}

/* Charsets in which octets under 0x80 are not always ASCII. */
static bool is_stateful(struct view charset)
{
	return view_starts_case(charset, VIEW("iso-2022")) || view_starts_case(charset, VIEW("utf-7")) ||
	       view_starts_case(charset, VIEW("utf-16")) || view_starts_case(charset, VIEW("utf-32")) ||
	       view_starts_case(charset, VIEW("hz")) || view_starts_case(charset, VIEW("unicode")) ||
	       view_starts_case(charset, VIEW("ucs"));
}

struct view msg_charset_view(struct view in, struct view charset, struct arena *arena)
{
	if (!view_has_8bit(in) && !is_stateful(view_trim(charset)))
		return in;
	BUF_AUTO struct buf out;
	buf_init(&out, 3 * in.n + 1);
	(void)msg_charset_to_utf8(in, charset, &out);
	return arena_view(arena, buf_view(&out));
}
