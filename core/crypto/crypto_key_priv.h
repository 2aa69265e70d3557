#pragma once

#include <openssl/types.h>
#include <stdatomic.h>

#include "crypto_key.h"

/*
 * Prepared signing contexts that nobody uses at the moment. Taking and giving back is one atomic exchange a slot; a
 * thread that finds none makes its own, and what does not fit is freed.
 */
enum { CRYPTO_POOL = 8 };
struct crypto_pool {
	_Atomic(void *) idle[CRYPTO_POOL];
};

struct crypto_key {
	EVP_PKEY *pkey;
	enum crypto_key_type type;
	bool private;
	struct crypto_pool *pool;
};

/* Takes over pkey (frees it on failure too). errors: ERR_DATA when it is neither RSA nor Ed25519, or RSA is too large */
enum err crypto_key_adopt(EVP_PKEY *pkey, bool private, const char *name, struct crypto_key **out, struct diag *diag);

/* From numbers in DER form: the integers of RSAPrivateKey (8) or RSAPublicKey (2), big-endian without sign octet. */
enum { RSA_PARTS_PUBLIC = 2, RSA_PARTS_PRIVATE = 8, RSA_PARTS = 8 };
EVP_PKEY *crypto_rsa_of_parts(const struct view *parts, size_t count);

/* A strict DER reader (X.690 10): the body of the next element when it has this tag; *rest goes on behind it. */
enum { DER_INTEGER = 0x02, DER_BITS = 0x03, DER_OCTETS = 0x04, DER_OID = 0x06, DER_SEQUENCE = 0x30 };
bool crypto_der_take(struct view *rest, int tag, struct view *body);
bool crypto_der_uint(struct view *rest, struct view *magnitude); /* not negative, shortest form */
