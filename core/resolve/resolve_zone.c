#include "resolve_zone.h"

#include <stdlib.h>

#include "base_ascii.h"
#include "resolve_zone_priv.h"

enum { CHAIN_MAX = 16, DOUBLES_MAX = 1000 };

/* A name in lower case with its labels' offsets, for look-ups of all its suffixes. */
struct lowered {
	char octets[DNAME_MAX];
	struct dname name;
};

static void lower(struct dname name, struct lowered *out)
{
	for (size_t i = 0; i < name.wire.n; i++)
		out->octets[i] = (char)ascii_lower(view_at(name.wire, i));
	out->name = (struct dname){ view_of(out->octets, name.wire.n), name.labels };
}

struct zone_node *zone_store_find(const struct resolve_zone *zone, struct view lower_wire)
{
	return map_get(&zone->nodes, lower_wire);
}

/* The node of a name; those above it come to be as well: empty non-terminals (RFC 4592 2.2.2). */
static struct zone_node *node_made(struct resolve_zone *zone, struct dname owner)
{
	struct lowered own;
	lower(owner, &own);
	struct zone_node *node = zone_store_find(zone, own.name.wire);
	if (node != NULL)
		return node;
	struct dname kept = dname_copy(&zone->arena, own.name);
	for (struct dname at = kept;; at = dname_parent(at)) {
		void **place = map_put(&zone->nodes, at.wire);
		if (*place != NULL)
			break;
		*place = arena_new(&zone->arena, struct zone_node);
		if (at.labels == 0)
			break;
	}
	return zone_store_find(zone, kept.wire);
}

/* Names with very many records are not searched: that would take time by the square. */
static bool is_double(const struct zone_node *node, const struct dns_rr *rr)
{
	if (node->n > DOUBLES_MAX)
		return false;
	for (const struct resolve_zone_record *at = node->first; at != NULL; at = at->next)
		if (at->rr.type == rr->type && dns_rr_eq(&at->rr, rr))
			return true;
	return false;
}

void zone_store_add(struct resolve_zone *zone, struct resolve_zone_record *record)
{
	*VEC_PUSH(&zone->records, &zone->arena) = record;
	struct zone_node *node = node_made(zone, record->owner);
	if (is_double(node, &record->rr)) {
		record->flags |= ZONE_DUPLICATE;
		return;
	}
	if (node->last == NULL)
		node->first = record;
	else
		node->last->next = record;
	node->last = record;
	node->n++;
	node->apex = node->apex || record->rr.type == DNS_SOA;
	node->ns = node->ns || record->rr.type == DNS_NS;
	node->dname = node->dname || record->rr.type == DNS_DNAME;
}

/* Where a name stands. */
struct place {
	const struct zone_node *apex;  /* NULL: in no zone */
	const struct zone_node *node;  /* NULL: it is not there */
	struct dname encloser;         /* the nearest name above it that is there */
	const struct zone_node *dname; /* a DNAME above it */
	unsigned dname_labels;
	bool delegated;
};

static struct place find_place(const struct resolve_zone *zone, struct dname name)
{
	struct place place = { .node = zone_store_find(zone, name.wire) };
	unsigned apex = 0;
	for (unsigned labels = 0; labels <= name.labels; labels++) {
		struct dname at = dname_suffix(name, labels);
		const struct zone_node *node = labels == name.labels ? place.node : zone_store_find(zone, at.wire);
		if (node == NULL)
			break;
		place.encloser = at;
		if (node->apex) {
			place.apex = node;
			apex = labels;
			place.delegated = false;
			place.dname = NULL;
		} else if (place.apex != NULL && node->ns && labels > apex) {
			place.delegated = true;
		}
		if (node->dname && labels < name.labels && !place.delegated) {
			place.dname = node;
			place.dname_labels = labels;
		}
	}
	return place;
}

static const struct resolve_zone_record *first_of(const struct zone_node *node, uint16_t type)
{
	const struct resolve_zone_record *record = node == NULL ? NULL : node->first;
	while (record != NULL && record->rr.type != type)
		record = record->next;
	return record;
}

static void take_records(struct arena *arena, const struct zone_node *node, uint16_t type, struct dns_answer *out)
{
	size_t n = 0;
	for (const struct resolve_zone_record *at = node->first; at != NULL; at = at->next)
		n += at->rr.type == type || type == DNS_ANY;
	if (n == 0)
		return;
	struct dns_rr *rr = arena_array(arena, n, sizeof *rr);
	out->rr = rr;
	out->ttl = UINT32_MAX;
	for (const struct resolve_zone_record *at = node->first; at != NULL; at = at->next) {
		if (at->rr.type != type && type != DNS_ANY)
			continue;
		rr[out->n++] = at->rr;
		out->server = view_str(at->file);
		if (at->rr.ttl < out->ttl)
			out->ttl = at->rr.ttl;
	}
	out->status = DNS_OK;
}

