/*
 * Which account, and what it says: the account's keys, then its preset's, then the global ones.
 */
#include <string.h>

#include "base_attr.h"
#include "base_buf.h"
#include "base_show.h"
#include "config.h"

/* Servers that many people have. Rates are what the providers' documents said in 2026; a key in the account wins. */
static const struct {
	const char *preset, *key, *value;
} presets[] = {
	{ "gmail", "server", "smtp.gmail.com:465" },
	{ "gmail", "tls", "verify" },
	{ "gmail", "rate", "20/min,500/day" },
	{ "workspace", "server", "smtp.gmail.com:465" },
	{ "workspace", "tls", "verify" },
	{ "workspace", "rate", "60/min,2000/day" },
	{ "m365", "server", "smtp.office365.com:587" },
	{ "m365", "tls", "verify" },
	{ "m365", "rate", "30/min,10000/day" },
	{ "outlook", "server", "smtp-mail.outlook.com:587" },
	{ "outlook", "tls", "verify" },
	{ "outlook", "rate", "30/min,300/day" },
	{ "icloud", "server", "smtp.mail.me.com:587" },
	{ "icloud", "tls", "verify" },
	{ "icloud", "rate", "30/min,1000/day" },
	{ "yahoo", "server", "smtp.mail.yahoo.com:465" },
	{ "yahoo", "tls", "verify" },
	{ "yahoo", "rate", "20/min,500/day" },
	{ "fastmail", "server", "smtp.fastmail.com:465" },
	{ "fastmail", "tls", "verify" },
};

const char *config_preset(const char *preset, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(presets); i++)
		if (strcmp(presets[i].preset, preset) == 0 && strcmp(presets[i].key, key) == 0)
			return presets[i].value;
	return NULL;
}

bool config_preset_known(const char *preset) { return config_preset(preset, "server") != NULL; }

static enum err no_account(const struct config *config, const char *name, struct diag *diag)
{
	char names[256];
	struct buf list;
	buf_init(&list, sizeof names - 1);
	for (size_t i = 0; i < config->n; i++)
		if (config->at[i].kind == CONFIG_ACCOUNT)
			buf_printf(&list, "%s%s", list.n > 0 ? ", " : "", SHOW(view_str(config->at[i].title)));
	memcpy(names, list.n > 0 ? list.p : "none", list.n > 0 ? list.n + 1 : sizeof "none");
	buf_done(&list);
	return diag_set(diag, ERR_CONFIG, "%s: no account \"%s\" (accounts: %s)",
			SHOW(view_str(config->path != NULL ? config->path : "(no configuration)")),
			SHOW(view_str(name)), names);
}

static enum err check_preset(const struct config_section *account, struct diag *diag)
{
	const struct config_value *preset = config_value(account, "preset");
	if (preset == NULL || preset->n == 0 || config_preset_known(preset->at[0]))
		return ERR_OK;
	return config_bad(diag, preset,
			  "no preset \"%s\"; write gmail, workspace, m365, outlook, icloud, yahoo or fastmail",
			  SHOW(view_str(preset->at[0])));
}

static const struct config_section *matching(const struct config *config, struct view from)
{
	for (size_t i = 0; i < config->n; i++) {
		const struct config_section *section = &config->at[i];
		const struct config_value *patterns = section->kind == CONFIG_ACCOUNT ? config_value(section, "from")
										      : NULL;
		for (size_t j = 0; patterns != NULL && j < patterns->n; j++)
			if (config_match(patterns->at[j], from))
				return section;
	}
	return NULL;
}

enum err config_account(const struct config *config, const char *name, struct view from_address,
			const struct config_section **out, struct diag *diag)
{
	const struct config_section *found = NULL;
	const char *named = name;
	if (named == NULL) {
		found = view_empty(from_address) ? NULL : matching(config, from_address);
		named = found == NULL ? config_text(config_global(config), "default-account") : NULL;
	}
	if (named != NULL) {
		found = config_find(config, CONFIG_ACCOUNT, named);
		if (found == NULL)
			return no_account(config, named, diag);
	}
	if (found == NULL)
		found = config_find(config, CONFIG_ACCOUNT, NULL);
	enum err err = check_preset(found, diag);
	if (err == ERR_OK)
		*out = found;
	return err;
}

const char *config_account_text(const struct config *config, const struct config_section *account, const char *key)
{
	const char *text = config_text(account, key);
	const char *preset = config_text(account, "preset");
	if (text == NULL && preset != NULL)
		text = config_preset(preset, key);
	return text != NULL ? text : config_text(config_global(config), key);
}

const char *config_account_from(const struct config *config, const struct config_section *account)
{
	const struct config_value *from = config_value(account, "from");
	for (size_t i = 0; from != NULL && i < from->n; i++)
		if (strchr(from->at[i], '*') == NULL)
			return from->at[i];
	return config_text(config_global(config), "from");
}

const char *config_alias(const struct config *config, struct view name)
{
	const struct config_section *aliases = config_find(config, CONFIG_ALIASES, NULL);
	for (size_t i = 0; aliases != NULL && i < aliases->n; i++)
		if (view_is_case(name, aliases->at[i].key))
			return aliases->at[i].at[0];
	return config_text(aliases, "default");
}
