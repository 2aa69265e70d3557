#include "msg_fold.h"

#include "base_show.h"
#include "msg_head.h"
#include "msg_word.h"
#include "tap.h"

static void text_rows(void)
{
	static const struct {
		const char *what;
		struct view name, text;
		enum err err;
		const char *out;
	} rows[] = {
		{ "plain", VIEW_INIT("Subject"), VIEW_INIT("hello world"), ERR_OK, "Subject: hello world\r\n" },
		{ "white space around it goes", VIEW_INIT("Subject"), VIEW_INIT("  a  b "), ERR_OK,
		  "Subject: a  b\r\n" },
		{ "empty", VIEW_INIT("X-Empty"), VIEW_INIT(""), ERR_OK, "X-Empty:\r\n" },
		{ "CR LF is refused, never flattened (send.md 3a)", VIEW_INIT("Subject"), VIEW_INIT("a\r\nBcc: x@y"),
		  ERR_DATA, "" },
		{ "LF is refused", VIEW_INIT("Subject"), VIEW_INIT("a\nb"), ERR_DATA, "" },
		{ "CR is refused", VIEW_INIT("Subject"), VIEW_INIT("a\rb"), ERR_DATA, "" },
		{ "a final LF is refused", VIEW_INIT("Subject"), VIEW_INIT("a\n"), ERR_DATA, "" },
		{ "NUL is refused", VIEW_INIT("Subject"), VIEW_INIT("a\0b"), ERR_DATA, "" },
		{ "name with a space", VIEW_INIT("Sub ject"), VIEW_INIT("a"), ERR_DATA, "" },
		{ "name with a colon", VIEW_INIT("Subject:"), VIEW_INIT("a"), ERR_DATA, "" },
		{ "name with CR LF", VIEW_INIT("X\r\nBcc"), VIEW_INIT("a"), ERR_DATA, "" },
		{ "no name", VIEW_INIT(""), VIEW_INIT("a"), ERR_DATA, "" },
		{ "folds at 76 at the space that is there", VIEW_INIT("Subject"),
		  VIEW_INIT("aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hh"), ERR_OK,
		  "Subject: aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff\r\n gggggggggg hh\r\n" },
		{ "a long first word stays on the name's line", VIEW_INIT("X"),
		  VIEW_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"),
		  ERR_OK,
		  "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n "
		  "b\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("text: %s", rows[i].what);
		BUF_AUTO struct buf out;
		buf_init(&out, 10000);
		CHECK_INT(msg_field_text(rows[i].name, rows[i].text, &out, NULL), rows[i].err);
		if (rows[i].err == ERR_OK)
			CHECK_VIEW(buf_view(&out), rows[i].out);
	}
}

/* What a reader gets back. */
static struct view read_back(struct view field, struct view name, struct arena *arena)
{
	struct msg_head head;
	if (msg_head_parse(field, NULL, arena, &head, NULL) != ERR_OK || head.n != 1)
		return VIEW("not one field");
	return msg_word_decode_view(msg_head_value(&head, name, arena), arena);
}

static void encoded(void)
{
	static const char *const texts[] = {
		"Gr\xc3\xbc\xc3\x9f"
		"e",
		"Gr\xc3\xbc\xc3\x9f"
		"e aus K\xc3\xb6ln und eine sehr lange Betreffzeile, die gefaltet werden muss, ja wirklich",
		"\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c"
		"\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c",
		"=?utf-8?Q?not_an_encoded_word?=",
		"two  spaces \xc3\xa9 and more",
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		tap_case("encoded text %zu: ASCII, lines of at most 76, the reader gets what was given", i);
		struct arena arena = { 0 };
		BUF_AUTO struct buf out;
		buf_init(&out, 10000);
		CHECK_INT(msg_field_text(VIEW("Subject"), view_str(texts[i]), &out, NULL), ERR_OK);
		CHECK(!view_has_8bit(buf_view(&out)));
		struct view rest = buf_view(&out), line;
		while (view_next_line(&rest, &line))
			CHECK(line.n <= 76);
		CHECK_VIEW(read_back(buf_view(&out), VIEW("Subject"), &arena), texts[i]);
		arena_done(&arena);
	}
}

static void addresses(void)
{
	tap_case("addresses fold between their words, names are encoded");
	struct arena arena = { 0 };
	struct msg_addr_list list;
	BUF_AUTO struct buf out;
	buf_init(&out, 10000);
	const char *in = "J\xc3\xb6rg M\xc3\xbcller <a@example.org>, \"Doe, John\" <b@example.org>, c@example.org, "
			 "somebody.with.a.long.name@a.long.domain.example.org, d@example.org";
	CHECK_INT(msg_addr_parse_list(view_str(in), MSG_ADDR_STRICT, &arena, &list, NULL), ERR_OK);
	bool utf8 = false;
	CHECK_INT(msg_field_addresses(VIEW("To"), list.at, list.n, &out, &utf8, NULL), ERR_OK);
	CHECK_VIEW(buf_view(&out),
		   "To: =?utf-8?B?SsO2cmcgTcO8bGxlcg==?= <a@example.org>, \"Doe, John\"\r\n <b@example.org>, "
		   "c@example.org,\r\n somebody.with.a.long.name@a.long.domain.example.org, d@example.org\r\n");
	CHECK(!utf8);

	tap_case("a local part that is not ASCII says so");
	buf_reset(&out);
	CHECK_INT(msg_addr_parse_list(VIEW("\xc3\xa9@example.org"), MSG_ADDR_STRICT, &arena, &list, NULL), ERR_OK);
	CHECK_INT(msg_field_addresses(VIEW("To"), list.at, list.n, &out, &utf8, NULL), ERR_OK);
	CHECK(utf8);
	arena_done(&arena);
}

static void limits(void)
{
	tap_case("no line passes 998 octets");
	static char word[1200];
	memset(word, 'x', sizeof word);
	BUF_AUTO struct buf out;
	buf_init(&out, 10000);
	CHECK_INT(msg_field_token(VIEW("Message-ID"), view_of(word, 998 - 12), &out, NULL), ERR_OK);
	CHECK_INT(out.n, 1000);
	CHECK_INT(msg_field_token(VIEW("Message-ID"), view_of(word, 998 - 11), &out, NULL), ERR_LIMIT);
	CHECK_INT(msg_field_text(VIEW("Subject"), view_of(word, 1200), &out, NULL), ERR_LIMIT);

	tap_case("out->max is a limit");
	BUF_AUTO struct buf small;
	buf_init(&small, 10);
	CHECK_INT(msg_field_text(VIEW("Subject"), VIEW("hello"), &small, NULL), ERR_LIMIT);

	tap_case("a token is printable ASCII");
	CHECK_INT(msg_field_token(VIEW("X"), VIEW("\xc3\xa9"), &out, NULL), ERR_DATA);
	CHECK_INT(msg_field_token(VIEW("X"), VIEW("a\x7f"), &out, NULL), ERR_DATA);
}

int main(void)
{
	text_rows();
	encoded();
	addresses();
	limits();
	return tap_done();
}
