#include "bounce_rule.h"

#include <stdlib.h>

#include "base_cur.h"
#include "base_map.h"
#include "base_num.h"
#include "base_show.h"
#include "base_vec.h"
#include "bounce_rule_priv.h"

static void section_start(struct rule_reader *reader, struct view kind, struct view name)
{
	reader->rule = NULL;
	reader->provider = NULL;
	const char *copy = arena_cstr(reader->arena, name);
	if (view_is(kind, "provider")) {
		reader->provider = VEC_PUSH(&reader->providers, reader->arena);
		*reader->provider = (struct bounce_provider){ .name = copy };
	} else {
		reader->rule = VEC_PUSH(&reader->rules, reader->arena);
		*reader->rule = (struct bounce_rule){ .name = copy,
						      .category = BOUNCE_NO_CATEGORY,
						      .hard = BOUNCE_HARD_DEFAULT,
						      .priority = RULE_PRIORITY,
						      .line = reader->line };
	}
}

static enum err read_section(struct rule_reader *reader, struct view line)
{
	struct view inner = view_last(line) == ']' ? view_slice(line, 1, line.n - 2) : view_none();
	struct view kind = view_cut(&inner, ' ');
	struct view name = view_trim(inner.p == NULL ? view_none() : inner);
	if ((!view_is(kind, "rule") && !view_is(kind, "provider")) || name.n == 0)
		return rule_error(reader, 1, "expected [rule NAME] or [provider NAME]");
	if (reader->rules.n >= BOUNCE_RULES_MAX || reader->providers.n >= BOUNCE_PROVIDERS_MAX)
		return diag_at(reader->diag, ERR_LIMIT, reader->line, 1, "%s: more than %d rules or %d providers",
			       reader->name, BOUNCE_RULES_MAX, BOUNCE_PROVIDERS_MAX);
	section_start(reader, kind, name);
	return ERR_OK;
}

static enum err read_key(struct rule_reader *reader, struct view key, struct view value)
{
	for (size_t i = 0; i < rule_key_count; i++) {
		const struct rule_key *row = &rule_keys[i];
		if (!view_is(key, row->name))
			continue;
		if (reader->rule == NULL && (reader->provider == NULL || !row->of_provider))
			break;
		if (reader->provider != NULL && !row->of_provider)
			break;
		if (reader->rule != NULL && row->only_provider)
			break;
		return row->read(reader, value);
	}
	return rule_error(reader, 1, "no such key here: %s", SHOW(key));
}

/* One logical line: continuation lines are joined already. */
static enum err read_line(struct rule_reader *reader, struct view line)
{
	line = view_trim(line);
	if (line.n == 0)
		return ERR_OK;
	if (view_at(line, 0) == '[')
		return read_section(reader, line);
	struct view value = line;
	struct view key = view_trim(view_cut(&value, '='));
	if (value.p == NULL)
		return rule_error(reader, 1, "expected KEY = VALUE");
	if (reader->rule == NULL && reader->provider == NULL)
		return rule_error(reader, 1, "stands before the first [rule NAME]");
	return read_key(reader, key, view_trim(value));
}

static bool is_comment(struct view line)
{
	struct view trimmed = view_trim(line);
	return view_at(trimmed, 0) == '#';
}

static enum err read_lines(struct rule_reader *reader, struct view text)
{
	BUF_AUTO struct buf logical;
	buf_init(&logical, RULE_LINE_MAX);
	struct view line;
	unsigned number = 0;
	enum err err = ERR_OK;
	while (err == ERR_OK && view_next_line(&text, &line)) {
		number++;
		if (is_comment(line))
			continue;
		bool more = logical.n > 0 && ascii_is_wsp(view_at(line, 0));
		if (!more) {
			err = read_line(reader, buf_view(&logical));
			buf_reset(&logical);
			reader->line = number;
		}
		if (more)
			buf_byte(&logical, ' ');
		buf_put(&logical, line);
		if (logical.over)
			return diag_at(reader->diag, ERR_LIMIT, number, 1, "%s: a line of more than %d octets",
				       reader->name, RULE_LINE_MAX);
	}
	return err != ERR_OK ? err : read_line(reader, buf_view(&logical));
}

