#include "spf_record.h"

#include "base_ascii.h"
#include "base_cur.h"
#include "base_num.h"
#include "base_show.h"
#include "base_vec.h"
#include "spf_macro.h"

static const struct {
	const char *name;
	bool counts;
	enum { ARG_NONE, ARG_DOMAIN, ARG_DOMAIN_OPTIONAL, ARG_IP } arg;
	bool cidr;
} kinds[] = {
	[SPF_ALL] = { "all", false, ARG_NONE, false },
	[SPF_INCLUDE] = { "include", true, ARG_DOMAIN, false },
	[SPF_A] = { "a", true, ARG_DOMAIN_OPTIONAL, true },
	[SPF_MX] = { "mx", true, ARG_DOMAIN_OPTIONAL, true },
	[SPF_PTR] = { "ptr", true, ARG_DOMAIN_OPTIONAL, false },
	[SPF_IP4] = { "ip4", false, ARG_IP, false },
	[SPF_IP6] = { "ip6", false, ARG_IP, false },
	[SPF_EXISTS] = { "exists", true, ARG_DOMAIN, false },
	[SPF_REDIRECT] = { "redirect", true, ARG_DOMAIN, false },
	[SPF_EXP] = { "exp", false, ARG_DOMAIN, false },
	[SPF_UNKNOWN] = { "modifier", false, ARG_NONE, false },
};

bool spf_kind_counts(enum spf_kind kind) { return kinds[kind].counts; }

const char *spf_kind_name(enum spf_kind kind) { return kinds[kind].name; }

bool spf_record_is(struct view txt)
{
	return view_starts_case(txt, VIEW("v=spf1")) && (txt.n == 6 || view_at(txt, 6) == ' ');
}

/* "0" or a number without leading zeros, at most max. */
static bool take_length(struct cur *cur, unsigned max, unsigned *out)
{
	struct view digits = cur_while(cur, ascii_is_digit);
	uint64_t value;
	if (!num_parse_uint(digits, max, &value) || (digits.n > 1 && view_at(digits, 0) == '0'))
		return false;
	*out = (unsigned)value;
	return true;
}

/*
 * dual-cidr-length stands at the end; what precedes it may hold slashes too ("a:%{i}/x.example.com/24"), so it is
 * looked for from behind: [ "/" digits ] [ "//" digits ].
 */
static size_t cidr_start(struct view v)
{
	size_t at = v.n, digits = at;
	while (digits > 0 && ascii_is_digit(view_at(v, digits - 1)))
		digits--;
	if (digits >= 2 && digits < at && view_at(v, digits - 1) == '/' && view_at(v, digits - 2) == '/') {
		at = digits - 2;
		for (digits = at; digits > 0 && ascii_is_digit(view_at(v, digits - 1));)
			digits--;
	}
	return digits > 0 && digits < at && view_at(v, digits - 1) == '/' ? digits - 1 : at;
}

static enum err take_cidr(struct view v, struct spf_term *term, struct diag *diag)
{
	struct cur cur = cur_of(v);
	if (cur_end(&cur))
		return ERR_OK;
	if (!cur_try_view(&cur, VIEW("//"))) {
		if (!cur_try(&cur, '/') || !take_length(&cur, 32, &term->bits4))
			return diag_set(diag, ERR_SYNTAX, "'%s' is no prefix length of IPv4 (0 to 32)", SHOW(v));
		if (cur_end(&cur))
			return ERR_OK;
		if (!cur_try_view(&cur, VIEW("//")))
			return diag_set(diag, ERR_SYNTAX, "'%s' is no pair of prefix lengths (/24//64)", SHOW(v));
	}
	if (!take_length(&cur, 128, &term->bits6) || !cur_end(&cur))
		return diag_set(diag, ERR_SYNTAX, "'%s' is no prefix length of IPv6 (//0 to //128)", SHOW(v));
	return ERR_OK;
}

/* toplabel: letters, digits and inner hyphens, and not only digits (RFC 7208 7.1). */
static bool is_toplabel(struct view v)
{
	bool other = false;
	for (size_t i = 0; i < v.n; i++) {
		int c = view_at(v, i);
		if (!ascii_is_alnum(c) && c != '-')
			return false;
		other = other || !ascii_is_digit(c);
	}
	return other && view_at(v, 0) != '-' && view_last(v) != '-';
}

