#include "base_ascii.h"
#include "base_show.h"
#include "base_time.h"
#include "base_vec.h"
#include "crypto_random.h"
#include "msg_date.h"
#include "msg_fold.h"
#include "msg_head.h"
#include "send_priv.h"

/* The header of a message that we write. */

enum { SEND_HEAD_MAX = 1 << 23, MESSAGE_ID_MAX = 900, TOKEN_LENGTH = 26 /* 130 bits */ };

static bool is_mime_field(struct view name)
{
	return view_starts_case(name, VIEW("Content-")) || view_is_case(name, "MIME-Version");
}

/* "Name: value" of -H. */
static enum err split_header(const char *text, struct view *name, struct view *value, struct diag *diag)
{
	struct view rest = view_str(text);
	*name = view_cut(&rest, ':');
	if (rest.p == NULL)
		return diag_set(diag, ERR_USAGE, "--header \"%s\": write it like 'X-Name: value'",
				SHOW(view_str(text)));
	*name = view_trim_end(*name);
	*value = view_trim(rest);
	if (!msg_field_name_valid(*name))
		return diag_set(diag, ERR_DATA, "--header: \"%s\" is no name of a header field", SHOW(*name));
	if (is_mime_field(*name))
		return diag_set(diag, ERR_USAGE,
				"--header \"%s\": that field is made from the content (--raw sends a message as it is)",
				SHOW(*name));
	return ERR_OK;
}

