#include "base_ip.h"
#include "base_show.h"
#include "base_utf8.h"
#include "msg_addr_priv.h"

enum { SHOWN_OCTETS = 80 };

enum err addr_fail(const struct addr_parser *p, enum err err, size_t at, const char *why)
{
	struct cur place = { p->cur.in, at, false };
	unsigned line, column;
	cur_place(&place, &line, &column);
	struct view shown = view_slice(p->cur.in, p->element, SHOWN_OCTETS);
	return diag_at(p->diag, err, line, column, "address \"%s\": %s", SHOW(view_trim(shown)), why);
}

/* The octets that a line end inside folding white space has at i; 0: this is none. */
static size_t fold_at(struct view in, size_t i)
{
	size_t n = in.p[i] == '\r' && view_at(in, i + 1) == '\n' ? 2 : in.p[i] == '\n' ? 1 : 0;
	return n > 0 && (i + n == in.n || ascii_is_wsp(view_at(in, i + n))) ? n : 0;
}

enum err addr_check_octets(const struct addr_parser *p)
{
	struct view in = p->cur.in;
	for (size_t i = 0; i < in.n; i++) {
		if (!ascii_is_ctl(view_at(in, i)) || (in.p[i] == '\t' && p->lists))
			continue;
		size_t fold = (p->flags & MSG_ADDR_FOLDED) != 0 ? fold_at(in, i) : 0;
		if (fold == 0)
			return addr_fail(p, ERR_DATA, i, "control character in it (remove it)");
		i += fold - 1;
	}
	if ((p->flags & MSG_ADDR_LOOSE) == 0 && view_has_8bit(in) && !utf8_valid(in))
		return addr_fail(p, ERR_SYNTAX, 0, "not UTF-8");
	return ERR_OK;
}

static enum err skip_comment(struct addr_parser *p)
{
	size_t open = p->cur.at, depth = 0;
	do {
		int c = cur_peek(&p->cur);
		if (c < 0)
			return addr_fail(p, ERR_SYNTAX, open, "comment without its closing parenthesis");
		if (c == '\\')
			cur_skip(&p->cur);
		depth += c == '(';
		depth -= c == ')';
		if (depth > MSG_ADDR_COMMENT_DEPTH)
			return addr_fail(p, ERR_LIMIT, p->cur.at,
					 "comments nested too deep (MSG_ADDR_COMMENT_DEPTH, 32)");
		cur_skip(&p->cur);
	} while (depth > 0);
	p->comment = view_slice(p->cur.in, open + 1, p->cur.at - open - 2);
	return ERR_OK;
}

enum err addr_skip_cfws(struct addr_parser *p)
{
	if (!p->lists)
		return ERR_OK;
	for (;;) {
		cur_skip_fws(&p->cur);
		if (cur_peek(&p->cur) != '(')
			return ERR_OK;
		enum err err = skip_comment(p);
		if (err != ERR_OK)
			return err;
	}
}

enum err addr_take_quoted(struct addr_parser *p, struct buf *out)
{
	size_t open = p->cur.at - 1;
	for (;;) {
		int c = cur_peek(&p->cur);
		cur_skip(&p->cur);
		if (c == '"')
			return ERR_OK;
		if (c == '\\') {
			c = cur_peek(&p->cur);
			cur_skip(&p->cur);
		}
		if (c < 0)
			return addr_fail(p, ERR_SYNTAX, open, "quoted string without its closing quote");
		if (out != NULL && c != '\r' && c != '\n')
			buf_byte(out, c == '\t' ? ' ' : c);
	}
}

/* The text itself where it stands in the input just so, else a copy. */
static struct view keep(const struct addr_parser *p, struct view written, const struct buf *text)
{
	struct view plain = view_slice(written, 0, text->n);
	if (view_eq(plain, buf_view(text)))
		return plain;
	return arena_view(p->arena, buf_view(text));
}

static bool is_domain_text(int c) { return ascii_is_alnum(c) || ascii_is_8bit(c) || c == '-' || c == '_'; }

/* One word of a local part: atom or quoted string. */
static enum err take_word(struct addr_parser *p, struct buf *text)
{
	if (cur_try(&p->cur, '"'))
		return addr_take_quoted(p, text);
	struct view atom = cur_while(&p->cur, addr_is_atom);
	if (view_empty(atom) && (p->flags & MSG_ADDR_DOTS) == 0) {
		int c = cur_peek(&p->cur);
		const char *why = c == '.' || text->n > 0 ? "a dot that is first, last or doubled in the local part"
				  : c == '@'              ? "nothing before the \"@\""
				  : c < 0                 ? "it is empty"
							  : "this character cannot be in a local part unless quoted";
		return addr_fail(p, ERR_SYNTAX, p->cur.at, why);
	}
	buf_put(text, atom);
	return ERR_OK;
}

