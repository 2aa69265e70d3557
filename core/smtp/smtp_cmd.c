#include "smtp_cmd.h"

#include "base_ascii.h"
#include "base_base64.h"
#include "base_show.h"

/* Ends a command: the whole line or nothing of it. */
static enum err finish(struct buf *out, size_t from, struct diag *diag)
{
	buf_str(out, "\r\n");
	enum err err = ERR_OK;
	if (out->over)
		err = diag_set(diag, ERR_LIMIT, "no room for one more command");
	else if (out->n - from > SMTP_CMD_OCTETS)
		err = diag_set(diag, ERR_LIMIT, "an SMTP command of more than %d octets", SMTP_CMD_OCTETS);
	if (err != ERR_OK)
		buf_cut(out, from);
	return err;
}

static enum err refuse(const char *what, struct view v, struct buf *out, size_t from, struct diag *diag)
{
	buf_cut(out, from);
	return diag_set(diag, ERR_DATA, "%s cannot stand in an SMTP command: \"%s\"", what, SHOW(v));
}

/* The last guard of every argument: no control character, no line end, and 8-bit only where SMTPUTF8 allows it. */
static bool is_clean(struct view v, bool utf8) { return !view_has_ctl(v) && (utf8 || !view_has_8bit(v)); }

static bool is_word(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!ascii_is_vchar((unsigned char)v.p[i]))
			return false;
	return v.n > 0;
}

enum err smtp_cmd_hello(enum smtp_hello hello, struct view name, struct buf *out, struct diag *diag)
{
	static const char *const verbs[] = { "EHLO ", "HELO ", "LHLO " };
	size_t from = out->n;
	if (!is_word(name))
		return refuse("the EHLO name", name, out, from, diag);
	buf_str(out, verbs[hello]);
	buf_put(out, name);
	return finish(out, from, diag);
}

/* A path; its mailbox may be UTF-8 only with SMTPUTF8 (RFC 6531 3.3). */
static enum err put_path(const struct mailbox *mailbox, bool utf8, struct buf *out, size_t from, struct diag *diag)
{
	if (!is_clean(mailbox->local, utf8))
		return refuse("the local part", mailbox->local, out, from, diag);
	if (!is_clean(mailbox->domain, utf8) || view_has_byte(mailbox->domain, ' ') ||
	    view_has_byte(mailbox->domain, '>'))
		return refuse("the domain", mailbox->domain, out, from, diag);
	msg_addr_write_path(mailbox, out);
	return ERR_OK;
}

enum err smtp_cmd_mail(const struct smtp_mail *mail, struct buf *out, struct diag *diag)
{
	size_t from = out->n;
	buf_str(out, "MAIL FROM:");
	enum err err = put_path(mail->from, mail->smtputf8, out, from, diag);
	if (err != ERR_OK)
		return err;
	if (mail->with_size)
		buf_printf(out, " SIZE=%llu", (unsigned long long)mail->size);
	if (mail->body_8bit)
		buf_str(out, " BODY=8BITMIME");
	if (mail->smtputf8)
		buf_str(out, " SMTPUTF8");
	if (mail->requiretls)
		buf_str(out, " REQUIRETLS");
	if (mail->ret != SMTP_RET_NONE)
		buf_str(out, mail->ret == SMTP_RET_FULL ? " RET=FULL" : " RET=HDRS");
	if (mail->envid.n > 0) {
		buf_str(out, " ENVID=");
		smtp_xtext_write(mail->envid, out);
	}
	return finish(out, from, diag);
}

static void put_notify(unsigned notify, struct buf *out)
{
	static const struct {
		enum smtp_notify flag;
		const char *word;
	} words[] = { { SMTP_NOTIFY_SUCCESS, "SUCCESS" },
		      { SMTP_NOTIFY_FAILURE, "FAILURE" },
		      { SMTP_NOTIFY_DELAY, "DELAY" } };
	buf_str(out, " NOTIFY=");
	if ((notify & SMTP_NOTIFY_NEVER) != 0) {
		buf_str(out, "NEVER");
		return;
	}
	bool first = true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if ((notify & (unsigned)words[i].flag) == 0)
			continue;
		buf_str(out, first ? "" : ",");
		buf_str(out, words[i].word);
		first = false;
	}
}

/* RFC 6533 3: utf-8-addr-unitext. */
static void put_unitext(struct view v, struct buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		int c = (unsigned char)v.p[i];
		if (ascii_is_8bit(c) || (ascii_is_vchar(c) && c != '+' && c != '=' && c != '\\'))
			buf_byte(out, c);
		else
			buf_printf(out, "\\x{%02X}", (unsigned)c);
	}
}

