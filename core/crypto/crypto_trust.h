#pragma once

#include <stdbool.h>

/*
 * Where this machine keeps the certificates of the CAs it trusts. A directory with names by hash is cheap (0.3 ms, only
 * the issuers that are needed are read), a bundle file is not (23 ms): so the file is named only where there is no such
 * directory, or where SSL_CERT_FILE asks for another. SSL_CERT_DIR is honoured. Paths of the environment or static.
 */
struct crypto_trust {
	const char *dir;  /* NULL: none */
	const char *file; /* NULL: none, or not needed */
};

/* False: there is neither. */
bool crypto_trust_find(struct crypto_trust *out);
