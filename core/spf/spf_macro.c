#include "spf_macro.h"

#include "base_ascii.h"
#include "base_cur.h"
#include "base_num.h"
#include "base_show.h"

/* macro-expand of the form "%{" macro-letter transformers *delimiter "}" (RFC 7208 7.1). */
struct macro {
	int letter;  /* lower case */
	bool escape; /* the letter was a capital */
	bool reverse;
	size_t parts; /* right-hand parts to keep; 0: all */
	struct view delimiters;
};

enum piece { PIECE_LITERAL, PIECE_MACRO, PIECE_TEXT };

static bool is_delimiter(int c) { return c > 0 && strchr(".-+,/_=", c) != NULL; }

static enum err fault(const struct cur *cur, size_t at, struct diag *diag, const char *what)
{
	struct view shown = view_slice(cur->in, at, 12);
	return diag_at(diag, ERR_SYNTAX, 1, (unsigned)at + 1, "%s at '%s'", what, SHOW(shown));
}

static enum err parts_digits(struct cur *cur, size_t from, struct macro *macro, struct diag *diag)
{
	if (!ascii_is_digit(cur_peek(cur)))
		return ERR_OK;
	uint64_t parts = 0;
	while (ascii_is_digit(cur_peek(cur))) {
		if (parts < SPF_EXPAND_MAX)
			parts = parts * 10 + (uint64_t)(cur_peek(cur) - '0');
		cur_skip(cur);
	}
	if (parts == 0)
		return fault(cur, from, diag, "a macro that keeps 0 parts");
	macro->parts = (size_t)parts;
	return ERR_OK;
}

/* Behind "%{". */
static enum err macro_braces(struct cur *cur, size_t from, enum spf_macro_use use, struct macro *macro,
			     struct diag *diag)
{
	int letter = ascii_lower(cur_peek(cur));
	if (letter <= 0 || strchr("slodiphcrtv", letter) == NULL)
		return fault(cur, from, diag, "unknown macro letter");
	if (use != SPF_IN_EXP && strchr("crt", letter) != NULL)
		return fault(cur, from, diag, "macro letter that only explanations may use");
	*macro = (struct macro){ .letter = letter, .escape = ascii_is_upper(cur_peek(cur)) };
	cur_skip(cur);
	enum err err = parts_digits(cur, from, macro, diag);
	if (err != ERR_OK)
		return err;
	macro->reverse = cur_try(cur, 'r') || cur_try(cur, 'R');
	macro->delimiters = cur_while(cur, is_delimiter);
	return cur_try(cur, '}') ? ERR_OK : fault(cur, from, diag, "macro that is not closed rightly");
}

/* The next piece of a macro-string or explain-string: one octet, "%%" "%_" "%-", or a macro. */
static enum err next_piece(struct cur *cur, enum spf_macro_use use, enum piece *piece, struct view *text,
			   struct macro *macro, struct diag *diag)
{
	size_t from = cur->at;
	int c = cur_peek(cur);
	cur_skip(cur);
	*piece = PIECE_LITERAL;
	*text = cur_since(cur, from);
	if (c != '%')
		return ascii_is_vchar(c) || (use == SPF_IN_EXP && c == ' ')
			       ? ERR_OK
			       : fault(cur, from, diag, "an octet that SPF does not allow");
	if (cur_try(cur, '{')) {
		*piece = PIECE_MACRO;
		return macro_braces(cur, from, use, macro, diag);
	}
	*piece = PIECE_TEXT;
	int kind = cur_peek(cur);
	*text = kind == '%' ? VIEW("%") : kind == '_' ? VIEW(" ") : VIEW("%20");
	if (kind != '%' && kind != '_' && kind != '-')
		return fault(cur, from, diag, "a '%' that starts no macro (write '%%')");
	cur_skip(cur);
	return ERR_OK;
}

enum err spf_macro_check(struct view text, enum spf_macro_use use, bool *ends_in_macro, bool *has_macros,
			 struct diag *diag)
{
	struct cur cur = cur_of(text);
	enum piece piece = PIECE_LITERAL;
	bool any = false;
	while (!cur_end(&cur)) {
		struct view taken;
		struct macro macro;
		enum err err = next_piece(&cur, use, &piece, &taken, &macro, diag);
		if (err != ERR_OK)
			return err;
		any = any || piece != PIECE_LITERAL;
	}
	if (ends_in_macro != NULL)
		*ends_in_macro = piece != PIECE_LITERAL;
	if (has_macros != NULL)
		*has_macros = any;
	return ERR_OK;
}

/* RFC 7208 7.4: an IPv6 address is its nibbles, so that "r" and the digits work on them. */
static void write_ip(const struct ip_addr *ip, struct buf *out)
{
	if (ip->family != IP_V6) {
		ip_write(ip, out);
		return;
	}
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < 16; i++) {
		if (i > 0)
			buf_byte(out, '.');
		buf_byte(out, hex[ip->octets[i] >> 4]);
		buf_byte(out, '.');
		buf_byte(out, hex[ip->octets[i] & 15]);
	}
}

