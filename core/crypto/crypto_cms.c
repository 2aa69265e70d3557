#include "crypto_cms.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base_file.h"
#include "base_show.h"
#include "crypto_init.h"
#include "crypto_secret.h"

struct crypto_cms_signer {
	X509 *cert;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

static void bio_free(BIO **bio) { (void)BIO_free(*bio); }
static void cms_free(CMS_ContentInfo **cms) { CMS_ContentInfo_free(*cms); }
static void certs_free(STACK_OF(X509) * *certs) { sk_X509_pop_free(*certs, X509_free); }
static void method_free(BIO_METHOD **method) { BIO_meth_free(*method); }

/* A source as a BIO, so that OpenSSL pulls from it. What the source says about a failure is kept. */
struct pulled {
	struct source *source;
	struct diag *diag;
	enum err err;
};

static int pulled_read(BIO *bio, char *out, size_t cap, size_t *n)
{
	struct pulled *pulled = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	if (pulled->err != ERR_OK)
		return 0;
	pulled->err = source_read(pulled->source, out, cap, n, pulled->diag);
	return pulled->err == ERR_OK && *n > 0;
}

static long pulled_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	(void)bio;
	(void)num;
	(void)ptr;
	return cmd == BIO_CTRL_FLUSH;
}

struct pushed {
	struct sink *sink;
	struct diag *diag;
	enum err err;
};

static int pushed_write(BIO *bio, const char *in, size_t n, size_t *done)
{
	struct pushed *pushed = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	if (pushed->err == ERR_OK)
		pushed->err = sink_write(pushed->sink, view_of(in, n), pushed->diag);
	*done = n;
	return pushed->err == ERR_OK;
}

static BIO_METHOD *method_new(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "posthorn stream");
	if (method == NULL)
		base_out_of_memory();
	(void)BIO_meth_set_read_ex(method, pulled_read);
	(void)BIO_meth_set_write_ex(method, pushed_write);
	(void)BIO_meth_set_ctrl(method, pulled_ctrl);
	return method;
}

static BIO *bio_of(BIO_METHOD *method, void *data)
{
	BIO *bio = BIO_new(method);
	if (bio == NULL)
		base_out_of_memory();
	BIO_set_data(bio, data);
	BIO_set_init(bio, 1);
	return bio;
}

static enum err read_certs(const char *path, STACK_OF(X509) * *out, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, CRYPTO_CMS_FILE_MAX);
	enum err err = file_read(path, &text, diag);
	if (err != ERR_OK)
		return err;
	CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(text.n == 0 ? "" : text.p, (int)text.n);
	STACK_OF(X509) *certs = sk_X509_new_null();
	if (bio == NULL || certs == NULL)
		base_out_of_memory();
	for (X509 *cert; (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL;)
		(void)sk_X509_push(certs, cert);
	(void)crypto_reason();
	if (sk_X509_num(certs) == 0) {
		sk_X509_free(certs);
		return diag_set(diag, ERR_DATA, "%s: no certificate in it (PEM is expected)", SHOW(view_str(path)));
	}
	*out = certs;
	return ERR_OK;
}

static enum err check_validity(const char *path, X509 *cert, int64_t now_s, struct diag *diag)
{
	time_t now = (time_t)now_s;
	if (X509_cmp_time(X509_get0_notAfter(cert), &now) < 0)
		return diag_set(diag, ERR_DATA, "%s: the certificate has expired", SHOW(view_str(path)));
	if (X509_cmp_time(X509_get0_notBefore(cert), &now) > 0)
		return diag_set(diag, ERR_DATA, "%s: the certificate is not valid yet", SHOW(view_str(path)));
	return ERR_OK;
}

static enum err read_key(const char *path, EVP_PKEY **out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	enum err err = crypto_secret_read_file(&text, path, CRYPTO_CMS_FILE_MAX, true, diag);
	if (err != ERR_OK)
		return err;
	CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(text.n == 0 ? "" : text.p, (int)text.n);
	if (bio == NULL)
		base_out_of_memory();
	static char no_passphrase[] = "";
	*out = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_passphrase);
	if (*out == NULL)
		return diag_set(diag, ERR_DATA, "%s: no private key in it that can be read (PEM, not encrypted): %s",
				SHOW(view_str(path)), crypto_reason());
	return ERR_OK;
}

void crypto_cms_signer_close(struct crypto_cms_signer *signer)
{
	if (signer == NULL)
		return;
	X509_free(signer->cert);
	sk_X509_pop_free(signer->chain, X509_free);
	EVP_PKEY_free(signer->key);
	free(signer);
}

