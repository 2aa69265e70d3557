/* dmarc-check --message --add-header. */
#include "dmarc_check_message.h"

enum { BLOCK = 65536 };

static enum err read_head(struct source *source, struct msg_head_reader *reader, char *block, struct view *rest,
			  struct diag *diag)
{
	while (!reader->done) {
		size_t n, used;
		enum err err = source_read(source, block, BLOCK, &n, diag);
		if (err != ERR_OK)
			return err;
		if (n == 0) {
			msg_head_reader_end(reader);
			break;
		}
		err = msg_head_reader_feed(reader, view_of(block, n), &used, diag);
		if (err != ERR_OK)
			return err;
		*rest = view_of(block + used, n - used);
	}
	return ERR_OK;
}

/* Our field in the line ends of the message. */
static void put_field(struct dmarc_message *m, bool crlf)
{
	BUF_AUTO struct buf field;
	buf_init(&field, (size_t)4 * AUTHRES_FIELD_MAX);
	authres_write_field(&m->results, &field);
	struct view rest = buf_view(&field), line;
	while (view_next_line(&rest, &line)) {
		cmd_out_view(m->run->cmd, line);
		cmd_out_str(m->run->cmd, crlf ? "\r\n" : "\n");
	}
}

static enum err put_head(struct dmarc_message *m, struct view block, size_t head_n, struct diag *diag)
{
	struct cmd *cmd = m->run->cmd;
	struct msg_head head;
	enum err err = msg_head_parse(view_to(block, head_n), NULL, &m->arena, &head, diag);
	if (err != ERR_OK)
		return err;
	if (head.from_line.n > 0)
		cmd_out_view(cmd, view_to(block, head.n > 0 ? (size_t)(head.at[0].raw.p - block.p) : head.fields_end));
	put_field(m, m->wire.line_end != DKIM_LINE_LF);
	for (size_t i = 0; i < head.n; i++)
		if (!view_is_case(head.at[i].name, "Authentication-Results") ||
		    !authres_claims(head.at[i].value, m->results.id))
			cmd_out_view(cmd, head.at[i].raw);
	cmd_out_view(cmd, view_from(block, head.fields_end));
	return ERR_OK;
}

enum err dmarc_message_write(struct dmarc_message *m, struct source *source, struct diag *diag)
{
	static char block[BLOCK];
	struct msg_head_reader reader;
	struct view rest = view_none();
	enum err err = source_rewind(source, diag);
	if (err != ERR_OK)
		return err;
	msg_head_reader_init(&reader, MSG_HEAD_OCTETS_MAX);
	err = read_head(source, &reader, block, &rest, diag);
	if (err == ERR_OK)
		err = put_head(m, buf_view(&reader.head), reader.head_n, diag);
	msg_head_reader_done(&reader);
	if (err != ERR_OK)
		return err;
	cmd_out_view(m->run->cmd, rest);
	return stream_copy(source, cmd_out_sink(m->run->cmd), NULL, diag);
}
