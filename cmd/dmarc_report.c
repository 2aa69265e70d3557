/* dmarc-check --report: what comes back from those who got mail in our name. */
#include "dmarc_report.h"

#include "base_show.h"

enum { SIDE_MAX = 64 << 20 };

/* The same report twice counts once (RFC 9990 3.5.4); it is listed, and said to be one. */
static bool seen_before(struct report_run *run, const struct rua_report *report)
{
	BUF_AUTO struct buf key;
	buf_init(&key, 65536);
	if (report->report_id.n == 0)
		return false;
	buf_printf(&key, "%d", report->kind);
	const struct view parts[] = { report->org_name, report->report_id, report->domain };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		buf_byte(&key, '\n');
		buf_put(&key, parts[i]);
	}
	if (map_get(&run->seen, buf_view(&key)) != NULL)
		return true;
	*map_put(&run->seen, arena_view(run->arena, buf_view(&key))) = run;
	return false;
}

/* Where a report's JSON goes: on a line of its own, into the list of its kind. */
static void put_json(struct report_run *run, const struct rua_report *report, bool duplicate)
{
	struct cmd *cmd = run->cmd;
	if (run->opts->json_lines) {
		struct json *json = cmd_json_begin(cmd);
		json_key_str(json, "type", rua_kind_name(report->kind));
		report_json(json, report, duplicate);
		cmd_json_end(cmd);
		return;
	}
	struct json *json = report->kind == RUA_AGGREGATE ? run->writer
			    : report->kind == RUA_FAILURE ? &run->failures_writer
							  : &run->tls_writer;
	json_object(json);
	report_json(json, report, duplicate);
	json_end(json);
	cmd_out_view(cmd, view_none());
}

static void count_tls(struct report_run *run, const struct rua_report *report)
{
	run->tls_reports++;
	for (size_t i = 0; i < report->tls.n; i++) {
		const struct rua_tls_policy *policy = &report->tls.at[i];
		struct report_tls *tls = map_get(&run->tls, policy->domain);
		if (tls == NULL) {
			tls = arena_new(run->arena, struct report_tls);
			tls->domain = arena_view(run->arena, policy->domain);
			tls->type = arena_view(run->arena, policy->type);
			map_init(&tls->types, run->arena, run->tls.seed, false);
			*map_put(&run->tls, tls->domain) = tls;
		}
		tls->success += policy->success;
		tls->failure += policy->failure;
		for (size_t k = 0; k < policy->failures.n; k++) {
			const struct rua_tls_failure *failure = &policy->failures.at[k];
			uint64_t *count = map_get(&tls->types, failure->result_type);
			if (count == NULL) {
				count = arena_new(run->arena, uint64_t);
				*map_put(&tls->types, arena_view(run->arena, failure->result_type)) = count;
			}
			*count += failure->count;
		}
	}
}

void report_take(struct report_run *run, struct rua_report *report)
{
	const struct dmarc_check_opts *o = run->opts;
	if (o->since.set && report->end >= 0 && report->end < o->since.s) {
		run->skipped++;
		return;
	}
	bool duplicate = seen_before(run, report);
	if (duplicate)
		run->duplicates++;
	if (o->common.json || o->json_lines)
		put_json(run, report, duplicate);
	for (size_t i = 0; i < report->warnings.n; i++)
		cmd_debug(run->cmd, "%s: %s", SHOW(report->where), report->warnings.at[i]);
	if (duplicate) {
		cmd_debug(run->cmd, "%s: the same report was there before; counted once", SHOW(report->where));
		return;
	}
	if (report->kind == RUA_FAILURE) {
		run->failures++;
		report_failure_line(report, &run->failures_text);
	} else if (report->kind == RUA_TLS) {
		count_tls(run, report);
	} else {
		run->reports++;
		report_count(run, report);
		if (o->csv)
			report_csv(run->cmd, report);
	}
}

void report_trouble(struct report_run *run, struct view where, enum err err, const struct diag *diag)
{
	run->problems++;
	run->missing += err == ERR_NO_INPUT ? 1 : 0;
	bool named = view_starts(view_str(diag->text), where) || view_eq(where, VIEW("-"));
	if (!run->opts->common.quiet)
		cmd_report(run->cmd, named ? NULL : SHOW(where), err, diag);
	struct json *json = run->opts->json_lines ? cmd_json_begin(run->cmd) : &run->errors_writer;
	if (run->opts->json_lines)
		json_key_str(json, "type", "error");
	else
		json_object(json);
	json_key_view(json, "file", where);
	json_key_str(json, "code", err_name(err));
	json_key_str(json, "text", diag->text);
	if (run->opts->json_lines)
		cmd_json_end(run->cmd);
	else
		json_end(json);
}

