#include "dkim_hash.h"

#include <assert.h>

#include "base_ascii.h"

/*
 * The fields by a hash of their names, 0 once one is taken: h= may name hundreds of fields and a message have thousands, and
 * strangers choose both.
 */
struct names {
	uint32_t hash[MSG_HEAD_FIELDS_MAX];
};

static uint32_t hash_of(struct view name)
{
	uint32_t hash = 2166136261U; /* FNV-1a; what collides is compared */
	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ (uint32_t)ascii_lower(view_at(name, i))) * 16777619U;
	return hash | 1U;
}

static void names_init(struct names *names, const struct msg_head *head, const struct msg_field *own)
{
	for (size_t i = 0; i < head->n; i++)
		names->hash[i] = &head->at[i] == own || head->at[i].name.n == 0 ? 0 : hash_of(head->at[i].name);
}

static const struct msg_field *take_lowest(const struct msg_head *head, struct view name, struct names *names)
{
	uint32_t hash = hash_of(name);
	for (size_t i = head->n; i-- > 0;) {
		if (names->hash[i] != hash || !view_eq_case(head->at[i].name, name))
			continue;
		names->hash[i] = 0;
		return &head->at[i];
	}
	return NULL;
}

void dkim_canon_fields(enum dkim_canon form, const struct msg_head *head, struct view list, const struct msg_field *own,
		       struct buf *out)
{
	struct names names;
	struct view name;
	names_init(&names, head, own);
	while (dkim_headers_next(&list, &name)) {
		const struct msg_field *field = take_lowest(head, name, &names);
		if (field == NULL)
			continue;
		dkim_canon_field(form, field->raw, out);
		buf_str(out, "\r\n");
	}
}

void dkim_hash_fields(enum dkim_canon form, const struct msg_head *head, struct view list, const struct msg_field *own,
		      struct crypto_digest *digest)
{
	BUF_AUTO struct buf canonical;
	buf_init(&canonical, DKIM_CANON_HEAD_MAX);
	dkim_canon_fields(form, head, list, own, &canonical);
	crypto_digest_add(digest, buf_view(&canonical));
}

void dkim_bodies_init(struct dkim_bodies *bodies)
{
	bodies->n = 0;
	bodies->tap = NULL;
}

void dkim_bodies_done(struct dkim_bodies *bodies)
{
	for (size_t i = 0; i < bodies->n; i++)
		crypto_digest_done(&bodies->at[i].digest);
	bodies->n = 0;
}

size_t dkim_bodies_want(struct dkim_bodies *bodies, enum dkim_canon form, enum crypto_alg alg, bool limited,
			uint64_t limit)
{
	for (size_t i = 0; i < bodies->n; i++) {
		const struct dkim_body_hash *at = &bodies->at[i];
		if (at->form == form && at->alg == alg && at->limited == limited && (!limited || at->limit == limit))
			return i;
	}
	assert(bodies->n < DKIM_BODIES_MAX);
	struct dkim_body_hash *made = &bodies->at[bodies->n];
	*made = (struct dkim_body_hash){ .form = form, .alg = alg, .limited = limited, .limit = limit };
	crypto_digest_init(&made->digest, alg);
	return bodies->n++;
}

static void add_canonical(struct dkim_bodies *bodies, enum dkim_canon form, struct view canonical)
{
	for (size_t i = 0; i < bodies->n; i++) {
		struct dkim_body_hash *at = &bodies->at[i];
		if (at->form != form)
			continue;
		struct view part = canonical;
		if (at->limited && at->limit < at->total + part.n)
			part = view_to(part, at->limit > at->total ? (size_t)(at->limit - at->total) : 0);
		crypto_digest_add(&at->digest, part);
		at->total += canonical.n;
	}
	if (bodies->tap != NULL)
		bodies->tap(bodies->tap_ctx, form, canonical);
}

static void add_simple(void *ctx, struct view canonical) { add_canonical(ctx, DKIM_SIMPLE, canonical); }
static void add_relaxed(void *ctx, struct view canonical) { add_canonical(ctx, DKIM_RELAXED, canonical); }

static bool wants(const struct dkim_bodies *bodies, enum dkim_canon form)
{
	for (size_t i = 0; i < bodies->n; i++)
		if (bodies->at[i].form == form)
			return true;
	return false;
}

void dkim_bodies_start(struct dkim_bodies *bodies)
{
	dkim_body_init(&bodies->forms[DKIM_SIMPLE], DKIM_SIMPLE, add_simple, bodies);
	dkim_body_init(&bodies->forms[DKIM_RELAXED], DKIM_RELAXED, add_relaxed, bodies);
}

void dkim_bodies_feed(struct dkim_bodies *bodies, struct view bytes)
{
	if (wants(bodies, DKIM_SIMPLE))
		dkim_body_feed(&bodies->forms[DKIM_SIMPLE], bytes);
	if (wants(bodies, DKIM_RELAXED))
		dkim_body_feed(&bodies->forms[DKIM_RELAXED], bytes);
}

void dkim_bodies_end(struct dkim_bodies *bodies)
{
	if (wants(bodies, DKIM_SIMPLE))
		dkim_body_end(&bodies->forms[DKIM_SIMPLE]);
	if (wants(bodies, DKIM_RELAXED))
		dkim_body_end(&bodies->forms[DKIM_RELAXED]);
	for (size_t i = 0; i < bodies->n; i++)
		bodies->at[i].hash = crypto_digest_final(&bodies->at[i].digest);
}

enum err dkim_bodies_read(struct dkim_bodies *bodies, struct dkim_input *input, bool *nul, struct diag *diag)
{
	bool found = false;
	dkim_bodies_start(bodies);
	for (;;) {
		struct view piece;
		enum err err = dkim_input_body(input, &piece, diag);
		if (err != ERR_OK)
			return err;
		if (piece.n == 0)
			break;
		found = found || (nul != NULL && view_has_byte(piece, '\0'));
		dkim_bodies_feed(bodies, piece);
	}
	dkim_bodies_end(bodies);
	if (nul != NULL)
		*nul = found;
	return ERR_OK;
}
