#include <stdlib.h>

#include "resolve_reply.h"

/*
 * A reply as it comes from the network: the type that was asked for in the first two octets, then the packet. What the guard
 * lets pass is read; the memory that this takes is bounded by the packet's length.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char wire[] = "\1a\1b";
	struct resolve_packet packet;
	struct diag diag;
	if (size < 2 || resolve_packet_walk(view_of(data + 2, size - 2), &packet, &diag) != ERR_OK)
		return 0;
	struct arena arena;
	arena_init(&arena);
	struct dns_question question = dns_question_of((struct dname){ view_of(wire, sizeof wire), 2 },
						       (uint16_t)(data[0] << 8 | data[1]));
	question.flags = data[0] % 2 == 0 ? 0 : DNS_RRSIG_TOO;
	struct dname chain[RESOLVE_CHAIN_MAX];
	struct resolve_said said;
	resolve_reply_read(&arena, &packet, &question, chain, 0, UINT32_MAX, &said);
	if ((said.answer.status == DNS_OK) != (said.answer.n > 0) || said.answer.chain_n > RESOLVE_CHAIN_MAX ||
	    !dname_is_set(said.answer.canonical) || arena.used > (1U << 20))
		abort();
	struct dns_answer copy = dns_answer_copy(&arena, &said.answer);
	for (size_t i = 0; i < copy.n; i++)
		if (!dns_rr_eq(&copy.rr[i], &said.answer.rr[i]))
			abort();
	arena_done(&arena);
	return 0;
}
