#include "dns.h"
#include "tap.h"

/* What people read when a look-up did not bring records. */
static const struct {
	const char *what;
	struct dns_answer answer;
	const char *text;
} rows[] = {
	{ "records", { .status = DNS_OK, .n = 2, .ede = -1 }, "example.org has 2 MX records" },
	{ "one record", { .status = DNS_OK, .n = 1, .ede = -1 }, "example.org has 1 MX record" },
	{ "no such type", { .status = DNS_NODATA, .ede = -1 }, "example.org has no MX record" },
	{ "no such name", { .status = DNS_NXDOMAIN, .ede = -1 }, "example.org does not exist" },
	{ "silence",
	  { .status = DNS_TEMP, .cause = DNS_CAUSE_TIMEOUT, .ede = -1, .server = VIEW_INIT("192.0.2.1:53") },
	  "example.org MX: no DNS answer in time, 192.0.2.1:53" },
	{ "SERVFAIL",
	  { .status = DNS_TEMP, .cause = DNS_CAUSE_SERVFAIL, .rcode = 2, .ede = -1 },
	  "example.org MX: the DNS server failed (SERVFAIL)" },
	{ "bogus, with the server's own words, which are a stranger's",
	  { .status = DNS_TEMP,
	    .cause = DNS_CAUSE_BOGUS,
	    .rcode = 2,
	    .ede = 7,
	    .ede_text = VIEW_INIT("expired\x1b[31m") },
	  "example.org MX: DNSSEC validation failed (bogus) [Signature Expired: expired\\x1b[31m]" },
	{ "an extended error that we do not know",
	  { .status = DNS_TEMP, .cause = DNS_CAUSE_REFUSED, .rcode = 5, .ede = 4711 },
	  "example.org MX: the DNS server refused to answer [extended error 4711]" },
	{ "a budget",
	  { .status = DNS_TEMP, .cause = DNS_CAUSE_LIMIT, .ede = -1 },
	  "example.org MX: the limit of DNS questions is used up" },
};

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	struct dname name = dname_root(), other = dname_root();
	CHECK_INT(dname_parse(&arena, VIEW("example.org"), &name, NULL), ERR_OK);
	CHECK_INT(dname_parse(&arena, VIEW("target.example"), &other, NULL), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("explained: %s", rows[i].what);
		BUF_AUTO struct buf text;
		buf_init(&text, 1000);
		dns_answer_explain(&rows[i].answer, dns_question_of(name, DNS_MX), &text);
		CHECK_VIEW(buf_view(&text), rows[i].text);
	}
	tap_case("explained: an alias to nowhere");
	BUF_AUTO struct buf text;
	buf_init(&text, 1000);
	struct dns_answer answer = dns_answer_none(other, DNS_NXDOMAIN);
	answer.chain = &name;
	answer.chain_n = 1;
	dns_answer_explain(&answer, dns_question_of(name, DNS_A), &text);
	CHECK_VIEW(buf_view(&text), "example.org does not exist (through CNAME to target.example)");

	tap_case("a copy owns all of it");
	struct dns_answer copy = dns_answer_copy(&arena, &answer);
	CHECK(copy.chain != answer.chain && dname_eq(copy.chain[0], name) && dname_eq(copy.canonical, other));

	tap_case("names of causes, codes, errors");
	CHECK_STR(dns_cause_name(DNS_CAUSE_PENDING), "pending");
	CHECK_STR(dns_status_name(DNS_TEMP), "temp");
	CHECK_STR(dns_rcode_name(16), "BADVERS");
	CHECK_STR(dns_ede_name(24), "Invalid Data");
	CHECK(dns_ede_name(25) == NULL && dns_ede_name(-1) == NULL);
	arena_done(&arena);
	return tap_done();
}
