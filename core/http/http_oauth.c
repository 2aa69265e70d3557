#define _GNU_SOURCE
#include "http_oauth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base_file.h"
#include "base_json.h"
#include "base_show.h"
#include "crypto_digest.h"

enum { HTTP_OAUTH_EARLY_S = 60, HTTP_OAUTH_TIMEOUT_MS = 30000, HTTP_OAUTH_CACHE_MAX = 64 << 10 };

/* Which configured refresh token something in the cache belongs to: a person who authorizes again changes it. */
struct origin {
	char hex[65];
};

static struct origin origin_of(const struct http_oauth *oauth)
{
	struct origin origin = { .hex = "" };
	struct crypto_hash hash = crypto_digest_of(CRYPTO_SHA256, crypto_secret_view(oauth->refresh_token));
	for (size_t i = 0; i < hash.n; i++)
		(void)snprintf(origin.hex + 2 * i, 3, "%02x", hash.octets[i]);
	return origin;
}

/* A cache that is missing or not understood is empty; one that others can read is an error. */
static enum err cache_read(const struct http_oauth *oauth, struct http_token *out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	if (access(oauth->cache_path, F_OK) != 0)
		return ERR_OK;
	enum err err = crypto_secret_read_file(&text, oauth->cache_path, HTTP_OAUTH_CACHE_MAX, true, diag);
	if (err != ERR_OK)
		return err;
	http_token_parse_cache(crypto_secret_view(&text), origin_of(oauth).hex, out);
	return ERR_OK;
}

static enum err cache_write(const struct http_oauth *oauth, const struct http_token *token, struct diag *diag)
{
	BUF_AUTO struct buf text;
	struct json json;
	buf_init(&text, HTTP_OAUTH_CACHE_MAX);
	(void)buf_room(&text, HTTP_OAUTH_CACHE_MAX);
	json_init(&json, &text);
	json_object(&json);
	json_key_int(&json, "v", 1);
	json_key_str(&json, "origin", origin_of(oauth).hex);
	json_key_view(&json, "access_token", crypto_secret_view(&token->access));
	json_key_int(&json, "expires_at", token->expires_at_s);
	if (token->refresh.n > 0)
		json_key_view(&json, "refresh_token", crypto_secret_view(&token->refresh));
	json_end(&json);
	buf_byte(&text, '\n');
	enum err err = file_replace(oauth->cache_path, buf_view(&text), 0600, diag);
	crypto_wipe(text.p, text.cap);
	return err;
}

/* Held until the descriptor is closed; dies with the process. */
static enum err cache_lock(const struct http_oauth *oauth, int *fd, struct diag *diag)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s.lock", oauth->cache_path);
	if (n < 0 || (size_t)n >= sizeof path)
		return diag_errno(diag, oauth->cache_path, ENAMETOOLONG);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0 || flock(*fd, LOCK_EX) != 0) {
		(void)diag_errno(diag, path, errno);
		return ERR_CREATE;
	}
	return ERR_OK;
}

static void write_form(const struct http_oauth *oauth, struct view refresh, struct crypto_secret *out)
{
	http_form_field("grant_type", VIEW("refresh_token"), out);
	http_form_field("refresh_token", refresh, out);
	http_form_field("client_id", oauth->client_id, out);
	if (oauth->client_secret != NULL && oauth->client_secret->n > 0)
		http_form_field("client_secret", crypto_secret_view(oauth->client_secret), out);
	if (oauth->scope.n > 0)
		http_form_field("scope", oauth->scope, out);
}

static enum err ask(const struct http_oauth *oauth, struct http_oauth_addrs *addrs, const struct env *env,
		    struct view refresh, struct http_token *out, struct diag *diag)
{
	static const char *const accept[] = { "Accept: application/json" };
	CRYPTO_SECRET_AUTO struct crypto_secret form = { 0 };
	HTTP_AUTO struct http *http = NULL;
	struct http_request request = { .url = oauth->token_url,
					.headers = accept,
					.header_count = ARRAY_LEN(accept),
					.content_type = "application/x-www-form-urlencoded",
					.max_octets = HTTP_TOKEN_ANSWER_MAX,
					.timeout_ms = HTTP_OAUTH_TIMEOUT_MS,
					.ca_file = oauth->ca_file };
	struct http_response response = { .status = 0 };
	enum err err = http_open(&http, diag);
	if (err == ERR_OK)
		err = addrs->find(addrs, oauth->token_url, &request.addrs, &request.addr_count, diag);
	if (err != ERR_OK)
		return err;
	write_form(oauth, refresh, &form);
	request.body = crypto_secret_view(&form);
	err = http_fetch(http, &request, &response, diag);
	if (err == ERR_OK)
		err = http_token_parse(response.status, buf_view(&response.body), env_wall_s(env), out, diag);
	crypto_wipe(response.body.p, response.body.cap);
	buf_done(&response.body);
	return err;
}

static enum err renew(const struct http_oauth *oauth, struct http_oauth_addrs *addrs, const struct env *env,
		      struct http_token *cached, struct diag *diag)
{
	HTTP_TOKEN_AUTO struct http_token token = { .expires_at_s = 0 };
	struct view refresh = crypto_secret_view(cached->refresh.n > 0 ? &cached->refresh : oauth->refresh_token);
	enum err err = ask(oauth, addrs, env, refresh, &token, diag);
	if (err != ERR_OK)
		return err;
	if (token.refresh.n == 0) /* the one that was used stays good */
		crypto_secret_move(&token.refresh, &cached->refresh);
	crypto_secret_move(&cached->access, &token.access);
	crypto_secret_move(&cached->refresh, &token.refresh);
	cached->expires_at_s = token.expires_at_s;
	return cache_write(oauth, cached, diag);
}

enum err http_oauth_token(const struct http_oauth *oauth, struct http_oauth_addrs *addrs, const struct env *env,
			  bool fresh, struct crypto_secret *out, struct diag *diag)
{
	HTTP_TOKEN_AUTO struct http_token cached = { .expires_at_s = 0 };
	FD_AUTO int lock = -1;
	if (oauth->refresh_token == NULL || oauth->refresh_token->n == 0)
		return diag_set(diag, ERR_CONFIG, "oauth %s: no refresh token is configured", oauth->name);
	enum err err = cache_lock(oauth, &lock, diag);
	if (err == ERR_OK)
		err = cache_read(oauth, &cached, diag);
	if (err != ERR_OK)
		return err;
	bool good = !fresh && cached.access.n > 0 && cached.expires_at_s - HTTP_OAUTH_EARLY_S > env_wall_s(env);
	if (!good)
		err = renew(oauth, addrs, env, &cached, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "oauth %s", oauth->name);
	crypto_secret_move(out, &cached.access);
	return ERR_OK;
}
