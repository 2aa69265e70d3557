#include "base_ascii.h"
#include "base_env.h"
#include "dkim_canon.h"
#include "dkim_input.h"
#include "tap.h"

static const struct {
	const char *what, *in, *simple, *relaxed;
} bodies[] = {
	{ "RFC 6376 3.4.5: example 1", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n" },
	{ "RFC 6376 3.4.3, 3.4.4: empty body", "", "\r\n", "" },
	{ "one empty line", "\r\n", "\r\n", "" },
	{ "only empty lines", "\r\n\r\n\r\n", "\r\n", "" },
	{ "only white space", "  \t ", "  \t \r\n", "" },
	{ "white space lines at the end", "a\r\n \t\r\n  \r\n", "a\r\n \t\r\n  \r\n", "a\r\n" },
	{ "white space line in the middle", "a\r\n \t\r\nb\r\n", "a\r\n \t\r\nb\r\n", "a\r\n\r\nb\r\n" },
	{ "no final line end", "a", "a\r\n", "a\r\n" },
	{ "white space before no final line end", "a \t", "a \t\r\n", "a\r\n" },
	{ "empty lines inside stay", "a\r\n\r\n\r\nb\r\n\r\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
	{ "empty lines first", "\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
	{ "runs of white space", "a  b\t\tc \t d\te\r\n", "a  b\t\tc \t d\te\r\n", "a b c d e\r\n" },
	{ "white space first", "\t a\r\n", "\t a\r\n", " a\r\n" },
	{ "lone CR", "a\rb \rc\r\n", "a\rb \rc\r\n", "a\rb \rc\r\n" },
	{ "lone CR last", "a\r", "a\r\r\n", "a\r\r\n" },
	{ "white space and lone CR last", "a  \r", "a  \r\r\n", "a \r\r\n" },
	{ "lone LF", "a\nb \nc\r\n", "a\nb \nc\r\n", "a\nb \nc\r\n" },
	{ "lone LF last", "a\n", "a\n\r\n", "a\n\r\n" },
	{ "CR CR LF", "a\r\r\n\r\r\n", "a\r\r\n\r\r\n", "a\r\r\n\r\r\n" },
	{ "CR before an empty line", "\r\r\n", "\r\r\n", "\r\r\n" },
	{ "NUL and 8-bit stay", "\x80 \xff\r\n", "\x80 \xff\r\n", "\x80 \xff\r\n" },
	{ "no dot is undone", "..\r\n.\r\n", "..\r\n.\r\n", "..\r\n.\r\n" },
};

static const struct {
	const char *what, *in, *simple, *relaxed;
} fields[] = {
	{ "RFC 6376 3.4.5: A", "A: X\r\n", "A: X", "a:X" },
	{ "RFC 6376 3.4.5: B", "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  ", "b:Y Z" },
	{ "without a line end", "Subject: x", "Subject: x", "subject:x" },
	{ "empty value", "Cc:\r\n", "Cc:", "cc:" },
	{ "only white space", "Cc: \t \r\n \r\n", "Cc: \t \r\n ", "cc:" },
	{ "fold first", "To:\r\n a@b\r\n", "To:\r\n a@b", "to:a@b" },
	{ "colon in the value", "X-A: b : c\r\n", "X-A: b : c", "x-a:b : c" },
	{ "TAB before the colon", "From\t:a\r\n", "From\t:a", "from:a" },
	{ "8-bit", "S: \xc3\xa4  \xff\r\n", "S: \xc3\xa4  \xff", "s:\xc3\xa4 \xff" },
	{ "fold of a lone LF", "S: a\n b\r\n", "S: a\n b", "s:a b" },
};

static void collect(void *ctx, struct view canonical) { buf_put(ctx, canonical); }

static void canon(enum dkim_canon form, struct view in, size_t step, struct buf *out)
{
	struct dkim_body body;
	buf_reset(out);
	dkim_body_init(&body, form, collect, out);
	for (size_t i = 0; i < in.n; i += step)
		dkim_body_feed(&body, view_slice(in, i, step));
	dkim_body_end(&body);
	CHECK_INT(body.total, out->n);
}

/* The plain reading of RFC 6376 3.4.3 and 3.4.4, octet by octet, for comparison. */
static void naive(enum dkim_canon form, struct view in, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < in.n;) {
		size_t from = i;
		while (form == DKIM_RELAXED && ascii_is_wsp(view_at(in, i)))
			i++;
		bool line_end = view_at(in, i) == '\r' && view_at(in, i + 1) == '\n';
		if (i > from && !line_end && i < in.n)
			buf_byte(out, ' ');
		if (i < in.n)
			buf_byte(out, in.p[i++]);
	}
	while (view_ends(buf_view(out), VIEW("\r\n")))
		buf_cut(out, out->n - 2);
	if (out->n > 0 || form == DKIM_SIMPLE)
		buf_str(out, "\r\n");
}

static void random_text(struct env *env, struct buf *out)
{
	static const char alphabet[] = "ab \t\r\n.\r\nc  ";
	unsigned char random[512];
	buf_reset(out);
	env_random(env, random, sizeof random);
	size_t n = random[0] * 2;
	for (size_t i = 1; i < n; i++) {
		if (random[i] < 40)
			buf_str(out, "\r\n");
		else if (random[i] < 60)
			buf_fill(out, 'x', random[i] * 3U);
		else
			buf_byte(out, alphabet[random[i] % (sizeof alphabet - 1)]);
	}
}

static void test_random(void)
{
	struct env_fixed fixed = { .seed = 7 };
	struct env env = env_of_fixed(&fixed);
	BUF_AUTO struct buf text, want, got;
	buf_init(&text, 1 << 20);
	buf_init(&want, 1 << 20);
	buf_init(&got, 1 << 20);
	tap_case("2000 random bodies in any pieces, against the naive reading");
	for (unsigned i = 0; i < 2000; i++) {
		random_text(&env, &text);
		for (unsigned form = 0; form < 2; form++) {
			naive((enum dkim_canon)form, buf_view(&text), &want);
			for (size_t step = 1; step < 200; step = step * 3 + i % 5) {
				canon((enum dkim_canon)form, buf_view(&text), step, &got);
				if (!CHECK_BYTES(buf_view(&got), buf_view(&want)))
					return;
			}
			canon((enum dkim_canon)form, buf_view(&text), SIZE_MAX / 2, &got);
			CHECK_BYTES(buf_view(&got), buf_view(&want));
		}
	}
}

static const struct {
	const char *what, *in, *out;
	bool lone;
} wires[] = {
	{ "LF file", "a\nb\n", "a\r\nb\r\n", false },
	{ "CRLF file", "a\r\nb\r\n", "a\r\nb\r\n", false },
	{ "LF file with one CRLF", "a\nb\r\nc\n", "a\r\nb\r\nc\r\n", false },
	{ "CRLF file with a lone LF", "a\r\nb\nc\r\n", "a\r\nb\nc\r\n", true },
	{ "CRLF file with a lone CR", "a\r\nb\rc\r\n", "a\r\nb\rc\r\n", true },
	{ "CRLF file that ends in CR", "a\r\nb\r", "a\r\nb\r", true },
	{ "no line end", "abc", "abc", false },
	{ "LF first", "\n\n", "\r\n\r\n", false },
	{ "empty", "", "", false },
	{ "CR before LF across pieces", "a\r\n\r\n\r\n", "a\r\n\r\n\r\n", false },
};

/* A source that yields `step` octets at a time. */
struct dripping {
	struct source source;
	struct view all;
	size_t at, step;
};

static enum err drip(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	(void)diag;
	struct dripping *self = (struct dripping *)source;
	struct view part = view_slice(self->all, self->at, cap < self->step ? cap : self->step);
	memcpy(out, part.p, part.n);
	self->at += part.n;
	*n = part.n;
	return ERR_OK;
}

static void test_wire(struct view in, size_t step, size_t cap, const char *want, bool lone)
{
	static const struct source_ops ops = { drip, NULL };
	struct dripping under = { { &ops }, in, 0, step };
	static struct dkim_wire wire;
	dkim_wire_init(&wire, &under.source);
	BUF_AUTO struct buf got;
	buf_init(&got, 1000);
	char piece[64];
	size_t n;
	do {
		CHECK_INT(source_read(&wire.source, piece, cap, &n, NULL), ERR_OK);
		buf_put(&got, view_of(piece, n));
	} while (n > 0);
	CHECK_VIEW(buf_view(&got), want);
	CHECK_INT(wire.lone, lone);
}

int main(void)
{
	BUF_AUTO struct buf out;
	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		tap_case("body: %s", bodies[i].what);
		for (size_t step = 1; step < 20; step++) {
			canon(DKIM_SIMPLE, view_str(bodies[i].in), step, &out);
			CHECK_VIEW(buf_view(&out), bodies[i].simple);
			canon(DKIM_RELAXED, view_str(bodies[i].in), step, &out);
			CHECK_VIEW(buf_view(&out), bodies[i].relaxed);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		tap_case("field: %s", fields[i].what);
		buf_reset(&out);
		dkim_canon_field(DKIM_SIMPLE, view_str(fields[i].in), &out);
		CHECK_VIEW(buf_view(&out), fields[i].simple);
		buf_reset(&out);
		dkim_canon_field(DKIM_RELAXED, view_str(fields[i].in), &out);
		CHECK_VIEW(buf_view(&out), fields[i].relaxed);
	}
	for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
		tap_case("wire form: %s", wires[i].what);
		for (size_t step = 1; step < 12; step++)
			for (size_t cap = 2; cap < 12; cap++)
				test_wire(view_str(wires[i].in), step, cap, wires[i].out, wires[i].lone);
	}
	test_random();
	return tap_done();
}
