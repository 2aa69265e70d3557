/* RFC 9989 appendix B.1, B.3, B.4 and sections 4.10.1, 5.3 as rows over tests/zone/rfc9989.zone. */
#include <stdlib.h>

#include "dmarc_eval.h"
#include "dns_table.h"
#include "resolve_zone.h"
#include "tap.h"

/* facts: "spf=pass:example.com dkim=fail:d.example helo=pass:h.example" */
static const struct {
	const char *what, *from, *facts;
	const char *result;                     /* and the reason behind a blank, when there is one */
	const char *tag, *policy, *disposition; /* NULL: not checked */
} rows[] = {
	{ "B.1.1: SPF in strict alignment", "sender@example.com", "spf=pass:example.com", "pass", "p", "reject",
	  "none" },
	{ "B.1.1: SPF in relaxed alignment", "sender@example.com", "spf=pass:child.example.com", "pass", "p", "reject",
	  "none" },
	{ "B.1.1: no SPF alignment", "sender@child.example.com", "spf=pass:example.net", "fail not-aligned", "p",
	  "reject", "reject" },
	{ "B.1.2: DKIM in strict alignment", "sender@example.com", "dkim=pass:example.com", "pass", 0, 0, 0 },
	{ "B.1.2: DKIM in relaxed alignment", "sender@child.example.com", "dkim=pass:example.com", "pass", 0, 0, 0 },
	{ "B.1.2: no DKIM alignment", "sender@child.example.com", "dkim=pass:example.net", "fail not-aligned", 0, 0,
	  "reject" },
	{ "B.3.1: the session", "a@example.com", "spf=pass:mail.example.com dkim=pass:example.com", "pass", 0, 0,
	  "none" },
	{ "B.4.1: simple", "a@example.com", "spf=pass:example.com dkim=pass:signing.example.com", "pass", 0, 0, 0 },
	{ "B.4.1: DKIM alone", "a@example.com", "dkim=pass:signing.example.com", "pass", 0, 0, 0 },
	{ "B.4.2: deep, by SPF", "a@a.b.c.d.e.f.g.h.i.j.k.example.com", "spf=pass:example.com", "pass", "p", "reject",
	  0 },
	{ "B.4.2: deep, by DKIM", "a@a.b.c.d.e.f.g.h.i.j.k.example.com", "dkim=pass:signing.example.com", "pass", 0, 0,
	  0 },
	{ "B.4.2: deep, fails", "a@a.b.c.d.e.f.g.h.i.j.k.example.com", "", "fail not-aligned", "p", "reject",
	  "reject" },
	{ "B.4.3: psd, SPF is aligned", "a@giant.bank.example",
	  "spf=pass:mail.giant.bank.example dkim=pass:mail.mega.bank.example", "pass", 0, 0, 0 },
	{ "B.4.3: psd, DKIM is not", "a@giant.bank.example", "dkim=pass:mail.mega.bank.example", "fail not-aligned",
	  "p", "reject", 0 },
	{ "4.10.1: the policy of the suffix, sp", "a@mega.bank.example", "", "fail not-aligned", "sp", "quarantine",
	  "quarantine" },
	{ "4.10.1: the policy of the suffix, np", "a@none.bank.example", "", "fail not-aligned", "np", "reject",
	  "reject" },
	{ "4.4: nothing passed", "a@example.com", "spf=fail:example.com dkim=fail:example.com", "fail not-aligned", 0,
	  0, 0 },
	{ "4.4.1: one of several signatures", "a@example.com",
	  "dkim=fail:example.com dkim=pass:x.example dkim=pass:mail.example.com", "pass", 0, 0, 0 },
	{ "SPF neutral and softfail are no pass", "a@example.com", "spf=softfail:example.com", "fail not-aligned", 0, 0,
	  0 },
	{ "SPF of HELO, null sender", "a@example.com", "helo=pass:mail.example.com", "pass", 0, 0, 0 },
	{ "4.7: sp for a name that exists", "a@here.org-a.test", "", "fail not-aligned", "sp", "quarantine",
	  "quarantine" },
	{ "4.7: NODATA exists", "a@nodata.org-a.test", "", "fail not-aligned", "sp", "quarantine", 0 },
	{ "4.7: an empty non-terminal exists", "a@ent.org-a.test", "", "fail not-aligned", "sp", "quarantine", 0 },
	{ "4.7: np for a name that does not", "a@gone.org-a.test", "", "fail not-aligned", "np", "none", "none" },
	{ "4.7: p for the name itself", "a@org-a.test", "", "fail not-aligned", "p", "reject", "reject" },
	{ "several records: that of the organization", "a@two.org-a.test", "", "fail not-aligned", "sp", "quarantine",
	  0 },
	{ "psd=n: not aligned with the name above", "a@own.org-a.test", "dkim=pass:org-a.test", "fail not-aligned", 0,
	  0, 0 },
	{ "4.7: t=y, reject becomes quarantine", "a@testing.test", "", "fail policy-test-mode", "p", "reject",
	  "quarantine" },
	{ "4.7: t=y, sp=quarantine becomes none", "a@sub.testing.test", "", "fail policy-test-mode", "sp", "quarantine",
	  "none" },
	{ "4.7: t=y changes no pass", "a@testing.test", "dkim=pass:testing.test", "pass", 0, 0, "none" },
	{ "adkim=s", "a@strict.test", "dkim=pass:mail.strict.test", "fail not-aligned", 0, 0, "reject" },
	{ "adkim=s, the same", "a@strict.test", "dkim=pass:Strict.TEST", "pass", 0, 0, 0 },
	{ "aspf=s", "a@strict.test", "spf=pass:mail.strict.test", "fail not-aligned", 0, 0, 0 },
	{ "4.10.1: no p, no rua: no DMARC", "a@nop.test", "", "none no-policy", 0, 0, "none" },
	{ "4.10.1: no p, rua: p=none", "a@norua.test", "", "fail not-aligned", "p", "none", "none" },
	{ "no record", "a@nothing.test", "dkim=pass:nothing.test", "none no-record", 0, 0, "none" },
	{ "5.3.1: several domains", "a@example.com, b@example.net", "dkim=pass:example.com", "permerror multiple-from",
	  0, 0, "none" },
	{ "5.3.1: no domain", "root", "", "permerror no-from-domain", 0, 0, "none" },
	{ "5.3.6: SERVFAIL at the name", "a@servfail.fault.test", "dkim=pass:servfail.fault.test", "temperror dns", 0,
	  0, "none" },
	{ "5.3.6: SERVFAIL above, no record of its own", "a@b.servfail.fault.test", "", "temperror dns", 0, 0, 0 },
	{ "5.3.6: time-out above, the same domain passes", "a@rec.slow.fault.test", "dkim=pass:rec.slow.fault.test",
	  "pass", 0, 0, 0 },
	{ "5.3.6: time-out above, alignment is not known", "a@rec.slow.fault.test", "dkim=pass:slow.fault.test",
	  "temperror dns", 0, 0, 0 },
	{ "5.3.6: time-out above, a stranger is no matter", "a@rec.slow.fault.test", "dkim=pass:other.example",
	  "fail not-aligned", 0, 0, 0 },
	{ "5.3.6: DKIM temperror of the same domain", "a@example.com", "dkim=temperror:example.com", "temperror dns", 0,
	  0, "none" },
	{ "5.3.6: DKIM temperror of another", "a@example.com", "dkim=temperror:example.net", "fail not-aligned", 0, 0,
	  0 },
	{ "5.3.6: SPF temperror of a subdomain", "a@example.com", "spf=temperror:mail.example.com", "temperror dns", 0,
	  0, 0 },
};

