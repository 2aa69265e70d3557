#include "bounce_text.h"

#include "base_cur.h"
#include "base_ip.h"
#include "base_num.h"
#include "base_utf8.h"

static bool ends_token(int c) { return c < 0 || ascii_is_space(c) || strchr("<>()[]{}\"',;", c) != NULL; }

/* The run of characters up to white space or a bracket, quote or comma. */
static struct view token_at(struct view in, size_t at)
{
	size_t n = 0;
	while (!ends_token(view_at(in, at + n)))
		n++;
	return view_slice(in, at, n);
}

static bool is_reply_code(struct view v)
{
	return v.n == 3 && view_at(v, 0) >= '2' && view_at(v, 0) <= '5' && ascii_is_digit(view_at(v, 1)) &&
	       ascii_is_digit(view_at(v, 2));
}

bool bounce_status_parse(struct view v, struct bounce_status *out)
{
	struct view rest = v;
	uint64_t class, subject, detail;
	struct view first = view_cut(&rest, '.');
	struct view second = rest.p == NULL ? view_none() : view_cut(&rest, '.');
	if (rest.p == NULL || first.n != 1 || second.n > 3 || rest.n > 3)
		return false;
	if (!num_parse_uint(first, 5, &class) || !num_parse_uint(second, 999, &subject) ||
	    !num_parse_uint(rest, 999, &detail) || (class != 2 && class != 4 && class != 5))
		return false;
	*out = (struct bounce_status){ (unsigned char)class, (unsigned short)subject, (unsigned short)detail };
	return true;
}

/* A token without the punctuation that often clings to codes: "(#5.7.1)", "550-5.7.1", "5.1.1:". */
static struct view without_marks(struct view token)
{
	while (view_at(token, 0) == '#' || view_at(token, 0) == '-' || view_at(token, 0) == ':')
		token = view_from(token, 1);
	while (token.n > 0 && strchr(":.-;!", view_last(token)) != NULL)
		token.n--;
	return token;
}

/* The first code, unless it is as general as 5.1.0 and a later one is not. */
static void take_status(struct view token, struct bounce_status *status)
{
	struct bounce_status found;
	if (!bounce_status_parse(token, &found))
		return;
	if (status->class == 0 || (status->detail == 0 && found.detail != 0))
		*status = found;
}

static void take_codes(struct view token, bool first, unsigned *reply, struct bounce_status *status)
{
	token = without_marks(token);
	take_status(token, status);
	struct view head = view_to(token, 3);
	bool alone = (first && view_at(token, 3) == '-') || token.n == 3 ||
		     (view_at(token, 3) == '-' && (token.n == 4 || ascii_is_digit(view_at(token, 4))));
	if (!is_reply_code(head) || !alone)
		return;
	if (*reply == 0)
		*reply = (unsigned)((head.p[0] - '0') * 100 + (head.p[1] - '0') * 10 + (head.p[2] - '0'));
	if (token.n > 4)
		take_status(without_marks(view_from(token, 4)), status);
}

void bounce_text_codes(struct view in, unsigned *reply, struct bounce_status *status)
{
	*reply = 0;
	*status = (struct bounce_status){ 0 };
	bool first = true;
	for (size_t at = 0; at < in.n && (*reply == 0 || status->detail == 0);) {
		struct view token = token_at(in, at);
		if (token.n > 0 && (token.n <= 20 || first))
			take_codes(token, first, reply, status);
		first = first && token.n == 0;
		at += token.n + 1;
	}
}

/* Octets of a quotation mark or space beyond ASCII, and its plain form. */
static size_t plain_form(struct view in, int *plain)
{
	uint32_t cp;
	size_t n = utf8_next(in, &cp);
	if (n < 2)
		return 0;
	if (cp == 0xa0 || cp == 0x3000 || cp == 0x202f)
		*plain = ' ';
	else if (cp == 0x2018 || cp == 0x2019 || cp == 0xb4)
		*plain = '\'';
	else if (cp >= 0x201c && cp <= 0x201e)
		*plain = '"';
	else if (cp >= 0x2010 && cp <= 0x2014)
		*plain = '-';
	else
		return 0;
	return n;
}

static bool is_ip(struct view token)
{
	struct ip_addr ip;
	while (view_last(token) == '.' || view_last(token) == ':')
		token.n--;
	if (view_starts_case(token, VIEW("ipv6:")))
		token = view_from(token, 5);
	return token.n >= 7 && ip_parse(token, &ip);
}

/* "550-", "550-5.7.1", or "550 5.7.1" at the start of a line of a reply: octets to leave out, 0 when it is none. */
static size_t code_prefix(struct view in, size_t at, bool first)
{
	struct view token = token_at(in, at);
	struct bounce_status status;
	if (!is_reply_code(view_to(token, 3)))
		return 0;
	if (view_at(token, 3) == '-' && (token.n == 4 || bounce_status_parse(view_from(token, 4), &status)))
		return token.n;
	if (first && view_at(token, 3) == '-')
		return 4;
	if (token.n != 3)
		return 0;
	struct view next = token_at(in, at + 4);
	if (bounce_status_parse(without_marks(next), &status))
		return 4 + next.n;
	return first ? 3 : 0;
}

static void put_space(struct buf *out)
{
	if (out->n > 0 && out->p[out->n - 1] != ' ')
		buf_byte(out, ' ');
}

/* Up to the first octet beyond ASCII: what follows may be a quotation mark in disguise. */
static size_t put_plain(struct view token, struct buf *out)
{
	size_t n = 0;
	while (n < token.n && view_at(token, n) < 0x80)
		n++;
	buf_lower(out, view_to(token, n));
	return n;
}

/* One token in its normal form; returns the octets used, at least one. */
static size_t put_token(struct view in, size_t at, struct buf *out)
{
	size_t skip = code_prefix(in, at, out->n == 0);
	if (skip > 0)
		return skip;
	struct view token = token_at(in, at);
	size_t sign = view_find_byte(token, '@');
	if (sign != SIZE_MAX && sign + 1 < token.n && token.n > 2) {
		buf_str(out, "@a");
		size_t colon = view_find_byte(view_from(token, sign), ':');
		return colon == SIZE_MAX ? token.n : sign + colon;
	}

	else if (is_ip(token))
		buf_str(out, "#i");
	else
		token.n = put_plain(token, out);
	return token.n;
}

void bounce_text_normalise(struct view in, struct buf *out)
{
	bool fresh = true;
	for (size_t at = 0; at < in.n;) {
		int c = view_at(in, at), plain = 0;
		size_t wide = c >= 0x80 ? plain_form(view_from(in, at), &plain) : 0;
		if (wide > 0)
			c = plain;
		if (ascii_is_space(c)) {
			put_space(out);
			fresh = true;
			at += wide > 0 ? wide : 1;
		} else if (wide > 0 || ends_token(c)) {
			buf_byte(out, c);
			at += wide > 0 ? wide : 1;
			fresh = true;
		} else if (fresh && c < 0x80) {
			at += put_token(in, at, out);
			fresh = false;
		} else {
			buf_byte(out, ascii_lower(c));
			at++;
			fresh = false;
		}
	}
	if (out->n > 0 && out->p[out->n - 1] == ' ')
		buf_cut(out, out->n - 1);
}