/* RFC 3461 4.2; RFC 6533 3 for addresses that are not ASCII. */
static enum err put_orcpt(const struct mailbox *orcpt, bool utf8, struct buf *out, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, SMTP_CMD_OCTETS);
	msg_addr_write(orcpt, &text);
	bool foreign = view_has_8bit(buf_view(&text));
	if (foreign && !utf8)
		return diag_set(diag, ERR_DATA, "ORCPT is not ASCII, and the server has no SMTPUTF8");
	buf_str(out, foreign ? " ORCPT=utf-8;" : " ORCPT=rfc822;");
	if (foreign)
		put_unitext(buf_view(&text), out);
	else
		smtp_xtext_write(buf_view(&text), out);
	return ERR_OK;
}

enum err smtp_cmd_rcpt(const struct smtp_rcpt_cmd *rcpt, struct buf *out, struct diag *diag)
{
	size_t from = out->n;
	buf_str(out, "RCPT TO:");
	enum err err = put_path(rcpt->to, rcpt->smtputf8, out, from, diag);
	if (err == ERR_OK && rcpt->notify != 0)
		put_notify(rcpt->notify, out);
	if (err == ERR_OK && rcpt->orcpt != NULL)
		err = put_orcpt(rcpt->orcpt, rcpt->smtputf8, out, diag);
	if (err != ERR_OK) {
		buf_cut(out, from);
		return err;
	}
	return finish(out, from, diag);
}

enum err smtp_cmd_verb(enum smtp_verb verb, struct buf *out, struct diag *diag)
{
	static const char *const verbs[] = { "DATA", "RSET", "QUIT", "STARTTLS" };
	size_t from = out->n;
	buf_str(out, verbs[verb]);
	return finish(out, from, diag);
}

enum err smtp_cmd_bdat(uint64_t octets, bool last, struct buf *out, struct diag *diag)
{
	size_t from = out->n;
	buf_printf(out, "BDAT %llu%s", (unsigned long long)octets, last ? " LAST" : "");
	return finish(out, from, diag);
}

static enum err finish_auth(struct buf *out, size_t from, struct diag *diag)
{
	buf_str(out, "\r\n");
	if (!out->over && out->n - from <= SMTP_CMD_AUTH_OCTETS)
		return ERR_OK;
	buf_cut(out, from);
	return diag_set(diag, ERR_LIMIT, "an answer of more than %d octets to the server's AUTH challenge",
			SMTP_CMD_AUTH_OCTETS);
}

enum err smtp_cmd_auth(enum smtp_sasl_mech mech, const struct view *initial, bool *fits, struct buf *out,
		       struct diag *diag)
{
	size_t from = out->n;
	*fits = true;
	buf_printf(out, "AUTH %s", smtp_sasl_mech_name(mech));
	if (initial != NULL) {
		*fits = out->n - from + 1 + base64_encoded_size(initial->n) + 2 <= SMTP_CMD_AUTH_INITIAL;
		if (!*fits) {
			buf_cut(out, from);
			return ERR_OK;
		}
		buf_byte(out, ' ');
		if (initial->n == 0)
			buf_byte(out, '='); /* RFC 4954 4: an initial response of no octets */
		base64_encode(*initial, out);
	}
	return finish_auth(out, from, diag);
}

enum err smtp_cmd_auth_response(struct view response, struct buf *out, struct diag *diag)
{
	size_t from = out->n;
	base64_encode(response, out);
	return finish_auth(out, from, diag);
}

enum err smtp_cmd_auth_cancel(struct buf *out, struct diag *diag)
{
	size_t from = out->n;
	buf_byte(out, '*');
	return finish_auth(out, from, diag);
}

enum err smtp_cmd_xclient(struct view attributes, struct buf *out, struct diag *diag)
{
	size_t from = out->n;
	if (attributes.n == 0 || !is_clean(attributes, false))
		return refuse("--xclient", attributes, out, from, diag);
	buf_str(out, "XCLIENT ");
	buf_put(out, attributes);
	return finish(out, from, diag);
}

void smtp_xtext_write(struct view v, struct buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		int c = (unsigned char)v.p[i];
		if (ascii_is_vchar(c) && c != '+' && c != '=')
			buf_byte(out, c);
		else
			buf_printf(out, "+%02X", (unsigned)c);
	}
}

enum err smtp_xtext_parse(struct view v, struct buf *out, struct diag *diag)
{
	for (size_t i = 0; i < v.n; i++) {
		int c = (unsigned char)v.p[i];
		if (c == '+') {
			int high = ascii_hex_value(view_at(v, i + 1)), low = ascii_hex_value(view_at(v, i + 2));
			if (high < 0 || low < 0)
				return diag_at(diag, ERR_SYNTAX, 1, (unsigned)i + 1,
					       "xtext: + without two hexadecimal digits");
			buf_byte(out, high * 16 + low);
			i += 2;
		} else if (!ascii_is_vchar(c) || c == '=') {
			return diag_at(diag, ERR_SYNTAX, 1, (unsigned)i + 1, "xtext: a character that must be encoded");
		} else {
			buf_byte(out, c);
		}
	}
	return out->over ? diag_set(diag, ERR_LIMIT, "xtext longer than %zu octets", out->max) : ERR_OK;
}
