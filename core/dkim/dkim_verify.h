#pragma once

#include "dkim_hash.h"
#include "dkim_lookup.h"

/*
 * Verifying (RFC 6376 6): every DKIM-Signature of a message gets a verdict, the body is read once for all of them.
 *
 *	dkim_verify_begin(&verify, &opts, &input.head, &bodies, ...);   which bodies are wanted
 *	dkim_bodies_read(&bodies, &input, NULL, diag);                   (others may have wanted bodies too: arc)
 *	dkim_verify_end(&verify);                                        keys are asked for, verdicts are there
 */
enum {
	DKIM_SIGNATURES_MAX = 10,     /* judged by default; what comes after them is `policy` */
	DKIM_SIGNATURES_MAX_MAX = 24, /* the most that can be asked for (DKIM_BODIES_MAX leaves room for arc) */
	DKIM_SIGNATURES_LISTED = 200, /* verdicts in the report */
	DKIM_CLOCK_SKEW_S = 600       /* t= may be this far in the future */
};

struct dkim_verify_opts {
	unsigned signatures_max; /* 0: DKIM_SIGNATURES_MAX */
	unsigned bits_min;       /* RSA; 0: 1024 */
	bool accept_sha1, accept_length;
	bool old;           /* v= may be missing, From unsigned */
	bool strict;        /* copies of signed fields that are not signed: fail */
	struct view domain; /* only signatures of this d= count; empty: all */
	bool all;           /* the message passes only when all of them do */
	int64_t now;
};

enum dkim_match { DKIM_MATCH_UNKNOWN, DKIM_MATCH_NO, DKIM_MATCH_YES };

struct dkim_verdict {
	unsigned index; /* from 1 at the top */
	const struct msg_field *field;
	bool parsed; /* signature is valid */
	bool counts; /* --domain */
	struct dkim_signature signature;
	enum dkim_result result;
	const char *reason;             /* why it is not pass; NULL */
	const struct dkim_found *found; /* NULL: no key was asked for */
	enum dkim_match body, header;
	size_t body_at;         /* of its hash in bodies */
	struct view copies;     /* "Subject, To": signed fields of which there is an unsigned copy */
	struct view oversigned; /* fields signed once more than they are there, "From, To" */
	const char *hint;       /* what probably happened to the message (dkim_hint.h) */
};

struct dkim_verify {
	const struct dkim_verify_opts *opts;
	const struct msg_head *head;
	struct dkim_bodies *bodies;
	struct dkim_keys *keys;
	struct arena *arena;
	struct dkim_verdict *at;
	size_t n;
	enum dkim_result result; /* of the message: the best verdict, or with opts->all the worst */
};

/* keys: initialised, shared with others that verify the same message. */
void dkim_verify_begin(struct dkim_verify *verify, const struct dkim_verify_opts *opts, const struct msg_head *head,
		       struct dkim_bodies *bodies, struct dkim_keys *keys, struct arena *arena);

/* Some signature can be judged, so the body must be read. */
bool dkim_verify_wants_body(const struct dkim_verify *verify);
void dkim_verify_end(struct dkim_verify *verify);

/*
 * What a signature's b= is over: the fields of h=, then the signature with b= blanked; and its hash. `form` is normally
 * signature->header; dkim_hint tries the other one.
 */
void dkim_verify_header_text(const struct msg_head *head, const struct dkim_signature *signature,
			     const struct msg_field *own, enum dkim_canon form, struct buf *out);
struct crypto_hash dkim_verify_header_hash(const struct msg_head *head, const struct dkim_signature *signature,
					   const struct msg_field *own, enum dkim_canon form);
