#pragma once

#include "dmarc_lint.h"

struct dmarc_linter {
	struct dmarc_cache *cache;
	struct arena *arena;
	struct dmarc_survey *out;
};

/* Subject, evidence and fix may be NULL; the message is a format. */
void dmarc_note(struct dmarc_linter *lint, const char *check, enum dmarc_severity severity, const char *subject,
		const char *evidence, const char *fix, const char *ref, const char *message, ...) PRINTF_LIKE(8, 9);

/* Where reports go: URIs, permission, dead mailboxes. */
void dmarc_lint_targets(struct dmarc_linter *lint);
