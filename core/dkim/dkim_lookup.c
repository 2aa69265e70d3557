#include "dkim_lookup.h"

#include "base_show.h"

const char *dkim_result_name(enum dkim_result result)
{
	static const char *const names[] = {
		[DKIM_NONE] = "none",           [DKIM_PASS] = "pass",       [DKIM_FAIL] = "fail",
		[DKIM_POLICY] = "policy",       [DKIM_NEUTRAL] = "neutral", [DKIM_TEMPERROR] = "temperror",
		[DKIM_PERMERROR] = "permerror",
	};
	return names[result];
}

void dkim_keys_init(struct dkim_keys *keys, struct dns_resolver *resolver, struct view given, unsigned lookups_max,
		    struct arena *arena)
{
	keys->resolver = resolver;
	keys->given = given;
	keys->arena = arena;
	keys->lookups_max = lookups_max < DKIM_KEYS_MAX ? lookups_max : DKIM_KEYS_MAX;
	keys->n = 0;
}

void dkim_keys_done(struct dkim_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		crypto_key_close(keys->at[i].key);
	keys->n = 0;
}

static struct view name_of(struct dkim_keys *keys, const struct dkim_signature *signature)
{
	return view_str(arena_printf(keys->arena, "%.*s._domainkey.%.*s", VIEW_ARG(signature->selector),
				     VIEW_ARG(signature->domain)));
}

void dkim_keys_prefetch(struct dkim_keys *keys, const struct dkim_signature *const *signatures, size_t n)
{
	struct dns_question questions[DKIM_KEYS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < n && count < keys->lookups_max && keys->given.n == 0; i++) {
		struct dname name;
		if (dname_parse_plain(keys->arena, name_of(keys, signatures[i]), &name, NULL) == ERR_OK)
			questions[count++] = dns_question_of(name, DNS_TXT);
	}
	if (count > 1)
		dns_prefetch(keys->resolver, questions, count);
}

static void fail(struct dkim_found *found, enum dkim_result result, const char *reason)
{
	found->result = result;
	found->reason = reason;
}

static const char *explain(struct arena *arena, const struct dns_answer *answer, struct dns_question question)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 1024);
	dns_answer_explain(answer, question, &text);
	return arena_cstr(arena, buf_view(&text));
}

static void choose(struct dkim_keys *keys, struct dkim_found *found, const struct view *texts, size_t n)
{
	struct diag diag = { 0 };
	if (dkim_key_choose(texts, n, keys->arena, &found->record, &diag) != ERR_OK)
		fail(found, DKIM_PERMERROR, arena_printf(keys->arena, "bad key record: %s", diag.text));
	else if (found->record.revoked)
		fail(found, DKIM_PERMERROR, "the key was revoked (empty p=)");
	else
		found->result = DKIM_PASS;
}

static void ask(struct dkim_keys *keys, struct dkim_found *found)
{
	struct dns_question question = { .type = DNS_TXT };
	struct diag diag = { 0 };
	if (dname_parse_plain(keys->arena, found->name, &question.name, &diag) != ERR_OK) {
		fail(found, DKIM_PERMERROR,
		     arena_printf(keys->arena, "%s is no DNS name: %s", SHOW(found->name), diag.text));
		return;
	}
	struct dns_answer answer;
	enum dns_status status = dns_query(keys->resolver, keys->arena, question, &answer);
	found->ad = answer.ad;
	if (status != DNS_OK) {
		fail(found, status == DNS_TEMP ? DKIM_TEMPERROR : DKIM_PERMERROR,
		     arena_printf(keys->arena, status == DNS_TEMP ? "%s" : "no key: %s",
				  explain(keys->arena, &answer, question)));
		return;
	}
	struct view *texts = arena_array(keys->arena, answer.n, sizeof *texts);
	for (size_t i = 0; i < answer.n; i++)
		texts[i] = answer.rr[i].txt.joined;
	choose(keys, found, texts, answer.n);
}

static void parse_key(struct dkim_keys *keys, struct dkim_found *found)
{
	struct diag diag = { 0 };
	struct crypto_key_bits any = { 0, 0 };
	enum err err = crypto_key_parse_public(found->record.der, found->record.type, any, &found->key, &diag);
	if (err == ERR_OK)
		return;
	found->key = NULL;
	found->key_result = err == ERR_LIMIT ? DKIM_POLICY : DKIM_PERMERROR;
	found->key_reason = arena_printf(keys->arena, "bad key: %s", diag.text);
}

static struct dkim_found *look_up(struct dkim_keys *keys, struct view name)
{
	for (size_t i = 0; i < keys->n; i++)
		if (view_eq_case(keys->at[i].name, name))
			return &keys->at[i];
	if (keys->n >= keys->lookups_max)
		return NULL;
	struct dkim_found *found = &keys->at[keys->n++];
	*found = (struct dkim_found){ .name = name };
	if (keys->given.n > 0)
		choose(keys, found, &keys->given, 1);
	else
		ask(keys, found);
	if (found->result == DKIM_PASS)
		parse_key(keys, found);
	return found;
}

/* The key record admits this signature (RFC 6376 6.1.2 steps 5 to 8). NULL: it does. */
static const char *misfit(struct arena *arena, const struct dkim_key_record *record,
			  const struct dkim_signature *signature)
{
	enum crypto_key_type want = dkim_alg_key(signature->alg);
	if (record->type != want)
		return arena_printf(arena, "the key is of type %s, the signature wants %s",
				    crypto_key_type_name(record->type), crypto_key_type_name(want));
	if (signature->alg == DKIM_RSA_SHA1 ? !record->sha1 : !record->sha256)
		return arena_printf(arena, "the key record does not admit %s (h=)",
				    crypto_alg_name(dkim_alg_hash(signature->alg)));
	if (!record->email)
		return "the key is not for email (s=)";
	if (record->strict && signature->auid_domain.n > 0 && !view_eq_case(signature->auid_domain, signature->domain))
		return "the key is not for subdomains (t=s), and i= has one";
	return NULL;
}

enum dkim_result dkim_keys_find(struct dkim_keys *keys, const struct dkim_signature *signature,
				const struct dkim_found **out, const char **reason)
{
	struct dkim_found *found = look_up(keys, name_of(keys, signature));
	*out = found;
	if (found == NULL) {
		*reason = arena_printf(keys->arena, "more than %u keys to look up", keys->lookups_max);
		return DKIM_POLICY;
	}
	if (found->result != DKIM_PASS) {
		*reason = found->reason;
		return found->result;
	}
	*reason = misfit(keys->arena, &found->record, signature);
	if (*reason != NULL)
		return DKIM_PERMERROR;
	*reason = found->key_reason;
	return found->key == NULL ? found->key_result : DKIM_PASS;
}
