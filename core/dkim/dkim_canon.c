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

static void pass(struct dkim_body *body, const char *p, size_t n)
{
	if (n > sizeof body->buffer - body->n)
		dkim_body_flush(body);
	if (n > sizeof body->buffer / 4) {
		dkim_body_flush(body);
		hold_empty_lines(body, view_of(p, n));
		return;
	}
	memcpy(body->buffer + body->n, p, n);
	body->n += n;
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

static bool changes(const char *p, const char *end)
{
	return *p == '\t' || (*p == ' ' && (p + 1 == end || ascii_is_wsp(p[1]) || p[1] == '\r'));
}

/* The first lane that is set, or 16. */
static size_t first_lane(lanes found)
{
	halves both = (halves)found;
	for (size_t half = 0; half < 2; half++) {
		if (both[half] == 0)
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		return half * 8 + (size_t)__builtin_ctzll(both[half]) / 8;
#else
		return half * 8 + (size_t)__builtin_clzll(both[half]) / 8;
#endif
	}
	return 16;
}

/* The end of what relaxed leaves alone from p on: white space stands there, or nothing. */
static const char *clean_run(const char *p, const char *end)
{
	while (end - p >= 65) {
		lanes one = suspects(p), two = suspects(p + 16), three = suspects(p + 32), four = suspects(p + 48);
		halves any = (halves)(one | two | three | four);
		if ((any[0] | any[1]) == 0) {
			p += 64;
			continue;
		}
		const lanes blocks[] = { one, two, three, four };
		size_t block = 0, lane = first_lane(one);
		while (lane == 16 && ++block < 4)
			lane = first_lane(blocks[block]);
		p += block * 16 + lane;
		if (changes(p, end))
			return p;
		p++; /* a space before some other control character */
	}
	while (p < end && !changes(p, end))
		p++;
	return p;
}

/* White space came before: what follows decides whether one space or nothing is left of it. */
static const char *after_wsp(struct dkim_body *body, const char *p, const char *end)
{
	if (!body->wsp_cr) {
		while (p < end && ascii_is_wsp(*p))
			p++;
		if (p == end)
			return p;
		if (*p == '\r') {
			body->wsp_cr = true;
			if (++p == end)
				return p;
		}
	}
	bool line_end = body->wsp_cr && *p == '\n';
	if (!line_end)
		pass(body, " ", 1);
	if (body->wsp_cr)
		pass(body, "\r", 1);
	body->wsp = body->wsp_cr = false;
	return p;
}

static void relaxed_feed(struct dkim_body *body, struct view bytes)
{
	const char *p = bytes.p, *end = p + bytes.n;
	while (p < end) {
		if (body->wsp) {
			p = after_wsp(body, p, end);
			continue;
		}
		const char *from = p;
		p = clean_run(p, end);
		pass(body, from, (size_t)(p - from));
		body->wsp = p < end;
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
		pass(body, " \r", 2);
		body->wsp = body->wsp_cr = false;
	}
	dkim_body_flush(body);
	if (body->cr)
		(void)settle_cr(body, view_none());
	body->crlfs = 0;
	if (body->any || body->form == DKIM_SIMPLE)
		put(body, VIEW("\r\n"));
}
