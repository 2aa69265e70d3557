#include <stdlib.h>

#include "dns_table.h"
#include "resolve_zone.h"
#include "tap.h"

static const char zone_text[] = "$ORIGIN example.org.\n"
				"$TTL 1h\n"
				"@ IN SOA ns.example.org. hostmaster ( 1 ; serial\n"
				"      2h 15m 2w 5m )\n"
				"      NS ns\n"
				"      NS ns.example.net.\n"
				"      MX 10 mx1\n"
				"      0 IN MX 20 mx2.example.net. ; a ttl of its own\n"
				"      TXT \"v=spf1 mx\" \" -all\"\n"
				"ns    IN 60 A 192.0.2.53\n"
				"MX1   A 192.0.2.1\n"
				"      AAAA 2001:DB8::1\n"
				"alias CNAME mx1\n"
				"out   CNAME www.example.com.\n"
				"far   CNAME www.elsewhere.test.\n"
				"loop1 CNAME loop2\n"
				"loop2 CNAME loop1\n"
				"self  CNAME self\n"
				"a.b.c TXT deep\n"
				"*.w   TXT wild\n"
				"*.w   MX 5 mx1\n"
				"there.w A 192.0.2.7\n"
				"below.here.w A 192.0.2.8\n"
				"*.cn  CNAME mx1\n"
				"sub   NS ns.sub\n"
				"ns.sub A 192.0.2.54\n"
				"secret.sub TXT no\n"
				"esc\\.aped TXT \"q\\\"uote\" back\\\\slash \\065\\066 semi\\;colon\n"
				"raw   TYPE65280 \\# 4 0A000001\n"
				"rawa  A \\# 4 C0000201\n"
				"caa   CAA 0 issue \"ca.example.net\"\n"
				"_25._tcp.mx1 TLSA 3 1 1 ( 00ff\n  AA )\n"
				"_s._tcp SRV 0 5 587 mx1\n"
				"old   DNAME example.com.\n"
				"key   DNSKEY 257 3 8 AwEAAag=\n"
				"sec   NSEC a.example.org. A MX\n"
				"loc   LOC 51 30 12.748 N 0 7 39.612 W 0.00m\n"
				"same  A 192.0.2.9\n"
				"SAME  A 192.0.2.9\n"
				"$GENERATE 1-3 host$ A 192.0.2.${100}\n"
				"$GENERATE 0-20/10 n${1,3,x} TXT \"is $ or \\$\"\n"
				"$ORIGIN example.com.\n"
				"@ SOA . . 1 1 1 1 60\n"
				"www A 198.51.100.1\n"
				"$ORIGIN sub\n"
				"x A 198.51.100.2\n";