static void side(struct buf *buf, struct json *json)
{
	buf_init(buf, SIDE_MAX);
	json_init(json, buf);
	json_array(json);
}

static void run_init(struct report_run *run, struct cmd *cmd)
{
	uint64_t seed;
	env_random(cmd->env, &seed, sizeof seed);
	*run = (struct report_run){ .cmd = cmd, .opts = cmd->opts, .arena = cmd->arena, .begin = -1, .end = -1 };
	struct map *const maps[] = { &run->groups, &run->orgs, &run->domains, &run->seen, &run->tls };
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		map_init(maps[i], cmd->arena, seed, false);
	side(&run->failures_json, &run->failures_writer);
	side(&run->tls_json, &run->tls_writer);
	side(&run->errors_json, &run->errors_writer);
	buf_init(&run->failures_text, SIDE_MAX);
}

static void put_side(struct json *out, const char *key, struct json *json)
{
	json_end(json);
	json_key(out, key);
	json_raw(out, buf_view(json->out));
}

static void finish_json(struct report_run *run)
{
	struct json *json = run->writer;
	if (run->opts->json_lines) {
		json = cmd_json_begin(run->cmd);
		json_key_str(json, "type", "summary");
		report_json_summary(json, run);
		cmd_json_end(run->cmd);
		return;
	}
	json_end(json);
	put_side(json, "failures", &run->failures_writer);
	put_side(json, "tls", &run->tls_writer);
	put_side(json, "errors", &run->errors_writer);
	json_key_object(json, "summary");
	report_json_summary(json, run);
	json_end(json);
	cmd_json_end(run->cmd);
}

static enum err claim_ends(struct cmd *cmd, const struct dmarc_check_opts *o, struct diag *diag)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < cmd->args.operands.n && err == ERR_OK; i++)
		if (strcmp(cmd->args.operands.at[i], "-") == 0)
			err = cmd_claim(cmd, CMD_STDIN, "PATH -", diag);
	if (err == ERR_OK && o->html != NULL && strcmp(o->html, "-") == 0)
		err = cmd_claim(cmd, CMD_STDOUT, "--html -", diag);
	if (err == ERR_OK && o->json_lines && !o->common.json)
		err = cmd_claim(cmd, CMD_STDOUT, "--json-lines", diag);
	if (err == ERR_OK && o->csv)
		err = cmd_claim(cmd, CMD_STDOUT, "--csv", diag);
	return err;
}

static enum err show(struct report_run *run, struct diag *diag)
{
	const struct dmarc_check_opts *o = run->opts;
	size_t n;
	if (o->resolve && o->by == DMARC_BY_SOURCE) {
		struct report_group **list = report_sorted(run, &n);
		report_resolve(run, list, n);
	}
	if (o->common.json || o->json_lines)
		finish_json(run);
	else if (!o->csv && (o->html == NULL || strcmp(o->html, "-") != 0))
		report_text(run);
	return o->html != NULL ? report_html(run, o->html, diag) : ERR_OK;
}

enum err dmarc_check_report(struct cmd *cmd, struct diag *diag)
{
	struct report_run run;
	const struct dmarc_check_opts *o = cmd->opts;
	bool json = o->common.json && !o->json_lines;
	enum err err = claim_ends(cmd, o, diag);
	if (err != ERR_OK)
		return err;
	run_init(&run, cmd);
	if (json) {
		run.writer = cmd_json_begin(cmd);
		json_key_array(run.writer, "reports");
	}
	if (o->csv)
		report_csv_head(cmd);
	err = report_jobs_run(&run, o->common.json || o->json_lines || o->csv || run.opts->common.verbose > 0, diag);
	if (err == ERR_OK)
		err = show(&run, diag);
	cmd->exit_code = run.missing > 0 ? 66 : run.problems > 0 ? 65 : 0;
	struct buf *const bufs[] = { &run.failures_json, &run.tls_json, &run.errors_json, &run.failures_text };
	for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
		buf_done(bufs[i]);
	return err;
}
