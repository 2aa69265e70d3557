/* Challenges of a server that says anything: a line each, the first octet is the mechanism. Never complete by nonsense. */
#include <stdint.h>
#include <stdlib.h>

#include "smtp_sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum smtp_sasl_mech mechs[] = { SMTP_SASL_SCRAM_SHA_256, SMTP_SASL_SCRAM_SHA_1,
						     SMTP_SASL_CRAM_MD5,      SMTP_SASL_LOGIN,
						     SMTP_SASL_XOAUTH2,       SMTP_SASL_OAUTHBEARER };
	if (size < 1)
		return 0;
	enum smtp_sasl_mech mech = mechs[data[0] % ARRAY_LEN(mechs)];
	struct crypto_secret secret = { 0 }, answer = { 0 };
	crypto_secret_set(&secret, VIEW("pencil"));
	struct smtp_sasl_opts opts = {
		.user = VIEW("user"), .password = &secret, .token = &secret, .host = VIEW("h"), .port = 25
	};
	struct smtp_sasl *sasl = NULL;
	bool has;
	if (smtp_sasl_open(&opts, mech, &sasl, NULL) != ERR_OK ||
	    smtp_sasl_initial(sasl, &answer, &has, NULL) != ERR_OK)
		abort();
	struct view rest = view_of(data + 1, size - 1), line;
	enum err err = ERR_OK;
	while (err == ERR_OK && view_next_line(&rest, &line))
		err = smtp_sasl_step(sasl, line, &answer, NULL);
	if (mech <= SMTP_SASL_SCRAM_SHA_1 && smtp_sasl_complete(sasl))
		abort(); /* our nonce is fresh each time: no input can know the proof */
	smtp_sasl_close(&sasl);
	crypto_secret_done(&secret);
	crypto_secret_done(&answer);
	return 0;
}
