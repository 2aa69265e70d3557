#pragma once

#include "net_socks.h"
#include "net_stream.h"

/*
 * Connect to the first of several addresses that answers (RFC 8305): IPv6 and IPv4 in turn, beginning with the family of
 * the first; each gets a head start over the next, a failure starts the next at once, and the first that is connected
 * wins. Addresses come resolved and in order of preference; which families are wanted, the caller has filtered.
 */
enum { NET_CONNECT_ADDRS = 64, NET_CONNECT_HEAD_START_MS = 250 };

struct net_connect_opts {
	const struct net_addr *addrs; /* copied */
	size_t count;                 /* 1 to NET_CONNECT_ADDRS */
	int64_t head_start_ms;        /* 0: NET_CONNECT_HEAD_START_MS */
	int64_t one_ms;               /* for one address; 0: 10 s */
	int64_t total_ms;             /* for all together, SOCKS included; 0: 30 s */
	struct ip_addr source[2];     /* bind to these (--source-ip); IP_NONE: any. Addresses of a family that has none
	                                 while the other has one are not tried */
	const struct net_socks_opts *socks; /* addrs are a SOCKS proxy's; copied, its views stay the caller's */
};

struct net_connect;

struct net_connector {
	/*
	 * Exactly one call. ERR_OK: stream belongs to the callee (which address: net_stream_peer; behind a proxy the
	 * proxy's). Else stream is NULL and diag names each address with what was wrong with it.  errors: ERR_TEMP (all refused, unreachable or timed out), ERR_OS, ERR_PROTOCOL, ERR_DENIED
	 * (the proxy), ERR_USAGE (no address left to try)
	 */
	void (*done)(struct net_connector *connector, enum err err, struct net_stream *stream, const struct diag *diag);
};

/* `done` is never called from inside. errors: ERR_USAGE (count), else they come through `done` */
MUST_CHECK enum err net_connect_start(struct net_loop *loop, const struct net_connect_opts *opts,
				      struct net_connector *connector, struct net_connect **out, struct diag *diag);

/* Before `done` was called: it will not be. */
void net_connect_cancel(struct net_connect *connect);

/* The waiting face. */
MUST_CHECK enum err net_connect_wait(struct net_loop *loop, const struct net_connect_opts *opts,
				     struct net_stream **out, struct diag *diag);
