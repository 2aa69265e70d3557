#pragma once

#include "crypto_secret.h"
#include "send.h"

/*
 * The access token of the section oauth "name": from its command (password-eval), the cache, or the token server.
 *
 * fresh   the mail server has just refused the one of before: no cache
 * errors  ERR_CONFIG (no such section, a key is missing), ERR_DENIED (a person must authorize again), ERR_TEMP, and those
 *         of http_oauth_token
 */
MUST_CHECK enum err send_oauth_token(struct send_run *run, const char *name, bool fresh, struct crypto_secret *out,
				     struct diag *diag);
