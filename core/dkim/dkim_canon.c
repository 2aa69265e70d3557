#include "dkim_canon.h"

#include "base_ascii.h"

const char *dkim_canon_name(enum dkim_canon form) { return form == DKIM_RELAXED ? "relaxed" : "simple"; }

/* Header fields */

static struct view without_line_end(struct view raw)
{
	if (view_last(raw) == '\n')
		raw.n--;
	if (view_last(raw) == '\r')
		raw.n--;
	return raw;
}

/* RFC 6376 3.4.2: unfold, runs of white space to one space, none at the ends. */
static void relaxed_value(struct view value, struct buf *out)
{
	bool space = false, any = false;
	for (size_t i = 0; i < value.n; i++) {
		int c = view_at(value, i);
		if (c == '\r' && view_at(value, i + 1) == '\n') {
			i++;
			continue;
		}
		if (c == '\n')
			continue; /* a fold that a lone LF made: the splitter takes it for one too */
		if (ascii_is_wsp(c)) {
			space = true;
			continue;
		}
		if (space && any)
			buf_byte(out, ' ');
		buf_byte(out, c);
		space = false;
		any = true;
	}
}

void dkim_canon_field(enum dkim_canon form, struct view raw, struct buf *out)
{
	raw = without_line_end(raw);
	size_t colon = view_find_byte(raw, ':');
	if (form == DKIM_SIMPLE || colon == SIZE_MAX) {
		buf_put(out, raw);
		return;
	}
	buf_lower(out, view_trim_end(view_to(raw, colon)));
	buf_byte(out, ':');
	relaxed_value(view_from(raw, colon + 1), out);
}

/* Bodies, last stage: empty lines are held back until something follows them (RFC 6376 3.4.3, 3.4.4). */

static void put(struct dkim_body *body, struct view bytes)
{
	if (bytes.n == 0)
		return;
	body->total += bytes.n;
	body->put(body->ctx, bytes);
}

static void put_line_ends(struct dkim_body *body)
{
	static const struct view many = VIEW_INIT("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n");
	while (body->crlfs > 0) {
		uint64_t lines = body->crlfs < many.n / 2 ? body->crlfs : many.n / 2;
		put(body, view_to(many, lines * 2));
		body->crlfs -= lines;
	}
}

/* The CR that waited: with this LF a line end, without it an octet. Returns what is left of bytes. */
static struct view settle_cr(struct dkim_body *body, struct view bytes)
{
	body->cr = false;
	if (view_at(bytes, 0) == '\n') {
		body->crlfs++;
		return view_from(bytes, 1);
	}
	put_line_ends(body);
	put(body, VIEW("\r"));
	body->any = true;
	return bytes;
}

static void hold_empty_lines(struct dkim_body *body, struct view bytes)
{
	if (body->cr && bytes.n > 0)
		bytes = settle_cr(body, bytes);
	while (view_starts(bytes, VIEW("\r\n"))) {
		body->crlfs++;
		bytes = view_from(bytes, 2);
	}
	if (view_last(bytes) == '\r') {
		body->cr = true;
		bytes.n--;
	}
	if (bytes.n == 0)
		return;
	put_line_ends(body);
	body->any = true;
	while (view_ends(bytes, VIEW("\r\n"))) {
		body->crlfs++;
		bytes.n -= 2;
	}
	put(body, bytes);
}

/* First stage of relaxed: white space inside lines to one space, none at their ends. */

void dkim_body_flush(struct dkim_body *body)
{
	hold_empty_lines(body, view_of(body->buffer, body->n));
	body->n = 0;
}

static void pass(struct dkim_body *body, struct view bytes)
{
	if (bytes.n > sizeof body->buffer - body->n)
		dkim_body_flush(body);
	if (bytes.n > sizeof body->buffer / 4) {
		dkim_body_flush(body);
		hold_empty_lines(body, bytes);
		return;
	}
	if (bytes.n == 0)
		return;
	memcpy(body->buffer + body->n, bytes.p, bytes.n);
	body->n += bytes.n;
}

typedef unsigned char lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

static lanes load(const char *p)
{
	lanes v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* Lanes that relaxed may change: TAB, and a space with white space or a control character behind it. */
static lanes suspects(const char *p)
{
	lanes here = load(p), next = load(p + 1);
	return (lanes)(here == '\t') | ((lanes)(here == ' ') & (lanes)(next <= ' '));
}

/* The length of the front of bytes that relaxed leaves alone; the octet behind it is white space, or the end. */
static size_t clean_run(struct view bytes)
{
	const char *p = bytes.p;
	size_t i = 0;
	for (; i + 65 <= bytes.n; i += 64) {
		lanes found = suspects(p + i) | suspects(p + i + 16) | suspects(p + i + 32) | suspects(p + i + 48);
		halves both = (halves)found;
		if ((both[0] | both[1]) == 0)
			continue;
		for (size_t end = i + 64; i < end; i++)
			if (p[i] == '\t' || (p[i] == ' ' && (ascii_is_wsp(p[i + 1]) || p[i + 1] == '\r')))
				return i;
		i -= 64; /* a space before some other control character */
	}
	for (; i < bytes.n; i++)
		if (p[i] == '\t' || (p[i] == ' ' && (i + 1 == bytes.n || ascii_is_wsp(p[i + 1]) || p[i + 1] == '\r')))
			return i;
	return i;
}

/* White space came before: what follows decides whether one space or nothing is left of it. */
static struct view after_wsp(struct dkim_body *body, struct view bytes)
{
	if (!body->wsp_cr) {
		while (ascii_is_wsp(view_at(bytes, 0)))
			bytes = view_from(bytes, 1);
		if (bytes.n == 0)
			return bytes;
		if (view_at(bytes, 0) == '\r') {
			body->wsp_cr = true;
			bytes = view_from(bytes, 1);
			if (bytes.n == 0)
				return bytes;
		}
	}
	bool line_end = body->wsp_cr && view_at(bytes, 0) == '\n';
	if (!line_end)
		pass(body, VIEW(" "));
	if (body->wsp_cr)
		pass(body, VIEW("\r"));
	body->wsp = body->wsp_cr = false;
	return bytes;
}

static void relaxed_feed(struct dkim_body *body, struct view bytes)
{
	while (bytes.n > 0) {
		if (body->wsp) {
			bytes = after_wsp(body, bytes);
			continue;
		}
		size_t clean = clean_run(bytes);
		pass(body, view_to(bytes, clean));
		body->wsp = clean < bytes.n;
		bytes = view_from(bytes, clean);
	}
}

void dkim_body_init(struct dkim_body *body, enum dkim_canon form, void (*put_to)(void *ctx, struct view canonical),
		    void *ctx)
{
	body->form = form;
	body->put = put_to;
	body->ctx = ctx;
	body->total = body->crlfs = 0;
	body->wsp = body->wsp_cr = body->cr = body->any = false;
	body->n = 0;
}

void dkim_body_feed(struct dkim_body *body, struct view bytes)
{
	if (body->form == DKIM_RELAXED)
		relaxed_feed(body, bytes);
	else
		hold_empty_lines(body, bytes);
}

void dkim_body_end(struct dkim_body *body)
{
	if (body->wsp_cr) {
		pass(body, VIEW(" \r"));
		body->wsp = body->wsp_cr = false;
	}
	dkim_body_flush(body);
	if (body->cr)
		(void)settle_cr(body, view_none());
	body->crlfs = 0;
	if (body->any || body->form == DKIM_SIMPLE)
		put(body, VIEW("\r\n"));
}
