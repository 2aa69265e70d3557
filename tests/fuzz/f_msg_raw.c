#include <stdint.h>
#include <stdlib.h>

#include "msg_raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every server relies on: each CR with its LF, no NUL, no line over 998, a final CRLF; the count is right. */
static void check(struct source *source, uint64_t octets, size_t cap)
{
	char block[4096];
	uint64_t total = 0, line = 0;
	int last = '\n';
	size_t n = 1;
	while (n > 0) {
		if (source_read(source, block, cap, &n, NULL) != ERR_OK)
			abort();
		for (size_t i = 0; i < n; i++) {
			int c = (unsigned char)block[i];
			if (c == 0 || (c == '\n') != (last == '\r') || ++line > MSG_LINE_MAX + 2)
				abort();
			line = c == '\n' ? 0 : line;
			last = c;
		}
		total += n;
	}
	if (total != octets || last != '\n')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct source_view input;
	struct msg_raw raw;
	source_view_init(&input, view_of(data, size));
	if (msg_raw_scan(&raw, &input.source, &arena, NULL) == ERR_OK) {
		struct msg_addr_list list = { 0 };
		(void)!msg_raw_recipients(&raw, MSG_ADDR_LENIENT, &arena, &list, NULL);
		BUF_AUTO struct buf head;
		buf_init(&head, 1 << 22);
		msg_raw_write_head(&raw, view_none(), NULL, 0, &head);
		for (int seven = 0; seven < 2; seven++) {
			struct msg_raw_source message;
			if (msg_raw_open(&message, &raw, buf_view(&head), seven == 1, &arena, NULL) == ERR_OK) {
				check(&message.source, message.octets, 4096);
				if (source_rewind(&message.source, NULL) != ERR_OK)
					abort();
				check(&message.source, message.octets, 1 + size % 200);
			}
			msg_raw_close(&message);
		}
	}
	arena_done(&arena);
	return 0;
}
