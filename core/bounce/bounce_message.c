#include "bounce_events.h"
#include "bounce_priv.h"

#include "base_ascii.h"
#include "msg_charset.h"
#include "msg_date.h"
#include "msg_word.h"

static const struct {
	const char *name;
} types[BOUNCE_TYPE_COUNT] = {
	[BOUNCE_TYPE_UNKNOWN] = { "unknown" },     [BOUNCE_TYPE_BOUNCE] = { "bounce" },
	[BOUNCE_TYPE_DELAY] = { "delay" },         [BOUNCE_TYPE_SUCCESS] = { "success" },
	[BOUNCE_TYPE_RELAYED] = { "relayed" },     [BOUNCE_TYPE_FEEDBACK] = { "feedback" },
	[BOUNCE_TYPE_AUTOREPLY] = { "autoreply" }, [BOUNCE_TYPE_MDN] = { "mdn" },
};

const char *bounce_type_name(enum bounce_type type) { return types[type].name; }

bool bounce_type_parse(struct view name, enum bounce_type *out)
{
	for (unsigned i = 0; i < BOUNCE_TYPE_COUNT; i++) {
		if (view_is_case(name, types[i].name)) {
			*out = (enum bounce_type)i;
			return true;
		}
	}
	return false;
}

const char *bounce_command_name(enum bounce_command command)
{
	switch (command) {
	case BOUNCE_COMMAND_CONN:
		return "CONN";
	case BOUNCE_COMMAND_EHLO:
		return "EHLO";
	case BOUNCE_COMMAND_MAIL:
		return "MAIL";
	case BOUNCE_COMMAND_RCPT:
		return "RCPT";
	case BOUNCE_COMMAND_DATA:
		return "DATA";
	case BOUNCE_COMMAND_NONE:
		break;
	}
	return NULL;
}

struct view bounce_field(const struct bounce_reader *reader, const char *name)
{
	return msg_head_value(&reader->mime.at[0].head, view_str(name), reader->arena);
}

struct view bounce_returned_field(const struct bounce_reader *reader, const char *name)
{
	struct msg_head head;
	if (reader->returned.n == 0 || msg_head_parse(reader->returned, NULL, reader->arena, &head, NULL) != ERR_OK)
		return view_none();
	return msg_head_value(&head, view_str(name), reader->arena);
}

/* A copy in the arena; lone CRs, where nothing else ends lines, become LFs, so that the rest knows one line end less. */
static struct view kept(const struct bounce_reader *reader, const struct buf *text)
{
	struct view copy = arena_view(reader->arena, buf_view(text));
	if (msg_line_end(copy) != '\r')
		return copy;
	char *p = arena_cstr(reader->arena, copy);
	for (size_t i = 0; i < copy.n; i++)
		if (p[i] == '\r')
			p[i] = '\n';
	return view_of(p, copy.n);
}

struct view bounce_part_text(const struct bounce_reader *reader, int part)
{
	BUF_AUTO struct buf text;
	buf_init(&text, BOUNCE_DECODED_MAX);
	msg_part_text(&reader->mime, &reader->mime.at[part], &text);
	return kept(reader, &text);
}

struct bounce_record *bounce_add(struct bounce_reader *reader, enum bounce_type type, struct view recipient)
{
	struct bounce_report *out = reader->out;
	if (out->records.n >= BOUNCE_RECORDS_MAX) {
		out->error = "more than 1000 recipients in one report (limit BOUNCE_RECORDS_MAX)";
		return NULL;
	}
	struct bounce_record *record = VEC_PUSH(&out->records, reader->arena);
	*record = (struct bounce_record){ .type = type, .recipient = recipient };
	return record;
}

/* Which part is what. What hangs below a returned message is none of ours. */

static bool inside_returned(const struct msg_mime *mime, int i)
{
	for (int up = mime->at[i].parent; up != MSG_MIME_NO_PARENT; up = mime->at[up].parent)
		if (view_is_case(mime->at[up].type.type, "message"))
			return true;
	return false;
}

static bool starts_status(struct view text)
{
	return view_find_case(text, VIEW("\nFinal-Recipient:")) != SIZE_MAX ||
	       view_starts_case(text, VIEW("Final-Recipient:")) || view_starts_case(text, VIEW("Reporting-MTA:"));
}

