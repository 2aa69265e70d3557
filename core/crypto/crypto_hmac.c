#include "crypto_hmac.h"

#include "crypto_secret.h"

enum { BLOCK_MAX = 128 };

static size_t block_size(enum crypto_alg alg) { return alg == CRYPTO_SHA512 ? 128 : 64; }

void crypto_hmac_init(struct crypto_hmac *hmac, enum crypto_alg alg, struct view key)
{
	unsigned char block[BLOCK_MAX] = { 0 };
	struct crypto_hash short_key = { .n = 0 };
	size_t size = block_size(alg);
	if (key.n > size) {
		short_key = crypto_digest_of(alg, key);
		key = crypto_hash_view(&short_key);
	}
	if (key.n > 0)
		memcpy(block, key.p, key.n);
	*hmac = (struct crypto_hmac){ 0 };
	crypto_digest_init(&hmac->inner, alg);
	crypto_digest_init(&hmac->outer, alg);
	for (size_t i = 0; i < size; i++)
		block[i] ^= 0x36;
	crypto_digest_add(&hmac->inner, view_of(block, size));
	for (size_t i = 0; i < size; i++)
		block[i] ^= 0x36 ^ 0x5c;
	crypto_digest_add(&hmac->outer, view_of(block, size));
	crypto_digest_copy(&hmac->run, &hmac->inner);
	crypto_wipe(block, sizeof block);
	crypto_wipe(&short_key, sizeof short_key);
}

/* EVP_MD_CTX_free clears the states. */
void crypto_hmac_done(struct crypto_hmac *hmac)
{
	crypto_digest_done(&hmac->inner);
	crypto_digest_done(&hmac->outer);
	crypto_digest_done(&hmac->run);
}

void crypto_hmac_add(struct crypto_hmac *hmac, struct view bytes) { crypto_digest_add(&hmac->run, bytes); }

struct crypto_hash crypto_hmac_final(struct crypto_hmac *hmac)
{
	struct crypto_hash inner = crypto_digest_final(&hmac->run);
	crypto_digest_copy(&hmac->run, &hmac->outer);
	crypto_digest_add(&hmac->run, crypto_hash_view(&inner));
	struct crypto_hash code = crypto_digest_final(&hmac->run);
	crypto_digest_copy(&hmac->run, &hmac->inner);
	return code;
}

struct crypto_hash crypto_hmac_of(enum crypto_alg alg, struct view key, struct view bytes)
{
	CRYPTO_HMAC_AUTO struct crypto_hmac hmac;
	crypto_hmac_init(&hmac, alg, key);
	crypto_hmac_add(&hmac, bytes);
	return crypto_hmac_final(&hmac);
}
