#include "resolve_net_priv.h"

enum { RCODE_FORMERR = 1, RCODE_NXDOMAIN = 3, RCODE_NOTIMP = 4, RCODE_REFUSED = 5, RCODE_BADVERS = 16 };
enum { EDE_BOGUS_FIRST = 6, EDE_BOGUS_LAST = 12, TRY_LEAST_MS = 100, QUESTION_AT = 12, EDNS_SILENT_MAX = 2 };

static uint32_t bit_of(const struct resolve_server *server) { return UINT32_C(1) << (server - server->net->servers); }

static void stop_flights(struct resolve_lookup *lookup)
{
	for (struct resolve_flight *flight = lookup->flights; flight != NULL; flight = flight->next) {
		resolve_udp_forget(flight);
		resolve_tcp_forget(flight);
	}
	lookup->flights = NULL;
}

void resolve_lookup_stop(struct resolve_lookup *lookup)
{
	stop_flights(lookup);
	net_timer_cancel(lookup->net->loop, &lookup->timer);
}

static void finish(struct resolve_lookup *lookup, struct dns_answer answer, uint32_t keep_s)
{
	lookup->answer = answer;
	lookup->keep_s = keep_s;
	resolve_lookup_done(lookup);
}

static void finish_temp(struct resolve_lookup *lookup, enum dns_cause cause)
{
	const struct resolve_failure *failure = &lookup->failure;
	struct dns_answer answer = dns_answer_temp(lookup->at, cause);
	answer.chain = lookup->chain;
	answer.chain_n = lookup->chain_n;
	if (failure->server != NULL) {
		answer.rcode = failure->rcode;
		answer.ede = failure->ede;
		answer.ede_text = failure->ede_text;
		answer.server = view_str(failure->server->text);
	} else if (lookup->flights != NULL) {
		answer.server = view_str(lookup->flights->server->text);
	}
	finish(lookup, answer, RESOLVE_FAILED_KEEP_S);
}

/* Where to ask next: not who failed; who was silent last, and nobody silent once somebody else has spoken. */
static struct resolve_server *choose(struct resolve_lookup *lookup)
{
	struct resolve_net *net = lookup->net;
	struct resolve_server *best = NULL;
	unsigned best_rank = 0;
	int64_t now = resolve_now_ms(net);
	for (size_t i = 0; i < net->n; i++) {
		struct resolve_server *server = &net->servers[(lookup->first + lookup->tries + i) % net->n];
		bool slow = (lookup->slow & bit_of(server)) != 0;
		if ((lookup->failed & bit_of(server)) != 0 || (slow && lookup->failure.cause != DNS_CAUSE_NONE))
			continue;
		unsigned rank = (slow ? 2U : 0U) + (server->back_until_ms > now ? 1U : 0U);
		if (best == NULL || rank < best_rank) {
			best = server;
			best_rank = rank;
		}
	}
	return best;
}

static struct resolve_flight *flight_new(struct resolve_lookup *lookup, struct resolve_server *server, bool edns)
{
	struct resolve_flight *flight = arena_new(&lookup->arena, struct resolve_flight);
	uint8_t random[DNAME_MAX / 8 + 1];
	char mixed[DNAME_MAX];
	struct resolve_query query = { .name = lookup->at,
				       .type = lookup->question.type,
				       .recurse = !lookup->net->config.authoritative,
				       .cd = lookup->cd_probe || (lookup->question.flags & DNS_CD) != 0,
				       .edns = edns,
				       .dnssec_ok = (lookup->question.flags & DNS_RRSIG_TOO) != 0 };
	if (!server->case_bad) {
		resolve_random(lookup->net, random, lookup->at.wire.n / 8 + 1);
		query.name = resolve_mix_case(lookup->at, random, mixed);
		flight->mixed = true;
	}
	flight->lookup = lookup;
	flight->server = server;
	flight->edns = edns;
	flight->n = (uint16_t)resolve_query_write(&query, flight->sent);
	flight->next = lookup->flights;
	lookup->flights = flight;
	return flight;
}

static bool flight_send(struct resolve_lookup *lookup, struct resolve_server *server, bool edns, bool over_tcp)
{
	struct resolve_flight *flight = flight_new(lookup, server, edns);
	return over_tcp ? resolve_tcp_send(server, flight) : resolve_udp_send(server, flight);
}

static void arm_try(struct resolve_lookup *lookup)
{
	lookup->try_due_ms = resolve_now_ms(lookup->net) + lookup->try_ms;
	resolve_lookup_arm(lookup);
}

