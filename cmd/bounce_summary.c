#include "bounce_summary.h"

#include <stdio.h>
#include <stdlib.h>

#include "base_time.h"
#include "base_utf8.h"

enum { BAR_COLUMNS = 30 };

struct bounce_group {
	struct view name;
	uint64_t total, hard, soft, complaints;
};

const char *const bounce_by_names[] = { "reason", "category", "domain", "provider", "mta", "day", "job", NULL };

void bounce_summary_init(struct bounce_summary *summary, enum bounce_by by, uint64_t seed)
{
	*summary = (struct bounce_summary){ .by = by };
	map_init(&summary->groups, &summary->arena, seed, true);
}

void bounce_summary_done(struct bounce_summary *summary) { arena_done(&summary->arena); }

static struct view key_of(const struct bounce_summary *summary, const struct bounce_report *report,
			  const struct bounce_record *record, struct view job, char day[BASE_TIME_MAX])
{
	const char *category = bounce_category_name(record->verdict.category);
	size_t sign = view_find_byte(record->recipient, '@');
	switch (summary->by) {
	case BOUNCE_BY_REASON:
		return view_str(bounce_reason_name(record->verdict.reason));
	case BOUNCE_BY_CATEGORY:
		return view_str(category != NULL ? category : bounce_type_name(record->type));
	case BOUNCE_BY_DOMAIN:
		return sign == SIZE_MAX ? view_none() : view_from(record->recipient, sign + 1);
	case BOUNCE_BY_PROVIDER:
		return view_str(record->verdict.provider != NULL ? record->verdict.provider : "");
	case BOUNCE_BY_MTA:
		return record->remote_mta.n > 0 ? record->remote_mta : record->reporting_mta;
	case BOUNCE_BY_DAY:
		base_time_rfc3339(report->timestamp, day);
		return report->timestamp == 0 ? view_none() : view_of(day, 10);
	case BOUNCE_BY_RULE:
		return view_str(record->verdict.rule != NULL ? record->verdict.rule : "");
	case BOUNCE_BY_JOB:
		break;
	}
	return job;
}

void bounce_summary_add(struct bounce_summary *summary, const struct bounce_report *report,
			const struct bounce_record *record, struct view job)
{
	if (record == NULL) {
		summary->unknown++;
		return;
	}
	char day[BASE_TIME_MAX];
	struct view key = key_of(summary, report, record, job, day);
	if (key.n == 0)
		key = VIEW("(none)");
	struct bounce_group *group = map_get(&summary->groups, key);
	if (group == NULL) {
		group = arena_new(&summary->arena, struct bounce_group);
		group->name = arena_view(&summary->arena, key);
		*map_put(&summary->groups, group->name) = group;
	}
	bool bounce = record->type == BOUNCE_TYPE_BOUNCE;
	bool hard = bounce && record->verdict.hard == BOUNCE_HARD_YES;
	bool complaint = record->type == BOUNCE_TYPE_FEEDBACK && !view_is_case(record->feedback_type, "not-spam") &&
			 !view_is_case(record->feedback_type, "auth-failure");
	group->total++;
	group->hard += hard;
	group->soft += bounce && !hard;
	group->complaints += complaint;
	summary->records++;
	summary->hard += hard;
	summary->soft += bounce && !hard;
	summary->delayed += record->type == BOUNCE_TYPE_DELAY;
	summary->complaints += complaint;
}

static int by_total(const void *a, const void *b)
{
	const struct bounce_group *x = *(struct bounce_group *const *)a, *y = *(struct bounce_group *const *)b;
	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return view_cmp(x->name, y->name);
}

static void print_group_json(struct cmd *cmd, const struct bounce_summary *summary, const struct bounce_group *group)
{
	struct json *json = cmd_json_begin(cmd);
	json_key_str(json, "type", "summary");
	json_key_str(json, "by", bounce_by_names[summary->by]);
	json_key_view(json, "group", group->name);
	json_key_uint(json, "records", group->total);
	json_key_uint(json, "hard", group->hard);
	json_key_uint(json, "soft", group->soft);
	json_key_uint(json, "complaints", group->complaints);
	cmd_json_end(cmd);
}

