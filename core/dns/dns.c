#include "dns.h"

#include "base_show.h"

enum dns_status dns_query(struct dns_resolver *resolver, struct arena *arena, struct dns_question question,
			  struct dns_answer *out)
{
	resolver->ops->query(resolver, arena, &question, out);
	return out->status;
}

void dns_ask(struct dns_resolver *resolver, struct dns_question question, struct dns_ask *ask)
{
	ask->pending = NULL;
	resolver->ops->ask(resolver, &question, ask);
}

void dns_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	if (ask->pending != NULL)
		resolver->ops->cancel(resolver, ask);
}

void dns_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	if (resolver->ops->prefetch != NULL && n > 0)
		resolver->ops->prefetch(resolver, questions, n);
}

bool dns_wait(struct dns_resolver *resolver) { return resolver->ops->wait != NULL && resolver->ops->wait(resolver); }

void dns_close(struct dns_resolver **resolver)
{
	if (*resolver != NULL && (*resolver)->ops->close != NULL)
		(*resolver)->ops->close(*resolver);
	*resolver = NULL;
}

static const struct dns_rr *rrs_copy(struct arena *arena, const struct dns_rr *rr, size_t n)
{
	if (n == 0)
		return NULL;
	struct dns_rr *copy = arena_array(arena, n, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = dns_rr_copy(arena, &rr[i]);
	return copy;
}

struct dns_answer dns_answer_copy(struct arena *arena, const struct dns_answer *answer)
{
	struct dns_answer copy = *answer;
	copy.rr = rrs_copy(arena, answer->rr, answer->n);
	copy.sigs = rrs_copy(arena, answer->sigs, answer->sigs_n);
	copy.canonical = dname_copy(arena, answer->canonical);
	struct dname *chain = NULL;
	if (answer->chain_n > 0)
		chain = arena_array(arena, answer->chain_n, sizeof *chain);
	for (size_t i = 0; i < answer->chain_n; i++)
		chain[i] = dname_copy(arena, answer->chain[i]);
	copy.chain = chain;
	copy.ede_text = arena_view(arena, answer->ede_text);
	copy.server = arena_view(arena, answer->server);
	return copy;
}

struct dns_answer dns_answer_none(struct dname name, enum dns_status status)
{
	return (struct dns_answer){
		.status = status, .canonical = name, .rcode = status == DNS_NXDOMAIN ? 3 : 0, .ede = -1
	};
}

struct dns_answer dns_answer_temp(struct dname name, enum dns_cause cause)
{
	struct dns_answer answer = dns_answer_none(name, DNS_TEMP);
	answer.cause = cause;
	return answer;
}

const char *dns_status_name(enum dns_status status)
{
	static const char *const names[] = { "ok", "nodata", "nxdomain", "temp" };
	return names[status];
}

const char *dns_cause_name(enum dns_cause cause)
{
	static const char *const names[] = { "none",    "timeout", "servfail", "refused", "bogus",
					     "network", "loop",    "limit",    "pending" };
	return names[cause];
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const names[] = { "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
					     "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE" };
	return rcode < ARRAY_LEN(names) ? names[rcode] : rcode == 16 ? "BADVERS" : "an unknown code";
}

const char *dns_ede_name(int code)
{
	static const char *const names[] = { "Other Error",
					     "Unsupported DNSKEY Algorithm",
					     "Unsupported DS Digest Type",
					     "Stale Answer",
					     "Forged Answer",
					     "DNSSEC Indeterminate",
					     "DNSSEC Bogus",
					     "Signature Expired",
					     "Signature Not Yet Valid",
					     "DNSKEY Missing",
					     "RRSIGs Missing",
					     "No Zone Key Bit Set",
					     "NSEC Missing",
					     "Cached Error",
					     "Not Ready",
					     "Blocked",
					     "Censored",
					     "Filtered",
					     "Prohibited",
					     "Stale NXDOMAIN Answer",
					     "Not Authoritative",
					     "Not Supported",
					     "No Reachable Authority",
					     "Network Error",
					     "Invalid Data" };
	return code >= 0 && (size_t)code < ARRAY_LEN(names) ? names[code] : NULL;
}

static void explain_temp(const struct dns_answer *answer, struct buf *out)
{
	static const char *const what[] = {
		[DNS_CAUSE_NONE] = "not looked up",
		[DNS_CAUSE_TIMEOUT] = "no DNS answer in time",
		[DNS_CAUSE_SERVFAIL] = "the DNS server failed",
		[DNS_CAUSE_REFUSED] = "the DNS server refused to answer",
		[DNS_CAUSE_BOGUS] = "DNSSEC validation failed (bogus)",
		[DNS_CAUSE_NETWORK] = "the DNS server cannot be reached",
		[DNS_CAUSE_LOOP] = "its CNAME chain loops or is too long",
		[DNS_CAUSE_LIMIT] = "the limit of DNS questions is used up",
		[DNS_CAUSE_PENDING] = "not answered yet",
	};
	buf_str(out, what[answer->cause]);
	if (answer->cause == DNS_CAUSE_SERVFAIL && answer->rcode != 0)
		buf_printf(out, " (%s)", dns_rcode_name(answer->rcode));
	if (answer->server.n > 0)
		buf_printf(out, ", %s", SHOW(answer->server));
}

static void explain_ede(const struct dns_answer *answer, struct buf *out)
{
	const char *name = dns_ede_name(answer->ede);
	if (name != NULL)
		buf_printf(out, " [%s", name);
	else
		buf_printf(out, " [extended error %d", answer->ede);
	if (answer->ede_text.n > 0)
		buf_printf(out, ": %s", SHOW(answer->ede_text));
	buf_byte(out, ']');
}

void dns_answer_explain(const struct dns_answer *answer, struct dns_question question, struct buf *out)
{
	struct dname_shown shown = dname_show(question.name);
	const char *name = shown.text;
	switch (answer->status) {
	case DNS_OK:
		buf_printf(out, "%s has %zu %s record%s", name, answer->n, DNS_TYPE_SHOW(question.type),
			   answer->n == 1 ? "" : "s");
		break;
	case DNS_NODATA:
		buf_printf(out, "%s has no %s record", name, DNS_TYPE_SHOW(question.type));
		break;
	case DNS_NXDOMAIN:
		buf_printf(out, "%s does not exist", name);
		break;
	case DNS_TEMP:
		buf_printf(out, "%s %s: ", name, DNS_TYPE_SHOW(question.type));
		explain_temp(answer, out);
		break;
	}
	if (answer->chain_n > 0)
		buf_printf(out, " (through CNAME to %s)", DNAME_SHOW(answer->canonical));
	if (answer->ede >= 0)
		explain_ede(answer, out);
}
