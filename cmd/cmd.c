#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_show.h"
#include "cmd_priv.h"

static const char *const color_names[] = { "auto", "always", "never", NULL };
static const char *const progress_names[] = { "auto", "off", "json", NULL };

#define AT(member) offsetof(struct opt_common, member)

const struct opt opt_common_table[] = {
	{ 0, OPT_HEADING, "Everywhere" },
	{ 0, OPT_FLAG, "json", NULL, "JSON Lines on stdout", NULL, AT(json), OPT_COMMON },
	{ 'q', OPT_FLAG, "quiet", NULL, "only errors on stderr", NULL, AT(quiet) },
	{ 'v', OPT_COUNT, "verbose", NULL, "say more on stderr", NULL, AT(verbose) },
	{ 0, OPT_CHOICE, "color", "WHEN", "colours: auto, always or never", color_names, AT(color) },
	{ 0, OPT_CHOICE, "progress", "HOW", "progress on stderr: auto, off or json", progress_names, AT(progress) },
	{ 0, OPT_FILE, "config", "FILE", "configuration file", NULL, AT(config) },
	{ 0, OPT_ENDPOINTS, "resolver", "IP[:PORT]", "ask this DNS server (repeatable)", NULL, AT(resolvers),
	  OPT_IP_ONLY },
	{ 0, OPT_FILES, "zone", "FILE", "DNS answers from this zone file (repeatable)", NULL, AT(zones) },
	{ 0, OPT_DURATION, "dns-timeout", "S", "time for one DNS question, all tries together (5)",
	  OPT_RANGE(1, 3600000), AT(dns_timeout_ms) },
	{ 0, OPT_TIME, "now", "TIME", "take this as the present time", NULL, AT(now) },
	{ 'h', OPT_FLAG, NULL, NULL, "the most used options", NULL, AT(help_short) },
	{ 0, OPT_FLAG, "help", NULL, "all options", NULL, AT(help_long) },
	{ 0 },
};

const struct cmd_exit cmd_exit_common[] = {
	{ 0, "the good answer" },
	{ 1, "the answer is \"no\"" },
	{ 3, "in doubt: the mail may have been accepted" },
	{ 4, "stopped by a guard" },
	{ 64, "usage" },
	{ 65, "bad data" },
	{ 66, "input missing" },
	{ 67, "no such user" },
	{ 68, "no such host" },
	{ 69, "refused or unavailable" },
	{ 70, "a bug of ours" },
	{ 71, "the operating system refused" },
	{ 73, "cannot create a file" },
	{ 74, "input or output failed, disk full" },
	{ 75, "temporary: try again" },
	{ 76, "protocol or TLS" },
	{ 77, "not permitted, or authentication refused" },
	{ 78, "configuration" },
	{ 0, NULL },
};

const struct command *cmd_find(const char *name)
{
	for (size_t i = 0; cmd_table[i] != NULL; i++)
		if (strcmp(cmd_table[i]->name, name) == 0)
			return cmd_table[i];
	return NULL;
}

PRINTF_LIKE(2, 0) static void say(const struct cmd *cmd, const char *fmt, va_list args)
{
	char line[2048];
	int n = vsnprintf(line, sizeof line, fmt, args);
	if (n < 0)
		return;
	fprintf(stderr, "%s: %s\n", cmd->title, line);
}

void cmd_error(const struct cmd *cmd, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	say(cmd, fmt, args);
	va_end(args);
}

void cmd_info(const struct cmd *cmd, const char *fmt, ...)
{
	if (cmd->common->quiet)
		return;
	va_list args;
	va_start(args, fmt);
	say(cmd, fmt, args);
	va_end(args);
}

void cmd_debug(const struct cmd *cmd, const char *fmt, ...)
{
	if (cmd->common->verbose == 0)
		return;
	va_list args;
	va_start(args, fmt);
	say(cmd, fmt, args);
	va_end(args);
}

