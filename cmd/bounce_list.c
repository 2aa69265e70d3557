#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base_file.h"
#include "bounce_parse.h"

enum { LIST_MAX = 1 << 30 };

static enum err lock_list(struct bounce_list *list, bool wait, struct diag *diag)
{
	char path[4200];
	int n = snprintf(path, sizeof path, "%s.lock", list->path);
	if (n < 0 || (size_t)n >= sizeof path)
		return diag_errno(diag, list->path, ENAMETOOLONG);
	list->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (list->lock < 0)
		return diag_errno(diag, path, errno);
	if (flock(list->lock, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0)
		return diag_set(diag, ERR_TEMP, "%s: another run is at work on it; try again", list->path);
	return ERR_OK;
}

enum err bounce_list_open(struct bounce_list *list, const struct bounce_parse_opts *opts, const struct env *env,
			  struct diag *diag)
{
	*list = (struct bounce_list){ .path = opts->suppress, .lock = -1, .policy = suppress_policy_default() };
	list->policy.expire_s = (int64_t)(opts->expire_ms / 1000);
	if (strcmp(list->path, "store") == 0)
		return diag_set(diag, ERR_CONFIG, "this build has no store yet; name a file: --suppress list.tsv");
	enum err err = opts->policy == NULL ? ERR_OK
					    : suppress_policy_parse(view_str(opts->policy), &list->policy, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, ERR_USAGE, "--policy");
	if (!opts->dry_run && opts->check == NULL)
		err = lock_list(list, true, diag);
	uint64_t seed;
	env_random(env, &seed, sizeof seed);
	suppress_list_init(&list->entries, &list->arena, seed);
	BUF_AUTO struct buf text;
	buf_init(&text, LIST_MAX);
	bool there = access(list->path, F_OK) == 0;
	if (err == ERR_OK && !there && opts->check != NULL)
		return diag_errno(diag, list->path, ENOENT);
	if (err == ERR_OK && there)
		err = file_read(list->path, &text, diag);
	if (err == ERR_OK) {
		err = suppress_list_parse(&list->entries, arena_view(&list->arena, buf_view(&text)), diag);
		if (err != ERR_OK)
			(void)diag_prefix(diag, err, "%s", list->path);
	}
	return err;
}

enum err bounce_list_save(const struct bounce_list *list, int64_t now_s, struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, LIST_MAX);
	suppress_list_write(&list->entries, now_s, &text);
	if (text.over)
		return diag_set(diag, ERR_LIMIT, "%s: would grow over %d octets", list->path, LIST_MAX);
	return file_replace(list->path, buf_view(&text), 0600, diag);
}

void bounce_list_close(struct bounce_list *list)
{
	if (list->lock >= 0)
		(void)close(list->lock);
	arena_done(&list->arena);
}

static const struct suppress_rule *rule_of(const struct suppress_policy *policy, const struct bounce_record *record)
{
	if (record->type == BOUNCE_TYPE_FEEDBACK)
		return view_is_case(record->feedback_type, "not-spam") ||
				       view_is_case(record->feedback_type, "auth-failure")
			       ? NULL
			       : &policy->complaint;
	if (record->type != BOUNCE_TYPE_BOUNCE)
		return NULL;
	if (record->verdict.hard == BOUNCE_HARD_YES)
		return &policy->hard;
	return record->verdict.reason == BOUNCE_MAILBOX_DISABLED ? &policy->disabled : &policy->soft;
}

bool bounce_list_take(struct bounce_list *list, const struct bounce_report *report, const struct bounce_record *record,
		      const char *source, int64_t now_s)
{
	struct view address = record->original_recipient.n > 0 ? record->original_recipient : record->recipient;
	const char *category = bounce_category_name(record->verdict.category);
	struct suppress_event event = { .address = address,
					.reason = view_str(bounce_reason_name(record->verdict.reason)),
					.category = view_str(category == NULL ? "" : category),
					.source = view_str(source),
					.at_s = report->timestamp > 0 && report->timestamp < now_s ? report->timestamp
												   : now_s,
					.rule = rule_of(&list->policy, record) };
	if (event.rule == NULL || !view_has_byte(address, '@') || address.n > 512)
		return false;
	return suppress_list_add(&list->entries, &list->policy, &event);
}
