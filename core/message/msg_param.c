#include "msg_param.h"

#include "base_vec.h"
#include "msg_charset.h"
#include "msg_lex_priv.h"
#include "msg_word.h"

/* One name=value as it stands. `filename*1*=...`: numbered, number 1, extended. */
struct piece {
	struct view name;
	struct view value;
	unsigned number;
	bool numbered;
	bool extended;
	bool used;
};

struct reader {
	struct cur cur;
	struct arena *arena;
	struct piece *at;
	size_t n, cap;
	unsigned faults;
};

static bool is_name_char(int c) { return ascii_is_token(c) && c != '*'; }

static void skip_cfws(struct reader *r)
{
	cur_skip_fws(&r->cur);
	struct cur start = r->cur;
	lex_skip_cfws(&r->cur);
	if (!r->cur.bad)
		return;
	r->faults |= MSG_PARAM_BROKEN; /* a comment that never ends: leave its parenthesis and go on */
	r->cur = start;
	cur_skip(&r->cur);
}

static void skip_to_semicolon(struct reader *r) { (void)cur_until(&r->cur, ';'); }

enum { COMMENT_AHEAD = 256 };

/* "(...)" with nothing joined to its end. Only so far is looked ahead that it stays linear. */
static bool is_comment(struct view in)
{
	size_t end = view_find_byte(view_to(in, COMMENT_AHEAD), ')');
	int next = end == SIZE_MAX ? 'x' : view_at(in, end + 1);
	return next < 0 || next == ';' || ascii_is_space(next);
}

/* White space with a new `name=` behind it: the semicolon is missing. Or a comment. */
static bool value_ends(const struct cur *cur)
{
	struct cur ahead = *cur;
	cur_skip_fws(&ahead);
	if (cur_peek(&ahead) == '(')
		return is_comment(cur_rest(&ahead));
	struct view name = cur_while(&ahead, ascii_is_token);
	return !view_empty(name) && cur_peek(&ahead) == '=' && ascii_is_alpha(view_at(name, 0));
}

/* Up to the semicolon, so that a name with spaces and no quotes stays whole. Looked ahead only at white space, for at most
 * as far as the next white space: linear. */
static struct view take_bare_value(struct cur *cur)
{
	size_t start = cur->at;
	while (!cur_end(cur) && cur_peek(cur) != ';') {
		if (ascii_is_space(cur_peek(cur))) {
			if (value_ends(cur))
				break;
			cur_skip_fws(cur);
		} else {
			cur_skip(cur);
		}
	}
	return view_trim(cur_since(cur, start));
}

static struct view take_quoted_value(struct reader *r)
{
	size_t start = r->cur.at;
	struct view plain = cur_until(&r->cur, '"');
	bool closed = cur_try(&r->cur, '"');
	if (closed && !view_has_byte(plain, '\\') && !view_has_byte(plain, '\r') && !view_has_byte(plain, '\n'))
		return plain;
	r->cur.at = start;
	BUF_AUTO struct buf text;
	buf_init(&text, MSG_PARAM_OCTETS_MAX);
	if (!lex_take_quoted(&r->cur, &text))
		r->faults |= MSG_PARAM_BROKEN;
	if (text.over)
		r->faults |= MSG_PARAM_LIMIT;
	return arena_view(r->arena, buf_view(&text));
}

/* "*", "*N", "*N*" behind a name. */
static void take_suffix(struct reader *r, struct piece *piece)
{
	if (!cur_try(&r->cur, '*'))
		return;
	if (!ascii_is_digit(cur_peek(&r->cur))) {
		piece->extended = true;
		return;
	}
	piece->numbered = true;
	piece->number = (unsigned)cur_need_uint(&r->cur, MSG_PARAMS_MAX);
	if (r->cur.bad) {
		r->cur.bad = false;
		piece->number = MSG_PARAMS_MAX;
		(void)cur_while(&r->cur, ascii_is_digit);
	}
	piece->extended = cur_try(&r->cur, '*');
}

