#include "msg_date.h"

#include "base_show.h"
#include "base_time.h"
#include "msg_lex_priv.h"

static const char months[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};
static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* RFC 5322 4.3, and the two of Central Europe; the others say nothing certain. */
static const struct {
	const char *name;
	int hours;
} zones[] = {
	{ "UT", 0 },   { "UTC", 0 },  { "GMT", 0 },  { "Z", 0 },    { "EST", -5 }, { "EDT", -4 }, { "CST", -6 },
	{ "CDT", -5 }, { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 }, { "CET", 1 },  { "CEST", 2 },
};

enum { HOUR_S = 3600, MINUTE_S = 60, OFFSET_MAX_S = 100 * HOUR_S };

/* Between tokens: CFWS, and the dashes and commas of other formats. */
static void skip_between(struct cur *cur)
{
	lex_skip_cfws(cur);
	while (cur_try(cur, ',') || cur_try(cur, '-'))
		lex_skip_cfws(cur);
}

static struct view peek_word(const struct cur *cur)
{
	struct cur ahead = *cur;
	return cur_while(&ahead, ascii_is_alpha);
}

/* Index of a name by its first three letters, or -1. */
static int name_index(struct view word, const char names[][4], int n)
{
	for (int i = 0; i < n; i++) {
		if (view_starts_case(word, view_of(names[i], 3)))
			return i;
	}
	return -1;
}

static bool take_month(struct cur *cur, struct base_date *date)
{
	struct view word = peek_word(cur);
	int month = name_index(word, months, 12);
	if (month < 0)
		return false;
	date->month = (unsigned)month + 1;
	cur->at += word.n;
	skip_between(cur);
	return true;
}

static void take_day(struct cur *cur, struct base_date *date)
{
	date->day = (unsigned)cur_need_uint(cur, 31);
	skip_between(cur);
}

/* RFC 5322 4.3: two digits are 1950 to 2049, three count from 1900. */
static void take_year(struct cur *cur, struct base_date *date)
{
	size_t start = cur->at;
	date->year = (int64_t)cur_need_uint(cur, 9999);
	size_t digits = cur->at - start;
	if (digits == 2)
		date->year += date->year < 50 ? 2000 : 1900;
	else if (digits == 3)
		date->year += 1900;
	else if (digits < 2)
		cur_fail(cur);
}

static void take_time(struct cur *cur, struct base_date *date)
{
	date->hour = (unsigned)cur_need_uint(cur, 23);
	lex_skip_cfws(cur);
	cur_need(cur, ':');
	lex_skip_cfws(cur);
	date->minute = (unsigned)cur_need_uint(cur, 59);
	lex_skip_cfws(cur);
	if (cur_try(cur, ':')) {
		lex_skip_cfws(cur);
		date->second = (unsigned)cur_need_uint(cur, 60);
		lex_skip_cfws(cur);
	}
}

/* "+hhmm" or "+hh:mm", the sign not yet taken. */
static void take_offset(struct cur *cur, struct msg_date *out)
{
	bool west = cur_try(cur, '-');
	if (!west)
		cur_need(cur, '+');
	size_t start = cur->at;
	uint64_t value = cur_need_uint(cur, 9999);
	if (cur->at - start == 2 && cur_try(cur, ':'))
		value = value * 100 + cur_need_uint(cur, 59);
	if (value % 100 > 59 || cur->at - start < 4) {
		cur_fail(cur);
		return;
	}
	int offset_s = (int)(value / 100) * HOUR_S + (int)(value % 100) * MINUTE_S;
	out->offset_s = west ? -offset_s : offset_s;
	out->offset_known = !west || value != 0;
}

static void take_zone(struct cur *cur, struct msg_date *out)
{
	struct view word = cur_while(cur, ascii_is_alpha);
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		if (view_is_case(word, zones[i].name)) {
			out->offset_known = true;
			out->offset_s = zones[i].hours * HOUR_S;
		}
	}
	if (cur_peek(cur) == '+' || cur_peek(cur) == '-')
		take_offset(cur, out);
}

/* C's asctime: month, day, time, year, with a zone before or behind the year. */
static void take_asctime(struct cur *cur, struct base_date *date, struct msg_date *out)
{
	take_day(cur, date);
	take_time(cur, date);
	if (!ascii_is_digit(cur_peek(cur))) {
		take_zone(cur, out);
		lex_skip_cfws(cur);
	}
	take_year(cur, date);
	lex_skip_cfws(cur);
	if (!out->offset_known)
		take_zone(cur, out);
}

static void take_rfc5322(struct cur *cur, struct base_date *date, struct msg_date *out)
{
	take_day(cur, date);
	if (!take_month(cur, date))
		cur_fail(cur);
	take_year(cur, date);
	skip_between(cur);
	take_time(cur, date);
	take_zone(cur, out);
}

enum err msg_date_parse(struct view in, struct msg_date *out, struct diag *diag)
{
	struct cur cur = cur_of(in);
	struct base_date date = { 0 };
	struct msg_date got = { 0 };
	lex_skip_cfws(&cur);
	struct view word = peek_word(&cur);
	if (name_index(word, weekdays, 7) >= 0) {
		cur.at += word.n;
		skip_between(&cur);
	}
	if (take_month(&cur, &date))
		take_asctime(&cur, &date, &got);
	else
		take_rfc5322(&cur, &date, &got);
	lex_skip_cfws(&cur);
	if (!cur_done(&cur) || !base_date_valid(&date))
		return diag_at(diag, ERR_SYNTAX, 1, (unsigned)cur.at + 1,
			       "not a date: \"%s\" (write it like \"Sat, 21 Nov 2026 21:00:00 +0100\")", SHOW(in));
	got.epoch_s = base_time_of_date(&date) - got.offset_s;
	*out = got;
	return ERR_OK;
}

void msg_date_write(const struct msg_date *date, struct buf *out)
{
	int offset_min = 0;
	if (date->offset_known && date->offset_s > -OFFSET_MAX_S && date->offset_s < OFFSET_MAX_S)
		offset_min = date->offset_s / MINUTE_S;
	struct base_date d = base_date_of_time(date->epoch_s + (int64_t)offset_min * MINUTE_S);
	int64_t year = d.year < 0 ? 0 : d.year > 9999 ? 9999 : d.year;
	bool west = offset_min < 0 || !date->offset_known;
	int minutes = offset_min < 0 ? -offset_min : offset_min;
	buf_printf(out, "%s, %u %s %04d %02u:%02u:%02u %c%02d%02d", weekdays[d.weekday % 7], d.day,
		   months[(d.month - 1) % 12], (int)year, d.hour, d.minute, d.second, west ? '-' : '+', minutes / 60,
		   minutes % 60);
}
