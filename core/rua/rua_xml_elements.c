#include <stddef.h>
#include <string.h>

#include "base_ascii.h"
#include "base_ip.h"
#include "base_num.h"
#include "base_show.h"
#include "base_time.h"
#include "base_vec.h"
#include "rua_xml.h"
#include "rua_xml_priv.h"

/* Containers, and what may stand in each. Order never matters: senders do not keep it. */
enum place {
	TOP,
	FEEDBACK,
	METADATA,
	DATES,
	POLICY,
	RECORD,
	ROW,
	EVALUATED,
	REASON,
	IDENTIFIERS,
	AUTH,
	AUTH_DKIM,
	AUTH_SPF,
	PLACES
};

/* What an element's text is written to. */
enum base { CONTAINER, OF_REPORT, OF_RECORD, OF_AUTH, OF_REASON, TIME_BEGIN, TIME_END, COUNT };

struct rua_element {
	const char *name;
	unsigned char length;
	unsigned char base;  /* enum base */
	unsigned char place; /* of a container */
	bool lower;          /* a word of the standard: case does not matter */
	unsigned short offset;
};

#define INTO(container, text)                                                                                          \
	{                                                                                                              \
		text, sizeof(text) - 1, CONTAINER, container, false, 0                                                 \
	}
#define TEXT(base, type, member, text)                                                                                 \
	{                                                                                                              \
		text, sizeof(text) - 1, base, 0, false, offsetof(struct type, member)                                  \
	}
#define WORD(base, type, member, text)                                                                                 \
	{                                                                                                              \
		text, sizeof(text) - 1, base, 0, true, offsetof(struct type, member)                                   \
	}
#define DATA(base, text)                                                                                               \
	{                                                                                                              \
		text, sizeof(text) - 1, base, 0, false, 0                                                              \
	}
#define END                                                                                                            \
	{                                                                                                              \
		NULL, 0, 0, 0, false, 0                                                                                \
	}

static const struct rua_element top[] = { INTO(FEEDBACK, "feedback"), END };
static const struct rua_element feedback[] = {
	INTO(RECORD, "record"),
	INTO(METADATA, "report_metadata"),
	INTO(POLICY, "policy_published"),
	TEXT(OF_REPORT, rua_report, version, "version"),
	END,
};
static const struct rua_element metadata[] = {
	TEXT(OF_REPORT, rua_report, org_name, "org_name"),
	TEXT(OF_REPORT, rua_report, email, "email"),
	TEXT(OF_REPORT, rua_report, extra_contact, "extra_contact_info"),
	TEXT(OF_REPORT, rua_report, report_id, "report_id"),
	TEXT(OF_REPORT, rua_report, generator, "generator"),
	TEXT(OF_REPORT, rua_report, error, "error"),
	INTO(DATES, "date_range"),
	END,
};
static const struct rua_element dates[] = { DATA(TIME_BEGIN, "begin"), DATA(TIME_END, "end"), END };
static const struct rua_element policy[] = {
	WORD(OF_REPORT, rua_report, domain, "domain"),
	WORD(OF_REPORT, rua_report, p, "p"),
	WORD(OF_REPORT, rua_report, sp, "sp"),
	WORD(OF_REPORT, rua_report, np, "np"),
	WORD(OF_REPORT, rua_report, adkim, "adkim"),
	WORD(OF_REPORT, rua_report, aspf, "aspf"),
	WORD(OF_REPORT, rua_report, fo, "fo"),
	WORD(OF_REPORT, rua_report, pct, "pct"),
	WORD(OF_REPORT, rua_report, testing, "testing"),
	WORD(OF_REPORT, rua_report, discovery_method, "discovery_method"),
	END,
};
static const struct rua_element record[] = {
	INTO(ROW, "row"),
	INTO(IDENTIFIERS, "identifiers"),
	INTO(AUTH, "auth_results"),
	INTO(IDENTIFIERS, "identities"),
	END,
};
static const struct rua_element row[] = {
	TEXT(OF_RECORD, rua_record, source_ip, "source_ip"),
	DATA(COUNT, "count"),
	INTO(EVALUATED, "policy_evaluated"),
	END,
};
static const struct rua_element evaluated[] = {
	WORD(OF_RECORD, rua_record, disposition, "disposition"),
	WORD(OF_RECORD, rua_record, dkim, "dkim"),
	WORD(OF_RECORD, rua_record, spf, "spf"),
	INTO(REASON, "reason"),
	END,
};
static const struct rua_element reason[] = {
	WORD(OF_REASON, rua_reason, type, "type"),
	TEXT(OF_REASON, rua_reason, comment, "comment"),
	END,
};
static const struct rua_element identifiers[] = {
	WORD(OF_RECORD, rua_record, header_from, "header_from"),
	WORD(OF_RECORD, rua_record, envelope_from, "envelope_from"),
	WORD(OF_RECORD, rua_record, envelope_to, "envelope_to"),
	END,
};
static const struct rua_element auth[] = { INTO(AUTH_DKIM, "dkim"), INTO(AUTH_SPF, "spf"), END };
static const struct rua_element result[] = {
	WORD(OF_AUTH, rua_auth, domain, "domain"),
	TEXT(OF_AUTH, rua_auth, selector, "selector"),
	WORD(OF_AUTH, rua_auth, scope, "scope"),
	WORD(OF_AUTH, rua_auth, result, "result"),
	TEXT(OF_AUTH, rua_auth, human_result, "human_result"),
	END,
};

