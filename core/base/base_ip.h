#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_view.h"

/* An IP address in network order; octets behind the family's length are zero. */
enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };

struct ip_addr {
	enum ip_family family;
	uint8_t octets[16];
};

static inline size_t ip_octets(enum ip_family family) { return family == IP_V4 ? 4 : family == IP_V6 ? 16 : 0; }

/*
 * Text form: dotted quad without leading zeros (RFC 1123), or RFC 4291 2.2. No brackets, no zone, no port. An IPv4-mapped
 * address stays IPv6 here; ip_unmap turns it into IPv4 where a standard asks for that.
 */
MUST_CHECK bool ip_parse(struct view v, struct ip_addr *out);
void ip_write(const struct ip_addr *ip, struct buf *out); /* RFC 5952 */

/* "ip" or "ip/bits" or, without bits, the whole length. Bits behind the prefix are kept as they are. */
MUST_CHECK bool ip_parse_cidr(struct view v, struct ip_addr *out, unsigned *bits);

bool ip_eq(const struct ip_addr *a, const struct ip_addr *b);
bool ip_in(const struct ip_addr *ip, const struct ip_addr *network, unsigned bits); /* false across families */
struct ip_addr ip_unmap(const struct ip_addr *ip);
bool ip_is_loopback(const struct ip_addr *ip);
bool ip_is_private(const struct ip_addr *
			   ip); /* loopback, RFC 1918, link-local, ULA, CGN, unspecified, multicast, mapped forms too */

enum { IP_TEXT_MAX = 46 };
struct ip_text {
	char text[IP_TEXT_MAX];
};
struct ip_text ip_show(const struct ip_addr *ip);
#define IP_SHOW(ip) (ip_show(ip).text)
