#pragma once

#include "spf_eval.h"
#include "spf_macro.h"

/* One evaluation under way; shared by spf_eval.c, spf_mechanism.c and spf_ptr.c. */

/* The client's names, asked for once in an evaluation. */
struct spf_names {
	bool asked;
	enum dns_status status;
	struct dname *at;
	size_t n;
	enum spf_name_state { SPF_NAME_OPEN, SPF_NAME_VALID, SPF_NAME_NOT } * state;
};

struct spf_run {
	struct spf_context *context;
	const struct spf_limits *limits;
	struct arena *arena;
	struct view local, sender_domain, helo, receiver;
	struct ip_addr ip;
	int64_t deadline_us;
	unsigned lookups, voids;
	const char *problem; /* the first that ended the evaluation */
	struct spf_names names;
};

/* What a mechanism says; the last two end the evaluation. */
enum spf_match { SPF_NO_MATCH, SPF_MATCH, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* Set the reason on the step and, when it is the first, on the run. */
enum spf_match spf_run_stop(struct spf_run *run, struct spf_step *step, enum spf_match how, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

struct spf_macro_env spf_run_macros(struct spf_run *run, struct view domain);

/* Ask, with the evaluation's deadline. */
enum dns_status spf_run_query(struct spf_run *run, struct dname name, uint16_t type, struct dns_answer *out);

/* The term's target name into step->target. ERR_SYNTAX, ERR_LIMIT: it is no domain name; the reason is on the step. */
MUST_CHECK enum err spf_run_target(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step,
				   struct dname *out);

/* a, mx, ptr, ip4, ip6, exists */
enum spf_match spf_mechanism_eval(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step);

enum spf_match spf_ptr_eval(struct spf_run *run, struct spf_step *step, struct dname target);

/* For %{p}: the best validated name, "unknown" when there is none (RFC 7208 7.3). ctx is the run. */
struct view spf_ptr_validated(void *ctx, struct view domain);

void spf_step_answer(struct spf_run *run, struct spf_step *step, struct view text);

/* The term got no data: one void look-up a term (RFC 7208 4.6.4). SPF_MATCH_PERMERROR when that is one too many. */
enum spf_match spf_step_void(struct spf_run *run, struct spf_step *step);

/* DNS did not answer a question of this term. */
enum spf_match spf_step_temp(struct spf_run *run, struct spf_step *step, const struct dns_answer *answer,
			     struct dname name, uint16_t type);
