/* The rules of dmarc_lint as rows: records at _dmarc.d.test beside a small zone, the findings that must and must not come. */
#include "dmarc_lint.h"
#include "dns_table.h"
#include "tap.h"

static const char zone[] = "d.test MX 10 mx.d.test\n"
			   "mx.d.test A 192.0.2.1\n"
			   "third.example MX 10 mx.third.example\n"
			   "d.test._report._dmarc.third.example TXT v=DMARC1\n"
			   "other.example MX 10 mx.third.example\n"
			   "*.wild.example TXT nothing\n"
			   "slow.example MX 10 mx.third.example\n"
			   "d.test._report._dmarc.slow.example TXT!timeout\n"
			   "d.test._report._dmarc.junk.example TXT hello\n"
			   "junk.example A 192.0.2.2\n"
			   "d.test._report._dmarc.dead.example TXT v=DMARC1;\n"
			   "dead.example MX 0 .\n"
			   "_dmarc.other2.test TXT v=DMARC1; p=reject\n"
			   "d.test._report._dmarc.several.example TXT v=DMARC1\n"
			   "d.test._report._dmarc.several.example TXT v=DMARC1; rua=mailto:x@several.example\n"
			   "several.example A 192.0.2.2\n";

#define P "v=DMARC1; p=reject; rua=mailto:a@d.test"

static const struct {
	const char *what, *record, *has, *lacks; /* "check severity", NULL: not checked */
	size_t errors, warnings;
} rows[] = {
	{ "nothing to say", P, NULL, NULL, 0, 0 },
	{ "no record", NULL, "dmarc.missing error", NULL, 1, 0 },
	{ "p=none", "v=DMARC1; p=none; rua=mailto:a@d.test", "dmarc.policy-none warn", NULL, 0, 1 },
	{ "sp is weaker", P "; sp=none", "dmarc.sp-weaker warn", NULL, 0, 1 },
	{ "sp is stronger", "v=DMARC1; p=quarantine; sp=reject; rua=mailto:a@d.test", NULL, "dmarc.sp-weaker", 0, 0 },
	{ "np is weaker than sp", "v=DMARC1; p=none; sp=reject; np=quarantine; rua=mailto:a@d.test",
	  "dmarc.np-weaker warn", NULL, 0, 2 },
	{ "np is weaker than p", P "; np=none", "dmarc.np-weaker warn", NULL, 0, 1 },
	{ "np is stronger", "v=DMARC1; p=quarantine; np=reject; rua=mailto:a@d.test", "dmarc.rfc7489 info",
	  "dmarc.np-weaker", 0, 0 },
	{ "t=y", P "; t=y", "dmarc.testing warn", NULL, 0, 2 },
	{ "t=y and RFC 7489", P "; t=y", "dmarc.rfc7489 warn", NULL, 0, 2 },
	{ "t=y without effect", "v=DMARC1; p=none; t=y; rua=mailto:a@d.test", "dmarc.testing info", NULL, 0, 1 },
	{ "pct, rf, ri", P "; pct=100; rf=afrf; ri=86400", "dmarc.removed-tag warn", NULL, 0, 3 },
	{ "pct below 100", P "; pct=10", "dmarc.rfc7489 warn", NULL, 0, 2 },
	{ "psd=y", P "; psd=y", "dmarc.psd warn", NULL, 0, 1 },
	{ "psd=n", P "; psd=n", "dmarc.psd info", NULL, 0, 0 },
	{ "no rua", "v=DMARC1; p=reject", "dmarc.no-rua info", NULL, 0, 0 },
	{ "unknown tag", P "; foo=bar", "dmarc.unknown-tag info", NULL, 0, 0 },
	{ "upper case tag", "v=DMARC1; P=reject; rua=mailto:a@d.test", "dmarc.unknown-tag info", NULL, 0, 0 },
	{ "syntax", P "; oops", "dmarc.syntax error", NULL, 1, 0 },
	{ "bad p", "v=DMARC1; p=rejct; rua=mailto:a@d.test", "dmarc.policy-invalid error", NULL, 1, 0 },
	{ "no p, rua", "v=DMARC1; rua=mailto:a@d.test", "dmarc.policy-invalid warn", NULL, 0, 1 },
	{ "no p, no rua", "v=DMARC1;", "dmarc.policy-invalid error", NULL, 1, 0 },
	{ "p not second", "v=DMARC1; sp=reject; p=reject; rua=mailto:a@d.test", "dmarc.rfc7489 info", NULL, 0, 0 },
	{ "no mailto", "v=DMARC1; p=reject; rua=a@d.test", "dmarc.rua-uri error", NULL, 1, 0 },
	{ "another scheme", "v=DMARC1; p=reject; rua=https://d.test/r", "dmarc.rua-uri warn", NULL, 0, 1 },
	{ "size", "v=DMARC1; p=reject; rua=mailto:a@d.test!10m", "dmarc.size-suffix info", NULL, 0, 0 },
	{ "RFC 9990 4: authorised", "v=DMARC1; p=reject; rua=mailto:a@third.example", NULL, "dmarc.rua-unauthorised", 0,
	  0 },
	{ "RFC 9990 4: not authorised", "v=DMARC1; p=reject; rua=mailto:a@other.example",
	  "dmarc.rua-unauthorised error", NULL, 1, 0 },
	{ "RFC 9990 4: ruf, not authorised", P "; ruf=mailto:a@other.example", "dmarc.rua-unauthorised error", NULL, 1,
	  0 },
	{ "RFC 9990 4: another text at the name", "v=DMARC1; p=reject; rua=mailto:a@junk.example",
	  "dmarc.rua-unauthorised error", NULL, 1, 0 },
	{ "RFC 9990 4: several records are fine", "v=DMARC1; p=reject; rua=mailto:a@several.example", NULL,
	  "dmarc.rua-unauthorised", 0, 0 },
	{ "RFC 9990 4: time-out", "v=DMARC1; p=reject; rua=mailto:a@slow.example", "dns.temperror unknown",
	  "dmarc.rua-unauthorised", 0, 0 },
	{ "the same organization", "v=DMARC1; p=reject; rua=mailto:a@mail.d.test", NULL, "dmarc.rua-unauthorised", 0,
	  1 },
	{ "null MX", "v=DMARC1; p=reject; rua=mailto:a@dead.example", "dmarc.rua-dead warn", NULL, 0, 1 },
	{ "blanks in front", " v=DMARC1; p=reject", "dmarc.version-first error", NULL, 2, 0 },
	{ "lower case version", "v=dmarc1; p=reject", "dmarc.version-case error", NULL, 2, 0 },
	{ "version last", "p=reject; v=DMARC1", "dmarc.version-first error", NULL, 2, 0 },
	{ "backslashes", "v=DMARC1\\; p=reject", "dmarc.syntax error", NULL, 2, 0 },
	{ "no semicolon", "v=DMARC1 p=reject", "dmarc.syntax error", NULL, 2, 0 },
};

