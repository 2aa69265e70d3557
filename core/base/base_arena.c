#include "base_arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base_ascii.h"

enum { ARENA_BLOCK = 4096 - 64, ARENA_BLOCK_MAX = 1 << 18, ARENA_ALIGN = alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *arena) { *arena = (struct arena){ NULL, 0 }; }

static void blocks_free(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void arena_done(struct arena *arena)
{
	blocks_free(arena->head);
	arena_init(arena);
}

void arena_reset(struct arena *arena)
{
	if (arena->head == NULL)
		return;
	blocks_free(arena->head->next);
	arena->head->next = NULL;
	memset(arena->head->bytes, 0, arena->head->used);
	arena->head->used = 0;
	arena->used = 0;
}

static struct arena_block *block_new(struct arena *arena, size_t least)
{
	size_t size = arena->head == NULL ? ARENA_BLOCK : arena->head->size * 2;
	if (size > ARENA_BLOCK_MAX)
		size = ARENA_BLOCK_MAX;
	if (size < least)
		size = least;
	if (size > SIZE_MAX - sizeof(struct arena_block))
		base_out_of_memory();
	struct arena_block *block = calloc(1, sizeof *block + size);
	if (block == NULL)
		base_out_of_memory();
	block->size = size;
	block->next = arena->head;
	arena->head = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX - ARENA_ALIGN)
		base_out_of_memory();
	size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	struct arena_block *block = arena->head;
	if (block == NULL || block->size - block->used < size)
		block = block_new(arena, size);
	void *p = block->bytes + block->used;
	block->used += size;
	arena->used += size;
	return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		base_out_of_memory();
	return arena_alloc(arena, count * size);
}

char *arena_cstr(struct arena *arena, struct view v)
{
	char *p = arena_alloc(arena, v.n + 1);
	if (v.n > 0)
		memcpy(p, v.p, v.n);
	return p;
}

struct view arena_view(struct arena *arena, struct view v) { return view_of(arena_cstr(arena, v), v.n); }

struct view arena_lower(struct arena *arena, struct view v)
{
	char *p = arena_cstr(arena, v);
	for (size_t i = 0; i < v.n; i++)
		p[i] = (char)ascii_lower((unsigned char)p[i]);
	return view_of(p, v.n);
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *p = arena_alloc(arena, (n < 0 ? 0 : (size_t)n) + 1);
	if (n > 0)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

enum err view_cstr(struct arena *arena, struct view v, const char **out, struct diag *diag)
{
	if (view_has_byte(v, 0))
		return diag_set(diag, ERR_DATA, "holds a NUL byte");
	*out = arena_cstr(arena, v);
	return ERR_OK;
}
