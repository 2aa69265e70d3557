#include "dkim_verify.h"

#include "base_show.h"

static void judge(struct dkim_verdict *verdict, enum dkim_result result, const char *reason)
{
	verdict->result = result;
	verdict->reason = reason;
}

/* What the field alone shows. */
static void parse(struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	const struct dkim_verify_opts *opts = verify->opts;
	struct diag diag = { 0 };
	enum err err = dkim_signature_parse(DKIM_KIND_MAIL, verdict->field->raw, opts->old, verify->arena,
					    &verdict->signature, &diag);
	if (err != ERR_OK) {
		judge(verdict, err == ERR_DATA ? DKIM_PERMERROR : DKIM_NEUTRAL,
		      arena_cstr(verify->arena, view_str(diag.text)));
		return;
	}
	verdict->parsed = true;
	verdict->counts = verdict->counts || view_eq_case(opts->domain, verdict->signature.domain);
}

static void want(struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	const struct dkim_signature *signature = &verdict->signature;
	parse(verify, verdict);
	if (verdict->parsed)
		verdict->body_at = dkim_bodies_want(verify->bodies, signature->body, dkim_alg_hash(signature->alg),
						    signature->has_length, signature->length);
}

void dkim_verify_begin(struct dkim_verify *verify, const struct dkim_verify_opts *opts, const struct msg_head *head,
		       struct dkim_bodies *bodies, struct dkim_keys *keys, struct arena *arena)
{
	*verify = (struct dkim_verify){ opts, head, bodies, keys, arena, NULL, 0, DKIM_NONE };
	size_t count = msg_head_count(head, VIEW("DKIM-Signature")), at = 0;
	unsigned max = opts->signatures_max == 0 ? DKIM_SIGNATURES_MAX : opts->signatures_max;
	if (max > DKIM_SIGNATURES_MAX_MAX)
		max = DKIM_SIGNATURES_MAX_MAX;
	verify->n = count < DKIM_SIGNATURES_LISTED ? count : DKIM_SIGNATURES_LISTED;
	verify->at = arena_array(arena, verify->n, sizeof *verify->at);

	const struct dkim_signature *asked[DKIM_SIGNATURES_MAX_MAX];
	size_t asked_n = 0;
	for (size_t i = 0; i < verify->n; i++) {
		struct dkim_verdict *verdict = &verify->at[i];
		verdict->index = (unsigned)i + 1;
		verdict->counts = opts->domain.n == 0;
		verdict->field = msg_head_next(head, VIEW("DKIM-Signature"), &at);
		if (i >= max)
			judge(verdict, DKIM_POLICY,
			      arena_printf(arena, "not looked at: the message has %zu signatures, the limit is %u",
					   count, max));
		else
			want(verify, verdict);
		if (verdict->parsed)
			asked[asked_n++] = &verdict->signature;
	}
	dkim_keys_prefetch(keys, asked, asked_n);
}

bool dkim_verify_wants_body(const struct dkim_verify *verify)
{
	for (size_t i = 0; i < verify->n; i++)
		if (verify->at[i].parsed)
			return true;
	return false;
}

void dkim_verify_header_text(const struct msg_head *head, const struct dkim_signature *signature,
			     const struct msg_field *own, enum dkim_canon form, struct buf *out)
{
	dkim_canon_fields(form, head, signature->headers, own, out);
	dkim_signature_canon(form, signature->raw, signature->b_at, out);
}

struct crypto_hash dkim_verify_header_hash(const struct msg_head *head, const struct dkim_signature *signature,
					   const struct msg_field *own, enum dkim_canon form)
{
	BUF_AUTO struct buf text;
	buf_init(&text, (size_t)2 * DKIM_CANON_HEAD_MAX);
	dkim_verify_header_text(head, signature, own, form, &text);
	return crypto_digest_of(dkim_alg_hash(signature->alg), buf_view(&text));
}

