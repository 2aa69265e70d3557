#include "base_time.h"

#include <stdio.h>
#include <time.h>

#include "base_buf.h"
#include "base_cur.h"
#include "base_num.h"

/* Days since the epoch of a civil date, by eras of 400 years that begin in March. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t base_time_of_date(const struct base_date *date)
{
	return days_of(date->year, date->month, date->day) * 86400 + (int64_t)date->hour * 3600 +
	       (int64_t)date->minute * 60 + (int64_t)date->second;
}

struct base_date base_date_of_time(int64_t epoch_s)
{
	int64_t days = epoch_s / 86400, rest = epoch_s % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * of_year + 2) / 153;
	struct base_date date = {
		.year = year_of_era + era * 400 + (shifted >= 10),
		.month = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9),
		.day = (unsigned)(of_year - (153 * shifted + 2) / 5 + 1),
		.hour = (unsigned)(rest / 3600),
		.minute = (unsigned)(rest % 3600 / 60),
		.second = (unsigned)(rest % 60),
		.weekday = (unsigned)(((days + 4) % 7 + 7) % 7),
	};
	return date;
}

bool base_date_valid(const struct base_date *date)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (date->month < 1 || date->month > 12 || date->day < 1)
		return false;
	bool leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);
	unsigned days = lengths[date->month - 1] + (date->month == 2 && leap);
	return date->day <= days && date->hour < 24 && date->minute < 60 && date->second <= 60;
}

void base_time_rfc3339(int64_t epoch_s, char out[BASE_TIME_MAX])
{
	const int64_t first = -62167219200, last = 253402300799; /* 0000-01-01 and 9999-12-31 */
	struct base_date d = base_date_of_time(epoch_s < first ? first : epoch_s > last ? last : epoch_s);
	(void)snprintf(out, BASE_TIME_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)d.year % 10000, d.month % 100,
		       d.day % 100, d.hour % 100, d.minute % 100, d.second % 100);
}

static unsigned need_digits(struct cur *cur, unsigned count)
{
	unsigned value = 0;
	while (count-- > 0) {
		int c = cur_peek(cur);
		if (!ascii_is_digit(c)) {
			cur_fail(cur);
			return 0;
		}
		value = value * 10 + (unsigned)(c - '0');
		cur_skip(cur);
	}
	return value;
}

static int need_offset(struct cur *cur)
{
	if (cur_try(cur, 'Z') || cur_try(cur, 'z'))
		return 0;
	int sign = cur_try(cur, '-') ? -1 : 1;
	if (sign > 0)
		(void)cur_need(cur, '+');
	unsigned hours = need_digits(cur, 2);
	(void)cur_need(cur, ':');
	unsigned minutes = need_digits(cur, 2);
	if (hours > 23 || minutes > 59)
		cur_fail(cur);
	return sign * (int)(hours * 3600 + minutes * 60);
}

bool base_time_parse(struct view v, int64_t *epoch_s)
{
	uint64_t number;
	if (num_parse_uint(v, INT64_MAX / 2, &number)) {
		*epoch_s = (int64_t)number;
		return true;
	}
	struct cur cur = cur_of(v);
	struct base_date date = { .year = need_digits(&cur, 4) };
	(void)cur_need(&cur, '-');
	date.month = need_digits(&cur, 2);
	(void)cur_need(&cur, '-');
	date.day = need_digits(&cur, 2);
	int offset = 0;
	if (!cur_end(&cur)) {
		if (!cur_try(&cur, 'T') && !cur_try(&cur, 't'))
			(void)cur_need(&cur, ' ');
		date.hour = need_digits(&cur, 2);
		(void)cur_need(&cur, ':');
		date.minute = need_digits(&cur, 2);
		(void)cur_need(&cur, ':');
		date.second = need_digits(&cur, 2);
		if (cur_try(&cur, '.'))
			(void)cur_need_while(&cur, ascii_is_digit);
		offset = need_offset(&cur);
	}
	if (!cur_done(&cur) || !base_date_valid(&date))
		return false;
	*epoch_s = base_time_of_date(&date) - offset;
	return true;
}

int base_time_local_offset(int64_t epoch_s)
{
	time_t t = (time_t)epoch_s;
	struct tm local;
	return localtime_r(&t, &local) == NULL ? 0 : (int)local.tm_gmtoff;
}

static int64_t day_of_year(const struct base_date *date)
{
	struct base_date first = { .year = date->year, .month = 1, .day = 1 };
	return (base_time_of_date(date) - base_time_of_date(&first)) / 86400;
}

/* ISO 8601: a week belongs to the year of its Thursday. */
static int64_t iso_week(int64_t epoch_s, int64_t *year)
{
	struct base_date date = base_date_of_time(epoch_s);
	int64_t from_monday = (date.weekday + 6) % 7;
	struct base_date thursday = base_date_of_time(epoch_s + (3 - from_monday) * 86400);
	*year = thursday.year;
	return day_of_year(&thursday) / 7 + 1;
}

static bool conversion(int c, int64_t epoch_s, struct buf *out)
{
	struct base_date date = base_date_of_time(epoch_s);
	int64_t iso_year, week = iso_week(epoch_s, &iso_year);
	const struct {
		int letter, width;
		int64_t value;
	} known[] = {
		{ 'Y', 4, date.year },
		{ 'y', 2, date.year % 100 },
		{ 'm', 2, date.month },
		{ 'd', 2, date.day },
		{ 'H', 2, date.hour },
		{ 'M', 2, date.minute },
		{ 'S', 2, date.second },
		{ 'j', 3, day_of_year(&date) + 1 },
		{ 'G', 4, iso_year },
		{ 'V', 2, week },
		{ 'u', 1, (date.weekday + 6) % 7 + 1 },
		{ 's', 1, epoch_s },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (known[i].letter != c)
			continue;
		buf_printf(out, "%0*lld", known[i].width, (long long)known[i].value);
		return true;
	}
	return false;
}

bool base_time_name(struct view pattern, int64_t epoch_s, struct buf *out)
{
	for (size_t i = 0; i < pattern.n; i++) {
		int c = view_at(pattern, i);
		if (c != '%') {
			buf_byte(out, c);
			continue;
		}
		c = view_at(pattern, ++i);
		if (c == '%')
			buf_byte(out, '%');
		else if (!conversion(c, epoch_s, out))
			return false;
	}
	return true;
}
