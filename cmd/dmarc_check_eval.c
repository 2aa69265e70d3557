/* dmarc-check --eval, and how an outcome is shown. */
#include "base_show.h"
#include "dmarc_check.h"

int dmarc_exit_code(const struct dmarc_outcome *outcome)
{
	return outcome->result == AUTHRES_PASS ? 0 : outcome->result == AUTHRES_TEMPERROR ? 75 : 1;
}

static const char *result_style(const struct cmd *cmd, enum authres_result result)
{
	return cmd_style(cmd, result == AUTHRES_PASS                                  ? CMD_GREEN
			      : result == AUTHRES_FAIL || result == AUTHRES_PERMERROR ? CMD_RED
										      : CMD_YELLOW);
}

static void show_way(struct cmd *cmd, const char *name, const struct dmarc_alignment *way)
{
	const char *mode = way->strict ? "strict" : "relaxed";
	if (way->id == NULL)
		cmd_out_printf(cmd, "  %-5s %s, no result\n", name, mode);
	else
		cmd_out_printf(cmd, "  %-5s %s, %s for %s, %saligned\n", name, mode,
			       authres_result_name(way->id->result),
			       dname_is_set(way->id->domain) ? DNAME_SHOW(way->id->domain) : "no domain",
			       way->aligned       ? ""
			       : way->id->unknown ? "not known whether "
						  : "not ");
}

void dmarc_show_outcome(struct dmarc_run *run, const struct dmarc_outcome *outcome)
{
	struct cmd *cmd = run->cmd;
	cmd_out_printf(cmd, "%s%s%s%s", cmd_style(cmd, CMD_BOLD), result_style(cmd, outcome->result),
		       authres_result_name(outcome->result), cmd_style(cmd, CMD_RESET));
	if (dname_is_set(outcome->domain))
		cmd_out_printf(cmd, "  %s", DNAME_SHOW(outcome->domain));
	if (outcome->result == AUTHRES_FAIL)
		cmd_out_printf(cmd, "  disposition %s", dmarc_policy_name(outcome->disposition));
	cmd_out_printf(cmd, "\n  %s\n", outcome->explanation);
	if (outcome->record != NULL && outcome->record->applies) {
		cmd_out_printf(cmd, "  policy %s (%s of %s)", dmarc_policy_name(outcome->policy), outcome->tag,
			       DNAME_SHOW(outcome->record_domain));
		if (outcome->applied != outcome->policy)
			cmd_out_printf(cmd, ", applied as %s (t=y)", dmarc_policy_name(outcome->applied));
		cmd_out_str(cmd, "\n");
		show_way(cmd, "DKIM", &outcome->dkim);
		show_way(cmd, "SPF", &outcome->spf);
	}
	if (outcome->walk == NULL)
		return;
	if (outcome->walk->temp)
		cmd_out_str(cmd, "  organizational domain not known, tree walk\n");
	else
		cmd_out_printf(cmd, "  organizational domain %s, tree walk\n",
			       DNAME_SHOW(outcome->walk->organizational));
	dmarc_show_walk(cmd, outcome->walk);
}

static void json_way(struct json *json, const char *key, const struct dmarc_alignment *way, struct arena *arena)
{
	json_key_object(json, key);
	json_key_bool(json, "aligned", way->aligned);
	json_key_str(json, "mode", way->strict ? "strict" : "relaxed");
	if (way->id != NULL && dname_is_set(way->id->domain))
		json_key_view(json, "domain", dname_text(arena, way->id->domain));
	else
		json_key_null(json, "domain");
	json_key_str(json, "result", way->id == NULL ? "none" : authres_result_name(way->id->result));
	json_end(json);
}

static void json_name(struct json *json, const char *key, struct dname name, struct arena *arena)
{
	if (dname_is_set(name))
		json_key_view(json, key, dname_text(arena, name));
	else
		json_key_null(json, key);
}

