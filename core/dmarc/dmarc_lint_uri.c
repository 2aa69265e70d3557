#include "base_vec.h"
#include "dmarc_lint_priv.h"
#include "dns_mx.h"

const char *dmarc_permit_name(enum dmarc_permit permit)
{
	static const char *const names[] = { "own", "yes", "no", "unknown", "unused" };
	return names[permit];
}

/*
 * RFC 9990 4: the receiver's domain must say that it takes reports for the domain that publishes the policy, unless both have the
 * same Organizational Domain. A wildcard says so too; several records are fine here.
 */
static enum dmarc_permit ask_permit(struct dmarc_linter *lint, struct dmarc_target *target)
{
	struct dmarc_survey *out = lint->out;
	const struct dmarc_walk *there = dmarc_walk(lint->cache, target->uri->host);
	const struct dmarc_walk *here = dmarc_walk(lint->cache, out->record_domain);
	if (dname_eq(target->uri->host, out->record_domain))
		return DMARC_PERMIT_OWN;
	if (there->temp || here->temp)
		return DMARC_PERMIT_UNKNOWN;
	if (dname_eq(there->organizational, here->organizational))
		return DMARC_PERMIT_OWN;
	struct dname suffix;
	struct dns_answer answer;
	if (dname_prepend(lint->arena, VIEW("_report._dmarc"), target->uri->host, &suffix, NULL) != ERR_OK ||
	    dname_join(lint->arena, out->record_domain, suffix, &target->asked, NULL) != ERR_OK)
		return DMARC_PERMIT_NO;
	if (dns_query(lint->cache->resolver, lint->arena, dns_question_of(target->asked, DNS_TXT), &answer) == DNS_TEMP)
		return DMARC_PERMIT_UNKNOWN;
	for (size_t i = 0; i < answer.n; i++)
		if (dmarc_record_is(answer.rr[i].txt.joined))
			return DMARC_PERMIT_YES;
	return DMARC_PERMIT_NO;
}

static void lint_permit(struct dmarc_linter *lint, const struct dmarc_target *target)
{
	const char *host = arena_printf(lint->arena, "%s", DNAME_SHOW(target->uri->host));
	const char *asked = dname_is_set(target->asked) ? arena_printf(lint->arena, "%s", DNAME_SHOW(target->asked))
							: NULL;
	if (target->permit == DMARC_PERMIT_NO && asked == NULL)
		dmarc_note(lint, "dmarc.rua-unauthorised", DMARC_ERROR, NULL, NULL,
			   "take an address in a shorter domain", "RFC 9990 4",
			   "%s: reports to %s cannot be authorised: the name to ask is too long", target->tag, host);
	else if (target->permit == DMARC_PERMIT_NO)
		dmarc_note(lint, "dmarc.rua-unauthorised", DMARC_ERROR, NULL, NULL,
			   arena_printf(lint->arena, "in the DNS of %s: %s TXT \"v=DMARC1\"", host, asked),
			   "RFC 9990 4", "%s: %s does not say that it takes reports for %s, so none are sent there",
			   target->tag, host, DNAME_SHOW(lint->out->record_domain));
	else if (target->permit == DMARC_PERMIT_UNKNOWN)
		dmarc_note(lint, "dns.temperror", DMARC_UNKNOWN, asked, NULL, "try again later", "RFC 9990 4",
			   "%s: the DNS did not answer whether %s takes the reports", target->tag, host);
}

/* A mailbox that cannot get mail. */
static void lint_dead(struct dmarc_linter *lint, const struct dmarc_target *target)
{
	struct dns_answer mx;
	enum dns_status status = dns_query(lint->cache->resolver, lint->arena,
					   dns_question_of(target->uri->host, DNS_MX), &mx);
	if (status == DNS_TEMP || (status == DNS_OK && !dns_mx_is_null(&mx)))
		return;
	struct dns_addrs addrs = { .status = DNS_NODATA };
	if (status != DNS_OK)
		dns_addrs_query(lint->cache->resolver, lint->arena, target->uri->host, &addrs);
	if (addrs.status == DNS_OK || addrs.status == DNS_TEMP)
		return;
	dmarc_note(lint, "dmarc.rua-dead", DMARC_WARN, arena_printf(lint->arena, "%s", DNAME_SHOW(target->uri->host)),
		   NULL, "give an address that takes mail", "RFC 5321 5.1",
		   "%s: %s takes no mail (%s), so reports are lost", target->tag, DNAME_SHOW(target->uri->host),
		   status == DNS_OK ? "null MX" : "no MX, no address");
}

static bool seen_before(const struct dmarc_survey *out, const struct dmarc_target *target)
{
	for (size_t i = 0; i < out->targets.n; i++)
		if (dname_eq(out->targets.at[i].uri->host, target->uri->host))
			return true;
	return false;
}

static void take_list(struct dmarc_linter *lint, const char *tag, const struct dmarc_uris *uris)
{
	for (size_t i = 0; i < uris->n; i++) {
		struct dmarc_target target = { .tag = tag, .uri = &uris->at[i], .permit = DMARC_PERMIT_UNUSED };
		if (target.uri->problem == NULL && target.uri->mailto) {
			target.permit = ask_permit(lint, &target);
			lint_permit(lint, &target);
			if (!seen_before(lint->out, &target))
				lint_dead(lint, &target);
		} else if (target.uri->problem == NULL) {
			dmarc_note(lint, "dmarc.rua-uri", DMARC_WARN, NULL, NULL, "give a mailto: URI too",
				   "RFC 9989 4.7", "%s: only mailto: is known to all senders of reports", tag);
		}
		*VEC_PUSH(&lint->out->targets, lint->arena) = target;
	}
}

void dmarc_lint_targets(struct dmarc_linter *lint)
{
	take_list(lint, "rua", &lint->out->record->rua);
	take_list(lint, "ruf", &lint->out->record->ruf);
}
