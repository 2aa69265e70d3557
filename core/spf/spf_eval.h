#pragma once

#include "base_env.h"
#include "dns.h"
#include "spf_cache.h"
#include "spf_record.h"

/*
 * check_host() of RFC 7208, and everything that it did on the way.
 */
enum spf_result { SPF_NONE, SPF_NEUTRAL, SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_TEMPERROR, SPF_PERMERROR };

const char *spf_result_name(enum spf_result result); /* "softfail" */
MUST_CHECK bool spf_result_parse(struct view text, enum spf_result *out);

/* The limits of RFC 7208 4.6.4; the numbers of names behind mx and ptr, and the time in all. */
struct spf_limits {
	unsigned lookups, voids, mx_names, ptr_names;
	int64_t time_ms;
};
extern const struct spf_limits spf_limits_default; /* 10, 2, 10, 10, 20 seconds */

/* Borrowed by every evaluation; the cache may serve many of them, one at a time. */
struct spf_context {
	struct dns_resolver *resolver;
	const struct env *env;
	struct spf_cache *cache;
	const struct spf_limits *limits; /* NULL: spf_limits_default */
	bool trace;                      /* keep the answers of each term (spf_step.answers) */
};

struct spf_request {
	struct ip_addr ip;  /* IPv4-mapped addresses are taken as IPv4 */
	struct view sender; /* the MAIL FROM address without <>; empty: the null sender */
	struct view helo;
	struct view receiver; /* who checks, for %{r}; may be empty */
	struct view domain;   /* check this domain instead of the sender's; usually empty */
};

struct spf_visit;

/* One term as it was met. */
struct spf_step {
	const struct spf_term *term;
	bool reached; /* false: evaluation ended before it */
	bool matched;
	bool decides; /* the term, or the way to the term, that made the result */
	bool asked;   /* DNS was asked; `status` is the answer */
	bool voided;  /* counted as a void look-up */
	enum dns_status status;
	unsigned own;            /* its number among the look-ups that count; 0: it does not count */
	unsigned lookups, voids; /* running totals behind it, and behind all below it */
	struct view target;      /* the name that was asked; empty: none */
	struct {
		struct view *at; /* addresses and names, with trace only; at most SPF_ANSWERS_MAX */
		size_t n, cap;
	} answers;
	const char *problem;     /* why it could not match or ended everything; NULL: nothing to say */
	struct spf_visit *child; /* of include and redirect */
};

enum { SPF_ANSWERS_MAX = 32 };

/* One record as it was evaluated. */
struct spf_visit {
	struct view domain;              /* as it was written, without a final dot */
	const struct spf_policy *policy; /* NULL: the name is no domain, nothing was asked */
	struct spf_step *steps;          /* one a term of the record */
	size_t n;
	struct spf_step *redirect, *exp; /* among the steps; NULL: none */
	enum spf_result result;
};

struct spf_verdict {
	enum spf_result result;
	bool helo_identity;      /* checked was the HELO name, since the sender is null */
	struct view sender;      /* local@domain, with the postmaster filled in */
	struct view domain;      /* of the record that was asked first */
	struct view explanation; /* p == NULL: none. A stranger's words, US-ASCII */
	const char *problem;     /* why it is none, temperror or permerror, escaped; NULL otherwise */
	unsigned lookups, voids;
	struct spf_visit *tree; /* NULL: the domain was malformed */
	const struct spf_step
		*match; /* the mechanism that decided, in includes the innermost; NULL: none, or an error */
	const struct spf_visit *match_visit; /* where it stands */
};

/*
 * Evaluate; all of *out lies in the arena, but for records, which lie in the cache.
 */
void spf_eval(struct spf_context *context, struct arena *arena, const struct spf_request *request,
	      struct spf_verdict *out);
