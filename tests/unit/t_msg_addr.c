#include "msg_addr.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	unsigned flags;
	enum err err;
	enum mailbox_kind kind;
	const char *local, *domain;
	const char *path; /* as written */
} paths[] = {
	{ "dot-string", "john.doe@example.com", 0, ERR_OK, MAILBOX_FULL, "john.doe", "example.com",
	  "<john.doe@example.com>" },
	{ "in brackets", "<a@b>", 0, ERR_OK, MAILBOX_FULL, "a", "b", "<a@b>" },
	{ "quoted local part with space and @", "\"a @b\"@example.com", 0, ERR_OK, MAILBOX_FULL, "a @b", "example.com",
	  "<\"a @b\"@example.com>" },
	{ "quoting that is not needed goes", "\"joe\"@example.com", 0, ERR_OK, MAILBOX_FULL, "joe", "example.com",
	  "<joe@example.com>" },
	{ "quoted pair", "\"a\\\"b\\\\c\"@example.com", 0, ERR_OK, MAILBOX_FULL, "a\"b\\c", "example.com",
	  "<\"a\\\"b\\\\c\"@example.com>" },
	{ "empty quoted local part", "\"\"@example.com", 0, ERR_OK, MAILBOX_FULL, "", "example.com",
	  "<\"\"@example.com>" },
	{ "IPv4 literal", "a@[192.0.2.1]", 0, ERR_OK, MAILBOX_FULL, "a", "[192.0.2.1]", "<a@[192.0.2.1]>" },
	{ "IPv6 literal", "a@[IPv6:2001:db8::1]", 0, ERR_OK, MAILBOX_FULL, "a", "[IPv6:2001:db8::1]",
	  "<a@[IPv6:2001:db8::1]>" },
	{ "bare IPv4 domain", "a@192.0.2.1", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "IPv6 without its tag", "a@[2001:db8::1]", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "literal not closed", "a@[192.0.2.1", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "plus and other atext", "a+b=c/d!e#f@example.com", 0, ERR_OK, MAILBOX_FULL, "a+b=c/d!e#f", "example.com",
	  "<a+b=c/d!e#f@example.com>" },
	{ "leading hyphen", "-f@example.com", 0, ERR_OK, MAILBOX_FULL, "-f", "example.com", "<-f@example.com>" },
	{ "null path", "<>", MSG_ADDR_EMPTY, ERR_OK, MAILBOX_NULL, "", "", "<>" },
	{ "empty text as null path", "", MSG_ADDR_EMPTY, ERR_OK, MAILBOX_NULL, "", "", "<>" },
	{ "null path not allowed", "<>", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "empty", "", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "bare name", "root", MSG_ADDR_BARE, ERR_OK, MAILBOX_BARE, "root", "", "<root>" },
	{ "bare name in brackets", "<postmaster>", MSG_ADDR_BARE, ERR_OK, MAILBOX_BARE, "postmaster", "",
	  "<postmaster>" },
	{ "bare name not allowed", "root", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "source route", "<@a.example,@b.example:c@d.example>", MSG_ADDR_ROUTE, ERR_OK, MAILBOX_FULL, "c", "d.example",
	  "<c@d.example>" },
	{ "source route refused", "<@a.example:c@d.example>", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "CR", "a@b\r", 0, ERR_DATA, 0, 0, 0, 0 },
	{ "LF and a command", "a@b>\nRCPT TO:<c@d", 0, ERR_DATA, 0, 0, 0, 0 },
	{ "CRLF in quotes", "\"a\r\n b\"@c", 0, ERR_DATA, 0, 0, 0, 0 },
	{ "TAB", "a\t@b", 0, ERR_DATA, 0, 0, 0, 0 },
	{ "DEL", "a\x7f@b", 0, ERR_DATA, 0, 0, 0, 0 },
	{ "space behind", "a@b ", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "parameter behind", "a@b SIZE=1", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "display name", "Joe <a@b>", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "two at", "a@b@c", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "no local part", "@b", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "no local part, lenient", "@b", MSG_ADDR_LENIENT, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "no domain", "a@", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "bracket not closed", "<a@b", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "quote not closed", "\"a@b", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "doubled dot", "a..b@c", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "doubled dot tolerated, written quoted", "a..b@c", MSG_ADDR_DOTS, ERR_OK, MAILBOX_FULL, "a..b", "c",
	  "<\"a..b\"@c>" },
	{ "final dot tolerated", "a.@c", MSG_ADDR_DOTS, ERR_OK, MAILBOX_FULL, "a.", "c", "<\"a.\"@c>" },
	{ "empty label", "a@b..c", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "final dot of domain", "a@b.", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "final dot of domain, loose", "a@b.c.", MSG_ADDR_LOOSE, ERR_OK, MAILBOX_FULL, "a", "b.c", "<a@b.c>" },
	{ "underscore in domain", "a@b_c", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "underscore in domain, loose", "a@b_c", MSG_ADDR_LOOSE, ERR_OK, MAILBOX_FULL, "a", "b_c", "<a@b_c>" },
	{ "hyphen at label end", "a@b-.c", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "IDN domain",
	  "a@b\xc3\xbc"
	  "cher.example",
	  0, ERR_OK, MAILBOX_FULL, "a",
	  "b\xc3\xbc"
	  "cher.example",
	  "<a@b\xc3\xbc"
	  "cher.example>" },
	{ "UTF-8 local part", "j\xc3\xbcrgen@b", 0, ERR_OK, MAILBOX_FULL, "j\xc3\xbcrgen", "b", "<j\xc3\xbcrgen@b>" },
	{ "Latin-1", "j\xfcrgen@b", 0, ERR_SYNTAX, 0, 0, 0, 0 },
	{ "Latin-1, loose", "j\xfcrgen@b", MSG_ADDR_LENIENT, ERR_SYNTAX, 0, 0, 0, 0 },
};

