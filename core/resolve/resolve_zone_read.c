#include <stdarg.h>
#include <stdio.h>

#include "base_cur.h"
#include "base_file.h"
#include "base_show.h"
#include "resolve_zone_priv.h"

/* Directives and records, line by line; what is bad is noted and reading goes on. */

enum { TTL_DEFAULT = 3600, GENERATE_LINE_MAX = 65536 };

struct reader {
	struct resolve_zone *zone;
	const char *file;
	struct zone_line line;
	struct dname origin, owner; /* owner not set: there was none yet */
	uint32_t ttl;               /* $TTL, else that of the record before */
	bool ttl_known, owner_relative;
	unsigned depth;
	unsigned flags; /* ZONE_GENERATED */
};

void zone_fault(struct resolve_zone *zone, const char *check, const char *file, unsigned line, const char *fmt, ...)
{
	zone->fault_count++;
	if (zone->faults.n >= ZONE_FAULTS_MAX)
		return;
	char text[DIAG_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	*VEC_PUSH(&zone->faults, &zone->arena) = (struct resolve_zone_fault){ check, file, line,
									      arena_printf(&zone->arena, "%s", text) };
}

static void syntax(struct reader *reader, const char *check, const char *text)
{
	zone_fault(reader->zone, check, reader->file, reader->line.number, "%s", text);
}

static void read_text(struct reader *reader, struct view text);

enum class { CLASS_NONE, CLASS_IN, CLASS_OTHER };

static enum class class_of(struct view word) {
	if (view_is_case(word, "IN") || view_is_case(word, "CLASS1")) return CLASS_IN;
	return view_is_case(word, "CH") || view_is_case(word, "HS") ? CLASS_OTHER : CLASS_NONE;
}

/* [TTL] [class] type, in any order of the first two. Index of the first word of the data, or 0. */
static size_t read_head(struct reader *reader, size_t at, uint16_t *type, uint32_t *ttl)
{
	const struct zone_line *line = &reader->line;
	bool has_ttl = false;
	enum class class = CLASS_NONE;
	for (; at < line->n; at++) {
		struct view word = line->tokens[at].text;
		if (!has_ttl && zone_token_ttl(word, ttl))
			has_ttl = true;
		else if (class != CLASS_NONE || (class = class_of(word)) == CLASS_NONE)
			break;
	}
	if (class == CLASS_OTHER) {
		syntax(reader, "zone.syntax", "only class IN is known");
		return 0;
	}
	if (at == line->n || !zone_type_parse(line->tokens[at].text, type)) {
		struct view word = at < line->n ? line->tokens[at].text : VIEW("");
		zone_fault(reader->zone, "zone.syntax", reader->file, line->number, "'%s' is no record type",
			   SHOW(word));
		return 0;
	}
	if (!has_ttl)
		*ttl = reader->ttl_known ? reader->ttl : TTL_DEFAULT;
	else if (!reader->ttl_known)
		reader->ttl = *ttl;
	return at + 1;
}

static bool read_owner(struct reader *reader, size_t *at)
{
	const struct zone_line *line = &reader->line;
	*at = line->indented ? 0 : 1;
	if (line->indented) {
		if (!dname_is_set(reader->owner))
			syntax(reader, "zone.syntax", "the first record has no owner");
		return dname_is_set(reader->owner);
	}
	struct diag why;
	if (zone_token_name(&reader->zone->arena, line->tokens[0].text, reader->origin, &reader->owner,
			    &reader->owner_relative, &why) == ERR_OK)
		return true;
	syntax(reader, "zone.syntax", why.text);
	return false;
}

static void read_record(struct reader *reader)
{
	size_t at;
	uint16_t type = 0;
	uint32_t ttl = 0;
	struct resolve_zone *zone = reader->zone;
	if (!read_owner(reader, &at) || (at = read_head(reader, at, &type, &ttl)) == 0)
		return;
	if (zone->records.n >= ZONE_RECORDS_MAX) {
		syntax(reader, "zone.syntax", "more than 4000000 records; the rest is not read");
		return;
	}
	struct resolve_zone_record *record = arena_new(&zone->arena, struct resolve_zone_record);
	*record = (struct resolve_zone_record){ .owner = reader->owner, .file = reader->file };
	record->line = reader->line.number;
	record->flags = reader->flags | (reader->owner_relative ? (unsigned)ZONE_OWNER_RELATIVE : 0);
	struct diag why;
	const char *check = "zone.syntax";
	if (zone_rdata_parse(&zone->arena, type, ttl, reader->origin, reader->line.tokens + at, reader->line.n - at,
			     &record->rr, &record->flags, &check, &why) != ERR_OK) {
		syntax(reader, check, why.text);
		return;
	}
	if (type == DNS_SOA && !reader->ttl_known) {
		reader->ttl = record->rr.soa.minimum;
		reader->ttl_known = true;
	}
	zone_store_add(zone, record);
}

static void read_origin(struct reader *reader)
{
	struct diag why = { "$ORIGIN wants one name", 0, 0 };
	struct dname name;
	bool relative;
	if (reader->line.n == 2 && zone_token_name(&reader->zone->arena, reader->line.tokens[1].text, reader->origin,
						   &name, &relative, &why) == ERR_OK)
		reader->origin = name;
	else
		syntax(reader, "zone.syntax", why.text);
}

static void read_ttl(struct reader *reader)
{
	reader->ttl_known = reader->line.n == 2 && zone_token_ttl(reader->line.tokens[1].text, &reader->ttl);
	if (!reader->ttl_known)
		syntax(reader, "zone.syntax", "$TTL wants one time (3600 or 1h)");
}

/* Relative to the directory of the file that includes it. */
static const char *include_path(struct reader *reader, struct view name)
{
	struct view file = view_str(reader->file);
	while (file.n > 0 && view_last(file) != '/')
		file.n--;
	if (view_at(name, 0) == '/')
		file.n = 0;
	return arena_printf(&reader->zone->arena, "%.*s%.*s", VIEW_ARG(file), VIEW_ARG(name));
}

static void read_include(struct reader *reader)
{
	struct resolve_zone *zone = reader->zone;
	const struct zone_line *line = &reader->line;
	struct reader inner = { .zone = zone, .origin = reader->origin, .owner = reader->owner };
	struct diag why = { "$INCLUDE wants a file and at most an origin", 0, 0 };
	bool relative;
	if (line->n < 2 || line->n > 3 || line->tokens[1].text.n == 0 || view_has_byte(line->tokens[1].text, 0) ||
	    (line->n == 3 && zone_token_name(&zone->arena, line->tokens[2].text, reader->origin, &inner.origin,
					     &relative, &why) != ERR_OK)) {
		syntax(reader, "zone.syntax", why.text);
		return;
	}
	if (reader->depth >= ZONE_INCLUDE_DEPTH) {
		syntax(reader, "zone.syntax", "files that include files, more than 8 deep");
		return;
	}
	inner.file = include_path(reader, line->tokens[1].text);
	inner.depth = reader->depth + 1;
	inner.ttl = reader->ttl;
	inner.ttl_known = reader->ttl_known;
	BUF_AUTO struct buf text;
	buf_init(&text, ZONE_FILE_MAX);
	if (file_read(inner.file, &text, &why) != ERR_OK) {
		syntax(reader, "zone.syntax", why.text);
		return;
	}
	inner.line.tokens = arena_array(&zone->arena, ZONE_TOKENS_MAX, sizeof *inner.line.tokens);
	read_text(&inner, buf_view(&text));
}

struct generate {
	uint64_t from, to, step;
	const struct zone_token *tokens;
	size_t n;
};

/* Behind "${": offset[,width[,base]]}. */
static bool put_modified(struct cur *cur, uint64_t value, struct buf *out)
{
	bool minus = cur_try(cur, '-');
	uint64_t offset = cur_need_uint(cur, UINT32_MAX), width = 0;
	int base = 'd';
	if (cur_try(cur, ','))
		width = cur_need_uint(cur, 255);
	if (cur_try(cur, ',')) {
		base = cur_peek(cur);
		cur_skip(cur);
	}
	if (!cur_need(cur, '}') || (minus && offset > value))
		return false;
	uint64_t shown = minus ? value - offset : value + offset;
	switch (base) {
	case 'd':
		buf_printf(out, "%0*llu", (int)width, (unsigned long long)shown);
		return true;
	case 'o':
		buf_printf(out, "%0*llo", (int)width, (unsigned long long)shown);
		return true;
	case 'x':
		buf_printf(out, "%0*llx", (int)width, (unsigned long long)shown);
		return true;
	case 'X':
		buf_printf(out, "%0*llX", (int)width, (unsigned long long)shown);
		return true;
	default:
		return false;
	}
}

/* One word with its $ replaced. */
static bool put_generated(struct view word, uint64_t value, struct buf *out)
{
	struct cur cur = cur_of(word);
	while (!cur_end(&cur)) {
		int c = cur_peek(&cur);
		cur_skip(&cur);
		if (c == '\\' && cur_try(&cur, '$'))
			buf_byte(out, '$');
		else if (c != '$')
			buf_byte(out, c);
		else if (!cur_try(&cur, '{'))
			buf_printf(out, "%llu", (unsigned long long)value);
		else if (!put_modified(&cur, value, out))
			return false;
	}
	return true;
}

static bool generate_line(struct reader *reader, const struct generate *generate, uint64_t value, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < generate->n; i++) {
		const char *mark = generate->tokens[i].quoted ? "\"" : "";
		buf_printf(out, "%s%s", i > 0 ? " " : "", mark);
		if (!put_generated(generate->tokens[i].text, value, out))
			return false;
		buf_str(out, mark);
	}
	struct zone_scan scan = { buf_view(out), reader->line.number };
	const char *why;
	if (buf_err(out) != ERR_OK || !zone_scan_line(&scan, &reader->line, &why) || why != NULL)
		return false;
	reader->line.number = scan.line;
	read_record(reader);
	return true;
}

