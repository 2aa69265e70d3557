#include "resolve_net.h"

#include <stdio.h>
#include <stdlib.h>

#include "resolve_net_priv.h"

static struct resolve_net *net_of(struct dns_resolver *resolver)
{
	return (struct resolve_net *)(void *)((char *)resolver - offsetof(struct resolve_net, resolver));
}

void resolve_random(struct resolve_net *net, void *out, size_t n)
{
	if (net->random_left < n) {
		env_random(net->config.env, net->random, sizeof net->random);
		net->random_left = sizeof net->random;
	}
	net->random_left -= n;
	memcpy(out, net->random + net->random_left, n);
}

/* Lookups: one for all who ask the same at the same time. */

static struct resolve_lookup **bucket_of(struct resolve_net *net, uint64_t hash)
{
	return &net->buckets[hash % RESOLVE_BUCKETS];
}

static struct resolve_lookup *lookup_find(struct resolve_net *net, struct view key, uint64_t hash, unsigned flags)
{
	struct resolve_lookup *lookup = *bucket_of(net, hash);
	while (lookup != NULL &&
	       (lookup->hash != hash || lookup->question.flags != flags || !view_eq(lookup->key, key)))
		lookup = lookup->bucket_next;
	return lookup;
}

static void lookup_leave_bucket(struct resolve_lookup *lookup)
{
	for (struct resolve_lookup **at = bucket_of(lookup->net, lookup->hash); *at != NULL; at = &(*at)->bucket_next)
		if (*at == lookup) {
			*at = lookup->bucket_next;
			return;
		}
}

static struct resolve_lookup *lookup_memory(struct resolve_net *net)
{
	struct resolve_lookup *lookup = net->spare;
	struct arena arena;
	arena_init(&arena);
	if (lookup == NULL) {
		lookup = malloc(sizeof *lookup);
		if (lookup == NULL)
			base_out_of_memory();
	} else {
		net->spare = lookup->next;
		net->spare_n--;
		arena = lookup->arena;
	}
	*lookup = (struct resolve_lookup){ .net = net, .arena = arena };
	return lookup;
}

static void lookup_free(struct resolve_lookup *lookup)
{
	struct resolve_net *net = lookup->net;
	if (net->spare_n >= RESOLVE_SPARE) {
		arena_done(&lookup->arena);
		free(lookup);
		return;
	}
	arena_reset(&lookup->arena);
	lookup->next = net->spare;
	net->spare = lookup;
	net->spare_n++;
}

static struct resolve_lookup *lookup_new(struct resolve_net *net, const struct dns_question *question, struct view key,
					 uint64_t hash)
{
	struct resolve_lookup *lookup = lookup_memory(net);
	lookup->question = *question;
	memcpy(lookup->name_bytes, question->name.wire.p, question->name.wire.n);
	lookup->question.name.wire.p = lookup->name_bytes;
	memcpy(lookup->key_bytes, key.p, key.n);
	lookup->key = view_of(lookup->key_bytes, key.n);
	lookup->hash = hash;
	lookup->waiters_end = &lookup->waiters;
	lookup->timer.fire = resolve_lookup_timer;
	lookup->due_ms = lookup->try_due_ms = INT64_MAX;
	lookup->failure.ede = -1;
	lookup->ttl = UINT32_MAX;
	lookup->at = lookup->question.name;
	lookup->all_ad = true;
	lookup->bucket_next = *bucket_of(net, hash);
	*bucket_of(net, hash) = lookup;
	resolve_queue_put(&net->waiting, lookup);
	return lookup;
}

void resolve_lookup_done(struct resolve_lookup *lookup)
{
	struct resolve_net *net = lookup->net;
	resolve_lookup_stop(lookup);
	lookup_leave_bucket(lookup);
	lookup->finished = true;
	if (lookup->parked)
		net->parked--;
	else
		net->on_way--;
	if (lookup->keep_s > 0)
		resolve_cache_put(&net->cache, lookup->key, &lookup->answer, resolve_now_us(net), lookup->keep_s);
	resolve_queue_put(&net->done, lookup);
}

/* Askers. */

static void waiter_add(struct resolve_lookup *lookup, struct dns_ask *ask)
{
	ask->pending = lookup;
	ask->next = NULL;
	ask->link = lookup->waiters_end;
	*lookup->waiters_end = ask;
	lookup->waiters_end = &ask->next;
	if (ask->deadline_us != 0)
		resolve_lookup_arm(lookup);
}

static void waiter_leave(struct resolve_lookup *lookup, struct dns_ask *ask)
{
	*ask->link = ask->next;
	if (ask->next != NULL)
		ask->next->link = ask->link;
	else
		lookup->waiters_end = ask->link;
	ask->pending = NULL;
}

static void tell(struct resolve_net *net, struct dns_ask *ask, const struct dns_answer *answer)
{
	net->delivered++;
	ask->done(ask, answer);
}

/*
 * Askers whose own deadline has come move to a lookup that is over; the one they leave goes on for the others and for
 * the cache.
 */
