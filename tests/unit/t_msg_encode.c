#include "msg_encode.h"

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

static struct source_pieces pieces_of(struct view all, size_t piece)
{
	return (struct source_pieces){ { &pieces_ops }, all, 0, piece };
}

static void encode(struct view in, enum msg_encoding encoding, bool end_line, size_t piece, size_t cap, struct buf *out)
{
	struct source_pieces source = pieces_of(in, piece);
	struct msg_encoder encoder;
	msg_encoder_init(&encoder);
	msg_encoder_reset(&encoder, &source.source, encoding, end_line);
	char block[4096];
	size_t n = 1;
	while (n > 0 && CHECK_INT(source_read(&encoder.source, block, cap, &n, NULL), ERR_OK))
		buf_put(out, view_of(block, n));
	CHECK_INT(encoder.taken, in.n);
	msg_encoder_done(&encoder);
}

static void encode_rows(void)
{
	static const struct {
		const char *what;
		enum msg_encoding encoding;
		const char *in, *out;
	} rows[] = {
		{ "7bit: LF becomes CRLF", MSG_ENCODING_7BIT, "a\nb\n", "a\r\nb\r\n" },
		{ "7bit: CRLF stays", MSG_ENCODING_7BIT, "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n" },
		{ "7bit: a last line without end gets one", MSG_ENCODING_7BIT, "a\nb", "a\r\nb\r\n" },
		{ "7bit: nothing stays nothing", MSG_ENCODING_7BIT, "", "" },
		{ "qp: octets over 127 and '='", MSG_ENCODING_QP, "gr\xc3\xbc\xc3\x9f=\n", "gr=C3=BC=C3=9F=3D\r\n" },
		{ "qp: white space before a line end (RFC 2045 6.7 rule 3)", MSG_ENCODING_QP, "a \nb\t\nc d\n",
		  "a=20\r\nb=09\r\nc d\r\n" },
		{ "qp: white space at the very end", MSG_ENCODING_QP, "a ", "a=20\r\n" },
		{ "qp: \"From \" at the start of a line", MSG_ENCODING_QP, "From me\nFromage\n From me\n",
		  "=46rom me\r\nFromage\r\n From me\r\n" },
		{ "qp: a dot at the start of a line", MSG_ENCODING_QP, ".\n..a\nb.\n", "=2E\r\n=2E.a\r\nb.\r\n" },
		{ "qp: two dashes at the start of a line", MSG_ENCODING_QP, "--x\n-y\n", "=2D-x\r\n-y\r\n" },
		{ "qp: controls and a bare CR survive", MSG_ENCODING_QP, "10%\r20%\r\n\x1b[0m\x7f\n",
		  "10%=0D20%\r\n=1B[0m=7F\r\n" },
		{ "qp: 76 characters fit when the line ends there", MSG_ENCODING_QP,
		  "0123456789012345678901234567890123456789012345678901234567890123456789012345\n",
		  "0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n" },
		{ "qp: 77 do not", MSG_ENCODING_QP,
		  "01234567890123456789012345678901234567890123456789012345678901234567890123456\n",
		  "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n56\r\n" },
		{ "qp: an escape is never cut", MSG_ENCODING_QP,
		  "0123456789012345678901234567890123456789012345678901234567890123456789012\xe9z\n",
		  "0123456789012345678901234567890123456789012345678901234567890123456789012=\r\n=E9z\r\n" },
		{ "qp: a dot behind a soft line break", MSG_ENCODING_QP,
		  "012345678901234567890123456789012345678901234567890123456789012345678901234.x\n",
		  "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n=2Ex\r\n" },
		{ "base64 text: canonical line ends (RFC 2045 6.8)", MSG_ENCODING_BASE64_TEXT, "a\nb\r\n",
		  "YQ0KYg0K\r\n" },
		{ "base64: octets as they are", MSG_ENCODING_BASE64, "a\nb\r\n", "YQpiDQo=\r\n" },
		{ "exact", MSG_ENCODING_EXACT, "a\nb\r", "a\nb\r" },
	};
	static const size_t pieces[] = { 1, 3, 1000 }, caps[] = { 1, 95, 96, 4096 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		for (size_t k = 0; k < ARRAY_LEN(pieces) * ARRAY_LEN(caps); k++) {
			BUF_AUTO struct buf out;
			buf_init(&out, 10000);
			encode(view_str(rows[i].in), rows[i].encoding, true, pieces[k % 3], caps[k / 3], &out);
			CHECK_VIEW(buf_view(&out), rows[i].out);
		}
	}
	tap_case("without end_line a last line stays open");
	BUF_AUTO struct buf out;
	buf_init(&out, 100);
	encode(VIEW("a\nb"), MSG_ENCODING_7BIT, false, 9, 4096, &out);
	encode(VIEW("\xc3\xa9"), MSG_ENCODING_QP, false, 9, 4096, &out);
	CHECK_VIEW(buf_view(&out), "a\r\nb=C3=A9");
}

