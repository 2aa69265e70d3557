#include "dmarc_walk.h"

#include "base_vec.h"

enum { TEXTS_MAX = 64 };

void dmarc_cache_init(struct dmarc_cache *cache, struct dns_resolver *resolver, struct arena *arena, uint64_t seed)
{
	*cache = (struct dmarc_cache){ .resolver = resolver, .arena = arena };
	map_init(&cache->steps, arena, seed, false);
	map_init(&cache->walks, arena, seed, false);
}

static bool question_for(struct dmarc_cache *cache, struct dname name, struct dname *out)
{
	return dname_prepend(cache->arena, VIEW("_dmarc"), name, out, NULL) == ERR_OK;
}

static void read_texts(struct dmarc_cache *cache, const struct dns_answer *answer, struct dmarc_step *step)
{
	struct view found = view_none();
	for (size_t i = 0; i < answer->n; i++) {
		struct view text = answer->rr[i].txt.joined;
		if (step->texts.n < TEXTS_MAX)
			*VEC_PUSH(&step->texts, cache->arena) = text;
		if (!dmarc_record_is(text))
			continue;
		step->records++;
		found = text;
	}
	if (step->records != 1)
		return;
	struct dmarc_record *record = arena_new(cache->arena, struct dmarc_record);
	dmarc_record_parse(found, cache->arena, record);
	step->record = record;
}

const struct dmarc_step *dmarc_step(struct dmarc_cache *cache, struct dname name)
{
	struct dmarc_step **place = (struct dmarc_step **)map_put(&cache->steps, name.wire);
	if (*place != NULL)
		return *place;
	struct dmarc_step *step = arena_new(cache->arena, struct dmarc_step);
	*place = step;
	step->name = name;
	if (!question_for(cache, name, &step->asked)) {
		step->status = DNS_NODATA;
		return step;
	}
	struct dns_answer answer;
	step->status = dns_query(cache->resolver, cache->arena, dns_question_of(step->asked, DNS_TXT), &answer);
	step->cause = answer.cause;
	read_texts(cache, &answer, step);
	return step;
}

/* The names of a walk (4.10, steps 3, 4 and 7). */
static size_t names_of(struct dname start, struct dname out[DMARC_WALK_MAX])
{
	size_t n = 0;
	out[n++] = start;
	unsigned labels = start.labels > DMARC_LABELS_KEPT ? DMARC_LABELS_KEPT : start.labels - 1;
	for (; labels > 0 && n < DMARC_WALK_MAX; labels--)
		out[n++] = dname_suffix(start, labels);
	return n;
}

/* All will be asked unless a psd tag ends the walk, which is rare: one round-trip instead of eight. */
static void prefetch(struct dmarc_cache *cache, const struct dname *names, size_t n)
{
	struct dns_question questions[DMARC_WALK_MAX];
	size_t count = 0;
	struct dname asked;
	for (size_t i = 0; i < n; i++)
		if (map_get(&cache->steps, names[i].wire) == NULL && question_for(cache, names[i], &asked))
			questions[count++] = dns_question_of(asked, DNS_TXT);
	if (count > 1)
		dns_prefetch(cache->resolver, questions, count);
}

/* 4.10.2: from the longest name to the shortest. */
static struct dname organizational(const struct dmarc_walk *walk)
{
	const struct dmarc_step *shortest = NULL;
	for (size_t i = 0; i < walk->n; i++) {
		const struct dmarc_step *step = walk->at[i];
		if (step->record == NULL)
			continue;
		if (step->record->psd == DMARC_PSD_N)
			return step->name;
		if (step->record->psd == DMARC_PSD_Y && i > 0)
			return dname_suffix(walk->start, step->name.labels + 1);
		shortest = step;
	}
	return shortest != NULL ? shortest->name : walk->start;
}

/* 4.10.1: of the Author Domain, of its Organizational Domain, of its Public Suffix Domain. */
static const struct dmarc_step *policy_of(const struct dmarc_walk *walk)
{
	const struct dmarc_step *suffix = NULL;
	for (size_t i = 0; i < walk->n; i++) {
		const struct dmarc_step *step = walk->at[i];
		if (step->record == NULL)
			continue;
		if (i == 0 || dname_eq(step->name, walk->organizational))
			return step;
		if (step->record->psd == DMARC_PSD_Y)
			suffix = step;
	}
	return suffix;
}

static void take_steps(struct dmarc_cache *cache, struct dmarc_walk *walk)
{
	struct dname names[DMARC_WALK_MAX];
	size_t n = names_of(walk->start, names);
	prefetch(cache, names, n);
	while (walk->n < n) {
		const struct dmarc_step *step = dmarc_step(cache, names[walk->n]);
		walk->at[walk->n++] = step;
		if (step->status == DNS_TEMP && !walk->temp) {
			walk->temp = true;
			walk->why = step;
		}
		if (step->record != NULL && step->record->psd != DMARC_PSD_U)
			break;
	}
}

const struct dmarc_walk *dmarc_walk(struct dmarc_cache *cache, struct dname name)
{
	name = dname_lower(cache->arena, name);
	const struct dmarc_walk *known = map_get(&cache->walks, name.wire);
	if (known != NULL)
		return known;
	struct dmarc_walk *walk = arena_new(cache->arena, struct dmarc_walk);
	walk->start = name;
	walk->organizational = name;
	if (!dname_is_root(name) && dname_is_set(name)) {
		take_steps(cache, walk);
		walk->organizational = organizational(walk);
		walk->policy = policy_of(walk);
	}
	*map_put(&cache->walks, walk->start.wire) = walk;
	return walk;
}

enum dns_status dmarc_exists(struct dmarc_cache *cache, struct dname name)
{
	struct dns_answer answer;
	return dns_query(cache->resolver, cache->arena, dns_question_of(name, DNS_A), &answer);
}
