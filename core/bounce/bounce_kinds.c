/* Complaints (RFC 5965), receipts (RFC 8098) and automatic answers (RFC 3834). */
#include "base_ascii.h"
#include "bounce_priv.h"

static struct bounce_verdict verdict_of(enum bounce_reason reason)
{
	return (struct bounce_verdict){ .reason = reason,
					.category = bounce_reason_category(reason),
					.hard = bounce_reason_hard(reason) };
}

/* Fields of a machine-readable part: the head of its text. */
static bool part_head(const struct bounce_reader *reader, int part, struct msg_head *head)
{
	return msg_head_parse(bounce_part_text(reader, part), NULL, reader->arena, head, NULL) == ERR_OK;
}

static struct view after_type(struct view value)
{
	size_t semicolon = view_find_byte(value, ';');
	return view_trim(semicolon == SIZE_MAX ? value : view_from(value, semicolon + 1));
}

static void add_feedback(struct bounce_reader *reader, struct view recipient, struct view type, struct view mta)
{
	struct bounce_record *record = bounce_add(reader, BOUNCE_TYPE_FEEDBACK, recipient);
	if (record == NULL)
		return;
	record->feedback_type = type;
	record->reporting_mta = mta;
	record->verdict = verdict_of(BOUNCE_FEEDBACK);
}

/* Every address of the To and Cc fields of the returned message. */
static void add_returned_recipients(struct bounce_reader *reader, struct view type, struct view mta)
{
	static const char *const names[] = { "X-HmXmrOriginalRecipient", "To", "Cc", "X-Original-To", "Delivered-To" };
	for (size_t i = 0; i < ARRAY_LEN(names) && reader->out->records.n == 0; i++) {
		struct view rest = bounce_returned_field(reader, names[i]), found;
		while ((found = bounce_find_address(rest)).n > 0) {
			add_feedback(reader, found, type, mta);
			rest = view_from(rest, (size_t)(found.p + found.n - rest.p));
		}
	}
}

/* Complaints without a report part: Hotmail's programme and AOL's first one. */
static bool is_complaint_by_mark(const struct bounce_reader *reader)
{
	return view_is_case(bounce_find_address(reader->from), "staff@hotmail.com") ||
	       view_starts_case(reader->subject, VIEW("complaint about message from")) ||
	       view_starts_case(bounce_field(reader, "X-Loop"), VIEW("scomp"));
}

static bool read_unmarked_feedback(struct bounce_reader *reader)
{
	struct view given = bounce_field(reader, "X-HmXmrOriginalRecipient");
	if (given.n == 0 && !is_complaint_by_mark(reader))
		return false;
	if (given.n > 0)
		add_feedback(reader, bounce_find_address(given), VIEW("abuse"), view_none());
	else
		add_returned_recipients(reader, VIEW("abuse"), view_none());
	if (reader->out->records.n == 0)
		add_feedback(reader, view_none(), VIEW("abuse"), view_none());
	reader->out->format = "complaint";
	return true;
}

bool bounce_read_feedback(struct bounce_reader *reader)
{
	if (reader->feedback_part < 0)
		return read_unmarked_feedback(reader);
	struct msg_head head;
	if (!part_head(reader, reader->feedback_part, &head))
		return false;
	struct view type = arena_lower(reader->arena, msg_head_value(&head, VIEW("Feedback-Type"), reader->arena));
	struct view mta = after_type(msg_head_value(&head, VIEW("Reporting-MTA"), reader->arena));
	size_t at = 0;
	const struct msg_field *field;
	while ((field = msg_head_next(&head, VIEW("Original-Rcpt-To"), &at)) != NULL)
		add_feedback(reader, bounce_find_address(msg_head_unfold(field->value, reader->arena)), type, mta);
	at = 0;
	while (reader->out->records.n == 0 && (field = msg_head_next(&head, VIEW("Removal-Recipient"), &at)) != NULL)
		add_feedback(reader, bounce_find_address(field->value), type, mta);
	if (reader->out->records.n == 0)
		add_returned_recipients(reader, type, mta);
	if (reader->out->records.n == 0)
		add_feedback(reader, view_none(), type, mta);
	reader->out->format = "arf";
	return true;
}

