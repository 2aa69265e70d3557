#include "base_ascii.h"
#include "base_show.h"
#include "spf_survey_priv.h"

/* The rules that need no walk. Ids and severities: dns-check's. */

enum { SIZE_WARN = 450, V4_WARN = 14, V4_ERROR = 8, V6_WARN = 28, V6_ERROR = 16, TERMS_COMPARED = 512 };

/* Does the text start like an SPF record but for blanks, quotation marks or a byte order mark? */
static bool almost_spf(struct view text)
{
	size_t i = 0;
	while (i < text.n && (ascii_is_space(view_at(text, i)) || view_at(text, i) == '"' || view_at(text, i) >= 0x80))
		i++;
	return i > 0 && spf_record_is(view_from(text, i));
}

/* Does the text start like a term: a mechanism's or modifier's name and what may follow it? */
static bool starts_term(struct view text)
{
	static const char *const starts[] = { "include:",  "ip4:", "ip6:", "a:",   "mx:",  "exists:", "ptr:",
					      "redirect=", "exp=", "-all", "~all", "?all", "+all" };
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (view_starts_case(text, view_str(starts[i])))
			return true;
	return false;
}

static void lint_join(struct spf_walk *walk, const struct dns_txt *txt)
{
	for (size_t i = 1; i < txt->n; i++) {
		struct view before = txt->strings[i - 1], after = txt->strings[i];
		if (view_last(before) == ' ' || !starts_term(after))
			continue;
		spf_note(walk, "spf.split-join", SPF_LINT_ERROR, walk->domain, view_to(after, 60),
			 "put a space at the end of the string before it", "RFC 7208 3.3",
			 "strings of a TXT record are joined without a space, so that '%s' becomes part of the term "
			 "before it",
			 SHOW(view_to(after, 40)));
		return;
	}
}

static void lint_type99(struct spf_walk *walk, struct dname name, bool has_txt)
{
	struct dns_answer answer;
	enum dns_status status = dns_query(walk->context->resolver, walk->arena, dns_question_of(name, DNS_SPF),
					   &answer);
	if (status == DNS_OK)
		spf_note(walk, "spf.type99", has_txt ? SPF_LINT_WARN : SPF_LINT_ERROR, walk->domain, view_none(),
			 has_txt ? "delete it" : "publish it as TXT", "RFC 7208 3.1",
			 "a record of type SPF (99) is published; nobody asks for it any more");
}

void spf_lint_publication(struct spf_walk *walk, struct dname name)
{
	struct dns_answer answer;
	if (dns_query(walk->context->resolver, walk->arena, dns_question_of(name, DNS_TXT), &answer) == DNS_TEMP)
		return;
	bool found = false;
	for (size_t i = 0; i < answer.n; i++) {
		const struct dns_txt *txt = &answer.rr[i].txt;
		if (almost_spf(txt->joined))
			spf_note(
				walk, "spf.leading-space", SPF_LINT_ERROR, walk->domain, view_to(txt->joined, 60),
				"start the text with v=spf1", "RFC 7208 4.5",
				"a TXT record does not start with v=spf1 but with something before it: it is not seen");
		if (spf_record_is(txt->joined))
			lint_join(walk, txt);
		found = found || spf_record_is(txt->joined);
	}
	lint_type99(walk, name, found);
}

void spf_lint_policy(struct spf_walk *walk, struct view domain, const struct spf_policy *policy, bool top)
{
	switch (policy->found) {
	case SPF_FOUND:
		break;
	case SPF_FOUND_NONE:
		if (top)
			spf_note(walk, "spf.missing", SPF_LINT_ERROR, domain, view_none(),
				 "publish one, \"v=spf1 -all\" if it sends no mail", "RFC 7208 4.5", "%s",
				 policy->problem);
		break;
	case SPF_FOUND_SEVERAL:
		spf_note(walk, "spf.multiple", SPF_LINT_ERROR, domain, view_none(), "merge them into one",
			 "RFC 7208 4.5", "%s", policy->problem);
		break;
	case SPF_FOUND_FAULTY:
		for (size_t i = 0; i < policy->record.faults.n; i++)
			spf_note(walk, "spf.syntax", SPF_LINT_ERROR, domain, policy->record.text,
				 "correct it: one fault makes the whole record a permerror", "RFC 7208 4.6",
				 "column %u: %s", policy->record.faults.at[i].column, policy->record.faults.at[i].text);
		break;
	case SPF_FOUND_TEMP:
		spf_note(walk, "dns.temperror", SPF_LINT_UNKNOWN, domain, view_none(), "try again later",
			 "RFC 7208 4.4", "%s", policy->problem);
		break;
	}
}

void spf_lint_target(struct spf_walk *walk, struct view domain, const struct spf_step *step,
		     const struct spf_policy *policy)
{
	if (policy->found != SPF_FOUND_NONE) {
		spf_lint_policy(walk, step->target, policy, false);
		return;
	}
	bool gone = policy->status == DNS_NXDOMAIN;
	spf_note(walk, gone ? "spf.include-dangling" : "spf.include-none", SPF_LINT_ERROR, domain, step->term->text,
		 gone ? "take the term out: whoever registers the name can send as you" : "take the term out",
		 "RFC 7208 5.2", "'%s': %s; receivers answer permerror", SHOW(step->term->text), policy->problem);
}

