#pragma once

#include "dns.h"

/* A mail domain's only MX is "0 ." (RFC 7505 3): it takes no mail. Any preference counts, as receivers do. */
bool dns_mx_is_null(const struct dns_answer *mx);

/* A copy in order of preference (RFC 5321 5.1); equal ones are shuffled. env NULL: they stay in the order of names, for output that repeats. */
struct dns_rr *dns_mx_sorted(struct arena *arena, const struct dns_answer *mx, const struct env *env);

struct dns_addrs {
	struct ip_addr *at; /* IPv6 and IPv4 by turns, IPv6 first (RFC 8305 4) */
	size_t n;
	enum dns_status status; /* of both together: OK with any address; else TEMP when either is; NXDOMAIN, NODATA */
	struct dns_answer a, aaaa;
};

/* A and AAAA of a name, asked together. */
void dns_addrs_query(struct dns_resolver *resolver, struct arena *arena, struct dname name, struct dns_addrs *out);
