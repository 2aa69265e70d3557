#include "dns_mx.h"

#include <stdlib.h>

bool dns_mx_is_null(const struct dns_answer *mx)
{
	return mx->status == DNS_OK && mx->n == 1 && dname_is_root(mx->rr[0].mx.host);
}

static int by_preference(const void *a, const void *b)
{
	const struct dns_rr *x = a, *y = b;
	if (x->mx.preference != y->mx.preference)
		return x->mx.preference < y->mx.preference ? -1 : 1;
	return dname_cmp(x->mx.host, y->mx.host);
}

static void shuffle(struct dns_rr *rr, size_t n, const struct env *env)
{
	for (size_t i = n; i > 1; i--) {
		uint32_t random;
		env_random(env, &random, sizeof random);
		struct dns_rr swap = rr[i - 1];
		rr[i - 1] = rr[random % i];
		rr[random % i] = swap;
	}
}

struct dns_rr *dns_mx_sorted(struct arena *arena, const struct dns_answer *mx, const struct env *env)
{
	struct dns_rr *rr = arena_array(arena, mx->n, sizeof *rr);
	if (mx->n == 0)
		return rr;
	memcpy(rr, mx->rr, mx->n * sizeof *rr);
	qsort(rr, mx->n, sizeof *rr, by_preference);
	for (size_t from = 0, to; env != NULL && from < mx->n; from = to) {
		to = from + 1;
		while (to < mx->n && rr[to].mx.preference == rr[from].mx.preference)
			to++;
		shuffle(rr + from, to - from, env);
	}
	return rr;
}

static enum dns_status both(enum dns_status a, enum dns_status b)
{
	if (a == DNS_OK || b == DNS_OK)
		return DNS_OK;
	if (a == DNS_TEMP || b == DNS_TEMP)
		return DNS_TEMP;
	return a == DNS_NXDOMAIN && b == DNS_NXDOMAIN ? DNS_NXDOMAIN : DNS_NODATA;
}

void dns_addrs_query(struct dns_resolver *resolver, struct arena *arena, struct dname name, struct dns_addrs *out)
{
	struct dns_question questions[] = { dns_question_of(name, DNS_AAAA), dns_question_of(name, DNS_A) };
	*out = (struct dns_addrs){ .n = 0 };
	dns_prefetch(resolver, questions, ARRAY_LEN(questions));
	enum dns_status aaaa = dns_query(resolver, arena, questions[0], &out->aaaa);
	enum dns_status a = dns_query(resolver, arena, questions[1], &out->a);
	out->status = both(a, aaaa);
	out->at = arena_array(arena, out->a.n + out->aaaa.n, sizeof *out->at);
	for (size_t i = 0; i < out->a.n || i < out->aaaa.n; i++) {
		if (i < out->aaaa.n)
			out->at[out->n++] = out->aaaa.rr[i].ip;
		if (i < out->a.n)
			out->at[out->n++] = out->a.rr[i].ip;
	}
}
