#include "arc.h"
#include "base_show.h"
#include "dkim_make.h"

enum { FIELD_MAX = 65536 };

static void add_field(struct crypto_digest *digest, struct view raw)
{
	BUF_AUTO struct buf canonical;
	buf_init(&canonical, MSG_HEAD_OCTETS_MAX + 2);
	dkim_canon_field(DKIM_RELAXED, raw, &canonical);
	buf_str(&canonical, "\r\n");
	crypto_digest_add(digest, buf_view(&canonical));
}

static void add_sets(const struct arc *arc, unsigned n, struct crypto_digest *digest)
{
	for (unsigned i = 0; i < n; i++) {
		add_field(digest, arc->sets[i].results->raw);
		add_field(digest, arc->sets[i].message->raw);
		add_field(digest, arc->sets[i].seal->raw);
	}
}

struct crypto_hash arc_seal_hash(const struct arc *arc, unsigned n, enum crypto_alg alg)
{
	const struct arc_set *set = &arc->sets[n - 1];
	const struct dkim_signature *seal = &set->as.signature;
	BUF_AUTO struct buf canonical;
	buf_init(&canonical, MSG_HEAD_OCTETS_MAX);
	CRYPTO_DIGEST_AUTO struct crypto_digest digest;
	crypto_digest_init(&digest, alg);
	if (seal->cv != DKIM_CV_FAIL)
		add_sets(arc, n - 1, &digest);
	add_field(&digest, set->results->raw);
	add_field(&digest, set->message->raw);
	dkim_signature_canon(DKIM_RELAXED, seal->raw, seal->b_at, &canonical);
	crypto_digest_add(&digest, buf_view(&canonical));
	return crypto_digest_final(&digest);
}

/* What the new seal says of the chain it finds (RFC 8617 5.1). */
static enum err next_cv(const struct arc *arc, const char **cv, struct diag *diag)
{
	*cv = arc->n == 0 && arc->result == ARC_NONE ? "none" : arc->result == ARC_PASS ? "pass" : "fail";
	if (arc->result == ARC_TEMPERROR)
		return diag_set(diag, ERR_TEMP, "the chain that is there could not be judged: %s", arc->reason);
	if (arc->n > 0 && arc->sets[arc->n - 1].as.parsed && arc->sets[arc->n - 1].as.signature.cv == DKIM_CV_FAIL)
		return diag_set(diag, ERR_DATA,
				"the chain is marked cv=fail already; nothing may be added to it "
				"(RFC 8617 5.1)");
	if (arc->n == ARC_SETS_MAX)
		return diag_set(diag, ERR_DATA, "%d ARC sets are there, no more are allowed", ARC_SETS_MAX);
	return ERR_OK;
}

static void write_results(unsigned instance, const struct authres *results, struct buf *out)
{
	static const char name[] = "ARC-Authentication-Results:";
	size_t from = out->n;
	buf_printf(out, "%s i=%u;", name, instance);
	authres_write(results, out->n - from, out);
	buf_str(out, "\r\n");
}

/* The fields of dkim_sign's default, and the DKIM signatures that are there. */
static struct view signed_names(const struct arc *arc, struct arena *arena)
{
	BUF_AUTO struct buf names;
	buf_init(&names, FIELD_MAX);
	dkim_sign_headers(arc->head, true, &names);
	for (size_t i = msg_head_count(arc->head, VIEW("DKIM-Signature")); i > 0; i--)
		buf_str(&names, ":DKIM-Signature");
	return arena_view(arena, buf_view(&names));
}

static enum err make_message_signature(const struct arc *arc, const struct dkim_signer *signer, unsigned instance,
				       const struct crypto_hash *body_hash, int64_t timestamp, struct arena *arena,
				       struct view *out, struct diag *diag)
{
	struct dkim_made made = { .signer = signer, .headers = signed_names(arc, arena) };
	CRYPTO_DIGEST_AUTO struct crypto_digest fields;
	crypto_digest_init(&fields, CRYPTO_SHA256);
	dkim_hash_fields(signer->header, arc->head, made.headers, NULL, &fields);
	struct dkim_make make = {
		.name = "ARC-Message-Signature",
		.first = arena_printf(arena, "i=%u;", instance),
		.timestamp = timestamp,
		.expires = -1,
		.fields = &fields,
		.body_hash = body_hash,
	};
	enum err err = dkim_make_field(&make, arena, &made, diag);
	*out = made.field;
	return err;
}

static enum err make_seal(const struct arc *arc, const struct dkim_signer *signer, unsigned instance, const char *cv,
			  struct view results, struct view message, int64_t timestamp, struct arena *arena,
			  struct view *out, struct diag *diag)
{
	BUF_AUTO struct buf field, canonical;
	buf_init(&field, FIELD_MAX);
	buf_init(&canonical, FIELD_MAX);
	struct dkim_folder folder;
	dkim_fold_begin(&folder, &field, "ARC-Seal");
	dkim_fold_printf(&folder, "i=%u;", instance);
	dkim_fold_printf(&folder, "a=%s;", dkim_make_algorithm(signer->key));
	dkim_fold_printf(&folder, "cv=%s;", cv);
	dkim_fold_printf(&folder, "d=%.*s;", VIEW_ARG(signer->domain));
	dkim_fold_printf(&folder, "s=%.*s;", VIEW_ARG(signer->selector));
	dkim_fold_printf(&folder, "t=%lld;", (long long)timestamp);
	dkim_fold_word(&folder, VIEW("b="));

	CRYPTO_DIGEST_AUTO struct crypto_digest digest;
	crypto_digest_init(&digest, CRYPTO_SHA256);
	if (strcmp(cv, "pass") == 0)
		add_sets(arc, instance - 1, &digest);
	add_field(&digest, results);
	add_field(&digest, message);
	dkim_canon_field(DKIM_RELAXED, buf_view(&field), &canonical);
	crypto_digest_add(&digest, buf_view(&canonical));
	struct view signature;
	return dkim_make_end(&folder, signer->key, &digest, arena, &signature, out, diag);
}

enum err arc_seal(const struct arc *arc, const struct dkim_signer *signer, const struct authres *results,
		  const struct crypto_hash *body_hash, int64_t timestamp, struct arena *arena, struct view *out,
		  struct diag *diag)
{
	const char *cv;
	enum err err = next_cv(arc, &cv, diag);
	if (err == ERR_OK && msg_head_first(arc->head, VIEW("From")) == NULL)
		err = diag_set(diag, ERR_DATA, "the message has no From field, which a signature must cover");
	if (err != ERR_OK)
		return err;
	BUF_AUTO struct buf all, first;
	buf_init(&all, (size_t)FIELD_MAX * 4);
	buf_init(&first, FIELD_MAX * 2);
	unsigned instance = arc->n + 1;
	write_results(instance, results, &first);
	struct view message = view_none(), seal = view_none();
	err = make_message_signature(arc, signer, instance, body_hash, timestamp, arena, &message, diag);
	if (err == ERR_OK)
		err = make_seal(arc, signer, instance, cv, buf_view(&first), message, timestamp, arena, &seal, diag);
	if (err != ERR_OK)
		return err;
	buf_put(&all, seal);
	buf_put(&all, message);
	buf_put(&all, buf_view(&first));
	if (all.over || first.over)
		return diag_set(diag, ERR_LIMIT, "the ARC set is longer than %zu octets", all.max);
	*out = arena_view(arena, buf_view(&all));
	return ERR_OK;
}
