#include <stdint.h>
#include <stdlib.h>

#include "msg_mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct slow {
	struct source source;
	struct view all;
	size_t at, piece;
};

static enum err slow_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct slow *slow = (struct slow *)source;
	(void)diag;
	struct view part = view_slice(slow->all, slow->at, slow->piece < cap ? slow->piece : cap);
	if (part.n > 0)
		memcpy(out, part.p, part.n);
	slow->at += part.n;
	*n = part.n;
	return ERR_OK;
}

static const struct source_ops slow_ops = { slow_read, NULL };

static void read_all(struct view in, size_t piece, size_t max, bool unescape, struct buf *out)
{
	struct slow slow = { { &slow_ops }, in, 0, piece };
	struct msg_mbox mbox;
	struct msg_mbox_message message;
	bool more = false;
	msg_mbox_init(&mbox, max);
	msg_mbox_begin(&mbox, &slow.source, unescape);
	while (msg_mbox_next(&mbox, &message, &more, NULL) == ERR_OK && more) {
		buf_put(out, message.message);
		buf_str(out, message.truncated ? "!" : ".");
	}
	msg_mbox_done(&mbox);
}

/* Pieces do not show. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_from(view_of(data, size), 1);
	BUF_AUTO struct buf whole, pieces;
	buf_init(&whole, 4 * size + 100);
	buf_init(&pieces, 4 * size + 100);
	size_t max = size > 0 && data[0] % 2 == 0 ? data[0] : 0;
	read_all(in, size + 1, max, size % 2 == 0, &whole);
	read_all(in, 1 + size % 9, max, size % 2 == 0, &pieces);
	if (!view_eq(buf_view(&whole), buf_view(&pieces)))
		abort();
	return 0;
}
