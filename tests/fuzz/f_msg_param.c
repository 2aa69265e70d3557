#include <stdint.h>
#include <stdlib.h>

#include "msg_param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values are clean UTF-8; what is written comes back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct msg_params params, again;
	struct msg_type type;
	msg_type_parse(view_of(data, size), &arena, &type);
	msg_params_parse(view_of(data, size), &arena, &params);
	for (size_t i = 0; i < params.n; i++) {
		BUF_AUTO struct buf out;
		buf_init(&out, 1 << 20);
		struct view value = params.at[i].value;
		if (view_has_byte(value, '\r') || view_has_byte(value, '\n') || view_has_byte(value, '\0'))
			abort();
		buf_str(&out, "a");
		if (msg_param_write(params.at[i].name, value, &out, NULL) != ERR_OK)
			continue;
		msg_params_parse(buf_view(&out), &arena, &again);
		if (again.n != 1 || !view_eq(again.at[0].value, value))
			abort();
	}
	arena_done(&arena);
	return 0;
}
