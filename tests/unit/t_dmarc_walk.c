/* RFC 9989 4.10 and the walks of appendix B.4 as rows over tests/zone/rfc9989.zone; names under fault.test fail. */
#include <stdlib.h>

#include "dmarc_walk.h"
#include "dns_table.h"
#include "resolve_zone.h"
#include "tap.h"

static const struct {
	const char *what, *start, *organizational;
	const char *policy; /* whose record; NULL: none */
	size_t asked;
	bool temp;
} rows[] = {
	{ "B.4.1: author", "example.com", "example.com", "example.com", 2, false },
	{ "B.4.1: signer, own record, the highest is the organization", "signing.example.com", "example.com",
	  "signing.example.com", 3, false },
	{ "B.4.2: twelve labels jump to seven", "a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com", "example.com", 8,
	  false },
	{ "4.10: the walk of thirteen labels", "a.b.c.d.e.f.g.h.i.j.mail.example.com", "example.com", "example.com", 8,
	  false },
	{ "4.10: eight labels lose one", "a.b.c.d.e.f.example.com", "example.com", "example.com", 8, false },
	{ "4.10: seven labels", "b.c.d.e.f.example.com", "example.com", "example.com", 7, false },
	{ "4.10: nine labels jump to seven", "z.a.b.c.d.e.f.example.com", "example.com", "example.com", 8, false },
	{ "B.4.3: psd=y above, author", "giant.bank.example", "giant.bank.example", "giant.bank.example", 2, false },
	{ "B.4.3: psd=y above, sender", "mail.giant.bank.example", "giant.bank.example", "giant.bank.example", 3,
	  false },
	{ "B.4.3: psd=y above, another organization", "mail.mega.bank.example", "mega.bank.example", "bank.example", 3,
	  false },
	{ "4.10.2: psd=y at the start does not count", "bank.example", "bank.example", "bank.example", 1, false },
	{ "4.10.2: psd=n ends the walk", "a.own.org-a.test", "own.org-a.test", "own.org-a.test", 2, false },
	{ "4.10.2: psd=n at the start", "own.org-a.test", "own.org-a.test", "own.org-a.test", 1, false },
	{ "4.10: several records are dropped, the walk goes on", "two.org-a.test", "org-a.test", "org-a.test", 3,
	  false },
	{ "4.10: other TXT records are dropped", "other.org-a.test", "org-a.test", "other.org-a.test", 3, false },
	{ "4.10.2: nothing found: the name itself", "mail.nothing.test", "mail.nothing.test", NULL, 3, false },
	{ "4.10: a wrong version is no record", "case.test", "case.test", NULL, 2, false },
	{ "4.10: upper case", "EXAMPLE.Com", "example.com", "example.com", 2, false },
	{ "one label", "com", "com", NULL, 1, false },
	{ "SERVFAIL at the name", "servfail.fault.test", "servfail.fault.test", NULL, 3, true },
	{ "SERVFAIL above", "a.servfail.fault.test", "a.servfail.fault.test", NULL, 4, true },
	{ "time-out above a record", "rec.slow.fault.test", "rec.slow.fault.test", "rec.slow.fault.test", 4, true },
};

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
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dname start;
		tap_case("%s", rows[i].what);
		if (!CHECK(dname_parse(&arena, view_str(rows[i].start), &start, NULL) == ERR_OK))
			continue;
		const struct dmarc_walk *walk = dmarc_walk(&cache, start);
		CHECK_INT(walk->n, rows[i].asked);
		CHECK_INT(walk->temp, rows[i].temp);
		CHECK_VIEW(dname_text(&arena, walk->organizational), rows[i].organizational);
		if (CHECK((walk->policy == NULL) == (rows[i].policy == NULL)) && walk->policy != NULL)
			CHECK_VIEW(dname_text(&arena, walk->policy->name), rows[i].policy);
		CHECK(dmarc_walk(&cache, start) == walk);
	}
	tap_case("3.2.13: NXDOMAIN of the name, not of the name below it");
	struct dname name;
	CHECK(dname_parse(&arena, VIEW("here.org-a.test"), &name, NULL) == ERR_OK &&
	      dmarc_exists(&cache, name) == DNS_OK);
	CHECK(dname_parse(&arena, VIEW("nodata.org-a.test"), &name, NULL) == ERR_OK &&
	      dmarc_exists(&cache, name) == DNS_NODATA);
	CHECK(dname_parse(&arena, VIEW("ent.org-a.test"), &name, NULL) == ERR_OK &&
	      dmarc_exists(&cache, name) == DNS_NODATA);
	CHECK(dname_parse(&arena, VIEW("gone.org-a.test"), &name, NULL) == ERR_OK &&
	      dmarc_exists(&cache, name) == DNS_NXDOMAIN);
	resolve_zone_close(&zone);
	arena_done(&arena);
	return tap_done();
}
