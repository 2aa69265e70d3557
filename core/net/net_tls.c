#include "net_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_num.h"
#include "base_show.h"
#include "crypto_init.h"
#include "crypto_secret.h"
#include "crypto_trust.h"
#include "net_tls_ossl.h"

enum { NET_TLS_KEY_MAX = 256 << 10 };

/* The socket under TLS: like OpenSSL's own, but a peer that is gone is an error and not a signal. */
static int bio_read(BIO *bio, char *out, int cap)
{
	ssize_t n = recv(*(int *)BIO_get_data(bio), out, (size_t)cap, 0);
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	if (n == 0 && cap > 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return (int)n;
}

static int bio_write(BIO *bio, const char *in, int len)
{
	ssize_t n = send(*(int *)BIO_get_data(bio), in, (size_t)len, MSG_NOSIGNAL);
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)n;
}

static long bio_ctrl(BIO *bio, int cmd, long number, void *pointer)
{
	(void)number, (void)pointer;
	if (cmd == BIO_CTRL_EOF)
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	return cmd == BIO_CTRL_FLUSH || cmd == BIO_CTRL_DUP;
}

static BIO_METHOD *bio_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "posthorn socket");
	if (method == NULL || BIO_meth_set_read(method, bio_read) != 1 || BIO_meth_set_write(method, bio_write) != 1 ||
	    BIO_meth_set_ctrl(method, bio_ctrl) != 1)
		base_out_of_memory();
	return method;
}

static SSL_CTX *context(void)
{
	crypto_init();
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 || SSL_CTX_dane_enable(ctx) != 1)
		base_out_of_memory();
	/* Many servers close without close_notify; SMTP knows where its replies end, so nothing can be cut off unseen. */
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, net_tls_ticket_new);
	/* RFC 7672 3.1.1: with usage 3 neither names nor dates count. */
	(void)SSL_CTX_dane_set_flags(ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (uint8_t matching = 1; matching <= 2; matching++)
		(void)SSL_CTX_dane_mtype_set(ctx, matching == 1 ? EVP_sha256() : EVP_sha512(), matching, matching);
	return ctx;
}

static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf, (void)size, (void)writing;
	*(bool *)asked = true;
	return -1;
}

static enum err use_key(struct net_tls *tls, const char *path, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	enum err err = crypto_secret_read_file(&text, path, NET_TLS_KEY_MAX, true, diag);
	if (err != ERR_OK)
		return err;
	bool encrypted = false;
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
	if (bio == NULL)
		base_out_of_memory();
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &encrypted);
	(void)BIO_free(bio);
	int used = key == NULL ? 0 : SSL_CTX_use_PrivateKey(tls->ctx, key);
	EVP_PKEY_free(key);
	if (used == 1 && SSL_CTX_check_private_key(tls->ctx) == 1)
		return ERR_OK;
	bool found = key != NULL;
	ERR_clear_error();
	return diag_set(diag, ERR_DATA, "%s: %s", path,
			encrypted ? "the key is encrypted with a passphrase; remove it with `openssl pkey` and protect "
				    "the file by its mode"
			: found   ? "the key does not belong to the client certificate"
				  : "no private key in it");
}

static enum err use_client_certificate(struct net_tls *tls, const struct net_tls_opts *opts, struct diag *diag)
{
	if (access(opts->cert_file, R_OK) != 0)
		return diag_errno(diag, opts->cert_file, errno);
	if (SSL_CTX_use_certificate_chain_file(tls->ctx, opts->cert_file) != 1) {
		ERR_clear_error();
		return diag_set(diag, ERR_DATA, "%s: no certificate in PEM form in it", opts->cert_file);
	}
	return use_key(tls, opts->key_file == NULL ? opts->cert_file : opts->key_file, diag);
}

/* A certificate that is named is trusted as it is, also one that is no root. */
static enum err use_ca_file(struct net_tls *tls, const char *path, struct diag *diag)
{
	if (access(path, R_OK) != 0)
		return diag_errno(diag, path, errno);
	if (SSL_CTX_load_verify_file(tls->ctx, path) != 1) {
		ERR_clear_error();
		return diag_set(diag, ERR_DATA, "%s: no CA certificate in PEM form in it", path);
	}
	(void)X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(tls->ctx), X509_V_FLAG_PARTIAL_CHAIN);
	tls->named_trust = tls->trust = true;
	return ERR_OK;
}

enum err net_tls_open(const struct net_tls_opts *opts, struct net_tls **out, struct diag *diag)
{
	struct net_tls *tls = calloc(1, sizeof *tls);
	if (tls == NULL)
		base_out_of_memory();
	tls->ctx = context();
	tls->bio = bio_method();
	enum err err = opts->ca_file == NULL ? ERR_OK : use_ca_file(tls, opts->ca_file, diag);
	if (err == ERR_OK && opts->cert_file != NULL)
		err = use_client_certificate(tls, opts, diag);
	if (err == ERR_OK)
		*out = tls;
	else
		net_tls_close(tls);
	return err;
}

void net_tls_close(struct net_tls *tls)
{
	if (tls == NULL)
		return;
	for (size_t i = 0; i < NET_TLS_TICKETS; i++)
		SSL_SESSION_free(tls->tickets[i].session);
	SSL_CTX_free(tls->ctx);
	BIO_meth_free(tls->bio);
	free(tls);
}

void net_tls_auto_close(struct net_tls **tls)
{
	net_tls_close(*tls);
	*tls = NULL;
}

enum err net_tls_trust_system(struct net_tls *tls, struct diag *diag)
{
	struct crypto_trust trust;
	if (tls->trust)
		return ERR_OK;
	if (crypto_trust_find(&trust))
		tls->trust = (trust.dir == NULL || SSL_CTX_load_verify_dir(tls->ctx, trust.dir) == 1) &&
			     (trust.file == NULL || SSL_CTX_load_verify_file(tls->ctx, trust.file) == 1);
	ERR_clear_error();
	if (tls->trust)
		return ERR_OK;
	if (trust.file != NULL)
		return diag_set(diag, ERR_CONFIG, "%s: no certificates of trusted CAs can be read from it", trust.file);
	return diag_set(diag, ERR_CONFIG,
			"no certificates of trusted CAs on this machine: install ca-certificates, or name a file "
			"(--tls-ca)");
}

enum err net_tls_parse_pin(struct view text, unsigned char out[NET_TLS_PIN_OCTETS], struct diag *diag)
{
	unsigned char octets[64];
	size_t n = 0;
	struct view hex = view_trim(text);
	if (view_starts_case(hex, VIEW("sha256:")))
		hex = view_from(hex, 7);
	if (!num_parse_hex_bytes(hex, octets, sizeof octets, &n))
		return diag_set(diag, ERR_DATA, "a fingerprint is 64 hexadecimal digits (SHA-256), not \"%s\"",
				SHOW(text));
	if (n != NET_TLS_PIN_OCTETS)
		return diag_set(diag, ERR_DATA,
				n == 20 ? "a SHA-1 fingerprint proves nothing any more; give the SHA-256 one (openssl "
					  "x509 -noout -fingerprint -sha256, or posthorn send --server-info)"
				: n == 16 ? "an MD5 fingerprint proves nothing; give the SHA-256 one"
					  : "a SHA-256 fingerprint has 64 hexadecimal digits, this has %zu",
				n * 2);
	memcpy(out, octets, NET_TLS_PIN_OCTETS);
	return ERR_OK;
}
