#include <stdlib.h>

#include "resolve_zone.h"
#include "spf_survey.h"
#include "tap.h"

static const char zone_text[] =
	"$TTL 60\n$ORIGIN test.\n@ SOA ns h 1 1h 15m 2w 5m\n"
	"good TXT \"v=spf1 ip4:192.0.2.0/24 a:mx1.test mx:good.test include:sub.test -all\"\n"
	"good MX 10 mx1\nmx1 A 192.0.2.1\nmx1 AAAA 2001:db8::1\n"
	"sub TXT \"v=spf1 ip6:2001:db8:1::/48 ip4:192.0.2.0/24 -ip4:198.51.100.1 ~all\"\n"
	"none A 192.0.2.1\n"
	"two TXT \"v=spf1 -all\"\ntwo TXT \"v=spf1 ~all\"\n"
	"faulty TXT \"v=spf1 foo a:x bar -all\"\n"
	"plus TXT \"v=spf1 +all\"\n"
	"neutral TXT \"v=spf1 ?all\"\n"
	"soft TXT \"v=spf1 ~all\"\n"
	"noall TXT \"v=spf1 ip4:192.0.2.1\"\n"
	"after TXT \"v=spf1 -all ip4:192.0.2.1 redirect=sub.test\"\n"
	"ptr TXT \"v=spf1 ptr -all\"\n"
	"broad TXT \"v=spf1 ip4:10.0.0.0/8 ip4:192.0.0.0/12 ip6:2000::/3 -all\"\n"
	"broada TXT \"v=spf1 a:mx1.test/0 -all\"\n"
	"doubles TXT \"v=spf1 a:mx1.test A:mx1.test -all\"\n"
	"incnone TXT \"v=spf1 include:none.test -all\"\n"
	"incgone TXT \"v=spf1 include:gone.test -all\"\n"
	"incfaulty TXT \"v=spf1 include:faulty.test -all\"\n"
	"loop TXT \"v=spf1 include:loop2.test -all\"\nloop2 TXT \"v=spf1 redirect=loop.test\"\n"
	"voids TXT \"v=spf1 a:v1.test a:v2.test mx:v3.test -all\"\n"
	"many TXT \"v=spf1 include:four.test include:four.test include:four.test -all\"\n"
	"four TXT \"v=spf1 a:mx1.test/32 a:mx1.test/31 a:mx1.test/30 a:mx1.test/29 -all\"\n"
	"mxs TXT \"v=spf1 mx -all\"\n$GENERATE 1-11 mxs MX $ mx1\n$GENERATE 1-11 mxs MX $ m$\n$GENERATE 1-11 m$ A "
	"192.0.2.$\n"
	"t99 SPF \"v=spf1 -all\"\nt99both SPF \"v=spf1 -all\"\nt99both TXT \"v=spf1 -all\"\n"
	"space TXT \" v=spf1 -all\"\n"
	"joined TXT \"v=spf1 ip4:192.0.2.1\" \"include:sub.test -all\"\n"
	"big TXT ( \"v=spf1 \" \"ip4:192.0.2.0/25 ip4:198.51.100.0/25 ip4:203.0.113.0/25 ip4:192.0.2.128/25 "
	"ip4:198.51.100.128/25 ip4:203.0.113.128/25 ip4:192.0.2.0/26 ip4:198.51.100.0/26 ip4:203.0.113.0/26 \" "
	"\"ip4:192.0.2.0/27 ip4:198.51.100.0/27 ip4:203.0.113.0/27 ip4:192.0.2.128/27 ip4:198.51.100.128/27 "
	"ip4:203.0.113.128/27 ip4:192.0.2.0/28 ip4:198.51.100.0/28 \" \"ip4:203.0.113.0/28 ip4:203.0.113.64/28 "
	"ip4:203.0.113.96/28 ip4:203.0.113.112/28 ip4:203.0.113.80/28 ip6:2001:db8:ffff::/48 -all\" )\n"
	"macro TXT \"v=spf1 exists:%{i}.x.test include:%{d}.y.test -all\"\n"
	"badname TXT \"v=spf1 a:mx1..test -all\"\n"
	"deep TXT \"v=spf1 include:big1.test include:big1.test include:big1.test include:big1.test -all\"\n"
	"big1 TXT \"v=spf1 include:big2.test include:big2.test include:big2.test include:big2.test -all\"\n"
	"big2 TXT \"v=spf1 include:big3.test include:big3.test include:big3.test include:big3.test -all\"\n"
	"big3 TXT \"v=spf1 a:mx1.test -all\"\n";