static bool generate_range(struct view text, struct generate *out)
{
	struct cur cur = cur_of(text);
	out->from = cur_need_uint(&cur, UINT32_MAX);
	(void)cur_need(&cur, '-');
	out->to = cur_need_uint(&cur, UINT32_MAX);
	out->step = cur_try(&cur, '/') ? cur_need_uint(&cur, UINT32_MAX) : 1;
	return cur_done(&cur) && out->step > 0 && out->from <= out->to &&
	       (out->to - out->from) / out->step < ZONE_GENERATE_MAX;
}

static void read_generate(struct reader *reader)
{
	struct generate generate = { .n = reader->line.n > 2 ? reader->line.n - 2 : 0 };
	if (generate.n < 3 || !generate_range(reader->line.tokens[1].text, &generate)) {
		syntax(reader, "zone.syntax",
		       "$GENERATE wants FROM-TO[/STEP] (at most 65536 records), owner, type and data");
		return;
	}
	struct reader inner = *reader;
	inner.flags |= ZONE_GENERATED;
	inner.line.tokens = arena_array(&reader->zone->arena, ZONE_TOKENS_MAX, sizeof *inner.line.tokens);
	generate.tokens = reader->line.tokens + 2;
	BUF_AUTO struct buf text;
	buf_init(&text, GENERATE_LINE_MAX);
	size_t faults = reader->zone->fault_count;
	for (uint64_t value = generate.from; value <= generate.to; value += generate.step) {
		inner.line.number = reader->line.number;
		if (!generate_line(&inner, &generate, value, &text))
			syntax(reader, "zone.syntax",
			       "a '$' in $GENERATE that cannot be replaced (${OFFSET,WIDTH,d|o|x|X})");
		if (reader->zone->fault_count > faults)
			break; /* the next ones would be like it */
	}
}

