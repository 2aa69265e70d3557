#include "base_base64.h"
#include "base_cur.h"
#include "base_ip.h"
#include "base_json.h"
#include "base_map.h"
#include "base_show.h"
#include "base_time.h"
#include "base_utf8.h"
#include "tap.h"

static void base64_rows(void)
{
	static const struct {
		const char *plain, *coded;
	} rows[] = { { "", "" },
		     { "f", "Zg==" },
		     { "fo", "Zm8=" },
		     { "foo", "Zm9v" },
		     { "foob", "Zm9vYg==" },
		     { "fooba", "Zm9vYmE=" },
		     { "foobar", "Zm9vYmFy" } };
	BUF_AUTO struct buf out;
	buf_init(&out, 100);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("RFC 4648 section 10: '%s'", rows[i].plain);
		buf_reset(&out);
		base64_encode(view_str(rows[i].plain), &out);
		CHECK_VIEW(buf_view(&out), rows[i].coded);
		buf_reset(&out);
		CHECK(base64_decode(view_str(rows[i].coded), BASE64_STRICT, &out));
		CHECK_VIEW(buf_view(&out), rows[i].plain);
	}
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg==x", "Zm9v=", "Z!==", "====" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("not strict base64: '%s'", bad[i]);
		buf_reset(&out);
		CHECK(!base64_decode(view_str(bad[i]), BASE64_STRICT, &out));
	}
	tap_case("pieces of concatenated base64 with rubbish between");
	buf_reset(&out);
	struct base64_decoder decoder = { 0 };
	base64_feed(&decoder, VIEW("Zm9v\r\nY"), &out);
	base64_feed(&decoder, VIEW("g==!Zm8="), &out);
	CHECK_VIEW(buf_view(&out), "foobfo");
	CHECK_INT(decoder.foreign, 1);
}

