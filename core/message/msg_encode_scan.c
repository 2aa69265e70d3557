#include "msg_encode.h"

#include "base_ascii.h"
#include "base_base64.h"

static const struct view from_line = VIEW_INIT("From ");

void msg_scan_init(struct msg_scan *scan, struct view avoid)
{
	*scan = (struct msg_scan){ .avoid = avoid, .utf8 = true, .last = -1 };
}

/* RFC 3629 4 as a table of what may follow: lead octets that narrow the second octet stand alone. */
static void utf8_lead(struct msg_scan *scan, int c)
{
	scan->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	scan->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		scan->utf8_need = 1;
	else if (c >= 0xe0 && c <= 0xef)
		scan->utf8_need = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		scan->utf8_need = 3;
	else if (c >= 0x80)
		scan->utf8 = false;
}

static void scan_utf8(struct msg_scan *scan, int c)
{
	if (scan->utf8_need == 0) {
		utf8_lead(scan, c);
		return;
	}
	if (c < scan->utf8_low || c > scan->utf8_high) {
		scan->utf8 = false;
		scan->utf8_need = 0;
		return;
	}
	scan->utf8_need--;
	scan->utf8_low = 0x80;
	scan->utf8_high = 0xbf;
}

/* How far the line agrees with a prefix; true when all of it was met. */
static bool prefix_met(const struct msg_scan *scan, struct view prefix, size_t *at, int c)
{
	if (prefix.n == 0 || *at != scan->column || view_at(prefix, *at) != c)
		return false;
	return ++*at == prefix.n;
}

static void end_line(struct msg_scan *scan, uint64_t octets)
{
	if (octets > scan->longest)
		scan->longest = octets;
	if (scan->last == ' ' || scan->last == '\t')
		scan->quoted += 2;
	scan->column = 0;
	scan->from_at = 0;
	scan->avoid_at = 0;
}

static void scan_lf(struct msg_scan *scan)
{
	bool crlf = scan->last == '\r';
	scan->lines++;
	scan->lone_lf += !crlf;
	scan->quoted += 2;
	end_line(scan, scan->column - crlf);
}

static void scan_one(struct msg_scan *scan, int c)
{
	if (c >= 0x80 || scan->utf8_need > 0)
		scan_utf8(scan, c);
	if (scan->last == '\r' && c != '\n') {
		scan->bare_cr++;
		scan->quoted += 3;
	}
	if (c == '\n') {
		scan_lf(scan);
	} else {
		scan->eight += c >= 0x80;
		scan->nul += c == 0;
		if (prefix_met(scan, from_line, &scan->from_at, c))
			scan->from_line = true;
		if (prefix_met(scan, scan->avoid, &scan->avoid_at, c))
			scan->avoided = true;
		scan->quoted += c == '\r' ? 0 : (c >= 0x20 && c < 0x7f && c != '=') || c == '\t' ? 1 : 3;
		scan->column++;
	}
	scan->last = c;
}

void msg_scan_feed(struct msg_scan *scan, struct view in)
{
	scan->octets += in.n;
	for (size_t i = 0; i < in.n; i++)
		scan_one(scan, (unsigned char)in.p[i]);
}

void msg_scan_end(struct msg_scan *scan)
{
	if (scan->utf8_need > 0)
		scan->utf8 = false;
	if (scan->last == '\r')
		scan->bare_cr++;
	end_line(scan, scan->column);
}

enum err msg_scan_source(struct msg_scan *scan, struct source *source, struct diag *diag)
{
	char block[16384];
	size_t n;
	do {
		enum err err = source_read(source, block, sizeof block, &n, diag);
		if (err != ERR_OK)
			return err;
		msg_scan_feed(scan, view_of(block, n));
	} while (n > 0);
	msg_scan_end(scan);
	return source_rewind(source, diag);
}

bool msg_scan_is_7bit(const struct msg_scan *scan)
{
	return scan->eight == 0 && scan->nul == 0 && scan->bare_cr == 0 && scan->longest <= MSG_LINE_MAX &&
	       !scan->from_line && !scan->avoided;
}

enum msg_encoding msg_scan_choose(const struct msg_scan *scan)
{
	if (msg_scan_is_7bit(scan))
		return MSG_ENCODING_7BIT;
	uint64_t quoted = scan->quoted + scan->quoted / 25; /* soft line breaks: three octets in 76 */
	uint64_t coded = base64_lines_size((size_t)(scan->octets + scan->lone_lf));
	return scan->nul > 0 || quoted > coded ? MSG_ENCODING_BASE64_TEXT : MSG_ENCODING_QP;
}
