/* Files in, reports out: a reader a thread, and one report at a time to the numbers. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_file.h"
#include "dmarc_report.h"
#include "msg_maildir.h"

enum { JOBS_MAX = 64 };

struct jobs {
	struct report_run *run;
	bool ordered;
	pthread_mutex_t lock; /* of everything below, and of what takes the reports */
	pthread_cond_t turned;
	size_t operand;          /* the next one to open */
	struct msg_maildir *dir; /* being read */
	uint64_t next, turn;     /* of files */
	struct arena arena;      /* of paths */
};

struct worker {
	struct rua_sink sink;
	struct jobs *jobs;
	uint64_t ticket;
	pthread_t thread;
};

static void say(struct jobs *jobs, const char *path, enum err err, const struct diag *diag)
{
	report_trouble(jobs->run, view_str(path), err, diag);
}

/* The next file's path, NULL at the end; the lock is held. */
static const char *next_path(struct jobs *jobs)
{
	const struct opt_texts *operands = &jobs->run->cmd->args.operands;
	for (;;) {
		struct diag diag = { 0 };
		const char *path = NULL;
		if (jobs->dir != NULL) {
			enum err err = msg_maildir_next(jobs->dir, &path, &diag);
			if (err != ERR_OK)
				say(jobs, operands->at[jobs->operand - 1], err, &diag);
			if (err == ERR_OK && path != NULL)
				return path;
			if (err == ERR_OK || err == ERR_LIMIT) {
				msg_maildir_close(jobs->dir);
				jobs->dir = NULL;
			}
			continue;
		}
		if (jobs->operand >= operands->n)
			return NULL;
		path = operands->at[jobs->operand++];
		if (strcmp(path, "-") == 0 || !msg_maildir_is_directory(path))
			return path;
		enum err err = msg_maildir_open(path, &jobs->dir, &diag);
		if (err != ERR_OK)
			say(jobs, path, err, &diag);
	}
}

static void take_turn(struct worker *worker)
{
	struct jobs *jobs = worker->jobs;
	(void)pthread_mutex_lock(&jobs->lock);
	while (jobs->ordered && jobs->turn != worker->ticket)
		(void)pthread_cond_wait(&jobs->turned, &jobs->lock);
}

static void on_report(struct rua_sink *sink, struct rua_report *report)
{
	struct worker *worker = (struct worker *)sink;
	take_turn(worker);
	report_take(worker->jobs->run, report);
	(void)pthread_mutex_unlock(&worker->jobs->lock);
}

static void on_problem(struct rua_sink *sink, struct view where, enum err err, const struct diag *diag)
{
	struct worker *worker = (struct worker *)sink;
	take_turn(worker);
	report_trouble(worker->jobs->run, where, err, diag);
	(void)pthread_mutex_unlock(&worker->jobs->lock);
}

static void read_one(struct worker *worker, struct rua_reader *reader, const char *path)
{
	FD_AUTO int fd = -1;
	struct diag diag = { 0 };
	struct source_fd source;
	enum err err = file_open(path, &fd, &diag);
	if (err == ERR_OK) {
		source_fd_init(&source, fd, path);
		err = rua_read(reader, path, &source.source, &diag);
	}
	take_turn(worker);
	if (err != ERR_OK)
		say(worker->jobs, path, err, &diag);
	worker->jobs->turn++;
	if (worker->jobs->ordered)
		(void)pthread_cond_broadcast(&worker->jobs->turned);
	(void)pthread_mutex_unlock(&worker->jobs->lock);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct jobs *jobs = worker->jobs;
	struct rua_reader *reader = rua_reader_open(&worker->sink);
	BUF_AUTO struct buf copy;
	buf_init(&copy, 65536);
	for (;;) {
		(void)pthread_mutex_lock(&jobs->lock);
		const char *path = next_path(jobs);
		buf_reset(&copy);
		if (path != NULL)
			buf_str(&copy, path);
		worker->ticket = jobs->next++;
		(void)pthread_mutex_unlock(&jobs->lock);
		if (path == NULL)
			break;
		read_one(worker, reader, copy.p);
	}
	rua_reader_close(&reader);
	return NULL;
}

static size_t workers_for(const struct report_run *run)
{
	const struct opt_texts *operands = &run->cmd->args.operands;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = run->opts->jobs > 0 ? (size_t)run->opts->jobs : cores > 1 ? (size_t)cores : 1;
	if (operands->n == 1 && !msg_maildir_is_directory(operands->at[0]))
		n = 1;
	return n > JOBS_MAX ? JOBS_MAX : n;
}

enum err report_jobs_run(struct report_run *run, bool ordered, struct diag *diag)
{
	struct jobs jobs = { .run = run, .ordered = ordered };
	struct worker workers[JOBS_MAX];
	size_t n = workers_for(run), started = 1;
	if (pthread_mutex_init(&jobs.lock, NULL) != 0 || pthread_cond_init(&jobs.turned, NULL) != 0)
		return diag_set(diag, ERR_OS, "cannot start threads");
	for (size_t i = 0; i < n; i++)
		workers[i] = (struct worker){ .sink = { on_report, on_problem }, .jobs = &jobs };
	while (started < n && pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
		started++;
	(void)work(&workers[0]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	msg_maildir_close(jobs.dir);
	(void)pthread_cond_destroy(&jobs.turned);
	(void)pthread_mutex_destroy(&jobs.lock);
	return ERR_OK;
}
