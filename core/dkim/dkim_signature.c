#include "dkim_signature.h"

#include "base_ascii.h"
#include "base_base64.h"
#include "base_num.h"
#include "base_show.h"

static const struct {
	const char *name;
	enum crypto_key_type key;
	enum crypto_alg hash;
} algs[] = {
	[DKIM_RSA_SHA256] = { "rsa-sha256", CRYPTO_KEY_RSA, CRYPTO_SHA256 },
	[DKIM_ED25519_SHA256] = { "ed25519-sha256", CRYPTO_KEY_ED25519, CRYPTO_SHA256 },
	[DKIM_RSA_SHA1] = { "rsa-sha1", CRYPTO_KEY_RSA, CRYPTO_SHA1 },
};

const char *dkim_alg_name(enum dkim_alg alg) { return algs[alg].name; }
enum crypto_alg dkim_alg_hash(enum dkim_alg alg) { return algs[alg].hash; }
enum crypto_key_type dkim_alg_key(enum dkim_alg alg) { return algs[alg].key; }

bool dkim_name_valid(struct view name)
{
	if (name.n == 0 || name.n > DKIM_NAME_MAX)
		return false;
	struct view label;
	while (name.p != NULL) {
		label = view_cut(&name, '.');
		if (label.n == 0 || label.n > 63 || view_at(label, 0) == '-' || view_last(label) == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(view_at(label, i)) && view_at(label, i) != '-' && view_at(label, i) != '_')
				return false;
	}
	return true;
}

bool dkim_name_under(struct view domain, struct view zone)
{
	if (view_eq_case(domain, zone))
		return true;
	return domain.n > zone.n && view_ends_case(domain, zone) && domain.p[domain.n - zone.n - 1] == '.';
}

bool dkim_headers_next(struct view *rest, struct view *name) { return dkim_list_next(rest, ':', name); }

/* One tag after the other. Each take_* sets its members of the signature. */
struct parser {
	const struct dkim_tags *tags;
	enum dkim_kind kind;
	bool old;
	struct arena *arena;
	struct dkim_signature *out;
	struct diag *diag;
};

static enum err need(const struct parser *p, const char *name, struct view *value)
{
	const struct dkim_tag *tag = dkim_tags_find(p->tags, name);
	if (tag == NULL)
		return diag_set(p->diag, ERR_SYNTAX, "%s= is missing", name);
	if (tag->value.n == 0)
		return diag_set(p->diag, ERR_SYNTAX, "%s= is empty", name);
	*value = tag->value;
	return ERR_OK;
}

static enum err take_version(const struct parser *p)
{
	const struct dkim_tag *version = dkim_tags_find(p->tags, "v");
	p->out->has_version = version != NULL;
	if (p->kind != DKIM_KIND_MAIL || (version == NULL && p->old))
		return ERR_OK;
	if (version == NULL)
		return diag_set(p->diag, ERR_SYNTAX, "v= is missing");
	if (!view_is(version->value, "1"))
		return diag_set(p->diag, ERR_SYNTAX, "v=%s is not 1", SHOW(version->value));
	return ERR_OK;
}

static enum err take_alg(const struct parser *p)
{
	struct view value;
	enum err err = need(p, "a", &value);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		if (!view_is_case(value, algs[i].name))
			continue;
		p->out->alg = (enum dkim_alg)i;
		return ERR_OK;
	}
	return diag_set(p->diag, ERR_SYNTAX, "a=%s is no algorithm known here", SHOW(value));
}

static bool parse_form(struct view name, enum dkim_canon *form)
{
	*form = view_is_case(name, "relaxed") ? DKIM_RELAXED : DKIM_SIMPLE;
	return *form == DKIM_RELAXED || view_is_case(name, "simple");
}

static enum err take_canon(const struct parser *p)
{
	const struct dkim_tag *tag = dkim_tags_find(p->tags, "c");
	p->out->header = p->out->body = p->kind == DKIM_KIND_SEAL ? DKIM_RELAXED : DKIM_SIMPLE;
	if (tag == NULL || p->kind == DKIM_KIND_SEAL)
		return ERR_OK;
	struct view rest = tag->value, header = view_cut(&rest, '/');
	if (!parse_form(header, &p->out->header) || (rest.p != NULL && !parse_form(rest, &p->out->body)))
		return diag_set(p->diag, ERR_SYNTAX, "c=%s is no canonicalization known here", SHOW(tag->value));
	return ERR_OK;
}

static enum err take_name(const struct parser *p, const char *name, struct view *out)
{
	struct view value;
	enum err err = need(p, name, &value);
	if (err != ERR_OK)
		return err;
	if (value.n > 1 && view_last(value) == '.')
		value.n--;
	if (view_has_8bit(value))
		return diag_set(p->diag, ERR_SYNTAX, "%s=%s must be written in A-labels (xn--, RFC 8616)", name,
				SHOW(value));
	if (!dkim_name_valid(value))
		return diag_set(p->diag, ERR_SYNTAX, "%s=%s is no domain name", name, SHOW(value));
	*out = arena_lower(p->arena, value);
	return ERR_OK;
}

