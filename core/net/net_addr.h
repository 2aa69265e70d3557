#pragma once

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base_err.h"
#include "base_ip.h"

/* Where to connect to: an IP address and port, or the path of a unix socket. Never a name: others resolve those. */
enum net_addr_kind { NET_ADDR_IP, NET_ADDR_UNIX };

struct net_addr {
	enum net_addr_kind kind;
	struct ip_addr ip;
	uint16_t port;
	uint32_t scope; /* interface index of a link-local IPv6 address; 0 is none */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static inline struct net_addr net_addr_of(const struct ip_addr *ip, uint16_t port)
{
	return (struct net_addr){ .kind = NET_ADDR_IP, .ip = *ip, .port = port };
}

/*
 * "192.0.2.1", "192.0.2.1:25", "2001:db8::1", "[2001:db8::1]:25", "fe80::1%eth0", "unix:/path" or "/path".
 *
 * port    taken where the text has none
 * errors  ERR_SYNTAX (neither), ERR_LIMIT (path too long), ERR_DATA (no such interface)
 */
MUST_CHECK enum err net_addr_parse(struct view text, uint16_t port, struct net_addr *out, struct diag *diag);

/* "192.0.2.1:25", "[2001:db8::1]:25", "unix:/path" (controls in the path made visible). */
enum { NET_ADDR_TEXT_MAX = 256 };
struct net_addr_text {
	char text[NET_ADDR_TEXT_MAX];
};
struct net_addr_text net_addr_show(const struct net_addr *addr);
#define NET_ADDR_SHOW(addr) (net_addr_show(addr).text)

bool net_addr_eq(const struct net_addr *a, const struct net_addr *b);
bool net_addr_is_local(const struct net_addr *addr); /* loopback or unix: nobody listens in between */

/* For the socket calls. */
socklen_t net_addr_sockaddr(const struct net_addr *addr, struct sockaddr_storage *out);
MUST_CHECK bool net_addr_of_sockaddr(const struct sockaddr *from, socklen_t size, struct net_addr *out);
