#include "msg_raw.h"

#include "base_base64.h"
#include "tap.h"

/* A source that gives at most `piece` octets at a time. */
struct source_pieces {
	struct source source;
	struct view all;
	size_t at, piece;
};

static enum err pieces_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	(void)diag;
	struct source_pieces *self = (struct source_pieces *)source;
	struct view part = view_slice(self->all, self->at, cap < self->piece ? cap : self->piece);
	if (part.n > 0)
		memcpy(out, part.p, part.n);
	self->at += part.n;
	*n = part.n;
	return ERR_OK;
}

static enum err pieces_rewind(struct source *source, struct diag *diag)
{
	(void)diag;
	((struct source_pieces *)source)->at = 0;
	return ERR_OK;
}

static const struct source_ops pieces_ops = { pieces_read, pieces_rewind };

/* The wire form of `in`, read with `cap` at a time; twice, which must be the same. */
static enum err wire(struct view in, bool seven, size_t piece, size_t cap, struct buf *out, struct diag *diag)
{
	struct arena arena = { 0 };
	struct source_pieces source = { { &pieces_ops }, in, 0, piece };
	struct msg_raw raw;
	enum err err = msg_raw_scan(&raw, &source.source, &arena, diag);
	if (err == ERR_OK) {
		BUF_AUTO struct buf head;
		buf_init(&head, 100000);
		msg_raw_write_head(&raw, view_none(), NULL, 0, &head);
		struct msg_raw_source message;
		err = msg_raw_open(&message, &raw, buf_view(&head), seven, &arena, diag);
		for (int pass = 0; pass < 2 && err == ERR_OK; pass++) {
			buf_reset(out);
			char block[4096];
			size_t n = 1;
			while (n > 0 && err == ERR_OK) {
				err = source_read(&message.source, block, cap, &n, diag);
				buf_put(out, view_of(block, err == ERR_OK ? n : 0));
			}
			if (err == ERR_OK)
				CHECK_INT(message.octets, out->n);
			if (err == ERR_OK)
				err = source_rewind(&message.source, diag);
		}
		msg_raw_close(&message);
	}
	arena_done(&arena);
	return err;
}

