#include "crypto_init.h"

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base_err.h"

static void init_once(void)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
		base_out_of_memory();
}

void crypto_init(void)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
	if (CRYPTO_THREAD_run_once(&once, init_once) != 1)
		base_out_of_memory();
}

/* The first initialisation has ruled out the automatic reading for good, so the file is loaded by hand. */
static void config_once(void)
{
	(void)CONF_modules_load_file(NULL, NULL, CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE);
	ERR_clear_error();
}

void crypto_init_config(void)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
	crypto_init();
	if (CRYPTO_THREAD_run_once(&once, config_once) != 1)
		base_out_of_memory();
}

const char *crypto_reason(void)
{
	const char *reason = NULL;
	for (unsigned long code; (code = ERR_get_error()) != 0;) {
		const char *text = ERR_reason_error_string(code);
		if (text != NULL)
			reason = text;
	}
	return reason == NULL ? "no reason given" : reason;
}
