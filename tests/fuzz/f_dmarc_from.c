#include <stdlib.h>

#include "dmarc_from.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One domain is one domain: never set in another state, and the same when the field is read once more. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct msg_head head;
	struct dmarc_from from, again;
	if (msg_head_parse(view_of(data, size), NULL, &arena, &head, NULL) == ERR_OK) {
		dmarc_from_head(&head, &arena, &from);
		if ((from.state == DMARC_FROM_OK) != dname_is_set(from.domain))
			abort();
	}
	dmarc_from_value(view_of(data, size), &arena, &from);
	dmarc_from_value(view_of(data, size), &arena, &again);
	if (from.state != again.state || (from.state == DMARC_FROM_OK && !dname_eq(from.domain, again.domain)))
		abort();
	arena_done(&arena);
	return 0;
}
