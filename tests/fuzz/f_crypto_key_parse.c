#include "crypto_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses as a public key is written in a form that parses to the same key. */
static void public_round_trip(struct view der, enum crypto_key_type type)
{
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL, *again = NULL;
	if (crypto_key_parse_public(der, type, (struct crypto_key_bits){ 0, 0 }, &key, NULL) != ERR_OK)
		return;
	BUF_AUTO struct buf out;
	buf_init(&out, CRYPTO_KEY_DER_MAX);
	if (crypto_key_write_public(key, &out, NULL) != ERR_OK ||
	    crypto_key_parse_public(buf_view(&out), type, (struct crypto_key_bits){ 0, 0 }, &again, NULL) != ERR_OK ||
	    !crypto_key_match(key, again))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size);
	struct diag diag;
	CRYPTO_KEY_AUTO struct crypto_key *key = NULL;
	public_round_trip(in, CRYPTO_KEY_RSA);
	public_round_trip(in, CRYPTO_KEY_ED25519);
	if (crypto_key_parse_private(in, "fuzz", &key, &diag) == ERR_OK && !crypto_key_is_private(key))
		__builtin_trap();
	return 0;
}