/* Fields that RFC 5322 allows once; a second one may be what the reader sees. */
static bool is_single(struct view name)
{
	static const char *const names[] = { "From",
					     "Sender",
					     "Reply-To",
					     "To",
					     "Cc",
					     "Subject",
					     "Date",
					     "Message-ID",
					     "In-Reply-To",
					     "References",
					     "MIME-Version",
					     "Content-Type",
					     "Content-Transfer-Encoding" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (view_is_case(name, names[i]))
			return true;
	return false;
}

static size_t count_listed(struct view list, struct view name)
{
	size_t n = 0;
	struct view piece;
	while (dkim_headers_next(&list, &piece))
		n += view_eq_case(piece, name);
	return n;
}

/* Each different name of h= once: how often is it signed, how often is it there? */
static void compare_counts(const struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	BUF_AUTO struct buf copies, oversigned;
	buf_init(&copies, 4096);
	buf_init(&oversigned, 4096);
	struct view all = verdict->signature.headers, rest = all, name;
	while (dkim_headers_next(&rest, &name)) {
		struct view before = view_of(all.p, (size_t)(name.p - all.p));
		if (count_listed(before, name) > 0)
			continue;
		size_t listed = count_listed(all, name), there = msg_head_count(verify->head, name);
		if (there > listed && is_single(name))
			buf_printf(&copies, "%s%.*s", copies.n > 0 ? ", " : "", VIEW_ARG(name));
		if (listed > there)
			buf_printf(&oversigned, "%s%.*s", oversigned.n > 0 ? ", " : "", VIEW_ARG(name));
	}
	verdict->copies = arena_view(verify->arena, buf_view(&copies));
	verdict->oversigned = arena_view(verify->arena, buf_view(&oversigned));
}

static void check_body(const struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	const struct dkim_body_hash *body = &verify->bodies->at[verdict->body_at];
	bool same = crypto_equal(crypto_hash_view(&body->hash), verdict->signature.body_hash);
	verdict->body = same && !(body->limited && body->limit > body->total) ? DKIM_MATCH_YES : DKIM_MATCH_NO;
}

static void check_header(const struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	const struct dkim_signature *signature = &verdict->signature;
	struct crypto_hash hash = dkim_verify_header_hash(verify->head, signature, verdict->field, signature->header);
	verdict->header = crypto_key_verify(verdict->found->key, dkim_alg_hash(signature->alg), &hash,
					    signature->signature)
				  ? DKIM_MATCH_YES
				  : DKIM_MATCH_NO;
}

/* The message is what was signed. What is there to hold against the signature? */
static void check_policy(const struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	const struct dkim_verify_opts *opts = verify->opts;
	const struct dkim_signature *signature = &verdict->signature;
	const struct dkim_body_hash *body = &verify->bodies->at[verdict->body_at];
	unsigned bits = crypto_key_bits(verdict->found->key), least = opts->bits_min == 0 ? 1024 : opts->bits_min;
	struct arena *arena = verify->arena;
	if (signature->alg == DKIM_RSA_SHA1 && !opts->accept_sha1)
		judge(verdict, DKIM_POLICY, "rsa-sha1 is not accepted any more (RFC 8301)");
	else if (crypto_key_type(verdict->found->key) == CRYPTO_KEY_RSA && bits < least)
		judge(verdict, DKIM_POLICY,
		      arena_printf(arena, "an RSA key of %u bits is too short (at least %u)", bits, least));
	else if (signature->has_length && !opts->accept_length)
		judge(verdict, DKIM_POLICY,
		      arena_printf(
			      arena, "l= leaves %llu of %llu octets of the body unsigned: anything can be appended",
			      (unsigned long long)(body->total - signature->length), (unsigned long long)body->total));
	else if (signature->expires >= 0 && signature->expires < opts->now)
		judge(verdict, DKIM_POLICY, "the signature has expired (x=)");
	else if (signature->timestamp > opts->now + DKIM_CLOCK_SKEW_S)
		judge(verdict, DKIM_POLICY, "the signature was made in the future (t=)");
	else if (opts->strict && verdict->copies.n > 0)
		judge(verdict, DKIM_FAIL,
		      arena_printf(arena, "there are unsigned copies of signed fields: %.*s",
				   VIEW_ARG(verdict->copies)));
	else
		judge(verdict, DKIM_PASS, NULL);
}

static void check(const struct dkim_verify *verify, struct dkim_verdict *verdict)
{
	compare_counts(verify, verdict);
	check_body(verify, verdict);
	const char *reason = NULL;
	enum dkim_result key = dkim_keys_find(verify->keys, &verdict->signature, &verdict->found, &reason);
	if (key != DKIM_PASS) {
		judge(verdict, key, reason);
		return;
	}
	check_header(verify, verdict);
	if (verdict->body == DKIM_MATCH_YES && verdict->header == DKIM_MATCH_YES)
		check_policy(verify, verdict);
	else if (verdict->header == DKIM_MATCH_YES)
		judge(verdict, DKIM_FAIL, "the body was changed after it was signed");
	else if (verdict->body == DKIM_MATCH_YES)
		judge(verdict, DKIM_FAIL, "a signed header field was changed, or the key in DNS is another one");
	else
		judge(verdict, DKIM_FAIL, "body and header do not match the signature");
}

/* The best verdict counts; with opts->all anything but pass does, what is certain before what may change. */
static int rank(enum dkim_result result, bool all)
{
	static const int best[] = { [DKIM_NONE] = 0,    [DKIM_PASS] = 6,      [DKIM_FAIL] = 3,     [DKIM_POLICY] = 4,
				    [DKIM_NEUTRAL] = 1, [DKIM_TEMPERROR] = 5, [DKIM_PERMERROR] = 2 };
	static const int worst[] = { [DKIM_NONE] = 0,    [DKIM_PASS] = 1,      [DKIM_FAIL] = 6,     [DKIM_POLICY] = 3,
				     [DKIM_NEUTRAL] = 4, [DKIM_TEMPERROR] = 2, [DKIM_PERMERROR] = 5 };
	return (all ? worst : best)[result];
}

void dkim_verify_end(struct dkim_verify *verify)
{
	verify->result = DKIM_NONE;
	for (size_t i = 0; i < verify->n; i++) {
		struct dkim_verdict *verdict = &verify->at[i];
		if (verdict->parsed)
			check(verify, verdict);
		if (verdict->counts &&
		    rank(verdict->result, verify->opts->all) > rank(verify->result, verify->opts->all))
			verify->result = verdict->result;
	}
}