static bool take_piece(struct reader *r, struct piece *piece)
{
	piece->name = cur_while(&r->cur, is_name_char);
	take_suffix(r, piece);
	skip_cfws(r);
	if (view_empty(piece->name) || piece->name.n > MSG_PARAM_NAME_MAX || !cur_try(&r->cur, '='))
		return false;
	skip_cfws(r);
	piece->value = cur_try(&r->cur, '"') ? take_quoted_value(r) : take_bare_value(&r->cur);
	return true;
}

static void take_pieces(struct reader *r)
{
	while (!cur_end(&r->cur)) {
		struct piece piece = { 0 };
		skip_cfws(r);
		if (cur_try(&r->cur, ';') || cur_end(&r->cur))
			continue;
		if (r->n >= MSG_PARAMS_MAX) {
			r->faults |= MSG_PARAM_LIMIT;
			return;
		}
		if (!take_piece(r, &piece)) {
			r->faults |= MSG_PARAM_BROKEN;
			skip_to_semicolon(r);
			continue;
		}
		*VEC_PUSH(r, r->arena) = piece;
	}
}

static void put_percent(struct view in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		int c = view_at(in, i), high = ascii_hex_value(view_at(in, i + 1)),
		    low = ascii_hex_value(view_at(in, i + 2));
		if (c == '%' && high >= 0 && low >= 0) {
			c = high * 16 + low;
			i += 2;
		}
		buf_byte(out, c);
	}
}

/* charset'language'text; without the quotes all of it is text. */
static struct view cut_charset(struct view *value)
{
	struct view rest = *value;
	struct view charset = view_cut(&rest, '\'');
	if (rest.p == NULL)
		return view_none();
	(void)view_cut(&rest, '\'');
	if (rest.p == NULL)
		return view_none();
	*value = rest;
	return charset;
}

/* No control characters come out: these values go into names of files, fields and records. */
static struct view decoded(struct reader *r, struct view octets, struct view charset)
{
	BUF_AUTO struct buf text;
	buf_init(&text, MSG_PARAM_OCTETS_MAX);
	(void)msg_charset_to_utf8(octets, charset, &text);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\r' || text.p[i] == '\n' || text.p[i] == '\0')
			text.p[i] = ' ';
	}
	if (text.over)
		r->faults |= MSG_PARAM_LIMIT;
	return arena_view(r->arena, buf_view(&text));
}

static struct piece *find_piece(const struct reader *r, struct view name, bool numbered, unsigned number)
{
	for (size_t i = 0; i < r->n; i++) {
		struct piece *piece = &r->at[i];
		if (!piece->used && piece->numbered == numbered && (!numbered || piece->number == number) &&
		    view_eq_case(piece->name, name))
			return piece;
	}
	return NULL;
}

/* RFC 2231 3 and 4.1: the charset stands in piece 0; each piece says for itself whether it has percent signs. */
static struct view join(struct reader *r, struct view name)
{
	BUF_AUTO struct buf octets;
	buf_init(&octets, MSG_PARAM_OCTETS_MAX);
	struct view charset = view_none();
	struct piece *piece;
	for (unsigned number = 0; (piece = find_piece(r, name, true, number)) != NULL; number++) {
		struct view value = piece->value;
		piece->used = true;
		if (number == 0 && piece->extended)
			charset = cut_charset(&value);
		if (piece->extended)
			put_percent(value, &octets);
		else
			buf_put(&octets, value);
	}
	if (octets.over)
		r->faults |= MSG_PARAM_LIMIT;
	return decoded(r, buf_view(&octets), charset);
}

static struct view single(struct reader *r, const struct piece *piece)
{
	if (!piece->extended) {
		if (view_has_8bit(piece->value) || view_has_ctl(piece->value) || msg_word_looks_encoded(piece->value))
			return msg_word_decode_view(piece->value, r->arena);
		return piece->value;
	}
	BUF_AUTO struct buf octets;
	buf_init(&octets, MSG_PARAM_OCTETS_MAX);
	struct view value = piece->value;
	struct view charset = cut_charset(&value);
	put_percent(value, &octets);
	return decoded(r, buf_view(&octets), charset);
}