static const struct {
	const char *domain;
	const char *checks; /* in order, with their severity */
	unsigned lookups, voids;
	size_t networks;
} rows[] = {
	{ "good.test", "", 3, 0, 4 },
	{ "none.test", "spf.missing error", 0, 0, 0 },
	{ "gone.test", "spf.missing error", 0, 0, 0 },
	{ "test", "spf.missing error", 0, 0, 0 },
	{ "two.test", "spf.multiple error", 0, 0, 0 },
	{ "faulty.test", "spf.syntax error, spf.syntax error, spf.syntax error", 0, 0, 0 },
	{ "plus.test", "spf.plus-all error", 0, 0, 0 },
	{ "neutral.test", "spf.neutral-all warn", 0, 0, 0 },
	{ "soft.test", "spf.softfail info", 0, 0, 0 },
	{ "noall.test", "spf.no-all warn", 0, 0, 1 },
	{ "after.test", "spf.after-all warn, spf.redirect-ignored warn", 0, 0, 0 },
	{ "ptr.test", "spf.ptr warn", 1, 0, 0 },
	{ "broad.test", "spf.too-broad error, spf.too-broad error, spf.too-broad warn", 0, 0, 3 },
	{ "broada.test", "spf.too-broad error", 1, 0, 2 },
	{ "doubles.test", "spf.duplicate-term warn", 2, 0, 2 },
	{ "incnone.test", "spf.include-none error", 1, 0, 0 },
	{ "incgone.test", "spf.include-dangling error", 1, 0, 0 },
	{ "incfaulty.test", "spf.syntax error, spf.syntax error, spf.syntax error", 1, 0, 0 },
	{ "loop.test", "spf.loop error", 2, 0, 0 },
	{ "voids.test", "spf.void-lookups error", 3, 3, 0 },
	{ "many.test", "spf.lookups error, spf.duplicate-term warn", 15, 0, 5 },
	{ "mxs.test", "spf.mx-limit error", 1, 0, 6 },
	{ "t99.test", "spf.type99 error, spf.missing error", 0, 0, 0 },
	{ "t99both.test", "spf.type99 warn", 0, 0, 0 },
	{ "space.test", "spf.leading-space error, spf.missing error", 0, 0, 0 },
	{ "joined.test", "spf.split-join error, spf.syntax error", 0, 0, 0 },
	{ "big.test", "spf.size warn", 0, 0, 23 },
	{ "macro.test", "", 2, 0, 0 },
	{ "badname.test", "spf.syntax error", 1, 0, 0 },
};

static struct env_fixed world = { .wall_us = 1, .mono_us = 1, .seed = 1 };

static void survey(struct arena *arena, struct resolve_zone *zone, struct spf_cache *cache, const struct env *env,
		   const char *domain, struct spf_survey *out)
{
	spf_cache_init(cache, env);
	struct spf_context context = { .resolver = resolve_zone_resolver(zone), .env = env, .cache = cache };
	spf_survey(&context, arena, view_str(domain), out);
}

int main(void)
{
	struct arena arena = { 0 };
	struct env env = env_of_fixed(&world);
	struct resolve_zone *zone = resolve_zone_new(NULL);
	struct diag why = { "", 0, 0 };
	tap_case("the zone is read");
	CHECK_INT(resolve_zone_load_text(zone, "z", view_str(zone_text), &why), ERR_OK);
	CHECK_STR(why.text, "");
	struct spf_cache cache;
	struct spf_survey out;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s: %s", rows[i].domain, rows[i].checks[0] != '\0' ? rows[i].checks : "nothing to say");
		survey(&arena, zone, &cache, &env, rows[i].domain, &out);
		const char *found = "";
		for (size_t at = 0; at < out.findings.n; at++)
			found = arena_printf(&arena, "%s%s%s %s", found, at > 0 ? ", " : "", out.findings.at[at].check,
					     spf_severity_name(out.findings.at[at].severity));
		CHECK_STR(found, rows[i].checks);
		CHECK_INT(out.lookups, rows[i].lookups);
		CHECK_INT(out.voids, rows[i].voids);
		CHECK_INT(out.networks.n, rows[i].networks);
		spf_cache_done(&cache);
	}
	tap_case("a walk without end is ended");
	survey(&arena, zone, &cache, &env, "deep.test", &out);
	CHECK_INT(out.lookups, SPF_SURVEY_LOOKUPS);
	CHECK(out.incomplete);
	spf_cache_done(&cache);
	resolve_zone_close(&zone);
	arena_done(&arena);
	return tap_done();
}
