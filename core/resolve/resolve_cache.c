#include "resolve_cache.h"

#include "base_ascii.h"

struct resolve_entry {
	struct dns_answer answer;
	int64_t stored_us, until_us;
};

struct view resolve_key(const struct dns_question *question, char key[RESOLVE_KEY_MAX])
{
	size_t n = question->name.wire.n;
	for (size_t i = 0; i < n; i++)
		key[i] = (char)ascii_lower(view_at(question->name.wire, i));
	key[n] = (char)(question->type >> 8);
	key[n + 1] = (char)question->type;
	key[n + 2] = (char)(question->flags & (DNS_CD | DNS_RRSIG_TOO));
	return view_of(key, n + 3);
}

static void generation_init(struct resolve_cache *cache, struct resolve_generation *generation)
{
	arena_init(&generation->arena);
	map_init(&generation->map, &generation->arena, cache->seed, false);
}

void resolve_cache_init(struct resolve_cache *cache, size_t limit, uint64_t seed)
{
	*cache = (struct resolve_cache){ .limit = limit, .seed = seed };
	generation_init(cache, &cache->young);
	generation_init(cache, &cache->old);
}

void resolve_cache_done(struct resolve_cache *cache)
{
	arena_done(&cache->young.arena);
	arena_done(&cache->old.arena);
}

/* The map's arena pointer is that of the generation it was made for, so it is set anew. */
static void turn_over(struct resolve_cache *cache)
{
	arena_done(&cache->old.arena);
	cache->old = cache->young;
	cache->old.map.arena = &cache->old.arena;
	generation_init(cache, &cache->young);
}

static struct resolve_entry *keep(struct resolve_cache *cache, struct view key, const struct dns_answer *answer)
{
	if (cache->young.arena.used >= cache->limit && cache->pins == 0)
		turn_over(cache);
	struct arena *arena = &cache->young.arena;
	void **place = map_put(&cache->young.map, key);
	if (*place == NULL) /* the key is new: let it live here */
		cache->young.map.entries[cache->young.map.n - 1].key = arena_view(arena, key);
	struct resolve_entry *entry = arena_new(arena, struct resolve_entry);
	entry->answer = dns_answer_copy(arena, answer);
	*place = entry;
	return entry;
}

void resolve_cache_put(struct resolve_cache *cache, struct view key, const struct dns_answer *answer, int64_t now_us,
		       uint32_t keep_s)
{
	struct resolve_entry *entry = keep(cache, key, answer);
	entry->stored_us = now_us;
	entry->until_us = now_us + (int64_t)keep_s * 1000000;
}

bool resolve_cache_get(struct resolve_cache *cache, struct view key, int64_t now_us, struct dns_answer *out)
{
	const struct resolve_entry *entry = map_get(&cache->young.map, key);
	bool old = entry == NULL;
	if (old)
		entry = map_get(&cache->old.map, key);
	if (entry == NULL || now_us >= entry->until_us)
		return false;
	if (old && cache->young.arena.used < cache->limit) {
		struct resolve_entry *moved = keep(cache, key, &entry->answer);
		moved->stored_us = entry->stored_us;
		moved->until_us = entry->until_us;
		entry = moved;
	}
	cache->hits++;
	*out = entry->answer;
	int64_t age_s = (now_us - entry->stored_us) / 1000000;
	out->ttl = out->ttl > age_s ? out->ttl - (uint32_t)age_s : 0;
	out->from_cache = true;
	return true;
}
