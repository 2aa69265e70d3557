/* dmarc-check DOMAIN: the walk, the policies, what is wrong. */
#include "base_show.h"
#include "cmd_dns.h"
#include "dmarc_check.h"

/* What was found at one name, in few words. */
static void describe_step(const struct dmarc_step *step, struct buf *out)
{
	if (step->status == DNS_TEMP)
		buf_printf(out, "no answer (%s)", dns_cause_name(step->cause));
	else if (step->records > 1)
		buf_printf(out, "%u records, all dropped", step->records);
	else if (step->record != NULL)
		buf_str(out, SHOW(step->record->text));
	else if (step->texts.n > 0)
		buf_str(out, "no DMARC record among the TXT records");
	else
		buf_str(out, "no record");
}

static const char *role_of(const struct dmarc_walk *walk, const struct dmarc_step *step)
{
	bool policy = step == walk->policy;
	bool organization = !walk->temp && dname_eq(step->name, walk->organizational);
	return policy && organization ? "policy, organizational domain"
	       : policy               ? "policy"
	       : organization         ? "organizational domain"
				      : NULL;
}

void dmarc_show_walk(struct cmd *cmd, const struct dmarc_walk *walk)
{
	int width = 0;
	for (size_t i = 0; i < walk->n; i++) {
		int n = (int)strlen(DNAME_SHOW(walk->at[i]->name));
		width = n > width ? n : width;
	}
	for (size_t i = 0; i < walk->n; i++) {
		BUF_AUTO struct buf text;
		buf_init(&text, 4096);
		describe_step(walk->at[i], &text);
		const char *role = role_of(walk, walk->at[i]);
		const char *dim = walk->at[i]->record == NULL ? cmd_style(cmd, CMD_DIM) : "";
		cmd_out_printf(cmd, "    %s_dmarc.%-*s  %.*s%s\n", dim, width, DNAME_SHOW(walk->at[i]->name),
			       VIEW_ARG(buf_view(&text)), *dim == '\0' ? "" : cmd_style(cmd, CMD_RESET));
		if (role != NULL)
			cmd_out_printf(cmd, "    %*s  ^ %s\n", width + 7, "", role);
	}
}

void dmarc_json_walk(struct json *json, const struct dmarc_walk *walk, struct arena *arena)
{
	json_key_array(json, "walk");
	for (size_t i = 0; walk != NULL && i < walk->n; i++) {
		const struct dmarc_step *step = walk->at[i];
		json_object(json);
		json_key_view(json, "name", dname_is_set(step->asked) ? dname_text(arena, step->asked) : view_none());
		json_key_str(json, "status", dns_status_name(step->status));
		json_key_array(json, "records");
		for (size_t k = 0; k < step->texts.n; k++)
			if (dmarc_record_is(step->texts.at[k]))
				json_view(json, step->texts.at[k]);
		json_end(json);
		json_key_bool(json, "used", step == walk->policy);
		json_end(json);
	}
	json_end(json);
}

static void show_policy(struct cmd *cmd, const char *what, enum dmarc_policy policy, const char *tag, bool testing)
{
	static const enum cmd_style styles[] = { CMD_RED, CMD_YELLOW, CMD_GREEN, CMD_GREEN };
	if (policy == DMARC_UNSET) {
		cmd_out_printf(cmd, "    %-28s no DMARC\n", what);
		return;
	}
	cmd_out_printf(cmd, "    %-28s %s%s%s  (%s)", what, cmd_style(cmd, styles[policy]), dmarc_policy_name(policy),
		       cmd_style(cmd, CMD_RESET), tag);
	if (testing && policy > DMARC_POLICY_NONE)
		cmd_out_printf(cmd, ", applied as %s (t=y)", dmarc_policy_name(dmarc_policy_milder(policy)));
	cmd_out_str(cmd, "\n");
}

static void show_targets(struct cmd *cmd, const struct dmarc_survey *survey)
{
	static const char *const words[] = { "in its own organization", "authorised", "NOT authorised",
					     "authorised? no answer from the DNS", "not used" };
	if (survey->targets.n > 0)
		cmd_out_str(cmd, "  reports\n");
	for (size_t i = 0; i < survey->targets.n; i++) {
		const struct dmarc_target *target = &survey->targets.at[i];
		cmd_out_printf(cmd, "    %s  %s  %s%s\n", target->tag, SHOW(target->uri->text), words[target->permit],
			       target->uri->problem != NULL ? " (broken)" : "");
	}
}

