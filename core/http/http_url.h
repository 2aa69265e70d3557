#pragma once

#include "base_arena.h"
#include "base_err.h"
#include "base_ip.h"
#include "dns.h"

enum { HTTP_URL_MAX = 2048 };

/* "https://host[:port]/path?query": the parts that matter here. Views into the text. */
struct http_url {
	bool tls;
	struct view host; /* without the brackets of an IPv6 address */
	uint16_t port;
	struct view rest; /* from the path on, may be empty */
};

/*
 * errors  ERR_SYNTAX (no http or https, no host, user information, spaces, controls, octets beyond ASCII), ERR_LIMIT
 */
MUST_CHECK enum err http_url_parse(struct view text, struct http_url *out, struct diag *diag);

/*
 * The addresses of its host, IPv6 and IPv4 in turn, at most `max`: from the text when it is an address, loopback for
 * localhost (RFC 6761 6.3), else from the DNS.
 * errors  those of parsing, ERR_NO_HOST (no such name, or no address), ERR_TEMP (could not find out)
 */
MUST_CHECK enum err http_resolve(struct dns_resolver *resolver, struct arena *arena, struct view url,
				 const struct ip_addr **out, size_t *count, struct diag *diag);
