#include <stdlib.h>

#include "base_show.h"
#include "cmd_priv.h"
#include "send.h"

/*
 * sendmail(8)'s command line, for programs that call it: cron, mutt, git send-email, PHP, smartd. What is unknown but
 * harmless is accepted; what asks for a daemon is refused.
 */

static const char *const ret_choices[] = { "", "full", "hdrs", NULL };

struct sendmail_opts {
	struct send_opts send; /* first: the common options are its first member */
	const char *mode;      /* of -b */
	const char *letter_o;  /* -oi and the like */
	const char *flush;
};

#define AT(member) offsetof(struct sendmail_opts, member)

/* clang-format off */
static const struct opt opts[] = {
	{ 't', OPT_FLAG, NULL, NULL, "recipients from the header, besides those given", NULL, AT(send.from_headers), OPT_COMMON },
	{ 'f', OPT_TEXT, NULL, "ADDRESS", "envelope sender; '' or '<>': none", NULL, AT(send.envelope_from), OPT_COMMON },
	{ 'r', OPT_TEXT, NULL, "ADDRESS", "the same", NULL, AT(send.envelope_from), 0 },
	{ 'F', OPT_TEXT, NULL, "NAME", "the author's name, where the message has no From", NULL, AT(send.from_name), OPT_COMMON },
	{ 'i', OPT_FLAG, NULL, NULL, "a lone dot does not end the message (it never does)", NULL, 0, OPT_IGNORED | OPT_COMMON },
	{ 'N', OPT_TEXT, NULL, "NOTIFY", "delivery reports: never, or of success, failure, delay", NULL, AT(send.dsn_notify), 0 },
	{ 'R', OPT_CHOICE, NULL, "PART", "what a report returns: full or hdrs", ret_choices, AT(send.dsn_ret), 0 },
	{ 'V', OPT_TEXT, NULL, "ID", "the report's envelope id", NULL, AT(send.dsn_envid), 0 },
	{ 'v', OPT_COUNT, NULL, NULL, "say what happens", NULL, AT(send.common.verbose), OPT_COMMON },
	{ 'b', OPT_TEXT, NULL, "MODE", "m: send (default), p: list the queue, i: rebuild aliases", NULL, AT(mode), 0 },
	{ 'q', OPT_TEXT, NULL, "INTERVAL", "flush the queue", NULL, AT(flush), OPT_OPTIONAL },
	{ 'C', OPT_FILE, NULL, "FILE", "configuration file of posthorn", NULL, AT(send.common.config), 0 },
	{ 'X', OPT_OUTFILE, NULL, "FILE", "write the SMTP dialog there", NULL, AT(send.transcript), 0 },
	{ 'o', OPT_TEXT, NULL, "OPTION", "accepted", NULL, AT(letter_o), 0 },
	{ 'O', OPT_TEXT, NULL, "OPTION=VALUE", "accepted", NULL, 0, OPT_IGNORED },
	{ 'B', OPT_TEXT, NULL, "TYPE", "accepted: 7BIT or 8BITMIME is seen from the message", NULL, 0, OPT_IGNORED },
	{ 'A', OPT_TEXT, NULL, "C", "accepted", NULL, 0, OPT_IGNORED },
	{ 'L', OPT_TEXT, NULL, "TAG", "accepted", NULL, 0, OPT_IGNORED },
	{ 'd', OPT_TEXT, NULL, "X", "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'p', OPT_TEXT, NULL, "X", "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'G', OPT_FLAG, NULL, NULL, "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'U', OPT_FLAG, NULL, NULL, "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'm', OPT_FLAG, NULL, NULL, "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'n', OPT_FLAG, NULL, NULL, "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 's', OPT_FLAG, NULL, NULL, "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'x', OPT_FLAG, NULL, NULL, "accepted", NULL, 0, OPT_IGNORED | OPT_HIDDEN },
	{ 'h', OPT_FLAG, NULL, NULL, "the most used options", NULL, AT(send.common.help_short), 0 },
	{ 0, OPT_FLAG, "help", NULL, "all options", NULL, AT(send.common.help_long), 0 },
	{ 0, OPT_END, NULL, NULL, NULL, NULL, 0, 0 },
};
/* clang-format on */

static enum err no_queue(struct cmd *cmd)
{
	cmd_out_str(cmd, "Mail queue is empty\n");
	return ERR_OK;
}

static enum err sendmail_run(struct cmd *cmd, struct diag *diag)
{
	struct sendmail_opts *given = cmd->opts;
	if (cmd->args.help_asked) {
		help_of_command(cmd, cmd->command, given->send.common.help_long);
		return ERR_OK;
	}
	struct view mode = view_str(given->mode != NULL ? given->mode : "m");
	if (view_is(mode, "p"))
		return no_queue(cmd);
	if (view_is(mode, "i") || given->flush != NULL)
		return ERR_OK;
	if (!view_is(mode, "m"))
		return diag_set(diag, ERR_USAGE,
				"-b%s: no such mode here; a message on standard input is sent, there is no daemon and "
				"no SMTP dialog",
				SHOW(mode));
	cmd->common = &given->send.common;
	given->send.as_sendmail = true;
	return send_main(cmd, &given->send, diag);
}

static enum err mailq_run(struct cmd *cmd, struct diag *diag)
{
	(void)diag;
	return no_queue(cmd);
}

static enum err newaliases_run(struct cmd *cmd, struct diag *diag)
{
	(void)diag;
	(void)cmd;
	return ERR_OK;
}

static const char *const sendmail_usage[] = { "[options] [RECIPIENT...]", NULL };
static const char *const no_usage[] = { "", NULL };
static const struct sendmail_opts sendmail_defaults = { .send = { .password_fd = SEND_NO_FD } };

const struct command cmd_sendmail = {
	.name = "sendmail",
	.summary = "send a message as sendmail does",
	.usage = sendmail_usage,
	.opts = opts,
	.opts_size = sizeof(struct sendmail_opts),
	.defaults = &sendmail_defaults,
	.operand = OPT_TEXT,
	.flags = CMD_NO_COMMON,
	.run = sendmail_run,
};

const struct command cmd_mailq = {
	.name = "mailq",
	.summary = "list the queue",
	.usage = no_usage,
	.opts = opts,
	.opts_size = sizeof(struct sendmail_opts),
	.defaults = &sendmail_defaults,
	.operand = OPT_END,
	.flags = CMD_NO_COMMON | CMD_HIDDEN,
	.run = mailq_run,
};

const struct command cmd_newaliases = {
	.name = "newaliases",
	.summary = "nothing to do: aliases are read at each run",
	.usage = no_usage,
	.opts = opts,
	.opts_size = sizeof(struct sendmail_opts),
	.defaults = &sendmail_defaults,
	.operand = OPT_END,
	.flags = CMD_NO_COMMON | CMD_HIDDEN,
	.run = newaliases_run,
};
