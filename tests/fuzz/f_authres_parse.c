#include <stdint.h>
#include <stdlib.h>

#include "authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written, and reads again to the same: write is stable, and no value leaves its place. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct authres first = { 0 }, second = { 0 };
	struct view in = view_of(data, size);
	(void)authres_claims(in, VIEW("mx.example.org"));
	if (authres_parse(in, &arena, &first, NULL) == ERR_OK) {
		BUF_AUTO struct buf one, two;
		buf_init(&one, (size_t)1 << 22);
		buf_init(&two, (size_t)1 << 22);
		authres_write(&first, 0, &one);
		if (one.n <= AUTHRES_FIELD_MAX) {
			if (authres_parse(buf_view(&one), &arena, &second, NULL) != ERR_OK || second.n != first.n)
				abort();
			authres_write(&second, 0, &two);
			if (!view_eq(buf_view(&one), buf_view(&two)))
				abort();
		}
	}
	arena_done(&arena);
	return 0;
}
