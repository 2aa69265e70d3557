/* dmarc-check --report --json, --json-lines, --csv. */
#include "base_time.h"
#include "base_utf8.h"
#include "dmarc_report.h"

static void key_word(struct json *json, const char *key, struct view v)
{
	if (v.n > 0)
		json_key_view(json, key, v);
	else
		json_key_null(json, key);
}

static void key_when(struct json *json, const char *key, int64_t when)
{
	if (when >= 0)
		json_key_time(json, key, when);
	else
		json_key_null(json, key);
}

static void auths(struct json *json, const char *key, const struct rua_auths *list, bool dkim)
{
	json_key_array(json, key);
	for (size_t i = 0; i < list->n; i++) {
		const struct rua_auth *auth = &list->at[i];
		json_object(json);
		json_key_view(json, "domain", auth->domain);
		key_word(json, dkim ? "selector" : "scope", dkim ? auth->selector : auth->scope);
		json_key_view(json, "result", auth->result);
		if (auth->human_result.n > 0)
			json_key_view(json, "human_result", auth->human_result);
		json_end(json);
	}
	json_end(json);
}

static void record_json(struct json *json, const struct rua_record *record)
{
	json_object(json);
	json_key_view(json, "source_ip", record->source_ip);
	json_key_uint(json, "count", record->count);
	key_word(json, "disposition", record->disposition);
	key_word(json, "dkim", record->dkim);
	key_word(json, "spf", record->spf);
	json_key_array(json, "reasons");
	for (size_t i = 0; i < record->reasons.n; i++) {
		json_object(json);
		json_key_view(json, "type", record->reasons.at[i].type);
		key_word(json, "comment", record->reasons.at[i].comment);
		json_end(json);
	}
	json_end(json);
	key_word(json, "header_from", record->header_from);
	key_word(json, "envelope_from", record->envelope_from);
	key_word(json, "envelope_to", record->envelope_to);
	json_key_object(json, "auth");
	auths(json, "dkim", &record->auth_dkim, true);
	auths(json, "spf", &record->auth_spf, false);
	json_end(json);
	json_end(json);
}

static void policy_json(struct json *json, const struct rua_report *report)
{
	json_key_object(json, "policy");
	key_word(json, "p", report->p);
	key_word(json, "sp", report->sp);
	key_word(json, "np", report->np);
	key_word(json, "adkim", report->adkim);
	key_word(json, "aspf", report->aspf);
	key_word(json, "fo", report->fo);
	key_word(json, "pct", report->pct);
	if (report->testing.n > 0)
		json_key_bool(json, "testing", view_is(report->testing, "y"));
	else
		json_key_null(json, "testing");
	key_word(json, "discovery_method", report->discovery_method);
	json_end(json);
}

static void failure_json(struct json *json, const struct rua_failure *failure)
{
	key_word(json, "auth_failure", failure->auth_failure);
	key_word(json, "identity_alignment", failure->identity_alignment);
	key_word(json, "delivery_result", failure->delivery_result);
	key_word(json, "reported_domain", failure->reported_domain);
	key_word(json, "source_ip", failure->source_ip);
	key_word(json, "source_port", failure->source_port);
	key_word(json, "arrival_date", failure->arrival_date);
	key_word(json, "authentication_results", failure->authentication_results);
	key_word(json, "dkim_domain", failure->dkim_domain);
	key_word(json, "dkim_identity", failure->dkim_identity);
	key_word(json, "dkim_selector", failure->dkim_selector);
	key_word(json, "spf_dns", failure->spf_dns);
	key_word(json, "original_mail_from", failure->original_mail_from);
	key_word(json, "original_rcpt_to", failure->original_rcpt_to);
	key_word(json, "original_envelope_id", failure->original_envelope_id);
	json_key_uint(json, "incidents", failure->incidents);
	json_key_object(json, "message");
	json_key_bool(json, "redacted", failure->redacted);
	key_word(json, "from", failure->from);
	key_word(json, "to", failure->to);
	key_word(json, "subject", failure->subject);
	key_word(json, "message_id", failure->message_id);
	key_word(json, "date", failure->date);
	json_end(json);
}

