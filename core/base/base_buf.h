#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base_attr.h"
#include "base_err.h"
#include "base_view.h"

/*
 * Bytes being built, with a maximum.
 *
 * Invariants: n <= max; p is NULL or holds n bytes and a NUL behind them. When a write would pass max, nothing of it
 * is written, `over` is set and stays set, and all later writes do nothing: so a writer writes everything and asks
 * buf_err once. A view of the buffer is good until the next write.
 */
struct buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max;
	bool over;
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);  /* frees; the buffer can be used again */
void buf_reset(struct buf *buf); /* empty, keeps its memory */

/* ERR_OK, or ERR_LIMIT once a write did not fit. */
MUST_CHECK enum err buf_err(const struct buf *buf);

static inline struct view buf_view(const struct buf *buf) { return view_of(buf->p, buf->n); }

void buf_byte(struct buf *buf, int byte);
void buf_put(struct buf *buf, struct view v);
void buf_str(struct buf *buf, const char *s);
void buf_fill(struct buf *buf, int byte, size_t count);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_lower(struct buf *buf, struct view v); /* ASCII letters in lower case */
void buf_cut(struct buf *buf, size_t n);        /* shorten to n bytes */
void buf_drop(struct buf *buf, size_t n);       /* take n bytes away at the front */

/*
 * Room for n more bytes, to be filled by the caller and then counted with buf_grew; NULL when it would pass max.
 */
char *buf_room(struct buf *buf, size_t n);
void buf_grew(struct buf *buf, size_t n);

#define BUF_AUTO CLEANUP(buf_done)
