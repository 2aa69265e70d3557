#include "spf_eval.h"

#include <stdarg.h>
#include <stdio.h>

#include "base_show.h"
#include "spf_eval_priv.h"

const struct spf_limits spf_limits_default = {
	.lookups = 10, .voids = 2, .mx_names = 10, .ptr_names = 10, .time_ms = 20000
};

static const char *const result_names[] = { "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror" };

const char *spf_result_name(enum spf_result result) { return result_names[result]; }

bool spf_result_parse(struct view text, enum spf_result *out)
{
	for (size_t i = 0; i < ARRAY_LEN(result_names); i++) {
		if (!view_is_case(text, result_names[i]))
			continue;
		*out = (enum spf_result)i;
		return true;
	}
	return false;
}

enum spf_match spf_run_stop(struct spf_run *run, struct spf_step *step, enum spf_match how, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	const char *kept = arena_printf(run->arena, "%s", text);
	if (step != NULL)
		step->problem = kept;
	if (run->problem == NULL && how != SPF_NO_MATCH)
		run->problem = kept;
	return how;
}

struct spf_macro_env spf_run_macros(struct spf_run *run, struct view domain)
{
	return (struct spf_macro_env){ .local = run->local,
				       .sender_domain = run->sender_domain,
				       .domain = domain,
				       .ip = run->ip,
				       .helo = run->helo,
				       .receiver = run->receiver,
				       .now_s = env_wall_s(run->context->env),
				       .validated = spf_ptr_validated,
				       .ctx = run };
}

enum dns_status spf_run_query(struct spf_run *run, struct dname name, uint16_t type, struct dns_answer *out)
{
	struct dns_question question = dns_question_of(name, type);
	question.deadline_us = run->deadline_us;
	if (env_mono_us(run->context->env) < run->deadline_us)
		return dns_query(run->context->resolver, run->arena, question, out);
	*out = dns_answer_temp(name, DNS_CAUSE_TIMEOUT);
	return DNS_TEMP;
}

enum err spf_run_target(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step, struct dname *out)
{
	step->target = visit->domain;
	struct diag why;
	enum err err = ERR_OK;
	if (step->term->macros) {
		BUF_AUTO struct buf text;
		buf_init(&text, SPF_EXPAND_MAX);
		struct spf_macro_env macros = spf_run_macros(run, visit->domain);
		err = spf_macro_target(&macros, step->term->spec, &text, &why);
		step->target = arena_view(run->arena, buf_view(&text));
	} else if (step->term->spec.n > 0) {
		step->target = step->term->spec;
		if (view_last(step->target) == '.')
			step->target.n--;
		*out = step->term->name;
		if (dname_is_set(*out))
			return ERR_OK;
	}
	if (err == ERR_OK)
		err = dname_parse_plain(run->arena, step->target, out, &why);
	if (err != ERR_OK)
		(void)spf_run_stop(run, step, SPF_NO_MATCH, "%s", why.text);
	return err;
}

/* What will surely be asked unless a term before it matches: one round trip instead of one a term. */
static void prefetch(struct spf_run *run, const struct spf_record *record)
{
	struct dns_question questions[10];
	size_t n = 0;
	for (size_t i = 0; i < record->n && n < ARRAY_LEN(questions); i++) {
		const struct spf_term *term = &record->terms[i];
		if (term->kind == SPF_ALL ||
		    ip_in(&run->ip, &term->ip, term->kind == SPF_IP4 ? term->bits4 : term->bits6))
			break;
		bool record_of = term->kind == SPF_INCLUDE || term->kind == SPF_REDIRECT;
		if (!spf_kind_counts(term->kind) || !dname_is_set(term->name) || term->kind == SPF_PTR ||
		    (record_of && spf_cache_has(run->context->cache, term->name)))
			continue;
		questions[n] = dns_question_of(term->name, DNS_A);
		questions[n].deadline_us = run->deadline_us;
		if (record_of)
			questions[n].type = DNS_TXT;
		else if (term->kind == SPF_MX)
			questions[n].type = DNS_MX;
		else if (term->kind == SPF_A && run->ip.family == IP_V6)
			questions[n].type = DNS_AAAA;
		n++;
	}
	if (n > 1)
		dns_prefetch(run->context->resolver, questions, n);
}

