#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base_file.h"
#include "base_time.h"
#include "crypto_random.h"
#include "send_priv.h"

/* Where no server is needed: a file, a Maildir, an mbox. */

static enum err write_failed(const char *path, int errnum, struct diag *diag)
{
	(void)diag_errno(diag, path, errnum);
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EIO || errnum == EFBIG || errnum == EPIPE ? ERR_IO
													   : ERR_CREATE;
}

static enum err finish(int *fd, const char *path, bool sync, struct diag *diag)
{
	int failed = sync && fsync(*fd) != 0 && errno != EINVAL && errno != EROFS ? errno : 0;
	if (close(*fd) != 0 && failed == 0)
		failed = errno;
	*fd = -1;
	if (failed == 0)
		return ERR_OK;
	(void)diag_errno(diag, path, failed);
	return ERR_IO;
}

static enum err dump(struct send_run *run, struct source *source, struct diag *diag)
{
	const char *path = run->opts->dump;
	if (strcmp(path, "-") == 0) {
		enum err err = cmd_claim(run->cmd, CMD_STDOUT, "--dump", diag);
		return err == ERR_OK ? stream_copy(source, cmd_out_sink(run->cmd), NULL, diag) : err;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return write_failed(path, errno, diag);
	struct sink_fd sink;
	sink_fd_init(&sink, fd, path);
	enum err err = stream_copy(source, &sink.sink, NULL, diag);
	enum err closed = finish(&fd, path, false, err == ERR_OK ? diag : NULL);
	return err == ERR_OK ? closed : err;
}

/*
 * Mailboxes on disk have the line ends of their system: CRLF becomes LF. With `quote` a line that starts with "From ",
 * behind any number of '>', gets one more (mboxrd).
 */
struct sink_unix {
	struct sink sink;
	struct sink *out;
	bool quote;
	bool line_start;
	bool cr_owed;
	size_t held; /* octets of the line's start that may become a quoted "From " */
	size_t marks;
};

enum { UNIX_BLOCK = 16384 };

struct unix_block {
	char at[UNIX_BLOCK];
	size_t n;
	struct sink *out;
};

static enum err block_flush(struct unix_block *block, struct diag *diag)
{
	enum err err = sink_write(block->out, view_of(block->at, block->n), diag);
	block->n = 0;
	return err;
}

static enum err block_put(struct unix_block *block, struct view v, struct diag *diag)
{
	while (v.n > 0) {
		size_t part = UNIX_BLOCK - block->n < v.n ? UNIX_BLOCK - block->n : v.n;
		memcpy(block->at + block->n, v.p, part);
		block->n += part;
		v = view_from(v, part);
		enum err err = block->n == UNIX_BLOCK ? block_flush(block, diag) : ERR_OK;
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* The held start of a line goes out, quoted when it is ">*From ". */
static enum err release(struct sink_unix *self, struct unix_block *block, struct diag *diag)
{
	enum err err = ERR_OK;
	if (self->held == 5)
		err = block_put(block, VIEW(">"), diag);
	for (; self->marks > 0 && err == ERR_OK; self->marks--)
		err = block_put(block, VIEW(">"), diag);
	if (err == ERR_OK)
		err = block_put(block, view_to(VIEW("From "), self->held), diag);
	self->held = 0;
	self->line_start = false;
	return err;
}

static enum err put_one(struct sink_unix *self, struct unix_block *block, int c, struct diag *diag)
{
	if (self->quote && self->line_start && !self->cr_owed) {
		if (c == '>' && self->held == 0) {
			self->marks++;
			return ERR_OK;
		}
		if (c == "From "[self->held]) {
			self->held++;
			return self->held == 5 ? release(self, block, diag) : ERR_OK;
		}
		enum err err = release(self, block, diag);
		if (err != ERR_OK)
			return err;
	}
	char byte = (char)c;
	enum err err = self->cr_owed && c != '\n' ? block_put(block, VIEW("\r"), diag) : ERR_OK;
	self->cr_owed = c == '\r';
	if (c == '\n')
		self->line_start = true;
	return err == ERR_OK && c != '\r' ? block_put(block, view_of(&byte, 1), diag) : err;
}

static enum err unix_write(struct sink *sink, struct view bytes, struct diag *diag)
{
	struct sink_unix *self = (struct sink_unix *)sink;
	struct unix_block block = { .n = 0, .out = self->out };
	enum err err = ERR_OK;
	while (bytes.n > 0 && err == ERR_OK) {
		size_t run = self->quote && self->line_start ? 0 : view_find_byte(bytes, '\r');
		run = run > bytes.n ? bytes.n : run;
		if (run > 0 && !self->cr_owed) {
			err = block_put(&block, view_to(bytes, run), diag);
			bytes = view_from(bytes, run);
			continue;
		}
		err = put_one(self, &block, view_at(bytes, 0), diag);
		bytes = view_from(bytes, 1);
	}
	return err == ERR_OK && block.n > 0 ? block_flush(&block, diag) : err;
}

static struct sink_unix sink_unix_of(struct sink *out, bool quote)
{
	return (struct sink_unix){ .sink = { unix_write }, .out = out, .quote = quote, .line_start = true };
}

/* What a final delivery adds (RFC 5321 4.4). */
static void trace_fields(const struct send_message *message, struct buf *out)
{
	buf_str(out, "Return-Path: ");
	msg_addr_write_path(&message->sender, out);
	buf_str(out, "\n");
}

static enum err write_mail(int fd, const char *path, struct view before, struct source *source, bool quote,
			   struct diag *diag)
{
	struct sink_fd file;
	sink_fd_init(&file, fd, path);
	struct sink_unix sink = sink_unix_of(&file.sink, quote);
	enum err err = file_write_fd(fd, path, before, diag);
	return err == ERR_OK ? stream_copy(source, &sink.sink, NULL, diag) : err;
}

static enum err make_directory(const char *path, struct diag *diag)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return ERR_OK;
	return write_failed(path, errno, diag);
}

static enum err make_maildir(const char *dir, struct arena *arena, struct diag *diag)
{
	static const char *const names[] = { "", "/tmp", "/new", "/cur" };
	enum err err = ERR_OK;
	for (size_t i = 0; i < ARRAY_LEN(names) && err == ERR_OK; i++)
		err = make_directory(arena_printf(arena, "%s%s", dir, names[i]), diag);
	return err;
}

static void sync_directory(const char *path)
{
	FD_AUTO int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd);
}

/* cr.yp.to/proto/maildir.html: time, what makes it unique on this host, host with '/' and ':' escaped. */
static const char *maildir_name(struct send_run *run)
{
	char host[256] = "localhost";
	(void)gethostname(host, sizeof host - 1);
	struct view rest = view_str(host);
	BUF_AUTO struct buf safe;
	buf_init(&safe, sizeof host * 4);
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '/' || rest.p[i] == ':')
			buf_printf(&safe, "\\%03o", (unsigned)rest.p[i]);
		else
			buf_byte(&safe, rest.p[i]);
	int64_t now = env_wall_us(run->cmd->env);
	return arena_printf(run->cmd->arena, "%" PRId64 ".M%" PRId64 "P%ldR%s.%s", now / 1000000, now % 1000000,
			    (long)getpid(), crypto_token_random(run->cmd->env, 13).text, safe.p);
}

