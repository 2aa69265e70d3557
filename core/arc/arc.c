#include "arc.h"

#include "base_cur.h"
#include "base_show.h"

const char *arc_result_name(enum arc_result result)
{
	static const char *const names[] = {
		[ARC_NONE] = "none", [ARC_PASS] = "pass", [ARC_FAIL] = "fail", [ARC_TEMPERROR] = "temperror"
	};
	return names[result];
}

enum authres_result arc_result_authres(enum arc_result result)
{
	static const enum authres_result results[] = { [ARC_NONE] = AUTHRES_NONE,
						       [ARC_PASS] = AUTHRES_PASS,
						       [ARC_FAIL] = AUTHRES_FAIL,
						       [ARC_TEMPERROR] = AUTHRES_TEMPERROR };
	return results[result];
}

/* The first fault is the one that is told. */
static void fail(struct arc *arc, const char *reason)
{
	if (arc->reason == NULL)
		arc->reason = reason;
	arc->result = ARC_FAIL;
}

/* ARC-Authentication-Results: "i=" position ";" and then what nobody has to understand (RFC 8617 4.1.1). */
static unsigned instance_of_results(struct view value)
{
	struct cur cur = cur_of(value);
	cur_skip_fws(&cur);
	(void)cur_need(&cur, 'i');
	cur_skip_fws(&cur);
	(void)cur_need(&cur, '=');
	cur_skip_fws(&cur);
	uint64_t instance = cur_need_uint(&cur, ARC_SETS_MAX);
	cur_skip_fws(&cur);
	return cur_need(&cur, ';') ? (unsigned)instance : 0;
}

/* The i= alone, for fields whose rest is broken; 0: none. */
static unsigned instance_of_tags(struct view value)
{
	struct dkim_tags tags;
	struct cur cur;
	if (dkim_tags_parse(value, &tags, NULL) != ERR_OK)
		return 0;
	cur = cur_of(dkim_tags_value(&tags, "i"));
	uint64_t instance = cur_need_uint(&cur, ARC_SETS_MAX);
	return cur_done(&cur) ? (unsigned)instance : 0;
}

static void parse_mark(struct arc *arc, enum dkim_kind kind, const struct msg_field *field, struct arc_mark *mark)
{
	struct diag diag = { 0 };
	enum err err = dkim_signature_parse(kind, field->raw, false, arc->arena, &mark->signature, &diag);
	mark->parsed = err == ERR_OK;
	if (err == ERR_OK)
		return;
	mark->result = err == ERR_DATA ? DKIM_PERMERROR : DKIM_NEUTRAL;
	mark->reason = arena_cstr(arc->arena, view_str(diag.text));
}

enum arc_kind { ARC_RESULTS, ARC_MESSAGE, ARC_SEAL, ARC_KINDS };
static const struct view names[ARC_KINDS] = {
	[ARC_RESULTS] = VIEW_INIT("ARC-Authentication-Results"),
	[ARC_MESSAGE] = VIEW_INIT("ARC-Message-Signature"),
	[ARC_SEAL] = VIEW_INIT("ARC-Seal"),
};

static void take_field(struct arc *arc, enum arc_kind kind, const struct msg_field *field)
{
	unsigned instance = kind == ARC_RESULTS ? instance_of_results(field->value) : instance_of_tags(field->value);
	if (instance == 0) {
		fail(arc, arena_printf(arc->arena, "%s without a valid i= (1 to %d)", names[kind].p, ARC_SETS_MAX));
		return;
	}
	struct arc_set *set = &arc->sets[instance - 1];
	const struct msg_field **place = kind == ARC_RESULTS   ? &set->results
					 : kind == ARC_MESSAGE ? &set->message
							       : &set->seal;
	if (*place != NULL) {
		fail(arc, arena_printf(arc->arena, "two %s fields with i=%u", names[kind].p, instance));
		return;
	}
	*place = field;
	if (instance > arc->n)
		arc->n = instance;
	if (kind == ARC_MESSAGE)
		parse_mark(arc, DKIM_KIND_AMS, field, &set->ams);
	else if (kind == ARC_SEAL)
		parse_mark(arc, DKIM_KIND_SEAL, field, &set->as);
}

