#include "crypto_random.h"

#include <assert.h>

struct crypto_token crypto_token_random(const struct env *env, size_t length)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	assert(length <= CRYPTO_TOKEN_MAX);
	struct crypto_token token = { .text = "" };
	unsigned char octets[CRYPTO_TOKEN_MAX];
	env_random(env, octets, length);
	for (size_t i = 0; i < length; i++)
		token.text[i] = alphabet[octets[i] & 31];
	return token;
}

uint64_t crypto_random_below(const struct env *env, uint64_t bound)
{
	assert(bound > 0);
	uint64_t unfair = (UINT64_MAX % bound + 1) % bound; /* the last few values would favour small results */
	for (;;) {
		uint64_t value;
		env_random(env, &value, sizeof value);
		if (unfair == 0 || value <= UINT64_MAX - unfair)
			return value % bound;
	}
}