static enum err maildir(struct send_run *run, const struct send_message *message, struct source *source,
			struct diag *diag)
{
	struct arena *arena = run->cmd->arena;
	const char *dir = run->opts->maildir, *name = maildir_name(run);
	const char *at = arena_printf(arena, "%s/tmp/%s", dir, name), *to = arena_printf(arena, "%s/new/%s", dir, name);
	enum err err = make_maildir(dir, arena, diag);
	if (err != ERR_OK)
		return err;
	int fd = open(at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return write_failed(at, errno, diag);
	BUF_AUTO struct buf before;
	buf_init(&before, 4096);
	trace_fields(message, &before);
	err = write_mail(fd, at, buf_view(&before), source, false, diag);
	enum err closed = finish(&fd, at, true, err == ERR_OK ? diag : NULL);
	err = err == ERR_OK ? closed : err;
	if (err == ERR_OK && rename(at, to) != 0)
		err = write_failed(to, errno, diag);
	if (err != ERR_OK)
		(void)unlink(at);
	else
		sync_directory(arena_printf(arena, "%s/new", dir));
	return err;
}

enum { LOCK_TRIES = 100, LOCK_WAIT_MS = 100, LOCK_STALE_S = 300 };

/* FILE.lock, as every mail program of a shared spool makes it; where the directory forbids it the fcntl lock must do. */
static enum err dot_lock(const char *lock, bool *held, struct diag *diag)
{
	*held = false;
	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0) {
			(void)close(fd);
			*held = true;
			return ERR_OK;
		}
		if (errno != EEXIST)
			return ERR_OK;
		struct stat st;
		if (stat(lock, &st) == 0 && time(NULL) - st.st_mtime > LOCK_STALE_S)
			(void)unlink(lock);
		(void)nanosleep(&(struct timespec){ 0, LOCK_WAIT_MS * 1000000L }, NULL);
	}
	return diag_set(diag, ERR_TEMP, "%s: another program holds the mailbox; nothing was written, try again", lock);
}

