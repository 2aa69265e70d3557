#include "base_show.h"
#include "base_vec.h"
#include "msg_fold.h"
#include "msg_word.h"
#include "send_priv.h"

/* A message that is there already: --raw, -t, sendmail. */

enum { RAW_HEAD_MAX = 2 * MSG_HEAD_OCTETS_MAX };

static enum err raw_open(struct send_content *self, bool seven, struct source **source, uint64_t *octets,
			 struct diag *diag)
{
	if (self->raw_open)
		msg_raw_close(&self->raw_source);
	self->raw_open = true;
	enum err err = msg_raw_open(&self->raw_source, &self->raw, self->raw_head, seven, self->run->cmd->arena, diag);
	*source = &self->raw_source.source;
	*octets = self->raw_source.octets;
	return err;
}

static enum err check_options(const struct send_opts *opts, struct diag *diag)
{
	const struct {
		const char *name;
		bool given;
	} rows[] = {
		{ "--subject", opts->subject != NULL },
		{ "--body", opts->body != NULL },
		{ "--body-file", opts->body_file != NULL },
		{ "--markdown", opts->markdown != NULL },
		{ "--html", opts->html != NULL },
		{ "--css", opts->css != NULL },
		{ "--attach", opts->attach.n > 0 },
		{ "--inline", opts->inlined.n > 0 },
		{ "--ical", opts->ical.n > 0 },
		{ "--header", opts->headers.n > 0 },
		{ "--reply-to", opts->reply_to != NULL },
		{ "--in-reply-to", opts->in_reply_to != NULL },
		{ "--references", opts->references != NULL },
		{ "--charset", opts->charset != NULL },
		{ "--auto", opts->automatic },
		{ "--smime-sign", opts->smime_sign != NULL },
		{ "--smime-encrypt", opts->smime_encrypt.n > 0 },
	};
	const char *mode = opts->raw != NULL ? "--raw" : "-t";
	if (opts->as_sendmail)
		return ERR_OK;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].given)
			return diag_set(diag, ERR_USAGE,
					"%s does not go with %s: that message has its header and content", rows[i].name,
					mode);
	return ERR_OK;
}

static enum err set_recipients(struct send_run *run, struct send_message *message, struct diag *diag)
{
	struct send_lists lists;
	struct msg_addr_list named = { 0 };
	enum err err = send_read_lists(run, &lists, diag);
	if (err == ERR_OK && run->opts->from_headers)
		err = msg_raw_recipients(&message->content->raw, MSG_ADDR_LENIENT | MSG_ADDR_BARE, run->cmd->arena,
					 &named, diag);
	for (size_t i = 0; i < named.n && err == ERR_OK; i++)
		err = send_complete_address(run, &named.at[i], diag);
	if (err != ERR_OK)
		return err;
	const struct msg_addr_list *const all[] = { &lists.to, &lists.cc, &lists.bcc, &named };
	return send_set_recipients(run, all, ARRAY_LEN(all), message, diag);
}

/* Fields of the header that we write instead of those that are there. */
struct rewritten {
	struct view names[8];
	size_t n;
};

/*
 * An address field with a name that has no domain (cron's "From: root", "To: root") would be refused by the next server:
 * it is completed as the envelope is. What cannot be read or completed stays as it is.
 */
static enum err complete_field(struct send_run *run, struct send_message *message, const char *name, struct buf *out,
			       struct rewritten *rewritten, struct diag *diag)
{
	const struct msg_head *head = &message->content->raw.head;
	const struct msg_field *field = msg_head_first(head, view_str(name));
	struct msg_addr_list list = { 0 };
	bool bare = false;
	if (field == NULL || msg_head_count(head, view_str(name)) > 1 ||
	    msg_addr_parse_list(field->value, MSG_ADDR_LENIENT | MSG_ADDR_BARE, run->cmd->arena, &list, NULL) !=
		    ERR_OK ||
	    list.groups.n > 0)
		return ERR_OK;
	for (size_t i = 0; i < list.n; i++) {
		struct view display = list.at[i].display;
		bool from = strcmp(name, "From") == 0 && list.n == 1;
		if (list.at[i].kind != MAILBOX_BARE)
			continue;
		bare = true;
		if (from)
			list.at[i] = message->from;
		else if (send_complete_address(run, &list.at[i], NULL) != ERR_OK)
			return ERR_OK;
		if (display.n > 0)
			list.at[i].display = msg_word_decode_view(display, run->cmd->arena);
	}
	if (!bare)
		return ERR_OK;
	rewritten->names[rewritten->n++] = view_str(name);
	return msg_field_addresses(view_str(name), list.at, list.n, out, &message->utf8_head, diag);
}

