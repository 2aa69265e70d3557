#include <stdarg.h>
#include <stdio.h>

#include "base_cur.h"
#include "base_num.h"
#include "base_show.h"
#include "base_vec.h"
#include "bounce_rule_priv.h"

enum err rule_error(const struct rule_reader *reader, unsigned column, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX / 2];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return diag_at(reader->diag, ERR_SYNTAX, reader->line, column, "%s:%u: %s", reader->name, reader->line, text);
}

/* The next word of a list; false at the end. */
static bool next_word(struct view *list, struct view *word)
{
	*list = view_trim(*list);
	if (list->n == 0)
		return false;
	*word = view_cut(list, ' ');
	return true;
}

static uint32_t phrase_id(struct rule_reader *reader, struct view phrase, bool whole)
{
	struct view text = arena_lower(reader->arena, phrase);
	/* the key tells the two kinds of the same text apart */
	struct view key = view_str(arena_printf(reader->arena, "%c%.*s", whole ? '\'' : '"', VIEW_ARG(text)));
	void **slot = map_put(&reader->phrase_ids, key);
	if (*slot == NULL) {
		struct bounce_ac_word *word = VEC_PUSH(&reader->words, reader->arena);
		*word = (struct bounce_ac_word){ text, whole };
		*slot = (void *)(uintptr_t)reader->words.n;
	}
	return (uint32_t)((uintptr_t)*slot - 1);
}

/* expression = and *("|" and); and = not *("&" not); not = "!" not / "(" expression ")" / phrase / "@" rule */

struct expression {
	struct rule_reader *reader;
	struct cur cur;
	unsigned depth;
};

static void put_op(struct expression *e, uint32_t op)
{
	*VEC_PUSH(&e->reader->program, e->reader->arena) = (uint16_t)op;
}

static bool take_or(struct expression *e);

/* @name: the text of a rule above, once more. */
static bool take_reference(struct expression *e)
{
	struct view name = cur_need_while(&e->cur, ascii_is_token);
	const struct rule_reader *reader = e->reader;
	for (size_t i = 0; i < reader->rules.n && name.n > 0; i++) {
		const struct bounce_rule *rule = &reader->rules.at[i];
		if (!view_is(name, rule->name) || rule->text.n == 0)
			continue;
		for (unsigned op = 0; op < rule->text.n; op++)
			put_op(e, reader->program.at[rule->text.at + op]);
		return true;
	}
	return cur_fail(&e->cur);
}

static bool take_phrase(struct expression *e)
{
	if (cur_try(&e->cur, '@'))
		return take_reference(e);
	int quote = cur_peek(&e->cur);
	if (quote != '"' && quote != '\'')
		return cur_fail(&e->cur);
	cur_skip(&e->cur);
	struct view phrase = cur_until(&e->cur, quote);
	if (phrase.n == 0 || !cur_need(&e->cur, quote))
		return cur_fail(&e->cur);
	put_op(e, phrase_id(e->reader, phrase, quote == '\''));
	return true;
}

static bool take_not(struct expression *e)
{
	cur_skip_wsp(&e->cur);
	unsigned negations = 0;
	while (cur_try(&e->cur, '!')) {
		negations++;
		cur_skip_wsp(&e->cur);
	}
	bool ok;
	if (cur_try(&e->cur, '(')) {
		if (++e->depth > RULE_DEPTH_MAX)
			return cur_fail(&e->cur);
		ok = take_or(e) && cur_need(&e->cur, ')');
		e->depth--;
	} else {
		ok = take_phrase(e);
	}
	if (negations % 2 == 1)
		put_op(e, BOUNCE_OP_NOT);
	cur_skip_wsp(&e->cur);
	return ok;
}

static bool take_and(struct expression *e)
{
	bool ok = take_not(e);
	while (ok && cur_try(&e->cur, '&')) {
		ok = take_not(e);
		put_op(e, BOUNCE_OP_AND);
	}
	return ok;
}

