#include "dmarc_lint.h"

#include <stdarg.h>
#include <stdio.h>

#include "base_num.h"
#include "base_show.h"
#include "base_vec.h"
#include "dmarc_lint_priv.h"

enum { RECORD_LONG = 450, NOTE_MAX = 600 };

const char *dmarc_severity_name(enum dmarc_severity severity)
{
	static const char *const names[] = { "ok", "info", "warn", "error", "unknown" };
	return names[severity];
}

void dmarc_note(struct dmarc_linter *lint, const char *check, enum dmarc_severity severity, const char *subject,
		const char *evidence, const char *fix, const char *ref, const char *message, ...)
{
	char text[NOTE_MAX];
	va_list args;
	va_start(args, message);
	(void)vsnprintf(text, sizeof text, message, args);
	va_end(args);
	*VEC_PUSH(&lint->out->findings, lint->arena) = (struct dmarc_finding){
		.check = check,
		.severity = severity,
		.subject = subject != NULL ? subject : arena_printf(lint->arena, "%s", DNAME_SHOW(lint->out->domain)),
		.message = arena_printf(lint->arena, "%s", text),
		.evidence = evidence,
		.fix = fix,
		.ref = ref,
	};
}

static const char *shown(struct dmarc_linter *lint, struct view v) { return arena_printf(lint->arena, "%s", SHOW(v)); }

static const char *name_shown(struct dmarc_linter *lint, struct dname name)
{
	return arena_printf(lint->arena, "%s", DNAME_SHOW(name));
}

/* A text at _dmarc that was meant to be a record and is none. */
static void lint_near_miss(struct dmarc_linter *lint, const char *subject, struct view text)
{
	struct view trimmed = view_trim(text);
	struct view unquoted = view_at(trimmed, 0) == '"' ? view_from(trimmed, 1) : trimmed;
	const char *evidence = shown(lint, view_to(text, 120));
	size_t version = view_find_case(text, VIEW("v=DMARC1"));
	if (version == SIZE_MAX)
		return;
	if (view_starts(unquoted, VIEW("v=DMARC1\\")))
		dmarc_note(lint, "dmarc.syntax", DMARC_ERROR, subject, evidence,
			   "publish the record without backslashes", "RFC 9989 4.8",
			   "the record has a backslash before a semicolon in its data: it is no DMARC record");
	else if (unquoted.n < trimmed.n && version == 1)
		dmarc_note(lint, "dmarc.syntax", DMARC_ERROR, subject, evidence,
			   "publish the record without quotation marks in the data", "RFC 9989 4.8",
			   "the record has quotation marks in its data: it is no DMARC record");
	else if (version + (size_t)(text.p - trimmed.p) == 0 && !view_starts(trimmed, VIEW("v=DMARC1")))
		dmarc_note(lint, "dmarc.version-case", DMARC_ERROR, subject, evidence, "write v=DMARC1", "RFC 9989 4.7",
			   "the version must be written DMARC1, in capitals: the whole record is ignored");
	else if (trimmed.n < text.n && dmarc_record_is(trimmed))
		dmarc_note(lint, "dmarc.version-first", DMARC_ERROR, subject, evidence, "start the text with v=DMARC1",
			   "RFC 9989 4.8", "there are blanks before v=DMARC1: the whole record is ignored");
	else if (version > 0)
		dmarc_note(lint, "dmarc.version-first", DMARC_ERROR, subject, evidence, "put v=DMARC1 first",
			   "RFC 9989 4.7", "v=DMARC1 is not the first tag: the whole record is ignored");
	else
		dmarc_note(lint, "dmarc.syntax", DMARC_ERROR, subject, evidence, "put a semicolon behind v=DMARC1",
			   "RFC 9989 4.8",
			   "what follows v=DMARC1 must start with a semicolon: the whole record is ignored");
}

static void lint_step(struct dmarc_linter *lint, const struct dmarc_step *step, bool own)
{
	const char *subject = name_shown(lint, step->asked);
	if (step->status == DNS_TEMP)
		dmarc_note(lint, "dns.temperror", DMARC_UNKNOWN, subject, NULL, "try again later", "RFC 9989 4.10",
			   "the DNS did not answer for %s (%s): the policy is not known", subject,
			   dns_cause_name(step->cause));
	if (step->records > 1)
		dmarc_note(lint, "dmarc.multiple", own ? DMARC_ERROR : DMARC_WARN, subject, NULL, "leave one of them",
			   "RFC 9989 4.10", "%u DMARC records at one name: receivers drop them all", step->records);
	if (step->record != NULL)
		return;
	for (size_t i = 0; own && i < step->texts.n; i++)
		if (!dmarc_record_is(step->texts.at[i]))
			lint_near_miss(lint, subject, step->texts.at[i]);
}