/* RFC 4592 3.3: the wildcard of the closest encloser, if that has one. */
static const struct zone_node *wildcard_of(const struct resolve_zone *zone, struct dname encloser)
{
	char wire[DNAME_MAX] = { 1, '*' };
	if (encloser.wire.n + 2 > sizeof wire)
		return NULL;
	memcpy(wire + 2, encloser.wire.p, encloser.wire.n);
	return zone_store_find(zone, view_of(wire, encloser.wire.n + 2));
}

/* Behind a DNAME (RFC 6672): what stands before its owner goes before its target. */
static bool follow_dname(struct arena *arena, struct dname name, const struct place *place, struct dname *target)
{
	const struct resolve_zone_record *record = first_of(place->dname, DNS_DNAME);
	size_t front = name.wire.n - dname_suffix(name, place->dname_labels).wire.n;
	char wire[DNAME_MAX];
	if (record == NULL || front + 1 > sizeof wire)
		return false;
	memcpy(wire, name.wire.p, front);
	wire[front] = 0;
	struct dname head = { view_of(wire, front + 1), name.labels - place->dname_labels };
	return dname_join(arena, head, record->rr.name, target, NULL) == ERR_OK;
}

enum step { STEP_DONE, STEP_FOLLOW, STEP_OUTSIDE };

/* Nothing is known below a delegation but glue and the delegation itself. */
static enum step answer_delegated(struct arena *arena, const struct place *place, uint16_t type, struct dns_answer *out)
{
	bool glue = type == DNS_A || type == DNS_AAAA || type == DNS_NS || type == DNS_DS;
	if (!glue || first_of(place->node, type) == NULL)
		return STEP_OUTSIDE;
	take_records(arena, place->node, type, out);
	return STEP_DONE;
}

/* One link of the chain: out->canonical is asked for. */
static enum step answer_step(struct resolve_zone *zone, struct arena *arena, uint16_t type, struct dns_answer *out,
			     struct dname *target)
{
	struct lowered name;
	lower(out->canonical, &name);
	struct place place = find_place(zone, name.name);
	if (place.delegated)
		return answer_delegated(arena, &place, type, out);
	const struct zone_node *node = place.node;
	if (node == NULL && place.dname != NULL && follow_dname(arena, out->canonical, &place, target))
		return STEP_FOLLOW;
	if (node == NULL && dname_is_set(place.encloser) && (place.apex != NULL || place.encloser.labels > 0)) {
		node = wildcard_of(zone, place.encloser);
		out->wildcard = out->wildcard || node != NULL;
	}
	const struct resolve_zone_record *soa = first_of(place.apex, DNS_SOA);
	if (soa != NULL) {
		out->server = view_str(soa->file);
		out->ttl = soa->rr.soa.minimum < soa->rr.ttl ? soa->rr.soa.minimum : soa->rr.ttl;
	}
	if (node == NULL || (place.apex == NULL && node->first == NULL)) {
		out->status = node == NULL ? DNS_NXDOMAIN : DNS_NODATA;
		return place.apex == NULL ? STEP_OUTSIDE : STEP_DONE;
	}
	const struct resolve_zone_record *cname = first_of(node, DNS_CNAME);
	if (cname != NULL && type != DNS_CNAME && type != DNS_ANY) {
		*target = cname->rr.name;
		return STEP_FOLLOW;
	}
	out->status = DNS_NODATA;
	take_records(arena, node, type, out);
	return STEP_DONE;
}

static bool in_chain(const struct dns_answer *answer, const struct dname *chain, struct dname name)
{
	for (size_t i = 0; i < answer->chain_n; i++)
		if (dname_eq(chain[i], name))
			return true;
	return dname_eq(answer->canonical, name);
}

/* From the files alone. False: out->canonical lies outside and `inner` must be asked, out->chain leads there. */
static bool answer_local(struct resolve_zone *zone, struct arena *arena, const struct dns_question *question,
			 struct dns_answer *out)
{
	*out = dns_answer_none(question->name, DNS_NXDOMAIN);
	struct dname *chain = NULL;
	for (;;) {
		struct dname target;
		enum step step = answer_step(zone, arena, question->type, out, &target);
		if (step != STEP_FOLLOW) {
			out->rcode = out->status == DNS_NXDOMAIN ? 3 : 0;
			return step == STEP_DONE || zone->inner == NULL;
		}
		if (chain == NULL)
			chain = arena_array(arena, CHAIN_MAX, sizeof *chain);
		if (out->chain_n == CHAIN_MAX || in_chain(out, chain, target)) {
			*out = dns_answer_temp(question->name, DNS_CAUSE_LOOP);
			return true;
		}
		chain[out->chain_n++] = out->canonical;
		out->chain = chain;
		out->canonical = target;
		out->status = DNS_NXDOMAIN;
	}
}

