#include "crypto_key.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "crypto_digest_priv.h"
#include "crypto_init.h"
#include "crypto_key_priv.h"

/* RSA signs with an EVP_PKEY_CTX, Ed25519 only knows the one-shot interface of EVP_MD_CTX. */
static void context_free(const struct crypto_key *key, void *ctx)
{
	if (key->type == CRYPTO_KEY_RSA)
		EVP_PKEY_CTX_free(ctx);
	else
		EVP_MD_CTX_free(ctx);
}

void crypto_key_close(struct crypto_key *key)
{
	if (key == NULL)
		return;
	for (size_t i = 0; i < CRYPTO_POOL; i++)
		context_free(key, atomic_load(&key->pool->idle[i]));
	EVP_PKEY_free(key->pkey);
	free(key->pool);
	free(key);
}

void crypto_key_auto_close(struct crypto_key **key)
{
	crypto_key_close(*key);
	*key = NULL;
}

static enum err adopt_refused(EVP_PKEY *pkey, const char *name, struct diag *diag)
{
	const char *type = EVP_PKEY_get0_type_name(pkey);
	enum err err = diag_set(diag, ERR_DATA, "%s: a key of type %s; RSA and Ed25519 keys are what DKIM knows", name,
				type == NULL ? "unknown" : type);
	EVP_PKEY_free(pkey);
	return err;
}

enum err crypto_key_adopt(EVP_PKEY *pkey, bool private, const char *name, struct crypto_key **out, struct diag *diag)
{
	bool rsa = EVP_PKEY_is_a(pkey, "RSA") == 1;
	if (!rsa && EVP_PKEY_is_a(pkey, "ED25519") != 1)
		return adopt_refused(pkey, name, diag);
	if (rsa && EVP_PKEY_get_bits(pkey) > CRYPTO_RSA_BITS_MAX) {
		int bits = EVP_PKEY_get_bits(pkey);
		EVP_PKEY_free(pkey);
		return diag_set(diag, ERR_LIMIT, "%s: an RSA key of %d bits; at most %d are used", name, bits,
				CRYPTO_RSA_BITS_MAX);
	}
	struct crypto_key *key = calloc(1, sizeof *key);
	struct crypto_pool *pool = calloc(1, sizeof *pool);
	if (key == NULL || pool == NULL)
		base_out_of_memory();
	*key = (struct crypto_key){ pkey, rsa ? CRYPTO_KEY_RSA : CRYPTO_KEY_ED25519, private, pool };
	*out = key;
	return ERR_OK;
}

enum crypto_key_type crypto_key_type(const struct crypto_key *key) { return key->type; }

const char *crypto_key_type_name(enum crypto_key_type type) { return type == CRYPTO_KEY_RSA ? "rsa" : "ed25519"; }

unsigned crypto_key_bits(const struct crypto_key *key)
{
	return key->type == CRYPTO_KEY_RSA ? (unsigned)EVP_PKEY_get_bits(key->pkey) : 256;
}

bool crypto_key_is_private(const struct crypto_key *key) { return key->private; }

bool crypto_key_match(const struct crypto_key *a, const struct crypto_key *b)
{
	bool same = a->type == b->type && EVP_PKEY_eq(a->pkey, b->pkey) == 1;
	ERR_clear_error();
	return same;
}

static bool rsa_context_setup(EVP_PKEY_CTX *ctx, enum crypto_alg alg)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_signature_md(ctx, crypto_digest_md(alg)) == 1;
}

static EVP_PKEY_CTX *rsa_sign_context(const struct crypto_key *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 && rsa_context_setup(ctx, CRYPTO_SHA256))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static EVP_MD_CTX *ed25519_sign_context(const struct crypto_key *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx != NULL && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

static void *context_take(const struct crypto_key *key)
{
	for (size_t i = 0; i < CRYPTO_POOL; i++) {
		void *ctx = atomic_exchange(&key->pool->idle[i], NULL);
		if (ctx != NULL)
			return ctx;
	}
	return key->type == CRYPTO_KEY_RSA ? (void *)rsa_sign_context(key) : (void *)ed25519_sign_context(key);
}

static void context_give(const struct crypto_key *key, void *ctx)
{
	for (size_t i = 0; i < CRYPTO_POOL; i++) {
		void *none = NULL;
		if (atomic_compare_exchange_strong(&key->pool->idle[i], &none, ctx))
			return;
	}
	context_free(key, ctx);
}

enum err crypto_key_sign(const struct crypto_key *key, enum crypto_alg alg, const struct crypto_hash *hash,
			 struct buf *out, struct diag *diag)
{
	if (!key->private || alg != CRYPTO_SHA256 || hash->n != crypto_hash_size(alg))
		return diag_set(diag, ERR_BUG, "signing wants a private key and a SHA-256 hash");
	unsigned char signature[CRYPTO_SIGNATURE_MAX];
	size_t n = sizeof signature;
	void *ctx = context_take(key);
	int ok = ctx == NULL                   ? 0
		 : key->type == CRYPTO_KEY_RSA ? EVP_PKEY_sign(ctx, signature, &n, hash->octets, hash->n)
					       : EVP_DigestSign(ctx, signature, &n, hash->octets, hash->n);
	if (ok != 1) {
		context_free(key, ctx);
		return diag_set(diag, ERR_UNAVAILABLE, "cannot sign with this key: %s", crypto_reason());
	}
	context_give(key, ctx);
	buf_put(out, view_of(signature, n));
	return buf_err(out) == ERR_OK ? ERR_OK : diag_set(diag, ERR_LIMIT, "no room for a signature of %zu octets", n);
}

static bool rsa_verify(const struct crypto_key *key, enum crypto_alg alg, const struct crypto_hash *hash,
		       struct view signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 && rsa_context_setup(ctx, alg) &&
		    EVP_PKEY_verify(ctx, (const unsigned char *)signature.p, signature.n, hash->octets, hash->n) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good;
}

static bool ed25519_verify(const struct crypto_key *key, const struct crypto_hash *hash, struct view signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
		    EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n, hash->octets, hash->n) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

bool crypto_key_verify(const struct crypto_key *key, enum crypto_alg alg, const struct crypto_hash *hash,
		       struct view signature)
{
	if (hash->n != crypto_hash_size(alg) || signature.n == 0)
		return false;
	bool good = key->type == CRYPTO_KEY_RSA ? rsa_verify(key, alg, hash, signature)
						: ed25519_verify(key, hash, signature);
	ERR_clear_error();
	return good;
}
