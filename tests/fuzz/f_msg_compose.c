#include <stdint.h>
#include <stdlib.h>

#include "msg_compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is an attachment as people write it, the rest a text and a file: what comes out is 7-bit and has lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_of(data, size), spec_text = view_cut(&rest, '\n');
	struct msg_attach_spec spec;
	if (msg_attach_parse(spec_text, &spec, NULL) != ERR_OK)
		return 0;
	struct arena arena = { 0 };
	struct env_fixed fixed = { .seed = 1 };
	struct env env = env_of_fixed(&fixed);
	struct source_view text, file;
	source_view_init(&text, rest);
	source_view_init(&file, rest);
	struct msg_part second = { .type = spec.type.p != NULL ? spec.type : msg_type_of_name(spec.path),
				   .name = msg_base_name(spec.name.p != NULL ? spec.name : spec.path),
				   .disposition = "attachment",
				   .attached = true,
				   .content = &file.source,
				   .octets = rest.n };
	struct msg_part first = {
		.type = VIEW("text/plain"), .content = &text.source, .octets = rest.n, .next = &second
	};
	struct msg_part root = { .type = VIEW("multipart/mixed"), .first = &first };
	struct msg_compose message;
	if (msg_compose_init(&message, VIEW("From: a@b\r\n"), &root, &env, &arena, NULL) == ERR_OK) {
		char block[4096];
		uint64_t total = 0, line = 0;
		int last = 0;
		size_t n = 1;
		while (n > 0) {
			if (source_read(&message.source, block, 1 + size % 4096, &n, NULL) != ERR_OK)
				abort();
			for (size_t i = 0; i < n; i++) {
				int c = (unsigned char)block[i];
				if (c == 0 || c > 127 || (c == '\n') != (last == '\r') || ++line > MSG_LINE_MAX + 2)
					abort();
				line = c == '\n' ? 0 : line;
				last = c;
			}
			total += n;
		}
		if (total != message.octets)
			abort();
	}
	msg_compose_done(&message);
	arena_done(&arena);
	return 0;
}
