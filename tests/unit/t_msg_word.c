#include "base_utf8.h"
#include "msg_charset.h"
#include "msg_word.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	const char *out;
} decoded[] = {
	{ "RFC 2047 8 From", "=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>" },
	{ "RFC 2047 8 To", "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>",
	  "Keld J\xc3\xb8rn Simonsen <keld@dkuug.dk>" },
	{ "RFC 2047 8 CC", "=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>",
	  "Andr\xc3\xa9 Pirard <PIRARD@vm1.ulg.ac.be>" },
	{ "RFC 2047 8 Subject",
	  "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
	  "If you can read this you understand the example." },
	{ "RFC 2047 8 Olle", "=?ISO-8859-1?Q?Olle_J=E4rnefors?= <ojarnef@admin.kth.se>",
	  "Olle J\xc3\xa4rnefors <ojarnef@admin.kth.se>" },
	{ "RFC 2047 8 Patrik", "Patrik =?ISO-8859-1?Q?F=E4ltstr=F6m?= <paf@nada.kth.se>",
	  "Patrik F\xc3\xa4ltstr\xc3\xb6m <paf@nada.kth.se>" },
	{ "RFC 2047 8 Nathaniel",
	  "Nathaniel Borenstein <nsb@thumper.bellcore.com>\r\n    (=?iso-8859-8?b?7eXs+SDv4SDs6Pj08A==?=)",
	  "Nathaniel Borenstein <nsb@thumper.bellcore.com>    (\xd7\x9d\xd7\x95\xd7\x9c\xd7\xa9 \xd7\x9f\xd7\x91 "
	  "\xd7\x9c\xd7\x98\xd7\xa8\xd7\xa4\xd7\xa0)" },
	{ "RFC 2047 8 (a)", "(=?ISO-8859-1?Q?a?=)", "(a)" },
	{ "RFC 2047 8 (a b)", "(=?ISO-8859-1?Q?a?= b)", "(a b)" },
	{ "RFC 2047 8 (ab) one space", "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "RFC 2047 8 (ab) two spaces", "(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "RFC 2047 8 (ab) folded", "(=?ISO-8859-1?Q?a?=\r\n       =?ISO-8859-1?Q?b?=)", "(ab)" },
	{ "RFC 2047 8 (a b) in a word", "(=?ISO-8859-1?Q?a_b?=)", "(a b)" },
	{ "RFC 2047 8 (a b) by two charsets", "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)" },
	{ "RFC 2231 5 language", "=?US-ASCII*EN?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>" },
	{ "character split across words", "=?utf-8?Q?J=C3?= =?UTF-8?Q?=BCrgen?=", "J\xc3\xbcrgen" },
	{ "character split across Q and B", "=?utf-8?Q?J=C3?= =?utf-8?B?vHJnZW4=?=", "J\xc3\xbcrgen" },
	{ "windows-1252 in the name of iso-8859-1", "=?iso-8859-1?Q?=80?=", "\xe2\x82\xac" },
	{ "ISO-2022-JP", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac" },
	{ "Shift_JIS", "=?Shift_JIS?B?k/qWew==?=", "\xe6\x97\xa5\xe6\x9c\xac" },
	{ "KOI8-R", "=?koi8-r?B?0NLJ18XU?=", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "gb2312", "=?gb2312?B?1tDOxA==?=", "\xe4\xb8\xad\xe6\x96\x87" },
	{ "unknown charset", "=?x-nobody?Q?caf=E9?=", "caf\xc3\xa9" },
	{ "charset with a transliteration suffix is no name", "=?utf-16//TRANSLIT?Q?caf=E9?=", "caf\xc3\xa9" },
	{ "underscore as =5F", "=?utf-8?Q?a=5Fb_c?=", "a_b c" },
	{ "question mark in text", "=?utf-8?Q?what?\?=", "what?" },
	{ "spaces inside of a word", "=?utf-8?Q?a b?= c", "a b c" },
	{ "base64 without padding", "=?utf-8?B?YQ?=", "a" },
	{ "word right behind text", "a=?utf-8?Q?b?=c", "abc" },
	{ "no word: no encoding", "=?utf-8?X?b?=", "=?utf-8?X?b?=" },
	{ "no word: not closed", "=?utf-8?Q?b", "=?utf-8?Q?b" },
	{ "no word: no charset", "=?\?Q?b?=", "=?\?Q?b?=" },
	{ "lone =?", "a =? b", "a =? b" },
	{ "raw UTF-8", "J\xc3\xbcrgen", "J\xc3\xbcrgen" },
	{ "raw Latin-1", "J\xfcrgen", "J\xc3\xbcrgen" },
	{ "invalid UTF-8 in a word", "=?utf-8?Q?a=FFb?=",
	  "a\xef\xbf\xbd"
	  "b" },
	{ "line end hidden in a word", "=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x" },
	{ "broken hex stays", "=?utf-8?Q?a=ZZ?=", "a=ZZ" },
	{ "empty word", "a =?utf-8?Q?\?= b", "a  b" },
};

static const struct {
	const char *what;
	const char *in;
	size_t used;
	bool phrase;
	const char *out;
} encoded[] = {
	{ "ASCII stays", "Hello, world (1)", 9, false, "Hello, world (1)" },
	{ "one word", "Hello J\xc3\xbcrgen there", 9, false, "Hello =?utf-8?Q?J=C3=BCrgen?= there" },
	{ "first to last", "\xc3\xbc b \xc3\xbc c", 9, false, "=?utf-8?B?w7wgYiDDvA==?= c" },
	{ "Q where it is shorter", "caf\xc3\xa9 and a lot of ASCII in one w\xc3\xb6rd", 0, false,
	  "=?utf-8?Q?caf=C3=A9_and_a_lot_of_ASCII_in_one_w=C3=B6rd?=" },
	{ "B where it is shorter", "\xe6\x97\xa5\xe6\x9c\xac", 0, false, "=?utf-8?B?5pel5pys?=" },
	{ "looks like a word", "see =?utf-8?Q?x?= here", 9, false, "see =?utf-8?B?PT91dGYtOD9RP3g/PQ==?= here" },
	{ "control character", "a\x1b[31m", 0, false, "=?utf-8?Q?a=1B[31m?=" },
	{ "phrase of atoms", "John Doe", 6, true, "John Doe" },
	{ "phrase to be quoted", "Doe, John", 6, true, "\"Doe, John\"" },
	{ "phrase to be encoded", "J\xc3\xbcrgen Meier of Mainz (x)", 6, true,
	  "=?utf-8?Q?J=C3=BCrgen_Meier_of_Mainz_=28x=29?=" },
	{ "phrase that looks like a word", "=?x?Q?y?=", 6, true, "=?utf-8?B?PT94P1E/eT89?=" },
};

static void test_decode(void)
{
	for (size_t i = 0; i < ARRAY_LEN(decoded); i++) {
		tap_case("decode: %s", decoded[i].what);
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		msg_word_decode(view_str(decoded[i].in), &out);
		CHECK_VIEW(buf_view(&out), decoded[i].out);
		struct arena arena = { 0 };
		CHECK_VIEW(msg_word_decode_view(view_str(decoded[i].in), &arena), decoded[i].out);
		arena_done(&arena);
	}
}

static void test_encode(void)
{
	for (size_t i = 0; i < ARRAY_LEN(encoded); i++) {
		tap_case("encode: %s", encoded[i].what);
		BUF_AUTO struct buf out;
		buf_init(&out, 1000);
		struct view in = view_str(encoded[i].in);
		CHECK_INT(
			(encoded[i].phrase ? msg_word_encode_phrase : msg_word_encode)(in, encoded[i].used, &out, NULL),
			ERR_OK);
		CHECK_VIEW(buf_view(&out), encoded[i].out);
	}
}

/* Every word within 75 octets, whole characters in each, and the text comes back. */
static void check_words(struct view text, size_t used)
{
	BUF_AUTO struct buf out;
	BUF_AUTO struct buf back;
	buf_init(&out, 10000);
	buf_init(&back, 10000);
	CHECK_INT(msg_word_encode(text, used, &out, NULL), ERR_OK);
	struct view rest = buf_view(&out);
	for (bool first = true; rest.p != NULL; first = false) {
		struct view word = view_cut(&rest, ' ');
		CHECK(word.n <= MSG_WORD_MAX);
		CHECK(!first || used > 52 || used + word.n <= MSG_WORD_LINE);
		buf_reset(&back);
		msg_word_decode(word, &back);
		CHECK(utf8_valid(buf_view(&back)) && view_find(buf_view(&back), VIEW("\xef\xbf\xbd")) == SIZE_MAX);
	}
	buf_reset(&back);
	msg_word_decode(buf_view(&out), &back);
	CHECK_BYTES(buf_view(&back), text);
}

static void test_lengths(void)
{
	static const char *const units[] = { "\xc3\xbc", "\xe6\x97\xa5", "\xf0\x9f\x98\x80", "a\xc3\xbc" };
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		tap_case("long text of unit %zu", u);
		BUF_AUTO struct buf text;
		buf_init(&text, 1000);
		for (size_t n = 1; n <= 100; n++) {
			buf_str(&text, units[u]);
			check_words(buf_view(&text), n % 80);
		}
	}
}

static void test_charsets(void)
{
	struct arena arena = { 0 };
	BUF_AUTO struct buf out;
	tap_case("encode refuses line ends, NUL and what is no UTF-8");
	buf_init(&out, 1000);
	CHECK_INT(msg_word_encode(VIEW("a\r\nBcc: x"), 0, &out, NULL), ERR_DATA);
	CHECK_INT(msg_word_encode(VIEW("a\nb"), 0, &out, NULL), ERR_DATA);
	CHECK_INT(msg_word_encode(VIEW("a\0b"), 0, &out, NULL), ERR_DATA);
	CHECK_INT(msg_word_encode_phrase(VIEW("a\rb"), 0, &out, NULL), ERR_DATA);
	CHECK_INT(msg_word_encode(VIEW("a\xff"), 0, &out, NULL), ERR_DATA);
	CHECK_INT(out.n, 0);
	tap_case("charsets");
	CHECK_INT(msg_charset_to_utf8(VIEW("\xe9"), VIEW("iso-8859-15"), &out), MSG_CHARSET_OK);
	CHECK_INT(msg_charset_to_utf8(VIEW("\xe3\x83"), VIEW("utf-8"), &out), MSG_CHARSET_REPLACED);
	CHECK_INT(msg_charset_to_utf8(VIEW("\x83"), VIEW("shift_jis"), &out), MSG_CHARSET_REPLACED);
	CHECK_INT(msg_charset_to_utf8(VIEW("x"), VIEW("no-such-charset"), &out), MSG_CHARSET_UNKNOWN);
	CHECK_INT(msg_charset_to_utf8(VIEW("x"), VIEW("../../etc/x"), &out), MSG_CHARSET_UNKNOWN);
	CHECK_VIEW(msg_charset_view(VIEW("a\x1b$BF|K\\\x1b(Bb"), VIEW("iso-2022-jp"), &arena),
		   "a\xe6\x97\xa5\xe6\x9c\xac"
		   "b");
	CHECK_VIEW(msg_charset_view(VIEW("plain"), VIEW("iso-8859-1"), &arena), "plain");
	tap_case("output is bounded");
	BUF_AUTO struct buf small;
	buf_init(&small, 10);
	msg_word_decode(VIEW("=?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaa?= bbbbbbb"), &small);
	CHECK(small.over && small.n <= 10);
	arena_done(&arena);
}

/* Linear: each of these takes minutes where something looks ahead to the end again and again. */
static void test_hostile(void)
{
	static const char *const units[] = { "=?a?q?", "=?a?q?b?=", "=?", "=?a", " =?utf-8?b?YQ", "?=" };
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		tap_case("a megabyte of '%s'", units[u]);
		BUF_AUTO struct buf in;
		BUF_AUTO struct buf out;
		buf_init(&in, 1 << 20);
		buf_init(&out, 1 << 22);
		while (!in.over)
			buf_str(&in, units[u]);
		msg_word_decode(buf_view(&in), &out);
		CHECK(out.n > 0 && !out.over);
	}
}

int main(void)
{
	test_hostile();
	test_decode();
	test_encode();
	test_lengths();
	test_charsets();
	return tap_done();
}
