/* Numbers by source, organization, day or domain; why mail failed. */
#include <stdlib.h>

#include "base_num.h"
#include "base_show.h"
#include "base_time.h"
#include "cmd_dns.h"
#include "dmarc_report.h"
#include "dns_name.h"

static const struct rua_auth *passed(const struct rua_auths *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (view_is(list->at[i].result, "pass") && list->at[i].domain.n > 0)
			return &list->at[i];
	return NULL;
}

static bool any_result(const struct rua_auths *list, const char *result)
{
	for (size_t i = 0; i < list->n; i++)
		if (view_is(list->at[i].result, result))
			return true;
	return false;
}

enum report_why report_why_of(const struct rua_record *record, struct view *other)
{
	const struct rua_auth *dkim = passed(&record->auth_dkim), *spf = passed(&record->auth_spf);
	*other = view_none();
	if (dkim != NULL || spf != NULL) {
		*other = dkim != NULL ? dkim->domain : spf->domain;
		return REPORT_UNALIGNED;
	}
	if (any_result(&record->auth_dkim, "temperror") || any_result(&record->auth_spf, "temperror") ||
	    any_result(&record->auth_spf, "permerror"))
		return REPORT_UNKNOWN;
	return any_result(&record->auth_dkim, "fail") ? REPORT_BROKEN : REPORT_UNSIGNED;
}

void report_why_text(const struct report_group *group, struct buf *out)
{
	static const char *const texts[] = {
		[REPORT_UNSIGNED] = "not signed, SPF does not pass",
		[REPORT_BROKEN] = "signature broken (changed on the way, or forged)",
		[REPORT_UNALIGNED] = "passes, but not for your domain",
		[REPORT_UNKNOWN] = "the receiver met DNS or record errors",
	};
	enum report_why most = REPORT_UNSIGNED;
	if (group->fail == 0)
		return;
	for (enum report_why why = 1; why < REPORT_WHYS; why++)
		if (group->whys[why] > group->whys[most])
			most = why;
	if (most == REPORT_UNALIGNED && group->other.n > 0)
		buf_printf(out, "passes as %s, not aligned", SHOW(group->other));
	else
		buf_str(out, texts[most]);
}

static struct view day_of(int64_t when, struct arena *arena)
{
	char text[BASE_TIME_MAX];
	if (when < 0)
		return VIEW("unknown");
	base_time_rfc3339(when, text);
	return arena_view(arena, view_to(view_str(text), 10));
}

static struct view key_of(const struct report_run *run, const struct rua_report *report,
			  const struct rua_record *record)
{
	switch ((enum dmarc_by)run->opts->by) {
	case DMARC_BY_ORG:
		return report->org_name;
	case DMARC_BY_DAY:
		return view_none();
	case DMARC_BY_DOMAIN:
		return record->header_from.n > 0 ? record->header_from : report->domain;
	case DMARC_BY_SOURCE:
		break;
	}
	return record->source_ip;
}

static struct report_group *group_of(struct report_run *run, struct view key)
{
	struct report_group *group = map_get(&run->groups, key);
	if (group != NULL)
		return group;
	group = arena_new(run->arena, struct report_group);
	group->key = arena_view(run->arena, key);
	*map_put(&run->groups, group->key) = group;
	return group;
}

static void count_failed(struct report_run *run, struct report_group *group, const struct rua_record *record)
{
	struct view other;
	group->fail += record->count;
	group->whys[report_why_of(record, &other)] += record->count;
	if (group->other.n == 0 && other.n > 0)
		group->other = arena_view(run->arena, other);
	if (view_is(record->disposition, "quarantine"))
		group->quarantined += record->count;
	if (view_is(record->disposition, "reject"))
		group->rejected += record->count;
	if (record->reasons.n > 0)
		group->excused += record->count;
}

