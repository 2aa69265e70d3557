#pragma once

#include "dns.h"

/*
 * hosts(5) before another resolver: for the names of servers that we connect to, never for what a domain publishes. A name
 * that stands in the file has these addresses and no others; `localhost` and what is below it is always
 * loopback (RFC 6761 6.3). Everything but A and AAAA goes to `inner`, which is not closed.
 *
 * A line that is broken is skipped. errors: ERR_IO, ERR_LIMIT (RESOLVE_HOSTS_MAX); a missing file is empty
 */
enum { RESOLVE_HOSTS_MAX = 16 << 20 };
MUST_CHECK enum err resolve_hosts_open(const char *path, struct dns_resolver *inner, struct dns_resolver **out,
				       struct diag *diag);

/* The addresses of one family that the text of a hosts file gives to a name. *found: the name is there at all. */
size_t resolve_hosts_find(struct view text, struct dname name, enum ip_family family, struct ip_addr *out, size_t max,
			  bool *found);
