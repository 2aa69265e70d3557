#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_view.h"

/*
 * Calendar without the C library's locale, time zone or 2038: seconds since 1970-01-01T00:00:00Z, proleptic Gregorian.
 */
struct base_date {
	int64_t year;
	unsigned month, day;           /* from 1 */
	unsigned hour, minute, second; /* second may be 60 when parsed, never when made */
	unsigned weekday;              /* 0 Sunday */
};

int64_t base_time_of_date(const struct base_date *date);
struct base_date base_date_of_time(int64_t epoch_s);
bool base_date_valid(const struct base_date *date);

/* "2026-11-21T20:00:00Z"; years 0 to 9999, others are clamped. */
enum { BASE_TIME_MAX = 24 };
void base_time_rfc3339(int64_t epoch_s, char out[BASE_TIME_MAX]);

/* RFC 3339 with any offset and optional fraction; "2026-11-21" (midnight UTC); or epoch seconds. */
MUST_CHECK bool base_time_parse(struct view v, int64_t *epoch_s);

/* Seconds east of UTC that the machine's time zone has at that time. */
int base_time_local_offset(int64_t epoch_s);

/*
 * Names with a date in them: %Y %y %m %d %H %M %S %j %G %V %u %s and %% of strftime, in UTC and without a locale. False: another
 * conversion stands in the pattern (out may have grown).
 */
struct buf;
MUST_CHECK bool base_time_name(struct view pattern, int64_t epoch_s, struct buf *out);