static bool has(const struct dmarc_survey *survey, const char *want, bool whole, struct arena *arena)
{
	for (size_t i = 0; i < survey->findings.n; i++) {
		const struct dmarc_finding *finding = &survey->findings.at[i];
		const char *text = whole ? arena_printf(arena, "%s %s", finding->check,
							dmarc_severity_name(finding->severity))
					 : finding->check;
		if (strcmp(text, want) == 0)
			return true;
	}
	return false;
}

static void check_row(struct arena *arena, size_t i)
{
	struct dns_table table;
	struct dmarc_cache cache;
	struct dmarc_survey survey;
	struct dname domain, owner;
	struct diag diag = { 0 };
	tap_case("%s", rows[i].what);
	dns_table_init(&table, arena, NULL);
	if (!CHECK(dns_table_load(&table, view_str(zone), &diag) == ERR_OK &&
		   dname_parse(arena, VIEW("d.test"), &domain, NULL) == ERR_OK &&
		   dname_parse(arena, VIEW("_dmarc.d.test"), &owner, NULL) == ERR_OK))
		return;
	if (rows[i].record != NULL)
		dns_table_add_txt(&table, owner, view_str(rows[i].record));
	dmarc_cache_init(&cache, &table.resolver, arena, 1);
	dmarc_lint(&cache, domain, &survey);
	CHECK_INT(dmarc_count(&survey, DMARC_ERROR), rows[i].errors);
	CHECK_INT(dmarc_count(&survey, DMARC_WARN), rows[i].warnings);
	if (rows[i].has != NULL)
		CHECK(has(&survey, rows[i].has, true, arena));
	if (rows[i].lacks != NULL)
		CHECK(!has(&survey, rows[i].lacks, false, arena));
}

int main(void)
{
	struct arena arena = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&arena, i);
	arena_done(&arena);
	return tap_done();
}
