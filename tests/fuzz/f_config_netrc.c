#include <stdint.h>

#include "config_secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct diag diag = { 0 };
	CRYPTO_SECRET_AUTO struct crypto_secret password = { 0 };
	const char *user = NULL;
	bool found = false;
	arena_init(&arena);
	(void)!config_netrc(view_of(data, size), "mail.example.org", NULL, &arena, &user, &password, &found, &diag);
	arena_done(&arena);
	return 0;
}
