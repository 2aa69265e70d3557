#include "msg_date.h"
#include "tap.h"

static const struct {
	const char *what;
	const char *in;
	const char *out; /* as written again; NULL: an error */
} rows[] = {
	{ "RFC 5322 A.1.1", "Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600" },
	{ "RFC 5322 A.1.2", "Tue, 1 Jul 2003 10:52:37 +0200", "Tue, 1 Jul 2003 10:52:37 +0200" },
	{ "RFC 5322 A.1.3", "Thu, 13 Feb 1969 23:32:54 -0330", "Thu, 13 Feb 1969 23:32:54 -0330" },
	{ "RFC 5322 A.2", "Fri, 21 Nov 1997 10:01:10 -0600", "Fri, 21 Nov 1997 10:01:10 -0600" },
	{ "RFC 5322 A.5",
	  "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland "
	  "Time)",
	  "Thu, 13 Feb 1969 23:32:00 -0330" },
	{ "RFC 5322 A.6.2", "21 Nov 97 09:55:06 GMT", "Fri, 21 Nov 1997 09:55:06 +0000" },
	{ "RFC 5322 A.6.3", "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600" },
	{ "no weekday, no seconds", "21 Nov 2026 20:00 +0000", "Sat, 21 Nov 2026 20:00:00 +0000" },
	{ "wrong weekday", "Mon, 21 Nov 2026 20:00:00 +0000", "Sat, 21 Nov 2026 20:00:00 +0000" },
	{ "two-digit year 49", "1 Jan 49 00:00 UT", "Fri, 1 Jan 2049 00:00:00 +0000" },
	{ "two-digit year 50", "1 Jan 50 00:00 UT", "Sun, 1 Jan 1950 00:00:00 +0000" },
	{ "three-digit year", "1 Jan 126 00:00 UT", "Thu, 1 Jan 2026 00:00:00 +0000" },
	{ "EST", "1 Jan 2026 00:00 EST", "Thu, 1 Jan 2026 00:00:00 -0500" },
	{ "pdt in lower case", "1 jan 2026 00:00 pdt", "Thu, 1 Jan 2026 00:00:00 -0700" },
	{ "military zone is unknown", "1 Jan 2026 00:00 A", "Thu, 1 Jan 2026 00:00:00 -0000" },
	{ "unknown zone", "1 Jan 2026 00:00 XYZT", "Thu, 1 Jan 2026 00:00:00 -0000" },
	{ "no zone", "1 Jan 2026 00:00", "Thu, 1 Jan 2026 00:00:00 -0000" },
	{ "-0000", "1 Jan 2026 00:00:00 -0000", "Thu, 1 Jan 2026 00:00:00 -0000" },
	{ "leap second", "Sat, 31 Dec 2016 23:59:60 +0000", "Sun, 1 Jan 2017 00:00:00 +0000" },
	{ "past 2038", "1 Jan 2100 00:00:00 +0000", "Fri, 1 Jan 2100 00:00:00 +0000" },
	{ "leap day", "29 Feb 2028 00:00:00 +0000", "Tue, 29 Feb 2028 00:00:00 +0000" },
	{ "asctime", "Sat Nov 21 20:00:00 2026", "Sat, 21 Nov 2026 20:00:00 -0000" },
	{ "asctime with zone", "Sat Nov  7 20:00:00 +0100 2026", "Sat, 7 Nov 2026 20:00:00 +0100" },
	{ "dashes", "Sat, 21-Nov-2026 20:00:00 +0000", "Sat, 21 Nov 2026 20:00:00 +0000" },
	{ "colon in the offset", "21 Nov 2026 20:00:00 +01:00", "Sat, 21 Nov 2026 20:00:00 +0100" },
	{ "full month name", "21 November 2026 20:00:00 +0000", "Sat, 21 Nov 2026 20:00:00 +0000" },
	{ "zone and comment", "21 Nov 2026 20:00:00 +0100 (CET (winter))", "Sat, 21 Nov 2026 20:00:00 +0100" },
	{ "empty", "", NULL },
	{ "no such day", "29 Feb 2026 00:00:00 +0000", NULL },
	{ "day 32", "32 Jan 2026 00:00:00 +0000", NULL },
	{ "hour 24", "1 Jan 2026 24:00:00 +0000", NULL },
	{ "offset minutes over 59", "1 Jan 2026 00:00:00 +0060", NULL },
	{ "one-digit year", "1 Jan 6 00:00:00 +0000", NULL },
	{ "text behind", "1 Jan 2026 00:00:00 +0000 x", NULL },
	{ "comment not closed", "1 Jan 2026 00:00:00 +0000 (x", NULL },
	{ "only a weekday", "Sat", NULL },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tap_case("%s", rows[i].what);
		struct msg_date date;
		struct diag diag = { 0 };
		enum err err = msg_date_parse(view_str(rows[i].in), &date, &diag);
		CHECK_INT(err, rows[i].out == NULL ? ERR_SYNTAX : ERR_OK);
		if (err == ERR_OK) {
			BUF_AUTO struct buf out;
			buf_init(&out, 100);
			msg_date_write(&date, &out);
			CHECK_VIEW(buf_view(&out), rows[i].out == NULL ? "" : rows[i].out);
		} else {
			CHECK(diag.column > 0);
		}
	}
	return tap_done();
}
