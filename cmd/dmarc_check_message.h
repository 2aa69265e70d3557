#pragma once

#include "arc.h"
#include "dkim_input.h"
#include "dmarc_check.h"
#include "spf_eval.h"

/* dmarc-check --message: one message and everything that was found. */
struct dmarc_message {
	struct dmarc_run *run;
	struct arena arena;
	struct dkim_wire wire;
	struct dkim_input input;
	struct dkim_bodies bodies;
	struct dkim_keys keys;
	struct dkim_verify_opts dkim_opts;
	struct dkim_verify verify;
	struct arc arc;
	bool has_spf;
	struct spf_cache spf_cache;
	struct spf_request request;
	struct spf_verdict spf;
	struct authres results; /* all verdicts under our name */
	struct dmarc_outcome outcome;
};

/*
 * The message byte for byte with our Authentication-Results on top; fields that claim to be ours are left out (RFC 8601 5).
 * source: rewound here. errors: ERR_IO, ERR_LIMIT
 */
MUST_CHECK enum err dmarc_message_write(struct dmarc_message *message, struct source *source, struct diag *diag);