static void test_paths(void)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		tap_case("path: %s", paths[i].what);
		struct arena arena = { 0 };
		struct mailbox got = { 0 };
		struct diag diag = { 0 };
		CHECK_INT(msg_addr_parse(view_str(paths[i].in), paths[i].flags, &arena, &got, &diag), paths[i].err);
		if (paths[i].err == ERR_OK) {
			CHECK_INT(got.kind, paths[i].kind);
			CHECK_VIEW(got.local, paths[i].local);
			CHECK_VIEW(got.domain, paths[i].domain);
			BUF_AUTO struct buf out;
			buf_init(&out, 1000);
			msg_addr_write_path(&got, &out);
			CHECK_VIEW(buf_view(&out), paths[i].path);
		} else {
			CHECK(diag.text[0] != 0 && diag.column > 0);
		}
		arena_done(&arena);
	}
}

static enum err parse_lengths(size_t local, size_t label, size_t labels, struct mailbox *got, struct arena *arena)
{
	BUF_AUTO struct buf in;
	buf_init(&in, 5000);
	buf_fill(&in, 'a', local);
	for (size_t i = 0; i < labels; i++) {
		buf_byte(&in, i == 0 ? '@' : '.');
		buf_fill(&in, 'b', label);
	}
	return msg_addr_parse(arena_view(arena, buf_view(&in)), 0, arena, got, NULL);
}

static void test_lengths(void)
{
	struct arena arena = { 0 };
	struct mailbox got;
	tap_case("RFC 5321 4.5.3.1: lengths");
	CHECK_INT(parse_lengths(64, 10, 2, &got, &arena), ERR_OK);
	CHECK_INT(parse_lengths(65, 10, 2, &got, &arena), ERR_LIMIT);
	CHECK_INT(parse_lengths(1, 63, 2, &got, &arena), ERR_OK);
	CHECK_INT(parse_lengths(1, 64, 2, &got, &arena), ERR_LIMIT);
	CHECK_INT(parse_lengths(62, 63, 3, &got, &arena), ERR_OK); /* 62 + 1 + 191 = 254 */
	CHECK_INT(parse_lengths(63, 63, 3, &got, &arena), ERR_LIMIT);
	CHECK_INT(parse_lengths(1, 63, 5, &got, &arena), ERR_LIMIT);
	tap_case("NUL");
	CHECK_INT(msg_addr_parse(VIEW("a\0b@c"), 0, &arena, &got, NULL), ERR_DATA);
	tap_case("what needs SMTPUTF8");
	CHECK_INT(msg_addr_parse(VIEW("j\xc3\xbcrgen@b"), 0, &arena, &got, NULL), ERR_OK);
	CHECK(got.needs_smtputf8 && !got.idn);
	CHECK_INT(msg_addr_parse(VIEW("a@b\xc3\xbc.example"), 0, &arena, &got, NULL), ERR_OK);
	CHECK(!got.needs_smtputf8 && got.idn);
	arena_done(&arena);
}

