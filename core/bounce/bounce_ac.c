#include "bounce_ac.h"

#include <assert.h>

#include "base_ascii.h"
#include "base_vec.h"

static uint32_t step(const struct bounce_ac *ac, uint32_t state, unsigned char byte)
{
	while (state != 0) {
		const struct bounce_ac_state *s = &ac->states[state];
		for (uint32_t i = s->first_edge; i < s->first_edge + s->edge_count; i++)
			if (ac->edge_bytes[i] == byte)
				return ac->edge_states[i];
		state = s->fail;
	}
	return ac->root[byte];
}

/* A phrase that wants whole words counts only when both its neighbours are no part of a word. */
static bool fits(const struct bounce_phrase *phrase, struct view text, size_t end)
{
	if (phrase->whole == 0)
		return true;
	size_t start = end - phrase->length;
	bool before = start > 0 && ascii_is_alnum(view_at(text, start - 1)) && ascii_is_alnum(view_at(text, start));
	return !before && !(ascii_is_alnum(view_at(text, end)) && ascii_is_alnum(view_at(text, end - 1)));
}

static void mark(const struct bounce_ac *ac, uint32_t state, struct view text, size_t end, struct bounce_hits *hits)
{
	for (uint32_t s = state; s != 0; s = ac->states[s].shorter) {
		for (uint32_t p = ac->states[s].phrase; p != 0; p = ac->phrases[p - 1].same_end)
			if (fits(&ac->phrases[p - 1], text, end))
				hits->bits[(p - 1) / 64] |= UINT64_C(1) << (p - 1) % 64;
	}
}

void bounce_ac_scan(const struct bounce_ac *ac, struct view text, struct bounce_hits *hits)
{
	uint32_t state = 0;
	for (size_t i = 0; i < text.n; i++) {
		state = step(ac, state, (unsigned char)text.p[i]);
		if (state != 0)
			mark(ac, state, text, i + 1, hits);
	}
}

/*
 * While it is built, the tree has first-child and next-sibling links, which grow easily; the edges are laid out as
 * arrays at the end.
 */
struct node {
	uint32_t child, sibling;
	unsigned char byte;
	uint32_t phrase;
};

struct tree {
	struct node *at;
	size_t n, cap;
};

static uint32_t child_of(const struct tree *tree, uint32_t node, unsigned char byte)
{
	uint32_t c = tree->at[node].child;
	while (c != 0 && tree->at[c].byte != byte)
		c = tree->at[c].sibling;
	return c;
}

static uint32_t add_path(struct tree *tree, struct view text, struct arena *arena)
{
	uint32_t node = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char byte = (unsigned char)text.p[i];
		uint32_t next = child_of(tree, node, byte);
		if (next == 0) {
			next = (uint32_t)tree->n;
			*VEC_PUSH(tree, arena) = (struct node){ .byte = byte, .sibling = tree->at[node].child };
			tree->at[node].child = next;
		}
		node = next;
	}
	return node;
}

static struct bounce_phrase *add_phrases(struct tree *tree, const struct bounce_ac_word *words, size_t count,
					 struct arena *arena)
{
	struct bounce_phrase *phrases = arena_array(arena, count, sizeof *phrases);
	for (size_t i = 0; i < count; i++) {
		assert(words[i].text.n > 0 && words[i].text.n <= UINT16_MAX);
		uint32_t end = add_path(tree, words[i].text, arena);
		phrases[i] = (struct bounce_phrase){ .length = (uint16_t)words[i].text.n,
						     .whole = words[i].whole,
						     .same_end = tree->at[end].phrase };
		tree->at[end].phrase = (uint32_t)i + 1;
	}
	return phrases;
}

/* Edges of each node side by side, and the dense ones of the root. */
static void lay_out(const struct tree *tree, struct bounce_ac_state *states, struct arena *arena, struct bounce_ac *out)
{
	unsigned char *bytes = arena_array(arena, tree->n, sizeof *bytes);
	uint32_t *to = arena_array(arena, tree->n, sizeof *to);
	uint32_t n = 0;
	for (uint32_t i = 0; i < tree->n; i++) {
		states[i].phrase = tree->at[i].phrase;
		states[i].first_edge = n;
		for (uint32_t c = tree->at[i].child; c != 0; c = tree->at[c].sibling) {
			bytes[n] = tree->at[c].byte;
			to[n++] = c;
			if (i == 0)
				out->root[tree->at[c].byte] = c;
		}
		states[i].edge_count = (uint16_t)(n - states[i].first_edge);
	}
	out->edge_bytes = bytes;
	out->edge_states = to;
	out->edge_count = n;
}

/* Breadth first: a state's fail link leads to the longest proper suffix that is a state as well. */
static void link_states(struct bounce_ac *ac, struct bounce_ac_state *states, struct arena *arena)
{
	uint32_t *queue = arena_array(arena, ac->state_count, sizeof *queue);
	size_t head = 0, tail = 0;
	queue[tail++] = 0;
	while (head < tail) {
		uint32_t s = queue[head++];
		for (uint32_t e = states[s].first_edge; e < states[s].first_edge + states[s].edge_count; e++) {
			uint32_t to = ac->edge_states[e];
			states[to].fail = s == 0 ? 0 : step(ac, states[s].fail, ac->edge_bytes[e]);
			uint32_t fail = states[to].fail;
			states[to].shorter = states[fail].phrase != 0 ? fail : states[fail].shorter;
			queue[tail++] = to;
		}
	}
}

void bounce_ac_build(const struct bounce_ac_word *words, size_t count, struct arena *arena, struct bounce_ac *out)
{
	assert(count <= BOUNCE_PHRASES_MAX);
	struct tree tree = { 0 };
	*VEC_PUSH(&tree, arena) = (struct node){ 0 };
	*out = (struct bounce_ac){ .phrase_count = (uint32_t)count };
	out->phrases = add_phrases(&tree, words, count, arena);
	struct bounce_ac_state *states = arena_array(arena, tree.n, sizeof *states);
	out->states = states;
	out->state_count = (uint32_t)tree.n;
	lay_out(&tree, states, arena, out);
	link_states(out, states, arena);
}