/* The option that stands for this field; NULL: none. */
static const char **option_of(struct send_opts *opts, struct view name)
{
	const struct {
		const char *name;
		const char **option;
	} rows[] = { { "From", &opts->from },
		     { "Subject", &opts->subject },
		     { "Reply-To", &opts->reply_to },
		     { "Date", &opts->date },
		     { "Message-ID", &opts->message_id },
		     { "In-Reply-To", &opts->in_reply_to },
		     { "References", &opts->references } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (view_is_case(name, rows[i].name))
			return rows[i].option;
	return NULL;
}

static struct opt_texts *list_of(struct send_opts *opts, struct view name)
{
	return view_is_case(name, "To")    ? &opts->to
	       : view_is_case(name, "Cc")  ? &opts->cc
	       : view_is_case(name, "Bcc") ? &opts->bcc
					   : NULL;
}

enum err send_merge_headers(struct send_run *run, struct send_opts *opts, struct diag *diag)
{
	struct arena *arena = run->cmd->arena;
	struct opt_texts kept = { 0 };
	for (size_t i = 0; i < opts->headers.n; i++) {
		struct view name, value;
		enum err err = split_header(opts->headers.at[i], &name, &value, diag);
		if (err != ERR_OK)
			return err;
		const char **option = option_of(opts, name);
		struct opt_texts *list = list_of(opts, name);
		if (option != NULL && *option != NULL)
			return diag_set(diag, ERR_USAGE, "--header \"%s\": given twice", SHOW(name));
		if (option != NULL)
			*option = arena_cstr(arena, value);
		else if (list != NULL)
			*VEC_PUSH(list, arena) = arena_cstr(arena, value);
		else
			*VEC_PUSH(&kept, arena) = opts->headers.at[i];
	}
	opts->headers = kept;
	return ERR_OK;
}

static enum err parse_date(const char *text, struct msg_date *out, struct diag *diag)
{
	int64_t epoch_s;
	if (base_time_parse(view_str(text), &epoch_s)) {
		*out = (struct msg_date){ epoch_s, base_time_local_offset(epoch_s), true };
		return ERR_OK;
	}
	enum err err = msg_date_parse(view_str(text), out, diag);
	return err == ERR_OK ? err
			     : diag_set(diag, ERR_USAGE,
					"--date \"%s\": not understood; write it like 2026-11-21T20:00:00Z or "
					"\"Sat, 21 Nov 2026 20:00:00 +0000\"",
					SHOW(view_str(text)));
}

enum err send_write_date(struct send_run *run, struct buf *out, struct diag *diag)
{
	int64_t now = env_wall_s(run->cmd->env);
	struct msg_date date = { now, base_time_local_offset(now), true };
	if (run->opts->date != NULL) {
		enum err err = parse_date(run->opts->date, &date, diag);
		if (err != ERR_OK)
			return err;
	}
	BUF_AUTO struct buf text;
	buf_init(&text, 100);
	msg_date_write(&date, &text);
	return msg_field_token(VIEW("Date"), buf_view(&text), out, diag);
}

/* With angle brackets, whether they were given or not. */
static enum err check_message_id(const char *what, struct view id, struct view *out, struct arena *arena,
				 struct diag *diag)
{
	if (view_at(id, 0) == '<' && view_last(id) == '>')
		id = view_slice(id, 1, id.n - 2);
	size_t at = view_find_byte(id, '@');
	bool good = at != SIZE_MAX && at > 0 && at + 1 < id.n && id.n <= MESSAGE_ID_MAX &&
		    !view_has_byte(view_from(id, at + 1), '@');
	for (size_t i = 0; i < id.n && good; i++)
		good = ascii_is_vchar(view_at(id, i)) && view_at(id, i) != '<' && view_at(id, i) != '>';
	if (!good)
		return diag_set(diag, ERR_DATA, "%s \"%s\": write it like <left@right>, printable ASCII without spaces",
				what, SHOW(id));
	*out = view_str(arena_printf(arena, "<%.*s>", VIEW_ARG(id)));
	return ERR_OK;
}

enum err send_make_message_id(struct send_run *run, struct send_message *message, struct diag *diag)
{
	struct arena *arena = run->cmd->arena;
	if (run->opts->message_id != NULL)
		return check_message_id("--message-id", view_trim(view_str(run->opts->message_id)),
					&message->message_id, arena, diag);
	struct view domain = message->from.domain;
	if (domain.n == 0 || message->from.literal)
		domain = VIEW("localhost.invalid");
	struct crypto_token token = crypto_token_random(run->cmd->env, TOKEN_LENGTH);
	message->message_id = view_str(arena_printf(arena, "<%s@%.*s>", token.text, VIEW_ARG(domain)));
	return ERR_OK;
}

/* In-Reply-To and References: ids, brackets added where they lack. */
static enum err put_ids(struct send_run *run, const char *what, const char *name, const char *text, struct buf *out,
			struct diag *diag)
{
	struct msg_fold fold;
	if (text == NULL)
		return ERR_OK;
	enum err err = msg_fold_begin(&fold, view_str(name), out, diag);
	struct view rest = view_str(text);
	size_t n = 0;
	while (rest.p != NULL && err == ERR_OK) {
		struct view id = view_trim(view_cut(&rest, ' '));
		if (id.n == 0)
			continue;
		err = check_message_id(what, id, &id, run->cmd->arena, diag);
		if (err == ERR_OK)
			msg_fold_token(&fold, id);
		n++;
	}
	if (err == ERR_OK && n == 0)
		err = diag_set(diag, ERR_DATA, "%s: no message-id given", what);
	return err == ERR_OK ? msg_fold_end(&fold, diag) : err;
}

static enum err put_addresses(const char *name, const struct msg_addr_list *list, struct send_message *message,
			      struct buf *out, struct diag *diag)
{
	if (list->n == 0)
		return ERR_OK;
	return msg_field_addresses(view_str(name), list->at, list->n, out, &message->utf8_head, diag);
}

static enum err put_people(struct send_message *message, struct send_lists *lists, struct buf *out, struct diag *diag)
{
	enum err err = msg_field_addresses(VIEW("From"), &message->from, 1, out, &message->utf8_head, diag);
	if (err == ERR_OK)
		err = put_addresses("To", &lists->to, message, out, diag);
	if (err == ERR_OK)
		err = put_addresses("Cc", &lists->cc, message, out, diag);
	if (err == ERR_OK)
		err = put_addresses("Reply-To", &lists->reply_to, message, out, diag);
	return err;
}

/* List-Unsubscribe, References-like and other structured text must not be encoded; printable ASCII never is. */
static enum err put_header(const char *text, struct buf *out, struct diag *diag)
{
	struct view name, value;
	enum err err = split_header(text, &name, &value, diag);
	return err == ERR_OK ? msg_field_text(name, value, out, diag) : err;
}

static enum err put_extra(struct send_run *run, struct buf *out, struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	enum err err = ERR_OK;
	if (opts->automatic)
		err = msg_field_token(VIEW("Auto-Submitted"), VIEW("auto-generated"), out, diag);
	const struct config_value *configured = config_value(run->account, "header");
	if (configured == NULL)
		configured = config_value(config_global(run->config), "header");
	for (size_t i = 0; configured != NULL && i < configured->n && err == ERR_OK; i++)
		err = put_header(configured->at[i], out, diag);
	for (size_t i = 0; i < opts->headers.n && err == ERR_OK; i++)
		err = put_header(opts->headers.at[i], out, diag);
	return err;
}

static enum err put_all(struct send_run *run, struct send_message *message, struct send_lists *lists, struct buf *out,
			struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	enum err err = put_people(message, lists, out, diag);
	if (err == ERR_OK && opts->subject != NULL)
		err = msg_field_text(VIEW("Subject"), view_str(opts->subject), out, diag);
	if (err == ERR_OK)
		err = send_write_date(run, out, diag);
	if (err == ERR_OK)
		err = msg_field_token(VIEW("Message-ID"), message->message_id, out, diag);
	if (err == ERR_OK)
		err = put_ids(run, "--in-reply-to", "In-Reply-To", opts->in_reply_to, out, diag);
	if (err == ERR_OK)
		err = put_ids(run, "--references", "References", opts->references, out, diag);
	return err == ERR_OK ? put_extra(run, out, diag) : err;
}

enum err send_write_head(struct send_run *run, struct send_message *message, struct send_lists *lists, struct view *out,
			 struct diag *diag)
{
	enum err err = send_make_message_id(run, message, diag);
	if (err != ERR_OK)
		return err;
	BUF_AUTO struct buf head;
	buf_init(&head, SEND_HEAD_MAX);
	err = put_all(run, message, lists, &head, diag);
	if (err == ERR_OK)
		*out = arena_view(run->cmd->arena, buf_view(&head));
	return err;
}