static enum err take_local_text(struct addr_parser *p, struct buf *text)
{
	bool loose = (p->flags & MSG_ADDR_LOOSE) != 0;
	do {
		enum err err = loose ? addr_skip_cfws(p) : ERR_OK;
		if (err == ERR_OK)
			err = take_word(p, text);
		if (err == ERR_OK && loose)
			err = addr_skip_cfws(p);
		if (err != ERR_OK)
			return err;
		if (cur_peek(&p->cur) == '.')
			buf_byte(text, '.');
	} while (cur_try(&p->cur, '.'));
	return ERR_OK;
}

enum err addr_take_local(struct addr_parser *p, struct mailbox *out)
{
	BUF_AUTO struct buf text;
	buf_init(&text, MSG_ADDR_LENIENT_MAX);
	size_t start = p->cur.at;
	enum err err = take_local_text(p, &text);
	if (err != ERR_OK)
		return err;
	struct view written = cur_since(&p->cur, start);
	if (text.n == 0 && !view_has_byte(written, '"'))
		return addr_fail(p, ERR_SYNTAX, start, "nothing before the \"@\"");
	if (buf_err(&text) != ERR_OK ||
	    ((p->flags & MSG_ADDR_LOOSE) == 0 && addr_local_octets(buf_view(&text)) > MSG_ADDR_LOCAL_MAX))
		return addr_fail(p, ERR_LIMIT, start, "local part is longer than 64 octets (MSG_ADDR_LOCAL_MAX)");
	if (view_starts(written, VIEW("\"")) && !view_starts(buf_view(&text), VIEW("\"")))
		written = view_from(written, 1);
	if (view_has_8bit(buf_view(&text)) && !utf8_valid(buf_view(&text)))
		return addr_fail(p, ERR_SYNTAX, start, "the local part is not UTF-8");
	out->local = keep(p, written, &text);
	out->needs_smtputf8 = view_has_8bit(out->local);
	return ERR_OK;
}

static bool is_dtext(int c) { return c >= 0x21 && c != '[' && c != ']' && c != '\\' && c != 0x7f; }

/* RFC 5321 4.1.3. An unknown tag is no error of the grammar, but nobody could deliver to it. */
static enum err take_literal(struct addr_parser *p, struct mailbox *out)
{
	size_t start = p->cur.at;
	bool ok = cur_need(&p->cur, '[');
	struct view inside = cur_while(&p->cur, is_dtext);
	if (!ok || !cur_try(&p->cur, ']') || inside.n > MSG_ADDR_DOMAIN_MAX)
		return addr_fail(p, ERR_SYNTAX, start, "address literal without its closing bracket");
	struct ip_addr ip;
	struct view tag = VIEW("IPv6:");
	bool v6 = view_starts_case(inside, tag);
	if ((p->flags & MSG_ADDR_LOOSE) == 0 &&
	    (!ip_parse(v6 ? view_from(inside, tag.n) : inside, &ip) || (ip.family == IP_V6) != v6))
		return addr_fail(p, ERR_SYNTAX, start, "address literal that is neither [1.2.3.4] nor [IPv6:...]");
	if (view_has_8bit(inside) && !utf8_valid(inside))
		return addr_fail(p, ERR_SYNTAX, start, "the address literal is not UTF-8");
	out->domain = cur_since(&p->cur, start);
	out->literal = true;
	return ERR_OK;
}

/* Labels with dots between them, as they are written. */
static enum err take_labels(struct addr_parser *p, struct buf *text)
{
	bool loose = (p->flags & MSG_ADDR_LOOSE) != 0;
	for (;;) {
		enum err err = loose ? addr_skip_cfws(p) : ERR_OK;
		if (err != ERR_OK)
			return err;
		size_t start = p->cur.at;
		struct view label = cur_while(&p->cur, is_domain_text);
		if (view_empty(label) && loose && text->n > 0)
			return ERR_OK; /* a final dot */
		if (view_empty(label))
			return addr_fail(p, ERR_SYNTAX, start,
					 text->n == 0 ? "nothing behind the \"@\"" : "an empty label in the domain");
		if (label.n > MSG_ADDR_LABEL_MAX && !view_has_8bit(label))
			return addr_fail(p, ERR_LIMIT, start,
					 "a label of the domain is longer than 63 octets (MSG_ADDR_LABEL_MAX)");
		if (!loose && (view_has_byte(label, '_') || label.p[0] == '-' || view_last(label) == '-'))
			return addr_fail(p, ERR_SYNTAX, start,
					 "a label of the domain has \"_\", or \"-\" at its start or end");
		if (text->n > 0)
			buf_byte(text, '.');
		buf_put(text, label);
		err = loose ? addr_skip_cfws(p) : ERR_OK;
		if (err != ERR_OK || !cur_try(&p->cur, '.'))
			return err;
	}
}

static bool is_ipv4(struct view v)
{
	struct ip_addr ip;
	return ip_parse(v, &ip);
}

