#pragma once

#include "bounce_input.h"
#include "bounce_print.h"
#include "bounce_summary.h"
#include "suppress_list.h"

/* bounce-parse is more than a file; this is what its files share. */
struct bounce_parse_opts {
	struct opt_common common;
	enum bounce_form format;
	uint64_t types, categories, reasons; /* bits; 0: all */
	struct opt_texts domains;
	bool hard, soft;
	struct opt_time since;
	struct opt_texts rules;
	bool test_rules, list_reasons, explain;
	struct opt_texts replies;
	const char *replies_file;
	const char *suppress, *check, *policy, *verp, *unmatched_dir;
	uint64_t expire_ms;
	bool dry_run, summary, plot;
	enum bounce_by by;
	uint64_t sent, jobs;
};

struct bounce_run {
	struct cmd *cmd;
	const struct bounce_parse_opts *opts;
	struct bounce_classifier classifier;
	struct bounce_printer printer;
	struct bounce_summary summary;
	struct bounce_list *list; /* --suppress, or NULL */
	uint64_t recognised, suppressed_now, unmatched;
};

/* A record goes through filters to the list, the summary and stdout. record NULL: no report. */
void bounce_run_take(struct bounce_run *run, const struct bounce_report *report, const struct bounce_record *record,
		     const char *source);

/* The messages of the operands, parsed by --jobs threads, taken in their order. */
MUST_CHECK enum err bounce_run_operands(struct bounce_run *run, const struct opt_texts *operands, struct diag *diag);

/*
 * job and key from the address that a report came to, by a pattern such as bounce+{job}.{key}.{mac}@example.org or
 * bounces+{user}={domain}@example.org. False: the address is not of that form.
 */
struct bounce_verp {
	struct view job, key;
	struct view recipient; /* of {user} and {domain}; empty when the pattern has none */
};
bool bounce_verp_match(struct view pattern, struct view address, struct arena *arena, struct bounce_verp *out);

/* The suppression list in its file, locked while it is open. */
struct bounce_list {
	const char *path;
	struct suppress_list entries;
	struct suppress_policy policy;
	struct arena arena;
	int lock;
};
MUST_CHECK enum err bounce_list_open(struct bounce_list *list, const struct bounce_parse_opts *opts,
				     const struct env *env, struct diag *diag);
MUST_CHECK enum err bounce_list_save(const struct bounce_list *list, int64_t now_s, struct diag *diag);
void bounce_list_close(struct bounce_list *list);

/* True when the record made its address suppressed. */
bool bounce_list_take(struct bounce_list *list, const struct bounce_report *report, const struct bounce_record *record,
		      const char *source, int64_t now_s);
