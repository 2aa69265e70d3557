#include "dmarc_eval.h"

#include "base_show.h"
#include "base_vec.h"

struct eval {
	struct dmarc_cache *cache;
	struct dmarc_outcome *out;
	unsigned walked;
};

static const char *say(struct eval *eval, enum authres_result result, const char *reason, const char *text)
{
	eval->out->result = result;
	eval->out->reason = reason;
	eval->out->explanation = text;
	return text;
}

/* smtp.mailfrom is an address or a domain; the local part may hold an at sign, quoted. */
static struct view after_at(struct view text)
{
	for (size_t i = text.n; i > 0; i--)
		if (view_at(text, i - 1) == '@')
			return view_from(text, i);
	return text;
}

static void take_facts(struct eval *eval, const struct authres *facts)
{
	struct arena *arena = eval->cache->arena;
	for (size_t i = 0; i < facts->n && eval->out->ids.n < DMARC_IDS_MAX; i++) {
		const struct authres_verdict *fact = &facts->at[i];
		struct view domain = view_none();
		if (fact->method == AUTHRES_DKIM)
			domain = authres_prop(fact, "header", "d");
		else if (fact->method == AUTHRES_SPF)
			domain = after_at(authres_prop(fact, "smtp", "mailfrom"));
		else
			continue;
		if (fact->method == AUTHRES_SPF && domain.n == 0)
			domain = authres_prop(fact, "smtp", "helo");
		struct dmarc_id id = { .method = fact->method, .result = fact->result };
		if (dname_parse_idn(arena, domain, &id.domain, NULL) == ERR_OK)
			id.domain = dname_lower(arena, id.domain);
		else
			id.domain = (struct dname){ 0 };
		*VEC_PUSH(&eval->out->ids, arena) = id;
	}
}

/* Relaxed: the same Organizational Domain. It is a suffix of both names, so most strangers need no walk. */
static void align_relaxed(struct eval *eval, struct dmarc_id *id)
{
	const struct dmarc_walk *author = eval->out->walk;
	if (!dname_eq(dname_suffix(id->domain, 1), dname_suffix(author->start, 1)))
		return;
	if (author->temp) {
		id->unknown = true;
		return;
	}
	struct dname organizational = author->organizational;
	if (!dname_eq(dname_suffix(id->domain, organizational.labels), organizational) ||
	    ++eval->walked > DMARC_IDS_WALKED)
		return;
	const struct dmarc_walk *walk = dmarc_walk(eval->cache, id->domain);
	id->unknown = walk->temp;
	id->organizational = walk->organizational;
	id->aligned = !walk->temp && dname_eq(walk->organizational, organizational);
}

static void align(struct eval *eval, struct dmarc_id *id)
{
	const struct dmarc_outcome *out = eval->out;
	bool strict = id->method == AUTHRES_SPF ? out->spf.strict : out->dkim.strict;
	if (!dname_is_set(id->domain))
		return;
	if (dname_eq(id->domain, out->domain))
		id->aligned = true;
	else if (!strict && (id->result == AUTHRES_PASS || id->result == AUTHRES_TEMPERROR))
		align_relaxed(eval, id);
}

static unsigned rank(const struct dmarc_id *id)
{
	return (id->result == AUTHRES_PASS ? 4U : 0U) + (id->aligned ? 2U : 0U) + (id->unknown ? 1U : 0U);
}

static void align_all(struct eval *eval)
{
	struct dmarc_outcome *out = eval->out;
	out->spf.strict = out->record->strict_spf;
	out->dkim.strict = out->record->strict_dkim;
	for (size_t i = 0; i < out->ids.n; i++) {
		struct dmarc_id *id = &out->ids.at[i];
		struct dmarc_alignment *way = id->method == AUTHRES_SPF ? &out->spf : &out->dkim;
		align(eval, id);
		if (way->id == NULL || rank(id) > rank(way->id))
			way->id = id;
		way->aligned = way->aligned || (id->aligned && id->result == AUTHRES_PASS);
	}
}

/* 5.3.6: what may be an aligned pass once the DNS answers must not be called a fail. */
static const struct dmarc_id *undecided(const struct dmarc_outcome *out)
{
	for (size_t i = 0; i < out->ids.n; i++) {
		const struct dmarc_id *id = &out->ids.at[i];
		if ((id->result == AUTHRES_PASS && id->unknown) ||
		    (id->result == AUTHRES_TEMPERROR && (id->aligned || id->unknown)))
			return id;
	}
	return NULL;
}

static const char *method_name(const struct dmarc_id *id) { return id->method == AUTHRES_SPF ? "SPF" : "DKIM"; }

static const char *explain_fail(struct eval *eval)
{
	const struct dmarc_outcome *out = eval->out;
	struct arena *arena = eval->cache->arena;
	const struct dmarc_id *dkim = out->dkim.id, *spf = out->spf.id;
	const struct dmarc_id *passed = dkim != NULL && dkim->result == AUTHRES_PASS ? dkim
					: spf != NULL && spf->result == AUTHRES_PASS ? spf
										     : NULL;
	if (passed == NULL)
		return "neither SPF nor DKIM passed for any domain";
	bool strict = passed == dkim ? out->dkim.strict : out->spf.strict;
	return arena_printf(arena, "%s passed for %s, which is not aligned with %s (%s alignment)", method_name(passed),
			    DNAME_SHOW(passed->domain), DNAME_SHOW(out->domain), strict ? "strict" : "relaxed");
}

