#include "msg_head.h"

#include "base_ascii.h"
#include "base_vec.h"

int msg_line_end(struct view in) { return !view_has_byte(in, '\n') && view_has_byte(in, '\r') ? '\r' : '\n'; }

/* From `at` to behind its line end. */
static size_t line_after(struct view in, size_t at, int eol)
{
	const char *end = at < in.n ? memchr(in.p + at, eol, in.n - at) : NULL;
	return end == NULL ? in.n : (size_t)(end - in.p) + 1;
}

/* Octets of the line end that v ends with. */
static size_t ending(struct view v, int eol)
{
	if (view_last(v) != eol)
		return 0;
	return eol == '\n' && v.n >= 2 && v.p[v.n - 2] == '\r' ? 2 : 1;
}

bool msg_line_next(struct view *rest, int eol, struct view *line)
{
	if (view_empty(*rest))
		return false;
	struct view raw = view_to(*rest, line_after(*rest, 0, eol));
	*rest = view_from(*rest, raw.n);
	*line = view_to(raw, raw.n - ending(raw, eol));
	return true;
}

/* Octets of the name before optional white space and a colon; 0: the line is no field. */
static size_t name_octets(struct view line, size_t *colon)
{
	size_t n = 0;
	while (n < line.n && ascii_is_ftext((unsigned char)line.p[n]))
		n++;
	size_t at = n;
	while (at < line.n && ascii_is_wsp((unsigned char)line.p[at]))
		at++;
	*colon = at;
	return view_at(line, at) == ':' ? n : 0;
}

static bool is_blank(struct view raw, int eol) { return raw.n > 0 && raw.n == ending(raw, eol); }

static bool is_escaped_from(struct view raw) { return view_starts(raw, VIEW(">From ")); }

enum line_kind { LINE_BLANK, LINE_FIELD, LINE_MORE, LINE_STRAY, LINE_BODY };

static enum line_kind line_kind(struct view raw, int eol, bool first, size_t *name, size_t *colon)
{
	*name = 0;
	*colon = 0;
	if (is_blank(raw, eol))
		return LINE_BLANK;
	if (ascii_is_wsp(view_at(raw, 0)))
		return first ? LINE_STRAY : LINE_MORE;
	*name = name_octets(raw, colon);
	if (*name > 0)
		return LINE_FIELD;
	return is_escaped_from(raw) ? LINE_STRAY : LINE_BODY;
}

struct splitter {
	struct view in;
	int eol;
	size_t at;
	bool lf, crlf; /* which line ends were seen */
	struct msg_head *head;
};

static void note_ending(struct splitter *s, struct view raw)
{
	size_t n = ending(raw, s->eol);
	s->lf |= n == 1;
	s->crlf |= n == 2;
}

/* An mbox "From " line; `From : a@b` is a field. */
static bool is_from_line(struct view line)
{
	struct view rest = view_from(line, 4);
	while (ascii_is_wsp(view_at(rest, 0)))
		rest = view_from(rest, 1);
	return view_starts(line, VIEW("From ")) && view_at(rest, 0) != ':';
}

static void take_from_line(struct splitter *s)
{
	if (!is_from_line(s->in))
		return;
	size_t end = line_after(s->in, 0, s->eol);
	struct view raw = view_to(s->in, end);
	s->head->from_line = view_to(raw, raw.n - ending(raw, s->eol));
	s->head->faults |= MSG_HEAD_FROM_LINE;
	s->at = end;
}

/* One more line at the end of a field's views. */
static void extend(struct msg_field *field, struct view raw, int eol)
{
	field->raw.n += raw.n;
	const char *end = field->raw.p + field->raw.n - ending(field->raw, eol);
	field->value.n = (size_t)(end - field->value.p);
}

static void add_field(struct splitter *s, struct view raw, size_t name, size_t colon, struct arena *arena)
{
	struct msg_field field = { .name = view_to(raw, name), .raw = view_to(raw, 0) };
	field.value = view_slice(raw, name > 0 ? colon + 1 : 0, 0);
	extend(&field, raw, s->eol);
	if (name == 0)
		s->head->faults |= MSG_HEAD_STRAY;
	else if (colon != name)
		s->head->faults |= MSG_HEAD_COLON;
	*VEC_PUSH(s->head, arena) = field;
}

/* One line of the block; false when it ended the block. */
static bool split_line(struct splitter *s, struct arena *arena)
{
	struct msg_head *head = s->head;
	size_t end = line_after(s->in, s->at, s->eol), name, colon;
	struct view raw = view_slice(s->in, s->at, end - s->at);
	enum line_kind kind = line_kind(raw, s->eol, head->n == 0, &name, &colon);
	if (kind == LINE_BODY || kind == LINE_BLANK) {
		head->fields_end = s->at;
		head->octets = kind == LINE_BLANK ? end : s->at;
		if (kind == LINE_BODY)
			head->faults |= MSG_HEAD_NO_BLANK;
		return false;
	}
	note_ending(s, raw);
	if (kind == LINE_MORE)
		extend(&head->at[head->n - 1], raw, s->eol);
	else
		add_field(s, raw, name, colon, arena);
	s->at = end;
	return true;
}