void resolve_expire(struct resolve_lookup *lookup, int64_t now_ms)
{
	struct resolve_lookup *over = NULL;
	for (struct dns_ask *ask = lookup->waiters, *next; ask != NULL; ask = next) {
		next = ask->next;
		if (ask->deadline_us == 0 || ask->deadline_us > now_ms * 1000)
			continue;
		if (over == NULL) {
			over = lookup_memory(lookup->net);
			over->waiters_end = &over->waiters;
			over->answer = dns_answer_temp(dname_copy(&over->arena, lookup->question.name),
						       DNS_CAUSE_TIMEOUT);
			resolve_queue_put(&lookup->net->done, over);
		}
		waiter_leave(lookup, ask);
		ask->deadline_us = 0;
		waiter_add(over, ask);
	}
}

static void deliver_done(struct resolve_net *net)
{
	for (struct resolve_lookup *lookup; (lookup = resolve_queue_take(&net->done)) != NULL;) {
		for (struct dns_ask *ask; (ask = lookup->waiters) != NULL;) {
			waiter_leave(lookup, ask);
			tell(net, ask, &lookup->answer);
		}
		lookup_free(lookup);
	}
}

void resolve_deliver(struct resolve_net *net)
{
	net->delivering++;
	do {
		deliver_done(net);
		resolve_start_waiting(net);
	} while (net->done.n > 0);
	net->delivering--;
}

/* After a new question. Inside `done` the delivery goes on when that returns: it must not pile up on the stack. */
static void begin(struct resolve_net *net)
{
	if (net->delivering > 0)
		resolve_start_waiting(net);
	else
		resolve_deliver(net);
}

/* The resolver interface. */

static bool from_cache(struct resolve_net *net, const struct dns_question *question, struct view key,
		       struct dns_answer *out)
{
	if ((question->flags & DNS_NO_CACHE) != 0 || !resolve_cache_get(&net->cache, key, resolve_now_us(net), out))
		return false;
	net->stats.cached++;
	return true;
}

/* The lookup of a question that is not in the cache; NULL when too many wait already. */
static struct resolve_lookup *lookup_for(struct resolve_net *net, const struct dns_question *question, struct view key)
{
	uint64_t hash = view_hash(key, net->cache.seed);
	struct resolve_lookup *lookup = lookup_find(net, key, hash, question->flags);
	if (lookup != NULL)
		net->stats.joined++;
	else if (net->waiting.n < RESOLVE_WAITING_MAX)
		lookup = lookup_new(net, question, key, hash);
	return lookup;
}

static void net_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	struct resolve_net *net = net_of(resolver);
	char bytes[RESOLVE_KEY_MAX];
	struct view key = resolve_key(question, bytes);
	struct dns_answer answer;
	net->stats.asked++;
	if (from_cache(net, question, key, &answer)) {
		resolve_cache_pin(&net->cache);
		tell(net, ask, &answer);
		resolve_cache_unpin(&net->cache);
		return;
	}
	struct resolve_lookup *lookup = lookup_for(net, question, key);
	if (lookup == NULL) {
		answer = dns_answer_temp(question->name, DNS_CAUSE_LIMIT);
		tell(net, ask, &answer);
		return;
	}
	ask->deadline_us = question->deadline_us;
	waiter_add(lookup, ask);
	begin(net);
}

static void net_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	struct resolve_net *net = net_of(resolver);
	for (size_t i = 0; i < n; i++) {
		char bytes[RESOLVE_KEY_MAX];
		struct view key = resolve_key(&questions[i], bytes);
		struct dns_answer answer;
		if (!from_cache(net, &questions[i], key, &answer))
			(void)lookup_for(net, &questions[i], key);
	}
	begin(net);
}

static void net_cancel(struct dns_resolver *resolver, struct dns_ask *ask)
{
	(void)resolver;
	waiter_leave(ask->pending, ask);
}

struct waiting {
	struct dns_ask ask;
	struct arena *arena;
	struct dns_answer *out;
	bool done;
};

static void waiting_done(struct dns_ask *ask, const struct dns_answer *answer)
{
	struct waiting *waiting = (struct waiting *)(void *)ask;
	*waiting->out = dns_answer_copy(waiting->arena, answer);
	waiting->done = true;
}

static bool waiting_is_done(void *ctx) { return ((struct waiting *)ctx)->done; }

static void net_query(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
		      struct dns_answer *out)
{
	struct resolve_net *net = net_of(resolver);
	struct waiting waiting = { .ask.done = waiting_done, .arena = arena, .out = out };
	net_ask(resolver, question, &waiting.ask);
	if (!waiting.done) /* inside another `done`: what is over already must not wait for that to return */
		resolve_deliver(net);
	if (!waiting.done && net_loop_run(net->loop, waiting_is_done, &waiting, NET_FOREVER, NULL) != ERR_OK) {
		dns_cancel(resolver, &waiting.ask);
		*out = dns_answer_temp(dname_copy(arena, question->name), DNS_CAUSE_NETWORK);
	}
}

