#include "bounce_print.h"

#include <stdio.h>

#include "base_time.h"

static void key_view(struct json *json, const char *key, struct view v)
{
	if (v.n == 0)
		json_key_null(json, key);
	else
		json_key_view(json, key, v);
}

static void extra_view(struct json *json, const char *key, struct view v)
{
	if (v.n > 0)
		json_key_view(json, key, v);
}

enum { STATUS_MAX = 16 };

/* "5.1.1", what was found in its place, or "". */
static struct view status_of(const struct bounce_record *record, char out[STATUS_MAX])
{
	if (record->status.class == 0)
		return record->status_text;
	(void)snprintf(out, STATUS_MAX, "%u.%u.%u", record->status.class % 10U, record->status.subject % 1000U,
		       record->status.detail % 1000U);
	return view_str(out);
}

static void json_trace(struct json *json, const struct bounce_verdict *verdict)
{
	json_key_array(json, "explain");
	for (unsigned i = 0; i < verdict->trace_count; i++) {
		json_object(json);
		json_key_str(json, "rule", verdict->trace[i]->name);
		json_key_str(json, "reason", bounce_reason_name((enum bounce_reason)verdict->trace[i]->reason));
		json_key_int(json, "priority", verdict->trace[i]->priority);
		json_end(json);
	}
	json_end(json);
}

static void json_record(struct json *json, const struct bounce_record *record)
{
	char status[STATUS_MAX];
	key_view(json, "recipient", record->recipient);
	key_view(json, "original_recipient", record->original_recipient);
	key_view(json, "action", record->action);
	key_view(json, "status", status_of(record, status));
	if (record->reply != 0)
		json_key_uint(json, "smtp_code", record->reply);
	else
		json_key_null(json, "smtp_code");
	key_view(json, "diagnostic", record->diagnostic);
	key_view(json, "remote_mta", record->remote_mta);
	key_view(json, "reporting_mta", record->reporting_mta);
	if (record->verdict.hard == BOUNCE_HARD_NONE)
		json_key_null(json, "hard");
	else
		json_key_bool(json, "hard", record->verdict.hard == BOUNCE_HARD_YES);
	json_key_str(json, "reason", bounce_reason_name(record->verdict.reason));
	json_key_str(json, "category", bounce_category_name(record->verdict.category));
	if (bounce_command_name(record->command) != NULL)
		json_key_str(json, "smtp_command", bounce_command_name(record->command));
	if (record->verdict.provider != NULL)
		json_key_str(json, "provider", record->verdict.provider);
	if (record->verdict.rule != NULL)
		json_key_str(json, "rule", record->verdict.rule);
	extra_view(json, "feedback_type", record->feedback_type);
}

static void print_json(const struct bounce_printer *printer, const struct bounce_report *report,
		       const struct bounce_record *record, const struct bounce_extra *extra)
{
	struct json *json = cmd_json_begin(printer->cmd);
	if (record == NULL) {
		json_key_str(json, "type", "unknown");
		json_key_str(json, "source", extra->source);
	} else {
		json_key_str(json, "type", bounce_type_name(record->type));
		json_record(json, record);
		key_view(json, "message_id", report->message_id);
		json_key_str(json, "source", extra->source);
		if (report->format != NULL)
			json_key_str(json, "format", report->format);
		extra_view(json, "sender", report->sender);
		extra_view(json, "subject", report->subject);
		extra_view(json, "list_id", report->list_id);
		extra_view(json, "key", extra->key);
		extra_view(json, "job", extra->job);
		if (report->timestamp != 0)
			json_key_time(json, "timestamp", report->timestamp);
		if (printer->explain)
			json_trace(json, &record->verdict);
	}
	if (report->error != NULL)
		json_key_str(json, "error", report->error);
	cmd_json_end(printer->cmd);
}

static enum cmd_style style_of(const struct bounce_record *record)
{
	if (record->verdict.hard == BOUNCE_HARD_YES || record->type == BOUNCE_TYPE_FEEDBACK)
		return CMD_RED;
	if (record->type == BOUNCE_TYPE_BOUNCE || record->type == BOUNCE_TYPE_DELAY)
		return CMD_YELLOW;
	return CMD_GREEN;
}

