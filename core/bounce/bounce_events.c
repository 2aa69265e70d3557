#include "bounce_events.h"

#include <jansson.h>

#include "base_ascii.h"
#include "base_show.h"
#include "base_time.h"
#include "bounce_priv.h"

enum { EVENTS_DEPTH = 3 };

bool bounce_is_events(struct view text)
{
	struct view start = view_trim(view_to(text, 64));
	if (view_at(start, 0) != '{' && view_at(start, 0) != '[')
		return false;
	struct view inner = view_trim(view_from(start, 1));
	return view_at(inner, 0) == '"' || view_at(inner, 0) == '{' || view_at(inner, 0) == '}' ||
	       view_at(inner, 0) == ']';
}

static struct view text_of(const json_t *object, const char *key, struct arena *arena)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_string(value))
		return view_none();
	return arena_view(arena, view_of(json_string_value(value), json_string_length(value)));
}

static struct view without_angles(struct view v)
{
	return view_at(v, 0) == '<' && view_last(v) == '>' ? view_slice(v, 1, v.n - 2) : v;
}

static struct bounce_record *add(struct bounce_reader *reader, enum bounce_type type, struct view recipient)
{
	struct view address = bounce_find_address(recipient);
	return address.n == 0 ? NULL : bounce_add(reader, type, address);
}

static void decide(struct bounce_record *record, enum bounce_reason reason)
{
	record->verdict = (struct bounce_verdict){ .reason = reason,
						   .category = bounce_reason_category(reason),
						   .hard = bounce_reason_hard(reason) };
}

/* Amazon SES */

static const struct {
	const char *subtype;
	enum bounce_reason reason;
	bool always; /* says more than the diagnostic */
} ses_subtypes[] = {
	{ "Suppressed", BOUNCE_SUPPRESSED, true },
	{ "OnAccountSuppressionList", BOUNCE_SUPPRESSED, true },
	{ "NoEmail", BOUNCE_USER_UNKNOWN, false },
	{ "MailboxFull", BOUNCE_MAILBOX_FULL, false },
	{ "MessageTooLarge", BOUNCE_TOO_LARGE, false },
	{ "ContentRejected", BOUNCE_CONTENT_REJECTED, false },
	{ "AttachmentRejected", BOUNCE_CONTENT_REJECTED, false },
};

static void judge_ses(struct bounce_reader *reader, struct bounce_record *record, struct view type, struct view subtype)
{
	bounce_judge(reader, record, view_none());
	bool open = record->verdict.reason == BOUNCE_UNDEFINED;
	for (size_t i = 0; i < ARRAY_LEN(ses_subtypes); i++)
		if (view_is(subtype, ses_subtypes[i].subtype) && (open || ses_subtypes[i].always))
			decide(record, ses_subtypes[i].reason);
	if (open && view_is(subtype, "General") && view_is(type, "Permanent"))
		decide(record, BOUNCE_USER_UNKNOWN);
}

static void take_ses_recipients(struct bounce_reader *reader, const json_t *part, const char *list,
				enum bounce_type type)
{
	struct arena *arena = reader->arena;
	struct view kind = text_of(part, "bounceType", arena), subtype = text_of(part, "bounceSubType", arena);
	size_t i;
	const json_t *item;
	json_array_foreach(json_object_get(part, list), i, item)
	{
		struct view address = json_is_string(item) ? arena_view(arena, view_str(json_string_value(item)))
							   : text_of(item, "emailAddress", arena);
		struct bounce_record *record = add(reader, type, address);
		if (record == NULL)
			continue;
		record->action = arena_lower(arena, text_of(item, "action", arena));
		record->status_text = text_of(item, "status", arena);
		if (!bounce_status_parse(record->status_text, &record->status))
			record->status = (struct bounce_status){ 0 };
		record->diagnostic = text_of(item, "diagnosticCode", arena);
		if (record->diagnostic.n == 0)
			record->diagnostic = text_of(part, "smtpResponse", arena);
		record->reporting_mta = text_of(part, "reportingMTA", arena);
		record->remote_mta = text_of(part, "remoteMtaIp", arena);
		record->feedback_type = text_of(part, "complaintFeedbackType", arena);
		if (type == BOUNCE_TYPE_FEEDBACK)
			decide(record, BOUNCE_FEEDBACK);
		else
			judge_ses(reader, record, kind, subtype);
	}
}

static void take_ses_mail(struct bounce_report *out, const json_t *mail, struct arena *arena)
{
	const json_t *headers = json_object_get(mail, "commonHeaders");
	out->message_id = without_angles(text_of(headers, "messageId", arena));
	if (out->message_id.n == 0)
		out->message_id = text_of(mail, "messageId", arena);
	out->subject = text_of(headers, "subject", arena);
	out->sender = bounce_find_address(text_of(mail, "source", arena));
	int64_t at;
	if (base_time_parse(text_of(mail, "timestamp", arena), &at))
		out->timestamp = at;
}

