#include "spf_record.h"
#include "tap.h"

static const struct {
	const char *what, *in;
} good[] = {
	{ "4.5: the version alone", "v=spf1" },
	{ "4.5: version in capitals", "V=SPF1 -all" },
	{ "4.6.1: several spaces, also at the end", "v=spf1   a    -all  " },
	{ "4.6.2: all qualifiers", "v=spf1 +a -mx ~ptr ?all" },
	{ "4.6.1: names without case", "v=spf1 IP4:192.0.2.1 Include:example.com -ALL" },
	{ "5.3: prefix lengths", "v=spf1 a/24 a//64 a/24//64 a:example.com/0//0 mx/32//128 -all" },
	{ "5.6: networks",
	  "v=spf1 ip4:192.0.2.0/24 ip4:0.0.0.0/0 ip6:2001:db8::/32 ip6:::/0 ip6:::1 ip6:::ffff:1.2.3.4 -all" },
	{ "7.1: a domain that ends in a macro", "v=spf1 exists:%{i} a:foo.%{d}/24 a:x%% -all" },
	{ "7.1: toplabels", "v=spf1 a:example.c1 a:example.1c a:e.xn--zckzah a:e.1-2 a:e.com. -all" },
	{ "7.1: any visible octet before the toplabel", "v=spf1 a:foo:bar/baz!=$.example.com a:a..b.com a:.com -all" },
	{ "6: an unknown modifier", "v=spf1 moo.cow-far_out=man:dog/cat -all" },
	{ "6: an unknown modifier without value", "v=spf1 x= -all" },
	{ "6: a mechanism's name as a modifier", "v=spf1 a=b all=c -all" },
	{ "6: unknown modifiers may repeat", "v=spf1 x=1 x=2 -all" },
	{ "6: modifiers anywhere", "v=spf1 redirect=a.example.com exp=b.example.com" },
	{ "6: default= of old", "v=spf1 default=pass -all" },
	{ "5.1: terms behind all", "v=spf1 -all a mx +all" },
};

