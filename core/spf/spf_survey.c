#include "spf_survey.h"

#include <stdarg.h>
#include <stdio.h>

#include "base_show.h"
#include "base_vec.h"
#include "dns_mx.h"
#include "spf_survey_priv.h"

enum { FINDINGS_MAX = 500, COMPARED_MAX = 4096 };

const char *spf_severity_name(enum spf_severity severity)
{
	static const char *const names[] = { "info", "warn", "error", "unknown" };
	return names[severity];
}

/* A record that is met twice is told of once; past FINDINGS_MAX nothing is. */
static bool told_before(const struct spf_survey *out, const char *check, const char *subject, const char *message)
{
	size_t i = 0;
	while (i < out->findings.n &&
	       (strcmp(out->findings.at[i].check, check) != 0 || strcmp(out->findings.at[i].subject, subject) != 0 ||
		strcmp(out->findings.at[i].message, message) != 0))
		i++;
	return i < out->findings.n || i >= FINDINGS_MAX;
}

void spf_note(struct spf_walk *walk, const char *check, enum spf_severity severity, struct view subject,
	      struct view evidence, const char *fix, const char *ref, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	const struct shown who = show_view(subject);
	if (told_before(walk->out, check, who.text, text))
		return;
	struct spf_finding *finding = VEC_PUSH(&walk->out->findings, walk->arena);
	*finding = (struct spf_finding){ .check = check, .severity = severity, .fix = fix, .ref = ref };
	finding->subject = arena_printf(walk->arena, "%s", who.text);
	finding->message = arena_printf(walk->arena, "%s", text);
	finding->evidence = evidence.n > 0 ? arena_printf(walk->arena, "%s", SHOW(evidence)) : NULL;
}

static void survey_domain(struct spf_walk *walk, const struct spf_path *path, const struct spf_policy *policy,
			  struct spf_visit *visit);

static void add_network(struct spf_walk *walk, const struct spf_path *path, const struct spf_term *term,
			const struct ip_addr *ip)
{
	struct spf_survey *out = walk->out;
	unsigned bits = ip->family == IP_V6 ? term->bits6 : term->bits4;
	if (term->qualifier != '+' || !path->allows || out->networks.n >= SPF_SURVEY_NETWORKS)
		return;
	*VEC_PUSH(&out->networks, walk->arena) = (struct spf_network){ *ip, bits, term->text, path->domain };
}

static void temp_found(struct spf_walk *walk, struct view domain, const struct spf_term *term,
		       const struct dns_answer *answer, struct dname name, uint16_t type)
{
	BUF_AUTO struct buf why;
	buf_init(&why, DIAG_TEXT_MAX + DNAME_TEXT_MAX);
	dns_answer_explain(answer, dns_question_of(name, type), &why);
	walk->out->incomplete = true;
	spf_note(walk, "dns.temperror", SPF_LINT_UNKNOWN, domain, term->text, "try again later", "RFC 7208 5", "%.*s",
		 VIEW_ARG(buf_view(&why)));
}

static void add_answer(struct spf_walk *walk, struct spf_step *step, struct view text)
{
	if (walk->context->trace && step->answers.n < SPF_ANSWERS_MAX)
		*VEC_PUSH(&step->answers, walk->arena) = arena_view(walk->arena, text);
}

/* A and AAAA of one name. False: it has neither. */
static bool survey_host(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step, struct dname name)
{
	struct dns_addrs addrs;
	dns_addrs_query(walk->context->resolver, walk->arena, name, &addrs);
	for (size_t i = 0; i < addrs.n; i++) {
		add_network(walk, path, step->term, &addrs.at[i]);
		add_answer(walk, step, view_str(IP_SHOW(&addrs.at[i])));
	}
	if (addrs.status == DNS_TEMP)
		temp_found(walk, path->domain, step->term, addrs.a.status == DNS_TEMP ? &addrs.a : &addrs.aaaa, name,
			   addrs.a.status == DNS_TEMP ? DNS_A : DNS_AAAA);
	return addrs.status == DNS_OK || addrs.status == DNS_TEMP;
}

