#include "base_map.h"

#include "base_vec.h"

void map_init(struct map *map, struct arena *arena, uint64_t seed, bool fold)
{
	*map = (struct map){ .arena = arena, .seed = seed, .fold = fold };
}

static uint64_t hash_of(const struct map *map, struct view key)
{
	return map->fold ? view_hash_case(key, map->seed) : view_hash(key, map->seed);
}

/* The slot that holds the key, or the free one where it belongs. slot_count is a power of two and never full. */
static uint32_t *slot_of(const struct map *map, struct view key, uint64_t hash)
{
	for (size_t i = (size_t)hash;; i++) {
		uint32_t *slot = &map->slots[i & (map->slot_count - 1)];
		if (*slot == 0)
			return slot;
		const struct map_entry *entry = &map->entries[*slot - 1];
		if (entry->hash == hash && (map->fold ? view_eq_case(entry->key, key) : view_eq(entry->key, key)))
			return slot;
	}
}

void *map_get(const struct map *map, struct view key)
{
	if (map->slot_count == 0)
		return NULL;
	const uint32_t *slot = slot_of(map, key, hash_of(map, key));
	return *slot == 0 ? NULL : map->entries[*slot - 1].value;
}

static void grow(struct map *map)
{
	map->slot_count = map->slot_count == 0 ? 16 : map->slot_count * 2;
	map->slots = arena_array(map->arena, map->slot_count, sizeof *map->slots);
	for (size_t i = 0; i < map->n; i++)
		*slot_of(map, map->entries[i].key, map->entries[i].hash) = (uint32_t)(i + 1);
}

void **map_put(struct map *map, struct view key)
{
	if ((map->n + 1) * 4 > map->slot_count * 3)
		grow(map);
	uint64_t hash = hash_of(map, key);
	uint32_t *slot = slot_of(map, key, hash);
	if (*slot == 0) {
		map->entries = vec_grown(map->entries, sizeof *map->entries, map->n, &map->cap, map->arena);
		map->entries[map->n] = (struct map_entry){ key, NULL, hash };
		*slot = (uint32_t)++map->n;
	}
	return &map->entries[*slot - 1].value;
}
