#pragma once

#include "base_arena.h"
#include "dns_name.h"
#include "msg_head.h"

/*
 * The Author Domain (RFC 9989 5.3.1) from raw From fields, by the address grammar: display names, groups, comments, quoted
 * strings and encoded words never give a domain. U-labels become A-labels.
 */
enum dmarc_from_state {
	DMARC_FROM_OK,       /* exactly one domain, however many mailboxes and fields */
	DMARC_FROM_NONE,     /* no field, or none with a domain in it */
	DMARC_FROM_MULTIPLE, /* several different domains */
	DMARC_FROM_BROKEN    /* a field that is no list of addresses, or a domain that is no name */
};

enum { DMARC_FROM_DOMAINS_MAX = 16 };

struct dmarc_from {
	enum dmarc_from_state state;
	struct dname domain;                          /* DMARC_FROM_OK; lower case */
	struct dname domains[DMARC_FROM_DOMAINS_MAX]; /* those that differ */
	size_t domains_n;
	size_t fields, mailboxes;
	const char *why; /* of DMARC_FROM_BROKEN; escaped */
};

/* All From fields of a header. */
void dmarc_from_head(const struct msg_head *head, struct arena *arena, struct dmarc_from *out);

/* One value of the field, as it stands in the message; or a bare domain, as people type it. */
void dmarc_from_value(struct view value, struct arena *arena, struct dmarc_from *out);
void dmarc_from_domain(struct view domain, struct arena *arena, struct dmarc_from *out);

/* "multiple-from", "no-from-domain", "from-syntax"; NULL for DMARC_FROM_OK. */
const char *dmarc_from_reason(enum dmarc_from_state state);
