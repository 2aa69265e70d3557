#pragma once

#include "base_buf.h"
#include "base_err.h"
#include "base_ip.h"

/*
 * SOCKS 5 (RFC 1928) with user name and password (RFC 1929): the CONNECT request, without I/O. The name of the server is
 * the proxy's to resolve ("remote names"), unless an address is given.
 */
enum { NET_SOCKS_NAME_MAX = 255 };

struct net_socks_opts {
	struct view host; /* empty: ip */
	struct ip_addr ip;
	uint16_t port;
	struct view user; /* empty: no authentication is offered */
	struct view password;
};

enum net_socks_state { NET_SOCKS_METHOD, NET_SOCKS_AUTH, NET_SOCKS_REPLY, NET_SOCKS_DONE };

struct net_socks {
	const struct net_socks_opts *opts;
	enum net_socks_state state;
};

/*
 * Begin: out gets the first octets to send.
 * errors  ERR_DATA (name, user or password empty or over 255 octets, or with a NUL)
 */
MUST_CHECK enum err net_socks_start(struct net_socks *socks, const struct net_socks_opts *opts, struct buf *out,
				    struct diag *diag);

/*
 * What the proxy sent. *used octets were taken (0: more is needed), out gets what is to be sent next. Octets behind the
 * final reply are the server's and are not taken.
 * errors  ERR_PROTOCOL (not SOCKS 5), ERR_DENIED (authentication, rule set), ERR_TEMP (the server cannot be reached),
 *         ERR_UNAVAILABLE (not supported by the proxy)
 */
MUST_CHECK enum err net_socks_feed(struct net_socks *socks, struct view in, size_t *used, struct buf *out,
				   struct diag *diag);
