#include "dns_budget.h"

#include "base_vec.h"

static struct dns_budget *budget_of(struct dns_resolver *resolver)
{
	return (struct dns_budget *)(void *)((char *)resolver - offsetof(struct dns_budget, resolver));
}

/* Takes one question from the budget and clips its deadline, or says why not. */
static enum dns_cause spend(struct dns_budget *budget, struct dns_question *question)
{
	if (budget->queries >= budget->queries_max) {
		budget->over = true;
		return DNS_CAUSE_LIMIT;
	}
	if (budget->deadline_us != 0 && env_mono_us(budget->env) >= budget->deadline_us) {
		budget->over = true;
		return DNS_CAUSE_TIMEOUT;
	}
	budget->queries++;
	if (budget->deadline_us != 0 && (question->deadline_us == 0 || question->deadline_us > budget->deadline_us))
		question->deadline_us = budget->deadline_us;
	return DNS_CAUSE_NONE;
}

static void budget_query(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
			 struct dns_answer *out)
{
	struct dns_budget *budget = budget_of(resolver);
	struct dns_question clipped = *question;
	enum dns_cause cause = spend(budget, &clipped);
	if (cause == DNS_CAUSE_NONE) {
		(void)(dns_query(budget->inner, arena, clipped, out) == DNS_OK);
		return;
	}
	*out = dns_answer_temp(dname_copy(arena, question->name), cause);
}

static void budget_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	struct dns_budget *budget = budget_of(resolver);
	struct dns_question clipped = *question;
	enum dns_cause cause = spend(budget, &clipped);
	if (cause == DNS_CAUSE_NONE) {
		dns_ask(budget->inner, clipped, ask);
		return;
	}
	struct dns_answer answer = dns_answer_temp(question->name, cause);
	ask->done(ask, &answer);
}

static void budget_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	dns_cancel(budget_of(resolver)->inner, ask);
}

/* No more is fetched ahead than could still be asked. */
static void budget_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	struct dns_budget *budget = budget_of(resolver);
	size_t left = budget->queries_max - budget->queries;
	dns_prefetch(budget->inner, questions, n < left ? n : left);
}

static bool budget_wait(struct dns_resolver *resolver) { return dns_wait(budget_of(resolver)->inner); }

void dns_budget_init(struct dns_budget *budget, struct dns_resolver *inner, const struct env *env, unsigned queries_max,
		     int64_t time_ms)
{
	static const struct dns_ops ops = {
		.query = budget_query,
		.ask = budget_ask,
		.cancel = budget_cancel,
		.prefetch = budget_prefetch,
		.wait = budget_wait,
	};
	*budget = (struct dns_budget){ .resolver.ops = &ops,
				       .inner = inner,
				       .env = env,
				       .queries_max = queries_max,
				       .deadline_us = time_ms == 0 ? 0 : env_mono_us(env) + time_ms * 1000 };
}