static void show_finding(struct cmd *cmd, const struct dmarc_finding *finding)
{
	static const char *const signs[] = { "✓", "·", "!", "✗", "?" };
	static const enum cmd_style styles[] = { CMD_GREEN, CMD_DIM, CMD_YELLOW, CMD_RED, CMD_BLUE };
	cmd_out_printf(cmd, "  %s%s%s %s  %s  (%s)\n", cmd_style(cmd, styles[finding->severity]),
		       signs[finding->severity], cmd_style(cmd, CMD_RESET), finding->check, finding->message,
		       finding->ref);
	if (finding->evidence != NULL && cmd->common->verbose > 0)
		cmd_out_printf(cmd, "      found: %s\n", finding->evidence);
	if (finding->fix != NULL)
		cmd_out_printf(cmd, "      to do: %s\n", finding->fix);
}

static void plural(struct cmd *cmd, size_t n, const char *word)
{
	if (n > 0)
		cmd_out_printf(cmd, "  %zu %s%s", n, word, n == 1 ? "" : "s");
}

static void show_text(struct cmd *cmd, const struct dmarc_survey *survey)
{
	size_t errors = dmarc_count(survey, DMARC_ERROR), warnings = dmarc_count(survey, DMARC_WARN);
	size_t unknown = dmarc_count(survey, DMARC_UNKNOWN);
	cmd_out_printf(cmd, "%s%s%s", cmd_style(cmd, CMD_BOLD), DNAME_SHOW(survey->domain), cmd_style(cmd, CMD_RESET));
	plural(cmd, errors, "error");
	plural(cmd, warnings, "warning");
	cmd_out_str(cmd, unknown > 0              ? "  not known: the DNS did not answer\n"
			 : errors + warnings == 0 ? "  no fault\n"
						  : "\n");
	for (size_t i = 0; i < survey->findings.n; i++)
		show_finding(cmd, &survey->findings.at[i]);
	cmd_out_str(cmd, "  tree walk\n");
	dmarc_show_walk(cmd, survey->walk);
	if (survey->record == NULL)
		return;
	cmd_out_str(cmd, "  policy\n");
	show_policy(cmd, DNAME_SHOW(survey->domain), survey->self, survey->self_tag, survey->record->testing);
	show_policy(cmd, "names below it", survey->below, survey->below_tag, survey->below_testing);
	show_policy(cmd, "names that do not exist", survey->missing, survey->missing_tag, survey->below_testing);
	cmd_out_printf(cmd, "    alignment: DKIM %s, SPF %s\n", survey->record->strict_dkim ? "strict" : "relaxed",
		       survey->record->strict_spf ? "strict" : "relaxed");
	show_targets(cmd, survey);
}

static void json_policy(struct json *json, const struct dmarc_survey *survey)
{
	const struct dmarc_record *record = survey->record;
	static const char *const psds[] = { "u", "y", "n" };
	json_key_object(json, "policy");
	json_key_str(json, "p", dmarc_or_null(record->p));
	json_key_str(json, "sp", dmarc_or_null(record->sp));
	json_key_str(json, "np", dmarc_or_null(record->np));
	json_key_str(json, "domain", dmarc_or_null(survey->self));
	json_key_str(json, "subdomains", dmarc_or_null(survey->below));
	json_key_str(json, "nonexistent", dmarc_or_null(survey->missing));
	json_key_str(json, "adkim", record->strict_dkim ? "s" : "r");
	json_key_str(json, "aspf", record->strict_spf ? "s" : "r");
	json_key_bool(json, "testing", record->testing);
	json_key_str(json, "psd", psds[record->psd]);
	json_end(json);
}

static void json_targets(struct json *json, const struct dmarc_survey *survey, struct arena *arena)
{
	json_key_array(json, "destinations");
	for (size_t i = 0; i < survey->targets.n; i++) {
		const struct dmarc_target *target = &survey->targets.at[i];
		json_object(json);
		json_key_str(json, "tag", target->tag);
		json_key_view(json, "uri", target->uri->text);
		json_key_str(json, "authorised", dmarc_permit_name(target->permit));
		if (dname_is_set(target->asked))
			json_key_view(json, "asked", dname_text(arena, target->asked));
		json_key_str(json, "problem", target->uri->problem);
		json_end(json);
	}
	json_end(json);
}

