#include "base_ascii.h"
#include "base_show.h"
#include "base_utf8.h"
#include "msg_compose_priv.h"
#include "msg_fold.h"
#include "msg_word.h"

/* The MIME fields of one part. */

enum { PARAM_PIECE = 60 }; /* octets of the value of one piece of a continued parameter */

static bool all_token(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!ascii_is_token(view_at(v, i)))
			return false;
	return v.n > 0;
}

/* RFC 2231 attribute-char. */
static bool is_attribute(int c) { return ascii_is_token(c) && c != '*' && c != '\'' && c != '%'; }

static void put_quoted(struct view value, struct buf *out)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < value.n; i++) {
		if (view_at(value, i) == '"' || view_at(value, i) == '\\')
			buf_byte(out, '\\');
		buf_byte(out, view_at(value, i));
	}
	buf_byte(out, '"');
}

/* The next piece of an extended value, at most PARAM_PIECE octets, escapes whole. Returns the octets used. */
static size_t put_extended(struct view value, struct buf *out)
{
	size_t from = out->n, i = 0;
	for (; i < value.n && out->n - from + 3 <= PARAM_PIECE; i++) {
		int c = view_at(value, i);
		if (is_attribute(c))
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
	return i;
}

static size_t escaped_length(struct view value)
{
	size_t n = 0;
	for (size_t i = 0; i < value.n; i++)
		n += is_attribute(view_at(value, i)) ? 1 : 3;
	return n;
}

static void token_of(struct msg_fold *fold, struct buf *token)
{
	msg_fold_glue(fold, VIEW(";"));
	msg_fold_token(fold, buf_view(token));
	buf_reset(token);
}

/* RFC 2231 3 and 4: name*=utf-8''..., in pieces name*0*=, name*1*= where it is long. */
static void extended_param(struct msg_fold *fold, struct view name, struct view value)
{
	BUF_AUTO struct buf token;
	buf_init(&token, 1024);
	bool pieces = escaped_length(value) + 3 > PARAM_PIECE;
	for (unsigned i = 0; value.n > 0; i++) {
		buf_put(&token, name);
		if (pieces)
			buf_printf(&token, "*%u", i);
		buf_str(&token, i == 0 ? "*=utf-8''" : "*=");
		value = view_from(value, put_extended(value, &token));
		token_of(fold, &token);
	}
}

static enum err put_param(struct msg_fold *fold, struct view name, struct view value, struct diag *diag)
{
	if (view_has_ctl(value))
		return diag_set(diag, ERR_DATA, "%s: \"%s\" has control characters", SHOW(name), SHOW(value));
	if (view_has_8bit(value) && !utf8_valid(value))
		return diag_set(diag, ERR_DATA, "%s: \"%s\" is not UTF-8 (give a name with ;name=)", SHOW(name),
				SHOW(value));
	if (view_has_8bit(value) || value.n > PARAM_PIECE || msg_word_looks_encoded(value)) {
		extended_param(fold, name, value);
		return ERR_OK;
	}
	BUF_AUTO struct buf token;
	buf_init(&token, 1024);
	buf_put(&token, name);
	buf_byte(&token, '=');
	if (all_token(value))
		buf_put(&token, value);
	else
		put_quoted(value, &token);
	token_of(fold, &token);
	return ERR_OK;
}

static enum err put_content_type(const struct msg_part *part, struct buf *out, struct diag *diag)
{
	struct msg_fold fold;
	enum err err = msg_fold_begin(&fold, VIEW("Content-Type"), out, diag);
	if (err != ERR_OK)
		return err;
	msg_fold_token(&fold, part->type);
	for (const struct msg_part_param *param = part->params; param != NULL && err == ERR_OK; param = param->next)
		err = put_param(&fold, param->name, param->value, diag);
	if (err == ERR_OK && part->charset.n > 0)
		err = put_param(&fold, VIEW("charset"), part->charset, diag);
	if (err == ERR_OK && part->boundary.n > 0)
		err = put_param(&fold, VIEW("boundary"), part->boundary, diag);
	if (err == ERR_OK && part->name.n > 0 && part->disposition != NULL && !view_has_8bit(part->name) &&
	    part->name.n <= PARAM_PIECE)
		err = put_param(&fold, VIEW("name"), part->name, diag);
	return err == ERR_OK ? msg_fold_end(&fold, diag) : err;
}

static enum err put_disposition(const struct msg_part *part, struct buf *out, struct diag *diag)
{
	struct msg_fold fold;
	enum err err = msg_fold_begin(&fold, VIEW("Content-Disposition"), out, diag);
	if (err != ERR_OK)
		return err;
	msg_fold_token(&fold, view_str(part->disposition));
	if (part->name.n > 0)
		err = put_param(&fold, VIEW("filename"), part->name, diag);
	return err == ERR_OK ? msg_fold_end(&fold, diag) : err;
}

static enum err put_cid(const struct msg_part *part, struct buf *out, struct diag *diag)
{
	struct msg_fold fold;
	enum err err = msg_fold_begin(&fold, VIEW("Content-ID"), out, diag);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < part->cid.n; i++)
		if (!ascii_is_vchar(view_at(part->cid, i)) || strchr("<>\"()\\", view_at(part->cid, i)) != NULL)
			return diag_set(diag, ERR_DATA,
					"\"%s\" cannot be a Content-ID (give an ASCII name with ;name=)",
					SHOW(part->cid));
	msg_fold_glue(&fold, VIEW(" <"));
	msg_fold_glue(&fold, part->cid);
	msg_fold_glue(&fold, VIEW(">"));
	return msg_fold_end(&fold, diag);
}

enum err msg_part_write_head(const struct msg_part *part, struct buf *out, struct diag *diag)
{
	enum err err = put_content_type(part, out, diag);
	bool coded = part->boundary.n == 0 && part->encoding != MSG_ENCODING_7BIT &&
		     part->encoding != MSG_ENCODING_EXACT;
	if (err == ERR_OK && coded)
		err = msg_field_token(VIEW("Content-Transfer-Encoding"), view_str(msg_encoding_name(part->encoding)),
				      out, diag);
	if (err == ERR_OK && part->disposition != NULL)
		err = put_disposition(part, out, diag);
	if (err == ERR_OK && part->cid.n > 0)
		err = put_cid(part, out, diag);
	if (err == ERR_OK && part->description.n > 0)
		err = msg_field_text(VIEW("Content-Description"), part->description, out, diag);
	return err;
}
