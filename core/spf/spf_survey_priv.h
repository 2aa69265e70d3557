#pragma once

#include "spf_survey.h"

/* A survey under way; shared by spf_survey.c, which walks, and spf_lint.c, which judges. */
struct spf_walk {
	struct spf_context *context;
	const struct spf_limits *limits;
	struct arena *arena;
	struct spf_survey *out;
	struct view domain;          /* of the whole survey */
	const struct spf_step *over; /* the first step over the limit of look-ups */
	struct view over_domain;
};

/* One record on the way from the top, for loops. */
struct spf_path {
	const struct spf_path *up;
	struct dname name;
	struct view domain;
	bool allows; /* what it lets through counts as the domain's own */
};

void spf_note(struct spf_walk *walk, const char *check, enum spf_severity severity, struct view subject,
	      struct view evidence, const char *fix, const char *ref, const char *fmt, ...) PRINTF_LIKE(8, 9);

/* What the TXT answers of the first domain show. */
void spf_lint_publication(struct spf_walk *walk, struct dname name);

/* Faults of a policy that was found; top: it is the surveyed domain's own. */
void spf_lint_policy(struct spf_walk *walk, struct view domain, const struct spf_policy *policy, bool top);

/* The record's terms, without looking anything up. */
void spf_lint_record(struct spf_walk *walk, struct view domain, const struct spf_record *record, bool top);

/* include or redirect to something that has no good record. */
void spf_lint_target(struct spf_walk *walk, struct view domain, const struct spf_step *step,
		     const struct spf_policy *policy);
