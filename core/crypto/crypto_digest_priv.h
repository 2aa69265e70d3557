#pragma once

#include <openssl/types.h>

#include "crypto_digest.h"

/* OpenSSL's object for the algorithm, fetched once; lives as long as the process. */
const EVP_MD *crypto_digest_md(enum crypto_alg alg);