void dmarc_json_outcome(struct json *json, const struct dmarc_outcome *outcome, struct arena *arena)
{
	json_key_str(json, "result", authres_result_name(outcome->result));
	json_key_str(json, "reason", outcome->reason);
	json_key_str(json, "explanation", outcome->explanation);
	json_name(json, "domain", outcome->domain, arena);
	struct dname none = { 0 };
	json_name(json, "organizational_domain",
		  outcome->walk == NULL || outcome->walk->temp ? none : outcome->walk->organizational, arena);
	json_name(json, "record_domain", outcome->record_domain, arena);
	if (outcome->record != NULL)
		json_key_view(json, "record", outcome->record->text);
	else
		json_key_null(json, "record");
	json_key_str(json, "policy", dmarc_or_null(outcome->policy));
	json_key_str(json, "policy_tag", outcome->policy == DMARC_UNSET ? NULL : outcome->tag);
	json_key_str(json, "applied_policy", dmarc_or_null(outcome->applied));
	json_key_bool(json, "testing", outcome->record != NULL && outcome->record->testing);
	json_key_str(json, "disposition", dmarc_policy_name(outcome->disposition));
	json_key_object(json, "alignment");
	json_way(json, "dkim", &outcome->dkim, arena);
	json_way(json, "spf", &outcome->spf, arena);
	json_end(json);
	dmarc_json_walk(json, outcome->walk, arena);
}

struct view dmarc_results_line(const struct authres *results, struct arena *arena)
{
	BUF_AUTO struct buf folded, line;
	buf_init(&folded, (size_t)4 * AUTHRES_FIELD_MAX);
	buf_init(&line, (size_t)4 * AUTHRES_FIELD_MAX);
	authres_write(results, 0, &folded);
	msg_head_unfold_to(buf_view(&folded), &line);
	return view_trim(arena_view(arena, buf_view(&line)));
}

/* An address' domain, or a domain; as --spf-pass and --dkim-pass take both. */
static void add_fact(struct authres *facts, struct arena *arena, enum authres_method method, const char *value)
{
	struct authres_verdict *fact = authres_add(facts, arena, method, AUTHRES_PASS);
	struct view domain = view_str(value);
	for (size_t at; (at = view_find_byte(domain, '@')) != SIZE_MAX;)
		domain = view_from(domain, at + 1);
	bool dkim = method == AUTHRES_DKIM;
	authres_add_prop(fact, dkim ? "header" : "smtp", dkim ? "d" : "mailfrom", domain);
}

enum err dmarc_check_eval(struct dmarc_run *run, struct diag *diag)
{
	struct cmd *cmd = run->cmd;
	const struct dmarc_check_opts *o = run->opts;
	struct authres facts = { .id = view_str(o->authserv_id != NULL ? o->authserv_id : "localhost") };
	struct view from_text = view_str(o->from);
	struct dmarc_from from;
	struct dmarc_outcome outcome;
	(void)diag;
	for (size_t i = 0; i < o->spf_pass.n; i++)
		add_fact(&facts, cmd->arena, AUTHRES_SPF, o->spf_pass.at[i]);
	for (size_t i = 0; i < o->dkim_pass.n; i++)
		add_fact(&facts, cmd->arena, AUTHRES_DKIM, o->dkim_pass.at[i]);
	if (view_starts_case(from_text, VIEW("From:")))
		from_text = view_from(from_text, 5);
	bool header = view_has_byte(from_text, '@') || view_has_byte(from_text, '<') || view_has_byte(from_text, ':');
	if (header || view_trim(from_text).n == 0)
		dmarc_from_value(from_text, cmd->arena, &from);
	else
		dmarc_from_domain(view_trim(from_text), cmd->arena, &from);
	dmarc_eval(&run->cache, &from, &facts, &outcome);
	cmd->exit_code = dmarc_exit_code(&outcome);
	dmarc_add_verdict(&outcome, &facts, cmd->arena);
	if (cmd->common->json) {
		struct json *json = cmd_json_begin(cmd);
		dmarc_json_outcome(json, &outcome, cmd->arena);
		json_key_view(json, "authentication_results", dmarc_results_line(&facts, cmd->arena));
		cmd_json_end(cmd);
	} else {
		dmarc_show_outcome(run, &outcome);
	}
	return ERR_OK;
}
