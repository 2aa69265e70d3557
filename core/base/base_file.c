#define _GNU_SOURCE
#include "base_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void file_close(int *fd)
{
	if (*fd > STDERR_FILENO)
		(void)close(*fd);
	*fd = -1;
}

enum err file_open(const char *path, int *fd, struct diag *diag)
{
	if (strcmp(path, "-") == 0) {
		*fd = STDIN_FILENO;
		return ERR_OK;
	}
	int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (opened < 0)
		return diag_errno(diag, path, errno);
	struct stat st;
	if (fstat(opened, &st) == 0 && S_ISDIR(st.st_mode)) {
		file_close(&opened);
		return diag_errno(diag, path, EISDIR);
	}
	*fd = opened;
	return ERR_OK;
}

enum err file_read_fd(int fd, const char *name, struct buf *out, struct diag *diag)
{
	for (;;) {
		size_t left = out->max - out->n;
		char *room = buf_room(out, left < 65536 ? (left == 0 ? 0 : left) : 65536);
		char probe;
		ssize_t n = left == 0 ? read(fd, &probe, 1) : read(fd, room, left < 65536 ? left : 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_errno(diag, name, errno);
		if (n == 0)
			return ERR_OK;
		if (left == 0)
			return diag_set(diag, ERR_LIMIT, "%s: larger than the %zu octets allowed here", name, out->max);
		buf_grew(out, (size_t)n);
	}
}

enum err file_read(const char *path, struct buf *out, struct diag *diag)
{
	FD_AUTO int fd = -1;
	enum err err = file_open(path, &fd, diag);
	return err == ERR_OK ? file_read_fd(fd, path, out, diag) : err;
}

enum err file_write_fd(int fd, const char *name, struct view bytes, struct diag *diag)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			(void)diag_errno(diag, name, errno);
			return ERR_IO;
		}
		bytes = view_from(bytes, (size_t)n);
	}
	return ERR_OK;
}

/* Make the directory entry durable; a file system that cannot is no reason to fail. */
static void sync_directory_of(const char *path)
{
	char copy[4096];
	if (strlen(path) >= sizeof copy)
		return;
	memcpy(copy, path, strlen(path) + 1);
	FD_AUTO int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd);
}

static enum err create_failed(const char *path, int errnum, struct diag *diag)
{
	(void)diag_errno(diag, path, errnum);
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EIO ? ERR_IO : ERR_CREATE;
}

enum err file_create(const char *path, struct view bytes, unsigned mode, struct diag *diag)
{
	FD_AUTO int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
	if (fd < 0)
		return create_failed(path, errno, diag);
	enum err err = file_write_fd(fd, path, bytes, diag);
	if (err == ERR_OK && (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0)) {
		(void)diag_errno(diag, path, errno);
		err = ERR_IO;
	}
	if (err != ERR_OK)
		(void)unlink(path);
	else
		sync_directory_of(path);
	return err;
}

enum err file_replace(const char *path, struct view bytes, unsigned mode, struct diag *diag)
{
	char beside[4096];
	int n = snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof beside)
		return diag_errno(diag, path, ENAMETOOLONG);
	(void)unlink(beside);
	enum err err = file_create(beside, bytes, mode, diag);
	if (err != ERR_OK)
		return err;
	if (rename(beside, path) != 0) {
		err = create_failed(path, errno, diag);
		(void)unlink(beside);
		return err;
	}
	sync_directory_of(path);
	return ERR_OK;
}

enum err file_check_private(const char *path, struct diag *diag)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return diag_errno(diag, path, errno);
	if ((st.st_mode & 077) != 0)
		return diag_set(diag, ERR_DENIED, "%s: others can read or change it (mode %03o); chmod 600 it first",
				path, (unsigned)(st.st_mode & 0777));
	return ERR_OK;
}

static enum err fd_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct source_fd *self = (struct source_fd *)source;
	ssize_t got;
	do
		got = read(self->fd, out, cap);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return diag_errno(diag, self->name, errno);
	*n = (size_t)got;
	return ERR_OK;
}

static enum err fd_rewind(struct source *source, struct diag *diag)
{
	struct source_fd *self = (struct source_fd *)source;
	if (lseek(self->fd, 0, SEEK_SET) != 0)
		return diag_errno(diag, self->name, errno);
	return ERR_OK;
}

void source_fd_init(struct source_fd *source, int fd, const char *name)
{
	static const struct source_ops ops = { fd_read, fd_rewind };
	*source = (struct source_fd){ { &ops }, fd, name };
}

static enum err fd_write(struct sink *sink, struct view bytes, struct diag *diag)
{
	struct sink_fd *self = (struct sink_fd *)sink;
	return file_write_fd(self->fd, self->name, bytes, diag);
}

void sink_fd_init(struct sink_fd *sink, int fd, const char *name)
{
	*sink = (struct sink_fd){ { fd_write }, fd, name };
}