static void scan_rows(void)
{
	static const struct {
		const char *what;
		struct view in;
		enum msg_encoding choice;
		bool utf8;
	} rows[] = {
		{ "plain text is 7bit", VIEW_INIT("hello\nworld\n"), MSG_ENCODING_7BIT, true },
		{ "nothing is 7bit", VIEW_INIT(""), MSG_ENCODING_7BIT, true },
		{ "a few umlauts are quoted-printable",
		  VIEW_INIT("gr\xc3\xbc\xc3\x9f gott, wie geht es dir heute so?\n"), MSG_ENCODING_QP, true },
		{ "Chinese is base64",
		  VIEW_INIT("\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7"
			    "\x95\x8c"
			    "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7"
			    "\x95\x8c"
			    "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7"
			    "\x95\x8c\n"),
		  MSG_ENCODING_BASE64_TEXT, true },
		{ "NUL is base64", VIEW_INIT("a\0b\n"), MSG_ENCODING_BASE64_TEXT, true },
		{ "a bare CR is quoted-printable", VIEW_INIT("50%\r100%, and some more text to read\n"),
		  MSG_ENCODING_QP, true },
		{ "a line that starts with \"From \" is quoted-printable",
		  VIEW_INIT("Hello,\nFrom here on, all is well\n"), MSG_ENCODING_QP, true },
		{ "\"From \" inside a line is 7bit", VIEW_INIT("Hello\n From here, >From there, From\n"),
		  MSG_ENCODING_7BIT, true },
		{ "a line that starts like a boundary", VIEW_INIT("a\n--=_B_1\nsome more of the text that we send\n"),
		  MSG_ENCODING_QP, true },
		{ "a cut character is no UTF-8", VIEW_INIT("some text that is long enough \xc3"), MSG_ENCODING_QP,
		  false },
		{ "an overlong form is no UTF-8", VIEW_INIT("some text that is long enough \xe0\x9f\xbf"),
		  MSG_ENCODING_QP, false },
		{ "a surrogate is no UTF-8", VIEW_INIT("some text that is long enough \xed\xa0\x80"), MSG_ENCODING_QP,
		  false },
		{ "latin1 is no UTF-8", VIEW_INIT("some text that is long enough: caf\xe9 noir\n"), MSG_ENCODING_QP,
		  false },
		{ "the last code point is UTF-8", VIEW_INIT("some text that is long enough \xf4\x8f\xbf\xbf"),
		  MSG_ENCODING_QP, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("scan: %s", rows[i].what);
		struct msg_scan whole, bytes;
		msg_scan_init(&whole, VIEW("--=_B"));
		bytes = whole;
		msg_scan_feed(&whole, rows[i].in);
		for (size_t k = 0; k < rows[i].in.n; k++)
			msg_scan_feed(&bytes, view_slice(rows[i].in, k, 1));
		msg_scan_end(&whole);
		msg_scan_end(&bytes);
		CHECK_INT(msg_scan_choose(&whole), rows[i].choice);
		CHECK_INT(whole.utf8, rows[i].utf8);
		CHECK_INT(msg_scan_choose(&bytes), rows[i].choice);
		CHECK_INT(bytes.utf8, rows[i].utf8);
	}
}

static void long_lines(void)
{
	tap_case("scan: a line of 998 octets is 7bit, of 999 not (RFC 5322 2.1.1)");
	char text[1001];
	memset(text, 'x', sizeof text);
	for (size_t n = 998; n <= 999; n++) {
		text[n] = '\n';
		struct msg_scan scan;
		msg_scan_init(&scan, view_none());
		msg_scan_feed(&scan, view_of(text, n + 1));
		msg_scan_end(&scan);
		CHECK_INT(msg_scan_choose(&scan), n == 998 ? MSG_ENCODING_7BIT : MSG_ENCODING_QP);
		CHECK_INT(scan.longest, n);
		text[n] = 'x';
	}
}

/* All octets, in every encoding, come back; lines stay within 76. */
static void round_trip(void)
{
	tap_case("base64 of 100000 octets decodes to them, lines of 76");
	static char in[100000];
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (char)(i * 7 + i / 255);
	BUF_AUTO struct buf out, back;
	buf_init(&out, 200000);
	buf_init(&back, 200000);
	encode(view_of(in, sizeof in), MSG_ENCODING_BASE64, true, 1000, 4096, &out);
	CHECK(base64_decode(buf_view(&out), BASE64_STRICT, &back));
	CHECK_BYTES(buf_view(&back), view_of(in, sizeof in));
	CHECK_INT(out.n, base64_lines_size(sizeof in));
}

int main(void)
{
	encode_rows();
	scan_rows();
	long_lines();
	round_trip();
	return tap_done();
}