static const struct {
	const char *what, *in;
	unsigned column;
	const char *why;
} bad[] = {
	{ "4.6: unknown mechanism", "v=spf1 foo -all", 8, "unknown mechanism 'foo'" },
	{ "4.6: an error behind all", "v=spf1 -all foo", 13, "unknown mechanism 'foo'" },
	{ "4.6: dots are no mechanism", "v=spf1 -all.", 8, "unknown mechanism '-all.'" },
	{ "4.6.1: tab", "v=spf1 a\tmx -all", 8, NULL },
	{ "4.6.2: qualifier alone", "v=spf1 -", 8, NULL },
	{ "4.6.2: two qualifiers", "v=spf1 --all", 8, NULL },
	{ "5.1: all with a value", "v=spf1 -all:foobar", 8, "'all' takes no value" },
	{ "5.1: all with a prefix", "v=spf1 all/8", 8, "'all' takes no value" },
	{ "5.2: include alone", "v=spf1 include -all", 8, "'include' lacks its domain" },
	{ "5.2: include of nothing", "v=spf1 include: -all", 8, "'include:' lacks its domain" },
	{ "5.2: include with a prefix", "v=spf1 include:ip5.example.com/24 -all", 8, NULL },
	{ "5.3: a of nothing", "v=spf1 a: -all", 8, "'a:' lacks its domain" },
	{ "5.3: a of a prefix", "v=spf1 a:/24", 8, NULL },
	{ "5.3: prefix of 33", "v=spf1 a/33", 8, "'/33' is no prefix length of IPv4 (0 to 32)" },
	{ "5.3: prefix with a zero", "v=spf1 a/08", 8, NULL },
	{ "5.3: no digits", "v=spf1 a/", 8, NULL },
	{ "5.3: IPv6 prefix of 129", "v=spf1 a//129", 8, "'//129' is no prefix length of IPv6 (//0 to //128)" },
	{ "5.3: single slash twice", "v=spf1 a/24/64", 8, NULL },
	{ "5.3: IPv6 before IPv4", "v=spf1 a//64/24", 8, NULL },
	{ "5.4: mx of a prefix out of range", "v=spf1 mx:example.com/99", 8, NULL },
	{ "5.5: ptr of nothing", "v=spf1 ptr: -all", 8, NULL },
	{ "5.5: ptr with a prefix", "v=spf1 ptr/0 -all", 8, NULL },
	{ "5.6: ip4 alone", "v=spf1 ip4 -all", 8, "'ip4' lacks its network" },
	{ "5.6: three octets", "v=spf1 ip4:192.0.2 -all", 8, "'192.0.2' is no IPv4 network" },
	{ "5.6: octet of 256", "v=spf1 ip4:192.0.2.256 -all", 8, NULL },
	{ "5.6: octet with a zero", "v=spf1 ip4:192.0.02.1 -all", 8, NULL },
	{ "5.6: port", "v=spf1 ip4:192.0.2.1:25 -all", 8, NULL },
	{ "5.6: prefix of 33", "v=spf1 ip4:192.0.2.1/33 -all", 8, NULL },
	{ "5.6: prefix with a zero", "v=spf1 ip4:192.0.2.1/032 -all", 8, NULL },
	{ "5.6: empty prefix", "v=spf1 ip4:192.0.2.1/ -all", 8, NULL },
	{ "5.6: double slash", "v=spf1 ip4:192.0.2.1//32 -all", 8, NULL },
	{ "5.6: ip6 of IPv4", "v=spf1 ip6:192.0.2.1 -all", 8, "'192.0.2.1' is no IPv6 network" },
	{ "5.6: ip4 of IPv6", "v=spf1 ip4:::1 -all", 8, NULL },
	{ "5.6: ip6 of words", "v=spf1 ip6:moo -all", 8, NULL },
	{ "5.6: ip6 prefix of 129", "v=spf1 ip6:::1/129 -all", 8, NULL },
	{ "5.6: ip6 with double slash", "v=spf1 ip6:::1//33 -all", 8, NULL },
	{ "5.7: exists alone", "v=spf1 exists -all", 8, NULL },
	{ "5.7: exists of nothing", "v=spf1 exists: -all", 8, NULL },
	{ "5.7: exists with a prefix", "v=spf1 exists:a.example.com/8 -all", 8, NULL },
	{ "6: redirect of nothing", "v=spf1 redirect=", 8, NULL },
	{ "6: redirect as a mechanism", "v=spf1 redirect:example.com", 8, "unknown mechanism 'redirect:example.com'" },
	{ "6: a qualifier before a modifier", "v=spf1 +redirect=example.com", 8, NULL },
	{ "6: redirect twice", "v=spf1 redirect=a.test redirect=b.test", 24, "'redirect=' stands there twice" },
	{ "6: exp twice", "v=spf1 exp=a.test EXP=b.test -all", 19, "'exp=' stands there twice" },
	{ "6.2: exp of nothing", "v=spf1 exp= -all", 8, NULL },
	{ "6.2: exp of a bad macro", "v=spf1 exp=%{x}.test -all", 8, NULL },
	{ "6: a modifier without name", "v=spf1 =x -all", 8, NULL },
	{ "6: a modifier's name starts with a letter", "v=spf1 1x=y -all", 8, NULL },
	{ "6: a modifier's name has no such octet", "v=spf1 x!=y -all", 8, NULL },
	{ "6: macros of unknown modifiers are read too", "v=spf1 moo=%{a -all", 8, NULL },
	{ "7.1: domain without a dot", "v=spf1 a:museum -all", 8, "'museum' is no domain (it has no dot)" },
	{ "7.1: domain without a dot, with one at its end", "v=spf1 a:museum. -all", 8, NULL },
	{ "7.1: toplabel of digits", "v=spf1 a:111.222.33.44 -all", 8, "'111.222.33.44' does not end like a domain" },
	{ "7.1: toplabel that ends in a hyphen", "v=spf1 a:example.com-- -all", 8, NULL },
	{ "7.1: toplabel that starts with a hyphen", "v=spf1 a:example.-com -all", 8, NULL },
	{ "7.1: toplabel with an underscore", "v=spf1 a:example.c_m -all", 8, NULL },
	{ "7.1: empty toplabel", "v=spf1 a:example.. -all", 8, NULL },
	{ "7.1: text behind the last macro", "v=spf1 a:x.%{d}y -all", 8, NULL },
	{ "7.1: dot behind the last macro", "v=spf1 a:%{d}. -all", 8, NULL },
	{ "7.2: c only in explanations", "v=spf1 a:%{c}.test -all", 8, NULL },
	{ "3.1: 8 bits", "v=spf1 a:\xc3\xbc.test -all", 8, NULL },
	{ "3.1: 8 bits in a modifier", "v=spf1 x=\xc3\xbc -all", 8, NULL },
	{ "3.1: DEL", "v=spf1 a:\x7f.test -all", 8, NULL },
};

