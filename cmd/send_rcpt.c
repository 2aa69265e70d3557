#include "base_map.h"
#include "base_show.h"
#include "base_vec.h"
#include "dns_name.h"
#include "send_priv.h"

/* Recipients: where they are named, bare names, duplicates. */

enum { ALIAS_DEPTH = 10 };

/* Domains leave as A-labels; an address literal and ASCII stay as they are. */
static enum err domain_to_ascii(struct send_run *run, struct mailbox *mailbox, struct diag *diag)
{
	if (!mailbox->idn)
		return ERR_OK;
	struct dname name;
	enum err err = dname_parse_idn(run->cmd->arena, mailbox->domain, &name, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "\"%s\"", SHOW(mailbox->domain));
	mailbox->domain = dname_text(run->cmd->arena, name);
	mailbox->idn = false;
	return ERR_OK;
}

static enum err no_such_local(const struct mailbox *mailbox, struct diag *diag)
{
	return diag_set(diag, ERR_NO_USER,
			"\"%s\" has no domain: write %s@example.org, or put into posthorn.conf either "
			"aliases { %s = \"you@example.org\" } or domain = \"example.org\"",
			SHOW(mailbox->local), SHOW(mailbox->local), SHOW(mailbox->local));
}

enum err send_complete_address(struct send_run *run, struct mailbox *mailbox, struct diag *diag)
{
	for (int depth = 0; mailbox->kind == MAILBOX_BARE; depth++) {
		const char *to = depth == ALIAS_DEPTH ? NULL : config_alias(run->config, mailbox->local);
		const char *domain = config_text(config_global(run->config), "domain");
		struct view display = mailbox->display;
		if (to == NULL && domain == NULL)
			return no_such_local(mailbox, diag);
		BUF_AUTO struct buf text;
		buf_init(&text, 4096);
		if (to != NULL) {
			buf_str(&text, to);
		} else {
			msg_addr_write_local(mailbox->local, &text);
			buf_printf(&text, "@%s", domain);
		}
		struct view whole = arena_view(run->cmd->arena, buf_view(&text));
		enum err err = msg_addr_parse_one(whole, MSG_ADDR_BARE, run->cmd->arena, mailbox, diag);
		if (err != ERR_OK)
			return diag_prefix(diag, ERR_CONFIG, "alias or domain of the configuration, \"%s\"",
					   SHOW(whole));
		if (display.n > 0)
			mailbox->display = display;
	}
	return domain_to_ascii(run, mailbox, diag);
}

static enum err read_list(struct send_run *run, const char *what, const char *text, struct msg_addr_list *out,
			  struct diag *diag)
{
	struct msg_addr_list found = { 0 };
	enum err err = msg_addr_parse_list(view_str(text), MSG_ADDR_BARE, run->cmd->arena, &found, diag);
	for (size_t i = 0; i < found.n && err == ERR_OK; i++) {
		err = send_complete_address(run, &found.at[i], diag);
		if (err == ERR_OK)
			*VEC_PUSH(out, run->cmd->arena) = found.at[i];
	}
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s \"%s\"", what, SHOW(view_str(text)));
	if (found.n == 0)
		return diag_set(diag, ERR_SYNTAX, "%s \"%s\" names nobody", what, SHOW(view_str(text)));
	return ERR_OK;
}

static enum err read_texts(struct send_run *run, const char *what, const struct opt_texts *texts,
			   struct msg_addr_list *out, struct diag *diag)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < texts->n && err == ERR_OK; i++)
		err = read_list(run, what, texts->at[i], out, diag);
	return err;
}

enum err send_read_lists(struct send_run *run, struct send_lists *lists, struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	*lists = (struct send_lists){ 0 };
	enum err err = read_texts(run, "recipient", &run->cmd->args.operands, &lists->to, diag);
	if (err == ERR_OK)
		err = read_texts(run, "--to", &opts->to, &lists->to, diag);
	if (err == ERR_OK)
		err = read_texts(run, "--cc", &opts->cc, &lists->cc, diag);
	if (err == ERR_OK)
		err = read_texts(run, "--bcc", &opts->bcc, &lists->bcc, diag);
	const char *reply_to = opts->reply_to;
	if (reply_to == NULL)
		reply_to = config_account_text(run->config, run->account, "reply-to");
	if (err == ERR_OK && reply_to != NULL)
		err = read_list(run, "--reply-to", reply_to, &lists->reply_to, diag);
	return err;
}

/* Local part as it is, domain without case: what makes two recipients one. */
static struct view recipient_key(const struct mailbox *mailbox, struct arena *arena)
{
	BUF_AUTO struct buf text;
	buf_init(&text, MSG_ADDR_LENIENT_MAX * 4);
	buf_put(&text, mailbox->local);
	buf_byte(&text, '@');
	buf_lower(&text, mailbox->domain);
	return arena_view(arena, buf_view(&text));
}

enum err send_set_recipients(struct send_run *run, const struct msg_addr_list *const *lists, size_t n,
			     struct send_message *message, struct diag *diag)
{
	struct arena *arena = run->cmd->arena;
	struct msg_addr_list excluded = { 0 };
	enum err err = read_texts(run, "--exclude", &run->opts->exclude, &excluded, diag);
	if (err != ERR_OK)
		return err;
	struct map seen;
	map_init(&seen, arena, 0x706f7374686f726eU, false);
	for (size_t i = 0; i < excluded.n; i++)
		*map_put(&seen, recipient_key(&excluded.at[i], arena)) = &excluded;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < lists[i]->n; k++) {
			void **known = map_put(&seen, recipient_key(&lists[i]->at[k], arena));
			if (*known == NULL)
				*VEC_PUSH(&message->recipients, arena) = lists[i]->at[k];
			*known = message;
		}
	}
	if (message->recipients.n > 0)
		return ERR_OK;
	return diag_set(diag, ERR_USAGE,
			excluded.n > 0 ? "no recipient is left"
				       : "no recipient: name one, or take them from the "
					 "message with -t");
}
