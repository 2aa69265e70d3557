#pragma once

#include <sys/socket.h>

#include "resolve_cache.h"
#include "resolve_net.h"
#include "resolve_query.h"
#include "resolve_reply.h"

/*
 * The rooms of a question: resolve_net.c takes it (cache, joining, window, delivery), resolve_lookup.c leads it from try to
 * try, resolve_udp.c and resolve_tcp.c carry one try (a flight) and bring back the reply.
 */
enum {
	RESOLVE_SLOTS = 4,       /* UDP sockets a server at a time */
	RESOLVE_PER_SOCKET = 64, /* questions a socket carries in its life: each port is worth guessing only so long */
	RESOLVE_SOCKET_MS = 2000,
	RESOLVE_MISMATCH_MAX = 10,
	RESOLVE_BUCKETS = 1024,
	RESOLVE_SPARE = 64,
	RESOLVE_BACK_MS = 30000, /* a server that was silent stands behind the others for so long */
	RESOLVE_FAILED_KEEP_S = 5,
	RESOLVE_PACKETS = 16, /* received in one call */
	RESOLVE_PACKET_MAX = 4096
};

struct resolve_net;
struct resolve_lookup;
struct resolve_server;

/* One packet on its way. Lives in its lookup. */
struct resolve_flight {
	struct resolve_flight *next; /* of the lookup */
	struct resolve_lookup *lookup;
	struct resolve_server *server;
	struct resolve_udp *udp; /* where it is, if it is */
	struct resolve_tcp *tcp;
	struct resolve_flight *tcp_next;
	uint16_t id;
	uint16_t n;
	bool edns;
	bool mixed;   /* the case of the name is random */
	bool retried; /* on a second TCP connection */
	bool mangled; /* over TCP since the reply did not keep the case */
	uint8_t sent[RESOLVE_QUERY_MAX];
};

struct resolve_udp {
	struct net_watch watch;
	struct resolve_server *server;
	struct resolve_udp *next; /* of all sockets of the server */
	int64_t opened_ms;
	unsigned used, open, mismatched;
	bool retired; /* takes no more questions */
	bool reading;
	uint16_t ids[RESOLVE_PER_SOCKET];
	struct resolve_flight *flights[RESOLVE_PER_SOCKET]; /* NULL: answered or given up */
};

struct resolve_tcp {
	struct net_watch watch;
	struct resolve_server *server;
	struct resolve_flight *flights;
	struct buf out, in;
	struct net_timer idle;
	bool connected;
	bool answered; /* since it was opened */
};

struct resolve_server {
	struct resolve_net *net;
	struct resolve_addr addr;
	char text[64];
	bool loopback;
	bool edns_seen, edns_bad, case_bad;
	unsigned edns_silent; /* answers that came only without EDNS */
	int64_t back_until_ms;
	struct resolve_udp *slots[RESOLVE_SLOTS];
	struct resolve_udp *sockets;
	struct resolve_tcp *tcp;
};

/* What a server's failure says of the question, worst news last. */
struct resolve_failure {
	enum dns_cause cause;
	unsigned rcode;
	int ede;
	struct view ede_text; /* in the lookup's arena */
	struct resolve_server *server;
	bool recursive; /* the server is one that validates, or could */
};

struct resolve_lookup {
	struct resolve_net *net;
	struct resolve_lookup *next, *bucket_next; /* in whatever list it stands; its bucket */
	bool finished;
	bool parked; /* not counted in the window any more */
	struct arena arena;
	struct dns_question question;
	char name_bytes[DNAME_MAX], key_bytes[RESOLVE_KEY_MAX];
	struct view key;
	uint64_t hash;
	struct dns_ask *waiters, **waiters_end;
	struct resolve_flight *flights;
	struct net_timer timer;
	int64_t due_ms, try_due_ms;
	unsigned try_ms, tries;
	size_t first;          /* where it begins among the servers (rotate) */
	uint32_t failed, slow; /* bits of servers that could not help, that were silent */
	bool cd_probe;         /* asking whether the data is there when nobody checks it */
	struct resolve_failure failure;
	struct dname chain[RESOLVE_CHAIN_MAX];
	size_t chain_n;
	uint32_t ttl;
	struct dname at; /* where the chain stands */
	bool all_ad;
	struct dns_answer answer;
	uint32_t keep_s;
};