static void tls_json(struct json *json, const struct rua_report *report)
{
	json_key_array(json, "policies");
	for (size_t i = 0; i < report->tls.n; i++) {
		const struct rua_tls_policy *policy = &report->tls.at[i];
		json_object(json);
		key_word(json, "policy_type", policy->type);
		key_word(json, "domain", policy->domain);
		json_key_uint(json, "success", policy->success);
		json_key_uint(json, "failure", policy->failure);
		json_key_array(json, "mx_hosts");
		for (size_t k = 0; k < policy->mx_hosts.n; k++)
			json_view(json, policy->mx_hosts.at[k]);
		json_end(json);
		json_key_array(json, "failures");
		for (size_t k = 0; k < policy->failures.n; k++) {
			const struct rua_tls_failure *failure = &policy->failures.at[k];
			json_object(json);
			json_key_view(json, "result_type", failure->result_type);
			json_key_uint(json, "count", failure->count);
			key_word(json, "sending_ip", failure->sending_ip);
			key_word(json, "receiving_host", failure->receiving_host);
			key_word(json, "receiving_ip", failure->receiving_ip);
			key_word(json, "reason_code", failure->reason_code);
			key_word(json, "information", failure->information);
			json_end(json);
		}
		json_end(json);
		json_end(json);
	}
	json_end(json);
}

void report_json(struct json *json, const struct rua_report *report, bool duplicate)
{
	json_key_view(json, "file", report->where);
	json_key_view(json, "org_name", report->org_name);
	json_key_view(json, "email", report->email);
	if (report->extra_contact.n > 0)
		json_key_view(json, "extra_contact_info", report->extra_contact);
	json_key_view(json, "report_id", report->report_id);
	key_when(json, "begin", report->begin);
	key_when(json, "end", report->end);
	key_word(json, "version", report->version);
	key_word(json, "generator", report->generator);
	key_word(json, "error", report->error);
	json_key_view(json, "domain", report->domain);
	if (report->kind == RUA_AGGREGATE) {
		policy_json(json, report);
		json_key_array(json, "records");
		for (size_t i = 0; i < report->records.n; i++)
			record_json(json, &report->records.at[i]);
		json_end(json);
	} else if (report->kind == RUA_FAILURE) {
		failure_json(json, report->failure);
	} else {
		tls_json(json, report);
	}
	json_key_uint(json, "messages", report->messages);
	json_key_uint(json, "pass", report->pass);
	json_key_uint(json, "fail", report->fail);
	json_key_bool(json, "duplicate", duplicate);
	json_key_array(json, "warnings");
	for (size_t i = 0; i < report->warnings.n; i++)
		json_str(json, report->warnings.at[i]);
	json_end(json);
}

static void group_json(struct json *json, const struct report_group *group)
{
	BUF_AUTO struct buf why;
	buf_init(&why, 1024);
	report_why_text(group, &why);
	json_object(json);
	json_key_view(json, "key", group->key);
	if (group->name.n > 0)
		json_key_view(json, "name", group->name);
	json_key_uint(json, "messages", group->messages);
	json_key_uint(json, "pass", group->pass);
	json_key_uint(json, "fail", group->fail);
	json_key_uint(json, "dkim_aligned", group->dkim_pass);
	json_key_uint(json, "spf_aligned", group->spf_pass);
	json_key_uint(json, "quarantined", group->quarantined);
	json_key_uint(json, "rejected", group->rejected);
	json_key_uint(json, "overridden", group->excused);
	json_key_view(json, "domain", group->domain);
	key_word(json, "why", buf_view(&why));
	json_end(json);
}

