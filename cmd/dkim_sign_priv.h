#pragma once

#include "base_spool.h"
#include "cmd.h"
#include "dkim_input.h"
#include "dkim_sign.h"

/*
 * dkim-sign, room by room: options (dkim_sign.c) → keys (dkim_sign_keys.c) → one message: signature fields, then where they go
 * (dkim_sign_file.c), or many in threads (dkim_sign_many.c), or an ARC set (dkim_sign_arc.c).
 */
struct sign_opts {
	struct opt_common common;
	const char *domain;
	struct opt_texts selectors, keys;
	uint64_t key_fd;
	unsigned canon; /* index into sign_canons */
	const char *auid, *headers;
	bool no_oversign;
	uint64_t expire_ms;
	const char *timestamp;
	bool header_only, in_place;
	const char *out_dir;
	bool check_dns, allow_1024, insecure_key_file;
	bool verify; /* never seen here: main.c takes it out */
	bool arc;
	const char *authserv_id;
};

/* What all messages of a run share. Read by several threads. */
struct sign_run {
	struct cmd *cmd;
	const struct sign_opts *opts;
	struct dkim_signer signers[DKIM_SIGNERS_MAX]; /* domain empty: the From domain of each message */
	struct crypto_key *keys[DKIM_SIGNERS_MAX];
	size_t n;
	int64_t timestamp, expires; /* -1: none */
};

/* The pairs of -s and -k in their order. errors: ERR_USAGE, those of crypto_key_load_private, ERR_DATA (a key too short) */
MUST_CHECK enum err sign_keys_load(struct sign_run *run, struct diag *diag);
void sign_keys_close(struct sign_run *run);

/*
 * --check-dns: every selector shows the public half of its key.
 * errors  ERR_CONFIG (another key, none, a broken one), ERR_TEMP
 */
MUST_CHECK enum err sign_keys_check_dns(struct sign_run *run, struct view domain, struct diag *diag);

/* One message: where it comes from, what was made for it. */
struct sign_message {
	const char *name;      /* for messages: its path, "-" */
	struct source *source; /* of the octets as they are; can be rewound */
	int fd;                /* the file behind source; -1: there is none */
	struct dkim_wire *wire;
	struct view fields; /* to be put in front, CRLF */
	bool from_line;
	uint64_t octets;
	struct dkim_signed made; /* not with --arc */
};

/* Sign (or seal) it; warnings are printed. The domain is checked against DNS when asked for. */
MUST_CHECK enum err sign_message_make(struct sign_run *run, struct sign_message *message, struct arena *arena,
				      struct diag *diag);
MUST_CHECK enum err sign_message_seal(struct sign_run *run, struct sign_message *message, struct arena *arena,
				      struct diag *diag);

/* The fields with the message's own line ends. */
void sign_message_fields(const struct sign_message *message, struct buf *out);

/* Fields, then the message octet by octet, to a descriptor. errors: ERR_IO */
MUST_CHECK enum err sign_message_write(struct sign_message *message, int fd, const char *name, struct diag *diag);

/* One file or stdin to stdout, as --json, or --header-only. */
MUST_CHECK enum err sign_one(struct sign_run *run, const char *path, struct diag *diag);

/* Files into --out-dir, or each in its place; in as many threads as there are processors. */
MUST_CHECK enum err sign_many(struct sign_run *run, const struct opt_texts *files, struct diag *diag);
