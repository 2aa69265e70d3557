/* xtext: what was read and written again reads the same; what was written from any octets reads back. */
#include <stdint.h>
#include <stdlib.h>

#include "smtp_cmd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct view in)
{
	BUF_AUTO struct buf text, back;
	buf_init(&text, in.n * 3 + 1);
	buf_init(&back, in.n + 1);
	smtp_xtext_write(in, &text);
	if (smtp_xtext_parse(buf_view(&text), &back, NULL) != ERR_OK || !view_eq(buf_view(&back), in))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size);
	BUF_AUTO struct buf parsed;
	buf_init(&parsed, size + 1);
	round_trip(in);
	if (smtp_xtext_parse(in, &parsed, NULL) == ERR_OK)
		round_trip(buf_view(&parsed));
	return 0;
}