static const struct rua_element *const grammar[PLACES] = { top,       feedback, metadata,    dates, policy, record, row,
							   evaluated, reason,   identifiers, auth,  result, result };

void rua_elements_init(struct rua_elements *elements)
{
	memset(elements, 0, sizeof *elements);
	buf_init(&elements->text, RUA_TEXT_MAX);
}

void rua_elements_done(struct rua_elements *elements) { buf_done(&elements->text); }

void rua_elements_begin(struct rua_elements *elements, struct arena *arena, struct rua_report *out)
{
	struct buf text = elements->text;
	memset(elements, 0, sizeof *elements);
	elements->text = text;
	elements->arena = arena;
	elements->out = out;
	elements->arena_start = arena->used;
	out->begin = out->end = -1;
}

/* Called for every element: names are short, so one pass over them, and most rows fall by their first letter. */
static const struct rua_element *find(enum place place, const char *name)
{
	size_t n = 0;
	for (; name[n] != '\0'; n++)
		if (name[n] == ':') {
			name += n + 1;
			n = SIZE_MAX;
		}
	for (const struct rua_element *e = grammar[place]; e->name != NULL; e++)
		if (e->length == n && e->name[0] == name[0] && memcmp(e->name, name, n) == 0)
			return e;
	return NULL;
}

static void enter(struct rua_elements *elements, enum place place)
{
	elements->place[++elements->level] = (unsigned char)place;
	switch (place) {
	case FEEDBACK:
		elements->has_feedback = true;
		break;
	case METADATA:
		elements->has_metadata = true;
		break;
	case POLICY:
		elements->has_policy = true;
		break;
	case RECORD:
		elements->record = VEC_PUSH(&elements->out->records, elements->arena);
		*elements->record = (struct rua_record){ 0 };
		break;
	case REASON:
		elements->reason = (struct rua_reason){ { 0 }, { 0 } };
		break;
	case AUTH_DKIM:
	case AUTH_SPF:
		elements->auth = (struct rua_auth){ .domain = { 0 } };
		break;
	case TOP:
	case DATES:
	case ROW:
	case EVALUATED:
	case IDENTIFIERS:
	case AUTH:
	case PLACES:
		break;
	}
}

enum err rua_elements_start(struct rua_elements *elements, const char *name, struct diag *diag)
{
	if (++elements->depth > RUA_DEPTH_MAX)
		return diag_set(diag, ERR_LIMIT, "elements are nested deeper than RUA_DEPTH_MAX (%d)", RUA_DEPTH_MAX);
	if (elements->skipped > 0 || elements->leaf != NULL) {
		elements->skipped += elements->leaf == NULL ? 1 : 0;
		elements->leaf_inner += elements->leaf != NULL ? 1 : 0;
		return ERR_OK;
	}
	const struct rua_element *e = find(elements->place[elements->level], name);
	if (e == NULL && elements->level == 0)
		return diag_set(diag, ERR_DATA, "no DMARC report: its first element is <%s>, not <feedback>",
				SHOW(view_str(name)));
	if (e == NULL) {
		elements->skipped = 1;
	} else if (e->base == CONTAINER) {
		enter(elements, e->place);
	} else {
		elements->leaf = e;
		elements->leaf_inner = 0;
		elements->cut = false;
		buf_reset(&elements->text);
	}
	return ERR_OK;
}

void rua_elements_text(struct rua_elements *elements, struct view text)
{
	size_t room = RUA_TEXT_MAX - elements->text.n;
	elements->cut = elements->cut || text.n > room;
	buf_put(&elements->text, view_to(text, room));
}

static bool read_time(struct view text, int64_t *out)
{
	uint64_t seconds;
	struct view digits = text;
	size_t n = 0;
	while (ascii_is_digit(view_at(digits, n)))
		n++;
	if (n > 0 && (n == text.n || view_at(text, n) == '.') &&
	    num_parse_uint(view_to(text, n), INT64_MAX / 2000, &seconds)) {
		*out = (int64_t)(seconds > UINT64_C(100000000000) ? seconds / 1000
								  : seconds); /* some count milliseconds */
		return true;
	}
	return base_time_parse(text, out);
}

/* "1", and "1.0" as a real sender writes it. */
static bool read_count(struct view text, uint64_t *out)
{
	struct view whole = view_to(text, view_find_byte(text, '.'));
	return num_parse_uint(whole, UINT32_MAX, out);
}

