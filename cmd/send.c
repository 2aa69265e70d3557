#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "config_msmtprc.h"
#include "send_priv.h"

/* One message: made or taken, signed, delivered, accounted for. */

enum { MSMTPRC_MAX = 1 << 20 };

static const struct send_opts send_defaults = { .password_fd = SEND_NO_FD };

static enum err where_missing(struct send_run *run, struct diag *diag)
{
	return diag_set(diag, ERR_CONFIG,
			"no server named: say --server HOST (or --maildir DIR, --mbox FILE, --dump -), or put "
			"server = \"smtp.example.org\" into %s",
			run->config->path != NULL ? run->config->path : "~/.config/posthorn/posthorn.conf");
}

static bool goes_to_file(const struct send_opts *opts)
{
	return opts->dump != NULL || opts->maildir != NULL || opts->mbox != NULL;
}

/* Is there any way out? Asked before stdin is read, so that nobody types a mail for nothing. */
static enum err check_where(struct send_run *run, struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	if (goes_to_file(opts) && opts->server != NULL)
		return diag_set(diag, ERR_USAGE, "--server and a local place (--dump, --maildir, --mbox): one of them");
	if (goes_to_file(opts) || opts->dry_run == SEND_DRY_RENDER || opts->server != NULL || opts->account != NULL)
		return ERR_OK;
	const struct config_section *account = NULL;
	enum err err = config_account(run->config, NULL, view_none(), &account, diag);
	if (err != ERR_OK)
		return err;
	return config_account_text(run->config, account, "server") != NULL ? ERR_OK : where_missing(run, diag);
}

static void show_rendered(struct send_run *run, const struct send_message *message, uint64_t octets)
{
	struct cmd *cmd = run->cmd;
	BUF_AUTO struct buf text;
	buf_init(&text, MSG_ADDR_LENIENT_MAX * 4);
	msg_addr_write_path(&message->sender, &text);
	cmd_out_printf(cmd, "%s from %s, %llu octets, not sent (dry run)\n", SHOW(message->message_id),
		       SHOW(buf_view(&text)), (unsigned long long)octets);
	for (size_t i = 0; i < message->recipients.n; i++) {
		buf_reset(&text);
		msg_addr_write(&message->recipients.at[i], &text);
		cmd_out_printf(cmd, "to %s\n", SHOW(buf_view(&text)));
	}
}

/* --dry-run=render: everything is read, encoded and signed, and nothing leaves. */
static enum err render(struct send_run *run, struct send_message *message, struct send_results *results,
		       struct diag *diag)
{
	struct source *source;
	uint64_t octets;
	char block[16384];
	size_t n = 1;
	enum err err = send_message_open(message, SEND_AS_IS, &source, &octets, diag);
	while (err == ERR_OK && n > 0)
		err = source_read(source, block, sizeof block, &n, diag);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < results->n; i++) {
		results->at[i].reply = VIEW("not sent (dry run)");
		results->at[i].err = ERR_OK;
		results->at[i].octets = octets;
	}
	if (run->cmd->common->json)
		send_results_report(run->cmd, message, results);
	else
		show_rendered(run, message, octets);
	return ERR_OK;
}

static enum err deliver(struct send_run *run, struct send_message *message, struct diag *diag)
{
	struct send_results results;
	send_results_init(&results, message, run->cmd->arena);
	if (run->opts->dry_run == SEND_DRY_RENDER)
		return render(run, message, &results, diag);
	bool done;
	enum err err = send_local(run, message, &results, &done, diag);
	if (err == ERR_OK && !done)
		err = send_deliver(run, message, &results, diag);
	if (err == ERR_OK)
		send_results_report(run->cmd, message, &results);
	return err;
}

static enum err run_message(struct send_run *run, struct send_message *message, struct diag *diag)
{
	bool raw = run->opts->raw != NULL || run->opts->from_headers || run->opts->as_sendmail, nothing = false;
	enum err err = raw ? send_take_raw(run, message, &nothing, diag) : send_compose(run, message, &nothing, diag);
	if (err != ERR_OK || nothing)
		return err;
	err = send_dkim_prepare(run, message, diag);
	return err == ERR_OK ? deliver(run, message, diag) : err;
}

static enum err run_configured(struct send_run *run, struct send_opts *opts, struct diag *diag)
{
	if (opts->server_info)
		return send_server_info(run, diag);
	enum err err = check_where(run, diag);
	if (err == ERR_OK)
		err = send_merge_headers(run, opts, diag);
	if (err != ERR_OK)
		return err;
	struct send_content *content = arena_new(run->cmd->arena, struct send_content);
	content->run = run;
	struct send_message message = { .content = content };
	err = run_message(run, &message, diag);
	send_content_done(content);
	return err;
}

enum err send_main(struct cmd *cmd, struct send_opts *opts, struct diag *diag)
{
	struct config config = { 0 };
	struct send_run run = { .cmd = cmd, .opts = opts, .config = &config };
	enum err err = config_read(opts->common.config, cmd->arena, &config, diag);
	if (err == ERR_OK)
		err = run_configured(&run, opts, diag);
	config_done(&config);
	return err;
}

/* --import-msmtprc: nothing is sent, and no configuration of ours is asked. */
static enum err import_msmtprc(struct cmd *cmd, const char *path, struct diag *diag)
{
	BUF_AUTO struct buf theirs, ours;
	buf_init(&theirs, MSMTPRC_MAX);
	buf_init(&ours, 8 * MSMTPRC_MAX);
	enum err err = file_read(path, &theirs, diag);
	if (err != ERR_OK)
		return err;
	err = config_msmtprc(buf_view(&theirs), &ours, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", path);
	cmd_out_view(cmd, buf_view(&ours));
	return ERR_OK;
}

static enum err run(struct cmd *cmd, struct diag *diag)
{
	struct send_opts *opts = cmd->opts;
	if (opts->import_msmtprc != NULL)
		return import_msmtprc(cmd, opts->import_msmtprc, diag);
	if (isatty(STDIN_FILENO) && opts->body == NULL && opts->body_file == NULL && opts->markdown == NULL &&
	    opts->html == NULL && opts->raw == NULL && !opts->server_info)
		cmd_info(cmd, "reading the %s from the terminal; end it with Ctrl-D",
			 opts->from_headers ? "message" : "text");
	return send_main(cmd, opts, diag);
}

static const char *const usage[] = { "[options] [--] [RECIPIENT...]", NULL };

static const struct cmd_exit exits[] = {
	{ 0, "accepted for all recipients" },
	{ 1, "refused for good for some recipients" },
	{ 3, "in doubt: the connection was lost after the message, it may have arrived" },
	{ 67, "the recipient does not exist" },
	{ 69, "refused" },
	{ 75, "not sent, try again later" },
	{ 78, "no server or no sender named, or the configuration is wrong" },
	{ 0, NULL },
};

const struct command cmd_send = {
	.name = "send",
	.summary = "send a message",
	.usage = usage,
	.opts = send_opts_table,
	.opts_size = sizeof(struct send_opts),
	.defaults = &send_defaults,
	.operand = OPT_TEXT,
	.exits = exits,
	.run = run,
};
