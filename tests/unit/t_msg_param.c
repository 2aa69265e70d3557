#include "msg_param.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	const char *out; /* main|name=value|... */
	unsigned faults;
} rows[] = {
	{ "token", "text/plain; charset=us-ascii", "text/plain|charset=us-ascii", 0 },
	{ "RFC 2045 5.1: comment", "text/plain; charset=us-ascii (Plain text)", "text/plain|charset=us-ascii", 0 },
	{ "RFC 2045 5.1: quoted", "text/plain; charset=\"us-ascii\"", "text/plain|charset=us-ascii", 0 },
	{ "no parameters", "attachment", "attachment", 0 },
	{ "folded", "multipart/mixed;\r\n\tboundary=\"a b\"", "multipart/mixed|boundary=a b", 0 },
	{ "quoted pair", "a; n=\"x\\\"y\\\\z\"", "a|n=x\"y\\z", 0 },
	{ "semicolon and equals in quotes", "a; n=\"x;y=z\"; m=1", "a|n=x;y=z|m=1", 0 },
	{ "RFC 2231 3 unfolded",
	  "message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n "
	  "URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"",
	  "message/external-body|URL=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar|access-type=URL", 0 },
	{ "RFC 2231 4", "application/x-stuff;\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
	  "application/x-stuff|title=This is ***fun***", 0 },
	{ "RFC 2231 4.1",
	  "application/x-stuff\r\n title*0*=us-ascii'en'This%20is%20even%20more%20\r\n "
	  "title*1*=%2A%2A%2Afun%2A%2A%2A%20\r\n title*2=\"isn't it!\"",
	  "application/x-stuff|title=This is even more ***fun*** isn't it!", 0 },
	{ "continuations out of order", "a; n*1=c; n*0=b", "a|n=bc", 0 },
	{ "character split across continuations", "a; n*0*=utf-8''%C3; n*1*=%BC", "a|n=\xc3\xbc", 0 },
	{ "gap", "a; n*0=b; n*2=d", "a|n=b", MSG_PARAM_GAP },
	{ "no piece 0", "a; n*1=c", "a", MSG_PARAM_GAP },
	{ "extended wins over plain", "a; filename=\"x_.txt\"; filename*=utf-8''x%C3%BC.txt",
	  "a|filename=x\xc3\xbc.txt", 0 },
	{ "Latin-1 charset", "a; n*=iso-8859-1''%A3%20rates", "a|n=\xc2\xa3 rates", 0 },
	{ "extended without charset", "a; n*=x%20y", "a|n=x y", 0 },
	{ "encoded word in a value", "a; name=\"=?iso-8859-1?Q?caf=E9.pdf?=\"", "a|name=caf\xc3\xa9.pdf", 0 },
	{ "encoded word unquoted", "a; name==?utf-8?Q?x=C3=BC?=", "a|name=x\xc3\xbc", 0 },
	{ "raw UTF-8", "a; name=\"\xc3\xbc\"", "a|name=\xc3\xbc", 0 },
	{ "raw Latin-1", "a; name=\"\xfc\"", "a|name=\xc3\xbc", 0 },
	{ "spaces without quotes", "a; name=My File.pdf; m=1", "a|name=My File.pdf|m=1", 0 },
	{ "bracket in a bare name", "a; name=file (1).pdf", "a|name=file (1).pdf", 0 },
	{ "missing semicolon", "text/plain; charset=utf-8 format=flowed", "text/plain|charset=utf-8|format=flowed", 0 },
	{ "missing semicolon behind quotes", "a; charset=\"utf-8\" format=flowed", "a|charset=utf-8|format=flowed", 0 },
	{ "duplicate", "a; n=1; n=2", "a|n=1", MSG_PARAM_DUPLICATE },
	{ "names without case", "a; Boundary=x", "a|Boundary=x", 0 },
	{ "spaces around equals", "a; n = x ; m =y", "a|n=x|m=y", 0 },
	{ "empty pieces", "a;; ;n=1;", "a|n=1", 0 },
	{ "empty value", "a; n=; m=\"\"", "a|n=|m=", 0 },
	{ "quote not closed", "a; n=\"x; m=1", "a|n=x; m=1", MSG_PARAM_BROKEN },
	{ "no equals", "a; junk; n=1", "a|n=1", MSG_PARAM_BROKEN },
	{ "comment not closed", "a; (n=1", "a|n=1", MSG_PARAM_BROKEN },
	{ "nothing", "", "", 0 },
	{ "line end hidden in a value", "a; n*=utf-8''x%0D%0ABcc:y", "a|n=x  Bcc:y", 0 },
	{ "huge number", "a; n*99999999999999999999=x; m=1", "a|m=1", MSG_PARAM_GAP },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct arena arena = { 0 };
		struct msg_params params;
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		msg_params_parse(view_str(rows[i].in), &arena, &params);
		buf_put(&out, params.main);
		for (size_t p = 0; p < params.n; p++) {
			buf_byte(&out, '|');
			buf_put(&out, params.at[p].name);
			buf_byte(&out, '=');
			buf_put(&out, params.at[p].value);
		}
		CHECK_VIEW(buf_view(&out), rows[i].out);
		CHECK_INT(params.faults, rows[i].faults);
		arena_done(&arena);
	}
}

