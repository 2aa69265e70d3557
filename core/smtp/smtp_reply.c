#include "smtp_reply.h"

#include "base_cur.h"
#include "base_show.h"

enum { CODE_OCTETS = 3, ENHANCED_PART_MAX = 999 };

/* The code at the front of a line, 0 when there is none (RFC 5321 4.2: 2yz to 5yz). */
static unsigned take_code(struct cur *line)
{
	unsigned code = 0;
	for (int i = 0; i < CODE_OCTETS; i++) {
		int c = cur_peek(line);
		if (!ascii_is_digit(c))
			return 0;
		code = code * 10 + (unsigned)(c - '0');
		cur_skip(line);
	}
	return code >= 200 && code <= 599 && !ascii_is_digit(cur_peek(line)) ? code : 0;
}

/* What is no reply is complete with its line, so that the parser says so at once. */
static bool line_goes_on(struct view line)
{
	struct cur cur = cur_of(line);
	return take_code(&cur) != 0 && cur_peek(&cur) == '-';
}

static struct view line_text(struct view line)
{
	int separator = view_at(line, CODE_OCTETS);
	return view_from(line, separator == '-' || separator == ' ' ? CODE_OCTETS + 1 : CODE_OCTETS);
}

/* RFC 3463 2: class "." subject "." detail, then a space or the end. */
static struct smtp_enhanced take_enhanced(struct view text)
{
	static const struct smtp_enhanced none;
	struct cur cur = cur_of(text);
	struct smtp_enhanced found = { 0, 0, 0 };
	found.class = (unsigned)cur_need_uint(&cur, 5);
	(void)cur_need(&cur, '.');
	found.subject = (unsigned)cur_need_uint(&cur, ENHANCED_PART_MAX);
	(void)cur_need(&cur, '.');
	found.detail = (unsigned)cur_need_uint(&cur, ENHANCED_PART_MAX);
	if (!cur_ok(&cur) || (found.class != 2 && found.class != 4 && found.class != 5))
		return none;
	return cur_done(&cur) || ascii_is_wsp(cur_peek(&cur)) ? found : none;
}

enum err smtp_reply_parse(struct view in, struct smtp_reply *out, struct diag *diag)
{
	struct smtp_reply reply = { .raw = in };
	struct view rest = in, line;
	bool more = true;
	while (more && view_next_line(&rest, &line)) {
		if (++reply.lines > SMTP_REPLY_LINES)
			return diag_set(diag, ERR_LIMIT, "the reply has more than %d lines", SMTP_REPLY_LINES);
		if (line.n > SMTP_REPLY_OCTETS)
			return diag_set(diag, ERR_LIMIT, "line %u of the reply is longer than %d octets", reply.lines,
					SMTP_REPLY_OCTETS);
		struct cur cur = cur_of(line);
		unsigned code = take_code(&cur);
		if (code == 0)
			return diag_at(diag, ERR_SYNTAX, reply.lines, 1, "this is no SMTP reply: \"%s\"", SHOW(line));
		if (reply.lines > 1 && code != reply.code)
			return diag_at(diag, ERR_SYNTAX, reply.lines, 1, "the code changes within the reply, %u to %u",
				       reply.code, code);
		if (reply.lines == 1) {
			reply.code = code;
			reply.enhanced = take_enhanced(line_text(line));
		}
		more = line_goes_on(line);
	}
	if (more || rest.n > 0)
		return diag_at(diag, ERR_SYNTAX, reply.lines, 1,
			       more ? "the reply ends in the middle" : "octets behind the reply");
	*out = reply;
	return ERR_OK;
}

bool smtp_reply_next_line(struct view *rest, struct view *text)
{
	struct view line;
	if (!view_next_line(rest, &line))
		return false;
	*text = line_text(line);
	return true;
}

void smtp_reply_write(const struct smtp_reply *reply, struct buf *out)
{
	struct view rest = reply->raw, text;
	size_t from = out->n;
	while (smtp_reply_next_line(&rest, &text)) {
		text = view_trim(text);
		if (text.n == 0)
			continue;
		if (out->n > from)
			buf_byte(out, ' ');
		buf_put(out, text);
	}
}

void smtp_enhanced_write(const struct smtp_enhanced *enhanced, struct buf *out)
{
	if (enhanced->class != 0)
		buf_printf(out, "%u.%u.%u", enhanced->class, enhanced->subject, enhanced->detail);
}

bool smtp_enhanced_is(const struct smtp_enhanced *enhanced, unsigned class, unsigned subject, unsigned detail)
{
	return enhanced->class == class && enhanced->subject == subject && enhanced->detail == detail;
}

void smtp_reply_reader_init(struct smtp_reply_reader *reader)
{
	*reader = (struct smtp_reply_reader){ 0 };
	buf_init(&reader->in, SMTP_REPLY_FEED_MAX + (size_t)SMTP_REPLY_LINES * (SMTP_REPLY_OCTETS + 2));
}

void smtp_reply_reader_done(struct smtp_reply_reader *reader) { buf_done(&reader->in); }

/* Move past the reply last given out; moving the rest costs no more than what was read. */
static void drop_taken(struct smtp_reply_reader *reader)
{
	if (reader->taken == 0)
		return;
	if (reader->taken * 2 >= reader->in.n) {
		buf_drop(&reader->in, reader->taken);
		reader->line -= reader->taken;
		reader->scanned -= reader->taken;
		reader->taken = 0;
	}
}

enum err smtp_reply_feed(struct smtp_reply_reader *reader, struct view bytes, struct diag *diag)
{
	drop_taken(reader);
	buf_put(&reader->in, bytes);
	return reader->in.over
		       ? diag_set(diag, ERR_LIMIT, "more than %d octets of replies at once", SMTP_REPLY_FEED_MAX)
		       : ERR_OK;
}

enum err smtp_reply_next(struct smtp_reply_reader *reader, struct smtp_reply *out, bool *found, struct diag *diag)
{
	*found = false;
	drop_taken(reader);
	for (;;) {
		struct view all = buf_view(&reader->in);
		size_t lf = view_find_byte(view_from(all, reader->scanned), '\n');
		size_t end = lf == SIZE_MAX ? all.n : reader->scanned + lf + 1;
		if (end - reader->line > SMTP_REPLY_OCTETS + 2)
			return diag_set(diag, ERR_LIMIT, "a line of the reply is longer than %d octets",
					SMTP_REPLY_OCTETS);
		reader->scanned = end;
		if (lf == SIZE_MAX)
			return ERR_OK;
		struct view line = view_slice(all, reader->line, end - reader->line);
		reader->line = end;
		reader->lines++;
		if (line_goes_on(line) && reader->lines <= SMTP_REPLY_LINES)
			continue;
		enum err err = smtp_reply_parse(view_slice(all, reader->taken, end - reader->taken), out, diag);
		reader->taken = end;
		reader->lines = 0;
		*found = err == ERR_OK;
		return err;
	}
}

size_t smtp_reply_pending(const struct smtp_reply_reader *reader) { return reader->in.n - reader->taken; }
