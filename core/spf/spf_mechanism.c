#include "base_show.h"
#include "base_vec.h"
#include "dns_mx.h"
#include "spf_eval_priv.h"

void spf_step_answer(struct spf_run *run, struct spf_step *step, struct view text)
{
	if (run->context->trace && step->answers.n < SPF_ANSWERS_MAX)
		*VEC_PUSH(&step->answers, run->arena) = arena_view(run->arena, text);
}

enum spf_match spf_step_void(struct spf_run *run, struct spf_step *step)
{
	if (step->voided)
		return SPF_NO_MATCH;
	step->voided = true;
	if (++run->voids <= run->limits->voids)
		return SPF_NO_MATCH;
	return spf_run_stop(run, step, SPF_MATCH_PERMERROR, "'%s' is void look-up %u, %u are allowed",
			    SHOW(step->term->text), run->voids, run->limits->voids);
}

enum spf_match spf_step_temp(struct spf_run *run, struct spf_step *step, const struct dns_answer *answer,
			     struct dname name, uint16_t type)
{
	BUF_AUTO struct buf why;
	buf_init(&why, DIAG_TEXT_MAX + DNAME_TEXT_MAX);
	dns_answer_explain(answer, dns_question_of(name, type), &why);
	return spf_run_stop(run, step, SPF_MATCH_TEMPERROR, "%.*s", VIEW_ARG(buf_view(&why)));
}

static enum spf_match match_ip(const struct spf_run *run, const struct spf_term *term)
{
	unsigned bits = term->kind == SPF_IP4 ? term->bits4 : term->bits6;
	return ip_in(&run->ip, &term->ip, bits) ? SPF_MATCH : SPF_NO_MATCH;
}

/* The client among a name's addresses, for a and for each host of mx. */
static enum spf_match match_addresses(struct spf_run *run, struct spf_step *step, struct dname name)
{
	bool v6 = run->ip.family == IP_V6;
	uint16_t type = v6 ? DNS_AAAA : DNS_A;
	struct dns_answer answer;
	enum dns_status status = spf_run_query(run, name, type, &answer);
	step->asked = true;
	if (step->term->kind != SPF_MX)
		step->status = status;
	if (status == DNS_TEMP)
		return spf_step_temp(run, step, &answer, name, type);
	if (status != DNS_OK)
		return spf_step_void(run, step);
	enum spf_match match = SPF_NO_MATCH;
	for (size_t i = 0; i < answer.n; i++) {
		const struct ip_addr *ip = &answer.rr[i].ip;
		spf_step_answer(run, step, view_str(IP_SHOW(ip)));
		if (ip_in(&run->ip, ip, v6 ? step->term->bits6 : step->term->bits4))
			match = SPF_MATCH;
	}
	return match;
}

static void prefetch_hosts(struct spf_run *run, const struct dns_rr *mx, size_t n)
{
	struct dns_question *questions = arena_array(run->arena, n, sizeof *questions);
	for (size_t i = 0; i < n; i++) {
		questions[i] = dns_question_of(mx[i].mx.host, run->ip.family == IP_V6 ? DNS_AAAA : DNS_A);
		questions[i].deadline_us = run->deadline_us;
	}
	if (n > 1)
		dns_prefetch(run->context->resolver, questions, n);
}

static enum spf_match match_mx(struct spf_run *run, struct spf_step *step, struct dname name)
{
	struct dns_answer answer;
	step->asked = true;
	step->status = spf_run_query(run, name, DNS_MX, &answer);
	if (step->status == DNS_TEMP)
		return spf_step_temp(run, step, &answer, name, DNS_MX);
	if (step->status != DNS_OK)
		return spf_step_void(run, step); /* no implicit MX here (RFC 7208 5.4) */
	if (answer.n > run->limits->mx_names)
		return spf_run_stop(run, step, SPF_MATCH_PERMERROR, "%s has %zu MX records, %u are allowed",
				    DNAME_SHOW(name), answer.n, run->limits->mx_names);
	const struct dns_rr *mx = dns_mx_sorted(run->arena, &answer, NULL);
	prefetch_hosts(run, mx, answer.n);
	for (size_t i = 0; i < answer.n; i++) {
		if (dname_is_root(mx[i].mx.host))
			continue; /* null MX (RFC 7505) */
		spf_step_answer(run, step, view_str(DNAME_SHOW(mx[i].mx.host)));
		enum spf_match match = match_addresses(run, step, mx[i].mx.host);
		if (match != SPF_NO_MATCH)
			return match;
	}
	return SPF_NO_MATCH;
}

/* Always A, whatever the client's family (RFC 7208 5.7). */
static enum spf_match match_exists(struct spf_run *run, struct spf_step *step, struct dname name)
{
	struct dns_answer answer;
	step->asked = true;
	step->status = spf_run_query(run, name, DNS_A, &answer);
	if (step->status == DNS_TEMP)
		return spf_step_temp(run, step, &answer, name, DNS_A);
	if (step->status != DNS_OK)
		return spf_step_void(run, step);
	for (size_t i = 0; i < answer.n; i++)
		spf_step_answer(run, step, view_str(IP_SHOW(&answer.rr[i].ip)));
	return SPF_MATCH;
}

enum spf_match spf_mechanism_eval(struct spf_run *run, const struct spf_visit *visit, struct spf_step *step)
{
	const struct spf_term *term = step->term;
	if (term->kind == SPF_ALL)
		return SPF_MATCH;
	if (term->kind == SPF_IP4 || term->kind == SPF_IP6)
		return match_ip(run, term);
	struct dname name;
	if (spf_run_target(run, visit, step, &name) != ERR_OK)
		return SPF_NO_MATCH; /* RFC 7208 4.8 leaves it open; nothing can be asked about such a name */
	if (term->kind == SPF_A)
		return match_addresses(run, step, name);
	if (term->kind == SPF_MX)
		return match_mx(run, step, name);
	if (term->kind == SPF_PTR)
		return spf_ptr_eval(run, step, name);
	return match_exists(run, step, name);
}
