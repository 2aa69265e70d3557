/*
 * The commands `help` and `version`.
 */
#include <string.h>

#include "base_show.h"
#include "cmd_priv.h"
#include "config.h"
#include "version.h"

struct help_opts {
	struct opt_common common;
};

static const struct opt no_opts[] = { { 0 } };

static void exit_codes(struct cmd *cmd)
{
	for (const struct cmd_exit *e = cmd_exit_common; e->meaning != NULL; e++)
		cmd_out_printf(cmd, "%3d  %s\n", e->code, e->meaning);
}

enum err cmd_unknown(const char *name, struct diag *diag)
{
	const char *names[64];
	size_t n = 0;
	for (size_t i = 0; cmd_table[i] != NULL && n < ARRAY_LEN(names); i++)
		names[n++] = cmd_table[i]->name;
	const char *near = opt_nearest(name, names, n);
	struct view v = view_str(name);
	if (near != NULL)
		return diag_set(diag, ERR_USAGE, "unknown command \"%s\" (did you mean %s?)", SHOW(v), near);
	return diag_set(diag, ERR_USAGE, "unknown command \"%s\" (posthorn help shows all)", SHOW(v));
}

/* For completion: the accounts of the configuration, a line each. */
static enum err accounts(struct cmd *cmd, struct diag *diag)
{
	struct config config = { 0 };
	enum err err = config_read(cmd->common->config, cmd->arena, &config, diag);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < config.n; i++) {
		if (config.at[i].kind != CONFIG_ACCOUNT)
			continue;
		cmd_out_shown(cmd, view_str(config.at[i].title));
		cmd_out_str(cmd, "\n");
	}
	config_done(&config);
	return ERR_OK;
}

static enum err help_run(struct cmd *cmd, struct diag *diag)
{
	const struct opt_texts *words = &cmd->args.operands;
	if (cmd->common->json) {
		help_json_all(cmd);
		return ERR_OK;
	}
	if (words->n == 0) {
		help_of_posthorn(cmd);
		return ERR_OK;
	}
	if (strcmp(words->at[0], "exit") == 0) {
		exit_codes(cmd);
		return ERR_OK;
	}
	if (strcmp(words->at[0], "accounts") == 0)
		return accounts(cmd, diag);
	const struct command *command = cmd_find(words->at[0]);
	if (command == NULL)
		return cmd_unknown(words->at[0], diag);
	help_of_command(cmd, command, true);
	return ERR_OK;
}

static enum err version_run(struct cmd *cmd, struct diag *diag)
{
	if (cmd->args.operands.n > 0)
		return diag_set(diag, ERR_USAGE, "version takes no operand");
	if (!cmd->common->json) {
		cmd_out_str(cmd, "posthorn " POSTHORN_VERSION "\n");
		return ERR_OK;
	}
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "name", "posthorn");
	json_key_str(json, "version", POSTHORN_VERSION);
	cmd_json_end(cmd);
	return ERR_OK;
}

const struct command cmd_help = {
	.name = "help",
	.summary = "show what a command does and its options",
	.usage = (const char *const[]){ "[COMMAND | exit | accounts]", NULL },
	.opts = no_opts,
	.opts_size = sizeof(struct help_opts),
	.operand = OPT_TEXT,
	.run = help_run,
};

const struct command cmd_version = {
	.name = "version",
	.summary = "show the version",
	.usage = (const char *const[]){ "[--json]", NULL },
	.opts = no_opts,
	.opts_size = sizeof(struct help_opts),
	.run = version_run,
};