static enum err complete_fields(struct send_run *run, struct send_message *message, struct buf *out,
				struct rewritten *rewritten, struct diag *diag)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To", "Cc" };
	enum err err = ERR_OK;
	for (size_t i = 0; i < ARRAY_LEN(names) && err == ERR_OK && !message->content->raw.is_signed; i++)
		err = complete_field(run, message, names[i], out, rewritten, diag);
	return err;
}

/* Date, Message-ID and From where they lack. */
static enum err write_missing(struct send_run *run, struct send_message *message, struct buf *out, struct diag *diag)
{
	const struct msg_head *head = &message->content->raw.head;
	enum err err = ERR_OK;
	if (msg_head_first(head, VIEW("From")) == NULL)
		err = msg_field_addresses(VIEW("From"), &message->from, 1, out, &message->utf8_head, diag);
	if (err == ERR_OK && msg_head_first(head, VIEW("Date")) == NULL)
		err = send_write_date(run, out, diag);
	if (err != ERR_OK)
		return err;
	if (msg_head_first(head, VIEW("Message-ID")) != NULL) {
		message->message_id = msg_head_value(head, VIEW("Message-ID"), run->cmd->arena);
		return ERR_OK;
	}
	err = send_make_message_id(run, message, diag);
	return err == ERR_OK ? msg_field_token(VIEW("Message-ID"), message->message_id, out, diag) : err;
}

static enum err write_head(struct send_run *run, struct send_message *message, struct diag *diag)
{
	struct send_content *content = message->content;
	struct rewritten rewritten = { .n = 0 };
	BUF_AUTO struct buf more, head;
	buf_init(&more, RAW_HEAD_MAX);
	buf_init(&head, RAW_HEAD_MAX);
	enum err err = write_missing(run, message, &more, diag);
	if (err == ERR_OK)
		err = complete_fields(run, message, &more, &rewritten, diag);
	if (err != ERR_OK)
		return err;
	msg_raw_write_head(&content->raw, buf_view(&more), rewritten.names, rewritten.n, &head);
	if (buf_err(&head) != ERR_OK)
		return diag_set(diag, ERR_LIMIT, "the header is longer than %d octets", RAW_HEAD_MAX);
	content->raw_head = arena_view(run->cmd->arena, buf_view(&head));
	message->eight_bit = content->raw.eight_bit;
	message->utf8_head = message->utf8_head || content->raw.utf8_head;
	return ERR_OK;
}

enum err send_take_raw(struct send_run *run, struct send_message *message, bool *nothing, struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	struct send_content *content = message->content;
	struct send_input *input;
	enum err err = check_options(opts, diag);
	if (err == ERR_OK)
		err = send_input_file(content, opts->raw != NULL ? opts->raw : "-",
				      opts->raw != NULL ? "--raw" : "the message", &input, diag);
	if (err != ERR_OK)
		return err;
	*nothing = input->octets == 0 && opts->if_output;
	if (*nothing)
		return ERR_OK;
	if (input->octets == 0 && !opts->allow_empty && !opts->as_sendmail)
		return diag_set(diag, ERR_DATA,
				"the message is empty (--allow-empty sends it, --if-output then sends nothing)");
	err = msg_raw_scan(&content->raw, input->source, run->cmd->arena, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", opts->raw != NULL ? SHOW(view_str(opts->raw)) : "message");
	content->open = raw_open;
	err = send_resolve_from(run, &content->raw.head, message, diag);
	if (err == ERR_OK)
		err = set_recipients(run, message, diag);
	return err == ERR_OK ? write_head(run, message, diag) : err;
}
