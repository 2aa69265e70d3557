#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <unistd.h>

#include "base_ascii.h"
#include "base_base64.h"
#include "base_show.h"
#include "crypto_init.h"
#include "crypto_key_priv.h"

enum { ED25519_SEED = 32 };

static enum err seed_adopt(struct view seed, const char *name, struct crypto_key **out, struct diag *diag)
{
	crypto_init();
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, (const unsigned char *)seed.p, seed.n);
	if (pkey == NULL)
		return diag_set(diag, ERR_DATA, "%s: OpenSSL refuses the key: %s", name, crypto_reason());
	return crypto_key_adopt(pkey, true, name, out, diag);
}

static enum err not_whole(const char *name, struct diag *diag)
{
	return diag_set(diag, ERR_DATA, "%s: the private key is damaged or cut off; make or copy it again", name);
}

/* RSAPrivateKey (RFC 8017 A.1.2), two primes. */
static enum err parse_pkcs1(struct view der, const char *name, struct crypto_key **out, struct diag *diag)
{
	struct view body, version, parts[RSA_PARTS];
	if (!crypto_der_take(&der, DER_SEQUENCE, &body) || der.n != 0 || !crypto_der_uint(&body, &version))
		return not_whole(name, diag);
	if (!view_eq(version, view_of("", 1)))
		return diag_set(diag, ERR_DATA, "%s: an RSA key of more than two primes; nobody can use it for mail",
				name);
	for (size_t i = 0; i < RSA_PARTS; i++) {
		if (!crypto_der_uint(&body, &parts[i]))
			return not_whole(name, diag);
		if (parts[i].n > CRYPTO_RSA_BITS_MAX / 8)
			return diag_set(diag, ERR_LIMIT, "%s: an RSA key of more than %d bits", name,
					CRYPTO_RSA_BITS_MAX);
	}
	EVP_PKEY *pkey = body.n == 0 ? crypto_rsa_of_parts(parts, RSA_PARTS_PRIVATE) : NULL;
	return pkey == NULL ? not_whole(name, diag) : crypto_key_adopt(pkey, true, name, out, diag);
}

/*
 * PrivateKeyInfo (RFC 5208), and OneAsymmetricKey (RFC 5958), which adds the public key behind it: what stands behind
 * the private key is not needed and not read.
 */
static enum err parse_pkcs8(struct view der, const char *name, struct crypto_key **out, struct diag *diag)
{
	struct view body, version, algorithm, oid, inner, seed;
	if (!crypto_der_take(&der, DER_SEQUENCE, &body) || der.n != 0 || !crypto_der_uint(&body, &version) ||
	    !crypto_der_take(&body, DER_SEQUENCE, &algorithm) || !crypto_der_take(&algorithm, DER_OID, &oid) ||
	    !crypto_der_take(&body, DER_OCTETS, &inner))
		return not_whole(name, diag);
	if (view_eq(oid, VIEW("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")))
		return parse_pkcs1(inner, name, out, diag);
	if (!view_eq(oid, VIEW("\x2b\x65\x70")))
		return diag_set(diag, ERR_DATA, "%s: neither an RSA nor an Ed25519 key; DKIM knows no others", name);
	if (!crypto_der_take(&inner, DER_OCTETS, &seed) || inner.n != 0 || seed.n != ED25519_SEED)
		return not_whole(name, diag);
	return seed_adopt(seed, name, out, diag);
}

struct pem {
	struct view label, body;
};

/* The next block of RFC 7468; *rest goes on behind it. cut: a BEGIN without its END. */
static bool pem_next(struct view *rest, struct pem *out, bool *cut)
{
	struct view begin = VIEW("-----BEGIN "), dashes = VIEW("-----"), end = VIEW("-----END ");
	size_t at = view_find(*rest, begin);
	*cut = false;
	if (at == SIZE_MAX)
		return false;
	struct view in = view_from(*rest, at + begin.n);
	size_t label_end = view_find(in, dashes), body_end = view_find(in, end);
	if (label_end == SIZE_MAX || body_end == SIZE_MAX || body_end < label_end + dashes.n) {
		*cut = true;
		return false;
	}
	out->label = view_to(in, label_end);
	out->body = view_slice(in, label_end + dashes.n, body_end - label_end - dashes.n);
	*rest = view_from(in, body_end + end.n);
	return true;
}

static enum err encrypted(const char *name, struct diag *diag)
{
	return diag_set(diag, ERR_DATA,
			"%s: the private key is encrypted with a passphrase, which is not supported; remove it with "
			"`openssl pkey -in OLD -out NEW` and protect the file by its mode",
			name);
}

/* The decoded octets are secret too: one allocation, wiped. */
static enum err parse_base64(struct view text, const char *name, struct crypto_key **out, struct diag *diag,
			     enum err (*parse)(struct view, const char *, struct crypto_key **, struct diag *))
{
	BUF_AUTO struct buf der;
	buf_init(&der, text.n + 4);
	if (buf_room(&der, text.n + 4) == NULL)
		return not_whole(name, diag);
	enum err err = base64_decode(text, BASE64_STRICT, &der) ? parse(buf_view(&der), name, out, diag)
								: not_whole(name, diag);
	crypto_wipe(der.p, der.cap);
	return err;
}