static void print_group_text(struct cmd *cmd, const struct bounce_group *group, uint64_t most, size_t width, bool plot)
{
	size_t columns = utf8_columns(group->name);
	cmd_out_shown(cmd, group->name);
	cmd_out_printf(cmd, "%*s", (int)(columns < width ? width - columns : 0), "");
	cmd_out_printf(cmd, " %7llu %7llu %7llu %10llu", (unsigned long long)group->total,
		       (unsigned long long)group->hard, (unsigned long long)group->soft,
		       (unsigned long long)group->complaints);
	if (plot) {
		cmd_out_str(cmd, "  ");
		cmd_out_str(cmd, cmd_style(cmd, group->hard > 0 ? CMD_RED : CMD_YELLOW));
		uint64_t bars = (group->total * BAR_COLUMNS + most - 1) / most;
		while (bars-- > 0)
			cmd_out_str(cmd, "\xe2\x96\x88");
		cmd_out_str(cmd, cmd_style(cmd, CMD_RESET));
	}
	cmd_out_str(cmd, "\n");
}

void bounce_summary_print(struct cmd *cmd, const struct bounce_summary *summary, bool plot, bool json)
{
	size_t n = summary->groups.n, width = 12;
	struct bounce_group **sorted = arena_array(cmd->arena, n + 1, sizeof(struct bounce_group *));
	for (size_t i = 0; i < n; i++) {
		sorted[i] = summary->groups.entries[i].value;
		size_t columns = utf8_columns(sorted[i]->name);
		width = columns > width && columns <= 40 ? columns : width;
	}
	qsort(sorted, n, sizeof(struct bounce_group *), by_total);
	if (!json)
		cmd_out_printf(cmd, "%s%-*s %7s %7s %7s %10s%s\n", cmd_style(cmd, CMD_BOLD), (int)width,
			       bounce_by_names[summary->by], "records", "hard", "soft", "complaints",
			       cmd_style(cmd, CMD_RESET));
	for (size_t i = 0; i < n; i++) {
		if (json)
			print_group_json(cmd, summary, sorted[i]);
		else
			print_group_text(cmd, sorted[i], sorted[0]->total, width, plot);
	}
	if (!json)
		cmd_out_printf(cmd,
			       "%llu messages, %llu records: %llu hard, %llu soft, %llu delayed, %llu complaints; %llu "
			       "not recognised\n",
			       (unsigned long long)summary->messages, (unsigned long long)summary->records,
			       (unsigned long long)summary->hard, (unsigned long long)summary->soft,
			       (unsigned long long)summary->delayed, (unsigned long long)summary->complaints,
			       (unsigned long long)summary->unknown);
}

static bool print_rate(struct cmd *cmd, const char *name, uint64_t count, uint64_t sent, double limit, bool json)
{
	double rate = 100.0 * (double)count / (double)sent;
	bool over = rate > limit;
	if (json) {
		struct json *line = cmd_json_begin(cmd);
		json_key_str(line, "type", "rate");
		json_key_str(line, "name", name);
		json_key_uint(line, "count", count);
		json_key_uint(line, "sent", sent);
		json_key(line, "percent");
		json_double(line, rate);
		json_key(line, "limit");
		json_double(line, limit);
		json_key_bool(line, "over", over);
		cmd_json_end(cmd);
	} else {
		cmd_out_printf(cmd, "%s%-10s %8.3f %%  of %llu sent; the limit is %g %%%s%s\n",
			       cmd_style(cmd, over ? CMD_RED : CMD_GREEN), name, rate, (unsigned long long)sent, limit,
			       over ? ": over it, stop and clean the list" : "", cmd_style(cmd, CMD_RESET));
	}
	return over;
}

bool bounce_summary_rate(struct cmd *cmd, const struct bounce_summary *summary, uint64_t sent, bool json)
{
	bool bounces = print_rate(cmd, "bounces", summary->hard + summary->soft, sent, 5.0, json);
	bool complaints = print_rate(cmd, "complaints", summary->complaints, sent, 0.1, json);
	return bounces || complaints;
}

uint64_t bounce_summary_count(const struct bounce_summary *summary, struct view name)
{
	const struct bounce_group *group = map_get(&summary->groups, name);
	return group == NULL ? 0 : group->total;
}