static void store_data(struct rua_elements *elements, const struct rua_element *e, struct view text)
{
	struct rua_report *out = elements->out;
	bool good = true;
	if (e->base == COUNT)
		good = read_count(text, &elements->record->count);
	else
		good = read_time(text, e->base == TIME_BEGIN ? &out->begin : &out->end);
	if (!good)
		rua_warn(out, elements->arena, "%s: \"%s\" cannot be read", e->name, SHOW(text));
}

/* The words that come again and again need no copy. */
static struct view keep(struct rua_elements *elements, struct view text, bool lower)
{
	static const struct view words[] = { VIEW_INIT("pass"),     VIEW_INIT("fail"),    VIEW_INIT("none"),
					     VIEW_INIT("reject"),   VIEW_INIT("mfrom"),   VIEW_INIT("quarantine"),
					     VIEW_INIT("softfail"), VIEW_INIT("neutral"), VIEW_INIT("permerror"),
					     VIEW_INIT("temperror") };
	if (!lower)
		return arena_view(elements->arena, text);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text.n == words[i].n && memcmp(text.p, words[i].p, text.n) == 0)
			return words[i];
	return arena_lower(elements->arena, text);
}

static void store(struct rua_elements *elements)
{
	const struct rua_element *e = elements->leaf;
	struct view text = view_trim(buf_view(&elements->text));
	void *const bases[] = { [OF_REPORT] = elements->out,
				[OF_RECORD] = elements->record,
				[OF_AUTH] = &elements->auth,
				[OF_REASON] = &elements->reason };
	if (elements->cut)
		rua_warn(elements->out, elements->arena, "%s: cut after RUA_TEXT_MAX (%d) octets", e->name,
			 RUA_TEXT_MAX);
	if (e->base >= TIME_BEGIN)
		store_data(elements, e, text);
	else if (text.n > 0)
		*(struct view *)(void *)((char *)bases[e->base] + e->offset) = keep(elements, text, e->lower);
}

static void end_record(struct rua_elements *elements)
{
	struct rua_report *out = elements->out;
	const struct rua_record *r = elements->record;
	struct ip_addr ip;
	if (!ip_parse(r->source_ip, &ip))
		rua_warn(out, elements->arena, "source_ip: \"%s\" is no address", SHOW(r->source_ip));
	if (r->dkim.n == 0 && r->spf.n == 0)
		rua_warn(out, elements->arena, "a record says nothing about alignment: it counts as failed");
	out->messages += r->count;
	*(rua_record_passes(r) ? &out->pass : &out->fail) += r->count;
}

static void leave(struct rua_elements *elements)
{
	struct arena *arena = elements->arena;
	switch ((enum place)elements->place[elements->level--]) {
	case RECORD:
		end_record(elements);
		break;
	case REASON:
		if (elements->reason.type.n > 0 || elements->reason.comment.n > 0)
			*VEC_PUSH(&elements->record->reasons, arena) = elements->reason;
		break;
	case AUTH_DKIM:
		*VEC_PUSH(&elements->record->auth_dkim, arena) = elements->auth;
		break;
	case AUTH_SPF:
		*VEC_PUSH(&elements->record->auth_spf, arena) = elements->auth;
		break;
	case TOP:
	case FEEDBACK:
	case METADATA:
	case DATES:
	case POLICY:
	case ROW:
	case EVALUATED:
	case IDENTIFIERS:
	case AUTH:
	case PLACES:
		break;
	}
}

enum err rua_elements_end(struct rua_elements *elements, struct diag *diag)
{
	elements->depth--;
	if (elements->skipped > 0) {
		elements->skipped--;
	} else if (elements->leaf != NULL && elements->leaf_inner > 0) {
		elements->leaf_inner--;
	} else if (elements->leaf != NULL) {
		store(elements);
		elements->leaf = NULL;
	} else {
		leave(elements);
	}
	if (elements->arena->used - elements->arena_start > RUA_REPORT_MEMORY_MAX)
		return diag_set(diag, ERR_LIMIT, "the report takes more than RUA_REPORT_MEMORY_MAX (%d MiB)",
				RUA_REPORT_MEMORY_MAX >> 20);
	return ERR_OK;
}

enum err rua_elements_finish(struct rua_elements *elements, struct diag *diag)
{
	struct rua_report *out = elements->out;
	struct arena *arena = elements->arena;
	if (!elements->has_feedback)
		return diag_set(diag, ERR_SYNTAX, "no DMARC report: the document is empty");
	if (!elements->has_metadata && !elements->has_policy && out->records.n == 0)
		return diag_set(diag, ERR_DATA,
				"no DMARC report: <feedback> has neither metadata nor policy nor records");
	if (!elements->has_metadata)
		rua_warn(out, arena, "report_metadata is missing");
	if (!elements->has_policy)
		rua_warn(out, arena, "policy_published is missing");
	if (out->records.n == 0)
		rua_warn(out, arena, "there is no record");
	if (out->begin > out->end && out->end >= 0)
		rua_warn(out, arena, "the period ends before it begins");
	return ERR_OK;
}
