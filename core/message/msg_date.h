#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_buf.h"
#include "base_err.h"
#include "base_view.h"

/* A moment, and the time zone it was written in. */
struct msg_date {
	int64_t epoch_s;
	int offset_s;      /* seconds east of UTC; 0 when it is not known */
	bool offset_known; /* false: -0000, or a zone whose meaning is unknown */
};

/*
 * RFC 5322 3.3 date-time, and what is seen besides: no weekday or a wrong one, comments, two- and three-digit years
 * and named zones (4.3), full month names, 6-Nov-2026, +01:00, no zone, the order of C's asctime (mbox lines).
 *
 * out     written only on ERR_OK
 * errors  ERR_SYNTAX; diag has the column
 */
MUST_CHECK enum err msg_date_parse(struct view in, struct msg_date *out, struct diag *diag);

/*
 * "Sat, 21 Nov 2026 21:00:00 +0100"; UTC and -0000 when the offset is not known. English whatever the locale. The
 * offset is written in whole minutes; years 0 to 9999.
 */
void msg_date_write(const struct msg_date *date, struct buf *out);