/* The reader bounds an expression's depth, so that 64 bits hold any stack. */
bool bounce_program_run(const uint16_t *program, struct bounce_range range, const struct bounce_hits *hits)
{
	uint64_t stack = 0; /* bit 0 is the top */
	for (unsigned i = 0; i < range.n; i++) {
		uint16_t op = program[range.at + i];
		uint64_t top = stack & 1, second = stack >> 1 & 1;
		if (op == BOUNCE_OP_NOT)
			stack ^= 1;
		else if (op == BOUNCE_OP_AND)
			stack = (stack >> 2) << 1 | (top & second);
		else if (op == BOUNCE_OP_OR)
			stack = (stack >> 2) << 1 | (top | second);
		else
			stack = stack << 1 | (hits != NULL && bounce_hit(hits, op) ? 1 : 0);
	}
	return (stack & 1) != 0;
}

/* One step over all (phrase, rule) pairs: counts when users is NULL, else fills; at[i] runs on from phrase i's start. */
static void each_user(const struct bounce_ruleset *set, uint32_t *at, uint16_t *users)
{
	for (uint32_t r = 0; r < set->rule_count; r++) {
		for (unsigned i = 0; i < set->rules[r].text.n; i++) {
			uint16_t op = set->program[set->rules[r].text.at + i];
			if (op >= BOUNCE_OP_AND)
				continue;
			if (users != NULL)
				users[at[op]] = (uint16_t)r;
			at[op]++;
		}
	}
}

static void index_rules(struct bounce_ruleset *set, struct arena *arena)
{
	uint32_t phrases = set->ac.phrase_count, sum = 0;
	uint32_t *start = arena_array(arena, phrases + 1, sizeof *start);
	uint32_t *at = arena_array(arena, phrases + 1, sizeof *at);
	each_user(set, start, NULL);
	for (uint32_t i = 0; i <= phrases; i++) {
		uint32_t n = i < phrases ? start[i] : 0;
		start[i] = at[i] = sum;
		sum += n;
	}
	uint16_t *users = arena_array(arena, sum + 1, sizeof *users);
	each_user(set, at, users);
	uint64_t *always = arena_array(arena, set->rule_count / 64 + 1, sizeof *always);
	for (uint32_t r = 0; r < set->rule_count; r++)
		if (set->rules[r].text.n == 0 || bounce_program_run(set->program, set->rules[r].text, NULL))
			always[r / 64] |= UINT64_C(1) << r % 64;
	set->user_at = start;
	set->users = users;
	set->always = always;
	set->user_count = sum;
}

static int by_priority(const void *a, const void *b)
{
	const struct bounce_rule *x = a, *y = b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static enum err check_whole(const struct rule_reader *reader)
{
	for (size_t i = 0; i < reader->rules.n; i++) {
		const struct bounce_rule *rule = &reader->rules.at[i];
		if (rule->reason == BOUNCE_REASON_COUNT || rule->reason == 0)
			return diag_at(reader->diag, ERR_SYNTAX, rule->line, 1, "%s:%u: rule %s has no reason",
				       reader->name, rule->line, SHOW(view_str(rule->name)));
	}
	if (reader->words.n > BOUNCE_PHRASES_MAX || reader->program.n > BOUNCE_PROGRAM_MAX)
		return diag_set(reader->diag, ERR_LIMIT, "%s: more than %d phrases or %d terms", reader->name,
				BOUNCE_PHRASES_MAX, BOUNCE_PROGRAM_MAX);
	return ERR_OK;
}

enum err bounce_rules_parse(struct view text, const char *name, struct arena *arena, struct bounce_ruleset *out,
			    struct diag *diag)
{
	struct rule_reader reader = { .arena = arena, .name = name, .diag = diag, .line = 1 };
	map_init(&reader.phrase_ids, arena, 0, false);
	enum err err = read_lines(&reader, text);
	if (err == ERR_OK)
		err = check_whole(&reader);
	if (err != ERR_OK)
		return err;
	if (reader.rules.n > 0)
		qsort(reader.rules.at, reader.rules.n, sizeof *reader.rules.at, by_priority);
	*out = (struct bounce_ruleset){
		.rules = reader.rules.at,
		.rule_count = (uint32_t)reader.rules.n,
		.providers = reader.providers.at,
		.provider_count = (uint32_t)reader.providers.n,
		.program = reader.program.at,
		.program_count = (uint32_t)reader.program.n,
		.codes = reader.codes.at,
		.code_count = (uint32_t)reader.codes.n,
		.globs = reader.globs.at,
		.glob_count = (uint32_t)reader.globs.n,
	};
	bounce_ac_build(reader.words.at, reader.words.n, arena, &out->ac);
	index_rules(out, arena);
	return ERR_OK;
}