static void count_void(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step, const char *what)
{
	struct spf_survey *out = walk->out;
	step->voided = true;
	if (++out->voids != walk->limits->voids + 1)
		return;
	spf_note(walk, "spf.void-lookups", SPF_LINT_ERROR, path->domain, step->term->text,
		 "take out terms whose names no longer exist", "RFC 7208 4.6.4",
		 "'%s' is void look-up %u, %u are allowed (%s)", SHOW(step->term->text), out->voids,
		 walk->limits->voids, what);
}

static void survey_mx(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step, struct dname name)
{
	struct dns_answer answer;
	step->status = dns_query(walk->context->resolver, walk->arena, dns_question_of(name, DNS_MX), &answer);
	if (step->status == DNS_TEMP) {
		temp_found(walk, path->domain, step->term, &answer, name, DNS_MX);
		return;
	}
	if (step->status != DNS_OK) {
		count_void(walk, path, step, "no MX record");
		return;
	}
	if (answer.n > walk->limits->mx_names)
		spf_note(walk, "spf.mx-limit", SPF_LINT_ERROR, path->domain, step->term->text,
			 "list the networks with ip4: and ip6: instead", "RFC 7208 4.6.4",
			 "%s has %zu MX records, %u are allowed", DNAME_SHOW(name), answer.n, walk->limits->mx_names);
	const struct dns_rr *mx = dns_mx_sorted(walk->arena, &answer, NULL);
	size_t missing = 0, n = answer.n < walk->limits->mx_names ? answer.n : walk->limits->mx_names;
	for (size_t i = 0; i < n; i++)
		if (!dname_is_root(mx[i].mx.host))
			missing += !survey_host(walk, path, step, mx[i].mx.host);
	if (missing > 0)
		count_void(walk, path, step, "an MX host without address");
}

static void survey_a(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step, struct dname name)
{
	step->status = survey_host(walk, path, step, name) ? DNS_OK : DNS_NODATA;
	if (step->status != DNS_OK)
		count_void(walk, path, step, "no A and no AAAA record");
}

static void survey_exists(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step, struct dname name)
{
	struct dns_answer answer;
	step->status = dns_query(walk->context->resolver, walk->arena, dns_question_of(name, DNS_A), &answer);
	if (step->status == DNS_TEMP)
		temp_found(walk, path->domain, step->term, &answer, name, DNS_A);
	else if (step->status != DNS_OK)
		count_void(walk, path, step, "no A record");
}

static const struct spf_path *looped(const struct spf_path *path, struct dname name)
{
	while (path != NULL && !dname_eq(path->name, name))
		path = path->up;
	return path;
}

static void survey_record_of(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step,
			     struct dname name)
{
	if (looped(path, name) != NULL) {
		step->problem = "a loop";
		spf_note(walk, "spf.loop", SPF_LINT_ERROR, path->domain, step->term->text, "take this term out",
			 "RFC 7208 4.6.4", "'%s' leads back to a record that it comes from", SHOW(step->term->text));
		return;
	}
	const struct spf_policy *policy = spf_cache_get(walk->context->cache, walk->context->resolver, name, 0);
	step->status = policy->status;
	if (policy->found != SPF_FOUND)
		spf_lint_target(walk, path->domain, step, policy);
	if (policy->found == SPF_FOUND_TEMP)
		walk->out->incomplete = true;
	struct spf_path below = { path, name, step->target,
				  path->allows && step->term->qualifier != '-' && step->term->qualifier != '~' &&
					  step->term->qualifier != '?' };
	step->child = arena_new(walk->arena, struct spf_visit);
	survey_domain(walk, &below, policy, step->child);
}

