#pragma once

#include "cmd.h"

/* Between cmd*.c, help*.c and main.c only. */

void cmd_out_init(struct cmd *cmd);

/* Flush and close stdout; false (and said on stderr) when something that was written is lost. */
bool cmd_out_close(struct cmd *cmd);

/* The text of -h (all false) or --help. */
void help_of_command(struct cmd *cmd, const struct command *command, bool all);
void help_of_posthorn(struct cmd *cmd);

/* ERR_USAGE, with the name that was probably meant. */
enum err cmd_unknown(const char *name, struct diag *diag);

/* One line a command: every option, for completions, man pages and tests. */
void help_json_all(struct cmd *cmd);
