#include "http_token.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base_ascii.h"
#include "base_show.h"

enum { HTTP_TOKEN_LIFE_MAX_S = 366 * 86400 };

void http_token_done(struct http_token *token)
{
	crypto_secret_done(&token->access);
	crypto_secret_done(&token->refresh);
}

static void json_done(json_t **json) { json_decref(*json); }

static struct view text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? view_of(json_string_value(value), json_string_length(value)) : view_none();
}

static bool is_one_of(struct view what, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (view_is(what, list[i]))
			return true;
	}
	return false;
}

/* RFC 6749 5.2, and what authorization endpoints say. */
static enum err refused(unsigned status, const json_t *answer, struct diag *diag)
{
	static const char *const person[] = { "invalid_grant", "invalid_client",       "unauthorized_client",
					      "access_denied", "interaction_required", "consent_required",
					      "login_required" };
	static const char *const later[] = { "temporarily_unavailable", "server_error", "slow_down" };
	struct view error = text_of(answer, "error"), why = text_of(answer, "error_description");
	enum err err = is_one_of(error, person, ARRAY_LEN(person))                                   ? ERR_DENIED
		       : status == 429 || status >= 500 || is_one_of(error, later, ARRAY_LEN(later)) ? ERR_TEMP
		       : error.n > 0 && status < 500                                                 ? ERR_CONFIG
												     : ERR_PROTOCOL;
	const char *hint = view_is(error, "invalid_grant") ? " (the refresh token is no longer good: authorize again)"
			   : view_is(error, "invalid_client") ? " (look at client-id and client-secret)"
							      : "";
	if (error.n == 0)
		return diag_set(diag, err, "the token server answered %u and no token", status);
	return diag_set(diag, err, "the token server refuses: %s%s%s%s", SHOW(view_to(error, 80)),
			why.n > 0 ? ": " : "", SHOW(view_to(why, SHOW_MAX)), hint);
}

/* A token goes into a header or an AUTH line: visible ASCII (RFC 6750 2.1, RFC 6749 A.12), nothing else. */
static bool is_token(struct view token)
{
	for (size_t i = 0; i < token.n; i++) {
		if (!ascii_is_vchar(view_at(token, i)))
			return false;
	}
	return token.n > 0 && token.n <= HTTP_TOKEN_SECRET_MAX;
}

static int64_t life_of(const json_t *answer)
{
	const json_t *value = json_object_get(answer, "expires_in");
	json_int_t life = HTTP_TOKEN_DEFAULT_S;
	if (json_is_integer(value))
		life = json_integer_value(value);
	else if (json_is_string(value)) /* some servers quote it */
		life = strtoll(json_string_value(value), NULL, 10);
	return life < 0 ? 0 : life > HTTP_TOKEN_LIFE_MAX_S ? HTTP_TOKEN_LIFE_MAX_S : life;
}

enum err http_token_parse(unsigned status, struct view body, int64_t now_s, struct http_token *out, struct diag *diag)
{
	CLEANUP(json_done) json_t *answer = json_loadb(body.n == 0 ? "" : body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
	struct view access = text_of(answer, "access_token"), refresh = text_of(answer, "refresh_token");
	if (status != 200 || access.n == 0)
		return refused(status, answer, diag);
	if (!is_token(access) || (refresh.n > 0 && !is_token(refresh)))
		return diag_set(diag, ERR_PROTOCOL, "the token server sent a token that is none (%zu octets)",
				access.n);
	crypto_secret_set(&out->access, access);
	crypto_secret_set(&out->refresh, refresh);
	out->expires_at_s = now_s + life_of(answer);
	return ERR_OK;
}

void http_token_parse_cache(struct view text, const char *origin, struct http_token *out)
{
	CLEANUP(json_done) json_t *cache = json_loadb(text.n == 0 ? "" : text.p, text.n, 0, NULL);
	if (!view_is(text_of(cache, "origin"), origin))
		return;
	struct view access = text_of(cache, "access_token"), refresh = text_of(cache, "refresh_token");
	if (!is_token(access) || (refresh.n > 0 && !is_token(refresh)))
		return;
	crypto_secret_set(&out->access, access);
	crypto_secret_set(&out->refresh, refresh);
	out->expires_at_s = json_integer_value(json_object_get(cache, "expires_at"));
}

void http_form_field(const char *name, struct view value, struct crypto_secret *out)
{
	if (out->n > 0)
		crypto_secret_add(out, VIEW("&"));
	crypto_secret_add(out, view_str(name));
	crypto_secret_add(out, VIEW("="));
	for (size_t i = 0; i < value.n; i++) {
		int c = view_at(value, i);
		char coded[4];
		if (ascii_is_alnum(c) || strchr("-._*", c) != NULL) {
			crypto_secret_add(out, view_slice(value, i, 1));
			continue;
		}
		(void)snprintf(coded, sizeof coded, "%%%02X", (unsigned)c);
		crypto_secret_add(out, view_of(coded, 3));
	}
}
