/*
 * dkim-sign: the keys.
 */
#include "base_show.h"
#include "cmd_dns.h"
#include "dkim_lookup.h"
#include "dkim_sign_priv.h"

static bool is_key(const struct opt_seen *seen)
{
	return seen->opt->name != NULL &&
	       (strcmp(seen->opt->name, "key") == 0 || strcmp(seen->opt->name, "key-fd") == 0);
}

static enum err load(struct sign_run *run, const struct opt_seen *seen, struct crypto_key **out, struct diag *diag)
{
	if (strcmp(seen->opt->name, "key-fd") == 0)
		return crypto_key_read_private((int)run->opts->key_fd, "--key-fd", out, diag);
	if (strcmp(seen->value, "-") == 0) {
		enum err err = cmd_claim(run->cmd, CMD_STDIN, "--key -", diag);
		return err == ERR_OK ? crypto_key_read_private(0, "--key -", out, diag) : err;
	}
	return crypto_key_load_private(seen->value, run->opts->insecure_key_file, out, diag);
}

static enum err count_pairs(const struct sign_run *run, struct diag *diag)
{
	size_t selectors = run->opts->selectors.n, keys = 0;
	for (size_t i = 0; i < run->cmd->args.seen.n; i++)
		keys += is_key(&run->cmd->args.seen.at[i]);
	if (keys == 0 || selectors == 0)
		return diag_set(diag, ERR_USAGE, "%s is missing: which %s? (make one with posthorn dkim-keygen)",
				selectors == 0 ? "-s SELECTOR" : "-k KEY",
				selectors == 0 ? "name has the key in DNS" : "private key signs");
	if (keys != selectors)
		return diag_set(diag, ERR_USAGE, "%zu selectors and %zu keys; each -s wants its -k", selectors, keys);
	if (keys > DKIM_SIGNERS_MAX)
		return diag_set(diag, ERR_USAGE, "%zu keys; at most %d sign at once", keys, DKIM_SIGNERS_MAX);
	if (keys > 1 && run->opts->arc)
		return diag_set(diag, ERR_USAGE, "--arc makes one set with one key");
	return ERR_OK;
}

enum err sign_keys_load(struct sign_run *run, struct diag *diag)
{
	enum err err = count_pairs(run, diag);
	for (size_t i = 0; i < run->cmd->args.seen.n && err == ERR_OK; i++) {
		const struct opt_seen *seen = &run->cmd->args.seen.at[i];
		if (!is_key(seen))
			continue;
		err = load(run, seen, &run->keys[run->n], diag);
		if (err != ERR_OK)
			return err;
		struct dkim_signer *signer = &run->signers[run->n];
		signer->key = run->keys[run->n];
		signer->selector = arena_lower(run->cmd->arena, view_str(run->opts->selectors.at[run->n]));
		run->n++;
		signer->domain = VIEW("example.org"); /* the real one is checked with each message */
		err = dkim_signer_check(signer, run->opts->allow_1024, diag);
		if (err != ERR_OK)
			return diag_prefix(diag, err, "%s",
					   seen->value == NULL ? "--key-fd" : SHOW(view_str(seen->value)));
	}
	return err;
}

void sign_keys_close(struct sign_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		crypto_key_close(run->keys[i]);
}

static enum err check_one(struct sign_run *run, struct dkim_keys *keys, const struct dkim_signer *signer,
			  struct view domain, struct diag *diag)
{
	bool rsa = crypto_key_type(signer->key) == CRYPTO_KEY_RSA;
	struct dkim_signature like = { .alg = rsa ? DKIM_RSA_SHA256 : DKIM_ED25519_SHA256,
				       .domain = domain,
				       .selector = signer->selector,
				       .auid_domain = domain };
	const struct dkim_found *found;
	const char *reason = NULL;
	enum dkim_result result = dkim_keys_find(keys, &like, &found, &reason);
	const char *name = arena_printf(run->cmd->arena, "%.*s._domainkey.%.*s", VIEW_ARG(signer->selector),
					VIEW_ARG(domain));
	if (result == DKIM_TEMPERROR)
		return diag_set(diag, ERR_TEMP, "%s: %s; nothing was signed, try again", name, reason);
	if (result != DKIM_PASS)
		return diag_set(diag, ERR_CONFIG, "%s: %s; publish the key before you sign with it", name, reason);
	if (!crypto_key_match(signer->key, found->key))
		return diag_set(diag, ERR_CONFIG, "%s: DNS has another key than this one; signatures would fail", name);
	return ERR_OK;
}

enum err sign_keys_check_dns(struct sign_run *run, struct view domain, struct diag *diag)
{
	RESOLVE_AUTO struct resolve resolve = { 0 };
	enum err err = cmd_dns_open(run->cmd, &resolve, diag);
	if (err != ERR_OK)
		return err;
	struct dkim_keys *keys = arena_new(run->cmd->arena, struct dkim_keys);
	dkim_keys_init(keys, resolve.dns, view_none(), DKIM_KEYS_MAX, run->cmd->arena);
	for (size_t i = 0; i < run->n && err == ERR_OK; i++)
		err = check_one(run, keys, &run->signers[i], domain, diag);
	dkim_keys_done(keys);
	return err;
}