static void collect(struct arc *arc)
{
	for (int kind = 0; kind < ARC_KINDS; kind++) {
		size_t at = 0, count = 0;
		const struct msg_field *field;
		while ((field = msg_head_next(arc->head, names[kind], &at)) != NULL) {
			if (++count > ARC_SETS_MAX) {
				fail(arc, "more than 50 sets");
				break;
			}
			take_field(arc, (enum arc_kind)kind, field);
		}
	}
}

/* RFC 8617 5.2 steps 2 and 3. */
static void check_structure(struct arc *arc)
{
	for (unsigned i = 1; i <= arc->n; i++) {
		const struct arc_set *set = &arc->sets[i - 1];
		const char *missing = set->results == NULL   ? names[ARC_RESULTS].p
				      : set->message == NULL ? names[ARC_MESSAGE].p
				      : set->seal == NULL    ? names[ARC_SEAL].p
							     : NULL;
		if (missing != NULL)
			fail(arc, arena_printf(arc->arena, "set %u has no %s", i, missing));
		else if (!set->as.parsed)
			fail(arc, arena_printf(arc->arena, "ARC-Seal %u: %s", i, set->as.reason));
		else if (i == arc->n && set->as.signature.cv == DKIM_CV_FAIL)
			fail(arc, arena_printf(arc->arena, "the chain was broken already when %s sealed it (cv=fail)",
					       SHOW(set->as.signature.domain)));
		else if (set->as.signature.cv != (i == 1 ? DKIM_CV_NONE : DKIM_CV_PASS))
			fail(arc, arena_printf(arc->arena, "ARC-Seal %u must say cv=%s", i, i == 1 ? "none" : "pass"));
	}
	arc->structure = arc->result != ARC_FAIL;
}

/* Only as many body hashes as there is room for; the newest set first, since that one decides. */
static void want_bodies(struct arc *arc)
{
	for (unsigned i = arc->n; i >= 1 && arc->structure; i--) {
		struct arc_set *set = &arc->sets[i - 1];
		const struct dkim_signature *ams = &set->ams.signature;
		set->has_body = set->ams.parsed && (i == arc->n || !ams->has_length);
		if (set->has_body)
			set->body_at = dkim_bodies_want(arc->bodies, ams->body, dkim_alg_hash(ams->alg),
							ams->has_length, ams->length);
	}
}

void arc_begin(struct arc *arc, const struct msg_head *head, struct dkim_bodies *bodies, struct dkim_keys *keys,
	       struct arena *arena, int64_t now)
{
	*arc = (struct arc){ .head = head, .bodies = bodies, .keys = keys, .arena = arena, .now = now };
	collect(arc);
	check_structure(arc);
	want_bodies(arc);
	const struct dkim_signature *asked[ARC_KEYS_MAX];
	size_t n = 0;
	for (unsigned i = arc->n; i >= 1 && arc->structure && n + 2 <= ARC_KEYS_MAX; i--) {
		if (arc->sets[i - 1].ams.parsed)
			asked[n++] = &arc->sets[i - 1].ams.signature;
		asked[n++] = &arc->sets[i - 1].as.signature;
	}
	dkim_keys_prefetch(keys, asked, n);
}

bool arc_wants_body(const struct arc *arc) { return arc->structure && arc->n > 0; }

/* The key, or the reason why there is none; then what is not acceptable whoever signed. */
static bool usable(struct arc *arc, struct arc_mark *mark)
{
	mark->result = dkim_keys_find(arc->keys, &mark->signature, &mark->found, &mark->reason);
	if (mark->result != DKIM_PASS)
		return false;
	unsigned bits = crypto_key_bits(mark->found->key);
	mark->result = DKIM_POLICY;
	if (mark->signature.alg == DKIM_RSA_SHA1)
		mark->reason = "rsa-sha1 is not accepted";
	else if (crypto_key_type(mark->found->key) == CRYPTO_KEY_RSA && bits < DKIM_RSA_BITS_MIN)
		mark->reason = arena_printf(arc->arena, "an RSA key of %u bits is too short", bits);
	else
		mark->result = DKIM_PASS;
	return mark->result == DKIM_PASS;
}