/* Where people put the record by mistake: at the domain itself, or under the zone's name twice. */
static void lint_location(struct dmarc_linter *lint)
{
	struct dname domain = lint->out->domain, prefixed, twice;
	struct dns_answer answer;
	if (dns_query(lint->cache->resolver, lint->arena, dns_question_of(domain, DNS_TXT), &answer) == DNS_OK)
		for (size_t i = 0; i < answer.n; i++)
			if (dmarc_record_is(answer.rr[i].txt.joined))
				dmarc_note(lint, "dmarc.location", DMARC_ERROR, NULL,
					   shown(lint, view_to(answer.rr[i].txt.joined, 120)),
					   arena_printf(lint->arena, "move it to _dmarc.%s", DNAME_SHOW(domain)),
					   "RFC 9989 4.5",
					   "a DMARC record stands at the domain itself, where nobody looks");
	if (dname_prepend(lint->arena, VIEW("_dmarc"), domain, &prefixed, NULL) != ERR_OK ||
	    dname_join(lint->arena, prefixed, domain, &twice, NULL) != ERR_OK)
		return;
	if (dns_query(lint->cache->resolver, lint->arena, dns_question_of(twice, DNS_TXT), &answer) == DNS_OK &&
	    dmarc_record_is(answer.rr[0].txt.joined))
		dmarc_note(lint, "dmarc.location", DMARC_ERROR, name_shown(lint, twice), NULL,
			   "write _dmarc alone, or the whole name with a dot at its end", "RFC 1035 5.1",
			   "the record stands under the domain's name twice, where nobody looks");
}

static void lint_faults(struct dmarc_linter *lint, const char *subject)
{
	static const struct {
		const char *check, *fix;
		enum dmarc_severity severity;
	} kinds[] = {
		[DMARC_FAULT_SYNTAX] = { "dmarc.syntax", "correct it: what is broken is ignored", DMARC_ERROR },
		[DMARC_FAULT_POLICY] = { "dmarc.policy-invalid", "write none, quarantine or reject", DMARC_ERROR },
		[DMARC_FAULT_URI] = { "dmarc.rua-uri", "write mailto:user@domain, with commas between several",
				      DMARC_ERROR },
		[DMARC_FAULT_SIZE] = { "dmarc.size-suffix", "leave it away", DMARC_INFO },
		[DMARC_FAULT_REMOVED] = { "dmarc.removed-tag", "leave it away", DMARC_WARN },
		[DMARC_FAULT_UNKNOWN] = { "dmarc.unknown-tag", "leave it away", DMARC_INFO },
		[DMARC_FAULT_CASE] = { "dmarc.unknown-tag", "write it in lower case", DMARC_INFO },
	};
	const struct dmarc_record *record = lint->out->record;
	for (size_t i = 0; i < record->faults.n; i++) {
		const struct dmarc_fault *fault = &record->faults.at[i];
		dmarc_note(lint, kinds[fault->kind].check, kinds[fault->kind].severity, subject,
			   shown(lint, view_slice(record->text, fault->column - 1, 60)), kinds[fault->kind].fix,
			   "RFC 9989 4.7", "column %u: %s", fault->column, fault->text);
	}
}

/* What receivers make of it that still follow RFC 7489: no t, no np, no tree walk, pct sampled. */
static void lint_rfc7489(struct dmarc_linter *lint, const char *subject)
{
	const struct dmarc_record *record = lint->out->record;
	const struct dmarc_survey *out = lint->out;
	uint64_t percent = 100;
	(void)(record->pct.n > 0 && num_parse_uint(record->pct, 100, &percent));
	if (record->testing && record->p > DMARC_POLICY_NONE)
		dmarc_note(lint, "dmarc.rfc7489", DMARC_WARN, subject, NULL,
			   "use p=none for a test that holds everywhere", "RFC 9989 A.6",
			   "receivers that still follow RFC 7489 do not know t=y and apply %s in full",
			   dmarc_policy_name(record->p));
	if (percent < 100 && record->p > DMARC_POLICY_NONE)
		dmarc_note(lint, "dmarc.rfc7489", DMARC_WARN, subject, NULL, NULL, "RFC 9989 A.6",
			   "pct=%u: receivers apply %s to all mail now, those that still follow RFC 7489 to %u%% of it",
			   (unsigned)percent, dmarc_policy_name(record->p), (unsigned)percent);
	if (record->p != DMARC_UNSET && !record->p_second)
		dmarc_note(lint, "dmarc.rfc7489", DMARC_INFO, subject, NULL, "put p right behind v=DMARC1",
			   "RFC 7489 6.4",
			   "p is not the second tag: some receivers that still follow RFC 7489 ignore the record");
	if (record->np != DMARC_UNSET && record->np != (record->sp != DMARC_UNSET ? record->sp : record->p))
		dmarc_note(
			lint, "dmarc.rfc7489", DMARC_INFO, subject, NULL, NULL, "RFC 9989 C.5.1",
			"receivers that still follow RFC 7489 do not know np and take %s for names that do not exist",
			record->sp != DMARC_UNSET ? "sp" : "p");
	if (!out->own && out->record_domain.labels + 1 < out->domain.labels && record->psd == DMARC_PSD_N)
		dmarc_note(lint, "dmarc.rfc7489", DMARC_INFO, subject, NULL, NULL, "RFC 9989 C.3",
			   "receivers that still follow RFC 7489 look at the name under the public suffix, not at %s",
			   DNAME_SHOW(out->record_domain));
}

