#include "msg_mime.h"
#include "tap.h"

/* Each part as "depth type/subtype 'body'"; bodies of multiparts and messages left out. */
static void draw(const struct msg_mime *mime, struct buf *out)
{
	for (size_t i = 0; i < mime->n; i++) {
		const struct msg_part *part = &mime->at[i];
		bool inner = msg_mime_child(mime, (int)i, -1) >= 0;
		buf_printf(out, "%u %.*s/%.*s", part->depth, VIEW_ARG(part->type.type), VIEW_ARG(part->type.subtype));
		if (!inner) {
			buf_str(out, " '");
			buf_put(out, msg_part_body(mime, part));
			buf_str(out, "'");
		}
		buf_str(out, "\n");
	}
}

#define HEAD "Content-Type: multipart/mixed; boundary=b\n\n"

static const struct {
	const char *what;
	const char *in;
	const char *out;
	unsigned faults;
} rows[] = {
	{ "no MIME", "Subject: x\r\n\r\nhello\r\n", "0 text/plain 'hello\r\n'\n", 0 },
	{ "RFC 2046 5.1.1",
	  "MIME-Version: 1.0\r\nContent-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\nThis is the "
	  "preamble.\r\n\r\n--simple boundary\r\n\r\nimplicitly typed\r\nNO linebreak.\r\n--simple "
	  "boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\nexplicitly typed\r\nDOES end.\r\n\r\n--simple "
	  "boundary--\r\n\r\nThis is the epilogue.\r\n",
	  "0 multipart/mixed\n1 text/plain 'implicitly typed\r\nNO linebreak.'\n1 text/plain 'explicitly typed\r\nDOES "
	  "end.\r\n'\n",
	  0 },
	{ "RFC 2046 5.1.5: digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nFrom: x\n\nbody\n--b--\n",
	  "0 multipart/digest\n1 message/rfc822\n2 text/plain 'body'\n", 0 },
	{ "nested",
	  HEAD "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\n1\n--c\nContent-Type: "
	       "text/html\n\n2\n--c--\nepilogue\n--b\n\n3\n--b--\n",
	  "0 multipart/mixed\n1 multipart/alternative\n2 text/plain '1'\n2 text/html '2'\n1 text/plain '3'\n", 0 },
	{ "no end boundary", HEAD "--b\n\n1\n--b\n\n2\n", "0 multipart/mixed\n1 text/plain '1'\n1 text/plain '2\n'\n",
	  MSG_MIME_NO_END },
	{ "inner end boundary missing",
	  HEAD "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n1\n--b\n\n2\n--b--\n",
	  "0 multipart/mixed\n1 multipart/mixed\n2 text/plain '1'\n1 text/plain '2'\n", MSG_MIME_NO_END },
	{ "a boundary that is a prefix of an inner one",
	  HEAD "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\n1\n--bb--\n--b\n\n2\n--b--\n",
	  "0 multipart/mixed\n1 multipart/mixed\n2 text/plain '1'\n1 text/plain '2'\n", 0 },
	{ "an inner boundary that is a prefix of the outer",
	  "Content-Type: multipart/mixed; boundary=bb\n\n--bb\nContent-Type: multipart/mixed; "
	  "boundary=b\n\n--b\n\n1\n--b--\n--bb\n\n2\n--bb--\n",
	  "0 multipart/mixed\n1 multipart/mixed\n2 text/plain '1'\n1 text/plain '2'\n", 0 },
	{ "text that only looks like a boundary", HEAD "--b\n\n--bx\n --b\n---b\n--b-\n--b--\n",
	  "0 multipart/mixed\n1 text/plain '--bx\n --b\n---b\n--b-'\n", 0 },
	{ "white space behind the boundary", HEAD "--b \t\n\n1\n--b-- \nx", "0 multipart/mixed\n1 text/plain '1'\n",
	  0 },
	{ "boundary of colons in a header block",
	  "Content-Type: multipart/mixed; boundary=\"b:1\"\n\n--b:1\nContent-Type: text/html\n--b:1\n\n2\n--b:1--\n",
	  "0 multipart/mixed\n1 text/html ''\n1 text/plain '2'\n", 0 },
	{ "empty parts", HEAD "--b\n--b\n\n--b--\n", "0 multipart/mixed\n1 text/plain ''\n1 text/plain ''\n", 0 },
	{ "no boundary parameter", "Content-Type: multipart/mixed\n\n--b\n\nx\n", "0 multipart/mixed '--b\n\nx\n'\n",
	  MSG_MIME_NO_BOUNDARY },
	{ "the boundary never comes", HEAD "text\n", "0 multipart/mixed 'text\n'\n",
	  MSG_MIME_NO_END | MSG_MIME_NO_PARTS },
	{ "message/rfc822 with a multipart in it",
	  HEAD "--b\nContent-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/mixed; "
	       "boundary=c\n\n--c\n\n1\n--c--\n\n--b--\n",
	  "0 multipart/mixed\n1 message/rfc822\n2 multipart/mixed\n3 text/plain '1'\n", 0 },
	{ "message/rfc822 in base64 stays shut",
	  "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTog\n", "0 message/rfc822 'QTog\n'\n",
	  0 },
	{ "delivery status is a leaf",
	  "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nA: 1\n\nB: "
	  "2\n--b--\n",
	  "0 multipart/report\n1 message/delivery-status 'A: 1\n\nB: 2'\n", 0 },
	{ "RFC 2049 A",
	  "MIME-Version: 1.0\nFrom: Nathaniel Borenstein <nsb@nsb.fv.com>\nTo: Ned Freed <ned@innosoft.com>\n"
	  "Subject: A multipart example\nContent-Type: multipart/mixed;\n              boundary=unique-boundary-1\n\n"
	  "This is the preamble area of a multipart message.\n\n--unique-boundary-1\n\n  ... Some text appears here "
	  "...\n\n"
	  "--unique-boundary-1\nContent-type: text/plain; charset=US-ASCII\n\nThis could have been part of the "
	  "previous part.\n\n"
	  "--unique-boundary-1\nContent-Type: multipart/parallel; boundary=unique-boundary-2\n\n--unique-boundary-2\n"
	  "Content-Type: audio/basic\nContent-Transfer-Encoding: base64\n\nAAAA\n\n--unique-boundary-2\nContent-Type: "
	  "image/jpeg\n"
	  "Content-Transfer-Encoding: base64\n\nBBBB\n\n--unique-boundary-2--\n\n--unique-boundary-1\nContent-type: "
	  "text/enriched\n\n"
	  "This is <bold>richtext.</bold>\n\n--unique-boundary-1\nContent-Type: message/rfc822\n\n"
	  "From: (mailbox in US-ASCII)\nTo: (address in US-ASCII)\nSubject: (subject in US-ASCII)\n"
	  "Content-Type: Text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: Quoted-printable\n\n"
	  "  ... Additional text ...\n\n--unique-boundary-1--\n",
	  "0 multipart/mixed\n1 text/plain '  ... Some text appears here ...\n'\n"
	  "1 text/plain 'This could have been part of the previous part.\n'\n1 multipart/parallel\n2 audio/basic "
	  "'AAAA\n'\n"
	  "2 image/jpeg 'BBBB\n'\n1 text/enriched 'This is <bold>richtext.</bold>\n'\n1 message/rfc822\n"
	  "2 Text/plain '  ... Additional text ...\n'\n",
	  0 },
	{ "lone CR", "Content-Type: multipart/mixed; boundary=b\r\r--b\r\r1\r--b--\r",
	  "0 multipart/mixed\n1 text/plain '1'\n", 0 },
	{ "the boundary at once, with no empty line", "Content-Type: multipart/mixed; boundary=b\n--b\n\n1\n--b--\n",
	  "0 multipart/mixed\n1 text/plain '1'\n", 0 },
	{ "broken type", "Content-Type: \n\nx", "0 text/plain 'x'\n", 0 },
	{ "nothing", "", "0 text/plain ''\n", 0 },
	{ "end boundary twice", HEAD "--b\n\n1\n--b--\n--b--\n--b\n\n2\n", "0 multipart/mixed\n1 text/plain '1'\n", 0 },
	{ "input ends in the boundary", HEAD "--b\n\n1\n--b", "0 multipart/mixed\n1 text/plain '1'\n1 text/plain ''\n",
	  MSG_MIME_NO_END },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct arena arena = { 0 };
		struct msg_mime mime;
		BUF_AUTO struct buf out;
		buf_init(&out, 5000);
		msg_mime_parse(view_str(rows[i].in), &arena, &mime);
		draw(&mime, &out);
		CHECK_VIEW(buf_view(&out), rows[i].out);
		CHECK_INT(mime.faults, rows[i].faults);
		arena_done(&arena);
	}
}