static enum err take_base64(const struct parser *p, const char *name, struct view *out)
{
	struct view value;
	enum err err = need(p, name, &value);
	if (err != ERR_OK)
		return err;
	BUF_AUTO struct buf raw;
	buf_init(&raw, CRYPTO_SIGNATURE_MAX);
	bool decoded = base64_decode(value, BASE64_LENIENT, &raw);
	if (raw.over)
		return diag_set(p->diag, ERR_LIMIT, "%s= is longer than %d octets", name, CRYPTO_SIGNATURE_MAX);
	if (!decoded || raw.n == 0)
		return diag_set(p->diag, ERR_SYNTAX, "%s= is not base64", name);
	*out = arena_view(p->arena, buf_view(&raw));
	return ERR_OK;
}

static enum err take_hashes(const struct parser *p)
{
	enum err err = take_base64(p, "b", &p->out->signature);
	if (err != ERR_OK || p->kind == DKIM_KIND_SEAL)
		return err;
	err = take_base64(p, "bh", &p->out->body_hash);
	if (err != ERR_OK)
		return err;
	size_t want = crypto_hash_size(dkim_alg_hash(p->out->alg));
	if (p->out->body_hash.n != want)
		return diag_set(p->diag, ERR_SYNTAX, "bh= holds %zu octets, not the %zu of %s", p->out->body_hash.n,
				want, dkim_alg_name(p->out->alg));
	return ERR_OK;
}

static enum err check_headers(const struct parser *p, struct view list)
{
	bool from = false, seal = false;
	struct view name;
	while (dkim_headers_next(&list, &name)) {
		if (name.n == 0)
			return diag_set(p->diag, ERR_SYNTAX, "h= has an empty name in it");
		for (size_t i = 0; i < name.n; i++)
			if (!ascii_is_ftext(view_at(name, i)))
				return diag_set(p->diag, ERR_SYNTAX, "h= has no field name in %s", SHOW(name));
		from = from || view_is_case(name, "from");
		seal = seal || view_is_case(name, "arc-seal");
		if (++p->out->headers_n > DKIM_HEADERS_MAX)
			return diag_set(p->diag, ERR_LIMIT, "h= has more than %d names (limit DKIM_HEADERS_MAX)",
					DKIM_HEADERS_MAX);
	}
	if (!from && !p->old)
		return diag_set(p->diag, ERR_DATA, "From is not signed (h=)");
	if (seal && p->kind == DKIM_KIND_AMS)
		return diag_set(p->diag, ERR_DATA, "h= must not sign ARC-Seal (RFC 8617 4.1.2)");
	return ERR_OK;
}

static enum err take_headers(const struct parser *p)
{
	if (p->kind == DKIM_KIND_SEAL) {
		if (dkim_tags_find(p->tags, "h") != NULL)
			return diag_set(p->diag, ERR_DATA, "an ARC-Seal must have no h= (RFC 8617 4.1.3)");
		return ERR_OK;
	}
	enum err err = need(p, "h", &p->out->headers);
	return err != ERR_OK ? err : check_headers(p, p->out->headers);
}

static enum err take_auid(const struct parser *p)
{
	struct dkim_signature *out = p->out;
	const struct dkim_tag *tag = dkim_tags_find(p->tags, "i");
	if (tag == NULL) {
		out->auid = view_str(arena_printf(p->arena, "@%.*s", VIEW_ARG(out->domain)));
		out->auid_domain = out->domain;
		return ERR_OK;
	}
	size_t at = SIZE_MAX;
	for (size_t i = 0; i < tag->value.n; i++)
		at = view_at(tag->value, i) == '@' ? i : at;
	if (at == SIZE_MAX)
		return diag_set(p->diag, ERR_SYNTAX, "i=%s has no \"@\"", SHOW(tag->value));
	out->auid = tag->value;
	out->auid_domain = view_from(tag->value, at + 1);
	if (!dkim_name_valid(out->auid_domain) || !dkim_name_under(out->auid_domain, out->domain))
		return diag_set(p->diag, ERR_DATA, "i=%s is not in the domain d=%s", SHOW(tag->value),
				SHOW(out->domain));
	return ERR_OK;
}

static enum err take_instance(const struct parser *p)
{
	struct view value;
	uint64_t instance = 0;
	enum err err = need(p, "i", &value);
	if (err != ERR_OK)
		return err;
	if (!num_parse_uint(value, DKIM_INSTANCE_MAX, &instance) || instance == 0)
		return diag_set(p->diag, ERR_SYNTAX, "i=%s is not 1 to %d", SHOW(value), DKIM_INSTANCE_MAX);
	p->out->instance = (unsigned)instance;
	return ERR_OK;
}

