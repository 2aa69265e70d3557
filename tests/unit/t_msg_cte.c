#include "msg_cte.h"
#include "tap.h"

static const struct {
	const char *what;
	enum msg_cte cte;
	const char *in, *out;
} rows[] = {
	{ "RFC 2045 6.7: hexadecimal", MSG_CTE_QP, "a=3Db=0C=", "a=b\x0c" },
	{ "lower-case digits", MSG_CTE_QP, "=c3=bc", "\xc3\xbc" },
	{ "RFC 2045 6.7: soft breaks", MSG_CTE_QP,
	  "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
	  "Now's the time for all folk to come to the aid of their country." },
	{ "soft break with LF", MSG_CTE_QP, "a=\nb", "ab" },
	{ "soft break with CR alone", MSG_CTE_QP, "a=\rb", "ab" },
	{ "soft break with white space behind", MSG_CTE_QP, "a= \t\r\nb", "ab" },
	{ "trailing white space goes", MSG_CTE_QP, "a \t\r\nb \n c ", "a\r\nb\n c" },
	{ "white space before a soft break stays", MSG_CTE_QP, "a =\r\nb", "a b" },
	{ "encoded space stays", MSG_CTE_QP, "a=20\r\n", "a \r\n" },
	{ "no digits", MSG_CTE_QP, "a=zb=", "a=zb" },
	{ "one digit", MSG_CTE_QP, "a=3zb=3", "a=3zb=3" },
	{ "equals before space in the line", MSG_CTE_QP, "a= b", "a= b" },
	{ "two equals", MSG_CTE_QP, "a==3D", "a==" },
	{ "8-bit passes", MSG_CTE_QP, "\xc3\xbc=C3=BC", "\xc3\xbc\xc3\xbc" },
	{ "base64 in lines", MSG_CTE_BASE64, "YWJj\r\nZGVm\r\n", "abcdef" },
	{ "base64 with foreign characters", MSG_CTE_BASE64, "YW!Jj\r\n-- \r\nZGVm", "abcdef" },
	{ "base64 in two groups", MSG_CTE_BASE64, "YQ==\r\nYg==", "ab" },
	{ "base64 without padding", MSG_CTE_BASE64, "YQ", "a" },
	{ "identity", MSG_CTE_IDENTITY, "a=3D \r\n", "a=3D \r\n" },
};

static void decode_in(struct view in, enum msg_cte cte, size_t piece, struct buf *out)
{
	struct msg_cte_decoder decoder;
	msg_cte_init(&decoder, cte);
	for (size_t at = 0; at < in.n; at += piece)
		msg_cte_feed(&decoder, view_slice(in, at, piece), out);
	msg_cte_end(&decoder, out);
}

int main(void)
{
	BUF_AUTO struct buf out;
	buf_init(&out, 10000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		for (size_t piece = 1; piece <= strlen(rows[i].in); piece++) {
			buf_reset(&out);
			decode_in(view_str(rows[i].in), rows[i].cte, piece, &out);
			CHECK_VIEW(buf_view(&out), rows[i].out);
		}
	}
	tap_case("a long run of white space: pieces do not show");
	BUF_AUTO struct buf in;
	BUF_AUTO struct buf whole;
	buf_init(&in, 5000);
	buf_init(&whole, 5000);
	buf_str(&in, "a");
	buf_fill(&in, ' ', 1000);
	buf_str(&in, "\r\nb");
	msg_cte_decode(buf_view(&in), MSG_CTE_QP, &whole);
	for (size_t piece = 1; piece < in.n; piece += 7) {
		buf_reset(&out);
		decode_in(buf_view(&in), MSG_CTE_QP, piece, &out);
		CHECK_BYTES(buf_view(&out), buf_view(&whole));
	}
	static const struct {
		const char *in;
		enum msg_cte cte;
	} names[] = {
		{ " base64", MSG_CTE_BASE64 },      { "BASE64 (yes)", MSG_CTE_BASE64 },
		{ "Quoted-Printable", MSG_CTE_QP }, { "\"quoted-printable\"", MSG_CTE_QP },
		{ "7bit;", MSG_CTE_IDENTITY },      { "", MSG_CTE_IDENTITY },
		{ "x-uuencode", MSG_CTE_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		tap_case("name '%s'", names[i].in);
		CHECK_INT(msg_cte_parse(view_str(names[i].in)), names[i].cte);
	}
	return tap_done();
}
