#include "spf_cache.h"

#include "base_ascii.h"

static void start(struct spf_cache *cache)
{
	uint64_t seed;
	env_random(cache->env, &seed, sizeof seed);
	map_init(&cache->policies, &cache->arena, seed, false);
}

void spf_cache_init(struct spf_cache *cache, const struct env *env)
{
	*cache = (struct spf_cache){ .env = env };
	arena_init(&cache->arena);
	start(cache);
}

void spf_cache_done(struct spf_cache *cache) { arena_done(&cache->arena); }

void spf_cache_trim(struct spf_cache *cache)
{
	if (cache->arena.used <= SPF_CACHE_OCTETS)
		return;
	arena_reset(&cache->arena);
	start(cache);
}

static void parse(struct spf_cache *cache, struct view text, struct spf_policy *policy)
{
	struct diag why;
	policy->found = SPF_FOUND;
	if (spf_record_parse(&cache->arena, arena_view(&cache->arena, text), &policy->record, &why) == ERR_OK)
		return;
	policy->found = SPF_FOUND_FAULTY;
	policy->problem = why.column > 0 ? arena_printf(&cache->arena, "%s, column %u", why.text, why.column)
					 : arena_printf(&cache->arena, "%s", why.text);
}

static void keep(struct spf_cache *cache, struct dname domain, struct spf_policy *policy)
{
	*map_put(&cache->policies, dname_lower(&cache->arena, domain).wire) = policy;
}

void spf_cache_put(struct spf_cache *cache, struct dname domain, struct view record)
{
	struct spf_policy *policy = arena_new(&cache->arena, struct spf_policy);
	policy->records = 1;
	parse(cache, record, policy);
	keep(cache, domain, policy);
}

/* RFC 7208 4.4 and 4.5. */
static void select_record(struct spf_cache *cache, struct dname domain, const struct dns_answer *answer,
			  struct spf_policy *policy)
{
	struct view text = view_none();
	for (size_t i = 0; i < answer->n; i++) {
		if (!spf_record_is(answer->rr[i].txt.joined))
			continue;
		text = answer->rr[i].txt.joined;
		policy->records++;
	}
	if (policy->records == 1) {
		parse(cache, text, policy);
		return;
	}
	policy->found = policy->records == 0 ? SPF_FOUND_NONE : SPF_FOUND_SEVERAL;
	policy->problem = policy->records > 0 ? arena_printf(&cache->arena, "%s has %zu SPF records, one is allowed",
							     DNAME_SHOW(domain), policy->records)
			  : answer->status == DNS_NXDOMAIN
				  ? arena_printf(&cache->arena, "%s does not exist", DNAME_SHOW(domain))
				  : arena_printf(&cache->arena, "%s has no SPF record", DNAME_SHOW(domain));
}

static void explain_temp(struct spf_cache *cache, const struct dns_answer *answer, struct dns_question question,
			 struct spf_policy *policy)
{
	BUF_AUTO struct buf text;
	buf_init(&text, DIAG_TEXT_MAX + DNAME_TEXT_MAX);
	dns_answer_explain(answer, question, &text);
	policy->found = SPF_FOUND_TEMP;
	policy->problem = arena_cstr(&cache->arena, buf_view(&text));
}

static struct spf_policy *find(const struct spf_cache *cache, struct dname domain)
{
	char lower[DNAME_MAX];
	for (size_t i = 0; i < domain.wire.n; i++)
		lower[i] = (char)ascii_lower(view_at(domain.wire, i));
	return map_get(&cache->policies, view_of(lower, domain.wire.n));
}

bool spf_cache_has(const struct spf_cache *cache, struct dname domain) { return find(cache, domain) != NULL; }

const struct spf_policy *spf_cache_get(struct spf_cache *cache, struct dns_resolver *resolver, struct dname domain,
				       int64_t deadline_us)
{
	struct spf_policy *policy = find(cache, domain);
	if (policy != NULL)
		return policy;
	struct arena scratch = { 0 };
	struct dns_question question = dns_question_of(domain, DNS_TXT);
	question.deadline_us = deadline_us;
	struct dns_answer answer;
	policy = arena_new(&cache->arena, struct spf_policy);
	policy->status = dns_query(resolver, &scratch, question, &answer);
	if (policy->status == DNS_TEMP) {
		explain_temp(cache, &answer, question, policy);
	} else {
		select_record(cache, domain, &answer, policy);
		keep(cache, domain, policy);
	}
	arena_done(&scratch);
	return policy;
}
