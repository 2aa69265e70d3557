#include "bounce_input.h"

#include <stdio.h>
#include <string.h>

#include "base_file.h"
#include "bounce_events.h"
#include "msg_maildir.h"
#include "msg_mbox.h"

enum { SOURCE_MAX = 4200 };

struct walk {
	struct cmd *cmd;
	bounce_take *take;
	void *ctx;
	struct msg_mbox mbox;
	enum err worst;
};

static void remember(struct walk *walk, enum err err)
{
	if (walk->worst != ERR_NO_INPUT)
		walk->worst = err;
}

/* What was read already, then the rest: the first octets tell mail from events. */
struct peeked {
	struct source source;
	struct view head;
	struct source_fd fd;
};

static enum err peeked_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct peeked *self = (struct peeked *)source;
	if (self->head.n == 0)
		return source_read(&self->fd.source, out, cap, n, diag);
	*n = self->head.n < cap ? self->head.n : cap;
	memcpy(out, self->head.p, *n);
	self->head = view_from(self->head, *n);
	return ERR_OK;
}

static enum err read_events(struct walk *walk, struct source *source, const char *path, struct diag *diag)
{
	BUF_AUTO struct buf all;
	buf_init(&all, BOUNCE_EVENTS_MAX);
	struct sink_buf sink;
	sink_buf_init(&sink, &all);
	enum err err = stream_copy(source, &sink.sink, NULL, diag);
	if (err != ERR_OK)
		return diag_prefix(diag, err, "%s", path);
	walk->take(walk->ctx, &(struct bounce_message){ .bytes = buf_view(&all), .source = path, .events = true });
	return ERR_OK;
}

static enum err read_mail(struct walk *walk, struct source *source, const char *path, struct diag *diag)
{
	msg_mbox_begin(&walk->mbox, source, false);
	for (;;) {
		struct msg_mbox_message message;
		bool more;
		enum err err = msg_mbox_next(&walk->mbox, &message, &more, diag);
		if (err != ERR_OK || !more || cmd_out_failed(walk->cmd))
			return err;
		char name[SOURCE_MAX];
		(void)snprintf(name, sizeof name, message.in_mbox ? "%s:%llu" : "%s", path,
			       (unsigned long long)message.number);
		walk->take(walk->ctx, &(struct bounce_message){ .bytes = message.message,
								.source = name,
								.truncated = message.truncated });
	}
}

static enum err read_file(struct walk *walk, const char *path, struct diag *diag)
{
	FD_AUTO int fd = -1;
	enum err err = file_open(path, &fd, diag);
	if (err != ERR_OK)
		return err;
	char head[4096];
	static const struct source_ops ops = { peeked_read, NULL };
	struct peeked peeked = { .source = { &ops } };
	source_fd_init(&peeked.fd, fd, path);
	size_t n;
	err = source_read(&peeked.fd.source, head, sizeof head, &n, diag);
	if (err != ERR_OK)
		return err;
	peeked.head = view_of(head, n);
	return bounce_is_events(peeked.head) ? read_events(walk, &peeked.source, path, diag)
					     : read_mail(walk, &peeked.source, path, diag);
}

static void take_path(struct walk *walk, const char *path)
{
	struct diag diag = { .text = "" };
	enum err err = read_file(walk, path, &diag);
	if (err != ERR_OK) {
		cmd_report(walk->cmd, NULL, err, &diag);
		remember(walk, err);
	}
}

static void take_directory(struct walk *walk, const char *path)
{
	struct diag diag = { .text = "" };
	struct msg_maildir *dir = NULL;
	enum err err = msg_maildir_open(path, &dir, &diag);
	while (err == ERR_OK && !cmd_out_failed(walk->cmd)) {
		const char *file;
		err = msg_maildir_next(dir, &file, &diag);
		if (err != ERR_OK || file == NULL)
			break;
		take_path(walk, file);
	}
	msg_maildir_close(dir);
	if (err != ERR_OK) {
		cmd_report(walk->cmd, path, err, &diag);
		remember(walk, err);
	}
}

enum err bounce_input_walk(struct cmd *cmd, const struct opt_texts *operands, bounce_take *take, void *ctx,
			   struct diag *diag)
{
	struct walk walk = { .cmd = cmd, .take = take, .ctx = ctx };
	msg_mbox_init(&walk.mbox, BOUNCE_MESSAGE_MAX);
	for (size_t i = 0; i < operands->n && !cmd_out_failed(cmd); i++) {
		const char *path = operands->at[i];
		if (strcmp(path, "-") != 0 && msg_maildir_is_directory(path))
			take_directory(&walk, path);
		else
			take_path(&walk, path);
	}
	msg_mbox_done(&walk.mbox);
	if (walk.worst == ERR_NO_INPUT)
		return diag_set(diag, ERR_NO_INPUT, "not every input could be read; the others are done");
	return walk.worst == ERR_OK ? ERR_OK : diag_set(diag, walk.worst, "not every input could be read to its end");
}
