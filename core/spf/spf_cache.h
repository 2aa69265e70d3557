#pragma once

#include "base_arena.h"
#include "base_map.h"
#include "dns.h"
#include "spf_record.h"

/*
 * What domains publish, parsed: shared by any number of evaluations, so that a record is fetched and parsed once.
 */
enum spf_found {
	SPF_FOUND,         /* one record, without fault */
	SPF_FOUND_NONE,    /* no such domain, or no record that starts with v=spf1 */
	SPF_FOUND_SEVERAL, /* permerror (RFC 7208 4.5) */
	SPF_FOUND_FAULTY,  /* permerror (RFC 7208 4.6) */
	SPF_FOUND_TEMP     /* we could not find out; never kept */
};

struct spf_policy {
	enum spf_found found;
	enum dns_status status; /* of the TXT question */
	size_t records;         /* TXT records that start with v=spf1 */
	struct spf_record record;
	const char *problem; /* in words for a person, escaped; NULL with SPF_FOUND */
};

struct spf_cache {
	struct arena arena;
	struct map policies; /* lower-case wire name -> struct spf_policy */
	const struct env *env;
};

enum { SPF_CACHE_OCTETS = 64 << 20 };

void spf_cache_init(struct spf_cache *cache, const struct env *env);
void spf_cache_done(struct spf_cache *cache);

/* Between evaluations: forget everything once it takes more than SPF_CACHE_OCTETS. */
void spf_cache_trim(struct spf_cache *cache);

/* A record that a person gave instead of the published one. It must pass spf_record_is. */
void spf_cache_put(struct spf_cache *cache, struct dname domain, struct view record);

bool spf_cache_has(const struct spf_cache *cache, struct dname domain);

/* The policy of a domain, good until spf_cache_trim. deadline_us: of dns_question. */
const struct spf_policy *spf_cache_get(struct spf_cache *cache, struct dns_resolver *resolver, struct dname domain,
				       int64_t deadline_us);
