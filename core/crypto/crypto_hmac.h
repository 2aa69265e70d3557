#pragma once

#include "crypto_digest.h"

/*
 * HMAC (RFC 2104) with a key that stays: the padded key is hashed once at init, each message then costs two blocks
 * less. A zeroed one can be given to done. One HMAC belongs to one thread at a time.
 */
struct crypto_hmac {
	struct crypto_digest inner, outer; /* with the padded key hashed in: never added to */
	struct crypto_digest run;
};

void crypto_hmac_init(struct crypto_hmac *hmac, enum crypto_alg alg, struct view key);
void crypto_hmac_done(struct crypto_hmac *hmac); /* wipes */
void crypto_hmac_add(struct crypto_hmac *hmac, struct view bytes);

/* The code of what was added; afterwards ready for the next message under the same key. */
struct crypto_hash crypto_hmac_final(struct crypto_hmac *hmac);

#define CRYPTO_HMAC_AUTO CLEANUP(crypto_hmac_done)

/* All at once. */
struct crypto_hash crypto_hmac_of(enum crypto_alg alg, struct view key, struct view bytes);
