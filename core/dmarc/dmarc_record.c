#include "dmarc_record.h"

#include "base_ascii.h"
#include "base_cur.h"
#include "base_show.h"
#include "base_vec.h"
#include "dmarc_priv.h"

static const char *const policy_names[] = { NULL, "none", "quarantine", "reject" };

const char *dmarc_policy_name(enum dmarc_policy policy) { return policy_names[policy]; }

bool dmarc_policy_parse(struct view text, enum dmarc_policy *out)
{
	for (enum dmarc_policy policy = DMARC_POLICY_NONE; policy <= DMARC_REJECT; policy++)
		if (view_is_case(text, policy_names[policy])) {
			*out = policy;
			return true;
		}
	return false;
}

enum dmarc_policy dmarc_policy_milder(enum dmarc_policy policy)
{
	return policy > DMARC_POLICY_NONE ? policy - 1 : policy;
}

/* dmarc-version: the tag's name in any case (RFC 5234 2.3), its value exactly so. */
bool dmarc_record_is(struct view text)
{
	struct cur cur = cur_of(text);
	if (!cur_try_case(&cur, VIEW("v")))
		return false;
	cur_skip_wsp(&cur);
	if (!cur_try(&cur, '='))
		return false;
	cur_skip_wsp(&cur);
	if (!cur_try_view(&cur, VIEW("DMARC1")))
		return false;
	cur_skip_wsp(&cur);
	return cur_end(&cur) || cur_peek(&cur) == ';';
}

void dmarc_fault(struct dmarc_parse *parse, enum dmarc_fault_kind kind, unsigned column, struct view tag,
		 const char *text)
{
	*VEC_PUSH(&parse->out->faults, parse->arena) = (struct dmarc_fault){ kind, column, tag, text };
}

static void bad_value(struct dmarc_parse *parse, const struct dmarc_tag *tag, enum dmarc_fault_kind kind,
		      const char *wanted)
{
	dmarc_fault(parse, kind, tag->column, tag->name,
		    arena_printf(parse->arena, "%s=%s: must be %s", SHOW(tag->name), SHOW(tag->value), wanted));
}

static void take_policy(struct dmarc_parse *parse, const struct dmarc_tag *tag, enum dmarc_policy *out, bool *bad)
{
	*bad = !dmarc_policy_parse(tag->value, out);
	if (*bad)
		bad_value(parse, tag, DMARC_FAULT_POLICY, "none, quarantine or reject");
}

/* A value of one letter; its place in `letters`, or `none` when it is no such letter. */
static int take_letter(struct dmarc_parse *parse, const struct dmarc_tag *tag, const char *letters, int none,
		       const char *wanted)
{
	for (int i = 0; letters[i] != '\0'; i++)
		if (tag->value.n == 1 && ascii_lower(view_at(tag->value, 0)) == letters[i])
			return i;
	bad_value(parse, tag, DMARC_FAULT_SYNTAX, wanted);
	return none;
}

static void take_fo(struct dmarc_parse *parse, const struct dmarc_tag *tag)
{
	unsigned fo = 0;
	bool good = true;
	for (struct view rest = tag->value; rest.p != NULL;) {
		struct view one = view_trim(view_cut(&rest, ':'));
		unsigned bit = one.n != 1                            ? 0
			       : view_at(one, 0) == '0'              ? DMARC_FO_0
			       : view_at(one, 0) == '1'              ? DMARC_FO_1
			       : ascii_lower(view_at(one, 0)) == 'd' ? DMARC_FO_D
			       : ascii_lower(view_at(one, 0)) == 's' ? DMARC_FO_S
								     : 0;
		good = good && bit != 0 && (fo & bit) == 0;
		fo |= bit;
	}
	good = good && (fo & (DMARC_FO_0 | DMARC_FO_1)) != (DMARC_FO_0 | DMARC_FO_1);
	if (good)
		parse->out->fo = fo;
	else
		bad_value(parse, tag, DMARC_FAULT_SYNTAX, "0 or 1, d and s, each once, colons between them");
}

static void take_rua(struct dmarc_parse *parse, const struct dmarc_tag *tag, bool *has, struct dmarc_uris *out)
{
	*has = true;
	dmarc_uris_parse(parse, tag, out);
}

/* What RFC 7489 had and RFC 9989 has taken away (appendix C.5.2). */
static void take_removed(struct dmarc_parse *parse, const struct dmarc_tag *tag)
{
	static const char *const why[] = { "pct", "percentages were never applied alike; t=y asks for one step less",
					   "rf",  "there is one format of failure reports",
					   "ri",  "reports come once a day" };
	for (size_t i = 0; i < ARRAY_LEN(why); i += 2)
		if (view_is_case(tag->name, why[i]))
			dmarc_fault(parse, DMARC_FAULT_REMOVED, tag->column, tag->name,
				    arena_printf(parse->arena, "%s is no tag any more: %s", why[i], why[i + 1]));
	if (view_is_case(tag->name, "pct"))
		parse->out->pct = tag->value;
}

enum tag_id {
	TAG_V,
	TAG_P,
	TAG_SP,
	TAG_NP,
	TAG_ADKIM,
	TAG_ASPF,
	TAG_FO,
	TAG_PSD,
	TAG_T,
	TAG_RUA,
	TAG_RUF,
	TAG_PCT,
	TAG_RF,
	TAG_RI,
	TAG_COUNT
};
static const char *const tag_names[TAG_COUNT] = { "v",   "p", "sp",  "np",  "adkim", "aspf", "fo",
						  "psd", "t", "rua", "ruf", "pct",   "rf",   "ri" };

