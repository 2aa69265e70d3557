#include "smtp_reply.h"

#include <stdlib.h>

#include "smtp_txn.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	enum err err;
	unsigned code, lines, class, subject, detail;
	const char *text;
} rows[] = {
	{ .what = "single line (RFC 5321 4.2)", .in = "250 ok\r\n", .code = 250, .lines = 1, .text = "ok" },
	{ .what = "several lines (4.2.1)",
	  .in = "250-first\r\n250-second\r\n250 last\r\n",
	  .code = 250,
	  .lines = 3,
	  .text = "first second last" },
	{ .what = "no text", .in = "354\r\n", .code = 354, .lines = 1, .text = "" },
	{ .what = "no text but the space", .in = "354 \r\n", .code = 354, .lines = 1, .text = "" },
	{ .what = "no space", .in = "250ok\r\n", .code = 250, .lines = 1, .text = "ok" },
	{ .what = "a continuation without text", .in = "250-\r\n250\r\n", .code = 250, .lines = 2, .text = "" },
	{ .what = "LF alone", .in = "250-a\n250 b\n", .code = 250, .lines = 2, .text = "a b" },
	{ .what = "enhanced code (RFC 2034 4)",
	  .in = "550 5.1.1 no\r\n",
	  .code = 550,
	  .lines = 1,
	  .class = 5,
	  .subject = 1,
	  .detail = 1,
	  .text = "5.1.1 no" },
	{ .what = "enhanced code of three digits (RFC 3463 2)",
	  .in = "554 5.7.515 no\r\n",
	  .code = 554,
	  .lines = 1,
	  .class = 5,
	  .subject = 7,
	  .detail = 515,
	  .text = "5.7.515 no" },
	{ .what = "enhanced code alone", .in = "250 2.0.0\r\n", .code = 250, .lines = 1, .class = 2, .text = "2.0.0" },
	{ .what = "class mismatch: the code decides, what was said is kept",
	  .in = "250 4.2.0 well\r\n",
	  .code = 250,
	  .lines = 1,
	  .class = 4,
	  .subject = 2,
	  .text = "4.2.0 well" },
	{ .what = "an address is no enhanced code",
	  .in = "250 2.0.0.1 says hello\r\n",
	  .code = 250,
	  .lines = 1,
	  .text = "2.0.0.1 says hello" },
	{ .what = "class 3 does not exist (RFC 3463 3.1)",
	  .in = "250 3.1.1 x\r\n",
	  .code = 250,
	  .lines = 1,
	  .text = "3.1.1 x" },
	{ .what = "control characters stay in the text",
	  .in = "250 a\x1b[31mb\r\n",
	  .code = 250,
	  .lines = 1,
	  .text = "a\x1b[31mb" },
	{ .what = "code changes midway", .in = "250-a\r\n251 b\r\n", .err = ERR_SYNTAX },
	{ .what = "not complete", .in = "250-a\r\n", .err = ERR_SYNTAX },
	{ .what = "octets behind it", .in = "250 a\r\n250 b\r\n", .err = ERR_SYNTAX },
	{ .what = "two digits", .in = "25 a\r\n", .err = ERR_SYNTAX },
	{ .what = "four digits", .in = "2500 a\r\n", .err = ERR_SYNTAX },
	{ .what = "1yz is not SMTP's (4.2.1)", .in = "150 a\r\n", .err = ERR_SYNTAX },
	{ .what = "6yz", .in = "650 a\r\n", .err = ERR_SYNTAX },
	{ .what = "another protocol", .in = "SSH-2.0-OpenSSH\r\n", .err = ERR_SYNTAX },
	{ .what = "nothing", .in = "", .err = ERR_SYNTAX },
};

static void check_row(size_t i, const struct smtp_reply *reply)
{
	CHECK_INT(reply->code, rows[i].code);
	CHECK_INT(reply->lines, rows[i].lines);
	CHECK(smtp_enhanced_is(&reply->enhanced, rows[i].class, rows[i].subject, rows[i].detail));
	BUF_AUTO struct buf text;
	buf_init(&text, 4096);
	smtp_reply_write(reply, &text);
	CHECK_VIEW(buf_view(&text), rows[i].text);
}

/* The same through the reader, cut at every place and octet by octet. */
static void check_split(size_t i)
{
	struct view in = view_str(rows[i].in);
	for (size_t cut = 0; cut <= in.n; cut++) {
		struct smtp_reply_reader reader;
		smtp_reply_reader_init(&reader);
		struct smtp_reply reply;
		bool found = false;
		enum err err = smtp_reply_feed(&reader, view_to(in, cut), NULL);
		if (err == ERR_OK)
			err = smtp_reply_next(&reader, &reply, &found, NULL);
		if (err == ERR_OK && !found) {
			err = smtp_reply_feed(&reader, view_from(in, cut), NULL);
			if (err == ERR_OK)
				err = smtp_reply_next(&reader, &reply, &found, NULL);
		}
		CHECK_INT(err, ERR_OK);
		if (CHECK(found))
			check_row(i, &reply);
		CHECK_INT(smtp_reply_pending(&reader), 0);
		smtp_reply_reader_done(&reader);
	}
}

