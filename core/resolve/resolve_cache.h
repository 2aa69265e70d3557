#pragma once

#include "base_map.h"
#include "dns.h"

/*
 * Answers that were read already, for as long as their TTLs allow. Memory is bounded by two generations: when the young one
 * has reached its limit it becomes the old one, and the old one is freed; what is found in the old one moves to the young.
 *
 * An answer that was got is good until the next put, unless pinned.
 */
struct resolve_generation {
	struct arena arena;
	struct map map;
};

struct resolve_cache {
	struct resolve_generation young, old;
	size_t limit; /* octets a generation */
	uint64_t seed;
	unsigned pins;
	uint64_t hits;
};

enum { RESOLVE_CACHE_LIMIT = 6 << 20, RESOLVE_KEY_MAX = DNAME_MAX + 3 };

/* What is the same question: lower-case name, type, and the flags that change the answer. Written to key. */
struct view resolve_key(const struct dns_question *question, char key[RESOLVE_KEY_MAX]);

void resolve_cache_init(struct resolve_cache *cache, size_t limit, uint64_t seed);
void resolve_cache_done(struct resolve_cache *cache);

/* A copy of the answer is kept for keep_s seconds from now. */
void resolve_cache_put(struct resolve_cache *cache, struct view key, const struct dns_answer *answer, int64_t now_us,
		       uint32_t keep_s);

/* false: not there, or too old. In *out the ttl is what is left of it, and from_cache is set. */
MUST_CHECK bool resolve_cache_get(struct resolve_cache *cache, struct view key, int64_t now_us, struct dns_answer *out);

/* While pinned, nothing is freed. */
static inline void resolve_cache_pin(struct resolve_cache *cache) { cache->pins++; }
static inline void resolve_cache_unpin(struct resolve_cache *cache) { cache->pins--; }
