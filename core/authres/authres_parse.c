#include "authres.h"
#include "base_cur.h"
#include "base_vec.h"

/* RFC 8601 2.2, one function a production. */

static bool skip_comment(struct cur *cur)
{
	unsigned depth = 0;
	do {
		int c = cur_peek(cur);
		if (c < 0)
			return cur_fail(cur);
		cur_skip(cur);
		if (c == '\\')
			cur_skip(cur);
		else if (c == '(' && ++depth > AUTHRES_COMMENT_DEPTH)
			return cur_fail(cur);
		else if (c == ')')
			depth--;
	} while (depth > 0);
	return true;
}

static void skip_cfws(struct cur *cur)
{
	for (;;) {
		cur_skip_fws(cur);
		if (cur_peek(cur) != '(' || !skip_comment(cur))
			return;
	}
}

static struct view quoted_string(struct cur *cur, struct arena *arena)
{
	BUF_AUTO struct buf text;
	buf_init(&text, AUTHRES_FIELD_MAX);
	(void)cur_need(cur, '"');
	while (!cur_end(cur) && cur_peek(cur) != '"') {
		if (cur_peek(cur) == '\\')
			cur_skip(cur);
		int c = cur_peek(cur);
		if (c >= 0 && c != '\r' && c != '\n')
			buf_byte(&text, c);
		cur_skip(cur);
	}
	(void)cur_need(cur, '"');
	return cur_ok(cur) ? arena_view(arena, buf_view(&text)) : view_none();
}

static bool is_value_char(int c) { return ascii_is_token(c) || ascii_is_8bit(c); }

/* What property values look like in the wild: tokens, addresses, base64, times. */
static bool is_pvalue_char(int c) { return c > ' ' && c != ';' && c != '(' && c != ')' && c != '"' && c != 0x7f; }

static struct view value(struct cur *cur, struct arena *arena)
{
	return cur_peek(cur) == '"' ? quoted_string(cur, arena) : cur_need_while(cur, is_value_char);
}

/* value / [ [ local-part ] "@" domain-name ], the local part perhaps quoted */
static struct view pvalue(struct cur *cur, struct arena *arena)
{
	if (cur_peek(cur) != '"')
		return cur_need_while(cur, is_pvalue_char);
	struct view text = quoted_string(cur, arena);
	if (cur_peek(cur) != '@')
		return text;
	struct view domain = cur_need_while(cur, is_pvalue_char);
	return view_str(arena_printf(arena, "%.*s%.*s", VIEW_ARG(text), VIEW_ARG(domain)));
}

static bool is_keyword_char(int c) { return ascii_is_alnum(c) || c == '-' || c == '_'; }

static enum authres_method method_of(struct view name)
{
	for (int i = 0; i < AUTHRES_OTHER; i++)
		if (view_is_case(name, authres_method_name((enum authres_method)i)))
			return (enum authres_method)i;
	return AUTHRES_OTHER;
}

/* method [ "/" version ] "=" result; only version 1 of a method is known. */
static void methodspec(struct cur *cur, struct authres_verdict *out)
{
	out->name = cur_need_while(cur, is_keyword_char);
	out->method = method_of(out->name);
	skip_cfws(cur);
	if (cur_try(cur, '/')) {
		skip_cfws(cur);
		if (cur_need_uint(cur, 1000) != 1)
			out->method = AUTHRES_OTHER;
		skip_cfws(cur);
	}
	(void)cur_need(cur, '=');
	skip_cfws(cur);
	out->result = authres_result_of(cur_need_while(cur, is_keyword_char));
}

static void propspec(struct cur *cur, struct view type, struct arena *arena, struct authres_verdict *out)
{
	struct authres_prop prop = { .type = type };
	skip_cfws(cur);
	prop.name = cur_need_while(cur, is_keyword_char);
	skip_cfws(cur);
	(void)cur_need(cur, '=');
	skip_cfws(cur);
	prop.value = pvalue(cur, arena);
	if (!cur_ok(cur))
		return;
	if (out->props_n == AUTHRES_PROPS_MAX)
		(void)cur_fail(cur);
	else
		out->props[out->props_n++] = prop;
}

static void resinfo(struct cur *cur, struct arena *arena, struct authres_verdict *out)
{
	methodspec(cur, out);
	for (skip_cfws(cur); !cur_end(cur) && cur_peek(cur) != ';'; skip_cfws(cur)) {
		struct view word = cur_need_while(cur, is_keyword_char);
		skip_cfws(cur);
		if (cur_try(cur, '.')) {
			propspec(cur, word, arena, out);
		} else if (view_is_case(word, "reason") && cur_need(cur, '=')) {
			skip_cfws(cur);
			out->reason = value(cur, arena);
		} else {
			(void)cur_fail(cur);
		}
	}
}

static struct view authserv_id(struct cur *cur, struct arena *arena)
{
	skip_cfws(cur);
	struct view id = value(cur, arena);
	skip_cfws(cur);
	return id;
}

static void all_results(struct cur *cur, struct arena *arena, struct authres *out)
{
	while (cur_try(cur, ';')) {
		skip_cfws(cur);
		if (cur_end(cur) && out->n > 0)
			return; /* a semicolon at the end is common */
		struct cur before = *cur;
		if (cur_try_case(cur, VIEW("none")) && (skip_cfws(cur), cur_end(cur)))
			return;
		*cur = before;
		if (out->n == AUTHRES_VERDICTS_MAX) {
			(void)cur_fail(cur);
			return;
		}
		struct authres_verdict *made = VEC_PUSH(out, arena);
		*made = (struct authres_verdict){ 0 };
		resinfo(cur, arena, made);
	}
}

enum err authres_parse(struct view in, struct arena *arena, struct authres *out, struct diag *diag)
{
	if (in.n > AUTHRES_FIELD_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d octets (limit AUTHRES_FIELD_MAX)", AUTHRES_FIELD_MAX);
	struct cur cur = cur_of(in);
	struct authres made = { 0 };
	made.id = authserv_id(&cur, arena);
	if (ascii_is_digit(cur_peek(&cur)) && cur_need_uint(&cur, 1000) != 1)
		return diag_set(diag, ERR_SYNTAX, "version of Authentication-Results is not 1");
	skip_cfws(&cur);
	all_results(&cur, arena, &made);
	if (!cur_done(&cur)) {
		unsigned line, column;
		cur_place(&cur, &line, &column);
		return diag_at(diag, ERR_SYNTAX, line, column, "not an Authentication-Results field (RFC 8601 2.2)");
	}
	*out = made;
	return ERR_OK;
}

bool authres_claims(struct view in, struct view id)
{
	struct arena arena = { 0 };
	struct cur cur = cur_of(in);
	struct view found = authserv_id(&cur, &arena);
	bool same = found.n > 0 && view_eq_case(found, id);
	arena_done(&arena);
	return same;
}