static enum err range_lock(int fd, const char *path, struct diag *diag)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		if (fcntl(fd, F_SETLK, &lock) == 0)
			return ERR_OK;
		if (errno != EACCES && errno != EAGAIN && errno != EINTR)
			return write_failed(path, errno, diag);
		(void)nanosleep(&(struct timespec){ 0, LOCK_WAIT_MS * 1000000L }, NULL);
	}
	return diag_set(diag, ERR_TEMP, "%s: another program holds the mailbox; nothing was written, try again", path);
}

/* "From sender Sat Nov 21 20:00:00 2026" */
static void from_line(struct send_run *run, const struct send_message *message, struct buf *out)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct base_date d = base_date_of_time(env_wall_s(run->cmd->env));
	buf_str(out, "From ");
	if (message->sender.kind == MAILBOX_NULL)
		buf_str(out, "MAILER-DAEMON");
	else
		msg_addr_write(&message->sender, out);
	buf_printf(out, " %s %s %2u %02u:%02u:%02u %" PRId64 "\n", days[d.weekday % 7], months[(d.month + 11) % 12],
		   d.day, d.hour, d.minute, d.second, d.year);
}

static enum err append_mbox(struct send_run *run, const struct send_message *message, struct source *source, int fd,
			    struct diag *diag)
{
	const char *path = run->opts->mbox;
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return diag_set(diag, ERR_CREATE, "%s: no regular file", path);
	char last[2] = "\n\n";
	if (st.st_size >= 2 && pread(fd, last, 2, st.st_size - 2) != 2)
		return write_failed(path, errno, diag);
	BUF_AUTO struct buf before;
	buf_init(&before, 8192);
	if (st.st_size > 0 && memcmp(last, "\n\n", 2) != 0)
		buf_str(&before, last[1] == '\n' ? "\n" : "\n\n");
	from_line(run, message, &before);
	trace_fields(message, &before);
	enum err err = lseek(fd, 0, SEEK_END) < 0 ? write_failed(path, errno, diag) : ERR_OK;
	if (err == ERR_OK)
		err = write_mail(fd, path, buf_view(&before), source, true, diag);
	if (err == ERR_OK)
		err = file_write_fd(fd, path, VIEW("\n"), diag);
	/* What was half written is taken back: an mbox has no other marks between its messages. */
	if (err != ERR_OK && ftruncate(fd, st.st_size) != 0)
		(void)diag_prefix(diag, err, "the mailbox ends in half a message");
	return err;
}

static enum err mbox(struct send_run *run, const struct send_message *message, struct source *source, struct diag *diag)
{
	const char *path = run->opts->mbox, *lock = arena_printf(run->cmd->arena, "%s.lock", path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return write_failed(path, errno, diag);
	bool held = false;
	enum err err = dot_lock(lock, &held, diag);
	if (err == ERR_OK)
		err = range_lock(fd, path, diag);
	if (err == ERR_OK)
		err = append_mbox(run, message, source, fd, diag);
	enum err closed = finish(&fd, path, true, err == ERR_OK ? diag : NULL);
	if (held)
		(void)unlink(lock);
	return err == ERR_OK ? closed : err;
}

static void all_delivered(struct send_results *results, const char *where, uint64_t octets)
{
	for (size_t i = 0; i < results->n; i++) {
		results->at[i].status = SEND_DELIVERED;
		results->at[i].err = ERR_OK;
		results->at[i].reply = VIEW("written");
		results->at[i].mx = where;
		results->at[i].attempt = 1;
		results->at[i].octets = octets;
	}
}

enum err send_local(struct send_run *run, struct send_message *message, struct send_results *results, bool *done,
		    struct diag *diag)
{
	const struct send_opts *opts = run->opts;
	const char *where = opts->dump != NULL ? opts->dump : opts->maildir != NULL ? opts->maildir : opts->mbox;
	int ways = (opts->dump != NULL) + (opts->maildir != NULL) + (opts->mbox != NULL);
	*done = ways > 0;
	if (ways == 0)
		return ERR_OK;
	if (ways > 1)
		return diag_set(diag, ERR_USAGE, "--dump, --maildir and --mbox: one of them");
	struct source *source;
	uint64_t octets;
	enum err err = send_message_open(message, SEND_AS_IS, &source, &octets, diag);
	if (err != ERR_OK)
		return err;
	err = opts->dump != NULL      ? dump(run, source, diag)
	      : opts->maildir != NULL ? maildir(run, message, source, diag)
				      : mbox(run, message, source, diag);
	if (err == ERR_OK)
		all_delivered(results, where, octets);
	return err;
}
