#include "bounce_classify.h"

#include "base_ascii.h"

void bounce_classifier_init(struct bounce_classifier *classifier)
{
	*classifier = (struct bounce_classifier){ .sets = { &bounce_builtin_rules }, .set_count = 1 };
	buf_init(&classifier->scratch, BOUNCE_TEXT_MAX);
}

void bounce_classifier_done(struct bounce_classifier *classifier)
{
	buf_done(&classifier->scratch);
	bounce_marks_done(classifier->marks);
}

enum err bounce_classifier_add(struct bounce_classifier *classifier, const struct bounce_ruleset *set,
			       struct diag *diag)
{
	if (classifier->set_count == BOUNCE_RULESETS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d rule files", BOUNCE_RULESETS_MAX - 1);
	memmove(classifier->sets + 1, classifier->sets, classifier->set_count * sizeof *classifier->sets);
	classifier->sets[0] = set;
	classifier->set_count++;
	return ERR_OK;
}

/* "*" stands for any characters; the rest compares without case. */
static bool glob_match(const char *glob, struct view host)
{
	const char *star = NULL;
	size_t at = 0, back = 0;
	while (at < host.n) {
		if (*glob == '*') {
			star = glob++;
			back = at;
		} else if (*glob != '\0' && *glob == ascii_lower(view_at(host, at))) {
			glob++;
			at++;
		} else if (star != NULL) {
			glob = star + 1;
			at = ++back;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

static bool hosts_match(const struct bounce_ruleset *set, struct bounce_range range, struct view host)
{
	for (unsigned i = 0; i < range.n && host.n > 0; i++)
		if (glob_match(set->globs[range.at + i], host))
			return true;
	return false;
}

static bool code_fits(const struct bounce_code_pattern *pattern, const struct bounce_facts *facts)
{
	unsigned parts[3];
	if (pattern->enhanced != 0) {
		if (facts->status.class == 0)
			return false;
		parts[0] = facts->status.class;
		parts[1] = facts->status.subject;
		parts[2] = facts->status.detail;
	} else {
		if (facts->reply == 0)
			return false;
		parts[0] = facts->reply / 100;
		parts[1] = facts->reply / 10 % 10;
		parts[2] = facts->reply % 10;
	}
	for (unsigned i = 0; i < 3; i++)
		if (pattern->part[i] != BOUNCE_ANY && pattern->part[i] != parts[i])
			return false;
	return true;
}

/* Any of the patterns, and none of those with "!". */
static bool codes_fit(const struct bounce_ruleset *set, struct bounce_range range, const struct bounce_facts *facts)
{
	bool wanted = false, found = false;
	for (unsigned i = 0; i < range.n; i++) {
		const struct bounce_code_pattern *pattern = &set->codes[range.at + i];
		bool fits = code_fits(pattern, facts);
		if (pattern->negate != 0 && fits)
			return false;
		if (pattern->negate == 0) {
			wanted = true;
			found = found || fits;
		}
	}
	return found || !wanted;
}

static uint64_t providers_of(const struct bounce_ruleset *set, const struct bounce_facts *facts,
			     const struct bounce_hits *hits)
{
	uint64_t mask = 0;
	for (unsigned i = 0; i < set->provider_count; i++) {
		const struct bounce_provider *provider = &set->providers[i];
		if (hosts_match(set, provider->hosts, facts->remote_host) ||
		    (provider->text.n > 0 && bounce_program_run(set->program, provider->text, hits)))
			mask |= UINT64_C(1) << i;
	}
	return mask;
}

static bool provider_fits(const struct bounce_ruleset *set, const struct bounce_rule *rule,
			  const struct bounce_facts *facts, uint64_t providers)
{
	if (rule->providers.n == 0 && rule->hosts.n == 0)
		return true;
	for (unsigned i = 0; i < rule->providers.n; i++)
		if ((providers >> set->program[rule->providers.at + i] & 1) != 0)
			return true;
	return hosts_match(set, rule->hosts, facts->remote_host);
}

static bool rule_holds(const struct bounce_ruleset *set, const struct bounce_rule *rule,
		       const struct bounce_facts *facts, const struct bounce_hits *hits, uint64_t providers)
{
	return (rule->text.n == 0 || bounce_program_run(set->program, rule->text, hits)) &&
	       (rule->commands == 0 || ((unsigned)facts->command & rule->commands) != 0) &&
	       (rule->actions == 0 || ((unsigned)facts->action & rule->actions) != 0) &&
	       (rule->codes.n == 0 || codes_fit(set, rule->codes, facts)) && provider_fits(set, rule, facts, providers);
}

static bool is_permanent(const struct bounce_facts *facts)
{
	if (facts->reply == 0 && facts->status.class == 0)
		return facts->action != BOUNCE_ACTION_DELAYED;
	return facts->reply != 0 ? facts->reply >= 500 : facts->status.class == 5;
}

static void decide(const struct bounce_rule *rule, const struct bounce_facts *facts, struct bounce_verdict *out)
{
	out->rule = rule->name;
	out->reason = (enum bounce_reason)rule->reason;
	out->category = rule->category == BOUNCE_NO_CATEGORY ? bounce_reason_category(out->reason)
							     : (enum bounce_category)rule->category;
	out->hard = rule->hard == BOUNCE_HARD_DEFAULT ? bounce_reason_hard(out->reason) : (enum bounce_hard)rule->hard;
	if (out->hard == BOUNCE_HARD_PERMANENT)
		out->hard = is_permanent(facts) ? BOUNCE_HARD_YES : BOUNCE_HARD_NO;
}

/* A bit for each rule that may hold. */
static void find_candidates(const struct bounce_ruleset *set, const struct bounce_hits *hits, uint64_t *candidates)
{
	memcpy(candidates, set->always, (set->rule_count + 63) / 64 * sizeof *candidates);
	for (uint32_t word = 0; word * 64 < set->ac.phrase_count; word++) {
		for (uint64_t bits = hits->bits[word]; bits != 0; bits &= bits - 1) {
			uint32_t phrase = word * 64 + (uint32_t)__builtin_ctzll(bits);
			for (uint32_t u = set->user_at[phrase]; u < set->user_at[phrase + 1]; u++)
				candidates[set->users[u] / 64] |= UINT64_C(1) << set->users[u] % 64;
		}
	}
}

/* True when the question is settled and nobody wants to know more. */
static bool ask_set(const struct bounce_classifier *classifier, const struct bounce_ruleset *set,
		    const struct bounce_facts *facts, struct bounce_verdict *out)
{
	struct bounce_hits hits;
	memset(&hits, 0, (set->ac.phrase_count / 64 + 1) * sizeof hits.bits[0]);
	bounce_ac_scan(&set->ac, buf_view(&classifier->scratch), &hits);
	uint64_t providers = providers_of(set, facts, &hits);
	if (out->provider == NULL && providers != 0)
		out->provider = set->providers[__builtin_ctzll(providers)].name;
	uint64_t candidates[BOUNCE_RULES_MAX / 64];
	find_candidates(set, &hits, candidates);
	for (unsigned i = 0; i < set->rule_count; i++) {
		if (candidates[i / 64] == 0) {
			i |= 63;
			continue;
		}
		const struct bounce_rule *rule = &set->rules[i];
		if ((candidates[i / 64] >> i % 64 & 1) == 0 || !rule_holds(set, rule, facts, &hits, providers))
			continue;
		if (out->rule == NULL)
			decide(rule, facts, out);
		if (out->trace_count < BOUNCE_TRACE_MAX)
			out->trace[out->trace_count++] = rule;
		if (!classifier->explain)
			return true;
	}
	return false;
}

void bounce_classify(struct bounce_classifier *classifier, const struct bounce_facts *facts, struct bounce_verdict *out)
{
	*out = (struct bounce_verdict){ .reason = BOUNCE_UNDEFINED,
					.category = BOUNCE_UNCLASSIFIED,
					.hard = BOUNCE_HARD_NO };
	buf_reset(&classifier->scratch);
	bounce_text_normalise(view_to(facts->text, BOUNCE_TEXT_MAX / 2), &classifier->scratch);
	for (size_t i = 0; i < classifier->set_count; i++)
		if (ask_set(classifier, classifier->sets[i], facts, out))
			return;
}

void bounce_classify_reply(struct bounce_classifier *classifier, struct view text, struct view remote_host,
			   enum bounce_command command, struct bounce_verdict *out)
{
	struct bounce_facts facts = { .text = text, .remote_host = remote_host, .command = command };
	bounce_text_codes(text, &facts.reply, &facts.status);
	bounce_classify(classifier, &facts, out);
}
