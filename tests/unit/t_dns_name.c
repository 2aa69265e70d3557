#include "base_show.h"
#include "dns_name.h"
#include "tap.h"

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
	const char *what;
	const char *in;
	enum err err;
	const char *text; /* NULL: as `in` */
	unsigned labels;
} rows[] = {
	{ "one label", "com", ERR_OK, NULL, 1 },
	{ "a usual name", "mail.example.org", ERR_OK, NULL, 3 },
	{ "trailing dot", "example.org.", ERR_OK, "example.org", 2 },
	{ "root", ".", ERR_OK, NULL, 0 },
	{ "case is kept", "ExAmple.ORG", ERR_OK, NULL, 2 },
	{ "underscores", "_dmarc.example.org", ERR_OK, NULL, 3 },
	{ "escaped dot (RFC 1035 5.1)", "a\\.b.example", ERR_OK, NULL, 2 },
	{ "decimal escape (RFC 1035 5.1)", "a\\032b.example", ERR_OK, NULL, 2 },
	{ "escape that was not needed", "\\e\\120ample", ERR_OK, "example", 1 },
	{ "escaped backslash", "a\\\\b", ERR_OK, NULL, 1 },
	{ "a NUL in a label (RFC 2181 11)", "a\\000b", ERR_OK, NULL, 1 },
	{ "empty", "", ERR_SYNTAX, NULL, 0 },
	{ "empty label", "a..b", ERR_SYNTAX, NULL, 0 },
	{ "leading dot", ".a", ERR_SYNTAX, NULL, 0 },
	{ "two trailing dots", "a..", ERR_SYNTAX, NULL, 0 },
	{ "cut escape", "a\\", ERR_SYNTAX, NULL, 0 },
	{ "cut decimal escape", "a\\03", ERR_SYNTAX, NULL, 0 },
	{ "decimal escape over 255", "a\\256", ERR_SYNTAX, NULL, 0 },
	{ "raw UTF-8 is no DNS text",
	  "b\xc3\xbc"
	  "cher.example",
	  ERR_SYNTAX, NULL, 0 },
	{ "63 octets in a label (RFC 1035 2.3.4)", L63 ".org", ERR_OK, NULL, 2 },
	{ "64 octets in a label", L63 "x.org", ERR_LIMIT, NULL, 0 },
	{ "255 octets (RFC 1035 2.3.4)",
	  L63 "." L63 "." L63 ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi", ERR_OK, NULL, 4 },
	{ "256 octets", L63 "." L63 "." L63 ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij",
	  ERR_LIMIT, NULL, 0 },
};

static const struct {
	const char *in, *ascii, *unicode;
	enum err err;
} idn[] = {
	{ "b\xc3\xbc"
	  "cher.example",
	  "xn--bcher-kva.example",
	  "b\xc3\xbc"
	  "cher.example",
	  ERR_OK },
	{ "B\xc3\x9c"
	  "CHER.example.",
	  "xn--bcher-kva.example",
	  "b\xc3\xbc"
	  "cher.example",
	  ERR_OK },
	{ "fa\xc3\x9f.de", "xn--fa-hia.de", "fa\xc3\x9f.de", ERR_OK },             /* non-transitional: not fass.de */
	{ "\xe4\xbe\x8b\xe3\x80\x82jp", "xn--fsq.jp", "\xe4\xbe\x8b.jp", ERR_OK }, /* ideographic full stop */
	{ "_dmarc.b\xc3\xbc"
	  "cher.example",
	  "_dmarc.xn--bcher-kva.example",
	  "_dmarc.b\xc3\xbc"
	  "cher.example",
	  ERR_OK },
	{ "  example.org \n", "example.org", "example.org", ERR_OK },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example",
	  "b\xc3\xbc"
	  "cher.example",
	  ERR_OK },
	{ "xn--\\*.example", "xn--*.example", "xn--*.example", ERR_OK },
	{ "\xff.example", NULL, NULL, ERR_SYNTAX },
	{ "\xc3\xbc..example", NULL, NULL, ERR_SYNTAX },
};

static const struct {
	const char *name;
	bool host;
} hosts[] = {
	{ "example.org", true }, { "1.example", true },   { "a-b.example", true }, { "-a.example", false },
	{ "a-.example", false }, { "_x.example", false }, { ".", false },          { "a\\032b.example", false },
};

static struct dname name_of(struct arena *arena, const char *text)
{
	struct dname name = dname_root();
	struct diag diag;
	CHECK_INT(dname_parse(arena, view_str(text), &name, &diag), ERR_OK);
	return name;
}

