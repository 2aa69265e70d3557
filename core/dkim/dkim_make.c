#include "dkim_make.h"

#include "base_ascii.h"
#include "base_base64.h"
#include "dkim_fold.h"
#include "dkim_signature.h"

enum { FIELD_MAX = 65536 };

/* dkim-quoted-printable (RFC 6376 2.11), UTF-8 left alone (RFC 8616). */
static void write_auid(struct dkim_folder *folder, struct view auid)
{
	BUF_AUTO struct buf word;
	buf_init(&word, 1024);
	buf_str(&word, "i=");
	for (size_t i = 0; i < auid.n; i++) {
		int c = view_at(auid, i);
		if ((ascii_is_vchar(c) && c != ';' && c != '=') || ascii_is_8bit(c))
			buf_byte(&word, c);
		else
			buf_printf(&word, "=%02X", (unsigned)c);
	}
	buf_byte(&word, ';');
	dkim_fold_word(folder, buf_view(&word));
}

const char *dkim_make_algorithm(const struct crypto_key *key)
{
	return dkim_alg_name(crypto_key_type(key) == CRYPTO_KEY_RSA ? DKIM_RSA_SHA256 : DKIM_ED25519_SHA256);
}

/* The field as far as "b=". */
static void write_field(struct dkim_folder *folder, const struct dkim_make *make, const struct dkim_made *made,
			struct buf *out)
{
	const struct dkim_signer *signer = made->signer;
	dkim_fold_begin(folder, out, make->name);
	dkim_fold_word(folder, view_str(make->first));
	dkim_fold_printf(folder, "a=%s;", made->algorithm);
	dkim_fold_printf(folder, "c=%s/%s;", dkim_canon_name(signer->header), dkim_canon_name(signer->body));
	dkim_fold_printf(folder, "d=%.*s;", VIEW_ARG(signer->domain));
	dkim_fold_printf(folder, "s=%.*s;", VIEW_ARG(signer->selector));
	if (signer->auid.n > 0)
		write_auid(folder, signer->auid);
	if (make->timestamp >= 0)
		dkim_fold_printf(folder, "t=%lld;", (long long)make->timestamp);
	if (make->expires >= 0)
		dkim_fold_printf(folder, "x=%lld;", (long long)make->expires);
	dkim_fold_list(folder, "h=", made->headers, ";");
	dkim_fold_printf(folder, "bh=%.*s;", VIEW_ARG(made->body_hash));
	dkim_fold_word(folder, VIEW("b="));
}

struct view dkim_make_base64(struct arena *arena, struct view bytes)
{
	char *text = arena_alloc(arena, base64_encoded_size(bytes.n) + 1);
	return view_of(text, base64_encode_raw(text, bytes.p, bytes.n));
}

enum err dkim_make_end(struct dkim_folder *folder, const struct crypto_key *key, struct crypto_digest *digest,
		       struct arena *arena, struct view *signature, struct view *field, struct diag *diag)
{
	BUF_AUTO struct buf raw;
	buf_init(&raw, CRYPTO_SIGNATURE_MAX);
	struct crypto_hash hash = crypto_digest_final(digest);
	enum err err = crypto_key_sign(key, CRYPTO_SHA256, &hash, &raw, diag);
	if (err != ERR_OK)
		return err;
	*signature = dkim_make_base64(arena, buf_view(&raw));
	dkim_fold_anywhere(folder, *signature);
	buf_str(folder->out, "\r\n");
	if (folder->out->over)
		return diag_set(diag, ERR_LIMIT, "the signature field is longer than %zu octets", folder->out->max);
	*field = arena_view(arena, buf_view(folder->out));
	return ERR_OK;
}

enum err dkim_make_field(const struct dkim_make *make, struct arena *arena, struct dkim_made *made, struct diag *diag)
{
	const struct dkim_signer *signer = made->signer;
	BUF_AUTO struct buf field, canonical;
	buf_init(&field, FIELD_MAX);
	buf_init(&canonical, FIELD_MAX);
	CRYPTO_DIGEST_AUTO struct crypto_digest digest = { 0 };

	struct dkim_folder folder;
	made->algorithm = dkim_make_algorithm(signer->key);
	made->body_hash = dkim_make_base64(arena, crypto_hash_view(make->body_hash));
	write_field(&folder, make, made, &field);
	dkim_canon_field(signer->header, buf_view(&field), &canonical);
	crypto_digest_copy(&digest, make->fields);
	crypto_digest_add(&digest, buf_view(&canonical));
	return dkim_make_end(&folder, signer->key, &digest, arena, &made->signature, &made->field, diag);
}