void report_json_summary(struct json *json, const struct report_run *run)
{
	static const char *const groups[] = { "source", "org", "day", "domain" };
	size_t n;
	struct report_group **list = report_sorted(run, &n);
	json_key_uint(json, "reports", run->reports);
	json_key_uint(json, "failure_reports", run->failures);
	json_key_uint(json, "tls_reports", run->tls_reports);
	json_key_uint(json, "duplicates", run->duplicates);
	json_key_uint(json, "errors", run->problems);
	json_key_uint(json, "messages", run->messages);
	json_key_uint(json, "pass", run->pass);
	json_key_uint(json, "fail", run->fail);
	key_when(json, "begin", run->begin);
	key_when(json, "end", run->end);
	json_key_str(json, "by", groups[run->opts->by]);
	json_key_array(json, "groups");
	for (size_t i = 0; i < n; i++)
		group_json(json, list[i]);
	json_end(json);
}

/* RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe in front. */
static void cell(struct cmd *cmd, struct view v, bool last)
{
	static const char starts[] = "=+-@|%\t\r";
	BUF_AUTO struct buf text;
	buf_init(&text, 65536);
	int first = view_at(v, 0);
	buf_byte(&text, '"');
	if (first > 0 && strchr(starts, first) != NULL)
		buf_byte(&text, '\'');
	for (size_t i = 0; i < v.n; i++) {
		int c = view_at(v, i);
		if (c == '"')
			buf_byte(&text, '"');
		buf_byte(&text, c < 0x20 || c == 0x7f ? ' ' : c);
	}
	buf_str(&text, last ? "\"\r\n" : "\",");
	cmd_out_view(cmd, buf_view(&text));
}

static void cell_time(struct cmd *cmd, int64_t when)
{
	char text[BASE_TIME_MAX] = "";
	if (when >= 0)
		base_time_rfc3339(when, text);
	cell(cmd, view_str(text), false);
}

static void cell_auths(struct cmd *cmd, const struct rua_auths *list)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 16384);
	for (size_t i = 0; i < list->n; i++) {
		buf_str(&text, i == 0 ? "" : " ");
		buf_put(&text, list->at[i].domain);
		buf_byte(&text, ':');
		buf_put(&text, list->at[i].result);
	}
	cell(cmd, buf_view(&text), false);
}

void report_csv_head(struct cmd *cmd)
{
	cmd_out_str(cmd, "org_name,report_id,begin,end,domain,p,source_ip,count,pass,disposition,dkim_aligned,spf_"
			 "aligned,header_from,"
			 "envelope_from,dkim,spf,reasons\r\n");
}

void report_csv(struct cmd *cmd, const struct rua_report *report)
{
	const struct dmarc_check_opts *o = cmd->opts;
	for (size_t i = 0; i < report->records.n; i++) {
		const struct rua_record *record = &report->records.at[i];
		if (o->failing && rua_record_passes(record))
			continue;
		cell(cmd, report->org_name, false);
		cell(cmd, report->report_id, false);
		cell_time(cmd, report->begin);
		cell_time(cmd, report->end);
		cell(cmd, report->domain, false);
		cell(cmd, report->p, false);
		cell(cmd, record->source_ip, false);
		cmd_out_printf(cmd, "%llu,", (unsigned long long)record->count);
		cell(cmd, rua_record_passes(record) ? VIEW("yes") : VIEW("no"), false);
		cell(cmd, record->disposition, false);
		cell(cmd, record->dkim, false);
		cell(cmd, record->spf, false);
		cell(cmd, record->header_from, false);
		cell(cmd, record->envelope_from, false);
		cell_auths(cmd, &record->auth_dkim);
		cell_auths(cmd, &record->auth_spf);
		BUF_AUTO struct buf reasons;
		buf_init(&reasons, 16384);
		for (size_t k = 0; k < record->reasons.n; k++) {
			buf_str(&reasons, k == 0 ? "" : " ");
			buf_put(&reasons, record->reasons.at[k].type);
		}
		cell(cmd, buf_view(&reasons), true);
	}
}
