#pragma once

#include <stdbool.h>

#include "base_arena.h"
#include "base_buf.h"
#include "dns_name.h"

/*
 * A DMARC Policy Record as text (RFC 9989 4.7, 4.8): there is no error, for what is broken takes its default. What was
 * broken is in `faults`, with columns, for people.
 */
enum dmarc_policy { DMARC_UNSET, DMARC_POLICY_NONE, DMARC_QUARANTINE, DMARC_REJECT };
const char *dmarc_policy_name(enum dmarc_policy policy);                      /* "none"; NULL for DMARC_UNSET */
MUST_CHECK bool dmarc_policy_parse(struct view text, enum dmarc_policy *out); /* without case */
enum dmarc_policy dmarc_policy_milder(enum dmarc_policy policy);              /* one step down: what t=y asks for */

enum dmarc_psd { DMARC_PSD_U, DMARC_PSD_Y, DMARC_PSD_N };

enum dmarc_fo { DMARC_FO_0 = 1, DMARC_FO_1 = 2, DMARC_FO_D = 4, DMARC_FO_S = 8 };

enum {
	DMARC_TAGS_MAX = 64, /* looked at in one record */
	DMARC_URIS_MAX = 32, /* of one list */
};

/* One element of rua or ruf (RFC 3986, RFC 6068). */
struct dmarc_uri {
	struct view text; /* as written, without the size */
	unsigned column;
	const char *problem; /* why it cannot be used; NULL: it can */
	bool mailto;         /* other schemes are valid, but nobody uses them */
	struct view address; /* mailto: what percent-encoding stood for */
	struct dname host;   /* of the address */
	struct view size;    /* "!10m", obsolete; empty: none */
};

struct dmarc_uris {
	struct dmarc_uri *at;
	size_t n, cap;
	size_t usable;
};

enum dmarc_fault_kind {
	DMARC_FAULT_SYNTAX,  /* no tag=value, bytes that may not be there, a tag twice, a bad value */
	DMARC_FAULT_POLICY,  /* p, sp or np is no policy */
	DMARC_FAULT_URI,     /* an element of rua or ruf cannot be used */
	DMARC_FAULT_SIZE,    /* a size limit behind a URI */
	DMARC_FAULT_REMOVED, /* pct, rf, ri */
	DMARC_FAULT_UNKNOWN, /* a tag that nobody knows */
	DMARC_FAULT_CASE     /* a tag's name in upper case: not everybody reads it */
};

struct dmarc_fault {
	enum dmarc_fault_kind kind;
	unsigned column;  /* octets of the record, from 1 */
	struct view tag;  /* a stranger's */
	const char *text; /* escaped */
};

struct dmarc_record {
	struct view text;
	enum dmarc_policy p, sp, np; /* DMARC_UNSET: not there, or no policy */
	bool p_bad, sp_bad, np_bad;  /* there, but no policy */
	/*
	 * p is missing or bad, or sp or np are bad (RFC 9989 4.10.1): with a usable rua the record stands for p=none,
	 * else DMARC does not apply at all.
	 */
	bool replaced;
	bool applies;
	bool strict_dkim, strict_spf;
	bool testing;
	enum dmarc_psd psd;
	unsigned fo; /* enum dmarc_fo */
	bool has_rua, has_ruf;
	struct dmarc_uris rua, ruf;
	bool p_second;   /* p stands right behind v, as RFC 7489 wanted it */
	struct view pct; /* as written; empty: none */
	struct {
		struct dmarc_fault *at;
		size_t n, cap;
	} faults;
};

/* The text starts with the version: the record must be looked at. Anything else is no DMARC record at all. */
bool dmarc_record_is(struct view text);

/* text: for which dmarc_record_is holds; out keeps views of it. */
void dmarc_record_parse(struct view text, struct arena *arena, struct dmarc_record *out);

/* The policy in force for a name: of the record's own name, of an existing name below it, of one that does not exist. */
enum dmarc_name { DMARC_NAME_SELF, DMARC_NAME_EXISTS, DMARC_NAME_MISSING };
enum dmarc_policy dmarc_record_policy(const struct dmarc_record *record, enum dmarc_name name, const char **tag);
