#pragma once

#include "arc.h"
#include "cmd.h"
#include "dkim_hint.h"
#include "dkim_input.h"
#include "resolve.h"

/* dkim-verify: options (dkim_verify.c) → one message (dkim_verify_file.c) → text or JSON (dkim_verify_text.c, _json.c). */
struct verify_opts {
	struct opt_common common;
	bool all, any, strict, accept_sha1, accept_l, accept_no_version, arc;
	const char *domain;
	uint64_t min_bits, max_signatures;
	const char *key_record, *key_file;
	const char *authserv_id;
	const char *dump_dir;
};

struct verify_run {
	struct cmd *cmd;
	const struct verify_opts *opts;
	struct dkim_verify_opts judge;
	struct view given; /* the key record instead of DNS; empty: none */
	struct resolve resolve;
	struct view authserv_id;
};

/* One message and everything that was found. */
struct verify_message {
	struct verify_run *run;
	const char *name;
	struct arena arena;
	struct dkim_wire wire;
	struct dkim_input input;
	struct dkim_bodies bodies;
	struct dkim_keys keys;
	struct dkim_verify verify;
	struct arc arc;
	struct view results; /* Authentication-Results in one line */
};

/*
 * Verify one file and print it; *result is its verdict.
 * errors  ERR_NO_INPUT, ERR_IO, ERR_LIMIT, ERR_CREATE (--dump-canonical)
 */
MUST_CHECK enum err verify_file(struct verify_run *run, const char *path, enum dkim_result *result, struct diag *diag);

void verify_print_json(const struct verify_message *message);
void verify_print_text(struct verify_message *message);
