#pragma once

#include "dmarc_walk.h"

/*
 * What a domain publishes, judged: for `dmarc-check DOMAIN` and for dns-check. Ids are dns-check's and do not change.
 */
enum dmarc_severity { DMARC_OK, DMARC_INFO, DMARC_WARN, DMARC_ERROR, DMARC_UNKNOWN };
const char *dmarc_severity_name(enum dmarc_severity severity); /* "ok" "info" "warn" "error" "unknown" */

struct dmarc_finding {
	const char *check;
	enum dmarc_severity severity;
	const char *subject; /* the name it is about; escaped like all texts here */
	const char *message;
	const char *evidence; /* NULL: none */
	const char *fix;      /* NULL: nothing general */
	const char *ref;      /* "RFC 9989 4.7" */
	bool likely;          /* else it is sure */
};

/* May reports go there (RFC 9990 4)? */
enum dmarc_permit {
	DMARC_PERMIT_OWN,     /* the same Organizational Domain: nobody has to be asked */
	DMARC_PERMIT_YES,     /* the receiver's domain says so */
	DMARC_PERMIT_NO,      /* it does not: reports will not be sent */
	DMARC_PERMIT_UNKNOWN, /* the DNS did not answer */
	DMARC_PERMIT_UNUSED   /* not a mailto URI, or broken */
};
const char *dmarc_permit_name(enum dmarc_permit permit); /* "own" "yes" "no" "unknown" "unused" */

struct dmarc_target {
	const char *tag; /* "rua" or "ruf" */
	const struct dmarc_uri *uri;
	enum dmarc_permit permit;
	struct dname asked; /* NAME._report._dmarc.HOST; not set when nothing was asked */
};

struct dmarc_survey {
	struct dname domain;
	const struct dmarc_walk *walk;
	const struct dmarc_record *record; /* that applies to the domain; NULL: none */
	struct dname record_domain;
	bool own;                               /* published at the domain itself */
	enum dmarc_policy self, below, missing; /* for the domain, names below it, names below it that do not exist */
	const char *self_tag, *below_tag, *missing_tag;
	bool below_testing; /* t=y of the record that holds for names below */
	struct {
		struct dmarc_target *at;
		size_t n, cap;
	} targets;
	struct {
		struct dmarc_finding *at; /* errors first */
		size_t n, cap;
	} findings;
};

/* All of *out lies in the cache's arena. */
void dmarc_lint(struct dmarc_cache *cache, struct dname domain, struct dmarc_survey *out);

/* How many findings have that severity. */
size_t dmarc_count(const struct dmarc_survey *survey, enum dmarc_severity severity);
