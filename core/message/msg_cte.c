#include "msg_cte.h"

#include "base_ascii.h"

enum { IN_TEXT, BEHIND_EQUALS, BEHIND_DIGIT, BEHIND_SOFT_SPACE, BEHIND_SOFT_CR };

enum { BLOCK = 1 << 16 };

enum msg_cte msg_cte_parse(struct view value)
{
	value = view_trim(value);
	size_t start = view_starts(value, VIEW("\"")) ? 1 : 0, n = 0;
	while (ascii_is_token(view_at(value, start + n)))
		n++;
	struct view word = view_slice(value, start, n);
	if (view_is_case(word, "quoted-printable"))
		return MSG_CTE_QP;
	if (view_is_case(word, "base64"))
		return MSG_CTE_BASE64;
	if (view_is_case(word, "7bit") || view_is_case(word, "8bit") || view_is_case(word, "binary") ||
	    view_empty(value))
		return MSG_CTE_IDENTITY;
	return MSG_CTE_UNKNOWN;
}

void msg_cte_init(struct msg_cte_decoder *decoder, enum msg_cte cte)
{
	*decoder = (struct msg_cte_decoder){ .cte = cte };
}

static void release_held(struct msg_cte_decoder *d, struct buf *out)
{
	buf_put(out, view_of(d->held, d->held_n));
	d->held_n = 0;
}

/* The last MSG_CTE_HELD octets of a run of white space are kept back. */
static void hold(struct msg_cte_decoder *d, struct view space, struct buf *out)
{
	size_t all = d->held_n + space.n, pass = all > MSG_CTE_HELD ? all - MSG_CTE_HELD : 0;
	size_t from_held = pass < d->held_n ? pass : d->held_n;
	buf_put(out, view_of(d->held, from_held));
	memmove(d->held, d->held + from_held, d->held_n - from_held);
	d->held_n -= from_held;
	buf_put(out, view_to(space, pass - from_held));
	space = view_from(space, pass - from_held);
	if (space.n > 0)
		memcpy(d->held + d->held_n, space.p, space.n);
	d->held_n += space.n;
}

static size_t trailing_space(struct view text)
{
	size_t n = 0;
	while (n < text.n && ascii_is_wsp((unsigned char)text.p[text.n - 1 - n]))
		n++;
	return n;
}

/* Plain text up to the next "=" or line end, which is taken too. Returns what was taken. */
static size_t take_text(struct msg_cte_decoder *d, struct view in, struct buf *out)
{
	size_t n = 0;
	while (n < in.n && in.p[n] != '=' && in.p[n] != '\r' && in.p[n] != '\n')
		n++;
	struct view text = view_to(in, n);
	size_t space = trailing_space(text);
	if (space < text.n) {
		release_held(d, out);
		buf_put(out, view_to(text, text.n - space));
	}
	hold(d, view_from(text, text.n - space), out);
	if (n == in.n)
		return n;
	if (in.p[n] == '=') {
		release_held(d, out);
		d->state = BEHIND_EQUALS;
	} else {
		d->held_n = 0;
		buf_byte(out, in.p[n]);
	}
	return n + 1;
}

/* One octet behind "="; false: it was not taken, and is text. */
static bool take_escape(struct msg_cte_decoder *d, int c, struct buf *out)
{
	int value = ascii_hex_value(c);
	if (d->state == BEHIND_DIGIT) {
		d->state = IN_TEXT;
		if (value >= 0) {
			buf_byte(out, ascii_hex_value(d->high) * 16 + value);
			return true;
		}
		buf_byte(out, '=');
		buf_byte(out, d->high);
		return false;
	}
	if (d->state == BEHIND_SOFT_CR) {
		d->state = IN_TEXT;
		return c == '\n';
	}
	if (c == '\n' || c == '\r') {
		d->held_n = 0;
		d->state = c == '\n' ? IN_TEXT : BEHIND_SOFT_CR;
		return true;
	}
	if (d->state == BEHIND_EQUALS && value >= 0) {
		d->high = c;
		d->state = BEHIND_DIGIT;
		return true;
	}
	if (ascii_is_wsp(c) && d->held_n < MSG_CTE_HELD) {
		d->held[d->held_n++] = (char)c;
		d->state = BEHIND_SOFT_SPACE;
		return true;
	}
	buf_byte(out, '=');
	d->state = IN_TEXT;
	return false;
}

static void feed_qp(struct msg_cte_decoder *d, struct view in, struct buf *out)
{
	while (in.n > 0 && !out->over) {
		if (d->state == IN_TEXT)
			in = view_from(in, take_text(d, in, out));
		else if (take_escape(d, (unsigned char)in.p[0], out))
			in = view_from(in, 1);
	}
}

void msg_cte_feed(struct msg_cte_decoder *decoder, struct view in, struct buf *out)
{
	if (decoder->cte == MSG_CTE_QP)
		feed_qp(decoder, in, out);
	else if (decoder->cte == MSG_CTE_BASE64)
		base64_feed(&decoder->base64, in, out);
	else
		buf_put(out, in);
}

void msg_cte_end(struct msg_cte_decoder *decoder, struct buf *out)
{
	if (decoder->cte == MSG_CTE_BASE64)
		base64_feed(&decoder->base64, VIEW("="), out);
	if (decoder->state == BEHIND_DIGIT) {
		buf_byte(out, '=');
		buf_byte(out, decoder->high);
	}
	decoder->state = IN_TEXT;
	decoder->held_n = 0;
}

void msg_cte_decode(struct view in, enum msg_cte cte, struct buf *out)
{
	struct msg_cte_decoder decoder;
	msg_cte_init(&decoder, cte);
	while (in.n > 0 && !out->over) {
		struct view block = view_to(in, BLOCK);
		msg_cte_feed(&decoder, block, out);
		in = view_from(in, block.n);
	}
	msg_cte_end(&decoder, out);
}
