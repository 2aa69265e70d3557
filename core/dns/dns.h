#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_env.h"
#include "dns_name.h"
#include "dns_rr.h"

/*
 * Asking the DNS, whoever answers: servers (resolve_net), zone files (resolve_zone), a table (dns_table). Evaluators take
 * a struct dns_resolver * and never know which.
 *
 * An answer is always one of these; "we could not find out" is DNS_TEMP and never the same as "there is none".
 */
enum dns_status {
	DNS_OK,       /* n >= 1 records of the type asked for */
	DNS_NODATA,   /* the name exists, the type does not */
	DNS_NXDOMAIN, /* there is no such name (after the CNAME chain, if there was one) */
	DNS_TEMP      /* unknown; `cause` says why */
};

enum dns_cause {
	DNS_CAUSE_NONE,
	DNS_CAUSE_TIMEOUT,  /* no server answered in time */
	DNS_CAUSE_SERVFAIL, /* servers answered that they failed (SERVFAIL, FORMERR, NOTIMP and the like) */
	DNS_CAUSE_REFUSED,
	DNS_CAUSE_BOGUS,   /* the data is there and its DNSSEC signatures are wrong */
	DNS_CAUSE_NETWORK, /* no server could be reached */
	DNS_CAUSE_LOOP,    /* a CNAME chain that loops or is too long */
	DNS_CAUSE_LIMIT,   /* a budget of the caller is used up */
	DNS_CAUSE_PENDING  /* not there yet: only seen inside dns_bulk */
};

/* The resolver's word that DNSSEC validated the answer. */
enum dns_ad {
	DNS_AD_NO,
	DNS_AD_CLAIMED, /* said by a server that may be lying, or the path to it may be */
	DNS_AD_TRUSTED  /* said by a loopback server, or with `options trust-ad` */
};

enum {
	DNS_NO_CACHE = 1, /* ask the servers again */
	DNS_CD = 2,       /* checking disabled: the data even when it is bogus */
	DNS_RRSIG_TOO = 4 /* ask with DO; signatures come in dns_answer.sigs */
};

struct dns_question {
	struct dname name;
	uint16_t type;
	unsigned flags;
	int64_t deadline_us; /* of env_mono_us; then the answer is DNS_TEMP, timeout. 0: only the resolver's own limit */
};

static inline struct dns_question dns_question_of(struct dname name, uint16_t type)
{
	return (struct dns_question){ .name = name, .type = type };
}

struct dns_answer {
	enum dns_status status;
	enum dns_cause cause;      /* of DNS_TEMP only */
	const struct dns_rr *rr;   /* the records of the type asked for, in the server's order */
	size_t n;                  /* 0 unless DNS_OK */
	const struct dns_rr *sigs; /* RRSIG records over them, with DNS_RRSIG_TOO */
	size_t sigs_n;
	struct dname canonical;    /* the name behind the last CNAME; the one asked for when there was none */
	const struct dname *chain; /* the owners of the CNAMEs on the way, the question's name first */
	size_t chain_n;
	uint32_t ttl; /* of this answer, chain included; of the negative answer (RFC 2308 5) when there is no record */
	enum dns_ad ad;
	unsigned rcode;       /* of the last reply; with DNS_TEMP 0 when there was none */
	int ede;              /* extended error code (RFC 8914), -1 when there was none */
	struct view ede_text; /* a stranger's: show it with SHOW */
	struct view server;   /* who said so: "127.0.0.1:53", a file's name; empty when nobody did */
	bool from_cache;
	bool wildcard; /* zone files only: the records came from a wildcard */
};

/*
 * A question on its way, in the asker's memory; it must stay where it is until `done` was called or dns_cancel. `done` is called
 * exactly once, possibly before dns_ask returns (cache, zone files); the answer is good until it returns
 * (dns_answer_copy keeps it). It may ask further questions and may free the dns_ask.
 */
struct dns_ask {
	void (*done)(struct dns_ask *ask, const struct dns_answer *answer);
	/* the resolver's */
	struct dns_ask *next, **link;
	void *pending;
	int64_t deadline_us;
};

struct dns_resolver {
	const struct dns_ops *ops;
};

struct dns_ops {
	void (*query)(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
		      struct dns_answer *out);
	void (*ask)(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask);
	void (*cancel)(struct dns_resolver *resolver, struct dns_ask *ask);
	void (*prefetch)(struct dns_resolver *resolver, const struct dns_question *questions, size_t n);
	bool (*wait)(struct dns_resolver *resolver);
	void (*close)(struct dns_resolver *resolver);
};

/*
 * Ask and wait. Always fills *out, all of it in the arena, and returns its status. Names of the question need to live
 * only during the call.
 */
MUST_CHECK enum dns_status dns_query(struct dns_resolver *resolver, struct arena *arena, struct dns_question question,
				     struct dns_answer *out);

/* Ask and go on. ask->done must be set. */
void dns_ask(struct dns_resolver *resolver, struct dns_question question, struct dns_ask *ask);

/* `done` will not be called any more. Harmless when it already was. */
void dns_cancel(struct dns_resolver *resolver, struct dns_ask *ask);

/*
 * Questions that will surely be asked: sent off together, so that the dns_query for each finds its answer here or on
 * its way. A hint: it may do nothing, and nothing is reported.
 */
void dns_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n);

/* Let answers come: returns after at least one `done` was called, or false when no question is on its way. */
bool dns_wait(struct dns_resolver *resolver);

/* Closing NULL is fine. */
void dns_close(struct dns_resolver **resolver);

/* A deep copy in the arena. */
struct dns_answer dns_answer_copy(struct arena *arena, const struct dns_answer *answer);

/* An answer without records. */
struct dns_answer dns_answer_temp(struct dname name, enum dns_cause cause);
struct dns_answer dns_answer_none(struct dname name, enum dns_status status);

const char *dns_status_name(enum dns_status status); /* "ok" "nodata" "nxdomain" "temp" */
const char *
dns_cause_name(enum dns_cause cause); /* "timeout" "servfail" "refused" "bogus" "network" "loop" "limit" "pending" */
const char *dns_rcode_name(unsigned rcode); /* "NXDOMAIN" */
const char *dns_ede_name(int code);         /* RFC 8914 4: "DNSSEC Bogus"; NULL when not known */

/*
 * For people: "no answer from 127.0.0.1:53, 192.0.2.1:53 in time", "example.org has no TXT record", "SERVFAIL (DNSSEC Bogus: signature
 * expired)". Escaped.
 */
void dns_answer_explain(const struct dns_answer *answer, struct dns_question question, struct buf *out);
