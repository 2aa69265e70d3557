#include "base_show.h"
#include "cmd_dns.h"
#include "spf_eval.h"

/* --lint and --flatten: a domain's records without a client. */

static void json_findings(struct json *json, const struct spf_survey *survey)
{
	json_key_array(json, "findings");
	for (size_t i = 0; i < survey->findings.n; i++) {
		const struct spf_finding *finding = &survey->findings.at[i];
		json_object(json);
		json_key_str(json, "check", finding->check);
		json_key_str(json, "severity", spf_severity_name(finding->severity));
		json_key_str(json, "message", finding->message);
		json_key_str(json, "subject", finding->subject);
		json_key_str(json, "evidence", finding->evidence);
		json_key_str(json, "fix", finding->fix);
		json_key_str(json, "ref", finding->ref);
		json_key_str(json, "certainty", finding->severity == SPF_LINT_UNKNOWN ? "likely" : "sure");
		json_end(json);
	}
	json_end(json);
}

static void json_lint(struct cmd *cmd, struct view domain, const struct spf_survey *survey)
{
	struct json *json = cmd_json_begin(cmd);
	json_key_view(json, "domain", domain);
	if (survey->policy != NULL && survey->policy->records == 1)
		json_key_view(json, "record", survey->policy->record.text);
	else
		json_key_null(json, "record");
	json_key_uint(json, "lookups", survey->lookups);
	json_key_uint(json, "void_lookups", survey->voids);
	json_key_bool(json, "complete", !survey->incomplete);
	spf_json_steps(json, "tree", survey->tree, true);
	json_findings(json, survey);
	cmd_json_end(cmd);
}

static void text_finding(struct cmd *cmd, const struct spf_finding *finding, bool ascii)
{
	static const char *const signs[] = { "·", "!", "✗", "?" }, *const plain[] = { ".", "!", "x", "?" };
	static const enum cmd_style styles[] = { CMD_DIM, CMD_YELLOW, CMD_RED, CMD_BLUE };
	cmd_out_printf(cmd, "%s%s%s %s  %s  (%s)\n", cmd_style(cmd, styles[finding->severity]),
		       (ascii ? plain : signs)[finding->severity], cmd_style(cmd, CMD_RESET), finding->check,
		       finding->message, finding->ref);
	if (finding->fix != NULL)
		cmd_out_printf(cmd, "    %s: %s\n", finding->subject, finding->fix);
}

static size_t count_of(const struct spf_survey *survey, enum spf_severity severity)
{
	size_t n = 0;
	for (size_t i = 0; i < survey->findings.n; i++)
		n += survey->findings.at[i].severity == severity;
	return n;
}

static void text_lint(struct cmd *cmd, struct view domain, const struct spf_survey *survey)
{
	struct spf_draw draw;
	spf_draw_init(&draw, cmd);
	draw.survey = true;
	size_t errors = count_of(survey, SPF_LINT_ERROR), warnings = count_of(survey, SPF_LINT_WARN);
	cmd_out_str(cmd, cmd_style(cmd, CMD_BOLD));
	cmd_out_shown(cmd, domain);
	cmd_out_printf(cmd, "%s  %zu error%s  %zu warning%s  %s%u/%u look-ups  %u/%u void\n", cmd_style(cmd, CMD_RESET),
		       errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s",
		       survey->incomplete ? "at least " : "", survey->lookups, spf_limits_default.lookups,
		       survey->voids, spf_limits_default.voids);
	for (size_t i = 0; i < survey->findings.n; i++)
		text_finding(cmd, &survey->findings.at[i], draw.ascii);
	cmd_out_str(cmd, "\n");
	spf_draw_tree(&draw, survey->tree);
}

static void lint_exit(struct cmd *cmd, const struct spf_survey *survey)
{
	if (count_of(survey, SPF_LINT_ERROR) > 0)
		cmd->exit_code = 1;
	else if (count_of(survey, SPF_LINT_UNKNOWN) > 0 && cmd->exit_code == 0)
		cmd->exit_code = 75;
}

static void json_flatten(struct cmd *cmd, struct view domain, const struct spf_survey *survey)
{
	struct json *json = cmd_json_begin(cmd);
	json_key_view(json, "domain", domain);
	json_key_array(json, "networks");
	for (size_t i = 0; i < survey->networks.n; i++)
		json_printf(json, "%s/%u", IP_SHOW(&survey->networks.at[i].ip), survey->networks.at[i].bits);
	json_end(json);
	json_key_array(json, "not_flattened");
	for (size_t i = 0; i < survey->open.n; i++)
		json_view(json, survey->open.at[i]);
	json_end(json);
	json_key_bool(json, "complete", !survey->incomplete && survey->open.n == 0);
	cmd_json_end(cmd);
}

static void flatten(struct cmd *cmd, struct view domain, const struct spf_survey *survey)
{
	const struct spf_policy *policy = survey->policy;
	if (policy == NULL || policy->found != SPF_FOUND) {
		cmd_error(cmd, "%s", policy != NULL ? policy->problem : "no such domain");
		cmd->exit_code = policy != NULL && policy->found == SPF_FOUND_TEMP ? 75 : 1;
	} else if (survey->incomplete) {
		cmd_error(cmd, "%s: the list is not complete, for something could not be looked up (--lint shows what)",
			  SHOW(domain));
		cmd->exit_code = 75;
	}
	for (size_t i = 0; i < survey->open.n; i++)
		cmd_info(cmd, "%s: '%s' depends on the message and cannot be written as networks", SHOW(domain),
			 SHOW(survey->open.at[i]));
	if (cmd->common->json) {
		json_flatten(cmd, domain, survey);
		return;
	}
	for (size_t i = 0; i < survey->networks.n; i++) {
		const struct spf_network *network = &survey->networks.at[i];
		cmd_out_printf(cmd, "%s/%u\n", IP_SHOW(&network->ip), network->bits);
	}
}

enum err spf_lint_run(struct cmd *cmd, struct spf_context *context, struct diag *diag)
{
	const struct spf_eval_opts *given = cmd->opts;
	context->trace = true;
	for (size_t i = 0; i < cmd->args.operands.n; i++) {
		struct view domain;
		enum err err = cmd_dns_domain(cmd, "DOMAIN", cmd->args.operands.at[i], &domain, diag);
		if (err == ERR_OK)
			err = spf_put_record(cmd, context, domain, diag);
		if (err != ERR_OK)
			return err;
		struct spf_survey survey;
		spf_survey(context, cmd->arena, domain, &survey);
		if (given->flatten) {
			flatten(cmd, domain, &survey);
			continue;
		}
		lint_exit(cmd, &survey);
		if (cmd->common->json)
			json_lint(cmd, domain, &survey);
		else
			text_lint(cmd, domain, &survey);
	}
	return ERR_OK;
}