static void decide(struct eval *eval)
{
	struct dmarc_outcome *out = eval->out;
	struct arena *arena = eval->cache->arena;
	if (out->dkim.aligned || out->spf.aligned) {
		const struct dmarc_id *id = out->dkim.aligned ? out->dkim.id : out->spf.id;
		say(eval, AUTHRES_PASS, NULL,
		    arena_printf(arena, "%s passed for %s, which is aligned with %s", method_name(id),
				 DNAME_SHOW(id->domain), DNAME_SHOW(out->domain)));
		return;
	}
	const struct dmarc_id *open = undecided(out);
	if (open != NULL)
		say(eval, AUTHRES_TEMPERROR, "dns",
		    arena_printf(arena, "the DNS did not answer, so it is not known whether %s for %s counts",
				 method_name(open), DNAME_SHOW(open->domain)));
	else
		say(eval, AUTHRES_FAIL, "not-aligned", explain_fail(eval));
}

/* np asks whether the name exists; nothing is asked where the answer changes nothing. */
static void choose_policy(struct eval *eval)
{
	struct dmarc_outcome *out = eval->out;
	const struct dmarc_record *record = out->record;
	out->name = dname_eq(out->record_domain, out->domain) ? DMARC_NAME_SELF : DMARC_NAME_EXISTS;
	enum dmarc_policy there = dmarc_record_policy(record, out->name, &out->tag);
	bool asks = out->name == DMARC_NAME_EXISTS && !record->replaced && record->np != DMARC_UNSET;
	enum dns_status exists = asks ? dmarc_exists(eval->cache, out->domain) : DNS_OK;
	if (exists == DNS_NXDOMAIN)
		out->name = DMARC_NAME_MISSING;
	out->policy = dmarc_record_policy(record, out->name, &out->tag);
	if (exists == DNS_TEMP && record->np != there && out->result == AUTHRES_FAIL)
		say(eval, AUTHRES_TEMPERROR, "dns",
		    arena_printf(eval->cache->arena,
				 "the DNS did not answer whether %s exists, so it is not known whether sp or np holds",
				 DNAME_SHOW(out->domain)));
	out->applied = record->testing ? dmarc_policy_milder(out->policy) : out->policy;
	out->disposition = out->result == AUTHRES_FAIL ? out->applied : DMARC_POLICY_NONE;
	if (out->result == AUTHRES_FAIL && out->applied != out->policy)
		out->reason = "policy-test-mode";
}

/* Is there a record that applies? False: the result is there. */
static bool discover(struct eval *eval)
{
	struct dmarc_outcome *out = eval->out;
	struct arena *arena = eval->cache->arena;
	const struct dmarc_walk *walk = out->walk;
	bool own = walk->policy != NULL && walk->policy == walk->at[0];
	if (walk->temp && !own) {
		say(eval, AUTHRES_TEMPERROR, "dns",
		    arena_printf(arena, "the DNS did not answer for %s (%s)", DNAME_SHOW(walk->why->asked),
				 dns_cause_name(walk->why->cause)));
		return false;
	}
	if (walk->policy == NULL) {
		say(eval, AUTHRES_NONE, "no-record",
		    arena_printf(arena, "%s has no DMARC record, nor has a name above it", DNAME_SHOW(out->domain)));
		return false;
	}
	out->record = walk->policy->record;
	out->record_domain = walk->policy->name;
	if (!out->record->applies) {
		say(eval, AUTHRES_NONE, "no-policy",
		    arena_printf(arena, "the record of %s has no valid policy and no rua, so DMARC does not apply",
				 DNAME_SHOW(out->record_domain)));
		return false;
	}
	return true;
}

void dmarc_eval(struct dmarc_cache *cache, const struct dmarc_from *from, const struct authres *facts,
		struct dmarc_outcome *out)
{
	*out = (struct dmarc_outcome){ .disposition = DMARC_POLICY_NONE };
	struct eval eval = { .cache = cache, .out = out };
	take_facts(&eval, facts);
	if (from->state != DMARC_FROM_OK) {
		const char *text =
			from->state == DMARC_FROM_NONE ? "the From field has no domain in it"
			: from->state == DMARC_FROM_MULTIPLE
				? arena_printf(
					  cache->arena,
					  "From names %zu domains (%s, %s): receivers should reject such a message",
					  from->domains_n, DNAME_SHOW(from->domains[0]), DNAME_SHOW(from->domains[1]))
				: from->why;
		say(&eval, AUTHRES_PERMERROR, dmarc_from_reason(from->state), text);
		return;
	}
	out->domain = from->domain;
	out->walk = dmarc_walk(cache, from->domain);
	if (!discover(&eval))
		return;
	align_all(&eval);
	decide(&eval);
	choose_policy(&eval);
}

void dmarc_add_verdict(const struct dmarc_outcome *outcome, struct authres *out, struct arena *arena)
{
	struct authres_verdict *verdict = authres_add(out, arena, AUTHRES_DMARC, outcome->result);
	if (outcome->reason != NULL)
		verdict->reason = view_str(outcome->explanation);
	if (outcome->policy != DMARC_UNSET)
		authres_add_prop(verdict, "policy", "dmarc", view_str(dmarc_policy_name(outcome->applied)));
	if (dname_is_set(outcome->domain))
		authres_add_prop(verdict, "header", "from", dname_text(arena, outcome->domain));
}
