#include "base_buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base_ascii.h"

enum { BUF_FIRST = 256 };

void buf_init(struct buf *buf, size_t max) { *buf = (struct buf){ .max = max }; }

void buf_done(struct buf *buf)
{
	free(buf->p);
	buf_init(buf, buf->max);
}

void buf_reset(struct buf *buf)
{
	buf->n = 0;
	buf->over = false;
	if (buf->p != NULL)
		buf->p[0] = '\0';
}

enum err buf_err(const struct buf *buf) { return buf->over ? ERR_LIMIT : ERR_OK; }

/* Twice the room, up to the maximum: never little by little, which would copy everything each time. */
static void buf_grow(struct buf *buf, size_t need)
{
	size_t cap = buf->cap < BUF_FIRST ? BUF_FIRST : buf->cap * 2;
	if (cap > buf->max)
		cap = buf->max;
	if (cap < need)
		cap = need;
	char *p = realloc(buf->p, cap + 1);
	if (p == NULL)
		base_out_of_memory();
	buf->p = p;
	buf->cap = cap;
}

char *buf_room(struct buf *buf, size_t n)
{
	if (buf->over || n > buf->max - buf->n) {
		buf->over = true;
		return NULL;
	}
	if (buf->p == NULL || n > buf->cap - buf->n)
		buf_grow(buf, buf->n + n);
	return buf->p + buf->n;
}

void buf_grew(struct buf *buf, size_t n)
{
	assert(n <= buf->cap - buf->n);
	buf->n += n;
	buf->p[buf->n] = '\0';
}

void buf_byte(struct buf *buf, int byte)
{
	char *room = buf_room(buf, 1);
	if (room == NULL)
		return;
	*room = (char)byte;
	buf_grew(buf, 1);
}

void buf_put(struct buf *buf, struct view v)
{
	if (v.n == 0)
		return;
	char *room = buf_room(buf, v.n);
	if (room == NULL)
		return;
	memcpy(room, v.p, v.n);
	buf_grew(buf, v.n);
}

void buf_str(struct buf *buf, const char *s) { buf_put(buf, view_str(s)); }

void buf_fill(struct buf *buf, int byte, size_t count)
{
	char *room = buf_room(buf, count);
	if (room == NULL)
		return;
	memset(room, byte, count);
	buf_grew(buf, count);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *room = n < 0 ? NULL : buf_room(buf, (size_t)n);
	if (room != NULL) {
		(void)vsnprintf(room, (size_t)n + 1, fmt, again);
		buf_grew(buf, (size_t)n);
	}
	va_end(again);
}

void buf_lower(struct buf *buf, struct view v)
{
	char *room = buf_room(buf, v.n);
	if (room == NULL)
		return;
	for (size_t i = 0; i < v.n; i++)
		room[i] = (char)ascii_lower(view_at(v, i));
	buf_grew(buf, v.n);
}

void buf_cut(struct buf *buf, size_t n)
{
	assert(n <= buf->n);
	buf->n = n;
	if (buf->p != NULL)
		buf->p[n] = '\0';
}

void buf_drop(struct buf *buf, size_t n)
{
	assert(n <= buf->n);
	if (n == 0)
		return;
	memmove(buf->p, buf->p + n, buf->n - n + 1);
	buf->n -= n;
}
