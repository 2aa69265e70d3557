#pragma once

#include "base_map.h"
#include "dmarc_check.h"
#include "rua_read.h"

/* dmarc-check --report: files (dmarc_report_jobs.c) → numbers by group (dmarc_report_group.c) → text, JSON, CSV, HTML. */

/* Why mail failed, as far as a report tells. */
enum report_why {
	REPORT_UNSIGNED,  /* no good signature, SPF did not pass */
	REPORT_BROKEN,    /* a signature was there and failed: changed on the way, or forged */
	REPORT_UNALIGNED, /* SPF or DKIM passed for another domain */
	REPORT_UNKNOWN,   /* temperror, permerror, or nothing said */
	REPORT_WHYS
};

struct report_group {
	struct view key;
	struct view name; /* --resolve; empty: none */
	uint64_t messages, pass, fail;
	uint64_t dkim_pass, spf_pass;            /* aligned */
	uint64_t quarantined, rejected, excused; /* of what failed; excused: the receiver overrode the policy */
	uint64_t whys[REPORT_WHYS];
	struct view other;  /* a domain for which unaligned mail passed */
	struct view domain; /* a domain it sent as */
};

/* A TLS report's policy. */
struct report_tls {
	struct view domain, type;
	uint64_t success, failure;
	struct map types; /* of failures: uint64_t * */
};

struct report_run {
	struct cmd *cmd;
	const struct dmarc_check_opts *opts;
	struct arena *arena;
	struct map groups; /* key -> struct report_group */
	struct map orgs, domains, seen, tls;
	uint64_t reports, failures, tls_reports, duplicates, skipped, problems, missing;
	uint64_t messages, pass, fail;
	int64_t begin, end; /* -1: none */
	struct buf failures_json, tls_json, errors_json, failures_text;
	struct json failures_writer, tls_writer, errors_writer, *writer;
};

/* All the paths; reports arrive in the order of the files when `ordered`, one at a time always. */
MUST_CHECK enum err report_jobs_run(struct report_run *run, bool ordered, struct diag *diag);
void report_take(struct report_run *run, struct rua_report *report);
void report_trouble(struct report_run *run, struct view where, enum err err, const struct diag *diag);

void report_count(struct report_run *run, const struct rua_report *report);
/* Worst first: most failed mail, then most mail. */
struct report_group **report_sorted(const struct report_run *run, size_t *n);
void report_why_text(const struct report_group *group, struct buf *out);
enum report_why report_why_of(const struct rua_record *record, struct view *other);
void report_resolve(struct report_run *run, struct report_group **groups, size_t n);

void report_json(struct json *json, const struct rua_report *report, bool duplicate);
void report_json_summary(struct json *json, const struct report_run *run);
void report_csv_head(struct cmd *cmd);
void report_csv(struct cmd *cmd, const struct rua_report *report);
void report_text(struct report_run *run);
void report_failure_line(const struct rua_report *report, struct buf *out);
MUST_CHECK enum err report_html(struct report_run *run, const char *path, struct diag *diag);

static inline unsigned report_percent(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (unsigned)(part * 100 / whole);
}
