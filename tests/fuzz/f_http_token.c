#include "http_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned statuses[] = { 200, 400, 503 };
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		HTTP_TOKEN_AUTO struct http_token token = { .expires_at_s = 0 };
		struct diag diag;
		enum err err = http_token_parse(statuses[i], view_of(data, size), 0, &token, &diag);
		if (err == ERR_OK && (view_has_ctl(crypto_secret_view(&token.access)) || token.access.n == 0))
			__builtin_trap();
	}
	return 0;
}
