#pragma once

#include "base_env.h"
#include "base_view.h"

/*
 * Unpredictable bytes in the forms that protocols want. From env, so that a job's seed or a test can make them
 * repeatable; env_system() gives the kernel's. Keys never come from here (crypto_key_generate).
 */
enum { CRYPTO_TOKEN_MAX = 64 };

struct crypto_token {
	char text[CRYPTO_TOKEN_MAX + 1];
};

/* `length` characters of lower-case base32 (a-z, 2-7: 5 bits each), at most CRYPTO_TOKEN_MAX. */
struct crypto_token crypto_token_random(const struct env *env, size_t length);

/* Evenly distributed in 0..bound-1; bound > 0. */
uint64_t crypto_random_below(const struct env *env, uint64_t bound);
