#include "msg_raw.h"

#include "base_ascii.h"
#include "base_show.h"
#include "base_vec.h"
#include "msg_param.h"
#include "msg_raw_priv.h"

enum { RAW_BLOCK = 65536 };

/* What one look at every octet tells; the header and the body share the position. */
struct look {
	uint64_t line, column; /* column: octets of the line so far */
	uint64_t lone_lf, longest;
	bool eight, last_cr;
	int last;
	struct diag *diag;
};

static bool any_8bit(struct view v)
{
	uint64_t all = 0, word;
	size_t i = 0;
	for (; i + sizeof word <= v.n; i += sizeof word) {
		memcpy(&word, v.p + i, sizeof word);
		all |= word;
	}
	for (; i < v.n; i++)
		all |= (unsigned char)v.p[i];
	return (all & 0x8080808080808080U) != 0;
}

static enum err bare_cr(const struct look *look)
{
	return diag_at(
		look->diag, ERR_DATA, (unsigned)look->line, 0,
		"line %llu has a CR without LF, which servers take for different things (turn it into a line break)",
		(unsigned long long)look->line);
}

/* A line without its LF (it follows when `ends`). */
static enum err look_line(struct look *look, struct view text, bool ends)
{
	if (look->last_cr && (text.n > 0 || !ends))
		return bare_cr(look);
	bool crlf = look->last_cr;
	if (text.n > 0) {
		size_t cr = view_find_byte(text, '\r');
		if (cr < text.n - 1)
			return bare_cr(look);
		crlf = cr != SIZE_MAX;
		look->column += text.n;
	}
	look->last_cr = !ends && crlf;
	uint64_t octets = look->column - crlf;
	if (octets > look->longest)
		look->longest = octets;
	if (ends) {
		look->lone_lf += !crlf;
		look->line++;
		look->column = 0;
	}
	return ERR_OK;
}

static enum err look_at(struct look *look, struct view in)
{
	if (in.n == 0)
		return ERR_OK;
	if (view_has_byte(in, 0))
		return diag_at(look->diag, ERR_DATA, (unsigned)look->line, 0,
			       "a NUL at or after line %llu; mail cannot carry it", (unsigned long long)look->line);
	look->eight = look->eight || any_8bit(in);
	look->last = view_last(in);
	while (in.n > 0) {
		size_t lf = view_find_byte(in, '\n');
		enum err err = look_line(look, view_to(in, lf), lf != SIZE_MAX);
		if (err != ERR_OK)
			return err;
		in = view_from(in, lf == SIZE_MAX ? in.n : lf + 1);
	}
	return ERR_OK;
}

static enum err read_head(struct source *input, struct msg_head_reader *reader, struct look *look, struct diag *diag)
{
	char block[16384];
	enum err err = ERR_OK;
	while (!reader->done && err == ERR_OK) {
		size_t n, used;
		err = source_read(input, block, sizeof block, &n, diag);
		if (err == ERR_OK && n == 0)
			msg_head_reader_end(reader);
		if (err == ERR_OK && n > 0)
			err = msg_head_reader_feed(reader, view_of(block, n), &used, diag);
	}
	if (err == ERR_OK)
		err = look_at(look, view_to(buf_view(&reader->head), reader->head_n));
	if (err == ERR_OK && look->last_cr)
		err = bare_cr(look);
	return err == ERR_OK ? source_rewind(input, diag) : err;
}

static bool signed_head(const struct msg_head *head, struct arena *arena)
{
	struct msg_type type;
	msg_type_parse(msg_head_value(head, VIEW("Content-Type"), arena), arena, &type);
	return msg_head_first(head, VIEW("DKIM-Signature")) != NULL || msg_head_first(head, VIEW("ARC-Seal")) != NULL ||
	       msg_type_is(&type, "multipart", "signed");
}

static enum err judge_head(struct msg_raw *raw, const struct look *look, struct arena *arena, struct diag *diag)
{
	raw->utf8_head = look->eight;
	raw->is_signed = signed_head(&raw->head, arena);
	for (size_t i = 0; i < raw->head.n; i++)
		if (raw->head.at[i].name.n == 0)
			return diag_set(diag, ERR_DATA, "\"%s\" in the header is no header field",
					SHOW(view_trim(raw->head.at[i].raw)));
	if (look->longest > MSG_LINE_MAX)
		return diag_set(diag, ERR_DATA,
				"a header line has %llu octets; %d are allowed (RFC 5322 2.1.1): fold it",
				(unsigned long long)look->longest, MSG_LINE_MAX);
	if (msg_head_count(&raw->head, VIEW("Received")) > MSG_RAW_RECEIVED_MAX)
		return diag_set(diag, ERR_UNAVAILABLE, "more than %d Received fields: a mail loop (5.4.6)",
				MSG_RAW_RECEIVED_MAX);
	return ERR_OK;
}

