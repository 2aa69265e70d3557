#pragma once

#include "base_arena.h"
#include "base_err.h"
#include "base_view.h"
#include "config.h"
#include "crypto_secret.h"

/*
 * Where a password comes from. The first that is set is asked, in this order; none set: *found is false.
 *
 * eval        a shell command; its standard output, without exactly one newline at the end. It has no terminal on
 *             stdin, 30 s (then it and its children are killed), and must exit 0
 * fd          a descriptor, read to its end, one newline stripped
 * file        must not be readable by group or others
 * inline_     from the configuration file
 * netrc       "" for ~/.netrc (absent: not found); the entry of host, and of user when that is set
 */
struct config_secret_source {
	const char *eval;
	int fd; /* -1: none */
	const char *file;
	const struct crypto_secret *inline_;
	const char *netrc;
	const char *host, *user;
	unsigned timeout_ms; /* 0: 30 s */
};

enum { CONFIG_SECRET_OCTETS = 16 << 10, CONFIG_EVAL_MS = 30000 };

/*
 * errors  ERR_CONFIG (the command failed, an empty password, a file that others can read), ERR_TEMP (time-out),
 *         ERR_NO_INPUT, ERR_SYNTAX (netrc)
 */
MUST_CHECK enum err config_secret_get(const struct config_secret_source *source, struct crypto_secret *out, bool *found,
				      struct diag *diag);

/* What the account's keys password-eval, password-file, password and netrc say; the caller's options come before. */
void config_secret_of(const struct config *config, const struct config_section *account,
		      struct config_secret_source *out);

/* Run a command as `eval` above does. */
MUST_CHECK enum err config_eval(const char *command, unsigned timeout_ms, struct crypto_secret *out, struct diag *diag);

/*
 * The first entry of a netrc that fits: machine HOST (or default), and, when user is not NULL, that login. Words may be
 * quoted; macdef bodies are skipped; everything may stand on one line. *user_out (may be NULL) is a copy in arena.
 * errors  ERR_SYNTAX with the line
 */
MUST_CHECK enum err config_netrc(struct view text, const char *host, const char *user, struct arena *arena,
				 const char **user_out, struct crypto_secret *password, bool *found, struct diag *diag);
