#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "send_priv.h"

/* A regular file, open only while it is read, so that a thousand attachments need one descriptor. */
struct send_file {
	struct source source;
	const char *path;
	int fd;
	struct stat was;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum err file_changed(const struct send_file *file, struct diag *diag)
{
	return diag_set(diag, ERR_IO,
			"%s changed while it was being sent; nothing of the message counts, send it again",
			SHOW(view_str(file->path)));
}

static enum err send_file_open(struct send_file *file, struct diag *diag)
{
	struct stat now;
	enum err err = file_open(file->path, &file->fd, diag);
	if (err != ERR_OK)
		return err;
	if (fstat(file->fd, &now) != 0 || !same_file(&now, &file->was))
		return file_changed(file, diag);
	(void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return ERR_OK;
}

static enum err send_file_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct send_file *file = (struct send_file *)source;
	enum err err = file->fd < 0 ? send_file_open(file, diag) : ERR_OK;
	if (err != ERR_OK)
		return err;
	ssize_t got;
	do
		got = read(file->fd, out, cap);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		(void)diag_errno(diag, file->path, errno);
		return ERR_IO;
	}
	struct stat now;
	if (got == 0 && (fstat(file->fd, &now) != 0 || !same_file(&now, &file->was)))
		return file_changed(file, diag);
	*n = (size_t)got;
	return ERR_OK;
}

static enum err send_file_rewind(struct source *source, struct diag *diag)
{
	(void)diag;
	file_close(&((struct send_file *)source)->fd);
	return ERR_OK;
}

static struct send_input *input_new(struct send_content *content)
{
	struct send_input *input = arena_new(content->run->cmd->arena, struct send_input);
	input->next = content->inputs;
	content->inputs = input;
	return input;
}

struct send_input *send_input_spool(struct send_content *content)
{
	struct send_input *input = input_new(content);
	input->spool = arena_new(content->run->cmd->arena, struct spool);
	spool_init(input->spool);
	input->source = &input->spool->source;
	return input;
}

static enum err input_from_fd(struct send_content *content, int fd, const char *name, struct send_input **out,
			      struct diag *diag)
{
	struct source_fd source;
	source_fd_init(&source, fd, name);
	struct send_input *input = send_input_spool(content);
	enum err err = spool_fill(input->spool, &source.source, diag);
	input->octets = input->spool->size;
	*out = input;
	return err;
}

enum err send_input_file(struct send_content *content, const char *path, const char *what, struct send_input **out,
			 struct diag *diag)
{
	static const struct source_ops ops = { send_file_read, send_file_rewind };
	if (strcmp(path, "-") == 0) {
		enum err err = cmd_claim(content->run->cmd, CMD_STDIN, what, diag);
		return err == ERR_OK ? input_from_fd(content, STDIN_FILENO, "standard input", out, diag) : err;
	}
	FD_AUTO int fd = -1;
	struct stat st;
	enum err err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", what);
	if (fstat(fd, &st) != 0)
		return diag_errno(diag, path, errno);
	if (!S_ISREG(st.st_mode))
		return input_from_fd(content, fd, path, out, diag);
	struct send_file *file = arena_new(content->run->cmd->arena, struct send_file);
	*file = (struct send_file){ { &ops }, path, -1, st };
	struct send_input *input = input_new(content);
	input->source = &file->source;
	input->file = file;
	input->octets = (uint64_t)st.st_size;
	*out = input;
	return ERR_OK;
}

enum err send_input_text(struct send_content *content, struct view text, struct send_input **out, struct diag *diag)
{
	struct send_input *input = send_input_spool(content);
	*out = input;
	input->octets = text.n;
	return sink_write(&input->spool->sink, text, diag);
}

enum err send_input_view(struct send_content *content, struct send_input *input, size_t max, struct view *out,
			 struct diag *diag)
{
	BUF_AUTO struct buf text;
	buf_init(&text, max);
	struct sink_buf sink;
	sink_buf_init(&sink, &text);
	enum err err = stream_copy(input->source, &sink.sink, NULL, diag);
	if (err == ERR_OK)
		err = source_rewind(input->source, diag);
	if (err == ERR_OK)
		*out = arena_view(content->run->cmd->arena, buf_view(&text));
	return err;
}

/* Feeds `in` through the converter; what is left of it (a cut character) goes to the front of the next block. */
static enum err convert_block(iconv_t converter, char *in, size_t *n, struct spool *out, uint64_t at,
			      const char *charset, struct diag *diag)
{
	char block[16384], *from = in;
	size_t left = *n;
	while (left > 0) {
		char *to = block;
		size_t room = sizeof block;
		size_t done = iconv(converter, &from, &left, &to, &room);
		int errnum = errno;
		enum err err = sink_write(&out->sink, view_of(block, sizeof block - room), diag);
		if (err != ERR_OK)
			return err;
		if (done == (size_t)-1 && errnum == EILSEQ)
			return diag_set(diag, ERR_DATA, "octet %llu of the text is not %s",
					(unsigned long long)(at + (*n - left) + 1), SHOW(view_str(charset)));
		if (done == (size_t)-1 && errnum == EINVAL)
			break;
	}
	memmove(in, from, left);
	*n = left;
	return ERR_OK;
}

static enum err convert_all(iconv_t converter, struct source *source, struct spool *out, const char *charset,
			    struct diag *diag)
{
	char block[16384];
	size_t have = 0, n = 1;
	uint64_t at = 0;
	while (n > 0) {
		enum err err = source_read(source, block + have, sizeof block - have, &n, diag);
		if (err != ERR_OK)
			return err;
		have += n;
		size_t before = have;
		err = convert_block(converter, block, &have, out, at, charset, diag);
		if (err != ERR_OK)
			return err;
		at += before - have;
	}
	if (have > 0)
		return diag_set(diag, ERR_DATA, "the text ends within a character of %s", SHOW(view_str(charset)));
	return ERR_OK;
}

enum err send_input_convert(struct send_content *content, const char *charset, struct send_input **input,
			    struct diag *diag)
{
	struct view name = view_str(charset);
	if (view_is_case(name, "utf-8") || view_is_case(name, "utf8"))
		return ERR_OK;
	iconv_t converter = iconv_open("UTF-8", charset);
	if (converter == (iconv_t)-1)
		return diag_set(diag, ERR_USAGE, "--charset: no charset \"%s\" is known here (iconv -l lists them)",
				SHOW(name));
	struct send_input *converted = send_input_spool(content);
	enum err err = convert_all(converter, (*input)->source, converted->spool, charset, diag);
	(void)iconv_close(converter);
	converted->octets = converted->spool->size;
	*input = converted;
	return err;
}

void send_content_done(struct send_content *content)
{
	if (content == NULL)
		return;
	for (struct send_input *input = content->inputs; input != NULL; input = input->next) {
		if (input->spool != NULL)
			spool_done(input->spool);
		if (input->file != NULL)
			file_close(&input->file->fd);
	}
	for (size_t i = 0; i < content->n_inner; i++)
		msg_compose_done(content->inner[i]);
	if (content->composed)
		msg_compose_done(&content->compose);
	if (content->raw_open)
		msg_raw_close(&content->raw_source);
	send_dkim_done(content->dkim);
}