static void test_content(void)
{
	struct arena arena = { 0 };
	struct msg_mime mime;
	BUF_AUTO struct buf out;
	buf_init(&out, 1000);
	tap_case("decoded content, charset, names");
	msg_mime_parse(VIEW(HEAD "--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: "
				 "quoted-printable\n\ncaf=E9\n"
				 "--b\nContent-Type: application/pdf; name=old.pdf\nContent-Disposition: attachment;\n "
				 "filename*=utf-8''%C3%BC.pdf\n"
				 "Content-ID:\n <x@y>\nContent-Transfer-Encoding: base64\n\nYWJj\n--b--\n"),
		       &arena, &mime);
	CHECK_INT(mime.n, 3);
	msg_part_text(&mime, &mime.at[1], &out);
	CHECK_VIEW(buf_view(&out), "caf\xc3\xa9");
	buf_reset(&out);
	msg_part_decode(&mime, &mime.at[2], &out);
	CHECK_VIEW(buf_view(&out), "abc");
	CHECK_VIEW(msg_part_disposition(&mime.at[2]), "attachment");
	CHECK_VIEW(msg_part_disposition(&mime.at[1]), "");
	CHECK_VIEW(msg_part_name(&mime.at[2], &arena), "\xc3\xbc.pdf");
	CHECK_VIEW(msg_part_name(&mime.at[1], &arena), "");
	CHECK_VIEW(msg_part_field(&mime.at[2], "content-id", &arena), "<x@y>");
	CHECK_INT(msg_mime_child(&mime, 0, -1), 1);
	CHECK_INT(msg_mime_child(&mime, 0, 1), 2);
	CHECK_INT(msg_mime_child(&mime, 0, 2), -1);
	tap_case("a text longer than the room for it is cut");
	BUF_AUTO struct buf small;
	buf_init(&small, 4);
	msg_mime_parse(VIEW("\nabcdefgh"), &arena, &mime);
	msg_part_text(&mime, &mime.at[0], &small);
	CHECK_VIEW(buf_view(&small), "abcd");
	CHECK(small.over);
	arena_done(&arena);
}

