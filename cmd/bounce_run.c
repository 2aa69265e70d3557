#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_file.h"
#include "base_vec.h"
#include "bounce_events.h"
#include "bounce_parse.h"

enum { BATCH_MESSAGES = 512, BATCH_OCTETS = 2 << 20 };

bool bounce_verp_match(struct view pattern, struct view address, struct arena *arena, struct bounce_verp *out)
{
	struct view user = view_none(), domain = view_none();
	*out = (struct bounce_verp){ 0 };
	while (pattern.n > 0) {
		size_t close = view_at(pattern, 0) == '{' ? view_find_byte(pattern, '}') : SIZE_MAX;
		if (close == SIZE_MAX) {
			if (view_at(address, 0) < 0 || !view_eq_case(view_to(pattern, 1), view_to(address, 1)))
				return false;
			pattern = view_from(pattern, 1);
			address = view_from(address, 1);
			continue;
		}
		struct view name = view_slice(pattern, 1, close - 1);
		pattern = view_from(pattern, close + 1);
		/* the text that follows the placeholder ends it; the last one where it can stand */
		size_t n = pattern.n == 0 ? address.n : view_find_byte(address, view_at(pattern, 0));
		if (n == SIZE_MAX || n == 0)
			return false;
		struct view value = view_to(address, n);
		if (view_is(name, "job"))
			out->job = value;
		else if (view_is(name, "key"))
			out->key = value;
		else if (view_is(name, "user"))
			user = value;
		else if (view_is(name, "domain"))
			domain = value;
		address = view_from(address, n);
	}
	if (user.n > 0 && domain.n > 0)
		out->recipient = view_str(arena_printf(arena, "%.*s@%.*s", VIEW_ARG(user), VIEW_ARG(domain)));
	return address.n == 0;
}

static bool domain_fits(const struct opt_texts *domains, struct view recipient)
{
	size_t at = view_find_byte(recipient, '@');
	struct view domain = at == SIZE_MAX ? view_none() : view_from(recipient, at + 1);
	for (size_t i = 0; i < domains->n; i++)
		if (view_is_case(domain, domains->at[i]))
			return true;
	return domains->n == 0;
}

static bool passes(const struct bounce_parse_opts *opts, const struct bounce_report *report,
		   const struct bounce_record *record)
{
	if (opts->types != 0 && (opts->types >> record->type & 1) == 0)
		return false;
	if (opts->reasons != 0 && (opts->reasons >> record->verdict.reason & 1) == 0)
		return false;
	if (opts->categories != 0 && (record->verdict.category >= BOUNCE_CATEGORY_COUNT ||
				      (opts->categories >> record->verdict.category & 1) == 0))
		return false;
	if (opts->hard && record->verdict.hard != BOUNCE_HARD_YES)
		return false;
	if (opts->soft && record->verdict.hard != BOUNCE_HARD_NO)
		return false;
	if (opts->since.set && report->timestamp != 0 && report->timestamp < opts->since.s)
		return false;
	return domain_fits(&opts->domains, record->recipient);
}

void bounce_run_take(struct bounce_run *run, const struct bounce_report *report, const struct bounce_record *record,
		     const char *source)
{
	const struct bounce_parse_opts *opts = run->opts;
	struct bounce_extra extra = { .source = source };
	struct bounce_record changed;
	struct bounce_verp verp;
	if (record != NULL && opts->verp != NULL &&
	    bounce_verp_match(view_str(opts->verp), report->returned_to, run->cmd->arena, &verp)) {
		extra.job = verp.job;
		extra.key = verp.key;
		if (verp.recipient.n > 0 && !view_eq_case(verp.recipient, record->recipient)) {
			changed = *record;
			changed.original_recipient = verp.recipient;
			record = &changed;
		}
	}
	if (record != NULL) {
		run->recognised++;
		if (!passes(opts, report, record))
			return;
		if (run->list != NULL)
			run->suppressed_now += bounce_list_take(run->list, report, record, source,
								env_wall_s(run->cmd->env));
	} else if (opts->types != 0 || opts->hard || opts->soft || opts->reasons != 0 || opts->categories != 0) {
		return;
	}
	bounce_summary_add(&run->summary, report, record, extra.job);
	if (!opts->summary && opts->sent == 0)
		bounce_print(&run->printer, report, record, &extra);
}

/* Messages wait in a batch until it is large enough to be shared among the threads. */

struct item {
	struct bounce_message message;
	struct bounce_report report;
	struct arena arena;
};

struct batch {
	struct bounce_run *run;
	struct item items[BATCH_MESSAGES];
	size_t n, octets;
	struct bounce_classifier *classifiers; /* one a thread */
	size_t threads;
};

struct share {
	struct batch *batch;
	size_t first;
};

