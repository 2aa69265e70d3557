#include "base_file.h"
#include "bounce_print.h"
#include "cmd.h"

static enum err run(struct cmd *cmd, struct diag *diag)
{
	struct bounce_classifier classifier;
	bounce_classifier_init(&classifier);
	for (size_t i = 0; i < cmd->args.operands.n; i++) {
		BUF_AUTO struct buf text;
		buf_init(&text, 64 << 20);
		enum err err = file_read(cmd->args.operands.at[i], &text, diag);
		if (err != ERR_OK)
			return err;
		struct arena arena = { 0 };
		struct bounce_report report;
		bounce_parse_message(&classifier, buf_view(&text), &arena, &report);
		for (size_t r = 0; r < report.records.n; r++)
			bounce_print_json(cmd, &report, &report.records.at[r], cmd->args.operands.at[i]);
		if (report.records.n == 0)
			bounce_print_json(cmd, &report, NULL, cmd->args.operands.at[i]);
		arena_done(&arena);
	}
	bounce_classifier_done(&classifier);
	return ERR_OK;
}

struct bounce_parse_opts {
	struct opt_common common;
};

static const struct opt opts[] = { { 0 } };
static const char *const usage[] = { "[FILE | MBOX | MAILDIR | DIR | -]…", NULL };

const struct command cmd_bounce_parse = {
	.name = "bounce-parse",
	.summary = "turn bounces, complaints and automatic answers into records",
	.usage = usage,
	.opts = opts,
	.opts_size = sizeof(struct bounce_parse_opts),
	.operand = OPT_FILE,
	.run = run,
};
