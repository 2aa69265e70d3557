/* The access token of an oauth section: what its command prints, or what the token server gives for the refresh token. */
#include "send_oauth.h"
#include "base_show.h"
#include "cmd_dns.h"
#include "config.h"
#include "config_path.h"
#include "config_secret.h"
#include "http_oauth.h"
#include "http_url.h"

enum { SECRET_FILE_MAX = 16 << 10 };

/* The resolver is made when the token server is asked, which is once an hour. */
struct finder {
	struct http_oauth_addrs base;
	struct cmd *cmd;
};

static enum err find(struct http_oauth_addrs *self, struct view url, const struct ip_addr **addrs, size_t *count,
		     struct diag *diag)
{
	struct cmd *cmd = ((struct finder *)self)->cmd;
	struct resolve resolve;
	struct dns_resolver *resolver;
	enum err err = cmd_dns_open(cmd, &resolve, diag);
	if (err != ERR_OK)
		return err;
	err = resolve_servers(&resolve, &resolver, diag);
	if (err == ERR_OK)
		err = http_resolve(resolver, cmd->arena, url, addrs, count, diag);
	resolve_close(&resolve);
	return err;
}

/* KEY in the configuration, or the file that KEY-file names, without one newline at its end. */
static enum err take_secret(const struct config_section *section, const char *key, const char *file_key,
			    struct crypto_secret *out, struct diag *diag)
{
	const struct config_value *value = config_value(section, key);
	const char *path = config_text(section, file_key);
	if (value != NULL && value->secret != NULL)
		crypto_secret_set(out, crypto_secret_view(value->secret));
	if (path == NULL || out->n > 0)
		return ERR_OK;
	enum err err = crypto_secret_read_file(out, path, SECRET_FILE_MAX, true, diag);
	if (err == ERR_OK && out->n > 0 && view_last(crypto_secret_view(out)) == '\n')
		crypto_secret_cut(out, out->n - 1);
	return err;
}

static enum err need_text(const struct config_section *section, const char *key, struct view *out, struct diag *diag)
{
	const char *text = config_text(section, key);
	if (text == NULL)
		return diag_set(diag, ERR_CONFIG,
				"oauth \"%s\": %s is not set (or name a command that prints an access token: "
				"password-eval = \"...\")",
				SHOW(view_str(section->title)), key);
	*out = view_str(text);
	return ERR_OK;
}

static enum err from_server(struct send_run *run, const struct config_section *section, bool fresh,
			    struct crypto_secret *out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret client = { 0 }, refresh = { 0 };
	struct finder finder = { { find }, run->cmd };
	struct http_oauth oauth = { .name = section->title,
				    .scope = view_str(config_text(section, "scope")),
				    .client_secret = &client,
				    .refresh_token = &refresh };
	enum err err = need_text(section, "token-url", &oauth.token_url, diag);
	if (err == ERR_OK)
		err = need_text(section, "client-id", &oauth.client_id, diag);
	if (err == ERR_OK)
		err = take_secret(section, "client-secret", "client-secret-file", &client, diag);
	if (err == ERR_OK)
		err = take_secret(section, "refresh-token", "refresh-token-file", &refresh, diag);
	if (err == ERR_OK)
		err = config_state_path(run->cmd->arena, "oauth-", section->title, ".json", &oauth.cache_path, diag);
	oauth.ca_file = config_text(section, "tls-ca");
	return err == ERR_OK ? http_oauth_token(&oauth, &finder.base, run->cmd->env, fresh, out, diag) : err;
}

enum err send_oauth_token(struct send_run *run, const char *name, bool fresh, struct crypto_secret *out,
			  struct diag *diag)
{
	const struct config_section *section = config_find(run->config, CONFIG_OAUTH, name);
	if (section == NULL)
		return diag_set(diag, ERR_CONFIG, "no section oauth \"%s\" in the configuration", SHOW(view_str(name)));
	const char *eval = config_text(section, "password-eval");
	return eval != NULL ? config_eval(eval, 0, out, diag) : from_server(run, section, fresh, out, diag);
}
