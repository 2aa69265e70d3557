/* Reports out of tests/data/rua_read: what comes out, the same in pieces of any size; limits; RFC 9990, 9991 and 8460. */
#include <stdlib.h>

#include "base_file.h"
#include "rua_read.h"
#include "tap.h"

/* A source that gives at most `step` octets at a time. */
struct drip {
	struct source source;
	struct view left;
	size_t step;
};

static enum err drip_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct drip *drip = (struct drip *)source;
	struct view part = view_to(drip->left, drip->step < cap ? drip->step : cap);
	(void)diag;
	memcpy(out, part.p, part.n);
	*n = part.n;
	drip->left = view_from(drip->left, part.n);
	return ERR_OK;
}

/* Everything that was found, as text. */
struct found {
	struct rua_sink sink;
	struct buf text;
	enum err err;
	unsigned reports;
};

static void on_report(struct rua_sink *sink, struct rua_report *report)
{
	struct found *found = (struct found *)sink;
	struct buf *out = &found->text;
	found->reports++;
	buf_printf(out, "%s %.*s|%.*s|%.*s p=%.*s %lld-%lld %llu/%llu/%llu", rua_kind_name(report->kind),
		   VIEW_ARG(report->org_name), VIEW_ARG(report->report_id), VIEW_ARG(report->domain),
		   VIEW_ARG(report->p), (long long)report->begin, (long long)report->end,
		   (unsigned long long)report->messages, (unsigned long long)report->pass,
		   (unsigned long long)report->fail);
	for (size_t i = 0; i < report->records.n; i++) {
		const struct rua_record *r = &report->records.at[i];
		buf_printf(out, "; %.*s %llu %.*s/%.*s/%.*s %zu %zu %zu", VIEW_ARG(r->source_ip),
			   (unsigned long long)r->count, VIEW_ARG(r->disposition), VIEW_ARG(r->dkim), VIEW_ARG(r->spf),
			   r->reasons.n, r->auth_dkim.n, r->auth_spf.n);
	}
	for (size_t i = 0; i < report->tls.n; i++)
		buf_printf(out, "; %.*s %zu %zu", VIEW_ARG(report->tls.at[i].type), report->tls.at[i].mx_hosts.n,
			   report->tls.at[i].failures.n);
	if (report->failure != NULL)
		buf_printf(out, "; %.*s %.*s", VIEW_ARG(report->failure->identity_alignment),
			   VIEW_ARG(report->failure->source_ip));
	buf_byte(out, '\n');
}

static void on_problem(struct rua_sink *sink, struct view where, enum err err, const struct diag *diag)
{
	struct found *found = (struct found *)sink;
	(void)where;
	found->err = err;
	buf_printf(&found->text, "%s\n", diag->text);
}

static void read_in(struct rua_reader *reader, struct found *found, struct view in, size_t step)
{
	static const struct source_ops ops = { drip_read, NULL };
	struct drip drip = { { &ops }, in, step };
	buf_reset(&found->text);
	found->err = ERR_OK;
	found->reports = 0;
	CHECK(rua_read(reader, "t", &drip.source, NULL) == ERR_OK);
}

static const struct {
	const char *file, *want;
} files[] = {
	{ "treewalk.xml",
	  "aggregate Example Receiver|1721054318-example.com@receiver.example|example.com p=quarantine "
	  "1721001600-1721087999 100/96/4; 192.0.2.17 96 pass/pass/fail 0 1 1; 2001:db8::7 4 none/fail/fail 1 1 1\n" },
	{ "odd.xml",
	  "aggregate =HYPERLINK(\"http://x\")\xef\xbf\xbd<b>|odd-1|example.org p=reject 1700000000-1700086400 "
	  "2/0/2; 198.51.100.9 2 reject/fail/fail 0 0 1\n" },
	{ "tls.json", "tls Company-X|5065427c-23d3-47ca-b6e0-946ea0e8c4be|company-y.example p= 1459468800-1459555199 "
		      "5629/5326/303; sts 1 3\n" },
	{ "failure.eml",
	  "failure |<f1@receiver.example>|example.com p= 1784013120-1784013120 3/0/3; spf,dkim 198.51.100.7\n" },
	{ "gz", "aggregate r|1|example.org p=none -1--1 1/1/0; 192.0.2.1 1 none/pass/fail 0 0 0\n" },
	{ "zip", "aggregate r|1|example.org p=none -1--1 1/1/0; 192.0.2.1 1 none/pass/fail 0 0 0\n" },
	{ "mail", "aggregate r|1|example.org p=none -1--1 1/1/0; 192.0.2.1 1 none/pass/fail 0 0 0\n" },
};

