#pragma once

#include "dns.h"

/*
 * A resolver before another one that counts: an evaluation gets a number of questions and a time. Once either is used up, all
 * further answers are DNS_TEMP with DNS_CAUSE_LIMIT (questions) or DNS_CAUSE_TIMEOUT (time). Prefetched questions count only
 * when they are asked.
 */
struct dns_budget {
	struct dns_resolver resolver; /* hand out &budget.resolver */
	struct dns_resolver *inner;
	const struct env *env;
	unsigned queries, queries_max;
	int64_t deadline_us;
	bool over; /* something was refused */
};

/* time_ms 0: no limit of time. */
void dns_budget_init(struct dns_budget *budget, struct dns_resolver *inner, const struct env *env, unsigned queries_max,
		     int64_t time_ms);
