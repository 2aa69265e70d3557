#include "dkim_key.h"

#include "base_base64.h"
#include "base_show.h"

static enum err check_version(const struct dkim_tags *tags, struct diag *diag)
{
	const struct dkim_tag *version = dkim_tags_find(tags, "v");
	if (version == NULL)
		return ERR_OK;
	if (version != &tags->at[0])
		return diag_set(diag, ERR_DATA, "v= must be the first tag of a key record");
	if (!view_is(version->value, "DKIM1"))
		return diag_set(diag, ERR_DATA, "v=%s is not DKIM1", SHOW(version->value));
	return ERR_OK;
}

static enum err take_type(const struct dkim_tags *tags, struct dkim_key_record *out, struct diag *diag)
{
	const struct dkim_tag *type = dkim_tags_find(tags, "k");
	if (type == NULL || view_is_case(type->value, "rsa"))
		out->type = CRYPTO_KEY_RSA;
	else if (view_is_case(type->value, "ed25519"))
		out->type = CRYPTO_KEY_ED25519;
	else
		return diag_set(diag, ERR_DATA, "k=%s is no key type known here", SHOW(type->value));
	return ERR_OK;
}

static enum err take_key(const struct dkim_tags *tags, struct arena *arena, struct dkim_key_record *out,
			 struct diag *diag)
{
	const struct dkim_tag *p = dkim_tags_find(tags, "p");
	if (p == NULL)
		return diag_set(diag, ERR_SYNTAX, "there is no p= in it");
	out->revoked = p->value.n == 0;
	BUF_AUTO struct buf der;
	buf_init(&der, CRYPTO_KEY_DER_MAX);
	bool decoded = base64_decode(p->value, BASE64_LENIENT, &der);
	if (der.over)
		return diag_set(diag, ERR_LIMIT, "p= is longer than %d octets", CRYPTO_KEY_DER_MAX);
	if (!decoded)
		return diag_set(diag, ERR_SYNTAX, "p= is not base64");
	out->der = arena_view(arena, buf_view(&der));
	return ERR_OK;
}

enum err dkim_key_parse(struct view text, struct arena *arena, struct dkim_key_record *out, struct diag *diag)
{
	struct dkim_tags tags;
	enum err err = dkim_tags_parse(text, &tags, diag);
	if (err == ERR_DATA)
		err = ERR_SYNTAX;
	if (err != ERR_OK)
		return err;
	struct dkim_key_record record = { .text = text, .sha256 = true, .sha1 = true, .email = true };
	err = check_version(&tags, diag);
	if (err == ERR_OK)
		err = take_type(&tags, &record, diag);
	if (err == ERR_OK)
		err = take_key(&tags, arena, &record, diag);
	if (err != ERR_OK)
		return err;

	const struct dkim_tag *hashes = dkim_tags_find(&tags, "h"), *services = dkim_tags_find(&tags, "s");
	if (hashes != NULL) {
		record.sha256 = dkim_list_has(hashes->value, ':', "sha256");
		record.sha1 = dkim_list_has(hashes->value, ':', "sha1");
	}
	if (services != NULL)
		record.email = dkim_list_has(services->value, ':', "*") || dkim_list_has(services->value, ':', "email");
	record.testing = dkim_list_has(dkim_tags_value(&tags, "t"), ':', "y");
	record.strict = dkim_list_has(dkim_tags_value(&tags, "t"), ':', "s");
	record.notes = dkim_tags_value(&tags, "n");
	*out = record;
	return ERR_OK;
}

enum err dkim_key_choose(const struct view *texts, size_t n, struct arena *arena, struct dkim_key_record *out,
			 struct diag *diag)
{
	if (n == 1)
		return dkim_key_parse(texts[0], arena, out, diag);
	size_t good = 0;
	for (size_t i = 0; i < n; i++) {
		struct dkim_key_record record;
		if (dkim_key_parse(texts[i], arena, &record, NULL) == ERR_OK && good++ == 0)
			*out = record;
	}
	if (good == 1)
		return ERR_OK;
	return diag_set(diag, ERR_DATA,
			good == 0 ? "none of %zu TXT records is a key record"
				  : "%zu TXT records at one name, more than one of them a key",
			n);
}

enum err dkim_key_write(const struct crypto_key *key, const struct dkim_key_form *form, struct buf *out,
			struct diag *diag)
{
	buf_str(out, "v=DKIM1; ");
	if (key != NULL) {
		enum crypto_key_type type = crypto_key_type(key);
		buf_printf(out, "k=%s; %s", crypto_key_type_name(type), type == CRYPTO_KEY_RSA ? "h=sha256; " : "");
	}
	if (form->flags.n > 0)
		buf_printf(out, "t=%.*s; ", VIEW_ARG(form->flags));
	if (form->notes.n > 0)
		buf_printf(out, "n=%.*s; ", VIEW_ARG(form->notes));
	buf_str(out, "p=");
	if (key == NULL)
		return buf_err(out);
	BUF_AUTO struct buf public;
	buf_init(&public, CRYPTO_KEY_DER_MAX);
	enum err err = crypto_key_write_public(key, &public, diag);
	if (err != ERR_OK)
		return err;
	base64_encode(buf_view(&public), out);
	return buf_err(out);
}
