/*
 * The phrases by which reports in plain words are known, all looked for in one pass. The automaton is made when the
 * first such report comes, in a fraction of a millisecond, and kept in the classifier.
 */
#include "bounce_format_priv.h"

#include <stdlib.h>

#include "base_ascii.h"

enum { MARK_LISTS_MAX = 8 };

/* Phrases by number: 0 is no phrase, else its index in the automaton + 1. */
struct format_ids {
	uint32_t from, subject, body;
};

struct bounce_marks {
	struct arena arena;
	struct bounce_ac ac;
	struct format_ids *formats;      /* one a row of bounce_formats */
	uint32_t *lists[MARK_LISTS_MAX]; /* one a list of bounce_mark_lists, 0 behind the last phrase */
};

/* While they are collected: the same phrase twice gets one number. */
struct collector {
	struct map ids;
	struct bounce_ac_word *words;
	uint32_t n;
};

static uint32_t collect(struct collector *collector, const char *phrase)
{
	if (phrase == NULL)
		return 0;
	void **slot = map_put(&collector->ids, view_str(phrase));
	if (*slot == NULL) {
		collector->words[collector->n++] = (struct bounce_ac_word){ view_str(phrase), false };
		*slot = (void *)(uintptr_t)collector->n;
	}
	return (uint32_t)(uintptr_t)*slot;
}

static void collect_formats(struct bounce_marks *marks, struct collector *collector)
{
	size_t n = 0;
	while (bounce_formats[n].name != NULL)
		n++;
	marks->formats = arena_array(&marks->arena, n, sizeof *marks->formats);
	for (size_t i = 0; i < n; i++)
		marks->formats[i] = (struct format_ids){ collect(collector, bounce_formats[i].from),
							 collect(collector, bounce_formats[i].subject),
							 collect(collector, bounce_formats[i].body) };
}

static void collect_list(struct bounce_marks *marks, struct collector *collector, size_t list)
{
	size_t n = 0;
	while (bounce_mark_lists[list][n] != NULL)
		n++;
	marks->lists[list] = arena_array(&marks->arena, n + 1, sizeof(uint32_t));
	for (size_t i = 0; i < n; i++)
		marks->lists[list][i] = collect(collector, bounce_mark_lists[list][i]);
}

static struct bounce_marks *marks_make(void)
{
	struct bounce_marks *marks = calloc(1, sizeof *marks);
	if (marks == NULL)
		base_out_of_memory();
	struct collector collector = { 0 };
	map_init(&collector.ids, &marks->arena, 0, false);
	collector.words = arena_array(&marks->arena, BOUNCE_PHRASES_MAX, sizeof *collector.words);
	collect_formats(marks, &collector);
	for (size_t i = 0; i < MARK_LISTS_MAX && bounce_mark_lists[i] != NULL; i++)
		collect_list(marks, &collector, i);
	bounce_ac_build(collector.words, collector.n, &marks->arena, &marks->ac);
	return marks;
}

void bounce_marks_done(struct bounce_marks *marks)
{
	if (marks == NULL)
		return;
	arena_done(&marks->arena);
	free(marks);
}

static void scan(const struct bounce_marks *marks, struct view text, struct buf *scratch, struct bounce_hits *hits)
{
	memset(hits, 0, (marks->ac.phrase_count / 64 + 1) * sizeof hits->bits[0]);
	buf_reset(scratch);
	buf_lower(scratch, view_to(text, FORMAT_BODY_MAX));
	bounce_ac_scan(&marks->ac, buf_view(scratch), hits);
}

void bounce_marks_find(const struct bounce_reader *reader, struct bounce_marked *out)
{
	struct bounce_classifier *classifier = reader->classifier;
	if (classifier->marks == NULL)
		classifier->marks = marks_make();
	out->marks = classifier->marks;
	scan(out->marks, reader->from, &classifier->scratch, &out->from);
	scan(out->marks, reader->subject, &classifier->scratch, &out->subject);
	scan(out->marks, reader->text, &classifier->scratch, &out->body);
}

static bool hit(const struct bounce_hits *where, uint32_t id) { return id == 0 || bounce_hit(where, id - 1); }

bool bounce_marked(const struct bounce_marked *marked, const struct bounce_format *format)
{
	const struct format_ids *ids = &marked->marks->formats[format - bounce_formats];
	return hit(&marked->body, ids->body) && hit(&marked->from, ids->from) && hit(&marked->subject, ids->subject);
}

bool bounce_marked_any(const struct bounce_marked *marked, const struct bounce_hits *where, const char *const *phrases)
{
	size_t list = 0;
	while (bounce_mark_lists[list] != phrases)
		list++;
	for (const uint32_t *id = marked->marks->lists[list]; *id != 0; id++)
		if (hit(where, *id))
			return true;
	return false;
}
