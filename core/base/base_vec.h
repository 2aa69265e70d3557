#pragma once

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base_arena.h"

/*
 * A growing array in an arena, for any struct with the members `at` (pointer to the items), `n` and `cap`:
 *
 *	struct names { struct view *at; size_t n, cap; };
 *	*VEC_PUSH(&names, arena) = name;
 *
 * Items move when it grows: keep indexes, not pointers. The caller bounds n where input drives it.
 */
#define VEC_PUSH(vec, arena)                                                                                           \
	((vec)->at = vec_grown((vec)->at, sizeof *(vec)->at, (vec)->n, &(vec)->cap, (arena)), (vec)->at + (vec)->n++)

void *vec_grown(void *at, size_t item_size, size_t n, size_t *cap, struct arena *arena);