static void print_text(const struct bounce_printer *printer, const struct bounce_report *report,
		       const struct bounce_record *record, const struct bounce_extra *extra)
{
	struct cmd *cmd = printer->cmd;
	char status[STATUS_MAX];
	const char *hard = record->verdict.hard == BOUNCE_HARD_YES  ? "hard"
			   : record->verdict.hard == BOUNCE_HARD_NO ? "soft"
								    : "";
	cmd_out_str(cmd, cmd_style(cmd, style_of(record)));
	cmd_out_printf(cmd, "%-9s %-4s %-20s", bounce_type_name(record->type), hard,
		       bounce_reason_name(record->verdict.reason));
	cmd_out_str(cmd, cmd_style(cmd, CMD_RESET));
	cmd_out_printf(cmd, " %3.0u ", record->reply);
	cmd_out_printf(cmd, "%-7.*s ", VIEW_ARG(status_of(record, status)));
	cmd_out_shown(cmd, record->recipient.n > 0 ? record->recipient : VIEW("(no address)"));
	cmd_out_str(cmd, cmd_style(cmd, CMD_DIM));
	cmd_out_str(cmd, "  ");
	cmd_out_shown(cmd, view_to(record->diagnostic, 160));
	cmd_out_str(cmd, cmd_style(cmd, CMD_RESET));
	cmd_out_str(cmd, "\n");
	if (!printer->explain)
		return;
	cmd_out_str(cmd, "          from ");
	cmd_out_shown(cmd, view_str(extra->source));
	cmd_out_printf(cmd, ", read as %s\n", report->format == NULL ? "a reply" : report->format);
	for (unsigned i = 0; i < record->verdict.trace_count; i++) {
		const struct bounce_rule *rule = record->verdict.trace[i];
		cmd_out_printf(cmd, "          %s %4d  %-28s %s\n", i == 0 ? "decided" : "also   ", rule->priority,
			       rule->name, bounce_reason_name((enum bounce_reason)rule->reason));
	}
	if (record->verdict.trace_count == 0)
		cmd_out_str(cmd, "          no rule held\n");
}

/* CSV (RFC 4180), TSV with its separators made spaces. A cell that a spreadsheet would take for a formula gets "'". */
static void put_cell(const struct bounce_printer *printer, struct view cell, bool last)
{
	struct cmd *cmd = printer->cmd;
	BUF_AUTO struct buf out;
	buf_init(&out, 2 * cell.n + 8);
	bool csv = printer->form == BOUNCE_FORM_CSV;
	bool quote = csv && (view_has_ctl(cell) || view_has_byte(cell, ',') || view_has_byte(cell, '"'));
	if (quote)
		buf_byte(&out, '"');
	if (cell.n > 0 && strchr("=+-@", view_at(cell, 0)) != NULL)
		buf_byte(&out, '\'');
	for (size_t i = 0; i < cell.n; i++) {
		int c = view_at(cell, i);
		if (csv && c == '"')
			buf_byte(&out, '"');
		buf_byte(&out, c < 0x20 || c == 0x7f ? ' ' : c);
	}
	if (quote)
		buf_byte(&out, '"');
	buf_byte(&out, last ? '\n' : csv ? ',' : '\t');
	cmd_out_view(cmd, buf_view(&out));
}

static const char *const columns[] = {
	"type",     "recipient",  "original_recipient", "action",     "status", "smtp_code", "hard",      "reason",
	"category", "remote_mta", "reporting_mta",      "message_id", "source", "timestamp", "diagnostic"
};

static void print_table(struct bounce_printer *printer, const struct bounce_report *report,
			const struct bounce_record *record, const struct bounce_extra *extra)
{
	char status[STATUS_MAX], code[12], when[BASE_TIME_MAX] = "";
	for (size_t i = 0; i < ARRAY_LEN(columns) && !printer->headed; i++)
		put_cell(printer, view_str(columns[i]), i + 1 == ARRAY_LEN(columns));
	printer->headed = true;
	(void)snprintf(code, sizeof code, "%.0u", record->reply);
	if (report->timestamp != 0)
		base_time_rfc3339(report->timestamp, when);
	const char *category = bounce_category_name(record->verdict.category);
	const char *hard = record->verdict.hard == BOUNCE_HARD_NONE  ? ""
			   : record->verdict.hard == BOUNCE_HARD_YES ? "true"
								     : "false";
	const struct view cells[] = { view_str(bounce_type_name(record->type)),
				      record->recipient,
				      record->original_recipient,
				      record->action,
				      status_of(record, status),
				      view_str(code),
				      view_str(hard),
				      view_str(bounce_reason_name(record->verdict.reason)),
				      view_str(category == NULL ? "" : category),
				      record->remote_mta,
				      record->reporting_mta,
				      report->message_id,
				      view_str(extra->source),
				      view_str(when),
				      record->diagnostic };
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		put_cell(printer, cells[i], i + 1 == ARRAY_LEN(cells));
}

void bounce_print(struct bounce_printer *printer, const struct bounce_report *report,
		  const struct bounce_record *record, const struct bounce_extra *extra)
{
	if (printer->form == BOUNCE_FORM_JSON)
		print_json(printer, report, record, extra);
	else if (record == NULL)
		return;
	else if (printer->form == BOUNCE_FORM_TEXT)
		print_text(printer, report, record, extra);
	else
		print_table(printer, report, record, extra);
}
