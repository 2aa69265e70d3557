#pragma once

#include "base_buf.h"
#include "base_stream.h"
#include "base_view.h"

/*
 * Message digests. Nothing is initialised before the first use (the first costs about 1 ms), each algorithm is fetched
 * once, and OpenSSL's configuration file is never read for them. None of these can fail but for want of memory, which
 * ends the program; so there is nothing to check.
 *
 *	struct crypto_digest d;
 *	crypto_digest_init(&d, CRYPTO_SHA256);
 *	crypto_digest_add(&d, bytes);
 *	struct crypto_hash h = crypto_digest_final(&d);   (reset: ready for the next message)
 *	crypto_digest_done(&d);
 *
 * One digest belongs to one thread at a time; different ones need no lock.
 */
enum crypto_alg { CRYPTO_SHA256, CRYPTO_SHA1, CRYPTO_SHA512, CRYPTO_MD5 };
enum { CRYPTO_ALG_COUNT = 4, CRYPTO_HASH_MAX = 64 };

struct crypto_hash {
	unsigned char octets[CRYPTO_HASH_MAX];
	size_t n;
};

static inline struct view crypto_hash_view(const struct crypto_hash *hash) { return view_of(hash->octets, hash->n); }
size_t crypto_hash_size(enum crypto_alg alg);
const char *crypto_alg_name(enum crypto_alg alg); /* "sha256": as DKIM and Digest headers write it */

struct crypto_digest {
	void *state;
	enum crypto_alg alg;
};

void crypto_digest_init(struct crypto_digest *digest, enum crypto_alg alg);
void crypto_digest_done(struct crypto_digest *digest); /* fine when zeroed or done already */
void crypto_digest_add(struct crypto_digest *digest, struct view bytes);

/* The hash of what was added; afterwards the digest is as after init. */
struct crypto_hash crypto_digest_final(struct crypto_digest *digest);

/* Forget what was added. */
void crypto_digest_reset(struct crypto_digest *digest);

/*
 * to becomes a copy of from, state included: hash a common beginning once, copy, go on. `to` must be initialised or
 * zeroed; what it held is dropped, its memory is used again.
 */
void crypto_digest_copy(struct crypto_digest *to, const struct crypto_digest *from);

#define CRYPTO_DIGEST_AUTO CLEANUP(crypto_digest_done)

/* All at once. */
struct crypto_hash crypto_digest_of(enum crypto_alg alg, struct view bytes);

/* A sink that hashes (stream_copy into it); the digest belongs to the caller. */
struct crypto_digest_sink {
	struct sink sink;
	struct crypto_digest *digest;
};
void crypto_digest_sink_init(struct crypto_digest_sink *sink, struct crypto_digest *digest);

/* Same length and same octets, in time that does not depend on where they differ. */
bool crypto_equal(struct view a, struct view b);