static void take_value(struct dmarc_parse *parse, enum tag_id id, const struct dmarc_tag *tag)
{
	struct dmarc_record *out = parse->out;
	switch (id) {
	case TAG_P:
		take_policy(parse, tag, &out->p, &out->p_bad);
		break;
	case TAG_SP:
		take_policy(parse, tag, &out->sp, &out->sp_bad);
		break;
	case TAG_NP:
		take_policy(parse, tag, &out->np, &out->np_bad);
		break;
	case TAG_ADKIM:
		out->strict_dkim = take_letter(parse, tag, "rs", 0, "r or s") == 1;
		break;
	case TAG_ASPF:
		out->strict_spf = take_letter(parse, tag, "rs", 0, "r or s") == 1;
		break;
	case TAG_FO:
		take_fo(parse, tag);
		break;
	case TAG_PSD:
		out->psd = (enum dmarc_psd)take_letter(parse, tag, "uyn", 0, "y, n or u");
		break;
	case TAG_T:
		out->testing = take_letter(parse, tag, "ny", 0, "y or n") == 1;
		break;
	case TAG_RUA:
		take_rua(parse, tag, &out->has_rua, &out->rua);
		break;
	case TAG_RUF:
		take_rua(parse, tag, &out->has_ruf, &out->ruf);
		break;
	case TAG_PCT:
	case TAG_RF:
	case TAG_RI:
		take_removed(parse, tag);
		break;
	case TAG_V:
	case TAG_COUNT:
		break;
	}
}

static void take_tag(struct dmarc_parse *parse, const struct dmarc_tag *tag, unsigned index, unsigned *seen)
{
	for (enum tag_id id = 0; id < TAG_COUNT; id++) {
		if (!view_is_case(tag->name, tag_names[id]))
			continue;
		if (!view_is(tag->name, tag_names[id]))
			dmarc_fault(parse, DMARC_FAULT_CASE, tag->column, tag->name,
				    arena_printf(parse->arena, "the tag %s should be in lower case", SHOW(tag->name)));
		if ((*seen & (1U << id)) != 0)
			dmarc_fault(parse, DMARC_FAULT_SYNTAX, tag->column, tag->name,
				    arena_printf(parse->arena, "the tag %s is there twice; the first one holds",
						 SHOW(tag->name)));
		else
			take_value(parse, id, tag);
		*seen |= 1U << id;
		parse->out->p_second = parse->out->p_second || (id == TAG_P && index == 1);
		return;
	}
	dmarc_fault(parse, DMARC_FAULT_UNKNOWN, tag->column, tag->name,
		    arena_printf(parse->arena, "%s is no tag of DMARC and is ignored", SHOW(tag->name)));
}

static bool is_alpha(int c) { return ascii_is_alpha(c); }

/* dmarc-tag = 1*ALPHA equals 1*dmarc-value; false: it is none. */
static bool split_tag(struct dmarc_parse *parse, struct view piece, unsigned column, struct dmarc_tag *tag)
{
	struct cur cur = cur_of(piece);
	tag->column = column;
	tag->name = cur_while(&cur, is_alpha);
	cur_skip_wsp(&cur);
	if (tag->name.n == 0 || !cur_try(&cur, '=')) {
		dmarc_fault(parse, DMARC_FAULT_SYNTAX, column + (unsigned)cur.at, tag->name,
			    arena_printf(parse->arena, "\"%s\" is no tag=value", SHOW(piece)));
		return false;
	}
	cur_skip_wsp(&cur);
	tag->value_column = column + (unsigned)cur.at;
	tag->value = cur_rest(&cur);
	for (size_t i = 0; i < tag->value.n; i++)
		if (view_at(tag->value, i) < 0x20 || view_at(tag->value, i) > 0x7e) {
			dmarc_fault(parse, DMARC_FAULT_SYNTAX, tag->value_column + (unsigned)i, tag->name,
				    arena_printf(parse->arena, "%s holds an octet that is no printable ASCII",
						 SHOW(tag->name)));
			return false;
		}
	if (tag->value.n == 0)
		dmarc_fault(parse, DMARC_FAULT_SYNTAX, tag->value_column, tag->name,
			    arena_printf(parse->arena, "%s has no value", SHOW(tag->name)));
	return tag->value.n > 0;
}

static void judge(struct dmarc_record *out)
{
	out->replaced = out->p == DMARC_UNSET || out->sp_bad || out->np_bad;
	out->applies = !out->replaced || out->rua.usable > 0;
}

void dmarc_record_parse(struct view text, struct arena *arena, struct dmarc_record *out)
{
	*out = (struct dmarc_record){ .text = text, .fo = DMARC_FO_0 };
	struct dmarc_parse parse = { arena, out };
	unsigned seen = 0, index = 0;
	for (struct view rest = text; rest.p != NULL && index < DMARC_TAGS_MAX;) {
		struct view piece = view_cut(&rest, ';');
		struct view trimmed = view_trim(piece);
		if (trimmed.n == 0)
			continue;
		struct dmarc_tag tag;
		unsigned column = (unsigned)(trimmed.p - text.p) + 1;
		if (split_tag(&parse, trimmed, column, &tag))
			take_tag(&parse, &tag, index, &seen);
		index++;
	}
	judge(out);
}

enum dmarc_policy dmarc_record_policy(const struct dmarc_record *record, enum dmarc_name name, const char **tag)
{
	const char *unused;
	if (tag == NULL)
		tag = &unused;
	*tag = "p";
	if (!record->applies)
		return DMARC_UNSET;
	if (record->replaced)
		return DMARC_POLICY_NONE;
	if (name == DMARC_NAME_MISSING && record->np != DMARC_UNSET) {
		*tag = "np";
		return record->np;
	}
	if (name != DMARC_NAME_SELF && record->sp != DMARC_UNSET) {
		*tag = "sp";
		return record->sp;
	}
	return record->p;
}