static enum err take_domain(struct addr_parser *p, struct mailbox *out)
{
	if (cur_peek(&p->cur) == '[')
		return take_literal(p, out);
	BUF_AUTO struct buf text;
	buf_init(&text, MSG_ADDR_LENIENT_MAX);
	size_t start = p->cur.at;
	enum err err = take_labels(p, &text);
	if (err != ERR_OK)
		return err;
	bool loose = (p->flags & MSG_ADDR_LOOSE) != 0;
	if (buf_err(&text) != ERR_OK || (!loose && text.n > MSG_ADDR_DOMAIN_MAX))
		return addr_fail(p, ERR_LIMIT, start, "domain is longer than 255 octets (MSG_ADDR_DOMAIN_MAX)");
	if (view_has_8bit(buf_view(&text)) && !utf8_valid(buf_view(&text)))
		return addr_fail(p, ERR_SYNTAX, start, "the domain is not UTF-8");
	if (!loose && is_ipv4(buf_view(&text)))
		return addr_fail(p, ERR_SYNTAX, start, "an IP address is written in brackets: [1.2.3.4]");
	out->domain = keep(p, cur_since(&p->cur, start), &text);
	out->idn = view_has_8bit(out->domain);
	return ERR_OK;
}

enum err addr_take_spec(struct addr_parser *p, struct mailbox *out)
{
	size_t start = p->cur.at;
	enum err err = addr_take_local(p, out);
	if (err == ERR_OK)
		err = addr_skip_cfws(p);
	if (err != ERR_OK)
		return err;
	if (!cur_try(&p->cur, '@'))
		return addr_fail(p, ERR_SYNTAX, p->cur.at, "no \"@\" where it should be");
	err = addr_skip_cfws(p);
	if (err == ERR_OK)
		err = take_domain(p, out);
	if (err != ERR_OK)
		return err;
	out->kind = MAILBOX_FULL;
	if ((p->flags & MSG_ADDR_LOOSE) == 0 && addr_local_octets(out->local) + 1 + out->domain.n > MSG_ADDR_MAX)
		return addr_fail(p, ERR_LIMIT, start, "longer than 254 octets (MSG_ADDR_MAX)");
	return addr_skip_cfws(p);
}

enum err addr_take_route(struct addr_parser *p)
{
	if ((p->flags & MSG_ADDR_ROUTE) == 0)
		return ERR_OK;
	size_t start = p->cur.at;
	while (cur_peek(&p->cur) == '@' || cur_peek(&p->cur) == ',') {
		enum err err = ERR_OK;
		if (cur_try(&p->cur, '@')) {
			struct mailbox hop = { 0 };
			err = take_domain(p, &hop);
		} else {
			cur_skip(&p->cur);
		}
		if (err == ERR_OK)
			err = addr_skip_cfws(p);
		if (err != ERR_OK)
			return err;
		if (cur_try(&p->cur, ':'))
			return addr_skip_cfws(p);
	}
	if (p->cur.at != start)
		return addr_fail(p, ERR_SYNTAX, start, "a source route that does not end with \":\"");
	return ERR_OK;
}

static enum err take_path(struct addr_parser *p, struct mailbox *out)
{
	bool angle = cur_try(&p->cur, '<');
	if ((p->flags & MSG_ADDR_EMPTY) != 0 && (angle ? cur_try(&p->cur, '>') : cur_end(&p->cur))) {
		out->kind = MAILBOX_NULL;
		return ERR_OK;
	}
	enum err err = angle ? addr_take_route(p) : ERR_OK;
	if (err != ERR_OK)
		return err;
	struct cur start = p->cur;
	struct mailbox bare = { .kind = MAILBOX_BARE };
	err = addr_take_local(p, &bare);
	if (err == ERR_OK && (p->flags & MSG_ADDR_BARE) != 0 && (angle ? cur_peek(&p->cur) == '>' : cur_end(&p->cur))) {
		*out = bare;
	} else if (err == ERR_OK) {
		p->cur = start;
		err = addr_take_spec(p, out);
	}
	if (err == ERR_OK && angle && !cur_try(&p->cur, '>'))
		err = addr_fail(p, ERR_SYNTAX, p->cur.at, "\"<\" without its \">\"");
	return err;
}

enum err msg_addr_parse(struct view in, unsigned flags, struct arena *arena, struct mailbox *out, struct diag *diag)
{
	struct addr_parser p = { .cur = cur_of(in), .flags = flags, .arena = arena, .diag = diag };
	struct mailbox mailbox = { 0 };
	enum err err = addr_check_octets(&p);
	if (err == ERR_OK)
		err = take_path(&p, &mailbox);
	if (err != ERR_OK)
		return err;
	if (!cur_end(&p.cur))
		return addr_fail(&p, ERR_SYNTAX, p.cur.at,
				 view_has_byte(in, '<') ? "only an address is wanted here, without a name"
							: "this character cannot stand here");
	*out = mailbox;
	return ERR_OK;
}
