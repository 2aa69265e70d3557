#pragma once

#include <stdbool.h>

#include "base_ascii.h"
#include "base_err.h"
#include "base_view.h"

/*
 * A cursor over a view with a sticky error: take, take, take, check once. Once `bad` is set, every take fails and
 * nothing moves, so that the place of the first fault is kept.
 */
struct cur {
	struct view in;
	size_t at;
	bool bad;
};

static inline struct cur cur_of(struct view in) { return (struct cur){ in, 0, false }; }

/* The next byte as 0..255, or -1 at the end or after a fault. */
static inline int cur_peek(const struct cur *cur) { return cur->bad ? -1 : view_at(cur->in, cur->at); }
static inline bool cur_end(const struct cur *cur) { return cur->bad || cur->at >= cur->in.n; }
static inline struct view cur_rest(const struct cur *cur) { return view_from(cur->in, cur->at); }
static inline bool cur_ok(const struct cur *cur) { return !cur->bad; }
static inline bool cur_done(const struct cur *cur) { return !cur->bad && cur->at >= cur->in.n; }

static inline bool cur_fail(struct cur *cur)
{
	cur->bad = true;
	return false;
}

static inline void cur_skip(struct cur *cur)
{
	if (!cur_end(cur))
		cur->at++;
}

/* Optional: take it if it is there. */
bool cur_try(struct cur *cur, int byte);
bool cur_try_view(struct cur *cur, struct view what);
bool cur_try_case(struct cur *cur, struct view what);

/* Required: a fault if it is not there. */
bool cur_need(struct cur *cur, int byte);

/* The longest run of bytes in a class (may be empty); cur_need_while demands at least one. */
struct view cur_while(struct cur *cur, bool (*in_class)(int));
struct view cur_need_while(struct cur *cur, bool (*in_class)(int));

/* Everything before `byte`, which is not taken; the whole rest when it does not come. */
struct view cur_until(struct cur *cur, int byte);

/* What was taken since `from`. */
static inline struct view cur_since(const struct cur *cur, size_t from)
{
	return view_slice(cur->in, from, cur->at - from);
}

void cur_skip_wsp(struct cur *cur); /* SP and TAB */
void cur_skip_fws(struct cur *cur); /* SP, TAB, CR, LF */

/* Decimal digits, at least one; a fault when there is none or the value passes max. */
uint64_t cur_need_uint(struct cur *cur, uint64_t max);

/* Line and column of the cursor, from 1. */
void cur_place(const struct cur *cur, unsigned *line, unsigned *column);
