#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base_show.h"
#include "crypto_init.h"
#include "crypto_key_priv.h"

static void pkey_ctx_free(EVP_PKEY_CTX **ctx) { EVP_PKEY_CTX_free(*ctx); }

enum err crypto_key_generate(enum crypto_key_type type, unsigned bits, struct crypto_key **out, struct diag *diag)
{
	bool rsa = type == CRYPTO_KEY_RSA;
	if (rsa && (bits < 1024 || bits > CRYPTO_RSA_BITS_MAX || bits % 8 != 0))
		return diag_set(diag, ERR_DATA, "RSA keys are made with 1024 to %d bits, not %u", CRYPTO_RSA_BITS_MAX,
				bits);
	crypto_init();
	EVP_PKEY *pkey = NULL;
	CLEANUP(pkey_ctx_free)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, rsa ? "RSA" : "ED25519", NULL);
	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    (rsa && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) != 1) || EVP_PKEY_generate(ctx, &pkey) != 1)
		return diag_set(diag, ERR_UNAVAILABLE, "OpenSSL cannot make a key: %s", crypto_reason());
	return crypto_key_adopt(pkey, true, "new key", out, diag);
}

enum err crypto_key_write_private(const struct crypto_key *key, struct crypto_secret *out, struct diag *diag)
{
	BIO *bio = BIO_new(BIO_s_mem());
	if (bio == NULL)
		base_out_of_memory();
	char *p = NULL;
	bool ok = key->private && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1;
	long n = ok ? BIO_get_mem_data(bio, &p) : 0;
	if (ok && n > 0)
		crypto_secret_set(out, view_of(p, (size_t)n));
	if (p != NULL)
		crypto_wipe(p, (size_t)n);
	(void)BIO_free(bio);
	return ok ? ERR_OK
		  : diag_set(diag, ERR_UNAVAILABLE, "the private key cannot be taken out: %s", crypto_reason());
}

enum err crypto_key_write_spki(const struct crypto_key *key, struct buf *out, struct diag *diag)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key->pkey, &der);
	if (n <= 0)
		return diag_set(diag, ERR_UNAVAILABLE, "the public key cannot be written: %s", crypto_reason());
	buf_put(out, view_of(der, (size_t)n));
	OPENSSL_free(der);
	return buf_err(out) == ERR_OK ? ERR_OK : diag_set(diag, ERR_LIMIT, "no room for a public key of %d octets", n);
}

enum err crypto_key_write_public(const struct crypto_key *key, struct buf *out, struct diag *diag)
{
	if (key->type == CRYPTO_KEY_RSA)
		return crypto_key_write_spki(key, out, diag);
	unsigned char raw[32];
	size_t n = sizeof raw;
	if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &n) != 1)
		return diag_set(diag, ERR_UNAVAILABLE, "the public key cannot be written: %s", crypto_reason());
	buf_put(out, view_of(raw, n));
	return buf_err(out) == ERR_OK ? ERR_OK : diag_set(diag, ERR_LIMIT, "no room for a public key of %zu octets", n);
}

static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
	(void)buf, (void)size, (void)writing, (void)ctx;
	return -1;
}

static EVP_PKEY *certificate_key(BIO *bio)
{
	(void)BIO_seek(bio, 0);
	X509 *cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	EVP_PKEY *pkey = cert == NULL ? NULL : X509_get_pubkey(cert);
	X509_free(cert);
	return pkey;
}

enum err crypto_key_parse_public_pem(struct view text, const char *name, struct crypto_key **out, struct diag *diag)
{
	if (text.n > CRYPTO_KEY_TEXT_MAX)
		return diag_set(diag, ERR_LIMIT, "%s: larger than the %d octets a key may have", name,
				CRYPTO_KEY_TEXT_MAX);
	if (view_find(text, VIEW("PRIVATE KEY-----")) != SIZE_MAX) {
		enum err err = crypto_key_parse_private(text, name, out, diag);
		if (err == ERR_OK)
			(*out)->private = false;
		return err;
	}
	crypto_init();
	BIO *bio = BIO_new_mem_buf(text.n == 0 ? "" : text.p, (int)text.n);
	if (bio == NULL)
		base_out_of_memory();
	EVP_PKEY *pkey = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	if (pkey == NULL)
		pkey = certificate_key(bio);
	(void)BIO_free(bio);
	ERR_clear_error();
	if (pkey == NULL)
		return diag_set(diag, ERR_DATA, "%s: holds no public key or certificate in PEM", name);
	return crypto_key_adopt(pkey, false, name, out, diag);
}