static enum err take_cv(const struct parser *p)
{
	static const char *const names[] = {
		[DKIM_CV_NONE] = "none", [DKIM_CV_FAIL] = "fail", [DKIM_CV_PASS] = "pass", [DKIM_CV_EMPTY] = ""
	};
	const struct dkim_tag *tag = dkim_tags_find(p->tags, "cv");
	if (tag == NULL)
		return diag_set(p->diag, ERR_SYNTAX, "cv= is missing");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!view_is_case(tag->value, names[i]))
			continue;
		p->out->cv = (enum dkim_seal_cv)i;
		return ERR_OK;
	}
	return diag_set(p->diag, ERR_SYNTAX, "cv=%s is none of none, pass and fail", SHOW(tag->value));
}

/* 1*12DIGIT; -1 when it is not there. */
static enum err take_time(const struct parser *p, const char *name, int64_t *out)
{
	const struct dkim_tag *tag = dkim_tags_find(p->tags, name);
	uint64_t value = 0;
	*out = -1;
	if (tag == NULL)
		return ERR_OK;
	if (!num_parse_uint(tag->value, UINT64_C(999999999999), &value))
		return diag_set(p->diag, ERR_SYNTAX, "%s=%s is no time (1 to 12 digits)", name, SHOW(tag->value));
	*out = (int64_t)value;
	return ERR_OK;
}

static enum err take_times(const struct parser *p)
{
	enum err err = take_time(p, "t", &p->out->timestamp);
	p->out->expires = -1;
	if (err != ERR_OK || p->kind == DKIM_KIND_SEAL)
		return err;
	err = take_time(p, "x", &p->out->expires);
	if (err == ERR_OK && p->out->expires >= 0 && p->out->expires < p->out->timestamp)
		return diag_set(p->diag, ERR_DATA, "it expires (x=) before it was made (t=)");
	return err;
}

/* 1*76DIGIT; what no body can have is as good as the largest number. */
static enum err take_length(const struct parser *p)
{
	const struct dkim_tag *tag = dkim_tags_find(p->tags, "l");
	if (tag == NULL || p->kind == DKIM_KIND_SEAL)
		return ERR_OK;
	for (size_t i = 0; i < tag->value.n; i++)
		if (!ascii_is_digit(view_at(tag->value, i)))
			return diag_set(p->diag, ERR_SYNTAX, "l=%s is no number", SHOW(tag->value));
	if (tag->value.n == 0 || tag->value.n > 76)
		return diag_set(p->diag, ERR_SYNTAX, "l= is no number of 1 to 76 digits");
	p->out->has_length = true;
	if (!num_parse_uint(tag->value, UINT64_MAX, &p->out->length))
		p->out->length = UINT64_MAX;
	return ERR_OK;
}

static enum err check_query(const struct parser *p)
{
	const struct dkim_tag *tag = dkim_tags_find(p->tags, "q");
	if (tag == NULL || p->kind == DKIM_KIND_SEAL)
		return ERR_OK;
	if (dkim_list_has(tag->value, ':', "dns/txt") || dkim_list_has(tag->value, ':', "dns"))
		return ERR_OK;
	return diag_set(p->diag, ERR_SYNTAX, "q=%s does not offer dns/txt", SHOW(tag->value));
}

static enum err take_all(const struct parser *p)
{
	static enum err (*const common[])(const struct parser *) = { take_version, take_alg,    take_canon, take_hashes,
								     take_times,   take_length, check_query };
	for (size_t i = 0; i < ARRAY_LEN(common); i++) {
		enum err err = common[i](p);
		if (err != ERR_OK)
			return err;
	}
	enum err err = take_name(p, "d", &p->out->domain);
	if (err == ERR_OK)
		err = take_name(p, "s", &p->out->selector);
	if (err == ERR_OK)
		err = p->kind == DKIM_KIND_MAIL ? take_auid(p) : take_instance(p);
	if (err == ERR_OK && p->kind == DKIM_KIND_SEAL)
		err = take_cv(p);
	return err == ERR_OK ? take_headers(p) : err;
}

enum err dkim_signature_parse(enum dkim_kind kind, struct view raw, bool old, struct arena *arena,
			      struct dkim_signature *out, struct diag *diag)
{
	struct dkim_tags tags;
	size_t colon = view_find_byte(raw, ':');
	enum err err = dkim_tags_parse(view_from(raw, colon == SIZE_MAX ? 0 : colon + 1), &tags, diag);
	if (err != ERR_OK)
		return err == ERR_DATA ? ERR_SYNTAX : err;
	struct dkim_signature made = { .raw = raw };
	struct parser parser = { &tags, kind, old, arena, &made, diag };
	err = take_all(&parser);
	if (err != ERR_OK)
		return err;
	made.b_at = dkim_tags_find(&tags, "b")->span;
	*out = made;
	return ERR_OK;
}

void dkim_signature_canon(enum dkim_canon form, struct view raw, struct view b_at, struct buf *out)
{
	BUF_AUTO struct buf blanked;
	buf_init(&blanked, raw.n);
	size_t before = (size_t)(b_at.p - raw.p);
	buf_put(&blanked, view_to(raw, before));
	buf_put(&blanked, view_from(raw, before + b_at.n));
	dkim_canon_field(form, buf_view(&blanked), out);
}
