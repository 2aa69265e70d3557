#include "send_priv.h"

/* A message from options: addresses, header, parts. */

static enum err compose_open(struct send_content *self, bool seven, struct source **source, uint64_t *octets,
			     struct diag *diag)
{
	(void)seven; /* what we write is 7-bit clean in any case */
	*source = &self->compose.source;
	*octets = self->compose.octets;
	return source_rewind(*source, diag);
}

static bool any_guessed(const struct msg_part *part)
{
	bool guessed = part->charset_guessed;
	for (const struct msg_part *child = part->first; child != NULL; child = child->next)
		guessed = any_guessed(child) || guessed;
	return guessed;
}

static enum err set_envelope(struct send_run *run, struct send_message *message, struct send_lists *lists,
			     struct diag *diag)
{
	enum err err = send_resolve_from(run, NULL, message, diag);
	if (err == ERR_OK)
		err = send_read_lists(run, lists, diag);
	if (err != ERR_OK)
		return err;
	const struct msg_addr_list *const all[] = { &lists->to, &lists->cc, &lists->bcc };
	return send_set_recipients(run, all, ARRAY_LEN(all), message, diag);
}

enum err send_compose(struct send_run *run, struct send_message *message, bool *nothing, struct diag *diag)
{
	struct send_content *content = message->content;
	struct send_lists lists;
	struct msg_part *root = NULL;
	struct view head = view_none();
	enum err err = set_envelope(run, message, &lists, diag);
	if (err == ERR_OK)
		err = send_write_head(run, message, &lists, &head, diag);
	if (err == ERR_OK)
		err = send_make_parts(run, content, &root, nothing, diag);
	if (err != ERR_OK || *nothing)
		return err;
	if (run->opts->smime_sign != NULL || run->opts->smime_encrypt.n > 0)
		err = send_smime(run, content, &root, diag);
	if (err != ERR_OK)
		return err;
	content->composed = true;
	content->open = compose_open;
	err = msg_compose_init(&content->compose, head, root, run->cmd->env, run->cmd->arena, diag);
	if (err == ERR_OK && any_guessed(root))
		cmd_info(run->cmd, "the text is not UTF-8; sent as windows-1252 (--charset says what it is)");
	return err;
}
