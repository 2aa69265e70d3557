#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_view.h"

/*
 * From a view to a pointer, in insertion order, in an arena. Keys are not copied: they must live as long as the map.
 * Seed it from env where strangers choose the keys. Entries are never removed.
 */
struct map_entry {
	struct view key;
	void *value;
	uint64_t hash;
};

struct map {
	struct arena *arena;
	struct map_entry *entries; /* in the order they were put */
	size_t n, cap;
	uint32_t *slots; /* index + 1 into entries; 0 is free */
	size_t slot_count;
	uint64_t seed;
	bool fold; /* keys are compared without case */
};

void map_init(struct map *map, struct arena *arena, uint64_t seed, bool fold);
void *map_get(const struct map *map, struct view key); /* NULL when it is not there */

/* The place of the key's value, made (NULL) when it was not there. Good until the next map_put. */
void **map_put(struct map *map, struct view key);
