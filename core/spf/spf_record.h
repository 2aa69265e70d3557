#pragma once

#include <stdbool.h>

#include "base_arena.h"
#include "base_err.h"
#include "base_ip.h"
#include "base_view.h"
#include "dns_name.h"

/*
 * One SPF record (RFC 7208 4.5, 4.6 and 12), parsed whole before anything of it is evaluated: a syntax error anywhere makes
 * the record a permerror.
 */
enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /* from here on modifiers */
	SPF_EXP,
	SPF_UNKNOWN /* a modifier that RFC 7208 does not know: ignored */
};

struct spf_term {
	enum spf_kind kind;
	char qualifier;        /* '+' '-' '~' '?' of a mechanism, 0 of a modifier */
	bool macros;           /* spec holds macros */
	unsigned column;       /* in the record, from 1 */
	struct view text;      /* as it stands there */
	struct view spec;      /* domain-spec, or the unknown modifier's value; empty: <domain> itself is meant */
	struct dname name;     /* spec as a name; not set: it has macros, is empty or no domain name */
	struct ip_addr ip;     /* of ip4 and ip6 */
	unsigned bits4, bits6; /* prefix lengths of a and mx; ip4 uses the first, ip6 the second */
};

struct spf_fault {
	unsigned column;
	const char *text;
};

struct spf_record {
	struct view text;
	struct spf_term *terms; /* of faulty records those that could be read */
	size_t n;
	const struct spf_term *redirect, *exp; /* NULL: none */
	struct {
		struct spf_fault *at;
		size_t n, cap;
	} faults; /* at most SPF_FAULTS_MAX */
};

enum { SPF_RECORD_MAX = 65535, SPF_FAULTS_MAX = 16 };

/* Does the text of a TXT record start with "v=spf1", any case, and then a space or the end (RFC 7208 4.5)? */
bool spf_record_is(struct view txt);

/*
 * Parse what spf_record_is said yes to; out keeps views into text.
 *
 * Always fills *out. errors: ERR_SYNTAX with the first fault (diag: its column), all faults are in out->faults;
 * ERR_LIMIT over SPF_RECORD_MAX octets
 */
MUST_CHECK enum err spf_record_parse(struct arena *arena, struct view text, struct spf_record *out, struct diag *diag);

/* Does evaluating the term count against the limit of 10 (RFC 7208 4.6.4)? */
bool spf_kind_counts(enum spf_kind kind);

const char *spf_kind_name(enum spf_kind kind); /* "include"; "modifier" for the unknown */
