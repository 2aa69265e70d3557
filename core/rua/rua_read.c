#include <stdlib.h>

#include "rua_read_priv.h"

enum { WHERE_MAX = 16384 };

struct rua_reader *rua_reader_open(struct rua_sink *sink)
{
	struct rua_reader *reader = calloc(1, sizeof *reader);
	if (reader == NULL)
		base_out_of_memory();
	reader->sink = sink;
	reader->xml = rua_xml_open();
	buf_init(&reader->where, WHERE_MAX);
	for (size_t i = 0; i < RUA_LAYERS; i++)
		buf_init(&reader->layers[i].data, RUA_JSON_MAX);
	msg_mbox_init(&reader->mbox, 0);
	return reader;
}

void rua_reader_close(struct rua_reader **reader)
{
	if (*reader == NULL)
		return;
	rua_xml_close(&(*reader)->xml);
	rua_unpack_done(*reader);
	buf_done(&(*reader)->where);
	msg_mbox_done(&(*reader)->mbox);
	arena_done(&(*reader)->arena);
	arena_done(&(*reader)->mail_arena);
	free(*reader);
	*reader = NULL;
}

/* What was read to look at it, then the rest. */
struct again {
	struct source source;
	struct source *under;
	struct view head;
};

static enum err again_read(struct source *source, char *out, size_t cap, size_t *n, struct diag *diag)
{
	struct again *again = (struct again *)source;
	if (again->head.n == 0)
		return source_read(again->under, out, cap, n, diag);
	*n = again->head.n < cap ? again->head.n : cap;
	memcpy(out, again->head.p, *n);
	again->head = view_from(again->head, *n);
	return ERR_OK;
}

static enum err read_mails(struct rua_reader *reader, struct source *source, struct diag *diag)
{
	size_t name = reader->where.n;
	struct msg_mbox_message message;
	bool more = true;
	reader->in_mail = true;
	msg_mbox_begin(&reader->mbox, source, false);
	for (;;) {
		enum err err = msg_mbox_next(&reader->mbox, &message, &more, diag);
		if (err != ERR_OK || !more)
			return err;
		buf_cut(&reader->where, name);
		if (message.in_mbox)
			buf_printf(&reader->where, ":%llu", (unsigned long long)message.number);
		reader->in = message.message.n;
		reader->out = 0;
		rua_mail(reader, message.message);
	}
}

static enum err read_all(struct rua_reader *reader, struct source *source, struct diag *diag)
{
	static _Thread_local char block[RUA_BLOCK];
	size_t n;
	reader->in_mail = false;
	rua_unpack_begin(reader, 0);
	for (;;) {
		enum err err = source_read(source, block, sizeof block, &n, diag);
		if (err != ERR_OK)
			return err;
		if (n == 0)
			break;
		reader->in += n;
		rua_unpack_feed(reader, 0, view_of(block, n));
		if (reader->layers[0].failed)
			return ERR_OK;
	}
	rua_unpack_end(reader, 0);
	return ERR_OK;
}

enum err rua_read(struct rua_reader *reader, const char *name, struct source *source, struct diag *diag)
{
	static const struct source_ops ops = { again_read, NULL };
	char head[RUA_SNIFF];
	size_t have = 0, n = 1;
	buf_reset(&reader->where);
	buf_str(&reader->where, name);
	reader->in = reader->out = 0;
	reader->found = 0;
	while (have < sizeof head && n > 0) {
		enum err err = source_read(source, head + have, sizeof head - have, &n, diag);
		if (err != ERR_OK)
			return err;
		have += n;
	}
	struct again again = { { &ops }, source, view_of(head, have) };
	bool mail = have > 0 && rua_sniff(again.head) == RUA_FOREIGN;
	return mail ? read_mails(reader, &again.source, diag) : read_all(reader, &again.source, diag);
}
