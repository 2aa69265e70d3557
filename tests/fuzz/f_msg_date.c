#include <stdlib.h>

#include "msg_date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parsed is written in a form that parses to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t year_1 = -62135596800, year_9999 = 253370764800;
	struct msg_date date, again;
	struct diag diag;
	if (msg_date_parse(view_of(data, size), &date, &diag) != ERR_OK || date.epoch_s < year_1 + 1000000 ||
	    date.epoch_s > year_9999)
		return 0;
	BUF_AUTO struct buf out;
	buf_init(&out, 100);
	msg_date_write(&date, &out);
	if (msg_date_parse(buf_view(&out), &again, &diag) != ERR_OK || date.epoch_s != again.epoch_s ||
	    date.offset_s != again.offset_s || date.offset_known != again.offset_known)
		abort();
	return 0;
}