/* A multipart whose boundary never comes has none: its body is all there is to read. */
static bool has_children(const struct msg_mime *mime, int i) { return msg_mime_child(mime, i, -1) >= 0; }

/* A delivery status that hides in a text part (notes: a text/plain part with both fields is one). */
static bool is_mislabelled_status(const struct bounce_reader *reader, int i)
{
	const struct msg_part *part = &reader->mime.at[i];
	bool opaque = view_is_case(part->type.type, "multipart") && !has_children(&reader->mime, i);
	if ((view_is_case(part->type.type, "multipart") && !opaque) || part->length > BOUNCE_DECODED_MAX)
		return false;
	if (opaque || i == 0) {
		struct view body = bounce_part_text(reader, i);
		size_t at = view_find_case(body, VIEW("\nFinal-Recipient:"));
		return at != SIZE_MAX && view_find_case(view_from(body, at), VIEW("\nAction:")) != SIZE_MAX;
	}
	struct view body = msg_part_body(&reader->mime, part);
	if (part->cte == MSG_CTE_IDENTITY)
		return starts_status(view_to(body, 2048)) && view_find_case(body, VIEW("Action:")) != SIZE_MAX;
	if (!view_is_case(part->type.type, "text") && !view_is_case(part->type.type, "application"))
		return false;
	struct view text = bounce_part_text(reader, i);
	return starts_status(view_to(text, 2048)) && view_find_case(text, VIEW("Action:")) != SIZE_MAX;
}

static bool is_message(const struct msg_part *part, const char *subtype)
{
	return msg_type_is(&part->type, "message", subtype);
}

static void find_parts(struct bounce_reader *reader)
{
	const struct msg_mime *mime = &reader->mime;
	reader->status_part = reader->feedback_part = reader->mdn_part = -1;
	for (int i = 0; i < (int)mime->n; i++) {
		const struct msg_part *part = &mime->at[i];
		if (inside_returned(mime, i))
			continue;
		if (is_message(part, "delivery-status") || is_message(part, "global-delivery-status")) {
			if (reader->status_part < 0)
				reader->status_part = i;
		} else if (is_message(part, "feedback-report")) {
			reader->feedback_part = i;
		} else if (is_message(part, "disposition-notification") ||
			   is_message(part, "global-disposition-notification")) {
			reader->mdn_part = i;
		}
	}
	for (int i = 0;
	     i < (int)mime->n && reader->status_part < 0 && reader->feedback_part < 0 && reader->mdn_part < 0; i++)
		if (!inside_returned(mime, i) && is_mislabelled_status(reader, i))
			reader->status_part = i;
}

/* The header block of what came back: an attached message or headers, else what stands behind the text. */
static void find_returned(struct bounce_reader *reader)
{
	const struct msg_mime *mime = &reader->mime;
	for (int i = 1; i < (int)mime->n; i++) {
		const struct msg_part *part = &mime->at[i];
		bool whole = is_message(part, "rfc822") || is_message(part, "global") || is_message(part, "partial");
		bool headers = msg_type_is(&part->type, "text", "rfc822-headers") ||
			       msg_type_is(&part->type, "text", "rfc822-header") ||
			       msg_type_is(&part->type, "text", "rfc822") || is_message(part, "global-headers") ||
			       is_message(part, "rfc822-headers");
		if ((whole || headers) && !inside_returned(mime, i)) {
			reader->returned = part->cte == MSG_CTE_IDENTITY ? msg_part_body(mime, part)
									 : bounce_part_text(reader, i);
			return;
		}
	}
}

