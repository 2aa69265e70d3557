/*
 * -h, --help and the command `help`: made from the option tables.
 */
#include <stdio.h>
#include <string.h>

#include "base_show.h"
#include "cmd_priv.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 80 };

static void usage(struct cmd *cmd, const struct command *command)
{
	const char *lead = "usage: ";
	for (size_t i = 0; command->usage[i] != NULL; i++) {
		const char *front = command->flags & CMD_NO_COMMON ? "" : "posthorn ";
		cmd_out_printf(cmd, "%s%s%s %s\n", lead, front, command->name, command->usage[i]);
		lead = "       ";
	}
}

/* "  -s, --subject TEXT" */
static size_t left_side(struct cmd *cmd, const struct opt *opt)
{
	char left[160];
	char letter[] = { '-', opt->letter, '\0' };
	const char *dashes = opt->kind == OPT_SWITCH ? "--[no-]" : "--";
	bool value = opt->arg != NULL && opt_takes_value(opt);
	int n = snprintf(left, sizeof left, "  %s%s%s%s", opt->letter != 0 ? letter : "   ",
			 opt->name == NULL  ? ""
			 : opt->letter != 0 ? ", "
					    : " ",
			 opt->name != NULL ? dashes : "", opt->name != NULL ? opt->name : "");
	if (value && n > 0 && (size_t)n < sizeof left) {
		const char *form = !(opt->flags & OPT_OPTIONAL) ? " %s" : opt->name != NULL ? "[=%s]" : "[%s]";
		n += snprintf(left + n, sizeof left - (size_t)n,
			      form[0] == ' '   ? " %s"
			      : form[1] == '=' ? "[=%s]"
					       : "[%s]",
			      opt->arg);
	}
	cmd_out_str(cmd, left);
	return (size_t)n;
}

/* Words of text from column HELP_COLUMN on, broken before HELP_WIDTH. */
static void wrapped(struct cmd *cmd, const char *text)
{
	size_t column = HELP_COLUMN;
	struct view rest = view_str(text);
	for (bool first = true; rest.p != NULL; first = false) {
		struct view word = view_cut(&rest, ' ');
		if (!first && column + 1 + word.n > HELP_WIDTH) {
			cmd_out_printf(cmd, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (!first) {
			cmd_out_str(cmd, " ");
			column++;
		}
		cmd_out_view(cmd, word);
		column += word.n;
	}
	cmd_out_str(cmd, "\n");
}

static const char *with_aliases(struct cmd *cmd, const struct opt *table, const struct opt *of)
{
	const char *text = of->help != NULL ? of->help : "";
	for (const struct opt *opt = table; opt->kind != OPT_END; opt++)
		if (opt->kind == OPT_ALIAS && of->name != NULL && strcmp(opt->arg, of->name) == 0)
			text = arena_printf(cmd->arena, "%s (also --%s%s)", text, opt->name,
					    opt->flags & OPT_AT_FILE ? " @FILE" : "");
	return text;
}

static void option(struct cmd *cmd, const struct opt *table, const struct opt *opt)
{
	size_t n = left_side(cmd, opt);
	if (n + 2 > HELP_COLUMN)
		cmd_out_printf(cmd, "\n%*s", HELP_COLUMN, "");
	else
		cmd_out_printf(cmd, "%*s", (int)(HELP_COLUMN - n), "");
	wrapped(cmd, with_aliases(cmd, table, opt));
}

static void table_all(struct cmd *cmd, const struct opt *table)
{
	bool first = true;
	for (const struct opt *opt = table; opt->kind != OPT_END; opt++) {
		if (opt->kind == OPT_ALIAS || (opt->flags & OPT_HIDDEN))
			continue;
		if (opt->kind == OPT_HEADING)
			cmd_out_printf(cmd, "\n%s%s%s\n", cmd_style(cmd, CMD_BOLD), opt->name,
				       cmd_style(cmd, CMD_RESET));
		else if (first)
			cmd_out_str(cmd, "\n");
		if (opt->kind != OPT_HEADING)
			option(cmd, table, opt);
		first = false;
	}
}

static void table_most_used(struct cmd *cmd, const struct opt *table)
{
	for (const struct opt *opt = table; opt->kind != OPT_END; opt++)
		if ((opt->flags & OPT_COMMON) && opt->kind != OPT_HEADING)
			option(cmd, table, opt);
}

static void exits(struct cmd *cmd, const struct command *command)
{
	cmd_out_printf(cmd, "\n%sExit codes%s\n", cmd_style(cmd, CMD_BOLD), cmd_style(cmd, CMD_RESET));
	for (const struct cmd_exit *e = command->exits; e != NULL && e->meaning != NULL; e++)
		cmd_out_printf(cmd, "  %2d  %s\n", e->code, e->meaning);
	cmd_out_str(cmd, "  64 usage, 65 bad data, 66 input missing, 74 output failed, 75 try again, 78\n"
			 "  configuration; all of them: posthorn help exit\n");
}

void help_of_command(struct cmd *cmd, const struct command *command, bool all)
{
	usage(cmd, command);
	cmd_out_printf(cmd, "\n%s\n", command->summary);
	if (all) {
		table_all(cmd, command->opts);
		if (!(command->flags & CMD_NO_COMMON))
			table_all(cmd, opt_common_table);
		exits(cmd, command);
		cmd_out_printf(cmd, "\nThe whole manual: man posthorn-%s\n", command->name);
		return;
	}
	cmd_out_str(cmd, "\n");
	table_most_used(cmd, command->opts);
	if (!(command->flags & CMD_NO_COMMON))
		table_most_used(cmd, opt_common_table);
	cmd_out_printf(cmd, "\nAll options: posthorn %s --help; the manual: man posthorn-%s\n", command->name,
		       command->name);
}

void help_of_posthorn(struct cmd *cmd)
{
	cmd_out_str(cmd, "usage: posthorn COMMAND [options] [operands]\n\nan email toolkit for the command line\n\n");
	for (size_t i = 0; cmd_table[i] != NULL; i++)
		if (!(cmd_table[i]->flags & CMD_HIDDEN))
			cmd_out_printf(cmd, "  %-14s %s\n", cmd_table[i]->name, cmd_table[i]->summary);
	cmd_out_str(cmd, "\nThe most used options: posthorn COMMAND -h; all: posthorn COMMAND --help\n"
			 "The manual: man posthorn; exit codes: posthorn help exit\n");
}
