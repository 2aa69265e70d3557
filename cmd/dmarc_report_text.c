/* dmarc-check --report: the table for people. */
#include "base_show.h"
#include "base_time.h"
#include "base_utf8.h"
#include "dmarc_report.h"

enum { ROWS_SHOWN = 40, BAR = 10, KEY_MAX = 46, NAME_SHOWN = 40 };

void report_failure_line(const struct rua_report *report, struct buf *out)
{
	const struct rua_failure *failure = report->failure;
	buf_printf(out, "  %s  ", SHOW(failure->reported_domain));
	buf_printf(out, "from %s  ", SHOW(failure->source_ip));
	buf_printf(out, "%s", SHOW(failure->auth_failure));
	if (failure->identity_alignment.n > 0)
		buf_printf(out, ", not aligned: %s", SHOW(failure->identity_alignment));
	if (failure->from.n > 0)
		buf_printf(out, "  %s", SHOW(failure->from));
	if (failure->subject.n > 0)
		buf_printf(out, "  \"%s\"", SHOW(view_to(failure->subject, 60)));
	buf_byte(out, '\n');
}

static void bar(struct cmd *cmd, const struct report_group *group)
{
	unsigned passes = group->messages == 0 ? 0 : (unsigned)(group->pass * BAR / group->messages);
	if (group->fail > 0 && passes == BAR)
		passes--;
	cmd_out_str(cmd, cmd_style(cmd, CMD_GREEN));
	for (unsigned i = 0; i < passes; i++)
		cmd_out_str(cmd, "█");
	cmd_out_str(cmd, cmd_style(cmd, CMD_RED));
	for (unsigned i = passes; i < BAR; i++)
		cmd_out_str(cmd, "░");
	cmd_out_printf(cmd, "%s %3u%%", cmd_style(cmd, CMD_RESET), report_percent(group->pass, group->messages));
}

static void row(struct cmd *cmd, const struct report_group *group, int width)
{
	BUF_AUTO struct buf why;
	buf_init(&why, 4096);
	report_why_text(group, &why);
	cmd_out_printf(cmd, "  %-*s  %8llu  %8llu  ", width, SHOW(group->key), (unsigned long long)group->messages,
		       (unsigned long long)group->fail);
	bar(cmd, group);
	if (group->name.n > 0)
		cmd_out_printf(cmd, "  %s", SHOW(view_to(group->name, NAME_SHOWN)));
	if (why.n > 0)
		cmd_out_printf(cmd, "  %.*s", VIEW_ARG(buf_view(&why)));
	if (group->rejected > 0)
		cmd_out_printf(cmd, ", %llu rejected", (unsigned long long)group->rejected);
	if (group->quarantined > 0)
		cmd_out_printf(cmd, ", %llu quarantined", (unsigned long long)group->quarantined);
	if (group->excused > 0)
		cmd_out_printf(cmd, ", %llu let through by the receiver's own rules",
			       (unsigned long long)group->excused);
	cmd_out_str(cmd, "\n");
}

static void table(struct report_run *run)
{
	static const char *const heads[] = { "source", "receiver", "day", "domain" };
	struct cmd *cmd = run->cmd;
	size_t n;
	struct report_group **list = report_sorted(run, &n);
	size_t shown = cmd->common->verbose > 0 || n <= ROWS_SHOWN ? n : ROWS_SHOWN;
	int width = 8;
	for (size_t i = 0; i < shown; i++) {
		int k = (int)utf8_columns(view_str(SHOW(list[i]->key)));
		width = k > width ? (k > KEY_MAX ? KEY_MAX : k) : width;
	}
	cmd_out_printf(cmd, "\n  %s%-*s  %8s  %8s  %-15s%s\n", cmd_style(cmd, CMD_DIM), width, heads[run->opts->by],
		       "messages", "failed", "passed", cmd_style(cmd, CMD_RESET));
	for (size_t i = 0; i < shown; i++)
		row(cmd, list[i], width);
	if (shown < n)
		cmd_out_printf(cmd, "  and %zu more (-v shows all)\n", n - shown);
}

static void days(struct cmd *cmd, int64_t begin, int64_t end)
{
	char from[BASE_TIME_MAX], to[BASE_TIME_MAX];
	if (begin < 0 || end < 0)
		return;
	base_time_rfc3339(begin, from);
	base_time_rfc3339(end, to);
	cmd_out_printf(cmd, ", %.10s to %.10s", from, to);
}

static void names(struct cmd *cmd, const struct map *map, const char *many)
{
	if (map->n == 1)
		cmd_out_printf(cmd, "%s", SHOW(map->entries[0].key));
	else
		cmd_out_printf(cmd, "%zu %s", map->n, many);
}

static const char *s(uint64_t n) { return n == 1 ? "" : "s"; }

static void tls_text(struct report_run *run)
{
	struct cmd *cmd = run->cmd;
	if (run->tls_reports == 0)
		return;
	cmd_out_printf(cmd, "\nTLS: %llu report%s\n", (unsigned long long)run->tls_reports, s(run->tls_reports));
	for (size_t i = 0; i < run->tls.n; i++) {
		const struct report_tls *tls = run->tls.entries[i].value;
		cmd_out_printf(cmd, "  %s (%s)  ", SHOW(tls->domain), SHOW(tls->type));
		cmd_out_printf(cmd, "%llu sessions good, %llu failed", (unsigned long long)tls->success,
			       (unsigned long long)tls->failure);
		for (size_t k = 0; k < tls->types.n; k++)
			cmd_out_printf(cmd, "%s %llu %s", k == 0 ? ":" : ",",
				       *(unsigned long long *)tls->types.entries[k].value,
				       SHOW(tls->types.entries[k].key));
		cmd_out_str(cmd, "\n");
	}
}

void report_text(struct report_run *run)
{
	struct cmd *cmd = run->cmd;
	if (run->reports > 0) {
		cmd_out_str(cmd, cmd_style(cmd, CMD_BOLD));
		names(cmd, &run->domains, "domains");
		cmd_out_printf(cmd, "%s  %llu report%s from ", cmd_style(cmd, CMD_RESET),
			       (unsigned long long)run->reports, s(run->reports));
		names(cmd, &run->orgs, "receivers");
		days(cmd, run->begin, run->end);
		cmd_out_printf(cmd, "\n  %llu message%s: %llu passed (%u%%), %llu failed\n",
			       (unsigned long long)run->messages, s(run->messages), (unsigned long long)run->pass,
			       report_percent(run->pass, run->messages), (unsigned long long)run->fail);
		table(run);
	}
	if (run->failures > 0) {
		cmd_out_printf(cmd, "%s%llu failure report%s\n", run->reports > 0 ? "\n" : "",
			       (unsigned long long)run->failures, s(run->failures));
		cmd_out_view(cmd, buf_view(&run->failures_text));
	}
	tls_text(run);
	if (run->duplicates > 0)
		cmd_out_printf(cmd, "\n%llu report%s there twice, counted once\n", (unsigned long long)run->duplicates,
			       run->duplicates == 1 ? " was" : "s were");
	if (run->reports + run->failures + run->tls_reports == 0)
		cmd_out_str(cmd, run->skipped > 0 ? "no report since then\n" : "no report\n");
}
