#include "dns_rr.h"
#include "tap.h"

#define ROW(what, type, wire, err, text)                                                                               \
	{                                                                                                              \
		what, type, VIEW_INIT(wire), err, text                                                                 \
	}

static const struct {
	const char *what;
	uint16_t type;
	struct view wire;
	enum err err;
	const char *text;
} rows[] = {
	ROW("A (RFC 1035 3.4.1)", DNS_A, "\300\0\2\1", ERR_OK, "192.0.2.1"),
	ROW("A of three octets", DNS_A, "\300\0\2", ERR_SYNTAX, NULL),
	ROW("A of five octets", DNS_A, "\300\0\2\1\1", ERR_SYNTAX, NULL),
	ROW("AAAA (RFC 3596 2.2)", DNS_AAAA, "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", ERR_OK, "2001:db8::1"),
	ROW("AAAA of four octets", DNS_AAAA, "\40\1\15\270", ERR_SYNTAX, NULL),
	ROW("MX (RFC 1035 3.3.9)", DNS_MX, "\0\12\2mx\0", ERR_OK, "10 mx."),
	ROW("null MX (RFC 7505)", DNS_MX, "\0\0\0", ERR_OK, "0 ."),
	ROW("MX without a host", DNS_MX, "\0\12", ERR_SYNTAX, NULL),
	ROW("MX with octets behind it", DNS_MX, "\0\12\2mx\0x", ERR_SYNTAX, NULL),
	ROW("CNAME", DNS_CNAME, "\1a\1b\0", ERR_OK, "a.b."),
	ROW("CNAME that is cut", DNS_CNAME, "\1a\1", ERR_SYNTAX, NULL),
	ROW("CNAME of nothing", DNS_CNAME, "", ERR_SYNTAX, NULL),
	ROW("TXT", DNS_TXT, "\6v=spf1", ERR_OK, "\"v=spf1\""),
	ROW("TXT of two strings", DNS_TXT, "\2ab\0\1\"", ERR_OK, "\"ab\" \"\" \"\\\"\""),
	ROW("TXT with any octets", DNS_TXT, "\3\0\377\\", ERR_OK, "\"\\000\\255\\\\\""),
	ROW("TXT without a string (RFC 1035 3.3.14: one or more)", DNS_TXT, "", ERR_SYNTAX, NULL),
	ROW("TXT whose string runs over", DNS_TXT, "\3ab", ERR_SYNTAX, NULL),
	ROW("SOA", DNS_SOA, "\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\377\377\377\377", ERR_OK,
	    "a. b. 1 2 3 4 4294967295"),
	ROW("SOA that is cut", DNS_SOA, "\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", ERR_SYNTAX, NULL),
	ROW("SRV (RFC 2782)", DNS_SRV, "\0\1\0\2\2\113\1a\0", ERR_OK, "1 2 587 a."),
	ROW("TLSA (RFC 6698)", DNS_TLSA, "\3\1\1\253\315", ERR_OK, "3 1 1 abcd"),
	ROW("TLSA of two octets", DNS_TLSA, "\3\1", ERR_SYNTAX, NULL),
	ROW("an unknown type (RFC 3597 5)", 65280, "\1\2", ERR_OK, "\\# 2 0102"),
};

static void test_txt_limits(struct arena *arena)
{
	static char zeros[65536];
	struct dns_rr rr;
	tap_case("256 strings are taken, 257 are not");
	CHECK_INT(dns_rr_of_wire(arena, DNS_TXT, 1, view_of(zeros, 256), &rr, NULL), ERR_OK);
	CHECK_INT(rr.txt.n, 256);
	CHECK_INT(dns_rr_of_wire(arena, DNS_TXT, 1, view_of(zeros, 257), &rr, NULL), ERR_LIMIT);

	tap_case("65,535 empty strings cost nothing");
	size_t before = arena->used;
	CHECK_INT(dns_rr_of_wire(arena, DNS_TXT, 1, view_of(zeros, 65535), &rr, NULL), ERR_LIMIT);
	CHECK(arena->used == before);

	tap_case("strings are joined without a blank");
	CHECK_INT(dns_rr_of_wire(arena, DNS_TXT, 1, VIEW("\2ab\3 cd"), &rr, NULL), ERR_OK);
	CHECK_VIEW(rr.txt.joined, "ab cd");
}

static void test_types(void)
{
	tap_case("types by name and by number");
	uint16_t type = 0;
	CHECK(dns_type_parse(VIEW("tlsa"), &type) && type == DNS_TLSA);
	CHECK(dns_type_parse(VIEW("TYPE99"), &type) && type == DNS_SPF);
	CHECK(!dns_type_parse(VIEW("TYPE65536"), &type));
	CHECK(!dns_type_parse(VIEW("BOGUS"), &type));
	CHECK_STR(DNS_TYPE_SHOW(DNS_MX), "MX");
	CHECK_STR(DNS_TYPE_SHOW(65280), "TYPE65280");
}

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct dns_rr rr;
		CHECK_INT(dns_rr_of_wire(&arena, rows[i].type, 300, rows[i].wire, &rr, NULL), rows[i].err);
		if (rows[i].err != ERR_OK)
			continue;
		BUF_AUTO struct buf text;
		buf_init(&text, 1000);
		struct dns_rr copy = dns_rr_copy(&arena, &rr);
		dns_rr_write(&copy, &text);
		CHECK_VIEW(buf_view(&text), rows[i].text);
		CHECK(dns_rr_eq(&rr, &copy));
		buf_reset(&text);
		dns_rr_put_wire(&rr, &text);
		CHECK_BYTES(buf_view(&text), rows[i].wire);
	}
	test_txt_limits(&arena);
	test_types();
	arena_done(&arena);
	return tap_done();
}
