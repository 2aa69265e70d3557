#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_view.h"

/*
 * One pass over a text that finds every phrase of a set (Aho and Corasick 1975). The tables are plain arrays, so that
 * those of the built-in phrases are constants of the program and cost nothing at start-up.
 */
struct bounce_phrase {
	uint16_t length;
	uint16_t whole;    /* 1: only between characters that are no letters or digits */
	uint32_t same_end; /* the next phrase (index + 1) that ends in the same state, or 0 */
};

struct bounce_ac_state {
	uint32_t first_edge;
	uint16_t edge_count;
	uint32_t fail;    /* where to go on when no edge fits */
	uint32_t phrase;  /* index + 1 of a phrase that ends here, or 0 */
	uint32_t shorter; /* the next state on the fail path in which a phrase ends, or 0 */
};

struct bounce_ac {
	const struct bounce_ac_state *states; /* 0 is the root */
	const unsigned char *edge_bytes;
	const uint32_t *edge_states;
	const struct bounce_phrase *phrases;
	uint32_t root[256]; /* the root's edges, dense */
	uint32_t state_count, edge_count, phrase_count;
};

enum { BOUNCE_PHRASES_MAX = 8192 };

/* The phrases that were found: bit i is phrase i. */
struct bounce_hits {
	uint64_t bits[BOUNCE_PHRASES_MAX / 64];
};

static inline bool bounce_hit(const struct bounce_hits *hits, uint32_t phrase)
{
	return (hits->bits[phrase / 64] >> phrase % 64 & 1) != 0;
}

/* Adds to hits; the caller zeroes it (phrase_count bits are enough). */
void bounce_ac_scan(const struct bounce_ac *ac, struct view text, struct bounce_hits *hits);

/*
 * Build from phrases that are not empty and distinct in (text, whole).
 *
 * owns    everything is in the arena
 * limits  at most BOUNCE_PHRASES_MAX phrases, asserted
 */
struct bounce_ac_word {
	struct view text;
	bool whole;
};
void bounce_ac_build(const struct bounce_ac_word *words, size_t count, struct arena *arena, struct bounce_ac *out);
