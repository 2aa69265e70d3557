/*
 * Delivery status notifications (RFC 3464, RFC 6533), as they are sent and not only as they should be: mislabelled
 * parts, no empty line between recipients, comments behind values, odd address types.
 */
#include "base_ascii.h"
#include "base_num.h"
#include "base_show.h"
#include "base_utf8.h"
#include "bounce_priv.h"

enum { DSN_FIELDS_MAX = 20000 };

struct dsn {
	struct bounce_reader *reader;
	struct view reporting_mta;
	struct bounce_record *record; /* the block that is open */
	struct view actual;           /* X-Actual-Recipient */
	struct view supplement;       /* vendors' further texts */
	bool gap;                     /* an empty line came since the last field */
};

/* "dns; mx.example.org", "rfc822;a@b": what stands behind the type. */
static struct view without_type(struct view value)
{
	size_t semicolon = view_find_byte(value, ';');
	size_t space = view_find_byte(value, ' ');
	if (semicolon == SIZE_MAX || (space != SIZE_MAX && space < semicolon && space + 1 != semicolon) ||
	    semicolon > 24)
		return view_trim(value);
	return view_trim(view_from(value, semicolon + 1));
}

/* Comments of RFC 5322 at the end of a value go. */
static struct view without_comment(struct view value)
{
	size_t open = view_find_byte(value, '(');
	return view_trim(open == SIZE_MAX ? value : view_to(value, open));
}

/* RFC 6533 3: \x{7528} stands for a character in utf-8 addresses. */
static struct view unescape_unitext(struct view v, struct arena *arena)
{
	if (view_find(v, VIEW("\\x{")) == SIZE_MAX)
		return v;
	BUF_AUTO struct buf out;
	buf_init(&out, v.n * 4);
	while (v.n > 0) {
		uint64_t cp;
		size_t close = view_starts(v, VIEW("\\x{")) ? view_find_byte(v, '}') : SIZE_MAX;
		if (close != SIZE_MAX && num_parse_hex(view_slice(v, 3, close - 3), 0x10ffff, &cp) && cp >= 0x20) {
			utf8_put(&out, (uint32_t)cp);
			v = view_from(v, close + 1);
		} else {
			buf_byte(&out, view_at(v, 0));
			v = view_from(v, 1);
		}
	}
	return arena_view(arena, buf_view(&out));
}

static struct view dsn_address(const struct dsn *dsn, struct view value)
{
	struct view plain = unescape_unitext(without_type(value), dsn->reader->arena);
	struct view found = bounce_find_address(plain);
	if (found.n > 0)
		return found;
	if (view_at(plain, 0) == '<' && view_last(plain) == '>')
		plain = view_slice(plain, 1, plain.n - 2);
	if (view_starts_case(plain, VIEW("smtp:")))
		plain = view_from(plain, 5);
	return view_trim(plain);
}

static void open_record(struct dsn *dsn)
{
	dsn->record = bounce_add(dsn->reader, BOUNCE_TYPE_BOUNCE, view_none());
	if (dsn->record != NULL)
		dsn->record->reporting_mta = dsn->reporting_mta;
	dsn->actual = view_none();
	dsn->supplement = view_none();
}

static enum bounce_type type_of_action(struct view action)
{
	if (view_is(action, "delayed"))
		return BOUNCE_TYPE_DELAY;
	if (view_is(action, "delivered"))
		return BOUNCE_TYPE_SUCCESS;
	if (view_is(action, "relayed") || view_is(action, "expanded"))
		return BOUNCE_TYPE_RELAYED;
	return BOUNCE_TYPE_BOUNCE;
}

static void close_record(struct dsn *dsn)
{
	struct bounce_record *record = dsn->record;
	dsn->record = NULL;
	if (record == NULL)
		return;
	if (record->recipient.n == 0) {
		record->recipient = dsn->actual.n > 0 ? dsn->actual : record->original_recipient;
		if (record->recipient.n == 0)
			record->recipient = bounce_find_address(record->diagnostic);
	}
	if (record->recipient.n == 0 && record->action.n == 0 && record->status_text.n == 0) {
		dsn->reader->out->records.n--;
		return;
	}
	if (view_eq_case(record->original_recipient, record->recipient))
		record->original_recipient = view_none();
	if (record->action.n == 0)
		record->action = record->status.class == 2   ? VIEW("delivered")
				 : record->status.class == 4 ? VIEW("delayed")
							     : VIEW("failed");
	record->type = type_of_action(record->action);
	if (record->status.class == 2 && record->type != BOUNCE_TYPE_RELAYED)
		record->type = BOUNCE_TYPE_SUCCESS;
	bounce_judge(dsn->reader, record, dsn->supplement);
}

