#pragma once

#include "crypto_digest.h"
#include "dkim_fold.h"
#include "dkim_sign.h"

/*
 * One signature field from its parts: what dkim_sign and the ARC sealer share.
 */
struct dkim_make {
	const char *name;  /* "DKIM-Signature" */
	const char *first; /* its first tag: "v=1;", "i=3;" */
	int64_t timestamp, expires;
	const struct crypto_digest *fields;  /* with the signed fields added, in the signer's form */
	const struct crypto_hash *body_hash; /* of the body in the signer's form */
};

/*
 * made    signer and headers are set; the rest is filled in, views into the arena
 * errors  ERR_LIMIT, ERR_UNAVAILABLE (a token refused to sign)
 */
MUST_CHECK enum err dkim_make_field(const struct dkim_make *make, struct arena *arena, struct dkim_made *made,
				    struct diag *diag);

/* What comes last in any such field: digest signed, base64 behind the "b=" that folder ends with, CRLF. */
MUST_CHECK enum err dkim_make_end(struct dkim_folder *folder, const struct crypto_key *key,
				  struct crypto_digest *digest, struct arena *arena, struct view *signature,
				  struct view *field, struct diag *diag);

const char *dkim_make_algorithm(const struct crypto_key *key); /* "rsa-sha256" */
struct view dkim_make_base64(struct arena *arena, struct view bytes);