static enum err read_all(struct view in, size_t chunk, unsigned *count)
{
	struct smtp_reply_reader reader;
	smtp_reply_reader_init(&reader);
	enum err err = ERR_OK;
	*count = 0;
	for (size_t at = 0; at < in.n && err == ERR_OK; at += chunk) {
		err = smtp_reply_feed(&reader, view_slice(in, at, chunk), NULL);
		bool found = true;
		while (err == ERR_OK && found) {
			struct smtp_reply reply;
			err = smtp_reply_next(&reader, &reply, &found, NULL);
			*count += found;
		}
	}
	smtp_reply_reader_done(&reader);
	return err;
}

static void limits(void)
{
	BUF_AUTO struct buf in;
	buf_init(&in, 1 << 20);
	unsigned count;
	tap_case("a line of exactly the limit, and one octet more");
	buf_str(&in, "250 ");
	buf_fill(&in, 'x', SMTP_REPLY_OCTETS - 4);
	buf_str(&in, "\r\n");
	CHECK_INT(read_all(buf_view(&in), 100, &count), ERR_OK);
	CHECK_INT(count, 1);
	buf_cut(&in, in.n - 2);
	buf_str(&in, "x\r\n");
	CHECK_INT(read_all(buf_view(&in), 100, &count), ERR_LIMIT);
	tap_case("a line that never ends is found at the limit");
	buf_reset(&in);
	buf_fill(&in, '2', 5000);
	CHECK_INT(read_all(buf_view(&in), 1, &count), ERR_LIMIT);
	tap_case("the most lines, and one more");
	buf_reset(&in);
	for (int i = 0; i < SMTP_REPLY_LINES - 1; i++)
		buf_str(&in, "250-x\r\n");
	buf_str(&in, "250 x\r\n");
	CHECK_INT(read_all(buf_view(&in), 7, &count), ERR_OK);
	CHECK_INT(count, 1);
	buf_reset(&in);
	for (int i = 0; i < SMTP_REPLY_LINES + 1; i++)
		buf_str(&in, "250-x\r\n");
	CHECK_INT(read_all(buf_view(&in), 7, &count), ERR_LIMIT);
	tap_case("many replies in one piece, and in small ones");
	buf_reset(&in);
	for (int i = 0; i < 20000; i++)
		buf_str(&in, "250 2.1.5 Ok\r\n");
	CHECK_INT(read_all(buf_view(&in), in.n, &count), ERR_OK);
	CHECK_INT(count, 20000);
	CHECK_INT(read_all(buf_view(&in), 3, &count), ERR_OK);
	CHECK_INT(count, 20000);
}

static const struct {
	const char *in;
	enum smtp_stage stage;
	enum smtp_status status;
	enum err err;
} verdicts[] = {
	{ "250 2.0.0 ok\r\n", SMTP_STAGE_DOT, SMTP_DELIVERED, ERR_OK },
	{ "250 4.2.0 ok\r\n", SMTP_STAGE_DOT, SMTP_DELIVERED, ERR_OK },
	{ "450 4.2.1 busy\r\n", SMTP_STAGE_RCPT, SMTP_DEFERRED, ERR_TEMP },
	{ "450 5.1.1 the code decides\r\n", SMTP_STAGE_RCPT, SMTP_DEFERRED, ERR_TEMP },
	{ "550 5.1.1 unknown\r\n", SMTP_STAGE_RCPT, SMTP_FAILED, ERR_NO_USER },
	{ "550 5.1.2 no host\r\n", SMTP_STAGE_RCPT, SMTP_FAILED, ERR_NO_HOST },
	{ "556 5.1.10 null MX\r\n", SMTP_STAGE_RCPT, SMTP_FAILED, ERR_NO_HOST },
	{ "550 5.7.1 relaying denied\r\n", SMTP_STAGE_RCPT, SMTP_FAILED, ERR_UNAVAILABLE },
	{ "550 no such user\r\n", SMTP_STAGE_RCPT, SMTP_FAILED, ERR_NO_USER },
	{ "554 5.1.1 at the dot\r\n", SMTP_STAGE_DOT, SMTP_FAILED, ERR_UNAVAILABLE },
	{ "530 5.7.0 authenticate\r\n", SMTP_STAGE_MAIL, SMTP_FAILED, ERR_DENIED },
	{ "535 5.7.8 bad password\r\n", SMTP_STAGE_AUTH, SMTP_FAILED, ERR_DENIED },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct smtp_reply reply;
		struct diag diag;
		CHECK_INT(smtp_reply_parse(view_str(rows[i].in), &reply, &diag), rows[i].err);
		if (rows[i].err != ERR_OK)
			continue;
		check_row(i, &reply);
		check_split(i);
	}
	limits();
	struct arena arena = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		struct view in = view_str(verdicts[i].in);
		tap_case("verdict on %.*s to %s", (int)in.n - 2, in.p, smtp_stage_name(verdicts[i].stage));
		struct smtp_reply reply;
		if (!CHECK_INT(smtp_reply_parse(in, &reply, NULL), ERR_OK))
			continue;
		struct smtp_result result = smtp_result_of(&reply, verdicts[i].stage, &arena);
		CHECK_INT(result.status, verdicts[i].status);
		CHECK_INT(result.err, verdicts[i].err);
	}
	arena_done(&arena);
	return tap_done();
}
