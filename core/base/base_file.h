#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base_arena.h"
#include "base_buf.h"
#include "base_stream.h"

/*
 * Files, for the few that are read or written whole. Every error has the path in its diag.
 */

void file_close(int *fd); /* for CLEANUP; -1 is fine */
#define FD_AUTO CLEANUP(file_close)

/* Read-only, close-on-exec. ERR_NO_INPUT when it is missing, unreadable or a directory. "-" is descriptor 0. */
MUST_CHECK enum err file_open(const char *path, int *fd, struct diag *diag);

/* The whole file, at most out->max octets. errors: ERR_NO_INPUT, ERR_IO, ERR_LIMIT (max named in diag) */
MUST_CHECK enum err file_read(const char *path, struct buf *out, struct diag *diag);
MUST_CHECK enum err file_read_fd(int fd, const char *name, struct buf *out, struct diag *diag);

/* All of it, EINTR and short writes handled. */
MUST_CHECK enum err file_write_fd(int fd, const char *name, struct view bytes, struct diag *diag);

/*
 * Replace path in one step: written beside it with `mode`, fsynced, renamed, directory fsynced. On failure the old
 * file stands and nothing is left behind. errors: ERR_CREATE, ERR_IO
 */
MUST_CHECK enum err file_replace(const char *path, struct view bytes, unsigned mode, struct diag *diag);

/*
 * A new file that must not be there yet (O_EXCL, O_NOFOLLOW), with exactly `mode`, fsynced with its directory.
 * errors: ERR_CREATE (it exists, or cannot be made), ERR_IO
 */
MUST_CHECK enum err file_create(const char *path, struct view bytes, unsigned mode, struct diag *diag);

/* ERR_DENIED when group or others may read or write the file: for keys and configuration with secrets. */
MUST_CHECK enum err file_check_private(const char *path, struct diag *diag);

/* A source over a descriptor; can be rewound when it is a regular file. The caller keeps and closes fd. */
struct source_fd {
	struct source source;
	int fd;
	const char *name;
};
void source_fd_init(struct source_fd *source, int fd, const char *name);

struct sink_fd {
	struct sink sink;
	int fd;
	const char *name;
};
void sink_fd_init(struct sink_fd *sink, int fd, const char *name);
