#include <stdlib.h>

#include "dns_rr.h"

/* Record data from wire form: type in the first two octets. A copy is the same record; all can be written, and to wire form it comes out as it went in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct arena arena;
	arena_init(&arena);
	struct dns_rr rr;
	struct diag diag;
	uint16_t type = (uint16_t)(data[0] << 8 | data[1]);
	if (dns_rr_of_wire(&arena, type, 60, view_of(data + 2, size - 2), &rr, &diag) == ERR_OK) {
		BUF_AUTO struct buf text;
		buf_init(&text, 1 << 20);
		dns_rr_write(&rr, &text);
		struct dns_rr copy = dns_rr_copy(&arena, &rr);
		buf_reset(&text);
		dns_rr_put_wire(&rr, &text);
		if (!dns_rr_eq(&rr, &copy) || !view_eq(buf_view(&text), view_of(data + 2, size - 2)))
			abort();
	}
	arena_done(&arena);
	return 0;
}
