#include <stdint.h>
#include <stdlib.h>

#include "msg_cte.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(struct view in, enum msg_cte cte, size_t piece, struct buf *out)
{
	struct msg_cte_decoder decoder;
	msg_cte_init(&decoder, cte);
	for (size_t at = 0; at < in.n; at += piece)
		msg_cte_feed(&decoder, view_slice(in, at, piece), out);
	msg_cte_end(&decoder, out);
}

/* Pieces do not show. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size);
	for (enum msg_cte cte = MSG_CTE_QP; cte <= MSG_CTE_BASE64; cte++) {
		BUF_AUTO struct buf whole, pieces;
		buf_init(&whole, size + 10);
		buf_init(&pieces, size + 10);
		decode(in, cte, size + 1, &whole);
		decode(in, cte, 1 + size % 5, &pieces);
		if (whole.over || !view_eq(buf_view(&whole), buf_view(&pieces)))
			abort();
	}
	return 0;
}
