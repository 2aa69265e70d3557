#pragma once

#include "base_map.h"
#include "bounce_rule.h"

/* What is shared between the reader of lines (bounce_rule.c) and the readers of values (bounce_rule_key.c). */

enum { RULE_LINE_MAX = 16384, RULE_PRIORITY = 500, RULE_DEPTH_MAX = 16 };

struct rule_reader {
	struct arena *arena;
	const char *name;
	struct diag *diag;
	unsigned line;
	struct bounce_rule *rule;         /* the section that is open: this one, */
	struct bounce_provider *provider; /* or this one */
	struct {
		struct bounce_rule *at;
		size_t n, cap;
	} rules;
	struct {
		struct bounce_provider *at;
		size_t n, cap;
	} providers;
	struct {
		uint16_t *at;
		size_t n, cap;
	} program;
	struct {
		struct bounce_code_pattern *at;
		size_t n, cap;
	} codes;
	struct {
		const char **at;
		size_t n, cap;
	} globs;
	struct {
		struct bounce_ac_word *at;
		size_t n, cap;
	} words;
	struct map phrase_ids;
};

struct rule_key {
	const char *name;
	bool of_provider;   /* allowed in [provider] */
	bool only_provider; /* not allowed in [rule] */
	enum err (*read)(struct rule_reader *reader, struct view value);
};

extern const struct rule_key rule_keys[];
extern const size_t rule_key_count;

enum err rule_error(const struct rule_reader *reader, unsigned column, const char *fmt, ...) PRINTF_LIKE(3, 4);
