#pragma once

#include <stdint.h>

#include "base_arena.h"
#include "base_err.h"
#include "bounce_ac.h"
#include "bounce_reason.h"

/*
 * The rules that turn a reply into a reason: data, in a file that a person can read. The built-in ones
 * (core/bounce/rules) are compiled into constant tables when Posthorn is built; a person's own (--rules FILE) have the
 * same form and are asked first.
 *
 *	# comment
 *	[provider corp]
 *	host     = *.corp.example            globs over the remote host
 *	text     = "corp mail gateway"       or a mark in the text
 *
 *	[rule corp-quota]
 *	provider = corp *.partner.example    a provider's name, or globs over the remote host
 *	text     = "over its storage limit" & !'temporarily'
 *	code     = 5.2.* 552 !4xx            any of them; with ! none of them
 *	command  = RCPT DATA                 which command was refused: CONN EHLO MAIL RCPT DATA
 *	action   = failed delayed
 *	reason   = mailbox_full
 *	category = mailbox_unavailable       else the reason's own
 *	hard     = no                        yes, no, or permanent (yes when the code is 5xx); else the reason's own
 *	priority = 50                        lower is asked earlier; 500 when not given
 *
 * In a text, @NAME stands for the text of the rule NAME above.
 * Text is matched as bounce_text_normalise leaves it: "..." anywhere, '...' as whole words; & | ! and parentheses.
 * A line that starts with white space goes on with the one before. All conditions of a rule must hold; the first rule
 * that holds, by priority and then by its place in the file, decides.
 */
enum bounce_command {
	BOUNCE_COMMAND_NONE = 0,
	BOUNCE_COMMAND_CONN = 1,
	BOUNCE_COMMAND_EHLO = 2,
	BOUNCE_COMMAND_MAIL = 4,
	BOUNCE_COMMAND_RCPT = 8,
	BOUNCE_COMMAND_DATA = 16 /* DATA, BDAT and the final dot */
};

enum bounce_action {
	BOUNCE_ACTION_NONE = 0,
	BOUNCE_ACTION_FAILED = 1,
	BOUNCE_ACTION_DELAYED = 2,
	BOUNCE_ACTION_DELIVERED = 4,
	BOUNCE_ACTION_RELAYED = 8,
	BOUNCE_ACTION_EXPANDED = 16
};

/* Expressions are kept in postfix order: a phrase's index, or one of these. */
enum { BOUNCE_OP_AND = 0xfff0, BOUNCE_OP_OR, BOUNCE_OP_NOT };

enum { BOUNCE_ANY = 0xffff };

struct bounce_code_pattern {
	uint16_t enhanced; /* 1: part[0].part[1].part[2]; 0: the three digits of a reply code */
	uint16_t negate;
	uint16_t part[3]; /* BOUNCE_ANY: whatever */
};

struct bounce_range {
	uint16_t at, n;
};

struct bounce_rule {
	const char *name;
	struct bounce_range text; /* of the program; n == 0: no condition */
	struct bounce_range codes;
	struct bounce_range hosts;       /* globs over the remote host */
	struct bounce_range providers;   /* indexes into providers, kept in the program's array */
	uint16_t commands, actions;      /* masks; 0: no condition */
	uint16_t reason, category, hard; /* category BOUNCE_NO_CATEGORY: the reason's own */
	int16_t priority;
	uint32_t line;
};

struct bounce_provider {
	const char *name;
	struct bounce_range hosts;
	struct bounce_range text;
};

struct bounce_ruleset {
	const struct bounce_rule *rules; /* in the order in which they are asked */
	const struct bounce_provider *providers;
	const uint16_t *program;
	const struct bounce_code_pattern *codes;
	const char *const *globs;
	/*
	 * Which rules to ask at all: those that a phrase that was found occurs in (users: for phrase i the
	 * indexes users[user_at[i]] to users[user_at[i + 1]]), and those that can hold without any (always, a bit each).
	 */
	const uint32_t *user_at;
	const uint16_t *users;
	const uint64_t *always;
	struct bounce_ac ac;
	uint32_t rule_count, provider_count, program_count, code_count, glob_count, user_count;
};

enum { BOUNCE_RULES_MAX = 1024, BOUNCE_PROVIDERS_MAX = 64, BOUNCE_PROGRAM_MAX = 60000 };

/*
 * Read rules.
 *
 * name    the file's, for rules' places in messages
 * owns    *out and all it points to are in the arena, texts included
 * limits  BOUNCE_RULES_MAX rules, BOUNCE_PROVIDERS_MAX providers, BOUNCE_PHRASES_MAX distinct phrases
 * errors  ERR_SYNTAX (diag: line, column, what was expected), ERR_LIMIT
 */
MUST_CHECK enum err bounce_rules_parse(struct view text, const char *name, struct arena *arena,
				       struct bounce_ruleset *out, struct diag *diag);

/* Does the expression hold for these phrases? hits NULL: for none. */
bool bounce_program_run(const uint16_t *program, struct bounce_range range, const struct bounce_hits *hits);
