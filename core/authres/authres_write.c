#include "authres.h"
#include "base_ascii.h"
#include "base_utf8.h"

enum { COLUMNS = 76 };

struct writer {
	struct buf *out;
	size_t column;
};

static bool is_token(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!ascii_is_token(view_at(v, i)))
			return false;
	return v.n > 0;
}

/* [local-part] "@" domain-name as pvalue may have it bare (RFC 8601 2.2): dot-atoms on both sides. */
static bool is_address(struct view v)
{
	size_t at = view_find_byte(v, '@');
	if (at == SIZE_MAX || at + 1 == v.n)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		int c = view_at(v, i);
		bool ok = i < at ? ascii_is_atext(c) || c == '.'
				 : ascii_is_alnum(c) || c == '-' || c == '.' || c == '_';
		if (i != at && !ok)
			return false;
	}
	return true;
}

/* A quoted-string that cannot be left: control characters become spaces, what is no UTF-8 U+FFFD. */
static void write_quoted(struct view v, struct buf *out)
{
	buf_byte(out, '"');
	while (v.n > 0) {
		uint32_t cp;
		size_t n = utf8_next(v, &cp);
		if (n == 0)
			utf8_put(out, 0xfffd);
		else if (ascii_is_ctl((int)cp))
			buf_byte(out, ' ');
		else if (cp == '"' || cp == '\\')
			buf_printf(out, "\\%c", (char)cp);
		else
			buf_put(out, view_to(v, n));
		v = view_from(v, n == 0 ? 1 : n);
	}
	buf_byte(out, '"');
}

static void write_value(struct view v, bool address, struct buf *out)
{
	if (is_token(v) || (address && is_address(v)))
		buf_put(out, v);
	else
		write_quoted(v, out);
}

/* A piece that stays whole; a space or a fold before it. */
static void word(struct writer *w, const struct buf *piece)
{
	if (w->column + 1 + piece->n > COLUMNS && w->column > 1) {
		buf_str(w->out, "\r\n ");
		w->column = 1;
	} else {
		buf_byte(w->out, ' ');
		w->column++;
	}
	buf_put(w->out, buf_view(piece));
	w->column += piece->n;
}

static void fold(struct writer *w)
{
	buf_str(w->out, "\r\n");
	w->column = 0;
}

static void write_verdict(struct writer *w, const struct authres_verdict *verdict, bool last)
{
	BUF_AUTO struct buf piece;
	buf_init(&piece, AUTHRES_FIELD_MAX);
	struct view name = verdict->method == AUTHRES_OTHER && is_token(verdict->name)
				   ? verdict->name
				   : view_str(authres_method_name(verdict->method));
	bool reason = verdict->reason.n > 0;
	size_t left = verdict->props_n + reason;
	buf_printf(&piece, "%.*s=%s%s", VIEW_ARG(name), authres_result_name(verdict->result),
		   left == 0 && !last ? ";" : "");
	fold(w);
	word(w, &piece);
	if (reason) {
		buf_reset(&piece);
		buf_str(&piece, "reason=");
		write_value(verdict->reason, false, &piece);
		buf_str(&piece, --left == 0 && !last ? ";" : "");
		word(w, &piece);
	}
	for (size_t i = 0; i < verdict->props_n; i++) {
		const struct authres_prop *prop = &verdict->props[i];
		buf_reset(&piece);
		buf_printf(&piece, "%.*s.%.*s=", VIEW_ARG(prop->type), VIEW_ARG(prop->name));
		write_value(prop->value, true, &piece);
		buf_str(&piece, --left == 0 && !last ? ";" : "");
		word(w, &piece);
	}
}

void authres_write(const struct authres *authres, size_t column, struct buf *out)
{
	struct writer w = { out, column };
	BUF_AUTO struct buf piece;
	buf_init(&piece, AUTHRES_FIELD_MAX);
	write_value(authres->id, false, &piece);
	buf_byte(&piece, ';');
	word(&w, &piece);
	if (authres->n == 0) {
		buf_reset(&piece);
		buf_str(&piece, "none");
		word(&w, &piece);
	}
	for (size_t i = 0; i < authres->n; i++)
		write_verdict(&w, &authres->at[i], i + 1 == authres->n);
}

void authres_write_field(const struct authres *authres, struct buf *out)
{
	static const struct view name = VIEW_INIT("Authentication-Results:");
	buf_put(out, name);
	authres_write(authres, name.n, out);
	buf_str(out, "\r\n");
}