static void read_line(struct reader *reader)
{
	static const struct {
		const char *name;
		void (*read)(struct reader *reader);
	} directives[] = { { "$ORIGIN", read_origin },
			   { "$TTL", read_ttl },
			   { "$INCLUDE", read_include },
			   { "$GENERATE", read_generate } };
	struct view first = reader->line.tokens[0].text;
	if (reader->line.indented || view_at(first, 0) != '$' || reader->line.tokens[0].quoted) {
		read_record(reader);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(directives); i++) {
		if (!view_is_case(first, directives[i].name))
			continue;
		directives[i].read(reader);
		return;
	}
	zone_fault(reader->zone, "zone.syntax", reader->file, reader->line.number, "unknown directive '%s'",
		   SHOW(first));
}

static void read_text(struct reader *reader, struct view text)
{
	if (view_starts(text, VIEW("\xef\xbb\xbf")))
		text = view_from(text, 3);
	struct zone_scan scan = { text, 1 };
	const char *why;
	while (zone_scan_line(&scan, &reader->line, &why)) {
		if (why != NULL)
			syntax(reader, "zone.syntax", why);
		else
			read_line(reader);
	}
}

enum err resolve_zone_load_text(struct resolve_zone *zone, const char *name, struct view text, struct diag *diag)
{
	struct reader reader = { .zone = zone, .origin = dname_root() };
	reader.file = arena_printf(&zone->arena, "%s", name);
	reader.line.tokens = arena_array(&zone->arena, ZONE_TOKENS_MAX, sizeof *reader.line.tokens);
	size_t before = zone->fault_count, first = zone->faults.n;
	read_text(&reader, text);
	if (zone->fault_count == before)
		return ERR_OK;
	if (first >= zone->faults.n)
		return diag_set(diag, ERR_SYNTAX, "%s: bad lines", name);
	const struct resolve_zone_fault *fault = &zone->faults.at[first];
	size_t more = zone->fault_count - before - 1;
	if (more == 0)
		return diag_set(diag, ERR_SYNTAX, "%s:%u: %s", fault->file, fault->line, fault->text);
	return diag_set(diag, ERR_SYNTAX, "%s:%u: %s (and %zu more bad line%s)", fault->file, fault->line, fault->text,
			more, more == 1 ? "" : "s");
}

enum err resolve_zone_load(struct resolve_zone *zone, const char *path, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, ZONE_FILE_MAX);
	enum err err = file_read(path, &text, diag);
	return err == ERR_OK ? resolve_zone_load_text(zone, path, buf_view(&text), diag) : err;
}