static bool verifies(const struct arc_mark *mark, const struct crypto_hash *hash)
{
	return crypto_key_verify(mark->found->key, dkim_alg_hash(mark->signature.alg), hash, mark->signature.signature);
}

static void mark_fail(struct arc_mark *mark, enum dkim_result result, const char *reason)
{
	mark->result = result;
	mark->reason = reason;
}

static void check_message(struct arc *arc, struct arc_set *set)
{
	struct arc_mark *mark = &set->ams;
	const struct dkim_signature *ams = &mark->signature;
	if (!mark->parsed || !set->has_body || !usable(arc, mark))
		return;
	const struct dkim_body_hash *body = &arc->bodies->at[set->body_at];
	struct crypto_hash hash = dkim_verify_header_hash(arc->head, ams, set->message, ams->header);
	if (!crypto_equal(crypto_hash_view(&body->hash), ams->body_hash))
		mark_fail(mark, DKIM_FAIL, "the body was changed since");
	else if (!verifies(mark, &hash))
		mark_fail(mark, DKIM_FAIL, "a signed header field was changed since, or the key is another one");
	else if (ams->has_length && ams->length != body->total)
		mark_fail(mark, DKIM_POLICY, "l= leaves a part of the body unsigned");
	else if (ams->expires >= 0 && ams->expires < arc->now)
		mark_fail(mark, DKIM_POLICY, "it has expired (x=)");
}

static void check_seal(struct arc *arc, unsigned i)
{
	struct arc_mark *mark = &arc->sets[i - 1].as;
	if (!usable(arc, mark))
		return;
	struct crypto_hash hash = arc_seal_hash(arc, i, dkim_alg_hash(mark->signature.alg));
	if (!verifies(mark, &hash))
		mark_fail(mark, DKIM_FAIL, "an ARC field was changed since, or the key is another one");
}

static void conclude(struct arc *arc, const char *name, unsigned i, const struct arc_mark *mark)
{
	if (mark->result == DKIM_PASS || arc->result == ARC_FAIL)
		return;
	const char *reason = arena_printf(arc->arena, "%s %u: %s", name, i,
					  mark->reason != NULL ? mark->reason : "cannot be judged");
	if (mark->result == DKIM_TEMPERROR) {
		arc->result = ARC_TEMPERROR;
		arc->reason = reason;
	} else {
		arc->reason = NULL;
		fail(arc, reason);
	}
}

void arc_end(struct arc *arc)
{
	if (arc->n == 0 || !arc->structure)
		return;
	arc->result = ARC_PASS;
	arc->oldest_pass = arc->n + 1;
	for (unsigned i = arc->n; i >= 1; i--) {
		check_message(arc, &arc->sets[i - 1]);
		if (arc->sets[i - 1].ams.result == DKIM_PASS && arc->oldest_pass == i + 1)
			arc->oldest_pass = i;
		check_seal(arc, i);
	}
	arc->oldest_pass = arc->oldest_pass > arc->n ? 0 : arc->oldest_pass;
	conclude(arc, "ARC-Message-Signature", arc->n, &arc->sets[arc->n - 1].ams); /* 5.2 step 4 */
	for (unsigned i = arc->n; i >= 1; i--)
		conclude(arc, "ARC-Seal", i, &arc->sets[i - 1].as); /* step 6 */
}

void arc_add_verdict(const struct arc *arc, struct authres *out, struct arena *arena)
{
	struct authres_verdict *verdict = authres_add(out, arena, AUTHRES_ARC, arc_result_authres(arc->result));
	if (arc->reason != NULL)
		verdict->reason = view_str(arc->reason);
	if (arc->result == ARC_PASS)
		authres_add_prop(verdict, "header", "oldest-pass",
				 view_str(arena_printf(arena, "%u", arc->oldest_pass == 1 ? 0 : arc->oldest_pass)));
}