/* What inner said about the end of the chain, as the answer to the whole question. */
static void put_chain_before(struct arena *arena, const struct dns_answer *local, struct dns_answer *answer)
{
	if (local->chain_n == 0)
		return;
	struct dname *chain = arena_array(arena, local->chain_n + answer->chain_n, sizeof *chain);
	memcpy(chain, local->chain, local->chain_n * sizeof *chain);
	if (answer->chain_n > 0)
		memcpy(chain + local->chain_n, answer->chain, answer->chain_n * sizeof *chain);
	answer->chain = chain;
	answer->chain_n += local->chain_n;
	answer->ad = DNS_AD_NO;
}

static struct resolve_zone *zone_of(struct dns_resolver *resolver)
{
	return (struct resolve_zone *)(void *)((char *)resolver - offsetof(struct resolve_zone, resolver));
}

static void zone_query(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
		       struct dns_answer *out)
{
	struct resolve_zone *zone = zone_of(resolver);
	if (answer_local(zone, arena, question, out))
		return;
	struct dns_answer local = *out;
	struct dns_question onward = *question;
	onward.name = local.canonical;
	(void)(dns_query(zone->inner, arena, onward, out) == DNS_OK); /* all of it is in *out */
	put_chain_before(arena, &local, out);
}

/* A question whose chain began in a file and is now asked of inner. */
struct onward {
	struct dns_ask inner;
	struct dns_ask *asker;
	struct resolve_zone *zone;
	struct arena arena;
	struct dns_answer local;
};

static void onward_free(struct onward *onward)
{
	arena_done(&onward->arena);
	free(onward);
}

static void onward_done(struct dns_ask *ask, const struct dns_answer *answer)
{
	struct onward *onward = (struct onward *)(void *)((char *)ask - offsetof(struct onward, inner));
	struct dns_answer whole = *answer;
	put_chain_before(&onward->arena, &onward->local, &whole);
	onward->asker->pending = NULL;
	onward->asker->done(onward->asker, &whole);
	onward_free(onward);
}

static void zone_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	struct resolve_zone *zone = zone_of(resolver);
	struct onward *onward = calloc(1, sizeof *onward);
	if (onward == NULL)
		base_out_of_memory();
	struct dns_answer *local = &onward->local;
	if (answer_local(zone, &onward->arena, question, local)) {
		ask->done(ask, local);
		onward_free(onward);
		return;
	}
	struct dns_question next = *question;
	next.name = local->canonical;
	onward->asker = ask;
	onward->zone = zone;
	onward->inner.done = onward_done;
	ask->pending = onward;
	dns_ask(zone->inner, next, &onward->inner);
}

static void zone_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	(void)resolver;
	struct onward *onward = ask->pending;
	ask->pending = NULL;
	dns_cancel(onward->zone->inner, &onward->inner);
	onward_free(onward);
}

static void zone_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	struct resolve_zone *zone = zone_of(resolver);
	for (size_t i = 0; i < n && zone->inner != NULL; i++) {
		struct lowered name;
		lower(questions[i].name, &name);
		struct place place = find_place(zone, name.name);
		if ((place.apex == NULL && place.node == NULL) || place.delegated)
			dns_prefetch(zone->inner, &questions[i], 1);
	}
}

static bool zone_wait(struct dns_resolver *resolver)
{
	struct resolve_zone *zone = zone_of(resolver);
	return zone->inner != NULL && dns_wait(zone->inner);
}

static void zone_close(struct dns_resolver *resolver)
{
	struct resolve_zone *zone = zone_of(resolver);
	resolve_zone_close(&zone);
}

struct resolve_zone *resolve_zone_new(struct dns_resolver *inner)
{
	static const struct dns_ops ops = { .query = zone_query,
					    .ask = zone_ask,
					    .cancel = zone_cancel,
					    .prefetch = zone_prefetch,
					    .wait = zone_wait,
					    .close = zone_close };
	struct resolve_zone *zone = calloc(1, sizeof *zone);
	if (zone == NULL)
		base_out_of_memory();
	zone->resolver.ops = &ops;
	zone->inner = inner;
	map_init(&zone->nodes, &zone->arena, 0x706f7374686f726e, false);
	return zone;
}

struct dns_resolver *resolve_zone_resolver(struct resolve_zone *zone) { return &zone->resolver; }

void resolve_zone_close(struct resolve_zone **zone)
{
	if (*zone == NULL)
		return;
	arena_done(&(*zone)->arena);
	free(*zone);
	*zone = NULL;
}

const struct resolve_zone_fault *resolve_zone_faults(const struct resolve_zone *zone, size_t *n)
{
	*n = zone->faults.n;
	return zone->faults.at;
}

struct resolve_zone_record *const *resolve_zone_records(const struct resolve_zone *zone, size_t *n)
{
	*n = zone->records.n;
	return zone->records.at;
}

bool resolve_zone_apex(const struct resolve_zone *zone, struct dname name, struct dname *out)
{
	struct lowered own;
	lower(name, &own);
	const struct resolve_zone_record *soa = first_of(find_place(zone, own.name).apex, DNS_SOA);
	if (soa == NULL)
		return false;
	*out = soa->owner;
	return true;
}
