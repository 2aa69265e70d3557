#pragma once

#include "base_map.h"
#include "bounce_record.h"
#include "cmd.h"

/* Counts of records, by a key of the person's choice. */
enum bounce_by {
	BOUNCE_BY_REASON,
	BOUNCE_BY_CATEGORY,
	BOUNCE_BY_DOMAIN,
	BOUNCE_BY_PROVIDER,
	BOUNCE_BY_MTA,
	BOUNCE_BY_DAY,
	BOUNCE_BY_JOB,
	BOUNCE_BY_RULE /* --test-rules */
};

extern const char *const bounce_by_names[];

struct bounce_summary {
	struct arena arena;
	struct map groups; /* key -> struct bounce_group */
	enum bounce_by by;
	uint64_t messages, records, hard, soft, delayed, complaints, unknown;
};

void bounce_summary_init(struct bounce_summary *summary, enum bounce_by by, uint64_t seed);
void bounce_summary_done(struct bounce_summary *summary);

/* record NULL: a message without records. */
void bounce_summary_add(struct bounce_summary *summary, const struct bounce_report *report,
			const struct bounce_record *record, struct view job);

/* The table, with bars when plot; one JSON object a group when json. */
void bounce_summary_print(struct cmd *cmd, const struct bounce_summary *summary, bool plot, bool json);

/*
 * Rates against what was sent, each beside its threshold (5 % bounces, 0.1 % complaints). True: one is over.
 */
bool bounce_summary_rate(struct cmd *cmd, const struct bounce_summary *summary, uint64_t sent, bool json);

/* How many records fell into the group of that name. */
uint64_t bounce_summary_count(const struct bounce_summary *summary, struct view name);
