/* Failure reports: multipart/report with a message/feedback-report (RFC 5965, RFC 6591, RFC 9991). */
#include <stddef.h>

#include "base_ascii.h"
#include "base_num.h"
#include "base_show.h"
#include "msg_date.h"
#include "msg_word.h"
#include "rua_read_priv.h"

enum { FEEDBACK_MAX = 256 << 10, TEXT_MAX_SHOWN = 4096 };

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define FIELD(text, member)                                                                                            \
	{                                                                                                              \
		text, offsetof(struct rua_failure, member)                                                             \
	}
	FIELD("Feedback-Type", feedback_type),
	FIELD("Auth-Failure", auth_failure),
	FIELD("Delivery-Result", delivery_result),
	FIELD("DKIM-Domain", dkim_domain),
	FIELD("DKIM-Identity", dkim_identity),
	FIELD("DKIM-Selector", dkim_selector),
	FIELD("SPF-DNS", spf_dns),
	FIELD("Authentication-Results", authentication_results),
	FIELD("Source-IP", source_ip),
	FIELD("Source-Port", source_port),
	FIELD("Reported-Domain", reported_domain),
	FIELD("Original-Mail-From", original_mail_from),
	FIELD("Original-Rcpt-To", original_rcpt_to),
	FIELD("Original-Envelope-Id", original_envelope_id),
	FIELD("Arrival-Date", arrival_date),
#undef FIELD
};

static struct view value_of(const struct msg_head *head, const char *name, struct arena *arena)
{
	struct view value = view_to(msg_head_value(head, view_str(name), arena), TEXT_MAX_SHOWN);
	return arena_view(arena, value);
}

/* id-align: names with commas, comments anywhere; kept without the comments. */
static struct view read_alignment(struct view value, struct arena *arena)
{
	char *out = arena_alloc(arena, value.n + 1);
	size_t n = 0, depth = 0;
	for (size_t i = 0; i < value.n; i++) {
		int c = view_at(value, i);
		depth += c == '(' ? 1 : 0;
		if (depth == 0 && !ascii_is_space(c))
			out[n++] = (char)ascii_lower(c);
		depth -= c == ')' && depth > 0 ? 1 : 0;
	}
	return view_of(out, n);
}

static void read_fields(const struct msg_head *head, struct arena *arena, struct rua_report *out)
{
	struct rua_failure *failure = out->failure;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		*(struct view *)(void *)((char *)failure + fields[i].offset) = value_of(head, fields[i].name, arena);
	failure->feedback_type = arena_lower(arena, failure->feedback_type);
	failure->auth_failure = arena_lower(arena, failure->auth_failure);
	failure->reported_domain = arena_lower(arena, failure->reported_domain);
	failure->identity_alignment = read_alignment(value_of(head, "Identity-Alignment", arena), arena);
	failure->incidents = 1;
	(void)!num_parse_uint(value_of(head, "Incidents", arena), UINT32_MAX, &failure->incidents);
	out->generator = value_of(head, "User-Agent", arena);
	out->version = value_of(head, "Version", arena);
	out->domain = failure->reported_domain;
	out->messages = out->fail = failure->incidents;
	struct msg_date date;
	if (msg_date_parse(failure->arrival_date, &date, NULL) == ERR_OK)
		out->begin = out->end = date.epoch_s;
	if (failure->identity_alignment.n == 0)
		rua_warn(out, arena, "Identity-Alignment is missing (RFC 9991 4)");
}

/* The message that failed: whole, or its header only, or not at all. */
static void read_original(struct rua_reader *reader, const struct msg_mime *mime, size_t feedback)
{
	struct rua_failure *failure = reader->report.failure;
	struct arena *arena = &reader->arena;
	failure->redacted = true;
	for (size_t i = feedback + 1; i < mime->n; i++) {
		const struct msg_part *part = &mime->at[i];
		bool whole = view_is(part->type.type, "message");
		if (!whole && !view_is(part->type.subtype, "rfc822-headers"))
			continue;
		BUF_AUTO struct buf text;
		buf_init(&text, FEEDBACK_MAX);
		msg_part_decode(mime, part, &text);
		struct msg_head head;
		if (msg_head_parse(arena_view(arena, buf_view(&text)), NULL, arena, &head, NULL) != ERR_OK ||
		    head.n == 0)
			return;
		failure->redacted = false;
		failure->from = msg_word_decode_view(value_of(&head, "From", arena), arena);
		failure->to = msg_word_decode_view(value_of(&head, "To", arena), arena);
		failure->subject = msg_word_decode_view(value_of(&head, "Subject", arena), arena);
		failure->message_id = value_of(&head, "Message-ID", arena);
		failure->date = value_of(&head, "Date", arena);
		return;
	}
}

static enum err read_report(struct rua_reader *reader, const struct msg_mime *mime, size_t at, struct diag *diag)
{
	struct arena *arena = &reader->arena;
	BUF_AUTO struct buf text;
	buf_init(&text, FEEDBACK_MAX);
	rua_fresh(reader, RUA_FAILURE);
	msg_part_decode(mime, &mime->at[at], &text);
	struct view body = arena_view(arena, buf_view(&text));
	while (ascii_is_space(view_at(body, 0)))
		body = view_from(body, 1);
	struct msg_head head;
	enum err err = msg_head_parse(body, NULL, arena, &head, diag);
	if (err != ERR_OK)
		return err;
	reader->report.failure = arena_new(arena, struct rua_failure);
	read_fields(&head, arena, &reader->report);
	struct view type = reader->report.failure->feedback_type;
	if (!view_is(type, "auth-failure"))
		return diag_set(diag, ERR_DATA,
				"a feedback report of type \"%s\", not auth-failure (bounce-parse reads it)",
				SHOW(type));
	read_original(reader, mime, at);
	reader->report.email = value_of(&mime->at[0].head, "From", arena);
	reader->report.report_id = value_of(&mime->at[0].head, "Message-ID", arena);
	return ERR_OK;
}

bool rua_arf(struct rua_reader *reader, const struct msg_mime *mime)
{
	for (size_t i = 0; i < mime->n; i++) {
		const struct msg_part *part = &mime->at[i];
		if (!view_is(part->type.type, "message") || !view_is(part->type.subtype, "feedback-report"))
			continue;
		struct diag diag = { 0 };
		enum err err = read_report(reader, mime, i, &diag);
		if (err == ERR_OK)
			rua_yield(reader);
		else
			rua_problem(reader, err, &diag);
		return true;
	}
	return false;
}
