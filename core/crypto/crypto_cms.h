#pragma once

#include <stddef.h>

#include "base_buf.h"
#include "base_stream.h"

/*
 * The Cryptographic Message Syntax of S/MIME (RFC 5652, RFC 8551): certificates with their keys, detached signatures,
 * enveloped data. The MIME around it is core/smime's.
 */
struct crypto_cms_signer; /* certificate, chain, private key */

enum {
	CRYPTO_CMS_FILE_MAX = 1 << 18, /* octets of a certificate or key file */
	CRYPTO_CMS_RECIPIENTS_MAX = 100
};

/*
 * cert    PEM: the certificate, and those of the chain behind it, which go into the signature
 * key     PEM, not encrypted, not readable by others; NULL: it stands in cert, which then must not be either
 * errors  ERR_NO_INPUT, ERR_DENIED (others can read the key), ERR_DATA (no certificate, no key, they do not belong
 *         together, expired)
 * now_s   the time that the certificate must be valid at
 */
MUST_CHECK enum err crypto_cms_signer_load(const char *cert, const char *key, int64_t now_s,
					   struct crypto_cms_signer **out, struct diag *diag);
void crypto_cms_signer_close(struct crypto_cms_signer *signer); /* NULL is fine */

/* The micalg parameter of multipart/signed for what this signer makes (RFC 8551 3.5.3.2). */
const char *crypto_cms_micalg(const struct crypto_cms_signer *signer);

/*
 * A detached signature (DER) over everything that content yields, in constant memory; SHA-256.
 * errors  ERR_IO and others of the source, ERR_DATA (the key cannot sign)
 */
MUST_CHECK enum err crypto_cms_sign(const struct crypto_cms_signer *signer, struct source *content, struct buf *out,
				    struct diag *diag);

/*
 * EnvelopedData (DER, indefinite lengths) of everything that content yields, for the owners of the certificates in these
 * files (the first of each), AES-256-CBC, as every reader knows it; in constant memory.
 * errors  ERR_NO_INPUT, ERR_DATA (no certificate, expired, not for encryption), ERR_LIMIT, those of source and sink
 */
MUST_CHECK enum err crypto_cms_encrypt(const char *const *certs, size_t n, int64_t now_s, struct source *content,
				       struct sink *out, struct diag *diag);