static const struct {
	const char *what;
	bool seven;
	struct view in;
	enum err err;
	const char *out;
} rows[] = {
	{ "LF becomes CRLF", false, VIEW_INIT("Subject: a\n\nb\n"), ERR_OK, "Subject: a\r\n\r\nb\r\n" },
	{ "CRLF stays", false, VIEW_INIT("Subject: a\r\n\r\nb\r\n"), ERR_OK, "Subject: a\r\n\r\nb\r\n" },
	{ "mixed", false, VIEW_INIT("Subject: a\r\n\nb\nc\r\n"), ERR_OK, "Subject: a\r\n\r\nb\r\nc\r\n" },
	{ "the last line gets its end", false, VIEW_INIT("Subject: a\n\nb"), ERR_OK, "Subject: a\r\n\r\nb\r\n" },
	{ "the last line gets its end, CRLF", false, VIEW_INIT("Subject: a\r\n\r\nb"), ERR_OK,
	  "Subject: a\r\n\r\nb\r\n" },
	{ "no body", false, VIEW_INIT("Subject: a\n\n"), ERR_OK, "Subject: a\r\n\r\n" },
	{ "no empty line", false, VIEW_INIT("Subject: a\n"), ERR_OK, "Subject: a\r\n\r\n" },
	{ "no header at all", false, VIEW_INIT("hello there\nworld\n"), ERR_OK, "\r\nhello there\r\nworld\r\n" },
	{ "folds stay", false, VIEW_INIT("Subject: a\n b\nTo: c@d\n\nx\n"), ERR_OK,
	  "Subject: a\r\n b\r\nTo: c@d\r\n\r\nx\r\n" },
	{ "Bcc goes, with its folds", false,
	  VIEW_INIT("To: a@b\nBCC: c@d,\n e@f\nSubject: x\nResent-Bcc: g@h\n\nbcc: stays\n"), ERR_OK,
	  "To: a@b\r\nSubject: x\r\n\r\nbcc: stays\r\n" },
	{ "an mbox \"From \" line goes", false, VIEW_INIT("From a@b Sat Nov 21 20:00:00 2026\nSubject: x\n\ny\n"),
	  ERR_OK, "Subject: x\r\n\r\ny\r\n" },
	{ "bare CR in the body (send.md 3b)", false, VIEW_INIT("Subject: x\n\na\rb\n"), ERR_DATA, "" },
	{ "bare CR at the end", false, VIEW_INIT("Subject: x\n\na\r"), ERR_DATA, "" },
	{ "CR CR LF", false, VIEW_INIT("Subject: x\n\na\r\r\n"), ERR_DATA, "" },
	{ "bare CR in the header", false, VIEW_INIT("Subject: x\rBcc: y\n\na\n"), ERR_DATA, "" },
	{ "lone CR as line end", false, VIEW_INIT("Subject: x\r\ra\r"), ERR_DATA, "" },
	{ "NUL in the body", false, VIEW_INIT("Subject: x\n\na\0b\n"), ERR_DATA, "" },
	{ "NUL in the header", false, VIEW_INIT("Subject: x\0\n\na\n"), ERR_DATA, "" },
	{ "dots are nothing special here", false, VIEW_INIT("Subject: x\n\n.\n..\n"), ERR_OK,
	  "Subject: x\r\n\r\n.\r\n..\r\n" },
	{ "octets over 127 pass", false, VIEW_INIT("Subject: x\n\n\xc3\xa9\n"), ERR_OK,
	  "Subject: x\r\n\r\n\xc3\xa9\r\n" },
	{ "octets over 127 are encoded where they must", true,
	  VIEW_INIT("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nMIME-Version: 1.0\n\n"
		    "some text with one \xc3\xa9 in it\n"),
	  ERR_OK,
	  "Content-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: "
	  "quoted-printable\r\n\r\n"
	  "some text with one =C3=A9 in it\r\n" },
	{ "a text without MIME fields gets them", true, VIEW_INIT("Subject: x\n\nsome text with one \xc3\xa9 in it\n"),
	  ERR_OK,
	  "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\nsome text with one =C3=A9 in it\r\n" },
	{ "only the part that needs it", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: "
		    "8bit\n\npre\n--b\n"
		    "Content-Type: text/plain\n\n=plain\n--b\nContent-Type: text/html; charset=utf-8\n\n"
		    "<p>some text with one \xc3\xa9 in it</p>\n--b--\npost\n"),
	  ERR_OK,
	  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n"
	  "Content-Type: text/plain\r\n\r\n=plain\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>some text with one =C3=A9 in "
	  "it</p>\r\n--b--\r\npost\r\n" },
	{ "an attachment becomes base64", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b b\"\n\n--b b\nContent-Type: "
		    "image/png\n"
		    "Content-Transfer-Encoding: binary\n\n\xff\xfe\xfd\n--b b--\n"),
	  ERR_OK,
	  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b b\"\r\n\r\n--b b\r\nContent-Type: "
	  "image/png\r\n"
	  "Content-Transfer-Encoding: base64\r\n\r\n//79\r\n--b b--\r\n" },
	{ "inside a message inside", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: in\n"
		    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
		    "some text with one \xc3\xa9 in it\n"),
	  ERR_OK,
	  "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nMIME-Version: 1.0\r\n"
	  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	  "some text with one =C3=A9 in it\r\n" },
	{ "a signed message is not touched (5.6.3)", true, VIEW_INIT("DKIM-Signature: v=1\nSubject: x\n\n\xc3\xa9\n"),
	  ERR_DATA, "" },
	{ "a signed message without need is not touched", true, VIEW_INIT("DKIM-Signature: v=1\nSubject: x\n\ne\n"),
	  ERR_OK, "DKIM-Signature: v=1\r\nSubject: x\r\n\r\ne\r\n" },
	{ "a part inside multipart/signed is not touched", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: "
		    "multipart/signed; "
		    "boundary=i\n\n--i\n\n\xc3\xa9\n--i--\n--o--\n"),
	  ERR_DATA, "" },
	{ "quoted-printable with octets over 127 cannot be", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: "
		    "quoted-printable\n\n\xc3\xa9\n"),
	  ERR_DATA, "" },
	{ "a part's header with octets over 127 cannot be", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
		    "name=\"\xc3\xa9\"\n\n\xc3\xa9\n--b--\n"),
	  ERR_DATA, "" },
	{ "a part that starts with its boundary", true,
	  VIEW_INIT("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n"
		    "some text with one \xc3\xa9 in it\n--b--\n"),
	  ERR_OK,
	  "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n"
	  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	  "some text with one =C3=A9 in it\r\n--b--\r\n" },
};

static void wire_rows(void)
{
	static const size_t sizes[] = { 1, 2, 7, 4096 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		for (size_t k = 0; k < 16; k++) {
			BUF_AUTO struct buf out;
			buf_init(&out, 100000);
			CHECK_INT(wire(rows[i].in, rows[i].seven, sizes[k % 4], sizes[k / 4], &out, NULL), rows[i].err);
			if (rows[i].err == ERR_OK)
				CHECK_VIEW(buf_view(&out), rows[i].out);
		}
	}
}

