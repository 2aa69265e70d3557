/* Reports attached to a message: every part is decoded, and its first octets say what it is. */
#include "base_show.h"
#include "rua_read_priv.h"

enum { DECODE_BLOCK = 48 << 10, NAME_SHOWN = 200 };

static bool worth_looking(const struct msg_mime *mime, int i)
{
	const struct msg_part *part = &mime->at[i];
	if (msg_mime_child(mime, i, -1) >= 0)
		return false;
	return !view_is(part->type.type, "image") && !view_is(part->type.type, "audio") &&
	       !view_is(part->type.type, "video");
}

/* What a part decodes to, to the layers, block by block. */
static void unpack_part(struct rua_reader *reader, const struct msg_mime *mime, const struct msg_part *part)
{
	struct msg_cte_decoder decoder;
	struct view rest = msg_part_body(mime, part);
	BUF_AUTO struct buf out;
	buf_init(&out, (size_t)4 * DECODE_BLOCK);
	msg_cte_init(&decoder, part->cte);
	rua_unpack_begin(reader, 0);
	while (rest.n > 0) {
		buf_reset(&out);
		msg_cte_feed(&decoder, view_to(rest, DECODE_BLOCK), &out);
		rest = view_from(rest, DECODE_BLOCK);
		rua_unpack_feed(reader, 0, buf_view(&out));
	}
	buf_reset(&out);
	msg_cte_end(&decoder, &out);
	if (out.n > 0)
		rua_unpack_feed(reader, 0, buf_view(&out));
	rua_unpack_end(reader, 0);
}

void rua_mail(struct rua_reader *reader, struct view message)
{
	struct msg_mime mime;
	unsigned before = reader->found;
	size_t where = reader->where.n;
	arena_reset(&reader->mail_arena);
	msg_mime_parse(message, &reader->mail_arena, &mime);
	if (rua_arf(reader, &mime))
		return;
	for (int i = 0; i < (int)mime.n; i++) {
		if (!worth_looking(&mime, i))
			continue;
		struct view name = msg_part_name(&mime.at[i], &reader->mail_arena);
		if (name.n > 0) {
			buf_str(&reader->where, " (");
			buf_put(&reader->where, view_to(name, NAME_SHOWN));
			buf_str(&reader->where, ")");
		}
		unpack_part(reader, &mime, &mime.at[i]);
		buf_cut(&reader->where, where);
	}
	if (reader->found == before) {
		struct diag diag = { 0 };
		rua_problem(reader, diag_set(&diag, ERR_DATA, "no report in this message"), &diag);
	}
}