/* List rows: expected as what msg_addr_write_list makes of the result. */
static const struct {
	const char *what;
	const char *in;
	unsigned flags;
	enum err err;
	size_t n;
	const char *out;
} lists[] = {
	{ "RFC 5322 A.1.1 From", "John Doe <jdoe@machine.example>", 0, ERR_OK, 1, "John Doe <jdoe@machine.example>" },
	{ "RFC 5322 A.1.1 Sender", "Michael Jones <mjones@machine.example>", 0, ERR_OK, 1,
	  "Michael Jones <mjones@machine.example>" },
	{ "RFC 5322 A.1.2 From", "\"Joe Q. Public\" <john.q.public@example.com>", 0, ERR_OK, 1,
	  "\"Joe Q. Public\" <john.q.public@example.com>" },
	{ "RFC 5322 A.1.2 To", "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>", 0, ERR_OK, 3,
	  "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>" },
	{ "RFC 5322 A.1.2 Cc", "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", 0, ERR_OK, 2,
	  "boss@nil.test, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>" },
	{ "RFC 5322 A.1.3 To", "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;", 0, ERR_OK, 3,
	  "A Group: Ed Jones <c@a.test>, joe@where.test, John <jdoe@one.test>;" },
	{ "RFC 5322 A.1.3 Cc", "Undisclosed recipients:;", 0, ERR_OK, 0, "Undisclosed recipients:;" },
	{ "RFC 5322 A.5 From", "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", 0, ERR_OK, 1,
	  "Pete <pete@silly.test>" },
	{ "RFC 5322 A.5 To",
	  "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         "
	  "joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
	  MSG_ADDR_FOLDED, ERR_OK, 3,
	  "A Group: Chris Jones <c@public.example>, joe@example.org, John <jdoe@one.test>;" },
	{ "RFC 5322 A.5 Cc", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", 0, ERR_OK, 0,
	  "Hidden recipients:;" },
	{ "RFC 5322 A.6.1 From", "Joe Q. Public <john.q.public@example.com>", 0, ERR_OK, 1,
	  "\"Joe Q. Public\" <john.q.public@example.com>" },
	{ "RFC 5322 A.6.1 To", "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example", MSG_ADDR_LENIENT,
	  ERR_OK, 2, "Mary Smith <mary@example.net>, jdoe@test.example" },
	{ "RFC 5322 A.6.3 From", "John Doe <jdoe@machine(comment).  example>", MSG_ADDR_LENIENT, ERR_OK, 1,
	  "John Doe <jdoe@machine.example>" },
	{ "RFC 5322 A.6.3 To", "Mary Smith\r\n\t\r\n          <mary@example.net>", MSG_ADDR_FOLDED, ERR_OK, 1,
	  "Mary Smith <mary@example.net>" },
	{ "RFC 6532 UTF-8 display name and address",
	  "J\xc3\xbcrgen <j\xc3\xbcrgen@b\xc3\xbc"
	  "cher.example>",
	  0, ERR_OK, 1,
	  "J\xc3\xbcrgen <j\xc3\xbcrgen@b\xc3\xbc"
	  "cher.example>" },
	{ "folds refused without the flag", "a@b,\r\n c@d", 0, ERR_DATA, 0, 0 },
	{ "a line end that is no fold", "a@b,\r\nc@d", MSG_ADDR_LENIENT, ERR_DATA, 0, 0 },
	{ "NUL-free control", "a@b\x01", MSG_ADDR_LENIENT, ERR_DATA, 0, 0 },
	{ "encoded word stays raw", "=?utf-8?q?J=C3=BCrgen?= <a@b>", 0, ERR_OK, 1, "=?utf-8?q?J=C3=BCrgen?= <a@b>" },
	{ "comment as display name", "pete@silly.test (Pete)", 0, ERR_OK, 1, "Pete <pete@silly.test>" },
	{ "trailing comma", "a@b,", 0, ERR_OK, 1, "a@b" },
	{ "nothing", "", 0, ERR_OK, 0, "" },
	{ "comma in an unquoted name", "Doe, John <j@x>", 0, ERR_SYNTAX, 0, 0 },
	{ "semicolon between addresses", "a@b; c@d", 0, ERR_SYNTAX, 0, 0 },
	{ "missing comma", "a@b c@d", 0, ERR_SYNTAX, 0, 0 },
	{ "group in a group", "a: b: c@d;;", 0, ERR_SYNTAX, 0, 0 },
	{ "group not closed", "a: b@c", 0, ERR_SYNTAX, 0, 0 },
	{ "group not closed, loose", "a: b@c", MSG_ADDR_LENIENT, ERR_OK, 1, "a: b@c;" },
	{ "comment not closed", "a@b (c", 0, ERR_SYNTAX, 0, 0 },
	{ "address as unquoted name, strict", "a@b.c <a@b.c>", 0, ERR_SYNTAX, 0, 0 },
	{ "address as unquoted name, loose", "a@b.c <a@b.c>", MSG_ADDR_LENIENT, ERR_OK, 1, "\"a@b.c\" <a@b.c>" },
	{ "brackets in an unquoted name, loose", "[EXT] Joe <a@b.c>", MSG_ADDR_LENIENT, ERR_OK, 1,
	  "\"[EXT] Joe\" <a@b.c>" },
	{ "bare names", "root, Postmaster <postmaster>", MSG_ADDR_BARE, ERR_OK, 2, "root, Postmaster <postmaster>" },
	{ "at and angle in a quoted local part", "\"a@evil.test> <b\"@good.test", 0, ERR_OK, 1,
	  "\"a@evil.test> <b\"@good.test" },
	{ "at and angle in a display name", "\"ceo@good.test\" <a@evil.test>", 0, ERR_OK, 1,
	  "\"ceo@good.test\" <a@evil.test>" },
	{ "null path in a list", "<>", MSG_ADDR_EMPTY, ERR_OK, 1, "" },
};

