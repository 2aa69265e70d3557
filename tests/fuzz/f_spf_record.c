#include <assert.h>
#include <stdint.h>

#include "spf_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A record: what the parser takes it takes term by term again, and terms lie within the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct view text = view_of(data, size);
	struct spf_record record, again;
	struct diag why;
	if (spf_record_is(text)) {
		enum err err = spf_record_parse(&arena, text, &record, &why);
		assert((err == ERR_OK) == (record.faults.n == 0) || err == ERR_LIMIT);
		for (size_t i = 0; i < record.n && i < 64; i++) {
			struct view one = view_str(arena_printf(&arena, "v=spf1 %.*s", VIEW_ARG(record.terms[i].text)));
			assert(spf_record_parse(&arena, one, &again, &why) == ERR_OK);
			assert(again.n == 1 && again.terms[0].kind == record.terms[i].kind);
		}
	}
	arena_done(&arena);
	return 0;
}