static const struct {
	const char *what, *in;
	enum err err;
	const char *text;
} faults[] = {
	{ "empty", "", ERR_DATA, "empty" },
	{ "a DOCTYPE", "<?xml version='1.0'?><!DOCTYPE feedback><feedback/>", ERR_DATA,
	  "a document type (DOCTYPE), which no report has: refused" },
	{ "another document", "<rss><a/></rss>", ERR_DATA,
	  "no DMARC report: its first element is <rss>, not <feedback>" },
	{ "an empty report", "<feedback/>", ERR_DATA,
	  "no DMARC report: <feedback> has neither metadata nor policy nor records" },
	{ "tags do not match", "<feedback><record></feedback>", ERR_SYNTAX, "XML, line 1, column 21: mismatched tag" },
	{ "cut off", "<feedback><record>", ERR_SYNTAX, "XML, line 1, column 19: no element found" },
	{ "an entity of its own", "<feedback>&x;</feedback>", ERR_SYNTAX, "XML, line 1, column 11: undefined entity" },
	{ "JSON that is no report", "{\"a\":1}", ERR_DATA, "no TLS report: \"policies\" is missing (RFC 8460 4.4)" },
	{ "gzip without data", "\x1f\x8b", ERR_SYNTAX, "compressed data ends too early" },
	{ "a zip that says nothing", "PK\5\6", ERR_DATA, "an empty archive" },
	{ "text", "hello\n", ERR_DATA, "no report in this message" },
};

static void test_file(struct rua_reader *reader, struct found *found, size_t i)
{
	struct diag diag = { 0 };
	BUF_AUTO struct buf in;
	struct arena arena = { 0 };
	tap_case("%s", files[i].file);
	buf_init(&in, 1 << 20);
	char *path = arena_printf(&arena, "%s/rua_read/%s", getenv("TEST_DATA"), files[i].file);
	if (CHECK(file_read(path, &in, &diag) == ERR_OK)) {
		read_in(reader, found, buf_view(&in), SIZE_MAX);
		CHECK_VIEW(buf_view(&found->text), files[i].want);
		tap_case("%s, octet by octet", files[i].file);
		read_in(reader, found, buf_view(&in), 1);
		CHECK_VIEW(buf_view(&found->text), files[i].want);
		tap_case("%s, cut anywhere", files[i].file);
		for (size_t n = 0; n < in.n; n += 1 + n / 40) {
			read_in(reader, found, view_to(buf_view(&in), n), 7);
			CHECK(found->reports <= 1);
		}
	}
	arena_done(&arena);
}

int main(void)
{
	struct found found = { .sink = { on_report, on_problem } };
	buf_init(&found.text, 1 << 20);
	struct rua_reader *reader = rua_reader_open(&found.sink);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		test_file(reader, &found, i);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		tap_case("%s", faults[i].what);
		read_in(reader, &found, view_str(faults[i].in), 5);
		CHECK_INT(found.err, faults[i].err);
		CHECK_VIEW(view_trim(buf_view(&found.text)), faults[i].text);
	}
	rua_reader_close(&reader);
	buf_done(&found.text);
	return tap_done();
}
