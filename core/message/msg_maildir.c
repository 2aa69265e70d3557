#include "msg_maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base_buf.h"
#include "base_vec.h"

enum { PATH_OCTETS_MAX = 65536 };

struct entry {
	const char *name;
	bool directory;
};

/* One directory on the way down: its names are read a batch at a time. */
struct level {
	DIR *stream; /* NULL: all is in the batch */
	size_t path_n;
	struct arena arena;
	struct {
		struct entry *at;
		size_t n, cap;
	} batch;
	size_t next;
};

struct msg_maildir {
	struct level levels[MSG_MAILDIR_DEPTH_MAX];
	size_t n;
	struct buf path;
};

bool msg_maildir_is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has_directory(DIR *stream, const char *name)
{
	struct stat st;
	return fstatat(dirfd(stream), name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static void add(struct level *level, const char *name, bool directory)
{
	const char *copy = arena_cstr(&level->arena, view_str(name));
	*VEC_PUSH(&level->batch, &level->arena) = (struct entry){ copy, directory };
}

static enum err push_level(struct msg_maildir *dir, struct diag *diag)
{
	if (dir->n == MSG_MAILDIR_DEPTH_MAX)
		return diag_set(diag, ERR_LIMIT, "%s: directories nested too deep (MSG_MAILDIR_DEPTH_MAX, 16)",
				dir->path.p);
	DIR *stream = opendir(dir->path.p);
	if (stream == NULL)
		return diag_errno(diag, dir->path.p, errno);
	struct level *level = &dir->levels[dir->n++];
	*level = (struct level){ .stream = stream, .path_n = dir->path.n };
	if (has_directory(stream, "cur") && has_directory(stream, "new")) {
		add(level, "new", true);
		add(level, "cur", true);
		(void)closedir(stream);
		level->stream = NULL;
	}
	return ERR_OK;
}

static void pop_level(struct msg_maildir *dir)
{
	struct level *level = &dir->levels[--dir->n];
	if (level->stream != NULL)
		(void)closedir(level->stream);
	arena_done(&level->arena);
}

enum err msg_maildir_open(const char *path, struct msg_maildir **out, struct diag *diag)
{
	struct msg_maildir *dir = calloc(1, sizeof *dir);
	if (dir == NULL)
		base_out_of_memory();
	buf_init(&dir->path, PATH_OCTETS_MAX);
	buf_str(&dir->path, path);
	while (dir->path.n > 1 && view_last(buf_view(&dir->path)) == '/')
		buf_cut(&dir->path, dir->path.n - 1);
	enum err err = buf_err(&dir->path);
	if (err == ERR_OK)
		err = push_level(dir, diag);
	if (err != ERR_OK) {
		msg_maildir_close(dir);
		return err;
	}
	*out = dir;
	return ERR_OK;
}

void msg_maildir_close(struct msg_maildir *dir)
{
	if (dir == NULL)
		return;
	while (dir->n > 0)
		pop_level(dir);
	buf_done(&dir->path);
	free(dir);
}

/* Regular files also behind a symbolic link, directories only themselves (no loops). */
static bool is_wanted(DIR *stream, const struct dirent *entry, bool *directory)
{
	*directory = entry->d_type == DT_DIR;
	if (entry->d_name[0] == '.')
		return false;
	if (entry->d_type == DT_REG || entry->d_type == DT_DIR)
		return true;
	struct stat st;
	if (entry->d_type == DT_LNK)
		return fstatat(dirfd(stream), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode);
	if (entry->d_type != DT_UNKNOWN || fstatat(dirfd(stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	*directory = S_ISDIR(st.st_mode);
	return S_ISDIR(st.st_mode) || S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	return strcmp(left->name, right->name);
}

static void read_batch(struct level *level)
{
	arena_reset(&level->arena);
	level->batch.at = NULL;
	level->batch.n = level->batch.cap = level->next = 0;
	const struct dirent *entry;
	while (level->batch.n < MSG_MAILDIR_BATCH && (entry = readdir(level->stream)) != NULL) {
		bool directory;
		if (is_wanted(level->stream, entry, &directory))
			add(level, entry->d_name, directory);
	}
	if (level->batch.n > 0)
		qsort(level->batch.at, level->batch.n, sizeof *level->batch.at, by_name);
}

enum err msg_maildir_next(struct msg_maildir *dir, const char **path, struct diag *diag)
{
	while (dir->n > 0) {
		struct level *level = &dir->levels[dir->n - 1];
		buf_cut(&dir->path, level->path_n);
		if (level->next == level->batch.n && level->stream != NULL)
			read_batch(level);
		if (level->next == level->batch.n) {
			pop_level(dir);
			continue;
		}
		const struct entry *entry = &level->batch.at[level->next++];
		buf_byte(&dir->path, '/');
		buf_str(&dir->path, entry->name);
		enum err err = buf_err(&dir->path);
		if (err == ERR_OK && entry->directory)
			err = push_level(dir, diag);
		if (err != ERR_OK || !entry->directory) {
			*path = dir->path.p;
			return err;
		}
	}
	*path = NULL;
	return ERR_OK;
}