/* domain-spec = macro-string domain-end */
static enum err check_domain_spec(struct view spec, struct spf_term *term, struct diag *diag)
{
	if (spec.n == 0)
		return diag_set(diag, ERR_SYNTAX, "'%s' lacks its domain", SHOW(term->text));
	bool ends_in_macro;
	enum err err = spf_macro_check(spec, SPF_IN_DOMAIN, &ends_in_macro, &term->macros, diag);
	if (err != ERR_OK)
		return err;
	term->spec = spec;
	if (ends_in_macro)
		return ERR_OK;
	struct view name = view_last(spec) == '.' ? view_to(spec, spec.n - 1) : spec;
	size_t dot = name.n;
	while (dot > 0 && view_at(name, dot - 1) != '.')
		dot--;
	if (dot == 0)
		return diag_set(diag, ERR_SYNTAX, "'%s' is no domain (it has no dot)", SHOW(spec));
	if (!is_toplabel(view_from(name, dot)))
		return diag_set(diag, ERR_SYNTAX, "'%s' does not end like a domain", SHOW(spec));
	return ERR_OK;
}

static enum err check_ip(struct view v, struct spf_term *term, struct diag *diag)
{
	enum ip_family family = term->kind == SPF_IP4 ? IP_V4 : IP_V6;
	unsigned *bits = family == IP_V4 ? &term->bits4 : &term->bits6;
	size_t slash = view_find_byte(v, '/');
	struct cur cur = cur_of(view_from(v, slash == SIZE_MAX ? v.n : slash + 1));
	bool ok = ip_parse(view_to(v, slash), &term->ip) && term->ip.family == family;
	if (ok && slash != SIZE_MAX)
		ok = take_length(&cur, family == IP_V4 ? 32 : 128, bits) && cur_end(&cur);
	if (!ok)
		return diag_set(diag, ERR_SYNTAX, "'%s' is no %s network", SHOW(v), family == IP_V4 ? "IPv4" : "IPv6");
	return ERR_OK;
}

/* What stands behind a mechanism's name: "", ":...", "/...". */
static enum err mechanism_argument(struct view rest, struct spf_term *term, struct diag *diag)
{
	int first = view_at(rest, 0);
	struct view value = view_from(rest, 1);
	switch (kinds[term->kind].arg) {
	case ARG_NONE:
		if (rest.n > 0)
			return diag_set(diag, ERR_SYNTAX, "'%s' takes no value", kinds[term->kind].name);
		return ERR_OK;
	case ARG_IP:
		if (first != ':')
			return diag_set(diag, ERR_SYNTAX, "'%s' lacks its network", SHOW(term->text));
		return check_ip(value, term, diag);
	case ARG_DOMAIN:
	case ARG_DOMAIN_OPTIONAL:
		break;
	}
	if (kinds[term->kind].cidr) {
		size_t cut = cidr_start(rest);
		enum err err = take_cidr(view_from(rest, cut), term, diag);
		if (err != ERR_OK)
			return err;
		rest = view_to(rest, cut);
		value = view_from(rest, 1);
	}
	if (rest.n == 0 && kinds[term->kind].arg == ARG_DOMAIN_OPTIONAL)
		return ERR_OK;
	if (first != ':')
		return diag_set(diag, ERR_SYNTAX, "'%s' lacks its domain", SHOW(term->text));
	return check_domain_spec(value, term, diag);
}