/* SERVFAIL says most: another server's refusal or silence does not take it back. */
static void note_failure(struct resolve_lookup *lookup, struct resolve_server *server, enum dns_cause cause,
			 const struct resolve_packet *packet)
{
	static const int weight[] = { [DNS_CAUSE_NONE] = 0,
				      [DNS_CAUSE_NETWORK] = 1,
				      [DNS_CAUSE_REFUSED] = 2,
				      [DNS_CAUSE_SERVFAIL] = 3,
				      [DNS_CAUSE_BOGUS] = 4 };
	lookup->failed |= bit_of(server);
	if (weight[cause] <= weight[lookup->failure.cause])
		return;
	lookup->failure = (struct resolve_failure){ .cause = cause, .ede = -1, .server = server };
	if (packet == NULL)
		return;
	lookup->failure.rcode = packet->rcode;
	lookup->failure.ede = packet->ede;
	lookup->failure.ede_text = arena_view(&lookup->arena, packet->ede_text);
	lookup->failure.recursive = packet->ra;
}

static void try_next(struct resolve_lookup *lookup)
{
	for (struct resolve_server *server; (server = choose(lookup)) != NULL;) {
		/* a server that never showed EDNS and was silent to it may be one that drops it */
		bool edns = !server->edns_bad && (server->edns_seen || (lookup->slow & bit_of(server)) == 0);
		lookup->tries++;
		if (flight_send(lookup, server, edns, lookup->net->config.use_vc)) {
			arm_try(lookup);
			return;
		}
		note_failure(lookup, server, DNS_CAUSE_NETWORK, NULL);
	}
	resolve_lookup_give_up(lookup);
}

/* A validating server says SERVFAIL for what is bogus and for what is broken: with CD it shows which (RFC 4035 5.5). */
static bool probe_started(struct resolve_lookup *lookup)
{
	if (lookup->failure.cause != DNS_CAUSE_SERVFAIL || lookup->cd_probe || !lookup->failure.recursive ||
	    (lookup->question.flags & DNS_CD) != 0)
		return false;
	lookup->cd_probe = true;
	stop_flights(lookup);
	if (!flight_send(lookup, lookup->failure.server, !lookup->failure.server->edns_bad, lookup->net->config.use_vc))
		return false;
	arm_try(lookup);
	return true;
}

void resolve_lookup_give_up(struct resolve_lookup *lookup)
{
	if (!probe_started(lookup))
		finish_temp(lookup, lookup->failure.cause);
}

void resolve_lookup_start(struct resolve_lookup *lookup)
{
	const struct resolve_net_config *config = &lookup->net->config;
	unsigned sixth = config->timeout_ms * 16 / 100; /* 800 ms of 5 s */
	lookup->try_ms = sixth > RESOLVE_TRY_MS ? RESOLVE_TRY_MS : sixth < TRY_LEAST_MS ? TRY_LEAST_MS : sixth;
	lookup->due_ms = resolve_now_ms(lookup->net) + config->timeout_ms;
	if (config->rotate)
		lookup->first = lookup->net->turn++;
	try_next(lookup);
}

void resolve_lookup_arm(struct resolve_lookup *lookup)
{
	int64_t due = lookup->due_ms < lookup->try_due_ms ? lookup->due_ms : lookup->try_due_ms;
	for (const struct dns_ask *ask = lookup->waiters; ask != NULL; ask = ask->next)
		if (ask->deadline_us != 0 && (ask->deadline_us + 999) / 1000 < due)
			due = (ask->deadline_us + 999) / 1000;
	if (due != INT64_MAX)
		net_timer_set(lookup->net->loop, &lookup->timer, due);
}

static void try_timed_out(struct resolve_lookup *lookup)
{
	struct resolve_net *net = lookup->net;
	struct resolve_server *silent = lookup->flights->server;
	net->stats.timeouts++;
	resolve_window_lost(net);
	resolve_lookup_park(lookup);
	if (lookup->cd_probe) {
		finish_temp(lookup, DNS_CAUSE_SERVFAIL);
		return;
	}
	lookup->slow |= bit_of(silent);
	if (net->n > 1)
		silent->back_until_ms = resolve_now_ms(net) + RESOLVE_BACK_MS;
	lookup->try_ms *= 2;
	if (lookup->try_ms > net->config.try_max_ms)
		lookup->try_ms = net->config.try_max_ms;
	if (net->config.tries_max != 0 && lookup->tries >= net->config.tries_max)
		finish_temp(lookup, DNS_CAUSE_TIMEOUT);
	else
		try_next(lookup);
}