static void add_facts(const char *text, struct authres *facts, struct arena *arena)
{
	for (struct view rest = view_str(text); rest.p != NULL;) {
		struct view one = view_cut(&rest, ' ');
		if (one.n == 0)
			continue;
		struct view method = view_cut(&one, '='), result = view_cut(&one, ':');
		bool dkim = view_is(method, "dkim");
		struct authres_verdict *fact = authres_add(facts, arena, dkim ? AUTHRES_DKIM : AUTHRES_SPF,
							   authres_result_of(result));
		if (dkim)
			authres_add_prop(fact, "header", "d", one);
		else
			authres_add_prop(fact, "smtp", view_is(method, "helo") ? "helo" : "mailfrom", one);
	}
}

static void check_row(struct dmarc_cache *cache, size_t i)
{
	struct arena *arena = cache->arena;
	struct authres facts = { 0 };
	struct dmarc_from from;
	struct dmarc_outcome outcome;
	tap_case("%s", rows[i].what);
	add_facts(rows[i].facts, &facts, arena);
	dmarc_from_value(view_str(rows[i].from), arena, &from);
	dmarc_eval(cache, &from, &facts, &outcome);
	const char *got = outcome.reason == NULL
				  ? authres_result_name(outcome.result)
				  : arena_printf(arena, "%s %s", authres_result_name(outcome.result), outcome.reason);
	CHECK_STR(got, rows[i].result);
	if (rows[i].tag != NULL && CHECK(outcome.tag != NULL))
		CHECK_STR(outcome.tag, rows[i].tag);
	if (rows[i].policy != NULL && CHECK(outcome.policy != DMARC_UNSET))
		CHECK_STR(dmarc_policy_name(outcome.policy), rows[i].policy);
	if (rows[i].disposition != NULL)
		CHECK_STR(dmarc_policy_name(outcome.disposition), rows[i].disposition);
}

int main(void)
{
	struct arena arena = { 0 };
	struct diag diag = { 0 };
	struct resolve_zone *zone = resolve_zone_new(NULL);
	char *path = arena_printf(&arena, "%s/../zone/rfc9989.zone", getenv("TEST_DATA"));
	tap_case("zone file");
	if (!CHECK(resolve_zone_load(zone, path, &diag) == ERR_OK))
		return tap_done();
	struct dns_table table;
	dns_table_init(&table, &arena, resolve_zone_resolver(zone));
	CHECK(dns_table_load(&table,
			     VIEW("_dmarc.servfail.fault.test TXT!servfail\n"
				  "_dmarc.slow.fault.test TXT!timeout\n"
				  "_dmarc.rec.slow.fault.test TXT v=DMARC1; p=reject\n"),
			     &diag) == ERR_OK);
	struct dmarc_cache cache;
	dmarc_cache_init(&cache, &table.resolver, &arena, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&cache, i);
	resolve_zone_close(&zone);
	arena_done(&arena);
	return tap_done();
}