enum err msg_head_parse(struct view in, const struct msg_head_limits *limits, struct arena *arena, struct msg_head *out,
			struct diag *diag)
{
	size_t fields_max = limits != NULL && limits->fields != 0 ? limits->fields : MSG_HEAD_FIELDS_MAX;
	size_t octets_max = limits != NULL && limits->octets != 0 ? limits->octets : MSG_HEAD_OCTETS_MAX;
	struct msg_head head = { 0 };
	struct splitter s = { .in = in, .eol = '\n', .head = &head };
	if (in.n > 0 && memchr(in.p, '\n', in.n) == NULL)
		s.eol = msg_line_end(in);
	take_from_line(&s);
	bool ended = false;
	while (!ended && s.at < in.n) {
		ended = !split_line(&s, arena);
		if (head.n > fields_max)
			return diag_set(diag, ERR_LIMIT, "more than %zu header fields (MSG_HEAD_FIELDS_MAX)",
					fields_max);
		if (s.at > octets_max)
			return diag_set(diag, ERR_LIMIT, "header block longer than %zu octets (MSG_HEAD_OCTETS_MAX)",
					octets_max);
	}
	if (!ended) {
		head.fields_end = head.octets = in.n;
		head.faults |= MSG_HEAD_NO_BLANK;
	}
	if (s.lf && s.crlf)
		head.faults |= MSG_HEAD_MIXED;
	if (head.octets > 0 && memchr(in.p, '\0', head.octets) != NULL)
		head.faults |= MSG_HEAD_NUL;
	*out = head;
	return ERR_OK;
}

static bool named(const struct msg_field *field, struct view name)
{
	return field->name.n == name.n && view_eq_case(field->name, name);
}

const struct msg_field *msg_head_next(const struct msg_head *head, struct view name, size_t *at)
{
	while (*at < head->n) {
		const struct msg_field *field = &head->at[(*at)++];
		if (named(field, name))
			return field;
	}
	return NULL;
}

const struct msg_field *msg_head_first(const struct msg_head *head, struct view name)
{
	size_t at = 0;
	return msg_head_next(head, name, &at);
}

const struct msg_field *msg_head_from_bottom(const struct msg_head *head, struct view name, size_t n)
{
	for (size_t i = head->n; i-- > 0;) {
		if (named(&head->at[i], name) && n-- == 0)
			return &head->at[i];
	}
	return NULL;
}

const struct msg_field *msg_head_last(const struct msg_head *head, struct view name)
{
	return msg_head_from_bottom(head, name, 0);
}

size_t msg_head_count(const struct msg_head *head, struct view name)
{
	size_t n = 0;
	for (size_t i = 0; i < head->n; i++)
		n += named(&head->at[i], name);
	return n;
}

struct view msg_head_value(const struct msg_head *head, struct view name, struct arena *arena)
{
	const struct msg_field *field = msg_head_first(head, name);
	return field == NULL ? view_none() : msg_head_unfold(field->value, arena);
}

/* Line ends out; a lone CR counts as one only in front of white space, where it can be nothing else. */
static size_t unfold_into(struct view value, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		int next = view_at(value, i + 1);
		if (c == '\n' || (c == '\r' && (next == '\n' || ascii_is_wsp(next) || next < 0)))
			continue;
		out[n++] = c;
	}
	return n;
}

struct view msg_head_unfold(struct view value, struct arena *arena)
{
	value = view_trim(value);
	if (!view_has_byte(value, '\n') && !view_has_byte(value, '\r'))
		return value;
	char *out = arena_alloc(arena, value.n);
	return view_of(out, unfold_into(value, out));
}

void msg_head_unfold_to(struct view value, struct buf *out)
{
	char *room = buf_room(out, value.n);
	if (room != NULL)
		buf_grew(out, unfold_into(value, room));
}

void msg_head_reader_init(struct msg_head_reader *reader, size_t octets_max)
{
	*reader = (struct msg_head_reader){ 0 };
	buf_init(&reader->head, octets_max == 0 ? MSG_HEAD_OCTETS_MAX : octets_max);
}

void msg_head_reader_done(struct msg_head_reader *reader) { buf_done(&reader->head); }

/* The line that starts at reader->line is complete: does the block end with it? */
static void judge_line(struct msg_head_reader *reader)
{
	size_t name, colon;
	struct view raw = view_from(buf_view(&reader->head), reader->line);
	bool from = reader->line == 0 && is_from_line(raw);
	enum line_kind kind = line_kind(raw, '\n', !reader->any, &name, &colon);
	if (!from && (kind == LINE_BLANK || kind == LINE_BODY)) {
		reader->done = true;
		reader->head_n = kind == LINE_BLANK ? reader->head.n : reader->line;
	}
	reader->any |= !from;
	reader->line = reader->head.n;
}

enum err msg_head_reader_feed(struct msg_head_reader *reader, struct view in, size_t *used, struct diag *diag)
{
	size_t at = 0;
	while (!reader->done && at < in.n) {
		size_t end = line_after(in, at, '\n');
		buf_put(&reader->head, view_slice(in, at, end - at));
		if (buf_err(&reader->head) != ERR_OK)
			return diag_set(diag, ERR_LIMIT, "header block longer than %zu octets (MSG_HEAD_OCTETS_MAX)",
					reader->head.max);
		if (in.p[end - 1] == '\n')
			judge_line(reader);
		at = end;
	}
	*used = at;
	return ERR_OK;
}

void msg_head_reader_end(struct msg_head_reader *reader)
{
	if (reader->done)
		return;
	if (reader->line < reader->head.n)
		judge_line(reader);
	if (!reader->done)
		reader->head_n = reader->head.n;
	reader->done = true;
}