static void lint_all(struct spf_walk *walk, struct view domain, const struct spf_term *term, bool top)
{
	if (term->qualifier == '+')
		spf_note(walk, "spf.plus-all", SPF_LINT_ERROR, domain, term->text, "end with -all or ~all",
			 "RFC 7208 5.1", "'%s' lets the whole world send as %s", SHOW(term->text), SHOW(walk->domain));
	else if (term->qualifier == '?' && top)
		spf_note(walk, "spf.neutral-all", SPF_LINT_WARN, domain, term->text, "end with -all or ~all",
			 "RFC 7208 8.2", "'?all' says nothing about other senders");
	else if (term->qualifier == '~' && top)
		spf_note(walk, "spf.softfail", SPF_LINT_INFO, domain, term->text, NULL, "RFC 7208 8.5",
			 "'~all' marks other senders, -all would refuse them");
}

static void lint_breadth(struct spf_walk *walk, struct view domain, const struct spf_term *term)
{
	bool v6 = term->kind == SPF_IP6;
	unsigned bits = v6 ? term->bits6 : term->bits4;
	if ((term->kind == SPF_A || term->kind == SPF_MX) && term->bits6 <= V6_WARN) {
		v6 = true;
		bits = term->bits6;
	}
	if (bits > (v6 ? V6_WARN : V4_WARN))
		return;
	bool error = bits <= (v6 ? V6_ERROR : V4_ERROR);
	spf_note(walk, "spf.too-broad", error ? SPF_LINT_ERROR : SPF_LINT_WARN, domain, term->text,
		 "name only the networks that send", "RFC 7208 5.6", "'%s' lets %s/%u send", SHOW(term->text),
		 v6 ? "an IPv6 " : "an IPv4 ", bits);
}

static void lint_doubles(struct spf_walk *walk, struct view domain, const struct spf_record *record)
{
	size_t n = record->n < TERMS_COMPARED ? record->n : TERMS_COMPARED;
	for (size_t i = 1; i < n; i++)
		for (size_t at = 0; at < i; at++) {
			if (!view_eq_case(record->terms[i].text, record->terms[at].text))
				continue;
			spf_note(walk, "spf.duplicate-term", SPF_LINT_WARN, domain, record->terms[i].text,
				 "take one out", "RFC 7208 4.6.2", "'%s' stands there twice",
				 SHOW(record->terms[i].text));
			break;
		}
}

static void lint_end(struct spf_walk *walk, struct view domain, const struct spf_record *record, bool top)
{
	const struct spf_term *all = NULL;
	for (size_t i = 0; i < record->n; i++) {
		const struct spf_term *term = &record->terms[i];
		if (all != NULL && term->kind < SPF_REDIRECT)
			spf_note(walk, "spf.after-all", SPF_LINT_WARN, domain, term->text, "move it before the all",
				 "RFC 7208 5.1", "'%s' stands behind '%s' and is never looked at", SHOW(term->text),
				 SHOW(all->text));
		if (term->kind == SPF_ALL && all == NULL)
			all = term;
	}
	if (all != NULL)
		lint_all(walk, domain, all, top);
	if (all != NULL && record->redirect != NULL)
		spf_note(walk, "spf.redirect-ignored", SPF_LINT_WARN, domain, record->redirect->text,
			 "take out one of the two", "RFC 7208 6.1", "'%s' is ignored, for there is '%s'",
			 SHOW(record->redirect->text), SHOW(all->text));
	if (top && all == NULL && record->redirect == NULL)
		spf_note(walk, "spf.no-all", SPF_LINT_WARN, domain, record->text, "end with -all or ~all",
			 "RFC 7208 4.7", "the record has no 'all' and no 'redirect=': other senders are neutral");
}

void spf_lint_record(struct spf_walk *walk, struct view domain, const struct spf_record *record, bool top)
{
	for (size_t i = 0; i < record->n; i++) {
		const struct spf_term *term = &record->terms[i];
		if (term->kind == SPF_PTR)
			spf_note(walk, "spf.ptr", SPF_LINT_WARN, domain, term->text,
				 "use ip4: and ip6:", "RFC 7208 5.5",
				 "'%s' is slow and unreliable, and should not be used", SHOW(term->text));
		if (term->kind < SPF_REDIRECT && term->kind != SPF_ALL && term->qualifier != '-')
			lint_breadth(walk, domain, term);
	}
	lint_end(walk, domain, record, top);
	lint_doubles(walk, domain, record);
	if (record->text.n > SIZE_WARN)
		spf_note(walk, "spf.size", SPF_LINT_WARN, domain, view_none(), "shorten it", "RFC 7208 3.4",
			 "the record has %zu octets; more than %d may not fit a DNS reply over UDP", record->text.n,
			 SIZE_WARN);
}
