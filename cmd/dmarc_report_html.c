/* dmarc-check --report --html: one page, no script, nothing fetched, all of strangers' text escaped. */
#include "base_file.h"
#include "base_show.h"
#include "base_time.h"
#include "dmarc_report.h"

enum { PAGE_MAX = 64 << 20 };

static const char style[] =
	"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 "
	"1rem;color:#1b1f24;background:#fff}"
	"h1{font-size:1.5rem;margin:0}p{margin:.3rem 0}table{border-collapse:collapse;width:100%;margin:1rem 0}"
	"th{font-weight:600;text-align:left;border-bottom:2px solid #8884}td{border-bottom:1px solid #8883}"
	"th,td{padding:.35rem .6rem;vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums}"
	".b{width:9rem}.b div{height:.8rem;margin-top:.35rem;background:#d1495b;border-radius:3px;overflow:hidden}"
	".b i{display:block;height:100%;background:#2f9e6e}.big{font-size:2.2rem;font-weight:600}"
	".tiles{display:flex;gap:2rem;flex-wrap:wrap;margin:1rem 0}.tiles small{display:block;color:#777}"
	"pre{white-space:pre-wrap;overflow-wrap:anywhere}"
	"@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16191d}}"
	"@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}";

/* First fit for any reader, then for HTML. */
static void put(struct buf *out, struct view v)
{
	BUF_AUTO struct buf text;
	buf_init(&text, 65536);
	show_write(v, &text);
	for (size_t i = 0; i < text.n; i++)
		switch (text.p[i]) {
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '&':
			buf_str(out, "&amp;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\'':
			buf_str(out, "&#39;");
			break;
		default:
			buf_byte(out, text.p[i]);
		}
}

static void tile(struct buf *out, uint64_t n, const char *what)
{
	buf_printf(out, "<div><span class=big>%llu</span><small>%s</small></div>", (unsigned long long)n, what);
}

static void row(struct buf *out, const struct report_group *group)
{
	BUF_AUTO struct buf why;
	buf_init(&why, 4096);
	report_why_text(group, &why);
	buf_str(out, "<tr><td>");
	put(out, group->key);
	if (group->name.n > 0) {
		buf_str(out, "<br><small>");
		put(out, group->name);
		buf_str(out, "</small>");
	}
	buf_str(out, "<td>");
	put(out, group->domain);
	buf_printf(out,
		   "<td class=n>%llu<td class=n>%llu<td class=b><div><i style=\"width:%u%%\"></i></div><td "
		   "class=n>%u%%<td>",
		   (unsigned long long)group->messages, (unsigned long long)group->fail,
		   report_percent(group->pass, group->messages), report_percent(group->pass, group->messages));
	put(out, buf_view(&why));
	buf_printf(out, "<td class=n>%llu<td class=n>%llu</tr>\n", (unsigned long long)group->quarantined,
		   (unsigned long long)group->rejected);
}

static void tls_rows(struct report_run *run, struct buf *out)
{
	if (run->tls_reports == 0)
		return;
	buf_str(out, "<h2>TLS</h2><table><tr><th>Domain<th>Policy<th class=n>Good<th class=n>Failed<th>Why</tr>\n");
	for (size_t i = 0; i < run->tls.n; i++) {
		const struct report_tls *tls = run->tls.entries[i].value;
		buf_str(out, "<tr><td>");
		put(out, tls->domain);
		buf_str(out, "<td>");
		put(out, tls->type);
		buf_printf(out, "<td class=n>%llu<td class=n>%llu<td>", (unsigned long long)tls->success,
			   (unsigned long long)tls->failure);
		for (size_t k = 0; k < tls->types.n; k++) {
			buf_str(out, k == 0 ? "" : ", ");
			put(out, tls->types.entries[k].key);
		}
		buf_str(out, "</tr>\n");
	}
	buf_str(out, "</table>\n");
}

static void page(struct report_run *run, struct buf *out)
{
	static const char *const heads[] = { "Source", "Receiver", "Day", "Domain" };
	size_t n;
	struct report_group **list = report_sorted(run, &n);
	char from[BASE_TIME_MAX] = "", to[BASE_TIME_MAX] = "";
	if (run->begin >= 0 && run->end >= 0) {
		base_time_rfc3339(run->begin, from);
		base_time_rfc3339(run->end, to);
	}
	buf_str(out,
		"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">"
		"<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
		"<title>DMARC reports</title><style>");
	buf_str(out, style);
	buf_str(out, "</style>\n<h1>");
	for (size_t i = 0; i < run->domains.n && i < 10; i++) {
		buf_str(out, i == 0 ? "" : ", ");
		put(out, run->domains.entries[i].key);
	}
	buf_printf(out, "</h1><p>%.10s to %.10s</p>\n<div class=tiles>", from, to);
	tile(out, run->messages, "messages");
	tile(out, run->pass, "passed");
	tile(out, run->fail, "failed");
	tile(out, run->reports, "reports");
	tile(out, run->orgs.n, "receivers");
	buf_printf(out,
		   "</div>\n<table><tr><th>%s<th>As<th class=n>Messages<th class=n>Failed<th><th class=n>Passed<th>Why "
		   "it failed"
		   "<th class=n>Quarantined<th class=n>Rejected</tr>\n",
		   heads[run->opts->by]);
	for (size_t i = 0; i < n; i++)
		row(out, list[i]);
	buf_str(out, "</table>\n");
	tls_rows(run, out);
	if (run->failures > 0) {
		buf_str(out, "<h2>Failure reports</h2><pre>");
		for (struct view rest = buf_view(&run->failures_text), line; view_next_line(&rest, &line);) {
			put(out, line);
			buf_byte(out, '\n');
		}
		buf_str(out, "</pre>\n");
	}
}

enum err report_html(struct report_run *run, const char *path, struct diag *diag)
{
	BUF_AUTO struct buf out;
	buf_init(&out, PAGE_MAX);
	page(run, &out);
	if (buf_err(&out) != ERR_OK)
		return diag_set(diag, ERR_LIMIT, "the page is longer than PAGE_MAX (%d MiB); use --failing",
				PAGE_MAX >> 20);
	if (strcmp(path, "-") == 0)
		cmd_out_view(run->cmd, buf_view(&out));
	else
		return file_replace(path, buf_view(&out), 0644, diag);
	return ERR_OK;
}
