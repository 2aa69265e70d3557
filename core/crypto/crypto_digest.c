#include "crypto_digest.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto_digest_priv.h"
#include "crypto_init.h"

static const struct {
	const char *name, *fetch;
	size_t size;
} algs[CRYPTO_ALG_COUNT] = {
	[CRYPTO_SHA256] = { "sha256", "SHA2-256", 32 },
	[CRYPTO_SHA1] = { "sha1", "SHA1", 20 },
	[CRYPTO_SHA512] = { "sha512", "SHA2-512", 64 },
	[CRYPTO_MD5] = { "md5", "MD5", 16 },
};

size_t crypto_hash_size(enum crypto_alg alg) { return algs[alg].size; }

const char *crypto_alg_name(enum crypto_alg alg) { return algs[alg].name; }

static EVP_MD *fetched[CRYPTO_ALG_COUNT];

static void fetch(enum crypto_alg alg)
{
	crypto_init();
	fetched[alg] = EVP_MD_fetch(NULL, algs[alg].fetch, NULL);
	if (fetched[alg] == NULL)
		base_out_of_memory();
}

static void fetch_sha256(void) { fetch(CRYPTO_SHA256); }
static void fetch_sha1(void) { fetch(CRYPTO_SHA1); }
static void fetch_sha512(void) { fetch(CRYPTO_SHA512); }
static void fetch_md5(void) { fetch(CRYPTO_MD5); }

const EVP_MD *crypto_digest_md(enum crypto_alg alg)
{
	static void (*const fetchers[CRYPTO_ALG_COUNT])(void) = {
		[CRYPTO_SHA256] = fetch_sha256,
		[CRYPTO_SHA1] = fetch_sha1,
		[CRYPTO_SHA512] = fetch_sha512,
		[CRYPTO_MD5] = fetch_md5,
	};
	static CRYPTO_ONCE once[CRYPTO_ALG_COUNT]; /* CRYPTO_ONCE_STATIC_INIT is 0 */
	if (CRYPTO_THREAD_run_once(&once[alg], fetchers[alg]) != 1)
		base_out_of_memory();
	return fetched[alg];
}

/* Digests of algorithms that are there cannot fail (EVP_Digest* return 0 for want of memory or of an algorithm). */
static void must(int ok)
{
	if (ok != 1)
		base_out_of_memory();
}

void crypto_digest_init(struct crypto_digest *digest, enum crypto_alg alg)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		base_out_of_memory();
	*digest = (struct crypto_digest){ ctx, alg };
	crypto_digest_reset(digest);
}

void crypto_digest_done(struct crypto_digest *digest)
{
	EVP_MD_CTX_free(digest->state);
	digest->state = NULL;
}

void crypto_digest_reset(struct crypto_digest *digest)
{
	must(EVP_DigestInit_ex2(digest->state, crypto_digest_md(digest->alg), NULL));
}

void crypto_digest_add(struct crypto_digest *digest, struct view bytes)
{
	if (bytes.n > 0)
		must(EVP_DigestUpdate(digest->state, bytes.p, bytes.n));
}

struct crypto_hash crypto_digest_final(struct crypto_digest *digest)
{
	struct crypto_hash hash = { .n = 0 };
	unsigned n = 0;
	must(EVP_DigestFinal_ex(digest->state, hash.octets, &n));
	hash.n = n;
	crypto_digest_reset(digest);
	return hash;
}

void crypto_digest_copy(struct crypto_digest *to, const struct crypto_digest *from)
{
	if (to->state == NULL) {
		to->state = EVP_MD_CTX_new();
		if (to->state == NULL)
			base_out_of_memory();
	}
	to->alg = from->alg;
	must(EVP_MD_CTX_copy_ex(to->state, from->state));
}

struct crypto_hash crypto_digest_of(enum crypto_alg alg, struct view bytes)
{
	struct crypto_hash hash = { .n = 0 };
	unsigned n = 0;
	must(EVP_Digest(bytes.p, bytes.n, hash.octets, &n, crypto_digest_md(alg), NULL));
	hash.n = n;
	return hash;
}

static enum err sink_add(struct sink *sink, struct view bytes, struct diag *diag)
{
	(void)diag;
	crypto_digest_add(((struct crypto_digest_sink *)sink)->digest, bytes);
	return ERR_OK;
}

void crypto_digest_sink_init(struct crypto_digest_sink *sink, struct crypto_digest *digest)
{
	*sink = (struct crypto_digest_sink){ { sink_add }, digest };
}

bool crypto_equal(struct view a, struct view b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}