static void show_rows(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = { { "plain", "plain" },
		     { "a\r\nb", "a\\x0d\\x0ab" },
		     { "\033[2J", "\\x1b[2J" },
		     { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		     { "\xff", "\\xff" },
		     { "\xe2\x80\xae"
		       "exe",
		       "\\u{202e}exe" },
		     { "\xc2\x85", "\\u{0085}" },
		     { "a\\b", "a\\\\b" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("shown: %s", rows[i].out);
		CHECK_STR(SHOW(view_str(rows[i].in)), rows[i].out);
	}
	tap_case("a long text is cut");
	char long_text[1000];
	memset(long_text, 'x', sizeof long_text);
	CHECK_INT(strlen(SHOW(view_of(long_text, sizeof long_text))), SHOW_MAX + 3);
}

static void time_rows(void)
{
	static const struct {
		const char *in;
		bool ok;
		int64_t s;
		const char *out;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", true, 0, "1970-01-01T00:00:00Z" },
		{ "2026-11-21T21:00:00.5+01:00", true, 1795291200, "2026-11-21T20:00:00Z" },
		{ "2000-02-29", true, 951782400, "2000-02-29T00:00:00Z" },
		{ "4294967296", true, 4294967296, "2106-02-07T06:28:16Z" },
		{ "1969-12-31T23:59:59Z", true, -1, "1969-12-31T23:59:59Z" },
		{ "2023-02-29", false, 0, NULL },
		{ "2023-13-01", false, 0, NULL },
		{ "2026-11-21T20:00:00", false, 0, NULL },
		{ "yesterday", false, 0, NULL },
		{ "", false, 0, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("time '%s'", rows[i].in);
		int64_t s = 0;
		CHECK_INT(base_time_parse(view_str(rows[i].in), &s), rows[i].ok);
		CHECK_INT(s, rows[i].s);
		char text[BASE_TIME_MAX];
		base_time_rfc3339(s, text);
		if (rows[i].out != NULL)
			CHECK_STR(text, rows[i].out);
	}
	tap_case("every day from 1600 to 2500 comes back, with the right weekday");
	bool ok = true;
	for (int64_t day = -135140; day < 193000; day++) {
		struct base_date date = base_date_of_time(day * 86400 + 3723);
		ok = ok && base_date_valid(&date) && base_time_of_date(&date) == day * 86400 + 3723 &&
		     (int64_t)date.weekday == ((day + 4) % 7 + 7) % 7;
	}
	CHECK(ok);
}

static void ip_rows(void)
{
	static const struct {
		const char *ip, *net;
		bool in;
	} rows[] = { { "192.0.2.1", "192.0.2.0/24", true },        { "192.0.3.1", "192.0.2.0/24", false },
		     { "192.0.2.129", "192.0.2.128/25", true },    { "10.1.2.3", "0.0.0.0/0", true },
		     { "2001:db8::1", "2001:db8::/32", true },     { "2001:db9::1", "2001:db8::/32", false },
		     { "::ffff:192.0.2.1", "192.0.2.0/24", false } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s in %s", rows[i].ip, rows[i].net);
		struct ip_addr ip, net;
		unsigned bits;
		CHECK(ip_parse(view_str(rows[i].ip), &ip));
		CHECK(ip_parse_cidr(view_str(rows[i].net), &net, &bits));
		CHECK_INT(ip_in(&ip, &net, bits), rows[i].in);
	}
	static const char *const bad[] = { "",         "1.2.3", "1.2.3.4.5",  "256.1.1.1", "01.2.3.4",
					   "::1%eth0", "[::1]", "1.2.3.4/33", "1.2.3.4/",  "1.2.3.4/-1" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("no network: '%s'", bad[i]);
		struct ip_addr ip;
		unsigned bits;
		CHECK(!ip_parse_cidr(view_str(bad[i]), &ip, &bits));
	}
	tap_case("mapped, loopback, private");
	struct ip_addr ip;
	CHECK(ip_parse(VIEW("::ffff:127.0.0.1"), &ip));
	CHECK(ip_is_loopback(&ip) && ip_is_private(&ip));
	ip = ip_unmap(&ip);
	CHECK_STR(IP_SHOW(&ip), "127.0.0.1");
	CHECK(ip_parse(VIEW("203.0.113.1"), &ip));
	CHECK(!ip_is_private(&ip));
}

static void json_rows(void)
{
	tap_case("nested values, escapes and broken UTF-8");
	BUF_AUTO struct buf out;
	buf_init(&out, 1000);
	struct json json;
	json_init(&json, &out);
	json_object(&json);
	json_key_int(&json, "v", 1);
	json_key_array(&json, "list");
	json_view(&json, VIEW("a\"\\\n\x01\xff"));
	json_object(&json);
	json_end(&json);
	json_null(&json);
	json_end(&json);
	json_key_bool(&json, "yes", true);
	json_key_time(&json, "at", 0);
	json_end(&json);
	CHECK_VIEW(buf_view(&out), "{\"v\":1,\"list\":[\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\",{},null],\"yes\":true,"
				   "\"at\":\"1970-01-01T00:00:00Z\"}");
}

static void map_rows(void)
{
	tap_case("10,000 keys, found again with and without case");
	struct arena arena = { 0 };
	struct map map;
	map_init(&map, &arena, 42, true);
	for (int i = 0; i < 10000; i++) {
		struct view key = view_str(arena_printf(&arena, "Key%d", i));
		*map_put(&map, key) = arena_printf(&arena, "%d", i);
	}
	CHECK_INT(map.n, 10000);
	CHECK_STR((const char *)map_get(&map, VIEW("kEY777")), "777");
	CHECK(map_get(&map, VIEW("key10000")) == NULL);
	arena_done(&arena);
}

static void cur_rows(void)
{
	tap_case("a fault is sticky and keeps its place");
	struct cur cur = cur_of(VIEW("ab\n12x"));
	CHECK(cur_try_case(&cur, VIEW("AB\n")));
	CHECK_INT(cur_need_uint(&cur, 99), 12);
	CHECK(!cur_need(&cur, ';'));
	CHECK(!cur_try(&cur, 'x'));
	unsigned line, column;
	cur_place(&cur, &line, &column);
	CHECK_INT(line, 2);
	CHECK_INT(column, 3);
	CHECK(!cur_done(&cur));
}

static void view_rows(void)
{
	tap_case("cut walks all pieces, empty ones too");
	struct view rest = VIEW("a,,b,");
	int pieces = 0;
	while (rest.p != NULL) {
		(void)view_cut(&rest, ',');
		pieces++;
	}
	CHECK_INT(pieces, 4);
	tap_case("lines end in LF or CRLF, the last may lack it");
	struct view text = VIEW("one\r\ntwo\n\nthree\r"), line;
	CHECK(view_next_line(&text, &line));
	CHECK_VIEW(line, "one");
	CHECK(view_next_line(&text, &line));
	CHECK_VIEW(line, "two");
	CHECK(view_next_line(&text, &line));
	CHECK_VIEW(line, "");
	CHECK(view_next_line(&text, &line));
	CHECK_VIEW(line, "three\r");
	CHECK(!view_next_line(&text, &line));
	tap_case("slices outside are empty");
	CHECK_INT(view_slice(VIEW("abc"), 5, 2).n, 0);
	CHECK_VIEW(view_slice(VIEW("abc"), 1, 99), "bc");
	tap_case("UTF-8 validity");
	CHECK(utf8_valid(VIEW("\xf0\x9f\x93\xae")));
	CHECK(!utf8_valid(VIEW("\xc0\x80")));
	CHECK(!utf8_valid(VIEW("\xed\xa0\x80")));
	CHECK(!utf8_valid(VIEW("\xf4\x90\x80\x80")));
	CHECK(!utf8_valid(VIEW("\xe2\x82")));
}

int main(void)
{
	base64_rows();
	show_rows();
	time_rows();
	ip_rows();
	json_rows();
	map_rows();
	cur_rows();
	view_rows();
	return tap_done();
}
