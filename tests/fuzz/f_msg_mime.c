#include <stdlib.h>

#include "base_utf8.h"
#include "msg_mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every part lies in its parent; text comes out as UTF-8 within its bound. */
static void check(const struct msg_mime *mime, size_t i)
{
	const struct msg_part *part = &mime->at[i];
	if (part->start > part->offset || part->offset + part->length > mime->in.n || part->parent >= (int)i)
		abort();
	if (i > 0) {
		const struct msg_part *parent = &mime->at[part->parent];
		if (part->depth != parent->depth + 1 || part->start < parent->offset ||
		    (part->length > 0 && part->offset + part->length > parent->offset + parent->length))
			abort();
	}
	BUF_AUTO struct buf text;
	buf_init(&text, 1000);
	msg_part_text(mime, part, &text);
	if (!text.over && !utf8_valid(buf_view(&text)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct msg_mime mime;
	msg_mime_parse(view_of(data, size), &arena, &mime);
	for (size_t i = 0; i < mime.n; i++) {
		check(&mime, i);
		(void)msg_part_name(&mime.at[i], &arena);
	}
	arena_done(&arena);
	return 0;
}