static const struct {
	const char *what, *name;
	uint16_t type;
	enum dns_status status;
	size_t n;
	const char *data; /* of the first record */
} rows[] = {
	{ "RFC 1035 5.1: parentheses and comments", "example.org", DNS_SOA, DNS_OK, 1,
	  "ns.example.org. hostmaster.example.org. 1 7200 900 1209600 300" },
	{ "RFC 1035 5.1: a blank repeats the owner", "example.org", DNS_MX, DNS_OK, 2, "10 mx1.example.org." },
	{ "several strings", "example.org", DNS_TXT, DNS_OK, 1, "\"v=spf1 mx\" \" -all\"" },
	{ "RFC 1034 3.1: no case", "eXample.ORG", DNS_NS, DNS_OK, 2, "ns.example.org." },
	{ "class before ttl", "ns.example.org", DNS_A, DNS_OK, 1, "192.0.2.53" },
	{ "IPv6", "mx1.example.org", DNS_AAAA, DNS_OK, 1, "2001:db8::1" },
	{ "RFC 1034 3.6.2: CNAME", "alias.example.org", DNS_A, DNS_OK, 1, "192.0.2.1" },
	{ "CNAME asked for", "alias.example.org", DNS_CNAME, DNS_OK, 1, "mx1.example.org." },
	{ "CNAME whose target lacks the type", "alias.example.org", DNS_TXT, DNS_NODATA, 0, NULL },
	{ "CNAME into another zone", "out.example.org", DNS_A, DNS_OK, 1, "198.51.100.1" },
	{ "CNAME out of all zones", "far.example.org", DNS_A, DNS_NXDOMAIN, 0, NULL },
	{ "a CNAME loop is no answer", "loop1.example.org", DNS_A, DNS_TEMP, 0, NULL },
	{ "a CNAME to itself", "self.example.org", DNS_A, DNS_TEMP, 0, NULL },
	{ "RFC 8020: empty non-terminal", "c.example.org", DNS_TXT, DNS_NODATA, 0, NULL },
	{ "RFC 8020: empty non-terminal below", "b.c.example.org", DNS_A, DNS_NODATA, 0, NULL },
	{ "no such name", "nothing.example.org", DNS_A, DNS_NXDOMAIN, 0, NULL },
	{ "outside all zones", "example.net", DNS_A, DNS_NXDOMAIN, 0, NULL },
	{ "RFC 4592: wildcard", "any.w.example.org", DNS_TXT, DNS_OK, 1, "\"wild\"" },
	{ "RFC 4592: wildcard over several labels", "x.y.w.example.org", DNS_MX, DNS_OK, 1, "5 mx1.example.org." },
	{ "RFC 4592: wildcard without the type", "any.w.example.org", DNS_A, DNS_NODATA, 0, NULL },
	{ "RFC 4592 2.2.1: a name that is there hides it", "there.w.example.org", DNS_TXT, DNS_NODATA, 0, NULL },
	{ "RFC 4592 3.3.1: so does an empty non-terminal", "x.here.w.example.org", DNS_TXT, DNS_NXDOMAIN, 0, NULL },
	{ "RFC 4592: the wildcard's parent is not it", "w.example.org", DNS_TXT, DNS_NODATA, 0, NULL },
	{ "RFC 4592: the asterisk itself", "*.w.example.org", DNS_TXT, DNS_OK, 1, "\"wild\"" },
	{ "RFC 4592 3.3.3: wildcard CNAME", "any.cn.example.org", DNS_A, DNS_OK, 1, "192.0.2.1" },
	{ "RFC 1034 4.2.1: glue", "ns.sub.example.org", DNS_A, DNS_OK, 1, "192.0.2.54" },
	{ "RFC 1034 4.2.1: data behind a cut is not ours", "secret.sub.example.org", DNS_TXT, DNS_NXDOMAIN, 0, NULL },
	{ "RFC 1034 4.2.1: the cut's NS", "sub.example.org", DNS_NS, DNS_OK, 1, "ns.sub.example.org." },
	{ "RFC 1035 5.1: escapes", "esc\\.aped.example.org", DNS_TXT, DNS_OK, 1,
	  "\"q\\\"uote\" \"back\\\\slash\" \"AB\" \"semi;colon\"" },
	{ "RFC 3597: unknown type", "raw.example.org", 65280, DNS_OK, 1, "\\# 4 0a000001" },
	{ "RFC 3597: known type in unknown form", "rawa.example.org", DNS_A, DNS_OK, 1, "192.0.2.1" },
	{ "CAA", "caa.example.org", DNS_CAA, DNS_OK, 1, NULL },
	{ "TLSA over two lines", "_25._tcp.mx1.example.org", DNS_TLSA, DNS_OK, 1, NULL },
	{ "SRV", "_s._tcp.example.org", DNS_SRV, DNS_OK, 1, "0 5 587 mx1.example.org." },
	{ "RFC 6672: DNAME", "www.old.example.org", DNS_A, DNS_OK, 1, "198.51.100.1" },
	{ "a type that ldns reads: NSEC", "sec.example.org", DNS_NSEC, DNS_OK, 1, NULL },
	{ "a type that ldns reads: LOC", "loc.example.org", 29, DNS_OK, 1, NULL },
	{ "RFC 2181 5: a record stands once", "same.example.org", DNS_A, DNS_OK, 1, "192.0.2.9" },
	{ "$GENERATE", "host2.example.org", DNS_A, DNS_OK, 1, "192.0.2.102" },
	{ "$GENERATE with step, offset, width, base", "n00b.example.org", DNS_TXT, DNS_OK, 1, "\"is 10 or $\"" },
	{ "$ORIGIN relative to the one before", "x.sub.example.com", DNS_A, DNS_OK, 1, "198.51.100.2" },
};

static struct dname name_of(struct arena *arena, const char *text)
{
	struct dname name = dname_root();
	CHECK_INT(dname_parse(arena, view_str(text), &name, NULL), ERR_OK);
	return name;
}

static void check_row(struct arena *arena, struct dns_resolver *resolver, size_t i)
{
	tap_case("%s", rows[i].what);
	struct dns_answer answer;
	enum dns_status status = dns_query(resolver, arena, dns_question_of(name_of(arena, rows[i].name), rows[i].type),
					   &answer);
	CHECK_STR(dns_status_name(status), dns_status_name(rows[i].status));
	CHECK_INT(answer.n, rows[i].n);
	if (rows[i].data == NULL || answer.n == 0)
		return;
	BUF_AUTO struct buf text;
	buf_init(&text, 1000);
	dns_rr_write(&answer.rr[0], &text);
	CHECK_VIEW(buf_view(&text), rows[i].data);
}