static void json_findings(struct json *json, const struct dmarc_survey *survey)
{
	json_key_array(json, "findings");
	for (size_t i = 0; i < survey->findings.n; i++) {
		const struct dmarc_finding *finding = &survey->findings.at[i];
		json_object(json);
		json_key_str(json, "check", finding->check);
		json_key_str(json, "severity", dmarc_severity_name(finding->severity));
		json_key_str(json, "message", finding->message);
		json_key_str(json, "subject", finding->subject);
		json_key_str(json, "evidence", finding->evidence);
		json_key_str(json, "fix", finding->fix);
		json_key_str(json, "ref", finding->ref);
		json_key_str(json, "certainty", finding->likely ? "likely" : "sure");
		json_end(json);
	}
	json_end(json);
}

static const char *status_of(const struct dmarc_survey *survey)
{
	return dmarc_count(survey, DMARC_ERROR) > 0     ? "error"
	       : dmarc_count(survey, DMARC_UNKNOWN) > 0 ? "unknown"
	       : dmarc_count(survey, DMARC_WARN) > 0    ? "warn"
							: "ok";
}

static void show_json(struct cmd *cmd, const struct dmarc_survey *survey)
{
	struct json *json = cmd_json_begin(cmd);
	json_key_view(json, "domain", dname_text(cmd->arena, survey->domain));
	json_key_view(json, "unicode", dname_unicode(cmd->arena, survey->domain));
	json_key_str(json, "status", status_of(survey));
	json_key_object(json, "counts");
	for (enum dmarc_severity severity = DMARC_INFO; severity <= DMARC_UNKNOWN; severity++)
		json_key_uint(json, dmarc_severity_name(severity), dmarc_count(survey, severity));
	json_end(json);
	if (survey->walk->temp)
		json_key_null(json, "organizational_domain");
	else
		json_key_view(json, "organizational_domain", dname_text(cmd->arena, survey->walk->organizational));
	if (survey->record != NULL) {
		json_key_view(json, "record_domain", dname_text(cmd->arena, survey->record_domain));
		json_key_view(json, "record", survey->record->text);
		json_policy(json, survey);
	} else {
		json_key_null(json, "record_domain");
		json_key_null(json, "record");
		json_key_null(json, "policy");
	}
	json_targets(json, survey, cmd->arena);
	dmarc_json_walk(json, survey->walk, cmd->arena);
	json_findings(json, survey);
	cmd_json_end(cmd);
}

/* People paste addresses and web addresses: the domain in them is meant. */
static const char *typed_domain(struct cmd *cmd, const char *typed)
{
	struct view text = view_trim(view_str(typed));
	size_t at = view_find(text, VIEW("://"));
	if (at != SIZE_MAX)
		text = view_to(view_from(text, at + 3), view_find_byte(view_from(text, at + 3), '/'));
	while ((at = view_find_byte(text, '@')) != SIZE_MAX)
		text = view_from(text, at + 1);
	if (text.n < strlen(typed))
		cmd_info(cmd, "%s: taken as the domain %s", SHOW(view_str(typed)), SHOW(text));
	return arena_cstr(cmd->arena, text);
}

enum err dmarc_check_lint(struct dmarc_run *run, struct diag *diag)
{
	struct cmd *cmd = run->cmd;
	bool bad = false, unknown = false;
	for (size_t i = 0; i < cmd->args.operands.n; i++) {
		struct view text;
		struct dname domain;
		enum err err = cmd_dns_domain(cmd, "DOMAIN", typed_domain(cmd, cmd->args.operands.at[i]), &text, diag);
		if (err == ERR_OK)
			err = dname_parse(cmd->arena, text, &domain, diag);
		if (err != ERR_OK)
			return err;
		struct dmarc_survey survey;
		dmarc_lint(&run->cache, domain, &survey);
		bad = bad || dmarc_count(&survey, DMARC_ERROR) > 0 ||
		      (run->opts->fail_on == 1 && dmarc_count(&survey, DMARC_WARN) > 0);
		unknown = unknown || dmarc_count(&survey, DMARC_UNKNOWN) > 0;
		if (cmd->common->json)
			show_json(cmd, &survey);
		else
			show_text(cmd, &survey);
	}
	cmd->exit_code = bad ? 1 : unknown ? 75 : 0;
	return ERR_OK;
}
