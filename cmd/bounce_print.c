#include "bounce_print.h"

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

static void key_hard(struct json *json, enum bounce_hard hard)
{
	if (hard == BOUNCE_HARD_NONE)
		json_key_null(json, "hard");
	else
		json_key_bool(json, "hard", hard == BOUNCE_HARD_YES);
}

static void key_status(struct json *json, const struct bounce_record *record)
{
	json_key(json, "status");
	if (record->status.class != 0)
		json_printf(json, "%u.%u.%u", record->status.class, record->status.subject, record->status.detail);
	else if (record->status_text.n > 0)
		json_view(json, record->status_text);
	else
		json_null(json);
	if (record->reply != 0)
		json_key_uint(json, "smtp_code", record->reply);
	else
		json_key_null(json, "smtp_code");
}

static void print_record(struct json *json, const struct bounce_record *record)
{
	key_view(json, "recipient", record->recipient);
	key_view(json, "original_recipient", record->original_recipient);
	key_view(json, "action", record->action);
	key_status(json, record);
	key_view(json, "diagnostic", record->diagnostic);
	key_view(json, "remote_mta", record->remote_mta);
	key_view(json, "reporting_mta", record->reporting_mta);
	key_hard(json, record->verdict.hard);
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

void bounce_print_json(struct cmd *cmd, const struct bounce_report *report, const struct bounce_record *record,
		       const char *source)
{
	static const struct bounce_record unknown = { .type = BOUNCE_TYPE_UNKNOWN };
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "type", bounce_type_name(record == NULL ? BOUNCE_TYPE_UNKNOWN : record->type));
	print_record(json, record == NULL ? &unknown : record);
	key_view(json, "message_id", report->message_id);
	json_key_str(json, "source", source);
	if (report->format != NULL)
		json_key_str(json, "format", report->format);
	extra_view(json, "sender", report->sender);
	extra_view(json, "subject", report->subject);
	extra_view(json, "list_id", report->list_id);
	if (report->timestamp != 0)
		json_key_time(json, "timestamp", report->timestamp);
	if (report->error != NULL)
		json_key_str(json, "error", report->error);
	cmd_json_end(cmd);
}