static void test_lists(void)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		tap_case("list: %s", lists[i].what);
		struct arena arena = { 0 };
		struct msg_addr_list got = { 0 };
		struct diag diag = { 0 };
		CHECK_INT(msg_addr_parse_list(view_str(lists[i].in), lists[i].flags, &arena, &got, &diag),
			  lists[i].err);
		CHECK_INT(got.n, lists[i].n);
		if (lists[i].err == ERR_OK) {
			BUF_AUTO struct buf out;
			buf_init(&out, 1000);
			msg_addr_write_list(&got, &out);
			CHECK_VIEW(buf_view(&out), lists[i].out);
		} else {
			CHECK(diag.text[0] != 0 && diag.column > 0);
		}
		arena_done(&arena);
	}
}

static void test_one(void)
{
	struct arena arena = { 0 };
	struct mailbox got;
	struct diag diag = { 0 };
	tap_case("one mailbox");
	CHECK_INT(msg_addr_parse_one(VIEW("Name <a@b>"), 0, &arena, &got, NULL), ERR_OK);
	CHECK_VIEW(got.display, "Name");
	CHECK_INT(msg_addr_parse_one(VIEW("a@b, c@d"), 0, &arena, &got, NULL), ERR_SYNTAX);
	CHECK_INT(msg_addr_parse_one(VIEW(""), 0, &arena, &got, NULL), ERR_SYNTAX);
	CHECK_INT(msg_addr_parse_one(VIEW("g: a@b;"), 0, &arena, &got, NULL), ERR_SYNTAX);
	tap_case("a fault has its column");
	CHECK_INT(msg_addr_parse_list(VIEW("a@b, c@d e"), 0, &arena, &(struct msg_addr_list){ 0 }, &diag), ERR_SYNTAX);
	CHECK_INT(diag.column, 10);
	CHECK_STR(diag.text, "address \"c@d e\": this cannot stand behind an address (a comma is missing?)");
	tap_case("equality");
	struct mailbox a, b;
	CHECK_INT(msg_addr_parse(VIEW("\"joe\"@EXAMPLE.com"), 0, &arena, &a, NULL), ERR_OK);
	CHECK_INT(msg_addr_parse(VIEW("joe@example.com"), 0, &arena, &b, NULL), ERR_OK);
	CHECK(msg_addr_eq(&a, &b));
	CHECK_INT(msg_addr_parse(VIEW("Joe@example.com"), 0, &arena, &b, NULL), ERR_OK);
	CHECK(!msg_addr_eq(&a, &b));
	arena_done(&arena);
}

static void test_hostile(void)
{
	static const struct {
		const char *unit;
		enum err err;
	} rows[] = {
		{ "a@b,", ERR_LIMIT }, { "(", ERR_LIMIT },       { "a", ERR_SYNTAX },       { "a.", ERR_SYNTAX },
		{ "(x)", ERR_OK },     { "\"x\" ", ERR_SYNTAX }, { "a <a@b>,", ERR_LIMIT }, { ",", ERR_OK },
		{ "g:;", ERR_LIMIT },  { "<", ERR_SYNTAX },      { "@a,", ERR_SYNTAX },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("a megabyte of '%s'", rows[i].unit);
		struct arena arena = { 0 };
		struct msg_addr_list list;
		BUF_AUTO struct buf in;
		buf_init(&in, 1 << 20);
		while (!in.over)
			buf_str(&in, rows[i].unit);
		CHECK_INT(msg_addr_parse_list(buf_view(&in), MSG_ADDR_LENIENT, &arena, &list, NULL), rows[i].err);
		arena_done(&arena);
	}
}

int main(void)
{
	test_hostile();
	test_paths();
	test_lengths();
	test_lists();
	test_one();
	return tap_done();
}
