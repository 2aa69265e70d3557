/*
 * The phrases by which reports in plain words are known, all looked for in one pass. The automaton is made when the
 * first such report comes, in a fraction of a millisecond, and kept in the classifier.
 */
#include "bounce_format_priv.h"

#include <stdlib.h>

#include "base_ascii.h"

struct bounce_marks {
	struct arena arena;
	struct map ids; /* phrase -> index + 1 */
	struct bounce_ac ac;
};

static void collect(struct bounce_marks *marks, const char *phrase, struct bounce_ac_word *words, size_t *n)
{
	if (phrase == NULL)
		return;
	void **slot = map_put(&marks->ids, view_str(phrase));
	if (*slot != NULL)
		return;
	words[(*n)++] = (struct bounce_ac_word){ view_str(phrase), false };
	*slot = (void *)(uintptr_t)*n;
}

static struct bounce_marks *marks_make(void)
{
	struct bounce_marks *marks = calloc(1, sizeof *marks);
	if (marks == NULL)
		base_out_of_memory();
	map_init(&marks->ids, &marks->arena, 0, false);
	struct bounce_ac_word *words = arena_array(&marks->arena, BOUNCE_PHRASES_MAX, sizeof *words);
	size_t n = 0;
	for (const struct bounce_format *f = bounce_formats; f->name != NULL; f++) {
		collect(marks, f->from, words, &n);
		collect(marks, f->subject, words, &n);
		collect(marks, f->body, words, &n);
	}
	for (size_t i = 0; bounce_mark_lists[i] != NULL; i++)
		for (const char *const *phrase = bounce_mark_lists[i]; *phrase != NULL; phrase++)
			collect(marks, *phrase, words, &n);
	bounce_ac_build(words, n, &marks->arena, &marks->ac);
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

bool bounce_marked(const struct bounce_marked *marked, const struct bounce_hits *where, const char *phrase)
{
	if (phrase == NULL)
		return true;
	uintptr_t id = (uintptr_t)map_get(&marked->marks->ids, view_str(phrase));
	return id != 0 && bounce_hit(where, (uint32_t)(id - 1));
}

bool bounce_marked_any(const struct bounce_marked *marked, const struct bounce_hits *where, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (bounce_marked(marked, where, *phrases))
			return true;
	return false;
}