static void test_fields(struct arena *arena)
{
	struct spf_record record;
	tap_case("what the terms hold");
	CHECK_INT(spf_record_parse(arena, VIEW("v=spf1 ~a:x.test/24//48 ip6:2001:db8::/32 redirect=y.%{d}"), &record,
				   NULL),
		  ERR_OK);
	CHECK_INT(record.n, 3);
	CHECK_INT(record.terms[0].kind, SPF_A);
	CHECK_INT(record.terms[0].qualifier, '~');
	CHECK_VIEW(record.terms[0].spec, "x.test");
	CHECK_INT(record.terms[0].bits4, 24);
	CHECK_INT(record.terms[0].bits6, 48);
	CHECK_INT(record.terms[1].bits6, 32);
	CHECK(record.redirect == &record.terms[2]);
	CHECK(record.redirect->macros && !record.terms[0].macros);
	CHECK(record.exp == NULL);
	tap_case("all faults are kept");
	CHECK_INT(spf_record_parse(arena, VIEW("v=spf1 foo a bar:x redirect= -all"), &record, NULL), ERR_SYNTAX);
	CHECK_INT(record.faults.n, 3);
	CHECK_INT(record.n, 2);
	CHECK_INT(record.faults.at[1].column, 14);
}

static void test_version(void)
{
	static const struct {
		const char *in;
		bool is;
	} rows[] = { { "v=spf1", true },      { "v=spf1 ", true },       { "V=SpF1 -all", true }, { "v=spf10", false },
		     { "v=spf1\t", false },   { " v=spf1 -all", false }, { "v=spf", false },      { "", false },
		     { "v=spf1-all", false }, { "v = spf1", false } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("4.5: version '%s'", rows[i].in);
		CHECK_INT(spf_record_is(view_str(rows[i].in)), rows[i].is);
	}
}

int main(void)
{
	struct arena arena = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		tap_case("RFC 7208 %s", good[i].what);
		struct spf_record record;
		struct diag why = { "", 0, 0 };
		CHECK_INT(spf_record_parse(&arena, view_str(good[i].in), &record, &why), ERR_OK);
		CHECK_STR(why.text, "");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		tap_case("RFC 7208 %s", bad[i].what);
		struct spf_record record;
		struct diag why = { "", 0, 0 };
		CHECK_INT(spf_record_parse(&arena, view_str(bad[i].in), &record, &why), ERR_SYNTAX);
		CHECK_INT(why.column, bad[i].column);
		if (bad[i].why != NULL)
			CHECK_STR(why.text, bad[i].why);
	}
	test_fields(&arena);
	test_version();
	arena_done(&arena);
	return tap_done();
}