static void survey_names(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step)
{
	const struct spf_term *term = step->term;
	if (term->kind == SPF_PTR || term->macros) {
		*VEC_PUSH(&walk->out->open, walk->arena) = term->text;
		step->problem = term->kind == SPF_PTR ? "depends on the client" : "depends on the message";
		return;
	}
	struct dname name;
	step->target = term->spec.n > 0 ? term->spec : path->domain;
	if (view_last(step->target) == '.')
		step->target.n--;
	if (dname_parse_plain(walk->arena, step->target, &name, NULL) != ERR_OK) {
		spf_note(walk, "spf.syntax", SPF_LINT_ERROR, path->domain, term->text, "correct the name",
			 "RFC 7208 4.8", "'%s' is no domain name; receivers disagree about what that means",
			 SHOW(step->target));
		return;
	}
	step->asked = true;
	if (term->kind == SPF_INCLUDE || term->kind == SPF_REDIRECT)
		survey_record_of(walk, path, step, name);
	else if (term->kind == SPF_MX)
		survey_mx(walk, path, step, name);
	else if (term->kind == SPF_A)
		survey_a(walk, path, step, name);
	else
		survey_exists(walk, path, step, name);
}

static void count_lookup(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step)
{
	struct spf_survey *out = walk->out;
	step->own = ++out->lookups;
	if (out->lookups != walk->limits->lookups + 1)
		return;
	step->problem = "over the limit from here";
	walk->over = step;
	walk->over_domain = path->domain;
}

/* The term of the first record that costs most, and what to do about it. */
static void note_lookups(struct spf_walk *walk)
{
	const struct spf_survey *out = walk->out;
	if (walk->over == NULL)
		return;
	const struct spf_step *worst = NULL;
	for (size_t i = 0; i < out->tree->n; i++) {
		const struct spf_step *step = &out->tree->steps[i];
		if (step->own > 0 && (worst == NULL || step->lookups - step->own > worst->lookups - worst->own))
			worst = step;
	}
	const char *fix = "list the networks with ip4: and ip6:";
	if (worst != NULL && worst->lookups > worst->own)
		fix = arena_printf(walk->arena,
				   "replace '%s', which costs %u, by its networks or by a subdomain's own record",
				   SHOW(worst->term->text), worst->lookups - worst->own + 1);
	spf_note(walk, "spf.lookups", SPF_LINT_ERROR, walk->domain, walk->over->term->text, fix, "RFC 7208 4.6.4",
		 "%s%u DNS look-ups, %u are allowed: number %u is '%s' in the record of %s",
		 out->incomplete ? "at least " : "", out->lookups, walk->limits->lookups, walk->over->own,
		 SHOW(walk->over->term->text), SHOW(walk->over_domain));
}

static void survey_step(struct spf_walk *walk, const struct spf_path *path, struct spf_step *step)
{
	const struct spf_term *term = step->term;
	if (term->kind == SPF_IP4 || term->kind == SPF_IP6) {
		add_network(walk, path, term, &term->ip);
	} else if (spf_kind_counts(term->kind)) {
		if (walk->out->lookups >= SPF_SURVEY_LOOKUPS) {
			walk->out->incomplete = true;
			return;
		}
		count_lookup(walk, path, step);
		survey_names(walk, path, step);
	}
	step->reached = true;
	step->lookups = walk->out->lookups;
	step->voids = walk->out->voids;
}

static void prefetch(struct spf_walk *walk, const struct spf_record *record)
{
	struct dns_question questions[2 * SPF_SURVEY_LOOKUPS];
	size_t n = 0;
	for (size_t i = 0; i < record->n && n + 1 < ARRAY_LEN(questions); i++) {
		const struct spf_term *term = &record->terms[i];
		struct dname name = term->name;
		if (!spf_kind_counts(term->kind) || !dname_is_set(name) || term->kind == SPF_PTR)
			continue;
		uint16_t type = term->kind == SPF_MX                              ? DNS_MX
				: term->kind == SPF_A || term->kind == SPF_EXISTS ? DNS_A
										  : DNS_TXT;
		questions[n++] = dns_question_of(name, type);
		if (term->kind == SPF_A)
			questions[n++] = dns_question_of(name, DNS_AAAA);
	}
	dns_prefetch(walk->context->resolver, questions, n);
}

