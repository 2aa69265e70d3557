#include "base_env.h"
#include "dns_budget.h"
#include "dns_mx.h"
#include "dns_table.h"
#include "tap.h"

static const char records[] = "# a comment\n"
			      "example.org      MX   20 mx2.example.org\n"
			      "example.org      MX   10 mx1.example.org.\n"
			      "example.org      TXT  v=spf1 include:\"x\" -all\n"
			      "two.example.org  TXT  \"ab\" \" c\\\"d\"\n"
			      "mx1.example.org  A    192.0.2.1\n"
			      "mx1.example.org  AAAA 2001:db8::1\n"
			      "a.b.example.org  A    192.0.2.9\n"
			      "alias.example.org CNAME mx1.example.org\n"
			      "loop.example.org CNAME loop.example.org\n"
			      "null.example.org MX 0 .\n"
			      "slow.example.org *!timeout\n"
			      "half.example.org A 192.0.2.3\n"
			      "half.example.org AAAA!servfail\n"
			      "_25._tcp.mx1.example.org TLSA 3 1 1 00FF\n";

static const struct {
	const char *name;
	uint16_t type;
	enum dns_status status;
	enum dns_cause cause;
	size_t n;
} rows[] = {
	{ "EXAMPLE.org", DNS_MX, DNS_OK, 0, 2 },
	{ "example.org", DNS_TXT, DNS_OK, 0, 1 },
	{ "example.org", DNS_A, DNS_NODATA, 0, 0 },
	{ "b.example.org", DNS_A, DNS_NODATA, 0, 0 }, /* an empty non-terminal */
	{ "c.example.org", DNS_A, DNS_NXDOMAIN, 0, 0 },
	{ "alias.example.org", DNS_A, DNS_OK, 0, 1 },
	{ "alias.example.org", DNS_MX, DNS_NODATA, 0, 0 },
	{ "alias.example.org", DNS_CNAME, DNS_OK, 0, 1 },
	{ "loop.example.org", DNS_A, DNS_TEMP, DNS_CAUSE_LOOP, 0 },
	{ "slow.example.org", DNS_MX, DNS_TEMP, DNS_CAUSE_TIMEOUT, 0 },
	{ "half.example.org", DNS_A, DNS_OK, 0, 1 },
	{ "half.example.org", DNS_AAAA, DNS_TEMP, DNS_CAUSE_SERVFAIL, 0 },
	{ "_25._tcp.mx1.example.org", DNS_TLSA, DNS_OK, 0, 1 },
};

static struct dname name_of(struct arena *arena, const char *text)
{
	struct dname name = dname_root();
	CHECK_INT(dname_parse(arena, view_str(text), &name, NULL), ERR_OK);
	return name;
}

static void test_helpers(struct arena *arena, struct dns_table *table)
{
	struct dns_answer answer;
	tap_case("MX in order of preference");
	struct dns_question question = dns_question_of(name_of(arena, "example.org"), DNS_MX);
	CHECK_INT(dns_query(&table->resolver, arena, question, &answer), DNS_OK);
	CHECK_STR(DNAME_SHOW(dns_mx_sorted(arena, &answer, env_system())[0].mx.host), "mx1.example.org");
	CHECK(!dns_mx_is_null(&answer));
	question.name = name_of(arena, "null.example.org");
	CHECK_INT(dns_query(&table->resolver, arena, question, &answer), DNS_OK);
	CHECK(dns_mx_is_null(&answer));

	tap_case("addresses of both families");
	struct dns_addrs addrs;
	dns_addrs_query(&table->resolver, arena, name_of(arena, "alias.example.org"), &addrs);
	CHECK_INT(addrs.status, DNS_OK);
	CHECK_INT(addrs.n, 2);
	CHECK_INT(addrs.at[0].family, IP_V6);
	CHECK_STR(DNAME_SHOW(addrs.a.canonical), "mx1.example.org");
	CHECK_INT(addrs.a.chain_n, 1);
	dns_addrs_query(&table->resolver, arena, name_of(arena, "none.example.org"), &addrs);
	CHECK_INT(addrs.status, DNS_NXDOMAIN);

	tap_case("text is joined as the DNS does");
	question = dns_question_of(name_of(arena, "two.example.org"), DNS_TXT);
	CHECK_INT(dns_query(&table->resolver, arena, question, &answer), DNS_OK);
	CHECK_VIEW(answer.rr[0].txt.joined, "ab c\"d");
	CHECK_INT(answer.rr[0].txt.n, 2);
}

