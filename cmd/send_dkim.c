#include "base_num.h"
#include "base_show.h"
#include "dkim_sign.h"
#include "dns_name.h"
#include "send_priv.h"

/* DKIM signatures on what is sent: which keys, and the signing itself. */

struct send_dkim {
	struct dkim_signer signers[DKIM_SIGNERS_MAX];
	struct crypto_key *keys[DKIM_SIGNERS_MAX];
	size_t n;
	uint64_t expire_ms; /* 0: no x= */
};

static enum err add_signer(struct send_run *run, struct send_dkim *dkim, struct view domain, struct view selector,
			   const char *key, struct diag *diag)
{
	if (dkim->n == DKIM_SIGNERS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d DKIM signatures (DKIM_SIGNERS_MAX)", DKIM_SIGNERS_MAX);
	struct dname name;
	enum err err = dname_parse_idn(run->cmd->arena, domain, &name, diag);
	if (err == ERR_OK)
		err = crypto_key_load_private(key, false, &dkim->keys[dkim->n], diag);
	if (err != ERR_OK)
		return err;
	struct dkim_signer *signer = &dkim->signers[dkim->n];
	*signer = (struct dkim_signer){
		.domain = dname_text(run->cmd->arena, dname_lower(run->cmd->arena, name)),
		.selector = selector,
		.key = dkim->keys[dkim->n],
		.header = DKIM_RELAXED,
		.body = DKIM_RELAXED,
	};
	dkim->n++;
	return dkim_signer_check(signer, false, diag);
}

/* DOMAIN:SELECTOR:KEYFILE; the last may hold colons (pkcs11:...). */
static enum err add_text(struct send_run *run, struct send_dkim *dkim, const char *text, struct diag *diag)
{
	struct view rest = view_str(text), domain = view_cut(&rest, ':'), selector = view_none();
	if (rest.p != NULL)
		selector = view_cut(&rest, ':');
	if (rest.p == NULL || rest.n == 0 || domain.n == 0 || selector.n == 0)
		return diag_set(diag, ERR_USAGE, "--dkim \"%s\": write it like example.org:s2026:/etc/dkim/s2026.pem",
				SHOW(view_str(text)));
	enum err err = add_signer(run, dkim, domain, selector, rest.p, diag);
	return err == ERR_OK ? err : diag_prefix(diag, err, "--dkim \"%s\"", SHOW(view_str(text)));
}

/* A section speaks for its domain and what is below it. */
static bool section_fits(const struct config_section *section, struct view domain)
{
	struct view title = view_str(section->title);
	if (view_eq_case(title, domain))
		return true;
	return domain.n > title.n && view_ends_case(domain, title) && view_at(domain, domain.n - title.n - 1) == '.';
}

static enum err add_section(struct send_run *run, struct send_dkim *dkim, const struct config_section *section,
			    struct diag *diag)
{
	const char *selector = config_text(section, "selector"), *key = config_text(section, "key");
	if (selector == NULL || key == NULL)
		return diag_set(diag, ERR_CONFIG, "%s:%u: dkim \"%s\" needs selector and key", section->file,
				section->line, SHOW(view_str(section->title)));
	enum err err = config_duration_ms(section, "expire", &dkim->expire_ms, diag);
	if (err == ERR_OK)
		err = add_signer(run, dkim, view_str(section->title), view_str(selector), key, diag);
	return err == ERR_OK ? err : diag_prefix(diag, err, "%s:%u", section->file, section->line);
}

static enum err add_configured(struct send_run *run, struct send_dkim *dkim, struct view domain, struct diag *diag)
{
	const struct config_value *list = config_value(run->account, "dkim");
	if (list == NULL)
		list = config_value(config_global(run->config), "dkim");
	enum err err = ERR_OK;
	for (size_t i = 0; list != NULL && i < list->n && err == ERR_OK; i++)
		err = add_text(run, dkim, list->at[i], diag);
	for (size_t i = 0; dkim->n == 0 && list == NULL && i < run->config->n && err == ERR_OK; i++) {
		const struct config_section *section = &run->config->at[i];
		if (section->kind == CONFIG_DKIM && section_fits(section, domain))
			err = add_section(run, dkim, section, diag);
	}
	return err;
}

enum err send_dkim_prepare(struct send_run *run, struct send_message *message, struct diag *diag)
{
	const struct opt_texts *given = &run->opts->dkim;
	if (run->opts->no_dkim && given->n > 0)
		return diag_set(diag, ERR_USAGE, "--dkim and --no-dkim");
	if (run->opts->no_dkim)
		return ERR_OK;
	struct send_dkim *dkim = arena_new(run->cmd->arena, struct send_dkim);
	message->content->dkim = dkim;
	enum err err = ERR_OK;
	for (size_t i = 0; i < given->n && err == ERR_OK; i++)
		err = add_text(run, dkim, given->at[i], diag);
	if (given->n == 0)
		err = add_configured(run, dkim, message->from.domain, diag);
	if (err == ERR_OK && dkim->n == 0)
		message->content->dkim = NULL;
	return err;
}

enum err send_dkim_sign(struct send_dkim *dkim, struct send_run *run, struct source *source, struct view *fields,
			struct diag *diag)
{
	int64_t now = env_wall_s(run->cmd->env);
	const struct dkim_sign_opts opts = {
		.signers = dkim->signers,
		.n = dkim->n,
		.timestamp = now,
		.expires = dkim->expire_ms == 0 ? -1 : now + (int64_t)(dkim->expire_ms / 1000),
	};
	struct dkim_signed made;
	enum err err = source_rewind(source, diag);
	if (err == ERR_OK)
		err = dkim_sign(source, &opts, run->cmd->arena, &made, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "DKIM");
	*fields = made.fields;
	return source_rewind(source, diag);
}

void send_dkim_done(struct send_dkim *dkim)
{
	for (size_t i = 0; dkim != NULL && i < dkim->n; i++)
		crypto_key_close(dkim->keys[i]);
}
