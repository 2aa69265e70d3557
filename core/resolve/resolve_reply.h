#pragma once

#include "dns.h"
#include "resolve_guard.h"

/*
 * What a walked packet says to a question. Only records that are reached from the question through its CNAME chain are
 * taken (bailiwick); of the rest only the SOA that proves a negative answer.
 */
enum resolve_verdict {
	RESOLVE_DONE,   /* the answer is complete */
	RESOLVE_ASK_ON, /* a CNAME whose target is not in the packet: ask for answer.canonical */
	RESOLVE_FAILED, /* rcode says that this server cannot help */
	RESOLVE_LAME    /* a referral from a server that should have an answer */
};

enum { RESOLVE_CHAIN_MAX = 8 };

struct resolve_said {
	enum resolve_verdict verdict;
	struct dns_answer answer;
	uint32_t keep_s; /* for how long it may be cached; 0: not at all */
};

/*
 * chain holds chain_n names that led to `question.name` already and has room for RESOLVE_CHAIN_MAX; ttl is the least of
 * theirs (UINT32_MAX: none). Everything in out is in the arena. Fields of out->answer that the packet does not know
 * (server, trust in AD) are left to the caller.
 */
void resolve_reply_read(struct arena *arena, const struct resolve_packet *packet, const struct dns_question *question,
			struct dname *chain, size_t chain_n, uint32_t ttl, struct resolve_said *out);
