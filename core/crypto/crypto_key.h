#pragma once

#include "base_buf.h"
#include "crypto_digest.h"
#include "crypto_secret.h"

/*
 * Keys that sign and verify: RSA (PKCS#1 1.5) and Ed25519. A key is parsed once and then only read: any number of
 * threads may sign or verify with it at the same time; it keeps a few prepared contexts, so that nothing is set up
 * again for each signature.
 */
struct crypto_key;

enum crypto_key_type { CRYPTO_KEY_RSA, CRYPTO_KEY_ED25519 };

enum {
	CRYPTO_KEY_TEXT_MAX = 65536,      /* a private key file */
	CRYPTO_KEY_DER_MAX = 8192,        /* a public key */
	CRYPTO_SIGNATURE_MAX = 2048,      /* RSA of 16384 bits */
	CRYPTO_RSA_BITS_MAX = 8192,       /* beyond this a verification takes too long (auth.md 5.3) */
	CRYPTO_RSA_EXPONENT_BITS_MAX = 33 /* 2^32 + 1 is the largest ever seen in use */
};

void crypto_key_close(struct crypto_key *key); /* NULL is fine */
void crypto_key_auto_close(struct crypto_key **key);
#define CRYPTO_KEY_AUTO CLEANUP(crypto_key_auto_close)

enum crypto_key_type crypto_key_type(const struct crypto_key *key);
const char *crypto_key_type_name(enum crypto_key_type type); /* "rsa", "ed25519": the k= of DKIM */
unsigned crypto_key_bits(const struct crypto_key *key);      /* of the RSA modulus; 256 for Ed25519 */
bool crypto_key_is_private(const struct crypto_key *key);

/* Both have the same public half. */
bool crypto_key_match(const struct crypto_key *a, const struct crypto_key *b);

/*
 * A private key from text: PEM (PKCS#1, PKCS#8), or base64 of the 32 octets of an Ed25519 seed.
 *
 * name    what the text is called in errors (its path)
 * errors  ERR_DATA: no key, truncated, encrypted, public only, neither RSA nor Ed25519, RSA over CRYPTO_RSA_BITS_MAX
 */
MUST_CHECK enum err crypto_key_parse_private(struct view text, const char *name, struct crypto_key **out,
					     struct diag *diag);

/*
 * A private key from where a person said: the path of such a file, or an OpenSSL STORE URI ("pkcs11:token=x",
 * "file:/x"), for which OpenSSL's configuration is read first, so that its providers are there.
 *
 * shared  a file that others can read is accepted (--insecure-key-file)
 * errors  those of crypto_key_parse_private, ERR_NO_INPUT, ERR_IO, ERR_LIMIT, ERR_DENIED (others can read it)
 */
MUST_CHECK enum err crypto_key_load_private(const char *where, bool shared, struct crypto_key **out, struct diag *diag);
MUST_CHECK enum err crypto_key_read_private(int fd, const char *name, struct crypto_key **out, struct diag *diag);
bool crypto_key_is_uri(struct view where);

/*
 * A public key as DKIM publishes it, base64 taken off: for RSA SubjectPublicKeyInfo (RFC 6376 3.6.1) or, as RFC 6376's
 * other reading has it, RSAPublicKey (PKCS#1); for Ed25519 the 32 octets (RFC 8463 4.2), SubjectPublicKeyInfo is
 * accepted too. Octets behind the key, even or huge exponents, other algorithms than `type` are errors.
 *
 * bits    RSA moduli outside min..max are ERR_LIMIT; {0} means 1 to CRYPTO_RSA_BITS_MAX
 * errors  ERR_SYNTAX, ERR_DATA (another algorithm, a senseless exponent), ERR_LIMIT
 */
struct crypto_key_bits {
	unsigned min, max;
};
MUST_CHECK enum err crypto_key_parse_public(struct view der, enum crypto_key_type type, struct crypto_key_bits bits,
					    struct crypto_key **out, struct diag *diag);

/* PEM of a public key, a certificate's key, or a private key's public half (dkim-verify --key-file). */
MUST_CHECK enum err crypto_key_parse_public_pem(struct view text, const char *name, struct crypto_key **out,
						struct diag *diag);

/*
 * Sign a digest that is there already. RSA: PKCS#1 1.5 with the DigestInfo of `alg`. Ed25519 signs the octets of the
 * digest themselves (RFC 8463 3: PureEdDSA over the SHA-256 hash), alg only tells their number.
 *
 * out     gets the raw signature appended
 * errors  ERR_BUG (a public key, a hash of the wrong size), ERR_UNAVAILABLE (a token refused), ERR_LIMIT (out is full)
 */
MUST_CHECK enum err crypto_key_sign(const struct crypto_key *key, enum crypto_alg alg, const struct crypto_hash *hash,
				    struct buf *out, struct diag *diag);

/* True when the signature is good. SHA-1 is judged by the caller before: here it works. */
bool crypto_key_verify(const struct crypto_key *key, enum crypto_alg alg, const struct crypto_hash *hash,
		       struct view signature);

/* bits for RSA: 1024 to 8192, a multiple of 8. errors: ERR_DATA */
MUST_CHECK enum err crypto_key_generate(enum crypto_key_type type, unsigned bits, struct crypto_key **out,
					struct diag *diag);

/* PKCS#8 PEM, not encrypted. */
MUST_CHECK enum err crypto_key_write_private(const struct crypto_key *key, struct crypto_secret *out,
					     struct diag *diag);

/* What goes, in base64, into p= : SubjectPublicKeyInfo for RSA, the 32 octets for Ed25519. */
MUST_CHECK enum err crypto_key_write_public(const struct crypto_key *key, struct buf *out, struct diag *diag);

/* SubjectPublicKeyInfo for both types (TLSA selector 1, pins). */
MUST_CHECK enum err crypto_key_write_spki(const struct crypto_key *key, struct buf *out, struct diag *diag);