static bool take_ses(struct bounce_reader *reader, const json_t *event)
{
	static const struct {
		const char *event, *part, *list;
		enum bounce_type type;
	} kinds[] = {
		{ "Bounce", "bounce", "bouncedRecipients", BOUNCE_TYPE_BOUNCE },
		{ "Complaint", "complaint", "complainedRecipients", BOUNCE_TYPE_FEEDBACK },
		{ "Delivery", "delivery", "recipients", BOUNCE_TYPE_SUCCESS },
		{ "DeliveryDelay", "deliveryDelay", "delayedRecipients", BOUNCE_TYPE_DELAY },
	};
	struct view name = text_of(event, "notificationType", reader->arena);
	if (name.n == 0)
		name = text_of(event, "eventType", reader->arena);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!view_is(name, kinds[i].event))
			continue;
		take_ses_mail(reader->out, json_object_get(event, "mail"), reader->arena);
		take_ses_recipients(reader, json_object_get(event, kinds[i].part), kinds[i].list, kinds[i].type);
		reader->out->format = "ses-event";
		return true;
	}
	return false;
}

/* SendGrid */

static bool take_sendgrid(struct bounce_reader *reader, const json_t *event)
{
	static const struct {
		const char *event;
		enum bounce_type type;
	} kinds[] = { { "bounce", BOUNCE_TYPE_BOUNCE },     { "blocked", BOUNCE_TYPE_BOUNCE },
		      { "dropped", BOUNCE_TYPE_BOUNCE },    { "deferred", BOUNCE_TYPE_DELAY },
		      { "delivered", BOUNCE_TYPE_SUCCESS }, { "spamreport", BOUNCE_TYPE_FEEDBACK } };
	struct arena *arena = reader->arena;
	struct view name = text_of(event, "event", arena), email = text_of(event, "email", arena);
	for (size_t i = 0; i < ARRAY_LEN(kinds) && email.n > 0; i++) {
		struct bounce_record *record = view_is(name, kinds[i].event) ? add(reader, kinds[i].type, email) : NULL;
		if (record == NULL)
			continue;
		record->diagnostic = text_of(event, "reason", arena);
		if (record->diagnostic.n == 0)
			record->diagnostic = text_of(event, "response", arena);
		record->status_text = text_of(event, "status", arena);
		if (!bounce_status_parse(record->status_text, &record->status))
			record->status = (struct bounce_status){ 0 };
		record->action = kinds[i].type == BOUNCE_TYPE_DELAY ? VIEW("delayed") : VIEW("failed");
		if (kinds[i].type == BOUNCE_TYPE_FEEDBACK)
			decide(record, BOUNCE_FEEDBACK);
		else if (view_is(name, "dropped"))
			decide(record, BOUNCE_SUPPRESSED);
		else
			bounce_judge(reader, record, view_none());
		reader->out->message_id = without_angles(text_of(event, "smtp-id", arena));
		reader->out->timestamp = json_integer_value(json_object_get(event, "timestamp"));
		reader->out->format = "sendgrid-event";
		return true;
	}
	return false;
}

static void take_event(struct bounce_reader *reader, const json_t *value, unsigned depth)
{
	size_t i;
	const json_t *item;
	if (json_is_array(value)) {
		json_array_foreach(value, i, item)
		{
			if (depth < EVENTS_DEPTH)
				take_event(reader, item, depth + 1);
		}
		return;
	}
	if (!json_is_object(value) || take_ses(reader, value) || take_sendgrid(reader, value))
		return;
	/* SNS carries the event as a string */
	const json_t *message = json_object_get(value, "Message");
	if (!json_is_string(message) || depth >= EVENTS_DEPTH)
		return;
	json_t *inner = json_loadb(json_string_value(message), json_string_length(message), JSON_DISABLE_EOF_CHECK,
				   NULL);
	if (inner != NULL)
		take_event(reader, inner, depth + 1);
	json_decref(inner);
}

enum err bounce_parse_events(struct bounce_classifier *classifier, struct view text, struct arena *arena,
			     struct bounce_report *out, size_t *used, struct diag *diag)
{
	*out = (struct bounce_report){ 0 };
	*used = text.n;
	struct bounce_reader reader = { .classifier = classifier, .arena = arena, .out = out };
	json_error_t error;
	json_t *value = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK, &error);
	if (value == NULL)
		return diag_at(diag, ERR_SYNTAX, (unsigned)error.line, (unsigned)error.column, "no JSON value: %s",
			       SHOW(view_str(error.text)));
	*used = (size_t)error.position;
	take_event(&reader, value, 0);
	json_decref(value);
	return ERR_OK;
}