static void parse_item(struct item *item, struct bounce_classifier *classifier)
{
	if (!item->message.events) {
		bounce_parse_message(classifier, item->message.bytes, &item->arena, &item->report);
		if (item->message.truncated)
			item->report.error = "longer than 8 MiB; only its start was read (limit BOUNCE_MESSAGE_MAX)";
	}
}

static void *parse_share(void *ctx)
{
	struct share *share = ctx;
	for (size_t i = share->first; i < share->batch->n; i += share->batch->threads)
		parse_item(&share->batch->items[i], &share->batch->classifiers[share->first]);
	return NULL;
}

static void keep_unmatched(struct bounce_run *run, const struct bounce_message *message)
{
	char path[4200];
	struct diag diag = { .text = "" };
	/* what an earlier run kept stays */
	do
		(void)snprintf(path, sizeof path, "%s/unmatched-%06llu.eml", run->opts->unmatched_dir,
			       (unsigned long long)++run->unmatched);
	while (access(path, F_OK) == 0);
	enum err err = file_create(path, message->bytes, 0600, &diag);
	if (err != ERR_OK)
		cmd_report(run->cmd, NULL, err, &diag);
}

static void print_item(struct bounce_run *run, const struct item *item)
{
	run->summary.messages++;
	for (size_t r = 0; r < item->report.records.n; r++)
		bounce_run_take(run, &item->report, &item->report.records.at[r], item->message.source);
	if (item->report.records.n > 0)
		return;
	bounce_run_take(run, &item->report, NULL, item->message.source);
	if (run->opts->unmatched_dir != NULL)
		keep_unmatched(run, &item->message);
}

static void flush_batch(struct batch *batch)
{
	pthread_t threads[64];
	struct share shares[64];
	size_t started = 0;
	for (size_t t = 1; t < batch->threads && batch->n >= batch->threads; t++) {
		shares[t] = (struct share){ batch, t };
		if (pthread_create(&threads[t], NULL, parse_share, &shares[t]) != 0)
			break;
		started = t;
	}
	shares[0] = (struct share){ batch, 0 };
	(void)parse_share(&shares[0]);
	for (size_t t = 1; t <= started; t++)
		(void)pthread_join(threads[t], NULL);
	for (size_t t = started + 1; t < batch->threads; t++)
		(void)parse_share(&(struct share){ batch, t });
	for (size_t i = 0; i < batch->n; i++) {
		print_item(batch->run, &batch->items[i]);
		arena_reset(&batch->items[i].arena);
	}
	batch->n = batch->octets = 0;
}

static void take_events(struct bounce_run *run, const struct bounce_message *message)
{
	struct view rest = view_trim(message->bytes);
	struct arena arena = { 0 };
	while (rest.n > 0) {
		struct bounce_report report;
		struct diag diag = { .text = "" };
		size_t used;
		run->summary.messages++;
		if (bounce_parse_events(&run->classifier, rest, &arena, &report, &used, &diag) != ERR_OK) {
			report.error = diag.text;
			bounce_run_take(run, &report, NULL, message->source);
			break;
		}
		for (size_t r = 0; r < report.records.n; r++)
			bounce_run_take(run, &report, &report.records.at[r], message->source);
		if (report.records.n == 0)
			bounce_run_take(run, &report, NULL, message->source);
		arena_reset(&arena);
		rest = view_trim(view_from(rest, used));
	}
	arena_done(&arena);
}

static void take_message(void *ctx, const struct bounce_message *message)
{
	struct batch *batch = ctx;
	if (message->events) {
		flush_batch(batch);
		take_events(batch->run, message);
		return;
	}
	struct item *item = &batch->items[batch->n++];
	item->message = *message;
	if (batch->threads > 1) {
		item->message.bytes = arena_view(&item->arena, message->bytes);
		item->message.source = arena_cstr(&item->arena, view_str(message->source));
	}
	batch->octets += message->bytes.n;
	if (batch->threads == 1 || batch->n == BATCH_MESSAGES || batch->octets >= BATCH_OCTETS)
		flush_batch(batch);
}

enum err bounce_run_operands(struct bounce_run *run, const struct opt_texts *operands, struct diag *diag)
{
	struct batch *batch = arena_new(run->cmd->arena, struct batch);
	batch->run = run;
	batch->threads = run->opts->jobs;
	batch->classifiers = arena_array(run->cmd->arena, batch->threads, sizeof *batch->classifiers);
	for (size_t t = 0; t < batch->threads; t++) {
		batch->classifiers[t] = run->classifier;
		buf_init(&batch->classifiers[t].scratch, BOUNCE_TEXT_MAX);
	}
	enum err err = bounce_input_walk(run->cmd, operands, take_message, batch, diag);
	flush_batch(batch);
	for (size_t i = 0; i < BATCH_MESSAGES; i++)
		arena_done(&batch->items[i].arena);
	for (size_t t = 0; t < batch->threads; t++)
		bounce_classifier_done(&batch->classifiers[t]);
	return err;
}