static void test_relations(struct arena *arena)
{
	tap_case("names compare without case");
	CHECK(dname_eq(name_of(arena, "EXAMPLE.org"), name_of(arena, "example.ORG.")));
	CHECK(dname_hash(name_of(arena, "EXAMPLE.org"), 1) == dname_hash(name_of(arena, "example.ORG."), 1));
	CHECK(!dname_eq(name_of(arena, "example.org"), name_of(arena, "example.com")));
	CHECK(!dname_eq(name_of(arena, "a\\.b.org"), name_of(arena, "a.b.org")));

	tap_case("below a zone");
	struct dname org = name_of(arena, "example.ORG");
	CHECK(dname_under(name_of(arena, "a.b.example.org"), org));
	CHECK(dname_under(org, org));
	CHECK(dname_under(org, dname_root()));
	CHECK(!dname_under(name_of(arena, "badexample.org"), org));
	CHECK(!dname_under(name_of(arena, "org"), org));

	tap_case("labels, suffixes, parents");
	struct dname name = name_of(arena, "a.bc.def");
	CHECK_VIEW(dname_label(name, 0), "a");
	CHECK_VIEW(dname_label(name, 2), "def");
	CHECK_STR(DNAME_SHOW(dname_parent(name)), "bc.def");
	CHECK_STR(DNAME_SHOW(dname_suffix(name, 1)), "def");
	CHECK_STR(DNAME_SHOW(dname_suffix(name, 0)), ".");
	CHECK_STR(DNAME_SHOW(dname_suffix(name, 9)), "a.bc.def");
	CHECK_STR(DNAME_SHOW(dname_parent(dname_root())), ".");

	tap_case("canonical order (the example of RFC 4034 6.1)");
	static const char *const order[] = { "example",         "a.example",      "yljkjljk.a.example",
					     "Z.a.example",     "zABC.a.EXAMPLE", "z.example",
					     "\\001.z.example", "*.z.example",    "\\200.z.example" };
	for (size_t i = 1; i < ARRAY_LEN(order); i++)
		CHECK(dname_cmp(name_of(arena, order[i - 1]), name_of(arena, order[i])) < 0);
}

static void test_made(struct arena *arena)
{
	struct dname out;
	tap_case("labels put in front");
	CHECK_INT(dname_prepend(arena, VIEW("sel._domainkey"), name_of(arena, "example.org"), &out, NULL), ERR_OK);
	CHECK_STR(DNAME_SHOW(out), "sel._domainkey.example.org");
	CHECK_INT(out.labels, 4);
	CHECK_INT(dname_prepend(arena, VIEW(L63 "." L63 "." L63), name_of(arena, L63 ".org"), &out, NULL), ERR_LIMIT);

	tap_case("plain text has no escapes");
	CHECK_INT(dname_parse_plain(arena, VIEW("a\\b.\xc3\xbc"), &out, NULL), ERR_OK);
	CHECK_STR(DNAME_SHOW(out), "a\\\\b.\\195\\188");

	tap_case("reversed addresses");
	struct ip_addr ip = { .family = IP_NONE };
	CHECK(ip_parse(VIEW("192.0.2.130"), &ip));
	CHECK_STR(DNAME_SHOW(dname_of_ip(arena, &ip)), "130.2.0.192.in-addr.arpa");
	CHECK_INT(dname_reversed(arena, &ip, name_of(arena, "bl.example"), &out, NULL), ERR_OK);
	CHECK_STR(DNAME_SHOW(out), "130.2.0.192.bl.example");
	CHECK(ip_parse(VIEW("2001:db8::567:89ab"), &ip));
	CHECK_STR(DNAME_SHOW(dname_of_ip(arena, &ip)), /* the example of RFC 3596 2.5, in our address */
		  "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
	CHECK_INT(dname_of_ip(arena, &ip).labels, 34);

	tap_case("from wire form");
	CHECK_INT(dname_of_wire(VIEW("\1a\2bc\0"), &out, NULL), ERR_OK);
	CHECK_STR(DNAME_SHOW(out), "a.bc");
	CHECK_INT(dname_of_wire(VIEW("\1a\2bc"), &out, NULL), ERR_SYNTAX);
	CHECK_INT(dname_of_wire(VIEW("\1a\0x"), &out, NULL), ERR_SYNTAX);
	CHECK_INT(dname_of_wire(VIEW("\xc0\0"), &out, NULL), ERR_SYNTAX);
	CHECK_INT(dname_of_wire(VIEW(""), &out, NULL), ERR_SYNTAX);
}

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct dname name = dname_root();
		struct diag diag = { .text = "" };
		CHECK_INT(dname_parse(&arena, view_str(rows[i].in), &name, &diag), rows[i].err);
		if (rows[i].err != ERR_OK) {
			CHECK(diag.text[0] != '\0');
			continue;
		}
		CHECK_STR(DNAME_SHOW(name), rows[i].text == NULL ? rows[i].in : rows[i].text);
		CHECK_INT(name.labels, rows[i].labels);
	}
	for (size_t i = 0; i < ARRAY_LEN(idn); i++) {
		tap_case("IDN row %zu", i);
		struct dname name = dname_root();
		CHECK_INT(dname_parse_idn(&arena, view_str(idn[i].in), &name, NULL), idn[i].err);
		if (idn[i].err == ERR_OK) {
			CHECK_STR(DNAME_SHOW(name), idn[i].ascii);
			CHECK_VIEW(dname_unicode(&arena, name), idn[i].unicode);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		tap_case("may %s be a host", hosts[i].name);
		CHECK_INT(dname_is_host(name_of(&arena, hosts[i].name)), hosts[i].host);
	}
	test_relations(&arena);
	test_made(&arena);
	arena_done(&arena);
	return tap_done();
}
