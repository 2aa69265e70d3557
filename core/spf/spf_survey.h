#pragma once

#include "spf_eval.h"

/*
 * A domain's whole policy, looked at without a client: every term of every record is walked, past the limits and past
 * matches, and what is wrong is told. For `spf-eval --lint` and --flatten, and for dns-check.
 */
enum spf_severity { SPF_LINT_INFO, SPF_LINT_WARN, SPF_LINT_ERROR, SPF_LINT_UNKNOWN };

struct spf_finding {
	const char *check; /* "spf.lookups": dns-check's ids, which do not change */
	enum spf_severity severity;
	const char *subject; /* the domain whose record it is, escaped like all texts here */
	const char *message;
	const char *evidence; /* the term or record; NULL: none */
	const char *fix;      /* what to do; NULL: nothing general */
	const char *ref;      /* "RFC 7208 4.6.4" */
};

struct spf_network {
	struct ip_addr ip;
	unsigned bits;
	struct view term, domain; /* where it comes from */
};

enum {
	SPF_SURVEY_LOOKUPS = 64, /* then the walk ends */
	SPF_SURVEY_NETWORKS = 65536
};

struct spf_survey {
	const struct spf_policy *policy;
	struct spf_visit
		*tree; /* lookups and voids run on past the limits; not `reached` is what stands behind "all" */
	unsigned lookups, voids; /* of all terms; a void here is a name without A and without AAAA */
	bool incomplete; /* something could not be found out, or the walk was ended: the counts are lower bounds */
	struct {
		struct spf_network *at; /* what + terms let through, each once */
		size_t n, cap;
	} networks;
	struct {
		struct view *at; /* terms that depend on the message (macros, ptr, exists): not in networks */
		size_t n, cap;
	} open;
	struct {
		struct spf_finding *at; /* errors first, else in the order they were met */
		size_t n, cap;
	} findings;
};

/* All of *out lies in the arena, but for records, which lie in the cache. context->limits is what is judged by. */
void spf_survey(struct spf_context *context, struct arena *arena, struct view domain, struct spf_survey *out);

const char *spf_severity_name(enum spf_severity severity); /* "info" "warn" "error" "unknown" */
