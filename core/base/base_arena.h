#pragma once

#include <stddef.h>

#include "base_attr.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Memory that is given back all at once: one arena a message or transaction, one for the process, one scratch.
 * Zero-initialise it or call arena_init; arena_done frees everything, arena_reset keeps the first block for reuse.
 * Allocation never fails: memory that cannot be had ends the program (base_out_of_memory). What input can grow is
 * bounded by the caller before it allocates.
 */
struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out since the last reset, for limits and tests */
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);
#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* Copies. arena_cstr is for bytes that we made ourselves and that hold no NUL; others go through view_cstr. */
struct view arena_view(struct arena *arena, struct view v);
struct view arena_lower(struct arena *arena, struct view v);
char *arena_cstr(struct arena *arena, struct view v);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * A NUL-terminated copy for libc and foreign libraries.
 * errors  ERR_DATA when v holds a NUL
 */
MUST_CHECK enum err view_cstr(struct arena *arena, struct view v, const char **out, struct diag *diag);
