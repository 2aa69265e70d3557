#pragma once

#include "cmd.h"
#include "spf_survey.h"

/* spf-eval's parts: one evaluation (spf_eval.c), many (spf_eval_list.c), --lint and --flatten (spf_eval_lint.c), drawings (spf_eval_tree.c). */

struct spf_eval_opts {
	struct opt_common common;
	struct ip_addr ip;
	const char *from, *helo, *receiver, *record, *list, *expand;
	bool tree, lint, flatten;
	int require; /* 0: not given, else 1 + enum spf_result */
};

/* A request with its verdict as the command shows it. */
void spf_show_json(struct json *json, const struct spf_request *request, const struct spf_verdict *verdict,
		   bool with_tree);
int spf_exit_code(const struct spf_eval_opts *opts, enum spf_result result);
void spf_sentence(const struct spf_request *request, const struct spf_verdict *verdict, struct buf *out);
enum cmd_style spf_result_style(enum spf_result result);

/* --record TXT in the place of what the domain publishes. */
MUST_CHECK enum err spf_put_record(struct cmd *cmd, struct spf_context *context, struct view domain, struct diag *diag);

/* --list FILE: a line each. */
MUST_CHECK enum err spf_list_run(struct cmd *cmd, struct spf_context *context, struct diag *diag);

/* --lint and --flatten of all operands. */
MUST_CHECK enum err spf_lint_run(struct cmd *cmd, struct spf_context *context, struct diag *diag);

/* The tree for a terminal, and as JSON: the value of a key "tree". */
struct spf_draw {
	struct cmd *cmd;
	struct spf_limits limits;
	bool ascii;  /* the locale is not UTF-8 */
	bool survey; /* no client: nothing matches */
};
void spf_draw_init(struct spf_draw *draw, struct cmd *cmd);
void spf_draw_tree(const struct spf_draw *draw, const struct spf_visit *visit);
void spf_json_steps(struct json *json, const char *key, const struct spf_visit *visit, bool survey);