static enum spf_result result_of_qualifier(char qualifier)
{
	return qualifier == '-'   ? SPF_FAIL
	       : qualifier == '~' ? SPF_SOFTFAIL
	       : qualifier == '?' ? SPF_NEUTRAL
				  : SPF_PASS;
}

static enum spf_match count_lookup(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step)
{
	if (!spf_kind_counts(step->term->kind))
		return SPF_NO_MATCH;
	step->own = ++run->lookups;
	if (run->lookups <= run->limits->lookups)
		return SPF_NO_MATCH;
	step->problem = "over the limit";
	return spf_run_stop(run, NULL, SPF_MATCH_PERMERROR,
			    "'%s' in the record of %s is DNS look-up %u, %u are allowed", SHOW(step->term->text),
			    SHOW(visit->domain), run->lookups, run->limits->lookups);
}

static enum spf_result check_host(struct spf_run *run, struct view domain, struct spf_visit *visit);

/* include and redirect need a record where they point. */
static enum spf_match stop_at_none(struct spf_run *run, struct spf_step *step)
{
	const char *why = run->problem;
	run->problem = NULL;
	return spf_run_stop(run, step, SPF_MATCH_PERMERROR, "%s: %s", SHOW(step->term->text), why);
}

/* The TXT question of include and redirect. */
static void note_asked(struct spf_step *step)
{
	step->asked = step->child->policy != NULL;
	step->status = step->asked ? step->child->policy->status : DNS_OK;
}

/* The table of RFC 7208 5.2. */
static enum spf_match match_include(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step)
{
	struct dname name;
	step->child = arena_new(run->arena, struct spf_visit);
	(void)(spf_run_target(run, visit, step, &name) == ERR_OK); /* not a name: check_host says none */
	enum spf_result result = check_host(run, step->target, step->child);
	note_asked(step);
	switch (result) {
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_NO_MATCH;
	case SPF_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_NONE:
		return stop_at_none(run, step);
	case SPF_PERMERROR:
		break;
	}
	return SPF_MATCH_PERMERROR;
}

static void note_totals(const struct spf_run *run, struct spf_step *step)
{
	step->lookups = run->lookups;
	step->voids = run->voids;
}

static enum spf_match eval_mechanism(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step)
{
	step->reached = true;
	enum spf_match match = count_lookup(run, visit, step);
	if (match == SPF_NO_MATCH)
		match = step->term->kind == SPF_INCLUDE ? match_include(run, visit, step)
							: spf_mechanism_eval(run, visit, step);
	note_totals(run, step);
	step->matched = match == SPF_MATCH;
	step->decides = match != SPF_NO_MATCH;
	return match;
}

/* The mechanisms in order. False: none matched. */
static bool eval_mechanisms(struct spf_run *run, struct spf_visit *visit)
{
	for (size_t i = 0; i < visit->n; i++) {
		struct spf_step *step = &visit->steps[i];
		if (step->term->kind >= SPF_REDIRECT)
			continue;
		switch (eval_mechanism(run, visit, step)) {
		case SPF_NO_MATCH:
			break;
		case SPF_MATCH:
			visit->result = result_of_qualifier(step->term->qualifier);
			return true;
		case SPF_MATCH_TEMPERROR:
			visit->result = SPF_TEMPERROR;
			return true;
		case SPF_MATCH_PERMERROR:
			visit->result = SPF_PERMERROR;
			return true;
		}
	}
	return false;
}