static enum err scan_body(struct msg_raw *raw, struct look *look, struct diag *diag)
{
	char block[RAW_BLOCK];
	uint64_t at = 0;
	size_t n;
	do {
		enum err err = source_read(raw->input, block, sizeof block, &n, diag);
		if (err != ERR_OK)
			return err;
		uint64_t skip = at < raw->head_octets ? raw->head_octets - at : 0;
		at += n;
		if (skip < n)
			err = look_at(look, view_from(view_of(block, n), (size_t)skip));
		if (err != ERR_OK)
			return err;
	} while (n > 0);
	raw->octets = at;
	return look->last_cr ? bare_cr(look) : source_rewind(raw->input, diag);
}

static enum err judge_body(struct msg_raw *raw, const struct look *look, struct diag *diag)
{
	uint64_t body = raw->octets - raw->head_octets;
	bool open = body > 0 && look->last != '\n';
	raw->eight_bit = look->eight;
	raw->long_lines = look->longest > MSG_LINE_MAX;
	raw->canonical = look->lone_lf == 0 && !open;
	raw->body_octets = body + look->lone_lf + (open ? 2 : 0);
	if (raw->long_lines && raw->is_signed)
		return diag_set(
			diag, ERR_DATA,
			"a line has %llu octets, %d are allowed, and the message is signed: it cannot be encoded "
			"without breaking the signature (sign after the lines are folded)",
			(unsigned long long)look->longest, MSG_LINE_MAX);
	return ERR_OK;
}

enum err msg_raw_scan(struct msg_raw *raw, struct source *input, struct arena *arena, struct diag *diag)
{
	*raw = (struct msg_raw){ .input = input };
	struct look look = { .line = 1, .last = -1, .diag = diag };
	struct msg_head_reader reader;
	msg_head_reader_init(&reader, MSG_HEAD_OCTETS_MAX);
	enum err err = read_head(input, &reader, &look, diag);
	if (err == ERR_OK) {
		struct view head = arena_view(arena, view_to(buf_view(&reader.head), reader.head_n));
		raw->head_octets = head.n;
		err = msg_head_parse(head, NULL, arena, &raw->head, diag);
	}
	msg_head_reader_done(&reader);
	if (err == ERR_OK)
		err = judge_head(raw, &look, arena, diag);
	look = (struct look){ .line = look.line, .last = -1, .diag = diag };
	if (err == ERR_OK)
		err = scan_body(raw, &look, diag);
	return err == ERR_OK ? judge_body(raw, &look, diag) : err;
}

static bool is_resent(struct view name) { return view_starts_case(name, VIEW("Resent-")); }

/*
 * The fields of the most recent Resent- block: it stands on top, and ends with the first name that comes again, or with a
 * trace field between blocks (RFC 5322 3.6.6 and 3.6.7). Returns the index behind it.
 */
static size_t resent_block_end(const struct msg_head *head, size_t first)
{
	for (size_t i = first + 1; i < head->n; i++) {
		struct view name = head->at[i].name;
		if (view_is_case(name, "Received") || view_is_case(name, "Return-Path"))
			return i;
		for (size_t k = first; k < i && is_resent(name); k++)
			if (view_eq_case(head->at[k].name, name))
				return i;
	}
	return head->n;
}

static enum err add_recipients(const struct msg_field *field, unsigned flags, struct arena *arena,
			       struct msg_addr_list *list, struct diag *diag)
{
	struct msg_addr_list found = { 0 };
	enum err err = msg_addr_parse_list(field->value, flags | MSG_ADDR_FOLDED, arena, &found, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", SHOW(field->name));
	for (size_t i = 0; i < found.n; i++)
		*VEC_PUSH(list, arena) = found.at[i];
	return ERR_OK;
}

enum err msg_raw_recipients(const struct msg_raw *raw, unsigned flags, struct arena *arena, struct msg_addr_list *list,
			    struct diag *diag)
{
	const struct msg_head *head = &raw->head;
	size_t first = 0;
	while (first < head->n && !is_resent(head->at[first].name))
		first++;
	bool resent = first < head->n;
	size_t from = resent ? first : 0, end = resent ? resent_block_end(head, first) : head->n;
	for (size_t i = from; i < end; i++) {
		struct view name = head->at[i].name;
		if (resent != is_resent(name))
			continue;
		if (resent)
			name = view_from(name, 7);
		if (!view_is_case(name, "To") && !view_is_case(name, "Cc") && !view_is_case(name, "Bcc"))
			continue;
		enum err err = add_recipients(&head->at[i], flags, arena, list, diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static void put_crlf(struct view text, struct buf *out)
{
	struct view line;
	while (view_next_line(&text, &line)) {
		buf_put(out, line);
		buf_str(out, "\r\n");
	}
}

static bool is_one_of(struct view name, const struct view *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (view_eq_case(name, names[i]))
			return true;
	return false;
}

void msg_raw_write_head(const struct msg_raw *raw, struct view more, const struct view *without, size_t n,
			struct buf *out)
{
	static const struct view never[] = { VIEW_INIT("Bcc"), VIEW_INIT("Resent-Bcc") };
	buf_put(out, more);
	for (size_t i = 0; i < raw->head.n; i++) {
		const struct msg_field *field = &raw->head.at[i];
		if (!is_one_of(field->name, never, ARRAY_LEN(never)) && !is_one_of(field->name, without, n))
			put_crlf(field->raw, out);
	}
}