static void long_lines(void)
{
	static char text[3000];
	BUF_AUTO struct buf in, out;
	buf_init(&in, 10000);
	buf_init(&out, 10000);
	memset(text, 'x', sizeof text);
	struct diag diag = { "", 0, 0 };

	tap_case("998 octets pass, 999 are encoded (RFC 5322 2.1.1)");
	buf_str(&in, "Subject: x\n\n");
	buf_put(&in, view_of(text, 998));
	CHECK_INT(wire(buf_view(&in), false, 4096, 4096, &out, NULL), ERR_OK);
	CHECK_INT(out.n, 14 + 1000);
	buf_byte(&in, 'y');
	CHECK_INT(wire(buf_view(&in), false, 4096, 4096, &out, NULL), ERR_OK);
	CHECK(view_find(buf_view(&out), VIEW("quoted-printable")) != SIZE_MAX);
	struct view rest = buf_view(&out), line;
	while (view_next_line(&rest, &line))
		CHECK(line.n <= 76);

	tap_case("a signed message with a long line is refused");
	buf_reset(&in);
	buf_str(&in, "DKIM-Signature: v=1\nSubject: x\n\n");
	buf_put(&in, view_of(text, 999));
	CHECK_INT(wire(buf_view(&in), false, 4096, 4096, &out, &diag), ERR_DATA);
	CHECK(strstr(diag.text, "signed") != NULL);

	tap_case("base64 in one line gets lines");
	buf_reset(&in);
	buf_str(&in, "MIME-Version: 1.0\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n");
	base64_encode(view_of(text, 1500), &in);
	buf_str(&in, "\n");
	CHECK_INT(wire(buf_view(&in), false, 5, 7, &out, NULL), ERR_OK);
	rest = buf_view(&out);
	while (view_next_line(&rest, &line))
		CHECK(line.n <= 76);
	struct view body = view_from(buf_view(&out), view_find(buf_view(&out), VIEW("\r\n\r\n")) + 4);
	BUF_AUTO struct buf back;
	buf_init(&back, 10000);
	CHECK(base64_decode(body, BASE64_STRICT, &back));
	CHECK_BYTES(buf_view(&back), view_of(text, 1500));

	tap_case("a header line of 999 octets is refused");
	buf_reset(&in);
	buf_str(&in, "Subject: ");
	buf_put(&in, view_of(text, 990));
	buf_str(&in, "\n\nx\n");
	CHECK_INT(wire(buf_view(&in), false, 4096, 4096, &out, NULL), ERR_DATA);
}

static void loops(void)
{
	tap_case("50 Received fields pass, 51 are a loop (5.4.6)");
	BUF_AUTO struct buf in, out;
	buf_init(&in, 10000);
	buf_init(&out, 10000);
	for (int i = 0; i < 50; i++)
		buf_str(&in, "Received: from x\n");
	size_t was = in.n;
	buf_str(&in, "\nx\n");
	CHECK_INT(wire(buf_view(&in), false, 4096, 4096, &out, NULL), ERR_OK);
	buf_cut(&in, was);
	buf_str(&in, "Received: from x\n\nx\n");
	struct diag diag = { "", 0, 0 };
	CHECK_INT(wire(buf_view(&in), false, 4096, 4096, &out, &diag), ERR_UNAVAILABLE);
	CHECK(strstr(diag.text, "5.4.6") != NULL);
}

static void recipients(void)
{
	static const struct {
		const char *what, *in, *out;
	} recipient_rows[] = {
		{ "To, Cc, Bcc", "To: a@b\nCc: C <c@d>, e@f\nBcc: g@h\nFrom: x@y\n\n", "a@b, C <c@d>, e@f, g@h" },
		{ "folded, several", "To: a@b,\n c@d\nTo: e@f\n\n", "a@b, c@d, e@f" },
		{ "none", "From: x@y\n\n", "" },
		{ "Resent- fields alone count (RFC 5322 3.6.6)",
		  "Resent-To: a@b\nResent-From: x@y\nResent-Cc: c@d\nTo: e@f\n\n", "a@b, c@d" },
		{ "the most recent block alone",
		  "Resent-From: x@y\nResent-To: a@b\nResent-From: u@v\nResent-To: c@d\nTo: e@f\n\n", "a@b" },
		{ "a trace field ends a block", "Resent-To: a@b\nReceived: x\nResent-Cc: c@d\nTo: e@f\n\n", "a@b" },
	};
	for (size_t i = 0; i < ARRAY_LEN(recipient_rows); i++) {
		tap_case("recipients: %s", recipient_rows[i].what);
		struct arena arena = { 0 };
		struct source_view source;
		struct msg_raw raw;
		struct msg_addr_list list = { 0 };
		source_view_init(&source, view_str(recipient_rows[i].in));
		CHECK_INT(msg_raw_scan(&raw, &source.source, &arena, NULL), ERR_OK);
		CHECK_INT(msg_raw_recipients(&raw, MSG_ADDR_LENIENT, &arena, &list, NULL), ERR_OK);
		BUF_AUTO struct buf text;
		buf_init(&text, 1000);
		msg_addr_write_list(&list, &text);
		CHECK_VIEW(buf_view(&text), recipient_rows[i].out);
		arena_done(&arena);
	}
}

int main(void)
{
	wire_rows();
	long_lines();
	loops();
	recipients();
	return tap_done();
}