enum err crypto_cms_signer_load(const char *cert, const char *key, int64_t now_s, struct crypto_cms_signer **out,
				struct diag *diag)
{
	crypto_init();
	struct crypto_cms_signer *signer = calloc(1, sizeof *signer);
	if (signer == NULL)
		base_out_of_memory();
	enum err err = read_certs(cert, &signer->chain, diag);
	if (err == ERR_OK) {
		signer->cert = sk_X509_shift(signer->chain);
		err = check_validity(cert, signer->cert, now_s, diag);
	}
	if (err == ERR_OK)
		err = read_key(key != NULL ? key : cert, &signer->key, diag);
	if (err == ERR_OK && X509_check_private_key(signer->cert, signer->key) != 1)
		err = diag_set(diag, ERR_DATA, "%s: the private key does not belong to the certificate (%s)",
			       SHOW(view_str(key != NULL ? key : cert)), crypto_reason());
	if (err == ERR_OK)
		*out = signer;
	else
		crypto_cms_signer_close(signer);
	return err;
}

const char *crypto_cms_micalg(const struct crypto_cms_signer *signer)
{
	int type = EVP_PKEY_get_base_id(signer->key);
	return type == EVP_PKEY_ED25519 ? "sha-512" : "sha-256";
}

enum err crypto_cms_sign(const struct crypto_cms_signer *signer, struct source *content, struct buf *out,
			 struct diag *diag)
{
	const unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_STREAM;
	CLEANUP(cms_free) CMS_ContentInfo *cms = CMS_sign(NULL, NULL, signer->chain, NULL, flags);
	const EVP_MD *digest = EVP_PKEY_get_base_id(signer->key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
	if (cms == NULL || CMS_add1_signer(cms, signer->cert, signer->key, digest, flags) == NULL)
		return diag_set(diag, ERR_DATA, "this key cannot sign: %s", crypto_reason());
	struct pulled pulled = { content, diag, ERR_OK };
	CLEANUP(method_free) BIO_METHOD *method = method_new();
	CLEANUP(bio_free) BIO *in = bio_of(method, &pulled);
	int done = CMS_final(cms, in, NULL, flags);
	if (pulled.err != ERR_OK)
		return pulled.err;
	if (done != 1)
		return diag_set(diag, ERR_DATA, "signing failed: %s", crypto_reason());
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);
	if (n <= 0)
		return diag_set(diag, ERR_DATA, "signing failed: %s", crypto_reason());
	buf_put(out, view_of(der, (size_t)n));
	OPENSSL_free(der);
	return out->over ? diag_set(diag, ERR_LIMIT, "the signature is longer than %zu octets", out->max) : ERR_OK;
}

/* May mail be encrypted for it (RFC 8550 4.4.2)? Certificates without key usage may do anything. */
static enum err check_purpose(const char *path, X509 *cert, struct diag *diag)
{
	if (X509_check_purpose(cert, X509_PURPOSE_SMIME_ENCRYPT, 0) == 1)
		return ERR_OK;
	(void)crypto_reason();
	return diag_set(diag, ERR_DATA, "%s: the certificate's key usage does not allow to encrypt mail for it",
			SHOW(view_str(path)));
}

static enum err add_recipient(const char *path, int64_t now_s, STACK_OF(X509) * to, struct diag *diag)
{
	CLEANUP(certs_free) STACK_OF(X509) *certs = NULL;
	enum err err = read_certs(path, &certs, diag);
	if (err != ERR_OK)
		return err;
	X509 *cert = sk_X509_value(certs, 0);
	err = check_validity(path, cert, now_s, diag);
	if (err == ERR_OK)
		err = check_purpose(path, cert, diag);
	if (err == ERR_OK && (X509_up_ref(cert) != 1 || sk_X509_push(to, cert) <= 0))
		base_out_of_memory();
	return err;
}

enum err crypto_cms_encrypt(const char *const *certs, size_t n, int64_t now_s, struct source *content, struct sink *out,
			    struct diag *diag)
{
	crypto_init();
	if (n > CRYPTO_CMS_RECIPIENTS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d certificates (CRYPTO_CMS_RECIPIENTS_MAX)",
				CRYPTO_CMS_RECIPIENTS_MAX);
	CLEANUP(certs_free) STACK_OF(X509) *to = sk_X509_new_null();
	if (to == NULL)
		base_out_of_memory();
	for (size_t i = 0; i < n; i++) {
		enum err err = add_recipient(certs[i], now_s, to, diag);
		if (err != ERR_OK)
			return err;
	}
	const unsigned flags = CMS_STREAM | CMS_BINARY;
	CLEANUP(cms_free) CMS_ContentInfo *cms = CMS_encrypt(to, NULL, EVP_aes_256_cbc(), flags);
	if (cms == NULL)
		return diag_set(diag, ERR_DATA, "encrypting failed: %s", crypto_reason());
	struct pulled pulled = { content, diag, ERR_OK };
	struct pushed pushed = { out, diag, ERR_OK };
	CLEANUP(method_free) BIO_METHOD *method = method_new();
	CLEANUP(bio_free) BIO *in = bio_of(method, &pulled);
	CLEANUP(bio_free) BIO *to_bio = bio_of(method, &pushed);
	int done = i2d_CMS_bio_stream(to_bio, cms, in, (int)flags);
	if (pulled.err != ERR_OK || pushed.err != ERR_OK)
		return pulled.err != ERR_OK ? pulled.err : pushed.err;
	return done == 1 ? ERR_OK : diag_set(diag, ERR_DATA, "encrypting failed: %s", crypto_reason());
}
