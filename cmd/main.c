/*
 * One binary, many commands: `posthorn NAME ...`, or a symbolic link named NAME.
 */
#include <stdio.h>
#include <string.h>

#include "cmd_priv.h"

/* cmd_list.h is one CMD(symbol) a line, written by the build from the list in cmd/meson.build. */
#define CMD(symbol) extern const struct command cmd_##symbol;
#include "cmd_list.h"
#undef CMD

#define CMD(symbol) &cmd_##symbol,
const struct command *const cmd_table[] = {
#include "cmd_list.h"
	NULL
};
#undef CMD

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

/* `dkim-sign --verify ...` is dkim-verify: the word is taken out. */
static const struct command *without_verify(const struct command *command, int *argc, char **argv)
{
	if (strcmp(command->name, "dkim-sign") != 0)
		return command;
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--verify") != 0)
			continue;
		memmove(&argv[i], &argv[i + 1], sizeof *argv * (size_t)(*argc - i));
		*argc -= 1;
		return cmd_find("dkim-verify");
	}
	return command;
}

static int run_as(const struct command *command, const char *name, bool link, int argc, char **argv)
{
	char title[64];
	command = without_verify(command, &argc, argv);
	(void)snprintf(title, sizeof title, "%s%s", link ? "" : "posthorn ", name);
	return cmd_run(command, title, argc, argv);
}

int main(int argc, char **argv)
{
	const char *self = argc > 0 ? base_name(argv[0]) : "posthorn";
	const struct command *command = cmd_find(self);
	if (command != NULL && strcmp(self, "help") != 0 && strcmp(self, "version") != 0)
		return run_as(command, self, true, argc, argv);
	if (argc < 2) {
		fputs("posthorn: no command given (posthorn help shows all)\n", stderr);
		return err_exit_code(ERR_USAGE);
	}
	const char *word = argv[1];
	if (strcmp(word, "--version") == 0)
		word = "version";
	else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		word = "help";
	command = cmd_find(word);
	if (command == NULL) {
		struct diag diag = { 0 };
		enum err err = cmd_unknown(word, &diag);
		fprintf(stderr, "posthorn: %s\n", diag.text);
		return err_exit_code(err);
	}
	return run_as(command, word, false, argc - 1, argv + 1);
}