static void test_limits(void)
{
	struct arena arena = { 0 };
	struct msg_mime mime;
	BUF_AUTO struct buf in;
	buf_init(&in, 1 << 24);
	tap_case("depth");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&in, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	msg_mime_parse(buf_view(&in), &arena, &mime);
	CHECK_INT(mime.n, MSG_MIME_DEPTH_MAX + 1);
	CHECK((mime.faults & MSG_MIME_DEPTH) != 0);
	tap_case("messages in messages");
	buf_reset(&in);
	for (unsigned i = 0; i < 40; i++)
		buf_str(&in, "Content-Type: message/rfc822\n\n");
	msg_mime_parse(buf_view(&in), &arena, &mime);
	CHECK_INT(mime.n, MSG_MIME_DEPTH_MAX + 1);
	tap_case("parts");
	buf_reset(&in);
	buf_str(&in, HEAD);
	for (unsigned i = 0; i < 200000; i++)
		buf_str(&in, "--b\n");
	msg_mime_parse(buf_view(&in), &arena, &mime);
	CHECK_INT(mime.n, MSG_MIME_PARTS_MAX);
	CHECK((mime.faults & MSG_MIME_PARTS) != 0);
	tap_case("lines that look like boundaries, 16 boundaries open");
	buf_reset(&in);
	for (unsigned i = 0; i < 16; i++)
		buf_printf(&in, "Content-Type: multipart/mixed; boundary=%0100u\n\n--%0100u\n", i, i);
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&in, "--%0100ux\n", i % 16);
	msg_mime_parse(buf_view(&in), &arena, &mime);
	CHECK_INT(mime.n, MSG_MIME_DEPTH_MAX + 1);
	arena_done(&arena);
}

int main(void)
{
	test_rows();
	test_content();
	test_limits();
	return tap_done();
}