/* Parts that talk to people, in order, up to the returned message. */
static void find_text(struct bounce_reader *reader)
{
	const struct msg_mime *mime = &reader->mime;
	BUF_AUTO struct buf all;
	buf_init(&all, BOUNCE_DECODED_MAX);
	struct view html = view_none();
	for (int i = 0; i < (int)mime->n; i++) {
		const struct msg_part *part = &mime->at[i];
		bool opaque = view_is_case(part->type.type, "multipart") && !has_children(mime, i);
		if (inside_returned(mime, i) || (i == reader->status_part && i != 0))
			continue;
		if (opaque) {
			buf_put(&all, view_to(bounce_part_text(reader, i), BOUNCE_DECODED_MAX / 2));
			buf_byte(&all, '\n');
		}
		if (!view_is_case(part->type.type, "text"))
			continue;
		if (view_is_case(part->type.subtype, "html") && html.n == 0)
			html = bounce_part_text(reader, i);
		else if (view_is_case(part->type.subtype, "plain") || !part->type_given) {
			buf_put(&all, view_to(bounce_part_text(reader, i), BOUNCE_DECODED_MAX / 2));
			buf_byte(&all, '\n');
		}
	}
	struct view text = arena_view(reader->arena, buf_view(&all));
	if (view_trim(text).n == 0)
		text = bounce_strip_html(html, reader->arena);
	size_t end = bounce_returned_start(text);
	if (reader->returned.n == 0 && end < text.n) {
		reader->returned = view_from(text, end);
		/* a copy often starts with a line that announces it */
		struct view line;
		while (reader->returned.n > 0 && !ascii_is_alpha(view_at(reader->returned, 0)) &&
		       msg_line_next(&reader->returned, '\n', &line))
			;
	}
	reader->text = view_to(text, end);
}

static struct view without_angles(struct view v)
{
	size_t open = view_find_byte(v, '<'), close = view_find_byte(v, '>');
	if (open == SIZE_MAX || close == SIZE_MAX || close < open)
		return view_trim(v);
	return view_slice(v, open + 1, close - open - 1);
}

static void fill_common(struct bounce_reader *reader)
{
	struct bounce_report *out = reader->out;
	out->message_id = without_angles(bounce_returned_field(reader, "Message-ID"));
	out->subject = msg_word_decode_view(bounce_returned_field(reader, "Subject"), reader->arena);
	out->list_id = without_angles(bounce_returned_field(reader, "List-Id"));
	out->sender = bounce_find_address(bounce_returned_field(reader, "Return-Path"));
	if (out->sender.n == 0)
		out->sender = bounce_find_address(bounce_returned_field(reader, "From"));
	out->returned_to = bounce_find_address(bounce_field(reader, "Delivered-To"));
	if (out->returned_to.n == 0)
		out->returned_to = bounce_find_address(bounce_field(reader, "To"));
	struct msg_date date;
	if (msg_date_parse(bounce_field(reader, "Date"), &date, NULL) == ERR_OK)
		out->timestamp = date.epoch_s;
}

/* Mailers break lines over 998 octets by a line end and a space: JSON has neither inside its strings. */
static struct view unbroken(struct view text, struct arena *arena)
{
	BUF_AUTO struct buf out;
	buf_init(&out, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		int c = view_at(text, i);
		if (c == '\n' && view_at(text, i + 1) == ' ')
			i++;
		else if (c != '\r')
			buf_byte(&out, c);
	}
	return arena_view(arena, buf_view(&out));
}

/* A notification of SNS that was sent by mail: the event is the text. */
static bool read_events_in(struct bounce_reader *reader)
{
	struct view text = bounce_part_text(reader, 0);
	if (!bounce_is_events(text))
		return false;
	text = unbroken(text, reader->arena);
	struct bounce_report events;
	size_t used;
	if (bounce_parse_events(reader->classifier, text, reader->arena, &events, &used, NULL) != ERR_OK ||
	    events.records.n == 0)
		return false;
	*reader->out = events;
	return true;
}

void bounce_parse_message(struct bounce_classifier *classifier, struct view in, struct arena *arena,
			  struct bounce_report *out)
{
	*out = (struct bounce_report){ 0 };
	struct bounce_reader reader = { .classifier = classifier, .arena = arena, .out = out };
	msg_mime_parse(in, arena, &reader.mime);
	if ((reader.mime.faults & (MSG_MIME_DEPTH | MSG_MIME_PARTS | MSG_MIME_HEAD)) != 0)
		out->error = "more parts, depth or header fields than a message may have here";
	if (reader.mime.n == 0)
		return;
	reader.subject = msg_word_decode_view(bounce_field(&reader, "Subject"), arena);
	reader.from = bounce_field(&reader, "From");
	find_parts(&reader);
	if (reader.mime.n == 1 && read_events_in(&reader))
		return;
	find_returned(&reader);
	find_text(&reader);
	fill_common(&reader);
	if (bounce_read_feedback(&reader) || bounce_read_mdn(&reader) || bounce_read_dsn(&reader) ||
	    bounce_read_text(&reader))
		return;
	(void)bounce_read_autoreply(&reader);
}