struct turn {
	struct resolve_net *net;
	uint64_t delivered;
};

static bool turn_is_done(void *ctx)
{
	const struct turn *turn = ctx;
	return turn->net->delivered != turn->delivered ||
	       turn->net->on_way + turn->net->parked + turn->net->waiting.n == 0;
}

static bool net_wait(struct dns_resolver *resolver)
{
	struct resolve_net *net = net_of(resolver);
	struct turn turn = { net, net->delivered };
	return net_loop_run(net->loop, turn_is_done, &turn, NET_FOREVER, NULL) == ERR_OK &&
	       net->delivered != turn.delivered;
}

static void forget_lookups(struct resolve_net *net)
{
	for (size_t i = 0; i < RESOLVE_BUCKETS; i++)
		for (struct resolve_lookup *lookup; (lookup = net->buckets[i]) != NULL;) {
			net->buckets[i] = lookup->bucket_next;
			resolve_lookup_stop(lookup);
			arena_done(&lookup->arena);
			free(lookup);
		}
	for (struct resolve_lookup *lookup; (lookup = resolve_queue_take(&net->done)) != NULL;) {
		arena_done(&lookup->arena);
		free(lookup);
	}
	for (struct resolve_lookup *lookup; (lookup = net->spare) != NULL;) {
		net->spare = lookup->next;
		arena_done(&lookup->arena);
		free(lookup);
	}
}

static void net_close(struct dns_resolver *resolver)
{
	struct resolve_net *net = net_of(resolver);
	forget_lookups(net);
	if (net->loop != NULL)
		net_timer_cancel(net->loop, &net->pace);
	for (size_t i = 0; i < net->n; i++) {
		resolve_udp_close_all(&net->servers[i]);
		resolve_tcp_close(&net->servers[i]);
	}
	resolve_cache_done(&net->cache);
	if (net->own_loop)
		net_loop_close(net->loop);
	free(net->packets);
	free(net);
}

struct resolve_stats resolve_net_stats(const struct dns_resolver *resolver)
{
	const struct resolve_net *net = (const struct resolve_net *)(const void *)resolver;
	struct resolve_stats stats = net->stats;
	stats.window = net->window;
	return stats;
}

static void server_init(struct resolve_net *net, struct resolve_server *server, const struct resolve_addr *addr)
{
	*server = (struct resolve_server){ .net = net, .addr = *addr, .loopback = ip_is_loopback(&addr->ip) };
	char scope[16] = "";
	if (addr->scope != 0)
		(void)snprintf(scope, sizeof scope, "%%%u", (unsigned)addr->scope);
	(void)snprintf(server->text, sizeof server->text, addr->ip.family == IP_V6 ? "[%s%s]:%u" : "%s%s:%u",
		       IP_SHOW(&addr->ip), scope, (unsigned)addr->port);
}

static void config_defaults(struct resolve_net_config *config)
{
	if (config->env == NULL)
		config->env = env_system();
	if (config->timeout_ms == 0)
		config->timeout_ms = RESOLVE_TIMEOUT_MS;
	if (config->try_max_ms == 0)
		config->try_max_ms = RESOLVE_TRY_MAX_MS;
	if (config->in_flight == 0)
		config->in_flight = RESOLVE_WINDOW_MAX;
	if (config->cache_limit == 0)
		config->cache_limit = RESOLVE_CACHE_LIMIT;
}

static struct resolve_net *net_new(const struct resolve_net_config *config)
{
	static const struct dns_ops ops = { .query = net_query,
					    .ask = net_ask,
					    .cancel = net_cancel,
					    .prefetch = net_prefetch,
					    .wait = net_wait,
					    .close = net_close };
	struct resolve_net *net = calloc(1, sizeof *net);
	char(*packets)[RESOLVE_PACKET_MAX] = malloc(RESOLVE_PACKETS * sizeof *packets);
	if (net == NULL || packets == NULL)
		base_out_of_memory();
	net->resolver.ops = &ops;
	net->config = *config;
	net->packets = packets;
	net->pace.fire = resolve_pace_fire;
	config_defaults(&net->config);
	net->n = config->n;
	for (size_t i = 0; i < net->n; i++)
		server_init(net, &net->servers[i], &config->servers[i]);
	uint64_t seed;
	resolve_random(net, &seed, sizeof seed);
	resolve_cache_init(&net->cache, net->config.cache_limit, seed);
	net->window = net->config.in_flight < RESOLVE_WINDOW_FIRST ? net->config.in_flight : RESOLVE_WINDOW_FIRST;
	return net;
}

enum err resolve_net_open(const struct resolve_net_config *config, struct dns_resolver **out, struct diag *diag)
{
	struct resolve_net *net = net_new(config);
	net->loop = config->loop;
	if (net->loop == NULL) {
		enum err err = net_loop_open(net->config.env, &net->loop, diag);
		if (err != ERR_OK) {
			net_close(&net->resolver);
			return err;
		}
		net->own_loop = true;
	}
	*out = &net->resolver;
	return ERR_OK;
}
