#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_env.h"
#include "base_err.h"
#include "base_json.h"
#include "opt.h"

/*
 * What every command shares: the common options of CLI.md 1, output, messages, exit.
 *
 * A command NAME (file cmd/NAME.c, '-' written '_') defines `const struct command cmd_NAME` and is listed in
 * cmd/meson.build. Its options struct has a struct opt_common as first member.
 */
enum cmd_color { CMD_COLOR_AUTO, CMD_COLOR_ALWAYS, CMD_COLOR_NEVER };
enum cmd_progress { CMD_PROGRESS_AUTO, CMD_PROGRESS_OFF, CMD_PROGRESS_JSON };

struct opt_common {
	bool json;
	bool quiet;
	unsigned verbose;
	enum cmd_color color;
	enum cmd_progress progress;
	const char *config;             /* --config; NULL: the search order of CLI.md 1 */
	struct opt_endpoints resolvers; /* addresses; port 0 is 53 */
	struct opt_texts zones;         /* zone files */
	uint64_t dns_timeout_ms;        /* 0: not given, 5000 */
	struct opt_time now;
	bool help_short, help_long;
};

/* Rows of the common options, for opt_parse and help. */
extern const struct opt opt_common_table[];

struct cmd_exit {
	int code;
	const char *meaning;
};

struct cmd;

struct command {
	const char *name;
	const char *summary;      /* one line, lower case, no full stop */
	const char *const *usage; /* what stands behind "posthorn NAME", a line each, NULL behind the last */
	const struct opt *opts;   /* ends with OPT_END */
	size_t opts_size;         /* sizeof the options struct */
	const void *defaults;     /* of that size, or NULL: all zero */
	enum opt_kind operand;    /* what completion offers: OPT_FILE, OPT_DIR, OPT_DOMAIN, OPT_TEXT, OPT_END none */
	const char *const *verbs; /* first operands that are words (send status ...), NULL-terminated, or NULL */
	const struct cmd_exit *exits; /* those it uses beyond cmd_exit_common, ends with meaning NULL */
	unsigned flags;
	/*
	 * The work. ERR_OK: the program exits with cmd->exit_code (0 unless set). Else diag is printed behind
	 * "posthorn NAME: " and the exit code is that of the error.
	 */
	enum err (*run)(struct cmd *cmd, struct diag *diag);
};

enum cmd_flag {
	CMD_NO_COMMON = 1U << 0, /* sendmail's personality: no common options, -h is its own */
	CMD_HIDDEN = 1U << 1,    /* not in the list of commands */
};

struct cmd_out {
	struct buf buf;
	struct json json;
	bool failed;    /* told once, 74 at exit */
	bool each_line; /* a terminal: flushed at each line */
};

struct cmd {
	const struct command *command;
	const char *title; /* "posthorn send" or "sendmail": in front of messages */
	void *opts;
	const struct opt_common *common;
	struct opt_args args;
	struct arena *arena;   /* lives as long as the program */
	const struct env *env; /* the machine's, with --now */
	struct cmd_out out;
	int exit_code;
	bool dns_configured;    /* cmd_config_dns was here */
	bool colored;           /* of stdout */
	const char *claimed[2]; /* who reads stdin, who writes stdout */
	struct env env_store;
	int64_t now_store;
};

/* All commands, in the order of DESIGN.md; NULL behind the last. */
extern const struct command *const cmd_table[];
const struct command *cmd_find(const char *name);

/* Parse, help, run, flush: returns the exit code. argv[0] is the command's name. */
int cmd_run(const struct command *command, const char *title, int argc, char **argv);

/*
 * Output to stdout, buffered. A write that fails is remembered: cmd_run says so and exits 74, so nothing here is checked.
 * Text from outside goes in with cmd_out_shown.
 */
void cmd_out_str(struct cmd *cmd, const char *s);
void cmd_out_view(struct cmd *cmd, struct view v);  /* raw: for bytes that are the result (a message, a key) */
void cmd_out_shown(struct cmd *cmd, struct view v); /* escaped for people (base_show.h) */
void cmd_out_printf(struct cmd *cmd, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cmd_out_flush(struct cmd *cmd);
bool cmd_out_failed(const struct cmd *cmd); /* so that long work can stop early */

/* One JSON line: begin opens the object and writes "v":1, end closes it and the line. */
struct json *cmd_json_begin(struct cmd *cmd);
void cmd_json_end(struct cmd *cmd);

/* stdout as a sink, for streams. */
struct sink *cmd_out_sink(struct cmd *cmd);

/* Escape sequences, "" when stdout is not coloured. */
enum cmd_style { CMD_RESET, CMD_BOLD, CMD_DIM, CMD_RED, CMD_GREEN, CMD_YELLOW, CMD_BLUE };
const char *cmd_style(const struct cmd *cmd, enum cmd_style style);

/* To stderr with the command's name in front and a newline behind. info is silent under -q, debug speaks under -v. */
void cmd_error(const struct cmd *cmd, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cmd_info(const struct cmd *cmd, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cmd_debug(const struct cmd *cmd, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Print an error that does not end the run (one of many files) as cmd_run would; "FILE: " first unless what is NULL. */
void cmd_report(const struct cmd *cmd, const char *what, enum err err, const struct diag *diag);

/*
 * Say who uses stdin or stdout ("--body-file -"); the second one is ERR_USAGE.
 */
enum cmd_end { CMD_STDIN, CMD_STDOUT };
MUST_CHECK enum err cmd_claim(struct cmd *cmd, enum cmd_end end, const char *who, struct diag *diag);

/*
 * A line on stderr that is written over again (a terminal), or an object a second (--progress json), or nothing.
 */
struct cmd_progress_line {
	struct cmd *cmd;
	const char *what; /* "messages" */
	int64_t next_ms;
	bool drawn;
};
void cmd_progress_init(struct cmd_progress_line *line, struct cmd *cmd, const char *what);
void cmd_progress_step(struct cmd_progress_line *line, uint64_t done, uint64_t total); /* total 0: unknown */
void cmd_progress_done(struct cmd_progress_line *line);                                /* wipes it */

/*
 * What the configuration says of --resolver, --zone and --dns-timeout, put into the common options where the command
 * line did not. cmd_dns_open calls it: a command that asks no names reads no configuration.
 * errors  those of config_read, ERR_CONFIG for a value that the option would refuse
 */
MUST_CHECK enum err cmd_config_dns(struct cmd *cmd, struct diag *diag);

/* The exit codes of CLI.md 1, for help and the man page. */
extern const struct cmd_exit cmd_exit_common[];