/* RFC 7208 4.3 to 4.5. The policy of the visit's domain, or false with visit->result set. */
static bool open_visit(struct spf_run *run, struct view domain, struct spf_visit *visit)
{
	*visit = (struct spf_visit){ .domain = domain, .result = SPF_NONE };
	struct dname name;
	if (view_at(domain, 0) == '[' || dname_parse_plain(run->arena, domain, &name, NULL) != ERR_OK ||
	    name.labels < 2) {
		run->problem = arena_printf(run->arena, "'%s' is no domain name that can have an SPF record",
					    SHOW(domain));
		return false;
	}
	const struct spf_policy *policy = spf_cache_get(run->context->cache, run->context->resolver, name,
							run->deadline_us);
	visit->policy = policy;
	static const enum spf_result results[] = { [SPF_FOUND_NONE] = SPF_NONE,
						   [SPF_FOUND_SEVERAL] = SPF_PERMERROR,
						   [SPF_FOUND_FAULTY] = SPF_PERMERROR,
						   [SPF_FOUND_TEMP] = SPF_TEMPERROR };
	if (policy->found != SPF_FOUND) {
		visit->result = results[policy->found];
		run->problem = policy->found == SPF_FOUND_FAULTY
				       ? arena_printf(run->arena, "%s: %s", SHOW(domain), policy->problem)
				       : policy->problem;
		return false;
	}
	visit->n = policy->record.n;
	visit->steps = arena_array(run->arena, visit->n + 1, sizeof *visit->steps);
	for (size_t i = 0; i < visit->n; i++) {
		struct spf_step *step = &visit->steps[i];
		step->term = &policy->record.terms[i];
		if (step->term->kind == SPF_REDIRECT)
			visit->redirect = step;
		else if (step->term->kind == SPF_EXP)
			visit->exp = step;
	}
	prefetch(run, &policy->record);
	return true;
}

/*
 * RFC 7208 6.1. True: visit->result is final; else *next is the visit that decides it, and its domain.
 */
static bool follow_redirect(struct spf_run *run, struct spf_visit *visit, struct spf_visit **next)
{
	struct spf_step *step = visit->redirect;
	if (step == NULL) {
		visit->result = SPF_NEUTRAL;
		return true;
	}
	step->reached = true;
	step->decides = true;
	enum spf_match match = count_lookup(run, visit, step);
	note_totals(run, step);
	if (match != SPF_NO_MATCH) {
		visit->result = SPF_PERMERROR;
		return true;
	}
	struct dname name;
	(void)(spf_run_target(run, visit, step, &name) == ERR_OK);
	step->child = arena_new(run->arena, struct spf_visit);
	step->child->domain = step->target;
	*next = step->child;
	return false;
}

/* A redirect is a jump, not a call; each one counts as a look-up, so that loops end. */
static enum spf_result check_host(struct spf_run *run, struct view domain, struct spf_visit *visit)
{
	struct spf_visit *at = visit;
	struct spf_visit *next = NULL;
	bool redirected = false;
	while (open_visit(run, redirected ? at->domain : domain, at)) {
		if (eval_mechanisms(run, at) || follow_redirect(run, at, &next))
			break;
		redirected = true;
		at = next;
	}
	enum spf_result result = redirected && at->result == SPF_NONE ? SPF_PERMERROR : at->result;
	for (struct spf_visit *from = visit; from != at && from->redirect != NULL; from = from->redirect->child) {
		from->result = result;
		note_asked(from->redirect);
		from->redirect->matched = result != SPF_TEMPERROR && result != SPF_PERMERROR;
		if (from->redirect->child == at && at->result == SPF_NONE)
			(void)stop_at_none(run, from->redirect);
	}
	return result;
}

static bool is_ascii(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (view_at(v, i) < 0x20 || view_at(v, i) > 0x7e)
			return false;
	return true;
}

/* RFC 7208 6.2: whatever goes wrong, there is no explanation. */
static struct view explain(struct spf_run *run, struct spf_visit *visit)
{
	const struct view none = { NULL, 0 };
	struct spf_step *step = visit->exp;
	if (step == NULL)
		return none;
	struct dname name;
	struct dns_answer answer;
	step->reached = true;
	note_totals(run, step);
	if (spf_run_target(run, visit, step, &name) != ERR_OK)
		return none;
	step->asked = true;
	step->status = spf_run_query(run, name, DNS_TXT, &answer);
	if (step->status != DNS_OK || answer.n != 1)
		return none;
	BUF_AUTO struct buf text;
	buf_init(&text, SPF_EXPAND_MAX);
	struct spf_macro_env macros = spf_run_macros(run, visit->domain);
	struct diag why;
	if (spf_macro_expand(&macros, answer.rr[0].txt.joined, SPF_IN_EXP, &text, &why) != ERR_OK ||
	    !is_ascii(buf_view(&text)))
		return none;
	struct view kept = arena_view(run->arena, buf_view(&text));
	return view_of(kept.p != NULL ? kept.p : "", kept.n);
}