/* Mechanisms up to "all", which keeps what stands behind it and the redirect from being used. */
static void survey_domain(struct spf_walk *walk, const struct spf_path *path, const struct spf_policy *policy,
			  struct spf_visit *visit)
{
	*visit = (struct spf_visit){ .domain = path->domain, .policy = policy };
	if (policy->found != SPF_FOUND && policy->found != SPF_FOUND_FAULTY)
		return;
	const struct spf_record *record = &policy->record;
	spf_lint_record(walk, path->domain, record, path->up == NULL);
	prefetch(walk, record);
	visit->n = record->n;
	visit->steps = arena_array(walk->arena, record->n + 1, sizeof *visit->steps);
	bool all = false;
	for (size_t i = 0; i < record->n; i++) {
		struct spf_step *step = &visit->steps[i];
		step->term = &record->terms[i];
		if (step->term->kind == SPF_REDIRECT)
			visit->redirect = step;
		else if (!all)
			survey_step(walk, path, step);
		all = all || step->term->kind == SPF_ALL;
	}
	if (visit->redirect != NULL && !all)
		survey_step(walk, path, visit->redirect);
}

static bool same_network(const struct spf_network *a, const struct spf_network *b)
{
	return a->bits == b->bits && a->ip.family == b->ip.family && ip_in(&a->ip, &b->ip, b->bits);
}

/* Each network once, in the order they were met. */
static void drop_doubles(struct spf_survey *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < out->networks.n && kept < COMPARED_MAX; i++) {
		size_t at = 0;
		while (at < kept && !same_network(&out->networks.at[at], &out->networks.at[i]))
			at++;
		if (at == kept)
			out->networks.at[kept++] = out->networks.at[i];
	}
	out->networks.n = kept;
}

static void errors_first(struct spf_survey *out, struct arena *arena)
{
	struct spf_finding *sorted = arena_array(arena, out->findings.n + 1, sizeof *sorted);
	static const enum spf_severity order[] = { SPF_LINT_ERROR, SPF_LINT_UNKNOWN, SPF_LINT_WARN, SPF_LINT_INFO };
	size_t n = 0;
	for (size_t rank = 0; rank < ARRAY_LEN(order); rank++)
		for (size_t i = 0; i < out->findings.n; i++)
			if (out->findings.at[i].severity == order[rank])
				sorted[n++] = out->findings.at[i];
	out->findings.at = sorted;
}

void spf_survey(struct spf_context *context, struct arena *arena, struct view domain, struct spf_survey *out)
{
	*out = (struct spf_survey){ .tree = arena_new(arena, struct spf_visit) };
	struct spf_walk walk = { .context = context, .arena = arena, .out = out, .domain = domain };
	walk.limits = context->limits != NULL ? context->limits : &spf_limits_default;
	struct spf_path path = { .domain = domain, .allows = true };
	if (dname_parse_plain(arena, domain, &path.name, NULL) != ERR_OK || path.name.labels < 2) {
		spf_note(&walk, "spf.missing", SPF_LINT_ERROR, domain, view_none(), "give the name of a mail domain",
			 "RFC 7208 4.3", "'%s' is no domain name that can have an SPF record", SHOW(domain));
		return;
	}
	out->policy = spf_cache_get(context->cache, context->resolver, path.name, 0);
	out->incomplete = out->policy->found == SPF_FOUND_TEMP;
	spf_lint_publication(&walk, path.name);
	spf_lint_policy(&walk, domain, out->policy, true);
	survey_domain(&walk, &path, out->policy, out->tree);
	note_lookups(&walk);
	drop_doubles(out);
	errors_first(out, arena);
}
