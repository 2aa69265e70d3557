#pragma once

#include "base_env.h"
#include "http.h"
#include "http_token.h"

/*
 * An access token for XOAUTH2 or OAUTHBEARER, from the cache file while it is good, else from the token server with the
 * refresh token (RFC 6749 6). A server that hands out a new refresh token with it may have ended the old one: the new
 * one is in the cache file, synced, before this returns. Two runs at once take turns (a lock beside the cache file).
 */
struct http_oauth {
	const char *name;                          /* of the oauth section, for texts */
	struct view token_url, client_id, scope;   /* scope may be empty */
	const struct crypto_secret *client_secret; /* NULL or empty: a public client */
	const struct crypto_secret *refresh_token; /* as configured; one in the cache that came from it wins */
	const char *cache_path;                    /* mode 0600; its directory must exist */
	const char *ca_file;
};

/*
 * fresh   do not take the cached one: the mail server has just refused it
 * addrs   of the token server (http_resolve); asked for only when needed, so that a cached token costs no DNS
 * errors  those of http_fetch and http_token_parse, ERR_DENIED (cache file that others can read), ERR_CREATE, ERR_IO,
 *         ERR_CONFIG (no refresh token)
 */
struct http_oauth_addrs {
	enum err (*find)(struct http_oauth_addrs *self, struct view url, const struct ip_addr **addrs, size_t *count,
			 struct diag *diag);
};
MUST_CHECK enum err http_oauth_token(const struct http_oauth *oauth, struct http_oauth_addrs *addrs,
				     const struct env *env, bool fresh, struct crypto_secret *out, struct diag *diag);
