#include "base_ascii.h"
#include "resolve_zone_priv.h"

/* Words and logical lines of a zone file (RFC 1035 5.1). */

static int peek(const struct zone_scan *scan) { return view_at(scan->rest, 0); }

static void skip(struct zone_scan *scan, size_t n)
{
	for (size_t i = 0; i < n; i++)
		scan->line += view_at(scan->rest, i) == '\n';
	scan->rest = view_from(scan->rest, n);
}

static size_t to_line_end(struct view v)
{
	size_t n = view_find_byte(v, '\n');
	return n == SIZE_MAX ? v.n : n;
}

static void skip_comment(struct zone_scan *scan) { skip(scan, to_line_end(scan->rest)); }

static bool ends_word(int c)
{
	return c < 0 || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"';
}

/* Does the comment at rest look like the tail of a value: "; k=rsa; p=..."? */
static bool looks_like_data(struct view rest)
{
	struct view comment = view_trim(view_slice(rest, 1, to_line_end(rest) - 1));
	size_t i = 0;
	while (ascii_is_alnum(view_at(comment, i)))
		i++;
	return i > 0 && view_at(comment, i) == '=';
}

static void take_word(struct zone_scan *scan, struct zone_token *token)
{
	size_t n = 0;
	while (!ends_word(view_at(scan->rest, n)))
		n += view_at(scan->rest, n) == '\\' && view_at(scan->rest, n + 1) > '\n' ? 2 : 1;
	*token = (struct zone_token){ .text = view_to(scan->rest, n) };
	skip(scan, n);
	token->cut = peek(scan) == ';' && looks_like_data(scan->rest);
}

/* Behind the opening mark. A string may not go over the end of its line. */
static bool take_quoted(struct zone_scan *scan, struct zone_token *token)
{
	size_t n = 0;
	for (int c; (c = view_at(scan->rest, n)) >= 0 && c != '"' && c != '\n';)
		n += c == '\\' && view_at(scan->rest, n + 1) >= 0 && view_at(scan->rest, n + 1) != '\n' ? 2 : 1;
	*token = (struct zone_token){ .text = view_to(scan->rest, n), .quoted = true };
	skip(scan, n);
	if (peek(scan) != '"')
		return false;
	skip(scan, 1);
	return true;
}

static void push(struct zone_line *line, const struct zone_token *token, const char **why)
{
	if (line->n < ZONE_TOKENS_MAX)
		line->tokens[line->n++] = *token;
	else
		*why = "more than 2048 words in one record";
}

/* One word, blank, comment or parenthesis. False: the line has ended. */
static bool scan_step(struct zone_scan *scan, struct zone_line *line, unsigned *depth, const char **why)
{
	int c = peek(scan);
	struct zone_token token;
	switch (c) {
	case -1:
		return false;
	case '\n':
		skip(scan, 1);
		return *depth > 0;
	case ' ':
	case '\t':
	case '\r':
		skip(scan, 1);
		return true;
	case ';':
		if (line->n > 0)
			line->tokens[line->n - 1].cut = line->tokens[line->n - 1].cut ||
							(!line->tokens[line->n - 1].quoted &&
							 looks_like_data(scan->rest));
		skip_comment(scan);
		return true;
	case '(':
		++*depth;
		skip(scan, 1);
		return true;
	case ')':
		if (*depth == 0)
			*why = "a ')' without its '('";
		else
			--*depth;
		skip(scan, 1);
		return true;
	case '"':
		skip(scan, 1);
		if (!take_quoted(scan, &token))
			*why = "a string without its closing quotation mark";
		break;
	default:
		take_word(scan, &token);
		break;
	}
	if (line->n == 0)
		line->number = scan->line;
	push(line, &token, why);
	return true;
}

bool zone_scan_line(struct zone_scan *scan, struct zone_line *line, const char **why)
{
	*why = NULL;
	while (scan->rest.n > 0) {
		line->n = 0;
		line->number = scan->line;
		line->indented = peek(scan) == ' ' || peek(scan) == '\t';
		unsigned depth = 0;
		while (scan_step(scan, line, &depth, why)) {
		}
		if (depth > 0 && *why == NULL)
			*why = "a '(' without its ')'";
		if (line->n > 0 || *why != NULL)
			return true;
	}
	return false;
}

bool zone_token_octets(const struct zone_token *token, struct buf *out)
{
	struct view v = token->text;
	for (size_t i = 0; i < v.n; i++) {
		int c = view_at(v, i);
		if (c == '\\') {
			c = view_at(v, ++i);
			if (c < 0)
				return false;
			if (ascii_is_digit(c)) {
				if (!ascii_is_digit(view_at(v, i + 1)) || !ascii_is_digit(view_at(v, i + 2)))
					return false;
				c = (c - '0') * 100 + (v.p[i + 1] - '0') * 10 + (v.p[i + 2] - '0');
				i += 2;
				if (c > 255)
					return false;
			}
		}
		buf_byte(out, c);
	}
	return buf_err(out) == ERR_OK;
}

enum err zone_token_name(struct arena *arena, struct view text, struct dname origin, struct dname *out, bool *relative,
			 struct diag *diag)
{
	*relative = false;
	if (view_is(text, "@")) {
		*out = origin;
		return ERR_OK;
	}
	struct dname name;
	enum err err = dname_parse(arena, text, &name, diag);
	if (err != ERR_OK)
		return err;
	bool escaped = text.n > 1 && view_at(text, text.n - 2) == '\\'; /* "\." ends no name */
	if (view_last(text) == '.' && (!escaped || text.n == 1)) {
		*out = name;
		return ERR_OK;
	}
	*relative = name.labels > 1;
	return dname_join(arena, name, origin, out, diag);
}

bool zone_token_ttl(struct view text, uint32_t *out)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	uint64_t total = 0, value = 0;
	bool digits = false;
	for (size_t i = 0; i < text.n; i++) {
		int c = ascii_lower(view_at(text, i));
		if (ascii_is_digit(c)) {
			value = value * 10 + (uint64_t)(c - '0');
			digits = true;
		} else {
			size_t unit = 0;
			while (unit < ARRAY_LEN(units) && units[unit].unit != c)
				unit++;
			if (!digits || unit == ARRAY_LEN(units))
				return false;
			total += value * units[unit].seconds;
			value = 0;
			digits = false;
		}
		if (total + value > UINT32_MAX)
			return false;
	}
	if (text.n == 0 || !ascii_is_digit(view_at(text, 0)) || total + value > UINT32_MAX)
		return false;
	*out = (uint32_t)(total + value);
	return true;
}
