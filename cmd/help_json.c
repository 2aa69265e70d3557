/*
 * The option tables as JSON Lines, one command a line: the build makes the completions and the option lists of the man
 * pages from it, and the lint "options" compares.
 */
#include <string.h>

#include "cmd_priv.h"

static const char *kind_name(enum opt_kind kind)
{
	static const char *const names[] = {
		[OPT_HEADING] = "heading",
		[OPT_FLAG] = "flag",
		[OPT_COUNT] = "count",
		[OPT_SWITCH] = "switch",
		[OPT_TEXT] = "text",
		[OPT_TEXTS] = "text",
		[OPT_CHOICE] = "choice",
		[OPT_CHOICES] = "choices",
		[OPT_UINT] = "uint",
		[OPT_DURATION] = "duration",
		[OPT_SIZE] = "size",
		[OPT_TIME] = "time",
		[OPT_IP] = "ip",
		[OPT_IPS] = "ip",
		[OPT_ENDPOINT] = "endpoint",
		[OPT_ENDPOINTS] = "endpoint",
		[OPT_FILE] = "file",
		[OPT_FILES] = "file",
		[OPT_OUTFILE] = "outfile",
		[OPT_DIR] = "dir",
		[OPT_DOMAIN] = "domain",
		[OPT_DOMAINS] = "domain",
		[OPT_ALIAS] = "alias",
	};
	return names[kind];
}

static bool repeatable(enum opt_kind kind)
{
	return kind == OPT_TEXTS || kind == OPT_FILES || kind == OPT_DOMAINS || kind == OPT_IPS ||
	       kind == OPT_ENDPOINTS || kind == OPT_CHOICES || kind == OPT_COUNT;
}

static void strings(struct json *json, const char *key, const char *const *all)
{
	json_key_array(json, key);
	for (size_t i = 0; all != NULL && all[i] != NULL; i++)
		json_str(json, all[i]);
	json_end(json);
}

static void aliases(struct json *json, const struct opt *table, const char *name)
{
	json_key_array(json, "aliases");
	for (const struct opt *opt = table; opt->kind != OPT_END; opt++)
		if (opt->kind == OPT_ALIAS && name != NULL && strcmp(opt->arg, name) == 0)
			json_str(json, opt->name);
	json_end(json);
}

static void option(struct json *json, const struct opt *table, const struct opt *opt, const char *heading)
{
	char letter[] = { opt->letter, '\0' };
	json_object(json);
	json_key_str(json, "name", opt->name);
	json_key_str(json, "letter", opt->letter != 0 ? letter : NULL);
	json_key_str(json, "kind", kind_name(opt->kind));
	json_key_str(json, "arg", opt_takes_value(opt) ? opt->arg : NULL);
	json_key_bool(json, "optional", opt->flags & OPT_OPTIONAL);
	json_key_bool(json, "repeatable", repeatable(opt->kind));
	json_key_bool(json, "common", opt->flags & OPT_COMMON);
	json_key_str(json, "heading", heading);
	json_key_str(json, "help", opt->help);
	strings(json, "choices", opt->kind == OPT_CHOICE || opt->kind == OPT_CHOICES ? opt->extra : NULL);
	aliases(json, table, opt->name);
	json_end(json);
}

static void table_rows(struct json *json, const struct opt *table)
{
	const char *heading = "Options";
	for (const struct opt *opt = table; opt->kind != OPT_END; opt++) {
		if (opt->kind == OPT_HEADING)
			heading = opt->name;
		else if (opt->kind != OPT_ALIAS && !(opt->flags & OPT_HIDDEN))
			option(json, table, opt, heading);
	}
}

static void exits(struct json *json, const char *key, const struct cmd_exit *all)
{
	json_key_array(json, key);
	for (const struct cmd_exit *e = all; e != NULL && e->meaning != NULL; e++) {
		json_object(json);
		json_key_int(json, "code", e->code);
		json_key_str(json, "meaning", e->meaning);
		json_end(json);
	}
	json_end(json);
}

static void one(struct cmd *cmd, const struct command *command)
{
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "command", command->name);
	json_key_str(json, "summary", command->summary);
	json_key_bool(json, "hidden", command->flags & CMD_HIDDEN);
	json_key_bool(json, "common", !(command->flags & CMD_NO_COMMON));
	strings(json, "usage", command->usage);
	json_key_str(json, "operand", command->operand == OPT_END ? NULL : kind_name(command->operand));
	strings(json, "verbs", command->verbs);
	json_key_array(json, "options");
	table_rows(json, command->opts);
	if (!(command->flags & CMD_NO_COMMON))
		table_rows(json, opt_common_table);
	json_end(json);
	exits(json, "exits", command->exits);
	cmd_json_end(cmd);
}

void help_json_all(struct cmd *cmd)
{
	for (size_t i = 0; cmd_table[i] != NULL; i++)
		one(cmd, cmd_table[i]);
	struct json *json = cmd_json_begin(cmd);
	exits(json, "all_exits", cmd_exit_common);
	cmd_json_end(cmd);
}