static bool is_name_octet(int c) { return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.'; }

static enum err parse_mechanism(struct view text, struct spf_term *term, struct diag *diag)
{
	struct cur cur = cur_of(text);
	term->qualifier = '+';
	int c = cur_peek(&cur);
	if (c == '+' || c == '-' || c == '~' || c == '?') {
		term->qualifier = (char)c;
		cur_skip(&cur);
	}
	struct view name = cur_while(&cur, ascii_is_alnum);
	for (enum spf_kind kind = SPF_ALL; kind < SPF_REDIRECT; kind++) {
		int next = cur_peek(&cur);
		if (!view_is_case(name, kinds[kind].name) || (next != -1 && next != ':' && next != '/'))
			continue;
		term->kind = kind;
		return mechanism_argument(cur_rest(&cur), term, diag);
	}
	return diag_set(diag, ERR_SYNTAX, "unknown mechanism '%s'", SHOW(text));
}

static enum err parse_modifier(struct view name, struct view value, struct spf_term *term, struct diag *diag)
{
	term->kind = view_is_case(name, "redirect") ? SPF_REDIRECT : view_is_case(name, "exp") ? SPF_EXP : SPF_UNKNOWN;
	if (term->kind != SPF_UNKNOWN)
		return check_domain_spec(value, term, diag);
	term->spec = value;
	return spf_macro_check(value, SPF_IN_DOMAIN, NULL, &term->macros, diag);
}

static enum err parse_term(struct view text, struct spf_term *term, struct diag *diag)
{
	struct cur cur = cur_of(text);
	if (ascii_is_alpha(cur_peek(&cur))) {
		struct view name = cur_while(&cur, is_name_octet);
		if (cur_try(&cur, '='))
			return parse_modifier(name, cur_rest(&cur), term, diag);
	}
	return parse_mechanism(text, term, diag);
}

static void add_fault(struct arena *arena, struct spf_record *record, unsigned column, const char *text)
{
	if (record->faults.n < SPF_FAULTS_MAX)
		*VEC_PUSH(&record->faults, arena) = (struct spf_fault){ column, arena_printf(arena, "%s", text) };
}

/* redirect and exp at most once (RFC 7208 6). */
static void note_modifier(struct arena *arena, struct spf_record *record, const struct spf_term *term)
{
	const struct spf_term **place = term->kind == SPF_REDIRECT ? &record->redirect : &record->exp;
	if (*place != NULL)
		add_fault(arena, record, term->column,
			  term->kind == SPF_REDIRECT ? "'redirect=' stands there twice" : "'exp=' stands there twice");
	else
		*place = term;
}

static size_t count_terms(struct view text)
{
	size_t n = 0;
	for (size_t i = 1; i < text.n; i++)
		n += view_at(text, i - 1) == ' ' && view_at(text, i) != ' ';
	return n;
}

/* Once, so that evaluations need not. */
static void set_name(struct arena *arena, struct spf_term *term)
{
	if (term->macros || term->spec.n == 0 || term->kind == SPF_UNKNOWN ||
	    dname_parse_plain(arena, term->spec, &term->name, NULL) != ERR_OK)
		term->name = (struct dname){ .labels = 0 };
}

static void parse_terms(struct arena *arena, struct view text, struct spf_record *out)
{
	size_t room = count_terms(text);
	out->terms = room > 0 ? arena_array(arena, room, sizeof *out->terms) : NULL;
	struct view rest = view_from(text, 6);
	while (rest.p != NULL) {
		struct view word = view_cut(&rest, ' ');
		if (word.n == 0)
			continue;
		struct spf_term *term = &out->terms[out->n];
		*term = (struct spf_term){ .text = word, .bits4 = 32, .bits6 = 128 };
		term->column = (unsigned)(word.p - text.p) + 1;
		struct diag why = { .column = 0 };
		if (parse_term(word, term, &why) != ERR_OK) {
			add_fault(arena, out, term->column, why.text);
			continue;
		}
		out->n++;
		set_name(arena, term);
		if (term->kind == SPF_REDIRECT || term->kind == SPF_EXP)
			note_modifier(arena, out, term);
	}
}

enum err spf_record_parse(struct arena *arena, struct view text, struct spf_record *out, struct diag *diag)
{
	*out = (struct spf_record){ .text = text };
	if (text.n > SPF_RECORD_MAX)
		return diag_set(diag, ERR_LIMIT, "the record has more than %d octets", SPF_RECORD_MAX);
	parse_terms(arena, text, out);
	if (out->faults.n == 0)
		return ERR_OK;
	return diag_at(diag, ERR_SYNTAX, 1, out->faults.at[0].column, "%s", out->faults.at[0].text);
}
