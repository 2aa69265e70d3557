#include "smtp_cmd.h"

#include "tap.h"

static struct arena arena;

static struct mailbox mailbox(const char *text)
{
	struct mailbox box = { 0 };
	struct diag diag;
	if (msg_addr_parse(view_str(text), MSG_ADDR_EMPTY | MSG_ADDR_BARE, &arena, &box, &diag) != ERR_OK)
		tap_check(false, __FILE__, __LINE__, diag.text);
	return box;
}

static const struct {
	const char *what, *from;
	struct smtp_mail mail;
	const char *line; /* NULL: ERR_DATA */
} mails[] = {
	{ "MAIL (RFC 5321 4.1.1.2)", "ann@example.net", { 0 }, "MAIL FROM:<ann@example.net>\r\n" },
	{ "the null sender", "", { 0 }, "MAIL FROM:<>\r\n" },
	{ "a quoted local part", "\"a b\"@example.net", { 0 }, "MAIL FROM:<\"a b\"@example.net>\r\n" },
	{ "SIZE (RFC 1870 6)", "a@b.net", { .with_size = true, .size = 4096 }, "MAIL FROM:<a@b.net> SIZE=4096\r\n" },
	{ "BODY (RFC 6152)", "a@b.net", { .body_8bit = true }, "MAIL FROM:<a@b.net> BODY=8BITMIME\r\n" },
	{ "SMTPUTF8 (RFC 6531 3.4)",
	  "\xc3\xa4@b.net",
	  { .smtputf8 = true },
	  "MAIL FROM:<\xc3\xa4@b.net> SMTPUTF8\r\n" },
	{ "UTF-8 without SMTPUTF8", "\xc3\xa4@b.net", { 0 }, NULL },
	{ "REQUIRETLS (RFC 8689 2)", "a@b.net", { .requiretls = true }, "MAIL FROM:<a@b.net> REQUIRETLS\r\n" },
	{ "RET and ENVID (RFC 3461 4.3, 4.4), xtext (4)",
	  "a@b.net",
	  { .ret = SMTP_RET_HDRS, .envid = { "QQ=3 14+1", 9 } },
	  "MAIL FROM:<a@b.net> RET=HDRS ENVID=QQ+3D3+2014+2B1\r\n" },
	{ "line ends in ENVID are encoded, never sent",
	  "a@b.net",
	  { .ret = SMTP_RET_FULL, .envid = { "x\r\nQUIT", 7 } },
	  "MAIL FROM:<a@b.net> RET=FULL ENVID=x+0D+0AQUIT\r\n" },
};

static const struct {
	const char *what, *to, *orcpt;
	struct smtp_rcpt_cmd rcpt;
	const char *line;
} rcpts[] = {
	{ "RCPT (RFC 5321 4.1.1.3)", "bob@example.net", NULL, { 0 }, "RCPT TO:<bob@example.net>\r\n" },
	{ "an address literal", "bob@[192.0.2.1]", NULL, { 0 }, "RCPT TO:<bob@[192.0.2.1]>\r\n" },
	{ "NOTIFY (RFC 3461 4.1)",
	  "a@b.net",
	  NULL,
	  { .notify = SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_DELAY },
	  "RCPT TO:<a@b.net> NOTIFY=SUCCESS,DELAY\r\n" },
	{ "NOTIFY=NEVER stands alone",
	  "a@b.net",
	  NULL,
	  { .notify = SMTP_NOTIFY_NEVER | SMTP_NOTIFY_FAILURE },
	  "RCPT TO:<a@b.net> NOTIFY=NEVER\r\n" },
	{ "ORCPT (RFC 3461 4.2)",
	  "a@b.net",
	  "a+b=c@b.net",
	  { 0 },
	  "RCPT TO:<a@b.net> ORCPT=rfc822;a+2Bb+3Dc@b.net\r\n" },
	{ "ORCPT in UTF-8 (RFC 6533 3)",
	  "\xc3\xa4@b.net",
	  "\xc3\xa4@b.net",
	  { .smtputf8 = true },
	  "RCPT TO:<\xc3\xa4@b.net> ORCPT=utf-8;\xc3\xa4@b.net\r\n" },
	{ "UTF-8 without SMTPUTF8", "\xc3\xa4@b.net", NULL, { 0 }, NULL },
	{ "U-labels without SMTPUTF8", "a@\xc3\xa4.net", NULL, { 0 }, NULL },
};

static void check(enum err err, struct buf *out, const char *line)
{
	CHECK_INT(err, line == NULL ? ERR_DATA : ERR_OK);
	CHECK_VIEW(buf_view(out), line == NULL ? "" : line);
}

