#include "spf_eval_priv.h"

/* The names of the client's address, validated by their addresses (RFC 7208 5.5). */

static void names_ask(struct spf_run *run)
{
	struct spf_names *names = &run->names;
	if (names->asked)
		return;
	names->asked = true;
	struct dns_answer answer;
	names->status = spf_run_query(run, dname_of_ip(run->arena, &run->ip), DNS_PTR, &answer);
	names->n = answer.n < run->limits->ptr_names ? answer.n : run->limits->ptr_names;
	if (names->n == 0)
		return;
	names->at = arena_array(run->arena, names->n, sizeof *names->at);
	names->state = arena_array(run->arena, names->n, sizeof *names->state);
	for (size_t i = 0; i < names->n; i++)
		names->at[i] = answer.rr[i].name;
}

/* Does the name have the client's address? An error counts as no (5.5). */
static bool name_valid(struct spf_run *run, size_t i)
{
	struct spf_names *names = &run->names;
	if (names->state[i] != SPF_NAME_OPEN)
		return names->state[i] == SPF_NAME_VALID;
	names->state[i] = SPF_NAME_NOT;
	struct dns_answer answer;
	if (spf_run_query(run, names->at[i], run->ip.family == IP_V6 ? DNS_AAAA : DNS_A, &answer) != DNS_OK)
		return false;
	for (size_t at = 0; at < answer.n; at++)
		if (ip_eq(&answer.rr[at].ip, &run->ip))
			names->state[i] = SPF_NAME_VALID;
	return names->state[i] == SPF_NAME_VALID;
}

enum spf_match spf_ptr_eval(struct spf_run *run, struct spf_step *step, struct dname target)
{
	names_ask(run);
	const struct spf_names *names = &run->names;
	step->asked = true;
	step->status = names->status;
	if (names->status == DNS_NODATA || names->status == DNS_NXDOMAIN)
		return spf_step_void(run, step);
	for (size_t i = 0; i < names->n; i++) {
		spf_step_answer(run, step, view_str(DNAME_SHOW(names->at[i])));
		if (dname_under(names->at[i], target) && name_valid(run, i))
			return SPF_MATCH;
	}
	return SPF_NO_MATCH;
}

/* The domain itself before names under it before any other. */
static bool name_fits(struct dname name, struct dname domain, unsigned rank)
{
	return rank == 2 || (dname_is_set(domain) && (rank == 0 ? dname_eq(name, domain) : dname_under(name, domain)));
}

struct view spf_ptr_validated(void *ctx, struct view domain)
{
	struct spf_run *run = ctx;
	names_ask(run);
	struct dname own = { .labels = 0 };
	if (dname_parse_plain(run->arena, domain, &own, NULL) != ERR_OK)
		own = (struct dname){ .labels = 0 };
	for (unsigned rank = 0; rank < 3; rank++)
		for (size_t i = 0; i < run->names.n; i++)
			if (name_fits(run->names.at[i], own, rank) && name_valid(run, i))
				return dname_text(run->arena, run->names.at[i]);
	return view_none();
}