void resolve_lookup_timer(struct net_timer *timer)
{
	struct resolve_lookup *lookup = (struct resolve_lookup *)(void *)((char *)timer -
									  offsetof(struct resolve_lookup, timer));
	struct resolve_net *net = lookup->net;
	int64_t now = resolve_now_ms(net);
	if (now >= lookup->due_ms) {
		net->stats.timeouts++;
		resolve_window_lost(net);
		finish_temp(lookup,
			    lookup->failure.cause != DNS_CAUSE_NONE ? lookup->failure.cause : DNS_CAUSE_TIMEOUT);
	} else if (now >= lookup->try_due_ms) {
		try_timed_out(lookup);
	}
	if (!lookup->finished) {
		resolve_expire(lookup, now);
		resolve_lookup_arm(lookup);
	}
	resolve_deliver(net);
}

void resolve_flight_failed(struct resolve_flight *flight, enum dns_cause cause)
{
	struct resolve_lookup *lookup = flight->lookup;
	if (lookup->finished)
		return;
	if (flight->mangled && cause == DNS_CAUSE_NETWORK) { /* it mangles case and has no TCP: ask as it likes */
		flight->server->case_bad = true;
		if (flight_send(lookup, flight->server, flight->edns, false)) {
			arm_try(lookup);
			return;
		}
	}
	note_failure(lookup, flight->server, cause, NULL);
	if (lookup->cd_probe)
		resolve_lookup_give_up(lookup);
	else
		try_next(lookup);
}

void resolve_flight_to_tcp(struct resolve_flight *flight)
{
	if (flight->lookup->finished)
		return;
	if (resolve_tcp_send(flight->server, flight))
		arm_try(flight->lookup);
	else
		resolve_flight_failed(flight, DNS_CAUSE_NETWORK);
}

/* What stands in the cache for the end of a chain is as good as a reply. */
static bool chain_from_cache(struct resolve_lookup *lookup)
{
	struct dns_question question = lookup->question;
	char key[RESOLVE_KEY_MAX];
	struct dns_answer cached;
	question.name = lookup->at;
	if ((question.flags & DNS_NO_CACHE) != 0 ||
	    !resolve_cache_get(&lookup->net->cache, resolve_key(&question, key), resolve_now_us(lookup->net), &cached))
		return false;
	struct dns_answer answer = dns_answer_copy(&lookup->arena, &cached);
	if (lookup->chain_n + answer.chain_n > RESOLVE_CHAIN_MAX) {
		finish_temp(lookup, DNS_CAUSE_LOOP);
		return true;
	}
	for (size_t i = 0; i < answer.chain_n; i++)
		lookup->chain[lookup->chain_n++] = answer.chain[i];
	answer.chain = lookup->chain;
	answer.chain_n = lookup->chain_n;
	answer.ttl = answer.ttl < lookup->ttl ? answer.ttl : lookup->ttl;
	answer.ad = lookup->all_ad ? answer.ad : DNS_AD_NO;
	finish(lookup, answer, answer.status == DNS_TEMP ? 1 : answer.ttl);
	return true;
}

static bool seen_in_chain(const struct resolve_lookup *lookup, struct dname name)
{
	for (size_t i = 0; i < lookup->chain_n; i++)
		if (dname_eq(lookup->chain[i], name))
			return true;
	return false;
}

static void ask_on(struct resolve_lookup *lookup, const struct resolve_said *said)
{
	stop_flights(lookup);
	lookup->chain_n = said->answer.chain_n;
	lookup->ttl = said->answer.ttl;
	lookup->at = said->answer.canonical;
	lookup->failed = lookup->slow = 0;
	lookup->failure = (struct resolve_failure){ .ede = -1 };
	if (lookup->chain_n == RESOLVE_CHAIN_MAX || seen_in_chain(lookup, lookup->at))
		finish_temp(lookup, DNS_CAUSE_LOOP);
	else if (!chain_from_cache(lookup))
		try_next(lookup);
}

static void failed_by(struct resolve_flight *flight, enum dns_cause cause, const struct resolve_packet *packet)
{
	struct resolve_lookup *lookup = flight->lookup;
	if (packet != NULL && packet->ede >= EDE_BOGUS_FIRST && packet->ede <= EDE_BOGUS_LAST)
		cause = DNS_CAUSE_BOGUS;
	note_failure(lookup, flight->server, cause, packet);
	try_next(lookup);
}

