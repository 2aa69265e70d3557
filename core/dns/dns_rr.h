#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_ip.h"
#include "dns_name.h"

/* Types that we know by name. Others are numbers, and their data stays raw. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_DNSKEY = 48,
	DNS_NSEC3 = 50,
	DNS_TLSA = 52,
	DNS_HTTPS = 65,
	DNS_SPF = 99,
	DNS_ANY = 255,
	DNS_CAA = 257
};

enum { DNS_TYPE_TEXT_MAX = 10 };
struct dns_type_text {
	char text[DNS_TYPE_TEXT_MAX + 1];
};
struct dns_type_text dns_type_show(unsigned type); /* "TXT", "TYPE65280" */
#define DNS_TYPE_SHOW(type) (dns_type_show(type).text)
MUST_CHECK bool dns_type_parse(struct view text, uint16_t *type); /* any case; "TYPE99" too */

struct dns_mx {
	uint16_t preference;
	struct dname host;
};

struct dns_txt {
	const struct view *strings; /* as they stood in the record */
	size_t n;
	struct view joined; /* the strings put together, without a blank (RFC 7208 3.3, RFC 6376 3.6.2.2) */
};

struct dns_soa {
	struct dname mname, rname;
	uint32_t serial, refresh, retry, expire, minimum;
};

struct dns_srv {
	uint16_t priority, weight, port;
	struct dname target;
};

struct dns_tlsa {
	uint8_t usage, selector, matching;
	struct view data;
};

/* One record. Which member of the union is valid follows from the type; raw is the data of all other types. */
struct dns_rr {
	uint16_t type;
	uint32_t ttl;
	union {
		struct ip_addr ip; /* A, AAAA */
		struct dname name; /* CNAME, NS, PTR, DNAME */
		struct dns_mx mx;
		struct dns_txt txt; /* TXT, SPF */
		struct dns_soa soa;
		struct dns_srv srv;
		struct dns_tlsa tlsa;
		struct view raw; /* DS, DNSKEY, RRSIG, CAA, ...: wire form, names uncompressed */
	};
};

enum { DNS_TXT_STRINGS_MAX = 256, DNS_TXT_OCTETS_MAX = 16384 };

/*
 * Typed from uncompressed wire form of exactly one record's data; out keeps views of rdata, the strings of TXT are
 * allocated. errors: ERR_SYNTAX (does not end where it must), ERR_LIMIT (TXT)
 */
MUST_CHECK enum err dns_rr_of_wire(struct arena *arena, uint16_t type, uint32_t ttl, struct view rdata,
				   struct dns_rr *out, struct diag *diag);

/* A deep copy. */
struct dns_rr dns_rr_copy(struct arena *arena, const struct dns_rr *rr);

/* The data as in a zone file (RFC 1035 5.1, unknown types as RFC 3597 5): names with their last dot, TXT quoted. */
void dns_rr_write(const struct dns_rr *rr, struct buf *out);

/* The data in wire form, names uncompressed: what dns_rr_of_wire reads. */
void dns_rr_put_wire(const struct dns_rr *rr, struct buf *out);

/* Same type and data, names without case, the ttl left out. */
bool dns_rr_eq(const struct dns_rr *a, const struct dns_rr *b);
