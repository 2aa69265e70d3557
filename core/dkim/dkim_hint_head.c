#include "base_ascii.h"
#include "base_show.h"
#include "dkim_hint_priv.h"

/* A header block that differs from the message's in one field. */
struct variant {
	const struct dkim_verify *verify;
	const struct dkim_verdict *verdict;
	struct msg_head head;
	const struct msg_field *own;
};

/* All fields but `without`; `instead` (may be NULL) in its place. */
static void variant_make(struct variant *v, const struct msg_field *without, const struct msg_field *instead)
{
	const struct msg_head *from = v->verify->head;
	struct msg_field *at = arena_array(v->verify->arena, from->n, sizeof *at);
	v->head = *from;
	v->head.at = at;
	v->head.n = 0;
	for (size_t i = 0; i < from->n; i++) {
		if (&from->at[i] == without && instead == NULL)
			continue;
		if (&from->at[i] == v->verdict->field)
			v->own = &at[v->head.n];
		at[v->head.n++] = &from->at[i] == without ? *instead : from->at[i];
	}
}

static bool fits(const struct variant *v, enum dkim_canon form)
{
	const struct dkim_signature *signature = &v->verdict->signature;
	struct crypto_hash hash = dkim_verify_header_hash(&v->head, signature, v->own, form);
	return crypto_key_verify(v->verdict->found->key, dkim_alg_hash(signature->alg), &hash, signature->signature);
}

static const char *try_other_form(struct variant *v)
{
	enum dkim_canon other = v->verdict->signature.header == DKIM_SIMPLE ? DKIM_RELAXED : DKIM_SIMPLE;
	variant_make(v, NULL, NULL);
	if (!fits(v, other))
		return NULL;
	return arena_printf(v->verify->arena,
			    "the header fits with %s canonicalization: the signer said one and used the other",
			    dkim_canon_name(other));
}

static const char *try_without(struct variant *v)
{
	const struct msg_head *head = v->verify->head;
	struct view rest = v->verdict->signature.headers, name;
	size_t tried = 0;
	while (tried < DKIM_HINT_FIELDS && dkim_headers_next(&rest, &name)) {
		const struct msg_field *field = msg_head_first(head, name);
		if (field == NULL || field == v->verdict->field)
			continue;
		tried++;
		variant_make(v, field, NULL);
		if (fits(v, v->verdict->signature.header))
			return arena_printf(v->verify->arena,
					    "the header fits without the field %s: it was added later",
					    SHOW(field->name));
	}
	return NULL;
}

static const char *try_subject(struct variant *v)
{
	const struct msg_field *subject = msg_head_from_bottom(v->verify->head, VIEW("Subject"), 0);
	if (subject == NULL)
		return NULL;
	struct view text = view_trim(subject->value), left = text;
	for (int i = 0; i < DKIM_HINT_WORDS; i++) {
		while (left.n > 0 && !ascii_is_space(view_at(left, 0)))
			left = view_from(left, 1);
		left = view_trim(left);
		if (left.n == 0)
			return NULL;
		struct msg_field changed = *subject;
		changed.raw = view_str(
			arena_printf(v->verify->arena, "%.*s: %.*s\r\n", VIEW_ARG(subject->name), VIEW_ARG(left)));
		variant_make(v, subject, &changed);
		if (fits(v, v->verdict->signature.header))
			return arena_printf(v->verify->arena,
					    "the header fits without \"%s\" at the front of Subject: a mailing list or "
					    "filter put it there",
					    SHOW(view_trim(view_to(text, text.n - left.n))));
	}
	return NULL;
}

const char *dkim_hint_of_head(const struct dkim_verify *verify, const struct dkim_verdict *verdict)
{
	if (verdict->found == NULL || verdict->found->key == NULL)
		return NULL;
	struct variant v = { .verify = verify, .verdict = verdict };
	const char *hint = try_other_form(&v);
	if (hint == NULL)
		hint = try_without(&v);
	return hint != NULL ? hint : try_subject(&v);
}
