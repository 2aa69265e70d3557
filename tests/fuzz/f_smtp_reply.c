/* Replies, whole and in pieces: the same replies come out, and EHLO is read from each. The first octet is the size of the pieces. */
#include <stdint.h>
#include <stdlib.h>

#include "smtp_ehlo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned read_all(struct view in, size_t chunk, struct arena *arena, uint64_t *sum)
{
	struct smtp_reply_reader reader;
	unsigned replies = 0;
	enum err err = ERR_OK;
	smtp_reply_reader_init(&reader);
	for (size_t at = 0; at < in.n && err == ERR_OK; at += chunk) {
		bool found = true;
		err = smtp_reply_feed(&reader, view_slice(in, at, chunk), NULL);
		while (err == ERR_OK && found) {
			struct smtp_reply reply;
			struct smtp_ehlo ehlo;
			err = smtp_reply_next(&reader, &reply, &found, NULL);
			if (err != ERR_OK || !found)
				continue;
			replies++;
			smtp_ehlo_read(&reply, arena, &ehlo);
			*sum = *sum * 31 + reply.code + reply.lines + ehlo.extensions + ehlo.mechs + ehlo.rcpt_max;
		}
	}
	smtp_reply_reader_done(&reader);
	return replies;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct arena arena = { 0 };
	uint64_t whole = 0, pieces = 0;
	struct view in = view_of(data + 1, size - 1);
	unsigned n = read_all(in, in.n == 0 ? 1 : in.n, &arena, &whole);
	if (read_all(in, 1 + data[0] % 16, &arena, &pieces) != n || whole != pieces)
		abort();
	arena_done(&arena);
	return 0;
}
