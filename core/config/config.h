#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_err.h"
#include "base_view.h"
#include "crypto_secret.h"

/*
 * The configuration file, posthorn.conf: keys are the long options, values are texts that the option's own check reads
 * (opt_store), so that a value reads the same in both places. All errors are ERR_CONFIG with file and line, but for a
 * file that was named and is missing (ERR_NO_INPUT).
 *
 *	from = "Ops <ops@example.org>"
 *	account "work" { server = "smtp.example.org:465"  user = "ops"  password-eval = "pass show smtp/work" }
 */
enum config_kind {
	CONFIG_GLOBAL, /* the keys outside of any section; there is always one, the first */
	CONFIG_ACCOUNT,
	CONFIG_OAUTH,
	CONFIG_PROVIDER,
	CONFIG_ROUTE,
	CONFIG_DKIM,
	CONFIG_ALIASES, /* free keys: local name = address */
	CONFIG_KINDS
};

/* Limits of a file, its includes together. */
enum { CONFIG_OCTETS = 512 << 10, CONFIG_VALUES = 20000, CONFIG_INCLUDES = 20 };

struct config_value {
	const char *key;
	const char **at; /* one for a plain key, any number for a list; none for a secret */
	size_t n, cap;
	struct crypto_secret *secret; /* of a secret key, else NULL */
	const char *file;
	unsigned line;
};

struct config_section {
	enum config_kind kind;
	const char *title; /* "" for global and aliases */
	const char *file;
	unsigned line;
	struct config_value *at;
	size_t n, cap;
};

struct config {
	const char *path; /* NULL: there is no file */
	struct config_section *at;
	size_t n, cap;
};

/*
 * The file named by `path`; or, when that is NULL, $POSTHORN_CONFIG, $XDG_CONFIG_HOME/posthorn/posthorn.conf
 * (~/.config), /etc/posthorn/posthorn.conf, whichever is first. None of them: an empty configuration.
 *
 * owns    the arena; secrets are wiped by config_done
 * errors  ERR_CONFIG: syntax, an unknown key, a key twice, a file with secrets that others can read, a msmtprc;
 *         ERR_NO_INPUT: a file that was named is not there
 */
MUST_CHECK enum err config_read(const char *path, struct arena *arena, struct config *out, struct diag *diag);

/* The same from memory; `name` stands for the file, is_private says whether secrets may stand in it. */
MUST_CHECK enum err config_parse(struct view text, const char *name, bool is_private, struct arena *arena,
				 struct config *out, struct diag *diag);

/* Before the arena ends. */
void config_done(struct config *config);

/* The section, NULL when there is none. title NULL: the first of that kind. */
const struct config_section *config_find(const struct config *config, enum config_kind kind, const char *title);
const struct config_section *config_global(const struct config *config);

/* The value of a key, NULL when it is not set. config_text: the first text of it. section NULL: not set. */
const struct config_value *config_value(const struct config_section *section, const char *key);
const char *config_text(const struct config_section *section, const char *key);

/*
 * Numbers: *out keeps what it is when the key is not set. errors: ERR_CONFIG with the place.
 */
MUST_CHECK enum err config_uint(const struct config_section *section, const char *key, uint64_t min, uint64_t max,
				uint64_t *out, struct diag *diag);
MUST_CHECK enum err config_bool(const struct config_section *section, const char *key, bool *out, struct diag *diag);
MUST_CHECK enum err config_duration_ms(const struct config_section *section, const char *key, uint64_t *out,
				       struct diag *diag);

/* "FILE:LINE: key: " in front of a text of the caller's, with ERR_CONFIG. */
enum err config_bad(struct diag *diag, const struct config_value *value, const char *fmt, ...) PRINTF_LIKE(3, 4);

/*
 * The account to use: the one named; else the first whose `from` patterns match the address; else the one named by the
 * global key `default-account`; else the only or first account; else NULL (the global keys are all there is).
 * errors  ERR_CONFIG: the named account does not exist (the diag lists those that do)
 */
MUST_CHECK enum err config_account(const struct config *config, const char *name, struct view from_address,
				   const struct config_section **out, struct diag *diag);

/* A key of the account, else of its preset, else of the global section: NULL when none has it. */
const char *config_account_text(const struct config *config, const struct config_section *account, const char *key);

/* The account's own address: its first `from` without a wildcard, else the global `from`; NULL: none. */
const char *config_account_from(const struct config *config, const struct config_section *account);

/* Where a bare local name (root) goes: its alias, else that of "default"; NULL: none. */
const char *config_alias(const struct config *config, struct view name);

/*
 * A pattern with '*' for any run of characters, compared without case. Time is at most text × pattern.
 */
bool config_match(const char *pattern, struct view text);

/* Values of a built-in preset (`preset = "gmail"`), NULL when the preset or the key is unknown. */
const char *config_preset(const char *preset, const char *key);
bool config_preset_known(const char *preset);

/* The first of the default places that exists, or NULL; for messages ("no account in FILE"). */
const char *config_default_path(struct arena *arena);