static enum err parse_pem_block(const struct pem *pem, const char *name, struct crypto_key **out, struct diag *diag)
{
	if (view_find(pem->body, VIEW("ENCRYPTED")) != SIZE_MAX)
		return encrypted(name, diag);
	return parse_base64(pem->body, name, out, diag, view_is(pem->label, "PRIVATE KEY") ? parse_pkcs8 : parse_pkcs1);
}

static enum err pem_without_key(struct view seen, bool cut, const char *name, struct diag *diag)
{
	if (cut)
		return diag_set(diag, ERR_DATA, "%s: the key is cut off: its -----END line is missing", name);
	if (view_ends(seen, VIEW("PUBLIC KEY")) || view_is(seen, "CERTIFICATE"))
		return diag_set(diag, ERR_DATA, "%s: holds a %s; the private key is needed here", name,
				view_is(seen, "CERTIFICATE") ? "certificate" : "public key");
	return diag_set(diag, ERR_DATA, "%s: holds no RSA or Ed25519 private key (found \"%s\")", name, SHOW(seen));
}

static enum err parse_pem(struct view text, const char *name, struct crypto_key **out, struct diag *diag)
{
	struct pem pem = { .label = { "", 0 } };
	bool cut;
	for (struct view rest = text; pem_next(&rest, &pem, &cut);) {
		if (view_is(pem.label, "PRIVATE KEY") || view_is(pem.label, "RSA PRIVATE KEY"))
			return parse_pem_block(&pem, name, out, diag);
		if (view_is(pem.label, "ENCRYPTED PRIVATE KEY"))
			return encrypted(name, diag);
	}
	return pem_without_key(pem.label, cut, name, diag);
}

static enum err parse_seed(struct view octets, const char *name, struct crypto_key **out, struct diag *diag)
{
	if (octets.n != ED25519_SEED)
		return diag_set(diag, ERR_DATA,
				"%s: no private key: neither PEM nor the base64 of the 32 octets of an Ed25519 key",
				name);
	return seed_adopt(octets, name, out, diag);
}

enum err crypto_key_parse_private(struct view text, const char *name, struct crypto_key **out, struct diag *diag)
{
	struct view trimmed = view_trim(text);
	if (trimmed.n == 0)
		return diag_set(diag, ERR_DATA, "%s: empty; a private key was expected", name);
	if (view_find(trimmed, VIEW("-----BEGIN ")) != SIZE_MAX)
		return parse_pem(trimmed, name, out, diag);
	enum err err = trimmed.n > 64 ? ERR_DATA : parse_base64(trimmed, name, out, NULL, parse_seed);
	return err == ERR_OK ? ERR_OK : parse_seed(view_none(), name, out, diag);
}

enum err crypto_key_read_private(int fd, const char *name, struct crypto_key **out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	enum err err = crypto_secret_read_fd(&text, fd, name, CRYPTO_KEY_TEXT_MAX, diag);
	return err == ERR_OK ? crypto_key_parse_private(crypto_secret_view(&text), name, out, diag) : err;
}

/* RFC 3986 3.1; one letter is no scheme here. */
bool crypto_key_is_uri(struct view where)
{
	size_t n = 0;
	while (n < where.n && (ascii_is_alnum(view_at(where, n)) || strchr("+-.", where.p[n]) != NULL))
		n++;
	return n >= 2 && ascii_is_alpha(view_at(where, 0)) && view_at(where, n) == ':';
}

static EVP_PKEY *store_first_key(OSSL_STORE_CTX *store)
{
	EVP_PKEY *pkey = NULL;
	while (pkey == NULL && OSSL_STORE_eof(store) == 0) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);
		if (info == NULL)
			break;
		pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	return pkey;
}

/* No questions are asked of a terminal: a PIN stands in the URI (RFC 7512 pin-source) or in the configuration. */
static enum err load_uri(const char *uri, struct crypto_key **out, struct diag *diag)
{
	crypto_init_config();
	OSSL_STORE_CTX *store = OSSL_STORE_open(uri, UI_null(), NULL, NULL, NULL);
	if (store == NULL)
		return diag_set(diag, ERR_UNAVAILABLE,
				"%s: OpenSSL cannot open this store: %s (is its provider set up in openssl.cnf?)",
				SHOW(view_str(uri)), crypto_reason());
	EVP_PKEY *pkey = OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) == 1 ? store_first_key(store) : NULL;
	(void)OSSL_STORE_close(store);
	if (pkey == NULL)
		return diag_set(diag, ERR_DATA, "%s: no private key there: %s", SHOW(view_str(uri)), crypto_reason());
	return crypto_key_adopt(pkey, true, SHOW(view_str(uri)), out, diag);
}

enum err crypto_key_load_private(const char *where, bool shared, struct crypto_key **out, struct diag *diag)
{
	if (crypto_key_is_uri(view_str(where)) && access(where, F_OK) != 0) {
		if (strncmp(where, "file:", 5) != 0)
			return load_uri(where, out, diag);
		where += strncmp(where, "file://", 7) == 0 ? 7 : 5;
	}
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	enum err err = crypto_secret_read_file(&text, where, CRYPTO_KEY_TEXT_MAX, !shared, diag);
	return err == ERR_OK ? crypto_key_parse_private(crypto_secret_view(&text), where, out, diag) : err;
}
