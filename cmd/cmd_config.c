#include <string.h>

#include "base_attr.h"
#include "base_show.h"
#include "cmd.h"
#include "config.h"

/* Keys of the configuration that stand for common options; a value is checked by the option's own row. */
static const char *const keys[] = { "resolver", "zone", "dns-timeout" };

static enum err apply(struct cmd *cmd, const struct config_value *value, struct diag *diag)
{
	struct opt row = *opt_find(opt_common_table, value->key, strlen(value->key));
	for (size_t i = 0; i < value->n; i++) {
		enum err err = opt_store(&row, value->key, value->at[i], cmd->opts, cmd->arena, diag);
		if (err != ERR_OK)
			return diag_prefix(diag, ERR_CONFIG, "%s:%u", SHOW(view_str(value->file)), value->line);
	}
	return ERR_OK;
}

static enum err apply_all(struct cmd *cmd, const struct config *config, struct diag *diag)
{
	bool asked = opt_given(&cmd->args, "resolver") || opt_given(&cmd->args, "zone");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct config_value *value = config_value(config_global(config), keys[i]);
		bool is_timeout = i == ARRAY_LEN(keys) - 1;
		/* Whoever says where DNS answers come from means that and nothing else. */
		if (value == NULL || (is_timeout ? opt_given(&cmd->args, keys[i]) : asked))
			continue;
		enum err err = apply(cmd, value, diag);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

enum err cmd_config_dns(struct cmd *cmd, struct diag *diag)
{
	if (cmd->dns_configured)
		return ERR_OK;
	struct config config = { 0 };
	enum err err = config_read(cmd->common->config, cmd->arena, &config, diag);
	if (err == ERR_OK)
		err = apply_all(cmd, &config, diag);
	config_done(&config);
	cmd->dns_configured = err == ERR_OK;
	return err;
}
