#include <stdint.h>
#include <stdlib.h>

#include "dkim_canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void collect(void *ctx, struct view canonical) { buf_put(ctx, canonical); }

static void canon(enum dkim_canon form, struct view in, size_t step, struct buf *out)
{
	struct dkim_body body;
	buf_reset(out);
	dkim_body_init(&body, form, collect, out);
	for (size_t at = 0; at < in.n; at += step)
		dkim_body_feed(&body, view_slice(in, at, step));
	dkim_body_end(&body);
}

/* The first octet says how the body is cut; it never matters. A canonical form is its own canonical form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUF_AUTO struct buf whole, pieces, again;
	size_t step = size == 0 ? 1 : data[0] % 67 + 1U;
	struct view in = view_from(view_of(data, size), 1);
	buf_init(&whole, size + 16);
	buf_init(&pieces, size + 16);
	buf_init(&again, size + 16);
	for (int form = DKIM_SIMPLE; form <= DKIM_RELAXED; form++) {
		canon((enum dkim_canon)form, in, SIZE_MAX / 2, &whole);
		canon((enum dkim_canon)form, in, step, &pieces);
		if (!view_eq(buf_view(&whole), buf_view(&pieces)) || whole.over)
			abort();
		canon((enum dkim_canon)form, buf_view(&whole), SIZE_MAX / 2, &again);
		if (!view_eq(buf_view(&whole), buf_view(&again)))
			abort();
		buf_reset(&again);
		dkim_canon_field((enum dkim_canon)form, in, &again);
		if (again.over)
			abort();
	}
	return 0;
}
