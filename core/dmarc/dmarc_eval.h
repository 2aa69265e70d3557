#pragma once

#include "authres.h"
#include "dmarc_from.h"
#include "dmarc_walk.h"

/*
 * DMARC for one message (RFC 9989 5.3): what SPF and DKIM found goes in as verdict records, what follows comes out.
 */
enum { DMARC_IDS_MAX = 100, DMARC_IDS_WALKED = 10 }; /* identifiers looked at; those that cost a walk */

/* An identifier that SPF or DKIM authenticated, or could not judge for the moment. */
struct dmarc_id {
	enum authres_method method; /* AUTHRES_SPF or AUTHRES_DKIM */
	enum authres_result result;
	struct dname domain;         /* not set: the record named none */
	struct dname organizational; /* not set: it was not needed */
	bool aligned;                /* whatever the result is */
	bool unknown;                /* the DNS did not answer, so `aligned` is not known */
};

struct dmarc_alignment {
	bool strict;
	const struct dmarc_id *id; /* the one that counts: aligned pass, else pass, else any; NULL: none */
	bool aligned;              /* id passes and is aligned */
};

struct dmarc_outcome {
	enum authres_result result;        /* none pass fail temperror permerror */
	const char *reason;                /* a word: "multiple-from"; NULL: nothing to say */
	const char *explanation;           /* a sentence, escaped */
	struct dname domain;               /* of the author; not set when there is not exactly one */
	const struct dmarc_walk *walk;     /* NULL: no domain */
	const struct dmarc_record *record; /* that applies; NULL: none */
	struct dname record_domain;
	enum dmarc_name name;          /* what the author's domain is to the record */
	const char *tag;               /* the policy's: "p" "sp" "np" */
	enum dmarc_policy policy;      /* published for the domain; DMARC_UNSET without record */
	enum dmarc_policy applied;     /* after t=y */
	enum dmarc_policy disposition; /* what is asked for this message: none unless it failed */
	struct dmarc_alignment dkim, spf;
	struct {
		struct dmarc_id *at;
		size_t n, cap;
	} ids;
};

/* facts: DKIM by header.d, SPF by smtp.mailfrom, or smtp.helo for the null sender. All of *out lies in the cache's arena. */
void dmarc_eval(struct dmarc_cache *cache, const struct dmarc_from *from, const struct authres *facts,
		struct dmarc_outcome *out);

/* The record for Authentication-Results. */
void dmarc_add_verdict(const struct dmarc_outcome *outcome, struct authres *out, struct arena *arena);