/* Where the redirects of the first record end: the record whose exp= holds. */
static struct spf_visit *last_visit(struct spf_visit *visit)
{
	while (visit->redirect != NULL && visit->redirect->child != NULL)
		visit = visit->redirect->child;
	return visit;
}

/* One final dot goes; of two, neither, so that the name stays the broken one it is. */
static struct view without_dot(struct view name)
{
	bool one = view_last(name) == '.' && (name.n < 2 || view_at(name, name.n - 2) != '.');
	return one ? view_to(name, name.n - 1) : name;
}

/* U-labels become A-labels (RFC 7208 4.3); what is no domain stays as it is. */
static struct view to_ascii(struct spf_run *run, struct view domain)
{
	struct dname name;
	if (view_has_8bit(domain) && dname_parse_idn(run->arena, domain, &name, NULL) == ERR_OK)
		return dname_text(run->arena, name);
	return without_dot(domain);
}

/* RFC 7208 2.4 and 4.3: the null sender is postmaster at the HELO name, and so is a missing local part. */
static void split_sender(struct spf_run *run, const struct spf_request *request, struct spf_verdict *out)
{
	out->helo_identity = request->sender.n == 0;
	struct view sender = out->helo_identity ? request->helo : request->sender;
	size_t at = sender.n;
	while (at > 0 && view_at(sender, at - 1) != '@')
		at--;
	run->sender_domain = to_ascii(run, out->helo_identity ? sender : view_from(sender, at));
	run->local = at > 1 && !out->helo_identity ? view_to(sender, at - 1) : VIEW("postmaster");
	out->sender = view_str(
		arena_printf(run->arena, "%.*s@%.*s", VIEW_ARG(run->local), VIEW_ARG(run->sender_domain)));
	out->domain = request->domain.n > 0 ? to_ascii(run, request->domain) : run->sender_domain;
}

/* In an include that did not match, nothing decided after all. */
static void keep_way(struct spf_visit *visit, bool on_way)
{
	for (size_t i = 0; i < visit->n; i++) {
		struct spf_step *step = &visit->steps[i];
		step->decides = step->decides && on_way;
		if (step->child != NULL)
			keep_way(step->child, step->decides);
	}
}

/* The innermost term on the way that led to the result. */
static void find_match(struct spf_verdict *out)
{
	for (const struct spf_visit *visit = out->tree; visit != NULL;) {
		const struct spf_step *way = NULL;
		for (size_t i = 0; i < visit->n; i++)
			if (visit->steps[i].decides)
				way = &visit->steps[i];
		out->match = way != NULL && way->term->kind != SPF_REDIRECT ? way : NULL;
		out->match_visit = visit;
		visit = way != NULL ? way->child : NULL;
	}
}

void spf_eval(struct spf_context *context, struct arena *arena, const struct spf_request *request,
	      struct spf_verdict *out)
{
	spf_cache_trim(context->cache);
	struct spf_run run = {
		.context = context, .arena = arena, .helo = request->helo, .receiver = request->receiver
	};
	run.limits = context->limits != NULL ? context->limits : &spf_limits_default;
	run.ip = ip_unmap(&request->ip);
	run.deadline_us = env_mono_us(context->env) + run.limits->time_ms * 1000;
	*out = (struct spf_verdict){ .result = SPF_NONE, .tree = arena_new(arena, struct spf_visit) };
	split_sender(&run, request, out);
	out->result = check_host(&run, out->domain, out->tree);
	if (out->result == SPF_FAIL)
		out->explanation = explain(&run, last_visit(out->tree));
	keep_way(out->tree, true);
	if (out->result == SPF_NONE || out->result == SPF_TEMPERROR || out->result == SPF_PERMERROR)
		out->problem = run.problem;
	else
		find_match(out);
	out->lookups = run.lookups;
	out->voids = run.voids;
}
