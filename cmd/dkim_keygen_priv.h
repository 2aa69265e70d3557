#pragma once

#include "cmd.h"
#include "crypto_key.h"
#include "dkim_key.h"
#include "dkim_record.h"

/* Between dkim_keygen.c, dkim_keygen_check.c and dkim_keygen_list.c only. */
enum keygen_type { KEYGEN_RSA, KEYGEN_ED25519, KEYGEN_BOTH };

struct keygen_opts {
	struct opt_common common;
	const char *domain, *selector;
	enum keygen_type type;
	uint64_t bits;
	const char *out_dir;
	bool force;
	enum dkim_record_form format;
	uint64_t ttl;
	bool absolute;
	const char *flags, *note;
	const char *public_key;
	bool check, revoke;
	const char *list;
};

/* Whose key: A-labels, a valid selector. */
struct keygen_name {
	struct view domain, selector;
};

/* The key of a file: PEM of either half, certificate, or Ed25519 seed. */
MUST_CHECK enum err keygen_load(struct cmd *cmd, const char *path, struct crypto_key **out, struct diag *diag);

/* Compare with DNS, or judge what is there when key is NULL. Sets the exit code. */
MUST_CHECK enum err keygen_check(struct cmd *cmd, const struct keygen_name *name, const struct crypto_key *key,
				 struct diag *diag);

MUST_CHECK enum err keygen_list(struct cmd *cmd, const char *dir, struct diag *diag);
