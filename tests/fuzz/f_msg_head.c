#include <stdint.h>
#include <stdlib.h>

#include "msg_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The fields' octets are the block's octets, and pieces do not show. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct view in = view_of(data, size);
	struct msg_head head;
	if (msg_head_parse(in, NULL, &arena, &head, NULL) == ERR_OK) {
		const char *at = in.p + head.fields_end;
		for (size_t i = head.n; i-- > 0;) {
			at -= head.at[i].raw.n;
			if (at != head.at[i].raw.p)
				abort();
			(void)msg_head_unfold(head.at[i].value, &arena);
		}
		size_t used, n = 0;
		struct msg_head_reader reader;
		msg_head_reader_init(&reader, 0);
		while (n < size && !reader.done &&
		       msg_head_reader_feed(&reader, view_slice(in, n, 1 + size % 7), &used, NULL) == ERR_OK)
			n += used;
		msg_head_reader_end(&reader);
		if (msg_line_end(in) == '\n' && reader.head_n != head.octets)
			abort();
		msg_head_reader_done(&reader);
	}
	arena_done(&arena);
	return 0;
}
