#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto_init.h"
#include "crypto_key_priv.h"

enum { ED25519_OCTETS = 32 };

/* OSSL_PARAM numbers are in the machine's order, DER's are big-endian. */
static void native_order(unsigned char *out, struct view big_endian)
{
	for (size_t i = 0; i < big_endian.n; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		out[i] = (unsigned char)big_endian.p[big_endian.n - 1 - i];
#else
		out[i] = (unsigned char)big_endian.p[i];
#endif
	}
}

EVP_PKEY *crypto_rsa_of_parts(const struct view *parts, size_t count)
{
	static const char *const names[RSA_PARTS] = {
		OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	unsigned char store[CRYPTO_RSA_BITS_MAX]; /* eight numbers of at most CRYPTO_RSA_BITS_MAX / 8 octets */
	OSSL_PARAM params[RSA_PARTS + 1];
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		assert(parts[i].n <= CRYPTO_RSA_BITS_MAX / 8);
		native_order(store + used, parts[i]);
		params[i] = OSSL_PARAM_construct_BN(names[i], store + used, parts[i].n);
		used += parts[i].n;
	}
	params[count] = OSSL_PARAM_construct_end();
	crypto_init();
	EVP_PKEY *pkey = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, count == RSA_PARTS_PUBLIC ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR, params) !=
		    1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	crypto_wipe(store, used);
	ERR_clear_error();
	return pkey;
}

/* SubjectPublicKeyInfo (RFC 5280 4.1) around the key bits; the algorithm's identifier is compared, parameters of RSA must be NULL or absent. */
static bool take_spki(struct view der, struct view *oid, struct view *params, struct view *bits)
{
	struct view outer, algorithm;
	if (!crypto_der_take(&der, DER_SEQUENCE, &outer) || der.n != 0 ||
	    !crypto_der_take(&outer, DER_SEQUENCE, &algorithm) || !crypto_der_take(&algorithm, DER_OID, oid) ||
	    !crypto_der_take(&outer, DER_BITS, bits) || outer.n != 0 || view_at(*bits, 0) != 0)
		return false;
	*params = algorithm;
	*bits = view_from(*bits, 1);
	return true;
}

static unsigned bit_length(struct view magnitude)
{
	if (magnitude.n == 0)
		return 0;
	unsigned top = (unsigned char)magnitude.p[0], bits = 0;
	for (; top != 0; top >>= 1)
		bits++;
	return (unsigned)(magnitude.n - 1) * 8 + bits;
}

static enum err rsa_judge(struct view n, struct view e, struct crypto_key_bits bits, struct diag *diag)
{
	unsigned have = bit_length(n), max = bits.max == 0 ? CRYPTO_RSA_BITS_MAX : bits.max;
	if (have < bits.min || have > max || have > CRYPTO_RSA_BITS_MAX)
		return diag_set(diag, ERR_LIMIT, "an RSA key of %u bits; %u to %u are accepted", have, bits.min,
				max < CRYPTO_RSA_BITS_MAX ? max : CRYPTO_RSA_BITS_MAX);
	if (have < 256 || (view_last(n) & 1) == 0)
		return diag_set(diag, ERR_DATA, "an RSA modulus that cannot be one (%u bits%s)", have,
				(view_last(n) & 1) == 0 ? ", even" : "");
	unsigned e_bits = bit_length(e);
	if (e_bits < 2 || e_bits > CRYPTO_RSA_EXPONENT_BITS_MAX || (view_last(e) & 1) == 0)
		return diag_set(diag, ERR_DATA, "an RSA exponent that nobody should use (%s, %u bits)",
				(view_last(e) & 1) == 0 ? "even" : "odd", e_bits);
	return ERR_OK;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 A.1.1) */
static enum err parse_pkcs1(struct view der, struct crypto_key_bits bits, struct crypto_key **out, struct diag *diag)
{
	struct view body, parts[RSA_PARTS_PUBLIC];
	if (!crypto_der_take(&der, DER_SEQUENCE, &body) || der.n != 0)
		return diag_set(diag, ERR_SYNTAX, "not a whole RSA public key (truncated, or octets behind it)");
	if (!crypto_der_uint(&body, &parts[0]) || !crypto_der_uint(&body, &parts[1]) || body.n != 0)
		return diag_set(diag, ERR_SYNTAX, "not an RSA public key: modulus and exponent expected");
	enum err err = rsa_judge(parts[0], parts[1], bits, diag);
	if (err != ERR_OK)
		return err;
	EVP_PKEY *pkey = crypto_rsa_of_parts(parts, RSA_PARTS_PUBLIC);
	if (pkey == NULL)
		return diag_set(diag, ERR_DATA, "an RSA key that OpenSSL refuses");
	return crypto_key_adopt(pkey, false, "public key", out, diag);
}

static enum err parse_rsa(struct view der, struct crypto_key_bits bits, struct crypto_key **out, struct diag *diag)
{
	struct view rsa_encryption = VIEW("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), null = VIEW("\x05\x00");
	struct view oid, params, key;
	if (!take_spki(der, &oid, &params, &key))
		return parse_pkcs1(der, bits, out, diag);
	if (!view_eq(oid, rsa_encryption))
		return diag_set(diag, ERR_DATA, "the key is not an RSA key");
	if (params.n != 0 && !view_eq(params, null))
		return diag_set(diag, ERR_SYNTAX, "an RSA key with parameters in its algorithm identifier");
	return parse_pkcs1(key, bits, out, diag);
}

static enum err parse_ed25519(struct view der, struct crypto_key **out, struct diag *diag)
{
	struct view oid, params, key = der;
	if (der.n != ED25519_OCTETS) {
		if (!take_spki(der, &oid, &params, &key) || key.n != ED25519_OCTETS)
			return diag_set(diag, ERR_SYNTAX, "an Ed25519 key has 32 octets, this has %zu", der.n);
		if (!view_eq(oid, VIEW("\x2b\x65\x70")) || params.n != 0)
			return diag_set(diag, ERR_DATA, "the key is not an Ed25519 key");
	}
	crypto_init();
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, (const unsigned char *)key.p, key.n);
	if (pkey == NULL)
		return diag_set(diag, ERR_DATA, "an Ed25519 key that OpenSSL refuses: %s", crypto_reason());
	return crypto_key_adopt(pkey, false, "public key", out, diag);
}

enum err crypto_key_parse_public(struct view der, enum crypto_key_type type, struct crypto_key_bits bits,
				 struct crypto_key **out, struct diag *diag)
{
	if (der.n > CRYPTO_KEY_DER_MAX)
		return diag_set(diag, ERR_LIMIT, "a public key of %zu octets; at most %d are read", der.n,
				CRYPTO_KEY_DER_MAX);
	return type == CRYPTO_KEY_RSA ? parse_rsa(der, bits, out, diag) : parse_ed25519(der, out, diag);
}
