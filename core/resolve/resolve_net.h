#pragma once

#include "dns.h"
#include "net_loop.h"
#include "resolve_conf.h"

/*
 * The stub resolver: questions to recursive servers over UDP and TCP, on a net_loop. One thread. See DESIGN.md 4.
 *
 * An answer is taken only when it comes from the server and port that were asked, to the port it was asked from, with the id and the
 * question of the packet, octet for octet, and passes the guard. What looks like guessing sends the question over TCP.
 */
struct resolve_net_config {
	const struct env *env;
	struct net_loop *loop; /* NULL: one of its own */
	struct resolve_addr servers[RESOLVE_SERVERS_MAX];
	size_t n;
	unsigned timeout_ms;   /* a question, all tries together; 0: RESOLVE_TIMEOUT_MS */
	unsigned try_max_ms;   /* the longest wait for one server before the next is asked; 0: RESOLVE_TRY_MAX_MS */
	unsigned tries_max;    /* packets a question; 0: what the time allows */
	unsigned in_flight;    /* at most so many questions on their way; 0: RESOLVE_WINDOW_MAX */
	unsigned qps;          /* at most so many new questions a second; 0: no limit */
	size_t cache_limit;    /* 0: RESOLVE_CACHE_LIMIT */
	bool rotate, trust_ad; /* as in resolv.conf */
	bool use_vc;           /* TCP only */
	bool authoritative;    /* ask without RD: the servers are those of the zone */
};

enum { RESOLVE_TIMEOUT_MS = 5000, RESOLVE_TRY_MS = 800, RESOLVE_TRY_MAX_MS = 3200 };
enum { RESOLVE_WINDOW_FIRST = 64, RESOLVE_WINDOW_MAX = 256, RESOLVE_WAITING_MAX = 16384 };

struct resolve_stats {
	uint64_t asked;      /* questions of the callers */
	uint64_t sent;       /* packets, TCP included */
	uint64_t tcp;        /* of these over TCP */
	uint64_t cached;     /* questions answered from the cache */
	uint64_t joined;     /* questions that met an equal one on its way */
	uint64_t timeouts;   /* tries without an answer in time */
	uint64_t mismatched; /* replies that were not what was asked: dropped */
	unsigned window;
};

/* errors: ERR_OS */
MUST_CHECK enum err resolve_net_open(const struct resolve_net_config *config, struct dns_resolver **out,
				     struct diag *diag);

/* Of a resolver made by resolve_net_open. */
struct resolve_stats resolve_net_stats(const struct dns_resolver *resolver);
