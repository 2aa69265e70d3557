#pragma once

#include <stdbool.h>

#include "base_arena.h"
#include "base_err.h"

/*
 * The files of messages in a directory: of a Maildir those in new and cur, of another directory all regular files, its
 * directories too (Maildirs among them). Names that start with "." and files that cannot be mail (no regular files) are
 * left out, symbolic links to directories are not followed. In the order of their names, a batch at a time, so that
 * memory stays constant in directories of any size.
 */
enum {
	MSG_MAILDIR_DEPTH_MAX = 16,
	MSG_MAILDIR_BATCH = 65536, /* names sorted together */
};

struct msg_maildir;

/* errors  ERR_NO_INPUT when path is missing or no directory */
MUST_CHECK enum err msg_maildir_open(const char *path, struct msg_maildir **out, struct diag *diag);
void msg_maildir_close(struct msg_maildir *dir); /* NULL is fine */

/*
 * The path of the next file, good until the next call; NULL at the end.
 * errors  ERR_NO_INPUT, ERR_LIMIT (MSG_MAILDIR_DEPTH_MAX)
 */
MUST_CHECK enum err msg_maildir_next(struct msg_maildir *dir, const char **path, struct diag *diag);

/* True when path is a directory that can be opened. */
bool msg_maildir_is_directory(const char *path);