static void lint_policy(struct dmarc_linter *lint, const char *subject)
{
	const struct dmarc_survey *out = lint->out;
	const struct dmarc_record *record = out->record;
	enum dmarc_policy sub = record->sp != DMARC_UNSET ? record->sp : record->p;
	if (record->p == DMARC_UNSET && !record->p_bad)
		dmarc_note(lint, "dmarc.policy-invalid", record->applies ? DMARC_WARN : DMARC_ERROR, subject, NULL,
			   "add p=none, p=quarantine or p=reject", "RFC 9989 4.10.1", "p is missing: %s",
			   record->applies ? "receivers take it for p=none"
					   : "with no usable rua either, receivers apply no DMARC at all");
	else if (record->p == DMARC_POLICY_NONE)
		dmarc_note(lint, "dmarc.policy-none", DMARC_WARN, subject, NULL,
			   "when the reports show that your mail passes, go on to quarantine and reject",
			   "RFC 9989 4.7", "p=none: mail that fails is delivered as if nothing had happened");
	if (record->sp != DMARC_UNSET && record->sp < record->p)
		dmarc_note(lint, "dmarc.sp-weaker", DMARC_WARN, subject, NULL, NULL, "RFC 9989 4.7",
			   "sp=%s is weaker than p=%s: subdomains can be forged", dmarc_policy_name(record->sp),
			   dmarc_policy_name(record->p));
	if (record->np != DMARC_UNSET && record->np < sub)
		dmarc_note(lint, "dmarc.np-weaker", DMARC_WARN, subject, NULL, "np=reject hurts no mail of yours",
			   "RFC 9989 4.7", "np=%s is weaker than %s=%s: names that do not exist can be forged",
			   dmarc_policy_name(record->np), record->sp != DMARC_UNSET ? "sp" : "p",
			   dmarc_policy_name(sub));
	if (record->testing && record->p == DMARC_POLICY_NONE && sub == DMARC_POLICY_NONE)
		dmarc_note(lint, "dmarc.testing", DMARC_INFO, subject, NULL, "remove t=y", "RFC 9989 4.7",
			   "t=y has no effect on policies that are none");
	else if (record->testing)
		dmarc_note(lint, "dmarc.testing", DMARC_WARN, subject, NULL, "remove t=y when the test is over",
			   "RFC 9989 4.7", "t=y: receivers apply one step less (%s instead of %s)",
			   dmarc_policy_name(dmarc_policy_milder(record->p)), dmarc_policy_name(record->p));
	if (record->psd == DMARC_PSD_Y)
		dmarc_note(lint, "dmarc.psd", out->own ? DMARC_WARN : DMARC_INFO, subject, NULL,
			   "only registries of names for others set psd=y", "RFC 9989 4.7",
			   "psd=y: every name below %s is an organization of its own", DNAME_SHOW(out->record_domain));
	if (record->psd == DMARC_PSD_N)
		dmarc_note(lint, "dmarc.psd", DMARC_INFO, subject, NULL, NULL, "RFC 9989 4.7",
			   "psd=n: %s is an organization of its own", DNAME_SHOW(out->record_domain));
}