static const struct {
	const char *in, *type, *subtype;
} types[] = {
	{ "text/plain", "text", "plain" },
	{ " TEXT / HTML ; charset=x", "TEXT", "HTML" },
	{ "text", "", "" },
	{ "", "", "" },
	{ "(c) multipart/report; a=b", "multipart", "report" },
	{ "text/; a=b", "text", "" },
	{ "message/rfc822", "message", "rfc822" },
};

static void test_types(void)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		tap_case("type '%s'", types[i].in);
		struct arena arena = { 0 };
		struct msg_type type;
		msg_type_parse(view_str(types[i].in), &arena, &type);
		CHECK_VIEW(type.type, types[i].type);
		CHECK_VIEW(type.subtype, types[i].subtype);
		arena_done(&arena);
	}
	struct arena arena = { 0 };
	struct msg_type type;
	tap_case("type with parameters");
	msg_type_parse(VIEW("multipart/Report; report-type=delivery-status;\r\n\tboundary=\"x\""), &arena, &type);
	CHECK(msg_type_is(&type, "multipart", "report") && msg_type_is(&type, "multipart", NULL) &&
	      !msg_type_is(&type, "text", NULL));
	CHECK_VIEW(msg_param_value(&type.params, "boundary"), "x");
	CHECK_VIEW(msg_param_value(&type.params, "Report-Type"), "delivery-status");
	CHECK(msg_param_find(&type.params, "charset") == NULL);
	arena_done(&arena);
}

static const struct {
	const char *in, *out;
} written[] = {
	{ "report.pdf", "; filename=report.pdf" },
	{ "my file.pdf", "; filename=\"my file.pdf\"" },
	{ "a\"b\\c", "; filename=\"a\\\"b\\\\c\"" },
	{ "", "; filename=\"\"" },
	{ "\xc3\xbc.txt", "; filename=\"_.txt\"; filename*=utf-8''%C3%BC.txt" },
	{ "=?x?Q?y?=", "; filename=\"=_x_Q_y_=\"; filename*=utf-8''%3D%3Fx%3FQ%3Fy%3F%3D" },
};

static void check_back(struct view value, const struct buf *written_)
{
	struct arena arena = { 0 };
	struct msg_params params;
	BUF_AUTO struct buf field;
	buf_init(&field, 200000);
	buf_str(&field, "attachment");
	buf_put(&field, buf_view(written_));
	msg_params_parse(buf_view(&field), &arena, &params);
	CHECK_BYTES(msg_param_value(&params, "filename"), value);
	CHECK_INT(params.faults, 0);
	arena_done(&arena);
}

static void test_write(void)
{
	BUF_AUTO struct buf out;
	buf_init(&out, 100000);
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		tap_case("write '%s'", written[i].in);
		buf_reset(&out);
		CHECK_INT(msg_param_write(VIEW("filename"), view_str(written[i].in), &out, NULL), ERR_OK);
		CHECK_VIEW(buf_view(&out), written[i].out);
		check_back(view_str(written[i].in), &out);
	}
	tap_case("long names come back, in pieces that fit on lines");
	BUF_AUTO struct buf name;
	buf_init(&name, 10000);
	for (size_t n = 1; n < 300; n++) {
		buf_str(&name, n % 3 == 0 ? "\xe6\x97\xa5" : "x y");
		buf_reset(&out);
		CHECK_INT(msg_param_write(VIEW("filename"), buf_view(&name), &out, NULL), ERR_OK);
		check_back(buf_view(&name), &out);
		size_t at = view_find(buf_view(&out), VIEW("*"));
		struct view rest = at == SIZE_MAX ? view_of(NULL, 0) : view_from(buf_view(&out), at);
		while (rest.p != NULL)
			CHECK(view_cut(&rest, ' ').n <= 76);
	}
	tap_case("what is refused");
	CHECK_INT(msg_param_write(VIEW("a b"), VIEW("x"), &out, NULL), ERR_DATA);
	CHECK_INT(msg_param_write(VIEW("a"), VIEW("x\r\ny"), &out, NULL), ERR_DATA);
	CHECK_INT(msg_param_write(VIEW("a"), VIEW("x\0y"), &out, NULL), ERR_DATA);
	CHECK_INT(msg_param_write(VIEW("a"), VIEW("x\xff"), &out, NULL), ERR_DATA);
}

/* Linear: each of these takes minutes where something looks ahead to the end again and again. */
static void test_hostile(void)
{
	static const char *const units[] = { "; a=b",   "; (x", " (",      " (x)",   "; a=\"",
					     "; a=b (", ";",    "; n*0=x", " a=b c", "\\(" };
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		tap_case("a megabyte of '%s'", units[u]);
		struct arena arena = { 0 };
		struct msg_params params;
		BUF_AUTO struct buf in;
		buf_init(&in, 1 << 20);
		buf_str(&in, "x; y=");
		while (!in.over)
			buf_str(&in, units[u]);
		msg_params_parse(buf_view(&in), &arena, &params);
		CHECK(params.n <= MSG_PARAMS_MAX && arena.used < 1 << 22);
		arena_done(&arena);
	}
}

int main(void)
{
	test_hostile();
	test_rows();
	test_types();
	test_write();
	return tap_done();
}
