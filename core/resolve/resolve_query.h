#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns_name.h"

/*
 * A question as a packet (RFC 1035 4.1, EDNS of RFC 6891). The UDP size we announce is 1232: what every path carries
 * without fragments.
 */
enum { RESOLVE_EDNS_SIZE = 1232, RESOLVE_QUERY_MAX = 12 + DNAME_MAX + 4 + 11 };

struct resolve_query {
	struct dname name;
	uint16_t type;
	uint16_t id;
	bool recurse; /* RD */
	bool cd;      /* RFC 4035 3.2.2 */
	bool edns;
	bool dnssec_ok; /* DO; only with edns */
};

/* Returns the length. AD is always set: "tell me whether you validated" (RFC 6840 5.7). */
size_t resolve_query_write(const struct resolve_query *query, uint8_t out[RESOLVE_QUERY_MAX]);

/* The name with the case of its letters chosen by random bits (0x20): an answer must bring them back. */
struct dname resolve_mix_case(struct dname name, const uint8_t random[DNAME_MAX / 8 + 1], char out[DNAME_MAX]);
