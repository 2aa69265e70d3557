/*
 * dkim-sign --out-dir and --in-place: many files in threads. Every file is written beside its place and moved there when it
 * is whole; one that fails leaves nothing behind and does not stop the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "dkim_sign_priv.h"

enum { THREADS_MAX = 256, SMALL_FILE = 262144, PATH_ROOM = 4096 };

struct many {
	struct sign_run *run;
	const struct opt_texts *files;
	atomic_size_t next;
	atomic_size_t signed_n;
	atomic_int first_code; /* exit code of the first file that failed */
	pthread_mutex_t lock;  /* over output */
	long pid;
};

struct worker {
	struct many *many;
	struct arena arena;
	struct dkim_wire wire;
	struct buf small; /* a whole small file */
};

/* The file that will be in `path`, as yet without a name or, where the system cannot do that, under another one. */
struct target {
	char path[PATH_ROOM], beside[PATH_ROOM];
	int fd;
	bool nameless;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

static enum err target_path(const struct many *many, const char *file, struct target *out, struct diag *diag)
{
	const struct sign_opts *opts = many->run->opts;
	int n;
	if (opts->out_dir != NULL) {
		n = snprintf(out->path, sizeof out->path, "%s/%s", opts->out_dir, base_name(file));
	} else {
		char *real = realpath(file, NULL); /* a link stays one, its file is replaced */
		if (real == NULL)
			return diag_errno(diag, file, errno);
		n = snprintf(out->path, sizeof out->path, "%s", real);
		free(real);
	}
	if (n < 0 || (size_t)n >= sizeof out->path - 32)
		return diag_errno(diag, file, ENAMETOOLONG);
	(void)snprintf(out->beside, sizeof out->beside, "%.*s.%ld.new", n, out->path, many->pid);
	return ERR_OK;
}

static enum err target_open(struct target *target, const char *dir, mode_t mode, struct diag *diag)
{
	static const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	target->fd = dir == NULL ? -1 : open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	target->nameless = target->fd >= 0;
	if (target->fd < 0)
		target->fd = open(target->beside, flags, mode);
	if (target->fd < 0 && errno == EEXIST && unlink(target->beside) == 0)
		target->fd = open(target->beside, flags, mode); /* left by a run that was killed */
	if (target->fd >= 0)
		return ERR_OK;
	(void)diag_errno(diag, target->beside, errno);
	return ERR_CREATE;
}

/* Give a nameless file its name, or the name beside when a file of that name must be replaced. */
static bool target_name(struct target *target)
{
	char self[64];
	(void)snprintf(self, sizeof self, "/proc/self/fd/%d", target->fd);
	if (linkat(AT_FDCWD, self, AT_FDCWD, target->path, AT_SYMLINK_FOLLOW) == 0)
		return true;
	target->nameless = false;
	return errno == EEXIST && linkat(AT_FDCWD, self, AT_FDCWD, target->beside, AT_SYMLINK_FOLLOW) == 0 &&
	       rename(target->beside, target->path) == 0;
}

static enum err target_finish(struct target *target, bool durable, enum err err, struct diag *diag)
{
	if (err == ERR_OK && durable && fsync(target->fd) != 0) {
		(void)diag_errno(diag, target->beside, errno);
		err = ERR_IO;
	}
	bool nameless = target->nameless;
	if (err == ERR_OK && (nameless ? !target_name(target) : rename(target->beside, target->path) != 0)) {
		(void)diag_errno(diag, target->path, errno);
		err = ERR_CREATE;
	}
	file_close(&target->fd);
	if (err != ERR_OK && !target->nameless)
		(void)unlink(target->beside);
	return err;
}

/* A small file is read once and kept, a large one is read again for the copy. */
static enum err open_source(struct worker *worker, const char *path, int fd, off_t size, struct source_fd *large,
			    struct source_view *small, struct source **out, struct diag *diag)
{
	if (size >= SMALL_FILE) {
		source_fd_init(large, fd, path);
		*out = &large->source;
		return ERR_OK;
	}
	buf_reset(&worker->small);
	enum err err = file_read_fd(fd, path, &worker->small, diag);
	source_view_init(small, buf_view(&worker->small));
	*out = &small->source;
	return err;
}

static enum err write_signed(struct worker *worker, struct sign_message *message, mode_t mode, struct diag *diag)
{
	const struct sign_opts *opts = worker->many->run->opts;
	struct target target = { .fd = -1 };
	enum err err = target_path(worker->many, message->name, &target, diag);
	if (err == ERR_OK)
		err = target_open(&target, opts->out_dir, mode, diag);
	if (err != ERR_OK)
		return err;
	err = sign_message_write(message, target.fd, target.beside, diag);
	if (err == ERR_OK && opts->in_place && fchmod(target.fd, mode) != 0)
		err = diag_errno(diag, target.beside, errno);
	return target_finish(&target, opts->in_place, err, diag);
}

static enum err sign_file(struct worker *worker, const char *path, struct diag *diag)
{
	FD_AUTO int fd = -1;
	struct stat st;
	enum err err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return err;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return diag_set(diag, ERR_NO_INPUT, "%s: not a regular file", SHOW(view_str(path)));
	struct source_fd large;
	struct source_view small;
	struct sign_message message = { .name = path, .fd = st.st_size >= SMALL_FILE ? fd : -1, .wire = &worker->wire };
	err = open_source(worker, path, fd, st.st_size, &large, &small, &message.source, diag);
	if (err != ERR_OK)
		return err;
	dkim_wire_init(&worker->wire, message.source);
	err = sign_message_make(worker->many->run, &message, &worker->arena, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", SHOW(view_str(path)));
	return write_signed(worker, &message, st.st_mode & 0777, diag);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct many *many = worker->many;
	for (;;) {
		size_t i = atomic_fetch_add(&many->next, 1);
		if (i >= many->files->n)
			return NULL;
		struct diag diag = { 0 };
		enum err err = sign_file(worker, many->files->at[i], &diag);
		arena_reset(&worker->arena);
		if (err == ERR_OK) {
			atomic_fetch_add(&many->signed_n, 1);
			continue;
		}
		int none = 0;
		(void)atomic_compare_exchange_strong(&many->first_code, &none, err_exit_code(err));
		pthread_mutex_lock(&many->lock);
		cmd_report(many->run->cmd, NULL, err, &diag);
		pthread_mutex_unlock(&many->lock);
	}
}

static size_t thread_count(size_t files)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;
	return n < files ? n : files;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(base_name(*(const char *const *)a), base_name(*(const char *const *)b));
}

static enum err check_names(struct sign_run *run, const struct opt_texts *files, struct diag *diag)
{
	struct stat st;
	if (run->opts->out_dir == NULL)
		return ERR_OK;
	if (stat(run->opts->out_dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return diag_set(diag, ERR_CREATE, "%s: no such directory; make it first",
				SHOW(view_str(run->opts->out_dir)));
	const char **sorted = arena_array(run->cmd->arena, files->n, sizeof *sorted);
	memcpy(sorted, files->at, files->n * sizeof *sorted);
	qsort(sorted, files->n, sizeof *sorted, by_name);
	for (size_t i = 1; i < files->n; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0)
			return diag_set(diag, ERR_USAGE, "%s and %s would become one file in %s",
					SHOW(view_str(sorted[i - 1])), SHOW(view_str(sorted[i])),
					SHOW(view_str(run->opts->out_dir)));
	return ERR_OK;
}

enum err sign_many(struct sign_run *run, const struct opt_texts *files, struct diag *diag)
{
	enum err err = check_names(run, files, diag);
	if (err != ERR_OK)
		return err;
	struct many many = { .run = run, .files = files, .lock = PTHREAD_MUTEX_INITIALIZER, .pid = getpid() };
	size_t n = run->opts->arc || (run->opts->check_dns && run->opts->domain == NULL) ? 1 : thread_count(files->n);
	struct worker *workers = arena_array(run->cmd->arena, n, sizeof *workers);
	pthread_t threads[THREADS_MAX];
	size_t started = 1;
	for (size_t i = 0; i < n; i++) {
		workers[i].many = &many;
		buf_init(&workers[i].small, SMALL_FILE);
	}
	while (started < n && pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
		started++;
	(void)work(&workers[0]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = 0; i < n; i++) {
		arena_done(&workers[i].arena);
		buf_done(&workers[i].small);
	}
	run->cmd->exit_code = atomic_load(&many.first_code);
	cmd_debug(run->cmd, "%zu of %zu files signed", (size_t)atomic_load(&many.signed_n), files->n);
	return ERR_OK;
}
