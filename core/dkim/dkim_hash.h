#pragma once

#include "crypto_digest.h"
#include "dkim_canon.h"
#include "dkim_input.h"
#include "dkim_signature.h"

/*
 * What signing and verifying hash alike: the fields that h= names and the body in the forms that the signatures want,
 * each form made once.
 */

/*
 * The fields of `list` (h=) in canonical form, CRLF behind each: of equal names the lowest first (RFC 6376 5.4.2), names that are
 * not there add nothing. `own` is the signature itself, never counted (NULL: not in the message). No field comes twice, so
 * the result is hardly longer than the header block.
 */
enum { DKIM_CANON_HEAD_MAX = MSG_HEAD_OCTETS_MAX * 2 };
void dkim_canon_fields(enum dkim_canon form, const struct msg_head *head, struct view list, const struct msg_field *own,
		       struct buf *out);
void dkim_hash_fields(enum dkim_canon form, const struct msg_head *head, struct view list, const struct msg_field *own,
		      struct crypto_digest *digest);

enum { DKIM_BODIES_MAX = 32 };

/* One hash of the body: asked for before the body is read. */
struct dkim_body_hash {
	enum dkim_canon form;
	enum crypto_alg alg;
	bool limited; /* l= */
	uint64_t limit;
	uint64_t total; /* octets of the whole canonical body */
	struct crypto_digest digest;
	struct crypto_hash hash;
};

struct dkim_bodies {
	struct dkim_body_hash at[DKIM_BODIES_MAX];
	size_t n;
	struct dkim_body forms[2];
	/* Sees the canonical body as it comes (--dump-canonical); may be NULL. */
	void (*tap)(void *ctx, enum dkim_canon form, struct view canonical);
	void *tap_ctx;
};

void dkim_bodies_init(struct dkim_bodies *bodies);
void dkim_bodies_done(struct dkim_bodies *bodies);
#define DKIM_BODIES_AUTO CLEANUP(dkim_bodies_done)

/* The index of the hash; equal ones share it. At most DKIM_BODIES_MAX different ones. */
size_t dkim_bodies_want(struct dkim_bodies *bodies, enum dkim_canon form, enum crypto_alg alg, bool limited,
			uint64_t limit);

/* Feed pieces of the body, then end: all hashes are there. */
void dkim_bodies_start(struct dkim_bodies *bodies);
void dkim_bodies_feed(struct dkim_bodies *bodies, struct view bytes);
void dkim_bodies_end(struct dkim_bodies *bodies);

/* The rest of the input through all of that. *nul (may be NULL): the body holds a NUL. */
MUST_CHECK enum err dkim_bodies_read(struct dkim_bodies *bodies, struct dkim_input *input, bool *nul,
				     struct diag *diag);