struct resolve_queue {
	struct resolve_lookup *first, **end;
	size_t n;
};

struct resolve_net {
	struct dns_resolver resolver;
	struct resolve_net_config config;
	struct net_loop *loop;
	bool own_loop;
	struct resolve_server servers[RESOLVE_SERVERS_MAX];
	size_t n, turn; /* where rotation stands */
	struct resolve_cache cache;
	struct resolve_lookup *buckets[RESOLVE_BUCKETS];
	struct resolve_queue waiting, done;
	struct resolve_lookup *spare;
	size_t spare_n;
	unsigned on_way, parked, window, delivering;
	struct net_timer pace;
	int64_t next_us;
	unsigned sample, sample_lost;
	uint64_t delivered; /* calls of `done` so far */
	struct resolve_stats stats;
	uint8_t random[512];
	size_t random_left;
	char (*packets)[RESOLVE_PACKET_MAX]; /* room for what comes in over UDP */
};

void resolve_random(struct resolve_net *net, void *out, size_t n);
static inline int64_t resolve_now_us(const struct resolve_net *net) { return env_mono_us(net->config.env); }
static inline int64_t resolve_now_ms(const struct resolve_net *net) { return env_mono_ms(net->config.env); }

/* resolve_net.c: the lookup is complete (answer and keep_s are set); told to the askers by resolve_deliver. */
void resolve_lookup_done(struct resolve_lookup *lookup);

/* Askers whose deadline has come will be told that. */
void resolve_expire(struct resolve_lookup *lookup, int64_t now_ms);

/* Last call of every handler of the loop: the askers' functions run inside it, and anything may be freed. */
void resolve_deliver(struct resolve_net *net);

/* resolve_window.c */
void resolve_queue_put(struct resolve_queue *queue, struct resolve_lookup *lookup);
struct resolve_lookup *resolve_queue_take(struct resolve_queue *queue);
void resolve_start_waiting(struct resolve_net *net);
void resolve_pace_fire(struct net_timer *timer);

/* Its server was silent: let others into the window. */
void resolve_lookup_park(struct resolve_lookup *lookup);

/* A reply came in time, or did not: the window opens and closes. */
void resolve_window_reply(struct resolve_net *net);
void resolve_window_lost(struct resolve_net *net);

/* resolve_lookup.c */
void resolve_lookup_start(struct resolve_lookup *lookup);
void resolve_lookup_stop(struct resolve_lookup *lookup); /* forgets its flights and its timer */
void resolve_lookup_timer(struct net_timer *timer);
void resolve_lookup_arm(struct resolve_lookup *lookup);
void resolve_lookup_give_up(struct resolve_lookup *lookup);
/* bytes matched the flight's question; they are changed: the name in the question gets its own case back. */
void resolve_flight_reply(struct resolve_flight *flight, char *bytes, size_t n, bool over_tcp);
void resolve_flight_failed(struct resolve_flight *flight, enum dns_cause cause);
void resolve_flight_to_tcp(struct resolve_flight *flight);

/* Sends flight->sent after giving it its id; false: the server cannot be reached. */
bool resolve_udp_send(struct resolve_server *server, struct resolve_flight *flight);
void resolve_udp_forget(struct resolve_flight *flight);
void resolve_udp_close_all(struct resolve_server *server);

bool resolve_tcp_send(struct resolve_server *server, struct resolve_flight *flight);
void resolve_tcp_forget(struct resolve_flight *flight);
void resolve_tcp_close(struct resolve_server *server);

/* The server's address for connect(2). */
socklen_t resolve_sockaddr(const struct resolve_server *server, struct sockaddr_storage *out);
