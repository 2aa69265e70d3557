#pragma once

#include "base_map.h"
#include "dmarc_record.h"
#include "dns.h"

/*
 * The DNS tree walk (RFC 9989 4.10) and what follows from it: the Organizational Domain (4.10.2) and the record that
 * applies (4.10.1).
 */
enum {
	DMARC_WALK_MAX = 8,    /* names asked in one walk */
	DMARC_LABELS_KEPT = 7, /* longer names jump to their last labels */
};

/* One name of a walk. */
struct dmarc_step {
	struct dname name;  /* without the _dmarc before it */
	struct dname asked; /* with it; not set when it would be too long to be asked */
	enum dns_status status;
	enum dns_cause cause;
	unsigned records;                  /* TXT records that start with v=DMARC1 */
	const struct dmarc_record *record; /* when there is exactly one */
	struct {
		struct view *at; /* all TXT records at the name, for lint */
		size_t n, cap;
	} texts;
};

struct dmarc_walk {
	struct dname start; /* lower case */
	const struct dmarc_step *at[DMARC_WALK_MAX];
	size_t n;
	bool temp;                    /* the DNS did not answer for one of the names: nothing below is certain */
	const struct dmarc_step *why; /* that name */
	struct dname organizational;
	const struct dmarc_step *policy; /* whose record applies; NULL: DMARC does not */
};

/* Answers and walks of one run: nothing is asked twice. Zero but for resolver and arena; init does it. */
struct dmarc_cache {
	struct dns_resolver *resolver;
	struct arena *arena;
	struct map steps, walks; /* by name in lower-case wire form */
};
void dmarc_cache_init(struct dmarc_cache *cache, struct dns_resolver *resolver, struct arena *arena, uint64_t seed);

/* The walk from `name`, whole; it and all it points to live in the cache's arena. */
const struct dmarc_walk *dmarc_walk(struct dmarc_cache *cache, struct dname name);

/* Only what is published for one name. */
const struct dmarc_step *dmarc_step(struct dmarc_cache *cache, struct dname name);

/* NXDOMAIN of the name itself (3.2.13), never of the _dmarc name below it. DNS_TEMP when it is not known. */
enum dns_status dmarc_exists(struct dmarc_cache *cache, struct dname name);
