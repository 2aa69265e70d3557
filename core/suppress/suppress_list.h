#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_map.h"

/*
 * The suppression list as text: whom not to write to, why, since when, until when. One line an address, tab-separated,
 * with a header line; a line that is only an address or @domain (written by hand) suppresses it for good. Addresses
 * are found without regard to case, since servers echo them in capitals.
 */
enum suppress_state { SUPPRESS_COUNTING, SUPPRESS_ACTIVE };

struct suppress_entry {
	struct view address; /* or "@domain" */
	enum suppress_state state;
	struct view reason, category, source;
	int64_t first_s, last_s; /* 0: not known */
	int64_t expires_s;       /* 0: never */
	uint64_t count;
};

struct suppress_list {
	struct arena *arena;
	struct map entries; /* of struct suppress_entry, by address without case */
};

enum { SUPPRESS_LINE_MAX = 4096, SUPPRESS_ENTRIES_MAX = 20000000 };

/* Empty. arena: all entries and texts live in it. */
void suppress_list_init(struct suppress_list *list, struct arena *arena, uint64_t seed);

/*
 * Add the lines of a file to the list.
 * errors  ERR_SYNTAX (line in diag), ERR_LIMIT
 */
MUST_CHECK enum err suppress_list_parse(struct suppress_list *list, struct view text, struct diag *diag);

/* All entries that have not expired, header line first. */
void suppress_list_write(const struct suppress_list *list, int64_t now_s, struct buf *out);

/* The entry that forbids this address now, its own or its domain's; NULL: it may be written to. */
const struct suppress_entry *suppress_list_find(const struct suppress_list *list, struct view address, int64_t now_s);

/*
 * When an event suppresses: after `count` of its kind within `window_s` seconds (0: any time apart). count 0: never.
 */
struct suppress_rule {
	uint64_t count;
	int64_t window_s;
};

struct suppress_policy {
	struct suppress_rule hard, soft, complaint, disabled;
	int64_t expire_s; /* how long an entry holds after its last event; 0: for ever */
};

/* hard=1,soft=5/30d,complaint=1,disabled=2; what is not named keeps its value. errors ERR_SYNTAX */
MUST_CHECK enum err suppress_policy_parse(struct view text, struct suppress_policy *policy, struct diag *diag);

/* hard at once, complaints at once, soft after 5 within 30 days, no expiry. */
struct suppress_policy suppress_policy_default(void);

struct suppress_event {
	struct view address, reason, category, source;
	int64_t at_s;
	const struct suppress_rule *rule;
};

/*
 * Count an event. True when the address became suppressed by it.
 */
bool suppress_list_add(struct suppress_list *list, const struct suppress_policy *policy,
		       const struct suppress_event *event);