void cmd_report(const struct cmd *cmd, const char *what, enum err err, const struct diag *diag)
{
	const char *text = diag->text[0] != '\0' ? diag->text : err_name(err);
	char place[48] = "";
	if (diag->line > 0 && diag->column > 0)
		(void)snprintf(place, sizeof place, "%u:%u: ", diag->line, diag->column);
	else if (diag->line > 0)
		(void)snprintf(place, sizeof place, "%u: ", diag->line);
	if (what != NULL) {
		struct view v = view_str(what);
		cmd_error(cmd, "%s:%s%s", SHOW(v), place[0] != '\0' ? place : " ", text);
	} else {
		cmd_error(cmd, "%s%s", place, text);
	}
}

enum err cmd_claim(struct cmd *cmd, enum cmd_end end, const char *who, struct diag *diag)
{
	const char **claimed = &cmd->claimed[end];
	if (*claimed != NULL)
		return diag_set(diag, ERR_USAGE, "%s and %s both want %s; give one of them a file", *claimed, who,
				end == CMD_STDIN ? "standard input" : "standard output");
	*claimed = who;
	return ERR_OK;
}

static bool wants_color(enum cmd_color color)
{
	if (color != CMD_COLOR_AUTO)
		return color == CMD_COLOR_ALWAYS;
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return (no == NULL || no[0] == '\0') && isatty(STDOUT_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
}

const char *cmd_style(const struct cmd *cmd, enum cmd_style style)
{
	static const char *const codes[] = {
		[CMD_RESET] = "\033[0m",  [CMD_BOLD] = "\033[1m",    [CMD_DIM] = "\033[2m",   [CMD_RED] = "\033[31m",
		[CMD_GREEN] = "\033[32m", [CMD_YELLOW] = "\033[33m", [CMD_BLUE] = "\033[34m",
	};
	return cmd->colored ? codes[style] : "";
}

/* What follows from the common options, once they are known. */
static enum err settle(struct cmd *cmd, struct diag *diag)
{
	const struct opt_common *common = cmd->common;
	cmd->colored = wants_color(common->color);
	cmd->out.each_line = isatty(STDOUT_FILENO) != 0;
	if (common->now.set) {
		cmd->env_store = env_with_now(&cmd->now_store, common->now.s);
		cmd->env = &cmd->env_store;
	}
	return common->json ? cmd_claim(cmd, CMD_STDOUT, "--json", diag) : ERR_OK;
}

static enum err parse_and_run(struct cmd *cmd, int argc, char **argv, struct diag *diag)
{
	const struct command *command = cmd->command;
	bool common = !(command->flags & CMD_NO_COMMON);
	const struct opt *tables[] = { command->opts, common ? opt_common_table : NULL, NULL };
	enum err err = opt_parse(tables, argc, argv, cmd->opts, &cmd->args, diag);
	if (err != ERR_OK)
		return err;
	if (common && cmd->args.help_asked) {
		help_of_command(cmd, command, cmd->common->help_long);
		return ERR_OK;
	}
	err = settle(cmd, diag);
	return err == ERR_OK ? command->run(cmd, diag) : err;
}

/*
 * A closed standard descriptor must not become the number of the next file that is opened: results would be written
 * into it. Opened for reading only, so that writing to a stdout that was closed still fails.
 */
static void hold_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", O_RDONLY);
}

int cmd_run(const struct command *command, const char *title, int argc, char **argv)
{
	static const struct opt_common no_common;
	struct arena arena;
	arena_init(&arena);
	hold_standard_fds();
	(void)signal(SIGPIPE, SIG_IGN);

	struct cmd cmd = { .command = command, .title = title, .arena = &arena, .env = env_system() };
	size_t size = command->opts_size > sizeof(struct opt_common) ? command->opts_size : sizeof(struct opt_common);
	cmd.opts = arena_alloc(&arena, size);
	if (command->defaults != NULL)
		memcpy(cmd.opts, command->defaults, command->opts_size);
	cmd.common = command->flags & CMD_NO_COMMON ? &no_common : cmd.opts;
	cmd.args.arena = &arena;
	cmd_out_init(&cmd);

	struct diag diag = { 0 };
	enum err err = parse_and_run(&cmd, argc, argv, &diag);
	int code = err == ERR_OK ? cmd.exit_code : err_exit_code(err);
	cmd_out_flush(&cmd);
	if (err != ERR_OK)
		cmd_report(&cmd, NULL, err, &diag);
	if (!cmd_out_close(&cmd))
		code = err_exit_code(ERR_IO);
	arena_done(&arena);
	return code;
}
