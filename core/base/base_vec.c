#include "base_vec.h"

void *vec_grown(void *at, size_t item_size, size_t n, size_t *cap, struct arena *arena)
{
	if (n < *cap)
		return at;
	*cap = *cap == 0 ? 8 : *cap * 2;
	void *bigger = arena_array(arena, *cap, item_size);
	if (n > 0)
		memcpy(bigger, at, n * item_size);
	return bigger;
}
