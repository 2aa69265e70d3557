#pragma once

#include "base_err.h"
#include "crypto_secret.h"

/*
 * The answer of an OAuth 2.0 token endpoint (RFC 6749 5.1, 5.2). Pure: bytes in, values out.
 *
 * now_s   expires_at_s is counted from it; without expires_in a token is good for 5 minutes
 * refresh empty unless the server sent a new refresh token: the old one may be dead then
 * errors  ERR_DENIED (invalid_grant, invalid_client, unauthorized_client, access_denied: a person must act),
 *         ERR_TEMP (temporarily_unavailable, server_error, statuses 429 and 5xx), ERR_CONFIG (other errors of the
 *         request), ERR_PROTOCOL (neither a token nor an error)
 */
struct http_token {
	struct crypto_secret access, refresh;
	int64_t expires_at_s;
};

enum { HTTP_TOKEN_ANSWER_MAX = 64 << 10, HTTP_TOKEN_SECRET_MAX = 16 << 10, HTTP_TOKEN_DEFAULT_S = 300 };

MUST_CHECK enum err http_token_parse(unsigned status, struct view body, int64_t now_s, struct http_token *out,
				     struct diag *diag);
void http_token_done(struct http_token *token);
#define HTTP_TOKEN_AUTO CLEANUP(http_token_done)

/*
 * What http_oauth wrote into its cache file: {"origin", "access_token", "refresh_token", "expires_at"}. Nothing is taken
 * when the text is damaged or `origin` is another.
 */
void http_token_parse_cache(struct view text, const char *origin, struct http_token *out);

/* "%41" and so on, for application/x-www-form-urlencoded (WHATWG URL 5.2). */
void http_form_field(const char *name, struct view value, struct crypto_secret *out);