static void take_said(struct resolve_flight *flight, const struct resolve_packet *packet, struct resolve_said *said)
{
	struct resolve_lookup *lookup = flight->lookup;
	struct dns_answer *answer = &said->answer;
	bool trusted = flight->server->loopback || lookup->net->config.trust_ad;
	lookup->all_ad = lookup->all_ad && answer->ad != DNS_AD_NO;
	answer->ad = !lookup->all_ad ? DNS_AD_NO : trusted ? DNS_AD_TRUSTED : DNS_AD_CLAIMED;
	answer->server = view_str(flight->server->text);
	switch (said->verdict) {
	case RESOLVE_DONE:
		finish(lookup, *answer, answer->status == DNS_TEMP ? RESOLVE_FAILED_KEEP_S : said->keep_s);
		break;
	case RESOLVE_ASK_ON:
		ask_on(lookup, said);
		break;
	case RESOLVE_LAME:
		failed_by(flight, DNS_CAUSE_REFUSED, packet);
		break;
	case RESOLVE_FAILED:
		failed_by(flight, packet->rcode == RCODE_REFUSED ? DNS_CAUSE_REFUSED : DNS_CAUSE_SERVFAIL, packet);
		break;
	}
}

static void take_packet(struct resolve_flight *flight, const struct resolve_packet *packet)
{
	struct resolve_lookup *lookup = flight->lookup;
	resolve_window_reply(lookup->net);
	flight->server->back_until_ms = 0;
	flight->server->edns_seen |= packet->edns;
	if (!flight->edns && !flight->server->edns_seen && (lookup->slow & bit_of(flight->server)) != 0)
		flight->server->edns_bad |= ++flight->server->edns_silent == EDNS_SILENT_MAX;
	if (lookup->cd_probe) {
		bool there = packet->rcode == 0 || packet->rcode == RCODE_NXDOMAIN;
		finish_temp(lookup, there ? DNS_CAUSE_BOGUS : DNS_CAUSE_SERVFAIL);
		return;
	}
	struct dns_question question = lookup->question;
	struct resolve_said said;
	question.name = lookup->at;
	resolve_reply_read(&lookup->arena, packet, &question, lookup->chain, lookup->chain_n, lookup->ttl, &said);
	take_said(flight, packet, &said);
}

/* RFC 6891 7: who does not know EDNS says FORMERR (or NOTIMP) and shows no OPT. */
static bool wants_no_edns(const struct resolve_flight *flight, const struct resolve_packet *packet)
{
	if (!flight->edns)
		return false;
	return packet->rcode == RCODE_BADVERS ||
	       (!packet->edns && (packet->rcode == RCODE_FORMERR || packet->rcode == RCODE_NOTIMP));
}

/* A reply that is not what it should be, but may be the server's: TCP tells, where nobody can forge blindly. */
static void distrust(struct resolve_flight *flight, bool over_tcp, bool mangled)
{
	flight->mangled = mangled;
	if (!over_tcp)
		resolve_flight_to_tcp(flight);
	else
		failed_by(flight, DNS_CAUSE_SERVFAIL, NULL);
}

/*
 * Records may point into the question, so that its random case would show in names that people and standards get to
 * see.
 */
static void restore_case(const struct resolve_flight *flight, char *bytes)
{
	memcpy(bytes + QUESTION_AT, flight->lookup->at.wire.p, flight->lookup->at.wire.n);
}

void resolve_flight_reply(struct resolve_flight *flight, char *bytes, size_t n, bool over_tcp)
{
	struct resolve_lookup *lookup = flight->lookup;
	struct view reply = view_of(bytes, n);
	struct resolve_packet packet;
	if (lookup->finished)
		return;
	enum resolve_match match = resolve_packet_match(reply, view_of(flight->sent, flight->n));
	if (match == RESOLVE_MATCH_CASE && flight->mixed && !over_tcp) {
		distrust(flight, over_tcp, true);
		return;
	}
	if (match != RESOLVE_MATCH_BARE)
		restore_case(flight, bytes);
	if (match != RESOLVE_MATCH_BARE && resolve_packet_tc(reply) && !over_tcp) {
		resolve_flight_to_tcp(flight);
	} else if (resolve_packet_walk(reply, &packet, NULL) != ERR_OK) {
		distrust(flight, over_tcp, false);
	} else if (wants_no_edns(flight, &packet)) {
		flight->server->edns_bad = true;
		if (flight_send(lookup, flight->server, false, over_tcp))
			arm_try(lookup);
		else
			failed_by(flight, DNS_CAUSE_NETWORK, NULL);
	} else {
		flight->server->case_bad |= match == RESOLVE_MATCH_CASE && flight->mixed;
		take_packet(flight, &packet);
	}
}
