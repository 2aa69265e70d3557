#include "dns_table.h"

#include "base_vec.h"

enum { TABLE_CHAIN_MAX = 8 };

struct failure {
	uint16_t type;
	enum dns_cause cause;
};

struct dns_table_node {
	struct {
		struct dns_rr *at;
		size_t n, cap;
	} rr;
	struct {
		struct failure *at;
		size_t n, cap;
	} failures;
};

static struct dns_table *table_of(struct dns_resolver *resolver)
{
	return (struct dns_table *)(void *)((char *)resolver - offsetof(struct dns_table, resolver));
}

/* The node of a name; those above it come to be as well, so that they are NODATA and not NXDOMAIN (RFC 8020). */
static struct dns_table_node *node_made(struct dns_table *table, struct dname name)
{
	struct dname own = dname_lower(table->arena, name);
	struct dns_table_node *node = NULL;
	for (unsigned labels = 1; labels <= own.labels; labels++) {
		void **at = map_put(&table->names, dname_suffix(own, labels).wire);
		if (*at == NULL)
			*at = arena_new(table->arena, struct dns_table_node);
		node = *at;
	}
	return node;
}

void dns_table_add(struct dns_table *table, struct dname name, const struct dns_rr *rr)
{
	struct dns_table_node *node = node_made(table, name);
	if (node != NULL)
		*VEC_PUSH(&node->rr, table->arena) = dns_rr_copy(table->arena, rr);
}

void dns_table_add_txt(struct dns_table *table, struct dname name, struct view text)
{
	enum { PIECE = 255 };
	size_t n = text.n == 0 ? 1 : (text.n + PIECE - 1) / PIECE;
	struct view *strings = arena_array(table->arena, n, sizeof *strings);
	for (size_t i = 0; i < n; i++)
		strings[i] = view_slice(text, i * PIECE, PIECE);
	const struct dns_rr rr = { .type = DNS_TXT, .ttl = 300, .txt = { strings, n, text } };
	dns_table_add(table, name, &rr);
}

void dns_table_fail(struct dns_table *table, struct dname name, uint16_t type, enum dns_cause cause)
{
	struct dns_table_node *node = node_made(table, name);
	if (node != NULL)
		*VEC_PUSH(&node->failures, table->arena) = (struct failure){ type, cause };
}

static enum dns_cause failure_of(const struct dns_table_node *node, uint16_t type)
{
	for (size_t i = 0; i < node->failures.n; i++)
		if (node->failures.at[i].type == type || node->failures.at[i].type == DNS_ANY)
			return node->failures.at[i].cause;
	return DNS_CAUSE_NONE;
}

static const struct dns_rr *cname_of(const struct dns_table_node *node, uint16_t type)
{
	for (size_t i = 0; type != DNS_CNAME && i < node->rr.n; i++)
		if (node->rr.at[i].type == DNS_CNAME)
			return &node->rr.at[i];
	return NULL;
}

static void collect(const struct dns_table *table, struct arena *arena, const struct dns_table_node *node,
		    uint16_t type, struct dns_answer *out)
{
	struct dns_rr *rr = arena_array(arena, node->rr.n, sizeof *rr);
	out->ttl = UINT32_MAX;
	for (size_t i = 0; i < node->rr.n; i++)
		if (node->rr.at[i].type == type) {
			rr[out->n++] = dns_rr_copy(arena, &node->rr.at[i]);
			out->ttl = node->rr.at[i].ttl < out->ttl ? node->rr.at[i].ttl : out->ttl;
		}
	out->rr = rr;
	out->status = out->n > 0 ? DNS_OK : DNS_NODATA;
	out->ttl = out->n > 0 ? out->ttl : 0;
	out->ad = table->ad;
}

/* false: this name is somebody else's. */
static bool answer_here(struct dns_table *table, struct arena *arena, struct dname name, uint16_t type,
			struct dns_answer *out)
{
	struct dname lower = dname_lower(arena, name);
	const struct dns_table_node *node = map_get(&table->names, lower.wire);
	if (table->inner != NULL && (node == NULL || node->rr.n + node->failures.n == 0))
		return false;
	table->asked++;
	*out = dns_answer_none(dname_copy(arena, name), DNS_NXDOMAIN);
	if (node == NULL)
		return true;
	enum dns_cause cause = failure_of(node, type);
	if (cause != DNS_CAUSE_NONE)
		*out = dns_answer_temp(out->canonical, cause);
	else
		collect(table, arena, node, type, out);
	out->rcode = cause == DNS_CAUSE_SERVFAIL ? 2 : cause == DNS_CAUSE_REFUSED ? 5 : 0;
	return true;
}

static void table_query(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
			struct dns_answer *out)
{
	struct dns_table *table = table_of(resolver);
	struct dns_question at = *question;
	struct dname *chain = arena_array(arena, TABLE_CHAIN_MAX, sizeof *chain);
	size_t n = 0;
	for (;; n++) {
		if (!answer_here(table, arena, at.name, at.type, out)) {
			(void)(dns_query(table->inner, arena, at, out) == DNS_OK);
			break;
		}
		struct dname lower = dname_lower(arena, at.name);
		const struct dns_table_node *node = map_get(&table->names, lower.wire);
		const struct dns_rr *cname = node == NULL || out->status == DNS_TEMP ? NULL : cname_of(node, at.type);
		if (cname == NULL)
			break;
		if (n == TABLE_CHAIN_MAX) {
			*out = dns_answer_temp(out->canonical, DNS_CAUSE_LOOP);
			break;
		}
		chain[n] = dname_copy(arena, at.name);
		at.name = cname->name;
	}
	if (n > 0 && out->chain_n == 0) {
		out->chain = chain;
		out->chain_n = n;
	}
	out->server = out->server.n == 0 ? VIEW("table") : out->server;
}

/* true: the table says something of the name itself. */
static bool is_here(const struct dns_table *table, struct dname name)
{
	struct arena arena;
	arena_init(&arena);
	const struct dns_table_node *node = map_get(&table->names, dname_lower(&arena, name).wire);
	arena_done(&arena);
	return table->inner == NULL || (node != NULL && node->rr.n + node->failures.n > 0);
}

static void table_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	struct dns_table *table = table_of(resolver);
	if (!is_here(table, question->name)) {
		dns_ask(table->inner, *question, ask);
		return;
	}
	struct arena arena;
	arena_init(&arena);
	struct dns_answer answer;
	table_query(resolver, &arena, question, &answer);
	ask->done(ask, &answer);
	arena_done(&arena);
}

static void table_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	dns_cancel(table_of(resolver)->inner, ask);
}

static void table_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	struct dns_table *table = table_of(resolver);
	for (size_t i = 0; i < n; i++)
		if (!is_here(table, questions[i].name))
			dns_prefetch(table->inner, &questions[i], 1);
}

static bool table_wait(struct dns_resolver *resolver)
{
	struct dns_table *table = table_of(resolver);
	return table->inner != NULL && dns_wait(table->inner);
}

void dns_table_init(struct dns_table *table, struct arena *arena, struct dns_resolver *inner)
{
	static const struct dns_ops ops = { .query = table_query,
					    .ask = table_ask,
					    .cancel = table_cancel,
					    .prefetch = table_prefetch,
					    .wait = table_wait };
	*table = (struct dns_table){ .resolver.ops = &ops, .inner = inner, .arena = arena };
	map_init(&table->names, arena, 0, false);
}