bool bounce_read_mdn(struct bounce_reader *reader)
{
	struct msg_head head;
	if (reader->mdn_part < 0 || !part_head(reader, reader->mdn_part, &head))
		return false;
	struct view final = after_type(msg_head_value(&head, VIEW("Final-Recipient"), reader->arena));
	struct view original = after_type(msg_head_value(&head, VIEW("Original-Recipient"), reader->arena));
	struct view recipient = bounce_find_address(final.n > 0 ? final : original);
	struct bounce_record *record = bounce_add(reader, BOUNCE_TYPE_MDN, recipient);
	if (record == NULL)
		return false;
	record->original_recipient = bounce_find_address(original);
	if (view_eq_case(record->original_recipient, record->recipient))
		record->original_recipient = view_none();
	record->diagnostic = msg_head_value(&head, VIEW("Disposition"), reader->arena);
	record->reporting_mta = after_type(msg_head_value(&head, VIEW("Reporting-UA"), reader->arena));
	record->verdict = verdict_of(BOUNCE_MDN);
	struct view id = msg_head_value(&head, VIEW("Original-Message-ID"), reader->arena);
	if (id.n > 2 && view_at(id, 0) == '<')
		reader->out->message_id = view_slice(id, 1, id.n - 2);
	reader->out->format = "mdn";
	return true;
}

static bool subject_says_away(struct view subject)
{
	static const char *const starts[] = { "out of office",
					      "out of the office",
					      "automatic reply",
					      "auto:",
					      "auto-reply",
					      "autoreply",
					      "auto reply",
					      "vacation",
					      "away from",
					      "abwesenheit",
					      "automatische antwort",
					      "i am out of",
					      "reponse automatique",
					      "r\xc3\xa9ponse automatique",
					      "absence",
					      "out-of-office",
					      "autoresponse",
					      "respuesta automatica",
					      "respuesta autom\xc3\xa1tica",
					      "risposta automatica",
					      "ooo:",
					      "on vacation",
					      "i'm on vacation",
					      "i am on vacation",
					      "on leave",
					      "resposta autom\xc3\xa1tica",
					      "automatisch antwoord" };
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (view_find_case(view_to(subject, 200), view_str(starts[i])) != SIZE_MAX)
			return true;
	return false;
}

bool bounce_read_autoreply(struct bounce_reader *reader)
{
	struct view submitted = bounce_field(reader, "Auto-Submitted");
	struct view precedence = bounce_field(reader, "Precedence");
	bool replied = view_starts_case(submitted, VIEW("auto-replied"));
	bool other_mark = bounce_field(reader, "X-Autoreply").n > 0 || bounce_field(reader, "X-Autorespond").n > 0 ||
			  view_starts_case(bounce_field(reader, "X-Auto-Response-Suppress"), VIEW("all")) ||
			  view_starts_case(precedence, VIEW("auto_reply")) ||
			  view_starts_case(precedence, VIEW("auto-reply")) ||
			  bounce_field(reader, "X-Apple-Action").n > 0 ||
			  bounce_field(reader, "X-Mail-Autoreply").n > 0;
	bool answers = bounce_field(reader, "In-Reply-To").n > 0 || bounce_field(reader, "References").n > 0;
	bool generated = view_starts_case(submitted, VIEW("auto-generated"));
	bool away = subject_says_away(reader->subject);
	if (!replied && !(other_mark && (away || answers)) && !((generated || answers || other_mark) && away))
		return false;
	struct view recipient = bounce_find_address(reader->from);
	struct bounce_record *record = recipient.n == 0 ? NULL : bounce_add(reader, BOUNCE_TYPE_AUTOREPLY, recipient);
	if (record == NULL)
		return false;
	record->verdict = verdict_of(BOUNCE_AUTOREPLY);
	struct view text = view_trim(reader->text);
	record->diagnostic = view_to(text, 300);
	reader->out->format = "autoreply";
	return true;
}