static void take_status(struct bounce_record *record, struct view value)
{
	struct view text = view_trim(without_comment(value));
	text = view_to(text, view_find_byte(text, ' '));
	record->status_text = text;
	if (!bounce_status_parse(text, &record->status))
		record->status = (struct bounce_status){ 0 };
}

static bool is_recipient_field(struct view name)
{
	return view_is_case(name, "Final-Recipient") || view_is_case(name, "Original-Recipient");
}

static void take_recipient_field(struct dsn *dsn, struct view name, struct view value)
{
	struct bounce_record *record = dsn->record;
	struct arena *arena = dsn->reader->arena;
	if (view_is_case(name, "Final-Recipient"))
		record->recipient = dsn_address(dsn, value);
	else if (view_is_case(name, "Original-Recipient"))
		record->original_recipient = dsn_address(dsn, value);
	else if (view_is_case(name, "X-Actual-Recipient"))
		dsn->actual = dsn_address(dsn, value);
	else if (view_is_case(name, "Action"))
		record->action = arena_lower(
			arena, view_to(without_comment(value), view_find_byte(without_comment(value), ' ')));
	else if (view_is_case(name, "Status"))
		take_status(record, value);
	else if (view_is_case(name, "Remote-MTA"))
		record->remote_mta = without_type(without_comment(value));
	else if (view_is_case(name, "Diagnostic-Code"))
		record->diagnostic = record->diagnostic.n == 0 ? view_trim(value) : record->diagnostic;
	else if (view_is_case(name, "X-Supplementary-Info") || view_is_case(name, "X-Notes") ||
		 view_is_case(name, "X-Mailer-Error") || view_is_case(name, "X-SMTP-Diagnostic"))
		dsn->supplement = view_trim(value);
}

static void take_field(struct dsn *dsn, struct view name, struct view value)
{
	bool final = view_is_case(name, "Final-Recipient");
	if (view_is_case(name, "Reporting-MTA")) {
		dsn->reporting_mta = without_type(without_comment(value));
		return;
	}
	if (is_recipient_field(name) ||
	    (dsn->record == NULL && (view_is_case(name, "Action") || view_is_case(name, "Status")))) {
		bool again = dsn->record != NULL && (final ? dsn->record->recipient.n > 0
							   : view_is_case(name, "Original-Recipient") &&
								     dsn->record->original_recipient.n > 0);
		again = again || (dsn->record != NULL && dsn->gap && dsn->record->recipient.n > 0);
		if (again)
			close_record(dsn);
		if (dsn->record == NULL)
			open_record(dsn);
	}
	if (dsn->record != NULL)
		take_recipient_field(dsn, name, value);
}

/* One field with its folds joined; false where the returned message starts. */
static bool end_field(struct dsn *dsn, struct view field)
{
	struct view value = arena_view(dsn->reader->arena, field);
	struct view name = view_trim(view_cut(&value, ':'));
	if (value.p == NULL)
		return true;
	if (dsn->record != NULL && (view_is_case(name, "Return-Path") || view_is_case(name, "Received")))
		return false;
	take_field(dsn, name, view_trim(value));
	dsn->gap = false;
	return true;
}

static void read_fields(struct dsn *dsn, struct view text)
{
	int eol = msg_line_end(text);
	struct view line, rest = text;
	BUF_AUTO struct buf field;
	buf_init(&field, BOUNCE_DECODED_MAX);
	for (size_t count = 0; count < DSN_FIELDS_MAX; count++) {
		bool more = msg_line_next(&rest, eol, &line);
		if (more && ascii_is_wsp(view_at(line, 0)) && field.n > 0 && view_trim(line).n > 0) {
			buf_byte(&field, ' ');
			buf_put(&field, view_trim(line));
			continue;
		}
		if (!end_field(dsn, buf_view(&field)) || !more)
			break;
		dsn->gap = dsn->gap || view_trim(line).n == 0;
		buf_reset(&field);
		buf_put(&field, line);
	}
	close_record(dsn);
}

bool bounce_read_dsn(struct bounce_reader *reader)
{
	if (reader->status_part < 0)
		return false;
	struct dsn dsn = { .reader = reader };
	for (size_t i = (size_t)reader->status_part; i < reader->mime.n; i++) {
		const struct msg_part *part = &reader->mime.at[i];
		bool status = view_is_case(part->type.type, "message") &&
			      (view_is_case(part->type.subtype, "delivery-status") ||
			       view_is_case(part->type.subtype, "global-delivery-status"));
		if ((int)i == reader->status_part ||
		    (status && part->depth == reader->mime.at[reader->status_part].depth))
			read_fields(&dsn, bounce_part_text(reader, (int)i));
	}
	if (reader->out->records.n == 0)
		return false;
	reader->out->format = "dsn";
	return true;
}