static void count_record(struct report_run *run, const struct rua_report *report, const struct rua_record *record,
			 struct view day)
{
	struct view key = day.n > 0 ? day : key_of(run, report, record);
	struct report_group *group = group_of(run, key.n > 0 ? key : VIEW("unknown"));
	group->messages += record->count;
	group->dkim_pass += view_is(record->dkim, "pass") ? record->count : 0;
	group->spf_pass += view_is(record->spf, "pass") ? record->count : 0;
	if (group->domain.n == 0)
		group->domain = arena_view(run->arena,
					   record->header_from.n > 0 ? record->header_from : report->domain);
	if (rua_record_passes(record))
		group->pass += record->count;
	else
		count_failed(run, group, record);
}

static void note(struct map *map, struct view key, struct arena *arena)
{
	if (map_get(map, key) == NULL)
		*map_put(map, arena_view(arena, key)) = map;
}

void report_count(struct report_run *run, const struct rua_report *report)
{
	struct view day = run->opts->by == DMARC_BY_DAY ? day_of(report->begin, run->arena) : view_none();
	run->messages += report->messages;
	run->pass += report->pass;
	run->fail += report->fail;
	note(&run->orgs, report->org_name, run->arena);
	note(&run->domains, report->domain, run->arena);
	if (report->begin >= 0 && (run->begin < 0 || report->begin < run->begin))
		run->begin = report->begin;
	if (report->end > run->end)
		run->end = report->end;
	for (size_t i = 0; i < report->records.n; i++)
		count_record(run, report, &report->records.at[i], day);
}

static int by_trouble(const void *a, const void *b)
{
	const struct report_group *const *x = a, *const *y = b;
	if ((*x)->fail != (*y)->fail)
		return (*x)->fail > (*y)->fail ? -1 : 1;
	if ((*x)->messages != (*y)->messages)
		return (*x)->messages > (*y)->messages ? -1 : 1;
	return view_cmp((*x)->key, (*y)->key);
}

static int by_key(const void *a, const void *b)
{
	const struct report_group *const *x = a, *const *y = b;
	return view_cmp((*x)->key, (*y)->key);
}

struct report_group **report_sorted(const struct report_run *run, size_t *n)
{
	struct report_group **list = arena_array(run->arena, run->groups.n + 1, sizeof(struct report_group *));
	*n = 0;
	for (size_t i = 0; i < run->groups.n; i++) {
		struct report_group *group = run->groups.entries[i].value;
		if (!run->opts->failing || group->fail > 0)
			list[(*n)++] = group;
	}
	qsort(list, *n, sizeof *list, run->opts->by == DMARC_BY_DAY ? by_key : by_trouble);
	return list;
}

enum { RESOLVE_MAX = 1000 };

/* Names of the addresses, asked for together. */
void report_resolve(struct report_run *run, struct report_group **groups, size_t n)
{
	RESOLVE_AUTO struct resolve resolve = { NULL };
	struct diag diag = { 0 };
	enum err err = cmd_dns_open(run->cmd, &resolve, &diag);
	if (err != ERR_OK) {
		cmd_report(run->cmd, "--resolve", err, &diag);
		return;
	}
	n = n > RESOLVE_MAX ? RESOLVE_MAX : n;
	struct dns_question *questions = arena_array(run->arena, n + 1, sizeof *questions);
	struct ip_addr ip;
	for (size_t i = 0; i < n; i++)
		if (ip_parse(groups[i]->key, &ip))
			questions[i] = dns_question_of(dname_of_ip(run->arena, &ip), DNS_PTR);
	for (size_t i = 0; i < n; i++)
		if (dname_is_set(questions[i].name))
			dns_prefetch(resolve.dns, &questions[i], 1);
	for (size_t i = 0; i < n; i++) {
		struct dns_answer answer;
		if (dname_is_set(questions[i].name) &&
		    dns_query(resolve.dns, run->arena, questions[i], &answer) == DNS_OK)
			groups[i]->name = dname_text(run->arena, answer.rr[0].name);
	}
}