static void test_answers(struct arena *arena)
{
	struct resolve_zone *zone = resolve_zone_new(NULL);
	struct diag why = { "", 0, 0 };
	tap_case("the zone is without fault");
	CHECK_INT(resolve_zone_load_text(zone, "z", view_str(zone_text), &why), ERR_OK);
	CHECK_STR(why.text, "");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(arena, resolve_zone_resolver(zone), i);
	tap_case("apex of a name");
	struct dname apex = dname_root();
	CHECK(resolve_zone_apex(zone, name_of(arena, "a.b.example.com"), &apex));
	CHECK_STR(DNAME_SHOW(apex), "example.com");
	CHECK(!resolve_zone_apex(zone, name_of(arena, "example.net"), &apex));
	resolve_zone_close(&zone);
}

static const struct {
	const char *text;
	unsigned line;
	const char *why;
} bad[] = {
	{ "a.test. A 192.0.2.256\n", 1, "'192.0.2.256' is no IPv4 address" },
	{ "\n; x\na.test. A\n", 3, "the record's data is too short" },
	{ "a.test. MX mx.test.\n", 1, "'mx.test.' is no number up to 65535" },
	{ "a.test. MX 10 mx.test. 20\n", 1, "'20' is one word too many for MX" },
	{ "a.test. BLA x\n", 1, "'BLA' is no record type" },
	{ "a.test. CH TXT x\n", 1, "only class IN is known" },
	{ "  A 192.0.2.1\n", 1, "the first record has no owner" },
	{ "a.test. TXT \"open\n", 1, "a string without its closing quotation mark" },
	{ "a.test. TXT ( \"open\"\n", 1, "a '(' without its ')'" },
	{ "a.test. TXT ) x\n", 1, "a ')' without its '('" },
	{ "a.test. TXT\n", 1, "the record has no text" },
	{ "a..test. A 192.0.2.1\n", 1, "the name 'a..test.' has an empty label" },
	{ "$FOO x\n", 1, "unknown directive '$FOO'" },
	{ "$TTL soon\n", 1, "$TTL wants one time (3600 or 1h)" },
	{ "$ORIGIN\n", 1, "$ORIGIN wants one name" },
	{ "$GENERATE 1-x a$ A 192.0.2.1\n", 1,
	  "$GENERATE wants FROM-TO[/STEP] (at most 65536 records), owner, type and data" },
	{ "$GENERATE 1-99999999 a$ A 192.0.2.1\n", 1,
	  "$GENERATE wants FROM-TO[/STEP] (at most 65536 records), owner, type and data" },
	{ "$GENERATE 1-2 a${x} A 192.0.2.1\n", 1,
	  "a '$' in $GENERATE that cannot be replaced (${OFFSET,WIDTH,d|o|x|X})" },
	{ "$INCLUDE /nonexistent/zone\n", 1, NULL },
	{ "a.test. TYPE1000 \\# 3 0102\n", 1, "\\# says 3 octets, there are 2" },
	{ "a.test. TXT \\999\n", 1, "'\\\\999' is no string (bad escape; \\DDD wants three digits up to 255)" },
};

static void test_faults(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("bad line %zu: %s", i, bad[i].why != NULL ? bad[i].why : "(system's)");
		struct resolve_zone *zone = resolve_zone_new(NULL);
		struct diag why;
		CHECK_INT(resolve_zone_load_text(zone, "z", view_str(bad[i].text), &why), ERR_SYNTAX);
		size_t n;
		const struct resolve_zone_fault *faults = resolve_zone_faults(zone, &n);
		CHECK_INT(n, 1);
		CHECK_INT(faults[0].line, bad[i].line);
		if (bad[i].why != NULL)
			CHECK_STR(faults[0].text, bad[i].why);
		resolve_zone_close(&zone);
	}
	tap_case("all bad lines are told, good ones between are taken");
	struct resolve_zone *zone = resolve_zone_new(NULL);
	struct diag why;
	CHECK_INT(resolve_zone_load_text(zone, "dir/z", VIEW("x.test. A 1\ny.test. A 192.0.2.1\nz.test. A 2\n"), &why),
		  ERR_SYNTAX);
	CHECK_STR(why.text, "dir/z:1: '1' is no IPv4 address (and 1 more bad line)");
	size_t n;
	(void)resolve_zone_records(zone, &n);
	CHECK_INT(n, 1);
	resolve_zone_close(&zone);
}