static const struct msg_param *find_param(const struct msg_params *params, struct view name)
{
	for (size_t i = 0; i < params->n; i++) {
		if (view_eq_case(params->at[i].name, name))
			return &params->at[i];
	}
	return NULL;
}

enum form { FORM_EXTENDED, FORM_CONTINUED, FORM_PLAIN, FORMS };

static enum form form_of(const struct piece *piece)
{
	if (piece->numbered)
		return FORM_CONTINUED;
	return piece->extended ? FORM_EXTENDED : FORM_PLAIN;
}

/* Of the forms of one name, name*= wins over name*0= over name=, as RFC 6266 4.3 has it. */
static void build(struct reader *r, struct msg_params *out)
{
	for (enum form form = FORM_EXTENDED; form < FORMS; form++) {
		for (size_t i = 0; i < r->n; i++) {
			struct piece *piece = &r->at[i];
			if (piece->used || form_of(piece) != form || find_param(out, piece->name) != NULL)
				continue;
			if (form == FORM_CONTINUED && find_piece(r, piece->name, true, 0) == NULL)
				continue;
			struct msg_param param = { .name = piece->name };
			param.value = form == FORM_CONTINUED ? join(r, piece->name) : single(r, piece);
			piece->used = true;
			*VEC_PUSH(out, r->arena) = param;
		}
	}
}

static bool has_twin_before(const struct reader *r, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (form_of(&r->at[j]) == form_of(&r->at[i]) && r->at[j].number == r->at[i].number &&
		    view_eq_case(r->at[j].name, r->at[i].name))
			return true;
	}
	return false;
}

static void note_unused(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->at[i].used)
			continue;
		if (has_twin_before(r, i))
			r->faults |= MSG_PARAM_DUPLICATE;
		else if (r->at[i].numbered)
			r->faults |= MSG_PARAM_GAP;
	}
}

/* The pieces behind the cursor into params. */
static void read_params(struct reader *r, struct msg_params *out)
{
	take_pieces(r);
	build(r, out);
	note_unused(r);
	out->faults = r->faults;
}

void msg_params_parse(struct view in, struct arena *arena, struct msg_params *out)
{
	struct reader r = { .cur = cur_of(in), .arena = arena };
	*out = (struct msg_params){ 0 };
	skip_cfws(&r);
	size_t start = r.cur.at;
	while (!cur_end(&r.cur) && cur_peek(&r.cur) != ';' && cur_peek(&r.cur) != '(' &&
	       !ascii_is_space(cur_peek(&r.cur)))
		cur_skip(&r.cur);
	out->main = cur_since(&r.cur, start);
	skip_cfws(&r);
	read_params(&r, out);
}

void msg_type_parse(struct view in, struct arena *arena, struct msg_type *out)
{
	struct reader r = { .cur = cur_of(in), .arena = arena };
	*out = (struct msg_type){ 0 };
	skip_cfws(&r);
	size_t start = r.cur.at;
	struct view type = cur_while(&r.cur, ascii_is_token);
	skip_cfws(&r);
	if (!view_empty(type) && cur_try(&r.cur, '/')) {
		skip_cfws(&r);
		out->type = type;
		out->subtype = cur_while(&r.cur, ascii_is_token);
	} else {
		r.faults |= MSG_PARAM_BROKEN;
		skip_to_semicolon(&r);
	}
	out->params.main = view_trim(cur_since(&r.cur, start));
	skip_cfws(&r);
	read_params(&r, &out->params);
}

bool msg_type_is(const struct msg_type *type, const char *major, const char *minor)
{
	return view_is_case(type->type, major) && (minor == NULL || view_is_case(type->subtype, minor));
}

const struct msg_param *msg_param_find(const struct msg_params *params, const char *name)
{
	return find_param(params, view_str(name));
}

struct view msg_param_value(const struct msg_params *params, const char *name)
{
	const struct msg_param *param = msg_param_find(params, name);
	return param == NULL ? view_none() : param->value;
}