/* Boxes that no parser made: whatever is in them, no line end leaves. */
static void forged(struct buf *out)
{
	static const char *const evil[] = { "a\r\nQUIT", "a\n", "a\rb", "\x7f", "a\tb" };
	for (size_t i = 0; i < ARRAY_LEN(evil); i++) {
		struct mailbox box = { .kind = MAILBOX_FULL, .local = view_str(evil[i]), .domain = VIEW("b.net") };
		buf_reset(out);
		check(smtp_cmd_mail(&(struct smtp_mail){ .from = &box, .smtputf8 = true }, out, NULL), out, NULL);
		box = (struct mailbox){ .kind = MAILBOX_FULL, .local = VIEW("a"), .domain = view_str(evil[i]) };
		check(smtp_cmd_rcpt(&(struct smtp_rcpt_cmd){ .to = &box, .smtputf8 = true }, out, NULL), out, NULL);
		check(smtp_cmd_hello(SMTP_HELLO_EHLO, view_str(evil[i]), out, NULL), out, NULL);
		check(smtp_cmd_xclient(view_str(evil[i]), out, NULL), out, NULL);
	}
	struct mailbox box = { .kind = MAILBOX_FULL, .local = VIEW("a"), .domain = VIEW("b.net> SIZE=1") };
	check(smtp_cmd_mail(&(struct smtp_mail){ .from = &box }, out, NULL), out, NULL);
	check(smtp_cmd_hello(SMTP_HELLO_EHLO, VIEW("a b"), out, NULL), out, NULL);
	check(smtp_cmd_hello(SMTP_HELLO_EHLO, VIEW(""), out, NULL), out, NULL);
}

static void others(struct buf *out)
{
	bool fits;
	tap_case("verbs");
	CHECK_INT(smtp_cmd_hello(SMTP_HELLO_EHLO, VIEW("[192.0.2.1]"), out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_hello(SMTP_HELLO_LHLO, VIEW("x.net"), out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_verb(SMTP_VERB_DATA, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_bdat(12, false, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_bdat(0, true, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_xclient(VIEW("ADDR=192.0.2.1 NAME=x"), out, NULL), ERR_OK);
	CHECK_VIEW(buf_view(out), "EHLO [192.0.2.1]\r\nLHLO x.net\r\nDATA\r\nBDAT 12\r\nBDAT 0 LAST\r\nXCLIENT "
				  "ADDR=192.0.2.1 NAME=x\r\n");
	tap_case("AUTH: without, with, with an empty initial response (RFC 4954 4)");
	buf_reset(out);
	struct view initial = VIEW("abc"), none = view_none();
	CHECK_INT(smtp_cmd_auth(SMTP_SASL_LOGIN, NULL, &fits, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_auth(SMTP_SASL_PLAIN, &initial, &fits, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_auth(SMTP_SASL_EXTERNAL, &none, &fits, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_auth_response(none, out, NULL), ERR_OK);
	CHECK_INT(smtp_cmd_auth_cancel(out, NULL), ERR_OK);
	CHECK_VIEW(buf_view(out), "AUTH LOGIN\r\nAUTH PLAIN YWJj\r\nAUTH EXTERNAL =\r\n\r\n*\r\n");
	tap_case("AUTH: an initial response that makes the command longer than 512 octets does not go with it");
	char long_one[400] = { 0 };
	for (size_t n = 360; n < 380; n++) {
		buf_reset(out);
		struct view v = view_of(long_one, n);
		CHECK_INT(smtp_cmd_auth(SMTP_SASL_XOAUTH2, &v, &fits, out, NULL), ERR_OK);
		CHECK(fits == (out->n > 0) && out->n <= 512);
		CHECK(fits == (sizeof "AUTH XOAUTH2 \r\n" - 1 + (n + 2) / 3 * 4 <= 512));
	}
	tap_case("xtext both ways (RFC 3461 4)");
	for (unsigned c = 0; c < 256; c++) {
		char octet = (char)c;
		buf_reset(out);
		smtp_xtext_write(view_of(&octet, 1), out);
		BUF_AUTO struct buf back;
		buf_init(&back, 10);
		CHECK_INT(smtp_xtext_parse(buf_view(out), &back, NULL), ERR_OK);
		CHECK_BYTES(buf_view(&back), view_of(&octet, 1));
	}
	static const char *const bad[] = { "+", "+1", "+G0", "a=b", "a b", "\x80" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		buf_reset(out);
		CHECK_INT(smtp_xtext_parse(view_str(bad[i]), out, NULL), ERR_SYNTAX);
	}
}

int main(void)
{
	BUF_AUTO struct buf out;
	buf_init(&out, 100000);
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		tap_case("%s", mails[i].what);
		struct mailbox from = mailbox(mails[i].from);
		struct smtp_mail mail = mails[i].mail;
		mail.from = &from;
		buf_reset(&out);
		check(smtp_cmd_mail(&mail, &out, NULL), &out, mails[i].line);
	}
	for (size_t i = 0; i < ARRAY_LEN(rcpts); i++) {
		tap_case("%s", rcpts[i].what);
		struct mailbox to = mailbox(rcpts[i].to), orcpt = { 0 };
		struct smtp_rcpt_cmd rcpt = rcpts[i].rcpt;
		rcpt.to = &to;
		if (rcpts[i].orcpt != NULL) {
			orcpt = mailbox(rcpts[i].orcpt);
			rcpt.orcpt = &orcpt;
		}
		buf_reset(&out);
		check(smtp_cmd_rcpt(&rcpt, &out, NULL), &out, rcpts[i].line);
	}
	tap_case("no control character passes, whoever made the value");
	forged(&out);
	buf_reset(&out);
	others(&out);
	tap_case("a command that does not fit leaves nothing behind");
	for (size_t max = 0; max < 30; max++) {
		BUF_AUTO struct buf small;
		buf_init(&small, max);
		struct mailbox from = mailbox("ann@example.net");
		enum err err = smtp_cmd_mail(&(struct smtp_mail){ .from = &from }, &small, NULL);
		CHECK(err == (max < 29 ? ERR_LIMIT : ERR_OK) && small.n == (max < 29 ? 0 : 29));
	}
	arena_done(&arena);
	return tap_done();
}