static void test_flags(void)
{
	static const struct {
		const char *line;
		unsigned flags;
	} lines[] = {
		{ "a.test. TXT \"v=spf1 -all\"\n", 0 },
		{ "a.test. TXT one\n", ZONE_TXT_UNQUOTED },
		{ "a.test. TXT v=DKIM1; k=rsa; p=AB\n", ZONE_TXT_UNQUOTED | ZONE_TXT_CUT },
		{ "a.test. TXT v=DKIM1 ; k=rsa; p=AB\n", ZONE_TXT_UNQUOTED | ZONE_TXT_CUT },
		{ "a.test. TXT v=DKIM1 ; a comment\n", ZONE_TXT_UNQUOTED },
		{ "a.test. MX 10 mx.a.test\n", ZONE_RELATIVE },
		{ "a.test A 192.0.2.1\n", ZONE_OWNER_RELATIVE },
		{ "a.test. MX 10 mx\n", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		tap_case("what the source says: %s", lines[i].line);
		struct resolve_zone *zone = resolve_zone_new(NULL);
		CHECK_INT(resolve_zone_load_text(zone, "z", view_str(lines[i].line), NULL), ERR_OK);
		size_t n;
		struct resolve_zone_record *const *records = resolve_zone_records(zone, &n);
		CHECK_INT(n, 1);
		CHECK_INT(records[0]->flags, lines[i].flags);
		resolve_zone_close(&zone);
	}
}

static void test_files(struct arena *arena)
{
	tap_case("$INCLUDE beside the file, with an origin, which ends with it");
	struct resolve_zone *zone = resolve_zone_new(NULL);
	struct diag why = { "", 0, 0 };
	const char *path = arena_printf(arena, "%s/resolve_zone/include.zone", getenv("TEST_DATA"));
	CHECK_INT(resolve_zone_load(zone, path, &why), ERR_OK);
	CHECK_STR(why.text, "");
	struct dns_answer answer;
	static const char *const names[] = { "inner.sub.example.org", "after.example.org" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		CHECK_INT(dns_query(resolve_zone_resolver(zone), arena,
				    dns_question_of(name_of(arena, names[i]), DNS_A), &answer),
			  DNS_OK);
	tap_case("a file that includes itself");
	path = arena_printf(arena, "%s/resolve_zone/self.zone", getenv("TEST_DATA"));
	CHECK_INT(resolve_zone_load(zone, path, &why), ERR_SYNTAX);
	CHECK(strstr(why.text, "more than 8 deep") != NULL);
	resolve_zone_close(&zone);
	tap_case("a file that is not there");
	zone = resolve_zone_new(NULL);
	CHECK_INT(resolve_zone_load(zone, "/nonexistent/zone", &why), ERR_NO_INPUT);
	resolve_zone_close(&zone);
}

struct noted {
	struct dns_ask ask;
	enum dns_status status;
	size_t chain_n;
};

static void note(struct dns_ask *ask, const struct dns_answer *answer)
{
	struct noted *noted = (struct noted *)(void *)ask;
	noted->status = answer->status;
	noted->chain_n = answer->chain_n;
}

static void test_inner(struct arena *arena)
{
	struct dns_table table;
	dns_table_init(&table, arena, NULL);
	CHECK_INT(dns_table_load(&table, VIEW("www.elsewhere.test A 203.0.113.1\nslow.test *!timeout\n"), NULL),
		  ERR_OK);
	struct resolve_zone *zone = resolve_zone_new(&table.resolver);
	CHECK_INT(resolve_zone_load_text(zone, "z", view_str(zone_text), NULL), ERR_OK);
	static const struct {
		const char *name;
		enum dns_status status;
		size_t chain;
	} asked[] = { { "www.elsewhere.test", DNS_OK, 0 }, { "far.example.org", DNS_OK, 1 },
		      { "slow.test", DNS_TEMP, 0 },        { "nothing.example.org", DNS_NXDOMAIN, 0 },
		      { "nothing.test", DNS_NXDOMAIN, 0 }, { "ns.sub.example.org", DNS_OK, 0 } };
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		tap_case("before another resolver: %s", asked[i].name);
		struct dns_question question = dns_question_of(name_of(arena, asked[i].name), DNS_A);
		struct dns_answer answer;
		CHECK_INT(dns_query(resolve_zone_resolver(zone), arena, question, &answer), asked[i].status);
		CHECK_INT(answer.chain_n, asked[i].chain);
		struct noted noted = { .ask = { .done = note } };
		dns_ask(resolve_zone_resolver(zone), question, &noted.ask);
		CHECK_INT(noted.status, asked[i].status);
		CHECK_INT(noted.chain_n, asked[i].chain);
	}
	struct dns_resolver *resolver = resolve_zone_resolver(zone);
	dns_close(&resolver);
}

int main(void)
{
	struct arena arena = { 0 };
	test_answers(&arena);
	test_faults();
	test_flags();
	test_files(&arena);
	test_inner(&arena);
	arena_done(&arena);
	return tap_done();
}
