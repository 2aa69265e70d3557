#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_err.h"
#include "dns_name.h"

/*
 * The guard before every reply: nothing else looks at bytes from the network until this walk has passed them. One pass;
 * nothing is allocated. No parser of a library sees the packet: records are read from the walk (resolve_reply.h).
 *
 * limits  RESOLVE_RRS_MAX records, RESOLVE_HOPS_MAX pointers in a name
 */
enum { RESOLVE_RRS_MAX = 512, RESOLVE_HOPS_MAX = 16, RESOLVE_EDE_TEXT_MAX = 160 };

enum resolve_section { RESOLVE_ANSWER, RESOLVE_AUTHORITY, RESOLVE_ADDITIONAL };

struct resolve_rr {
	uint32_t ttl;
	uint16_t type, class;
	uint16_t owner; /* offsets in the packet */
	uint16_t rdata, rdlength;
	uint8_t section;
};

struct resolve_packet {
	struct view bytes;
	bool aa, tc, ra, ad;
	unsigned rcode; /* with the upper bits of EDNS */
	bool edns;
	int ede; /* RFC 8914, -1: none */
	struct view ede_text;
	struct resolve_rr rr[RESOLVE_RRS_MAX]; /* OPT left out */
	size_t n;
};

/* How a datagram relates to a question that was sent. */
enum resolve_match {
	RESOLVE_MATCH_NO,
	RESOLVE_MATCH_CASE, /* ours but for the case of letters: a server that mangles, or a forger who had to guess */
	RESOLVE_MATCH_YES,
	RESOLVE_MATCH_BARE /* an error without a question section (FORMERR or NOTIMP of old servers); no data can come with it */
};

/* The id of a packet, or -1 when it is too short to be one, is no reply or no QUERY. */
int resolve_packet_id(struct view bytes);

/* Does the reply repeat the question of `sent` (a packet of ours), octet for octet? The ids are not compared here. */
enum resolve_match resolve_packet_match(struct view bytes, struct view sent);

static inline bool resolve_packet_tc(struct view bytes) { return (view_at(bytes, 2) & 0x02) != 0; }
static inline unsigned resolve_packet_rcode(struct view bytes) { return (unsigned)view_at(bytes, 3) & 0x0f; }

/*
 * The walk: lengths, names (pointers only backwards), counts, and that the data of each type we know ends at rdlength.
 * errors  ERR_SYNTAX, ERR_LIMIT
 */
MUST_CHECK enum err resolve_packet_walk(struct view bytes, struct resolve_packet *out, struct diag *diag);

/*
 * The name at an offset, pointers followed, uncompressed into wire; *end is behind it in the packet. false: broken.
 */
MUST_CHECK bool resolve_name_at(struct view bytes, size_t at, char wire[DNAME_MAX], struct dname *out, size_t *end);
