#define _GNU_SOURCE
#include "base_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_file.h"

static struct spool *spool_of_source(struct source *source)
{
	return (struct spool *)(void *)((char *)source - offsetof(struct spool, source));
}

static struct spool *spool_of_sink(struct sink *sink)
{
	return (struct spool *)(void *)((char *)sink - offsetof(struct spool, sink));
}

/* O_TMPFILE where the file system knows it, else made, opened and unlinked. */
static enum err temporary_open(int *fd, struct diag *diag)
{
	const char *dir = getenv("TMPDIR");
	if (dir == NULL || dir[0] != '/')
		dir = "/tmp";
	*fd = open(dir, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return ERR_OK;
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/posthorn.XXXXXX", dir);
	if (n > 0 && (size_t)n < sizeof path)
		*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0) {
		(void)diag_errno(diag, dir, errno);
		(void)diag_prefix(diag, ERR_CREATE, "no temporary file (set TMPDIR to a directory with room)");
		return ERR_CREATE;
	}
	(void)unlink(path);
	return ERR_OK;
}

static enum err spool_write(struct sink *sink, struct view bytes, struct diag *diag)
{
	struct spool *spool = spool_of_sink(sink);
	spool->size += bytes.n;
	if (spool->fd < 0 && bytes.n <= spool->memory.max - spool->memory.n) {
		buf_put(&spool->memory, bytes);
		return ERR_OK;
	}
	if (spool->fd < 0) {
		enum err err = temporary_open(&spool->fd, diag);
		if (err == ERR_OK)
			err = file_write_fd(spool->fd, "temporary file", buf_view(&spool->memory), diag);
		if (err != ERR_OK)
			return err;
		buf_done(&spool->memory);
	}
	return file_write_fd(spool->fd, "temporary file", bytes, diag);
}

static enum err spool_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct spool *spool = spool_of_source(source);
	if (spool->fd < 0) {
		struct view part = view_slice(buf_view(&spool->memory), (size_t)spool->at, cap);
		if (part.n > 0)
			memcpy(out, part.p, part.n);
		*n = part.n;
	} else {
		ssize_t got;
		do
			got = pread(spool->fd, out, cap, (off_t)spool->at);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return diag_errno(diag, "temporary file", errno);
		*n = (size_t)got;
	}
	spool->at += *n;
	return ERR_OK;
}

static enum err spool_rewind(struct source *source, struct diag *diag)
{
	(void)diag;
	spool_of_source(source)->at = 0;
	return ERR_OK;
}

void spool_init(struct spool *spool)
{
	static const struct source_ops ops = { spool_read, spool_rewind };
	*spool = (struct spool){ .source = { &ops }, .sink = { spool_write }, .fd = -1 };
	buf_init(&spool->memory, SPOOL_MEMORY);
}

void spool_done(struct spool *spool)
{
	buf_done(&spool->memory);
	file_close(&spool->fd);
}

enum err spool_fill(struct spool *spool, struct source *from, struct diag *diag)
{
	return stream_copy(from, &spool->sink, NULL, diag);
}