static void write_or_unknown(struct view v, struct buf *out) { buf_put(out, v.n > 0 ? v : VIEW("unknown")); }

static void write_value(const struct spf_macro_env *env, int letter, struct buf *out)
{
	switch (letter) {
	case 's':
		buf_put(out, env->local);
		buf_byte(out, '@');
		buf_put(out, env->sender_domain);
		break;
	case 'l':
		buf_put(out, env->local);
		break;
	case 'o':
		buf_put(out, env->sender_domain);
		break;
	case 'd':
		buf_put(out, env->domain);
		break;
	case 'i':
		write_ip(&env->ip, out);
		break;
	case 'p':
		write_or_unknown(env->validated != NULL ? env->validated(env->ctx, env->domain) : view_none(), out);
		break;
	case 'v':
		buf_str(out, env->ip.family == IP_V6 ? "ip6" : "in-addr");
		break;
	case 'h':
		write_or_unknown(env->helo, out);
		break;
	case 'c':
		ip_write(&env->ip, out);
		break;
	case 'r':
		write_or_unknown(env->receiver, out);
		break;
	default: /* t */
		buf_printf(out, "%lld", (long long)env->now_s);
		break;
	}
}

/* RFC 3986: what is not unreserved is escaped. */
static void write_escaped(struct view v, bool escape, struct buf *out)
{
	if (!escape) {
		buf_put(out, v);
		return;
	}
	for (size_t i = 0; i < v.n; i++) {
		int c = view_at(v, i);
		if (ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}

/*
 * Cut in parts at each delimiter (neighbours make empty parts), keep the right-hand ones after the turn, join with dots.
 */
static void write_parts(const struct macro *macro, struct view value, struct buf *out)
{
	struct view delimiters = macro->delimiters.n > 0 ? macro->delimiters : VIEW(".");
	size_t total = 1;
	for (size_t i = 0; i < value.n; i++)
		total += view_has_byte(delimiters, view_at(value, i));
	size_t keep = macro->parts > 0 && macro->parts < total ? macro->parts : total;
	size_t at = macro->reverse ? value.n : 0;
	for (size_t part = 0; part < total; part++) {
		size_t from, to;
		if (macro->reverse) { /* the last part comes first */
			to = at;
			for (from = to; from > 0 && !view_has_byte(delimiters, view_at(value, from - 1));)
				from--;
			at = from == 0 ? 0 : from - 1;
		} else {
			from = at;
			for (to = from; to < value.n && !view_has_byte(delimiters, view_at(value, to));)
				to++;
			at = to + 1;
		}
		if (part < total - keep)
			continue;
		write_escaped(view_slice(value, from, to - from), macro->escape, out);
		if (part + 1 < total)
			buf_byte(out, '.');
	}
}

static void write_macro(const struct spf_macro_env *env, const struct macro *macro, struct buf *out)
{
	BUF_AUTO struct buf value;
	buf_init(&value, SPF_EXPAND_MAX);
	write_value(env, macro->letter, &value);
	if (macro->parts == 0 && !macro->reverse && macro->delimiters.n == 0)
		write_escaped(buf_view(&value), macro->escape, out);
	else
		write_parts(macro, buf_view(&value), out);
}

enum err spf_macro_expand(const struct spf_macro_env *env, struct view text, enum spf_macro_use use, struct buf *out,
			  struct diag *diag)
{
	struct cur cur = cur_of(text);
	while (!cur_end(&cur)) {
		enum piece piece;
		struct view taken;
		struct macro macro;
		enum err err = next_piece(&cur, use, &piece, &taken, &macro, diag);
		if (err != ERR_OK)
			return err;
		if (piece == PIECE_MACRO)
			write_macro(env, &macro, out);
		else
			buf_put(out, taken);
	}
	if (buf_err(out) != ERR_OK)
		return diag_set(diag, ERR_LIMIT, "the expansion has more than %zu octets", out->max);
	return ERR_OK;
}

enum err spf_macro_target(const struct spf_macro_env *env, struct view text, struct buf *out, struct diag *diag)
{
	enum err err = spf_macro_expand(env, text, SPF_IN_DOMAIN, out, diag);
	if (err != ERR_OK)
		return err;
	if (view_ends(buf_view(out), VIEW(".")) && !view_ends(buf_view(out), VIEW("..")))
		buf_cut(out, out->n - 1);
	while (out->n > SPF_NAME_MAX) {
		size_t dot = view_find_byte(buf_view(out), '.');
		if (dot == SIZE_MAX)
			break; /* one endless label: not a valid name, which the caller sees */
		buf_drop(out, dot + 1);
	}
	return ERR_OK;
}
