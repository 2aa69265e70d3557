#include "msg_fold.h"

#include "base_ascii.h"
#include "base_show.h"
#include "msg_encode.h"
#include "msg_word.h"

bool msg_field_name_valid(struct view name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_ftext(view_at(name, i)))
			return false;
	return name.n > 0 && name.n <= MSG_FOLD_NAME_MAX;
}

enum err msg_fold_begin(struct msg_fold *fold, struct view name, struct buf *out, struct diag *diag)
{
	if (!msg_field_name_valid(name))
		return diag_set(diag, ERR_DATA, "\"%s\" is no name of a header field", SHOW(name));
	*fold = (struct msg_fold){ out, name.n + 1, false, false };
	buf_put(out, name);
	buf_byte(out, ':');
	return ERR_OK;
}

static void put(struct msg_fold *fold, struct view token)
{
	buf_put(fold->out, token);
	fold->column += token.n;
	fold->too_long = fold->too_long || fold->column > MSG_LINE_MAX;
}

void msg_fold_token(struct msg_fold *fold, struct view token)
{
	if (fold->begun && fold->column + 1 + token.n > MSG_FOLD_LINE) {
		buf_str(fold->out, "\r\n");
		fold->column = 0;
	}
	put(fold, VIEW(" "));
	put(fold, token);
	fold->begun = true;
}

void msg_fold_glue(struct msg_fold *fold, struct view token) { put(fold, token); }

/* A run of spaces starts a token that holds all but one of them, so that unfolding gives back what was there. */
void msg_fold_words(struct msg_fold *fold, struct view words)
{
	while (words.n > 0) {
		size_t n = 0;
		while (ascii_is_wsp(view_at(words, n)))
			n++;
		while (n < words.n && !ascii_is_wsp(view_at(words, n)))
			n++;
		msg_fold_token(fold, view_to(words, n));
		words = view_from(words, n + 1);
	}
}

enum err msg_fold_end(struct msg_fold *fold, struct diag *diag)
{
	buf_str(fold->out, "\r\n");
	if (fold->out->over)
		return diag_set(diag, ERR_LIMIT, "more than %zu octets of header", fold->out->max);
	if (fold->too_long)
		return diag_set(diag, ERR_LIMIT, "a header line would be longer than %d octets", MSG_LINE_MAX);
	return ERR_OK;
}

static enum err value_refused(struct view name, struct view value, const char *what, struct diag *diag)
{
	return diag_set(diag, ERR_DATA, "%s: \"%s\" %s", SHOW(name), SHOW(value), what);
}

static enum err check_text(struct view name, struct view value, struct diag *diag)
{
	if (view_has_byte(value, '\r') || view_has_byte(value, '\n'))
		return value_refused(name, value, "has a line break, which would start another header field", diag);
	if (view_has_byte(value, 0))
		return value_refused(name, value, "has a NUL", diag);
	return ERR_OK;
}

static enum err check_ascii(struct view name, struct view value, struct diag *diag)
{
	enum err err = check_text(name, value, diag);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_is_vchar(view_at(value, i)) && !ascii_is_wsp(view_at(value, i)))
			return value_refused(name, value, "must be printable ASCII", diag);
	return ERR_OK;
}

enum err msg_field_text(struct view name, struct view text, struct buf *out, struct diag *diag)
{
	struct msg_fold fold;
	enum err err = check_text(name, text, diag);
	if (err == ERR_OK)
		err = msg_fold_begin(&fold, name, out, diag);
	if (err != ERR_OK)
		return err;
	text = view_trim(text);
	if (!msg_word_is_needed(text)) {
		msg_fold_words(&fold, text);
		return msg_fold_end(&fold, diag);
	}
	BUF_AUTO struct buf words;
	buf_init(&words, text.n * 16 + 256);
	err = msg_word_encode(text, fold.column + 1, &words, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", SHOW(name));
	msg_fold_words(&fold, buf_view(&words));
	return msg_fold_end(&fold, diag);
}

enum err msg_field_token(struct view name, struct view value, struct buf *out, struct diag *diag)
{
	struct msg_fold fold;
	enum err err = check_ascii(name, value, diag);
	if (err == ERR_OK)
		err = msg_fold_begin(&fold, name, out, diag);
	if (err != ERR_OK)
		return err;
	msg_fold_glue(&fold, VIEW(" "));
	msg_fold_glue(&fold, value);
	return msg_fold_end(&fold, diag);
}

enum err msg_field_words(struct view name, struct view value, struct buf *out, struct diag *diag)
{
	struct msg_fold fold;
	enum err err = check_ascii(name, value, diag);
	if (err == ERR_OK)
		err = msg_fold_begin(&fold, name, out, diag);
	if (err != ERR_OK)
		return err;
	msg_fold_words(&fold, view_trim(value));
	return msg_fold_end(&fold, diag);
}

static enum err fold_mailbox(struct msg_fold *fold, const struct mailbox *mailbox, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, mailbox->display.n * 16 + 4096);
	if (mailbox->display.n > 0) {
		enum err err = msg_word_encode_phrase(mailbox->display, fold->column + 1, &text, diag);
		if (err != ERR_OK)
			return err;
		if (view_at(buf_view(&text), 0) == '"')
			msg_fold_token(fold, buf_view(&text));
		else
			msg_fold_words(fold, buf_view(&text));
		buf_reset(&text);
		msg_addr_write_path(mailbox, &text);
	} else {
		msg_addr_write(mailbox, &text);
	}
	msg_fold_token(fold, buf_view(&text));
	return ERR_OK;
}

enum err msg_field_addresses(struct view name, const struct mailbox *mailboxes, size_t n, struct buf *out, bool *utf8,
			     struct diag *diag)
{
	struct msg_fold fold;
	enum err err = msg_fold_begin(&fold, name, out, diag);
	for (size_t i = 0; i < n && err == ERR_OK; i++) {
		err = fold_mailbox(&fold, &mailboxes[i], diag);
		if (i + 1 < n)
			msg_fold_glue(&fold, VIEW(","));
		if (utf8 != NULL)
			*utf8 = *utf8 || mailboxes[i].needs_smtputf8;
	}
	return err == ERR_OK ? msg_fold_end(&fold, diag) : err;
}
