#include "config_secret.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_num.h"
#include "base_show.h"

enum { NETRC_OCTETS = 256 << 10 };

static enum err finish(struct crypto_secret *secret, const char *what, struct crypto_secret *out, struct diag *diag)
{
	if (secret->n > 0 && secret->p[secret->n - 1] == '\n')
		crypto_secret_cut(secret, secret->n - 1);
	if (secret->n == 0)
		return diag_set(diag, ERR_CONFIG, "%s: there is no password in it", SHOW(view_str(what)));
	crypto_secret_move(out, secret);
	return ERR_OK;
}

static enum err from_fd(int fd, struct crypto_secret *out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
	enum err err = crypto_secret_read_fd(&secret, fd, "password descriptor", CONFIG_SECRET_OCTETS, diag);
	return err == ERR_OK ? finish(&secret, "password descriptor", out, diag) : err;
}

/* A file that others can read is a matter of configuration, not of a permission that we lack. */
static enum err read_private(const char *path, size_t max, struct crypto_secret *secret, struct diag *diag)
{
	enum err err = crypto_secret_read_file(secret, path, max, true, diag);
	return err == ERR_DENIED ? ERR_CONFIG : err;
}

static enum err from_file(const char *path, struct crypto_secret *out, struct diag *diag)
{
	CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
	enum err err = read_private(path, CONFIG_SECRET_OCTETS, &secret, diag);
	return err == ERR_OK ? finish(&secret, path, out, diag) : err;
}

static enum err from_netrc(const struct config_secret_source *source, struct crypto_secret *out, bool *found,
			   struct diag *diag)
{
	struct arena arena;
	arena_init(&arena);
	const char *path = source->netrc;
	bool named = path[0] != '\0';
	const char *home = getenv("HOME");
	if (!named)
		path = arena_printf(&arena, "%s/.netrc", home != NULL ? home : "");
	CRYPTO_SECRET_AUTO struct crypto_secret text = { 0 };
	enum err err = ERR_OK;
	if (named || access(path, F_OK) == 0) {
		err = read_private(path, NETRC_OCTETS, &text, diag);
		if (err == ERR_OK)
			err = config_netrc(crypto_secret_view(&text), source->host != NULL ? source->host : "",
					   source->user, &arena, NULL, out, found, diag);
		if (err == ERR_SYNTAX)
			err = diag_prefix(diag, err, "%s", SHOW(view_str(path)));
	}
	arena_done(&arena);
	return err;
}

enum err config_secret_get(const struct config_secret_source *source, struct crypto_secret *out, bool *found,
			   struct diag *diag)
{
	*found = true;
	if (source->eval != NULL)
		return config_eval(source->eval, source->timeout_ms, out, diag);
	if (source->fd >= 0)
		return from_fd(source->fd, out, diag);
	if (source->file != NULL)
		return from_file(source->file, out, diag);
	if (source->inline_ != NULL) {
		crypto_secret_set(out, crypto_secret_view(source->inline_));
		return ERR_OK;
	}
	*found = false;
	return source->netrc != NULL ? from_netrc(source, out, found, diag) : ERR_OK;
}

/* The section that holds any source at all: one account's password must not go with another's user name. */
static const struct config_section *holder(const struct config *config, const struct config_section *account)
{
	static const char *const keys[] = { "password-eval", "password-file", "password", "netrc" };
	for (size_t i = 0; account != NULL && i < ARRAY_LEN(keys); i++)
		if (config_value(account, keys[i]) != NULL)
			return account;
	return config_global(config);
}

void config_secret_of(const struct config *config, const struct config_section *account,
		      struct config_secret_source *out)
{
	const struct config_section *from = holder(config, account);
	const struct config_value *password = config_value(from, "password");
	const char *netrc = config_text(from, "netrc");
	*out = (struct config_secret_source){
		.eval = config_text(from, "password-eval"),
		.fd = -1,
		.file = config_text(from, "password-file"),
		.inline_ = password != NULL ? password->secret : NULL,
		.netrc = netrc != NULL && strcmp(netrc, "yes") == 0 ? "" : netrc,
	};
}
