#include "smtp_dot.h"

#include "tap.h"

static const struct {
	const char *what;
	struct view in;
	enum err err;
	const char *stuffed; /* terminator not included */
} rows[] = {
	{ "nothing", VIEW_INIT(""), ERR_OK, "" },
	{ "one line", VIEW_INIT("a\r\n"), ERR_OK, "a\r\n" },
	{ "the last line has no end", VIEW_INIT("a"), ERR_OK, "a\r\n" },
	{ "a dot first (RFC 5321 4.5.2)", VIEW_INIT(".\r\n"), ERR_OK, "..\r\n" },
	{ "dots at the beginning of lines only", VIEW_INIT("a.b\r\n.c\r\n..\r\nd.\r\n"), ERR_OK,
	  "a.b\r\n..c\r\n...\r\nd.\r\n" },
	{ "a dot behind an empty line", VIEW_INIT("\r\n.\r\n"), ERR_OK, "\r\n..\r\n" },
	{ "only a dot, no line end", VIEW_INIT("."), ERR_OK, "..\r\n" },
	{ "bare LF (2.3.8)", VIEW_INIT("a\nb\r\n"), ERR_DATA, NULL },
	{ "LF first", VIEW_INIT("\na\r\n"), ERR_DATA, NULL },
	{ "bare CR", VIEW_INIT("a\rb\r\n"), ERR_DATA, NULL },
	{ "CR CR LF", VIEW_INIT("a\r\r\n"), ERR_DATA, NULL },
	{ "CR at the end", VIEW_INIT("a\r"), ERR_DATA, NULL },
	{ "LF . CR LF: smuggling (CVE-2023-51764)", VIEW_INIT("a\n.\r\n"), ERR_DATA, NULL },
	{ "CR . CR LF: smuggling", VIEW_INIT("a\r.\r\n"), ERR_DATA, NULL },
	{ "NUL", VIEW_INIT("a\0b\r\n"), ERR_DATA, NULL },
	{ "NUL behind CR", VIEW_INIT("a\r\0\n"), ERR_DATA, NULL },
	{ "8-bit and other controls pass", VIEW_INIT("\xff\x01\x7f\t.\r\n"), ERR_OK, "\xff\x01\x7f\t.\r\n" },
};

static enum err feed(enum smtp_dot_form form, struct view in, size_t first, size_t step, struct buf *out)
{
	struct smtp_dot dot;
	smtp_dot_init(&dot, form);
	struct diag diag;
	enum err err = smtp_dot_feed(&dot, view_to(in, first), out, &diag);
	for (size_t at = first; at < in.n && err == ERR_OK; at += step)
		err = smtp_dot_feed(&dot, view_slice(in, at, step), out, &diag);
	return err == ERR_OK ? smtp_dot_end(&dot, out, &diag) : err;
}

/* What a receiver makes of it (RFC 5321 4.5.2): the message again. */
static void unstuff(struct view in, struct buf *out)
{
	struct view line;
	while (view_next_line(&in, &line)) {
		buf_put(out, view_from(line, view_at(line, 0) == '.' ? 1 : 0));
		buf_str(out, "\r\n");
	}
}

int main(void)
{
	BUF_AUTO struct buf out, back;
	buf_init(&out, 1 << 20);
	buf_init(&back, 1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		for (size_t first = 0; first <= rows[i].in.n; first++)
			for (size_t step = 1; step <= rows[i].in.n + 1; step++) {
				buf_reset(&out);
				CHECK_INT(feed(SMTP_DOT_STUFFED, rows[i].in, first, step, &out), rows[i].err);
				if (rows[i].err == ERR_OK)
					CHECK_VIEW(buf_view(&out), rows[i].stuffed);
				buf_reset(&out);
				CHECK_INT(feed(SMTP_DOT_PLAIN, rows[i].in, first, step, &out), rows[i].err);
				if (rows[i].err == ERR_OK && view_ends(rows[i].in, VIEW("\r\n")))
					CHECK_BYTES(buf_view(&out), rows[i].in);
			}
	}
	tap_case("whatever the octets: unstuffed it is the message, and no lone CR or LF is in it");
	static const char alphabet[] = "a.\r\n";
	char text[9];
	for (unsigned n = 0; n < 4U * 4 * 4 * 4 * 4 * 4 * 4 * 4; n++) {
		for (unsigned i = 0; i < 8; i++)
			text[i] = alphabet[n >> 2 * i & 3];
		buf_reset(&out);
		buf_reset(&back);
		if (feed(SMTP_DOT_STUFFED, view_of(text, 8), 1 + n % 7, 1 + n % 3, &out) != ERR_OK)
			continue;
		for (size_t i = 0; i < out.n; i++)
			if ((out.p[i] == '\n' && (i == 0 || out.p[i - 1] != '\r')) ||
			    (out.p[i] == '\r' && out.p[i + 1] != '\n'))
				CHECK(out.p[i] == 0);
		if (view_find(buf_view(&out), VIEW("\r\n.\r\n")) != SIZE_MAX ||
		    view_starts(buf_view(&out), VIEW(".\r\n")))
			CHECK_BYTES(buf_view(&out), VIEW("no terminator within"));
		unstuff(buf_view(&out), &back);
		if (!view_starts(buf_view(&back), view_of(text, 8)))
			CHECK_BYTES(buf_view(&back), view_of(text, 8));
	}
	tap_case("a full buffer is an error");
	BUF_AUTO struct buf small;
	buf_init(&small, 4);
	CHECK_INT(feed(SMTP_DOT_STUFFED, VIEW("hello\r\n"), 0, 7, &small), ERR_LIMIT);
	return tap_done();
}
