#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base_attr.h"

/*
 * Bytes that somebody else owns: not terminated, may hold NUL. A view of nothing has n == 0; p is then never read.
 * Passed by value.
 */
struct view {
	const char *p;
	size_t n;
};

/* A view of a string literal. */
#define VIEW(literal) ((struct view){ "" literal, sizeof(literal) - 1 })
#define VIEW_INIT(literal)                                                                                             \
	{                                                                                                              \
		"" literal, sizeof(literal) - 1                                                                        \
	}

/* For printf's "%.*s". Only for bytes known to be harmless; others go through SHOW(). */
#define VIEW_ARG(v) (int)(v).n, (v).p

static inline struct view view_of(const void *p, size_t n) { return (struct view){ p, n }; }
static inline struct view view_str(const char *s) { return (struct view){ s, s == NULL ? 0 : strlen(s) }; }
static inline struct view view_none(void) { return (struct view){ "", 0 }; }
static inline bool view_empty(struct view v) { return v.n == 0; }

/* The byte at i as 0..255, or -1 past the end. */
static inline int view_at(struct view v, size_t i) { return i < v.n ? (unsigned char)v.p[i] : -1; }
static inline int view_last(struct view v) { return v.n == 0 ? -1 : (unsigned char)v.p[v.n - 1]; }

/* From byte `from`, at most n bytes; what lies outside is left out. */
static inline struct view view_slice(struct view v, size_t from, size_t n)
{
	if (from >= v.n)
		return view_of(v.n == 0 ? v.p : v.p + v.n, 0);
	size_t left = v.n - from;
	return view_of(v.p + from, n < left ? n : left);
}
static inline struct view view_from(struct view v, size_t from) { return view_slice(v, from, SIZE_MAX); }
static inline struct view view_to(struct view v, size_t n) { return view_slice(v, 0, n); }

bool view_eq(struct view a, struct view b);
bool view_eq_case(struct view a, struct view b); /* ASCII letters compared without case */
int view_cmp(struct view a, struct view b);      /* memcmp order, the shorter first */
int view_cmp_case(struct view a, struct view b);
bool view_starts(struct view v, struct view prefix);
bool view_starts_case(struct view v, struct view prefix);
bool view_ends(struct view v, struct view suffix);
bool view_ends_case(struct view v, struct view suffix);
static inline bool view_is(struct view v, const char *s) { return view_eq(v, view_str(s)); }
static inline bool view_is_case(struct view v, const char *s) { return view_eq_case(v, view_str(s)); }

/* Index of the first match, or SIZE_MAX. */
size_t view_find_byte(struct view v, int byte);
size_t view_find(struct view v, struct view what);
size_t view_find_case(struct view v, struct view what);
static inline bool view_has_byte(struct view v, int byte) { return view_find_byte(v, byte) != SIZE_MAX; }
bool view_has_8bit(struct view v);
bool view_has_ctl(struct view v); /* C0 or DEL, TAB too */

/* Without leading and trailing SP, TAB, CR, LF. */
struct view view_trim(struct view v);
struct view view_trim_end(struct view v);

/*
 * Cut *rest at the first `sep`: what stands before it is returned, *rest goes on behind it. Without a `sep` the whole
 * rest is returned and *rest becomes empty with p == NULL, so that `while (rest.p != NULL)` walks all pieces, empty ones too.
 */
struct view view_cut(struct view *rest, int sep);

/* The next line without its LF or CRLF; false at the end. *rest goes on behind the line end. */
bool view_next_line(struct view *rest, struct view *line);

uint64_t view_hash(struct view v, uint64_t seed);      /* SipHash-1-3; seed it from env where keys come from outside */
uint64_t view_hash_case(struct view v, uint64_t seed); /* the same for keys compared without case */