static void test_budget(struct arena *arena, struct dns_table *table)
{
	tap_case("a budget of two questions");
	struct env_fixed fixed = { .mono_us = 1 };
	struct env env = env_of_fixed(&fixed);
	struct dns_budget budget;
	struct dns_answer answer;
	dns_budget_init(&budget, &table->resolver, &env, 2, 20000);
	struct dns_question question = dns_question_of(name_of(arena, "example.org"), DNS_MX);
	CHECK_INT(dns_query(&budget.resolver, arena, question, &answer), DNS_OK);
	CHECK_INT(dns_query(&budget.resolver, arena, question, &answer), DNS_OK);
	CHECK_INT(dns_query(&budget.resolver, arena, question, &answer), DNS_TEMP);
	CHECK_INT(answer.cause, DNS_CAUSE_LIMIT);
	CHECK(budget.over);

	tap_case("a budget of 20 seconds");
	dns_budget_init(&budget, &table->resolver, &env, 9, 20000);
	fixed.mono_us += 19999999;
	CHECK_INT(dns_query(&budget.resolver, arena, question, &answer), DNS_OK);
	fixed.mono_us += 1;
	CHECK_INT(dns_query(&budget.resolver, arena, question, &answer), DNS_TEMP);
	CHECK_INT(answer.cause, DNS_CAUSE_TIMEOUT);
}

static void test_overlay(struct arena *arena, struct dns_table *table)
{
	tap_case("a table before another resolver");
	struct dns_table over;
	struct dns_answer answer;
	dns_table_init(&over, arena, &table->resolver);
	dns_table_add_txt(&over, name_of(arena, "example.org"), VIEW("v=spf1 +all"));
	struct dns_question question = dns_question_of(name_of(arena, "Example.org"), DNS_TXT);
	CHECK_INT(dns_query(&over.resolver, arena, question, &answer), DNS_OK);
	CHECK_VIEW(answer.rr[0].txt.joined, "v=spf1 +all");
	question = dns_question_of(name_of(arena, "mx1.example.org"), DNS_A);
	CHECK_INT(dns_query(&over.resolver, arena, question, &answer), DNS_OK);

	tap_case("a line that is no record");
	struct diag diag;
	CHECK_INT(dns_table_load(&over, VIEW("\nexample.org A 192.0.2.1.2\n"), &diag), ERR_SYNTAX);
	CHECK_INT(diag.line, 2);
}

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	struct dns_table table;
	dns_table_init(&table, &arena, NULL);
	struct diag diag = { .text = "" };
	tap_case("load");
	CHECK_INT(dns_table_load(&table, view_str(records), &diag), ERR_OK);
	CHECK_STR(diag.text, "");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s %s", rows[i].name, DNS_TYPE_SHOW(rows[i].type));
		struct dns_answer answer;
		struct dns_question question = dns_question_of(name_of(&arena, rows[i].name), rows[i].type);
		CHECK_INT(dns_query(&table.resolver, &arena, question, &answer), rows[i].status);
		CHECK_INT(answer.cause, rows[i].cause);
		CHECK_INT(answer.n, rows[i].n);
	}
	test_helpers(&arena, &table);
	test_budget(&arena, &table);
	test_overlay(&arena, &table);
	arena_done(&arena);
	return tap_done();
}
