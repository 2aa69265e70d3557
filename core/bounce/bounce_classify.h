#pragma once

#include "bounce_rule.h"
#include "bounce_text.h"

/*
 * What is known of one refusal, and what the rules make of it. Pure; about 2 microseconds for a usual reply.
 */
struct bounce_facts {
	struct view text;            /* as the server said it; the first BOUNCE_TEXT_MAX octets count */
	unsigned reply;              /* 0: none */
	struct bounce_status status; /* class 0: none */
	struct view remote_host;     /* who said it; empty: unknown */
	enum bounce_command command;
	enum bounce_action action;
};

enum { BOUNCE_TEXT_MAX = 8192, BOUNCE_RULESETS_MAX = 8, BOUNCE_TRACE_MAX = 32 };

struct bounce_verdict {
	enum bounce_reason reason;
	enum bounce_category category;
	enum bounce_hard hard; /* NONE, NO or YES */
	const char *rule;      /* NULL: none held, it is the default */
	const char *provider;  /* NULL: none known */
	/* every rule that held, in the order asked; the first decided (--explain) */
	const struct bounce_rule *trace[BOUNCE_TRACE_MAX];
	unsigned trace_count;
};

struct bounce_classifier {
	const struct bounce_ruleset *sets[BOUNCE_RULESETS_MAX];
	size_t set_count;
	bool explain; /* fill trace beyond the first */
	struct buf scratch;
	struct bounce_marks *marks; /* bounce_marks.c; NULL until it is needed */
};

void bounce_marks_done(struct bounce_marks *marks);

/* With the built-in rules; bounce_classifier_add puts further sets in front of them. */
void bounce_classifier_init(struct bounce_classifier *classifier);
void bounce_classifier_done(struct bounce_classifier *classifier);
MUST_CHECK enum err bounce_classifier_add(struct bounce_classifier *classifier, const struct bounce_ruleset *set,
					  struct diag *diag);

void bounce_classify(struct bounce_classifier *classifier, const struct bounce_facts *facts,
		     struct bounce_verdict *out);

/*
 * A bare SMTP reply, as `send` gets it and logs hold it: codes are read from the text where reply is 0.
 */
void bounce_classify_reply(struct bounce_classifier *classifier, struct view text, struct view remote_host,
			   enum bounce_command command, struct bounce_verdict *out);

/* The tables made from core/bounce/rules at build time. */
extern const struct bounce_ruleset bounce_builtin_rules;
