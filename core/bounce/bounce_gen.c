/*
 * Run while Posthorn is built: reads the rule files named on the command line and prints them as constant C tables.
 */
#include <stdio.h>

#include "base_file.h"
#include "bounce_rule.h"

static void print_string(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++)
		printf(*s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	putchar('"');
}

static void print_range(struct bounce_range range) { printf("{%u,%u},", range.at, range.n); }

static void print_rules(const struct bounce_ruleset *set)
{
	printf("static const struct bounce_rule rules[] = {\n");
	for (unsigned i = 0; i < set->rule_count; i++) {
		const struct bounce_rule *rule = &set->rules[i];
		printf("{");
		print_string(rule->name);
		printf(",");
		print_range(rule->text);
		print_range(rule->codes);
		print_range(rule->hosts);
		print_range(rule->providers);
		printf("%u,%u,%u,%u,%u,%d,%u},\n", rule->commands, rule->actions, rule->reason, rule->category,
		       rule->hard, rule->priority, rule->line);
	}
	printf("};\n");
}

static void print_providers(const struct bounce_ruleset *set)
{
	printf("static const struct bounce_provider providers[] = {\n");
	for (unsigned i = 0; i < set->provider_count; i++) {
		printf("{");
		print_string(set->providers[i].name);
		printf(",");
		print_range(set->providers[i].hosts);
		print_range(set->providers[i].text);
		printf("},\n");
	}
	printf("};\nstatic const char *const globs[] = {\n");
	for (unsigned i = 0; i < set->glob_count; i++) {
		print_string(set->globs[i]);
		printf(",\n");
	}
	printf("\"\"};\n");
}

static void print_programs(const struct bounce_ruleset *set)
{
	printf("static const uint16_t program[] = {\n");
	for (unsigned i = 0; i < set->program_count; i++)
		printf("%u,%s", set->program[i], i % 16 == 15 ? "\n" : "");
	printf("0};\nstatic const struct bounce_code_pattern codes[] = {\n");
	for (unsigned i = 0; i < set->code_count; i++) {
		const struct bounce_code_pattern *code = &set->codes[i];
		printf("{%u,%u,{%u,%u,%u}},\n", code->enhanced, code->negate, code->part[0], code->part[1],
		       code->part[2]);
	}
	printf("{0,0,{0,0,0}}};\n");
}

static void print_automaton(const struct bounce_ac *ac)
{
	printf("static const struct bounce_phrase phrases[] = {\n");
	for (unsigned i = 0; i < ac->phrase_count; i++)
		printf("{%u,%u,%u},\n", ac->phrases[i].length, ac->phrases[i].whole, ac->phrases[i].same_end);
	printf("};\nstatic const struct bounce_ac_state states[] = {\n");
	for (unsigned i = 0; i < ac->state_count; i++) {
		const struct bounce_ac_state *s = &ac->states[i];
		printf("{%u,%u,%u,%u,%u},%s", s->first_edge, s->edge_count, s->fail, s->phrase, s->shorter,
		       i % 8 == 7 ? "\n" : "");
	}
	printf("};\nstatic const unsigned char edge_bytes[] = {\n");
	for (unsigned i = 0; i < ac->edge_count; i++)
		printf("%u,%s", ac->edge_bytes[i], i % 32 == 31 ? "\n" : "");
	printf("};\nstatic const uint32_t edge_states[] = {\n");
	for (unsigned i = 0; i < ac->edge_count; i++)
		printf("%u,%s", ac->edge_states[i], i % 16 == 15 ? "\n" : "");
	printf("};\n");
}

static void print_index(const struct bounce_ruleset *set)
{
	printf("static const uint32_t user_at[] = {");
	for (unsigned i = 0; i <= set->ac.phrase_count; i++)
		printf("%u,%s", set->user_at[i], i % 16 == 15 ? "\n" : "");
	printf("};\nstatic const uint16_t users[] = {");
	for (unsigned i = 0; i < set->user_count; i++)
		printf("%u,%s", set->users[i], i % 16 == 15 ? "\n" : "");
	printf("0};\nstatic const uint64_t always[] = {");
	for (unsigned i = 0; i <= set->rule_count / 64; i++)
		printf("%lluu,", (unsigned long long)set->always[i]);
	printf("};\n");
}

static void print_set(const struct bounce_ruleset *set)
{
	printf("const struct bounce_ruleset bounce_builtin_rules = {\n"
	       "rules,providers,program,codes,globs,user_at,users,always,\n{states,edge_bytes,edge_states,phrases,{");
	for (unsigned i = 0; i < 256; i++)
		printf("%u,", set->ac.root[i]);
	printf("},%u,%u,%u},\n%u,%u,%u,%u,%u,%u};\n", set->ac.state_count, set->ac.edge_count, set->ac.phrase_count,
	       set->rule_count, set->provider_count, set->program_count, set->code_count, set->glob_count,
	       set->user_count);
}

int main(int argc, char **argv)
{
	struct arena arena = { 0 };
	struct diag diag = { .text = "" };
	BUF_AUTO struct buf text;
	buf_init(&text, 1 << 22);
	for (int i = 1; i < argc; i++) {
		if (file_read(argv[i], &text, &diag) != ERR_OK) {
			(void)fprintf(stderr, "%s\n", diag.text);
			return 1;
		}
		buf_byte(&text, '\n');
	}
	struct bounce_ruleset set;
	if (bounce_rules_parse(buf_view(&text), "rules", &arena, &set, &diag) != ERR_OK) {
		(void)fprintf(stderr, "%s\n", diag.text);
		return 1;
	}
	printf("/* Made from core/bounce/rules. */\n#include \"bounce_classify.h\"\n");
	print_rules(&set);
	print_providers(&set);
	print_programs(&set);
	print_automaton(&set.ac);
	print_index(&set);
	print_set(&set);
	arena_done(&arena);
	return ferror(stdout) != 0;
}
