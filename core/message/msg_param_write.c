#include "base_ascii.h"
#include "base_show.h"
#include "base_utf8.h"
#include "msg_param.h"
#include "msg_word.h"

enum { LINE_OCTETS = 76 };

/* RFC 5987 3.2.1 attr-char: stands as itself in an extended value. */
static bool is_attr_char(int c)
{
	return ascii_is_alnum(c) || (c > 0 && c < 0x7f && strchr("!#$&+-.^_`|~", c) != NULL);
}

static bool is_token(struct view v)
{
	for (size_t i = 0; i < v.n; i++) {
		if (!ascii_is_token(view_at(v, i)))
			return false;
	}
	return v.n > 0;
}

static void put_quoted(struct view value, struct buf *out)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < value.n; i++) {
		int c = view_at(value, i);
		if (c == '"' || c == '\\')
			buf_byte(out, '\\');
		buf_byte(out, c);
	}
	buf_byte(out, '"');
}

/* One "_" for each character that old readers would not understand. */
static void put_fallback(struct view value, struct buf *out)
{
	buf_byte(out, '"');
	while (!view_empty(value)) {
		uint32_t cp = 0;
		size_t n = utf8_next(value, &cp);
		bool plain = cp < 0x7f && cp != '"' && cp != '\\' && cp != '?';
		buf_byte(out, plain ? (int)cp : '_');
		value = view_from(value, n == 0 ? 1 : n);
	}
	buf_byte(out, '"');
}

static size_t percent_octets(struct view text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += is_attr_char(view_at(text, i)) ? 1 : 3;
	return n;
}

static void put_percent(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int c = view_at(text, i);
		if (is_attr_char(c))
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}

/* Whole characters within `room` octets, one at least. */
static size_t fitting(struct view text, size_t room)
{
	size_t n = 0, used = 0;
	while (n < text.n) {
		uint32_t cp;
		size_t octets = utf8_next(view_from(text, n), &cp);
		used += percent_octets(view_slice(text, n, octets));
		if (n > 0 && used > room)
			break;
		n += octets;
	}
	return n;
}

static void put_extended(struct view name, struct view value, struct buf *out)
{
	size_t frame = name.n + sizeof " *=utf-8'';" - 1;
	if (frame + percent_octets(value) <= LINE_OCTETS) {
		buf_printf(out, "; %.*s*=utf-8''", VIEW_ARG(name));
		put_percent(value, out);
		return;
	}
	size_t room = frame + 24 < LINE_OCTETS ? LINE_OCTETS - frame - 4 : 24;
	for (unsigned number = 0; !view_empty(value); number++) {
		struct view part = view_to(value, fitting(value, room));
		value = view_from(value, part.n);
		buf_printf(out, "; %.*s*%u*=%s", VIEW_ARG(name), number, number == 0 ? "utf-8''" : "");
		put_percent(part, out);
	}
}

static enum err check(struct view name, struct view value, struct diag *diag)
{
	if (!is_token(name) || view_has_byte(name, '*') || name.n > LINE_OCTETS)
		return diag_set(diag, ERR_DATA, "not the name of a parameter: \"%s\"", SHOW(name));
	if (view_has_ctl(value))
		return diag_set(diag, ERR_DATA, "control character in %s: \"%s\" (remove it)", SHOW(name), SHOW(value));
	if (view_has_8bit(value) && !utf8_valid(value))
		return diag_set(diag, ERR_DATA, "%s is not UTF-8: \"%s\"", SHOW(name), SHOW(value));
	if (value.n > MSG_PARAM_OCTETS_MAX)
		return diag_set(diag, ERR_LIMIT, "%s is longer than 65536 octets (MSG_PARAM_OCTETS_MAX)", SHOW(name));
	return ERR_OK;
}

enum err msg_param_write(struct view name, struct view value, struct buf *out, struct diag *diag)
{
	enum err err = check(name, value, diag);
	if (err != ERR_OK)
		return err;
	bool plain = !view_has_8bit(value) && !msg_word_looks_encoded(value) && value.n <= MSG_PARAM_PLAIN_MAX;
	if (plain || value.n <= MSG_PARAM_PLAIN_MAX)
		buf_printf(out, "; %.*s=", VIEW_ARG(name));
	if (plain && is_token(value))
		buf_put(out, value);
	else if (plain)
		put_quoted(value, out);
	else if (value.n <= MSG_PARAM_PLAIN_MAX)
		put_fallback(value, out);
	if (!plain)
		put_extended(name, value, out);
	return buf_err(out);
}