static void lint_record(struct dmarc_linter *lint)
{
	const struct dmarc_survey *out = lint->out;
	const char *subject = name_shown(lint, out->walk->policy->asked);
	lint_faults(lint, subject);
	lint_policy(lint, subject);
	lint_rfc7489(lint, subject);
	if (!out->record->has_rua)
		dmarc_note(lint, "dmarc.no-rua", DMARC_INFO, subject, NULL, "add rua=mailto:you@your.domain",
			   "RFC 9989 4.7", "no rua: nobody tells you who sends in your name");
	if (out->record->text.n > RECORD_LONG)
		dmarc_note(lint, "dmarc.size", DMARC_INFO, subject, NULL, NULL, "RFC 7208 3.4",
			   "the record has %zu octets: answers may not fit into one UDP packet", out->record->text.n);
	if (!out->own)
		dmarc_note(lint, "dmarc.inherited", DMARC_INFO, NULL, NULL, NULL, "RFC 9989 4.10.1",
			   "no record of its own: that of %s applies, with %s", DNAME_SHOW(out->record_domain),
			   out->self_tag);
	dmarc_lint_targets(lint);
}

static void take_policies(struct dmarc_linter *lint)
{
	struct dmarc_survey *out = lint->out;
	const struct dmarc_record *record = out->record;
	enum dmarc_name self = DMARC_NAME_SELF;
	if (!out->own && record->np != DMARC_UNSET && dmarc_exists(lint->cache, out->domain) == DNS_NXDOMAIN)
		self = DMARC_NAME_MISSING;
	else if (!out->own)
		self = DMARC_NAME_EXISTS;
	out->self = dmarc_record_policy(record, self, &out->self_tag);
	/* sp and np of a record below the Organizational Domain hold for nobody (4.7, sp): that of the domain above does. */
	if (out->own && !dname_eq(out->domain, out->walk->organizational))
		for (size_t i = 0; i < out->walk->n; i++)
			if (dname_eq(out->walk->at[i]->name, out->walk->organizational) &&
			    out->walk->at[i]->record != NULL)
				record = out->walk->at[i]->record;
	out->below_testing = record->testing;
	out->below = dmarc_record_policy(record, DMARC_NAME_EXISTS, &out->below_tag);
	out->missing = dmarc_record_policy(record, DMARC_NAME_MISSING, &out->missing_tag);
	if (record != out->record && (out->record->sp != DMARC_UNSET || out->record->np != DMARC_UNSET))
		dmarc_note(
			lint, "dmarc.sp-ignored", DMARC_INFO, NULL, NULL,
			arena_printf(lint->arena, "publish them at _dmarc.%s", DNAME_SHOW(out->walk->organizational)),
			"RFC 9989 4.7", "sp and np have no effect here: %s is the Organizational Domain",
			DNAME_SHOW(out->walk->organizational));
}

static void worst_first(struct dmarc_survey *out, struct arena *arena)
{
	static const enum dmarc_severity order[] = { DMARC_ERROR, DMARC_UNKNOWN, DMARC_WARN, DMARC_INFO, DMARC_OK };
	struct dmarc_finding *sorted = arena_array(arena, out->findings.n, sizeof *sorted);
	size_t n = 0;
	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = 0; i < out->findings.n; i++)
			if (out->findings.at[i].severity == order[k])
				sorted[n++] = out->findings.at[i];
	out->findings.at = sorted;
	out->findings.cap = n;
}

void dmarc_lint(struct dmarc_cache *cache, struct dname domain, struct dmarc_survey *out)
{
	*out = (struct dmarc_survey){ .domain = dname_lower(cache->arena, domain) };
	struct dmarc_linter lint = { cache, cache->arena, out };
	out->walk = dmarc_walk(cache, out->domain);
	for (size_t i = 0; i < out->walk->n; i++)
		lint_step(&lint, out->walk->at[i], i == 0);
	bool own = out->walk->policy != NULL && out->walk->policy == out->walk->at[0];
	if (out->walk->policy != NULL && (own || !out->walk->temp)) {
		out->record = out->walk->policy->record;
		out->record_domain = out->walk->policy->name;
		out->own = own;
		take_policies(&lint);
		lint_record(&lint);
	} else if (!out->walk->temp) {
		dmarc_note(&lint, "dmarc.missing", DMARC_ERROR, NULL, NULL,
			   arena_printf(cache->arena, "_dmarc.%s TXT \"v=DMARC1; p=none; rua=mailto:dmarc@%s\"",
					DNAME_SHOW(out->domain), DNAME_SHOW(out->domain)),
			   "RFC 9989 4.10.1", "no DMARC record at the domain or above it: anybody can send as it");
	}
	if (!own && !out->walk->temp)
		lint_location(&lint);
	worst_first(out, cache->arena);
}

size_t dmarc_count(const struct dmarc_survey *survey, enum dmarc_severity severity)
{
	size_t n = 0;
	for (size_t i = 0; i < survey->findings.n; i++)
		n += survey->findings.at[i].severity == severity ? 1 : 0;
	return n;
}