static bool take_or(struct expression *e)
{
	bool ok = take_and(e);
	while (ok && cur_try(&e->cur, '|')) {
		ok = take_and(e);
		put_op(e, BOUNCE_OP_OR);
	}
	return ok;
}

static enum err read_text(struct rule_reader *reader, struct view value)
{
	struct bounce_range *range = reader->rule != NULL ? &reader->rule->text : &reader->provider->text;
	size_t at = reader->program.n;
	struct expression e = { reader, cur_of(value), 0 };
	if (!take_or(&e) || !cur_done(&e.cur))
		return rule_error(reader, (unsigned)e.cur.at + 1,
				  "expected \"phrase\", 'words', !, ( or an operator & |: %s", SHOW(cur_rest(&e.cur)));
	if (reader->program.n > BOUNCE_PROGRAM_MAX)
		return diag_set(reader->diag, ERR_LIMIT, "%s: more than %d terms", reader->name, BOUNCE_PROGRAM_MAX);
	*range = (struct bounce_range){ (uint16_t)at, (uint16_t)(reader->program.n - at) };
	return ERR_OK;
}

static enum err read_hosts(struct rule_reader *reader, struct view value, struct bounce_range *range)
{
	size_t at = reader->globs.n;
	struct view word;
	while (next_word(&value, &word))
		*VEC_PUSH(&reader->globs, reader->arena) = arena_lower(reader->arena, word).p;
	*range = (struct bounce_range){ (uint16_t)at, (uint16_t)(reader->globs.n - at) };
	return reader->globs.n > UINT16_MAX ? rule_error(reader, 1, "too many hosts") : ERR_OK;
}

static enum err read_host(struct rule_reader *reader, struct view value)
{
	return read_hosts(reader, value, &reader->provider->hosts);
}

static bool find_provider(const struct rule_reader *reader, struct view name, uint16_t *index)
{
	for (size_t i = 0; i < reader->providers.n; i++) {
		if (view_is_case(name, reader->providers.at[i].name)) {
			*index = (uint16_t)i;
			return true;
		}
	}
	return false;
}

static enum err read_provider(struct rule_reader *reader, struct view value)
{
	struct view rest = value, word;
	size_t glob_at = reader->globs.n, name_at = reader->program.n;
	while (next_word(&rest, &word)) {
		uint16_t index;
		if (view_has_byte(word, '.') || view_has_byte(word, '*'))
			*VEC_PUSH(&reader->globs, reader->arena) = arena_lower(reader->arena, word).p;
		else if (find_provider(reader, word, &index))
			*VEC_PUSH(&reader->program, reader->arena) = index;
		else
			return rule_error(reader, 1, "no [provider %s] stands above; a host glob has a dot or *",
					  SHOW(word));
	}
	reader->rule->hosts = (struct bounce_range){ (uint16_t)glob_at, (uint16_t)(reader->globs.n - glob_at) };
	reader->rule->providers = (struct bounce_range){ (uint16_t)name_at, (uint16_t)(reader->program.n - name_at) };
	return ERR_OK;
}

/* "5.1.*", "4.x.x", "552", "5xx", each with an optional "!" in front */
static bool parse_code(struct view word, struct bounce_code_pattern *out)
{
	struct cur cur = cur_of(word);
	*out = (struct bounce_code_pattern){ .negate = cur_try(&cur, '!'), .enhanced = view_has_byte(word, '.') };
	for (unsigned i = 0; i < 3; i++) {
		if (i > 0 && out->enhanced != 0 && !cur_need(&cur, '.'))
			return false;
		int c = cur_peek(&cur);
		if (c == '*' || c == 'x' || c == 'X') {
			out->part[i] = BOUNCE_ANY;
			cur_skip(&cur);
		} else if (out->enhanced != 0) {
			out->part[i] = (uint16_t)cur_need_uint(&cur, 999);
		} else {
			if (!ascii_is_digit(c))
				return false;
			out->part[i] = (uint16_t)(c - '0');
			cur_skip(&cur);
		}
	}
	return cur_done(&cur);
}

