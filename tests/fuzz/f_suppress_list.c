#include <stdlib.h>

#include "suppress_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct suppress_list list, again;
	suppress_list_init(&list, &arena, 1);
	if (suppress_list_parse(&list, view_of(data, size), NULL) == ERR_OK) {
		BUF_AUTO struct buf first, second;
		buf_init(&first, 1 << 22);
		buf_init(&second, 1 << 22);
		suppress_list_write(&list, 0, &first);
		suppress_list_init(&again, &arena, 1);
		if (suppress_list_parse(&again, buf_view(&first), NULL) != ERR_OK)
			abort();
		suppress_list_write(&again, 0, &second);
		if (!view_eq(buf_view(&first), buf_view(&second)))
			abort();
	}
	arena_done(&arena);
	return 0;
}
