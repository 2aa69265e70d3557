#define _GNU_SOURCE /* memmem */
#include "base_view.h"

#include "base_ascii.h"

bool view_eq(struct view a, struct view b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

bool view_eq_case(struct view a, struct view b) { return a.n == b.n && view_cmp_case(a, b) == 0; }

int view_cmp(struct view a, struct view b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

int view_cmp_case(struct view a, struct view b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	for (size_t i = 0; i < n; i++) {
		int order = ascii_lower((unsigned char)a.p[i]) - ascii_lower((unsigned char)b.p[i]);
		if (order != 0)
			return order;
	}
	return (a.n > b.n) - (a.n < b.n);
}

bool view_starts(struct view v, struct view prefix) { return v.n >= prefix.n && view_eq(view_to(v, prefix.n), prefix); }

bool view_starts_case(struct view v, struct view prefix)
{
	return v.n >= prefix.n && view_eq_case(view_to(v, prefix.n), prefix);
}

bool view_ends(struct view v, struct view suffix)
{
	return v.n >= suffix.n && view_eq(view_from(v, v.n - suffix.n), suffix);
}

bool view_ends_case(struct view v, struct view suffix)
{
	return v.n >= suffix.n && view_eq_case(view_from(v, v.n - suffix.n), suffix);
}

size_t view_find_byte(struct view v, int byte)
{
	const char *at = v.n == 0 ? NULL : memchr(v.p, byte, v.n);
	return at == NULL ? SIZE_MAX : (size_t)(at - v.p);
}

size_t view_find(struct view v, struct view what)
{
	if (what.n == 0)
		return 0;
	const char *at = v.n == 0 ? NULL : memmem(v.p, v.n, what.p, what.n);
	return at == NULL ? SIZE_MAX : (size_t)(at - v.p);
}

/* Sixteen places at once: first and last octet are compared without the bit that tells cases apart. */
typedef unsigned char lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

static lanes load_lanes(const char *p)
{
	lanes v;
	memcpy(&v, p, sizeof v);
	return v;
}

static bool any_candidate(const char *p, size_t last_at, unsigned char first, unsigned char last)
{
	lanes fold = { 0 };
	fold |= 0x20;
	lanes found = (lanes)((load_lanes(p) | fold) == first) & (lanes)((load_lanes(p + last_at) | fold) == last);
	halves both = (halves)found;
	return (both[0] | both[1]) != 0;
}

size_t view_find_case(struct view v, struct view what)
{
	if (what.n == 0)
		return 0;
	unsigned char first = (unsigned char)what.p[0] | 0x20, last = (unsigned char)what.p[what.n - 1] | 0x20;
	size_t i = 0;
	while (i + what.n <= v.n) {
		if (i + what.n + 15 <= v.n && !any_candidate(v.p + i, what.n - 1, first, last)) {
			i += 16;
			continue;
		}
		size_t end = i + 16;
		for (; i < end && i + what.n <= v.n; i++)
			if (((unsigned char)v.p[i] | 0x20) == first &&
			    view_cmp_case(view_of(v.p + i, what.n), what) == 0)
				return i;
	}
	return SIZE_MAX;
}

bool view_has_8bit(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (ascii_is_8bit(view_at(v, i)))
			return true;
	return false;
}

bool view_has_ctl(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (ascii_is_ctl(view_at(v, i)))
			return true;
	return false;
}

struct view view_trim_end(struct view v)
{
	while (ascii_is_space(view_last(v)))
		v.n--;
	return v;
}

struct view view_trim(struct view v)
{
	while (ascii_is_space(view_at(v, 0)))
		v = view_from(v, 1);
	return view_trim_end(v);
}

struct view view_cut(struct view *rest, int sep)
{
	size_t at = view_find_byte(*rest, sep);
	struct view piece = *rest;
	if (at == SIZE_MAX) {
		*rest = view_of(NULL, 0);
		return piece;
	}
	*rest = view_from(piece, at + 1);
	return view_to(piece, at);
}

bool view_next_line(struct view *rest, struct view *line)
{
	if (rest->n == 0)
		return false;
	size_t at = view_find_byte(*rest, '\n');
	size_t n = at == SIZE_MAX ? rest->n : at;
	*line = view_to(*rest, n);
	if (at != SIZE_MAX && view_last(*line) == '\r')
		line->n--;
	*rest = view_from(*rest, at == SIZE_MAX ? n : at + 1);
	return true;
}

/* SipHash-1-3 (Aumasson and Bernstein): short, and hard to flood with equal hashes. */

static uint64_t rotl(uint64_t x, unsigned by) { return (x << by) | (x >> (64 - by)); }

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static uint64_t sip_hash(struct view in, uint64_t seed, bool fold)
{
	uint64_t v[4] = { seed ^ 0x736f6d6570736575U, ~seed ^ 0x646f72616e646f6dU, seed ^ 0x6c7967656e657261U,
			  ~seed ^ 0x7465646279746573U };
	uint64_t word = 0;
	for (size_t i = 0; i < in.n; i++) {
		int c = view_at(in, i);
		word |= (uint64_t)(fold ? ascii_lower(c) : c) << (8 * (i % 8));
		if (i % 8 == 7) {
			v[3] ^= word;
			sip_round(v);
			v[0] ^= word;
			word = 0;
		}
	}
	word |= (uint64_t)in.n << 56;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t view_hash(struct view v, uint64_t seed) { return sip_hash(v, seed, false); }

uint64_t view_hash_case(struct view v, uint64_t seed) { return sip_hash(v, seed, true); }