static enum err read_code(struct rule_reader *reader, struct view value)
{
	size_t at = reader->codes.n;
	struct view word;
	while (next_word(&value, &word)) {
		struct bounce_code_pattern pattern;
		if (!parse_code(word, &pattern))
			return rule_error(reader, 1, "no code: %s (write 550, 5xx or 5.1.*)", SHOW(word));
		*VEC_PUSH(&reader->codes, reader->arena) = pattern;
	}
	reader->rule->codes = (struct bounce_range){ (uint16_t)at, (uint16_t)(reader->codes.n - at) };
	return reader->codes.n > UINT16_MAX ? rule_error(reader, 1, "too many codes") : ERR_OK;
}

struct flag_name {
	const char *name;
	uint16_t flag;
};

static enum err read_flags(struct rule_reader *reader, struct view value, const struct flag_name *names, size_t count,
			   uint16_t *out)
{
	struct view word;
	while (next_word(&value, &word)) {
		size_t i = 0;
		while (i < count && !view_is_case(word, names[i].name))
			i++;
		if (i == count)
			return rule_error(reader, 1, "no such word here: %s", SHOW(word));
		*out = (uint16_t)(*out | names[i].flag);
	}
	return ERR_OK;
}

static enum err read_command(struct rule_reader *reader, struct view value)
{
	static const struct flag_name names[] = { { "CONN", BOUNCE_COMMAND_CONN },
						  { "EHLO", BOUNCE_COMMAND_EHLO },
						  { "MAIL", BOUNCE_COMMAND_MAIL },
						  { "RCPT", BOUNCE_COMMAND_RCPT },
						  { "DATA", BOUNCE_COMMAND_DATA } };
	return read_flags(reader, value, names, ARRAY_LEN(names), &reader->rule->commands);
}

static enum err read_action(struct rule_reader *reader, struct view value)
{
	static const struct flag_name names[] = { { "failed", BOUNCE_ACTION_FAILED },
						  { "delayed", BOUNCE_ACTION_DELAYED } };
	return read_flags(reader, value, names, ARRAY_LEN(names), &reader->rule->actions);
}

static enum err read_reason(struct rule_reader *reader, struct view value)
{
	enum bounce_reason reason;
	if (!bounce_reason_parse(value, &reason))
		return rule_error(reader, 1, "no such reason: %s (--list-reasons shows them)", SHOW(value));
	reader->rule->reason = (uint16_t)reason;
	return ERR_OK;
}

static enum err read_category(struct rule_reader *reader, struct view value)
{
	enum bounce_category category;
	if (!bounce_category_parse(value, &category))
		return rule_error(reader, 1, "no such category: %s", SHOW(value));
	reader->rule->category = (uint16_t)category;
	return ERR_OK;
}

static enum err read_hard(struct rule_reader *reader, struct view value)
{
	static const struct flag_name names[] = { { "no", BOUNCE_HARD_NO },
						  { "yes", BOUNCE_HARD_YES },
						  { "permanent", BOUNCE_HARD_PERMANENT } };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (view_is_case(value, names[i].name)) {
			reader->rule->hard = names[i].flag;
			return ERR_OK;
		}
	}
	return rule_error(reader, 1, "hard is yes, no or permanent");
}

static enum err read_priority(struct rule_reader *reader, struct view value)
{
	uint64_t number;
	if (!num_parse_uint(value, 9999, &number))
		return rule_error(reader, 1, "priority is a number from 0 to 9999");
	reader->rule->priority = (int16_t)number;
	return ERR_OK;
}

const struct rule_key rule_keys[] = {
	{ "text", true, false, read_text },          { "host", true, true, read_host },
	{ "provider", false, false, read_provider }, { "code", false, false, read_code },
	{ "command", false, false, read_command },   { "action", false, false, read_action },
	{ "reason", false, false, read_reason },     { "category", false, false, read_category },
	{ "hard", false, false, read_hard },         { "priority", false, false, read_priority },
};

const size_t rule_key_count = ARRAY_LEN(rule_keys);
