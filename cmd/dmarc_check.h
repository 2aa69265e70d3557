#pragma once

#include "authres.h"
#include "cmd.h"
#include "dmarc_eval.h"
#include "dmarc_lint.h"
#include "resolve.h"

/* dmarc-check: what its files share. */
enum dmarc_by { DMARC_BY_SOURCE, DMARC_BY_ORG, DMARC_BY_DAY, DMARC_BY_DOMAIN };

struct dmarc_check_opts {
	struct opt_common common;
	/* a message or facts */
	const char *message;
	struct ip_addr ip;
	const char *mail_from, *helo, *authserv_id;
	bool add_header;
	bool eval;
	const char *from;
	struct opt_texts dkim_pass, spf_pass;
	/* lint */
	int fail_on;
	/* reports */
	bool report, failing, resolve, csv, json_lines;
	int by;
	struct opt_time since;
	const char *html;
	uint64_t jobs;
};

/* The resolver of the command and the walks of this run. */
struct dmarc_run {
	struct cmd *cmd;
	const struct dmarc_check_opts *opts;
	struct resolve resolve;
	struct dmarc_cache cache;
};

MUST_CHECK enum err dmarc_check_lint(struct dmarc_run *run, struct diag *diag);
MUST_CHECK enum err dmarc_check_eval(struct dmarc_run *run, struct diag *diag);
MUST_CHECK enum err dmarc_check_message(struct dmarc_run *run, struct diag *diag);
MUST_CHECK enum err dmarc_check_report(struct cmd *cmd, struct diag *diag);

/* The walk, name by name. */
void dmarc_show_walk(struct cmd *cmd, const struct dmarc_walk *walk);
void dmarc_json_walk(struct json *json, const struct dmarc_walk *walk, struct arena *arena);

/* An outcome without the results of SPF and DKIM themselves. */
void dmarc_show_outcome(struct dmarc_run *run, const struct dmarc_outcome *outcome);
void dmarc_json_outcome(struct json *json, const struct dmarc_outcome *outcome, struct arena *arena);
int dmarc_exit_code(const struct dmarc_outcome *outcome);

/* "id; spf=... dkim=... dmarc=..." on one line. */
struct view dmarc_results_line(const struct authres *results, struct arena *arena);

static inline const char *dmarc_or_null(enum dmarc_policy policy)
{
	return policy == DMARC_UNSET ? NULL : dmarc_policy_name(policy);
}
