#include "base_stream.h"

#include "base_buf.h"

enum { STREAM_BLOCK = 32768 };

enum err stream_copy(struct source *source, struct sink *sink, uint64_t *total, struct diag *diag)
{
	char block[STREAM_BLOCK];
	uint64_t sum = 0;
	for (;;) {
		size_t n;
		enum err err = source_read(source, block, sizeof block, &n, diag);
		if (err != ERR_OK)
			return err;
		if (n == 0)
			break;
		sum += n;
		err = sink_write(sink, view_of(block, n), diag);
		if (err != ERR_OK)
			return err;
	}
	if (total != NULL)
		*total = sum;
	return ERR_OK;
}

static enum err view_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	(void)diag;
	struct source_view *self = (struct source_view *)source;
	struct view part = view_slice(self->all, self->at, cap);
	if (part.n > 0)
		memcpy(out, part.p, part.n);
	self->at += part.n;
	*n = part.n;
	return ERR_OK;
}

static enum err view_rewind(struct source *source, struct diag *diag)
{
	(void)diag;
	((struct source_view *)source)->at = 0;
	return ERR_OK;
}

void source_view_init(struct source_view *source, struct view all)
{
	static const struct source_ops ops = { view_read, view_rewind };
	*source = (struct source_view){ { &ops }, all, 0 };
}

static enum err buf_sink_write(struct sink *sink, struct view bytes, struct diag *diag)
{
	struct sink_buf *self = (struct sink_buf *)sink;
	buf_put(self->out, bytes);
	if (self->out->over)
		return diag_set(diag, ERR_LIMIT, "more than %zu octets", self->out->max);
	return ERR_OK;
}

void sink_buf_init(struct sink_buf *sink, struct buf *out) { *sink = (struct sink_buf){ { buf_sink_write }, out }; }
